"""Cut, shuffle and resume on three real days off Southern California: what is told is the same, byte for byte."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports
from geofences.zones import ZoneSet
from shipwatch.engine.detections import Detections
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState, load, save
from shipwatch.engine.step import finish, step

pytestmark = [pytest.mark.slow, pytest.mark.real_data]

US = 1_000_000
RULES = EngineRules()


@pytest.fixture(scope="module")
def days(shared_data: Path) -> tuple[PositionReports, StaticReports]:
    """All reports of the three days in order of time."""
    files = sorted((shared_data / "ais" / "socal-2018").glob("*.gz"))
    batches = [batch for file in files for batch in read(file)]
    positions = PositionReports.concat(batch.positions for batch in batches)
    statics = StaticReports.concat(batch.statics for batch in batches)
    return (
        positions.take(np.argsort(positions.time_us, kind="stable")),
        statics.take(np.argsort(statics.time_us, kind="stable")),
    )


def lines(found: Detections) -> list[str]:
    """Meetings, gaps (with what reception says of them) and leads."""
    return [repr(item) for item in (*found.rendezvous, *found.gaps, *found.leads)]


def told(days: tuple[PositionReports, StaticReports], cuts: list[int], *, resumed: bool = False) -> list[str]:
    """Every revision of meetings, gaps and leads, for the rows as they stand, cut there."""
    positions, statics = days
    zones = ZoneSet.shipped().everywhere()
    rows = [0, *sorted(cuts), len(positions)]
    state, said, since = EngineState(), [], -1
    refused: dict[str, int] = {}
    for low, high in pairwise(rows):
        part = positions.take(slice(low, high))
        until = np.iinfo(np.int64).max if high == len(positions) else max([since, *part.time_us.tolist()])
        due = (statics.time_us > since) & (statics.time_us <= until)
        state, found = step(state, Batch(part, statics.take(due)), RULES, zones)
        said += lines(found)
        for reason, count in found.refused.items():
            refused[reason] = refused.get(reason, 0) + count
        since = until
        if resumed:
            state = load(save(state))
    _, found = finish(state, RULES, zones)
    said += lines(found)
    for reason, count in found.refused.items():
        refused[reason] = refused.get(reason, 0) + count
    return [*sorted(said), repr(sorted(refused.items()))]


@pytest.fixture(scope="module")
def whole(days: tuple[PositionReports, StaticReports]) -> list[str]:
    """What is told when all comes at once."""
    return told(days, [])


def test_cut(days: tuple[PositionReports, StaticReports], whole: list[str]) -> None:
    """A hundred pieces of any size, some empty, leave no trace."""
    assert len(whole) > 100
    assert told(days, [*np.random.default_rng(1).integers(0, len(days[0]), 100).tolist(), 5, 5]) == whole


def test_shuffle(days: tuple[PositionReports, StaticReports], whole: list[str]) -> None:
    """Rows up to a minute out of order leave no trace."""
    positions, statics = days
    late = np.random.default_rng(2).integers(0, 59 * US, len(positions))
    mixed = positions.take(np.argsort(positions.time_us + late, kind="stable"))
    assert told((mixed, statics), []) == whole


def test_resume(days: tuple[PositionReports, StaticReports], whole: list[str]) -> None:
    """Saving and loading the memory at twenty places leaves no trace."""
    cuts = np.random.default_rng(3).integers(0, len(days[0]), 20).tolist()
    assert told(days, cuts, resumed=True) == whole
