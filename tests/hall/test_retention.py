"""Retention: nothing goes unasked, nothing that an open incident needs, and what went is noted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from decoders.reports import PositionReports
from shipwatch.archive import Archive
from shipwatch.archive_rows import DAY_US
from shipwatch.journal import HOUR_US, Journal, read_journal
from shipwatch.retention import LOG, RetentionSettings, remove_old

DAY0 = 20_000
START_US = DAY0 * DAY_US
NOW_US = START_US + 10 * DAY_US + 5 * HOUR_US


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Ten days of positions and of journal, four reports a day."""
    archive, journal = tmp_path / "archive", tmp_path / "journal"
    times = START_US + np.arange(40) * 6 * HOUR_US
    with Archive(archive) as positions:
        positions.append(
            PositionReports.of(time_us=times, mmsi=[538000001] * 40, lat_deg=[1.0] * 40, lon_deg=[2.0] * 40)
        )
    with Journal(journal) as lines:
        lines.append([(int(at), "harbour", b"line %d" % n) for n, at in enumerate(times)])
    return archive, journal


def left(folders: tuple[Path, Path]) -> tuple[list[int], list[int]]:
    """Days of the archive and days of the journal's records that are there, counted from the first."""
    days = [int(np.datetime64(day, "D").astype(int)) - DAY0 for day in Archive(folders[0]).days()]
    return days, sorted({(at - START_US) // DAY_US for _, at, _, _ in read_journal(folders[1])})


def test_nothing_is_removed_unasked(folders: tuple[Path, Path]) -> None:
    """The default keeps everything, and notes nothing."""
    done = remove_old(*folders, RetentionSettings(), now_us=NOW_US, needed=[], worked_off=40)
    assert (done.archive_days, done.journal_files) == ((), ())
    assert left(folders) == (list(range(10)), list(range(10)))
    assert not (folders[0] / LOG).exists()


def test_old_days_go_and_are_noted(folders: tuple[Path, Path]) -> None:
    """Whole days alone, counted back from today; what went stands in the folder's log."""
    settings = RetentionSettings(archive_days=4, journal_days=3)
    told = remove_old(*folders, settings, now_us=NOW_US, needed=[], worked_off=40, dry_run=True)
    assert left(folders) == (list(range(10)), list(range(10)))
    done = remove_old(*folders, settings, now_us=NOW_US, needed=[], worked_off=40)
    assert done == told
    assert left(folders) == ([6, 7, 8, 9], [7, 8, 9])
    assert done.bytes > 0
    archived = [json.loads(line)["removed"]["day"] for line in (folders[0] / LOG).read_text().splitlines()]
    assert len(archived) == 6
    lines = [json.loads(line)["removed"] for line in (folders[1] / LOG).read_text().splitlines()]
    assert [line["positions"] for line in lines] == [[n, n + 1] for n in range(7 * 4)]
    assert len(Archive(folders[0]).track(538000001, 0, NOW_US)) == 4 * 4
    with Journal(folders[1]) as journal:  # goes on where it was
        assert journal.end == 40
    assert remove_old(*folders, settings, now_us=NOW_US, needed=[], worked_off=40).archive_days == ()


def test_what_an_open_incident_needs_stays(folders: tuple[Path, Path]) -> None:
    """The days of it and one on either side; one that goes on keeps everything since the day before it began."""
    settings = RetentionSettings(archive_days=3, journal_days=3)
    began = START_US + 3 * DAY_US + 10 * HOUR_US
    span = (began, began + 2 * HOUR_US)
    done = remove_old(*folders, settings, now_us=NOW_US, needed=[span], worked_off=40)
    days, hours = left(folders)
    assert days == [2, 3, 4, 7, 8, 9]
    assert hours == [2, 3, 4, 7, 8, 9]
    assert len(done.kept_for_incidents) > 3
    assert remove_old(*folders, settings, now_us=NOW_US, needed=[(began, None)], worked_off=40).archive_days == ()


def test_lines_that_are_not_worked_off_stay(folders: tuple[Path, Path]) -> None:
    """A service that stood still for days still finds what it has to read; without any checkpoint nothing goes."""
    settings = RetentionSettings(journal_days=3)
    assert remove_old(*folders, settings, now_us=NOW_US, needed=[], worked_off=None).journal_files == ()
    remove_old(*folders, settings, now_us=NOW_US, needed=[], worked_off=4)
    assert left(folders)[1] == list(range(1, 10))
    remove_old(*folders, settings, now_us=NOW_US + 1000 * DAY_US, needed=[], worked_off=40)
    assert [at for *_, at in read_journal(folders[1])] == [b"line 39"]


def test_too_short_a_time_is_refused() -> None:
    """Yesterday is needed tomorrow."""
    with pytest.raises(ValueError, match="journal_days: 1 is less than 3 days"):
        RetentionSettings(journal_days=1)


def test_by_command_and_by_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`archive show`, `compact`, `prune`: the incidents are asked of the store, and a dry run removes nothing."""
    from typer.testing import CliRunner

    from shipwatch.cli import app
    from shipwatch.ledger import Ledger

    monkeypatch.chdir(tmp_path)
    store = str(tmp_path / "x.db")
    Ledger(store).close()
    with Archive(Archive.beside(store)) as archive:
        for day in (0, 0, 1):
            rows = PositionReports.of(time_us=[START_US + day * DAY_US], mmsi=[538000001], lat_deg=[1.0], lon_deg=[2.0])
            archive.append(rows)
            archive.flush()
    run = CliRunner().invoke
    shown = json.loads(run(app, ["archive", "show", "--store", store, "--json"]).stdout)
    assert [(day["day"], day["files"]) for day in shown["days"]] == [("2024-10-04", 2), ("2024-10-05", 1)]
    done = json.loads(run(app, ["archive", "compact", "--store", store, "--json"]).stdout)
    assert (done["days"], done["files_before"], done["files_after"]) == (2, 3, 2)
    told = run(app, ["archive", "prune", "--store", store, "--json"])
    assert json.loads(told.stdout)["archive_days"] == []  # the default keeps all
    asked = ["archive", "prune", "--store", store, "--archive-days", "5", "--json"]
    assert len(json.loads(run(app, [*asked, "--dry-run"]).stdout)["archive_days"]) == 2
    assert Archive(Archive.beside(store)).days() == ["2024-10-04", "2024-10-05"]
    assert len(json.loads(run(app, asked).stdout)["archive_days"]) == 2
    assert Archive(Archive.beside(store)).days() == []
    assert run(app, ["archive", "prune", "--store", store, "--journal-days", "1"]).exit_code == 2


def test_the_doctor_looks_at_the_log_of_decisions(tmp_path: Path) -> None:
    """A whole chain is said to be whole; a changed entry is a problem that names it."""
    import sqlalchemy as sa

    from shipwatch.doctor import triage_log
    from shipwatch.home import default_store
    from shipwatch.ledger import Ledger

    environment = {"SHIPWATCH_HOME": str(tmp_path)}
    assert list(triage_log(environment)) == []
    store = default_store(environment)
    with Ledger(str(store)) as ledger:
        assert ledger.incident_spans(["new"]) == []
        assert ledger.journal_worked_off() is None
    (fine,) = triage_log(environment)
    assert (fine.level, "0 entries" in fine.text) == ("ok", True)
    with sa.create_engine(f"sqlite:///{store}").begin() as connection:
        connection.execute(sa.text("UPDATE counters SET value = 3 WHERE name = 'triage_log'"))
    found = list(triage_log(environment))
    assert [item.level for item in found] == ["problem"]
    assert "missing at the end" in found[0].text
