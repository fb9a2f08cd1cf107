"""Land within a frame as one SVG path, from the coast that comes with geofences. Land only: no borders, no names."""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geofences.coast_files import Ring, read_rings
from shipwatch.reports.chart_frame import Frame

COARSE_FROM_DEG = 25.0
"""Frames wider than this are drawn from the coarser coast."""
SMALLEST_AREA = 0.4
"""Square units: what would be smaller than a dot is left out."""
FINEST = 0.25
"""Units: the shore is simplified to so much."""

_MARGIN = 2.0


def land_path(frame: Frame) -> str:
    """The ``d`` of an SVG path of all land in the frame; empty on open sea.

    Raises :class:`geofences.errors.CoastError` where the coast files are not installed.
    """
    rings, bounds = _rings("l" if frame.east - frame.west > COARSE_FROM_DEG else "i")
    parts: list[str] = []
    for turn in (-360.0, 0.0, 360.0):
        west, south, east, north = bounds.T
        near = (west + turn <= frame.east) & (east + turn >= frame.west)
        near &= (south <= frame.north) & (north >= frame.south)
        for number in np.flatnonzero(near).tolist():
            ring = rings[number]
            x, y = frame.xy_on_turn(ring[:, 1], ring[:, 0] + turn)
            parts.extend(_drawn(np.column_stack((x, y)), frame))
    return "".join(parts)


def _drawn(xy: NDArray[np.float64], frame: Frame) -> list[str]:
    size = np.ptp(xy, axis=0)
    if size[0] * size[1] < SMALLEST_AREA:
        return []
    polygon: BaseGeometry = shapely.simplify(Polygon(xy), FINEST / 2, preserve_topology=False)
    if polygon.is_empty:
        return []
    cut = shapely.clip_by_rect(
        shapely.make_valid(polygon), -_MARGIN, -_MARGIN, frame.width + _MARGIN, frame.height + _MARGIN
    )
    return [
        _path(np.asarray(piece.exterior.coords))
        for piece in shapely.get_parts(shapely.simplify(cut, FINEST))
        if piece.geom_type == "Polygon" and piece.area >= SMALLEST_AREA
    ]


def _path(xy: NDArray[np.float64]) -> str:
    points = [f"{x:.1f} {y:.1f}" for x, y in xy[:-1].tolist()]
    return "M" + "L".join(points) + "Z"


@cache
def _rings(resolution: str) -> tuple[list[Ring], NDArray[np.float64]]:
    rings = read_rings(resolution=resolution)
    bounds = np.array([(*ring.min(axis=0), *ring.max(axis=0)) for ring in rings])
    return rings, bounds
