"""Small scenes for the engine's tests, made of straight tracks in metres around a point."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.engine.detections import Detections, Rendezvous
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState
from shipwatch.engine.step import finish, step

US = 1_000_000
NOON = 1_741_953_600 * US  # 2025-03-14T12:00:00Z
M_PER_DEG = 6_371_008.8 * math.pi / 180


class AllWater:
    """Everything is watched, nothing is excluded."""

    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.zeros(len(lat), bool)


class Scene:
    """Fixes of ships placed by metres east and north of a centre, and what the engine makes of them."""

    def __init__(self, lat: float = 0.0, lon: float = 10.0, start_us: int = NOON) -> None:
        self.lat, self.lon, self.start_us = lat, lon, start_us
        self.rows: list[tuple[Any, ...]] = []
        self.statics: list[dict[str, Any]] = []

    def ship(
        self, mmsi: int, seconds: Sequence[float], east_m: Callable[[float], float] | float,
        north_m: Callable[[float], float] | float, sog: float | Callable[[float], float] = 0.5,
        heading: float = math.nan,
    ) -> Scene:  # fmt: skip
        """Add a fix at each of the given seconds."""
        for t in seconds:
            east = east_m(t) if callable(east_m) else east_m
            north = north_m(t) if callable(north_m) else north_m
            lat = self.lat + north / M_PER_DEG
            lon = self.lon + east / (M_PER_DEG * math.cos(math.radians(self.lat)))
            lon = (lon + 180) % 360 - 180
            speed = sog(t) if callable(sog) else sog
            self.rows.append((self.start_us + round(t * US), mmsi, lat, lon, speed, heading))
        return self

    def size(self, mmsi: int, at_s: float, bow: float, stern: float, port: float, starboard: float) -> Scene:
        """Add a static report with dimensions."""
        self.statics.append(
            {"time_us": self.start_us + round(at_s * US), "mmsi": mmsi, "to_bow_m": bow, "to_stern_m": stern,
             "to_port_m": port, "to_starboard_m": starboard}
        )  # fmt: skip
        return self

    def positions(self) -> PositionReports:
        rows = sorted(self.rows)
        names = ("time_us", "mmsi", "lat_deg", "lon_deg", "sog_kn", "heading_deg")
        return PositionReports.of(**{name: [row[i] for row in rows] for i, name in enumerate(names)})

    def static_reports(self) -> StaticReports:
        if not self.statics:
            return StaticReports.empty()
        rows = sorted(self.statics, key=lambda row: (row["time_us"], row["mmsi"]))
        return StaticReports.of(**{name: [row[name] for row in rows] for name in rows[0]})

    def run(self, rules: EngineRules | None = None, scope: Any = None) -> tuple[EngineState, Detections]:
        """The whole scene through one step and the finish."""
        rules, scope = rules or EngineRules(), scope or AllWater()
        state, first = step(EngineState(), Batch(self.positions(), self.static_reports()), rules, scope)
        state, rest = finish(state, rules, scope)
        refused = dict(first.refused)
        for reason, count in rest.refused.items():
            refused[reason] = refused.get(reason, 0) + count
        return state, Detections((*first.rendezvous, *rest.rendezvous), (*first.gaps, *rest.gaps), refused)

    def meetings(self, rules: EngineRules | None = None, scope: Any = None) -> list[Rendezvous]:
        """The newest revision of each rendezvous."""
        return list({found.id: found for found in self.run(rules, scope)[1].rendezvous}.values())


def every(step_s: float, start_s: float, end_s: float) -> list[float]:
    """Seconds from start to end."""
    return list(np.arange(start_s, end_s + 1e-9, step_s))


@pytest.fixture
def scene() -> type[Scene]:
    """The scene builder."""
    return Scene


@pytest.fixture
def each() -> Callable[[float, float, float], list[float]]:
    """``each(step_s, start_s, end_s)``: seconds at which a ship reports."""
    return every
