"""Distances and straight-line motion on the sphere, for columns of positions (degrees in, metres out)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG R1)."""
M_PER_DEG = math.pi / 180.0 * EARTH_M
KN = 1852.0 / 3600.0
"""One knot in metres per second."""
US = 1_000_000
MINUTE_US = 60 * US


def wrap_deg(degrees: Any) -> Any:
    """A difference of longitudes brought into -180..180, so that the 180 degree meridian is no seam."""
    return (degrees + 180.0) % 360.0 - 180.0


def distance_m(lat_a: Array, lon_a: Array, lat_b: Array, lon_b: Array) -> Array:
    """Great-circle (haversine) distance in metres, column by column.

    >>> float(distance_m(np.array([0.0]), np.array([179.5]), np.array([0.0]), np.array([-179.5]))[0].round(-2))
    111200.0
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat = (phi_b - phi_a) / 2
    half_lon = np.radians(wrap_deg(lon_b - lon_a)) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def distance_between_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """The same for one pair of positions, without the cost of arrays."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_lon = math.radians((lon_b - lon_a + 180.0) % 360.0 - 180.0) / 2
    chord = math.sin((phi_b - phi_a) / 2) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


def floor_minute(time_us: int) -> int:
    """The last whole minute at or before that instant."""
    return time_us // MINUTE_US * MINUTE_US


def ceil_minute(time_us: int) -> int:
    """The first whole minute at or after that instant."""
    return -(-time_us // MINUTE_US) * MINUTE_US


def within(rx0: Array, ry0: Array, rx1: Array, ry1: Array, radius_m: float) -> tuple[Array, Array]:
    """When a relative position moving straight from (rx0, ry0) to (rx1, ry1) is within the radius.

    Solved in closed form: the squared distance is a quadratic in the share ``u`` of the way, so the answer is one
    interval ``(u_in, u_out)`` inside 0..1, empty where ``u_in > u_out``. All arguments in metres and of one length.
    """
    dx, dy = rx1 - rx0, ry1 - ry0
    a = dx * dx + dy * dy
    b = rx0 * dx + ry0 * dy
    c = rx0 * rx0 + ry0 * ry0 - radius_m * radius_m
    disc = b * b - a * c
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(disc, 0.0))
        u_in, u_out = (-b - root) / a, (-b + root) / a
    still = a < 1e-9
    u_in = np.where(still, np.where(c <= 0, 0.0, 2.0), np.where(disc < 0, 2.0, u_in))
    u_out = np.where(still, np.where(c <= 0, 1.0, -1.0), np.where(disc < 0, -1.0, u_out))
    return np.maximum(u_in, 0.0), np.minimum(u_out, 1.0)


def closest(rx0: Array, ry0: Array, rx1: Array, ry1: Array) -> Array:
    """Smallest distance from the origin of a straight relative motion, in metres."""
    dx, dy = rx1 - rx0, ry1 - ry0
    a = dx * dx + dy * dy
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.clip(np.where(a < 1e-9, 0.0, -(rx0 * dx + ry0 * dy) / a), 0.0, 1.0)
    return np.asarray(np.hypot(rx0 + u * dx, ry0 + u * dy))
