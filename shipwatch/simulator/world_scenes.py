"""Small worlds for property tests: report columns with planted meetings, no NMEA in between; all of it invented.

Positions stand on AIS's own grid (1/600,000 degree), stamps on whole seconds, so that a world can be turned, shifted
and mirrored (:mod:`shipwatch.simulator.world_transforms`) without rounding anything anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import Vessel
from shipwatch.simulator.sphere import KNOT_MPS, bearing_deg, separation_m, wrap_lon_deg
from shipwatch.simulator.visits import Visit, spans_within, visiting
from shipwatch.simulator.voyages import Track, drift

START_US = 1_741_910_400_000_000
"""2025-03-14 00:00 UTC, the default start of a world."""

GRID = 600_000.0
"""AIS position units in a degree."""

WITHIN_M = 500.0
"""The distance that the start and end of a planted meeting refer to."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A meeting put into a world: first and last second within 500 m, and how far apart the antennas lay."""

    mmsi_a: int
    mmsi_b: int
    start_us: int
    end_us: int
    distance_m: float


@dataclass(frozen=True, slots=True)
class World:
    """Report columns sorted by (time, mmsi), and the meetings that are in them."""

    positions: PositionReports
    statics: StaticReports
    meetings: tuple[Planted, ...] = ()

    def batch(self) -> Batch:
        """The whole world as one batch."""
        return Batch(self.positions, self.statics, {"read": len(self.positions) + len(self.statics)})


def ship_track(
    mmsi: int, times_us: Any, lat_deg: Any, lon_deg: Any, sog_kn: Any = None, cog_deg: Any = None,
    heading_deg: Any = np.nan, nav_status: Any = 0, msg_type: Any = 1, station: bytes = b"sim",
) -> PositionReports:  # fmt: skip
    """Position reports of one ship from plain sequences; speed and course come from the fixes where not given.

    Positions are put on AIS's grid, speed and course to tenths, heading to degrees; ``utc_second`` is that of the time.

    >>> ship_track(441000001, [0, 60_000_000], [0.0, 0.0], [179.999, -179.999]).sog_kn.round().tolist()
    [7.0, 7.0]
    """
    times = np.asarray(times_us, np.int64)
    rows = len(times)
    lat = np.rint(np.broadcast_to(np.asarray(lat_deg, np.float64), rows) * GRID) / GRID
    lon = np.rint(wrap_lon_deg(np.broadcast_to(np.asarray(lon_deg, np.float64), rows)) * GRID) / GRID
    if sog_kn is None or cog_deg is None:
        speed, course = _made_good(times, lat, lon)
        sog_kn, cog_deg = speed if sog_kn is None else sog_kn, course if cog_deg is None else cog_deg
    full = {
        "sog_kn": np.rint(np.asarray(sog_kn, np.float64) * 10) / 10,
        "cog_deg": np.rint(np.asarray(cog_deg, np.float64) * 10) / 10 % 360.0,
        "heading_deg": np.rint(np.asarray(heading_deg, np.float64)) % 360.0,
        "nav_status": nav_status, "msg_type": msg_type, "station": np.array(station, "S16"), "mmsi": mmsi,
    }  # fmt: skip
    columns = {name: np.broadcast_to(np.asarray(value), rows) for name, value in full.items()}
    return PositionReports.of(
        time_us=times, lat_deg=lat, lon_deg=lon, utc_second=times // 1_000_000 % 60, offset=np.full(rows, -1), **columns
    )


def _made_good(times: NDArray[np.int64], lat: Any, lon: Any) -> tuple[Any, Any]:
    """Speed and course from each fix to the next (the last fix has those of the leg before it)."""
    if len(times) < 2:
        return np.zeros(len(times)), np.zeros(len(times))
    seconds = np.maximum(np.diff(times) / 1e6, 1e-6)
    speed = separation_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) / seconds / KNOT_MPS
    course = bearing_deg(lat[:-1], lon[:-1], lat[1:], lon[1:])
    return np.append(speed, speed[-1]), np.append(course, course[-1])


def reports_of(track: Track, times_us: Any, mmsi: int, with_heading: bool = True, **more: Any) -> PositionReports:
    """What a ship on a track reports at these times."""
    times = np.asarray(times_us, np.int64)
    motion = track.at(times)
    return ship_track(
        mmsi, times, motion.lat_deg, motion.lon_deg, motion.sog_kn, motion.cog_deg,
        motion.heading_deg if with_heading else np.nan, motion.nav_status, **more,
    )  # fmt: skip


def static_of(vessel: Vessel, times_us: Any, station: bytes = b"sim") -> StaticReports:
    """A vessel's type 5 reports at these times."""
    times = np.asarray(times_us, np.int64)
    hull = vessel.hull
    row: dict[str, Any] = {
        "mmsi": vessel.mmsi, "imo": vessel.imo, "name": vessel.name, "callsign": vessel.callsign,
        "ship_type": vessel.ship_type, "to_bow_m": hull.to_bow_m, "to_stern_m": hull.to_stern_m,
        "to_port_m": hull.to_port_m, "to_starboard_m": hull.to_starboard_m, "draught_m": vessel.draught_m,
        "destination": vessel.destination, "msg_type": 5, "station": np.array(station, "S16"), "offset": -1,
    }  # fmt: skip
    return StaticReports.of(
        time_us=times, **{name: np.broadcast_to(np.asarray(value), len(times)) for name, value in row.items()}
    )


def world_of(
    positions: Sequence[PositionReports], statics: Sequence[StaticReports] = (), meetings: Sequence[Planted] = ()
) -> World:
    """A world of these parts, rows sorted by (time, mmsi)."""
    fixes, names = PositionReports.concat(positions), StaticReports.concat(statics)
    return World(
        fixes.take(np.lexsort((fixes.mmsi, fixes.time_us))), names.take(np.lexsort((names.mmsi, names.time_us))),
        tuple(meetings),
    )  # fmt: skip


def planted(mmsi_a: int, a: Track, mmsi_b: int, b: Track, distance_m: float) -> Planted:
    """The longest span of two tracks within 500 m, to the second. Raises ``ValueError`` when there is none."""
    spans = spans_within(a, b, WITHIN_M, 1_000_000)
    if not spans:
        raise ValueError(f"{mmsi_a} and {mmsi_b} never come within {WITHIN_M:.0f} m")
    return Planted(mmsi_a, mmsi_b, *max(spans, key=lambda span: span[1] - span[0]), distance_m)


def _every(start_us: int, end_us: int, every_s: float, phase_s: float = 0.0) -> NDArray[np.int64]:
    """Whole seconds, about ``every_s`` apart."""
    seconds = np.arange(phase_s, (end_us - start_us) / 1e6, every_s)
    return np.asarray(np.unique((start_us + np.rint(seconds) * 1e6).astype(np.int64)))


def meeting_world(
    centre: tuple[float, float] = (29.0, 123.5), start_us: int = START_US, duration_s: float = 3 * 3600.0,
    distance_m: float = 60.0, *, every_s: float = 60.0, approach_s: float = 3600.0, speed_kn: float = 9.0,
    current: Current | None = None, mmsis: tuple[int, int] = (441900001, 352900002),
    silences: Sequence[tuple[int, float, float]] = (), with_heading: bool = True,
) -> World:  # fmt: skip
    """One ship drifts at ``centre``; another comes, lies ``distance_m`` off from ``start_us`` on, and leaves.

    Both report every ``every_s`` from ``approach_s`` before to as long after. ``silences`` are (which ship 0 or 1,
    seconds after ``start_us`` from, to). The meeting's true ends are a few minutes outside the stay: they are at 500
    m.

    >>> world = meeting_world((0.0, 180.0), duration_s=3600.0)
    >>> (world.meetings[0].end_us - world.meetings[0].start_us) // 60_000_000 >= 60
    True
    """
    water = current or Current(0.4, 40.0, 0.5, 130.0)
    leave_us = start_us + round(duration_s * 1e6)
    first_us, last_us = start_us - round(approach_s * 1e6), leave_us + round(approach_s * 1e6)
    host = drift(first_us, last_us, *centre, water, 60.0)
    visit = Visit(start_us, leave_us, 250.0, 20.0, speed_kn, speed_kn, 0.0, distance_m, 0.0, 300.0)
    guest = visiting(host, (visit,))
    parts = []
    for number, (mmsi, track) in enumerate(zip(mmsis, (host, guest), strict=True)):
        times = _every(first_us, last_us, every_s, number * every_s / 2)
        for which, from_s, to_s in silences:
            if which == number:
                times = times[(times < start_us + from_s * 1e6) | (times >= start_us + to_s * 1e6)]
        parts.append(reports_of(track, times, mmsi, with_heading))
    return world_of(parts, (), [planted(mmsis[0], host, mmsis[1], guest, distance_m)])


def raft_world(
    n: int, centre: tuple[float, float] = (29.0, 123.5), start_us: int = START_US, duration_s: float = 4 * 3600.0,
    spacing_m: float = 25.0, *, every_s: float = 120.0, approach_s: float = 3600.0, stagger_s: float = 240.0,
    first_mmsi: int = 412900001,
) -> World:  # fmt: skip
    """``n`` ships side by side: a drifting host, the others to either side of her in turn, arriving one after another.

    ``meetings`` holds, for each ship after the host, the pair with her neighbour inward.
    """
    first_us = start_us - round(approach_s * 1e6)
    last_us = start_us + round((duration_s + n * stagger_s + approach_s) * 1e6)
    host = drift(first_us, last_us, *centre, Current(0.4, 40.0, 0.5, 130.0), 60.0)
    tracks = [host]
    for number in range(1, n):
        side = 1.0 if number % 2 else -1.0
        late = round(number * stagger_s * 1e6)
        arrive_us, leave_us = start_us + late, start_us + round(duration_s * 1e6) + late
        away_deg = 60.0 + 90.0 * side
        visit = Visit(
            arrive_us, leave_us, away_deg, away_deg, 8.0, 8.0, 0.0, side * spacing_m * ((number + 1) // 2), 0.0, 300.0
        )
        tracks.append(visiting(host, (visit,)))
    parts = [
        reports_of(track, _every(first_us, last_us, every_s, number * every_s / n), first_mmsi + number)
        for number, track in enumerate(tracks)
    ]
    pairs = [
        planted(first_mmsi + inner, tracks[inner], first_mmsi + number, tracks[number], spacing_m)
        for number, inner in ((k, max(0, k - 2)) for k in range(1, n))
    ]
    return world_of(parts, (), pairs)
