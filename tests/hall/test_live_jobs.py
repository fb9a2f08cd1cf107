"""The jobs of the live service: kept in the store, made up for when missed, written for yesterday."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shipwatch import jobs
from shipwatch.jobs import DAILY_SUMMARY, JobSettings, scheduler, write_daily_summary

NOON_US = int(datetime(2018, 6, 4, 12, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture(autouse=True)
def empty_hands() -> Iterator[None]:
    """No test leaves a clock behind."""
    yield
    jobs._hands.now_us = jobs._hands.write = None


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
