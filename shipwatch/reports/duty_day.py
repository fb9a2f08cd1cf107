"""Which 24 hours a summary is of: a date, the hour at which the duty day starts, and the offset of the duty clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from shipwatch.reports.errors import ReportError

DAY_US = 86_400_000_000
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DutyDay:
    """The 24 hours from ``starts`` on ``day`` by a clock ``offset_minutes`` ahead of UTC; bounds in UTC microseconds.

    >>> DutyDay.of("2018-06-03", starts="06:00", offset="+09:00").period_text()
    '2 Jun 2018 21:00 to 3 Jun 2018 21:00 UTC'
    """

    day: date
    starts: time = time(0)
    offset_minutes: int = 0

    @classmethod
    def of(cls, day: str, *, starts: str = "00:00", offset: str = "+00:00") -> DutyDay:
        """From text as a user types it: ``YYYY-MM-DD``, ``HH:MM``, ``+HH:MM``; raises ``ReportError``."""
        try:
            when = date.fromisoformat(day)
        except ValueError:
            raise ReportError(f"date {day!r} is not a day (YYYY-MM-DD)") from None
        if not 1970 < when.year < 9999:
            raise ReportError(f"date {day!r} is not within the years 1971 to 9998")
        clock = _CLOCK.fullmatch(starts)
        if clock is None:
            raise ReportError(f"day start {starts!r} is not a time (HH:MM)")
        ahead = _OFFSET.fullmatch(offset)
        if ahead is None:
            raise ReportError(f"offset {offset!r} is not one of a clock (+HH:MM or -HH:MM, up to 14 hours)")
        minutes = int(ahead[2]) * 60 + int(ahead[3])
        return cls(when, time(int(clock[1]), int(clock[2])), -minutes if ahead[1] == "-" else minutes)

    @property
    def start_us(self) -> int:
        """The first instant of the period."""
        zone = timezone(timedelta(minutes=self.offset_minutes))
        return (datetime.combine(self.day, self.starts, zone) - _EPOCH) // timedelta(microseconds=1)

    @property
    def end_us(self) -> int:
        """The instant at which the next period starts."""
        return self.start_us + DAY_US

    @property
    def number(self) -> str:
        """The number of the summary: year and day of the year.

        >>> DutyDay.of("2018-06-03").number
        'SW/DS/2018-154'
        """
        return f"SW/DS/{self.day:%Y-%j}"

    def title_date(self) -> str:
        """The date in words: ``3 June 2018``."""
        return f"{self.day.day} {self.day:%B %Y}"

    def period_text(self) -> str:
        """Both ends in UTC."""
        return f"{_instant(self.start_us)} to {_instant(self.end_us)} UTC"

    def clock_text(self) -> str:
        """How the duty day is kept where it is not the UTC day, else empty.

        >>> DutyDay.of("2018-06-03", starts="06:00", offset="-05:30").clock_text()
        'duty day from 06:00, clock at UTC-05:30'
        >>> DutyDay.of("2018-06-03").clock_text()
        ''
        """
        parts = []
        if self.starts != time(0):
            parts.append(f"duty day from {self.starts:%H:%M}")
        if self.offset_minutes:
            hours, minutes = divmod(abs(self.offset_minutes), 60)
            parts.append(f"clock at UTC{'-' if self.offset_minutes < 0 else '+'}{hours:02d}:{minutes:02d}")
        return ", ".join(parts)


def _instant(time_us: int) -> str:
    instant = _EPOCH + timedelta(microseconds=time_us)
    return f"{instant.day} {instant:%b %Y %H:%M}"
