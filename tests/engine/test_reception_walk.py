"""The compiled pass over positions that learns who was heard: rows asked for in advance leave no trace."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.reports import PositionReports
from shipwatch.engine.legs import Legs
from shipwatch.engine.reception import Reception, take_in
from shipwatch.engine.reception_kernel import AHEAD
from shipwatch.engine.reception_rows import Stays
from shipwatch.engine.rules import EngineRules

US = 1_000_000
START_US = 1_741_910_400 * US
ROWS, SHIPS = 4000, 300
RULES = EngineRules(forget_s=12 * 3600.0)


def crowd(seed: int) -> PositionReports:
    """Ships that come one after the other, repeat themselves, jump for a while, fall silent and are forgotten."""
    rng = np.random.default_rng(seed)
    seconds = np.sort(rng.uniform(0, 80 * 3600.0, ROWS))
    ship = np.minimum(rng.integers(0, SHIPS, ROWS), (seconds / 480).astype(np.int64))
    ship = np.where(rng.random(ROWS) < 0.5, ship % 4, ship)  # four are heard again and again
    again = rng.random(ROWS) < 0.2
    seconds[1:][again[1:]], ship[1:][again[1:]] = seconds[:-1][again[1:]], ship[:-1][again[1:]]
    seconds = np.sort(seconds)
    jumps = (ship % 4 == 1) & (np.floor(seconds / 7200) % 3 == 0)
    return PositionReports.of(
        time_us=START_US + (seconds * US).astype(np.int64), mmsi=200_000_000 + 997 * ship,
        lat_deg=ship % 50 + seconds / 1e6 + 3.0 * jumps, lon_deg=(ship * 7) % 300 - 150.0,
        sog_kn=rng.uniform(0, 15, ROWS), cog_deg=rng.uniform(0, 360, ROWS), msg_type=np.where(ship % 5, 1, 18),
    )  # fmt: skip


def learned(positions: PositionReports, rows: int) -> tuple[Reception, list[int]]:
    """What is remembered after all positions came in pieces of so many rows; and all ships that began anew."""
    memory, began = Reception(), []
    for start in range(0, len(positions), rows):
        part = positions.take(slice(start, start + rows))
        memory, fresh = take_in(memory, part, Legs.empty(), None, RULES)
        began += memory.runs.heard["mmsi"][fresh].tolist()
    return memory, sorted(began)


def told(memory: Reception) -> list[bytes]:
    """Everything remembered, byte for byte; holes that no leg can need any more are gone either way."""
    stays = Stays.concat([page.rows for page in memory.pages])
    return [
        memory.runs.heard.tobytes(), memory.runs.past.tobytes(),
        *(column.tobytes() for table in (stays, memory.holes) for column in table.columns().values()),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 2 * AHEAD, 2 * AHEAD + 1, 1000])
def test_pieces_of_any_size_teach_the_same(rows: int) -> None:
    """Row by row nothing is asked for in advance: it must be the same as all at once, whatever a ship did meanwhile."""
    positions = crowd(seed=rows)
    whole, began = learned(positions, ROWS)
    parts, began_in_parts = learned(positions, rows)
    assert told(parts) == told(whole)
    assert set(began) == set(began_in_parts) == set(positions.mmsi.tolist())
    assert len(began_in_parts) > len(set(began))  # some were forgotten, and began anew
    assert len(whole.holes) > 20 and sum(len(page.rows) for page in whole.pages) > 20


def test_a_step_leaves_the_memory_that_it_was_given() -> None:
    """Two ways on from one memory are independent of each other, where tables need not be copied at once."""
    positions = crowd(seed=5)
    memory, _ = learned(positions.take(slice(0, 2000)), 500)
    before = told(memory), memory.runs.slots.tobytes()
    first, _ = take_in(memory, positions.take(slice(2000, ROWS)), Legs.empty(), None, RULES)
    assert (told(memory), memory.runs.slots.tobytes()) == before
    second, _ = take_in(memory, positions.take(slice(2000, ROWS)), Legs.empty(), None, RULES)
    assert told(first) == told(second) != before[0]
