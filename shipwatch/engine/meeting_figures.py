"""What a meeting amounts to, for compiled kernels: whether it is one, and the figures that are told of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import inlined
from shipwatch.engine.hull_water import find_size, measure_hulls, off_parallel
from shipwatch.engine.meeting_store import copy_samples
from shipwatch.engine.motion import KN, US
from shipwatch.engine.plain_motion import wrap
from shipwatch.engine.records import NEVER_US, Records

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
def relative_speeds(meeting: Any, samples: Records, number: int, values: Any) -> int:
    """Speeds of b relative to a over ten minutes (or the longest there is), in knots, into ``values``; how many."""
    span = min(max(1, round(APART_S * US / meeting.sample_step_us)), number - 1)
    if span < 1:
        return 0
    for each in range(number - span):
        one, other = samples[each], samples[each + span]
        values[each] = length(other.x - one.x, other.y - one.y) / max(other.t - one.t, 1.0) / KN
    return number - span


@inlined
def pair_speeds(samples: Records, number: int, values: Any) -> int:
    """Mean speeds of the two (or of the one that says) into ``values``; how many are known."""
    known = 0
    for each in range(number):
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
def take_sights(samples: Records, number: int, sights: Any) -> int:
    """The samples with both headings as columns, so that loops over them are vectors; how many they are.

    Rows of ``sights``: b east and north of a, sine and cosine of a's heading and of b's, degrees off parallel.
    """
    known, last_a, last_b = 0, np.float32(math.nan), np.float32(math.nan)
    sin_a, cos_a, sin_b, cos_b = 0.0, 0.0, 0.0, 0.0
    for each in range(number):
        sample = samples[each]
        turn = off_parallel(sample.heading_a, sample.heading_b)
        if not math.isnan(turn):
            if sample.heading_a != last_a:  # ships swing slowly: mostly it is as before
                last_a = sample.heading_a
                sin_a, cos_a = math.sin(math.radians(last_a)), math.cos(math.radians(last_a))
            if sample.heading_b != last_b:
                last_b = sample.heading_b
                sin_b, cos_b = math.sin(math.radians(last_b)), math.cos(math.radians(last_b))
            sights[0, known], sights[1, known], sights[6, known] = sample.x, sample.y, turn
            sights[2, known], sights[3, known], sights[4, known], sights[5, known] = sin_a, cos_a, sin_b, cos_b
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
    copy_samples(meeting, samples, blocks, row)
    if rule.relative_share > 0.0:
        number = relative_speeds(meeting, row, meeting.confirmed, values)
        if number and not is_settled(values, number, rule.relative_share, rule):
            return False
    if rule.median_speed_max_kn < 99.0:
        number = pair_speeds(row, meeting.confirmed, values)
        return not median(values, number) > rule.median_speed_max_kn
    return True


@inlined
def figure_out(
    out: Any, meeting: Any, at_us: int, samples: Records, sizes: Records, said_us: Any, values: Any, ships: Any,
    sights: Any, rule: Any,
) -> None:  # fmt: skip
    """The figures of a revision told at that instant, from the meeting's confirmed ``samples``, into ``out``.

    ``values``, ``ships`` (8 numbers: dimensions of a and b) and ``sights`` (7 rows) are room to work in.
    """
    number, enough, angle_deg = meeting.confirmed, False, math.nan
    seen = take_sights(samples, number, sights)
    for which in range(6):
        known = number
        if which == 0:
            known = relative_speeds(meeting, samples, number, values)
            out.settled = 1 if known and is_settled(values, known, 0.5, rule) else 0
        elif which == 1:
            known = pair_speeds(samples, number, values)
        elif which == 2:
            known = seen
            for each in range(seen):
                values[each] = sights[6, each]
            # A ship that sends no heading has one, from her course, only while she is under way: in most of what is
            # told of here she is not, and how she came up says nothing of how she lay.
            enough = seen > 0 and 2 * seen >= number
        else:
            for each in range(number):
                sample = samples[each]
                if which == 3:
                    values[each] = length(sample.x, sample.y)
                else:
                    values[each] = sample.lat if which == 4 else sample.lon
        middle = median(values, known)
        if which == 0:
            out.relative_kn = middle
        elif which == 1:
            out.speed_kn = middle
        elif which == 2:
            angle_deg = middle
        elif which == 3:
            out.median_m = middle
        elif which == 4:
            out.lat = meeting.lat + middle
        else:  # of differences, so that a meeting astride 180 degrees keeps its place
            out.lon = wrap(meeting.lon + middle)
    out.gap_m = math.nan
    out.angle_deg = angle_deg if enough else math.nan
    out.beside = -1
    if seen == 0:
        return
    both = find_size(sizes, said_us, meeting.mmsi_a, at_us, rule.forget_us, ships, 0)
    both = find_size(sizes, said_us, meeting.mmsi_b, at_us, rule.forget_us, ships, 4) and both
    if not both:
        return
    beside = 0
    for each in range(seen):
        gap, is_beside = measure_hulls(
            sights[0, each], sights[1, each], sights[2, each], sights[3, each], sights[4, each], sights[5, each],
            sights[6, each], ships, rule,
        )  # fmt: skip
        values[each] = gap
        beside += is_beside
    # Alongside for a quarter of an hour is alongside, however long the approach was; in short meetings half is.
    if beside * meeting.sample_step_us >= rule.alongside_us:
        out.beside = 1
    elif enough:
        out.beside = 1 if beside >= 0.5 * seen else 0
    if out.beside >= 0:
        out.gap_m, out.angle_deg = median(values, seen), angle_deg
