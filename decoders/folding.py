"""Finds position reports that several receivers heard of one transmission, counts them, and leaves them out if asked.

The tracks of the engine refuse them too; this is for who wants the reports themselves without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled
from decoders.reports import Array, Batch, PositionReports
from decoders.table_scan import item, put_item

WINDOW_US = 10_000_000
"""Receivers' clocks and delays differ by seconds; a ship does not send the same second of its own for a minute."""
LOOKED_BACK = 8
"""Reports of a ship that a coming one is compared with: as many receivers may hear it between two of its messages."""
MOST_SHIPS = 1 << 17
"""When so many ships are remembered (42 MB) all are forgotten, and a repeat of what came before that is none."""
_WORDS = 5  # of a report that is remembered: time, two of position, two of all the rest
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Folding:
    """Folds batch after batch; ``folded`` counts the repeats.

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
        self._slots = np.full(4 * MOST_SHIPS, -1, np.int64)  # MMSI, and in the lower half which ship it is
        self._seen = np.zeros(MOST_SHIPS, np.int64)  # reports of each ship so far
        self._words = np.zeros(MOST_SHIPS * LOOKED_BACK * _WORDS, np.int64)  # its last ones, in turn
        self._known = 0

    def fold(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches without repeats; statics, counts and the rest as they came."""
        for batch in batches:
            yield replace(batch, positions=self.kept(batch.positions)) if len(batch.positions) else batch

    def kept(self, positions: PositionReports) -> PositionReports:
        """The reports that repeat none before them, of this call or an earlier one."""
        repeats = self.repeats(positions)
        return positions.take(~repeats) if repeats.any() else positions

    def repeats(self, positions: PositionReports) -> NDArray[np.bool_]:
        """Which reports repeat one before them, of this call or an earlier one."""
        rows = len(positions)
        found = np.zeros(rows, bool)
        at = 0
        while at < rows:
            at, self._known = _find_repeats(
                at, _words(positions.mmsi, np.int32), _words(positions.time_us, np.int64),
                _words(positions.lat_deg, np.int64), _words(positions.lon_deg, np.int64),
                _words(positions.sog_kn, np.int32), _words(positions.cog_deg, np.int32),
                _words(positions.heading_deg, np.int32), _words(positions.nav_status, np.uint8),
                _words(positions.msg_type, np.uint8), _words(positions.utc_second, np.uint8),
                self._slots, self._seen, self._words, self._known, found,
            )  # fmt: skip
            if at < rows:
                self._slots[:] = -1
                self._known = 0
        self.folded += int(found.sum())
        return found


def _words(column: Array, kind: Any) -> Array:
    """The bits of a column, so that NaN equals NaN."""
    return np.ascontiguousarray(column).view(kind)


def _repeats_found(  # type: ignore[no-untyped-def]
    at, mmsi, time_us, lat, lon, sog, cog, heading, status, kind, second, slots, seen, words, known, found
):  # fmt: skip
    """Marks in ``found`` the rows from ``at`` on that repeat; gives the row at which no further ship had room."""
    mask = len(slots) - 1
    for row in range(at, len(mmsi)):
        number = np.int64(item(mmsi, row))
        slot = np.int64((np.uint64(number) * _MIX) >> np.uint64(40)) & mask
        held = item(slots, slot)
        while held != -1 and (held >> 32) != number:
            slot = (slot + 1) & mask
            held = item(slots, slot)
        if held == -1:
            if known == len(seen):
                return row, known
            held = (number << 32) | known
            put_item(slots, slot, held)
            put_item(seen, np.int64(known), np.int64(0))
            known += 1
        ship = held & 0xFFFFFFFF
        time, north, east = item(time_us, row), item(lat, row), item(lon, row)
        moved = np.int64(np.uint32(item(sog, row))) | (np.int64(item(cog, row)) << 32)
        rest = np.int64(np.uint32(item(heading, row))) | (np.int64(item(status, row)) << 32)
        rest |= (np.int64(item(kind, row)) << 40) | (np.int64(item(second, row)) << 48)
        window = WINDOW_US if item(second, row) < 128 else 0  # a second that is not there is -1
        count = item(seen, ship)
        first = ship * (LOOKED_BACK * _WORDS)
        for back in range(min(count, LOOKED_BACK)):
            i = first + back * _WORDS
            here = item(words, i + 1) == north and item(words, i + 2) == east
            if here and item(words, i + 3) == moved and item(words, i + 4) == rest:
                found[row] |= abs(item(words, i) - time) <= window
        i = first + (count & (LOOKED_BACK - 1)) * _WORDS
        put_item(words, i, time)
        put_item(words, i + 1, north)
        put_item(words, i + 2, east)
        put_item(words, i + 3, moved)
        put_item(words, i + 4, rest)
        put_item(seen, ship, count + 1)
    return len(mmsi), known


_find_repeats: Any = compiled(_repeats_found)


def warm() -> None:
    """Have the kernel compiled, or loaded from the cache."""
    Folding().kept(PositionReports.of(mmsi=[1], time_us=[0]))
