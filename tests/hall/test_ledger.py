"""The ledger: each revision once, the first verdict standing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.alert_json import alert_to_json
from alerts.designations import Snapshot
from alerts.incident import Alert
from shipwatch.engine.detections import Gap, Rendezvous
from shipwatch.ledger import Ledger, LedgerError, Recorded, ledger_url


def begin(ledger: Ledger, snapshots: tuple[Snapshot, ...] = ()) -> int:
    return ledger.start_run(
        started_us=5, version="0", inputs=[{"path": "a"}], config_digest="c", rules_digest="r", zones_digest="z",
        snapshots=snapshots,
    )  # fmt: skip


def test_a_revision_is_recorded_once(
    make_outcome: Any, make_alert: Callable[..., Alert], meeting: Rendezvous, silences: tuple[Gap, Gap]
) -> None:
    """The same outcome again adds nothing and changes nothing."""
    outcome = make_outcome(alerts=(make_alert(),), rendezvous=(meeting,), gaps=silences)
    with Ledger("sqlite://") as ledger:
        run = begin(ledger)
        assert ledger.record(run, outcome) == Recorded(new=4)
        assert ledger.record(run, outcome) == Recorded(known=4)
        assert ledger.latest_alerts() == [alert_to_json(make_alert())]


def test_other_content_under_a_known_key_is_told_and_the_first_stands(
    make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """What has been told to people does not change under their hands."""
    first = make_alert()
    with Ledger("sqlite://") as ledger:
        run = begin(ledger)
        ledger.record(run, make_outcome(alerts=(first,)))
        got = ledger.record(run, make_outcome(alerts=(replace(first, score=99),)))
        assert got == Recorded(known=1, differing=("al-1",))
        assert ledger.latest_alerts()[0]["score"] == first.score


def test_latest_alerts_are_newest_revisions_in_order(make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """Filtered by start and severity of the newest revision, ordered by start then id."""
    some = (
        make_alert("b", 1), make_alert("b", 2, severity="critical"), make_alert("a", 1),
        make_alert("z", 1, start_us=10),
    )  # fmt: skip
    with Ledger("sqlite://") as ledger:
        ledger.record(begin(ledger), make_outcome(alerts=some))
        assert [(a["id"], a["revision"]) for a in ledger.latest_alerts()] == [("z", 1), ("a", 1), ("b", 2)]
        assert [a["id"] for a in ledger.latest_alerts(severities=["critical"])] == ["b"]
        assert [a["id"] for a in ledger.latest_alerts(until_us=11)] == ["z"]
        assert [a["id"] for a in ledger.latest_alerts(since_us=11, limit=1)] == ["a"]
        assert [a["revision"] for a in ledger.revisions("b")] == [1, 2]


def test_runs_say_what_they_stood_on() -> None:
    """Digests, inputs, counts and the list snapshots asked."""
    snapshot = Snapshot("invented-1", "invented", "ab", "2025-01-01", ())
    with Ledger("sqlite://") as ledger:
        run = begin(ledger, (snapshot,))
        ledger.finish_run(run, finished_us=9, counts={"alerts": 0}, inputs=[{"path": "a", "sha256": "00"}])
        (row,) = ledger.runs()
        assert (row["started_us"], row["finished_us"], row["counts"]) == (5, 9, {"alerts": 0})
        assert row["inputs"] == [{"path": "a", "sha256": "00"}]
        assert [(item["list"], item["snapshot"]) for item in row["lists"]] == [("invented", "invented-1")]


def test_it_lasts_and_makes_its_folder(tmp_path: Path, make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """A file in a folder that was not there; opened again it still holds the alert."""
    store = str(tmp_path / "deep" / "shipwatch.db")
    with Ledger(store) as ledger:
        ledger.record(begin(ledger), make_outcome(alerts=(make_alert(),)))
    with Ledger(ledger_url(store)) as ledger:
        assert len(ledger.latest_alerts()) == 1


def _write_all(store: str, alerts: list[Alert], outcome: Any) -> int:
    with Ledger(store) as ledger:
        run = begin(ledger)
        return sum(ledger.record(run, outcome(alerts=(alert,))).new for alert in alerts)


def test_two_writers_at_once_record_each_revision_once(
    tmp_path: Path, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """Two threads of two connections write the same revisions: each arrives once, nobody fails."""
    from concurrent.futures import ThreadPoolExecutor

    store = str(tmp_path / "shipwatch.db")
    alerts = [make_alert(f"al-{n}") for n in range(30)]
    Ledger(store).close()
    with ThreadPoolExecutor(2) as pool:
        new = list(pool.map(lambda _: _write_all(store, alerts, make_outcome), range(2)))
    assert sum(new) == 30
    with Ledger(store) as ledger:
        assert len(ledger.latest_alerts()) == 30


def test_many_revisions_in_one_outcome(make_outcome: Any, make_alert: Callable[..., Alert]) -> None:
    """More ids than one query may ask for."""
    alerts = tuple(make_alert(f"al-{n}") for n in range(1000))
    with Ledger("sqlite://") as ledger:
        run = begin(ledger)
        assert ledger.record(run, make_outcome(alerts=alerts)).new == 1000
        assert ledger.record(run, make_outcome(alerts=alerts)).known == 1000


def test_what_is_no_ledger_is_named(tmp_path: Path) -> None:
    """A file that is no database, a scheme that is none, a ledger of another version."""
    (tmp_path / "x.db").write_text("not a database, but long enough to be looked at as one" * 50)
    with pytest.raises(LedgerError, match=r"x\.db"):
        Ledger(str(tmp_path / "x.db"))
    with pytest.raises(LedgerError):
        Ledger("nosuch://host/db")
    import sqlalchemy as sa

    store = tmp_path / "old.db"
    Ledger(str(store)).close()
    engine = sa.create_engine(f"sqlite:///{store}")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'r9999'"))
    engine.dispose()
    with pytest.raises(LedgerError, match="schema r9999 is not known"):
        Ledger(str(store))


def test_a_password_is_never_printed() -> None:
    """Neither in the name nor in an error."""
    with pytest.raises(LedgerError) as caught:
        Ledger("nosuch://user:secret@host/db")
    assert "secret" not in str(caught.value)
