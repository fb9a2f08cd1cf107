"""What runs by the calendar beside the live service: the daily summary. Jobs survive restarts in the store itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from shipwatch.store_opening import ledger_url

DAILY_SUMMARY = "daily-summary"
TABLE = "scheduled_jobs"
MISFIRE_GRACE_S = 12 * 3600
"""A job that was due while the machine was off runs late by up to this; runs missed beyond one are one."""

SummaryWriter = Callable[[str, Path, str], None]
"""Store, folder and date (YYYY-MM-DD) of a summary to be written."""


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Section `[jobs]`: what the live service does by the calendar."""

    summary: bool = True
    """Write the summary of each day."""
    summary_at: str = "00:10"
    """UTC, after the end of the day that it tells of."""
    summary_folder: str = ""
    """Where; empty: `summaries` in the home folder."""

    def __post_init__(self) -> None:
        try:
            datetime.strptime(self.summary_at, "%H:%M")  # noqa: DTZ007 - only a time of day
        except ValueError:
            raise ValueError(f"summary_at: {self.summary_at!r} is not a time of day (HH:MM)") from None


@dataclass(slots=True)
class _Hands:
    """What jobs need and the job store cannot keep: given anew by each process."""

    now_us: Callable[[], int] | None = None
    write: SummaryWriter | None = None


_hands = _Hands()


def write_daily_summary(store: str, folder: str) -> str:
    """Write the summary of yesterday, by the clock that :func:`scheduler` was given; returns the date.

    Named in the job store as ``shipwatch.jobs:write_daily_summary``: where it is runs what.
    """
    if _hands.now_us is None or _hands.write is None:
        raise RuntimeError("no service has started the jobs of this process")
    today = datetime.fromtimestamp(_hands.now_us() / 1e6, tz=UTC).date()
    day = (today - timedelta(days=1)).isoformat()
    _hands.write(store, Path(folder), day)
    return day


def scheduler(
    store: str, settings: JobSettings, folder: Path, now_us: Callable[[], int], write: SummaryWriter
) -> BackgroundScheduler:
    """A scheduler with the jobs that the settings ask for; the caller starts it and shuts it down.

    A job that is there already keeps the time of its next run, so that one missed while nothing ran is made up for;
    unless the hour was changed.
    """
    _hands.now_us, _hands.write = now_us, write
    made = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=ledger_url(store), tablename=TABLE)},
        timezone=UTC,
        job_defaults={"coalesce": True, "misfire_grace_time": MISFIRE_GRACE_S, "max_instances": 1},
    )
    made.start(paused=True)
    held = made.get_job(DAILY_SUMMARY)
    if not settings.summary:
        if held is not None:
            made.remove_job(DAILY_SUMMARY)
        return made
    hour, minute = map(int, settings.summary_at.split(":"))
    trigger = CronTrigger(hour=hour, minute=minute, timezone=UTC)
    extra: dict[str, Any] = {}
    if held is not None and str(held.trigger) == str(trigger) and held.next_run_time is not None:
        extra["next_run_time"] = held.next_run_time
    made.add_job(
        "shipwatch.jobs:write_daily_summary", trigger, id=DAILY_SUMMARY, name="daily summary", replace_existing=True,
        kwargs={"store": store, "folder": str(folder)}, **extra,
    )  # fmt: skip
    return made
