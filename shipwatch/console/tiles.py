"""Coast tiles in spherical Mercator, drawn from GSHHG with Pillow: land, shoreline and a graticule, dark and light.

No borders are drawn, so no side is taken in any. GSHHG is no chart: the page says "not for navigation".
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geofences.coast_files import Ring, read_rings

SIZE = 256
DEEPEST = 17
FINER = 2
"""Drawn so many times larger and then reduced: smooth edges."""
MARGIN = 6 / SIZE
"""Land is cut this far outside the tile, so that the cut is never drawn as a shore."""
MOST_LATITUDE = 85.0511287798
RESOLUTIONS = ((2, "c"), (5, "l"), (DEEPEST, "i"))
"""Up to which zoom which resolution of the coast is fine enough."""
LOWEST_SHORE = 0.9999
"""Further south in the unit square the data only close the continent at the pole."""
LONGEST_MERIDIAN = 1 / 720
"""No shore runs along a meridian for so long (half a degree)."""
STEPS_DEG = (30.0, 10.0, 5.0, 2.0, 1.0, 0.5, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120)
LEAST_STEP_PX = 96.0

Geometries = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of one theme."""

    sea: str
    land: str
    shore: str
    lines: str


THEMES: Mapping[str, Theme] = {
    "dark": Theme(sea="#0e1722", land="#2a3644", shore="#5b6f84", lines="#1e2d3d"),
    "light": Theme(sea="#dce8f2", land="#f1eee6", shore="#93a1ae", lines="#c9d8e6"),
}


def read_shipped(resolution: str) -> Sequence[Ring]:
    """The rings of the installed coast files."""
    return read_rings(resolution=resolution)


class CoastTiles:
    """PNG tiles, cached: about 3 kB each, at most ``keep`` of them. May be asked from many threads."""

    def __init__(self, read: Callable[[str], Sequence[Ring]] = read_shipped, keep: int = 4000) -> None:
        self._read = read
        self._lock = Lock()
        self._world: dict[str, Geometries] = {}
        self._land = lru_cache(maxsize=512)(self._cut)
        self.png = lru_cache(maxsize=keep)(self._draw)

    def _draw(self, theme: str, z: int, x: int, y: int) -> bytes:
        colours, scale = THEMES[theme], SIZE * FINER
        image = Image.new("RGB", (scale, scale), colours.sea)
        draw = ImageDraw.Draw(image)
        for line in graticule(z, x, y):
            draw.line([(px * scale, py * scale) for px, py in line], fill=colours.lines, width=FINER)
        for polygon in self._land(z, x, y):
            ring = shapely.get_coordinates(shapely.get_exterior_ring(polygon))
            points = (ring * 2**z - (x, y)) * scale
            draw.polygon([tuple(point) for point in points], fill=colours.land)
            for first, last in shore_runs(ring):
                draw.line(
                    [tuple(point) for point in points[first:last]], fill=colours.shore, width=FINER, joint="curve"
                )
        held = io.BytesIO()
        image.resize((SIZE, SIZE), Image.Resampling.BOX).quantize(32).save(held, "PNG", optimize=True)
        return held.getvalue()

    def _cut(self, z: int, x: int, y: int) -> Geometries:
        """The land of one tile out of that of the tile above it."""
        resolution = next(name for deepest, name in RESOLUTIONS if z <= deepest)
        above = next((name for deepest, name in RESOLUTIONS if z - 1 <= deepest), None)
        source = self._land(z - 1, x // 2, y // 2) if z and above == resolution else self._rings(resolution)
        west, north, wide = (x - MARGIN) / 2**z, (y - MARGIN) / 2**z, (1 + 2 * MARGIN) / 2**z
        cut = shapely.clip_by_rect(source, west, north, west + wide, north + wide)
        parts = shapely.get_parts(cut[~shapely.is_empty(cut)])
        return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])

    def _rings(self, resolution: str) -> Geometries:
        with self._lock:
            if resolution not in self._world:
                flat: Any = [shapely.linearrings(mercator(ring)) for ring in self._read(resolution) if len(ring) > 3]
                self._world[resolution] = np.asarray(shapely.polygons(flat))
            return self._world[resolution]


def mercator(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude (n, 2) in the unit square of the tile scheme: x east from 180 W, y south from 85 N.

    >>> mercator(np.array([[0.0, 0.0], [180.0, 0.0]])).round(3).tolist()
    [[0.5, 0.5], [1.0, 0.5]]
    """
    lat = np.radians(np.clip(degrees[:, 1], -MOST_LATITUDE, MOST_LATITUDE))
    return np.column_stack(((degrees[:, 0] / 180 + 1) / 2, (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2))


def shore_runs(ring: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Stretches [first, last) of a ring that are shore: not where the data are cut along a meridian or at the pole."""
    step = np.abs(np.diff(ring, axis=0))
    edge = np.isclose(ring[:, 0], 0, atol=1e-9) | np.isclose(ring[:, 0], 1, atol=1e-9) | (ring[:, 1] > LOWEST_SHORE)
    cut = (edge[1:] & edge[:-1]) | ((step[:, 0] < 1e-9) & (step[:, 1] > LONGEST_MERIDIAN))
    ends = np.concatenate(([-1], np.flatnonzero(cut), [len(step)]))
    return [(int(a) + 1, int(b) + 1) for a, b in pairwise(ends) if b - a > 1]


def graticule_step_deg(z: int) -> float:
    """Degrees between meridians at a zoom: the smallest step at which lines stand well apart.

    >>> graticule_step_deg(0), graticule_step_deg(9)
    (30.0, 0.5)
    """
    per_degree = SIZE * 2**z / 360
    fitting = [step for step in STEPS_DEG if step * per_degree >= LEAST_STEP_PX]
    return min(fitting, default=STEPS_DEG[0])


def graticule(z: int, x: int, y: int) -> list[list[tuple[float, float]]]:
    """Meridians and parallels through one tile, in parts of the tile."""
    step = graticule_step_deg(z)
    west, east = ((x + part) / 2**z * 360 - 180 for part in (0, 1))
    north, south = (np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (y + part) / 2**z)))) for part in (0, 1))
    lines = []
    for number in range(int(np.ceil(west / step)), int(np.floor(east / step)) + 1):
        at = ((number * step + 180) / 360) * 2**z - x
        lines.append([(at, 0.0), (at, 1.0)])
    for number in range(int(np.ceil(south / step)), int(np.floor(north / step)) + 1):
        at = float(mercator(np.array([[0.0, number * step]]))[0, 1]) * 2**z - y
        lines.append([(0.0, at), (1.0, at)])
    return lines
