"""Groups, candidates and hulls of one MMSI, for compiled kernels: where to look them up, when a second hull is one."""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders.kernel_cache import compiled, inlined
from shipwatch.engine.motion import KN, US
from shipwatch.engine.plain_motion import apart_m, larger
from shipwatch.engine.records import GROUP, HULLS_PER_MMSI, Records
from shipwatch.engine.ship_slots import slot_of


@inlined
def find_group(groups: Records, mmsi: int) -> int:
    """The place of the MMSI, or the free place where it belongs."""
    mask = len(groups) - 1
    at = slot_of(groups, mmsi)
    while groups[at].mmsi != -1 and groups[at].mmsi != mmsi:
        at = (at + 1) & mask
    return at


@inlined
def free_groups(size: int) -> Any:
    """An empty hash of that many places (a power of two)."""
    made = np.empty(size, GROUP)
    for at in range(size):
        made[at].mmsi = -1
        made[at].first = -1
        made[at].waiting = -1
    return made


@inlined
def doubled(records: Any) -> Any:
    """The same records with room for twice as many."""
    made = np.empty(max(64, 2 * len(records)), records.dtype)
    for each in range(len(records)):
        made[each] = records[each]
    return made


@compiled
def regrouped(groups: Records, size: int) -> Any:
    """The groups that have a track or a candidate, in a hash of that many places."""
    made = free_groups(size)
    for old in range(len(groups)):
        if groups[old].mmsi != -1 and (groups[old].first != -1 or groups[old].waiting != -1):
            at = find_group(made, groups[old].mmsi)
            made[at] = groups[old]
    return made


@inlined
def reach(dt_s: float, sog: float, rule: Any) -> float:
    """How far a ship can have got: at 30 kn or half as fast again as it says, with slack for clocks and positions."""
    speed = larger(rule.reach_kn, rule.reach_sog_factor * sog)
    return speed * KN * (dt_s + rule.reach_slack_s) + rule.reach_slack_m


@inlined
def wait(
    groups: Records, at: int, cands: Records, used: Any, time_us: int, lat: float, lon: float, sog: float, rule: Any
) -> int:
    """Add a fix that no track can have reached to the first chain of candidates that it agrees with; how many agree."""
    last, held, found = -1, 0, 0
    each = groups[at].waiting
    while each != -1:
        chain = cands[each]
        following = chain.next
        if time_us - chain.time_us > rule.hull_span_us:
            if last == -1:
                groups[at].waiting = following
            else:
                cands[last].next = following
            each = following
            continue
        dt_s = (time_us - chain.time_us) / US
        if found == 0 and apart_m(chain.lat, chain.lon, lat, lon) <= reach(dt_s, chain.sog, rule):
            # The same second heard by another receiver is no further witness.
            chain.count += 1 if time_us // US != chain.time_us // US else 0
            chain.time_us = time_us
            chain.lat = lat
            chain.lon = lon
            chain.sog = sog
            found = chain.count
        held += 1
        last = each
        each = following
    if found:
        return found
    new = used[2]
    used[2] += 1
    cands[new].time_us = time_us
    cands[new].lat = lat
    cands[new].lon = lon
    cands[new].sog = sog
    cands[new].count = 1
    cands[new].next = -1
    if last == -1:
        groups[at].waiting = new
    else:
        cands[last].next = new
    if held >= HULLS_PER_MMSI:
        groups[at].waiting = cands[groups[at].waiting].next
    return 1


@inlined
def make_room(groups: Records, at: int, tracks: Records, cands: Records, rule: Any) -> bool:
    """A further hull is confirmed: drop its candidates and the tracks of a fix or two; whether any track stays."""
    last = -1
    each = groups[at].waiting
    while each != -1:
        if cands[each].count >= rule.hull_fixes:
            if last == -1:
                groups[at].waiting = cands[each].next
            else:
                cands[last].next = cands[each].next
        else:
            last = each
        each = cands[each].next
    # A track of a fix or two that nothing followed was the garbled one: it makes room, it is no second hull.
    last, kept, oldest, before_oldest = -1, 0, -1, -1
    each = groups[at].first
    while each != -1:
        track = tracks[each]
        if track.count < rule.hull_fixes:
            track.held = 2
            if last == -1:
                groups[at].first = track.next
            else:
                tracks[last].next = track.next
        else:
            kept += 1
            if oldest == -1 or track.time_us < tracks[oldest].time_us:
                oldest, before_oldest = each, last
            last = each
        each = track.next
    if kept >= HULLS_PER_MMSI:
        tracks[oldest].held = 2
        if before_oldest == -1:
            groups[at].first = tracks[oldest].next
        else:
            tracks[before_oldest].next = tracks[oldest].next
    return kept > 0


@inlined
def free_key(groups: Records, at: int, tracks: Records) -> Any:
    """The first key of the MMSI that no track has."""
    taken = np.uint64(0)
    each = groups[at].first
    while each != -1:
        taken |= np.uint64(1) << np.uint64(tracks[each].key % HULLS_PER_MMSI)
        each = tracks[each].next
    ordinal = 0
    while taken >> np.uint64(ordinal) & np.uint64(1):
        ordinal += 1
    return np.int64(groups[at].mmsi) * HULLS_PER_MMSI + ordinal
