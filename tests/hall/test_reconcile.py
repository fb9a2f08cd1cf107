"""The look back over a day: late lines in their place, first ids kept, nothing said of what is cut."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alerts.alert_json import alert_to_json
from alerts.designations import DesignationSet
from alerts.rules import load_rules
from decoders.reports import Batch
from geofences.zones import ZoneSet
from shipwatch.engine.rules import EngineRules
from shipwatch.hearing import Hearing
from shipwatch.journal import Journal, position_at, read_journal
from shipwatch.ledger import Ledger
from shipwatch.pipeline import Outcome, Pipeline
from shipwatch.places import WatchedPlaces
from shipwatch.player import encoded, play
from shipwatch.reconcile import DAY_US, REASON, Reconciliation, reconcile
from shipwatch.simulator.random_worlds import random_world

pytestmark = pytest.mark.slow
HOUR_US = 3_600_000_000
Record = tuple[int, str, bytes]


@pytest.fixture(scope="module")
def flow() -> Pipeline:
    """A pipeline that watches all water and has no lists."""
    zones = ZoneSet.shipped().everywhere()
    return Pipeline(EngineRules(), zones, DesignationSet(), load_rules(), WatchedPlaces(zones))


@pytest.fixture(scope="module")
def heard() -> list[Record]:
    """Twelve hours of a random world as a live service hears them, a second after they are sent."""
    world = random_world(11, ships=12, hours=12.0, spread_m=8_000.0, meetings=4, slowest_s=240.0)
    out = io.BytesIO()
    play(encoded([Batch(world.positions, world.statics)]), out.write, speed=0)
    records, at = [], 0
    for line in out.getvalue().splitlines():
        stamp = re.search(rb"c:(\d+)", line)
        at = int(stamp[1]) * 1_000_000 if stamp else at
        records.append((at + 1_000_000, "harbour", line))
    return records


def day_of(records: list[Record]) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + records[0][0] // DAY_US)


def live(records: list[Record], flow: Pipeline, folder: Path) -> tuple[Path, str]:
    """What a live service leaves behind: its journal, and in its ledger what it concluded from it in that order."""
    with Journal(folder / "journal") as journal:
        journal.append(records)
        journal.tick(records[-1][0] + 20 * HOUR_US)
    state = flow.start()
    hearing = Hearing(60.0)
    store = str(folder / "x.db")
    with Ledger(store) as ledger:
        run_id = ledger.start_run(
            started_us=0, version="0", inputs=[], config_digest="", rules_digest="", zones_digest=""
        )

        def tell(outcome: Outcome) -> None:
            ledger.record(run_id, outcome)

        kept = list(read_journal(folder / "journal"))
        for first in range(0, len(kept), 500):
            for batch in hearing.hear(kept[first : first + 500]):
                state, outcome = flow.advance(state, batch)
                tell(outcome)
        tell(flow.finish(state)[1])
    return folder / "journal", store


def looked_back(journal: Path, store: str, flow: Pipeline, day: date, record: bool = False) -> Reconciliation:
    midnight_us = (day - date(1970, 1, 1)).days * DAY_US
    with Ledger(store) as ledger:
        stored = ledger.latest_alerts(during_us=(midnight_us, midnight_us + DAY_US))
        found = reconcile(journal, day, flow, stored)
        if record and found.revisions:
            run_id = ledger.start_run(
                started_us=1, version="0", inputs=[], config_digest="", rules_digest="", zones_digest=""
            )
            ledger.record(run_id, found.outcome())
    return found


def test_a_day_without_late_lines_is_as_it_was(heard: list[Record], flow: Pipeline, tmp_path: Path) -> None:
    """Law journal as a self-audit: every event is found again, and nothing else."""
    journal, store = live(heard, flow, tmp_path)
    found = looked_back(journal, store, flow, day_of(heard))
    assert found.differences == ()
    assert found.same >= 4
    assert found.records == len(heard) + 1


def late(records: list[Record], ship: Callable[[int], bool], hours: float) -> list[Record]:
    """Lines of chosen ships arrive hours late: the rest are in their order."""
    from decoders.nmea import NmeaDecoder

    moved = []
    for received_us, feed, line in records:
        batch = NmeaDecoder().step(line, 0, heard_us=received_us)
        theirs = len(batch.positions) and ship(int(batch.positions.mmsi[0]))
        moved.append((received_us + int(hours * HOUR_US) if theirs else received_us, feed, line))
    return sorted(moved, key=lambda record: record[0])


def test_late_lines_are_folded_in_and_the_first_id_stands(heard: list[Record], flow: Pipeline, tmp_path: Path) -> None:
    """What live missed is found, once: looked at again, nothing differs."""
    live(heard, flow, tmp_path / "whole")
    with Ledger(str(tmp_path / "whole" / "x.db")) as ledger:
        told = [item for item in ledger.latest_alerts() if item["kind"] == "rendezvous"]
    assert told
    mmsi = told[0]["parties"][0]["mmsi"]
    moved = late(heard, lambda number: number == mmsi, 2.0)
    assert moved != heard
    journal, store = live(moved, flow, tmp_path / "late")
    found = looked_back(journal, store, flow, day_of(heard), record=True)
    assert [item for item in found.differences if item.kind in ("new", "changed")]
    assert {alert.revision_reason for alert in found.revisions} == {REASON}
    with Ledger(store) as ledger:
        now = {item["id"]: item for item in ledger.latest_alerts()}
        for alert in found.revisions:
            kept = ledger.revisions(alert.id)
            assert [item["revision"] for item in kept] == list(range(kept[0]["revision"], alert.revision + 1))
            assert now[alert.id]["revision_reason"] == REASON
    again = looked_back(journal, store, flow, day_of(heard))
    assert [item for item in again.differences if item.kind != "gone"] == []
    meetings = {(item["start"], item["end"]) for item in now.values() if _met(item, mmsi)}
    assert {(item["start"], item["end"]) for item in told if _met(item, mmsi)} <= meetings


def _met(item: dict[str, Any], mmsi: int) -> bool:
    return item["kind"] == "rendezvous" and mmsi in [party["mmsi"] for party in item["parties"]]


def test_an_event_keeps_its_first_id_when_its_beginning_moves(
    flow: Pipeline, heard: list[Record], tmp_path: Path
) -> None:
    """Known by its ships and its time, not by its first contact."""
    journal, store = live(heard, flow, tmp_path)
    with Ledger(store) as ledger:
        stored = ledger.latest_alerts()
    known = next(item for item in stored if item["kind"] == "rendezvous" and item["end"])
    other = {
        **known,
        "id": "r-invented-earlier",
        "start": known["start"].replace(":", ":", 1),
        "revision": 3,
        "observed_s": 1,
    }
    found = reconcile(journal, day_of(heard), flow, [other if item is known else item for item in stored])
    (difference,) = found.differences
    assert (difference.kind, difference.alert_id) == ("changed", "r-invented-earlier")
    assert difference.was == {"observed_s": 1}
    (revision,) = found.revisions
    assert (revision.id, revision.revision, revision.revision_reason) == ("r-invented-earlier", 4, REASON)
    assert alert_to_json(revision)["observed_s"] == known["observed_s"]
    json.dumps(found.to_json())


def test_what_is_cut_is_not_judged(flow: Pipeline, heard: list[Record], tmp_path: Path) -> None:
    """A journal that ends in the middle of the day: events near its end are counted, not compared."""
    journal, store = live(heard, flow, tmp_path / "whole")
    half = heard[: len(heard) // 2]
    with Journal(tmp_path / "half" / "journal") as short:
        short.append(half)
    found = looked_back(tmp_path / "half" / "journal", store, flow, day_of(heard))
    assert found.cut > 0
    assert position_at(journal, heard[0][0]) == 0
    assert 0 < position_at(journal, heard[-1][0]) < len(heard)


def test_by_command(flow: Pipeline, heard: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`shipwatch reconcile` says what differs; a dry run records nothing; no journal is an error."""
    from typer.testing import CliRunner

    from shipwatch.cli import app

    monkeypatch.chdir(tmp_path)
    _, store = live(heard, flow, tmp_path)
    asked = ["reconcile", "--date", str(day_of(heard)), "--store", store, "--everywhere", "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["differences"], told["recorded"]) == ([], False)
    assert CliRunner().invoke(app, ["reconcile", "--date", "yesterday"]).exit_code == 2
    assert CliRunner().invoke(app, ["reconcile", "--date", "2025-01-01", "--store", "elsewhere/none.db"]).exit_code == 1
