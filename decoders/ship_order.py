"""Puts rows in the order of (ship, time) in two passes: a place for every row, then each column to its places.

Ships are told apart by a hash table and counted; a row's place is its ship's start plus how many came before. Ships
whose rows are not in the order of time are sorted, no others. Rows of one ship and time stay in the order of the input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders.kernel_cache import compiled
from decoders.reports import Array

_MIX = np.uint64(0x9E3779B97F4A7C15)


def places_by_ship(mmsi: Array, time_us: Array) -> Array:
    """Where each row goes in the order of (mmsi, time_us, input): int32, or int64 from 2**31 rows on.

    >>> places_by_ship(np.array([7, 5, 7], np.int32), np.array([2, 9, 1])).tolist()
    [2, 0, 1]
    """
    mmsi, time_us = np.ascontiguousarray(mmsi, np.int32), np.ascontiguousarray(time_us, np.int64)
    ship_of = np.empty(len(mmsi), np.int32)
    ships, counts, mixed = _tell_ships(mmsi, time_us, ship_of)
    in_order = np.argsort(ships)
    starts = np.empty(len(ships), np.int64)
    starts[in_order] = np.cumsum(counts[in_order]) - counts[in_order]
    places = np.empty(len(mmsi), np.int32 if len(mmsi) < 2**31 else np.int64)
    _place(ship_of, starts.copy(), places)
    if mixed.any():
        del ship_of
        rows = np.empty(len(mmsi), places.dtype)
        rows[places] = np.arange(len(mmsi), dtype=places.dtype)
        for ship in np.flatnonzero(mixed).tolist():
            own = rows[starts[ship] : starts[ship] + counts[ship]]
            places[own[np.argsort(time_us[own], kind="stable")]] = np.arange(starts[ship], starts[ship] + counts[ship])
    return places


def put(column: Array, places: Array) -> Array:
    """A column with each value at its place.

    >>> put(np.array([1.5, 2.5, 3.5]), np.array([2, 0, 1])).tolist()
    [2.5, 3.5, 1.5]
    """
    made = np.empty(len(places), column.dtype)
    if column.dtype.itemsize in (1, 4, 8) and column.flags.c_contiguous:
        word = f"u{column.dtype.itemsize}"
        _put(made.view(word), places, column.view(word))
    else:
        made[places] = column
    return made


def _ships_told(mmsi, time_us, ship_of):  # type: ignore[no-untyped-def]
    """The ships, how many rows each has and whether they are out of the order of time; ``ship_of`` is filled in."""
    size = 1 << 15
    slots = np.full(size, -1, np.int32)
    ships, counts = np.empty(size // 2, np.int32), np.zeros(size // 2, np.int64)
    last, mixed = np.empty(size // 2, np.int64), np.zeros(size // 2, np.bool_)
    known = 0
    for row in range(len(mmsi)):
        number = mmsi[row]
        slot = np.int64((np.uint64(np.uint32(number)) * _MIX) >> np.uint64(40)) & (size - 1)
        ship = slots[slot]
        while ship >= 0 and ships[ship] != number:
            slot = (slot + 1) & (size - 1)
            ship = slots[slot]
        if ship < 0:
            if known == size // 2:  # half full: twice the size
                size *= 2
                slots = np.full(size, -1, np.int32)
                more, more_counts = np.empty(size // 2, np.int32), np.zeros(size // 2, np.int64)
                more_last, more_mixed = np.empty(size // 2, np.int64), np.zeros(size // 2, np.bool_)
                more[:known], more_counts[:known] = ships, counts
                more_last[:known], more_mixed[:known] = last, mixed
                ships, counts, last, mixed = more, more_counts, more_last, more_mixed
                for old in range(known):
                    slot = np.int64((np.uint64(np.uint32(ships[old])) * _MIX) >> np.uint64(40)) & (size - 1)
                    while slots[slot] >= 0:
                        slot = (slot + 1) & (size - 1)
                    slots[slot] = old
                slot = np.int64((np.uint64(np.uint32(number)) * _MIX) >> np.uint64(40)) & (size - 1)
                while slots[slot] >= 0:
                    slot = (slot + 1) & (size - 1)
            ship = np.int32(known)
            slots[slot] = ship
            ships[known] = number
            last[known] = time_us[row]
            known += 1
        if time_us[row] < last[ship]:
            mixed[ship] = True
        last[ship] = time_us[row]
        counts[ship] += 1
        ship_of[row] = ship
    return ships[:known], counts[:known], mixed[:known]


def _rows_placed(ship_of, nexts, places):  # type: ignore[no-untyped-def]
    for row in range(len(ship_of)):
        ship = ship_of[row]
        places[row] = nexts[ship]
        nexts[ship] += 1


def _values_put(column, places, values):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        column[places[row]] = values[row]


_tell_ships: Any = compiled(_ships_told)
_place: Any = compiled(_rows_placed)
_put: Any = compiled(_values_put)


def warm() -> None:
    """Have the kernels compiled, or loaded from the cache."""
    places = places_by_ship(np.zeros(1, np.int32), np.zeros(1, np.int64))
    for word in ("u1", "u4", "u8"):
        put(np.zeros(1, word), places)
