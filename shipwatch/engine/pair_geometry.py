"""Two legs over the time they share, in closed form, for compiled kernels.

A straight relative motion crosses a distance at instants that are the roots of a quadratic, so no instant is missed
between samples and none is rounded to a grid. Near a pole positions are laid on a plane around it first.
"""

from __future__ import annotations

import math
from typing import Any

from decoders.kernel_cache import inlined
from shipwatch.engine.motion import KN, M_PER_DEG, US
from shipwatch.engine.plain_motion import apart_m, wrap

POLAR_DEG = 88.0
"""Beyond this latitude legs are straight on a plane around the pole, not in longitude."""


@inlined
def polar(lat: float, lon: float) -> Any:
    """Metres on the plane around the nearer pole."""
    far_m = (90.0 - abs(lat)) * M_PER_DEG
    return far_m * math.cos(math.radians(lon)), far_m * math.sin(math.radians(lon))


@inlined
def place(leg: Any, at_us: int) -> Any:
    """Latitude and (unwrapped) longitude on a leg at an instant, linear in time."""
    if at_us == leg.t1_us:
        return leg.lat1_deg, leg.lon1_deg
    share = (at_us - leg.t0_us) / (leg.t1_us - leg.t0_us)
    if abs(leg.lat0_deg) > POLAR_DEG or abs(leg.lat1_deg) > POLAR_DEG:
        x0, y0 = polar(leg.lat0_deg, leg.lon0_deg)
        x1, y1 = polar(leg.lat1_deg, leg.lon1_deg)
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        off_deg = 90.0 - math.hypot(x, y) / M_PER_DEG
        return math.copysign(off_deg, leg.lat0_deg), math.degrees(math.atan2(y, x))
    return (
        leg.lat0_deg + share * (leg.lat1_deg - leg.lat0_deg),
        leg.lon0_deg + share * (leg.lon1_deg - leg.lon0_deg),
    )


@inlined
def relative(a: Any, b: Any, t0_us: int, t1_us: int) -> Any:
    """b as seen from a at the start and the end of the overlap, in metres: x0, y0, x1, y1."""
    lat_a0, lon_a0 = place(a, t0_us)
    lat_a1, lon_a1 = place(a, t1_us)
    lat_b0, lon_b0 = place(b, t0_us)
    lat_b1, lon_b1 = place(b, t1_us)
    if max(abs(lat_a0), abs(lat_a1), abs(lat_b0), abs(lat_b1)) > POLAR_DEG and lat_a0 * lat_b0 > 0:
        xa0, ya0 = polar(lat_a0, lon_a0)
        xa1, ya1 = polar(lat_a1, lon_a1)
        xb0, yb0 = polar(lat_b0, lon_b0)
        xb1, yb1 = polar(lat_b1, lon_b1)
        # Turned so that x is east and y north at a's own place, as everywhere else.
        turn = math.radians((lon_a0 + wrap(lon_a1 - lon_a0) / 2) if abs(lat_a0) < 89.999 else 0.0)
        c, s = math.cos(turn), math.sin(turn)
        dx0, dy0, dx1, dy1 = xb0 - xa0, yb0 - ya0, xb1 - xa1, yb1 - ya1
        up = -1.0 if lat_a0 > 0 else 1.0
        return -s * dx0 + c * dy0, up * (c * dx0 + s * dy0), -s * dx1 + c * dy1, up * (c * dx1 + s * dy1)
    scale = math.cos(math.radians((lat_a0 + lat_a1 + lat_b0 + lat_b1) / 4)) * M_PER_DEG
    return (
        wrap(lon_b0 - lon_a0) * scale,
        (lat_b0 - lat_a0) * M_PER_DEG,
        wrap(lon_b1 - lon_a1) * scale,
        (lat_b1 - lat_a1) * M_PER_DEG,
    )


@inlined
def within(x0: float, y0: float, x1: float, y1: float, radius_m: float) -> Any:
    """The share of the way, from and to, on which it is within the radius of the origin; from > to where nowhere."""
    c = x0 * x0 + y0 * y0 - radius_m * radius_m
    if c <= 0 and x1 * x1 + y1 * y1 <= radius_m * radius_m:  # both ends, so all between
        return 0.0, 1.0
    dx, dy = x1 - x0, y1 - y0
    a = dx * dx + dy * dy
    b = x0 * dx + y0 * dy
    if a < 1e-9:
        if c <= 0:
            return 0.0, 1.0
        return 2.0, -1.0
    disc = b * b - a * c
    if disc < 0:
        return 2.0, -1.0
    root = math.sqrt(disc)
    return max((-b - root) / a, 0.0), min((-b + root) / a, 1.0)


@inlined
def closest(x0: float, y0: float, x1: float, y1: float) -> float:
    """Smallest distance from the origin on the way."""
    dx, dy = x1 - x0, y1 - y0
    a = dx * dx + dy * dy
    u = 0.0 if a < 1e-9 else min(max(-(x0 * dx + y0 * dy) / a, 0.0), 1.0)
    return math.hypot(x0 + u * dx, y0 + u * dy)


@inlined
def speed_at(leg: Any, at_us: int) -> float:
    """Speed over ground on a leg at an instant."""
    share = (at_us - leg.t0_us) / (leg.t1_us - leg.t0_us)
    if math.isnan(leg.sog0_kn):
        return leg.sog1_kn
    if math.isnan(leg.sog1_kn):
        return leg.sog0_kn
    return leg.sog0_kn + share * (leg.sog1_kn - leg.sog0_kn)


@inlined
def heading_at(leg: Any, at_us: int) -> float:
    """Heading of the nearer end of a leg that has one."""
    first, other = leg.heading0_deg, leg.heading1_deg
    if 2 * (at_us - leg.t0_us) >= leg.t1_us - leg.t0_us:
        first, other = other, first
    return other if math.isnan(first) else first


@inlined
def drift_reaches(seen: Any, partner: Any, at_us: int, silent: int, rule: Any) -> bool:
    """Whether a fix lies where the partner is (if known) or could be (its prism at the slow speed)."""
    lat, lon = place(seen, at_us)
    if partner.kind != silent:
        other_lat, other_lon = place(partner, at_us)
        return apart_m(lat, lon, other_lat, other_lon) <= rule.leave_m
    pace = rule.slow_kn * KN / US
    from_off = apart_m(lat, lon, partner.lat0_deg, partner.lon0_deg)
    to_on = apart_m(lat, lon, partner.lat1_deg, partner.lon1_deg)
    return (
        from_off <= pace * (at_us - partner.t0_us) + rule.leave_m
        and to_on <= pace * (partner.t1_us - at_us) + rule.leave_m
    )


@inlined
def could_have_stayed(a: Any, b: Any, t0_us: int, t1_us: int, silent: int, rule: Any) -> bool:
    """Whether silence leaves room for them to have stayed together all the while."""
    if a.kind == silent and (not a.drifts or a.t1_us - a.t0_us > rule.hole_us):
        return False
    if b.kind == silent and (not b.drifts or b.t1_us - b.t0_us > rule.hole_us):
        return False
    for at_us in (t0_us, t1_us):
        if (at_us in (a.t0_us, a.t1_us)) and not drift_reaches(a, b, at_us, silent, rule):
            return False
        if (at_us in (b.t0_us, b.t1_us)) and not drift_reaches(b, a, at_us, silent, rule):
            return False
    return True
