"""Who is heard when: report times drawn from measured bursts, holes and intervals, never milder than measured."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.reception import Span, Station, inside
from shipwatch.simulator.reports import Heard, Ship, described, generator, in_archive_order
from shipwatch.simulator.transmit import speaking

Times = NDArray[np.int64]

US = 1_000_000
LAG_MEDIAN_S, LAG_SPREAD, LAG_MAX_S = 20.0, 0.94, 170.0
"""Receipt lag as in the measured logs: a median of 20 s, one report in eight later than a minute."""
LONGER = 1.1
"""Intervals are drawn so much longer: the end of a burst cuts off the long ones, which would make them milder."""
STATIC_SHARE, STATIC_APART_S = 12, 300.0
"""A static report beside every twelfth position, not oftener than every five minutes (one in six is measured)."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The quantile table of one stratum; seconds."""

    interval_s: NDArray[np.float64]
    hole_s: NDArray[np.float64]
    burst_s: NDArray[np.float64]
    single_share: float
    heard_share: float
    together: float


@dataclass(frozen=True, slots=True)
class Reception:
    """How a world is heard.

    ``far_share`` of its places are heard like far ones, the others like near ones. With ``passes`` (satellites) reports
    come only within them, at the intervals of far ships. Nothing is heard in ``outages``. The stamps of the second
    station are wrong by ``jump`` (from, to, seconds) where it is given.
    """

    far_share: float
    passes: tuple[Span, ...] = ()
    outages: tuple[Span, ...] = ()
    jump: tuple[int, int, float] | None = None
    twice_share: float = 0.08
    stations: tuple[str, ...] = ("bench-1", "bench-2", "bench-3")
    station_share: tuple[float, ...] = field(default=(0.6, 0.25, 0.15))


def table(name: str) -> tuple[NDArray[np.float64], Measured]:
    """Probabilities and quantiles of a stratum (``near`` or ``far``) of reception.toml."""
    whole: dict[str, Any] = tomllib.loads(Path(__file__).with_name("reception.toml").read_text(encoding="utf-8"))
    row = whole[name]
    columns = {key: np.array(row[key], np.float64) for key in ("interval_s", "hole_s", "burst_s")}
    return np.array(whole["probabilities"]), Measured(
        **columns, single_share=row["single_share"], heard_share=row["heard_share"], together=row["together"]
    )


def unnamed_share() -> float:
    """The measured share of ships, often heard, of which no static report is."""
    whole = tomllib.loads(Path(__file__).with_name("reception.toml").read_text(encoding="utf-8"))
    return float(whole["unnamed_share"])


class Ear:
    """Draws the instants at which one ship after another is heard."""

    def __init__(self, reception: Reception, start_us: int, end_us: int) -> None:
        self.reception, self.start_us, self.end_us = reception, start_us, end_us
        self.strata = {name: table(name) for name in ("near", "far")}

    def times(self, start_us: int, end_us: int, rng: np.random.Generator, far: bool, spans: list[Span]) -> Times:
        """Ascending instants (int64 microseconds) within the bursts; at least two, so that the ship exists."""
        chances, row = self.strata["far" if far else "near"]
        made = []
        for from_us, to_us in spans:
            steps = max(4, int((to_us - from_us) / 12e6) + 4)
            drawn = np.interp(rng.random(steps), chances, row.interval_s) * LONGER + 1.0
            seconds = np.cumsum(np.minimum(drawn, row.interval_s[-1]))
            at = from_us + np.rint(seconds * 10).astype(np.int64) * 100_000
            made.append(at[at < to_us] if self.reception.passes else np.concatenate(([from_us], at[at < to_us])))
        times = np.unique(np.concatenate(made)) if made else np.empty(0, np.int64)
        times = times[(times >= start_us) & (times <= end_us) & ~inside(times, self.reception.outages)]
        return times if len(times) >= 2 else np.array([start_us, end_us], np.int64)

    def bursts(self, start_us: int, end_us: int, rng: np.random.Generator, far: bool) -> list[Span]:
        """When one ship is heard at all: measured bursts and holes, or the satellites' passes."""
        if self.reception.passes:
            return self._passes(start_us, end_us, rng)
        return self._bursts(start_us, end_us, rng, *self.strata["far" if far else "near"])

    def _bursts(
        self, start_us: int, end_us: int, rng: np.random.Generator, chances: NDArray[np.float64], row: Measured
    ) -> list[Span]:
        spans: list[Span] = []
        heard = bool(rng.random() < row.heard_share)
        # A ship is met somewhere in her burst or hole, not at its beginning.
        at = start_us - round(float(np.interp(rng.random(), chances, row.burst_s if heard else row.hole_s)) * US
                              * rng.random())  # fmt: skip
        while at < end_us:
            if heard:
                single = rng.random() < row.single_share
                lasting = 0.0 if single else float(np.interp(rng.random(), chances, row.burst_s))
                spans.append((at, at + max(1, round(lasting * US))))
            else:
                lasting = float(np.interp(rng.random(), chances, row.hole_s))
            at += round(lasting * US)
            heard = not heard
        return spans

    def _passes(self, start_us: int, end_us: int, rng: np.random.Generator) -> list[Span]:
        """One pass in five gives nothing of a ship: messages collide in a satellite's wide view."""
        here = [span for span in self.reception.passes if span[1] > start_us and span[0] < end_us]
        return [span for span in here if rng.random() < 0.8]

    def heard(self, ships: tuple[Ship, ...], places: Sequence[int], seed: int) -> tuple[Heard, tuple[Station, ...]]:
        """The archive's rows, and the stations that they name.

        ``places`` gives each ship's place (a number; -1: one of her own). Ships of one place are heard alike: all near
        or all far, and by so much at the same times as is measured of ships near one another.
        """
        parts = [
            self._one(number, ship, place, seed) for number, (ship, place) in enumerate(zip(ships, places, strict=True))
        ]
        return in_archive_order(parts), tuple(Station(name) for name in self.reception.stations)

    def _one(self, number: int, ship: Ship, place: int, seed: int) -> dict[str, NDArray[Any]]:
        rng = generator(seed, 7, number)
        start_us, end_us = ship.track.start_us, ship.track.end_us
        here = generator(seed, 8, place) if place >= 0 else rng
        far = bool(here.random() < self.reception.far_share)
        if place >= 0 and rng.random() < np.sqrt(self.strata["far" if far else "near"][1].together):
            spans = self.bursts(self.start_us, self.end_us, here, far)  # the place's, whoever asks
        else:
            spans = self.bursts(start_us, end_us, rng, far)
        times = self.times(start_us, end_us, rng, far, spans)
        unnamed = rng.random() < unnamed_share()
        times = times[speaking(times, ship.silences)]
        static = times[rng.random(len(times)) < 1.0 / STATIC_SHARE] + 1_300_000
        if len(static):
            static = static[np.concatenate(([True], np.diff(static) > STATIC_APART_S * US))]
        static = static[(static <= ship.track.end_us) & speaking(static, ship.silences)]
        if unnamed:
            static = static[:0]
        class_b = ship.vessel.class_b
        second = static + 900_000 if class_b else static[:0]
        second = second[(second <= ship.track.end_us) & speaking(second, ship.silences)]
        sent = np.concatenate((times, static, second))
        types = np.repeat(np.array([18, 24, 24] if class_b else [1, 5, 5], np.uint8),
                          [len(times), len(static), len(second)])  # fmt: skip
        part_b = np.repeat(np.array([False, False, True]), [len(times), len(static), len(second)])
        again = np.flatnonzero(rng.random(len(sent)) < self.reception.twice_share)
        sent, types, part_b = (np.concatenate((column, column[again])) for column in (sent, types, part_b))
        receiver = rng.choice(len(self.reception.stations), len(sent), p=self.reception.station_share).astype(np.int16)
        if len(again):
            receiver[-len(again) :] = (receiver[again] + 1) % len(self.reception.stations)
        lag = np.minimum(LAG_MEDIAN_S * np.exp(LAG_SPREAD * rng.standard_normal(len(sent))), LAG_MAX_S)
        stamp = sent + np.rint(lag * US).astype(np.int64)
        if self.reception.jump is not None:
            from_us, to_us, wrong_s = self.reception.jump
            hit = (receiver == 1) & (sent >= from_us) & (sent < to_us)
            stamp = stamp + np.where(hit, round(wrong_s * US), 0)
        return described(number, ship, sent, stamp, receiver, types, part_b, rng)
