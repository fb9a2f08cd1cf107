"""Legs: the motion between two consecutive fixes of a track, and how much of it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns
from shipwatch.engine.fixes import Fixes
from shipwatch.engine.motion import KN, US, distance_m, wrap_deg
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.tracks import Assigned

Array = NDArray[Any]

OBSERVED, INFERRED, SILENT = 0, 1, 2

JITTER_S = 180.0
"""Receipt lags run up to 170 s and are known modulo a minute, so speeds are judged as if a leg took so much longer.

With 60 s, transfers at 5 to 6 knots fell to pieces: one fix in thirty is two minutes off, and seems a jump at 9 knots.
"""


class Scope(Protocol):
    """Where meetings are sought; ``geofences.zones.ZoneSet`` is one. Bulk tests of positions in degrees."""

    def watched(self, lat: Array, lon: Array) -> Array: ...
    def excluded(self, lat: Array, lon: Array) -> Array: ...


@dataclass(frozen=True, slots=True)
class Legs(Columns):
    """Legs, each known from ``t1_us`` on; ``lon1_deg`` is unwrapped, so it may lie beyond 180.

    ``kind`` is 0 observed, 1 inferred, 2 silent; ``slow`` whether a meeting can start on it; ``drifts`` whether both
    ends and the way between are slow enough for a hole to be bridged over it.
    """

    track: Array
    mmsi: Array
    t0_us: Array
    t1_us: Array
    lat0_deg: Array
    lon0_deg: Array
    lat1_deg: Array
    lon1_deg: Array
    sog0_kn: Array
    sog1_kn: Array
    heading0_deg: Array
    heading1_deg: Array
    length_m: Array
    kind: Array
    slow: Array
    drifts: Array
    in_scope: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "track": "int64", "mmsi": "int32", "t0_us": "int64", "t1_us": "int64", "lat0_deg": "float64",
        "lon0_deg": "float64", "lat1_deg": "float64", "lon1_deg": "float64", "sog0_kn": "float32",
        "sog1_kn": "float32", "heading0_deg": "float32", "heading1_deg": "float32", "length_m": "float64",
        "kind": "uint8", "slow": "bool", "drifts": "bool", "in_scope": "bool",
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.t1_us)


def close_legs(assigned: Assigned, rules: EngineRules, scope: Scope) -> Legs:
    """The legs that the new fixes close, sorted by (track, time); none for the first fix of a track.

    Scope is asked only for slow and silent legs: nothing else can take part in a meeting. A leg is in scope when one of
    its ends is in watched water, unless both ends are in excluded water.
    """
    fixes, before = assigned.fixes, assigned.before
    if not len(fixes):
        return Legs.empty()
    first = np.concatenate(([True], fixes.track[1:] != fixes.track[:-1]))
    last_row = np.searchsorted(before.track, fixes.track[first])
    starts = Fixes.concat((fixes, before))
    previous = np.arange(-1, len(fixes) - 1)
    found = last_row < len(before)
    found[found] = before.track[last_row[found]] == fixes.track[first][found]
    previous[first] = np.where(found, len(fixes) + last_row, -1)
    ends = np.flatnonzero(previous >= 0)
    a, b = starts.take(previous[ends]), fixes.take(ends)

    dt_s = (b.time_us - a.time_us) / US
    length_m = distance_m(a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg)
    implied_kn = length_m / (dt_s + JITTER_S) / KN
    said_kn = np.fmax(a.sog_kn, b.sog_kn)  # NaN only where neither end says
    drifts = (implied_kn <= rules.slow_kn) & ~(said_kn > rules.slow_kn)
    kind = np.where(
        dt_s <= rules.observed_s, OBSERVED, np.where((dt_s <= rules.inferred_s) & drifts, INFERRED, SILENT)
    ).astype(np.uint8)
    slow = (kind != SILENT) & (implied_kn <= rules.contact_slow_kn) & ~(said_kn > rules.contact_slow_kn)
    asked = np.flatnonzero(slow | (kind == SILENT))
    in_scope = np.zeros(len(ends), bool)
    watched = scope.watched(a.lat_deg[asked], a.lon_deg[asked]) | scope.watched(b.lat_deg[asked], b.lon_deg[asked])
    out = scope.excluded(a.lat_deg[asked], a.lon_deg[asked]) & scope.excluded(b.lat_deg[asked], b.lon_deg[asked])
    in_scope[asked] = watched & ~out
    return Legs(
        track=b.track, mmsi=b.mmsi, t0_us=a.time_us, t1_us=b.time_us, lat0_deg=a.lat_deg, lon0_deg=a.lon_deg,
        lat1_deg=b.lat_deg, lon1_deg=a.lon_deg + wrap_deg(b.lon_deg - a.lon_deg), sog0_kn=a.sog_kn, sog1_kn=b.sog_kn,
        heading0_deg=_heading(a), heading1_deg=_heading(b), length_m=length_m, kind=kind, slow=slow, drifts=drifts,
        in_scope=in_scope,
    )  # fmt: skip


MOVING_KN = 2.0
"""Course stands in for a missing heading only above this speed: a drifting ship's course says nothing of its bow."""


def _heading(fixes: Fixes) -> Array:
    by_course = np.where(fixes.sog_kn >= MOVING_KN, fixes.cog_deg, np.float32(np.nan))
    return np.where(np.isnan(fixes.heading_deg), by_course, fixes.heading_deg)


def meeting_legs(legs: Legs) -> Legs:
    """Those that a meeting can be made of: slow ones to meet on, silent ones to bridge; all in scope."""
    return legs.take(legs.in_scope & (legs.slow | (legs.kind == SILENT)))
