"""The walk over legs in the order in which they became known: who comes near whom, and what becomes of each pair.

Each leg first goes on with the meetings that its track is in, then asks the cells that it touches for others near it;
overlaps are solved in closed form. The work a leg costs is bounded by its neighbours, not by the ships of an anchorage.
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
    empty_cells,
    find_cell,
    fresh_cells,
    rows_of,
    span_of,
)
from shipwatch.engine.fetching import fetch
from shipwatch.engine.hull_candidates import doubled
from shipwatch.engine.leg_runs import SILENT
from shipwatch.engine.meeting_figures import MOST_SAMPLES, forms
from shipwatch.engine.meeting_store import KEPT, copy_samples, drop_meeting, take_meeting
from shipwatch.engine.motion import M_PER_DEG
from shipwatch.engine.pair_geometry import place, polar
from shipwatch.engine.pair_walk import (
    DARK,
    LEFT,
    SILENCE,
    begin,
    crossings,
    deadline,
    ends_before,
    go_on,
    park,
)
from shipwatch.engine.plain_motion import next_minute, wrap
from shipwatch.engine.records import BLOCK, ENTRY, LEG, MEETING, NEVER_US, PIECE, SAMPLE, TOLD, Records


@inlined
def tell(
    told: Records, told_meets: Records, told_pieces: Records, told_samples: Records, count: Any, meeting: Any,
    pieces: Records, samples: Records, blocks: Any, published_us: int, ended_by: int,
) -> None:  # fmt: skip
    """Keep a copy of the meeting as it stands, with its pieces and samples, to be told."""
    row = told[count[0]]
    told_meets[count[0]] = meeting
    row.meeting = count[0]
    row.published_us = published_us
    row.ended_by = ended_by
    row.piece = count[1]
    row.sample = count[2]
    row.samples = meeting.confirmed
    copy_samples(meeting, samples, blocks, told_samples, count[2])
    count[2] += meeting.confirmed
    each = meeting.first_piece
    while each != -1:
        told_pieces[count[1]] = pieces[each]
        count[1] += 1
        each = pieces[each].next
    row.pieces = count[1] - row.piece
    count[0] += 1


@inlined
def is_due(
    meeting: Any, mark: int, samples: Records, blocks: Any, row: Records, values: Any, rule: Any
) -> bool:  # fmt: skip
    """Whether the meeting is to be told (again) in this minute: once it has formed, and after as much again."""
    if meeting.confirmed == 0 or meeting.parked:
        return False
    enough = meeting.seconds_us[0] >= rule.least_us
    if not meeting.formed:
        if not forms(meeting, samples, blocks, row, values, rule):
            return False
        meeting.formed = 1
    elif mark < meeting.next_told_us and (meeting.told_observed or not enough):
        return False
    meeting.told_observed = meeting.told_observed or enough
    meeting.next_told_us = mark + max(int(rule.report_every_us), meeting.end_us - meeting.start_us)
    return True


@inlined
def is_far(one: Any, other: Any, enter_m: float, cosine: float) -> bool:
    """Whether two legs certainly stay apart: their starts are further off than both sail; never near a pole."""
    if abs(one.lat0_deg) > POLAR_FROM_DEG or abs(other.lat0_deg) > POLAR_FROM_DEG:
        return False
    x = wrap(other.lon0_deg - one.lon0_deg) * cosine * M_PER_DEG
    y = (other.lat0_deg - one.lat0_deg) * M_PER_DEG
    # The cosine is that of one end of the legs: a twentieth is more than it can be off for legs so near.
    return x * x + y * y > (1.05 * (enter_m + one.length_m + other.length_m) + 20.0) ** 2


@compiled
def walk_contacts(
    added: Records, legs: Records, last_leg: Any, first_meeting: Any, cells: Records, entries: Records, meets: Records,
    pieces: Records, samples: Records, blocks: Any, pool: Any, upto_us: int, final: bool, rules: Records,
) -> Any:  # fmt: skip
    """Walk new legs (in the order of ``known_us``); all records are changed, and returned as they grew.

    ``pool`` counts meetings, pieces and blocks with their free lists (0-5), legs (6), entries (7), cells (8). Returns
    legs, cells, entries, meetings, pieces, samples, blocks, and revisions to tell with copies of their meetings, pieces
    and samples, and how many of each. ``final``: meetings that go on are told, too.
    """
    rule = rules[0]
    told, told_meets, told_pieces = np.empty(64, TOLD), np.empty(64, MEETING), np.empty(256, PIECE)
    told_samples, count = np.empty(4 * MOST_SAMPLES, SAMPLE), np.zeros(3, np.int64)
    values, spare = np.empty(MOST_SAMPLES), np.empty(MOST_SAMPLES, SAMPLE)
    stamps = np.full(len(last_leg), -1, np.int32)
    partners, looked = np.empty(len(last_leg) + 1, np.int32), np.empty(len(last_leg) + 1, np.int32)
    others, touched, touches = np.empty(256, np.int32), np.empty(256, np.int32), 0
    listed = np.zeros(2, np.int64)
    cell_m = max(LEAST_CELL_M, 2.0 * rule.enter_m)
    cell_deg = cell_m / M_PER_DEG
    mark = NEVER_US
    for new in range(len(added) + 1):
        # At the end of each minute, what it changed; at the end of all, what lasts too long or is to be told anyway.
        over = new == len(added)
        if over or next_minute(added[new].known_us) != mark:
            for each in range(touches + (pool[0] if over else 0)):
                number = touched[each] if each < touches else each - touches
                meeting = meets[number]
                if not meeting.held:
                    continue
                if count[0] + 4 > len(told):
                    told = doubled(told)
                    told_meets = doubled(told_meets)
                while count[1] + meeting.pieces + 8 > len(told_pieces):
                    told_pieces = doubled(told_pieces)
                if count[2] + 2 * MOST_SAMPLES > len(told_samples):
                    told_samples = doubled(told_samples)
                reason, at_us, tells = 0, mark, False
                if each < touches:
                    if meeting.touched_us == mark:
                        meeting.touched_us = NEVER_US
                        tells = is_due(meeting, mark, samples, blocks, spare, values, rule)
                elif upto_us >= deadline(meeting, rule):
                    reason = LEFT if meeting.parked else SILENCE
                    at_us = next_minute(deadline(meeting, rule))
                    tells = meeting.formed or forms(meeting, samples, blocks, spare, values, rule)
                elif final:
                    at_us = upto_us
                    tells = meeting.formed
                if tells:
                    tell(told, told_meets, told_pieces, told_samples, count, meeting, pieces, samples, blocks, at_us,
                         reason)  # fmt: skip
                if reason:
                    drop_meeting(meets, number, pieces, blocks, pool, first_meeting)
            touches = 0
            if over:
                break
            mark = next_minute(added[new].known_us)
        here = pool[6]
        pool[6] += 1
        legs[here] = added[new]
        leg = legs[here]
        slot = leg.slot
        leg.before = last_leg[slot]
        last_leg[slot] = here
        known_us = leg.known_us
        cosine = math.cos(math.radians(leg.lat0_deg))
        stamps[slot] = new

        # First the meetings that the track is in, then whoever else is near.
        n_partners = 0
        each = first_meeting[slot]
        while each != -1:
            is_a = meets[each].slot_a == slot
            partners[n_partners] = meets[each].slot_b if is_a else meets[each].slot_a
            looked[n_partners] = each
            stamps[partners[n_partners]] = new
            fetch(meets, each)
            fetch(legs, last_leg[partners[n_partners]])
            n_partners += 1
            each = meets[each].next_a if is_a else meets[each].next_b
        if leg.kind != SILENT:
            steepest = max(abs(leg.lat0_deg), abs(leg.lat1_deg))
            half_m = rule.enter_m * (0.51 if steepest < 80.0 else 0.6) + 2.0
            for bucket in range(leg.t0_us // BUCKET_US, (leg.t1_us - 1) // BUCKET_US + 1):
                lat0, lon0 = place(leg, max(leg.t0_us, bucket * BUCKET_US))
                lat1, lon1 = place(leg, min(leg.t1_us, (bucket + 1) * BUCKET_US))
                x1, y1 = wrap(lon1 - lon0) * cosine * M_PER_DEG, (lat1 - lat0) * M_PER_DEG
                long_m = math.sqrt(x1 * x1 + y1 * y1)
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
                        for column in range(low, high + 1):
                            if plane == 0:
                                key = cell_key(bucket, row, column % columns)
                            else:
                                key = cell_key(bucket, row + (1 << 24), column + (1 << 25 if lat0 > 0 else 1 << 26))
                            if 2 * (pool[8] + 1) > len(cells) or pool[7] + 1 > len(entries):
                                listed[0] = pool[7]
                                oldest = (known_us - int(rule.reach_us)) // BUCKET_US - 1
                                cells, entries = fresh_cells(cells, entries, listed, oldest)
                                pool[7] = listed[0]
                                pool[8] = listed[1]
                            at = find_cell(cells, key, bucket)
                            if at < 0:
                                at = -at - 1
                                pool[8] += 1
                            each = cells[at].first
                            while each != -1:
                                entry = entries[each]
                                other_slot = entry.slot
                                # Far apart all the while, as in is_far: most ships of a cell are no partners.
                                x = wrap(entry.lon - lon0) * cosine * M_PER_DEG
                                y = (entry.lat - lat0) * M_PER_DEG
                                far_m = 1.05 * (rule.enter_m + long_m + entry.long_m) + 20.0
                                if x * x + y * y > far_m * far_m and steepest <= POLAR_FROM_DEG:
                                    each = entry.next
                                    continue
                                if stamps[other_slot] != new:
                                    stamps[other_slot] = new
                                    partners[n_partners] = other_slot
                                    looked[n_partners] = -1
                                    n_partners += 1
                                each = entry.next
                            each = pool[7]
                            pool[7] += 1
                            entries[each].slot = slot
                            entries[each].lat = lat0
                            entries[each].lon = lon0
                            entries[each].long_m = long_m
                            entries[each].next = cells[at].first
                            cells[at].first = each

        # Room for all that the overlaps can bring, once a leg: where arrays change within the inner loop, numba counts
        # their owners at each turn of it, with atomic operations that took a third of the time.
        overlaps, told_more = 0, 0
        for each in range(n_partners):
            at = last_leg[partners[each]]
            while at != -1 and legs[at].t1_us > leg.t0_us:
                overlaps += 1
                at = legs[at].before
            if looked[each] != -1:
                meeting = meets[looked[each]]
                told_more += meeting.pieces
                # Each lies anywhere in memory: asked for together, they come together.
                fetch(samples, meeting.last_block * BLOCK + meeting.samples % BLOCK)
                fetch(pieces, meeting.last_piece)
        while overlaps > len(others):
            others = doubled(others)
        while touches + n_partners > len(touched):
            touched = doubled(touched)
        while count[0] + 2 * overlaps > len(told):
            told = doubled(told)
            told_meets = doubled(told_meets)
        while count[1] + told_more + 16 * overlaps > len(told_pieces):
            told_pieces = doubled(told_pieces)
        while count[2] + 2 * MOST_SAMPLES * overlaps > len(told_samples):
            told_samples = doubled(told_samples)
        while pool[0] + overlaps > len(meets):
            meets = doubled(meets)
        while pool[2] + 8 * overlaps > len(pieces):
            pieces = doubled(pieces)
        while pool[4] + 2 * (2 * KEPT // BLOCK + 2) * overlaps > len(blocks):
            blocks = doubled(blocks)
        while len(samples) < len(blocks) * BLOCK:
            samples = doubled(samples)

        for each in range(n_partners):
            number, other_slot = looked[each], partners[each]
            at = last_leg[other_slot]
            if at == -1 or (number == -1 and legs[at].mmsi == leg.mmsi):
                continue
            n_others, news = 0, False
            while at != -1 and legs[at].t1_us > leg.t0_us:
                if legs[at].t0_us < leg.t1_us:
                    others[n_others] = at
                    n_others += 1
                at = legs[at].before
            for back in range(n_others - 1, -1, -1):
                other = legs[others[back]]
                if number == -1 and (SILENT in (other.kind, leg.kind)):
                    continue
                if number == -1 and is_far(leg, other, rule.enter_m, cosine):
                    continue
                is_a = leg.track < other.track
                a, b = legs[here if is_a else others[back]], legs[others[back] if is_a else here]
                t0_us, t1_us, kind = max(a.t0_us, b.t0_us), min(a.t1_us, b.t1_us), max(a.kind, b.kind)
                x0, y0, x1, y1, in_e, out_e, in_l, out_l = crossings(a, b, t0_us, t1_us, rule)
                if number == -1 and in_e > out_e:
                    continue
                from_us = t0_us
                touch_us = t0_us + round(in_e * (t1_us - t0_us)) if in_e <= out_e else NEVER_US
                reason, at_us, expired = 0, mark, False
                if number != -1:
                    meeting = meets[number]
                    if known_us - 1 >= deadline(meeting, rule):
                        reason, expired = LEFT if meeting.parked else SILENCE, True
                        at_us = next_minute(deadline(meeting, rule))
                    elif not meeting.parked:
                        reason = ends_before(meeting, a, b, kind, t0_us, in_l, out_l, t1_us - t0_us, rule)
                    elif kind == DARK or touch_us == NEVER_US:
                        continue
                    elif touch_us - meeting.end_us <= rule.rejoin_us:
                        meeting.parked = 0
                        from_us = touch_us
                    else:
                        reason = LEFT
                for turn in range(2):  # what ends before this overlap, then what it brings and what ends within it
                    if reason:
                        meeting = meets[number]
                        if rule.rejoin_us > 0 and not meeting.parked and not expired:
                            park(meeting, pieces, blocks, pool)
                            again = turn == 0 and kind != DARK and touch_us > meeting.end_us
                            if not again or touch_us - meeting.end_us > rule.rejoin_us:
                                break
                            meeting.parked = 0
                            from_us = touch_us
                        else:
                            if meeting.formed or forms(meeting, samples, blocks, spare, values, rule):
                                tell(told, told_meets, told_pieces, told_samples, count, meeting, pieces, samples,
                                     blocks, at_us, reason)  # fmt: skip
                            drop_meeting(meets, number, pieces, blocks, pool, first_meeting)
                            number = -1
                        at_us, expired = mark, False
                        if turn == 1:
                            break
                    if number == -1:
                        if kind == DARK or touch_us == NEVER_US:
                            break
                        number = take_meeting(meets, pool)
                        from_us = touch_us
                        begin(meets[number], a, b, from_us)
                        meets[number].next_a = first_meeting[a.slot]
                        first_meeting[a.slot] = number
                        meets[number].next_b = first_meeting[b.slot]
                        first_meeting[b.slot] = number
                    news = True
                    reason = go_on(meets[number], a, b, kind, t0_us, t1_us, x0, y0, x1, y1, in_e, out_e, out_l,
                                   from_us, pieces, samples, blocks, pool, rule)  # fmt: skip
                    if reason == 0:
                        break
            if news and number != -1 and meets[number].touched_us != mark:
                meets[number].touched_us = mark
                touched[touches] = number
                touches += 1
    return legs, cells, entries, meets, pieces, samples, blocks, told, told_meets, told_pieces, told_samples, count


def warm() -> None:
    """Compile (or load) the kernel of this file."""
    from shipwatch.engine.records import rule_record  # noqa: PLC0415
    from shipwatch.engine.rules import EngineRules  # noqa: PLC0415

    none = np.empty(0, np.int32)
    walk_contacts(
        np.empty(0, LEG), np.empty(64, LEG), none, none.copy(), empty_cells(64), np.empty(64, ENTRY),
        np.empty(64, MEETING), np.empty(64, PIECE), np.empty(64 * BLOCK, SAMPLE), np.empty(64, np.int32),
        np.array([0, -1, 0, -1, 0, -1, 0, 0, 0]), 0, False, rule_record(EngineRules()),
    )  # fmt: skip
