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


def intrinsic(function: Callable[..., Any]) -> Any:
    """A function that is written as instructions of the compiler."""
    return cast(Any, extending.intrinsic)(function)


def every_byte(byte: int) -> np.uint64:
    """Eight times the same byte."""
    return np.uint64(int.from_bytes(bytes([byte]) * 8, "little"))


LINE_FEED = 10
_HIGH = every_byte(0x80)
_ZEROES = every_byte(0x30)
_EIGHT, _SIXTEEN, _THIRTY_TWO = (np.uint64(count) for count in (8, 16, 32))
# Eight digits to a number: pairs of them, then fours, then all, side by side in one multiplication each.
_ABOVE_9, _TEN, _PAIRS = every_byte(0x80 - 0x3A), np.uint64(10), np.uint64(0x000000FF000000FF)
_MILLION_HUNDRED, _MYRIAD_ONE = np.uint64((1_000_000 << 32) + 100), np.uint64((10_000 << 32) + 1)
FIRST_BYTES = (0, *((1 << 8 * count) - 1 for count in range(1, 8)), -1)  # masks of a word's first 0 to 8 bytes


def _pointer(builder: Any, arguments: Any, bits: int) -> Any:
    address = builder.add(arguments[0], arguments[1])
    return builder.inttoptr(address, ir.IntType(bits).as_pointer())


@intrinsic
def load_word(context: Any, text: int, at: Any) -> Any:
    """The word that begins at any byte of a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(builder, arguments, 64), align=1)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def column(context: Any, places: int, which: Any) -> Any:
    """The address that stands in that place of a list of addresses."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        places, which = arguments
        return builder.load(
            _pointer(builder, (places, builder.shl(which, ir.Constant(ir.IntType(64), 3))), 64), align=8
        )

    return types.int64(types.int64, types.int64), generate


@intrinsic
def byte(context: Any, text: int, at: Any) -> Any:
    """A byte of a text."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.zext(builder.load(_pointer(builder, arguments, 8)), ir.IntType(64))

    return types.int64(types.int64, types.int64), generate


def _store_of(stored: Any, given: Any) -> Any:
    """Puts a value into a text, as so many bytes; of a whole number the lowest bits."""

    def store(context: Any, text: int, at: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, value = builder.add(arguments[0], arguments[1]), arguments[2]
            if given is types.int64:
                value = builder.trunc(value, stored)
            builder.store(value, builder.inttoptr(address, stored.as_pointer()), align=1)

        return types.none(types.int64, types.int64, given), generate

    return intrinsic(store)


store_byte, store_short, store_int, store_word = (_store_of(ir.IntType(bits), types.int64) for bits in (8, 16, 32, 64))
store_float, store_double = _store_of(ir.FloatType(), types.float32), _store_of(ir.DoubleType(), types.float64)


@intrinsic
def zeros_below(context: Any, word: Any) -> Any:
    """Number of zero bits below the lowest one bit of a word that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@always_inlined
def ten_digits(text: int, at: int) -> int:
    """The number that ten digits from ``at`` on are; -1 if not all are digits."""
    w = np.uint64(load_word(text, at))
    v = w - _ZEROES
    tens, ones = byte(text, at + 8) - 48, byte(text, at + 9) - 48
    if np.int64(((w + _ABOVE_9) | v | w) & _HIGH) != 0 or not (0 <= tens <= 9 and 0 <= ones <= 9):
        return -1
    v = v * _TEN + (v >> _EIGHT)
    eight = ((v & _PAIRS) * _MILLION_HUNDRED + ((v >> _SIXTEEN) & _PAIRS) * _MYRIAD_ONE) >> _THIRTY_TWO
    return (np.int64(eight) & 0xFFFFFFFF) * 100 + tens * 10 + ones


@always_inlined
def hex_digit(byte: int) -> int:
    """Value of a hexadecimal digit, or a number of 256 and more; no branches, as digits are as good as random."""
    letter = (byte | 32) - 97
    good = ((byte >= 48) & (byte <= 57)) | ((letter >= 0) & (letter <= 5))
    return ((byte & 15) + 9 * (byte >> 6)) | (not good) << 8


@always_inlined
def is_blank(byte: int) -> bool:
    """Whether the byte is white space."""
    return byte == 32 or 9 <= byte <= 13
