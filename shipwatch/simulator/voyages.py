"""How ships move: along a route, with the water, round an anchor, or wherever the fish are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.currents import Current
from shipwatch.simulator.sphere import (
    KNOT_MPS,
    Floats,
    bearing_deg,
    from_vectors,
    place,
    separation_m,
    unit_vectors,
)

UNDER_WAY, AT_ANCHOR, NOT_UNDER_COMMAND, RESTRICTED, MOORED, FISHING = 0, 1, 2, 3, 5, 7
"""Navigational status, ITU-R M.1371 table 46."""

STEP_US = 30_000_000
"""Spacing of the nodes that a track is built of."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What a ship did at given instants; ``turn_deg_min`` is the rate of turn, positive to starboard."""

    lat_deg: Floats
    lon_deg: Floats
    sog_kn: Floats
    cog_deg: Floats
    heading_deg: Floats
    turn_deg_min: Floats
    nav_status: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Track:
    """Where one hull was: nodes in time order, great circles between them; speed and course follow from the path."""

    time_us: NDArray[np.int64]
    lat_deg: Floats
    lon_deg: Floats
    heading_deg: Floats
    nav_status: NDArray[np.int8]

    @property
    def start_us(self) -> int:
        """First instant of the track."""
        return int(self.time_us[0])

    @property
    def end_us(self) -> int:
        """Last instant of the track."""
        return int(self.time_us[-1])

    def positions(self, time_us: Any) -> tuple[Floats, Floats]:
        """Latitude and longitude at each time (times beyond the ends get the end's place)."""
        when = np.asarray(time_us, np.float64) - self.time_us[0]
        nodes = (self.time_us - self.time_us[0]).astype(np.float64)
        vectors = unit_vectors(self.lat_deg, self.lon_deg)
        # Chords instead of arcs: over 30 s at 30 kn the two differ by less than a millimetre.
        mixed = np.stack([np.interp(when, nodes, vectors[:, axis]) for axis in range(3)], axis=-1)
        return from_vectors(mixed)

    def at(self, time_us: Any) -> Motion:
        """Position, speed and course over ground, heading, rate of turn and status at each time."""
        when = np.asarray(time_us, np.int64)
        lat, lon = self.positions(when)
        leg_m = separation_m(self.lat_deg[:-1], self.lon_deg[:-1], self.lat_deg[1:], self.lon_deg[1:])
        leg_s = np.diff(self.time_us) / 1e6
        cog = bearing_deg(self.lat_deg[:-1], self.lon_deg[:-1], self.lat_deg[1:], self.lon_deg[1:])
        leg = np.clip(np.searchsorted(self.time_us, when, side="right") - 1, 0, len(leg_s) - 1)
        share = np.clip((when - self.time_us[leg]) / 1e6 / leg_s[leg], 0.0, 1.0)
        swing = (np.diff(self.heading_deg) + 180.0) % 360.0 - 180.0
        heading = (self.heading_deg[leg] + share * swing[leg]) % 360.0
        return Motion(
            lat, lon, leg_m[leg] / leg_s[leg] / KNOT_MPS, cog[leg], heading, (swing / leg_s * 60.0)[leg],
            self.nav_status[np.clip(np.searchsorted(self.time_us, when, side="right") - 1, 0, len(self.time_us) - 1)],
        )  # fmt: skip

    def speed_kn(self) -> Floats:
        """Speed over ground at every node (that of the leg which begins there)."""
        leg_m = separation_m(self.lat_deg[:-1], self.lon_deg[:-1], self.lat_deg[1:], self.lon_deg[1:])
        speed = leg_m / (np.diff(self.time_us) / 1e6) / KNOT_MPS
        return np.append(speed, speed[-1])


def clock(start_us: int, end_us: int, step_us: int = STEP_US) -> NDArray[np.int64]:
    """Node times from start to end, both included."""
    times = np.arange(start_us, end_us, step_us, dtype=np.int64)
    return np.append(times, np.int64(end_us))


def _track(time_us: Any, lat: Any, lon: Any, heading: Any, status: int) -> Track:
    count = len(time_us)
    headings = np.broadcast_to(np.asarray(heading, np.float64) % 360.0, count).copy()
    return Track(
        np.asarray(time_us, np.int64), np.broadcast_to(np.asarray(lat, np.float64), count).copy(),
        np.broadcast_to(np.asarray(lon, np.float64), count).copy(), headings, np.full(count, status, np.int8),
    )  # fmt: skip


def sail(
    start_us: int, end_us: int, waypoints: Sequence[tuple[float, float]], speed_kn: float, ahead_m: float = 0.0,
    status: int = UNDER_WAY, crab_deg: float = 0.0,
) -> Track:  # fmt: skip
    """A ship that follows waypoints ``(lat, lon)`` at a constant speed, from ``ahead_m`` along the route.

    The track ends where the route ends, or at ``end_us``. ``crab_deg`` is heading minus course (wind and current).
    Raises ``ValueError`` for fewer than two waypoints, no speed, or a start beyond the end of the route.
    """
    if len(waypoints) < 2 or speed_kn <= 0.0:
        raise ValueError(f"a route needs two waypoints and a speed: {len(waypoints)} waypoints, {speed_kn} kn")
    points = np.asarray(waypoints, np.float64)
    leg_m = separation_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    mark_m = np.concatenate([[0.0], np.cumsum(leg_m)])
    if not 0.0 <= ahead_m < mark_m[-1]:
        raise ValueError(f"start at {ahead_m:.0f} m is not on a route of {mark_m[-1]:.0f} m")
    arrive_us = start_us + int((mark_m[-1] - ahead_m) / (speed_kn * KNOT_MPS) * 1e6)
    times = clock(start_us, min(end_us, arrive_us))
    gone_m = np.clip(ahead_m + (times - start_us) / 1e6 * speed_kn * KNOT_MPS, 0.0, mark_m[-1])
    leg = np.clip(np.searchsorted(mark_m, gone_m, side="right") - 1, 0, len(leg_m) - 1)
    bearing = np.radians(bearing_deg(points[leg, 0], points[leg, 1], points[leg + 1, 0], points[leg + 1, 1]))
    on_leg_m = gone_m - mark_m[leg]
    lat, lon = place(points[leg, 0], points[leg, 1], on_leg_m * np.sin(bearing), on_leg_m * np.cos(bearing))
    course = bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
    return _track(times, lat, lon, np.append(course, course[-1]) + crab_deg, status)


def drift(
    start_us: int, end_us: int, lat_deg: float, lon_deg: float, current: Current, heading_deg: float = 0.0,
    yaw_deg: float = 10.0, status: int = UNDER_WAY,
) -> Track:  # fmt: skip
    """A ship that lies stopped in moving water and yaws slowly."""
    times = clock(start_us, end_us)
    east, north = current.displacement_m(times, start_us)
    lat, lon = place(lat_deg, lon_deg, east, north)
    since_s = (times - start_us) / 1e6
    yaw = yaw_deg * (np.sin(2 * np.pi * since_s / 2400.0) + 0.5 * np.sin(2 * np.pi * since_s / 9100.0))
    return _track(times, lat, lon, heading_deg + yaw, status)


def swing_at_anchor(
    start_us: int, end_us: int, lat_deg: float, lon_deg: float, current: Current, cable_m: float = 150.0,
    phase_rad: float = 0.0,
) -> Track:  # fmt: skip
    """A ship on her cable: down-current of her anchor, her head into the current, sheering slowly to and fro."""
    times = clock(start_us, end_us, 2 * STEP_US)
    east, north = current.velocity_mps(times)
    toward = np.arctan2(east, north) + np.radians(12.0) * np.sin(
        2 * np.pi * (times - start_us) / 1e6 / 840.0 + phase_rad
    )
    lat, lon = place(lat_deg, lon_deg, cable_m * np.sin(toward), cable_m * np.cos(toward))
    return _track(times, lat, lon, np.degrees(toward) + 180.0, AT_ANCHOR)


def lie_moored(start_us: int, end_us: int, lat_deg: float, lon_deg: float, heading_deg: float) -> Track:
    """A ship fast to a quay."""
    return _track(clock(start_us, end_us, 20 * STEP_US), lat_deg, lon_deg, heading_deg, MOORED)


def wander(
    start_us: int, end_us: int, lat_deg: float, lon_deg: float, speed_kn: float, roam_m: float,
    rng: np.random.Generator, status: int = FISHING,
) -> Track:  # fmt: skip
    """A ship that works about a place: course and speed come and go, and she stays within ``roam_m``."""
    times = clock(start_us, end_us, 2 * STEP_US)
    since_s = (times - start_us) / 1e6
    periods = rng.uniform(2_400.0, 21_000.0, (2, 5))
    phases = rng.uniform(0.0, 2 * np.pi, (2, 5))
    waves = np.sin(2 * np.pi * since_s[:, None, None] / periods + phases)
    scale = speed_kn * KNOT_MPS / np.sqrt(5.0 * np.mean((2 * np.pi / periods) ** 2))
    # A sum of waves has a bounded reach; slowed so that it also keeps within the roaming ground.
    reach = min(1.0, roam_m / (5.0 * scale))
    east, north = (waves * scale * reach).sum(axis=2).T
    lat, lon = place(lat_deg, lon_deg, east, north)
    course = bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
    return _track(times, lat, lon, np.append(course, course[-1]), status)


def joined(first: Track, then: Track) -> Track:
    """One track out of two: ``first`` up to the start of ``then`` (which stands wherever both speak)."""
    keep = first.time_us < then.time_us[0]
    pieces = ((getattr(first, name)[keep], getattr(then, name)) for name in Track.__slots__)
    return Track(*(np.concatenate(pair) for pair in pieces))
