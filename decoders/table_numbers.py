"""Parts of the table kernel that most rows go through: digits to numbers, and what tells static parts apart."""

# The types of a compiled function are numba's: whole and other numbers may take turns in a variable.
# mypy: disable-error-code="assignment,no-untyped-call"

from __future__ import annotations

from typing import Any

import numpy as np

from decoders.kernel_cache import always_inlined
from decoders.table_codes import HOUR_US, OPERATION, SHORT
from decoders.table_scan import eight_bytes, item, lowest_bit

POWERS = np.array([10.0**i for i in range(23)])  # the powers of ten that a double holds exactly
_TENS = np.array([10**i for i in range(10)], np.uint64)
# The last so many bytes of eight, and of the eight before them.
_LAST = np.array([2**64 - 2 ** (8 * max(0, 8 - i)) for i in range(SHORT + 1)], np.uint64)
_FIRST = np.array([2**64 - 2 ** (8 * min(8, 16 - i)) for i in range(SHORT + 1)], np.uint64)
_POINT_AS_DIGIT = np.uint64(0x1E1E1E1E1E1E1E1E)  # a point where the zeros have been taken off
_POINTS, _ZEROS = np.uint64(0x2E2E2E2E2E2E2E2E), np.uint64(0x3030303030303030)
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_OVER = np.uint64(0x7676767676767676)  # brings whatever is more than 9 up to the high bit
_MIX, _MIX2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


@always_inlined
def digits_value(digits: Any) -> Any:
    """The number that eight bytes of 0 to 9 stand for, the first one being the highest."""
    digits = (digits * np.uint64(2561)) >> np.uint64(8)
    digits = ((digits & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601)) >> np.uint64(16)
    return ((digits & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001)) >> np.uint64(32)


@always_inlined
def plain_number(text, i, high, size):  # type: ignore[no-untyped-def]
    """Digits from ``i`` on, maybe with a point: as one number, how many, how many behind the point, where they end.

    Eight digits at a time where at most 16 stand before the point, or 8 on either side of it.
    """
    digits_at = i
    mantissa = np.uint64(0)
    places = 0
    length = high - i
    whole = -1
    if length > 0 and length <= 16 and high + 8 <= size:
        eight = eight_bytes(text, i)
        other = eight ^ _POINTS
        other = (other - _ONES) & ~other & _HIGHS
        whole = np.int64(lowest_bit(other) >> np.uint64(3))
        if whole >= length or whole == 8:
            whole = length
        eight ^= _ZEROS
        places = length - whole - 1
        if places > 8:
            whole = -1
        elif whole > 8:
            places = 0
            other = (eight_bytes(text, i + 8) ^ _ZEROS) << np.uint64(8 * (16 - whole))
            if (((eight + _OVER) | eight) | ((other + _OVER) | other)) & _HIGHS:
                whole = -1
            mantissa = digits_value(eight) * _TENS[whole - 8] + digits_value(other)
        else:
            eight = eight << np.uint64(8 * (8 - whole)) if whole > 0 else np.uint64(0)
            if places > 0:
                other = (eight_bytes(text, i + whole + 1) ^ _ZEROS) << np.uint64(8 * (8 - places))
                if (((eight + _OVER) | eight) | ((other + _OVER) | other)) & _HIGHS:
                    whole = -1
                mantissa = digits_value(eight) * _TENS[places] + digits_value(other)
            else:
                places = 0
                if ((eight + _OVER) | eight) & _HIGHS:
                    whole = -1
                mantissa = digits_value(eight)
    if whole >= 0:
        digits = whole + places
        i = high
    else:
        mantissa = np.uint64(0)
        while i < high:
            digit = np.uint8(item(text, i) - 48)
            if digit > 9:
                break
            mantissa = mantissa * np.uint64(10) + np.uint64(digit)
            i += 1
        digits = i - digits_at
        places = 0
        if i < high and item(text, i) == 46:
            i += 1
            point = i
            while i < high:
                digit = np.uint8(item(text, i) - 48)
                if digit > 9:
                    break
                mantissa = mantissa * np.uint64(10) + np.uint64(digit)
                i += 1
            places = i - point
            digits += places
    return mantissa, digits, places, i


@always_inlined
def short_number(text, low, high):  # type: ignore[no-untyped-def]
    """A field of up to 15 bytes that is a number without an exponent: its value, its decimals, and whether it is one.

    An empty field is NaN. Little branches: the digits are the end of 8 or 16 bytes, from which the point is taken out,
    and a number of 15 digits is a double, which divided by a power of ten is rounded correctly (Clinger 1990).
    """
    empty = low == high  # then ``low`` may be the end of the text
    negative = (item(text, low - empty) == 45) & (not empty)
    length = high - low - negative
    last = (eight_bytes(text, high - 8) ^ _ZEROS) & item(_LAST, length)
    other = last ^ _POINT_AS_DIGIT
    other = (other - _ONES) & ~other & _HIGHS
    point = other & (~other + np.uint64(1))
    has_point = point != 0
    joined = (last & ((point >> np.uint64(7)) - np.uint64(1))) << np.uint64(8)
    joined |= last & ~(point | (point - np.uint64(1)))
    places = 7 - np.int64(lowest_bit(point) >> np.uint64(3)) if has_point else 0
    if high - low <= 8:
        last = joined if has_point else last
        odd = (last + _OVER) | last
        mantissa = digits_value(last)
    else:
        first = (eight_bytes(text, high - 16) ^ _ZEROS) & item(_FIRST, length)
        last = joined | (first >> np.uint64(56)) if has_point else last
        first = first << np.uint64(8) if has_point else first
        odd = ((last + _OVER) | last) | ((first + _OVER) | first)
        mantissa = digits_value(first) * np.uint64(100_000_000) + digits_value(last)
    value = np.float64(np.int64(mantissa)) / item(POWERS, places)
    value = -value if negative else value
    value = np.nan if empty else value
    return value, places, odd & _HIGHS == 0 and (length > has_point or empty)


@always_inlined
def static_key(  # type: ignore[no-untyped-def]
    text, size, start, base, spots, operations, some, last, time, record, message, sieved
):  # fmt: skip
    """Whether any field of a row's static part is filled, and what stands for all of them (and hour, kind and type)."""
    key = np.uint64(time // HOUR_US) * _MIX + np.uint64(record)
    key = key * _MIX2 + np.uint64(message)
    filled = False
    for i in range(some, last):
        column = item(operations, OPERATION * i + 1)
        if column < 0:
            continue
        low = start if column == 0 else item(spots, base + column - 1) + 1
        high = item(spots, base + column)
        length = high - low
        if length > 0:
            filled = True
        if sieved:
            key = (key ^ np.uint64(length)) * _MIX
            while low + 8 <= high:
                key = (key ^ eight_bytes(text, low)) * _MIX
                key ^= key >> np.uint64(32)
                low += 8
            if low < high:
                if low + 8 <= size:
                    rest = eight_bytes(text, low) << np.uint64(64 - 8 * (high - low))
                else:
                    rest = np.uint64(0)
                    for j in range(low, high):
                        rest = (rest >> np.uint64(8)) | (np.uint64(item(text, j)) << np.uint64(56))
                key = (key ^ rest) * _MIX2
                key ^= key >> np.uint64(32)
    return filled, key
