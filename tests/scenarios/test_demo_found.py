"""What the whole house finds in the demo's day, held against the day's truth (a golden scenario)."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.designations import DesignationSet
from alerts.incident import Alert
from alerts.lists import read_list
from shipwatch.assemble import assemble
from shipwatch.config import load_config
from shipwatch.engine.detections import Gap
from shipwatch.replay import replay
from shipwatch.simulator.demo import demo_scenario

EXPECTED: dict[str, list[dict[str, Any]]] = tomllib.loads(
    (Path(__file__).parent / "demo" / "expected.toml").read_text(encoding="utf-8")
)
TEN_MINUTES_US = 600 * 1_000_000

pytestmark = pytest.mark.slow


def microseconds(when: datetime) -> int:
    return round(when.timestamp() * 1_000_000)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Alert], tuple[Gap, ...]]:
    """Every alert revision of the demo's day, in the order in which it was told, and its gaps."""
    folder = tmp_path_factory.mktemp("demo")
    scenario = demo_scenario(1)
    (folder / "list.csv").write_text(scenario.designations_csv(), encoding="utf-8")
    lists = DesignationSet([read_list("table", folder / "list.csv")])
    station = assemble(load_config(None, {}), environment={}, designations=lists)
    revisions: list[Alert] = []
    result = replay(
        [scenario.write(folder / "day.nmea")], station.pipeline, on_outcome=lambda out: revisions.extend(out.alerts)
    )
    return revisions, result.gaps


def standing(revisions: list[Alert]) -> list[Alert]:
    """The newest revision of each alert that was not withdrawn."""
    newest = {alert.id: alert for alert in revisions}
    return [alert for alert in newest.values() if alert.state != "withdrawn"]


def of(alerts: list[Alert], mmsis: list[int]) -> list[Alert]:
    """The alerts whose parties (not those attending) hold all of these ships."""
    return [
        alert
        for alert in alerts
        if set(mmsis) <= {party.mmsi for party in alert.incident.parties if party.role == "party"}
    ]


@pytest.mark.parametrize("entry", EXPECTED["meeting"], ids=lambda entry: str(entry["kind"]))
def test_meetings_are_found_with_their_ends(entry: dict[str, Any], told: tuple[list[Alert], tuple[Gap, ...]]) -> None:
    """Each meeting is one critical alert, and was not told before it could be known."""
    revisions, _ = told
    (alert,) = of(standing(revisions), entry["mmsis"])
    assert {party.mmsi for party in alert.incident.parties if party.role == "party"} == set(entry["mmsis"])
    assert alert.severity == "critical"
    assert min(a.incident.published_us for a in revisions if a.id == alert.id) >= microseconds(entry["not_before"])
    if entry["kind"] != "raft":  # a raft's truth is when all are there; its event begins with the first two
        assert abs(alert.incident.start_us - microseconds(entry["start"])) <= TEN_MINUTES_US
        assert abs((alert.incident.end_us or 0) - microseconds(entry["end"])) <= TEN_MINUTES_US


def test_the_tug_attends_and_the_listed_ship_is_named(told: tuple[list[Alert], tuple[Gap, ...]]) -> None:
    """The tug at the transfer is attending; the match of the listed tanker is exact and was in force."""
    (alert,) = of(standing(told[0]), EXPECTED["meeting"][0]["mmsis"])
    assert [party.role for party in alert.incident.parties].count("attending") == 1
    assert {(match.tier, match.when) for match in alert.matches} == {("exact", "designated_at_event")}


def test_a_namesake_is_a_conflict_and_no_hit(told: tuple[list[Alert], tuple[Gap, ...]]) -> None:
    """The raft's namesake of a listed ship is a lead on identity, never an exact match."""
    (alert,) = of(standing(told[0]), EXPECTED["meeting"][2]["mmsis"])
    assert {match.tier for match in alert.matches} == {"conflict"}


def test_hidden_meetings_are_found_as_possible_and_never_called_observed(
    told: tuple[list[Alert], tuple[Gap, ...]],
) -> None:
    """A meeting in the dark is told as a possible one, with its facts and no observed time; its silence is a gap."""
    revisions, gaps = told
    for entry in EXPECTED["hidden"]:
        (alert,) = of(standing(revisions), entry["mmsis"])
        assert (alert.incident.kind, alert.severity, alert.incident.observed_s) == ("dark_meeting", "warning", 0)
        assert dict(alert.incident.facts)["draughts_opposite"] is True and alert.incident.region
        assert {gap.mmsi for gap in gaps} & set(entry["mmsis"])


def test_quiet_company_stays_quiet(told: tuple[list[Alert], tuple[Gap, ...]]) -> None:
    """Tow, pair trawlers, pilots and convoy give a notice at most, and two hulls on one MMSI never meet themselves."""
    revisions, _ = told
    for entry in EXPECTED["quiet"]:
        assert {alert.severity for alert in of(revisions, entry["mmsis"])} <= {"notice"}
    assert all(len({party.track for party in a.incident.parties}) == len(a.incident.parties) for a in revisions)
    shared = EXPECTED["quiet"][2]["mmsis"][0]
    assert not any([p.mmsi for p in a.incident.parties].count(shared) > 1 for a in revisions)
    graver = [alert for alert in standing(revisions) if alert.severity != "notice"]
    kinds = Counter(alert.incident.kind for alert in graver)
    assert kinds == {"rendezvous": len(EXPECTED["meeting"]), "dark_meeting": len(EXPECTED["hidden"]), "sighting": 3}
