"""What a meeting amounts to, for compiled kernels: whether it is one, and the figures that are told of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import compiled, inlined
from shipwatch.engine.hull_water import find_size, measure_hulls, off_parallel
from shipwatch.engine.meeting_store import copy_samples
from shipwatch.engine.motion import KN, US
from shipwatch.engine.plain_motion import wrap
from shipwatch.engine.records import FIGURES, MEETING, NEVER_US, SAMPLE, SIZE, TOLD, Records

APART_S = 600.0
"""Relative speed is taken over ten minutes: between fixes it is mostly noise of clocks and positions."""
MOST_SAMPLES = 256


@inlined
def median(values: Any, number: int) -> float:
    """The middle of the first ``number`` values, which are put in another order.

    Selection by parts below, at and above a pivot, without a branch for each value: what comes is mostly noise, which
    no processor foresees.
    """
    if number == 0:
        return math.nan
    middle, low, high = number // 2, 0, number
    while high - low > 1:
        one, two, pivot = values[low], values[high - 1], values[(low + high) // 2]
        pivot = max(min(one, two), min(max(one, two), pivot))
        below = low
        for each in range(low, high):
            value = values[each]
            values[each], values[below] = values[below], value
            below += value < pivot
        if middle < below:
            high = below
            continue
        same = below
        for each in range(below, high):
            value = values[each]
            values[each], values[same] = values[same], value
            same += value <= pivot
        if middle < same:
            break
        low = max(same, low + 1)
    upper = values[middle]
    if number % 2:
        return upper
    lower = values[0]
    for each in range(1, middle):
        lower = max(lower, values[each])
    return (lower + upper) / 2


@inlined
def length(x: float, y: float) -> Any:
    """Of a vector in single precision, as ``hypotf`` gives it."""
    return np.float32(math.sqrt(np.float64(x) * x + np.float64(y) * y))


@inlined
def relative_speeds(meeting: Any, samples: Records, first: int, number: int, values: Any) -> int:
    """Speeds of b relative to a over ten minutes (or the longest there is), in knots, into ``values``; how many."""
    span = min(max(1, round(APART_S * US / meeting.sample_step_us)), number - 1)
    if span < 1:
        return 0
    for each in range(number - span):
        one, other = samples[first + each], samples[first + each + span]
        values[each] = length(other.x - one.x, other.y - one.y) / max(other.t - one.t, 1.0) / KN
    return number - span


@inlined
def pair_speeds(samples: Records, first: int, number: int, values: Any) -> int:
    """Mean speeds of the two (or of the one that says) into ``values``; how many are known."""
    known = 0
    for each in range(first, first + number):
        a, b = samples[each].sog_a, samples[each].sog_b
        if math.isnan(a):
            a = b
        if math.isnan(b):
            b = a
        if not math.isnan(a):
            values[known] = (a + b) / 2
            known += 1
    return known


@inlined
def is_settled(values: Any, number: int, share: float, rule: Any) -> bool:
    """Whether relative speeds are low for that part of the time."""
    slow = 0
    for each in range(number):
        if values[each] <= rule.relative_kn:
            slow += 1
    return slow >= share * number


@inlined
def forms(meeting: Any, samples: Records, blocks: Any, row: Records, values: Any, rule: Any) -> bool:
    """Whether the meeting is long, near, settled and well enough seen to be told; ``row`` is room for its samples."""
    known_us = meeting.seconds_us[0] + meeting.seconds_us[1]
    if rule.span_counts:
        known_us = meeting.end_us - meeting.start_us
    if meeting.confirmed == 0 or known_us < rule.least_us or meeting.first_sighting_us == NEVER_US:
        return False
    if meeting.last_sighting_us - meeting.first_sighting_us < rule.sighting_span_us:
        return False
    near = meeting.reached != 0
    for number in range(int(rule.forms)):
        if rule.form_m[number] >= rule.enter_m and known_us >= rule.form_us[number]:
            near = True
    if not near:
        return False
    if rule.relative_share == 0.0 and rule.median_speed_max_kn >= 99.0:
        return True
    copy_samples(meeting, samples, blocks, row, 0)
    if rule.relative_share > 0.0:
        number = relative_speeds(meeting, row, 0, meeting.confirmed, values)
        if number and not is_settled(values, number, rule.relative_share, rule):
            return False
    if rule.median_speed_max_kn < 99.0:
        number = pair_speeds(row, 0, meeting.confirmed, values)
        return not median(values, number) > rule.median_speed_max_kn
    return True


@compiled
def figure_out(
    told: Records, meets: Records, samples: Records, sizes: Records, said_us: Any, rules: Records
) -> Records:
    """The figures of each revision, in their order."""
    rule = rules[0]
    found = np.empty(len(told), FIGURES)
    values, trig, size = np.empty(MOST_SAMPLES), np.empty(4, np.float32), np.empty(8, np.float32)
    turns = np.empty(MOST_SAMPLES, np.float32)
    for row in range(len(told)):
        meeting, first, number, out = meets[told[row].meeting], told[row].sample, told[row].samples, found[row]
        known = relative_speeds(meeting, samples, first, number, values)
        out.settled = 1 if known and is_settled(values, known, 0.5, rule) else 0
        out.relative_kn = median(values, known)
        known = pair_speeds(samples, first, number, values)
        out.speed_kn = median(values, known)
        for which in range(3):
            for each in range(number):
                sample = samples[first + each]
                if which == 0:
                    values[each] = length(sample.x, sample.y)
                elif which == 1:
                    values[each] = sample.lat
                else:
                    values[each] = sample.lon
            middle = median(values, number)
            if which == 0:
                out.median_m = middle
            elif which == 1:
                out.lat = meeting.lat + middle
            else:  # of differences, so that a meeting astride 180 degrees keeps its place
                out.lon = wrap(meeting.lon + middle)
        out.gap_m = math.nan
        out.angle_deg = math.nan
        out.beside = -1
        known = 0
        for each in range(first, first + number):
            turn = off_parallel(samples[each].heading_a, samples[each].heading_b)
            turns[each - first] = turn
            if not math.isnan(turn):
                values[known] = turn
                known += 1
        # A ship that sends no heading has one, from her course, only while she is under way: in most of what is told of
        # here she is not, and how she came up says nothing of how she lay.
        enough = known > 0 and 2 * known >= number
        if known == 0:
            continue
        angle_deg = median(values, known)
        if enough:
            out.angle_deg = angle_deg
        at_us = told[row].published_us
        both = find_size(sizes, said_us, meeting.mmsi_a, at_us, rule.forget_us, size, 0)
        both = find_size(sizes, said_us, meeting.mmsi_b, at_us, rule.forget_us, size, 4) and both
        if not both:
            continue
        known, beside = 0, 0
        last_a, last_b = np.float32(math.nan), np.float32(math.nan)
        for each in range(first, first + number):
            sample = samples[each]
            turn = turns[each - first]
            if not math.isnan(turn):
                if sample.heading_a != last_a:  # ships swing slowly: mostly it is as before
                    last_a = sample.heading_a
                    trig[0], trig[1] = math.sin(math.radians(last_a)), math.cos(math.radians(last_a))
                if sample.heading_b != last_b:
                    last_b = sample.heading_b
                    trig[2], trig[3] = math.sin(math.radians(last_b)), math.cos(math.radians(last_b))
                gap, is_beside = measure_hulls(
                    np.float64(sample.x), np.float64(sample.y), np.float64(trig[0]), np.float64(trig[1]),
                    np.float64(trig[2]), np.float64(trig[3]), turn, size, rule,
                )  # fmt: skip
                values[known] = gap
                known += 1
                if is_beside:
                    beside += 1
        # Alongside for a quarter of an hour is alongside, however long the approach was; in short meetings half is.
        if beside * meeting.sample_step_us >= rule.alongside_us:
            out.beside = 1
        elif enough:
            out.beside = 1 if beside >= 0.5 * known else 0
        if out.beside >= 0:
            out.gap_m, out.angle_deg = median(values, known), angle_deg
    return found


def warm() -> None:
    """Compile (or load) the kernel of this file."""
    from shipwatch.engine.records import rule_record  # noqa: PLC0415
    from shipwatch.engine.rules import EngineRules  # noqa: PLC0415

    figure_out(np.empty(0, TOLD), np.empty(0, MEETING), np.empty(0, SAMPLE), np.empty(0, SIZE), np.empty(0, np.int64),
               rule_record(EngineRules()))  # fmt: skip
