"""One pair of tracks walked through its overlaps in order of time, for compiled kernels.

Contact begins within ``enter_m`` and lasts until the distance passes ``leave_m`` (left). Where a leg is silent, contact
is lost; the meeting goes on only if every fix meanwhile lies where the silent partner could have drifted, and it is
found again within ``hole_s``. The hole is kept as dark; it never counts as time together.
"""

from __future__ import annotations

import math
from typing import Any

from decoders.kernel_cache import inlined
from shipwatch.engine.leg_runs import SILENT
from shipwatch.engine.meeting_store import KEPT, add_sample, append_piece, confirm, drop_pieces, keep_samples, thin
from shipwatch.engine.motion import US
from shipwatch.engine.pair_geometry import (
    closest,
    could_have_stayed,
    heading_at,
    place,
    relative,
    speed_at,
    within,
)
from shipwatch.engine.plain_motion import wrap
from shipwatch.engine.records import NEVER_US, Records

DARK = 2
"""Kind of an overlap in which at least one leg is silent."""
TOUCH_US = 1
"""Contact within a microsecond of an overlap's start is contact from its start (rounding of the quadratic's root)."""
SAMPLE_US = 60 * US
"""Distance between samples of a meeting, counted from its own first contact (never from clock marks)."""

GOES_ON, LEFT, SILENCE = 0, 1, 2


@inlined
def deadline(meeting: Any, rule: Any) -> int:
    """When contact that was lost is over for good; an overlap may be known only when a long leg closes."""
    if meeting.parked:
        return meeting.end_us + int(rule.rejoin_us + rule.reach_us)
    lost_us = meeting.cover_us if meeting.lost_us == NEVER_US else meeting.lost_us
    return lost_us + int(max(rule.hole_us, rule.reach_us))


@inlined
def begin(meeting: Any, a: Any, b: Any, from_us: int) -> None:
    """A meeting of the tracks of these legs, from that instant on."""
    meeting.held = 1
    meeting.key_a = a.track
    meeting.key_b = b.track
    meeting.slot_a = a.slot
    meeting.slot_b = b.slot
    meeting.mmsi_a = a.mmsi
    meeting.mmsi_b = b.mmsi
    meeting.start_us = from_us
    meeting.end_us = from_us
    meeting.cover_us = from_us
    meeting.lost_us = NEVER_US
    meeting.first_sighting_us = NEVER_US
    meeting.last_sighting_us = 0
    meeting.sightings = 0
    meeting.next_sample_us = from_us
    meeting.sample_step_us = SAMPLE_US
    meeting.next_told_us = 0
    meeting.least_m = math.inf
    meeting.pieces = 0
    meeting.first_piece = -1
    meeting.last_piece = -1
    meeting.first_tail = -1
    meeting.last_tail = -1
    meeting.first_block = -1
    meeting.last_block = -1
    meeting.samples = 0
    meeting.confirmed = 0
    meeting.formed = 0
    meeting.told_observed = 0
    meeting.parked = 0
    meeting.reached = 0
    for number in range(3):
        meeting.seconds_us[number] = 0
    for number in range(4):
        meeting.run_from_us[number] = NEVER_US
        meeting.run_to_us[number] = NEVER_US


@inlined
def park(meeting: Any, pieces: Records, blocks: Any, pool: Any) -> None:
    """They parted, and may be found together again within ``rejoin_s``: what followed the last contact is dropped."""
    meeting.parked = 1
    meeting.lost_us = NEVER_US
    drop_pieces(pieces, pool, meeting.first_tail)
    meeting.first_tail = -1
    meeting.last_tail = -1
    if meeting.first_block != -1:
        keep_samples(meeting, meeting.confirmed, blocks, pool)


@inlined
def sight(meeting: Any, at_us: int) -> None:
    """A fix of one ship within the enter distance of where the other is known to be."""
    if meeting.first_sighting_us == NEVER_US:
        meeting.first_sighting_us = at_us
    if meeting.sightings == 0 or at_us > meeting.last_sighting_us:
        meeting.sightings += 1
        meeting.last_sighting_us = at_us


@inlined
def run_nearer(meeting: Any, x0: float, y0: float, x1: float, y1: float, t0_us: int, t1_us: int, rule: Any) -> None:
    """Follow the time in one go within each nearer distance of the rules."""
    long_us = t1_us - t0_us
    for number in range(int(rule.forms)):
        limit = rule.form_m[number]
        if limit >= rule.enter_m:
            continue
        in_e, out_e = within(x0, y0, x1, y1, limit)
        in_l, out_l = within(x0, y0, x1, y1, limit * rule.leave_m / rule.enter_m)
        if in_l > out_l or in_l * long_us > TOUCH_US:
            meeting.run_from_us[number] = NEVER_US
        if in_e <= out_e:
            if meeting.run_from_us[number] == NEVER_US:
                meeting.run_from_us[number] = t0_us + round(in_e * long_us)
            meeting.run_to_us[number] = t1_us if out_e >= 1.0 else t0_us + round(out_e * long_us)
            if meeting.run_to_us[number] - meeting.run_from_us[number] >= rule.form_us[number]:
                meeting.reached = 1
        if out_l < 1.0:
            meeting.run_from_us[number] = NEVER_US


@inlined
def add_contact(
    meeting: Any, a: Any, b: Any, x0: float, y0: float, x1: float, y1: float, t0_us: int, t1_us: int, from_us: int,
    upto_us: int, kind: int, pieces: Records, samples: Records, blocks: Any, pool: Any, rule: Any,
) -> None:  # fmt: skip
    """Contact over (part of) an overlap: it counts once they are within the enter distance again."""
    first, last, _ = append_piece(pieces, pool, meeting.first_tail, meeting.last_tail, from_us, upto_us, kind)
    meeting.first_tail = first
    meeting.last_tail = last
    near2 = rule.enter_m * rule.enter_m
    if from_us == t0_us and x0 * x0 + y0 * y0 <= near2:
        sight(meeting, t0_us)
    if upto_us == t1_us and x1 * x1 + y1 * y1 <= near2:
        sight(meeting, t1_us)
    meeting.next_sample_us = max(meeting.next_sample_us, from_us)
    while meeting.next_sample_us < upto_us:
        at_us = meeting.next_sample_us
        share = (at_us - t0_us) / (t1_us - t0_us)
        lat_a, lon_a = place(a, at_us)
        lat_b, lon_b = place(b, at_us)
        lat, lon = (lat_a + lat_b) / 2, lon_a + wrap(lon_b - lon_a) / 2
        if meeting.samples == 0:
            meeting.lat = lat
            meeting.lon = lon
        sample = samples[add_sample(meeting, samples, blocks, pool)]
        sample.t = (at_us - meeting.start_us) / US
        sample.x = x0 + share * (x1 - x0)
        sample.y = y0 + share * (y1 - y0)
        sample.heading_a = heading_at(a, at_us)
        sample.heading_b = heading_at(b, at_us)
        sample.sog_a = speed_at(a, at_us)
        sample.sog_b = speed_at(b, at_us)
        sample.lat = lat - meeting.lat
        sample.lon = wrap(lon - meeting.lon)
        if meeting.samples > 2 * KEPT:
            thin(meeting, samples, blocks, pool)
        meeting.next_sample_us = at_us + meeting.sample_step_us


@inlined
def ends_before(
    meeting: Any, a: Any, b: Any, kind: int, t0_us: int, in_l: float, out_l: float, long_us: int, rule: Any
) -> int:
    """Whether the meeting is over where this overlap begins, and why."""
    if t0_us > meeting.cover_us:
        return LEFT  # one of them sped up or went out of scope: its legs are not meeting legs
    if kind == DARK:
        return GOES_ON if could_have_stayed(a, b, t0_us, t0_us + long_us, SILENT, rule) else LEFT
    if in_l > out_l or in_l * long_us > TOUCH_US:
        return LEFT
    if meeting.lost_us != NEVER_US and t0_us - meeting.lost_us > rule.hole_us:
        return SILENCE
    return GOES_ON


@inlined
def go_on(
    meeting: Any, a: Any, b: Any, kind: int, t0_us: int, t1_us: int, x0: float, y0: float, x1: float, y1: float,
    in_e: float, out_e: float, out_l: float, from_us: int, pieces: Records, samples: Records, blocks: Any, pool: Any,
    rule: Any,
) -> int:  # fmt: skip
    """Take an overlap into the meeting, from ``from_us`` on; whether they part in it."""
    if kind == DARK:
        if meeting.lost_us == NEVER_US:
            meeting.lost_us = t0_us
        meeting.cover_us = t1_us
        for number in range(4):
            meeting.run_from_us[number] = NEVER_US
        return GOES_ON
    if meeting.lost_us != NEVER_US:
        first, last, _ = append_piece(pieces, pool, meeting.first_tail, meeting.last_tail, meeting.lost_us, t0_us, DARK)
        meeting.first_tail = first
        meeting.last_tail = last
        meeting.lost_us = NEVER_US
    long_us = t1_us - t0_us
    upto_us = t1_us if out_l >= 1.0 else t0_us + round(out_l * long_us)
    add_contact(
        meeting, a, b, x0, y0, x1, y1, t0_us, t1_us, from_us, upto_us, kind, pieces, samples, blocks, pool, rule
    )
    if in_e <= out_e:
        meeting.least_m = min(meeting.least_m, closest(x0, y0, x1, y1))
        until_us = t1_us if out_e >= 1.0 else max(from_us, t0_us + round(out_e * long_us))
        confirm(meeting, until_us, pieces, samples, blocks, pool)
        if meeting.confirmed > KEPT:
            thin(meeting, samples, blocks, pool)
    if rule.forms > 1 or rule.form_m[0] < rule.enter_m:
        run_nearer(meeting, x0, y0, x1, y1, t0_us, t1_us, rule)
    meeting.cover_us = t1_us
    return LEFT if upto_us < t1_us else GOES_ON


@inlined
def crossings(a: Any, b: Any, t0_us: int, t1_us: int, rule: Any) -> Any:
    """x0, y0, x1, y1 of b seen from a, and the shares within the enter and the leave distance."""
    x0, y0, x1, y1 = relative(a, b, t0_us, t1_us)
    in_e, out_e = within(x0, y0, x1, y1, rule.enter_m)
    in_l, out_l = within(x0, y0, x1, y1, rule.leave_m)
    return x0, y0, x1, y1, in_e, out_e, in_l, out_l
