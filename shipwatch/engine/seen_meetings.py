"""Meetings that were seen, as evidence against ones that are only supposed: columns, known as they were published."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""One row for each field of :class:`Met`, one column for each revision of a meeting; the last one counts."""


class Met(NamedTuple):
    """Two ships were seen together: nothing need be supposed about them for that time."""

    mmsi_a: int
    mmsi_b: int
    start_us: int
    end_us: int
    published_us: int


def no_meetings() -> Rows:
    """No revisions."""
    return np.empty((len(Met._fields), 0), np.int64)


class SeenMeetings:
    """What was told before, and what one step tells, which becomes known minute by minute.

    A day of full anchorages tells tens of thousands of revisions, and hardly any is ever asked for: none becomes an
    object before it is.
    """

    def __init__(self, before: Rows, told: Rows) -> None:
        mmsi_a, _, start_us, _, published_us = told
        self._rows: Rows = np.concatenate((before, told[:, np.lexsort((start_us, mmsi_a, published_us))]), axis=1)
        self._known = self._before = before.shape[1]

    def next_us(self) -> int | None:
        """When the next revision that is not known yet was published."""
        return int(self._rows[4, self._known]) if self._known < self._rows.shape[1] else None

    def see(self) -> Met:
        """The next revision, known from now on."""
        self._known += 1
        return Met(*self._rows[:, self._known - 1].tolist())

    def see_all(self, until_us: int | None) -> None:
        """All published by that minute (or at all) are known from now on."""
        later = self._rows[4, self._known :]
        self._known += len(later) if until_us is None else int(np.searchsorted(later, until_us, "right"))

    def of(self, mmsi: int) -> list[Met]:
        """The meetings of one ship, each as it was last told."""
        known = self._rows[:, : self._known]
        mine = known[:, (known[0] == mmsi) | (known[1] == mmsi)]
        return list({met[:3]: met for met in map(Met._make, mine.T.tolist())}.values())

    def kept(self) -> Rows:
        """What is known, for the next step; what was revised is left out whenever there is twice as much."""
        known = self._rows[:, : self._known]
        return last_revisions(known) if self._known.bit_length() > self._before.bit_length() else known


def last_revisions(rows: Rows) -> Rows:
    """Of each meeting the last row, in the order in which they came."""
    mmsi_a, mmsi_b, start_us = rows[:3]
    order = np.lexsort((start_us, mmsi_b, mmsi_a))  # which leaves equal ones as they came
    same = (np.diff(rows[:3, order]) == 0).all(axis=0)
    return rows[:, np.sort(order[~np.append(same, False)])] if rows.shape[1] else rows
