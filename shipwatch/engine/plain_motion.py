"""Motion on the sphere for compiled kernels, number by number: the same formulas as :mod:`~shipwatch.engine.motion`."""

from __future__ import annotations

import math

from decoders.kernel_cache import inlined
from shipwatch.engine.motion import EARTH_M, MINUTE_US


@inlined
def wrap(degrees: float) -> float:
    """A difference of longitudes brought into -180..180."""
    if -180.0 <= degrees < 180.0:
        return degrees
    return (degrees + 180.0) % 360.0 - 180.0


@inlined
def apart_m(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle (haversine) distance."""
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half_lon = math.radians(wrap(lon_b - lon_a)) / 2
    chord = math.sin((phi_b - phi_a) / 2) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


@inlined
def next_minute(time_us: int) -> int:
    """The first whole minute at or after that instant."""
    return -(-time_us // MINUTE_US) * MINUTE_US


@inlined
def larger(a: float, b: float) -> float:
    """The larger of two, or the one that is a number."""
    if math.isnan(a):
        return b
    if math.isnan(b):
        return a
    return max(a, b)
