"""Positions a second through the whole pipeline (clock, tracks, legs, contacts, meetings, identities, alerts).

    python benchmarks/engine.py [COPIES]

The demo scenario's reports, COPIES times side by side (each copy with its own MMSI), in zones and everywhere.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np

from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.assemble import assemble
from shipwatch.config import Config
from shipwatch.replay import replay_batches
from shipwatch.simulator.demo import demo_scenario


def reports(copies: int) -> Batch:
    """The demo's reports in columns, several times over, each copy half a degree further north."""
    with tempfile.TemporaryDirectory() as folder:
        batches = list(read(demo_scenario(1).write(Path(folder) / "demo.nmea")))
    positions = PositionReports.concat([batch.positions for batch in batches])
    statics = StaticReports.concat([batch.statics for batch in batches])
    many, named = [], []
    for copy in range(copies):
        shift = np.int32(copy * 1_000)
        many.append(replace(positions, mmsi=positions.mmsi + shift, lat_deg=positions.lat_deg + 0.5 * copy))
        named.append(replace(statics, mmsi=statics.mmsi + shift))
    return Batch(PositionReports.concat(many), StaticReports.concat(named))


def main() -> None:
    """Print the rate in watched zones and everywhere."""
    batch = reports(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    for everywhere in (False, True):
        station = assemble(Config(), environment={}, everywhere=everywhere)
        station.zones.watched([0.0], [0.0])  # build the zone grid outside the measured time
        started = perf_counter()
        result = replay_batches([batch], station.pipeline)
        seconds = perf_counter() - started
        where = "everywhere" if everywhere else "in zones"
        print(
            f"{where:<11} {result.positions:>9,} positions  {result.positions / seconds:>10,.0f} positions/s  "
            f"{len(result.rendezvous)} meetings  {len(result.alerts)} alerts"
        )


if __name__ == "__main__":
    main()
