"""Three real days off Southern California, held against meetings that a person found in them."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from alerts.designations import DesignationSet
from alerts.incident import Alert
from alerts.lists import read_list
from shipwatch.assemble import assemble
from shipwatch.config import load_config
from shipwatch.replay import replay

pytestmark = [pytest.mark.slow, pytest.mark.real_data]

US = 1_000_000
MINUTES_10_US = 600 * US


@pytest.fixture(scope="module")
def alerts(shared_data: Path) -> list[Alert]:
    """The newest revision of every alert of the three days, all water watched, OFAC's and the UN's lists asked."""
    lists = DesignationSet(
        [
            read_list("ofac", shared_data / "lists" / "ofac" / "sdn_2024-07-02.csv.gz"),
            read_list("un1718", shared_data / "lists" / "un1718" / "1718_designated_vessels_list_final.pdf"),
        ]
    )
    station = assemble(load_config(None, {}), environment={}, designations=lists, everywhere=True)
    files = sorted((shared_data / "ais" / "socal-2018").glob("*.gz"))
    return list(replay(files, station.pipeline).alerts)


@pytest.fixture(scope="module")
def labels(shared_data: Path) -> list[dict[str, str]]:
    """The labelled meetings."""
    with (shared_data / "labels" / "socal-2018-events.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def of(alerts: list[Alert], label: dict[str, str]) -> list[Alert]:
    """The alerts of a label's two ships."""
    pair = {int(label["mmsi_a"]), int(label["mmsi_b"])}
    return [alert for alert in alerts if pair <= {party.mmsi for party in alert.incident.parties}]


def instant_us(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * US


def test_certain_meetings_are_found_with_both_ends(alerts: list[Alert], labels: list[dict[str, str]]) -> None:
    """Each A is one critical alert, hulls alongside, start and end within ten minutes."""
    certain = [label for label in labels if label["confidence"] == "A"]
    assert len(certain) == 2
    for label in certain:
        (alert,) = of(alerts, label)
        assert (alert.severity, alert.incident.alongside) == ("critical", True)
        assert abs(alert.incident.start_us - instant_us(label["start_utc"])) <= MINUTES_10_US
        assert abs((alert.incident.end_us or 0) - instant_us(label["end_utc"])) <= MINUTES_10_US
        assert alert.incident.observed_s >= 1800


def test_likely_and_doubtful_meetings_are_inferred_and_graded_lower(
    alerts: list[Alert], labels: list[dict[str, str]]
) -> None:
    """B is found, all of it inferred, below every A; C is never claimed as observed."""
    least = min(alert.score for label in labels if label["confidence"] == "A" for alert in of(alerts, label))
    for label in labels:
        if label["confidence"] in "BC":
            found = of(alerts, label)
            assert len(found) == 1 or label["confidence"] == "C"
            for alert in found:
                assert alert.incident.observed_s == 0
                assert alert.severity != "critical"
                assert alert.score < least


def test_ordinary_company_is_a_notice_at_most(alerts: list[Alert], labels: list[dict[str, str]]) -> None:
    """N gives no alert above a notice, save as an attendant of an A."""
    critical = [alert for alert in alerts if alert.severity == "critical"]
    for label in labels:
        if label["confidence"] == "N":
            assert all(alert.severity == "notice" or alert in critical for alert in of(alerts, label))


def test_nothing_else_at_sea_is_a_warning(alerts: list[Alert], labels: list[dict[str, str]]) -> None:
    """Ten kilometres and more from land no other alert is a warning or above."""
    known = {id(alert) for label in labels for alert in of(alerts, label)}
    others = [alert for alert in alerts if id(alert) not in known and alert.severity != "notice"]
    assert [a.id for a in others if (a.incident.shore_distance_m or 0) >= 10_000] == []
