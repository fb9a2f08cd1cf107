"""What is watched beside meetings and gaps: ships that stay, positions that cannot be, identities that do not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, PositionReports
from shipwatch.engine.clock import Released
from shipwatch.engine.detections import Lead
from shipwatch.engine.findings import Revisions
from shipwatch.engine.identity import Identity, Meetings, watch_identity
from shipwatch.engine.identity_rows import Said
from shipwatch.engine.legs import Legs, Scope
from shipwatch.engine.loitering import Stays, watch_stays
from shipwatch.engine.motion import US
from shipwatch.engine.odd_positions import heard_at, watch_positions
from shipwatch.engine.odd_positions_rows import PlaceBytes, Places
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.whereabouts import Whereabouts

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Watchers:
    """The memory of all of them; ``origin_us`` is the instant from which positions are counted in seconds."""

    stays: Stays = field(default_factory=Stays.empty)
    places: Places = field(default_factory=Places)
    origin_us: int | None = None
    identity: Identity = field(default_factory=Identity)


def watch(
    state: Watchers,
    released: Released,
    closed: Legs,
    told: Revisions,
    upto_us: int,
    rules: EngineRules,
    scope: Scope,
) -> tuple[Watchers, list[Lead], Whereabouts]:
    """Go on with what one step released and closed, all of it known by ``upto_us``, and with the meetings it told."""
    forget_us = upto_us - int(rules.forget_s * US)
    stays, found = watch_stays(state.stays, closed, upto_us, rules)
    places, origin_us, odd, rows = watch_positions(
        state.places, state.origin_us, released.positions, upto_us, forget_us
    )
    where = partial(heard_at, state.places, released.positions)
    identity, said = watch_identity(state.identity, released.statics, _met(told), where, forget_us)
    after = Watchers(stays, places, origin_us, identity)
    return after, found + odd + said, _look(released.positions, rows, scope)


def _look(positions: PositionReports, rows: Array, scope: Scope) -> Whereabouts:
    """What the scope says of these rows; those in neither kind of water are left out."""
    lat, lon = positions.lat_deg[rows], positions.lon_deg[rows]
    both = getattr(scope, "watched_excluded", None)  # in one pass, where the scope can
    watched, excluded = both(lat, lon) if both else (scope.watched(lat, lon), scope.excluded(lat, lon))
    watched, excluded = np.asarray(watched), np.asarray(excluded)
    kept = np.flatnonzero(watched | excluded)
    return Whereabouts(
        positions.time_us[rows][kept], positions.mmsi[rows][kept], lat[kept], lon[kept], watched[kept], excluded[kept]
    )


def _met(told: Revisions) -> dict[int, Meetings]:
    met: dict[int, Meetings] = {}
    columns = (told.published_us, told.mmsi_a, told.mmsi_b, told.end_us)
    for published_us, *both, end_us in zip(*(column[told.ended].tolist() for column in columns), strict=True):
        for mmsi in both:
            met[mmsi] = (*met.get(mmsi, ()), (published_us, end_us))
    return met


def saved(watchers: Watchers) -> tuple[dict[str, Columns], dict[str, Any]]:
    """Column tables and plain JSON values from which :func:`restored` makes the same."""
    identity = watchers.identity
    tables = {"stays": watchers.stays, "places": PlaceBytes.made_of(watchers.places), "said": identity.said}
    return tables, {
        "origin_us": watchers.origin_us,
        "doubles": [[imo, *pair] for imo, pair in identity.doubles.items()],
        "met": [[mmsi, items] for mmsi, items in identity.met.items()],
    }


def restored(table: Callable[[str, type[Any]], Any], rest: Mapping[str, Any]) -> Watchers:
    """What :func:`saved` wrote; ``table`` reads one by name and kind."""
    identity = Identity(
        table("said", Said),
        {imo: (first, second, since_us) for imo, first, second, since_us in rest["doubles"]},
        {mmsi: tuple((told_us, end_us) for told_us, end_us in items) for mmsi, items in rest["met"]},
    )
    return Watchers(table("stays", Stays), table("places", PlaceBytes).known(), rest["origin_us"], identity)
