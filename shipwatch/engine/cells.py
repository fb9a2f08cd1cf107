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
        first = max(int((lat - reach_deg + 90.0) // CELL_DEG), 0)
        last = min(int((lat + reach_deg + 90.0) // CELL_DEG), ROWS - 1)
        # The circle's half width in longitude is asin(sin r / cos lat); all of them where it holds a pole.
        share = math.sin(min(math.radians(reach_deg), math.pi / 2)) / max(math.cos(math.radians(lat)), 1e-9)
        whole = abs(lat) + reach_deg >= 90.0 or share >= 1.0
        wide_deg = 180.0 if whole else math.degrees(math.asin(share))
        start = (lon + 180.0) % 360.0
        edges: list[int] = []
        for row in range(first, last + 1):
            columns = _COLUMNS[row]
            west = math.floor((start - wide_deg) * columns / 360.0)
            east = math.floor((start + wide_deg) * columns / 360.0)
            base = row * _WIDE
            if east - west + 1 >= columns:
                edges += (base, base + columns)
            elif west < 0:
                edges += (base, base + east + 1, base + west + columns, base + columns)
            elif east >= columns:
                edges += (base, base + east - columns + 1, base + west, base + columns)
            else:
                edges += (base + west, base + east + 1)
        places = np.searchsorted(self._keys, np.array(edges, np.int64), "left").tolist()
        found = [self._order[a:b] for a, b in zip(places[::2], places[1::2], strict=True) if b > a]
        if not found:
            return np.empty(0, np.int64)
        return np.sort(np.concatenate(found)) if len(found) > 1 else np.sort(found[0])


def _row(lat: Array) -> Array:
    return np.clip(np.floor((np.asarray(lat, np.float64) + 90.0) / CELL_DEG).astype(np.int64), 0, ROWS - 1)


_COLUMNS = [
    max(int(360.0 / CELL_DEG * math.cos(math.radians((row + 0.5) * CELL_DEG - 90.0))), 1) for row in range(ROWS)
]
_COLUMNS_OF = np.array(_COLUMNS, np.int64)


def _column(row: Array, lon: Array) -> Array:
    columns = _COLUMNS_OF[row]
    return np.minimum(np.floor((np.asarray(lon, np.float64) + 180.0) % 360.0 * columns / 360.0), columns - 1).astype(
        np.int64
    )
