"""What a live service remembers, saved and read back: equal, field for field, and as good as before."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from itertools import pairwise
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.alert_json import alert_to_json
from alerts.designations import DesignationSet
from alerts.incident import Alert, Match, Party
from alerts.rules import load_rules
from decoders.reports import Batch, Columns
from geofences.zones import ZoneSet
from shipwatch import live_memory, pipeline_state
from shipwatch.engine.detections import Kind
from shipwatch.engine.reception import Page
from shipwatch.engine.rules import EngineRules
from shipwatch.feeds.tail import Place
from shipwatch.hearing import Hearing
from shipwatch.pipeline import Pipeline, PipelineState
from shipwatch.places import WatchedPlaces
from shipwatch.plain_form import from_plain, to_plain
from shipwatch.player import encoded, play
from shipwatch.simulator.random_worlds import random_world

ZONES = ZoneSet.shipped().everywhere()
FLOW = Pipeline(EngineRules(gap_report_s=7200.0), ZONES, DesignationSet(), load_rules(), WatchedPlaces(ZONES))


def same(one: Any, other: Any) -> bool:
    """Equal in value and type, columns too; NaN is equal to NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Page):  # its look-up tables follow from its rows
        return same(one.rows, other.rows)
    if isinstance(one, Columns):
        return all(same(column, other.columns()[name]) for name, column in one.columns().items())
    if isinstance(one, np.ndarray) and one.dtype.names:  # what lies between the fields is nobody's
        return one.dtype == other.dtype and all(same(one[name], other[name]) for name in one.dtype.names)
    if isinstance(one, np.ndarray):
        return bool(one.dtype == other.dtype and one.tobytes() == other.tobytes())
    if hasattr(one, "__dataclass_fields__"):
        # What is no part of the value (a table that is made anew from the rest) is not saved either.
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one) if f.compare)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    both_nan = isinstance(one, float) and isnan(one) and isnan(other)
    return bool(one == other or both_nan)


@pytest.mark.slow
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 100_000), st.integers(1, 99))
def test_a_saved_state_is_equal_and_goes_on_alike(seed: int, percent: int) -> None:
    """Saved and loaded anywhere in a random world, the state is the same, and so is all that follows from it."""
    world = random_world(seed, ships=9, hours=6.0, spread_m=6_000.0, meetings=3)
    positions = world.positions.take(np.argsort(world.positions.time_us, kind="stable"))
    cut = len(positions) * percent // 100
    at_us = int(positions.time_us[cut])
    early, late = world.statics.time_us <= at_us, world.statics.time_us > at_us
    state, _ = FLOW.advance(FLOW.start(), Batch(positions.take(slice(0, cut)), world.statics.take(early)))
    loaded = pipeline_state.load(pipeline_state.save(state))
    assert same(plain(state), plain(loaded))
    rest = Batch(positions.take(slice(cut, None)), world.statics.take(late))
    ends = []
    for each in (state, loaded):
        after, one = FLOW.advance(each, rest)
        _, two = FLOW.finish(after)
        ends.append([json.dumps(alert_to_json(alert)) for alert in (*one.alerts, *two.alerts)])
    assert ends[0] == ends[1]


def plain(state: PipelineState) -> PipelineState:
    """The state with its mappings as plain dicts, so that only content counts."""
    return replace(
        state, alerts=dict(state.alerts), gaps={track: tuple(gaps) for track, gaps in state.gaps.items()},
        calls=dict(state.calls),
    )  # fmt: skip


def test_what_is_not_a_state_is_refused() -> None:
    """Other bytes, another form and a state cut short raise ``ValueError``, never anything else."""
    good = pipeline_state.save(PipelineState())
    for bad in (b"", b"rubbish", good[:-5], good[: len(good) // 2], good[:20], b"shipwatch-state-9\n" + good[18:]):
        with pytest.raises(ValueError, match=r"."):
            pipeline_state.load(bad)


@given(
    st.dictionaries(
        st.text(), st.one_of(st.none(), st.floats(allow_nan=False), st.integers(), st.text(), st.booleans()), max_size=4
    )
)
def test_plain_values_come_back(values: dict[str, Any]) -> None:
    """Any text, number, boolean or None, through JSON."""
    assert from_plain(dict[str, Any], json.loads(json.dumps(to_plain(values)))) == values


def test_dataclasses_come_back() -> None:
    """Nested dataclasses, enumerations, optional values and mappings keep their types."""
    party = Party("1", 538000001, name="\u202e\x00\U0001f6a2", draught_before_m=None, draught_after_m=9.5)
    match = Match("1", "list", "7", "exact", "unknown", {"imo": ("1", "2")})
    for kind, value in ((Party, party), (Match, match), (tuple[Kind, ...], (Kind.DARK, Kind.OBSERVED))):
        assert from_plain(kind, json.loads(json.dumps(to_plain(value)))) == value
    with pytest.raises(ValueError, match="Alert"):
        from_plain(Alert, [1, 2])
    with pytest.raises(TypeError, match="object"):
        to_plain(object())


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 10**6), max_size=12), st.integers(0, 10**6))
def test_hearing_goes_on_after_a_restart(cuts: list[int], restart: int) -> None:
    """Cut anywhere, restarted anywhere, within messages of two sentences too: the same reports from the same lines."""
    lines = LINES[:150]
    records = [(at, 1_900_000_000_000_000 + at // 7, "ab"[at % 3 == 0], line) for at, line in enumerate(lines)]
    whole = list(Hearing(60.0).hear(records))
    hearing = Hearing(60.0)
    parts: list[Batch] = []
    marks = sorted({0, len(lines), restart % len(lines), *(cut % len(lines) for cut in cuts)})
    for low, high in pairwise(marks):
        if low == restart % len(lines):
            memory = json.loads(json.dumps(hearing.memory()))
            hearing = Hearing(60.0)
            hearing.recall(memory)
        parts += hearing.hear(records[low:high])
    for name in ("positions", "statics"):
        one = getattr(whole[0], name)
        other = type(one).concat([getattr(part, name) for part in parts])
        order, again = (np.lexsort((rows.offset, rows.time_us)) for rows in (one, other))
        assert same(one.take(order), other.take(again))


def log_lines() -> list[bytes]:
    """Lines of a small world, statics among them."""
    world = random_world(5, ships=6, hours=2.0)
    pieces: list[bytes] = []
    play(encoded([Batch(world.positions, world.statics)]), pieces.append, speed=0)
    return b"".join(pieces).splitlines()


LINES = log_lines()


def test_memory_comes_back() -> None:
    """Counts, places of tailed files and decoders are part of a checkpoint; another form is refused."""
    memory = live_memory.Memory(
        PipelineState(), Hearing(60.0), {"log": Place(1, 2, 3, 4)}, {"read": 3}, {5: 2}, {"late": 1}, 17, 16
    )
    loaded = live_memory.load(live_memory.save(memory), 60.0)
    assert (loaded.places, loaded.lines, loaded.messages, loaded.refused) == (
        memory.places, memory.lines, memory.messages, memory.refused,
    )  # fmt: skip
    assert (loaded.received_us, loaded.processed_us) == (17, 16)
    for bad in (b"", b"[]\n", b'{"form": 2}\n', b'{"form": 1}\n'):
        with pytest.raises(ValueError, match=r"."):
            live_memory.load(bad, 60.0)


def test_places_follow_the_lines() -> None:
    """A mark sets the place, each line of that feed moves it by its length and its end; other feeds do not."""
    memory = live_memory.Memory(PipelineState(), Hearing(60.0))
    memory.note_places("log", [b"before any mark", live_memory.MARK + b"7:0:0:100", b"abc\r", b""])
    memory.note_places("other", [b"xyz"])
    assert memory.places == {"log": Place(7, 0, 0, 106)}
    memory.note_places("log", [live_memory.MARK + b"no place"])
    assert memory.places["log"].offset == 106 + len(live_memory.MARK) + 8 + 1
