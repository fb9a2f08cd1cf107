"""Leaves out static reports that say what the row before already said, the same wherever the input is cut.

A table that prints a ship's identity on every position row would give as many static reports as positions. Of the rows
of one ship, taken in the order of the input, one is given where it differs from the row before it or is of another hour
(the latter bounds what an archive that is not in the order of time can lose).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Array, StaticReports
from decoders.table_times import HOUR_US

_COMPARED = tuple(name for name in StaticReports.DTYPES if name not in ("time_us", "mmsi", "station", "offset"))


class LastStatics:
    """The last static report of each ship seen so far: memory grows with the ships, not with the rows (0.3 KB each)."""

    def __init__(self) -> None:
        self._last = StaticReports.empty()  # sorted by MMSI, one row each

    def news(self, statics: StaticReports) -> StaticReports:
        """The rows to give, in their order; remembers the last row of each ship."""
        if not len(statics):
            return statics
        order = np.argsort(statics.mmsi, kind="stable")
        rows = statics.take(order)
        first = np.concatenate([[True], rows.mmsi[1:] != rows.mmsi[:-1]])
        last = np.concatenate([first[1:], [True]])
        new = np.ones(len(rows), bool)
        new[1:] = ~_same(rows.take(slice(1, None)), rows.take(slice(None, -1)))
        heads = np.flatnonzero(first)
        place = np.searchsorted(self._last.mmsi, rows.mmsi[heads])
        known = place < len(self._last)
        known[known] = self._last.mmsi[place[known]] == rows.mmsi[heads[known]]
        new[heads] = True
        new[heads[known]] = ~_same(rows.take(heads[known]), self._last.take(place[known]))
        self._remember(rows.take(last), place, known)
        return statics.take(np.sort(order[new]))

    def _remember(self, rows: StaticReports, place: Array, known: Array) -> None:
        if known.any():
            columns = {name: column.copy() for name, column in self._last.columns().items()}
            for name, column in columns.items():
                column[place[known]] = getattr(rows, name)[known]
            self._last = StaticReports(**columns)
        if not known.all():
            joined = StaticReports.concat([self._last, rows.take(~known)])
            self._last = joined.take(np.argsort(joined.mmsi, kind="stable"))


def _same(rows: StaticReports, others: StaticReports) -> NDArray[np.bool_]:
    same = rows.time_us // HOUR_US == others.time_us // HOUR_US
    same &= rows.mmsi == others.mmsi
    for name in _COMPARED:
        same &= _equal(getattr(rows, name), getattr(others, name))
    return np.asarray(same)


def _equal(one: Array, other: Array) -> Array:
    """Equal values, NaN being equal to NaN."""
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)) if one.dtype.kind == "f" else one == other)


def repeats_of_row_before(mmsi: Array, hour: Array, values: list[Array]) -> NDArray[np.bool_]:
    """Rows whose raw values are those of the row before of the same ship and hour: a cheap first sieve.

    Equal raw values are equal after cleaning, and leaving such a row out changes no later comparison.
    """
    order = np.argsort(mmsi, kind="stable")
    same = np.zeros(len(mmsi), bool)
    if len(mmsi) > 1:
        now, before = order[1:], order[:-1]
        equal = (mmsi[now] == mmsi[before]) & (hour[now] == hour[before])
        for column in values:
            equal &= _equal(column[now], column[before])
        same[now] = equal
    return same
