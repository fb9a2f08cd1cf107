"""Eight bytes at a time: what compiled kernels read text with.

A word is eight bytes as one signed 64-bit number, the first byte lowest. Where bytes are added or subtracted in it, it is
made unsigned, all numbers beside it too: sums of signed numbers that overflow are undefined, and numba makes a float of a
signed and an unsigned number. Texts must be followed by at least eight readable bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from decoders.kernel_cache import inlined


def _word(byte: int) -> np.uint64:
    """Eight times the same byte."""
    return np.uint64(int.from_bytes(bytes([byte]) * 8, "little"))


LINE_FEED = 10
ONES, HIGH, LOW = _word(0x01), _word(0x80), _word(0x7F)
_NEW, _BANG, _DOLLAR = _word(LINE_FEED), _word(0x21), _word(0x24)
_ZEROES, _CASE = _word(0x30), _word(0x40)
# Added to a byte below 128 these set its top bit from "0", "X", "`" and "x" on: the armour's alphabet is 0-W and `-w.
_FROM_0, _FROM_X, _FROM_QUOTE, _FROM_x = _word(0x80 - 0x30), _word(0x80 - 0x58), _word(0x80 - 0x60), _word(0x80 - 0x78)
_ONE, _THREE = np.uint64(1), np.uint64(3)
_SIXES_ODD, _SIXES_EVEN = 0x3F003F003F003F00, 0x003F003F003F003F
_TWELVES_ODD, _TWELVES_EVEN = 0x0FFF00000FFF0000, 0x00000FFF00000FFF
FIRST_BYTES = (0, *((1 << 8 * count) - 1 for count in range(1, 8)), -1)  # masks of a word's first 0 to 8 bytes


@intrinsic  # type: ignore[untyped-decorator]
def load_word(context: Any, text: Any, at: Any) -> Any:
    """The word that begins at any byte of a ``uint8`` array (``text``, ``at``)."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        start = builder.gep(array.data, [arguments[1]])
        return builder.load(builder.bitcast(start, ir.IntType(64).as_pointer()), align=1)

    return types.int64(text, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def zeros_below(context: Any, word: Any) -> Any:
    """Number of zero bits below the lowest one bit of a word that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def turned(context: Any, word: Any) -> Any:
    """The word with its first byte highest."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bswap(arguments[0])

    return types.int64(types.int64), generate


@inlined
def line_end(text: Any, at: int) -> int:
    """Where the next line feed from ``at`` on stands; there must be one."""
    while True:
        x = np.uint64(load_word(text, at)) ^ _NEW
        found = np.int64((x - ONES) & ~x & HIGH)
        if found != 0:
            return at + (zeros_below(found) >> 3)
        at += 8


@inlined
def next_sign(text: Any, at: int) -> int:
    """Where the next ``!``, ``$`` or line feed from ``at`` on stands; there must be one."""
    while True:
        w = np.uint64(load_word(text, at))
        x, y, z = w ^ _NEW, w ^ _BANG, w ^ _DOLLAR
        found = np.int64((((x - ONES) & ~x) | ((y - ONES) & ~y) | ((z - ONES) & ~z)) & HIGH)
        if found != 0:
            return at + (zeros_below(found) >> 3)
        at += 8


@inlined
def armour_length(text: Any, at: int, most: int) -> int:
    """How many characters of the 6-bit armour stand from ``at`` on; ``most`` or a little more means too many."""
    length = 0
    while length <= most:
        w = np.uint64(load_word(text, at + length))
        b = w & LOW
        good = (b + _FROM_0) & (~(b + _FROM_X) | (b + _FROM_QUOTE)) & ~(b + _FROM_x) & ~w
        bad = np.int64(~good & HIGH)
        if bad != 0:
            return length + (zeros_below(bad) >> 3)
        length += 8
    return length


@inlined
def sixes(w: int) -> int:
    """Eight armoured characters as 48 bits, the first one highest (IEC 61162-1: 0-W is 0 to 39, `-w is 40 to 63)."""
    u = np.uint64(w)
    v = turned(np.int64(u - _ZEROES - ((u & (u << _ONE) & _CASE) >> _THREE)))
    v = ((v & _SIXES_ODD) >> 2) | (v & _SIXES_EVEN)
    v = ((v & _TWELVES_ODD) >> 4) | (v & _TWELVES_EVEN)
    return ((v >> 8) & 0xFFFFFF000000) | (v & 0xFFFFFF)


@inlined
def xor_of(text: Any, start: int, end: int) -> int:
    """The NMEA checksum: all bytes from ``start`` to before ``end``, XORed."""
    x = 0
    while start + 8 <= end:
        x ^= load_word(text, start)
        start += 8
    x ^= load_word(text, start) & FIRST_BYTES[end - start]
    x ^= x >> 32
    x ^= x >> 16
    x ^= x >> 8
    return x & 0xFF


@inlined
def hex_digit(byte: int) -> int:
    """Value of a hexadecimal digit, or a number of 256 and more."""
    if 48 <= byte <= 57:
        return byte - 48
    if 65 <= byte <= 70:
        return byte - 55
    return byte - 87 if 97 <= byte <= 102 else 256


@inlined
def is_blank(byte: int) -> bool:
    """Whether the byte is white space."""
    return byte == 32 or 9 <= byte <= 13
