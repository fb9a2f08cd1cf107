"""Whether a point is on land: cells settled once, crossings counted exactly in the cells that a coast runs through."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geofences.cell_grid import Bools, Floats, Ints, on_globe, wrapped

_PER_DEGREE = 10
_COLUMNS, _ROWS = 3601, 1801
_CENTRE = 0.4987612345
"""Where in a cell its own parity is taken: off tidy fractions of a degree, so that no coast vertex lies in line."""

_CHUNK = 1 << 16


class LandGrid:
    """Even-odd point location in rings that do not cross one another.

    A cell without coast is land or water as a whole. In one with coast, the way from the cell's reference point to the
    point, first along the meridian and then along the parallel, changes sides at each of the cell's edges it crosses.
    """

    def __init__(self, rings: Sequence[Floats]) -> None:
        none = np.empty((0, 2))
        closed = [r if (r[0] == r[-1]).all() else np.vstack((r, r[:1])) for r in rings]
        start = np.concatenate([none, *(r[:-1] for r in closed)])
        end = np.concatenate([none, *(r[1:] for r in closed)])
        self._x1, self._y1, self._x2, self._y2 = start[:, 0], start[:, 1], end[:, 0], end[:, 1]
        self._land = self._parity_of_cells()
        cells, edges = self._cells_of_edges()
        order = np.argsort(cells, kind="stable")
        self._edges = edges[order]
        self._cells, first = np.unique(cells[order], return_index=True)
        self._first = np.concatenate((first, [edges.size])).astype(np.int64)

    def on_land(self, lat: Floats, lon: Floats) -> Bools:
        """Whether each point is inside a ring; false for points that are NaN or off the globe."""
        land = np.zeros(lat.size, np.bool_)
        for begin in range(0, lat.size, _CHUNK):
            part = slice(begin, begin + _CHUNK)
            rows = np.flatnonzero(on_globe(lat[part], lon[part]))
            land[part][rows] = self._decide(lat[part][rows], wrapped(lon[part][rows]))
        return land

    def _decide(self, y: Floats, x: Floats) -> Bools:
        row, col = ((y + 90.0) * _PER_DEGREE).astype(np.int64), ((x + 180.0) * _PER_DEGREE).astype(np.int64)
        cell = row * _COLUMNS + col
        land: Bools = self._land[cell]
        if self._cells.size == 0:
            return land
        at = np.minimum(np.searchsorted(self._cells, cell), self._cells.size - 1)
        near = np.flatnonzero(self._cells[at] == cell)
        counts = self._first[at[near] + 1] - self._first[at[near]]
        points = np.repeat(near, counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        edges = self._edges[np.repeat(self._first[at[near]], counts) + offset]
        x1, y1, x2, y2 = self._x1[edges], self._y1[edges], self._x2[edges], self._y2[edges]
        px, py = x[points], y[points]
        cx = (col[points] + _CENTRE) / _PER_DEGREE - 180.0
        cy = (row[points] + _CENTRE) / _PER_DEGREE - 90.0
        with np.errstate(divide="ignore", invalid="ignore"):
            cut_x = x1 + (py - y1) * (x2 - x1) / (y2 - y1)
            cut_y = y1 + (cx - x1) * (y2 - y1) / (x2 - x1)
        along = ((y1 <= py) != (y2 <= py)) & ((cut_x <= px) != (cut_x <= cx))
        up = ((x1 <= cx) != (x2 <= cx)) & ((cut_y <= py) != (cut_y <= cy))
        changes = np.bincount(points, weights=along.astype(np.float64) + up, minlength=y.size)
        sides: Bools = land ^ (changes.astype(np.int64) % 2 == 1)
        return sides

    def _parity_of_cells(self) -> Bools:
        """Land or water at each cell's reference point, by counting coast from the west along each row."""
        low, high = np.minimum(self._y1, self._y2), np.maximum(self._y1, self._y2)
        first = np.ceil((low + 90.0) * _PER_DEGREE - _CENTRE).astype(np.int64)
        last = np.floor((high + 90.0) * _PER_DEGREE - _CENTRE).astype(np.int64)
        edges, rows = _spread(first - 1, last - first + 3)
        centre = (rows + _CENTRE) / _PER_DEGREE - 90.0
        crosses = (self._y1[edges] <= centre) != (self._y2[edges] <= centre)
        edges, rows, centre = edges[crosses], rows[crosses], centre[crosses]
        y1, x1 = self._y1[edges], self._x1[edges]
        x = x1 + (centre - y1) * (self._x2[edges] - x1) / (self._y2[edges] - y1)
        from_col = np.maximum(np.ceil((x + 180.0) * _PER_DEGREE - _CENTRE).astype(np.int64), 0)
        turns = np.bincount(rows * _COLUMNS + np.minimum(from_col, _COLUMNS - 1), minlength=_ROWS * _COLUMNS)
        odd = (turns % 2).astype(np.uint8).reshape(_ROWS, _COLUMNS)
        land: Bools = np.bitwise_xor.accumulate(odd, axis=1).astype(np.bool_).ravel()
        return land

    def _cells_of_edges(self) -> tuple[Ints, Ints]:
        """(cell, edge) for all cells of each edge's bounding box, the box a little enlarged."""

        def cells(degrees: Floats, top: int) -> NDArray[np.int64]:
            return np.clip(np.floor(degrees * _PER_DEGREE), 0, top).astype(np.int64)

        pad = 1e-9
        low_col = cells(np.minimum(self._x1, self._x2) + 180.0 - pad, _COLUMNS - 1)
        high_col = cells(np.maximum(self._x1, self._x2) + 180.0 + pad, _COLUMNS - 1)
        low_row = cells(np.minimum(self._y1, self._y2) + 90.0 - pad, _ROWS - 1)
        high_row = cells(np.maximum(self._y1, self._y2) + 90.0 + pad, _ROWS - 1)
        edges, rows = _spread(low_row, high_row - low_row + 1)
        again, cols = _spread(low_col[edges], (high_col - low_col + 1)[edges])
        return rows[again] * _COLUMNS + cols, edges[again]


def _spread(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """(item, value) for the values first, first + 1, ... of each item."""
    items = np.repeat(np.arange(first.size), counts)
    return items, np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + first[items]
