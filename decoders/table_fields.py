"""Parts of the table kernel that not every row goes through: times, texts, and numbers that are not plain."""

# The types of a compiled function are numba's: whole and other numbers may take turns in a variable.
# mypy: disable-error-code="assignment,no-untyped-call"

from __future__ import annotations

import numpy as np

from decoders.kernel_cache import inlined
from decoders.table_codes import (
    DAY,
    FRACTION,
    HOUR,
    LITERAL,
    MINUTE,
    MONTH,
    SECONDS,
    SPACE,
    TEXT_BYTES,
    YEAR,
)
from decoders.table_scan import item

_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_YEAR_10000_US = 253_402_300_800_000_000
_SPLIT = 134217729.0  # 2**27 + 1: cuts a double into two halves whose products are exact (Dekker 1971)
_NAN = np.frombuffer(b"nan     ", np.uint8)
_INFINITY = np.frombuffer(b"infinity", np.uint8)
_TENS = np.array([10**i for i in range(7)], np.int64)


@inlined
def time_of(text, low, high, forms, form_at, form_count):  # type: ignore[no-untyped-def]
    """Microseconds since 1970 by the first form that the whole field fits; -1 where there is no such form or time."""
    for form in range(form_count):
        i = low
        year, month, day, hour, minute, second, micro = 1970, 1, 1, 0, 0, 0, 0
        fits = True
        for j in range(form_at[form], form_at[form + 1]):
            part = forms[j, 0]
            if part == LITERAL:
                if i < high and item(text, i) == forms[j, 1]:
                    i += 1
                    continue
                fits = False
                break
            value = 0
            width = 0
            while width < forms[j, 2] and i < high:
                digit = np.int64(item(text, i)) - 48
                if digit < 0 or digit > 9:
                    break
                value = value * 10 + digit
                width += 1
                i += 1
            if width < forms[j, 1]:
                fits = False
                break
            if part == YEAR:
                year = value
            elif part == MONTH:
                month = value
            elif part == DAY:
                day = value
            elif part == HOUR:
                hour = value
            elif part == MINUTE:
                minute = value
            elif part == SECONDS:
                second = value
            elif part == FRACTION:
                micro = value * np.int64(_TENS[6 - width]) if width <= 6 else value // np.int64(_TENS[width - 6])
            else:  # a count of units; what follows a point is a part of one
                unit = forms[j, 3]
                micro = value * unit
                if i < high and item(text, i) == 46:
                    i += 1
                    while i < high and item(text, i) >= 48 and item(text, i) <= 57:
                        unit //= 10
                        micro += (np.int64(item(text, i)) - 48) * unit
                        i += 1
        if not fits or i != high or micro >= _YEAR_10000_US:
            continue
        leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
        if year < 1970 or month < 1 or month > 12 or hour > 23 or minute > 59 or second > 59:
            continue
        if day < 1 or day > _MONTH_DAYS[month] + (leap and month == 2):
            continue
        y = year - (month <= 2)
        days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719469
        return ((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + micro
    return -1


@inlined
def put_text(text, low, high, pool, missing_at, missing_words, columns, slot, row):  # type: ignore[no-untyped-def]
    """A text of ASCII into its column: stripped, empty where it means "not available", ended at 20 bytes or ``@``.

    True where it is none, and Python has to decode it.
    """
    strange = False
    for i in range(low, high):
        if item(text, i) >= 128 or item(text, i) == 0:
            strange = True
    if strange:
        high = low
    while low < high and (
        item(text, low) == SPACE
        or (item(text, low) >= 9 and item(text, low) <= 13)
        or (item(text, low) >= 28 and item(text, low) <= 31)
    ):
        low += 1
    while low < high and (
        item(text, high - 1) == SPACE
        or (item(text, high - 1) >= 9 and item(text, high - 1) <= 13)
        or (item(text, high - 1) >= 28 and item(text, high - 1) <= 31)
    ):
        high -= 1
    for i in range(missing_words):
        if missing_at[i, 1] == high - low:
            j = 0
            while j < high - low and item(pool, missing_at[i, 0] + j) == item(text, low + j):
                j += 1
            if j == high - low:
                high = low
    high = min(high, low + TEXT_BYTES)
    i = low
    while i < high and item(text, i) != 64:  # @ fills the rest of a name
        i += 1
    high = i
    while low < high and (
        item(text, high - 1) == SPACE
        or (item(text, high - 1) >= 9 and item(text, high - 1) <= 13)
        or (item(text, high - 1) >= 28 and item(text, high - 1) <= 31)
    ):
        high -= 1
    for i in range(TEXT_BYTES):
        columns[slot, row, i] = item(text, low + i) if low + i < high else np.uint8(0)
    return strange


@inlined
def odd_number(  # type: ignore[no-untyped-def]
    text, low, high, digits_at, digits, i, negative, pool, missing_at, missing_words
):  # fmt: skip
    """What is no plain number: whether it is a word for "not available", whether it is bad, its value if infinite.

    Of a number only an exponent is left at ``i``; without digits there are nan and infinity.
    """
    missing, bad, value = False, False, np.nan
    for j in range(missing_words):
        if missing_at[j, 1] == high - low:
            word_at = 0
            while word_at < high - low and item(pool, missing_at[j, 0] + word_at) == item(text, low + word_at):
                word_at += 1
            if word_at == high - low:
                missing = True
    if digits == 0:
        length = high - digits_at
        j = 0
        if length in (3, 8):
            while j < length and (item(text, digits_at + j) | 32) == (
                _NAN[j] if length == 3 and (item(text, digits_at) | 32) == 110 else _INFINITY[j]
            ):
                j += 1
        bad = not (length == j and length > 0)
        if not bad and (item(text, digits_at) | 32) == 105:
            value = -np.inf if negative else np.inf
    elif i < high:
        bad = True
        if (item(text, i) | 32) == 101:
            j = i + 1
            if j < high and (item(text, j) == 43 or item(text, j) == 45):
                j += 1
            bad = j == high
            while j < high:
                if item(text, j) < 48 or item(text, j) > 57:
                    bad = True
                j += 1
    return missing, bad and not missing, np.nan if missing else value


@inlined
def quotient_of(mantissa, power):  # type: ignore[no-untyped-def]
    """A whole number of up to 19 digits by a power of ten, correctly rounded; and whether that is not sure.

    The quotient is had in two doubles; rounding their sum is right unless it is all but a tie between two doubles.
    """
    high_part = np.float64(mantissa)
    low_part = np.float64(np.int64(mantissa - np.uint64(high_part)))
    quotient = high_part / power
    cut = _SPLIT * quotient
    one = cut - (cut - quotient)
    two = quotient - one
    cut = _SPLIT * power
    three = cut - (cut - power)
    four = power - three
    product = quotient * power
    error = ((one * three - product) + one * four + two * three) + two * four
    correction = (((high_part - product) - error) + low_part) / power
    value = quotient + correction
    missed = abs((value - quotient) - correction)
    step = np.spacing(value)
    ask = abs(missed - 0.5 * step) < 1e-6 * step or abs(missed - 0.25 * step) < 1e-6 * step
    return value, ask
