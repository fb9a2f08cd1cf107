"""The sea of one world: its water, its clock, its ships so far, and room for one more scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.events.truth import Fact
from geofences.land import distance_to_shore_m, on_land
from geofences.ports import in_port
from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import CARGO, TANKER, Shipyard, Vessel
from shipwatch.simulator.reports import Ship
from shipwatch.simulator.sphere import place, separation_m, wrap_lon_deg
from shipwatch.simulator.stage import HOUR_US, Stage, trimmed
from shipwatch.simulator.visits import Hull, Visit, antenna_track, visiting
from shipwatch.simulator.voyages import UNDER_WAY, Track, drift, sail

FLAGS = ("PAN", "LBR", "MHL", "HKG", "SGP", "SLE", "TGO", "MNG", "COK", "CHN", "KOR", "RUS")
APART_M = 15_000.0
NO_GYRO_SHARE = 0.005
"""Merchant ships that never sent a heading, measured as the reception was."""
NO_SIZE_SHARE = 0.02
"""Ships that send no dimensions: with those of which no static report is heard, more than the logs' table rows lack."""


class Sea(Stage):
    """A stage at a place of its own, with its own current; keeps the ships and facts that scenes add."""

    def __init__(
        self, centre: tuple[float, float], start_us: int, hours: float, rng: np.random.Generator, spread_m: float
    ) -> None:
        super().__init__(start_us, start_us + round(hours * HOUR_US), Shipyard(rng), rng)
        self.hours, self.centre, self.spread_m = hours, centre, spread_m
        self.current = Current(
            float(rng.uniform(0.0, 0.9)), float(rng.uniform(0.0, 360.0)), float(rng.uniform(0.0, 0.8)),
            float(rng.uniform(0.0, 360.0)), float(rng.uniform(0.0, 1.0)), float(rng.uniform(0.0, 6.28)),
        )  # fmt: skip
        self.ships: list[Ship] = []
        self.facts: list[Fact] = []
        self._taken: list[tuple[float, float]] = []

    def spot(self, shore_m: tuple[float, float] = (12_000.0, 5e6)) -> tuple[float, float]:
        """A place at sea, off any port, that distance from the shore and 15 km from every earlier one."""
        for look in range(4000):
            away = self.spread_m * float(np.sqrt(self.rng.random()))
            turn = float(self.rng.uniform(0.0, 2 * np.pi))
            lat, lon = place(*self.centre, away * np.sin(turn), away * np.cos(turn))
            here = (float(lat), float(lon))
            apart_m = APART_M if look < 2000 else APART_M / 2
            if any(float(separation_m(*here, *there)) < apart_m for there in self._taken):
                continue
            if bool(on_land([lat], [lon])[0]) or bool(in_port([lat], [lon])[0]):
                continue
            if shore_m[0] <= float(distance_to_shore_m([lat], [lon])[0]) <= shore_m[1]:
                self._taken.append(here)
                return here
        raise ValueError(f"no room left within {self.spread_m:.0f} m of {self.centre}")

    def seaward_deg(self, here: tuple[float, float]) -> float:
        """The bearing of eight that leads furthest from any shore."""
        turns = np.radians(np.arange(0.0, 360.0, 45.0))
        lat, lon = place(*here, 30_000.0 * np.sin(turns), 30_000.0 * np.cos(turns))
        return float(np.degrees(turns[int(np.argmax(distance_to_shore_m(lat, lon)))]))

    def merchant(self, length_m: int | None = None, draught_m: float | None = None) -> Vessel:
        """A tanker or cargo ship; a few send no dimensions."""
        kind = TANKER if self.rng.random() < 0.6 else CARGO
        vessel = self.yard.build(
            kind, str(self.rng.choice(FLAGS)), length_m or int(self.rng.integers(70, 240)), draught_m=draught_m
        )
        return vessel

    def said(self, vessel: Vessel) -> Vessel:
        """The vessel as it announces itself: with or without its dimensions."""
        return replace(vessel, hull=Hull(0, 0, 0, 0)) if self.rng.random() < NO_SIZE_SHARE else vessel

    def drifting(self, here: tuple[float, float], at_hour: float) -> Track:
        """A point that drifts through a place at that hour."""
        return self.water(*here, at_hour, float(self.rng.uniform(0.0, 360.0)))

    def under_way(self, here: tuple[float, float], at_hour: float, kn: float, course_deg: float) -> Track:
        """A point that steams through a place at that hour at constant speed, all the time of the world."""
        turn = np.radians(course_deg)
        before, after = kn * 1852.0 * at_hour + 1.0, kn * 1852.0 * (self.hours - at_hour) * 1.02 + 1000.0
        ends = [place(*here, -before * np.sin(turn), -before * np.cos(turn)),
                place(*here, after * np.sin(turn), after * np.cos(turn))]  # fmt: skip
        return sail(self.start_us, self.end_us, [(float(lat), float(wrap_lon_deg(lon))) for lat, lon in ends], kn)

    def comes(
        self, vessel: Vessel, host: Track, visits: Sequence[Visit], hours: tuple[float, float], *,
        status: int = UNDER_WAY, silence: tuple[float, float] | None = None,
        draughts: tuple[tuple[int, float], ...] = (),
    ) -> int:  # fmt: skip
        """A ship that comes to a moving point and goes again; her row in the world."""
        path = antenna_track(visiting(host, tuple(visits), status), vessel.hull)
        first, last = max(0.0, hours[0]), min(self.hours, hours[1])
        ship = Ship(
            self.said(vessel), trimmed(path, self.hour(first), self.hour(last)),
            silences=() if silence is None else ((self.hour(silence[0]), self.hour(silence[1])),),
            draughts=draughts, heading=bool(self.rng.random() >= NO_GYRO_SHARE),
        )  # fmt: skip
        return self.add(ship)

    def add(self, ship: Ship) -> int:
        """Put a ship into the world; her row."""
        self.ships.append(ship)
        return len(self.ships) - 1

    def fact(self, kind: str, *ships: int) -> None:
        """State why these ships are together."""
        self.facts.append(Fact(kind, tuple(sorted(ships))))

    def places(self) -> list[int]:
        """The number of each ship's place: that of the first fact which names her, else -1."""
        found = [-1] * len(self.ships)
        for number, fact in reversed(list(enumerate(self.facts))):
            for row in fact.ships:
                found[row] = number
        for fact in self.facts:  # who attends at a raft is heard as the raft is
            for row in fact.ships:
                found[row] = min(found[other] for other in fact.ships)
        return found

    def uniform(self, low: float, high: float) -> float:
        """A number between two."""
        return float(self.rng.uniform(low, high))


def still_water(sea: Sea, here: tuple[float, float]) -> Track:
    """A point that does not move."""
    return drift(sea.start_us, sea.end_us, *here, Current(0.0, 0.0, 0.0))
