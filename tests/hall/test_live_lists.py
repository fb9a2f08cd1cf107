"""Lists imported while a service runs: asked from the next line on, named in the journal, the same after a restart."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.alert_json import alert_to_json
from alerts.flags import flag_of_mmsi
from alerts.incident import Alert
from alerts.lists.store import ListStore
from shipwatch.feeds.tail import TailFeed
from shipwatch.journal import Journal, read_journal
from shipwatch.ledger import Ledger
from shipwatch.live import LiveService
from shipwatch.live_clock import WallClock
from shipwatch.live_lists import FEED, ListsAsked, LiveLists, is_mark, split_at_marks
from shipwatch.live_settings import LiveSettings
from shipwatch.pipeline import Pipeline

pytestmark = pytest.mark.slow

QUICK = LiveSettings(round_s=0.02, checkpoint_s=0.05, sync_s=0.05, retry_s=0.1, lists_s=0.01)
HEAD = "entry,name,kind,flag\n"


class Station:
    """A service's folder with lists of its own."""

    def __init__(self, folder: Path, flow: Pipeline, lists: Path) -> None:
        self.folder, self.flow, self.lists, self.told = folder, flow, lists, list[Alert]()
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "ais.nmea"

    def run(self, until: Callable[[LiveService], bool]) -> LiveService:
        """Run until that holds, then stop in order."""
        with Ledger(str(self.folder / "x.db")) as store:
            found = store.load_checkpoint(QUICK.name)
            run_id = store.start_run(
                started_us=0, version="0", inputs=[], config_digest="", rules_digest="", zones_digest=""
            )
            service = LiveService(
                pipeline=self.flow, feeds=[TailFeed(self.log, name="log")], ledger=store, run_id=run_id,
                journal=Journal(self.folder / "journal", at_least=found.journal_position if found else 0),
                clock=WallClock(lambda: 2_000_000_000_000_000), settings=QUICK, lists=LiveLists(self.lists),
                on_recorded=lambda outcome: self.told.extend(outcome.alerts),
            )  # fmt: skip
            stop = threading.Event()

            def wait() -> None:
                began = time.monotonic()
                while not until(service) and time.monotonic() - began < 60:
                    time.sleep(0.01)
                stop.set()

            threading.Thread(target=wait, daemon=True).start()
            service.run(stop)
            return service

    def marks(self) -> list[ListsAsked]:
        """What the journal says of lists."""
        records = read_journal(self.folder / "journal")
        return [ListsAsked.read(line) for _, _, feed, line in records if is_mark(feed, line)]


def texts(alerts: list[Alert]) -> list[str]:
    """Each revision as its JSON text."""
    return [json.dumps(alert_to_json(alert)) for alert in alerts]


def listing(folder: Path, rows: str, day: str, name: str = "invented") -> None:
    """Import a version of a table."""
    file = folder.parent / f"{name}.csv"
    file.write_text(HEAD + rows)
    ListStore(folder).import_list("table", file, day, fetched_at=f"{day}T05:00:00Z")


def worked_off(count: int) -> Callable[[LiveService], bool]:
    """Whether so many lines of the log have been worked off."""
    return lambda service: service.feeds[0].health.lines >= count and service.intake.held_lines == 0


def test_a_list_imported_meanwhile_is_asked_and_the_journal_gives_the_same_again(
    flow: Pipeline, log: Path, tmp_path: Path
) -> None:
    """No match before the import, matches after it; the journal alone, with one more list since, tells the same."""
    lines = log.read_bytes().splitlines(keepends=True)
    half = len(lines) * 3 // 5
    station = Station(tmp_path / "station", flow, tmp_path / "lists")
    station.log.write_bytes(b"".join(lines[:half]))
    station.run(worked_off(half))
    assert station.marks() == [ListsAsked(0, ())]
    before = list(station.told)
    assert before and not any(alert.matches for alert in before)

    # From now on every flag of these ships is listed; the second start finds the import before its first line.
    flags = {flag_of_mmsi(party.mmsi) for alert in before for party in alert.incident.parties}
    rows = "".join(f"{flag},ALL OF {flag},class,{flag}\n" for flag in sorted(flag for flag in flags if flag))
    listing(tmp_path / "lists", rows, "2020-01-01")
    with station.log.open("ab") as file:
        file.write(b"".join(lines[half:-50]))
    station.run(worked_off(len(lines) - 50 - half))
    after = station.told[len(before) :]
    assert [mark.sequence for mark in station.marks()] == [0, 1]
    assert any(match.tier == "class" for alert in after for match in alert.matches)

    # Imported while it runs: taken up without a restart.
    def imported(service: LiveService) -> bool:
        if service.health()["lists"].get("more") is None:
            if service.lists is not None and service.lists.sequence() == 1:
                listing(tmp_path / "lists", "1,NOBODY,vessel,\n", "2020-02-01", "more")
            with station.log.open("ab") as file:
                file.write(lines[-50])
            return False
        return True

    service = station.run(imported)
    assert set(service.health()["lists"]) == {"invented", "more"}
    assert service.problem is None
    assert [mark.sequence for mark in station.marks()] == [0, 1, 2]

    # The journal alone, in another place, with yet another list: what was told then is told again.
    listing(tmp_path / "lists", "1,LATER,class,PAN\n", "2020-03-01", "later")
    again = Station(tmp_path / "again", flow, tmp_path / "lists")
    shutil.copytree(station.folder / "journal", again.folder / "journal")
    again.log.write_bytes(b"")
    heard = again.run(lambda service: service.replayed > 0 and service.intake.held_lines == 0)
    assert texts(again.told) == texts(station.told)
    assert heard.health()["lists"].keys() == {"invented", "more"}, "the newest is asked from the next line on"


def test_a_damaged_folder_of_lists_stops_nothing(flow: Pipeline, log: Path, tmp_path: Path) -> None:
    """The lists asked so far stay, and health says why."""
    lines = log.read_bytes().splitlines(keepends=True)[:2000]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "broken.json").write_text("{")
    station = Station(tmp_path / "station", flow, tmp_path / "lists")
    station.log.write_bytes(b"".join(lines))
    service = station.run(worked_off(len(lines)))
    assert "the lists asked so far stay: broken.json" in str(service.problem)
    assert station.marks() == []


def test_only_the_service_itself_can_name_lists() -> None:
    """A line from the air that looks like the mark is a line from the air; a mark begins a piece of its own."""
    mark = ListsAsked(1, (("a", "a-1"),)).line()
    records = [(0, 5, "log", b"x"), (1, 5, "log", mark), (2, 5, FEED, mark), (3, 6, "log", b"y"), (4, 6, FEED, mark)]
    assert split_at_marks(records) == [(0, 2), (2, 4), (4, 5)]
    assert split_at_marks(records[2:3]) == [(0, 1)]
    with pytest.raises(ValueError, match="lists"):
        ListsAsked.read(b"# shipwatch lists {}")
