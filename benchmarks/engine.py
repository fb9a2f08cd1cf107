"""Positions a second through the engine, beside other tools on the same positions in the same run.

    python -m benchmarks.engine [--smoke] [--scaling] [--meetings-only] [--rounds N] [--seed N]

A day of a crowded sea (:mod:`benchmarks.crowded_sea`: 5,000 ships, about 5 million positions, 200 planted meetings)
goes in as columns in order of reception, in pieces of 250,000 rows; meetings, gaps and leads come out. One process, one
core, CPU time, after a warm-up. Peers that are not installed are named; `make bench-engine` installs them.
"""

from __future__ import annotations

import argparse
import importlib
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from benchmarks.crowded_sea import CrowdedSea, crowded_sea
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


def batches(positions: PositionReports, statics: StaticReports, rows: int = ROWS) -> Iterator[Batch]:
    """The columns in pieces, as a reader gives them."""
    for start in range(0, max(len(positions), 1), rows):
        yield Batch(positions.take(slice(start, start + rows)), statics if start == 0 else StaticReports.empty())


def run(sea: CrowdedSea, scope: Any) -> set[tuple[int, int]]:
    """The whole engine; pairs of MMSIs that met for two hours and more."""
    state, rules, met = EngineState(), EngineRules(), set()
    for batch in batches(sea.positions, sea.statics):
        state, found = engine.step(state, batch, rules, scope)
        met |= together(found.rendezvous)
    _, found = engine.finish(state, rules, scope)
    return met | together(found.rendezvous)


def together(told: Any) -> set[tuple[int, int]]:
    """Pairs of MMSIs that were together for two hours and more, from the columns of revisions."""
    if not len(told):
        return set()
    long = told.end_us - told.start_us >= 7_200_000_000
    return set(zip(told.mmsi_a[long].tolist(), told.mmsi_b[long].tolist(), strict=True))


def without_observers() -> None:
    """Leave out what is watched beside meetings and gaps, from here on in this process."""
    engine.observe = lambda memory, released, closed, gaps, *_: (memory, gaps, [])
    engine.watch = lambda memory, *_: (memory, [], ())


class Stopwatch:
    """CPU seconds spent in the observers of a step, so that both rates can be told."""

    def __init__(self) -> None:
        self.seconds = 0.0
        for name in OBSERVERS:
            setattr(engine, name, self._timed(getattr(engine, name)))

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began = process_time()
            try:
                return function(*given, **named)
            finally:
                self.seconds += process_time() - began

        return timed


def clocked(work: Callable[[], set[tuple[int, int]]]) -> tuple[set[tuple[int, int]], float]:
    """What it gave, and the CPU seconds that it took."""
    began = process_time()
    found = work()
    return found, process_time() - began


def line(name: str, rows: int, seconds: float, found: int, recall: float, note: str = "") -> None:
    """One row of the table."""
    print(f"  {name:<44} {rows / seconds:>12,.0f}/s {seconds:>8.2f} s  {found:>6} pairs  recall {recall:.3f}  {note}")


def compare(sea: CrowdedSea, rounds: int) -> dict[str, float]:
    """The table; CPU seconds of each by name (the median of the rounds, which take turns)."""
    watch = Stopwatch()
    scopes = {"ports excluded": sea.scope(without_ports=True), "everywhere": sea.scope(without_ports=False)}
    for scope in scopes.values():
        scope.watched([0.0], [0.0])  # the zones are indexed outside the measured time
    taken: dict[str, list[float]] = {}
    found: dict[str, set[tuple[int, int]]] = {}
    n, planted = len(sea.positions), sea.planted
    peers = {name: installed(name) for name in PEERS}
    for _ in range(rounds):
        for name, scope in scopes.items():
            watch.seconds = 0.0
            found[name], seconds = clocked(lambda scope=scope: run(sea, scope))
            taken.setdefault(name, []).append(seconds)
            taken.setdefault(f"{name}, meetings and gaps only", []).append(seconds - watch.seconds)
        for name in ("duckdb", "sklearn"):
            if peers[name] is not None:
                found[name], seconds = clocked(lambda name=name: peers[name].pairs(sea.positions))
                taken.setdefault(name, []).append(seconds)
    seconds_of = {name: median(values) for name, values in taken.items()}
    print(f"{n:,} positions, {len(np.unique(sea.positions.mmsi)):,} ships, {len(planted)} planted, median of {rounds}")
    for name, seconds in seconds_of.items():
        pairs = found[name.partition(",")[0]]
        line(PEERS.get(name, f"shipwatch, {name}"), n, seconds, len(pairs), len(planted & pairs) / max(1, len(planted)))
    if peers["movingpandas"] is not None:
        seconds_of["movingpandas"] = movingpandas(sea, peers["movingpandas"])
    for name, module in peers.items():
        if module is None:
            print(f"  {PEERS[name]:<44} not installed: make bench-engine installs it")
    for name in [name for name in seconds_of if name not in PEERS]:
        ratios = [f"{seconds_of[peer] / seconds_of[name]:.2f} x {PEERS[peer]}" for peer in PEERS if peer in seconds_of]
        ratios.append(f"{n / seconds_of[name] / GFW_TRANSFORMS:.0f} x Global Fishing Watch's transforms (29,000/s)")
        print(f"  {name}: {', '.join(ratios)}")
    return seconds_of


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


def scaling() -> None:
    """Seconds over the number of positions, over the ships of one anchorage, and many ships at once; peak memory."""
    watch = Stopwatch()

    def told(name: str, sea: CrowdedSea, *, without_ports: bool) -> None:
        scope = sea.scope(without_ports=without_ports)
        scope.watched([0.0], [0.0])
        watch.seconds = 0.0
        pairs, seconds = clocked(lambda: run(sea, scope))
        n, meetings = len(sea.positions), seconds - watch.seconds
        print(f"  {name:<24} {n:>11,} positions {n / seconds:>11,.0f}/s, meetings and gaps {n / meetings:>11,.0f}/s"
              f" ({1e6 * seconds / n:.3f} and {1e6 * meetings / n:.3f} us each)  {len(pairs)} pairs")  # fmt: skip

    print("positions (ports excluded)")
    for vessels in (1000, 5000, 20_000):
        told(f"{vessels:,} ships, 24 h", crowded_sea(vessels), without_ports=True)
    print("one anchorage, everywhere")
    for vessels in (250, 500, 1000, 2000):
        told(f"{vessels:,} ships, 24 h", crowded_sea(2 * vessels, meetings=0, anchorage=vessels, only_moored=True),
             without_ports=False)  # fmt: skip
    print("many ships")
    told("300,000 ships, 15 min", crowded_sea(300_000, hours=0.25, meetings=200), without_ports=True)
    print("peak memory of a streamed replay")
    for hours in (6, 24):
        told_bytes = subprocess.run(
            [sys.executable, "-m", "benchmarks.engine", "--memory", str(hours)], check=True, capture_output=True
        ).stdout
        print(f"  {hours:>3} h: {int(told_bytes) / 2**20:,.0f} MiB")


def memory(hours: int) -> None:
    """Peak memory of a process that makes hour after hour of a sea and streams it through the engine."""
    state, rules = EngineState(), EngineRules()
    hour = crowded_sea(1000, hours=1.0, meetings=20, seed=3)
    scope = hour.scope(without_ports=True)
    for number in range(hours):
        shift = number * 3_600_000_000
        for batch in batches(hour.positions, hour.statics, 20_000):
            later = Batch(*(type(rows)(**{**rows.columns(), "time_us": rows.time_us + shift})
                            for rows in (batch.positions, batch.statics)))  # fmt: skip
            state, _ = engine.step(state, later, rules, scope)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)


def main() -> None:
    """Print the tables that were asked for."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--smoke", action="store_true", help="a small sea, in seconds: does it run and find all?")
    asked.add_argument("--scaling", action="store_true", help="also how time and memory grow")
    asked.add_argument("--meetings-only", action="store_true", help="without reception, dark meetings and leads")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.memory:
        memory(given.memory)
        return
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
        scaling()


if __name__ == "__main__":
    main()
