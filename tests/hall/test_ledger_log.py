"""The triage log: append-only, each entry sealed by the next, every tampering found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.incident import Alert
from shipwatch.ledger import Ledger, LedgerError, ledger_url
from shipwatch.triage_log import ACTIONS, BEGINNING, STATES, TriageEntry, state_of

pytestmark = pytest.mark.slow


@pytest.fixture
def ledger(store_url: str, make_outcome: Any, make_alert: Callable[..., Alert]) -> Iterator[Ledger]:
    """A ledger with three alerts that nobody has looked at."""
    with Ledger(store_url) as opened:
        run = opened.start_run(
            started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z"
        )
        opened.record(run, make_outcome(alerts=tuple(make_alert(id) for id in "abc")))
        yield opened


def run_sql(url: str, *statements: str) -> None:
    engine = sa.create_engine(ledger_url(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


def test_decisions_are_entered_and_taken_back(ledger: Ledger) -> None:
    """A state is that of the newest decision that stands; an undo is an entry of its own, and nothing is removed."""
    assert ledger.triage_states(["a", "b", "nobody"]) == {"a": "new", "b": "new", "nobody": "new"}
    ledger.append_triage("a", "under_review", "first analyst", 1)
    second = ledger.append_triage("a", "dismissed", "first analyst", 2, "a bunkering, see the port's log")
    ledger.append_triage("a", "note", "second analyst", 3, "I am not so sure")
    assert ledger.triage_states(["a"]) == {"a": "dismissed"}
    undone = ledger.append_triage("a", "undo", "second analyst", 4)
    assert undone.supersedes == second.sequence
    assert ledger.triage_states(["a"]) == {"a": "under_review"}
    ledger.append_triage("a", "undo", "second analyst", 5)
    assert ledger.triage_states(["a"]) == {"a": "new"}
    with pytest.raises(LedgerError, match="no decision to take back"):
        ledger.append_triage("a", "undo", "second analyst", 6)
    assert [entry.action for entry in ledger.triage_of("a")] == ["under_review", "dismissed", "note", "undo", "undo"]
    assert [entry.sequence for entry in ledger.triage_since(2)] == [3, 4, 5]
    assert ledger.triage_of("b") == []
    assert ledger.verify_log() == []


def test_a_new_revision_leaves_the_decision(
    ledger: Ledger, make_outcome: Any, make_alert: Callable[..., Alert]
) -> None:
    """What the engine says later does not undo what a person decided."""
    ledger.append_triage("a", "confirmed", "an analyst", 1)
    ledger.record(1, make_outcome(alerts=(make_alert("a", 2),)))
    assert ledger.triage_states(["a"]) == {"a": "confirmed"}
    assert ledger.verify_log() == []


@pytest.mark.parametrize(
    ("alert_id", "action", "by", "note", "why"),
    [
        ("nobody", "confirmed", "x", "", "no alert 'nobody'"),
        ("a", "deleted", "x", "", "is no action"),
        ("a", "confirmed", "  ", "", "nobody is named"),
        ("a", "confirmed", "x" * 121, "", "by: 121 characters"),
        ("a", "note", "x", "n" * 4001, "note: 4001 characters"),
        ("a", "note", "x", "\x00", "holds a character that is none"),
        ("a", "note", "x", "\ud83d", "holds a character that is none"),
    ],
)
def test_what_cannot_be_entered_is_refused(
    ledger: Ledger, alert_id: str, action: str, by: str, note: str, why: str
) -> None:
    """With a reason, and nothing is entered."""
    with pytest.raises(LedgerError, match=why):
        ledger.append_triage(alert_id, action, by, 1, note)
    assert ledger.log_head() == (0, BEGINNING)


def filled(ledger: Ledger) -> list[TriageEntry]:
    return [
        ledger.append_triage("a", "under_review", "first analyst", 1),
        ledger.append_triage("b", "dismissed", "first analyst", 2, "a pilot 💥 =1+1"),
        ledger.append_triage("a", "confirmed", "second analyst", 3),
        ledger.append_triage("c", "shared", "second analyst", 4, "TLP:AMBER to a neighbour"),
    ]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE triage_log SET note = 'a tug' WHERE sequence = 2", ["entry 2 was changed"]),
        ("UPDATE triage_log SET at_us = 1 WHERE sequence = 2", ["entry 2 was changed"]),
        ("UPDATE triage_log SET \"by\" = 'nobody' WHERE sequence = 2", ["entry 2 was changed"]),
        ("UPDATE triage_log SET action = 'likely' WHERE sequence = 2", ["entry 2 was changed", "alert b is shown"]),
        ("UPDATE triage_log SET alert_id = 'c' WHERE sequence = 2", ["entry 2 was changed", "alert b is shown"]),
        ("UPDATE triage_log SET supersedes = 1 WHERE sequence = 3", ["entry 3 was changed"]),
        ("UPDATE triage_log SET sha256 = 'f' WHERE sequence = 2", ["entry 2 was changed", "entry 3 does not follow"]),
        ("DELETE FROM triage_log WHERE sequence = 2", ["entries 2 to 2 are missing", "entry 3 does not follow"]),
        ("DELETE FROM triage_log WHERE sequence = 1", ["entries 1 to 1 are missing", "entry 2 does not follow"]),
        ("DELETE FROM triage_log WHERE sequence = 4", ["entries 4 to 4 are missing at the end", "alert c is shown"]),
        ("UPDATE counters SET value = 3 WHERE name = 'triage_log'", ["entries 4 to 4 were added around the counter"]),
        (
            "UPDATE alerts SET triage = 'dismissed' WHERE alert_id = 'a'",
            ["alert a is shown as dismissed, the log says"],
        ),
    ],
)
def test_tampering_is_found(ledger: Ledger, store_url: str, statement: str, found: list[str]) -> None:
    """Every column of every entry, an entry taken out at either end or in the middle, a state without its entry."""
    filled(ledger)
    assert ledger.verify_log() == []
    run_sql(store_url, statement)
    said = ledger.verify_log()
    for words in found:
        assert any(problem.startswith(words) for problem in said), said


def test_a_chain_written_anew_is_found_against_a_noted_head(ledger: Ledger, store_url: str) -> None:
    """Who recomputes the whole chain passes the chain's own check, and fails against a head noted elsewhere."""
    entries = filled(ledger)
    head = ledger.log_head()
    assert head == (4, entries[3].sha256)
    forged: list[str] = []
    previous = BEGINNING
    for entry in entries:
        new = replace(entry, note="forged", previous=previous, sha256="")
        new = replace(new, sha256=new.digest())
        previous = new.sha256
        forged.append(
            f"UPDATE triage_log SET note = 'forged', previous = '{new.previous}', sha256 = '{new.sha256}' "
            f"WHERE sequence = {new.sequence}"
        )
    run_sql(store_url, *forged)
    assert ledger.verify_log() == []
    assert ledger.verify_log(anchor=head) == ["entry 4 is not the one that was noted elsewhere"]
    assert ledger.verify_log(anchor=(9, "f")) == ["entry 9, noted elsewhere, is missing"]
    run_sql(store_url, "DELETE FROM triage_log WHERE sequence = 4")
    with pytest.raises(LedgerError, match="lacks its entry 4"):
        ledger.append_triage("a", "closed", "x", 9)


def test_several_analysts_at_once_make_one_chain(ledger: Ledger, store_url: str) -> None:
    """Four people decide at the same time: every entry is there, in one whole chain."""

    def decide(person: int) -> None:
        with Ledger(store_url) as mine:
            for n in range(8):
                mine.append_triage("abc"[n % 3], STATES[n % len(STATES)], f"analyst {person}", n)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decide, range(4)))
    assert ledger.verify_log() == []
    assert ledger.log_head()[0] == 32


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(ACTIONS),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
        ),
        max_size=12,
    )
)
def test_any_run_of_decisions_is_whole_and_an_undo_restores(
    tmp_path: Path, make_outcome: Any, make_alert: Callable[..., Alert], steps: list[tuple[str, str, str]]
) -> None:
    """Whatever is decided in whatever words: the chain holds, states are the log's, undo gives the state before."""
    with Ledger("sqlite://") as ledger:
        run = ledger.start_run(
            started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z"
        )
        ledger.record(run, make_outcome(alerts=(make_alert("a"), make_alert("b"))))
        stacks: dict[str, list[str]] = {"a": ["new"], "b": ["new"]}
        for at, (alert_id, action, note) in enumerate(steps):
            stack = stacks[alert_id]
            if action == "undo" and len(stack) == 1:
                with pytest.raises(LedgerError):
                    ledger.append_triage(alert_id, action, "x", at, note)
                continue
            entry = ledger.append_triage(alert_id, action, "x", at, note)
            assert (entry.note, entry.sha256) == (note, entry.digest())
            if action == "undo":
                stack.pop()
            elif action in STATES:
                stack.append(action)
        assert ledger.triage_states(["a", "b"]) == {id: stack[-1] for id, stack in stacks.items()}
        assert {id: state_of(ledger.triage_of(id)) for id in "ab"} == ledger.triage_states(["a", "b"])
        assert ledger.verify_log() == []
