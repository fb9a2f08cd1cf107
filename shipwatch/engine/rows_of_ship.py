"""Rows of a table found by the ship's number, without a look at all of them; sets of whole numbers by sorting.

NumPy's own ``unique`` and ``isin`` hash (from 2.3 on), which is half a microsecond a number: ten times a sort.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def distinct(numbers: Array) -> Array:
    """The whole numbers that occur, ascending, each once.

    >>> distinct(np.array([30, 10, 30])).tolist()
    [10, 30]
    """
    numbers = np.sort(numbers)
    return numbers[np.append(numbers[1:] != numbers[:-1], True)] if len(numbers) else numbers


def among(numbers: Array, ascending: Array) -> Array:
    """Which of the numbers occur in the others, which are sorted; a mask.

    >>> among(np.array([30, 10, 20]), np.array([10, 10, 30])).tolist()
    [True, True, False]
    """
    if not len(ascending):
        return np.zeros(len(numbers), bool)
    place = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    return np.asarray(ascending[place] == numbers)


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
