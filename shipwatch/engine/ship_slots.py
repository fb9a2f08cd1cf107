"""Records found by MMSI in a compiled walk: one look into a hash table a row, and one record."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import inlined

Array = NDArray[Any]


@inlined
def slot_of(slots: Array, mmsi: int) -> int:
    """Where in a hash table by MMSI, of records or of their rows, a look for that ship begins."""
    return (((mmsi * 2654435761) & 0xFFFFFFFF) >> 7) & (len(slots) - 1)


@inlined
def place_of(slots: Array, ships: Array, mmsi: int) -> int:
    """The place of that ship in the hash table, or the free one (-1) where it belongs."""
    mask = len(slots) - 1
    at = slot_of(slots, mmsi)
    while slots[at] >= 0 and ships[slots[at]].mmsi != mmsi:
        at = (at + 1) & mask
    return at


@inlined
def hashed(ships: Array, known: int, more: int = 0) -> Array:
    """A hash table of the first ``known`` records by MMSI: their rows, -1 where free.

    At most a quarter full, also when so many more have come.
    """
    size = 256
    while size < 4 * (known + more):
        size *= 2
    slots = np.full(size, -1, np.int32)
    for row in range(known):
        slots[place_of(slots, ships, ships[row].mmsi)] = row
    return slots


@inlined
def sized(records: Array, size: int) -> Array:
    """A copy with room for so many."""
    made = np.empty(size, records.dtype)
    for each in range(min(size, len(records))):
        made[each] = records[each]
    return made
