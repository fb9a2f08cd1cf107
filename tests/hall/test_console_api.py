"""The console's API: pages of alerts, one alert, its tracks, triage, and what hostile text comes out as."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from alerts.alert_json import alert_to_json
from alerts.incident import Alert
from decoders.reports import PositionReports
from shipwatch.archive import Archive
from shipwatch.console.app import make_app
from shipwatch.console.evidence import BRIEF, brief
from shipwatch.console.parts import ConsoleParts
from shipwatch.ledger import Ledger

START_US = 1_741_939_200_000_000
MINUTE_US = 60_000_000
NOW_US = START_US + 500 * MINUTE_US
HOSTILE = '=HYPERLINK("x")<img src=x onerror=alert(1)>\u202eTXT\U0001f6a2\x00'


def run_of(ledger: Ledger) -> int:
    return ledger.start_run(
        started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z", snapshots=()
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger in a file: the console reads it from other threads."""
    with Ledger(str(tmp_path / "shipwatch.db")) as opened:
        yield opened


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Two ships a few metres apart for three hours; the second is silent for the middle one."""
    made = Archive(tmp_path / "archive")
    minutes = np.arange(0, 180, 5)
    for mmsi, east, keep in ((538000001, 0.0, minutes >= 0), (538000002, 0.001, (minutes < 60) | (minutes >= 130))):
        time_us = START_US + minutes[keep] * MINUTE_US
        made.append(
            PositionReports.of(
                time_us=time_us, mmsi=np.full(len(time_us), mmsi), lat_deg=np.full(len(time_us), 30.12345),
                lon_deg=np.full(len(time_us), 123.54321 + east), sog_kn=np.full(len(time_us), 0.4),
            )
        )  # fmt: skip
    return made


@pytest.fixture
def parts(ledger: Ledger, archive: Archive) -> ConsoleParts:
    """A console without a token."""
    return ConsoleParts(ledger=ledger, archive=archive, clock=lambda: NOW_US, secret=b"s" * 32, analyst="A. Tester")


@pytest.fixture
def client(parts: ConsoleParts) -> TestClient:
    """A browser on this machine."""
    return TestClient(make_app(parts), base_url="http://127.0.0.1:8770")


def act(client: TestClient, alert_id: str, **decision: Any) -> Any:
    csrf = client.get("/api/v1/session").json()["csrf"]
    return client.post(f"/api/v1/alerts/{alert_id}/triage", json=decision, headers={"x-shipwatch-csrf": csrf})


def test_no_alerts_is_an_empty_page(client: TestClient) -> None:
    """An empty store answers with nothing, not with an error."""
    assert client.get("/api/v1/alerts").json() == {"alerts": [], "next": None, "sequence": 0, "log": 0}
    assert client.get("/healthz").json() == {"ok": True, "now": NOW_US // 1_000_000, "newest": None}


def test_pages_hold_every_alert_once_newest_first(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Keyset pages over equal and unequal starts; an alert that comes meanwhile does not move them."""
    run = run_of(ledger)
    some = [make_alert(f"al-{n:03d}", start_us=START_US + (n // 3) * MINUTE_US) for n in range(25)]
    ledger.record(run, make_outcome(alerts=tuple(some)))
    seen: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        page = client.get("/api/v1/alerts", params={"limit": 7, "short": True, "after": after}).json()
        seen += page["alerts"]
        after = page["next"]
        if len(seen) == 7:
            ledger.record(run, make_outcome(alerts=(make_alert("al-new", start_us=START_US + 999 * MINUTE_US),)))
    assert sorted(row["id"] for row in seen) == [f"al-{n:03d}" for n in range(25)]
    assert [row["start"] for row in seen] == sorted((row["start"] for row in seen), reverse=True)
    assert {row["triage"] for row in seen} == {"new"}
    assert "reasons" not in seen[0]


def test_filters(client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """Severity, time, area and triage; whole objects unless short ones are asked for."""
    later = START_US + 60 * MINUTE_US
    two = (make_alert("a"), make_alert("b", severity="critical", start_us=later))
    ledger.record(run_of(ledger), make_outcome(alerts=two))
    act(client, "a", action="likely")

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in client.get("/api/v1/alerts", params=query).json()["alerts"]]

    assert ids() == ["b", "a"]
    assert ids(severity="critical") == ["b"]
    assert ids(severity=["critical", "warning"]) == ["b", "a"]
    assert ids(since="2025-03-14T08:30:00Z") == ["b"]
    assert ids(until="2025-03-14T08:30:00") == ["a"]
    assert ids(bbox="120,29,125,31") == ["b", "a"]
    assert ids(bbox="170,29,-170,31") == []
    assert ids(triage="likely") == ["a"]
    assert client.get("/api/v1/alerts").json()["alerts"][1] == {**alert_to_json(two[0]), "triage": "likely"}


@pytest.mark.parametrize(
    "query",
    [
        {"severity": "HIGH"}, {"after": "x"}, {"after": "1.a b"}, {"bbox": "1,2,3"}, {"bbox": "1,2,3,nan"},
        {"bbox": "0,20,10,10"}, {"since": "yesterday"}, {"limit": 0}, {"limit": 100000}, {"until": "99999-01-01"},
    ],
)  # fmt: skip
def test_a_wrong_question_is_answered_in_words(client: TestClient, query: dict[str, Any]) -> None:
    """422 with what is wrong; never a failure of ours."""
    answer = client.get("/api/v1/alerts", params=query)
    assert answer.status_code == 422
    assert len(answer.json()["error"]) > 10


@pytest.mark.parametrize("id", ["none", "a b", "%00", "x" * 400, "..%2f..%2fetc"])
def test_an_alert_that_is_not_there(client: TestClient, id: str) -> None:
    """404 for each of its routes."""
    for path in ("", "/track"):
        assert client.get(f"/api/v1/alerts/{id}{path}").status_code == 404


def test_one_alert_has_all_revisions_and_the_sentences_of_all_outputs(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """The newest revision, the earlier ones, position in degrees and minutes and in decimals, fair words."""
    first, second = make_alert(state="opened"), make_alert(revision=2)
    ledger.record(run_of(ledger), make_outcome(alerts=(first, second)))
    found = client.get("/api/v1/alerts/al-1").json()
    assert found["alert"] == alert_to_json(second)
    assert [item["revision"] for item in found["revisions"]] == [1, 2]
    assert found["told"]["title"] == "Suspected ship-to-ship transfer: INVENTED ONE and MMSI 538000002"
    assert found["told"]["position"]["minutes"] == "30°07.41'N 123°32.59'E"
    assert found["told"]["position"]["decimal"] == "30.12345, 123.54321"
    assert "does not prove one" in found["told"]["reading"]
    assert found["triage"] == {"state": "new", "log": []}


def test_the_track_has_columns_gaps_and_the_distance_of_the_pair(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Both ships around the event; where one was silent for long its gap is marked and the distance says so."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(),)))
    found = client.get("/api/v1/alerts/al-1/track").json()
    a, b = found["ships"]
    assert (a["side"], a["mmsi"], a["fixes"], b["side"], b["fixes"]) == ("A", 538000001, 36, "B", 22)
    assert len(a["time"]) == len(a["lat"]) == len(a["lon"]) == len(a["sog_kn"]) == len(a["heading_deg"]) == 36
    assert set(a["heading_deg"]) == {None}
    assert a["gaps"] == []
    start = START_US // 1_000_000
    assert b["gaps"] == [{"start": start + 55 * 60, "end": start + 130 * 60, "kind": "sparse"}]
    assert set(found["distance"]["metres"]) == {96}
    sparse = dict(zip(found["distance"]["time"], found["distance"]["sparse"], strict=True))
    assert not sparse[start + 30 * 60]
    assert sparse[start + 90 * 60]
    assert found["intervals"][0]["kind"] == "observed"


def test_an_event_without_archive_has_no_fixes_and_no_error(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """The archive may be younger than the ledger."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(start_us=START_US - 10**13),)))
    found = client.get("/api/v1/alerts/al-1/track").json()
    assert [ship["time"] for ship in found["ships"]] == [[], []]
    assert found["distance"]["metres"] == []


def test_triage_is_appended_and_taken_back_by_a_further_entry(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Every decision stays in the log; undo restores the state before; the chain stays whole."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(),)))
    assert act(client, "al-1", action="under_review").json()["state"] == "under_review"
    done = act(client, "al-1", action="dismissed", note="tug, pilot or service craft")
    assert (done.status_code, done.json()["state"]) == (201, "dismissed")
    back = act(client, "al-1", action="undo").json()
    assert back["state"] == "under_review"
    assert [(e["action"], e["by"], e["undone"]) for e in back["log"]] == [
        ("under_review", "A. Tester", False), ("dismissed", "A. Tester", True), ("undo", "A. Tester", False),
    ]  # fmt: skip
    assert back["log"][1]["at"] == NOW_US // 1_000_000
    assert ledger.verify_log() == []


@pytest.mark.parametrize(
    ("decision", "status"),
    [
        ({"action": "arrest"}, 422), ({"action": "dismissed"}, 422), ({"action": "dismissed", "note": " \u202e "}, 422),
        ({"action": "shared"}, 422), ({"action": "undo"}, 409), ({"action": "likely", "note": "n" * 5000}, 422),
        ({"action": "likely", "by": "somebody else"}, 422), ({}, 422),
    ],
)  # fmt: skip
def test_a_decision_that_cannot_be_taken(
    client: TestClient,
    ledger: Ledger,
    make_outcome: Any,
    make_alert: Callable[..., Alert],
    decision: dict[str, Any],
    status: int,
) -> None:
    """It is refused with the reason, and nothing is entered; nobody decides under another's name."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(),)))
    assert act(client, "al-1", **decision).status_code == status
    assert ledger.triage_of("al-1") == []


def test_a_decision_on_an_outdated_view_is_a_conflict(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Somebody else decided meanwhile: the later one is told instead of overruling unseen."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(),)))
    ledger.append_triage("al-1", "confirmed", "B. Other", 1)
    refused = act(client, "al-1", action="dismissed", note="known already", seen=0)
    assert refused.status_code == 409
    assert "B. Other" in refused.json()["error"]
    assert act(client, "al-1", action="closed", seen=1).status_code == 201


def test_of_two_decisions_at_once_one_is_a_conflict(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Two analysts who saw the same and decide at the same instant: one is entered, the other one is told of it."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(),)))
    csrf = client.get("/api/v1/session").json()["csrf"]
    for number in range(10):
        seen = ledger.log_head()[0]
        ready = threading.Barrier(2)

        def decide(action: str, seen: int = seen, ready: threading.Barrier = ready) -> int:
            ready.wait()
            decision = {"action": action, "seen": seen}
            sent = client.post("/api/v1/alerts/al-1/triage", json=decision, headers={"x-shipwatch-csrf": csrf})
            return int(sent.status_code)

        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(decide, ("confirmed", "unlikely")))
        assert sorted(answers) == [201, 409]
        assert len(ledger.triage_of("al-1")) == number + 1


def test_hostile_names_stay_plain_text_of_json(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Script, formula, direction and 4-byte characters: JSON only, never HTML, without control and direction marks."""
    ledger.record(run_of(ledger), make_outcome(alerts=(make_alert(name=HOSTILE),)))
    for path in ("/api/v1/alerts?short=true", "/api/v1/alerts/al-1", "/api/v1/alerts/al-1/track"):
        answer = client.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "\u202e" not in answer.text
        assert "\\u0000" not in answer.text
    name = client.get("/api/v1/alerts/al-1").json()["alert"]["parties"][0]["name"]
    assert name == '=HYPERLINK("x")<img src=x onerror=alert(1)>TXT\U0001f6a2'


@pytest.mark.slow
def test_thousands_of_alerts_are_a_page_at_a_time(
    client: TestClient, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """The last page of five thousand costs what the first does: no page holds more than was asked for."""
    some = tuple(make_alert(f"al-{n:05d}", start_us=START_US + n * MINUTE_US) for n in range(5000))
    ledger.record(run_of(ledger), make_outcome(alerts=some))
    after, rows, pages = "", 0, 0
    while after is not None:
        page = client.get("/api/v1/alerts", params={"limit": 500, "short": True, "after": after}).json()
        rows, pages, after = rows + len(page["alerts"]), pages + 1, page["next"]
    assert (rows, pages) == (5000, 10)


def test_a_row_tells_lists_from_watchlists_and_what_is_no_designation() -> None:
    """The feed's row names lists that designate, lists that do not, and this station's watchlists apart."""
    row = dict.fromkeys(BRIEF)
    party = {"track": "1", "mmsi": 1, "imo": None, "name": None, "flag": None, "ship_type": None, "role": "party"}
    hits = [
        {"list": "ofac", "tier": "exact", "when": "unknown"},
        {"list": "gur", "tier": "exact", "when": "unknown", "source": {"legal": False}},
        {"list": "watchlist:gulf", "tier": "exact", "when": "watched", "source": {"legal": False}},
        {"list": "uk", "tier": "conflict", "when": "unknown"},
    ]
    made = brief({**row, "parties": [party], "intervals": [], "matches": hits})
    assert (made["lists"], made["watched"]) == (["gur", "ofac"], ["watchlist:gulf"])
    assert made["no_legal_designation"] == ["gur"]
