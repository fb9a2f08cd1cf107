"""Water far enough from what is excluded: a set of zones as rules see it that keep clear of ports and of the shore."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geofences.cell_grid import Bools
from geofences.errors import ZoneError
from geofences.land import distance_to_shore_m
from geofences.polygons import as_zone_polygon
from geofences.sphere import EARTH_RADIUS_M
from geofences.zones import ZoneSet

_CORNERS_IN_A_QUARTER = 16
_FURTHEST_LAT_DEG = 89.0


def widened(zones: ZoneSet, metres: float) -> ZoneSet:
    """The same zones with every excluded one grown by so many metres on all sides (flat about its own middle).

    Right to about 1 % for zones of up to a few degrees, as ports and anchorages are. Raises
    :class:`geofences.errors.ZoneError` for a distance that is not positive.

    >>> wide = widened(ZoneSet.shipped(), 10_000.0)
    >>> len(wide.zones) == len(ZoneSet.shipped().zones)
    True
    """
    if not metres > 0.0:
        raise ZoneError(f"zones cannot be widened by {metres} m")
    grown = [
        replace(zone, geometry=_grown(zone.geometry, metres)) if zone.kind == "excluded" else zone
        for zone in zones.zones
    ]
    return ZoneSet(grown, watch_everywhere=zones.watch_everywhere)


def _grown(geometry: Polygon | MultiPolygon, metres: float) -> Polygon | MultiPolygon:
    by_deg = float(np.degrees(metres / EARTH_RADIUS_M))
    parts = []
    for part in shapely.get_parts(geometry):
        low, high = part.bounds[1], part.bounds[3]
        shrink = np.cos(np.radians(min(max(abs(low), abs(high)) + by_deg, _FURTHEST_LAT_DEG)))
        grown = shapely.buffer(_stretched(part, shrink), by_deg, quad_segs=_CORNERS_IN_A_QUARTER)
        back = _stretched(grown, 1.0 / shrink)
        parts += list(shapely.get_parts(as_zone_polygon(shapely.clip_by_rect(back, -540.0, -90.0, 540.0, 90.0))))
    whole = shapely.union_all(parts)
    return whole if isinstance(whole, Polygon | MultiPolygon) else MultiPolygon(parts)


def _stretched(geometry: BaseGeometry, east_by: float) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: xy * np.array((east_by, 1.0)))


@dataclass(frozen=True, slots=True)
class OffShore:
    """Zones with all water nearer to a shore than ``metres`` excluded as well; asked in bulk like a ZoneSet."""

    zones: ZoneSet
    metres: float

    def watched(self, lat: ArrayLike, lon: ArrayLike) -> Bools:
        """Whether each point is watched, far enough from the shore."""
        return self.watched_excluded(lat, lon)[0]

    def excluded(self, lat: ArrayLike, lon: ArrayLike) -> Bools:
        """Whether each point is excluded or too near the shore."""
        return self.watched_excluded(lat, lon)[1]

    def watched_excluded(self, lat: ArrayLike, lon: ArrayLike) -> tuple[Bools, Bools]:
        """Both answers in one pass: two bool columns, never true together."""
        watched, excluded = self.zones.watched_excluded(lat, lon)
        rows = np.flatnonzero(watched)
        near = distance_to_shore_m(np.asarray(lat)[rows], np.asarray(lon)[rows]) < self.metres
        watched[rows[near]] = False
        excluded[rows[near]] = True
        return watched, excluded


def offing(zones: ZoneSet, off_excluded_m: float = 0.0, off_shore_m: float = 0.0) -> ZoneSet | OffShore:
    """The zones for rules that keep so far from excluded water and from any shore (0: as they are)."""
    wide = widened(zones, off_excluded_m) if off_excluded_m > 0.0 else zones
    return OffShore(wide, off_shore_m) if off_shore_m > 0.0 else wide
