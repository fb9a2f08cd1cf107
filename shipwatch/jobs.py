"""What runs by the calendar beside the live service. Jobs survive restarts in the store itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from shipwatch.store_opening import ledger_url

DAILY_SUMMARY = "daily-summary"
COMPACTION, RETENTION, RECONCILIATION = "archive-compaction", "retention", "reconciliation"
LIST_UPDATE = "list-update"
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
    compaction: bool = True
    """Make one file of each archived day."""
    compaction_at: str = "02:30"
    list_update_at: str = "05:15"
    """When the lists named in section `[lists]` are fetched, and told alerts held against what is new."""
    retention_at: str = "03:30"
    """When what section `[retention]` lets go is removed."""
    reconciliation: bool = True
    """Replay yesterday's journal, late lines in their place, and record what changes."""
    reconciliation_at: str = "06:30"
    """Six hours into the day: what was going on at midnight has then ended or will not end so soon."""

    def __post_init__(self) -> None:
        for name in ("summary_at", "compaction_at", "list_update_at", "retention_at", "reconciliation_at"):
            _time_of_day(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do every day at ``at`` (HH:MM UTC), under an ``id`` that never changes."""

    id: str
    name: str
    at: str
    act: Callable[[], object]


@dataclass(slots=True)
class _Hands:
    """What jobs need and the job store cannot keep: given anew by each process."""

    now_us: Callable[[], int] | None = None
    write: SummaryWriter | None = None
    acts: dict[str, Callable[[], object]] = field(default_factory=dict)


_hands = _Hands()


def write_daily_summary(store: str, folder: str) -> str:
    """Write the summary of yesterday, by the clock that :func:`scheduler` was given; returns the date.

    Named in the job store as ``shipwatch.jobs:write_daily_summary``: where it is runs what.
    """
    if _hands.now_us is None or _hands.write is None:
        raise RuntimeError("no service has started the jobs of this process")
    day = yesterday()
    _hands.write(store, Path(folder), day)
    return day


def yesterday() -> str:
    """The date before today's (YYYY-MM-DD), by the clock that :func:`scheduler` was given."""
    if _hands.now_us is None:
        raise RuntimeError("no service has started the jobs of this process")
    return (datetime.fromtimestamp(_hands.now_us() / 1e6, tz=UTC).date() - timedelta(days=1)).isoformat()


def run_job(id: str) -> None:
    """Do a further job; named in the job store as ``shipwatch.jobs:run_job``: what it does is said by each process."""
    act = _hands.acts.get(id)
    if act is None:
        raise RuntimeError("no service has started the jobs of this process")
    act()


def scheduler(
    store: str,
    settings: JobSettings,
    folder: Path,
    now_us: Callable[[], int],
    write: SummaryWriter,
    more: Sequence[Job] = (),
) -> BackgroundScheduler:
    """A scheduler with the jobs that the settings ask for; the caller starts it and shuts it down.

    ``more`` are done beside the summary. A job that is there already keeps the time of its next run, so that one missed
    while nothing ran is made up for, unless the hour was changed; one that is not asked for any more is taken out.
    """
    _hands.now_us, _hands.write = now_us, write
    _hands.acts = {job.id: job.act for job in more}
    made = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=ledger_url(store), tablename=TABLE)},
        timezone=UTC,
        job_defaults={"coalesce": True, "misfire_grace_time": MISFIRE_GRACE_S, "max_instances": 1},
    )
    made.start(paused=True)
    wanted: list[tuple[str, str, str, str, dict[str, Any]]] = [
        (job.id, job.name, job.at, "shipwatch.jobs:run_job", {"id": job.id}) for job in more
    ]
    if settings.summary:
        kept = {"store": store, "folder": str(folder)}
        named = (DAILY_SUMMARY, "daily summary", settings.summary_at, "shipwatch.jobs:write_daily_summary", kept)
        wanted.insert(0, named)
    asked = {id for id, *_ in wanted}
    for job in made.get_jobs():
        if job.id not in asked:
            made.remove_job(job.id)
    for id, name, at, act, arguments in wanted:
        hour, minute = map(int, at.split(":"))
        trigger = CronTrigger(hour=hour, minute=minute, timezone=UTC)
        held = made.get_job(id)
        extra: dict[str, Any] = {}
        if held is not None and str(held.trigger) == str(trigger) and held.next_run_time is not None:
            extra["next_run_time"] = held.next_run_time
        made.add_job(act, trigger, id=id, name=name, replace_existing=True, kwargs=arguments, **extra)
    return made


def _time_of_day(name: str, text: str) -> None:
    try:
        datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - only a time of day
    except ValueError:
        raise ValueError(f"{name}: {text!r} is not a time of day (HH:MM)") from None
