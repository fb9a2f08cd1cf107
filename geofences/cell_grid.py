"""Which zones hold a point, for millions of points: cells settled once, exact geometry only at the edges.

The globe is cut into cells of 0.1 degree, and those that a zone's edge runs through into 8 x 8 smaller ones. A cell
carries a code for the set of zones that hold all of it and the set whose edge touches it. Only points in cells of the
latter sort are asked of shapely, so the answer is that of shapely for every point (a test holds it to that).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geofences.errors import ZoneError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SPLIT = 8
FINE_PER_DEGREE = 10 * SPLIT
COLUMNS = 3601
"""One more than the globe has: a longitude a rounding error below 180 may land there."""
ROWS = 1801
MAX_MEMBERSHIPS = 30_000_000
"""Cells that all zones together may cover: about five times the globe."""
MAX_SPLIT_CELLS = 400_000
MAX_EDGE_CELLS = 3_000_000

_CHUNK = 100_000
_PAD = 1e-9
"""Cells are judged this much larger (degrees), so that a rounded cell number can do no harm."""


class CellGrid:
    """Point location in a fixed sequence of polygons; points on an edge count as inside.

    ``codes`` gives each point a row of the tables ``inside`` (zones that certainly hold it) and ``edge`` (zones that
    have to be asked); code 0 is "no zone near". Built once, in memory of about 26 MB plus 256 B for each cell that an
    edge runs through. Raises :class:`ZoneError` when the polygons cover so much that the grid would not fit in memory.
    """

    def __init__(self, polygons: Sequence[BaseGeometry]) -> None:
        self._polygons = list(polygons)
        for polygon in self._polygons:
            shapely.prepare(polygon)
        pieces: list[tuple[Ints, Ints, Ints]] = []
        covered = 0
        for polygon in self._polygons:
            pieces.append(_cells_of(polygon))
            covered += sum(cells.size for cells in pieces[-1])
            if covered > MAX_MEMBERSHIPS:
                raise ZoneError("the zones together cover more cells than can be indexed; use fewer or smaller zones")
        split = np.unique(np.concatenate([np.empty(0, np.int64), *(p[1] // SPLIT**2 for p in pieces)]))
        split = np.union1d(split, np.concatenate([np.empty(0, np.int64), *(p[2] // SPLIT**2 for p in pieces)]))
        if split.size > MAX_SPLIT_CELLS:
            raise ZoneError("the zones together have more edges than can be indexed; simplify the polygons")
        coarse = np.zeros(ROWS * COLUMNS, np.int32)
        coarse[split] = -1 - np.arange(split.size, dtype=np.int32)
        fine = np.zeros((split.size, SPLIT**2), np.int32)
        chain = _Chain()
        for number, (whole, part, edge) in enumerate(pieces):
            of = coarse[whole]
            chain.extend(coarse, whole[of >= 0], number, edge=False)
            in_split = (-1 - of[of < 0]).astype(np.int64)
            below = (in_split[:, None] * SPLIT**2 + np.arange(SPLIT**2)).ravel()
            flat = fine.reshape(-1)
            chain.extend(flat, below, number, edge=False)
            for cells, is_edge in ((part, False), (edge, True)):
                block = (-1 - coarse[cells // SPLIT**2]).astype(np.int64)
                chain.extend(flat, block * SPLIT**2 + cells % SPLIT**2, number, edge=is_edge)
        self._coarse, self._fine = coarse, fine.reshape(-1)
        inside_lists, edge_lists = chain.tables()
        self.inside, self.edge = ZoneLists.of(inside_lists), ZoneLists.of(edge_lists)

    def codes(self, lat: Floats, lon: Floats) -> NDArray[np.int32]:
        """The code of each point (int32); 0 for points that are NaN or off the globe. Longitudes may be -540..540."""
        if lat.size == 0:
            return np.empty(0, np.int32)
        # NaN makes every comparison false, so columns with one take the careful way
        if not (lat.min() >= -90.0 and lat.max() <= 90.0 and lon.min() >= -180.0 and lon.max() < 180.0):
            good = on_globe(lat, lon)
            careful = np.zeros(lat.size, np.int32)
            if good.any():
                careful[good] = self.codes(lat[good], wrapped(lon[good]))
            return careful
        column = ((lon + 180.0) * FINE_PER_DEGREE).astype(np.int32)
        row = ((lat + 90.0) * FINE_PER_DEGREE).astype(np.int32)
        codes: NDArray[np.int32] = self._coarse[(row // SPLIT) * COLUMNS + column // SPLIT]
        split = np.flatnonzero(codes < 0)
        if split.size:
            row, column = row[split] % SPLIT, column[split] % SPLIT
            codes[split] = self._fine[(-1 - codes[split].astype(np.int64)) * SPLIT**2 + row * SPLIT + column]
        return codes

    def edge_hits(self, lat: Floats, lon: Floats, codes: NDArray[np.int32]) -> tuple[Ints, Ints]:
        """(point, zone) pairs of the zones in ``edge`` that hold the point, each polygon asked exactly; unordered."""
        points, zones = self.edge.expand(codes)
        hit = np.zeros(points.size, np.bool_)
        order = np.argsort(zones, kind="stable")
        x, y = wrapped(lon), lat
        for run in _runs(zones[order]):
            rows = order[run]
            polygon = self._polygons[int(zones[rows[0]])]
            px, py = x[points[rows]], y[points[rows]]
            inside = shapely.intersects_xy(polygon, px, py)
            seam = px == -180.0  # the same meridian as 180, where the other half of a cut polygon ends
            if seam.any():
                inside[seam] |= shapely.intersects_xy(polygon, 180.0, py[seam])
            hit[rows] = inside
        return points[hit], zones[hit]

    def pairs(self, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
        """All (point, zone) pairs in which the zone holds the point, by point, then zone."""
        codes = self.codes(lat, lon)
        sure = self.inside.expand(codes)
        asked = self.edge_hits(lat, lon, codes)
        points, zones = (np.concatenate(both) for both in zip(sure, asked, strict=True))
        order = np.lexsort((zones, points))
        return points[order], zones[order]


@dataclass(frozen=True, slots=True)
class ZoneLists:
    """A list of zone numbers for each code, in two columns."""

    counts: Ints
    starts: Ints
    zones: Ints

    @classmethod
    def of(cls, lists: Sequence[tuple[int, ...]]) -> ZoneLists:
        """The lists, laid end to end."""
        counts = np.array([len(zones) for zones in lists], np.int64)
        return cls(counts, np.cumsum(counts) - counts, np.fromiter((z for zones in lists for z in zones), np.int64))

    def expand(self, codes: NDArray[np.int32]) -> tuple[Ints, Ints]:
        """(point, zone) for every zone listed under the point's code."""
        rows = np.flatnonzero(self.counts[codes])
        counts = self.counts[codes[rows]]
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(rows, counts), self.zones[np.repeat(self.starts[codes[rows]], counts) + offset]


class _Chain:
    """Codes for sets of zones, made by adding one zone at a time: each code is an older one and one zone more."""

    def __init__(self) -> None:
        self.parent = [0]
        self.zone = [-1]
        self.is_edge = [False]

    def extend(self, grid: NDArray[np.int32], cells: Ints, zone: int, *, edge: bool) -> None:
        if cells.size == 0:
            return
        before, which = np.unique(grid[cells], return_inverse=True)
        grid[cells] = (len(self.parent) + which).astype(np.int32)
        self.parent += before.tolist()
        self.zone += [zone] * before.size
        self.is_edge += [edge] * before.size

    def tables(self) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
        inside: list[tuple[int, ...]] = [()]
        edge: list[tuple[int, ...]] = [()]
        for parent, zone, is_edge in zip(self.parent[1:], self.zone[1:], self.is_edge[1:], strict=True):
            inside.append(inside[parent] if is_edge else (*inside[parent], zone))
            edge.append((*edge[parent], zone) if is_edge else edge[parent])
        return inside, edge


def on_globe(lat: Floats, lon: Floats) -> Bools:
    """Whether both coordinates are numbers that name a place (latitude -90..90, longitude -540..540)."""
    with np.errstate(invalid="ignore"):
        good: Bools = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 540.0)
    return good


def wrapped(lon: Floats) -> Floats:
    """Longitudes brought into [-180, 180) by whole turns; 180 becomes -180."""
    lon = np.where(lon >= 180.0, lon - 360.0, lon)
    lon = np.where(lon < -180.0, lon + 360.0, lon)
    return np.where(lon >= 180.0, lon - 360.0, lon)


def _cells_of(polygon: BaseGeometry) -> tuple[Ints, Ints, Ints]:
    """Cells wholly inside, small cells wholly inside (in cells with an edge), small cells with an edge.

    Small cells are numbered cell x 64 + place. Squares are halved until no edge runs through them.
    """
    edges = shapely.boundary(polygon)
    shapely.prepare(edges)
    min_x, min_y, max_x, max_y = polygon.bounds
    low = np.floor((np.array((min_x + 180.0, min_y + 90.0)) - _PAD) * FINE_PER_DEGREE).astype(np.int64)
    high = np.floor((np.array((max_x + 180.0, max_y + 90.0)) + _PAD) * FINE_PER_DEGREE).astype(np.int64)
    size = SPLIT
    while size < 64 * SPLIT and size < (high - low).max():
        size *= 2
    low, high = np.maximum(low, 0) // size * size, np.minimum(high, np.array((COLUMNS, ROWS)) * SPLIT - 1)
    grid = np.meshgrid(np.arange(low[0], high[0] + 1, size), np.arange(low[1], high[1] + 1, size))
    col, row = grid[0].ravel(), grid[1].ravel()
    whole: list[Ints] = [np.empty(0, np.int64)]
    part: list[Ints] = [np.empty(0, np.int64)]
    while True:
        x, y = col / FINE_PER_DEGREE - 180.0, row / FINE_PER_DEGREE - 90.0
        step = size / FINE_PER_DEGREE
        hit = np.zeros(x.size, np.bool_)
        for begin in range(0, x.size, _CHUNK):  # a box is an object: not all of them at once
            bx, by = x[begin : begin + _CHUNK], y[begin : begin + _CHUNK]
            boxes = shapely.box(bx - _PAD, by - _PAD, bx + step + _PAD, by + step + _PAD)
            hit[begin : begin + _CHUNK] = shapely.intersects(edges, boxes)
        if np.count_nonzero(hit) > MAX_EDGE_CELLS:
            raise ZoneError("a zone has more edges than can be indexed; simplify its polygon")
        rest = np.flatnonzero(~hit)
        within = rest[shapely.intersects_xy(polygon, x[rest] + step / 2, y[rest] + step / 2)]
        (whole if size >= SPLIT else part).append(_cell_numbers(col[within], row[within], size))
        col, row = col[hit], row[hit]
        if size == 1:
            edge = _cell_numbers(col, row, 1)
            break
        size //= 2
        col = (col[:, None] + np.array((0, size, 0, size))).ravel()
        row = (row[:, None] + np.array((0, 0, size, size))).ravel()
        keep = (col <= high[0]) & (row <= high[1])
        col, row = col[keep], row[keep]
    if max_x == 180.0:  # a point at 180 is looked up at -180
        rows = np.arange(max(low[1], 0), high[1] + 1)
        seam = _cell_numbers(np.zeros_like(rows), rows, 1)
        known = np.concatenate((*part, edge))
        edge = np.concatenate((edge, seam[~np.isin(seam, known) & ~np.isin(seam // SPLIT**2, np.concatenate(whole))]))
    return np.concatenate(whole), np.concatenate(part), edge


def _cell_numbers(col: Ints, row: Ints, size: int) -> Ints:
    if size >= SPLIT:
        n = np.arange(size // SPLIT)
        return ((row[:, None, None] // SPLIT + n[:, None]) * COLUMNS + col[:, None, None] // SPLIT + n).ravel()
    n = np.arange(size)
    fine_row, fine_col = row[:, None, None] + n[:, None], col[:, None, None] + n
    cell = (fine_row // SPLIT) * COLUMNS + fine_col // SPLIT
    numbers: Ints = (cell * SPLIT**2 + fine_row % SPLIT * SPLIT + fine_col % SPLIT).ravel()
    return numbers


def _runs(values: Ints) -> Iterator[slice]:
    """Slices of equal values in a sorted column."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    bounds = np.concatenate(([0], cuts, [values.size]))
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if stop > start:
            yield slice(start, stop)
