"""Rendezvous: contacts of one pair joined into meetings, with hysteresis, and bridged where contact was lost, not left.

Each pair is walked through its overlaps in the order of time. Contact begins within ``enter_m`` and lasts until the
distance passes ``leave_m`` (``left``). Where a leg is silent, contact is lost; the meeting goes on only if every fix
meanwhile lies where the silent partner could have drifted, and it is found again within ``hole_s``. The hole is kept as
``dark``; it never counts as time together.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.contacts import DARK, Overlaps
from shipwatch.engine.detections import Rendezvous
from shipwatch.engine.findings import describe, forms
from shipwatch.engine.hulls import Hulls
from shipwatch.engine.legs import SILENT, Legs
from shipwatch.engine.meeting import Meeting
from shipwatch.engine.motion import KN, US, ceil_minute, distance_between_m, wrap_deg
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]
Pair = tuple[int, int]

TOUCH_US = 1
"""Contact within a microsecond of an overlap's start is contact from its start (rounding of the quadratic's root)."""


class PairWalk:
    """One pair's way through its overlaps; collects what is to be told."""

    def __init__(self, pair: Pair, meeting: Meeting | None, legs: Legs, hulls: Hulls, rules: EngineRules) -> None:
        self.pair, self.meeting = pair, meeting
        self.legs, self.hulls, self.rules = legs, hulls, rules
        self.told: list[Rendezvous] = []
        self._mark = 0

    def take(self, found: Overlaps) -> None:
        """Walk the overlaps (all of this pair, in order of time)."""
        names = ("t0_us", "t1_us", "known_us", "kind", "leg_a", "leg_b", "in_e", "out_e", "in_l", "out_l")
        begin = 0
        if self.meeting is None:  # nothing before the first contact can matter
            near = np.flatnonzero((found.in_e <= found.out_e) & (found.kind != DARK))
            if not len(near):
                return
            begin = int(near[0])
        columns = [getattr(found, name)[begin:].tolist() for name in names]
        for offset, row in enumerate(zip(*columns, strict=True)):
            known_us = row[2]
            mark = ceil_minute(known_us)
            if mark != self._mark:
                self._tell_if_due()
                self._mark = mark
            self.expire(known_us - 1)
            self._take_one(begin + offset, row, found)
        self._tell_if_due()

    def expire(self, now_us: int) -> None:
        """End the meeting if contact has been lost for longer than a hole may be."""
        meeting = self.meeting
        if meeting is None:
            return
        lost_us = meeting.cover_us if meeting.lost_us is None else meeting.lost_us
        # An overlap may be known only when an inferred leg closes, so silence is not yet loss before that.
        deadline_us = lost_us + int(max(self.rules.hole_s, self.rules.inferred_s) * US)
        if now_us >= deadline_us:
            self._end("silence", ceil_minute(deadline_us))

    def _take_one(self, index: int, row: tuple[Any, ...], found: Overlaps) -> None:
        t0_us, t1_us, _, kind, leg_a, leg_b, in_e, out_e, in_l, out_l = row
        duration_us = t1_us - t0_us
        if self.meeting is not None and t0_us > self.meeting.cover_us:
            self._end("left")  # one of them sped up or went out of scope: its legs are not meeting legs
        if kind == DARK:
            if self.meeting is None:
                return
            if not self._could_have_stayed(leg_a, leg_b, t0_us, t1_us):
                self._end("left")
                return
            if self.meeting.lost_us is None:
                self.meeting.lost_us = t0_us
            self.meeting.cover_us = t1_us
            return
        if self.meeting is not None and (in_l > out_l or in_l * duration_us > TOUCH_US):
            self._end("left")
        lost_us = None if self.meeting is None else self.meeting.lost_us
        if lost_us is not None and t0_us - lost_us > self.rules.hole_s * US:
            self._end("silence")
        if self.meeting is None:
            if in_e > out_e:
                return
            from_us = t0_us + round(in_e * duration_us)
            self.meeting = Meeting(
                mmsi_a=int(self.legs.mmsi[leg_a]), mmsi_b=int(self.legs.mmsi[leg_b]), start_us=from_us, end_us=from_us,
                cover_us=from_us, least_m=float("inf"), next_sample_us=from_us,
            )  # fmt: skip
        else:
            from_us = t0_us
            if self.meeting.lost_us is not None:
                self.meeting.add_contact(self.meeting.lost_us, t0_us, DARK)
                self.meeting.lost_us = None
        upto_us = t1_us if out_l >= 1.0 else t0_us + round(out_l * duration_us)
        self._contact(index, found, kind, leg_a, leg_b, from_us, upto_us)
        if in_e <= out_e:
            self.meeting.least_m = min(self.meeting.least_m, float(found.least_m[index]))
            self.meeting.confirm(t1_us if out_e >= 1.0 else max(from_us, t0_us + round(out_e * duration_us)))
        self.meeting.cover_us = t1_us
        if upto_us < t1_us:
            self._end("left")

    def _contact(
        self, index: int, found: Overlaps, kind: int, leg_a: int, leg_b: int, from_us: int, upto_us: int
    ) -> None:
        meeting, legs = self.meeting, self.legs
        if meeting is None:
            return
        meeting.add_contact(from_us, upto_us, kind)
        t0_us, t1_us = int(found.t0_us[index]), int(found.t1_us[index])
        x0, y0 = float(found.x0_m[index]), float(found.y0_m[index])
        x1, y1 = float(found.x1_m[index]), float(found.y1_m[index])
        if from_us == t0_us and x0 * x0 + y0 * y0 <= self.rules.enter_m**2:
            meeting.sighted(t0_us)
        if upto_us == t1_us and x1 * x1 + y1 * y1 <= self.rules.enter_m**2:
            meeting.sighted(t1_us)
        meeting.next_sample_us = max(meeting.next_sample_us, from_us)
        while meeting.next_sample_us < upto_us:
            at_us = meeting.next_sample_us
            share = (at_us - t0_us) / (t1_us - t0_us)
            a, b = _state(legs, leg_a, at_us), _state(legs, leg_b, at_us)
            lat = (a[0] + b[0]) / 2
            lon = wrap_deg(a[1] + wrap_deg(b[1] - a[1]) / 2)
            meeting.tail_samples.append(
                (at_us, kind, x0 + share * (x1 - x0), y0 + share * (y1 - y0), a[3], b[3], a[2], b[2], lat, float(lon))
            )
            meeting.next_sample_us = at_us + meeting.sample_step_us

    def _could_have_stayed(self, leg_a: int, leg_b: int, t0_us: int, t1_us: int) -> bool:
        """Whether silence leaves room for them to have stayed together all the while."""
        legs = self.legs
        for leg in (leg_a, leg_b):
            if legs.kind[leg] == SILENT:
                long_us = int(legs.t1_us[leg] - legs.t0_us[leg])
                if not legs.drifts[leg] or long_us > self.rules.hole_s * US:
                    return False
        return all(
            self._within_drift(seen, partner, at_us)
            for at_us in (t0_us, t1_us)
            for seen, partner in ((leg_a, leg_b), (leg_b, leg_a))
            if at_us in (int(legs.t0_us[seen]), int(legs.t1_us[seen]))
        )

    def _within_drift(self, seen: int, partner: int, at_us: int) -> bool:
        """Whether a fix lies where the partner is (if known) or could be (its prism at the slow speed)."""
        legs, leave_m = self.legs, self.rules.leave_m
        lat, lon = _state(legs, seen, at_us)[:2]
        if legs.kind[partner] != SILENT:
            other = _state(legs, partner, at_us)
            return distance_between_m(lat, lon, other[0], other[1]) <= leave_m
        pace = self.rules.slow_kn * KN / US
        off_us, on_us = int(legs.t0_us[partner]), int(legs.t1_us[partner])
        from_off = distance_between_m(lat, lon, float(legs.lat0_deg[partner]), float(legs.lon0_deg[partner]))
        to_on = distance_between_m(lat, lon, float(legs.lat1_deg[partner]), float(legs.lon1_deg[partner]))
        return from_off <= pace * (at_us - off_us) + leave_m and to_on <= pace * (on_us - at_us) + leave_m

    def _tell_if_due(self) -> None:
        meeting, rules = self.meeting, self.rules
        if meeting is None or not meeting.samples:
            return
        enough_s = min(duration for _, duration in rules.forms)
        if not meeting.formed:
            if not forms(meeting, rules):
                return
            meeting.formed = True
        elif self._mark < meeting.next_told_us and (meeting.told_observed or meeting.seconds(0) < enough_s):
            return
        meeting.told_observed = meeting.told_observed or meeting.seconds(0) >= enough_s
        meeting.next_told_us = self._mark + int(rules.report_every_s * US)
        self.told.append(describe(self.pair, meeting, "ongoing", self._mark, self.hulls, rules))

    def _end(self, ended_by: str, mark: int | None = None) -> None:
        meeting, self.meeting = self.meeting, None
        if meeting is None:
            return
        mark = self._mark if mark is None else mark
        if meeting.formed or (meeting.samples and forms(meeting, self.rules)):
            self.told.append(describe(self.pair, meeting, "ended", mark, self.hulls, self.rules, ended_by))

    def ongoing_at(self, mark: int) -> None:
        """Tell the meeting as it stands: the input has ended, the meeting has not."""
        if self.meeting is not None and self.meeting.formed:
            self.told.append(describe(self.pair, self.meeting, "ongoing", mark, self.hulls, self.rules))


def _state(legs: Legs, leg: int, at_us: int) -> tuple[float, float, float, float]:
    """Latitude, longitude (unwrapped), speed and heading on a leg; heading of the nearer fix that has one."""
    t0_us, t1_us = int(legs.t0_us[leg]), int(legs.t1_us[leg])
    share = (at_us - t0_us) / (t1_us - t0_us)
    lat0, lon0 = float(legs.lat0_deg[leg]), float(legs.lon0_deg[leg])
    sog0, sog1 = float(legs.sog0_kn[leg]), float(legs.sog1_kn[leg])
    sog = sog0 + share * (sog1 - sog0)
    if isnan(sog):
        sog = sog1 if isnan(sog0) else sog0
    first, second = float(legs.heading0_deg[leg]), float(legs.heading1_deg[leg])
    if share >= 0.5:
        first, second = second, first
    heading = second if isnan(first) else first
    return (
        lat0 + share * (float(legs.lat1_deg[leg]) - lat0),
        lon0 + share * (float(legs.lon1_deg[leg]) - lon0),
        sog,
        heading,
    )
