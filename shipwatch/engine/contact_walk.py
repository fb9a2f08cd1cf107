"""The walk over pairs of tracks that came near each other: each through its overlaps in order of time.

All that a step brings of one pair is walked at a time, so that the record of its meeting, its samples and both its
tracks' legs are asked of memory once a step and not once a leg. The work a leg costs is bounded by its neighbours, not
by the ships of an anchorage. Overlaps are solved in closed form.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import always_inlined, compiled, inlined
from shipwatch.engine.contact_cells import POLAR_FROM_DEG
from shipwatch.engine.fetching import fetch
from shipwatch.engine.hull_candidates import doubled
from shipwatch.engine.leg_runs import SILENT
from shipwatch.engine.meeting_figures import MOST_SAMPLES, forms
from shipwatch.engine.meeting_store import KEPT, drop_meeting, take_meeting
from shipwatch.engine.meeting_told import is_due, tell
from shipwatch.engine.motion import M_PER_DEG
from shipwatch.engine.pair_walk import DARK, LEFT, SILENCE, begin, crossings, deadline, ends_before, go_on, park
from shipwatch.engine.plain_motion import next_minute, wrap
from shipwatch.engine.records import BLOCK, FIGURES, LEG, MEETING, NEVER_US, PIECE, SAMPLE, SIZE, TOLD, Records


@inlined
def is_far(one: Any, other: Any, enter_m: float) -> bool:
    """Whether two legs certainly stay apart: their starts are further off than both sail; never near a pole."""
    if abs(one.lat0_deg) > POLAR_FROM_DEG or abs(other.lat0_deg) > POLAR_FROM_DEG:
        return False
    # The cosine is that of one end of the legs: a twentieth is more than it can be off for legs so near.
    far_m = 1.05 * (enter_m + one.length_m + other.length_m) + 20.0
    y = (other.lat0_deg - one.lat0_deg) * M_PER_DEG
    if abs(y) > far_m:
        return True
    x = wrap(other.lon0_deg - one.lon0_deg) * math.cos(math.radians(one.lat0_deg)) * M_PER_DEG
    return x * x + y * y > far_m * far_m


@inlined
def has_room(
    number: int, overlaps: int, count: Any, pool: Any, told: Records, told_pieces: Records, meets: Records,
    pieces: Records, blocks: Any,
) -> bool:  # fmt: skip
    """Whether a meeting of that many pieces can go through that many overlaps more, however it goes."""
    tells = 2 * overlaps + 2
    return (
        count[0] + tells <= len(told)
        and count[1] + tells * (number + 8 * overlaps) <= len(told_pieces)
        and pool[0] + overlaps <= len(meets)
        and pool[2] + 8 * overlaps <= len(pieces)
        and pool[4] + 2 * (2 * KEPT // BLOCK + 2) * overlaps <= len(blocks)
    )


@always_inlined
def take_overlap(
    number: int, a: Any, b: Any, known_us: int, mark: int, first_meeting: Any, meets: Records,
    pieces: Records, samples: Records, blocks: Any, pool: Any, told: Records, told_meets: Records, figures: Records,
    told_pieces: Records, count: Any, sizes: Records, said_us: Any, row: Records, values: Any, ships: Any, sights: Any,
    rule: Any,
) -> tuple[int, bool]:  # fmt: skip
    """Take an overlap of two legs into the meeting of that number (-1: none yet): its number then, and any news.

    ``known_us``: when the later one became known, in the minute that ends at ``mark``.
    """
    if number == -1 and (SILENT in (a.kind, b.kind) or is_far(a, b, rule.enter_m)):
        return number, False
    t0_us, t1_us, kind = max(a.t0_us, b.t0_us), min(a.t1_us, b.t1_us), max(a.kind, b.kind)
    x0, y0, x1, y1, in_e, out_e, in_l, out_l = crossings(a, b, t0_us, t1_us, rule)
    if number == -1 and in_e > out_e:
        return number, False
    from_us = t0_us
    touch_us = t0_us + round(in_e * (t1_us - t0_us)) if in_e <= out_e else NEVER_US
    reason, at_us, expired, news = 0, mark, False, False
    if number != -1:
        meeting = meets[number]
        if known_us - 1 >= deadline(meeting, rule):
            reason, expired = LEFT if meeting.parked else SILENCE, True
            at_us = next_minute(deadline(meeting, rule))
        elif not meeting.parked:
            reason = ends_before(meeting, a, b, kind, t0_us, in_l, out_l, t1_us - t0_us, rule)
        elif kind == DARK or touch_us == NEVER_US:
            return number, False
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
                if meeting.formed or forms(meeting, samples, blocks, row, values, rule):
                    tell(told, told_meets, figures, told_pieces, count, meeting, pieces, samples, blocks, at_us, reason,
                         sizes, said_us, row, values, ships, sights, rule)  # fmt: skip
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
        reason = go_on(meets[number], a, b, kind, t0_us, t1_us, x0, y0, x1, y1, in_e, out_e, out_l, from_us, pieces,
                       samples, blocks, pool, rule)  # fmt: skip
        if reason == 0:
            break
    return number, news


@compiled
def walk_contacts(
    legs: Records, turns: Any, first_new: Any, last_leg: Any, first_meeting: Any, first_partner: Any, others_of: Any,
    meets: Records, pieces: Records, samples: Records, blocks: Any, pool: Any, sizes: Records, said_us: Any,
    upto_us: int, final: bool, rules: Records,
) -> Any:  # fmt: skip
    """Walk new legs, pair by pair; meetings and all that belongs to them are changed, and returned as they grew.

    New legs stand at the end of ``legs``, those of the track at place i from ``first_new[i]`` to ``first_new[i + 1]``;
    ``turns`` says of each when it became known, ``last_leg`` is each track's last leg before them. ``others_of`` from
    ``first_partner[i]`` on: tracks of higher places that came near. ``pool`` counts meetings, pieces and blocks with
    their free lists. Returns meetings, pieces, samples, blocks, and revisions to tell with copies of their meetings,
    their figures and pieces, and how many of each. ``final``: meetings that go on are told, too.
    """
    rule = rules[0]
    told, told_meets, told_pieces = np.empty(64, TOLD), np.empty(64, MEETING), np.empty(1024, PIECE)
    figures, count = np.empty(64, FIGURES), np.zeros(2, np.int64)
    row, values, ships = np.empty(MOST_SAMPLES, SAMPLE), np.empty(MOST_SAMPLES), np.empty(8)
    sights = np.empty((7, MOST_SAMPLES))
    tracks, old = len(last_leg), len(legs) - len(turns)
    stamps, others = np.full(tracks, -1, np.int32), np.empty(len(legs) + 1, np.int32)
    partners, looked = np.empty(tracks + 1, np.int32), np.empty(tracks + 1, np.int32)
    slot, pair, n_partners, number, wanted = 0, 0, -1, -1, 0
    one, two, mark, touched, is_begun = 0, 0, NEVER_US, False, False
    while slot < tracks:
        # Room for many overlaps at a time, out here, whence the walk goes on where it was: where arrays change within a
        # loop, numba counts their owners at each turn of it, with atomic operations that took a third of the time.
        held = 0 if number == -1 else meets[number].pieces
        while wanted and not has_room(held, wanted, count, pool, told, told_pieces, meets, pieces, blocks):
            tells = 2 * wanted + 2
            if count[0] + tells > len(told):
                told, told_meets, figures = doubled(told), doubled(told_meets), doubled(figures)
            if count[1] + tells * (held + 8 * wanted) > len(told_pieces):
                told_pieces = doubled(told_pieces)
            if pool[0] + wanted > len(meets):
                meets = doubled(meets)
            if pool[2] + 8 * wanted > len(pieces):
                pieces = doubled(pieces)
            if pool[4] + 2 * (2 * KEPT // BLOCK + 2) * wanted > len(blocks):
                blocks, samples = doubled(blocks), doubled(samples)
        wanted = 0
        while slot < tracks and not wanted:
            if n_partners == -1:  # first those whom the track is meeting, then who else came near
                pair, n_partners = 0, 0
                each = first_meeting[slot]
                while each != -1:
                    is_a = meets[each].slot_a == slot
                    partner = meets[each].slot_b if is_a else meets[each].slot_a
                    is_new = first_new[slot] < first_new[slot + 1] or first_new[partner] < first_new[partner + 1]
                    if partner > slot and is_new:
                        stamps[partner] = slot
                        partners[n_partners], looked[n_partners] = partner, each
                        n_partners += 1
                        fetch(legs, first_new[partner])
                        fetch(legs, last_leg[partner])
                    each = meets[each].next_a if is_a else meets[each].next_b
                for each in range(first_partner[slot], first_partner[slot + 1]):
                    partner = others_of[each]
                    if stamps[partner] != slot:
                        stamps[partner] = slot
                        partners[n_partners], looked[n_partners] = partner, -1
                        n_partners += 1
                for each in range(n_partners):
                    if looked[each] != -1:
                        # Each lies anywhere in memory: asked for together, they come together.
                        meeting = meets[looked[each]]
                        fetch(samples, meeting.last_block * BLOCK + meeting.samples % BLOCK)
                        fetch(pieces, meeting.last_piece)

            # The legs of both in the order in which they became known, each against those of the other before it.
            while pair < n_partners and not wanted:
                partner = partners[pair]
                if not is_begun:
                    number, one, two = looked[pair], first_new[slot], first_new[partner]
                    mark, touched, is_begun = NEVER_US, False, True
                ones_end, twos_end = first_new[slot + 1], first_new[partner + 1]
                here, is_one, minute_us, n_others = -1, False, NEVER_US, 0
                if one < ones_end or two < twos_end:
                    is_one = two == twos_end or (one < ones_end and turns[one - old] < turns[two - old])
                    if is_one:
                        here, at = one, two - 1 if two > first_new[partner] else last_leg[partner]
                    else:
                        here, at = two, one - 1 if one > first_new[slot] else last_leg[slot]
                    leg = legs[here]
                    minute_us = next_minute(leg.known_us)
                    if number == -1 and (leg.kind == SILENT or (at != -1 and legs[at].mmsi == leg.mmsi)):
                        at = -1
                    while at != -1 and legs[at].t1_us > leg.t0_us:
                        if legs[at].t0_us < leg.t1_us:
                            others[n_others] = at
                            n_others += 1
                        at = legs[at].before
                    held = 0 if number == -1 else meets[number].pieces
                    if not has_room(held, n_others, count, pool, told, told_pieces, meets, pieces, blocks):
                        wanted = n_others + 64
                        continue
                if minute_us != mark:  # at the end of each minute, what it changed
                    if touched and number != -1:
                        meeting = meets[number]
                        if is_due(meeting, mark, samples, blocks, row, values, rule):
                            tell(told, told_meets, figures, told_pieces, count, meeting, pieces, samples, blocks, mark,
                                 0, sizes, said_us, row, values, ships, sights, rule)  # fmt: skip
                    mark, touched = minute_us, False
                if here == -1:
                    pair, is_begun, number = pair + 1, False, -1
                    continue
                one, two = one + is_one, two + (not is_one)
                leg = legs[here]
                for back in range(n_others - 1, -1, -1):
                    other = legs[others[back]]
                    is_a = leg.track < other.track
                    a, b = legs[here if is_a else others[back]], legs[others[back] if is_a else here]
                    number, news = take_overlap(
                        number, a, b, leg.known_us, mark, first_meeting, meets, pieces, samples, blocks, pool, told,
                        told_meets, figures, told_pieces, count, sizes, said_us, row, values, ships, sights, rule,
                    )  # fmt: skip
                    touched = touched or news
            if not wanted:
                slot, n_partners = slot + 1, -1

    # What lasts too long, or is to be told anyway.
    tells, told_more = 0, 0
    for number in range(pool[0]):
        if meets[number].held and (final or upto_us >= deadline(meets[number], rule)):
            tells += 1
            told_more += meets[number].pieces
    while count[0] + tells > len(told):
        told, told_meets, figures = doubled(told), doubled(told_meets), doubled(figures)
    while count[1] + told_more > len(told_pieces):
        told_pieces = doubled(told_pieces)
    for number in range(pool[0]):
        meeting = meets[number]
        if not meeting.held:
            continue
        ends = upto_us >= deadline(meeting, rule)
        reason, at_us, is_told = 0, upto_us, final and meeting.formed
        if ends:
            reason = LEFT if meeting.parked else SILENCE
            at_us = next_minute(deadline(meeting, rule))
            is_told = meeting.formed or forms(meeting, samples, blocks, row, values, rule)
        if is_told:
            tell(told, told_meets, figures, told_pieces, count, meeting, pieces, samples, blocks, at_us, reason, sizes,
                 said_us, row, values, ships, sights, rule)  # fmt: skip
        if ends:
            drop_meeting(meets, number, pieces, blocks, pool, first_meeting)
    return meets, pieces, samples, blocks, told, told_meets, figures, told_pieces, count


def warm() -> None:
    """Compile (or load) the kernel of this file."""
    from shipwatch.engine.records import rule_record  # noqa: PLC0415
    from shipwatch.engine.rules import EngineRules  # noqa: PLC0415

    none, first = np.empty(0, np.int32), np.zeros(1, np.int32)
    walk_contacts(
        np.empty(0, LEG), none, first, none, none.copy(), first, none, np.empty(64, MEETING), np.empty(64, PIECE),
        np.empty(64 * BLOCK, SAMPLE), np.empty(64, np.int32), np.array([0, -1, 0, -1, 0, -1]), np.empty(0, SIZE),
        np.empty(0, np.int64), 0, False, rule_record(EngineRules()),
    )  # fmt: skip
