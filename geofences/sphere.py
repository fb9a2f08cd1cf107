"""Distances and bearings on the sphere: metres and degrees, in columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of WGS 84 (IUGG R1); against the ellipsoid a distance is off by at most about 0.5 %."""

METRES_PER_NM = 1852.0

Floats = NDArray[np.float64]

_COMPASS = ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW")


def columns(lat_deg: ArrayLike, lon_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Both coordinates as one-dimensional float64 columns of equal length; raises ``ValueError`` where they differ."""
    lat = np.atleast_1d(np.asarray(lat_deg, np.float64))
    lon = np.atleast_1d(np.asarray(lon_deg, np.float64))
    if lat.ndim != 1 or lat.shape != lon.shape:
        raise ValueError(f"lat and lon must be columns of one length, not of shapes {lat.shape} and {lon.shape}")
    return lat, lon


def distance_m(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> Any:
    """Great-circle distance in metres between points in degrees (haversine; NaN where a coordinate is NaN).

    >>> round(float(distance_m(0, 179.5, 0, -179.5)))
    111195
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    dphi, dlam = phi_b - phi_a, np.radians(np.subtract(lon_b, lon_a))
    h = np.sin(dphi / 2) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(dlam / 2) ** 2
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0)))


def bearing_deg(lat_a: ArrayLike, lon_a: ArrayLike, lat_b: ArrayLike, lon_b: ArrayLike) -> Any:
    """Initial great-circle bearing from a to b, degrees clockwise from true north in [0, 360).

    >>> float(bearing_deg(0, 0, 0, 1))
    90.0
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    dlam = np.radians(np.subtract(lon_b, lon_a))
    east = np.sin(dlam) * np.cos(phi_b)
    north = np.cos(phi_a) * np.sin(phi_b) - np.sin(phi_a) * np.cos(phi_b) * np.cos(dlam)
    return np.degrees(np.arctan2(east, north)) % 360.0


def destination(lat_deg: float, lon_deg: float, bearings_deg: ArrayLike, distance: float) -> tuple[Floats, Floats]:
    """The points at ``distance`` metres from one point on the given bearings, longitudes running on past 180."""
    phi, theta = np.radians(lat_deg), np.radians(np.asarray(bearings_deg, np.float64))
    delta = distance / EARTH_RADIUS_M
    sin_phi = np.sin(phi) * np.cos(delta) + np.cos(phi) * np.sin(delta) * np.cos(theta)
    east = np.sin(theta) * np.sin(delta) * np.cos(phi)
    lam = np.arctan2(east, np.cos(delta) - np.sin(phi) * sin_phi)
    return np.degrees(np.arcsin(np.clip(sin_phi, -1.0, 1.0))), lon_deg + np.degrees(lam)


def unit_vectors(lat_deg: ArrayLike, lon_deg: ArrayLike) -> Floats:
    """Points in degrees as unit vectors, shape (n, 3)."""
    phi, lam = np.radians(np.asarray(lat_deg, np.float64)), np.radians(np.asarray(lon_deg, np.float64))
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)), axis=-1)


def compass_point(bearing: float) -> str:
    """The nearest of the sixteen points of the compass.

    >>> compass_point(224.0)
    'SW'
    """
    return _COMPASS[int(bearing % 360.0 / 22.5 + 0.5) % 16]
