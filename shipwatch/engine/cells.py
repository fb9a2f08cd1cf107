"""Rows found by place: an index of positions by cells of the globe, asked for a neighbourhood at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.motion import M_PER_DEG

Array = NDArray[Any]

CELL_DEG = 0.5
ROWS = round(180.0 / CELL_DEG)
_WIDE = 1 << 16


class CellIndex:
    """Positions (degrees) sorted by cell; :meth:`near` offers all rows within a radius, and some beyond it.

    It only offers: whoever asks measures. So where the cells lie never shows in a result, and a scene turned about the
    Earth's axis stays the same scene. Cells narrow towards the poles, and the 180 degree meridian is no seam.

    >>> index = CellIndex(np.array([10.0, 10.1, -40.0]), np.array([179.95, -179.95, 0.0]))
    >>> index.near(10.0, 180.0, 20_000.0).tolist()
    [0, 1]
    """

    def __init__(self, lat: Array, lon: Array) -> None:
        row = _row(lat)
        key = row * _WIDE + _column(row, lon)
        self._order = np.argsort(key, kind="stable")
        self._keys = key[self._order]

    def near(self, lat: float, lon: float, radius_m: float) -> Array:
        """Rows that may lie within the radius of the point, in ascending order."""
        reach_deg = radius_m / M_PER_DEG
        south, north = lat - reach_deg, lat + reach_deg
        rows = np.arange(int(_row(np.array([south]))[0]), int(_row(np.array([north]))[0]) + 1)
        columns = _columns(rows)
        poleward = max(abs(south), abs(north))
        # The circle's half width in longitude is asin(sin r / cos lat); all of them where it holds a pole.
        share = math.sin(min(math.radians(reach_deg), math.pi / 2)) / max(math.cos(math.radians(lat)), 1e-9)
        if poleward >= 90.0 or share >= 1.0:
            first, last = np.zeros(len(rows), np.int64), columns - 1
        else:
            wide_deg = math.degrees(math.asin(share))
            width = 360.0 / columns
            start = (lon + 180.0) % 360.0
            first = np.floor((start - wide_deg) / width).astype(np.int64)
            last = np.floor((start + wide_deg) / width).astype(np.int64)
            whole = last - first + 1 >= columns
            first, last = np.where(whole, 0, first), np.where(whole, columns - 1, last)
        spans = []
        for low, high in ((first, last), (first + columns, last + columns), (first - columns, last - columns)):
            begin, end = np.maximum(low, 0), np.minimum(high, columns - 1)
            inside = begin <= end
            spans.append((rows[inside] * _WIDE + begin[inside], rows[inside] * _WIDE + end[inside]))
        starts = np.searchsorted(self._keys, np.concatenate([span[0] for span in spans]), "left")
        ends = np.searchsorted(self._keys, np.concatenate([span[1] for span in spans]), "right")
        found = [self._order[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True) if b > a]
        return np.sort(np.concatenate(found)) if found else np.empty(0, np.int64)


def _row(lat: Array) -> Array:
    return np.clip(np.floor((np.asarray(lat, np.float64) + 90.0) / CELL_DEG).astype(np.int64), 0, ROWS - 1)


def _columns(row: Array) -> Array:
    middle = np.radians((row + 0.5) * CELL_DEG - 90.0)
    return np.maximum(np.floor(360.0 / CELL_DEG * np.cos(middle)), 1).astype(np.int64)


def _column(row: Array, lon: Array) -> Array:
    columns = _columns(row)
    return np.minimum(np.floor((np.asarray(lon, np.float64) + 180.0) % 360.0 * columns / 360.0), columns - 1).astype(
        np.int64
    )
