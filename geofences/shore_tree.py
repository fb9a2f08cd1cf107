"""Metres to the nearest coast: a tree of boxes around pieces of coast, walked for all points at once.

Everything is done with unit vectors on the sphere, so poles and longitude 180 are places like others. A piece of coast
is the great-circle arc between two neighbouring vertices.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geofences.cell_grid import Floats, Ints
from geofences.sphere import EARTH_RADIUS_M, unit_vectors

_LEAF = 12
_FAN_BITS = 3
_CHUNK = 8192
_SLACK = 1e-9
"""Boxes are this much larger (in earth radii: 6 mm) against rounding."""


class ShoreTree:
    """Nearest-arc search over rings of (n, 2) longitude and latitude in degrees.

    Edges along longitude 180 or at a pole are where a ring was cut, not coast, and are left out.
    """

    def __init__(self, rings: Sequence[Floats]) -> None:
        none = np.empty((0, 2))
        closed = [r if (r[0] == r[-1]).all() else np.vstack((r, r[:1])) for r in rings]
        a = np.concatenate([none, *(r[:-1] for r in closed)])
        b = np.concatenate([none, *(r[1:] for r in closed)])
        cut = ((np.abs(a[:, 0]) == 180.0) & (np.abs(b[:, 0]) == 180.0)) | ((a[:, 1] <= -90.0) & (b[:, 1] <= -90.0))
        keep = ~cut & (a != b).any(axis=1)
        start, end = unit_vectors(a[keep, 1], a[keep, 0]), unit_vectors(b[keep, 1], b[keep, 0])
        self._empty = start.shape[0] == 0
        if self._empty:
            return
        depth = max(0, round(np.log2(max(start.shape[0] / _LEAF, 1)) / _FAN_BITS)) * _FAN_BITS
        order = _kd_order(start + end, depth)
        self._start, self._end = start[order], end[order]
        normal = np.cross(self._start, self._end)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)
        self._normal = normal
        self._after, self._before = np.cross(normal, self._start), np.cross(self._end, normal)
        self._leaf = order.size >> depth
        self._levels = [_boxes(self._start, self._end, 1 << level) for level in range(0, depth + 1, _FAN_BITS)]

    def distance_m(self, lat: Floats, lon: Floats) -> Floats:
        """Great-circle metres from each point to the nearest arc; NaN for NaN, infinite where there is no coast."""
        metres = np.where(np.isfinite(lat) & np.isfinite(lon), np.inf, np.nan)
        rows = np.flatnonzero(np.isinf(metres))
        if self._empty:
            return metres
        for begin in range(0, rows.size, _CHUNK):
            part = rows[begin : begin + _CHUNK]
            metres[part] = self._nearest(unit_vectors(lat[part], lon[part])) * EARTH_RADIUS_M
        return metres

    def _nearest(self, p: Floats) -> Floats:
        """Angle in radians from each unit vector to the nearest arc."""
        best = self._first_guess(p)
        limit = (2.0 * np.sin(best / 2.0)) ** 2 + _SLACK**2  # squared straight-line distance
        points = np.arange(p.shape[0])
        nodes = np.zeros(p.shape[0], np.int64)
        for level in range(1, len(self._levels)):
            points, nodes = _children(points, nodes)
            keep = self._lower(p, points, nodes, level) <= limit[points]
            points, nodes = points[keep], nodes[keep]
        np.minimum.at(best, points, self._in_leaf(p, points, nodes))
        return best

    def _first_guess(self, p: Floats) -> Floats:
        """The nearest arc of one promising leaf: an upper bound that prunes nearly all of the rest."""
        nodes = np.zeros(p.shape[0], np.int64)
        rows = np.arange(p.shape[0])
        for level in range(1, len(self._levels)):
            points, children = _children(rows, nodes)
            lower = self._lower(p, points, children, level).reshape(rows.size, -1)
            nodes = children.reshape(rows.size, -1)[rows, lower.argmin(axis=1)]
        return self._in_leaf(p, rows, nodes)

    def _lower(self, p: Floats, points: Ints, nodes: Ints, level: int) -> Floats:
        """Squared straight-line distance to the box: no arc in it is nearer."""
        low, high = self._levels[level]
        total = np.zeros(points.size)
        for axis in range(3):
            at = p[points, axis]
            off = np.maximum(np.maximum(low[axis][nodes] - at, at - high[axis][nodes]), 0.0)
            total += off * off
        return total

    def _in_leaf(self, p: Floats, points: Ints, nodes: Ints) -> Floats:
        """Least angle from each point to the arcs of its leaf."""
        least = np.full(points.size, np.inf)
        for place in range(self._leaf):
            arcs = nodes * self._leaf + place
            at = p[points]
            beside = (np.einsum("ij,ij->i", at, self._after[arcs]) >= 0.0) & (
                np.einsum("ij,ij->i", at, self._before[arcs]) >= 0.0
            )
            across = np.arcsin(np.minimum(np.abs(np.einsum("ij,ij->i", at, self._normal[arcs])), 1.0))
            to_start = np.linalg.norm(at - self._start[arcs], axis=1)
            to_end = np.linalg.norm(at - self._end[arcs], axis=1)
            to_corner = 2.0 * np.arcsin(np.minimum(np.minimum(to_start, to_end) / 2.0, 1.0))
            np.minimum(least, np.where(beside, across, to_corner), out=least)
        return least


def _children(points: Ints, nodes: Ints) -> tuple[Ints, Ints]:
    fan = 1 << _FAN_BITS
    return np.repeat(points, fan), (nodes[:, None] * fan + np.arange(fan)).ravel()


def _kd_order(middle: Floats, depth: int) -> Ints:
    """An order of the arcs in which each of 2**depth equal runs is compact; some stand twice to fill up."""
    size = -(-middle.shape[0] // (1 << depth)) << depth
    order: Ints = np.arange(size) % middle.shape[0]
    for level in range(depth):
        groups = middle[order].reshape(1 << level, -1, 3)
        widest = np.ptp(groups, axis=1).argmax(axis=1)
        key = np.take_along_axis(groups, widest[:, None, None], axis=2)[:, :, 0]
        half = key.shape[1] // 2
        inner = np.argpartition(key, half, axis=1)
        order = np.take_along_axis(order.reshape(1 << level, -1), inner, axis=1).ravel()
    return order


def _boxes(start: Floats, end: Floats, count: int) -> tuple[Floats, Floats]:
    """Low and high corners, each (3, count), of boxes that hold the arcs of each of ``count`` equal runs."""
    a, b = start.reshape(count, -1, 3), end.reshape(count, -1, 3)
    # an arc leaves its chord by no more than its sagitta, which is at most an eighth of the chord squared (and a bit)
    bulge = (np.sum((a - b) ** 2, axis=2).max(axis=1) / 4.0 + _SLACK)[:, None]
    low = np.minimum(a.min(axis=1), b.min(axis=1)) - bulge
    high = np.maximum(a.max(axis=1), b.max(axis=1)) + bulge
    return np.ascontiguousarray(low.T), np.ascontiguousarray(high.T)
