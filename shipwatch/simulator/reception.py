"""Who hears what: stations with a range, satellites that pass, outages, late and wrong clocks, thinning."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.sphere import Floats, separation_m

Times = NDArray[np.int64]
Mask = NDArray[np.bool_]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Receiver(ABC):
    """What all receivers have: a name, an ear, a clock, and an archive that thins what it keeps.

    ``detection`` is the chance to hear one report inside the footprint. ``thin_s`` keeps at most one position a ship in
    that many seconds, as archives do (0 keeps all), ``thin_static_s`` likewise static reports. A report is stamped
    ``lag`` after it was sent (log-normal: median, spread, cut at the maximum), on a clock that is ``clock_offset_s``
    fast and, within ``clock_jumps`` (from, to, seconds), wrong by more. Nothing is heard during ``outages``.
    """

    name: str
    detection: float = 0.9
    thin_s: float = 0.0
    thin_static_s: float = 0.0
    outages: tuple[Span, ...] = ()
    lag_median_s: float = 0.3
    lag_spread: float = 0.5
    lag_max_s: float = 170.0
    clock_offset_s: float = 0.0
    clock_jumps: tuple[tuple[int, int, float], ...] = ()

    @abstractmethod
    def footprint(self, time_us: Times, lat_deg: Floats, lon_deg: Floats) -> Floats:
        """Chance of each report to be within reach of the antenna, 0 to 1."""

    def heard(self, time_us: Times, lat_deg: Floats, lon_deg: Floats, rng: np.random.Generator) -> Mask:
        """Which of one ship's reports are received, before any thinning."""
        mask = rng.random(len(time_us)) < self.detection * self.footprint(time_us, lat_deg, lon_deg)
        return mask & ~inside(time_us, self.outages)

    def stamped(self, time_us: Times, rng: np.random.Generator) -> Times:
        """The receiver's time stamps for reports sent at these times."""
        lag = self.lag_median_s * np.exp(self.lag_spread * rng.standard_normal(len(time_us)))
        seconds = np.minimum(lag, self.lag_max_s) + self.clock_offset_s
        for start, end, jump_s in self.clock_jumps:
            seconds = seconds + np.where((time_us >= start) & (time_us < end), jump_s, 0.0)
        return np.asarray(time_us + np.rint(seconds * 1e6).astype(np.int64))


@dataclass(frozen=True, slots=True)
class Station(Receiver):
    """A receiver ashore or on a platform: its reach fades out about ``range_m``."""

    lat_deg: float = 0.0
    lon_deg: float = 0.0
    range_m: float = 74_000.0

    def footprint(self, time_us: Times, lat_deg: Floats, lon_deg: Floats) -> Floats:
        """1 near the station, a half at its range, 0 beyond."""
        beyond = (separation_m(self.lat_deg, self.lon_deg, lat_deg, lon_deg) - self.range_m) / (0.06 * self.range_m)
        return np.asarray(1.0 / (1.0 + np.exp(np.clip(beyond, -40.0, 40.0))))


@dataclass(frozen=True, slots=True)
class Satellites(Receiver):
    """A constellation that hears everything in the area while one of it passes, and nothing in between."""

    passes: tuple[Span, ...] = ()

    def footprint(self, time_us: Times, lat_deg: Floats, lon_deg: Floats) -> Floats:
        """1 during a pass, else 0."""
        return inside(time_us, self.passes).astype(np.float64)


def satellite_passes(
    start_us: int, end_us: int, every_s: float, lasting_s: float, rng: np.random.Generator
) -> tuple[Span, ...]:
    """Passes about every ``every_s``, each about ``lasting_s`` long (both vary by 30 %); between them is a hole."""
    spans = []
    at = start_us + int(rng.uniform(0.0, every_s) * 1e6)
    while at < end_us:
        spans.append((at, min(end_us, at + int(rng.uniform(0.7, 1.3) * lasting_s * 1e6))))
        at += int(rng.uniform(0.7, 1.3) * every_s * 1e6)
    return tuple(spans)


def inside(time_us: Times, spans: tuple[Span, ...]) -> Mask:
    """Which instants lie in any of the half-open spans (they may overlap)."""
    mask = np.zeros(len(time_us), np.bool_)
    for start, end in spans:
        mask |= (time_us >= start) & (time_us < end)
    return mask


def thinned(time_us: Times, every_s: float) -> Mask:
    """The first instant in each slot of ``every_s`` seconds, of ascending times; all of them when it is 0."""
    if every_s <= 0.0 or len(time_us) == 0:
        return np.ones(len(time_us), np.bool_)
    slot = time_us // int(every_s * 1e6)
    return np.concatenate([[True], slot[1:] != slot[:-1]])
