"""Queries of the API: text to values, each with its error in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from fastapi import HTTPException

SEVERITIES = ("critical", "warning", "notice")
MOST_ROWS = 500
_CURSOR = re.compile(r"(-?\d{1,18})\.([\x21-\x7e]{1,80})")
_ID = re.compile(r"[\x21-\x7e]{1,80}")


def cursor_text(key: tuple[int, str] | None) -> str | None:
    """Where the next page begins, as a text that a client hands back.

    >>> cursor_text((1741939200000000, "rv-1"))
    '1741939200000000.rv-1'
    """
    return None if key is None else f"{key[0]}.{key[1]}"


def cursor(text: str | None) -> tuple[int, str] | None:
    """The key out of it; answers 422 for anything else."""
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise HTTPException(422, "after: not a cursor of this API (use the value of 'next')")
    return int(found[1]), found[2]


def alert_name(text: str) -> str:
    """An alert's id; answers 404 for what cannot be one."""
    if not _ID.fullmatch(text):
        raise HTTPException(404, "no such alert")
    return text


def moment_us(name: str, text: str | None) -> int | None:
    """An ISO 8601 date or time (UTC where no offset is stated) in microseconds since 1970; answers 422."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return round(moment.timestamp()) * 1_000_000
    except (ValueError, OverflowError, OSError):
        raise HTTPException(422, f"{name}: not a date or time such as 2025-03-14 or 2025-03-14T08:00:00Z") from None


def bbox(text: str | None) -> tuple[float, float, float, float] | None:
    """west,south,east,north in degrees; west may exceed east (across 180); answers 422."""
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise HTTPException(422, "bbox: not four numbers west,south,east,north") from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise HTTPException(422, "bbox: not within -180..180 and -90..90, or south exceeds north")
    return west, south, east, north


def severities(given: list[str]) -> list[str]:
    """Severity words; answers 422 for another."""
    for word in given:
        if word not in SEVERITIES:
            raise HTTPException(422, f"severity: one of {', '.join(SEVERITIES)}")
    return given
