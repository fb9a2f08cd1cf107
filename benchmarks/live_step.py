"""One minute of the whole world's traffic through one live step: 300,000 ships, CPU seconds and size of the state.

    python -m benchmarks.live_step [--ships N] [--meetings-only]

Ten minutes are taken in first, minute by minute, so that the step is one of a service that has been running.
"""

from __future__ import annotations

import argparse
from dataclasses import fields, is_dataclass
from time import process_time
from typing import Any

import numpy as np

from benchmarks.crowded_sea import START_US, crowded_sea
from benchmarks.engine import without_observers
from decoders.reports import Batch, StaticReports
from shipwatch.engine import step as engine
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState

MINUTE_US = 60_000_000
WARM_MINUTES = 10


def size_of(value: Any) -> int:
    """Bytes of all arrays in a state."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if is_dataclass(value):
        return sum(size_of(getattr(value, item.name)) for item in fields(value))
    if isinstance(value, dict):
        return sum(size_of(item) + 100 for item in value.values())
    if isinstance(value, list | tuple):
        return sum(size_of(item) for item in value)
    return 8


def main() -> None:
    """Print the seconds of each step after the first ones, and the size of the state."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--ships", type=int, default=300_000)
    asked.add_argument("--meetings-only", action="store_true", help="without reception, dark meetings and leads")
    given = asked.parse_args()
    if given.meetings_only:
        without_observers()
    sea = crowded_sea(given.ships, hours=(WARM_MINUTES + 6) / 60, meetings=200)
    scope, rules, state = sea.scope(without_ports=True), EngineRules(), EngineState()
    scope.watched([0.0], [0.0])
    minute = (sea.positions.time_us - START_US) // MINUTE_US
    taken = []
    for number in range(int(minute.max()) + 1):
        batch = Batch(sea.positions.take(minute == number), sea.statics if number == 0 else StaticReports.empty())
        began = process_time()
        state, _ = engine.step(state, batch, rules, scope)
        taken.append((process_time() - began, len(batch.positions)))
    steady = taken[WARM_MINUTES:]
    print(f"{given.ships:,} ships, {np.mean([rows for _, rows in steady]):,.0f} positions a minute")
    print(f"a step: {max(seconds for seconds, _ in steady):.2f} s CPU at most, "
          f"{np.mean([seconds for seconds, _ in steady]):.2f} s on average")  # fmt: skip
    print(f"state: {size_of(state) / 2**20:,.0f} MiB of arrays ({size_of(state.tracks) / 2**20:,.0f} tracks, "
          f"{size_of(state.contacts) / 2**20:,.0f} contacts)")  # fmt: skip


if __name__ == "__main__":
    main()
