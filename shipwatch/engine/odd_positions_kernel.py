"""The compiled walk over one step's positions: impossible jumps, two hulls on one number, circles, and whereabouts.

State and findings are rows of plain float64 arrays; the columns are named here, for the kernel and its caller alike.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled, inlined

Array = NDArray[Any]

# Columns of the state, one row for each MMSI. Times are seconds since the caller's origin; NaN is "none".
(A_S, A_LAT, A_LON, B_S, B_LAT, B_LON, B_FIRST_S, B_FIRST_LAT, B_FIRST_LON, B_COUNT, AWAY_S, FROM_S, FROM_LAT, FROM_LON,
 BACK, TOLD_S) = range(16)  # fmt: skip
# Of the circle: its first fix, the fix before, the way of the fix before, sums of the fit about the first fix.
(C_S, C_LAT, C_LON, C_LAST_S, C_X, C_Y, C_COURSE, C_SWEPT, C_COUNT, C_WAY, S_X, S_Y, S_Z, S_XX, S_XY, S_YY, S_XZ, S_YZ,
 S_ZZ, C_TOLD_S) = range(16, 36)  # fmt: skip
STATE_COLUMNS = 43
# Of the whereabouts: when and where the ship was last looked at. Of the circle again: cosine of its latitude.
# And where it was heard last, possible or not.
W_S, W_LAT, W_LON, C_COS, H_LAT, H_LON, H_S = range(36, 43)
# Columns of the findings.
F_KIND, F_ROW, F_S, F_START_S, F_LAT, F_LON, F_OTHER_LAT, F_OTHER_LON, F_ONE, F_TWO, F_THREE = range(11)
FINDING_COLUMNS = 11
TWO_HULLS, JUMP, CIRCLE = 1, 2, 3

LONG_RANGE = 27
"""Message type with positions to a tenth of a minute."""

EARTH_M = 6_371_008.8
KN = 1852.0 / 3600.0
JUMP_M, JUMP_KN, SLACK_S = 20_000.0, 60.0, 180.0
NEAR_DEG = 0.1  # both ways: less than 16 km
"""No ship gets 20 km and 60 kn further than where it was, receiver clocks three minutes apart allowed."""
AWAY_FIXES, AWAY_SPAN_S = 3, 3600.0
"""So many fixes that agree are another place; whether the first one is heard again is awaited for so long."""
QUIET_S = 86_400.0
"""What has been told of a ship is not told again within this time."""
LOOK_DEG, LOOK_S = 0.05, 3_600.0
"""A ship is looked at again (is it in watched water, is it in a port?) after 3 nautical miles or an hour."""
CIRCLE_KN, STEP_M, HOLE_S, LONGEST_S = 3.0, 20.0, 900.0, 10_800.0
TURNS, CIRCLE_FIXES, SMALLEST_M, LARGEST_M, SCATTER = 3.0, 20, 200.0, 50_000.0, 0.1
SHARPEST = math.radians(100.0)
"""Three turns on a circle of 200 m to 50 km, each fix within a tenth of the radius of it, no slower than 3 kn."""


@inlined
def _metres(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    phi_a, phi_b = math.radians(lat_a), math.radians(lat_b)
    half = math.radians((lon_b - lon_a + 180.0) % 360.0 - 180.0) / 2.0
    chord = math.sin((phi_b - phi_a) / 2.0) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half) ** 2
    return 2.0 * EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


@inlined
def _reaches(from_s: float, from_lat: float, from_lon: float, to_s: float, to_lat: float, to_lon: float) -> bool:
    if abs(to_lat - from_lat) < NEAR_DEG and abs(to_lon - from_lon) < NEAR_DEG:
        return True
    far = JUMP_M + JUMP_KN * KN * (to_s - from_s + SLACK_S)
    return _metres(from_lat, from_lon, to_lat, to_lon) <= far


@inlined
def _since(first_s: float, away_s: float) -> float:
    """When the other place began to be sure: its first fix, unless that is long ago and it has been told since."""
    return first_s if away_s - first_s <= AWAY_SPAN_S else away_s


@inlined
def _settle(state: Array, s: int, out: Array, found: int) -> int:
    """The first place has not been heard again: the ship is taken to be at the other one from now on."""
    if state[s, BACK] < 1.0:
        if not state[s, AWAY_S] < state[s, TOLD_S] + QUIET_S:
            seconds = state[s, B_FIRST_S] - state[s, FROM_S]
            way = _metres(state[s, FROM_LAT], state[s, FROM_LON], state[s, B_FIRST_LAT], state[s, B_FIRST_LON])
            out[found, F_KIND], out[found, F_ROW] = JUMP, s
            out[found, F_S] = state[s, AWAY_S] + AWAY_SPAN_S
            out[found, F_START_S] = _since(state[s, B_FIRST_S], state[s, AWAY_S])
            out[found, F_LAT], out[found, F_LON] = state[s, B_FIRST_LAT], state[s, B_FIRST_LON]
            out[found, F_OTHER_LAT], out[found, F_OTHER_LON] = state[s, FROM_LAT], state[s, FROM_LON]
            out[found, F_ONE], out[found, F_TWO] = way, seconds
            out[found, F_THREE] = way / max(seconds, 1.0) / KN
            found += 1
        state[s, TOLD_S] = state[s, AWAY_S]
        state[s, A_S], state[s, A_LAT], state[s, A_LON] = state[s, B_S], state[s, B_LAT], state[s, B_LON]
        state[s, B_S] = math.nan
    state[s, AWAY_S], state[s, BACK] = math.nan, 0.0
    return found


@compiled
def walk_positions(
    state: Array,
    mmsi: Array,
    known: Array,
    time_us: Array,
    origin_us: int,
    lat: Array,
    lon: Array,
    sog: Array,
    msg_type: Array,
    look: Array,
    out: Array,
) -> int:
    """Change ``state`` by fixes in the order of time; write findings to ``out``; how many there are.

    ``known`` are the MMSIs of the rows of ``state``, and each of ``mmsi`` is among them. ``look`` is set where the ship
    has moved on since it was last looked at. Long-range reports are passed over. A ship has at most two
    findings in a day of event time: ``out`` has room for so many.
    """
    size = 1024
    while size < 2 * len(known):
        size *= 2
    table = np.full(size, -1, np.int32)
    for k in range(len(known)):
        h = (np.uint64(known[k]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33) & np.uint64(size - 1)
        while table[h] >= 0:
            h = (h + np.uint64(1)) & np.uint64(size - 1)
        table[h] = k
    found = 0
    for n in range(len(mmsi)):
        if msg_type[n] == LONG_RANGE:
            continue
        h = (np.uint64(mmsi[n]) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(33) & np.uint64(size - 1)
        while known[table[h]] != mmsi[n]:
            h = (h + np.uint64(1)) & np.uint64(size - 1)
        s = table[h]
        t, y, x = (time_us[n] - origin_us) / 1e6, lat[n], lon[n]
        if not (t < state[s, W_S] + LOOK_S and abs(y - state[s, W_LAT]) + abs(x - state[s, W_LON]) < LOOK_DEG):
            state[s, W_S], state[s, W_LAT], state[s, W_LON] = t, y, x
            look[n] = True
        state[s, H_S], state[s, H_LAT], state[s, H_LON] = t, y, x
        # --- Another place: A is where the ship is taken to be, B where it cannot have got to from there.
        if not math.isnan(state[s, AWAY_S]) and t > state[s, AWAY_S] + AWAY_SPAN_S:
            found = _settle(state, s, out, found)
        if math.isnan(state[s, A_S]):
            state[s, A_S], state[s, A_LAT], state[s, A_LON] = t, y, x
        elif _reaches(state[s, A_S], state[s, A_LAT], state[s, A_LON], t, y, x):
            state[s, A_S], state[s, A_LAT], state[s, A_LON] = t, y, x
            if not math.isnan(state[s, AWAY_S]):
                state[s, BACK] += 1.0
                if state[s, BACK] >= AWAY_FIXES:
                    if not t < state[s, TOLD_S] + QUIET_S:
                        out[found, F_KIND], out[found, F_ROW], out[found, F_S] = TWO_HULLS, s, t
                        out[found, F_START_S] = _since(state[s, B_FIRST_S], state[s, AWAY_S])
                        out[found, F_LAT], out[found, F_LON] = state[s, B_FIRST_LAT], state[s, B_FIRST_LON]
                        out[found, F_OTHER_LAT], out[found, F_OTHER_LON] = y, x
                        out[found, F_ONE] = _metres(y, x, state[s, B_LAT], state[s, B_LON])
                        out[found, F_TWO] = out[found, F_THREE] = 0.0
                        found += 1
                    state[s, TOLD_S] = t
                    state[s, AWAY_S] = math.nan
                    state[s, BACK] = 0.0
        elif not math.isnan(state[s, B_S]) and _reaches(state[s, B_S], state[s, B_LAT], state[s, B_LON], t, y, x):
            if t > state[s, B_S]:
                state[s, B_COUNT] += 1.0
            state[s, B_S], state[s, B_LAT], state[s, B_LON] = t, y, x
            if math.isnan(state[s, AWAY_S]) and state[s, B_COUNT] >= AWAY_FIXES:
                state[s, AWAY_S], state[s, BACK] = t, 0.0
                state[s, FROM_S], state[s, FROM_LAT], state[s, FROM_LON] = (
                    state[s, A_S], state[s, A_LAT], state[s, A_LON],
                )  # fmt: skip
        elif math.isnan(state[s, AWAY_S]):
            state[s, B_S], state[s, B_LAT], state[s, B_LON], state[s, B_COUNT] = t, y, x, 1.0
            state[s, B_FIRST_S], state[s, B_FIRST_LAT], state[s, B_FIRST_LON] = t, y, x
        # --- Circles.
        v = sog[n]
        if math.isnan(v) or v < CIRCLE_KN or v > 102.0:
            state[s, C_S] = math.nan
            continue
        if (
            math.isnan(state[s, C_S])
            or t > state[s, C_LAST_S] + HOLE_S
            or t > state[s, C_S] + LONGEST_S
            or abs(y - state[s, C_LAT]) > 1.0
        ):
            for k in range(C_S, C_TOLD_S):
                state[s, k] = 0.0
            state[s, C_S], state[s, C_LAT], state[s, C_LON], state[s, C_LAST_S] = t, y, x, t
            state[s, C_COURSE] = math.nan
            state[s, C_COS] = math.cos(math.radians(y))
            continue
        east = (x - state[s, C_LON] + 180.0) % 360.0 - 180.0
        px = math.radians(east) * state[s, C_COS] * EARTH_M
        py = math.radians(y - state[s, C_LAT]) * EARTH_M
        dx, dy = px - state[s, C_X], py - state[s, C_Y]
        if dx * dx + dy * dy < STEP_M * STEP_M:
            continue
        course = math.atan2(dx, dy)
        if not math.isnan(state[s, C_COURSE]):
            turn = (course - state[s, C_COURSE] + math.pi) % (2.0 * math.pi) - math.pi
            if abs(turn) > SHARPEST:  # reports out of order, or a pier: no circle
                state[s, C_S] = math.nan
                continue
            state[s, C_SWEPT] += turn
        state[s, C_COURSE], state[s, C_LAST_S], state[s, C_X], state[s, C_Y] = course, t, px, py
        state[s, C_WAY] += math.sqrt(dx * dx + dy * dy)
        z = px * px + py * py
        state[s, C_COUNT] += 1.0
        state[s, S_X] += px
        state[s, S_Y] += py
        state[s, S_Z] += z
        state[s, S_XX] += px * px
        state[s, S_XY] += px * py
        state[s, S_YY] += py * py
        state[s, S_XZ] += px * z
        state[s, S_YZ] += py * z
        state[s, S_ZZ] += z * z
        swept = abs(state[s, C_SWEPT]) / (2.0 * math.pi)
        if swept >= TURNS and state[s, C_COUNT] >= CIRCLE_FIXES and not t < state[s, C_TOLD_S] + QUIET_S:
            # Kasa's fit: the circle x^2 + y^2 = 2ax + 2by + c nearest in the least squares of that equation.
            k = state[s, C_COUNT]
            mx, my, mz = state[s, S_X] / k, state[s, S_Y] / k, state[s, S_Z] / k
            vxx, vxy, vyy = state[s, S_XX] / k - mx * mx, state[s, S_XY] / k - mx * my, state[s, S_YY] / k - my * my
            vxz, vyz = state[s, S_XZ] / k - mx * mz, state[s, S_YZ] / k - my * mz
            det = vxx * vyy - vxy * vxy
            if det > 1e-6 * (vxx + vyy) * (vxx + vyy):
                a = (vxz * vyy - vyz * vxy) / (2.0 * det)
                b = (vyz * vxx - vxz * vxy) / (2.0 * det)
                c = mz - 2.0 * a * mx - 2.0 * b * my
                radius2 = c + a * a + b * b
                left = (state[s, S_ZZ] / k - mz * mz) - 2.0 * a * vxz - 2.0 * b * vyz
                radius = math.sqrt(max(radius2, 0.0))
                scatter = math.sqrt(max(left, 0.0)) / (2.0 * radius) if radius > 0.0 else math.inf
                way = state[s, C_WAY] / (2.0 * math.pi * swept)  # the radius that way and turns ask for
                if (
                    SMALLEST_M <= radius <= LARGEST_M
                    and scatter <= SCATTER * radius
                    and abs(way - radius) < radius / 4.0
                ):
                    out[found, F_KIND], out[found, F_ROW], out[found, F_S] = CIRCLE, s, t
                    out[found, F_START_S] = state[s, C_S]
                    out[found, F_LAT] = state[s, C_LAT] + math.degrees(b / EARTH_M)
                    out[found, F_LON] = state[s, C_LON] + math.degrees(a / (EARTH_M * state[s, C_COS]))
                    out[found, F_OTHER_LAT], out[found, F_OTHER_LON] = y, x
                    out[found, F_ONE], out[found, F_TWO], out[found, F_THREE] = radius, swept, k
                    found += 1
                    state[s, C_TOLD_S] = t
    return found


@compiled
def settle_jumps(state: Array, upto_s: float, out: Array) -> int:
    """Tell, by the clock, the jumps of ships whose first place has not been heard again; how many findings."""
    found = 0
    for s in range(len(state)):
        if not math.isnan(state[s, AWAY_S]) and state[s, AWAY_S] + AWAY_SPAN_S < upto_s:
            found = _settle(state, s, out, found)
    return found


def warm() -> None:
    """Compile both kernels."""
    state, out = np.full((1, STATE_COLUMNS), np.nan), np.zeros((8, FINDING_COLUMNS))
    one, ship, type_one = np.zeros(1), np.ones(1, np.int32), np.ones(1, np.uint8)
    zero, none = np.zeros(1, np.int64), np.zeros(1, np.bool_)
    walk_positions(state, ship, ship, zero, 0, one, one, np.zeros(1, np.float32), type_one, none, out)
    settle_jumps(state, 0.0, out)
