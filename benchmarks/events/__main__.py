"""Scores shipwatch and the rules of others on the worlds of the seeds given.

python -m benchmarks.events --seeds 101 102 103 [--worlds coast dark] [--misses] [--nmea FOLDER]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import process_time

from benchmarks.events.methods import METHODS
from benchmarks.events.score import Score, score
from benchmarks.events.table import breakdown, markdown
from benchmarks.events.worlds import RECIPES, worlds


def main() -> int:
    """Run and print; exit code 0."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3], help="each gives one set of worlds")
    asked.add_argument("--worlds", nargs="*", default=[], choices=[recipe.name for recipe in RECIPES], metavar="KIND",
                       help="only these kinds: " + ", ".join(recipe.name for recipe in RECIPES))  # fmt: skip
    asked.add_argument("--misses", action="store_true", help="name what was missed and what was false")
    asked.add_argument("--ours", action="store_true", help="leave the rules of others out")
    asked.add_argument("--nmea", type=Path, help="write each world's lines into this folder as well")
    options = asked.parse_args()
    methods = METHODS[:2] if options.ours else METHODS
    scores = {method.name: Score() for method in methods}
    seconds = dict.fromkeys(scores, 0.0)
    counts = {"worlds": 0, "ships": 0, "positions": 0}
    for seed in options.seeds:
        for world in worlds(seed, options.worlds):
            counts["worlds"] += 1
            counts["ships"] += world.ships
            counts["positions"] += len(world.reports.positions)
            where = f"seed {seed} {world.name}"
            if options.nmea:
                options.nmea.mkdir(parents=True, exist_ok=True)
                world.scenario.write(options.nmea / f"{world.name}-{seed}.nmea.gz")
            for method in methods:
                started = process_time()
                score(method.finds(world), world.together, scores[method.name], where)
                seconds[method.name] += process_time() - started
            print(f"{where}: {world.ships} ships, {len(world.reports.positions):,} positions", file=sys.stderr)
    print(f"{counts['worlds']} worlds, {counts['ships']:,} ships, {counts['positions']:,} positions; seeds",
          *options.seeds)  # fmt: skip
    print(markdown(scores, seconds))
    print(breakdown(scores))
    if options.misses:
        for name, one in scores.items():
            print(f"\n{name}", *(f"  missed {line}" for line in one.missed), sep="\n")
            print(*(f"  false {line}" for line in one.false), sep="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
