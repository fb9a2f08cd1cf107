"""Values out of parsed JSON objects to columns: strict about types, so that nothing odd becomes a number or a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.json_formats import JsonField, JsonTime, Path
from decoders.reports import Array

Mask = NDArray[np.bool_]

LAST_US = 253_402_300_800 * 1_000_000
"""The year 10000."""
MISSING_US = -1
BAD_US = -2
_NUMBER = re.compile(r"[+-]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?")
_NUMBERS = re.compile(rf"{_NUMBER.pattern}(?:\n{_NUMBER.pattern})*")
_SECOND = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_SECOND_CHARACTERS = 19
_AFTER_SECOND = re.compile(r"(?:[.,](\d{1,9}))? ?(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)(?: (?:UTC|GMT|[+-]\d{2,4}))?)?")
_DIGITS = re.compile(r"\d{14}")
_PLAIN = {int, float}
_MOST_KNOWN_SECONDS = 4096


def values_at(items: Sequence[Any], path: Path) -> list[Any]:
    """The value at the path in each object; None where it is not there or something on the way is no object."""
    for key in path:
        try:  # where all have it this is twice as fast, and a text as index fits nothing but an object
            items = [item[key] for item in items]
        except (KeyError, TypeError, IndexError):
            items = [item.get(key) if type(item) is dict else None for item in items]
    return list(items)


def field_values(field: JsonField, own: Sequence[Any], tops: Sequence[Any]) -> list[Any]:
    """The raw values of a field, from the record's own objects or from the whole messages."""
    start = tops if field.from_top else own
    found = values_at(start, field.path)
    if field.otherwise:
        second = values_at(start, field.otherwise)
        found = [b if a is None else a for a, b in zip(found, second, strict=True)]
    if field.pattern is not None:
        found = [_matched(field.pattern, value) for value in found]
    return found


def numbers(field: JsonField, own: Sequence[Any], tops: Sequence[Any], as_text: bool) -> tuple[Array, Mask | None]:
    """A field as float64, NaN where it is missing, and which rows hold something that is no number (None: no row).

    ``as_text``: numbers in text are numbers too; an empty text is missing.
    """
    found = field_values(field, own, tops)
    kinds = set(map(type, found))
    if kinds <= _PLAIN and field.values is None:
        column, bad = np.array(found, np.float64), None
    elif kinds == {str} and as_text and field.values is None and _NUMBERS.fullmatch("\n".join(found)):
        column, bad = np.array(found, np.float64), None
        bad = np.isinf(column) if np.isinf(column).any() else None
    else:
        column, bad = _odd_numbers(field, found, as_text or field.pattern is not None)
    return (column * field.scale if field.scale != 1.0 else column), bad


def texts(field: JsonField, own: Sequence[Any], tops: Sequence[Any]) -> tuple[list[str], Mask | None]:
    """A field as text, empty where it is missing, and which rows hold something else (None: no row).

    Characters that cannot be printed (line ends, NUL, direction marks) become blanks.
    """
    found = field_values(field, own, tops)
    if set(map(type, found)) <= {str}:
        return [value if value.isprintable() else _printable(value) for value in found], None
    bad = np.array([value is not None and type(value) is not str for value in found])
    kept = [_printable(value) if type(value) is str else "" for value in found]
    return kept, bad if bad.any() else None


class Times:
    """Reads times; keeps the seconds that it has met, as neighbours mostly share one."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def column(self, ways: Sequence[JsonTime], own: Sequence[Any], tops: Sequence[Any]) -> NDArray[np.int64]:
        """Microseconds since 1970 UTC of each row, by the first way that it has; ``MISSING_US``, or ``BAD_US``."""
        made = np.full(len(own), MISSING_US, np.int64)
        left: list[int] | None = None
        for way in ways:
            found = field_values(way.field, own, tops)
            rows = range(len(found)) if left is None else left
            given = [self._one(way, found[row]) for row in rows]
            if left is None:
                made = np.array(given, np.int64)
            else:
                made[left] = given
            left = np.flatnonzero(made == MISSING_US).tolist()
            if not left:
                break
        return made

    def _one(self, way: JsonTime, value: Any) -> int:
        if value is None or value == "":
            return MISSING_US
        if way.form == "text":
            return self._text(value, way.zone_stated) if type(value) is str else BAD_US
        if way.form == "digits":
            given = str(value) if type(value) is int else value
            if type(given) is not str or not _DIGITS.fullmatch(given):
                return BAD_US
            day, clock = given[:8], given[8:]
            return self._second(f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]}")
        if type(value) is str and _NUMBER.fullmatch(value):
            value = float(value)
        if type(value) not in _PLAIN:
            return BAD_US
        unit = 1_000_000 if way.form == "epoch_s" else 1_000
        if not 0 <= value < LAST_US / unit:
            return BAD_US
        return value * unit if type(value) is int else round(value * unit)

    def _text(self, value: str, zone_stated: bool) -> int:
        second = self._second(value[:_SECOND_CHARACTERS])
        match = _AFTER_SECOND.fullmatch(value, _SECOND_CHARACTERS)
        if second < 0 or match is None:
            return BAD_US
        fraction, zone, sign, hours, minutes = match.groups()
        if zone_stated and zone is None and sign is None:
            return BAD_US
        if fraction:
            second += int(fraction[:6].ljust(6, "0"))
        if sign and (hours != "00" or minutes != "00"):
            away = (int(hours) * 60 + int(minutes)) * 60_000_000
            second += away if sign == "-" else -away
        return second if 0 <= second < LAST_US else BAD_US

    def _second(self, text: str) -> int:
        """Microseconds of ``YYYY-MM-DD hh:mm:ss``; ``BAD_US`` where it is no such text or no such day."""
        known = self._known.get(text)
        if known is not None:
            return known
        made = BAD_US
        if _SECOND.fullmatch(text):
            with suppress(ValueError):
                made = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000
        if len(self._known) >= _MOST_KNOWN_SECONDS:
            self._known.clear()
        self._known[text] = max(made, BAD_US)
        return self._known[text]


def _odd_numbers(field: JsonField, found: list[Any], as_text: bool) -> tuple[Array, Mask | None]:
    column = np.full(len(found), np.nan)
    bad = np.zeros(len(found), bool)
    for row, value in enumerate(found):
        kind = type(value)
        if kind in _PLAIN:
            column[row] = value
        elif kind is str:
            text = value.strip()
            if field.values is not None:  # a word that is not there says nothing that we know
                column[row] = field.values.get(text.casefold(), np.nan)
            elif as_text and _NUMBER.fullmatch(text):
                column[row] = float(text)
            elif text or not as_text:
                bad[row] = True
        elif value is not None:
            bad[row] = True
    bad |= np.isinf(column)
    return column, bad if bad.any() else None


def _matched(pattern: re.Pattern[str], value: Any) -> Any:
    """What the pattern's group takes from a text; None where it does not fit."""
    if type(value) is not str:
        return value
    match = pattern.search(value)
    return match[1] if match else None


def _printable(value: str) -> str:
    return "".join(char if char.isprintable() else " " for char in value[:256])
