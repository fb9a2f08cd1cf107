"""Ships that meet: one comes to another that drifts or steams, lies beside her for a while, and leaves again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from shipwatch.simulator.sphere import KNOT_MPS, Floats, bearing_deg, place, separation_m
from shipwatch.simulator.voyages import UNDER_WAY, Track


@dataclass(frozen=True, slots=True)
class Hull:
    """Metres from the antenna to bow, stern, port and starboard side."""

    to_bow_m: int
    to_stern_m: int
    to_port_m: int
    to_starboard_m: int

    @property
    def length_m(self) -> int:
        """Length over all."""
        return self.to_bow_m + self.to_stern_m

    @property
    def beam_m(self) -> int:
        """Breadth."""
        return self.to_port_m + self.to_starboard_m


@dataclass(frozen=True, slots=True)
class Visit:
    """When and how a ship comes to the middle of another and goes: bearings are from her host.

    The berth is ``forward_m`` ahead of and ``starboard_m`` to the right of the host's middle, the ship's head
    ``turned_deg`` from the host's. ``slowing_s`` is how long before arrival (after leaving) she takes way off (puts
    it on).
    """

    arrive_us: int
    leave_us: int
    from_deg: float
    to_deg: float
    in_kn: float = 10.0
    out_kn: float = 10.0
    forward_m: float = 0.0
    starboard_m: float = 40.0
    turned_deg: float = 0.0
    slowing_s: float = 1500.0


def berth_beside(host: Hull, guest: Hull, fenders_m: float = 4.0) -> float:
    """Metres between the middles of two hulls that lie side by side with fenders between them."""
    return (host.beam_m + guest.beam_m) / 2 + fenders_m


def visiting(host: Track, visits: tuple[Visit, ...], status: int = UNDER_WAY) -> Track:
    """The track (of the middle of the hull) of a ship that visits a moving host, on the host's own clock.

    Far from the host she goes straight in the host's frame at ``in_kn`` and ``out_kn``, so her way over ground is
    that plus the host's. Between two visits she goes out for half the pause and comes back by the same way;
    ``ValueError`` when two visits in a row do not join (bearings, speeds and berths must agree).
    """
    for one, two in pairwise(visits):
        if (one.to_deg, one.out_kn, one.slowing_s, one.forward_m, one.starboard_m) != (
            two.from_deg, two.in_kn, two.slowing_s, two.forward_m, two.starboard_m,
        ):  # fmt: skip
            raise ValueError(f"a ship that leaves as {one} cannot come back as {two}")
    since = host.time_us
    turn = np.radians(host.heading_deg)
    east, north = np.zeros(len(since)), np.zeros(len(since))
    away = np.zeros(len(since))
    turned = np.zeros(len(since))
    for number, visit in enumerate(visits):
        first = -np.inf if number == 0 else (visits[number - 1].leave_us + visit.arrive_us) / 2
        last = np.inf if number == len(visits) - 1 else (visit.leave_us + visits[number + 1].arrive_us) / 2
        here = (since >= first) & (since < last)
        before_s = np.clip(visit.arrive_us - since[here], 0, None) / 1e6
        after_s = np.clip(since[here] - visit.leave_us, 0, None) / 1e6
        into = _run_m(before_s, visit.in_kn, visit.slowing_s)
        out = _run_m(after_s, visit.out_kn, visit.slowing_s)
        come, go = np.radians(visit.from_deg), np.radians(visit.to_deg)
        sin_h, cos_h = np.sin(turn[here]), np.cos(turn[here])
        east[here] = into * np.sin(come) + out * np.sin(go) + visit.forward_m * sin_h + visit.starboard_m * cos_h
        north[here] = into * np.cos(come) + out * np.cos(go) + visit.forward_m * cos_h - visit.starboard_m * sin_h
        away[here] = into + out
        turned[here] = visit.turned_deg
    lat, lon = place(host.lat_deg, host.lon_deg, east, north)
    course = bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
    course = np.append(course, course[-1])
    # Close by she is swung into line with her host; far off her head is where she goes.
    share = np.clip((away - 200.0) / 1000.0, 0.0, 1.0)
    beside = np.radians(host.heading_deg + turned)
    heading = np.degrees(
        np.arctan2(
            share * np.sin(np.radians(course)) + (1 - share) * np.sin(beside),
            share * np.cos(np.radians(course)) + (1 - share) * np.cos(beside),
        )
    )
    return Track(host.time_us, lat, lon, heading % 360.0, np.full(len(since), status, np.int8))


def _run_m(seconds: Floats, speed_kn: float, slowing_s: float) -> Floats:
    """Distance from the berth after so many seconds at a speed that grows to ``speed_kn`` in about ``slowing_s``."""
    return np.asarray(speed_kn * KNOT_MPS * (seconds - slowing_s * -np.expm1(-seconds / slowing_s)))


def antenna_track(middle: Track, hull: Hull) -> Track:
    """The track of the antenna, which is what AIS reports, from that of the middle of the hull."""
    turn = np.radians(middle.heading_deg)
    forward, starboard = (hull.to_stern_m - hull.to_bow_m) / 2, (hull.to_port_m - hull.to_starboard_m) / 2
    east = forward * np.sin(turn) + starboard * np.cos(turn)
    north = forward * np.cos(turn) - starboard * np.sin(turn)
    lat, lon = place(middle.lat_deg, middle.lon_deg, east, north)
    return Track(middle.time_us, lat, lon, middle.heading_deg, middle.nav_status)


def spans_within(a: Track, b: Track, within_m: float, step_us: int = 5_000_000) -> list[tuple[int, int]]:
    """The spans in which two tracks are within a distance, found by looking every ``step_us``: slow and plain."""
    start, end = max(a.start_us, b.start_us), min(a.end_us, b.end_us)
    if end <= start:
        return []
    times = np.arange(start, end + 1, step_us, dtype=np.int64)
    near = separation_m(*a.positions(times), *b.positions(times)) <= within_m
    edges = np.diff(np.concatenate([[False], near, [False]]).astype(np.int8))
    return [
        (int(times[i]), int(times[j - 1]))
        for i, j in zip(np.nonzero(edges == 1)[0], np.nonzero(edges == -1)[0], strict=True)
    ]
