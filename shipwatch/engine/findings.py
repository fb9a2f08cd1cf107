"""From a meeting as it stands to the revision of a rendezvous that is told; figures are rounded only here."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine import hulls as hull
from shipwatch.engine.contacts import DARK
from shipwatch.engine.detections import Interval, Kind, Rendezvous
from shipwatch.engine.fixes import track_name
from shipwatch.engine.hulls import Hulls
from shipwatch.engine.meeting import Meeting
from shipwatch.engine.motion import KN, US, wrap_deg
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

KINDS = (Kind.OBSERVED, Kind.INFERRED, Kind.DARK)
APART_SAMPLES = 10
"""Relative speed is taken over ten samples (10 minutes): between fixes it is mostly noise of clocks and positions."""


def derived_id(prefix: str, *parts: object) -> str:
    """An id that anyone can derive from what happened: the same event has the same id on every machine."""
    return f"{prefix}-{hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()[:16]}"


def whole_second(time_us: int) -> int:
    """Rounded to the second, in microseconds."""
    return (time_us + US // 2) // US * US


def forms(meeting: Meeting, rules: EngineRules) -> bool:
    """Whether the meeting is long, near and well enough seen to be told."""
    known_s = meeting.known_s()
    if known_s < min(duration for _, duration in rules.forms) or meeting.first_sighting_us is None:
        return False
    if meeting.last_sighting_us - meeting.first_sighting_us < rules.sighting_span_s * US:
        return False
    distance = np.array([np.hypot(sample[2], sample[3]) for sample in meeting.samples])
    step_s = meeting.sample_step_us / US
    near = any(
        known_s >= duration if limit >= rules.enter_m else (distance <= limit).sum() * step_s >= duration
        for limit, duration in rules.forms
    )
    if not near:
        return False
    return not _median(np.array([_speed(sample) for sample in meeting.samples])) > rules.median_speed_max_kn


def describe(
    pair: tuple[int, int], meeting: Meeting, phase: str, published_us: int, hulls: Hulls, rules: EngineRules,
    ended_by: str | None = None,
) -> Rendezvous:  # fmt: skip
    """The meeting of two tracks as known at ``published_us``."""
    table = np.array(meeting.samples, np.float64).reshape(-1, 10)
    x, y, heading_a, heading_b = table[:, 2], table[:, 3], table[:, 4], table[:, 5]
    distance = np.hypot(x, y)
    relative = _relative_speed(table[:, 0], x, y)
    water, angle, beside = _hull_figures(meeting, table, x, y, heading_a, heading_b, published_us, hulls, rules)
    lat, lon = table[:, 8], table[:, 9]
    # The median longitude is taken of differences, so that a meeting astride 180 degrees keeps its place.
    middle_lon = wrap_deg(lon[0] + np.median(wrap_deg(lon - lon[0]))) if len(lon) else float("nan")
    settled = bool(len(relative)) and float((relative <= rules.relative_kn).mean()) >= 0.5
    start_us, end_us = whole_second(meeting.start_us), whole_second(meeting.end_us)
    return Rendezvous(
        id=derived_id("rv", track_name(pair[0]), track_name(pair[1]), start_us // US),
        track_a=track_name(pair[0]), track_b=track_name(pair[1]), mmsi_a=meeting.mmsi_a, mmsi_b=meeting.mmsi_b,
        phase=phase, start_us=start_us, end_us=end_us, published_us=published_us,
        lat=round(float(np.median(lat)), 5), lon=round(float(middle_lon), 5),
        observed_s=meeting.seconds(0), inferred_s=meeting.seconds(1), dark_s=meeting.seconds(DARK),
        joint_sightings=meeting.sightings, min_distance_m=round(meeting.least_m),
        median_distance_m=round(_median(distance)), hull_gap_m=water, heading_difference_deg=angle, alongside=beside,
        median_speed_kn=_rounded(_median(np.array([_speed(sample) for sample in meeting.samples]))),
        relative_speed_kn=_rounded(_median(relative)), settled=settled,
        intervals=tuple(Interval(whole_second(a), whole_second(b), KINDS[kind]) for a, b, kind in meeting.pieces),
        ended_by=ended_by,
    )  # fmt: skip


def _hull_figures(
    meeting: Meeting, table: Array, x: Array, y: Array, heading_a: Array, heading_b: Array, at_us: int, hulls: Hulls,
    rules: EngineRules,
) -> tuple[int | None, int | None, bool | None]:  # fmt: skip
    both = ~np.isnan(heading_a) & ~np.isnan(heading_b)
    if not both.any():
        return None, None, None
    heading_a, heading_b = heading_a[both], heading_b[both]
    angle = round(_median(hull.heading_difference(heading_a, heading_b)))
    size_a = hull.size_of(hulls, meeting.mmsi_a, at_us)
    size_b = hull.size_of(hulls, meeting.mmsi_b, at_us)
    if size_a is None or size_b is None:
        return None, angle, None
    zero = np.zeros(len(heading_a))
    a, b = hull.corners(size_a, heading_a, zero, zero), hull.corners(size_b, heading_b, x[both], y[both])
    gap = hull.gap_m(a, b)
    beside = hull.alongside(a, b, size_a, size_b, heading_a, heading_b, gap, rules)
    # Alongside for a quarter of an hour is alongside, however long the approach was; in short meetings half suffices.
    beside_s = float(beside.sum()) * meeting.sample_step_us / US
    return round(_median(gap)), angle, bool(beside_s >= rules.alongside_s or beside.mean() >= 0.5)


def _relative_speed(time_us: Array, x: Array, y: Array) -> Array:
    """Speed of b relative to a over spans of ten samples (or the longest there are), in knots."""
    span = min(APART_SAMPLES, len(time_us) - 1)
    if span < 1:
        return np.empty(0)
    seconds = (time_us[span:] - time_us[:-span]) / US
    return np.asarray(np.hypot(x[span:] - x[:-span], y[span:] - y[:-span]) / np.maximum(seconds, 1.0) / KN)


def _speed(sample: tuple[Any, ...]) -> float:
    speed_a, speed_b = sample[6], sample[7]
    if np.isnan(speed_a) or np.isnan(speed_b):
        return float(np.fmax(speed_a, speed_b))
    return float((speed_a + speed_b) / 2)


def _median(values: Array) -> float:
    values = values[~np.isnan(values)]
    return float(np.median(values)) if len(values) else float("nan")


def _rounded(value: float) -> float:
    return float("nan") if np.isnan(value) else round(value, 1)
