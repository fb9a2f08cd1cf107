"""The stream of alerts: over a real socket, because a stream never ends."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from alerts.incident import Alert
from shipwatch.archive import Archive
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.serve import ConsoleServer
from shipwatch.console.stream import MOST_STREAMS
from shipwatch.ledger import Ledger

pytestmark = pytest.mark.slow

SOON_S = 2.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file: the console reads it from other threads."""
    with Ledger(str(tmp_path / "shipwatch.db")) as opened:
        yield opened


@pytest.fixture
def url(ledger: Ledger, tmp_path: Path) -> Iterator[str]:
    """A console on a free port."""
    parts = ConsoleParts(
        ledger=ledger, archive=Archive(tmp_path / "archive"), clock=lambda: 1_741_939_200_000_000, secret=b"s" * 32,
        poll_s=0.05, heartbeat_s=0.2, feed_health=lambda: {"feeds": []},
    )  # fmt: skip
    with ConsoleServer(parts, port=0) as server:
        yield server.url.rstrip("/")


def run_of(ledger: Ledger) -> int:
    return ledger.start_run(
        started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z", snapshots=()
    )


def events(
    url: str, wanted: int, name: str = "alert", listening: threading.Event | None = None, **asked: Any
) -> list[tuple[str, dict[str, Any]]]:
    """(id, data) of the first ``wanted`` events of one name; fewer where they do not come in time.

    ``listening`` is set once the stream has begun: what is recorded from then on comes.
    """
    found: list[tuple[str, dict[str, Any]]] = []
    try:
        with httpx.stream("GET", f"{url}/api/v1/alerts/stream", timeout=SOON_S, **asked) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            begun, event, number = time.monotonic(), "", ""
            for line in answer.iter_lines():
                if listening is not None:
                    listening.set()
                key, _, value = line.partition(": ")
                if key == "event":
                    event = value
                elif key == "id":
                    number = value
                elif key == "data" and event == name:
                    found.append((number, json.loads(value)))
                if len(found) >= wanted or time.monotonic() - begun > 4 * SOON_S:
                    break
    except httpx.ReadTimeout:
        pass
    return found


def test_a_client_that_was_away_gets_all_it_missed_in_order(
    url: str, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Last-Event-ID is where it left off; every revision behind it comes once, with growing numbers."""
    run = run_of(ledger)
    ledger.record(run, make_outcome(alerts=tuple(make_alert(f"al-{n}") for n in range(450))))
    ledger.record(run, make_outcome(alerts=(make_alert("al-3", 2),)))
    got = events(url, 451, params={"after": 0})
    assert [data["id"] for _, data in got] == [f"al-{n}" for n in range(450)] + ["al-3"]
    numbers = [int(number) for number, _ in got]
    assert numbers == sorted(set(numbers))
    rest = events(url, 2, headers={"last-event-id": str(numbers[-3])}, params={"after": 0})
    assert [int(number) for number, _ in rest] == numbers[-2:]
    assert rest[-1][1]["revision"] == 2
    assert rest[-1][1]["revision_reason"] == "opened"


def test_a_new_alert_and_a_decision_come_soon(
    url: str, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """What is recorded while a client listens reaches it within two seconds; nothing old is repeated."""
    run = run_of(ledger)
    ledger.record(run, make_outcome(alerts=(make_alert("old"),)))
    got: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    begun = {"alert": threading.Event(), "triage": threading.Event()}
    listeners = [
        threading.Thread(target=lambda name=name: got.update({name: events(url, 1, name, begun[name])}))  # type: ignore[misc]
        for name in begun
    ]
    for thread in listeners:
        thread.start()
    assert all(event.wait(20) for event in begun.values())
    began = time.monotonic()
    ledger.record(run, make_outcome(alerts=(make_alert("fresh", name="</script>\r\ndata: x\n\n\u2028"),)))
    ledger.append_triage("fresh", "likely", "B. Other", 1)
    for thread in listeners:
        thread.join(10)
    assert time.monotonic() - began < SOON_S
    (alert,) = got["alert"]
    assert (alert[1]["id"], alert[1]["parties"][0]["name"]) == ("fresh", "</script>data: x")
    assert got["triage"][0][1] == {"id": "fresh", "state": "likely", "by": "B. Other"}


def test_health_says_now_and_how_far_the_data_go(
    url: str, ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """A heartbeat with the console's clock, the newest conclusion and the feeds."""
    alert = make_alert()
    ledger.record(run_of(ledger), make_outcome(alerts=(alert,)))
    got = events(url, 2, "health")
    newest = alert.incident.published_us // 1_000_000
    assert got[1][1] == {"now": 1_741_939_200, "newest": newest, "feeds": {"feeds": []}}


@pytest.mark.parametrize("asked", [{"headers": {"last-event-id": "x"}}, {"params": {"after": -1}}])
def test_a_number_that_is_none_is_refused(url: str, asked: dict[str, Any]) -> None:
    """422, in words."""
    assert httpx.get(f"{url}/api/v1/alerts/stream", **asked).status_code == 422


def test_stopping_does_not_wait_for_listeners(ledger: Ledger, tmp_path: Path) -> None:
    """Open streams are cut soon after the stop."""
    parts = ConsoleParts(
        ledger=ledger, archive=Archive(tmp_path / "archive"), clock=lambda: 0, secret=b"s" * 32, poll_s=0.05
    )
    with ConsoleServer(parts, port=0) as server:
        client = httpx.Client(timeout=20)
        answer = client.send(client.build_request("GET", f"{server.url}api/v1/alerts/stream"), stream=True)
        reading = answer.iter_lines()
        next(reading)
        began = time.monotonic()
    assert time.monotonic() - began < 6
    answer.close()
    client.close()


def test_too_many_streams_are_refused(url: str) -> None:
    """A sixty-fifth gets 503 and is told to come again; one that ends makes room."""
    with httpx.Client(timeout=SOON_S, limits=httpx.Limits(max_connections=80)) as client:
        asked = [client.build_request("GET", f"{url}/api/v1/alerts/stream") for _ in range(MOST_STREAMS)]
        held = [client.send(request, stream=True) for request in asked]
        reading = [answer.iter_lines() for answer in held]  # kept: an iterator that goes closes its answer
        for lines in reading:
            next(lines)
        with client.stream("GET", f"{url}/api/v1/alerts/stream") as refused:
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        for answer in held:
            answer.close()
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with client.stream("GET", f"{url}/api/v1/alerts/stream") as again:
                if again.status_code == 200:
                    return
            time.sleep(0.1)
        pytest.fail("no stream was given back")
