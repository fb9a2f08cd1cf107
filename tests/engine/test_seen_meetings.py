"""Meetings that were seen are found by either ship, and a revision takes the place of the one before."""

from __future__ import annotations

import numpy as np

from shipwatch.engine.rows_of_ship import RowsOfShip
from shipwatch.engine.seen_meetings import Met, Rows, SeenMeetings, last_revisions, no_meetings

EARLY = Met(1, 2, 100, 200, 300)
REVISED = Met(1, 2, 100, 500, 600)
OTHER = Met(2, 3, 100, 200, 300)
LATE = Met(1, 4, 700, 800, 900)


def rows(*mets: Met) -> Rows:
    """As the engine hands them over."""
    return np.array(mets, np.int64).T


def test_both_ships_of_a_meeting_have_it_and_no_other() -> None:
    """A ship's meetings are those it took part in."""
    seen = SeenMeetings(rows(EARLY, OTHER), no_meetings())
    assert seen.of(1) == [EARLY]
    assert seen.of(2) == [EARLY, OTHER]
    assert seen.of(4) == []
    assert seen.next_us() is None


def test_what_a_step_tells_is_known_as_it_is_published() -> None:
    """A revision takes the place of the one before, and none counts before its minute."""
    seen = SeenMeetings(rows(EARLY, OTHER), rows(LATE, REVISED))
    assert (seen.next_us(), seen.of(1)) == (600, [EARLY])
    assert seen.see() == REVISED
    assert seen.of(1) == [REVISED]
    assert set(seen.of(2)) == {REVISED, OTHER}
    seen.see_all(899)
    assert (seen.next_us(), seen.of(4)) == (900, [])
    seen.see_all(None)
    assert (seen.next_us(), seen.of(4)) == (None, [LATE])


def test_what_was_revised_is_forgotten_in_the_end() -> None:
    """However often a meeting is told again, what is kept of it is a row or two."""
    kept = rows(OTHER)
    for end_us in range(200, 1200):
        seen = SeenMeetings(kept, rows(Met(1, 2, 100, end_us, end_us)))
        seen.see_all(None)
        kept = seen.kept()
        assert seen.of(1) == [Met(1, 2, 100, end_us, end_us)]
    assert kept.shape[1] <= 4
    assert last_revisions(kept).T.tolist() == [list(OTHER), [1, 2, 100, 1199, 1199]]


def test_rows_of_a_ship_are_those_that_a_look_at_all_gives() -> None:
    """Ascending rows for ships that are there, none for those before, between and behind them."""
    mmsi = np.random.default_rng(1).integers(10, 40, 200)
    rows = RowsOfShip(mmsi)
    for ship in (5, *range(10, 40), 50):
        assert rows.of(ship).tolist() == np.flatnonzero(mmsi == ship).tolist()
    assert RowsOfShip(np.empty(0, np.int64)).of(1).tolist() == []
