"""How the engine's time grows with positions, with the ships of one anchorage, and with many ships; peak memory.

Asked: no worse than n log n in positions, linear in the ships of one anchorage, 1.2 million positions a second of
300,000 ships, memory flat in the length of a stream.
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
from pathlib import Path
from statistics import mean, median
from typing import Any, Protocol

from benchmarks.crowded_sea import CrowdedSea, crowded_sea

MANY_A_SECOND = 1_200_000
HOURS = (6, 24)
GROWS_BY = 1.15
"""A ratio may be so much larger before it is said not to hold: runs differ by that much."""
ANCHORAGES = (250, 500, 1000, 2000)
"""Ships of one anchorage."""
ROUNDS = 9
"""Of the anchorages: the smallest takes a tenth of a second, and what else the machine does comes and goes."""
ASKED = "with dark meetings"
"""The part of a run that is held against what is asked."""


class Watch(Protocol):
    """What measures one run: :class:`benchmarks.engine.Stopwatch`."""

    def measured(self, sea: CrowdedSea, scope: Any) -> tuple[set[tuple[int, int]], dict[str, float]]: ...


def growth(watch: Watch) -> None:
    """Print seconds and rates over the number of positions and ships, and the ratios between the least and the most."""

    def told(name: str, sea: CrowdedSea, *, without_ports: bool) -> tuple[int, float]:
        runs = measured_of(sea, without_ports=without_ports)
        line(name, sea, runs)
        return len(sea.positions), runs[ASKED]

    def measured_of(sea: CrowdedSea, *, without_ports: bool) -> dict[str, float]:
        scope = sea.scope(without_ports=without_ports)
        scope.watched([0.0], [0.0])
        pairs, seconds = watch.measured(sea, scope)
        return {**seconds, "pairs": len(pairs)}

    def line(name: str, sea: CrowdedSea, run: dict[str, float]) -> None:
        n = len(sea.positions)
        rates = ", ".join(f"{part} {n / each:,.0f}/s" for part, each in run.items() if part != "pairs")
        print(f"  {name:<22} {n:>11,} positions  {rates}  {run['pairs']:.0f} pairs")

    print("positions (ports excluded)")
    measured = [
        told(f"{vessels:,} ships, 24 h", crowded_sea(vessels), without_ports=True) for vessels in (1000, 5000, 20_000)
    ]
    (least, quick), (most, slow) = measured[0], measured[-1]
    n_log_n = most * math.log(most) / (least * math.log(least))
    print(f"  time grows {slow / quick:.1f} fold, n log n {n_log_n:.1f} fold: {verdict(slow / quick / n_log_n)}")
    print(f"one anchorage, everywhere (medians of {ROUNDS} rounds)")
    most_ships = ANCHORAGES[-1]
    seas = {v: crowded_sea(2 * v, meetings=0, anchorage=v, only_moored=True) for v in ANCHORAGES}
    rounds: list[dict[int, dict[str, float]]] = []
    for _ in range(ROUNDS):
        # Smaller ones as often as makes up the ships of the largest: what else the machine does falls on all alike.
        runs = {v: [measured_of(sea, without_ports=False) for _ in range(most_ships // v)] for v, sea in seas.items()}
        rounds.append({v: {part: mean(run[part] for run in each) for part in each[0]} for v, each in runs.items()})
    for v, sea in seas.items():
        line(f"{v:,} ships, 24 h", sea, {part: median(each[v][part] for each in rounds) for part in rounds[0][v]})
    grows = median(each[most_ships][ASKED] / each[ANCHORAGES[0]][ASKED] for each in rounds)
    ships = most_ships / ANCHORAGES[0]
    print(f"  time grows {grows:.1f} fold, ships {ships:.1f} fold: {verdict(grows / ships)}")
    print("many ships (ports excluded)")
    sea = crowded_sea(300_000, hours=0.25, meetings=200)
    n, seconds = told("300,000 ships, 15 min", sea, without_ports=True)
    words = "passed" if n / seconds >= MANY_A_SECOND else "NOT reached"
    print(f"  {ASKED} {n / seconds:,.0f}/s, asked: {MANY_A_SECOND:,}/s, {words}")


def verdict(ratio: float) -> str:
    """Whether what was measured is what was asked for, in words."""
    return f"{ratio:.2f} of what is asked, {'passed' if ratio <= GROWS_BY else 'NOT reached'}"


def peak_memory() -> list[int]:
    """Peak bytes of processes that stream seas of different length; called while this process is still small.

    A child is told the peak of its parent as its own by ``getrusage``, so it reads the kernel's own figure.
    """
    command = [sys.executable, "-m", "benchmarks.engine", "--memory"]
    told = [subprocess.run([*command, str(hours)], check=True, capture_output=True).stdout for hours in (1, 0, *HOURS)]
    return [int(peak) for peak in told[1:]]  # the first one may have had to compile, which takes memory


def tell_memory(peaks: list[int]) -> None:
    """Print what :func:`peak_memory` found."""
    print("peak memory of a streamed replay (1,000 ships, 41,000 positions an hour, all observers)")
    for hours, peak in zip((0, *HOURS), peaks, strict=True):
        print(f"  {hours:>3} h: {peak / 2**20:,.0f} MiB")


def own_peak() -> int:
    """Peak resident bytes of this process alone."""
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
