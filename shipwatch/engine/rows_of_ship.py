"""Rows of a table found by the ship's number, without a look at all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class RowsOfShip:
    """Which rows of a column of MMSIs are a ship's.

    >>> RowsOfShip(np.array([30, 10, 30])).of(30).tolist()
    [0, 2]
    """

    def __init__(self, mmsi: Array) -> None:
        self._order = np.argsort(mmsi, kind="stable")
        self._sorted = mmsi[self._order]

    def of(self, mmsi: int) -> Array:
        """The ship's rows, ascending; empty where there is none."""
        low = self._sorted.searchsorted(mmsi, "left")
        if low == len(self._sorted) or self._sorted[low] != mmsi:
            return self._order[:0]
        return self._order[low : self._sorted.searchsorted(mmsi, "right")]
