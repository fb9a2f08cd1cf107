"""Which polygons may be a zone: checks that name what is wrong, and the cut at longitude 180."""

from __future__ import annotations

import re

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geofences.errors import ZoneError
from geofences.sphere import EARTH_RADIUS_M, destination

_WORLD = (-180.0, -90.0, 180.0, 90.0)
_AT = re.compile(r"^(.*)\[\s*(\S+)\s+(\S+)\s*\]$")


def as_zone_polygon(geometry: BaseGeometry) -> Polygon | MultiPolygon:
    """The polygon checked and cut at longitude 180 into parts within -180..180; altitudes are dropped.

    Longitudes may run past 180 or -180 (a zone from 170 to 190 is one across the date line). Edges are straight lines
    in longitude and latitude. Raises :class:`ZoneError` saying what is wrong and where: not a polygon, empty, a
    coordinate that is not a number or off the globe (with a guess when latitude and longitude look swapped), an edge
    that could be meant to cross 180 either way, crossing itself.

    >>> as_zone_polygon(shapely.box(179, 0, 181, 1)).bounds
    (-180.0, 0.0, 180.0, 1.0)
    """
    if not isinstance(geometry, Polygon | MultiPolygon):
        kind = "no geometry" if geometry is None else f"a {geometry.geom_type}"
        raise ZoneError(f"is {kind}, not a Polygon or MultiPolygon")
    if geometry.is_empty:
        raise ZoneError("is an empty polygon")
    geometry = shapely.force_2d(geometry)
    _check_coordinates(geometry)
    if not shapely.is_valid(geometry):
        raise ZoneError(_what_is_invalid(geometry))
    min_x, _, max_x, _ = geometry.bounds
    if min_x >= -180.0 and max_x <= 180.0:
        return geometry
    parts: list[Polygon] = []
    for turn in (-720.0, -360.0, 0.0, 360.0, 720.0):
        if max_x + turn <= -180.0 or min_x + turn >= 180.0:
            continue
        moved = shapely.transform(geometry, lambda xy, by=turn: xy + np.array((by, 0.0)))
        cut = shapely.intersection(moved, shapely.box(*_WORLD))
        parts += [part for part in shapely.get_parts(cut) if isinstance(part, Polygon) and part.area > 0]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def disc(lat_deg: float, lon_deg: float, radius_m: float, corners: int = 64) -> Polygon | MultiPolygon:
    """A disc on the sphere as a polygon whose corners lie on the circle (64 corners: at most 0.12 % inside it).

    Raises :class:`ZoneError` for a disc that reaches over a pole.
    """
    if abs(lat_deg) + np.degrees(radius_m / EARTH_RADIUS_M) >= 90.0:
        raise ZoneError(f"a disc of {radius_m:g} m at latitude {lat_deg:g} reaches over the pole")
    lat, lon = destination(lat_deg, lon_deg, np.arange(corners) * (-360.0 / corners), radius_m)
    # a centimetre or so: the last bits of sines are not the same on every machine, and the digest is of these
    return as_zone_polygon(Polygon(np.round(np.column_stack((lon, lat)), 7)))


def _check_coordinates(geometry: Polygon | MultiPolygon) -> None:
    xy = shapely.get_coordinates(geometry)
    if not np.isfinite(xy).all():
        raise ZoneError("has a coordinate that is not a finite number")
    lon, lat = xy[:, 0], xy[:, 1]
    off = np.flatnonzero(np.abs(lat) > 90.0)
    if off.size:
        x, y = xy[off[0]]
        swapped = np.abs(lon).max() <= 90.0 and np.abs(lat).max() <= 360.0
        hint = "; latitude and longitude look swapped (GeoJSON wants longitude first)" if swapped else ""
        raise ZoneError(f"latitude {y:g} (at longitude {x:g}) is not within -90..90{hint}")
    off = np.flatnonzero(np.abs(lon) > 540.0)
    if off.size:
        raise ZoneError(f"longitude {lon[off[0]]:g} is not within -540..540")
    if np.ptp(lon) > 360.0:
        raise ZoneError(f"spans {np.ptp(lon):g} degrees of longitude, more than the globe has")
    for ring in shapely.get_rings(geometry):
        x = shapely.get_coordinates(ring)[:, 0]
        step = np.abs(np.diff(x))
        whole = (step == 360.0) & (np.abs(x[:-1]) == 180.0)
        wide = np.flatnonzero((step > 180.0) & ~whole)
        if wide.size:
            a, b = x[wide[0]], x[wide[0] + 1]
            over = b + 360.0 if b < a else b - 360.0
            raise ZoneError(
                f"an edge runs from longitude {a:g} to {b:g}: to cross 180 go on to {over:g}, "
                "or give the parts on either side as a MultiPolygon"
            )


def _what_is_invalid(geometry: Polygon | MultiPolygon) -> str:
    reason = str(shapely.is_valid_reason(geometry))
    found = _AT.match(reason)
    if found is None:
        return f"is not a valid polygon: {reason}"
    what = "crosses itself" if found[1] == "Self-intersection" else f"is not a valid polygon: {found[1].lower()}"
    return f"{what} at longitude {float(found[2]):.6g}, latitude {float(found[3]):.6g}"
