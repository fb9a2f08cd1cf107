"""One minute of the whole world's traffic through one live step: 300,000 ships, CPU seconds and size of the state.

    python -m benchmarks.live_step [--ships N] [--meetings-only]

Ten minutes are taken in first, minute by minute, so that the step is one of a service that has been running. Every ship
says who she is every six minutes. All observers are on (reception, dark meetings, loitering, spoofing, identities).
"""

from __future__ import annotations

import argparse
from dataclasses import fields, is_dataclass
from time import process_time
from typing import Any

import numpy as np

from benchmarks.crowded_sea import START_US, crowded_sea
from benchmarks.engine import passed, without_observers
from decoders.reports import Batch, StaticReports
from shipwatch.engine import step as engine
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState

MINUTE_US = 60_000_000
WARM_MINUTES = 10
STATIC_EVERY = 6
ASKED_S, ASKED_BYTES = 2.0, 2e9


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
        said = sea.statics.take(slice(number % STATIC_EVERY, None, STATIC_EVERY))
        said = StaticReports(**said.columns() | {"time_us": said.time_us + number * MINUTE_US})
        batch = Batch(sea.positions.take(minute == number), said)
        began = process_time()
        state, _ = engine.step(state, batch, rules, scope)
        taken.append((process_time() - began, len(batch.positions)))
    steady = taken[WARM_MINUTES:]
    most, size = max(seconds for seconds, _ in steady), size_of(state)
    print(f"{given.ships:,} ships, {np.mean([rows for _, rows in steady]):,.0f} positions and "
          f"{given.ships // STATIC_EVERY:,} static reports a minute, "
          f"{'meetings and gaps only' if given.meetings_only else 'all observers on'}")  # fmt: skip
    print(f"a step: {most:.2f} s CPU at most, {np.mean([seconds for seconds, _ in steady]):.2f} s on average; asked: "
          f"{ASKED_S:g} s, {passed(most < ASKED_S)}")  # fmt: skip
    print(f"state: {size / 2**20:,.0f} MiB of arrays ({size_of(state.tracks) / 2**20:,.0f} tracks, "
          f"{size_of(state.silence) / 2**20:,.0f} reception and dark meetings, {size_of(state.watchers) / 2**20:,.0f} "
          f"watchers); asked: {ASKED_BYTES / 1e9:g} GB, {passed(size < ASKED_BYTES)}")  # fmt: skip


if __name__ == "__main__":
    main()
