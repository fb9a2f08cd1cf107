"""Written times, one by one: of columns that are not text tables (the kernel reads those), and of file names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby

from decoders.errors import UnreadableInput
from decoders.table_format import EPOCHS

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US
_PARTS = {"Y": "year", "M": "month", "D": "day", "h": "hour", "m": "minute", "s": "second", "f": "micro", "F": "micro"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(text: str, forms: tuple[str, ...]) -> int:
    """Microseconds since 1970 UTC by the first form that the whole text fits; -1 where there is no such form or time.

    A form is written with ``YYYY MM DD hh mm ss``, ``f`` for digits of the fraction and ``F`` for one to nine of them;
    ``D``, ``M`` or ``h`` alone is one digit or two; ``epoch_s`` and its kin count units.

    >>> read_time("2018-06-01T00:00:01", ("YYYY-MM-DDThh:mm:ss",)), read_time("2018-02-30", ("YYYY-MM-DD",))
    (1527811201000000, -1)
    """
    for form in forms:
        found = _pattern_of(form).fullmatch(text)
        if found is None:
            continue
        if form in EPOCHS:
            unit = EPOCHS[form][0]
            part = ((found["part"] or "") + "000000")[: len(str(unit)) - 1]
            return int(found["whole"]) * unit + int(part or 0)
        given = {name: int(digits) for name, digits in found.groupdict().items() if name != "micro"}
        try:
            when = datetime(
                given.get("year", 1970), given.get("month", 1), given.get("day", 1), given["hour"],
                given.get("minute", 0), given.get("second", 0), tzinfo=UTC,
            )  # fmt: skip
        except ValueError:
            continue
        fraction = int((found.groupdict().get("micro") or "0").ljust(6, "0")[:6])
        if when.year >= 1970:
            since = when - _EPOCH
            return (since.days * 86_400 + since.seconds) * SECOND_US + fraction
    return -1


def pieces_of(form: str) -> Iterator[tuple[str, bool]]:
    """Runs of one letter, and texts in apostrophes, which stand for themselves.

    >>> list(pieces_of("hh:mm 'GMT'"))
    [('hh', False), (':', False), ('mm', False), (' ', False), ('GMT', True)]
    """
    for number, text in enumerate(form.split("'")):
        if number % 2 == 0:
            yield from (("".join(run), False) for _, run in groupby(text))
        elif text:
            yield text, True


@lru_cache(maxsize=64)
def _pattern_of(form: str) -> re.Pattern[str]:
    if form in EPOCHS:
        return re.compile(rf"(?P<whole>\d{{1,{EPOCHS[form][1]}}})(\.(?P<part>\d*))?", re.ASCII)
    pattern = ""
    for letters, quoted in pieces_of(form):
        letter, width = letters[0], len(letters)
        if not quoted and letter in _PARTS:
            digits = "{1,9}" if letter == "F" else "{1,2}" if width == 1 and letter in "DMh" else f"{{{width}}}"
            pattern += rf"(?P<{_PARTS[letter]}>\d{digits})"
        else:
            pattern += re.escape(letters)
    return re.compile(pattern, re.ASCII)


def file_hour_us(pattern: re.Pattern[str], file_name: str) -> int:
    """The hour that a log's file name states, as microseconds since 1970 UTC.

    Raises :class:`~decoders.errors.UnreadableInput` when the name does not hold one: such a log has no dates.
    """
    found = pattern.search(file_name)
    problem = f"rows have only the time of day and the file name holds no date (looked for {pattern.pattern})"
    if found is None:
        raise UnreadableInput(file_name, problem)
    year, month, day, hour = (int(found[part]) for part in ("year", "month", "day", "hour"))
    try:
        when = datetime(year + 2000 if year < 100 else year, month, day, hour, tzinfo=UTC)
    except ValueError:
        raise UnreadableInput(file_name, f"the date in the file name is none: {found[0]}") from None
    return int(when.timestamp()) * SECOND_US
