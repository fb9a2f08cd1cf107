"""Reads written times of whole columns by the places of their digits: no calendar library, no row by row work."""

from __future__ import annotations

import re
from itertools import groupby

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from decoders.errors import UnreadableInput
from decoders.reports import Array

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
HOUR_US = 3_600 * SECOND_US
_ZERO = ord("0")
_PARTS = "YMDhmsf"  # year, month, day, hour, minute, second, fraction; any other character stands for itself
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def read_times(column: pa.Array, forms: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Microseconds since 1970 UTC (or since midnight for forms without a date) of a binary column, and the bad rows.

    A form is written with ``YYYY MM DD hh mm ss`` and ``f`` for digits of the fraction; a row takes the first form that
    it fits to the letter. Bad rows (no form fits, or no such date or time of day) hold 0.

    >>> times, bad = read_times(pa.array([b"2018-06-01T00:00:01", b"2018-02-30T00:00:00"]), ("YYYY-MM-DDThh:mm:ss",))
    >>> times.tolist(), bad.tolist()
    ([1527811201000000, 0], [False, True])
    """
    if pa.types.is_null(column.type) or len(column) == 0:
        return np.zeros(len(column), np.int64), np.ones(len(column), bool)
    _, place_bytes, data_bytes = column.cast(pa.binary()).buffers()
    places = np.frombuffer(place_bytes, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    data = np.frombuffer(data_bytes or b"", np.uint8)
    widths = np.diff(places)
    times = np.zeros(len(column), np.int64)
    bad = np.ones(len(column), bool)
    for form in forms:
        rows = np.flatnonzero(bad & (widths == len(form)))
        if len(rows):
            if len(rows) == len(column):
                text = data[places[0] : places[-1]].reshape(len(rows), len(form))
            else:
                text = data[places[rows][:, None] + np.arange(len(form))]
            read, wrong = _read_form(text, form)
            times[rows] = read
            bad[rows] = wrong
    return times, bad


def _read_form(text: NDArray[np.uint8], form: str) -> tuple[Array, Array]:
    wrong = np.zeros(len(text), bool)
    parts: dict[str, Array] = {}
    place = 0
    for letter, run in groupby(form):
        width = len(list(run))
        piece = text[:, place : place + width]
        if letter in _PARTS:
            number = np.zeros(len(text), np.int64)
            for digit in piece.T:
                value = digit - np.uint8(_ZERO)  # wraps round below "0", so that one comparison finds every non-digit
                wrong |= value > 9
                number = number * 10 + value
            parts[letter] = number * 10 ** (6 - width) if letter == "f" else number
        else:
            wrong |= (piece != ord(letter)).any(axis=1)
        place += width
    nothing = np.zeros(len(text), np.int64)
    hour, minute, second = parts["h"], parts.get("m", nothing), parts.get("s", nothing)
    wrong |= (hour > 23) | (minute > 59) | (second > 59)
    times = hour * HOUR_US + minute * 60 * SECOND_US + second * SECOND_US + parts.get("f", nothing)
    if "Y" in parts:
        days, no_such_day = _days(parts["Y"], parts["M"], parts["D"])
        wrong |= no_such_day
        times = times + days * DAY_US
    return np.where(wrong, 0, times), wrong


def _days(year: Array, month: Array, day: Array) -> tuple[Array, Array]:
    """Days since 1970-01-01 in the Gregorian calendar, and where there is no such day."""
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    month_ok = (month >= 1) & (month <= 12)
    last = _MONTH_DAYS[np.where(month_ok, month, 0)] + (leap & (month == 2))
    wrong = ~month_ok | (day < 1) | (day > last) | (year < 1970)
    months = np.where(wrong, 0, (year - 1970) * 12 + month - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64) + np.where(wrong, 0, day - 1), wrong


def file_hour_us(pattern: re.Pattern[str], file_name: str) -> int:
    """The hour that a log's file name states, as microseconds since 1970 UTC.

    Raises :class:`~decoders.errors.UnreadableInput` when the name does not hold one: such a log has no dates.
    """
    found = pattern.search(file_name)
    problem = f"rows have only the time of day and the file name holds no date (looked for {pattern.pattern})"
    if found is None:
        raise UnreadableInput(file_name, problem)
    year, month, day, hour = (int(found[part]) for part in ("year", "month", "day", "hour"))
    days, wrong = _days(np.array([year + 2000 if year < 100 else year]), np.array([month]), np.array([day]))
    if wrong[0] or hour > 23:
        raise UnreadableInput(file_name, f"the date in the file name is none: {found[0]}")
    return int(days[0]) * DAY_US + hour * HOUR_US


def nearest_day(times_of_day_us: Array, hour_us: int) -> Array:
    """Times of day put on the day that brings each nearest to the middle of the file's hour.

    >>> midnight = 1_527_811_200_000_000  # 2018-06-01 00:00 UTC
    >>> (nearest_day(np.array([86_399_000_000, 5_000_000]), midnight) - midnight).tolist()
    [-1000000, 5000000]
    """
    middle = hour_us + HOUR_US // 2
    midnight = middle - middle % DAY_US
    times = times_of_day_us + midnight
    return np.asarray(times - DAY_US * ((times - middle + DAY_US // 2) // DAY_US))
