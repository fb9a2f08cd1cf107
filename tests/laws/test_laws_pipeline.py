"""The laws again for the whole way from reports to alerts, on random worlds and on an hour of real reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.alert_json import alert_to_json
from alerts.designations import DesignationSet
from alerts.rules import load_rules
from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports
from geofences.zones import ZoneSet
from shipwatch.engine import state as engine_state
from shipwatch.engine.rules import EngineRules
from shipwatch.pipeline import Pipeline
from shipwatch.places import WatchedPlaces
from shipwatch.simulator.worlds import raft_world, random_world, shift_time

US = 1_000_000
RULES = load_rules()


def pipeline(rules: EngineRules | None = None) -> Pipeline:
    """A pipeline that watches all water and has no lists."""
    zones = ZoneSet.shipped().everywhere()
    return Pipeline(rules or EngineRules(), zones, DesignationSet(), RULES, WatchedPlaces(zones))


def told(flow: Pipeline, positions: PositionReports, statics: StaticReports, cuts: Sequence[int]) -> list[str]:
    """Every alert revision as JSON, for rows in time order cut at these rows."""
    rows = [0, *sorted(cut % (len(positions) + 1) for cut in cuts), len(positions)]
    state, found, since = flow.start(), [], -1
    for low, high in pairwise(rows):
        part = positions.take(slice(low, high))
        until = np.iinfo(np.int64).max if high == len(positions) else max([since, *part.time_us[-1:].tolist()])
        due = (statics.time_us > since) & (statics.time_us <= until)
        state, outcome = flow.advance(state, Batch(part, statics.take(due)))
        found += outcome.alerts
        since = until
    found += flow.finish(state)[1].alerts
    return [json.dumps(alert_to_json(alert)) + str(alert.incident.published_us) for alert in found]


def check_cut(seed: int, cuts: list[int]) -> None:
    world = random_world(seed, ships=10, hours=10.0, spread_m=8_000.0, meetings=3)
    flow = pipeline(EngineRules(gap_report_s=7200.0))
    order, later = np.argsort(world.positions.time_us, kind="stable"), np.argsort(world.statics.time_us, kind="stable")
    positions, statics = world.positions.take(order), world.statics.take(later)
    assert told(flow, positions, statics, cuts) == told(flow, positions, statics, [])


@pytest.mark.parametrize("seed", [3, 11])
def test_cut_leaves_no_trace_in_alerts(seed: int) -> None:
    """Batches of every size, some empty, give the same alert revisions, byte for byte."""
    check_cut(seed, [*np.random.default_rng(seed).integers(0, 10**6, 20).tolist(), 7, 7, 8])


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 100_000), st.lists(st.integers(0, 10**6), max_size=40))
def test_cut_leaves_no_trace_in_alerts_of_any_world(seed: int, cuts: list[int]) -> None:
    """The same on worlds and cuts drawn at random."""
    check_cut(seed, cuts)


def days_on_end(days: int) -> tuple[PositionReports, StaticReports]:
    """The same hours every day, in which every ship gives itself another name each time it says one."""
    world = random_world(7, ships=6, hours=4.0, spread_m=6_000.0, meetings=2)
    shifted = [shift_time(world, day * 24 * 3600 * US) for day in range(days)]
    positions = PositionReports.concat([day.positions for day in shifted])
    statics = StaticReports.concat([day.statics for day in shifted])
    statics = replace(statics, name=np.array([f"NAME {n}" for n in range(len(statics))], statics.name.dtype))
    return (
        positions.take(np.argsort(positions.time_us, kind="stable")),
        statics.take(np.argsort(statics.time_us, kind="stable")),
    )


@pytest.mark.slow
def test_memory_is_of_the_last_days_only() -> None:
    """What is remembered after six days is as much as after four; forgetting changes no alert in any batching."""
    flow, held = pipeline(), {}
    for days in (4, 6):
        positions, statics = days_on_end(days)
        state, since = flow.start(), -1
        for part in np.array_split(np.arange(len(positions)), 4 * days):
            until = int(positions.time_us[part[-1]])
            due = (statics.time_us > since) & (statics.time_us <= until)
            state, _ = flow.advance(state, Batch(positions.take(part), statics.take(due)))
            since = until
        runs = sum(len(runs) for log in state.identities.logs.values() for runs in log)
        said = sum(len(reports) for reports in state.identities.said.values())
        held[days] = (len(state.alerts), len(state.incidents.meetings), runs, said)
        assert told(flow, positions, statics, [len(positions) * n // 12 for n in range(12)]) == told(
            flow, positions, statics, []
        )
    assert held[4][0] > 0
    assert held[6] == held[4]


@pytest.mark.slow
def test_a_raft_of_twelve_is_one_event() -> None:
    """Twelve ships alongside one another are one alert with twelve parties, not sixty-six."""
    world = raft_world(12)
    flow = pipeline()
    state, first = flow.advance(flow.start(), world.batch())
    _, rest = flow.finish(state)
    newest = {alert.id: alert for alert in (*first.alerts, *rest.alerts)}
    standing = [alert for alert in newest.values() if alert.state != "withdrawn"]
    assert len(standing) == 1
    assert len(standing[0].incident.parties) == 12


@pytest.mark.real_data
def test_cut_and_resume_on_a_real_hour(shared_data: Path) -> None:
    """One hour of Southern California: any batching, and saving and loading the engine between, leave no trace."""
    batches = list(read(shared_data / "ais" / "socal-2018" / "AIS_SBARC_180603-10.txt.gz"))
    positions = PositionReports.concat(batch.positions for batch in batches)
    statics = StaticReports.concat(batch.statics for batch in batches)
    positions = positions.take(np.argsort(positions.time_us, kind="stable"))
    statics = statics.take(np.argsort(statics.time_us, kind="stable"))
    flow = pipeline(EngineRules(forms=((500.0, 600.0),), sighting_span_s=300.0))
    whole = told(flow, positions, statics, [])
    assert whole
    for cuts in ([17], list(range(0, 6000, 97)), [3000, 3001, 3002]):
        assert told(flow, positions, statics, cuts) == whole

    class Restored(Pipeline):
        def advance(self, state, batch):  # type: ignore[no-untyped-def]
            state, outcome = super().advance(state, batch)
            loaded = engine_state.load(engine_state.save(state.engine))
            return replace(state, engine=loaded), outcome

    resumed = Restored(flow.engine_rules, flow.zones, flow.designations, flow.alert_rules, flow.places)
    assert told(resumed, positions, statics, list(range(0, 6000, 500))) == whole
