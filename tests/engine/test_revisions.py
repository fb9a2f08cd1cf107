"""Revisions of meetings: columns for many, objects for those who read them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import Batch
from shipwatch.engine.findings import Revisions
from shipwatch.engine.meeting_figures import median
from shipwatch.engine.records import LEG, LINE, copied, rows_at
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState
from shipwatch.engine.step import step

RULES = EngineRules()


class AllWater:
    """Everything is watched, nothing is excluded."""

    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.zeros(len(lat), bool)


def test_columns_say_what_the_objects_say(scene) -> None:
    """Each column holds the attribute of that name, revision by revision, in order of publication and tracks."""
    made = scene()
    for number, mmsi in enumerate((7, 9, 8)):
        made.ship(mmsi, range(0, 4 * 3600, 120), 100.0 * number, 0.0)
    _, first = step(EngineState(), Batch(made.positions(), made.static_reports()), RULES, AllWater())
    told = first.rendezvous
    assert isinstance(told, Revisions)
    assert len(told) == len(list(told)) > 5
    for name in ("published_us", "mmsi_a", "mmsi_b", "start_us", "end_us"):
        assert getattr(told, name).tolist() == [getattr(one, name) for one in told]
    assert told.ended.tolist() == [one.phase == "ended" for one in told]
    assert [(one.published_us, one.track_a, one.track_b) for one in told] == sorted(
        (one.published_us, one.track_a, one.track_b) for one in told
    )
    assert told.seen().T.tolist() == [
        [one.mmsi_a, one.mmsi_b, one.start_us, one.end_us, one.published_us] for one in told
    ]
    assert told[0] == told[:1][0]
    assert told == tuple(told) and told != tuple(told)[1:]
    assert pickle.loads(pickle.dumps(told)) == told


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_the_middle_of_values(values: list[float]) -> None:
    """As NumPy's median, whatever the order and however many are equal."""
    assert median(np.array(values), len(values)) == pytest.approx(np.median(values), rel=1e-12, abs=1e-12)


def test_records_are_copied_whole() -> None:
    """A copy with room, and rows by number or mask, hold every field; the room is empty, the first begins a line."""
    legs = np.zeros(4, LEG)
    legs["t0_us"], legs["kind"], legs["lat0_deg"] = [1, 2, 3, 4], [1, 0, 2, 1], [0.5, -1.5, 2.5, 3.5]
    for some in (legs, legs[1:], legs[::2], legs[:0]):
        for room in (0, 2):
            made = copied(some, room)
            assert made[: len(some)].tolist() == some.tolist()
            assert made[len(some) :].tobytes() == bytes(room * LEG.itemsize)
            assert not np.shares_memory(made, legs)
            assert not len(made) or made.ctypes.data % LINE == 0  # NumPy gives no address of what is empty
    assert rows_at(legs, np.array([2, 0])).tolist() == legs[[2, 0]].tolist()
    assert rows_at(legs[1:], legs["kind"][1:] == 1).tolist() == legs[[3]].tolist()
