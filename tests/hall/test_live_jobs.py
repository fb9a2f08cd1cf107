"""The jobs of the live service: kept in the store, made up for when missed, written for yesterday."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shipwatch import jobs
from shipwatch.jobs import (
    COMPACTION,
    DAILY_SUMMARY,
    MISFIRE_GRACE_S,
    Job,
    JobSettings,
    run_job,
    scheduler,
    write_daily_summary,
)

NOON_US = int(datetime(2018, 6, 4, 12, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture(autouse=True)
def empty_hands() -> Iterator[None]:
    """No test leaves a clock behind."""
    yield
    jobs._hands.now_us = jobs._hands.write = None
    jobs._hands.acts = {}


def test_the_summary_is_of_yesterday(tmp_path: Path) -> None:
    """By the clock handed in, whatever the hour."""
    written: list[tuple[str, Path, str]] = []
    made = scheduler(str(tmp_path / "x.db"), JobSettings(), tmp_path, lambda: NOON_US, lambda *a: written.append(a))
    made.shutdown(wait=False)
    assert write_daily_summary("store", str(tmp_path)) == "2018-06-03"
    assert written == [("store", tmp_path, "2018-06-03")]


def test_a_job_of_another_process_cannot_run_without_a_service(tmp_path: Path) -> None:
    """It says so."""
    with pytest.raises(RuntimeError, match="no service"):
        write_daily_summary("store", str(tmp_path))


def test_the_job_is_one_through_restarts_and_a_missed_run_is_kept(tmp_path: Path) -> None:
    """Started again, there is one job with its id, and the time of its next run is kept."""
    store = str(tmp_path / "x.db")

    def started(settings: JobSettings) -> tuple[int, datetime | None]:
        made = scheduler(store, settings, tmp_path, lambda: NOON_US, lambda *a: None)
        try:
            job = made.get_job(DAILY_SUMMARY)
            if job is not None and moved:
                job.modify(next_run_time=moved[0])
            return len(made.get_jobs()), None if job is None else job.next_run_time
        finally:
            made.shutdown(wait=False)

    moved: list[datetime] = []
    count, due = started(JobSettings())
    assert count == 1
    assert due is not None
    assert (due.hour, due.minute) == (0, 10)
    moved.append(due + timedelta(hours=1))
    started(JobSettings())
    moved.clear()
    assert started(JobSettings()) == (1, due + timedelta(hours=1))
    count, later = started(JobSettings(summary_at="03:30"))
    assert later is not None
    assert (count, later.hour, later.minute) == (1, 3, 30)
    assert started(JobSettings(summary=False)) == (0, None)


def test_settings_that_make_no_sense() -> None:
    """The hour of the day is checked."""
    with pytest.raises(ValueError, match="summary_at: '25:00'"):
        JobSettings(summary_at="25:00")


def test_further_jobs_are_kept_run_and_taken_out(tmp_path: Path) -> None:
    """Each under its id, once through restarts, made up for when missed; one not asked for any more is gone."""
    store = str(tmp_path / "x.db")
    done: list[str] = []
    more = [Job(COMPACTION, "compaction", "02:30", lambda: done.append("compacted"))]

    def ids(wanted: list[Job]) -> list[tuple[str, bool, int]]:
        made = scheduler(store, JobSettings(summary=False), tmp_path, lambda: NOON_US, lambda *a: None, wanted)
        try:
            return [(job.id, job.coalesce, job.misfire_grace_time) for job in made.get_jobs()]
        finally:
            made.shutdown(wait=False)

    kept = [(COMPACTION, True, MISFIRE_GRACE_S)]
    assert ids(more) == kept
    assert ids(more) == kept
    run_job(COMPACTION)
    assert done == ["compacted"]
    with pytest.raises(RuntimeError, match="no service"):
        run_job("reconciliation")
    assert ids([]) == []


def test_a_missed_job_runs_once_when_the_service_comes_back(tmp_path: Path) -> None:
    """Due three hours ago: it is done, once."""
    store, done = str(tmp_path / "x.db"), threading.Event()
    times: list[int] = []

    def act() -> None:
        times.append(1)
        done.set()

    more = [Job(COMPACTION, "compaction", "02:30", act)]
    made = scheduler(store, JobSettings(summary=False), tmp_path, lambda: NOON_US, lambda *a: None, more)
    (tmp_path / "now").touch()  # its time is the machine's, by which the scheduler goes
    now = datetime.fromtimestamp((tmp_path / "now").stat().st_mtime, tz=UTC)
    made.get_job(COMPACTION).modify(next_run_time=now - timedelta(hours=3))
    made.resume()
    ran = done.wait(10.0)
    made.shutdown(wait=True)
    assert ran
    assert times == [1]
