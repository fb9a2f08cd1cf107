"""Listed ships seen in watched water, meeting or not; and where ships called before and after an event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alerts.alert_json import alert_to_json
from alerts.alert_reading import alert_from_json
from alerts.designations import Designation, DesignationSet, Snapshot
from alerts.incident import Match, Party
from alerts.rules import load_rules
from decoders.reports import Batch, PositionReports, StaticReports
from geofences.zones import ZoneSet
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.whereabouts import Whereabouts
from shipwatch.identities import Identities, learn
from shipwatch.pipeline import Outcome, Pipeline
from shipwatch.pipeline_state import load, save
from shipwatch.places import WatchedPlaces
from shipwatch.port_calls import KEPT_US, called, next_calls, voyage
from shipwatch.sightings import Sightings, sight

MINUTE = 60_000_000
HOUR = 60 * MINUTE
T0 = 1_700_000_000 // 60 * MINUTE
LISTED, OTHER = 311000013, 311000014


class Sea:
    """No zones, no ports."""

    def zones_at(self, lat: float, lon: float) -> tuple[str, ...]:
        return ("Watched",)

    def in_port(self, lat: float, lon: float) -> bool:
        return False

    def port_name(self, lat: float, lon: float) -> str:
        return f"Port {lat:.0f}"

    def shore_distance_m(self, lat: float, lon: float) -> float | None:
        return None


def seen(*rows: tuple[float, int], excluded: bool = False, lat: float = 30.0) -> Whereabouts:
    """Looks (hours, mmsi) in watched water, or in a port."""
    count = len(rows)
    return Whereabouts.of(
        time_us=[T0 + int(h * HOUR) for h, _ in rows], mmsi=[m for _, m in rows], lat_deg=[lat] * count,
        lon_deg=[125.0] * count, watched=[not excluded] * count, excluded=[excluded] * count,
    )  # fmt: skip


def screen(parties: Sequence[Party], at_us: int) -> tuple[Match, ...]:
    return tuple(
        Match(ship.track, "ofac", "1", "exact", "designated_at_event", {"imo": ("9583720", "9583720")})
        for ship in parties
        if ship.imo == 9583720
    )


def identities() -> Identities:
    statics = StaticReports.of(
        time_us=[T0 - HOUR, T0 + 5 * HOUR], mmsi=[LISTED] * 2, imo=[9583720] * 2, name=["A", "B"]
    )
    return learn(Identities(), statics)


def test_a_listed_ship_is_told_when_it_is_seen_when_it_says_something_new_and_when_it_has_gone() -> None:
    """One sighting; an innocent ship beside it gives none."""
    looks = seen((0, LISTED), (1, OTHER), (2, LISTED), (6, LISTED), (8, LISTED))
    state, told = sight(Sightings(), looks, identities(), {}, Sea(), screen, T0 + 9 * HOUR, {})
    assert [item.parties[0].name for item in told] == ["A", "B"] and len({item.id for item in told}) == 1
    assert told[0].start_us == T0 and told[0].end_us is None and told[0].zones == ("Watched",)
    state, gone = sight(state, Whereabouts.empty(), identities(), {}, Sea(), screen, T0 + 40 * HOUR, {})
    assert [(item.phase, item.end_us, item.published_us) for item in gone] == [("ended", T0 + 8 * HOUR, T0 + 32 * HOUR)]
    _, again = sight(state, seen((60, LISTED)), identities(), {}, Sea(), screen, T0 + 61 * HOUR, {})
    assert len(again) == 1 and again[0].id != told[0].id


def test_cuts_change_nothing() -> None:
    """The same revisions, whole or look by look."""
    looks = seen((0, LISTED), (1, OTHER), (2, LISTED), (6, LISTED), (40, LISTED), (41, OTHER), (90, OTHER))
    whole = sight(Sightings(), looks, identities(), {}, Sea(), screen, T0 + 91 * HOUR, {})[1]
    state, parts = Sightings(), []
    for row in range(len(looks)):
        part = looks.take(slice(row, row + 1))
        upto_us = int(part.time_us[0])
        state, told = sight(state, part, identities(), {}, Sea(), screen, upto_us, {})
        parts += told
    parts += sight(state, Whereabouts.empty(), identities(), {}, Sea(), screen, T0 + 91 * HOUR, {})[1]
    assert sorted(parts, key=lambda item: (item.published_us, item.id)) == list(whole)


def test_a_voyage_names_the_port_before_and_the_port_after() -> None:
    """As far as it is known by the minute; calls long ago do not count."""
    calls = called({}, seen((0, OTHER), (2, OTHER), excluded=True, lat=35.0), None)
    calls = called(calls, seen((50, OTHER), excluded=True, lat=22.0), None)
    ship = Party("t", OTHER)

    def on_voyage(start_h: float, minute_h: float) -> Party:
        start_us = T0 + int(start_h * HOUR)
        visits = calls[OTHER]
        return voyage(ship, visits, start_us, start_us + HOUR, T0 + int(minute_h * HOUR), Sea().port_name)

    middle = on_voyage(20, 60)
    assert middle.last_port is not None and (middle.last_port.port, middle.last_port.since_us) == ("Port 35", T0)
    assert middle.next_port is not None and middle.next_port.port == "Port 22"
    assert on_voyage(20, 30).next_port is None
    assert on_voyage(20 + KEPT_US / HOUR, 900).last_port is not None, "the second call is near enough in time"
    assert on_voyage(60 + KEPT_US / HOUR, 900).last_port is None
    assert next_calls(calls[OTHER], T0 + 3 * HOUR, T0 + 60 * HOUR) == (T0 + 50 * HOUR,)


def test_a_port_looked_at_again_is_one_call_and_after_half_a_day_another() -> None:
    """Hours at a berth are one call."""
    calls = called({}, seen((0, OTHER), (5, OTHER), (11, OTHER), (30, OTHER), excluded=True), None)
    assert [visit[:2] for visit in calls[OTHER]] == [(T0, T0 + 11 * HOUR), (T0 + 30 * HOUR, T0 + 30 * HOUR)]


def sail(lists: DesignationSet) -> list[Outcome]:
    """A listed ship sails from one port of the shipped table past open water, alone."""
    zones = ZoneSet.shipped().everywhere()
    flow = Pipeline(EngineRules(), zones, lists, load_rules(), WatchedPlaces(zones))
    seconds = np.arange(0, 10 * 3600, 120)
    positions = PositionReports.of(
        time_us=T0 + seconds * 1_000_000, mmsi=np.full(len(seconds), LISTED),
        lat_deg=31.0 - np.maximum(seconds - 3600, 0) / 3600 * 0.15, lon_deg=np.full(len(seconds), 124.0),
        sog_kn=np.full(len(seconds), 9.0), msg_type=np.ones(len(seconds)),
    )  # fmt: skip
    statics = StaticReports.of(time_us=[T0 + 30 * 60 * 10**6], mmsi=[LISTED], imo=[9583720], name=["ALPHA"])
    state, first = flow.advance(flow.start(), Batch(positions, statics))
    assert load(save(state)).sightings == state.sightings
    return [first, flow.finish(state)[1]]


def test_a_sighting_goes_the_whole_way_to_an_alert() -> None:
    """From positions alone: a warning for an exact match, words that accuse nobody, and an object that reads back."""
    listed = Designation("ofac", "1", ("ALPHA",), imo=9583720, designated_on="2020-01-01")
    lists = DesignationSet([Snapshot("ofac-1", "ofac", "00", "2020-01-02", (listed,))])
    alerts = [alert for outcome in sail(lists) for alert in outcome.alerts]
    assert [(alert.incident.kind, alert.severity, alert.revision) for alert in alerts] == [("sighting", "warning", 1)]
    read = alert_from_json(alert_to_json(alerts[0]))
    assert read.incident.parties[0].name == "ALPHA" and read.matches[0].tier == "exact"
    assert not [alert for outcome in sail(DesignationSet()) for alert in outcome.alerts]
