"""Meetings that were seen are found by either ship, and a revision takes the place of the one before."""

from __future__ import annotations

import numpy as np

from shipwatch.engine.rows_of_ship import RowsOfShip
from shipwatch.engine.seen_meetings import Met, SeenMeetings

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


def test_rows_of_a_ship_are_those_that_a_look_at_all_gives() -> None:
    """Ascending rows for ships that are there, none for those before, between and behind them."""
    mmsi = np.random.default_rng(1).integers(10, 40, 200)
    rows = RowsOfShip(mmsi)
    for ship in (5, *range(10, 40), 50):
        assert rows.of(ship).tolist() == np.flatnonzero(mmsi == ship).tolist()
    assert RowsOfShip(np.empty(0, np.int64)).of(1).tolist() == []
