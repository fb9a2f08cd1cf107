"""Golden scenarios: each folder's input through the product's own replay, held against its ``expected.toml``.

A folder holds ``README.md`` (the story), ``input.nmea.gz``, on wish ``list.csv`` (a list of designated ships), and
``expected.toml``. The tables of the latter are read below; a key that no check knows is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from alerts.designations import DesignationSet
from alerts.incident import Alert
from alerts.lists import read_list
from geofences.zones import ZoneSet
from shipwatch.assemble import assemble
from shipwatch.config import load_config
from shipwatch.replay import ReplayResult, replay

HERE = Path(__file__).parent
US = 1_000_000
LEVELS = ("notice", "warning", "critical")
AT_LEAST = 25
"""So many scenarios there are at least: a lost folder must not pass unseen."""

FOLDERS = sorted(
    path.parent for path in HERE.glob("*/expected.toml") if "run" in tomllib.loads(path.read_text(encoding="utf-8"))
)
KNOWN = {
    "run": {"everywhere", "list", "alerts_at_most", "refused"},
    "alert": {"mmsis", "kind", "severity", "start", "end", "within_s", "not_before", "attending", "alongside", "ends",
              "observed_min_s", "observed_max_s", "dark_min_s", "tiers", "raft", "reasons", "facts", "of"},
    "quiet": {"mmsis", "kind", "at_most", "until"},
    "gap": {"mmsi", "start", "end", "within_s", "of"},
    "lead": {"kind", "mmsis", "start", "end", "within_s", "facts", "of"},
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A scenario's expectations, every alert revision in the order told, and the result."""

    expected: dict[str, Any]
    revisions: tuple[Alert, ...]
    result: ReplayResult

    def entries(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the expectations."""
        rows: list[dict[str, Any]] = self.expected.get(table, [])
        return rows

    def standing(self) -> list[Alert]:
        """The newest revision of each alert that was not withdrawn."""
        newest = {alert.id: alert for alert in self.revisions}
        return [alert for alert in newest.values() if alert.state != "withdrawn"]


@cache
def water(everywhere: bool) -> ZoneSet:
    """The shipped zones, indexed once for all scenarios."""
    return ZoneSet.shipped().everywhere() if everywhere else ZoneSet.shipped()


@cache
def played(folder: Path) -> Told:
    """The folder's input through the product's replay."""
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    run = expected["run"]
    lists = DesignationSet([read_list("table", folder / run["list"])] if "list" in run else [])
    zones = water(bool(run.get("everywhere", True)))
    station = assemble(load_config(None, {}), environment={}, designations=lists, zones=zones)
    revisions: list[Alert] = []
    result = replay(
        [folder / "input.nmea.gz"], station.pipeline, on_outcome=lambda outcome: revisions.extend(outcome.alerts)
    )
    return Told(expected, tuple(revisions), result)


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def told(request: pytest.FixtureRequest) -> Told:
    """One scenario after another, each replayed once."""
    return played(request.param)


def microseconds(when: datetime) -> int:
    """TOML's instants as ours."""
    return round(when.timestamp()) * US


def of(alerts: Iterator[Alert] | list[Alert] | tuple[Alert, ...], entry: dict[str, Any]) -> list[Alert]:
    """The alerts of an entry's kind whose parties (attendants aside) hold all of its ships."""
    return [
        alert
        for alert in alerts
        if alert.incident.kind == entry.get("kind", "rendezvous")
        and set(entry["mmsis"]) <= {party.mmsi for party in alert.incident.parties if party.role == "party"}
    ]


def test_all_scenarios_are_there_and_say_only_what_is_checked() -> None:
    """No folder is lost, each has its story and its input, and no expectation goes unread."""
    assert len(FOLDERS) >= AT_LEAST
    for folder in FOLDERS:
        assert (folder / "README.md").read_text(encoding="utf-8").startswith("# "), folder.name
        assert (folder / "input.nmea.gz").stat().st_size < 200_000, folder.name
        expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
        for table, content in expected.items():
            for row in [content] if isinstance(content, dict) else content:
                assert set(row) <= KNOWN[table], f"{folder.name}: {table}"
        assert len(expected) > 1 or "alerts_at_most" in expected["run"], f"{folder.name} expects nothing"


def test_expected_alerts_are_told(told: Told) -> None:
    """Each expected alert stands as often as stated: severity, ends, parties, matches, and not too early."""
    for entry in told.entries("alert"):
        found = of(told.standing(), entry)
        assert len(found) == entry.get("of", 1), [(a.incident.kind, a.severity, a.incident.start_us) for a in found]
        margin_us = entry.get("within_s", 180) * US
        if "start" in entry:
            found = [a for a in found if abs(a.incident.start_us - microseconds(entry["start"])) <= margin_us]
            assert found, "none begins then"
        for alert in found:
            check(alert, entry, margin_us)
            if "not_before" in entry:
                first = min(one.incident.published_us for one in told.revisions if one.id == alert.id)
                assert first >= microseconds(entry["not_before"])


def check(alert: Alert, entry: dict[str, Any], margin_us: int) -> None:
    """One alert against one entry."""
    incident = alert.incident
    assert alert.severity in (entry["severity"] if isinstance(entry["severity"], list) else [entry["severity"]])
    if "end" in entry:
        assert incident.end_us is not None
        assert abs(incident.end_us - microseconds(entry["end"])) <= margin_us
    if "alongside" in entry:
        assert incident.alongside is entry["alongside"]
    if "raft" in entry:
        assert {party.mmsi for party in incident.parties if party.role == "party"} == set(entry["mmsis"])
    if "attending" in entry:
        assert {p.mmsi for p in incident.parties if p.role == "attending"} == set(entry["attending"])
    assert entry.get("observed_min_s", 0) <= incident.observed_s <= entry.get("observed_max_s", 10**9)
    assert incident.dark_s >= entry.get("dark_min_s", 0)
    if "tiers" in entry:
        assert sorted({(match.tier, match.when) for match in alert.matches}) == sorted(map(tuple, entry["tiers"]))
    assert set(entry.get("reasons", [])) <= {reason.feature for reason in alert.reasons}
    facts = dict(incident.facts)
    for name, value in entry.get("facts", {}).items():
        assert facts.get(name) == value, name


def test_what_must_stay_quiet_does(told: Told) -> None:
    """No alert of those ships ever rises above what is allowed (before an instant, where one is stated)."""
    for entry in told.entries("quiet"):
        ever = [
            alert
            for alert in told.revisions
            if set(entry["mmsis"]) <= {party.mmsi for party in alert.incident.parties}
            and entry.get("kind", alert.incident.kind) == alert.incident.kind
            and ("until" not in entry or alert.incident.published_us <= microseconds(entry["until"]))
        ]
        allowed = LEVELS[: LEVELS.index(entry["at_most"]) + 1] if entry["at_most"] != "nothing" else ()
        assert [alert for alert in ever if alert.severity not in allowed] == []


def test_silences_are_told(told: Told) -> None:
    """Each expected gap is told with its ends."""
    for entry in told.entries("gap"):
        margin_us = entry.get("within_s", 300) * US
        gaps = [gap for gap in told.result.gaps if gap.mmsi == entry["mmsi"]]
        if entry.get("of", 1) == 0:
            assert gaps == []
            continue
        assert any(
            abs(gap.off_us - microseconds(entry["start"])) <= margin_us
            and gap.on_us is not None
            and abs(gap.on_us - microseconds(entry["end"])) <= margin_us
            for gap in gaps
        ), gaps


def test_leads_are_told(told: Told) -> None:
    """Findings that are no meeting stand in the results as stated, whether they make an alert or not."""
    for entry in told.entries("lead"):
        margin_us = entry.get("within_s", 600) * US
        found = [
            lead
            for lead in told.result.leads
            if lead.kind == entry["kind"] and lead.withdrawn_reason is None and set(entry["mmsis"]) <= set(lead.mmsis)
            and all(lead.fact(name) == value for name, value in entry.get("facts", {}).items())
        ]  # fmt: skip
        assert len(found) == entry.get("of", 1), [(lead.mmsis, lead.facts) for lead in found]
        for lead in found:
            if "start" in entry:
                assert abs(lead.start_us - microseconds(entry["start"])) <= margin_us
            if "end" in entry:
                assert lead.end_us is not None
                assert abs(lead.end_us - microseconds(entry["end"])) <= margin_us


def test_nothing_else_calls_for_an_analyst(told: Told) -> None:
    """There are no more alerts of warning and above than stated (those expected, where nothing is)."""
    run = told.expected["run"]
    graver = [alert for alert in told.standing() if alert.severity != "notice"]
    expected = sum(row.get("of", 1) for row in told.entries("alert") if row["severity"] != "notice")
    assert len(graver) <= run.get("alerts_at_most", expected), [(a.incident.kind, a.severity) for a in graver]


def test_refused_rows_are_counted(told: Told) -> None:
    """Where a scenario states how many rows are refused, so many are."""
    for reason, least in told.expected["run"].get("refused", {}).items():
        assert told.result.refused.get(reason, 0) >= least
