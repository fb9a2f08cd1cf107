"""How well two ships fit a meeting that nobody saw: one figure, 0 to 1, so that the likeliest partner can be chosen.

Each ship brings what speaks for a stop or a detour of its own: a silence that reception does not explain, hours that
its way from the last place to the next does not need at the speed it went, courses towards the place and away from it,
a draught that changed. Two ships whose draughts changed against one another bring most. What contradicts (a ship that
simply went on) rules a pair out.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from shipwatch.engine.dark_evidence import MOVING_KN, Evidence, opposite, way_of
from shipwatch.engine.dark_partners import Partner, prism_of
from shipwatch.engine.dark_reach import Reach, beside
from shipwatch.engine.draughts import DraughtChange
from shipwatch.engine.motion import US, distance_between_m, wrap_deg
from shipwatch.engine.reception_likelihood import LONE_CHANCE

LEAST, MOST = (3.9, 4.8), (4.5, 7.0)
"""Points that a pair needs to be told, and can have, without changes of draught: one ship heard, both silent."""
NEAR_M = 5_000.0
"""A ship that drifted before and after is taken to have stayed within this distance of the line between."""
AWAY_M = 3_000.0
"""A course says something of a place that is further off than this."""
LONG_S = 10_800.0
AIMED_DEG, ASTRAY_DEG = 10.0, 30.0
"""A ship that goes to another in sight steers for her, within so many degrees (current, drift, the other's own way);
from so many on her course does not speak for it, and abeam as much against it as the right one for it."""


def placed(evidence: Evidence, row: int, partner: Partner) -> Partner:
    """The same with the place on the line of the silent ship that drifted, where one did and the other can have come
    to it."""
    if partner.row is None or partner.prism is None:
        return partner
    here, there = way_of(evidence, row).lost_s is None, way_of(evidence, partner.row).lost_s is None
    if here == there:
        return partner
    rows = evidence.rows
    waits, comes = (row, partner.row) if here else (partner.row, row)
    times = np.array([rows.t0_us[waits], rows.t1_us[waits]])
    lat = np.array([rows.lat0_deg[waits], rows.lat1_deg[waits]])
    lon = np.array([rows.lon0_deg[waits], rows.lon1_deg[waits]])
    reach = beside(prism_of(rows, comes, evidence.top_kn), times, lat, lon)
    return replace(partner, reach=reach) if reach.dwell_s >= evidence.rules.dark_dwell_s else partner


def fit(
    evidence: Evidence, row: int, partner: Partner, change: DraughtChange | None, theirs: DraughtChange | None,
    now_us: int,
) -> float:  # fmt: skip
    """How well the ship whose silence it is and this partner fit: from 0 (just worth telling) to 1; less is not."""
    seen = partner.row is None
    points = _side(evidence, row, partner.reach, change, now_us, seen)
    longest_s = way_of(evidence, row).lasting_s
    if partner.row is not None:
        points += _side(evidence, partner.row, partner.reach, theirs, now_us)
        longest_s = max(longest_s, way_of(evidence, partner.row).lasting_s)
    else:
        points += 0.5 + (1.0 if theirs is not None else 0.0)
    points += 1.0 if opposite(change, theirs) else 0.0
    points += 0.5 * min(partner.reach.dwell_s / LONG_S, 1.0) + 0.5 * min(partner.reach.dwell_s / longest_s, 1.0)
    said = (change is not None) + (theirs is not None)
    silent = partner.row is not None
    return (points - LEAST[silent]) / (MOST[silent] + (0.0, 1.0, 3.0)[said] - LEAST[silent])


def _side(
    evidence: Evidence, row: int, reach: Reach, change: DraughtChange | None, now_us: int, seen: bool = False
) -> float:  # fmt: skip
    """One ship's points; ``seen``: the other was in sight, so that the place is known and a course to it says more."""
    rows, rules = evidence.rows, evidence.rules
    likelihood = evidence.basis(row, now_us).likelihood
    total = 1.0 if change is not None else 0.0
    if evidence.stands_out(row, now_us):
        total += 1.0
    elif likelihood is not None:
        one = 1.0 - LONE_CHANCE  # as improbable as one witness can make it
        total += float(np.interp(likelihood, (0.0, one, max(rules.dark_likelihood, one)), (-0.5, one - 0.5, 1.0)))
    way = way_of(evidence, row)
    off = float(rows.lat0_deg[row]), float(rows.lon0_deg[row])
    on = float(rows.lat1_deg[row]), float(rows.lon1_deg[row])
    if way.lost_s is None:
        share = ((reach.start_us + reach.end_us) / 2 - int(rows.t0_us[row])) / US / way.lasting_s
        lat = off[0] + share * (on[0] - off[0])
        lon = off[1] + share * float(wrap_deg(on[1] - off[1]))
        return total + (0.5 if distance_between_m(lat, lon, reach.lat, reach.lon) <= NEAR_M else -1.0)
    total += min(way.lost_s / max(rules.dark_dwell_s, 0.3 * way.lasting_s), 1.0)
    place = reach.lat, reach.lon
    come = _aside_deg(off, place, float(rows.sog0_kn[row]), float(rows.cog0_deg[row]))
    go = _aside_deg(place, on, float(rows.sog1_kn[row]), float(rows.cog1_deg[row]), True)
    for aside_deg in (come, go):
        if aside_deg is not None:
            total += 0.5 * (_aim(aside_deg) if seen else math.cos(math.radians(aside_deg)))
    return total


def _aim(aside_deg: float) -> float:
    """1 for a course at the place, 0 where it says nothing, -1 for one abeam of it or away."""
    if aside_deg <= ASTRAY_DEG:
        return min((ASTRAY_DEG - aside_deg) / (ASTRAY_DEG - AIMED_DEG), 1.0)
    return max((ASTRAY_DEG - aside_deg) / (90.0 - ASTRAY_DEG), -1.0)


def _aside_deg(
    start: tuple[float, float], end: tuple[float, float], sog_kn: float, cog_deg: float, at_end: bool = False
) -> float | None:  # fmt: skip
    """Degrees between a ship's course and the bearing from one place to another; None where either says nothing."""
    if not sog_kn >= MOVING_KN or math.isnan(cog_deg) or distance_between_m(*start, *end) < AWAY_M:
        return None
    bearing = _bearing(start, end) if not at_end else (_bearing(end, start) + 180.0) % 360.0
    return abs(float(wrap_deg(bearing - cog_deg)))


def _bearing(start: tuple[float, float], end: tuple[float, float]) -> float:
    phi0, phi1 = math.radians(start[0]), math.radians(end[0])
    turn = math.radians(end[1] - start[1])
    y = math.sin(turn) * math.cos(phi1)
    x = math.cos(phi0) * math.sin(phi1) - math.sin(phi0) * math.cos(phi1) * math.cos(turn)
    return math.degrees(math.atan2(y, x))
