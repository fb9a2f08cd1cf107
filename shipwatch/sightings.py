"""Sightings: a ship that a list or a watchlist names is heard in watched water, meeting or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from alerts.incident import Incident, Match, Party
from shipwatch.engine.findings import derived_id
from shipwatch.engine.fixes import HULLS_PER_MMSI, track_name
from shipwatch.engine.motion import US, ceil_minute
from shipwatch.engine.whereabouts import Whereabouts
from shipwatch.identities import Identities, party
from shipwatch.incidents import HOUR_US, Places
from shipwatch.port_calls import Calls, voyage

OVER_US = 24 * HOUR_US
"""A ship not looked at in watched water for so long has gone: the next time is another sighting."""
HITS = frozenset({"exact", "strong", "class", "possible"})

Screen = Callable[[Sequence[Party], int], Sequence[Match]]
"""List matches of parties as of an instant (microseconds)."""
Who = tuple[int | None, str | None, str | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One that goes on: what was told of it, and when the ship was last looked at in watched water."""

    told: Incident
    last_us: int


@dataclass(frozen=True, slots=True)
class Sightings:
    """Who has been screened as what and since when, and which sightings go on; plain data."""

    screened: Mapping[int, tuple[Who, bool, int]] = field(default_factory=dict)
    open: Mapping[int, Sighting] = field(default_factory=dict)


def sight(
    state: Sightings, seen: Whereabouts, identities: Identities, calls: Calls, places: Places, screen: Screen,
    processed_us: int | None, shared_mmsi: Mapping[int, int],
) -> tuple[Sightings, tuple[Incident, ...]]:  # fmt: skip
    """The state and the incident revisions that these whereabouts give, in order of (published_us, id).

    A ship is screened when it is first looked at in watched water and when it says something new about itself. One
    that a list names (any tier from ``possible`` up) opens a sighting at that position; it ends when the ship has not
    been looked at in watched water for a day. Where it went meanwhile is the business of tracks.
    """
    screened, going_on = dict(state.screened), dict(state.open)
    found: list[Incident] = []
    rows = np.flatnonzero(seen.watched)
    columns = (seen.mmsi, seen.time_us, seen.lat_deg, seen.lon_deg)
    for mmsi, at_us, lat, lon in zip(*(column[rows].tolist() for column in columns), strict=True):
        held = going_on.get(mmsi)
        if held is not None and at_us - held.last_us > OVER_US:
            found.append(_ended(held))
            held = None
            del going_on[mmsi]
        ship = party(identities, track_name(mmsi * HULLS_PER_MMSI), mmsi, at_us)
        ship = replace(ship, shared_mmsi=shared_mmsi.get(mmsi, at_us + 1) <= at_us)
        who = (ship.imo, ship.name, ship.callsign, ship.ship_type, ship.length_m)
        before = screened.get(mmsi)
        if before is not None and before[0] == who and at_us - before[2] <= OVER_US:
            hit = before[1]
        else:
            hit = any(match.tier in HITS for match in screen((ship,), at_us))
            screened[mmsi] = (who, hit, at_us)
        if held is not None:
            going_on[mmsi] = replace(held, last_us=at_us)
        if not hit or (held is not None and _who(held.told.parties[0]) == who):
            continue
        minute_us = ceil_minute(at_us)
        ship = voyage(ship, calls.get(mmsi, ()), at_us, at_us, at_us, places.port_name)
        if held is None:
            made = _incident(ship, at_us, lat, lon, places)
        else:
            made = replace(held.told, parties=(ship,), published_us=minute_us)
        going_on[mmsi] = Sighting(made, at_us)
        found.append(made)
    if processed_us is not None:
        for mmsi, held in list(going_on.items()):
            if ceil_minute(held.last_us + OVER_US) <= processed_us:
                found.append(_ended(held))
                del going_on[mmsi]
        if len(screened) > 2 * len(state.screened):
            screened = {mmsi: was for mmsi, was in screened.items() if was[2] > processed_us - 2 * OVER_US}
    return Sightings(screened, going_on), tuple(sorted(found, key=lambda item: (item.published_us, item.id)))


def _who(ship: Party) -> Who:
    return ship.imo, ship.name, ship.callsign, ship.ship_type, ship.length_m


def _ended(held: Sighting) -> Incident:
    return replace(
        held.told, phase="ended", end_us=held.last_us // US * US, published_us=ceil_minute(held.last_us + OVER_US)
    )


def _incident(ship: Party, at_us: int, lat: float, lon: float, places: Places) -> Incident:
    shore_m = places.shore_distance_m(lat, lon)
    lat, lon = round(lat, 5), round(lon, 5)
    return Incident(
        id=derived_id("sighting", ship.track, at_us // US), kind="sighting", phase="ongoing",
        published_us=ceil_minute(at_us), start_us=at_us // US * US, end_us=None, lat=lat, lon=lon,
        zones=tuple(places.zones_at(lat, lon)), parties=(ship,), intervals=(), observed_s=0, inferred_s=0, dark_s=0,
        shore_distance_m=None if shore_m is None else round(shore_m), in_port=bool(places.in_port(lat, lon)),
    )  # fmt: skip
