"""The worlds of one seed: eight seas, each with transfers, ordinary company, traffic and its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from benchmarks.events import ordinary, transfers
from benchmarks.events.hearing import Ear, Reception
from benchmarks.events.sea import Sea
from benchmarks.events.truth import Together, company
from decoders.reports import Batch
from shipwatch.simulator.heard_columns import PlayedScenario, columns_of
from shipwatch.simulator.reception import satellite_passes
from shipwatch.simulator.scenario import Truth
from shipwatch.simulator.stage import HOUR_US

Scene = Callable[[Sea], None]

OPEN_SEAS = ((29.0, 126.5), (16.0, 60.5), (36.0, -126.0), (-34.0, 8.0), (13.0, -30.0), (35.2, 18.0), (8.0, 88.0))
COASTS = ((35.9, 22.6), (36.6, 127.0 - 1.5), (33.2, -119.6), (57.7, 10.3), (25.2, 57.4), (10.6, 107.9))
DATELINE = ((51.0, 180.0), (-18.0, 179.95), (0.5, -179.9), (30.0, 179.99))
POLAR = ((72.5, 38.0), (76.0, 30.0), (71.0, -150.0), (-66.0, 100.0))


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is put into one kind of world; ``ships`` is the least number with traffic."""

    name: str
    places: tuple[tuple[float, float], ...]
    scenes: tuple[tuple[Scene, int], ...]
    ships: tuple[int, int]
    far_share: float
    spread_m: float = 150_000.0


_SOME = ((ordinary.convoy, 2), (ordinary.slow_company, 2), (ordinary.fishing_pair, 2), (ordinary.passing, 2),
         (ordinary.pilot, 1), (ordinary.lone_loiterer, 2), (ordinary.lone_silence, 1))  # fmt: skip

RECIPES = (
    Recipe("coast", COASTS, ((transfers.near_shore, 3), (transfers.drifting, 3), (transfers.midnight, 2),
           (transfers.under_way, 3), (ordinary.tow, 1), (ordinary.anchored_neighbours, 1), *_SOME), (180, 300), 0.0,
           110_000.0),
    Recipe("offshore", OPEN_SEAS, ((transfers.drifting, 4), (transfers.under_way, 4), (transfers.midnight, 2),
           *_SOME), (80, 140), 1.0),
    Recipe("satellite", OPEN_SEAS, ((transfers.drifting, 3), (transfers.under_way, 2), (transfers.midnight, 1),
           (transfers.at_anchor, 1), *_SOME), (60, 110), 1.0),
    Recipe("dateline", DATELINE, ((transfers.drifting, 4), (transfers.under_way, 3), (transfers.midnight, 2), *_SOME),
           (60, 110), 0.2, 100_000.0),
    Recipe("polar", POLAR, ((transfers.drifting, 4), (transfers.under_way, 2), (transfers.midnight, 1),
           (transfers.at_anchor, 2), *_SOME), (60, 90), 0.2, 120_000.0),
    Recipe("anchorage", OPEN_SEAS, ((transfers.raft, 3), (transfers.at_anchor, 4), (transfers.midnight, 2),
           (transfers.drifting, 3), (ordinary.anchored_neighbours, 4), (ordinary.inspection, 1), (ordinary.tow, 2),
           *_SOME), (150, 240), 0.0, 170_000.0),
    Recipe("faults", OPEN_SEAS, ((transfers.drifting, 5), (transfers.under_way, 4), (transfers.midnight, 2),
           (transfers.raft, 1), (ordinary.spoofed_circle, 2), *_SOME), (90, 150), 0.0),
    Recipe("dark", OPEN_SEAS, ((transfers.dark_one_sided, 6), (transfers.dark_two_sided, 5), (transfers.drifting, 2),
           (ordinary.lone_loiterer, 3), (ordinary.lone_silence, 3), *_SOME), (100, 160), 0.0),
)  # fmt: skip


@dataclass(frozen=True)
class BenchWorld:
    """One world: its reports in columns, the truth, and a scenario that writes the same as NMEA."""

    name: str
    seed: int
    reports: Batch
    together: tuple[Together, ...]
    scenario: PlayedScenario

    @property
    def ships(self) -> int:
        """How many hulls there are."""
        return len(self.scenario.ships)


def worlds(seed: int, names: Sequence[str] = (), share: float = 1.0) -> Iterator[BenchWorld]:
    """The worlds of a seed, one after another; ``names`` keeps some kinds, ``share`` of the traffic sails in them."""
    for number, recipe in enumerate(RECIPES):
        if not names or recipe.name in names:
            yield world(seed, number, recipe, share)


def world(seed: int, number: int, recipe: Recipe, share: float = 1.0) -> BenchWorld:
    """One world, the same for the same seed on every machine of one platform."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
    centre = recipe.places[int(rng.integers(len(recipe.places)))]
    hours = float(rng.uniform(26.0, 48.0))
    day = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=int(rng.integers(0, 700)), hours=int(rng.integers(6, 19)))
    sea = Sea(centre, int(day.timestamp()) * 1_000_000, hours, rng, recipe.spread_m)
    for scene, times in recipe.scenes:
        for _ in range(times):
            scene(sea)
    if recipe.name == "faults":
        parties = [row for fact in sea.facts if fact.kind in ("drifting", "under_way") for row in fact.ships]
        for row in rng.choice(parties, 2, replace=False):
            ordinary.shared_mmsi(sea, int(row))
    ordinary.traffic(sea, round(share * int(rng.integers(*recipe.ships))))
    ships = tuple(sea.ships)
    ear = Ear(_reception(recipe, sea, rng), sea.start_us, sea.end_us)
    heard, stations = ear.heard(ships, sea.places(), seed * 100 + number)
    together = tuple(company(ships, heard, sea.facts, sea.start_us, sea.end_us))
    scenario = PlayedScenario(
        f"event benchmark {recipe.name}", seed, sea.start_us, sea.end_us, ships, stations,
        tuple(Truth(one.kind, one.mmsis, one.start_us, one.end_us, 500.0, one.lat_deg, one.lon_deg, one.known)
              for one in together),
        rows=heard,
    )  # fmt: skip
    return BenchWorld(recipe.name, seed, columns_of(scenario), together, scenario)


def _reception(recipe: Recipe, sea: Sea, rng: np.random.Generator) -> Reception:
    """How that world is heard: satellites alone, a station whose clock jumps, an outage."""
    if recipe.name == "satellite":
        return Reception(recipe.far_share, satellite_passes(sea.start_us, sea.end_us, 4_200.0, 900.0, rng))
    off = sea.hour(float(rng.uniform(3.0, sea.hours - 5.0)))
    outage = ((off, off + round(float(rng.uniform(0.5, 1.5)) * HOUR_US)),)
    if recipe.name == "faults":
        first = sea.hour(float(rng.uniform(2.0, sea.hours / 2)))
        wrong_s = float(rng.choice([-1.0, 1.0]) * rng.uniform(90.0, 900.0))
        return Reception(recipe.far_share, outages=outage, twice_share=0.25,
                         jump=(first, first + round(float(rng.uniform(2.0, 5.0)) * HOUR_US), wrong_s))  # fmt: skip
    return Reception(recipe.far_share, outages=outage if recipe.name in ("coast", "dateline") else ())
