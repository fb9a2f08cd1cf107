"""Puts rows in the order of (ship, time) in two passes: a place for every row, then each column to its places.

Ships are told apart by a hash table and counted; a row's place is its ship's start plus how many came before. Ships
whose rows are not in the order of time are sorted, no others. Rows of one ship and time stay in the order of the input.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from decoders.kernel_cache import compiled
from decoders.reports import Array

_MIX = np.uint64(0x9E3779B97F4A7C15)


def places_by_ship(mmsi: Array, time_us: Array) -> Array:
    """Where each row goes, int64, for rows of ``mmsi`` (int32) and ``time_us`` (int64) in the order of (mmsi, time_us).

    >>> places_by_ship(np.array([7, 5, 7], np.int32), np.array([2, 9, 1])).tolist()
    [2, 0, 1]
    """
    return np.asarray(_places(np.ascontiguousarray(mmsi, np.int32), np.ascontiguousarray(time_us, np.int64)))


def put(pieces: Iterable[Array], places: Array) -> Array:
    """One column out of its pieces, each value at its place.

    >>> put([np.array([1.5, 2.5]), np.array([3.5])], np.array([2, 0, 1])).tolist()
    [2.5, 3.5, 1.5]
    """
    made: Array | None = None
    at = 0
    for piece in pieces:
        if made is None:
            made = np.empty(len(places), piece.dtype)
        here = places[at : at + len(piece)]
        if piece.dtype.itemsize in (1, 4, 8) and piece.flags.c_contiguous:
            word = f"u{piece.dtype.itemsize}"
            _put(made.view(word), here, piece.view(word))
        else:
            made[here] = piece
        at += len(piece)
    return np.empty(0) if made is None else made


def _place_rows(mmsi, time_us):  # type: ignore[no-untyped-def]
    rows = len(mmsi)
    size = 1 << 15
    slots = np.full(size, -1, np.int32)
    ships = np.empty(size // 2, np.int32)
    counts = np.zeros(size // 2, np.int64)
    last = np.empty(size // 2, np.int64)
    mixed = np.zeros(size // 2, np.bool_)
    ship_of = np.empty(rows, np.int32)
    known = 0
    for row in range(rows):
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
    starts = np.empty(known, np.int64)
    at = 0
    for ship in np.argsort(ships[:known]):
        starts[ship] = at
        at += counts[ship]
    nexts = starts.copy()
    places = np.empty(rows, np.int64)
    some_mixed = False
    for row in range(rows):
        ship = ship_of[row]
        places[row] = nexts[ship]
        nexts[ship] += 1
        some_mixed |= mixed[ship]
    if some_mixed:
        order = np.empty(rows, np.int32)
        for row in range(rows):
            order[places[row]] = row
        for ship in range(known):
            if mixed[ship]:
                own = order[starts[ship] : nexts[ship]].copy()
                times = np.empty(len(own), np.int64)
                for i in range(len(own)):
                    times[i] = time_us[own[i]]
                sorted_own = np.argsort(times, kind="mergesort")
                for i in range(len(own)):
                    places[own[sorted_own[i]]] = starts[ship] + i
    return places


def _put_values(column, places, values):  # type: ignore[no-untyped-def]
    for row in range(len(values)):
        column[places[row]] = values[row]


_places: Any = compiled(_place_rows)
_put: Any = compiled(_put_values)


def warm() -> None:
    """Have the kernels compiled, or loaded from the cache."""
    places = places_by_ship(np.zeros(1, np.int32), np.zeros(1, np.int64))
    for word in ("u1", "u4", "u8"):
        put([np.zeros(1, word)], places)
