"""The stage of the demo: its water, its clock, its listed ships, and what a meeting on it is worth as truth."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files

import numpy as np

from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import Shipyard, Vessel
from shipwatch.simulator.reports import Ship
from shipwatch.simulator.scenario import Truth
from shipwatch.simulator.sphere import place
from shipwatch.simulator.visits import Visit, antenna_track, spans_within, visiting
from shipwatch.simulator.voyages import UNDER_WAY, Track, drift

HOUR_US = 3_600_000_000


def designations_text() -> str:
    """The invented list of the demo as shipped: CSV, entries named INVENTED-nn."""
    return files("shipwatch.simulator").joinpath("demo-designations-invented.csv").read_text(encoding="utf-8")


class Stage:
    """Where and when the demo's meetings are set, and the yard that builds the ships for them."""

    def __init__(self, start_us: int, end_us: int, yard: Shipyard, rng: np.random.Generator) -> None:
        self.start_us, self.end_us = start_us, end_us
        self.yard, self.rng = yard, rng
        self.current = Current(0.5, 35.0, 0.7, 120.0, 0.5, float(rng.uniform(0, 2 * np.pi)))
        self.listed = {row["name"]: row for row in csv.DictReader(io.StringIO(designations_text()))}

    def hour(self, hours: float) -> int:
        """Microseconds since 1970 UTC at so many hours after the start."""
        return self.start_us + round(hours * HOUR_US)

    def listed_vessel(self, name: str, ship_type: int, length_m: int, sent_name: str | None = None) -> Vessel:
        """The ship that an entry of the invented list means, as she calls herself."""
        row = self.listed[name]
        built = self.yard.build(ship_type, row["flag"], length_m, name=sent_name or name)
        return replace(built, mmsi=int(row["mmsi"]), imo=int(row["imo"]), callsign=row["callsign"])

    def water(self, lat_deg: float, lon_deg: float, at_hour: float, heading_deg: float) -> Track:
        """A point that drifts through ``(lat, lon)`` at that hour, for the whole of the scenario."""
        east, north = self.current.displacement_m(self.hour(at_hour), self.start_us)
        lat, lon = place(lat_deg, lon_deg, -east, -north)
        return drift(self.start_us, self.end_us, float(lat), float(lon), self.current, heading_deg)

    def visitor(
        self, vessel: Vessel, host: Track, visits: Sequence[Visit], first_hour: float, last_hour: float,
        status: int = UNDER_WAY,
    ) -> Ship:  # fmt: skip
        """A ship that comes to the moving point, on the air between the two hours."""
        path = antenna_track(visiting(host, tuple(visits), status), vessel.hull)
        return Ship(vessel, trimmed(path, self.hour(first_hour), self.hour(last_hour)))

    def visit(
        self, arrive: float, leave: float, from_deg: float, to_deg: float, kn: float = 10.0, starboard_m: float = 0.0,
        forward_m: float = 0.0, turned_deg: float = 0.0, slowing_s: float = 1500.0,
    ) -> Visit:  # fmt: skip
        """A visit in hours of the scenario."""
        return Visit(self.hour(arrive), self.hour(leave), from_deg, to_deg, kn, kn, forward_m, starboard_m, turned_deg,
                     slowing_s)  # fmt: skip


def trimmed(track: Track, start_us: int, end_us: int) -> Track:
    """The nodes of a track between two instants."""
    keep = (track.time_us >= start_us) & (track.time_us <= end_us)
    return Track(*(getattr(track, name)[keep] for name in Track.__slots__))


def each_time(kind: str, a: Ship, b: Ship, within_m: float, notes: str) -> list[Truth]:
    """Every span in which two ships are within a distance, as truth."""
    made = []
    for start, end in spans_within(a.track, b.track, within_m):
        lat, lon = a.track.positions([(start + end) // 2])
        pair = (a.vessel.mmsi, b.vessel.mmsi)
        made.append(Truth(kind, pair, start, end, within_m, float(lat[0]), float(lon[0]), notes))
    return made


def truth_of(kind: str, a: Ship, b: Ship, within_m: float, notes: str) -> Truth:
    """The longest span in which two ships are within a distance, as truth. ``ValueError`` when they never are."""
    made = each_time(kind, a, b, within_m, notes)
    if not made:
        raise ValueError(f"{a.vessel.name} and {b.vessel.name} never come within {within_m:.0f} m")
    return max(made, key=lambda truth: truth.end_us - truth.start_us)
