"""Leads of the engine become named incidents, minute by minute, each revision once; as events they can be exported."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point, shape

from decoders.reports import StaticReports
from shipwatch.engine.detections import Detections, Lead
from shipwatch.event_frames import event_geometry, lead_record
from shipwatch.identities import Identities, learn
from shipwatch.leads import OpenLeads, follow
from shipwatch.outputs import write_outputs
from shipwatch.pipeline import PipelineState
from shipwatch.pipeline_state import load, save

MINUTE = 60_000_000
T0 = 1_700_000_000 // 60 * MINUTE
DAY = 24 * 60 * MINUTE


class OpenSea:
    """No zones, no ports, far from land."""

    def zones_at(self, lat: float, lon: float) -> tuple[str, ...]:
        return ()

    def in_port(self, lat: float, lon: float) -> bool:
        return False

    def port_name(self, lat: float, lon: float) -> str:
        return "Port"

    def shore_distance_m(self, lat: float, lon: float) -> float | None:
        return 90_000.4


def lead(published_us: int = T0 + 60 * MINUTE, **changes: object) -> Lead:
    made = Lead(
        id="dm-1", kind="dark_meeting", tracks=("t2", "t1"), mmsis=(311000014, 311000013), published_us=published_us,
        start_us=T0, end_us=T0 + 50 * MINUTE, lat=30.0, lon=125.0,
        region=((29.9, 124.9), (30.1, 124.9), (30.1, 125.1), (29.9, 125.1)), facts=(("feasible_dwell_s", 2400),),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def identities() -> Identities:
    statics = StaticReports.of(
        time_us=[T0 - DAY, T0 + 70 * MINUTE], mmsi=[311000013] * 2, imo=[0, 9583720], name=["ALPHA", ""],
        draught_m=[8.0, 12.0],
    )  # fmt: skip
    return learn(Identities(), statics)


def test_a_lead_waits_for_its_minute_and_names_its_ships_as_known_then() -> None:
    """Nothing is told before the minute is complete; what a ship says later belongs to a later revision."""
    state, none = follow(OpenLeads(), [lead()], identities(), OpenSea(), T0 + 59 * MINUTE)
    assert none == () and len(state.waiting) == 1
    state, (told,) = follow(state, [], identities(), OpenSea(), T0 + 60 * MINUTE)
    assert [ship.mmsi for ship in told.parties] == [311000013, 311000014]
    assert told.parties[0].name == "ALPHA" and told.parties[0].imo is None
    assert told.parties[0].draught_after_m is None
    assert told.dark_s == 2400 and told.observed_s == 0 and told.intervals[0].kind == "dark"
    again = lead(T0 + 80 * MINUTE, facts=(("feasible_dwell_s", 2400), ("draughts_opposite", True)))
    _, (second,) = follow(state, [again], identities(), OpenSea(), T0 + 90 * MINUTE)
    assert second.parties[0].imo == 9583720 and second.parties[0].draught_after_m == 12.0


def test_a_revision_that_says_nothing_new_is_not_given_again() -> None:
    """Only what changed is told."""
    state, first = follow(OpenLeads(), [lead()], identities(), OpenSea(), T0 + 65 * MINUTE)
    assert len(first) == 1
    _, second = follow(state, [lead(T0 + 66 * MINUTE)], identities(), OpenSea(), T0 + 69 * MINUTE)
    assert second == ()


def test_a_withdrawal_of_what_was_never_told_is_not_told() -> None:
    """And one of what was told carries its reason."""
    gone = lead(T0 + 90 * MINUTE, withdrawn_reason="heard elsewhere meanwhile")
    assert follow(OpenLeads(), [gone], identities(), OpenSea(), DAY + T0)[1] == ()
    state, _ = follow(OpenLeads(), [lead()], identities(), OpenSea(), T0 + 65 * MINUTE)
    _, (told,) = follow(state, [gone], identities(), OpenSea(), T0 + 95 * MINUTE)
    assert told.withdrawn_reason == "heard elsewhere meanwhile"


def test_an_outage_raises_no_incident() -> None:
    """Kinds without an alert are events only."""
    outage = lead(kind="outage", tracks=(), mmsis=())
    assert follow(OpenLeads(), [outage], identities(), OpenSea(), None, final=True)[1] == ()


def test_what_is_remembered_is_bounded_and_can_be_saved() -> None:
    """An ended lead is forgotten after a day, one that goes on after a month; a checkpoint keeps both."""
    both = [lead(), lead(id="lo-1", kind="loitering", tracks=("t1",), mmsis=(311000013,), end_us=None)]
    state, told = follow(OpenLeads(), both, identities(), OpenSea(), T0 + 65 * MINUTE)
    assert len(told) == 2 and load(save(PipelineState(leads=state))).leads == state
    later, _ = follow(state, [], identities(), OpenSea(), T0 + 2 * DAY)
    assert set(later.told) == {"lo-1"}
    assert not follow(later, [], identities(), OpenSea(), T0 + 40 * DAY)[0].told


def test_regions_are_polygons_also_across_180_degrees() -> None:
    """RFC 7946 asks for two polygons there; together they have the area of the whole."""
    ring = ((10.0, 179.5), (10.0, -179.5), (11.0, -179.5), (11.0, 179.5))
    geometry = event_geometry(lead_record(lead(lat=10.5, lon=180.0, region=ring)))
    drawn = shape(geometry)
    assert geometry["type"] == "MultiPolygon" and drawn.is_valid
    assert drawn.area == pytest.approx(1.0)
    assert (
        drawn.contains(Point(179.8, 10.5))
        and drawn.contains(Point(-179.8, 10.5))
        and not drawn.contains(Point(0, 10.5))
    )


def test_leads_stand_in_the_event_files(tmp_path: Path) -> None:
    """events.parquet and events.geojson hold them with their facts; the region is the geometry."""
    write_outputs(tmp_path, alerts=[], rendezvous=[], gaps=[], run={}, leads=[lead()])
    frame = gpd.read_parquet(tmp_path / "events.parquet")
    assert frame.kind.tolist() == ["dark_meeting"] and frame.geometry[0].geom_type == "Polygon"
    assert json.loads(frame.facts[0]) == {"feasible_dwell_s": 2400}
    feature = json.loads((tmp_path / "events.geojson").read_text())["features"][0]
    assert feature["properties"]["mmsi_b"] == 311000013 and "region" not in feature["properties"]
    assert Detections().leads == ()
