"""Tracks: which hull a fix belongs to, when one MMSI may be used by two and receivers repeat or garble reports.

The rule is one of reach: a fix goes to the track of its MMSI that could have got there. What no track can have reached
waits as a candidate; when ``hull_fixes`` candidates agree within ``hull_span_s``, they are a second hull. The usual
case (one track, everything reachable) is decided for whole columns; only the MMSIs with something odd are walked fix by
fix. Both ways give the same tracks, which a property test checks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports, add_counts
from shipwatch.engine.fixes import HULLS_PER_MMSI, Fixes
from shipwatch.engine.hull_walk import COARSE_S, LONG_RANGE, Candidate, is_stale, reach_m, walk
from shipwatch.engine.motion import US, distance_m
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

_NEVER_US = -(2**62)


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

    repeated, near_fine = _not_taken(tracks.last, rows, starts, group, first_known, known)
    clean = _clean_groups(tracks, rows, starts, group, first_known, known, ~repeated & ~near_fine, rules)
    refused: dict[str, int] = {}
    plain = _assign_clean(tracks.last, rows, starts, group, clean, first_known, known, repeated, near_fine, refused)
    candidates, shared = dict(tracks.candidates), dict(tracks.shared_since_us)
    parts = [plain]
    for index in np.flatnonzero(~clean):
        mmsi = int(rows.mmsi[starts[index]])
        held = [_as_tuple(tracks.last, row) for row in range(first_known[index], next_known[index])]
        part = rows.take(slice(int(starts[index]), int(ends[index])))
        walked, waiting, since_us = walk(mmsi, held, candidates.pop(mmsi, ()), part, rules, refused)
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


def _not_taken(
    last: Fixes, rows: PositionReports, starts: Array, group: Array, first_known: Array, known: Array
) -> tuple[Array, Array]:
    """Rows that a track with nothing odd does not take: heard in the second of the row before; coarse beside finer."""
    second = rows.time_us // US
    repeated = np.zeros(len(rows), bool)
    repeated[1:] = (second[1:] == second[:-1]) & (rows.mmsi[1:] == rows.mmsi[:-1])
    coarse = rows.msg_type == LONG_RANGE
    held_fine = np.full(len(starts), _NEVER_US)
    if len(last):
        source = np.minimum(first_known, len(last) - 1)
        repeated[starts] = (known > 0) & (second[starts] == last.time_us[source] // US)
        held_fine = np.where((known > 0) & ~last.coarse[source], last.time_us[source], _NEVER_US)
    fine_us = np.where(coarse | repeated, _NEVER_US, rows.time_us)
    fine_us[starts] = np.maximum(fine_us[starts], held_fine)
    near_fine = coarse & (rows.time_us - _latest_so_far(fine_us, group, rows.time_us) <= COARSE_S * US)
    return repeated, near_fine


def _clean_groups(
    tracks: Tracks, rows: PositionReports, starts: Array, group: Array, first_known: Array, known: Array, taken: Array,
    rules: EngineRules,
) -> Array:  # fmt: skip
    """Which MMSIs need no walking: at most one track, nothing waiting, every step reachable and no stale repeat.

    A step is from the last fix that the track has taken, never from a report that it has refused: what was refused must
    not matter, or the result would depend on how the input was cut.
    """
    last = tracks.last
    coarse = rows.msg_type == LONG_RANGE
    number = np.arange(len(rows))
    # The last taken row before each row; below the start of its group, the track's last fix of earlier batches.
    newest = np.concatenate(([-1], np.maximum.accumulate(np.where(taken, number, -1))[:-1]))
    from_state = newest < starts[group]
    has_before = ~from_state | (known > 0)[group]
    names = ("time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "utc_second")
    before = {name: getattr(rows, name)[newest] for name in names} | {"coarse": coarse[newest]}
    if len(last):
        source = np.minimum(first_known, len(last) - 1)[group[from_state]]
        for name, column in before.items():
            column[from_state] = getattr(last, name)[source]
    same_lat, same_lon = rows.lat_deg == before["lat_deg"], rows.lon_deg == before["lon_deg"]
    dt_s = (rows.time_us - before["time_us"]) / US
    way_m = distance_m(before["lat_deg"], before["lon_deg"], rows.lat_deg, rows.lon_deg)
    far = way_m > reach_m(dt_s, before["sog_kn"], rules)
    stale = is_stale(dt_s, same_lat, same_lon, rows.sog_kn, before["sog_kn"], rows.cog_deg, before["cog_deg"],
                     rows.utc_second == before["utc_second"])  # fmt: skip
    again = rows.time_us // US == before["time_us"] // US
    elsewhere = again & ~(same_lat & same_lon & (coarse == before["coarse"]))
    # A refused coarse report in the second of another report: which of the two was it that the track refused?
    beside = np.zeros(len(rows), bool)
    beside[1:] = (rows.time_us[1:] // US == rows.time_us[:-1] // US) & (coarse[1:] != coarse[:-1])
    beside[starts] = False
    odd_row = has_before & (far | elsewhere | beside | (stale & ~again))
    odd = np.bincount(group[odd_row], minlength=len(starts)) > 0
    waiting = np.fromiter(tracks.candidates, np.int64, len(tracks.candidates))
    odd |= (known > 1) | np.isin(rows.mmsi[starts], waiting)
    return ~odd


def _assign_clean(
    last: Fixes, rows: PositionReports, starts: Array, group: Array, clean: Array, first_known: Array, known: Array,
    repeated: Array, near_fine: Array, refused: dict[str, int],
) -> Fixes:  # fmt: skip
    key = rows.mmsi[starts].astype(np.int64) * HULLS_PER_MMSI
    count = np.zeros(len(starts), np.int64)
    if len(last):
        source = np.minimum(first_known, len(last) - 1)
        key = np.where(known > 0, last.track[source], key)
        count = np.where(known > 0, last.count[source], 0)
    mine = clean[group]
    for reason, rows_out in (("coarse", near_fine), ("duplicate", repeated & ~near_fine)):
        if (rows_out & mine).any():
            add_counts(refused, {reason: int((rows_out & mine).sum())})
    keep = np.flatnonzero(mine & ~repeated & ~near_fine)
    order = np.arange(len(keep)) - np.searchsorted(group[keep], group[keep], "left")
    kept = rows.take(keep)
    return Fixes(
        track=key[group[keep]], mmsi=kept.mmsi, time_us=kept.time_us, lat_deg=kept.lat_deg, lon_deg=kept.lon_deg,
        sog_kn=kept.sog_kn, cog_deg=kept.cog_deg, heading_deg=kept.heading_deg, utc_second=kept.utc_second,
        coarse=kept.msg_type == LONG_RANGE, count=(count[group[keep]] + order + 1).astype(np.int32),
    )  # fmt: skip


def _latest_so_far(fine_us: Array, group: Array, time_us: Array) -> Array:
    """Within each group, the latest of the times so far, ``_NEVER_US`` where there is none in reach."""
    base = int(time_us.min()) - 2 * COARSE_S * US
    span = int(time_us.max()) - base + 2
    latest = np.maximum.accumulate(group * span + np.maximum(fine_us - base, 0)) - group * span
    return np.asarray(np.where(latest > 0, latest + base, _NEVER_US))


def _as_tuple(fixes: Fixes, row: int) -> dict[str, Any]:
    return {name: column[row].item() for name, column in fixes.columns().items()}
