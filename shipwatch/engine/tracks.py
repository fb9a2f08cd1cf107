"""Tracks: which hull a fix belongs to, when one MMSI may be used by two and receivers repeat or garble reports.

The rule is one of reach: a fix goes to the track of its MMSI that could have got there. What no track can have reached
waits as a candidate; when ``hull_fixes`` candidates agree within ``hull_span_s``, they are a second hull. The usual
case (one track, everything reachable) is decided for whole columns; only the MMSIs with something odd are walked fix by
fix. Both ways give the same tracks, which a property test checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, PositionReports, add_counts
from shipwatch.engine.motion import KN, US, distance_between_m, distance_m
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

HULLS_PER_MMSI = 64
"""Track key = mmsi x this + ordinal; the ordinal of the first track is 0."""
LONG_RANGE = 27
"""Message type whose position is rounded to a tenth of a minute, some 185 m: no measure of how near two ships are."""
COARSE_S = 3600
"""Such a position is not used where the ship's own finer ones are no older than this (as gpsdio-segment does)."""
_NEVER_US = -(2**62)
STALE_S = 180
"""A moving ship that repeats position, speed, course and second within this time is a report heard twice, late."""


@dataclass(frozen=True, slots=True)
class Fixes(Columns):
    """One vessel's positions, each with the key of its track; sorted by (track, time) where a batch is processed."""

    track: Array
    mmsi: Array
    time_us: Array
    lat_deg: Array
    lon_deg: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    utc_second: Array
    coarse: Array
    count: Array
    """Fixes of this track up to and including this one."""

    DTYPES: ClassVar[Mapping[str, str]] = {
        "track": "int64", "mmsi": "int32", "time_us": "int64", "lat_deg": "float64", "lon_deg": "float64",
        "sog_kn": "float32", "cog_deg": "float32", "heading_deg": "float32", "utc_second": "int8", "coarse": "bool",
        "count": "int32",
    }  # fmt: skip


Candidate = tuple[int, int, float, float, float]
"""Fixes agreeing so far, and time, latitude, longitude and speed of the last of them."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """The last fix of every track, sorted by track key, and the candidates for further hulls by MMSI."""

    last: Fixes = field(default_factory=Fixes.empty)
    candidates: dict[int, tuple[Candidate, ...]] = field(default_factory=dict)
    shared_since_us: dict[int, int] = field(default_factory=dict)
    """MMSIs that two hulls use, and since when that is known: from then on their static reports may be the other's."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """New fixes sorted by (track, time), and the last fix of every track before them."""

    fixes: Fixes
    before: Fixes
    refused: dict[str, int]


def track_name(key: int) -> str:
    """The public name of a track: its MMSI, and for a further hull on it a slash and a number.

    >>> track_name(366942000 * 64), track_name(366942000 * 64 + 1)
    ('366942000', '366942000/2')
    """
    mmsi, ordinal = divmod(int(key), HULLS_PER_MMSI)
    return f"{mmsi:09d}" if not ordinal else f"{mmsi:09d}/{ordinal + 1}"


def reach_m(dt_s: Any, sog_kn: Any, rules: EngineRules) -> Any:
    """How far a ship can have got: at 30 kn or half as fast again as it says, with slack for clocks and positions."""
    speed_kn = np.fmax(rules.reach_kn, rules.reach_sog_factor * sog_kn)
    return speed_kn * KN * (dt_s + rules.reach_slack_s) + rules.reach_slack_m


def assign(tracks: Tracks, positions: PositionReports, rules: EngineRules) -> tuple[Tracks, Assigned]:
    """Give every position (sorted by time) to a track; duplicates and impossible jumps are refused and counted.

    The arguments stay as they are. Refusals: ``duplicate`` (the same second or report again), ``jump`` (out of reach of
    every track of its MMSI, or such a candidate before its hull was confirmed), ``coarse`` (a long-range report while
    finer positions are at hand).
    """
    if not len(positions):
        return tracks, Assigned(Fixes.empty(), tracks.last, {})
    order = np.argsort(positions.mmsi, kind="stable")
    rows = positions.take(order)
    starts = np.flatnonzero(np.concatenate(([True], rows.mmsi[1:] != rows.mmsi[:-1])))
    ends = np.append(starts[1:], len(rows))
    group = np.repeat(np.arange(len(starts)), ends - starts)
    first_known = np.searchsorted(tracks.last.track, rows.mmsi[starts].astype(np.int64) * HULLS_PER_MMSI)
    next_known = np.searchsorted(tracks.last.track, (rows.mmsi[starts].astype(np.int64) + 1) * HULLS_PER_MMSI)
    known = next_known - first_known

    clean = _clean_groups(tracks, rows, starts, group, first_known, known, rules)
    refused: dict[str, int] = {}
    plain = _assign_clean(tracks, rows, starts, group, clean, first_known, known, refused)
    candidates, shared = dict(tracks.candidates), dict(tracks.shared_since_us)
    parts = [plain]
    for index in np.flatnonzero(~clean):
        mmsi = int(rows.mmsi[starts[index]])
        held = [_as_tuple(tracks.last, row) for row in range(first_known[index], next_known[index])]
        part = rows.take(slice(int(starts[index]), int(ends[index])))
        walked, waiting, since_us = _walk(mmsi, held, candidates.pop(mmsi, ()), part, rules, refused)
        if since_us is not None:
            shared.setdefault(mmsi, since_us)
        if waiting:
            candidates[mmsi] = waiting
        parts.append(walked)
    fixes = Fixes.concat(parts)
    if len(fixes):
        fixes = fixes.take(np.lexsort((fixes.time_us, fixes.track)))
    newest = np.flatnonzero(np.append(fixes.track[1:] != fixes.track[:-1], True)) if len(fixes) else np.empty(0, int)
    last = Fixes.concat((tracks.last.take(~np.isin(tracks.last.track, fixes.track)), fixes.take(newest)))
    last = last.take(np.argsort(last.track, kind="stable"))
    return Tracks(last, candidates, shared), Assigned(fixes, tracks.last, refused)


def _clean_groups(
    tracks: Tracks, rows: PositionReports, starts: Array, group: Array, first_known: Array, known: Array,
    rules: EngineRules,
) -> Array:  # fmt: skip
    """Which MMSIs need no walking: at most one track, nothing waiting, every step reachable and no stale repeat."""
    last = tracks.last
    previous = np.arange(-1, len(rows) - 1)
    time_us, lat, lon = rows.time_us, rows.lat_deg, rows.lon_deg
    before_time, before_lat, before_lon = time_us[previous], lat[previous], lon[previous]
    before_sog, before_cog = rows.sog_kn[previous], rows.cog_deg[previous]
    before_second = rows.utc_second[previous]
    coarse = rows.msg_type == LONG_RANGE
    before_coarse = coarse[previous]
    has_before = np.ones(len(rows), bool)
    has_before[starts] = known > 0
    if len(last):
        source = np.minimum(first_known, len(last) - 1)
        before_time[starts], before_lat[starts], before_lon[starts] = (
            last.time_us[source], last.lat_deg[source], last.lon_deg[source],
        )  # fmt: skip
        before_sog[starts], before_cog[starts] = last.sog_kn[source], last.cog_deg[source]
        before_second[starts] = last.utc_second[source]
        before_coarse[starts] = last.coarse[source]
    dt_s = (time_us - before_time) / US
    far = distance_m(before_lat, before_lon, lat, lon) > reach_m(dt_s, before_sog, rules)
    stale = _stale(dt_s, lat == before_lat, lon == before_lon, rows.sog_kn, before_sog, rows.cog_deg, before_cog,
                   rows.utc_second == before_second)  # fmt: skip
    again = time_us // US == before_time // US
    elsewhere = again & ((lat != before_lat) | (lon != before_lon) | (coarse != before_coarse))
    odd_row = has_before & (far | elsewhere | (stale & ~again))
    odd = np.bincount(group[odd_row], minlength=len(starts)) > 0
    waiting = np.fromiter(tracks.candidates, np.int64, len(tracks.candidates))
    odd |= (known > 1) | np.isin(rows.mmsi[starts], waiting)
    return ~odd


def _stale(
    dt_s: Any, same_lat: Any, same_lon: Any, sog: Any, before_sog: Any, cog: Any, before_cog: Any, same_second: Any
) -> Any:
    same_way = (sog == before_sog) & ((cog == before_cog) | (np.isnan(cog) & np.isnan(before_cog)))
    return (dt_s <= STALE_S) & same_lat & same_lon & same_way & same_second & (sog > 0.5)


def _assign_clean(
    tracks: Tracks, rows: PositionReports, starts: Array, group: Array, clean: Array, first_known: Array, known: Array,
    refused: dict[str, int],
) -> Fixes:  # fmt: skip
    last = tracks.last
    second = rows.time_us // US
    repeated = np.zeros(len(rows), bool)
    repeated[1:] = (second[1:] == second[:-1]) & (rows.mmsi[1:] == rows.mmsi[:-1])
    key = rows.mmsi[starts].astype(np.int64) * HULLS_PER_MMSI
    count = np.zeros(len(starts), np.int64)
    if len(last):
        source = np.minimum(first_known, len(last) - 1)
        repeated[starts] = (known > 0) & (second[starts] == last.time_us[source] // US)
        key = np.where(known > 0, last.track[source], key)
        count = np.where(known > 0, last.count[source], 0)
    mine = clean[group]
    coarse = rows.msg_type == LONG_RANGE
    fine_us = np.where(coarse | repeated, _NEVER_US, rows.time_us)
    if len(last):
        held_fine = np.where((known > 0) & ~last.coarse[source], last.time_us[source], _NEVER_US)
        fine_us[starts] = np.maximum(fine_us[starts], held_fine)
    near_fine = coarse & (rows.time_us - _latest_so_far(fine_us, group, rows.time_us) <= COARSE_S * US)
    for reason, rows_out in (("coarse", near_fine), ("duplicate", repeated & ~near_fine)):
        if (rows_out & mine).any():
            add_counts(refused, {reason: int((rows_out & mine).sum())})
    keep = np.flatnonzero(mine & ~repeated & ~near_fine)
    order = np.arange(len(keep)) - np.searchsorted(group[keep], group[keep], "left")
    kept = rows.take(keep)
    return Fixes(
        track=key[group[keep]], mmsi=kept.mmsi, time_us=kept.time_us, lat_deg=kept.lat_deg, lon_deg=kept.lon_deg,
        sog_kn=kept.sog_kn, cog_deg=kept.cog_deg, heading_deg=kept.heading_deg, utc_second=kept.utc_second,
        coarse=coarse[keep], count=(count[group[keep]] + order + 1).astype(np.int32),
    )  # fmt: skip


def _latest_so_far(fine_us: Array, group: Array, time_us: Array) -> Array:
    """Within each group, the latest of the times so far, ``_NEVER_US`` where there is none in reach."""
    base = int(time_us.min()) - 2 * COARSE_S * US
    span = int(time_us.max()) - base + 2
    latest = np.maximum.accumulate(group * span + np.maximum(fine_us - base, 0)) - group * span
    return np.asarray(np.where(latest > 0, latest + base, _NEVER_US))


def _as_tuple(fixes: Fixes, row: int) -> dict[str, Any]:
    return {name: column[row].item() for name, column in fixes.columns().items()}


def _walk(
    mmsi: int, held: list[dict[str, Any]], waiting: tuple[Candidate, ...], part: PositionReports, rules: EngineRules,
    refused: dict[str, int],
) -> tuple[Fixes, tuple[Candidate, ...], int | None]:  # fmt: skip
    """One MMSI, fix by fix: several tracks, candidates, stale repeats; and when a second hull was confirmed."""
    found: list[dict[str, Any]] = []
    since_us: int | None = None
    chains = list(waiting)
    names = ("time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "utc_second", "msg_type")
    columns = [getattr(part, name).tolist() for name in names]
    for time_us, lat, lon, sog, cog, heading, second, msg_type in zip(*columns, strict=True):
        fix = {"mmsi": mmsi, "time_us": time_us, "lat_deg": lat, "lon_deg": lon, "sog_kn": sog, "cog_deg": cog,
               "heading_deg": heading, "utc_second": second, "coarse": msg_type == LONG_RANGE}  # fmt: skip
        best, best_share = -1, 1.0
        for number, track in enumerate(held):
            dt_s = (time_us - track["time_us"]) / US
            far = distance_between_m(track["lat_deg"], track["lon_deg"], lat, lon)
            share = far / float(reach_m(dt_s, track["sog_kn"], rules))
            if share <= best_share:
                best, best_share = number, share
        if best < 0 and held:
            chains, grown = _wait(chains, time_us, lat, lon, sog, rules)
            if grown < rules.hull_fixes:
                add_counts(refused, {"jump": 1})
                continue
            chains = [chain for chain in chains if chain[0] < rules.hull_fixes]
            # A track of a fix or two that nothing followed was the garbled one: it makes room, it is no second hull.
            held = [track for track in held if track["count"] >= rules.hull_fixes]
            if len(held) >= HULLS_PER_MMSI:
                held.remove(min(held, key=lambda track: int(track["time_us"])))
            if held and since_us is None:
                since_us = time_us
        if best < 0:
            key = _free_key(mmsi, held)
            best = len(held)
            held.append({"track": key, "count": 0})
        else:
            track = held[best]
            if fix["coarse"] and not track["coarse"] and time_us - track["time_us"] <= COARSE_S * US:
                add_counts(refused, {"coarse": 1})
                continue
            again = track["time_us"] // US == time_us // US
            stale = _stale((time_us - track["time_us"]) / US, lat == track["lat_deg"], lon == track["lon_deg"], sog,
                           track["sog_kn"], cog, track["cog_deg"], second == track["utc_second"])  # fmt: skip
            if again or stale:
                add_counts(refused, {"duplicate": 1})
                continue
        fix["track"], fix["count"] = held[best]["track"], held[best]["count"] + 1
        held[best] = fix
        found.append(fix)
    if not found:
        return Fixes.empty(), tuple(chains), since_us
    fixes = Fixes.of(**{name: [fix[name] for fix in found] for name in Fixes.DTYPES})
    return fixes, tuple(chains), since_us


def _wait(
    chains: list[Candidate], time_us: int, lat: float, lon: float, sog: float, rules: EngineRules
) -> tuple[list[Candidate], int]:
    """Add a fix that no track can have reached to the first chain of candidates that it agrees with."""
    recent = [chain for chain in chains if time_us - chain[1] <= rules.hull_span_s * US]
    for number, (count, then_us, then_lat, then_lon, then_sog) in enumerate(recent):
        dt_s = (time_us - then_us) / US
        if distance_between_m(then_lat, then_lon, lat, lon) <= reach_m(dt_s, then_sog, rules):
            # The same second heard by another receiver is no further witness.
            grown = count + (time_us // US != then_us // US)
            recent[number] = (grown, time_us, lat, lon, sog)
            return recent, grown
    recent.append((1, time_us, lat, lon, sog))
    return recent[-HULLS_PER_MMSI:], 1


def _free_key(mmsi: int, held: list[dict[str, Any]]) -> int:
    used = {track["track"] % HULLS_PER_MMSI for track in held}
    ordinal = next(n for n in range(HULLS_PER_MMSI) if n not in used)
    return mmsi * HULLS_PER_MMSI + ordinal
