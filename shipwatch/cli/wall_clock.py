"""The one place outside the live service that asks the time: a command notes when it was run, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime


def now_us() -> int:
    """Microseconds since 1970 UTC."""
    now = datetime.now(UTC)  # noqa: TID251 - handed down as a plain number; no result depends on it
    return int(now.timestamp() * 1_000_000)


def today() -> str:
    """The UTC date as YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()  # noqa: TID251 - as above
