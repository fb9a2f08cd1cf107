"""The water that drifting ships go with: a steady set and a turning tide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from shipwatch.simulator.sphere import KNOT_MPS, Floats

M2_PERIOD_S = 44_714.0
"""Principal lunar tide, 12.4206 h."""


@dataclass(frozen=True, slots=True)
class Current:
    """A steady set (wind and ocean current together) with an elliptic tide on top; speeds in knots, directions toward.

    ``roundness`` is the tide's minor axis over its major one (0 runs to and fro, 1 turns at constant speed). The
    velocity is a closed form, so the displacement is its exact integral and two ships that drift together stay
    together.

    >>> drift = Current(set_kn=1.0, set_toward_deg=90.0, tide_kn=0.0)
    >>> east, north = drift.displacement_m(3_600_000_000, 0)
    >>> round(float(east)), round(float(north))
    (1852, 0)
    """

    set_kn: float = 0.6
    set_toward_deg: float = 30.0
    tide_kn: float = 0.7
    tide_toward_deg: float = 120.0
    roundness: float = 0.5
    phase_rad: float = 0.0
    period_s: float = M2_PERIOD_S

    def velocity_mps(self, time_us: Any) -> tuple[Floats, Floats]:
        """(east, north) in metres a second at each time."""
        turn = 2 * np.pi * np.asarray(time_us, np.float64) / 1e6 / self.period_s + self.phase_rad
        return self._to_east_north(np.cos(turn), np.sin(turn), np.ones_like(turn))

    def displacement_m(self, time_us: Any, from_us: int) -> tuple[Floats, Floats]:
        """(east, north) in metres that the water has gone from ``from_us`` to each time."""
        seconds = (np.asarray(time_us, np.float64) - from_us) / 1e6
        rate = 2 * np.pi / self.period_s
        start = rate * (from_us / 1e6) + self.phase_rad
        turn = start + rate * seconds
        return self._to_east_north(
            (np.sin(turn) - np.sin(start)) / rate, (np.cos(start) - np.cos(turn)) / rate, seconds
        )

    def _to_east_north(self, along: Floats, across: Floats, steady: Floats) -> tuple[Floats, Floats]:
        tide, set_to = np.radians(self.tide_toward_deg), np.radians(self.set_toward_deg)
        along, across = along * self.tide_kn * KNOT_MPS, across * self.tide_kn * self.roundness * KNOT_MPS
        steady = steady * self.set_kn * KNOT_MPS
        east = along * np.sin(tide) + across * np.cos(tide) + steady * np.sin(set_to)
        north = along * np.cos(tide) - across * np.sin(tide) + steady * np.cos(set_to)
        return east, north
