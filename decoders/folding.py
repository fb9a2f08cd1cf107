"""Leaves out position reports that several receivers heard of one transmission, and says how many.

The tracks of the engine refuse them too; this is for who wants the reports themselves without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Array, Batch, PositionReports

WINDOW_US = 10_000_000
"""Receivers' clocks and delays differ by seconds; a ship does not send the same second of its own for a minute."""
LOOKED_BACK = 8
"""Reports of a ship that a coming one is compared with: as many receivers may hear it between two of its messages."""
_COMPARED = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "msg_type", "utc_second")


class Folding:
    """Folds batch after batch; ``folded`` counts what was left out.

    Of reports of one MMSI with the same content (position, speed, course, heading, status, type, the ship's second),
    not more than ``LOOKED_BACK`` of its reports apart, the first in the order of the input stands. Times may differ by
    up to ``WINDOW_US`` where the ship's own second is there, and must be equal where it is not. What is given does not
    depend on how the input was cut.

    >>> heard = PositionReports.of(time_us=[5, 6, 7], mmsi=[7, 7, 8], lat_deg=[1, 1, 1], lon_deg=[2, 2, 2],
    ...                            utc_second=[9, 9, 9])
    >>> folding = Folding()
    >>> [len(batch.positions) for batch in folding.fold([Batch(heard)])], folding.folded
    ([2], 1)
    """

    def __init__(self) -> None:
        self.folded = 0
        self._recent = PositionReports.empty()  # the last ones of each ship, in order, folded ones among them

    def fold(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches without repeats; statics, counts and the rest as they came."""
        for batch in batches:
            yield replace(batch, positions=self.kept(batch.positions)) if len(batch.positions) else batch

    def kept(self, positions: PositionReports) -> PositionReports:
        """The reports that repeat none before them, of this call or an earlier one."""
        before = len(self._recent)
        rows = PositionReports.concat([self._recent, positions])
        order = np.argsort(rows.mmsi, kind="stable")
        ships = rows.mmsi[order]
        repeats = np.zeros(len(rows), bool)
        repeats[order] = _repeats(rows.take(order))
        from_last = np.searchsorted(ships, ships, "right") - np.arange(len(rows))
        self._recent = rows.take(np.sort(order[from_last <= LOOKED_BACK]))
        repeats = repeats[before:]
        self.folded += int(repeats.sum())
        return positions.take(~repeats) if repeats.any() else positions


def _repeats(rows: PositionReports) -> NDArray[np.bool_]:
    """Which rows, sorted by ship, repeat one of the ``LOOKED_BACK`` rows of the ship before them."""
    keys = [rows.mmsi, *(_comparable(getattr(rows, name)) for name in _COMPARED)]
    window = np.where(rows.utc_second >= 0, WINDOW_US, 0)
    repeats = np.zeros(len(rows), bool)
    for back in range(1, min(LOOKED_BACK, len(rows) - 1) + 1):
        same = np.abs(rows.time_us[back:] - rows.time_us[:-back]) <= window[back:]
        for key in keys:
            same &= key[back:] == key[:-back]
        repeats[back:] |= same
    return repeats


def _comparable(column: Array) -> Array:
    """Floats by their bits, so that NaN equals NaN."""
    return column.view(f"i{column.dtype.itemsize}") if column.dtype.kind == "f" else column
