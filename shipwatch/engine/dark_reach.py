"""Where two ships can have been together unseen, and for how long: space-time prisms on the sphere.

A silent ship left ``off`` at ``t0`` and was at ``on`` at ``t1``; with a top speed it can have been at a place from
``t0 + d(off, place) / v`` to ``t1 - d(place, on) / v``. The time that two ships can both have been at one place is a
concave function of the place (least of concave ends minus greatest of convex starts), so its maximum is found by
narrowing a grid, and the places with at least so much of it are one convex region.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.motion import EARTH_M, KN, US, distance_m, wrap_deg

Array = NDArray[Any]

_STEPS = np.linspace(-1.0, 1.0, 9)
_NARROWER = 0.4
_ROUNDS = 12
RING_POINTS = 24


@dataclass(frozen=True, slots=True)
class Prism:
    """One silence: last and next place (degrees) and time, and the top speed meanwhile."""

    off: tuple[float, float]
    off_us: int
    on: tuple[float, float]
    on_us: int
    top_kn: float


@dataclass(frozen=True, slots=True)
class Reach:
    """The longest time together that was possible, when (microseconds) and where."""

    dwell_s: float
    start_us: float
    end_us: float
    lat: float
    lon: float


def together(a: Prism, b: Prism) -> Reach:
    """The longest that two silent ships can have been at one place; a negative dwell means never."""
    return together_many([(a, b)])[0]


def together_many(pairs: Sequence[tuple[Prism, Prism]]) -> list[Reach]:
    """The same of many pairs at once, each as if it were alone."""
    if not pairs:
        return []
    centres, halves = [], []
    for a, b in pairs:
        fixes = np.array([a.off, a.on, b.off, b.on])
        centre = _centre(fixes[:, 0], fixes[:, 1])
        centres.append(centre)
        far = distance_m(fixes[:, 0], fixes[:, 1], np.full(4, centre[0]), np.full(4, centre[1]))
        halves.append(max(float(far.max()), 1000.0))
    table = _Ends(pairs)
    lat0, lon0 = np.array(centres).T[:, :, None]
    half_m, number = np.array(halves)[:, None], np.arange(len(pairs))
    best = np.full(len(pairs), -np.inf)
    x0, y0 = np.zeros(len(pairs)), np.zeros(len(pairs))
    for _ in range(_ROUNDS):
        x = np.tile(x0[:, None] + half_m * _STEPS, len(_STEPS))
        y = np.repeat(y0[:, None] + half_m * _STEPS, len(_STEPS), axis=1)
        dwell = table.dwell(*_place(lat0, lon0, x, y))[0]
        row = dwell.argmax(axis=1)
        more = dwell[number, row] > best
        best = np.where(more, dwell[number, row], best)
        x0, y0 = np.where(more, x[number, row], x0), np.where(more, y[number, row], y0)
        half_m = half_m * _NARROWER
    lat, lon = _place(lat0, lon0, x0[:, None], y0[:, None])
    dwell, start_s, end_s = table.dwell(lat, lon)
    return [
        Reach(float(dwell[n, 0]), a.off_us + float(start_s[n, 0]) * US, a.off_us + float(end_s[n, 0]) * US,
              float(lat[n, 0]), float(lon[n, 0]))
        for n, (a, _) in enumerate(pairs)
    ]  # fmt: skip


class _Ends:
    """The ends of the silences of pairs of ships, a row each, in seconds after the first ship's ``off_us``."""

    def __init__(self, pairs: Sequence[tuple[Prism, Prism]]) -> None:
        def column(values: Iterable[float]) -> Array:
            return np.array(list(values), np.float64)[:, None]

        self._ships = [
            (
                column(pair[n].top_kn * KN for pair in pairs),
                column((pair[n].off_us - pair[0].off_us) / US for pair in pairs),
                column(pair[n].off[0] for pair in pairs), column(pair[n].off[1] for pair in pairs),
                column((pair[n].on_us - pair[0].off_us) / US for pair in pairs),
                column(pair[n].on[0] for pair in pairs), column(pair[n].on[1] for pair in pairs),
            )
            for n in (0, 1)
        ]  # fmt: skip

    def dwell(self, lat: Array, lon: Array) -> tuple[Array, Array, Array]:
        """Seconds together at each place (places of a pair in its row), and from when to when."""
        starts = [off_s + distance_m(lat, lon, y, x) / speed for speed, off_s, y, x, *_ in self._ships]
        ends = [on_s - distance_m(lat, lon, y, x) / speed for speed, _, _, _, on_s, y, x in self._ships]
        start, end = np.maximum(*starts), np.minimum(*ends)
        return end - start, start, end


def region(a: Prism, b: Prism, at: Reach, dwell_s: float) -> tuple[tuple[tuple[float, float], ...], float]:
    """The places where both can have been for ``dwell_s``: a ring of (lat, lon) around ``at``, and its area in km2."""
    turn = np.arange(RING_POINTS) * (2 * np.pi / RING_POINTS)
    low, high = np.zeros(RING_POINTS), np.full(RING_POINTS, _span_m(a) + _span_m(b) + 1000.0)
    ends = _Ends([(a, b)])
    for _ in range(24):
        middle = (low + high) / 2
        lat, lon = _place(at.lat, at.lon, middle * np.sin(turn), middle * np.cos(turn))
        inside = ends.dwell(lat[None, :], lon[None, :])[0][0] >= dwell_s
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return ring(at.lat, at.lon, low)


def ring(lat: float, lon: float, radius_m: Array) -> tuple[tuple[tuple[float, float], ...], float]:
    """A closed ring at these distances, clockwise from north, rounded to 1e-4 degrees, and its area in km2."""
    count = len(radius_m)
    turn = np.arange(count) * (2 * np.pi / count)
    lats, lons = _place(lat, lon, radius_m * np.sin(turn), radius_m * np.cos(turn))
    points = [(round(float(y), 4), round(float(x), 4)) for y, x in zip(lats, lons, strict=True)]
    area_m2 = float((radius_m * np.roll(radius_m, -1)).sum()) * math.sin(2 * np.pi / count) / 2
    return (*points, points[0]), round(area_m2 / 1e6, 1)


def _span_m(prism: Prism) -> float:
    return prism.top_kn * KN * (prism.on_us - prism.off_us) / US


def _full(place: tuple[float, float], n: int) -> tuple[Array, Array]:
    return np.full(n, place[0]), np.full(n, place[1])


def _centre(lat: Array, lon: Array) -> tuple[float, float]:
    phi, lam = np.radians(lat), np.radians(lon - lon[0])
    x, y, z = (np.cos(phi) * np.cos(lam)).mean(), (np.cos(phi) * np.sin(lam)).mean(), np.sin(phi).mean()
    return math.degrees(math.atan2(z, math.hypot(x, y))), float(wrap_deg(lon[0] + math.degrees(math.atan2(y, x))))


def _place(lat: Any, lon: Any, x_m: Array, y_m: Array) -> tuple[Array, Array]:
    """The places so far east and north of a point, along great circles through it."""
    distance = np.hypot(x_m, y_m) / EARTH_M
    bearing = np.arctan2(x_m, y_m)
    phi = np.radians(lat)
    there = np.arcsin(np.clip(np.sin(phi) * np.cos(distance) + np.cos(phi) * np.sin(distance) * np.cos(bearing), -1, 1))
    turn = np.arctan2(np.sin(bearing) * np.sin(distance) * np.cos(phi), np.cos(distance) - np.sin(phi) * np.sin(there))
    return np.degrees(there), np.asarray(wrap_deg(lon + np.degrees(turn)))


def beside(prism: Prism, times_us: Array, lat: Array, lon: Array) -> Reach:
    """The longest that a silent ship can have lain beside a slow one that was heard at these instants and places.

    The places are joined by straight lines; the slow ship is slower than the other's top speed, so that once reached it
    stays within reach.
    """
    since, until = max(int(times_us[0]), prism.off_us), min(int(times_us[-1]), prism.on_us)
    if until <= since:
        return Reach(-math.inf, since, since, float(lat[0]), float(lon[0]))
    count = max(int((until - since) / US / 120.0), 2) + 1
    at = since + (np.arange(count) * (until - since)) // (count - 1)
    share = np.interp(at, times_us, np.arange(len(times_us)))
    low = np.minimum(share.astype(np.int64), len(times_us) - 2) if len(times_us) > 1 else np.zeros(count, np.int64)
    part = share - low
    high = np.minimum(low + 1, len(lat) - 1)
    y = lat[low] + part * (lat[high] - lat[low])
    x = np.asarray(wrap_deg(lon[low] + part * wrap_deg(lon[high] - lon[low])))
    speed = prism.top_kn * KN
    spare_in = (at - prism.off_us) / US - distance_m(y, x, *_full(prism.off, count)) / speed
    spare_out = (prism.on_us - at) / US - distance_m(y, x, *_full(prism.on, count)) / speed
    ok = np.flatnonzero((spare_in >= 0) & (spare_out >= 0))
    if not len(ok):
        middle = int(np.argmax(np.minimum(spare_in, spare_out)))
        return Reach(
            float(min(spare_in[middle], spare_out[middle])) - 1.0, at[middle], at[middle], y[middle], x[middle]
        )
    first, last = int(ok[0]), int(ok[-1])
    middle = int(ok[len(ok) // 2])
    return Reach(
        (int(at[last]) - int(at[first])) / US, int(at[first]), int(at[last]), float(y[middle]), float(x[middle])
    )
