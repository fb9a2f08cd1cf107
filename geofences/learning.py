"""Ports and anchorages learned from where ships lie still: cells in which enough different ships stayed long enough.

The method is that of Global Fishing Watch's anchorages (a cell of about half a kilometre, 20 ships, each still for 12
hours), with cells joined into areas. What is learned is written to a file and used like any other zone: never learned
inside the stream, where results would depend on history.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import box, union_all
from shapely.affinity import scale
from shapely.geometry import MultiPolygon, Polygon

from geofences.polygons import as_zone_polygon
from geofences.ports import place_text
from geofences.zone import Zone

Array = NDArray[Any]

CELL_DEG = 0.005
"""Of latitude, some 550 m; of longitude so many that the cell stays about square."""
STILL_KN = 0.5
HOUR_US = 3_600_000_000
MARGIN_DEG = 0.003
_ROWS = round(180 / CELL_DEG)
_COLUMNS = round(360 / CELL_DEG)
_MMSI_BITS = 30


class StillShips:
    """Counts, cell by cell, the hours in which each ship was heard lying still; fed in the order of time.

    >>> still = StillShips()
    >>> hours = np.arange(14) * HOUR_US
    >>> for mmsi in (311000013, 311000014):
    ...     still.add(np.full(14, mmsi), hours, np.full(14, 30.0), np.full(14, 125.0), np.zeros(14))
    >>> [zone.kind for zone in still.zones(min_vessels=2, min_hours=12)]
    ['excluded']
    """

    def __init__(self) -> None:
        self._keys = np.zeros(0, np.int64)
        self._hours = np.zeros(0, np.int32)
        self._last_hour: Array = np.zeros(0, np.int64)
        """Hour in which each key was counted last."""

    def add(
        self, mmsi: ArrayLike, time_us: ArrayLike, lat_deg: ArrayLike, lon_deg: ArrayLike, sog_kn: ArrayLike
    ) -> None:
        """Count one block of positions; rows without a speed, or faster than half a knot, are passed over."""
        slow = np.asarray(sog_kn) <= STILL_KN
        ships, hours = np.asarray(mmsi)[slow].astype(np.int64), np.asarray(time_us)[slow] // HOUR_US
        cells = _cells(np.asarray(lat_deg, np.float64)[slow], np.asarray(lon_deg, np.float64)[slow])
        keys = (cells << _MMSI_BITS) | ships
        order = np.lexsort((hours, keys))
        keys, hours = keys[order], hours[order]
        new = np.ones(len(keys), bool)
        new[1:] = (keys[1:] != keys[:-1]) | (hours[1:] != hours[:-1])
        keys, hours = keys[new], hours[new]
        place = np.minimum(np.searchsorted(self._keys, keys), max(len(self._keys) - 1, 0))
        if len(self._keys):  # the hour that the block before ended in is not counted twice
            again = (self._keys[place] == keys) & (self._last_hour[place] >= hours)
            keys, hours = keys[~again], hours[~again]
        if not len(keys):
            return
        united = np.union1d(self._keys, keys)
        counts, last = np.zeros(len(united), np.int32), np.full(len(united), np.iinfo(np.int64).min)
        held = np.searchsorted(united, self._keys)
        counts[held], last[held] = self._hours, self._last_hour
        now = np.searchsorted(united, keys)
        np.add.at(counts, now, 1)
        np.maximum.at(last, now, hours)
        self._keys, self._hours, self._last_hour = united, counts, last

    def zones(self, *, min_vessels: int = 20, min_hours: int = 12) -> tuple[Zone, ...]:
        """The areas where at least so many ships each lay still in at least so many hours, as excluded zones.

        Cells that touch are one area. Names are of the nearest known place, numbered where several share one.
        """
        long_enough = self._keys[self._hours >= min_hours] >> _MMSI_BITS
        cells, vessels = np.unique(long_enough, return_counts=True)
        cells, vessels = cells[vessels >= min_vessels], vessels[vessels >= min_vessels]
        if not len(cells):
            return ()
        areas = union_all([_square(int(cell)) for cell in cells])
        parts = areas.geoms if isinstance(areas, MultiPolygon) else [areas]
        zones: list[Zone] = []
        names: dict[str, int] = {}
        for part in sorted(parts, key=lambda part: (-part.centroid.y, part.centroid.x)):
            middle = part.centroid
            inside = sum(int(n) for cell, n in zip(cells, vessels, strict=True) if part.contains(_middle(int(cell))))
            name = f"Learned: {place_text(middle.y, middle.x)}"
            names[name] = names.get(name, 0) + 1
            if names[name] > 1:
                name = f"{name} ({names[name]})"
            zones.append(
                Zone(
                    name=name,
                    kind="excluded",
                    geometry=as_zone_polygon(part),
                    purpose="anchorage",
                    source="learned from positions of ships lying still",
                    confidence="approximate",
                    note=f"{inside} stays of at least {min_hours} h; {min_vessels} ships a cell of about 550 m",
                )
            )
        return tuple(zones)


def _cells(lat: Array, lon: Array) -> Array:
    row = np.clip(np.floor((lat + 90.0) / CELL_DEG), 0, _ROWS - 1).astype(np.int64)
    column = np.floor((lon + 180.0) % 360.0 / _width_deg(row)).astype(np.int64)
    return np.asarray(row * _COLUMNS + column)


def _width_deg(row: Any) -> Any:
    """Width of the cells of a row: a whole number of them goes around the world."""
    around = np.maximum(np.round(_COLUMNS * np.cos(np.radians((row + 0.5) * CELL_DEG - 90.0))), 1)
    return 360.0 / around


def _square(cell: int) -> Polygon:
    """The cell with a margin, so that neighbours and diagonal neighbours touch."""
    row, column = divmod(cell, _COLUMNS)
    width = float(_width_deg(row))
    south, west = row * CELL_DEG - 90.0, column * width - 180.0
    plain = box(west, south, west + width, south + CELL_DEG)
    return scale(plain, 1 + 2 * MARGIN_DEG / CELL_DEG, 1 + 2 * MARGIN_DEG / CELL_DEG)


def _middle(cell: int) -> Any:
    return _square(cell).centroid
