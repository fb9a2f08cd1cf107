"""Loitering: a track that stays slow, away from ports, for long enough; told when it has lasted, and when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns
from shipwatch.engine.detections import Lead
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import HULLS_PER_MMSI, track_name
from shipwatch.engine.legs import SILENT, Legs
from shipwatch.engine.motion import KN, MINUTE_US, US, ceil_minute, wrap_deg
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

JITTER_S = 60.0
"""Receipt times are known modulo a minute at worst: the way made is judged as if it took so much longer."""


@dataclass(frozen=True, slots=True)
class Stays(Columns):
    """Tracks that are slow now: since when, until when known, how far they went; sorted by track."""

    track: Array
    start_us: Array
    until_us: Array
    way_m: Array
    lat_deg: Array
    lon_deg: Array
    told: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "track": "int64", "start_us": "int64", "until_us": "int64", "way_m": "float64", "lat_deg": "float64",
        "lon_deg": "float64", "told": "bool",
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.track)


def watch_stays(stays: Stays, legs: Legs, upto_us: int, rules: EngineRules) -> tuple[Stays, list[Lead]]:
    """Go on with the closed legs of one step, all known by ``upto_us``.

    A stay is a run of legs, one beginning where the other ended, on each of which the ship was no faster than
    ``loiter_kn`` by its own word and by the way it made, in watched water and not in a port. It is told once it has
    lasted ``loiter_s``, and again when it is over: with the next leg that does not belong to it, or when nothing
    joined it for ``inferred_s``. The place is where the ship was when it was told first.
    """
    calm = legs.take(_calm(legs, rules))
    calm = calm.take(np.lexsort((calm.t0_us, calm.track)))
    all_stays, found = (stays, []) if not len(calm) else _grown(stays, calm, rules)
    over_us = _over_us(all_stays, legs, rules)
    over = over_us <= upto_us
    for row in np.flatnonzero(over & all_stays.told).tolist():
        found.append(
            _lead(
                int(all_stays.track[row]),
                int(all_stays.start_us[row]),
                int(all_stays.until_us[row]),
                int(over_us[row]),
                float(all_stays.way_m[row]),
                all_stays.lat_deg[row],
                all_stays.lon_deg[row],
            )
        )
    left = all_stays.take(~over)
    return left.take(np.argsort(left.track, kind="stable")), found


def _grown(stays: Stays, calm: Legs, rules: EngineRules) -> tuple[Stays, list[Lead]]:
    """The stays with these legs in them, new ones too, and the leads of those that have lasted long enough by now."""
    track, t0, t1 = calm.track, calm.t0_us, calm.t1_us
    begins = np.concatenate(([True], (track[1:] != track[:-1]) | (t0[1:] != t1[:-1])))
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(calm)) - 1
    run = np.cumsum(begins) - 1
    start_us, way_before, told = t0[starts], np.zeros(len(starts)), np.zeros(len(starts), bool)
    way = np.cumsum(calm.length_m)
    way_until = way - (way[starts] - calm.length_m[starts])[run]  # of each leg's end, from the start of its run
    place_lat, place_lon = calm.lat1_deg[ends], calm.lon1_deg[ends]
    kept = np.ones(len(stays), bool)
    if len(stays):
        held = np.minimum(np.searchsorted(stays.track, track[starts]), len(stays) - 1)
        joined = (stays.track[held] == track[starts]) & (stays.until_us[held] == t0[starts])
        start_us = np.where(joined, stays.start_us[held], start_us)
        way_before = np.where(joined, stays.way_m[held], 0.0)
        told = joined & stays.told[held]
        place_lat = np.where(told, stays.lat_deg[held], place_lat)
        place_lon = np.where(told, stays.lon_deg[held], place_lon)
        kept[held[joined]] = False
    found: list[Lead] = []
    long_enough = np.flatnonzero((t1 - start_us[run] >= int(rules.loiter_s * US)) & ~told[run])
    for row in long_enough[np.unique(run[long_enough], return_index=True)[1]].tolist():
        number = int(run[row])
        told[number] = True
        place_lat[number], place_lon[number] = calm.lat1_deg[row], calm.lon1_deg[row]
        went = float(way_before[number] + way_until[row])
        found.append(
            _lead(
                int(track[row]),
                int(start_us[number]),
                int(t1[row]),
                None,
                went,
                place_lat[number],
                place_lon[number],
                int(calm.known_us[row]),
            )
        )
    grown = Stays(track[starts], start_us, t1[ends], way_before + way_until[ends], place_lat, place_lon, told)
    return Stays.concat((stays.take(kept), grown)), found


def _calm(legs: Legs, rules: EngineRules) -> Array:
    seconds = (legs.t1_us - legs.t0_us) / US + JITTER_S
    said_kn = np.fmax(legs.sog0_kn, legs.sog1_kn)
    return np.asarray(
        legs.in_scope
        & (legs.kind != SILENT)
        & (legs.length_m / seconds / KN <= rules.loiter_kn)
        & ~(said_kn > rules.loiter_kn)
    )


def _over_us(stays: Stays, legs: Legs, rules: EngineRules) -> Array:
    """The whole minute at which each stay is known to be over: by a later leg of its track, else by the clock."""
    patience_us = int(rules.inferred_s * US)
    over_us = -(-(stays.until_us + patience_us) // MINUTE_US) * MINUTE_US
    # The first leg of the track that ends after the stay: it would have joined it if it belonged to it.
    mine = np.flatnonzero(np.isin(legs.track, stays.track))
    if not len(mine):
        return over_us
    track, t1_us = legs.track[mine], legs.t1_us[mine]
    by_end = np.lexsort((t1_us, track))
    track, t1_us, known_us = track[by_end], t1_us[by_end], legs.known_us[mine][by_end]
    low, last = np.searchsorted(track, stays.track), np.searchsorted(track, stays.track, "right")
    high = last.copy()
    while (open_ := low < high).any():  # all stays at once, each halving its own legs
        middle = (low + high) // 2
        later = t1_us[np.minimum(middle, len(track) - 1)] > stays.until_us
        high = np.where(open_ & later, middle, high)
        low = np.where(open_ & ~later, middle + 1, low)
    found = np.flatnonzero(low < last)
    told_us = -(-known_us[low[found]] // MINUTE_US) * MINUTE_US
    over_us[found] = np.minimum(over_us[found], told_us)
    return over_us


def _lead(
    track: int, start_us: int, until_us: int, over_us: int | None, way_m: float, lat: float, lon: float,
    known_us: int = 0,
) -> Lead:  # fmt: skip
    seconds = (until_us - start_us) / US
    return Lead(
        id=derived_id("loitering", track_name(track), whole_second(start_us) // US),
        kind="loitering",
        tracks=(track_name(track),),
        mmsis=(track // HULLS_PER_MMSI,),
        published_us=ceil_minute(known_us) if over_us is None else over_us,
        start_us=whole_second(start_us),
        end_us=None if over_us is None else whole_second(until_us),
        lat=round(float(lat), 5),
        lon=round(float(wrap_deg(float(lon))), 5),
        facts=(
            ("duration_s", round(seconds)),
            ("way_m", round(way_m)),
            ("mean_speed_kn", round(way_m / seconds / KN, 2)),
        ),
    )
