"""Meetings that were seen are found by either ship, and a revision takes the place of the one before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from shipwatch.engine.rows_of_ship import RowsOfShip
from shipwatch.engine.seen_meetings import Met, MetInTurn, SeenMeetings

EARLY = Met(1, 2, 100, 200, 300)
REVISED = Met(1, 2, 100, 500, 600)
OTHER = Met(2, 3, 100, 200, 300)


def test_both_ships_of_a_meeting_have_it_and_no_other() -> None:
    """A ship's meetings are those it took part in."""
    seen = SeenMeetings({met.key: met for met in (EARLY, OTHER)})
    assert list(seen.of(1)) == [EARLY]
    assert list(seen.of(2)) == [EARLY, OTHER]
    assert list(seen.of(4)) == []


def test_a_revision_replaces_whether_or_not_it_was_asked_before() -> None:
    """What is remembered does not depend on when it was first asked."""
    for asked in (False, True):
        seen = SeenMeetings({met.key: met for met in (EARLY, OTHER)})
        if asked:
            list(seen.of(1))
        seen.add(REVISED)
        assert list(seen.of(1)) == [REVISED]
        assert set(seen.of(2)) == {REVISED, OTHER}
        assert list(seen.all().values()) == [OTHER, REVISED]


def told(rows: list[Met]) -> Any:
    """Columns of revisions, as a step tells them."""
    return SimpleNamespace(**{name: np.array([getattr(row, name) for row in rows], np.int64) for name in Met._fields})


def test_taken_together_leaves_what_one_by_one_leaves() -> None:
    """Of revisions in any number a block brings the last of each meeting, and the memory is the same."""
    rng = np.random.default_rng(2)
    for size in (1, 2, 30, 200):
        minutes = np.sort(rng.integers(1, 20, size)) * 60
        ships = rng.integers(1, 5, (2, size))
        rows = [
            Met(int(a), int(a + b), int(rng.integers(2)), int(rng.integers(99)), int(minute))
            for a, b, minute in zip(*ships, minutes, strict=True)
        ]
        single, block = SeenMeetings(), SeenMeetings()
        for met in rows:
            single.add(met)
        waiting = MetInTurn(told(rows), sort=False)
        for until_us in (0, 60, 600, 1200):
            if waiting.next_us is not None and waiting.next_us <= until_us:
                block.add(*waiting.take_until(until_us))
            assert waiting.next_us is None or waiting.next_us > until_us
        assert waiting.next_us is None
        assert list(block.all().items()) == list(single.all().items())


def test_one_by_one_they_come_by_minute_ship_and_start() -> None:
    """Where they are weighed against other things; each with plain numbers."""
    rows = [Met(5, 6, 9, 10, 60), Met(1, 2, 8, 10, 60), Met(1, 3, 7, 10, 60), Met(1, 2, 1, 5, 120)]
    waiting, taken = MetInTurn(told(rows), sort=True), []
    while waiting.next_us is not None:
        taken.append(waiting.take())
    assert taken == [rows[2], rows[1], rows[0], rows[3]]
    assert all(type(value) is int for met in taken for value in met)
    assert MetInTurn(told([]), sort=True).next_us is None


def test_rows_of_a_ship_are_those_that_a_look_at_all_gives() -> None:
    """Ascending rows for ships that are there, none for those before, between and behind them."""
    mmsi = np.random.default_rng(1).integers(10, 40, 200)
    rows = RowsOfShip(mmsi)
    for ship in (5, *range(10, 40), 50):
        assert rows.of(ship).tolist() == np.flatnonzero(mmsi == ship).tolist()
    assert RowsOfShip(np.empty(0, np.int64)).of(1).tolist() == []
