"""The columns into which the NMEA kernel writes, which are those of the batch that becomes of them.

Memory for them is used again once nobody holds a column of the batch that it was given to: a stream's batches all stand
in the same two or three pieces of memory, which are at hand in the processor's cache and cost no new pages.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from decoders.reports import AidReports, BaseStationReports, Batch, Columns, PositionReports, StaticReports

KINDS: tuple[type[Columns], ...] = (PositionReports, StaticReports, BaseStationReports, AidReports)
_COLUMNS = tuple(tuple((np.dtype(dtype), np.dtype(dtype).itemsize) for dtype in kind.DTYPES.values()) for kind in KINDS)
# Bytes of input for each row of each kind, of a stream that is not known yet: a position has 16 characters of payload
# at least, of the others this is what busy real streams do not reach. Then what was seen counts, and an eighth more.
_BYTES_A_ROW = (36, 400, 600, 2_000)
_SPARE = 1.125
_TELLING_BYTES = 1 << 16  # a block of fewer says little about a stream
_LEAST_ROWS = 16
_LINE_BYTES = 64  # of the processor's cache: columns begin on a line of their own
_KEPT = 3  # memories: the batch being made, the one that the reader of the stream still holds, and one to spare


class Sheet:
    """Memory for a number of rows of each kind, a column after the other.

    ``places`` are the addresses of the columns, kind by kind in the order of ``DTYPES``; ``rooms`` for how many rows of
    each kind there is room.
    """

    def __init__(self, rows: Sequence[int]) -> None:
        self.rooms = np.array(rows, np.int64)
        self._offsets: list[list[int]] = []
        size = 0
        for columns, room in zip(_COLUMNS, rows, strict=True):
            offsets = []
            for _, width in columns:
                offsets.append(size)
                size += -(-room * width // _LINE_BYTES) * _LINE_BYTES
            self._offsets.append(offsets)
        self._memory = np.empty(max(1, size), np.uint8)
        self.places = np.array([offset for offsets in self._offsets for offset in offsets], np.int64)
        self.places += self._memory.ctypes.data
        self._lent: weakref.ref[NDArray[np.uint8]] | None = None

    def lent(self) -> bool:
        """Whether anybody still holds a column of the batch that was made of this memory last."""
        return self._lent is not None and self._lent() is not None

    def batch(self, rows: Sequence[int], **counted: Any) -> Batch:
        """The first rows of each kind as reports; they are the memory itself, ``lent`` until all of them are gone."""
        # Parts of an array hold whichever array the memory belongs to, but look no further than a memoryview: the
        # columns hold ``lent``, and one can see it go.
        lent = np.frombuffer(memoryview(cast(Any, self._memory)), np.uint8)
        self._lent = weakref.ref(lent)
        made: list[Any] = [
            kind(*(np.ndarray(count, dtype, lent, offset) for (dtype, _), offset in zip(columns, offsets, strict=True)))
            if count
            else kind.empty()
            for kind, count, columns, offsets in zip(KINDS, rows, _COLUMNS, self._offsets, strict=True)
        ]
        return Batch(made[0], made[1], base_stations=made[2], aids=made[3], **counted)

    def take_over(self, other: Sheet, rows: Sequence[int]) -> None:
        """Copy the first rows of each kind from another sheet."""
        for kind, count in enumerate(rows):
            for (_, width), to, at in zip(_COLUMNS[kind], self._offsets[kind], other._offsets[kind], strict=True):
                self._memory[to : to + count * width] = other._memory[at : at + count * width]


class Sheets:
    """Gives a sheet for each block: one that nobody holds any more if there is one with room enough."""

    def __init__(self) -> None:
        self._kept: list[Sheet] = []
        self._seen = [0.0] * len(KINDS)  # the most rows a byte

    def sheet(self, block_bytes: int) -> Sheet:
        """With room for what a block of so many bytes usually gives."""
        if any(self._seen):
            return self._with_room([int(block_bytes * most * _SPARE) + _LEAST_ROWS for most in self._seen])
        return self._with_room([block_bytes // a_row + _LEAST_ROWS for a_row in _BYTES_A_ROW])

    def learn(self, block_bytes: int, rows: Sequence[int]) -> None:
        """So many rows a block of so many bytes gave."""
        if block_bytes >= _TELLING_BYTES:
            self._seen = [max(most, count / block_bytes) for most, count in zip(self._seen, rows, strict=True)]

    def larger(self, sheet: Sheet, rows: Sequence[int]) -> Sheet:
        """One with twice the room where there is none left, with the rows that were written."""
        wanted = [int(room) * (2 if have >= room else 1) for have, room in zip(rows, sheet.rooms, strict=True)]
        self._kept = [kept for kept in self._kept if kept is not sheet]
        found = self._with_room(wanted)
        found.take_over(sheet, rows)
        return found

    def _with_room(self, rows: Sequence[int]) -> Sheet:
        for kept in self._kept:
            if (kept.rooms >= rows).all() and not kept.lent():
                return kept
        made = Sheet(rows)
        self._kept = [made, *(kept for kept in self._kept if kept.lent())][:_KEPT]
        return made
