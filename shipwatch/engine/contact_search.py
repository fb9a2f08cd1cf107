"""Who may be near whom: the cells that new legs touch, and the pairs of tracks that share one, for compiled kernels.

Entries of one cell stand side by side in memory, old ones and new ones, so a track reads its neighbours in a row. A
pair is named once or twice however many cells and half hours it shares; whether the two are near is decided in closed
form afterwards (:mod:`~shipwatch.engine.contact_walk`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import compiled, inlined
from shipwatch.engine.contact_cells import (
    BUCKET_US,
    LEAST_CELL_M,
    POLAR_FROM_DEG,
    POLAR_ONLY_DEG,
    cell_key,
    columns_of,
    rows_of,
    span_of,
)
from shipwatch.engine.hull_candidates import doubled
from shipwatch.engine.leg_runs import SILENT
from shipwatch.engine.motion import M_PER_DEG
from shipwatch.engine.pair_geometry import place, polar
from shipwatch.engine.plain_motion import wrap
from shipwatch.engine.records import ENTRY, LEG, Records


@inlined
def far_beyond(lat: float, lon: float, long_m: float, cosine: float, other: Any, enter_m: float) -> bool:
    """Whether two pieces certainly stay apart: their starts are further off than both are long."""
    x = wrap(other.lon - lon) * cosine * M_PER_DEG
    y = (other.lat - lat) * M_PER_DEG
    # The cosine is that of one of them: a twentieth is more than it can be off for pieces so near.
    far_m = 1.05 * (enter_m + long_m + other.long_m) + 20.0
    return x * x + y * y > far_m * far_m


@inlined
def enter_cells(legs: Records, rule: Any) -> Any:
    """An entry for each cell and half hour that a leg touches, in the order of legs, and how many there are."""
    entries, number = np.empty(max(64, 8 * len(legs)), ENTRY), 0
    cell_m = max(LEAST_CELL_M, 2.0 * rule.enter_m)
    cell_deg = cell_m / M_PER_DEG
    for each in range(len(legs)):
        leg = legs[each]
        if leg.kind == SILENT:
            continue
        cosine = math.cos(math.radians(leg.lat0_deg))
        steepest = max(abs(leg.lat0_deg), abs(leg.lat1_deg))
        half_m = rule.enter_m * (0.51 if steepest < 80.0 else 0.6) + 2.0
        for bucket in range(leg.t0_us // BUCKET_US, (leg.t1_us - 1) // BUCKET_US + 1):
            lat0, lon0 = place(leg, max(leg.t0_us, bucket * BUCKET_US))
            lat1, lon1 = place(leg, min(leg.t1_us, (bucket + 1) * BUCKET_US))
            x1, y1 = wrap(lon1 - lon0) * cosine * M_PER_DEG, (lat1 - lat0) * M_PER_DEG
            # Degrees say nothing of distances near a pole: a piece there is far from none.
            long_m = math.sqrt(x1 * x1 + y1 * y1) if steepest <= POLAR_FROM_DEG else math.inf
            for plane in range(1 + (steepest > POLAR_FROM_DEG)):
                row0, row1, x0, x1, y0, y1 = 0, -1, 0.0, 0.0, 0.0, 0.0
                if plane == 0 and min(abs(lat0), abs(lat1)) < POLAR_ONLY_DEG:
                    row0, row1 = rows_of(lat0, lat1, half_m, cell_deg)
                elif plane == 1:
                    x0, y0 = polar(lat0, lon0)
                    x1, y1 = polar(lat1, lon1)
                    row0 = math.floor((min(x0, x1) - half_m) / cell_m)
                    row1 = math.floor((max(x0, x1) + half_m) / cell_m)
                for row in range(row0, row1 + 1):
                    columns = 0
                    if plane == 0:
                        columns = columns_of(row, cell_deg)
                        low, high = span_of(lat0, lon0, lat1, lon1, half_m, columns)
                    else:
                        low = math.floor((min(y0, y1) - half_m) / cell_m)
                        high = math.floor((max(y0, y1) + half_m) / cell_m)
                    while number + high - low + 1 > len(entries):
                        entries = doubled(entries)
                    for column in range(low, high + 1):
                        made = entries[number]
                        if plane == 0:
                            made.key = cell_key(bucket, row, column % columns)
                        else:
                            made.key = cell_key(bucket, row + (1 << 24), column + (1 << 25 if lat0 > 0 else 1 << 26))
                        made.bucket = bucket
                        made.slot = leg.slot
                        made.lat = lat0
                        made.lon = lon0
                        made.long_m = long_m
                        made.fresh = 1
                        number += 1
    return entries, number


@inlined
def side_by_side(old: Records, oldest: int, new: Records, number: int) -> Any:
    """Old entries from that bucket on and new ones, grouped by the last bits of their keys; where each group begins.

    So a cell's buckets follow each other. Also the mask of a key that is the number of its group.
    """
    kept = 0
    for each in range(len(old)):
        kept += old[each].bucket >= oldest
    bits = 6
    while (1 << bits) < kept + number:
        bits += 1
    mask = np.uint64((1 << bits) - 1)
    starts = np.zeros((1 << bits) + 2, np.int32)
    for each in range(len(old)):
        if old[each].bucket >= oldest:
            starts[(old[each].key & mask) + np.uint64(2)] += 1
    for each in range(number):
        starts[(new[each].key & mask) + np.uint64(2)] += 1
    for group in range(2, len(starts)):
        starts[group] += starts[group - 1]
    entries = np.empty(kept + number, ENTRY)
    for each in range(len(old)):
        if old[each].bucket >= oldest:
            group = (old[each].key & mask) + np.uint64(1)
            entries[starts[group]] = old[each]
            entries[starts[group]].fresh = 0
            starts[group] += 1
    for each in range(number):
        group = (new[each].key & mask) + np.uint64(1)
        entries[starts[group]] = new[each]
        starts[group] += 1
    return entries, starts, mask


@compiled
def search(legs: Records, old: Records, tracks: int, oldest: int, rules: Records) -> Any:
    """Pairs of tracks (by place) that a new leg brings into one cell, and all entries from that bucket on.

    ``legs`` are the new ones, those of a track together. Returns entries, where the partners of each place begin, and
    the partners, each of a higher place; a pair may be named twice.
    """
    rule = rules[0]
    new, number = enter_cells(legs, rule)
    entries, starts, mask = side_by_side(old, oldest, new, number)
    stamps = np.full(tracks, -1, np.int32)
    lower, higher, found = np.empty(256, np.int32), np.empty(256, np.int32), 0
    for each in range(number):
        entry = new[each]
        key, slot, lat, lon, long_m = entry.key, entry.slot, entry.lat, entry.lon, entry.long_m
        cosine = math.cos(math.radians(lat))
        stamps[slot] = slot
        group = key & mask
        begin, end = starts[group], starts[group + np.uint64(1)]
        while found + end - begin > len(lower):
            lower, higher = doubled(lower), doubled(higher)
        for at in range(begin, end):
            other = entries[at]
            # Of two new ones the lower looks for the higher.
            if other.key != key or stamps[other.slot] == slot or (other.fresh and other.slot < slot):
                continue
            if far_beyond(lat, lon, long_m, cosine, other, rule.enter_m):
                continue
            stamps[other.slot] = slot
            lower[found], higher[found] = min(slot, other.slot), max(slot, other.slot)
            found += 1
    first = np.zeros(tracks + 2, np.int32)
    for each in range(found):
        first[lower[each] + 2] += 1
    for slot in range(2, len(first)):
        first[slot] += first[slot - 1]
    partners = np.empty(found, np.int32)
    for each in range(found):
        partners[first[lower[each] + 1]] = higher[each]
        first[lower[each] + 1] += 1
    return entries, first, partners


def warm() -> None:
    """Compile (or load) the kernel of this file."""
    from shipwatch.engine.records import rule_record  # noqa: PLC0415
    from shipwatch.engine.rules import EngineRules  # noqa: PLC0415

    search(np.empty(0, LEG), np.empty(0, ENTRY), 0, 0, rule_record(EngineRules()))
