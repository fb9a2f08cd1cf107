"""Gaps: silences of one track, told when they have lasted long enough, and again when the ship is heard."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.detections import Gap
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import Fixes, track_name
from shipwatch.engine.legs import SILENT, Legs, Scope
from shipwatch.engine.motion import KN, US, ceil_minute, wrap_deg
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]


def closed_gaps(legs: Legs, before_us: int | None, rules: EngineRules, scope: Scope) -> list[Gap]:
    """Both revisions of each silence that these new legs end: that it opened, unless told already, and that it closed.

    ``before_us`` is the instant up to which earlier steps have told open gaps; those are told only where the ship fell
    silent in watched water.
    """
    told: list[Gap] = []
    threshold_us = int(rules.gap_report_s * US)
    rows = np.flatnonzero((legs.kind == SILENT) & legs.in_scope & (legs.t1_us - legs.t0_us >= threshold_us))
    for row in rows.tolist():
        off_us, on_us = int(legs.t0_us[row]), int(legs.t1_us[row])
        where = (float(legs.lat0_deg[row]), float(legs.lon0_deg[row]))
        track, mmsi = int(legs.track[row]), int(legs.mmsi[row])
        opened_us = ceil_minute(off_us + threshold_us)
        if (before_us is None or opened_us > before_us) and _in_scope(scope, *where):
            told.append(_gap(track, mmsi, off_us, where, opened_us, rules))
        seconds = (on_us - off_us) / US
        length_m = float(legs.length_m[row])
        told.append(
            Gap(
                id=_gap_id(track, off_us),
                track=track_name(track),
                mmsi=mmsi,
                published_us=ceil_minute(on_us),
                off_us=whole_second(off_us),
                off_lat=round(where[0], 5),
                off_lon=round(where[1], 5),
                on_us=whole_second(on_us),
                on_lat=round(float(legs.lat1_deg[row]), 5),
                on_lon=round(float(wrap_deg(legs.lon1_deg[row])), 5),
                duration_s=round(seconds),
                distance_m=round(length_m),
                implied_speed_kn=round(length_m / seconds / KN, 1),
            )
        )
    return told


def open_gaps(last: Fixes, before_us: int | None, upto_us: int, rules: EngineRules, scope: Scope) -> list[Gap]:
    """Silences that have reached the reporting threshold between the two instants and still last."""
    threshold_us = int(rules.gap_report_s * US)
    due = -(-(last.time_us + threshold_us) // (60 * US)) * (60 * US)
    rows = np.flatnonzero((due <= upto_us) & (due > (before_us if before_us is not None else np.iinfo(np.int64).min)))
    if not len(rows):
        return []
    lat, lon = last.lat_deg[rows], last.lon_deg[rows]
    rows = rows[scope.watched(lat, lon) & ~scope.excluded(lat, lon)]
    return [
        _gap(int(last.track[row]), int(last.mmsi[row]), int(last.time_us[row]),
             (float(last.lat_deg[row]), float(last.lon_deg[row])), int(due[row]), rules)
        for row in rows.tolist()
    ]  # fmt: skip


def _gap(track: int, mmsi: int, off_us: int, where: tuple[float, float], published_us: int, rules: EngineRules) -> Gap:
    return Gap(
        id=_gap_id(track, off_us), track=track_name(track), mmsi=mmsi, published_us=published_us,
        off_us=whole_second(off_us), off_lat=round(where[0], 5), off_lon=round(where[1], 5), on_us=None, on_lat=None,
        on_lon=None, duration_s=round(rules.gap_report_s), distance_m=None, implied_speed_kn=None,
    )  # fmt: skip


def _in_scope(scope: Scope, lat: float, lon: float) -> bool:
    here = np.array([lat]), np.array([lon])
    return bool(scope.watched(*here)[0] and not scope.excluded(*here)[0])


def _gap_id(track: int, off_us: int) -> str:
    return derived_id("gap", track_name(track), whole_second(off_us) // US)
