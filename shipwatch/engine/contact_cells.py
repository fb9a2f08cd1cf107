"""Cells of water in half an hour of time, for compiled kernels: who was there, so that only neighbours are compared.

Each piece of a leg is entered in every cell that lies within half the enter distance of it, so two ships in contact
share a cell; what counts is decided in closed form afterwards. Rows of cells have whole numbers of columns, so 180
degrees is no seam; around the poles cells lie on a plane.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import inlined
from shipwatch.engine.motion import M_PER_DEG, US
from shipwatch.engine.records import CELL, ENTRY, Records

BUCKET_US = 1800 * US
LEAST_CELL_M = 1000.0
POLAR_FROM_DEG = 87.9
POLAR_ONLY_DEG = 88.1
"""Legs that reach beyond the first are entered on the polar plane, those wholly beyond the second only there."""


@inlined
def cell_key(bucket: int, row: int, column: int) -> Any:
    """A number for a cell and a bucket; two of them may share one, which costs a comparison and no more."""
    key = np.uint64(bucket) * np.uint64(0x9E3779B97F4A7C15)
    key ^= np.uint64(row) * np.uint64(0xC2B2AE3D27D4EB4F)
    key ^= np.uint64(column) * np.uint64(0x165667B19E3779F9)
    key ^= key >> np.uint64(29)
    key *= np.uint64(0xBF58476D1CE4E5B9)
    key ^= key >> np.uint64(32)
    return key | np.uint64(1)


@inlined
def find_cell(cells: Records, key: Any, bucket: int) -> Any:
    """The place of the cell; a new one is made where it is not there yet (its ``first`` is -1)."""
    mask = np.uint64(len(cells) - 1)
    at = (key >> np.uint64(7)) & mask
    while cells[at].key != 0 and cells[at].key != key:
        at = (at + np.uint64(1)) & mask
    if cells[at].key == 0:
        cells[at].key = key
        cells[at].bucket = bucket
        cells[at].first = -1
        return -np.int64(at) - 1
    return np.int64(at)


@inlined
def empty_cells(size: int) -> Any:
    """That many free places (a power of two)."""
    made = np.empty(size, CELL)
    for at in range(size):
        made[at].key = 0
    return made


@inlined
def fresh_cells(cells: Records, entries: Records, count: Any, oldest: int) -> Any:
    """Cells and entries without buckets before ``oldest``; ``count`` is set to entries and cells used."""
    kept = 0
    for at in range(len(cells)):
        kept += cells[at].key != 0 and cells[at].bucket >= oldest
    size = 64
    while size < 4 * kept:
        size *= 2
    made, listed, number, used = empty_cells(size), np.empty(max(64, 2 * count[0]), ENTRY), 0, 0
    for old in range(len(cells)):
        if cells[old].key == 0 or cells[old].bucket < oldest:
            continue
        at = -find_cell(made, cells[old].key, cells[old].bucket) - 1
        used += 1
        each, last = cells[old].first, -1
        while each != -1:
            listed[number] = entries[each]
            listed[number].next = -1
            if last == -1:
                made[at].first = number
            else:
                listed[last].next = number
            last = number
            number += 1
            each = entries[each].next
    count[0] = number
    count[1] = used
    return made, listed


@inlined
def columns_of(row: int, cell_deg: float) -> int:
    """How many columns a row has so that each is at least a cell wide on the ground."""
    edge = max(abs(row * cell_deg - 90.0), abs((row + 1) * cell_deg - 90.0))
    return max(1, int(360.0 * math.cos(math.radians(min(edge, 89.9))) / cell_deg))


@inlined
def rows_of(lat0: float, lat1: float, half_m: float, cell_deg: float) -> tuple[int, int]:
    """First and last row that a piece between these latitudes is entered in."""
    off_deg = half_m / M_PER_DEG
    return (
        math.floor((min(lat0, lat1) - off_deg + 90.0) / cell_deg),
        math.floor((max(lat0, lat1) + off_deg + 90.0) / cell_deg),
    )


@inlined
def span_of(lat0: float, lon0: float, lat1: float, lon1: float, half_m: float, columns: int) -> tuple[int, int]:
    """First and last column (not wrapped yet) that a piece is entered in."""
    steepest = min(max(abs(lat0), abs(lat1)) + half_m / M_PER_DEG, 89.5)
    off_deg = half_m / (M_PER_DEG * math.cos(math.radians(steepest)))
    low = math.floor((min(lon0, lon1) - off_deg + 180.0) * columns / 360.0)
    high = math.floor((max(lon0, lon1) + off_deg + 180.0) * columns / 360.0)
    return low, min(high, low + columns - 1)
