"""Distances, bearings and places on the sphere, right at every latitude and across 180 degrees."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

KNOT_MPS = 1852.0 / 3600.0
"""One knot in metres a second."""


def wrap_lon_deg(lon_deg: Any) -> Floats:
    """Longitudes brought into [-180, 180)."""
    return np.asarray((np.asarray(lon_deg, np.float64) + 180.0) % 360.0 - 180.0)


def place(lat_deg: Any, lon_deg: Any, east_m: Any, north_m: Any) -> tuple[Floats, Floats]:
    """Where one is after going ``(east_m, north_m)`` from a point along the great circle of that initial bearing.

    Arrays broadcast; the distance is kept exactly, which a flat "degrees of longitude" offset does not do at 70 N.

    >>> lat, lon = place(70.0, 179.99, 1000.0, 0.0)
    >>> round(float(lon), 4)
    -179.9837
    """
    lat, lon = np.radians(np.asarray(lat_deg, np.float64)), np.radians(np.asarray(lon_deg, np.float64))
    east, north = np.asarray(east_m, np.float64), np.asarray(north_m, np.float64)
    distance = np.hypot(east, north)
    angle = distance / EARTH_RADIUS_M
    safe = np.where(distance > 0.0, distance, 1.0)
    sin_bearing, cos_bearing = east / safe, np.where(distance > 0.0, north / safe, 1.0)
    sin_lat = np.sin(lat) * np.cos(angle) + np.cos(lat) * np.sin(angle) * cos_bearing
    new_lat = np.arcsin(np.clip(sin_lat, -1.0, 1.0))
    new_lon = lon + np.arctan2(sin_bearing * np.sin(angle) * np.cos(lat), np.cos(angle) - np.sin(lat) * sin_lat)
    return np.degrees(new_lat), wrap_lon_deg(np.degrees(new_lon))


def separation_m(lat_a_deg: Any, lon_a_deg: Any, lat_b_deg: Any, lon_b_deg: Any) -> Floats:
    """Great-circle distance in metres (haversine, exact for small distances).

    >>> round(float(separation_m(0.0, 179.5, 0.0, -179.5)))
    111195
    """
    lat_a, lat_b = np.radians(np.asarray(lat_a_deg, np.float64)), np.radians(np.asarray(lat_b_deg, np.float64))
    dlon = np.radians(np.asarray(lon_b_deg, np.float64) - np.asarray(lon_a_deg, np.float64))
    h = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin(dlon / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0))))


def bearing_deg(lat_a_deg: Any, lon_a_deg: Any, lat_b_deg: Any, lon_b_deg: Any) -> Floats:
    """Initial bearing from a to b in degrees [0, 360)."""
    lat_a, lat_b = np.radians(np.asarray(lat_a_deg, np.float64)), np.radians(np.asarray(lat_b_deg, np.float64))
    dlon = np.radians(np.asarray(lon_b_deg, np.float64) - np.asarray(lon_a_deg, np.float64))
    east = np.sin(dlon) * np.cos(lat_b)
    # Written without cos(lat_a) sin(lat_b) - sin(lat_a) cos(lat_b), which loses all its digits over a few metres.
    north = np.sin(lat_b - lat_a) + 2.0 * np.sin(lat_a) * np.cos(lat_b) * np.sin(dlon / 2) ** 2
    return np.asarray(np.degrees(np.arctan2(east, north)) % 360.0)


def unit_vectors(lat_deg: Any, lon_deg: Any) -> Floats:
    """Points as unit vectors, shape (n, 3)."""
    lat, lon = np.radians(np.asarray(lat_deg, np.float64)), np.radians(np.asarray(lon_deg, np.float64))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def from_vectors(vectors: Floats) -> tuple[Floats, Floats]:
    """Latitude and longitude of vectors of shape (n, 3), of any length."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.degrees(np.arctan2(y, x))
