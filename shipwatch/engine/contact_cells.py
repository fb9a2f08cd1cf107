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

BUCKET_US = 3600 * US
LEAST_CELL_M = 1000.0
POLAR_FROM_DEG = 87.9
POLAR_ONLY_DEG = 88.1
"""Legs that reach beyond the first are entered on the polar plane, those wholly beyond the second only there."""


@inlined
def cell_key(bucket: int, row: int, column: int) -> Any:
    """A number for a cell and a bucket, the next one for the same cell in the bucket after it.

    Two of them may share one, which costs a comparison and no more.
    """
    key = np.uint64(row) * np.uint64(0xC2B2AE3D27D4EB4F)
    key ^= np.uint64(column) * np.uint64(0x165667B19E3779F9)
    key ^= key >> np.uint64(29)
    key *= np.uint64(0xBF58476D1CE4E5B9)
    key ^= key >> np.uint64(32)
    return key + np.uint64(bucket)


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
