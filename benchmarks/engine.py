"""Positions a second through the engine, beside other tools on the same positions in the same run.

    python -m benchmarks.engine [--smoke] [--scaling] [--meetings-only] [--rounds N] [--seed N]

A day of a crowded sea (:mod:`benchmarks.crowded_sea`: 5,000 ships, about 5 million positions, 200 planted meetings)
goes in as columns in order of reception, in pieces of 250,000 rows; meetings, gaps and leads come out. Three figures
for each scope come from the same run: meetings and gaps; with reception and dark meetings (this one is held against the
others); with loitering, spoofing and identities too. One process, one core, CPU time, after a warm-up. Peers that are
not installed are named; `make bench-engine` installs them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from benchmarks.crowded_sea import CrowdedSea, crowded_sea
from benchmarks.engine_growth import ASKED, growth, own_peak, peak_memory, tell_memory
from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.engine import step as engine
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState

ROWS = 250_000
GFW_TRANSFORMS = 29_000
"""Positions a second of Global Fishing Watch's own transforms without Beam on such data, 5,000 ships, one core: a
figure from elsewhere, here for the ratio only."""
PEERS = {"duckdb": "DuckDB SQL grid join", "sklearn": "BallTree a slot", "movingpandas": "MovingPandas + geopandas"}
MODULES = {"duckdb": "duckdb_grid", "sklearn": "balltree_slots", "movingpandas": "movingpandas_join"}
MOVINGPANDAS_SHIPS = 40
"""It is so much slower that a few ships stand for all: its rate depends little on how many there are."""
OBSERVERS = ("observe", "watch")
"""Parts of a step beside meetings and gaps: reception and dark meetings; loitering, spoofing, identities."""
PARTS = ("meetings and gaps", ASKED, "with all leads")
"""Held against the others is the second: tracks, legs, contacts, rendezvous, gaps, reception and dark meetings."""
FLOORS = {("ports excluded", "duckdb"): 2.0, ("everywhere", "duckdb"): 1.0, ("ports excluded", "sklearn"): 5.0}


def batches(positions: PositionReports, statics: StaticReports, rows: int = ROWS) -> Iterator[Batch]:
    """The columns in pieces, as a reader gives them."""
    for start in range(0, max(len(positions), 1), rows):
        yield Batch(positions.take(slice(start, start + rows)), statics if start == 0 else StaticReports.empty())


def run(sea: CrowdedSea, scope: Any) -> set[tuple[int, int]]:
    """The whole engine; pairs of MMSIs that met for two hours and more."""
    state, rules, met = EngineState(), EngineRules(), []
    for batch in batches(sea.positions, sea.statics):
        state, found = engine.step(state, batch, rules, scope)
        met.append(together(found.rendezvous))
    _, found = engine.finish(state, rules, scope)
    pairs = np.unique(np.concatenate((*met, together(found.rendezvous))))
    return set(zip((pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist(), strict=True))


def together(told: Any) -> Any:
    """Pairs of MMSIs that were together for two hours and more, a number each, from the columns of revisions."""
    if not len(told):
        return np.empty(0, np.int64)
    long = told.end_us - told.start_us >= 7_200_000_000
    return told.mmsi_a[long].astype(np.int64) << 32 | told.mmsi_b[long]


def without_observers() -> None:
    """Leave out what is watched beside meetings and gaps, from here on in this process."""
    engine.observe = lambda memory, released, closed, gaps, *_: (memory, gaps, [])
    engine.watch = lambda memory, *_: (memory, [], ())


class Stopwatch:
    """CPU seconds spent in each of the observers of a step, so that one run gives the figures with and without them."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(OBSERVERS, 0.0)
        for name in OBSERVERS:
            setattr(engine, name, self._timed(name, getattr(engine, name)))

    def _timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began = process_time()
            try:
                return function(*given, **named)
            finally:
                self.seconds[name] += process_time() - began

        return timed

    def measured(self, sea: CrowdedSea, scope: Any) -> tuple[set[tuple[int, int]], dict[str, float]]:
        """Pairs that met, and the CPU seconds of one run of the engine: its parts add up."""
        self.seconds = dict.fromkeys(OBSERVERS, 0.0)
        found, seconds = clocked(lambda: run(sea, scope))
        with_dark = seconds - self.seconds["watch"]
        return found, dict(zip(PARTS, (with_dark - self.seconds["observe"], with_dark, seconds), strict=True))


def clocked(work: Callable[[], set[tuple[int, int]]]) -> tuple[set[tuple[int, int]], float]:
    """What it gave, and the CPU seconds that it took."""
    began = process_time()
    found = work()
    return found, process_time() - began


def line(name: str, rows: int, seconds: float, found: int, recall: float, note: str = "") -> None:
    """One row of the table."""
    print(f"  {name:<52} {rows / seconds:>12,.0f}/s {seconds:>8.2f} s  {found:>6} pairs  recall {recall:.3f}  {note}")


def compare(sea: CrowdedSea, rounds: int) -> None:
    """Print the table: the median of the rounds, which take turns."""
    watch = Stopwatch()
    scopes = {"ports excluded": sea.scope(without_ports=True), "everywhere": sea.scope(without_ports=False)}
    for scope in scopes.values():
        scope.watched([0.0], [0.0])  # the zones are indexed outside the measured time
    taken: dict[tuple[str, str], list[float]] = {}
    found: dict[str, set[tuple[int, int]]] = {}
    n, planted = len(sea.positions), sea.planted
    peers = {name: installed(name) for name in PEERS}
    for _ in range(rounds):
        for name, scope in scopes.items():
            found[name], seconds_of = watch.measured(sea, scope)
            for part, seconds in seconds_of.items():
                taken.setdefault((name, part), []).append(seconds)
        for name in ("duckdb", "sklearn"):
            if peers[name] is not None:
                found[name], seconds = clocked(lambda name=name: peers[name].pairs(sea.positions))
                taken.setdefault((name, ""), []).append(seconds)
    medians = {key: median(values) for key, values in taken.items()}
    print(f"{n:,} positions, {len(np.unique(sea.positions.mmsi)):,} ships, {len(planted)} planted, median of {rounds}")
    for (name, part), seconds in medians.items():
        pairs = found[name]
        title = f"shipwatch, {name}, {part}" if part else PEERS[name]
        line(title, n, seconds, len(pairs), len(planted & pairs) / max(1, len(planted)))
    if peers["movingpandas"] is not None:
        medians["movingpandas", ""] = movingpandas(sea, peers["movingpandas"])
    for name, module in peers.items():
        if module is None:
            print(f"  {PEERS[name]:<52} not installed: make bench-engine installs it")
    print(f"{ASKED}, beside the others")
    for scope_name in scopes:
        seconds = medians[scope_name, ASKED]
        for peer, title in PEERS.items():
            if (peer, "") in medians:
                times, floor = medians[peer, ""] / seconds, FLOORS.get((scope_name, peer))
                asked = "" if floor is None else f"  asked: {floor:g} x, {passed(times >= floor)}"
                print(f"  {scope_name:<16} {times:>8.2f} x {title}{asked}")
        print(f"  {scope_name:<16} {n / seconds / GFW_TRANSFORMS:>8.0f} x Global Fishing Watch's transforms (29,000/s)")


def passed(holds: bool) -> str:
    """In words."""
    return "passed" if holds else "NOT reached"


def movingpandas(sea: CrowdedSea, module: Any) -> float:
    """Its rate on a few of the planted ships, as the seconds that all would take."""
    ships = sorted({mmsi for pair in sorted(sea.planted)[: MOVINGPANDAS_SHIPS // 2] for mmsi in pair})
    few = sea.positions.take(np.isin(sea.positions.mmsi, ships))
    pairs, seconds = clocked(lambda: module.pairs(few))
    planted = {pair for pair in sea.planted if set(pair) <= set(ships)}
    note = f"on {len(ships)} ships"
    line(PEERS["movingpandas"], len(few), seconds, len(pairs), len(planted & pairs) / max(1, len(planted)), note)
    return seconds * len(sea.positions) / len(few)


def installed(name: str) -> Any:
    """The peer's script, or None where its packages are missing."""
    try:
        importlib.import_module(name)
    except ImportError:
        return None
    return importlib.import_module(f"benchmarks.peers.{MODULES[name]}")


def memory(hours: int) -> None:
    """Print the peak memory of a process that streams hour after hour of a sea through the engine."""
    state, rules = EngineState(), EngineRules()
    hour = crowded_sea(1000, hours=1.0, meetings=20, seed=3)
    scope = hour.scope(without_ports=True)
    for number in range(hours):
        shift = number * 3_600_000_000
        for batch in batches(hour.positions, hour.statics, 20_000):
            later = Batch(*(type(rows)(**{**rows.columns(), "time_us": rows.time_us + shift})
                            for rows in (batch.positions, batch.statics)))  # fmt: skip
            state, _ = engine.step(state, later, rules, scope)
    print(own_peak())


def main() -> None:
    """Print the tables that were asked for."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--smoke", action="store_true", help="a small sea, in seconds: does it run and find all?")
    asked.add_argument("--scaling", action="store_true", help="also how time and memory grow")
    asked.add_argument("--meetings-only", action="store_true", help="without reception, dark meetings and leads")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--memory", type=int, default=-1, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.memory >= 0:
        memory(given.memory)
        return
    streamed = peak_memory() if given.scaling and not given.smoke else []  # first, in processes of their own
    if given.meetings_only:
        without_observers()
    small = crowded_sea(300, hours=6.0, meetings=20, anchorage=40)
    run(small, small.scope(without_ports=True))  # compiles
    if given.smoke:
        met = run(small, small.scope(without_ports=False))
        if not small.planted <= met:
            sys.exit(f"{len(small.planted - met)} of {len(small.planted)} planted meetings were not found")
        compare(small, 1)
        return
    compare(crowded_sea(seed=given.seed), given.rounds)
    if given.scaling:
        growth(Stopwatch())
        tell_memory(streamed)


if __name__ == "__main__":
    main()
