"""The walk over fixes in order of time: which track each belongs to, and which leg it closes.

One pass, state in arrays. A fix goes to the track of its MMSI that could have got there; what no track can have reached
waits as a candidate until ``hull_fixes`` of them agree. Observed fixes of a slow ship that one straight line explains
are one leg: a run. A run is cut by its own length, never at clock marks, and is known at the latest when it could not
have grown any more, so that nothing depends on when the next fix comes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import compiled
from shipwatch.engine.fetching import fetch
from shipwatch.engine.hull_candidates import (
    doubled,
    find_group,
    free_groups,
    free_key,
    make_room,
    reach,
    regrouped,
    wait,
)
from shipwatch.engine.leg_runs import AT_ONCE, INFERRED, SILENT, begin_run, bow, close_run, joins_run
from shipwatch.engine.motion import KN, M_PER_DEG, US
from shipwatch.engine.plain_motion import apart_m, larger, wrap
from shipwatch.engine.records import CANDIDATE, LEG, TRACK, Records
from shipwatch.engine.ship_slots import slot_of

LONG_RANGE = 27
"""Message type whose position is rounded to a tenth of a minute, some 185 m: no measure of how near two ships are."""
COARSE_S = 3600
"""Such a position is not used where the ship's own finer ones are no older than this (as gpsdio-segment does)."""
STALE_S = 180
"""A moving ship that repeats position, speed, course and second within this time is a report heard twice, late."""
JITTER_S = 180.0
"""Receipt lags run up to 170 s and are known modulo a minute, so speeds are judged as if a leg took so much longer.

With 60 s, transfers at 5 to 6 knots fell to pieces: one fix in thirty is two minutes off, and seems a jump at 9 knots.
"""
POLAR_DEG = 88.0
"""Nearer to a pole than this nothing is merged: longitudes are no measure there."""

ROWS_AT_ONCE = 4096
AHEAD = 8
"""So many rows before its turn a track is asked for."""
DUPLICATE, JUMP, COARSE = -2, -3, -4
"""What ``row_slot`` says instead of a track's place."""


@compiled
def walk_fixes(
    time_us: Any, mmsi: Any, lat: Any, lon: Any, sog: Any, cog: Any, heading: Any, second: Any, kind: Any,
    upto_us: int, flush: bool, tracks: Records, groups: Records, cands: Records, free: Any, used: Any, rules: Records,
) -> Any:  # fmt: skip
    """Give rows (in order of time) to tracks and close legs; all records are changed, and returned as they grew.

    ``used`` counts tracks, groups, candidates and free places. Returns tracks, groups, candidates, legs, how many of
    these, the place of each row's track (or why it was refused), counts of refusals (duplicate, jump, coarse), and
    (mmsi, time or ``0``) of every MMSI found to be two hulls' (or forgotten).
    """
    rule = rules[0]
    legs, closed = np.empty(len(time_us) // 4 + used[0] + 4 * ROWS_AT_ONCE, LEG), 0
    shared = np.empty((16, 2), np.int64)
    told = 0
    row_slot = np.empty(len(time_us), np.int32)
    refused = np.zeros(3, np.int64)
    for start in range(0, len(time_us), ROWS_AT_ONCE):
        # Room for so many rows at once: where arrays change within the inner loop, numba counts their owners at each
        # row, with atomic operations.
        more = min(ROWS_AT_ONCE, len(time_us) - start)
        while 2 * (used[1] + more) > len(groups):
            groups = regrouped(groups, 2 * len(groups))
            used[1] = (groups["mmsi"] != -1).sum()
        while used[0] + more > len(tracks):
            tracks = doubled(tracks)
        while used[2] + more > len(cands):
            cands = doubled(cands)
        while closed + 2 * more + used[0] + more > len(legs):  # each track may be forgotten once, with its run
            legs = doubled(legs)
        while told + 2 * more > len(shared):
            shared = np.concatenate((shared, np.empty_like(shared)))
        for row in range(start, start + more):
            # Groups and tracks lie anywhere in memory: asked for some rows ahead, they are near when their turn comes.
            if row + 2 * AHEAD < len(time_us):
                fetch(groups, slot_of(groups, mmsi[row + 2 * AHEAD]))
                soon = find_group(groups, mmsi[row + AHEAD])
                if groups[soon].mmsi != -1 and groups[soon].first != -1:
                    fetch(tracks, groups[soon].first)
            t, y, x, v = time_us[row], lat[row], lon[row], np.float64(sog[row])
            coarse = kind[row] == LONG_RANGE
            at = find_group(groups, mmsi[row])
            if groups[at].mmsi == -1:
                groups[at].mmsi = mmsi[row]
                groups[at].first = -1
                groups[at].waiting = -1
                used[1] += 1

            best, share, last, lost = -1, 1.0, -1, 0
            each = groups[at].first
            while each != -1:
                track = tracks[each]
                following = track.next
                if t - track.time_us > rule.forget_us:  # not heard for so long: as if it had never been
                    if track.run:
                        close_run(legs, closed, track, each, t, rule)
                        closed += 1
                    track.held = 2
                    lost += 1
                    if last == -1:
                        groups[at].first = following
                    else:
                        tracks[last].next = following
                    each = following
                    continue
                can_m = reach((t - track.time_us) / US, track.sog, rule)
                far_m = M_PER_DEG * (abs(y - track.lat) + abs(wrap(x - track.lon)))  # at least as far as it can be
                if far_m > can_m or following != -1 or last != -1:
                    far_m = apart_m(track.lat, track.lon, y, x)
                if far_m / can_m <= share:
                    best, share = each, far_m / can_m
                last = each
                each = following
            if lost and groups[at].first == -1:
                shared[told, 0] = mmsi[row]
                shared[told, 1] = 0
                told += 1

            agreed = 0
            if best == -1 and groups[at].first != -1:
                grown = wait(groups, at, cands, used, t, y, x, v, rule)
                if grown < rule.hull_fixes:
                    refused[1] += 1
                    row_slot[row] = JUMP
                    continue
                # Those that agreed count for the new hull, or the next one would displace it as a short track.
                agreed = grown - 1
                if make_room(groups, at, tracks, cands, rule):
                    shared[told, 0] = mmsi[row]
                    shared[told, 1] = t
                    told += 1
            if best == -1:
                if used[3]:
                    used[3] -= 1
                    slot = free[used[3]]
                else:
                    slot = used[0]
                    used[0] += 1
                track = tracks[slot]
                track.key = free_key(groups, at, tracks)
                track.mmsi = mmsi[row]
                track.held = 1
                track.count = agreed
                track.run = 0
                track.calm = 0
                track.limit_us = np.int64(rule.straight_us)
                track.next = -1
                each = groups[at].first
                if each == -1:
                    groups[at].first = slot
                else:
                    while tracks[each].next != -1:
                        each = tracks[each].next
                    tracks[each].next = slot
            else:
                slot = best
                track = tracks[slot]
                if coarse and not track.coarse and t - track.time_us <= COARSE_S * US:
                    refused[2] += 1
                    row_slot[row] = COARSE
                    continue
                again = t // US == track.time_us // US
                if not again and t - track.time_us <= STALE_S * US and y == track.lat and x == track.lon:
                    same_way = cog[row] == track.cog or (math.isnan(cog[row]) and math.isnan(track.cog))
                    again = v == track.sog and v > 0.5 and same_way and second[row] == track.second
                if again:
                    refused[0] += 1
                    row_slot[row] = DUPLICATE
                    continue

                dt_us = t - track.time_us
                pace_s = dt_us / US + JITTER_S
                said = larger(track.sog, v)
                way_m = -1.0
                drifts = not said > rule.slow_kn
                slow = not said > rule.contact_slow_kn
                if slow or dt_us > rule.observed_us:
                    way_m = M_PER_DEG * (abs(y - track.lat) + abs(wrap(x - track.lon)))
                    if way_m / pace_s / KN > min(rule.slow_kn, rule.contact_slow_kn):
                        way_m = apart_m(track.lat, track.lon, y, x)
                    drifts = drifts and way_m / pace_s / KN <= rule.slow_kn
                    slow = slow and way_m / pace_s / KN <= rule.contact_slow_kn
                known = dt_us <= rule.observed_us or (dt_us <= rule.inferred_us and drifts)
                if track.run and not (
                    slow
                    and dt_us <= rule.observed_us
                    and joins_run(track, t, y, x, bow(heading[row], v, cog[row]), drifts, rule)
                ):
                    close_run(legs, closed, track, slot, t, rule)
                    closed += 1
                fast = not slow and known
                if not track.run and (track.calm or not fast):
                    begin_run(track, t, y, x, drifts, rule)
                    if not known or dt_us >= track.limit_us or abs(y) > POLAR_DEG or rule.straight_m == 0.0:
                        track.run = AT_ONCE  # closed by the fix that begins it
                    elif fast:  # one such leg after slow ones is told, so that watchers see the end of them
                        track.run = AT_ONCE
                track.calm = not fast
            track.time_us = t
            track.lat = y
            track.lon = x
            track.sog = sog[row]
            track.cog = cog[row]
            track.heading = heading[row]
            track.second = second[row]
            track.coarse = coarse
            track.count += 1
            row_slot[row] = slot
            if track.run == AT_ONCE:
                close_run(legs, closed, track, slot, t, rule)
                legs[closed].known_us = t
                if dt_us > rule.observed_us or not slow:
                    track.limit_us = np.int64(rule.straight_us)
                if not slow:
                    legs[closed].slow = 0
                if not known:
                    legs[closed].kind = SILENT
                elif dt_us > rule.observed_us:
                    legs[closed].kind = INFERRED
                closed += 1
    while closed + used[0] > len(legs):
        legs = doubled(legs)
    for slot in range(used[0]):
        track = tracks[slot]
        if track.run and track.held and (flush or track.run_us + track.limit_us <= upto_us):
            close_run(legs, closed, track, slot, upto_us if flush else track.run_us + track.limit_us + 1, rule)
            closed += 1
    return tracks, groups, cands, legs, closed, row_slot, refused, shared[:told]


def warm() -> None:
    """Compile (or load) the kernels of this file."""
    from shipwatch.engine.records import rule_record  # noqa: PLC0415
    from shipwatch.engine.rules import EngineRules  # noqa: PLC0415

    whole, none, single = np.zeros(1, np.int64), np.empty(0, np.int64), np.zeros(1, np.float32)
    walk_fixes(
        whole, np.zeros(1, np.int32), np.zeros(1), np.zeros(1), single, single, single, np.zeros(1, np.int8),
        np.zeros(1, np.uint8), 0, False, np.empty(64, TRACK), free_groups(64),
        np.empty(64, CANDIDATE), none.astype(np.int32), np.zeros(4, np.int64), rule_record(EngineRules()),
    )  # fmt: skip
