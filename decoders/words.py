"""Eight bytes at a time: what compiled kernels read text with.

A word is eight bytes as one signed 64-bit number, the first byte lowest. Where bytes are added or subtracted in it, it
is made unsigned, all numbers beside it too: sums of signed numbers that overflow are undefined, and numba makes a float
of a signed and an unsigned number.

A text is the address of its first byte, which makes these functions several times faster than an array would (numba
counts the references to arrays); the caller keeps the array, and at least eight readable bytes after what it asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import extending, types

from decoders.kernel_cache import always_inlined


def _intrinsic(function: Callable[..., Any]) -> Any:
    return cast(Any, extending.intrinsic)(function)


def every_byte(byte: int) -> np.uint64:
    """Eight times the same byte."""
    return np.uint64(int.from_bytes(bytes([byte]) * 8, "little"))


LINE_FEED = 10
ONES, HIGH, LOW = every_byte(0x01), every_byte(0x80), every_byte(0x7F)
_NEW, _BANG, _DOLLAR = every_byte(LINE_FEED), every_byte(0x21), every_byte(0x24)
ZEROES, _CASE = every_byte(0x30), every_byte(0x40)
# Added to a byte below 128 these set its top bit from "0", "X", "`" and "x" on: the armour's alphabet is 0-W and `-w.
_FROM_0, _FROM_X = every_byte(0x80 - 0x30), every_byte(0x80 - 0x58)
_FROM_QUOTE, _FROM_x = every_byte(0x80 - 0x60), every_byte(0x80 - 0x78)
_ONE, _THREE, _EIGHT, _SIXTEEN, _THIRTY_TWO = (np.uint64(count) for count in (1, 3, 8, 16, 32))
# Eight digits to a number: pairs of them, then fours, then all, side by side in one multiplication each.
_ABOVE_9, _TEN, _PAIRS = every_byte(0x80 - 0x3A), np.uint64(10), np.uint64(0x000000FF000000FF)
_MILLION_HUNDRED, _MYRIAD_ONE = np.uint64((1_000_000 << 32) + 100), np.uint64((10_000 << 32) + 1)
_SIXES_ODD, _SIXES_EVEN = 0x3F003F003F003F00, 0x003F003F003F003F
_TWELVES_ODD, _TWELVES_EVEN = 0x0FFF00000FFF0000, 0x00000FFF00000FFF
FIRST_BYTES = (0, *((1 << 8 * count) - 1 for count in range(1, 8)), -1)  # masks of a word's first 0 to 8 bytes


def _pointer(builder: Any, arguments: Any, bits: int) -> Any:
    address = builder.add(arguments[0], arguments[1])
    return builder.inttoptr(address, ir.IntType(bits).as_pointer())


@_intrinsic
def load_word(context: Any, text: int, at: Any) -> Any:
    """The word that begins at any byte of a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(builder, arguments, 64), align=1)

    return types.int64(types.int64, types.int64), generate


@_intrinsic
def byte(context: Any, text: int, at: Any) -> Any:
    """A byte of a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.zext(builder.load(_pointer(builder, arguments, 8)), ir.IntType(64))

    return types.int64(types.int64, types.int64), generate


@_intrinsic
def store_byte(context: Any, text: int, at: Any, value: Any) -> Any:
    """Put the lowest byte of ``value`` into a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(builder.trunc(arguments[2], ir.IntType(8)), _pointer(builder, arguments, 8))

    return types.none(types.int64, types.int64, types.int64), generate


@_intrinsic
def store_word(context: Any, text: int, at: Any, value: Any) -> Any:
    """Put a word into a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _pointer(builder, arguments, 64), align=1)

    return types.none(types.int64, types.int64, types.int64), generate


@_intrinsic
def store_short(context: Any, text: int, at: Any, value: Any) -> Any:
    """Put the lowest 16 bits of ``value`` into a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(builder.trunc(arguments[2], ir.IntType(16)), _pointer(builder, arguments, 16), align=1)

    return types.none(types.int64, types.int64, types.int64), generate


@_intrinsic
def store_int(context: Any, text: int, at: Any, value: Any) -> Any:
    """Put the lowest 32 bits of ``value`` into a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(builder.trunc(arguments[2], ir.IntType(32)), _pointer(builder, arguments, 32), align=1)

    return types.none(types.int64, types.int64, types.int64), generate


@_intrinsic
def store_float(context: Any, text: int, at: Any, value: Any) -> Any:
    """Put a 32-bit float into a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = builder.inttoptr(builder.add(arguments[0], arguments[1]), ir.FloatType().as_pointer())
        builder.store(arguments[2], address, align=1)

    return types.none(types.int64, types.int64, types.float32), generate


@_intrinsic
def store_double(context: Any, text: int, at: Any, value: Any) -> Any:
    """Put a 64-bit float into a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = builder.inttoptr(builder.add(arguments[0], arguments[1]), ir.DoubleType().as_pointer())
        builder.store(arguments[2], address, align=1)

    return types.none(types.int64, types.int64, types.float64), generate


@_intrinsic
def zeros_below(context: Any, word: Any) -> Any:
    """Number of zero bits below the lowest one bit of a word that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@_intrinsic
def turned(context: Any, word: Any) -> Any:
    """The word with its first byte highest."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bswap(arguments[0])

    return types.int64(types.int64), generate


@always_inlined
def line_end(text: int, at: int) -> int:
    """Where the next line feed from ``at`` on stands; there must be one."""
    while True:
        x = np.uint64(load_word(text, at)) ^ _NEW
        found = np.int64((x - ONES) & ~x & HIGH)
        if found != 0:
            return at + (zeros_below(found) >> 3)
        at += 8


@always_inlined
def next_sign(text: int, at: int) -> int:
    """Where the next ``!``, ``$`` or line feed from ``at`` on stands; there must be one."""
    while True:
        w = np.uint64(load_word(text, at))
        x, y, z = w ^ _NEW, w ^ _BANG, w ^ _DOLLAR
        found = np.int64((((x - ONES) & ~x) | ((y - ONES) & ~y) | ((z - ONES) & ~z)) & HIGH)
        if found != 0:
            return at + (zeros_below(found) >> 3)
        at += 8


@always_inlined
def next_of(text: int, at: int, one: np.uint64, other: np.uint64) -> int:
    """Where the next of two bytes (each given eight times) from ``at`` on stands; there must be one."""
    while True:
        w = np.uint64(load_word(text, at))
        x, y = w ^ one, w ^ other
        found = np.int64((((x - ONES) & ~x) | ((y - ONES) & ~y)) & HIGH)
        if found != 0:
            return at + (zeros_below(found) >> 3)
        at += 8


@always_inlined
def ten_digits(text: int, at: int) -> int:
    """The number that ten digits from ``at`` on are; -1 if not all are digits."""
    w = np.uint64(load_word(text, at))
    v = w - ZEROES
    tens, ones = byte(text, at + 8) - 48, byte(text, at + 9) - 48
    if np.int64(((w + _ABOVE_9) | v | w) & HIGH) != 0 or not (0 <= tens <= 9 and 0 <= ones <= 9):
        return -1
    v = v * _TEN + (v >> _EIGHT)
    eight = ((v & _PAIRS) * _MILLION_HUNDRED + ((v >> _SIXTEEN) & _PAIRS) * _MYRIAD_ONE) >> _THIRTY_TWO
    return (np.int64(eight) & 0xFFFFFFFF) * 100 + tens * 10 + ones


@always_inlined
def armour_length(text: int, at: int, most: int) -> int:
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


@always_inlined
def sixes(w: int) -> int:
    """Eight armoured characters as 48 bits, the first one highest (IEC 61162-1: 0-W is 0 to 39, `-w is 40 to 63)."""
    u = np.uint64(w)
    v = turned(np.int64(u - ZEROES - ((u & (u << _ONE) & _CASE) >> _THREE)))
    v = ((v & _SIXES_ODD) >> 2) | (v & _SIXES_EVEN)
    v = ((v & _TWELVES_ODD) >> 4) | (v & _TWELVES_EVEN)
    return ((v >> 8) & 0xFFFFFF000000) | (v & 0xFFFFFF)


@always_inlined
def xor_of(text: int, start: int, end: int) -> int:
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


@always_inlined
def hex_digit(byte: int) -> int:
    """Value of a hexadecimal digit, or a number of 256 and more."""
    if 48 <= byte <= 57:
        return byte - 48
    if 65 <= byte <= 70:
        return byte - 55
    return byte - 87 if 97 <= byte <= 102 else 256


@always_inlined
def is_blank(byte: int) -> bool:
    """Whether the byte is white space."""
    return byte == 32 or 9 <= byte <= 13
