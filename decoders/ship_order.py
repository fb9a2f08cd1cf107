"""Puts rows in the order of (ship, time) in two passes: a place for every row, then each column to its places.

Ships are told apart by a hash table and counted; a row's place is its ship's start plus how many came before. Ships
whose rows are not in the order of time are sorted, no others. Rows of one ship and time stay in the order of the input.
Memory that was never used before is what costs most, so places stand where the ships' numbers stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from decoders.kernel_cache import compiled
from decoders.reports import Array
from decoders.table_scan import item, put_item

_MIX = np.uint64(0x9E3779B97F4A7C15)
_STEPS_A_ROW = 4  # a ship whose rows stand further apart from their order is sorted otherwise


@dataclass(frozen=True, slots=True)
class ShipOrder:
    """A place for every row, int32 (int64 from 2**31 rows on); and the ships in their order with their rows each."""

    places: Array
    ships: Array
    counts: Array


def places_by_ship(mmsi: Array, time_us: Array) -> Array:
    """Where each row goes in the order of (mmsi, time_us, input): int32, or int64 from 2**31 rows on.

    >>> places_by_ship(np.array([7, 5, 7], np.int32), np.array([2, 9, 1])).tolist()
    [2, 0, 1]
    """
    return order_by_ship(np.array(mmsi, np.int32), np.ascontiguousarray(time_us, np.int64)).places


def order_by_ship(mmsi: Array, time_us: Array) -> ShipOrder:
    """The order of (mmsi, time_us, input); ``mmsi`` (int32) is used up: the places stand in its memory.

    >>> order = order_by_ship(np.array([7, 5, 7], np.int32), np.array([2, 9, 1]))
    >>> order.places.tolist(), order.ships.tolist(), order.counts.tolist()
    ([2, 0, 1], [5, 7], [1, 2])
    """
    ship_of = mmsi
    slots, seen, mixed, known = _tell_ships(mmsi, time_us, ship_of)
    slots = slots[slots != -1]
    ships = np.empty(known, np.int32)
    ships[slots & 0xFFFFFFFF] = slots >> 32
    counts, mixed = seen[1 : 2 * known : 2].copy(), mixed[:known]
    in_order = np.argsort(ships)
    starts = np.empty(len(ships), np.int64)
    starts[in_order] = np.cumsum(counts[in_order]) - counts[in_order]
    places = ship_of if len(mmsi) < 2**31 else np.empty(len(mmsi), np.int64)
    _place(ship_of, starts.copy(), places)
    if mixed.any():
        rows = np.empty(len(mmsi), places.dtype)
        _sort_nearly(time_us, places, rows, starts, counts, mixed)
        for ship in np.flatnonzero(mixed).tolist():
            own = rows[starts[ship] : starts[ship] + counts[ship]]
            places[own[np.argsort(time_us[own], kind="stable")]] = np.arange(starts[ship], starts[ship] + counts[ship])
    return ShipOrder(places, ships[in_order], counts[in_order])


def put(column: Array, places: Array, into: Array | None = None) -> Array:
    """A column with each value at its place, in memory that is given or new.

    >>> put(np.array([1.5, 2.5, 3.5]), np.array([2, 0, 1])).tolist()
    [2.5, 3.5, 1.5]
    """
    made = np.empty(len(places), column.dtype) if into is None else into
    if column.dtype.itemsize in (1, 4, 8) and column.flags.c_contiguous:
        word = f"u{column.dtype.itemsize}"
        _put(made.view(word), places, column.view(word))
    else:
        made[places] = column
    return made


def _ships_told(mmsi, time_us, ship_of):  # type: ignore[no-untyped-def]
    """The table of ships, last time and rows of each, whether out of the order of time, how many; fills ``ship_of``."""
    size = 1 << 15
    slots = np.full(size, -1, np.int64)  # a ship's number, and in the lower half which ship it is
    seen = np.zeros(size, np.int64)  # of each ship the time of its last row, and how many rows
    mixed = np.zeros(size // 2, np.bool_)
    known = 0
    for row in range(len(mmsi)):
        number = np.int64(mmsi[row])
        time = time_us[row]
        place = (np.uint64(number) * _MIX) >> np.uint64(40)
        slot = np.int64(place) & (size - 1)
        found = slots[slot]
        while found != -1 and (found >> 32) != number:
            slot = (slot + 1) & (size - 1)
            found = slots[slot]
        if found == -1:
            if known == size // 2:  # half full: twice the size
                size *= 2
                old_slots, old_seen, old_mixed = slots, seen, mixed
                slots = np.full(size, -1, np.int64)
                seen, mixed = np.zeros(size, np.int64), np.zeros(size // 2, np.bool_)
                for i in range(known):
                    mixed[i] = old_mixed[i]
                for i in range(size // 2):
                    seen[i] = old_seen[i]
                    if old_slots[i] != -1:
                        slot = np.int64((np.uint64(old_slots[i] >> 32) * _MIX) >> np.uint64(40)) & (size - 1)
                        while slots[slot] != -1:
                            slot = (slot + 1) & (size - 1)
                        slots[slot] = old_slots[i]
                slot = np.int64(place) & (size - 1)
                while slots[slot] != -1:
                    slot = (slot + 1) & (size - 1)
            found = (number << 32) | known
            slots[slot] = found
            seen[2 * known] = time
            known += 1
        ship = found & 0xFFFFFFFF
        if time < seen[2 * ship]:
            mixed[ship] = True
        seen[2 * ship] = time
        seen[2 * ship + 1] += 1
        ship_of[row] = ship
    return slots, seen, mixed, known


def _rows_placed(ship_of, nexts, places):  # type: ignore[no-untyped-def]
    for row in range(len(ship_of)):
        ship = ship_of[row]
        place = nexts[ship]
        places[row] = place
        nexts[ship] = place + 1


def _nearly_sorted(time_us, places, rows, starts, counts, mixed):  # type: ignore[no-untyped-def]
    """``rows`` from places; of ships nearly in the order of time both set right, and ``mixed`` left for the others."""
    for row in range(len(places)):
        rows[places[row]] = row
    for ship in range(len(mixed)):
        if not mixed[ship]:
            continue
        start, stop = starts[ship], starts[ship] + counts[ship]
        left = counts[ship] * _STEPS_A_ROW
        for i in range(start + 1, stop):
            row = rows[i]
            time = time_us[row]
            j = i
            while j > start and left > 0 and time_us[rows[j - 1]] > time:
                rows[j] = rows[j - 1]
                j -= 1
                left -= 1
            rows[j] = row
        if left > 0:
            mixed[ship] = False
            for i in range(start, stop):
                places[rows[i]] = i


def _values_put(column, places, values):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        put_item(column, np.int64(item(places, row)), item(values, row))


_tell_ships: Any = compiled(_ships_told)
_place: Any = compiled(_rows_placed)
_sort_nearly: Any = compiled(_nearly_sorted)
_put: Any = compiled(_values_put)


def warm() -> None:
    """Have the kernels compiled, or loaded from the cache."""
    places_by_ship(np.zeros(2, np.int32), np.array([1, 0]))
    places = places_by_ship(np.zeros(1, np.int32), np.zeros(1, np.int64))
    for word in ("u1", "u4", "u8"):
        put(np.zeros(1, word), places)
