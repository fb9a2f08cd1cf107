"""Who a ship said it was as of any instant, whatever the batches in which it was learnt."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import StaticReports
from shipwatch.identities import (
    MOST_SAID,
    Identities,
    also_said,
    draught_changes,
    draughts,
    forget,
    learn,
    observations,
    party,
)

HYDRA = 311000013


def statics(*rows: dict[str, object]) -> StaticReports:
    """Rows of static reports; what a row leaves out is not available."""
    missing: dict[str, object] = {
        "imo": 0, "name": "", "callsign": "", "ship_type": 0, "to_bow_m": np.nan, "to_stern_m": np.nan,
        "to_port_m": np.nan, "to_starboard_m": np.nan, "draught_m": np.nan,
    }  # fmt: skip
    keys = ["time_us", "mmsi", *missing]
    return StaticReports.of(**{key: [{"mmsi": HYDRA, **missing, **row}[key] for row in rows] for key in keys})


def test_nothing_is_known_before_it_is_sent() -> None:
    """A party as of an instant carries only what was sent by then."""
    state = learn(Identities(), statics({"time_us": 100, "name": "A", "imo": 9583720, "ship_type": 80}))
    before, after = party(state, "t", HYDRA, 99), party(state, "t", HYDRA, 100)
    assert (before.name, before.imo, before.ship_type, before.flag) == (None, None, None, "BHS")
    assert (after.name, after.imo, after.ship_type) == ("A", 9583720, 80)
    assert party(state, "t", 999, 100).name is None


def test_parts_of_type_24_add_up() -> None:
    """The name from part A stands while part B brings call sign, type and dimensions."""
    state = learn(
        Identities(),
        statics(
            {"time_us": 1, "name": "MONTE CARLO"},
            {"time_us": 2, "callsign": "WDC1", "ship_type": 30, "to_bow_m": 10, "to_stern_m": 12, "to_port_m": 3},
        ),
    )
    ship = party(state, "t", HYDRA, 2)
    assert (ship.name, ship.callsign, ship.ship_type, ship.length_m, ship.beam_m) == ("MONTE CARLO", "WDC1", 30, 22, 3)


def test_a_changed_name_is_told_as_of_its_time() -> None:
    """A rename and a rename back are each known at their time."""
    state = learn(Identities(), statics(*({"time_us": t, "name": n} for t, n in ((1, "A"), (5, "B"), (9, "A")))))
    assert [party(state, "t", HYDRA, t).name for t in (1, 4, 5, 8, 9, 99)] == ["A", "A", "B", "B", "A", "A"]


def test_an_invalid_imo_is_kept_as_sent() -> None:
    """What is no ship IMO is still what the ship said."""
    assert party(learn(Identities(), statics({"time_us": 1, "imo": 1234567})), "t", HYDRA, 1).imo == 1234567


@pytest.mark.parametrize(
    ("sides", "length", "beam"),
    [((280, 53, 27, 33), 333, 60), ((0, 0, 0, 15), None, 15), ((0, 30, 0, 8), 30, 8), ((511, 511, 63, 63), 1022, 126)],
)
def test_dimensions(sides: tuple[int, ...], length: int | None, beam: int | None) -> None:
    """Length is bow and stern, beam port and starboard; 0 and 0 is not sent."""
    names = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
    state = learn(Identities(), statics({"time_us": 1, **dict(zip(names, sides, strict=True))}))
    ship = party(state, "t", HYDRA, 1)
    assert (ship.length_m, ship.beam_m) == (length, beam)


def test_draughts_before_and_after() -> None:
    """Before is what stood then; after is told only where another draught has been sent since."""
    state = learn(
        Identities(), statics(*({"time_us": t, "draught_m": d} for t, d in ((1, 18.5), (50, 18.5), (90, 14.9))))
    )
    assert draughts(state, HYDRA, 10, 60) == (18.5, None)
    assert draughts(state, HYDRA, 10, 90) == (18.5, 14.9)
    assert draughts(state, HYDRA, 0, 0) == (None, None)
    assert draughts(state, 1, 0, 99) == (None, None)
    assert draught_changes(state, HYDRA, 10, 100) == (90,)
    assert draught_changes(state, HYDRA, 90, 100) == ()


def test_observations_are_distinct_reports() -> None:
    """Each distinct static report stands with first and last time and how often it was heard; empty ones do not."""
    state = learn(
        Identities(),
        statics(
            {"time_us": 5, "name": "A"}, {"time_us": 1, "name": "A"}, {"time_us": 3, "name": "B", "imo": 7},
            {"time_us": 9}, {"time_us": 4, "mmsi": 2, "name": "C"},
        ),
    )  # fmt: skip
    found = observations(state, HYDRA)
    assert [(o.name, o.imo, o.first_us, o.last_us, o.count) for o in found] == [("A", None, 1, 5, 2), ("B", 7, 3, 3, 1)]
    assert len(observations(state, 2)) == 1
    assert observations(state, 3) == ()


def test_arguments_stay_as_they_were() -> None:
    """Learning and forgetting leave the state given untouched."""
    first = learn(Identities(), statics({"time_us": 1, "name": "A"}))
    logs, said = dict(first.logs), {k: dict(v) for k, v in first.said.items()}
    learn(first, statics({"time_us": 2, "name": "B"}, {"time_us": 2, "name": "A"}))
    forget(first, 100)
    assert (first.logs, first.said) == (logs, said)


def test_only_changes_are_kept() -> None:
    """A ship that says the same ten thousand times leaves one run a field, in one batch or in many."""
    rows = statics(*({"time_us": t, "name": "A", "draught_m": 5.0} for t in range(10_000)))
    state = learn(Identities(), rows)
    for first in range(0, 10_000, 1000):
        state = learn(state, rows.take(slice(first, first + 1000)))
    assert state.logs[HYDRA][1] == ((0, 9999, "A"),)
    assert len(state.said[HYDRA]) == 1


def test_a_class_b_ship_alternating_parts_leaves_one_run() -> None:
    """Parts A and B in turn are no changes."""
    rows = [{"time_us": t, **({"name": "A"} if t % 2 else {"callsign": "X", "ship_type": 37})} for t in range(100)]
    state = learn(Identities(), statics(*rows))
    assert [len(runs) for runs in state.logs[HYDRA]] == [0, 1, 1, 1, 0, 0]
    assert [o.count for o in observations(state, HYDRA)] == [50, 50]


def test_forgetting_keeps_what_is_in_force() -> None:
    """After forgetting, questions about later times have the same answer, and old reports are gone."""
    state = learn(Identities(), statics(*({"time_us": t, "name": n} for t, n in ((1, "A"), (5, "B"), (9, "C")))))
    kept = forget(state, 6)
    assert [party(kept, "t", HYDRA, t).name for t in (6, 8, 9)] == ["B", "B", "C"]
    assert kept.logs[HYDRA][1] == state.logs[HYDRA][1][1:]
    assert [o.name for o in observations(kept, HYDRA)] == ["C"]


def test_what_else_a_ship_called_itself_is_whole_and_of_that_time() -> None:
    """Another IMO and name in the window stand together; what was not sent yet is no other identity."""
    state = learn(
        Identities(),
        statics(
            {"time_us": 10, "name": "OLD", "imo": 9074729},
            {"time_us": 20, "name": "NEW", "imo": 8814275},
            {"time_us": 30, "callsign": "C6AB8"},
        ),
    )
    ship = party(state, "t", HYDRA, 30)
    (said,) = also_said(state, ship, 5, 30)
    assert (said.imo, said.name, said.callsign) == (9074729, "OLD", "C6AB8")
    assert also_said(state, ship, 15, 30) == (said,)  # still in force at the window's beginning
    assert also_said(state, ship, 20, 30) == ()
    assert also_said(state, party(state, "t", HYDRA, 10), 0, 10) == ()
    assert also_said(forget(state, 15), ship, 15, 30) == (said,)


def test_what_else_it_called_itself_is_bounded() -> None:
    """A transponder that sends rubbish fills no alert."""
    state = learn(Identities(), statics(*({"time_us": t, "name": f"SHIP {t}"} for t in range(500))))
    said = also_said(state, party(state, "t", HYDRA, 499), 0, 499)
    assert len(said) == MOST_SAID and said[-1].name == "SHIP 498"


REPORT = st.fixed_dictionaries(
    {
        "time_us": st.integers(0, 30),
        "mmsi": st.sampled_from([HYDRA, 5]),
        "name": st.sampled_from(["", "A", "B"]),
        "imo": st.sampled_from([0, 1, 2]),
        "ship_type": st.sampled_from([0, 70, 80]),
        "to_bow_m": st.sampled_from([np.nan, 10.0, 20.0]),
        "draught_m": st.sampled_from([np.nan, 5.0, 6.1]),
    }
)


def answers(state: Identities) -> list[object]:
    return [
        (party(state, "t", mmsi, t), draughts(state, mmsi, t, u))
        for mmsi in (HYDRA, 5)
        for t in range(-1, 32)
        for u in (t, t + 3, 31)
    ] + [observations(state, mmsi) for mmsi in (HYDRA, 5)]


@settings(max_examples=150, deadline=None)
@given(reports=st.lists(REPORT, max_size=25), cuts=st.lists(st.integers(0, 25), max_size=5), seed=st.integers(0, 99))
def test_batches_and_order_change_nothing(reports: list[dict[str, object]], cuts: list[int], seed: int) -> None:
    """Cut a stream in time order anywhere, also within an instant, in any order within a batch: same answers."""
    shuffled = [reports[n] for n in np.random.default_rng(seed).permutation(len(reports))]
    whole = learn(Identities(), statics(*shuffled)) if reports else Identities()
    in_time = sorted(shuffled, key=lambda row: row["time_us"])  # type: ignore[arg-type, return-value]
    state = Identities()
    edges = sorted({0, len(reports), *(min(cut, len(reports)) for cut in cuts)})
    for first, last in itertools.pairwise(edges):
        batch = in_time[first:last]
        order = np.random.default_rng(seed + first).permutation(len(batch))
        state = learn(state, statics(*(batch[n] for n in order)))
    assert answers(state) == answers(whole)


@settings(max_examples=100, deadline=None)
@given(reports=st.lists(REPORT, min_size=1, max_size=20))
def test_it_agrees_with_reading_every_report(reports: list[dict[str, object]]) -> None:
    """The log of changes answers as the plain scan of all reports does."""
    state = learn(Identities(), statics(*reports))
    for at_us in range(-1, 32):
        for field in ("name", "imo", "ship_type"):
            known = [(r["time_us"], r[field]) for r in reports if r[field] and r["mmsi"] == 5 and r["time_us"] <= at_us]  # type: ignore[operator]
            expected = max(known)[1] if known else None
            assert getattr(party(state, "t", 5, at_us), field) == expected


@settings(max_examples=80, deadline=None)
@given(times=st.lists(st.integers(0, 50), min_size=1, max_size=20), seed=st.integers(0, 99))
def test_late_reports_that_agree_are_exact(times: list[int], seed: int) -> None:
    """A constant ship heard in any order, report by report, has one run from first to last."""
    state = Identities()
    for n in np.random.default_rng(seed).permutation(len(times)):
        state = learn(state, statics({"time_us": times[n], "name": "A"}))
    assert state.logs[HYDRA][1] == ((min(times), max(times), "A"),)


def test_a_late_contradicting_report_stands_at_its_time() -> None:
    """A late report of another name inside a run is placed at its time and the run comes back after it."""
    state = learn(Identities(), statics({"time_us": 0, "name": "A"}, {"time_us": 10, "name": "A"}))
    state = learn(state, statics({"time_us": 4, "name": "B"}))
    assert [party(state, "t", HYDRA, t).name for t in (0, 3, 4, 9, 10)] == ["A", "A", "B", "B", "A"]


def test_half_a_million_reports_are_learnt_in_columns() -> None:
    """Half a million reports of a thousand ships leave one run a field: no Python per row."""
    rows = 500_000
    mmsi = np.tile(np.arange(200_000_000, 200_001_000), rows // 1000)
    names = np.char.add("SHIP ", (mmsi % 1000).astype("U4"))
    made = StaticReports.of(time_us=np.arange(rows), mmsi=mmsi, name=names, imo=mmsi % 9_999_999)
    state = learn(Identities(), made)
    assert len(state.logs) == 1000
    assert all(len(runs) <= 1 for log in state.logs.values() for runs in log)
