"""Runs: consecutive fixes of a slow ship that one straight line or one place explains, for kernels; each is one leg.

The line goes from the first fix to the last; the place is amid the fixes, so that the noise of a receiver at rest does
not end a run. Both are judged without keeping the fixes: each leaves only those velocities that pass near it, as bounds
along four directions, and bounds of where they lie along the same, so a run costs the same however many it has.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from decoders.kernel_cache import inlined
from shipwatch.engine.motion import M_PER_DEG, US
from shipwatch.engine.plain_motion import apart_m, wrap
from shipwatch.engine.records import Records

MOVING_KN = 2.0
"""Course stands in for a missing heading only above this speed: a drifting ship's course says nothing of its bow."""
TURNED_DEG = 10.0
"""A run ends where the bow has turned so far, though the antenna has not moved."""
INSIDE = math.cos(math.pi / 8)
"""Of a circle's radius: the octagon within it, by whose eight sides nearness to the line is judged."""
SHARE = math.sqrt(0.5)

OBSERVED, INFERRED, SILENT = 0, 1, 2
ALONG, AT_ONCE, STAYS = 1, 2, 3
"""What a run is: a line so far, closed by the fix that begins it, one place; 0 is none."""


@inlined
def bow(heading: float, sog: float, cog: float) -> float:
    """Where the bow points: the heading, or the course of a ship under way, or NaN."""
    if not math.isnan(heading):
        return heading
    if sog >= MOVING_KN:
        return cog
    return math.nan


@inlined
def close_run(legs: Records, number: int, track: Any, slot: int, ended_us: int, rule: Any) -> None:
    """Write the leg of the track's run, which ends at the track's last fix; what came at ``ended_us`` is not in it."""
    known_us = min(ended_us, track.run_us + track.limit_us)
    leg = legs[number]
    leg.t0_us = track.run_us
    leg.t1_us = track.time_us
    leg.known_us = known_us
    leg.track = track.key
    if track.run == STAYS:
        leg.lat0_deg = track.run_lat + (track.y_least + track.y_most) / 2 / M_PER_DEG
        leg.lon0_deg = track.run_lon + (track.x_least + track.x_most) / 2 / (M_PER_DEG * track.run_cos)
        leg.lat1_deg = leg.lat0_deg
        leg.lon1_deg = leg.lon0_deg
        leg.length_m = 0.0
    else:
        leg.lat0_deg = track.run_lat
        leg.lon0_deg = track.run_lon
        leg.lat1_deg = track.lat
        leg.lon1_deg = track.run_lon + wrap(track.lon - track.run_lon)
        leg.length_m = apart_m(track.run_lat, track.run_lon, track.lat, track.lon)
    leg.sog0_kn = track.run_sog
    leg.sog1_kn = track.sog
    leg.heading0_deg = track.run_heading
    leg.heading1_deg = bow(track.heading, track.sog, track.cog)
    leg.mmsi = track.mmsi
    leg.slot = slot
    leg.before = -1
    leg.kind = OBSERVED
    leg.slow = 1
    leg.drifts = track.drifts
    leg.in_scope = 0
    track.run = 0
    # A ship that lay still all the while may have a longer run next, until she moves.
    if leg.length_m > 2.0 * rule.straight_m:
        track.limit_us = np.int64(rule.straight_us)
    elif ended_us - track.run_us > track.limit_us:
        track.limit_us = min(2 * track.limit_us, np.int64(rule.still_us))


@inlined
def joins_run(track: Any, time_us: int, lat: float, lon: float, heading: float, drifts: int, rule: Any) -> bool:
    """Whether the line from the run's start to this fix, or one place, explains its fixes; if so, takes it in."""
    dt_s = (time_us - track.run_us) / US
    if time_us - track.run_us > track.limit_us or drifts != track.drifts or rule.straight_m == 0.0:
        return False
    turned = abs(wrap(heading - track.run_heading))
    if turned > TURNED_DEG or math.isnan(heading) != math.isnan(track.run_heading):
        return False
    x_m = wrap(lon - track.run_lon) * track.run_cos * M_PER_DEG
    y_m = (lat - track.run_lat) * M_PER_DEG
    slack_m = rule.straight_m * INSIDE
    if track.run == ALONG:
        x, y = x_m / dt_s, y_m / dt_s
        p, q = (x + y) * SHARE, (x - y) * SHARE
        if (
            track.x_lo <= x <= track.x_hi
            and track.y_lo <= y <= track.y_hi
            and track.p_lo <= p <= track.p_hi
            and track.q_lo <= q <= track.q_hi
        ):
            slack = slack_m / dt_s
            track.x_lo = max(track.x_lo, np.float32(x - slack))
            track.x_hi = min(track.x_hi, np.float32(x + slack))
            track.y_lo = max(track.y_lo, np.float32(y - slack))
            track.y_hi = min(track.y_hi, np.float32(y + slack))
            track.p_lo = max(track.p_lo, np.float32(p - slack))
            track.p_hi = min(track.p_hi, np.float32(p + slack))
            track.q_lo = max(track.q_lo, np.float32(q - slack))
            track.q_hi = min(track.q_hi, np.float32(q + slack))
            spread(track, x_m, y_m)
            return True
    x_least, x_most = min(track.x_least, np.float32(x_m)), max(track.x_most, np.float32(x_m))
    y_least, y_most = min(track.y_least, np.float32(y_m)), max(track.y_most, np.float32(y_m))
    if x_most - x_least > 2 * slack_m or y_most - y_least > 2 * slack_m:
        return False
    mid_x, mid_y = (x_least + x_most) / 2, (y_least + y_most) / 2
    p, q, mid_p, mid_q = (x_m + y_m) * SHARE, (x_m - y_m) * SHARE, (mid_x + mid_y) * SHARE, (mid_x - mid_y) * SHARE
    if max(p, track.p_most) - mid_p > slack_m or mid_p - min(p, track.p_least) > slack_m:
        return False
    if max(q, track.q_most) - mid_q > slack_m or mid_q - min(q, track.q_least) > slack_m:
        return False
    track.run = STAYS
    spread(track, x_m, y_m)
    return True


@inlined
def spread(track: Any, x_m: float, y_m: float) -> None:
    """Where the fixes of the run lie, metres east and north of its first, along four directions."""
    p, q = (x_m + y_m) * SHARE, (x_m - y_m) * SHARE
    track.x_least = min(track.x_least, np.float32(x_m))
    track.x_most = max(track.x_most, np.float32(x_m))
    track.y_least = min(track.y_least, np.float32(y_m))
    track.y_most = max(track.y_most, np.float32(y_m))
    track.p_least = min(track.p_least, np.float32(p))
    track.p_most = max(track.p_most, np.float32(p))
    track.q_least = min(track.q_least, np.float32(q))
    track.q_most = max(track.q_most, np.float32(q))


@inlined
def begin_run(track: Any, time_us: int, lat: float, lon: float, drifts: int, rule: Any) -> None:
    """A run from the track's last fix to this one."""
    track.run = ALONG
    track.run_us = track.time_us
    track.run_lat = track.lat
    track.run_lon = track.lon
    track.run_cos = math.cos(math.radians(track.lat))
    track.run_sog = track.sog
    track.run_heading = bow(track.heading, track.sog, track.cog)
    track.drifts = drifts
    dt_s = (time_us - track.time_us) / US
    x_m = wrap(lon - track.lon) * track.run_cos * M_PER_DEG
    y_m = (lat - track.lat) * M_PER_DEG
    x, y = x_m / dt_s, y_m / dt_s
    p, q = (x + y) * SHARE, (x - y) * SHARE
    slack = rule.straight_m * INSIDE / dt_s
    track.x_lo = x - slack
    track.x_hi = x + slack
    track.y_lo = y - slack
    track.y_hi = y + slack
    track.p_lo = p - slack
    track.p_hi = p + slack
    track.q_lo = q - slack
    track.q_hi = q + slack
    track.x_least = 0.0
    track.x_most = 0.0
    track.y_least = 0.0
    track.y_most = 0.0
    track.p_least = 0.0
    track.p_most = 0.0
    track.q_least = 0.0
    track.q_most = 0.0
    spread(track, x_m, y_m)
