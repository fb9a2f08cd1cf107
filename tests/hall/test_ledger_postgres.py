"""One ledger, two databases: pages, numbers, outbox and checkpoints are the same in SQLite and PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.alert_json import alert_to_json
from alerts.incident import Alert
from shipwatch.engine.detections import Gap, Rendezvous
from shipwatch.ledger import Checkpoint, Ledger, LedgerError, Recorded, ledger_url

pytestmark = pytest.mark.slow

MINUTE_US = 60_000_000


def begin(ledger: Ledger) -> int:
    return ledger.start_run(
        started_us=5, version="0", inputs=[{"path": "a"}], config_digest="c", rules_digest="r", zones_digest="z",
        archive="out/archive",
    )  # fmt: skip


def test_a_revision_is_recorded_once_in_both(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert], meeting: Rendezvous, silences: tuple[Gap, Gap]
) -> None:
    """Alerts and events once, whatever is recorded again; other content is told and the first stands."""
    outcome = make_outcome(alerts=(make_alert(),), rendezvous=(meeting,), gaps=silences)
    with Ledger(store_url) as ledger:
        run = begin(ledger)
        assert ledger.record(run, outcome) == Recorded(new=4)
        assert ledger.record(run, outcome) == Recorded(known=4)
        other = make_outcome(alerts=(replace(make_alert(), score=99),))
        assert ledger.record(run, other) == Recorded(known=1, differing=("al-1",))
        assert ledger.latest_alerts() == [alert_to_json(make_alert())]
        assert ledger.runs()[0]["archive"] == "out/archive"


def test_pages_are_newest_first_whole_and_not_moved_by_newcomers(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Paging gives every alert once in (start, id) descending, also where starts are equal and newer ones come in."""
    ids = ["B", "a", "é", "_", "Z", "al-9", "al-10"]
    some = [make_alert(id, start_us=10 if n % 2 else 20) for n, id in enumerate(ids)]
    with Ledger(store_url) as ledger:
        run = begin(ledger)
        ledger.record(run, make_outcome(alerts=tuple(some)))
        wanted = sorted(((a.incident.start_us, a.id) for a in some), reverse=True)
        seen: list[str] = []
        key: tuple[int, str] | None = None
        for turn in range(10):
            page, key = ledger.alerts_page(after=key, limit=2)
            seen += [alert["id"] for alert in page]
            ledger.record(run, make_outcome(alerts=(make_alert(f"new-{turn}", start_us=100 + turn),)))
            if key is None:
                break
        assert seen == [id for _, id in wanted]


def test_pages_ask_the_newest_revision(store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """Severity, state, area (across 180 degrees too), time and triage; a late older revision changes nothing."""

    def at(alert: Alert, lat: float, lon: float) -> Alert:
        return replace(alert, incident=replace(alert.incident, lat=lat, lon=lon))

    some = (
        make_alert("a", 2, start_us=30, severity="critical"), make_alert("a", 1, start_us=30),
        at(make_alert("b", 1, start_us=20, state="opened"), 1.0, 179.9),
        at(make_alert("c", 1, start_us=10), 1.0, -179.9),
    )  # fmt: skip
    with Ledger(store_url) as ledger:
        ledger.record(begin(ledger), make_outcome(alerts=some))

        def ids(**asked: Any) -> list[str]:
            return [alert["id"] for alert in ledger.alerts_page(**asked)[0]]

        assert ids() == ["a", "b", "c"]
        assert ids(severities=["critical"]) == ["a"]
        assert ids(states=["opened"]) == ["b"]
        assert ids(area_bbox=(170.0, 0.0, -170.0, 2.0)) == ["b", "c"]
        assert ids(area_bbox=(-180.0, 0.0, 0.0, 2.0)) == ["c"]
        assert ids(since_us=20, until_us=30) == ["b"]
        assert ids(kinds=["sighting"]) == []
        ledger.append_triage("b", "confirmed", "an analyst", 1)
        assert ids(triage=["confirmed"]) == ["b"]
        assert ids(triage=["new"], limit=1) == ["a"]
        assert ledger.alert("a") == alert_to_json(some[0])
        assert ledger.alert("nobody") is None


def test_an_incident_across_midnight_is_in_both_days(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """``during_us`` asks for what a part of lies in the span; one that goes on has no end."""
    day = 24 * 60 * MINUTE_US
    late = make_alert("late", start_us=day - 10 * MINUTE_US)
    open_one = replace(
        make_alert("open", start_us=5), incident=replace(make_alert("open").incident, start_us=5, end_us=None)
    )
    with Ledger(store_url) as ledger:
        ledger.record(begin(ledger), make_outcome(alerts=(late, open_one)))
        days = [[a["id"] for a in ledger.latest_alerts(during_us=(n * day, (n + 1) * day))] for n in range(3)]
        assert days == [["open", "late"], ["open", "late"], ["open"]]


def test_changes_come_in_the_order_of_their_numbers(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """From any number on, each revision once, and nothing is counted twice."""
    with Ledger(store_url) as ledger:
        run = begin(ledger)
        for revision in (1, 2, 3):
            ledger.record(run, make_outcome(alerts=(make_alert("a", revision), make_alert("b", revision))))
        ledger.record(run, make_outcome(alerts=(make_alert("a", 2),)))
        found = ledger.changes_since(0)
        assert [(n, alert["id"], alert["revision"]) for n, alert in found] == [
            (1, "a", 1), (2, "b", 1), (3, "a", 2), (4, "b", 2), (5, "a", 3), (6, "b", 3),
        ]  # fmt: skip
        assert ledger.changes_since(4) == found[4:]
        assert ledger.changes_since(1, limit=2) == found[1:3]
        assert ledger.last_sequence() == 6


def test_a_reader_never_misses_a_number(store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """Four writers record at once while a reader follows: it sees 1, 2, 3 ... without a hole."""
    writers, each = 4, 8

    def write(writer: int) -> int:
        with Ledger(store_url) as mine:
            run = begin(mine)
            alerts = [make_alert(f"w{writer}-{n}") for n in range(each)]
            return sum(mine.record(run, make_outcome(alerts=(alert,)), channels=["c"]).new for alert in alerts)

    with Ledger(store_url) as ledger, ThreadPoolExecutor(writers) as pool:
        done = [pool.submit(write, writer) for writer in range(writers)]
        seen: list[int] = []
        while len(seen) < writers * each:
            seen += [number for number, _ in ledger.changes_since(seen[-1] if seen else 0)]
            if all(task.done() for task in done) and not ledger.changes_since(seen[-1] if seen else 0):
                break
        assert [task.result() for task in done] == [each] * writers
        assert seen == list(range(1, writers * each + 1))
        assert [row["id"] for row in ledger.deliveries()] == seen


def test_two_writers_of_the_same_revisions_tell_each_once(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Whoever is second finds it known, and adds no second delivery."""
    alerts = [make_alert(f"al-{n}") for n in range(20)]

    def write(_: int) -> int:
        with Ledger(store_url) as mine:
            run = begin(mine)
            return sum(mine.record(run, make_outcome(alerts=(alert,)), channels=["c"]).new for alert in alerts)

    with ThreadPoolExecutor(3) as pool:  # the store itself is made by all three at once, too
        assert sum(pool.map(write, range(3))) == 20
    with Ledger(store_url) as ledger:
        assert len(ledger.due_deliveries(0)) == 20


def test_deliveries_wait_fail_and_arrive(store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """Due at once, due again at the stated time, never after they arrived; given up ones are told of, not lost."""
    with Ledger(store_url) as ledger:
        run = begin(ledger)
        ledger.record(run, make_outcome(alerts=(make_alert("a"), make_alert("b"))), channels=["hook", "file", "hook"])
        ledger.record(run, make_outcome(alerts=(make_alert("a"),)), channels=["hook", "later"])
        due = ledger.due_deliveries(0)
        assert [(d.channel, d.key, d.attempts) for d in due] == [
            ("hook", "a.1", 0), ("file", "a.1", 0), ("hook", "b.1", 0), ("file", "b.1", 0),
        ]  # fmt: skip
        assert due[0].alert == alert_to_json(make_alert("a"))
        assert ledger.mark_failed(due[0].id, 500, "503 \x00 from 💥\ud800")
        assert ledger.mark_delivered(due[1].id, 7)
        assert not ledger.mark_delivered(due[1].id, 8)
        assert ledger.mark_failed(due[2].id, None, "410 gone")
        assert [d.id for d in ledger.due_deliveries(499)] == [due[3].id]
        assert ledger.next_due_us() == 0
        again = ledger.due_deliveries(500, channels=["hook"])
        assert [(d.id, d.attempts) for d in again] == [(due[0].id, 1)]
        assert ledger.delivery_counts() == {
            "file": {"delivered": 1, "pending": 1}, "hook": {"given_up": 1, "pending": 1},
        }  # fmt: skip
        rows = ledger.deliveries("a")
        assert [(row["key"], row["state"], row["delivered_us"]) for row in rows] == [
            ("a.1", "pending", None), ("a.1", "delivered", 7),
        ]  # fmt: skip


def test_a_checkpoint_is_saved_with_its_alerts_or_not_at_all(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """A transaction that fails leaves neither; the one before stands."""
    blob = bytes(range(256)) * 1000
    with Ledger(store_url) as ledger:
        run = begin(ledger)
        assert ledger.load_checkpoint("watch") is None
        ledger.record(run, make_outcome(alerts=(make_alert("a"),)), checkpoint=Checkpoint("watch", blob, 17, 99))
        assert ledger.load_checkpoint("watch") == Checkpoint("watch", blob, 17, 99)
        later = begin(ledger)
        ledger.save_checkpoint(later, Checkpoint("watch", b"later", 18))
        with pytest.raises(LedgerError, match=f"run {later} has taken over"):
            ledger.record(
                run, make_outcome(alerts=(make_alert("b"),)), checkpoint=Checkpoint("watch", b"old", 17), channels=["c"]
            )
        assert ledger.load_checkpoint("watch") == Checkpoint("watch", b"later", 18)
        assert ledger.alert("b") is None
        assert ledger.due_deliveries(0) == []
        assert ledger.last_sequence() == 1


def test_a_damaged_checkpoint_is_not_handed_out(store_url: str) -> None:
    """Better to start from the journal than from another state than was saved."""
    with Ledger(store_url) as ledger:
        ledger.save_checkpoint(begin(ledger), Checkpoint("watch", b"state", 1))
        run_sql(store_url, "UPDATE checkpoints SET journal_position = 5, sha256 = 'x'")
        with pytest.raises(LedgerError, match="damaged"):
            ledger.load_checkpoint("watch")


def test_hostile_names_are_stored_as_they_are(
    store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Script, formula, direction marks and 4-byte characters come back as the alert object has them."""
    alert = make_alert(name="=1+1<script>'\";--\u202e💥" + "Ж" * 5)
    with Ledger(store_url) as ledger:
        ledger.record(begin(ledger), make_outcome(alerts=(alert,)))
        assert ledger.latest_alerts() == [alert_to_json(alert)]


def test_without_its_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base install asked for PostgreSQL says what to install, and prints no password."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError, match=r'pip install "shipwatch-sts\[postgres\]"') as caught:
        Ledger("postgresql://watch:secret@localhost/ships")
    assert "secret" not in str(caught.value)


def test_a_server_that_is_away_is_said(postgres_server: str) -> None:
    """In one line, with no password."""
    with pytest.raises(LedgerError, match="cannot be opened") as caught:
        Ledger("postgresql://watch:secret@127.0.0.1:1/ships?connect_timeout=2")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_lost_connections_are_replaced(
    postgres_url: str, postgres_server: str, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """A server that dropped everybody is used again without a restart of ours."""
    import psycopg

    with Ledger(postgres_url) as ledger:
        run = begin(ledger)
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        assert ledger.record(run, make_outcome(alerts=(make_alert("a"),))).new == 1


WRITER = """
import sys
from tests_hall_conftest import InventedOutcome, invented_alert
from shipwatch.ledger import Checkpoint, Ledger
with Ledger(sys.argv[1]) as ledger:
    run = ledger.start_run(started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z")
    n = 0
    while True:
        n += 1
        outcome = InventedOutcome(alerts=tuple(invented_alert(f"{sys.argv[2]}-{n}-{m}") for m in range(5)))
        ledger.record(run, outcome, channels=["c", "d"], checkpoint=Checkpoint("w" + sys.argv[2], b"x" * 9000, n))
        if n == 1:
            print("ready", flush=True)
"""


@pytest.mark.parametrize("turn", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 8))])
def test_killed_while_writing_the_store_is_whole(store_url: str, tmp_path: Path, turn: int) -> None:
    """kill -9: each outcome is there with its deliveries and its checkpoint, or not at all; numbers have no hole."""
    Ledger(store_url).close()
    hall = Path(__file__).parent
    (tmp_path / "tests_hall_conftest.py").write_text((hall / "conftest.py").read_text(encoding="utf-8"), "utf-8")
    paths = os.pathsep.join([str(tmp_path), str(hall.parents[1])])
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, store_url, str(turn)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.15 + 0.07 * turn)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with Ledger(store_url) as ledger:
        checkpoint = ledger.load_checkpoint(f"w{turn}")
        outcomes = checkpoint.journal_position if checkpoint else 0
        assert outcomes >= 1
        assert [n for n, _ in ledger.changes_since(0, 10**6)] == list(range(1, 5 * outcomes + 1))
        assert len(ledger.deliveries()) == 10 * outcomes
        assert ledger.verify_log() == []


def run_sql(url: str, statement: str) -> None:
    """What somebody with the database's own tools could do."""
    engine = sa.create_engine(ledger_url(url))
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
