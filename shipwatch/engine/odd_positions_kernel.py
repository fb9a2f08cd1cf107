"""The compiled walk over one step's positions: impossible jumps, two hulls on one number, circles, and whereabouts.

Its memory is in the records of :mod:`~shipwatch.engine.odd_positions_rows`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled, inlined
from shipwatch.engine.fetching import fetch
from shipwatch.engine.hull_candidates import doubled
from shipwatch.engine.odd_positions_rows import FINDING, ODD, PLACE, ROUND
from shipwatch.engine.plain_motion import wrap
from shipwatch.engine.ship_slots import hashed, place_of, slot_of

Array = NDArray[Any]

TWO_HULLS, JUMP, CIRCLE = 1, 2, 3

ROWS_AT_ONCE = 1024
AHEAD = 8
"""So many rows before its turn a ship's record is asked for, and as long before that where it is."""

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
    half = math.radians(wrap(lon_b - lon_a)) / 2.0
    chord = math.sin((phi_b - phi_a) / 2.0) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half) ** 2
    return 2.0 * EARTH_M * math.asin(math.sqrt(min(1.0, chord)))


@inlined
def _reaches(from_s: float, from_lat: float, from_lon: float, to_s: float, to_lat: float, to_lon: float) -> bool:
    if abs(to_lat - from_lat) < NEAR_DEG and abs(to_lon - from_lon) < NEAR_DEG:
        return True
    far = JUMP_M + JUMP_KN * KN * (to_s - from_s + SLACK_S)
    return _metres(from_lat, from_lon, to_lat, to_lon) <= far


@inlined
def _turned(ax: float, ay: float, bx: float, by: float) -> float:
    """The angle from one way to the next, clockwise positive; small ones, as nearly all are, without a call."""
    aside, along = bx * ay - by * ax, bx * ax + by * ay
    if along > 0.0 and abs(aside) < 0.05 * along:
        t = aside / along
        s = t * t
        return t * (1.0 - s * (1.0 / 3.0 - s * (0.2 - s * (1.0 / 7.0 - s * (1.0 / 9.0 - s / 11.0)))))
    return math.atan2(aside, along)


@inlined
def _since(first_s: float, away_s: float) -> float:
    """When the other place began to be sure: its first fix, unless that is long ago and it has been told since."""
    return first_s if away_s - first_s <= AWAY_SPAN_S else away_s


@inlined
def _settle(place: Any, odd: Any, found: Any) -> bool:
    """The first place has not been heard again: the ship is taken to be at the other one; whether that is told."""
    tell = False
    if odd.back < 1.0:
        if not odd.away_s < odd.told_s + QUIET_S:
            tell = True
            seconds = odd.first_s - odd.from_s
            way = _metres(odd.from_lat, odd.from_lon, odd.first_lat, odd.first_lon)
            found.mmsi, found.kind = place.mmsi, JUMP
            found.known_s = odd.away_s + AWAY_SPAN_S
            found.start_s = _since(odd.first_s, odd.away_s)
            found.lat, found.lon = odd.first_lat, odd.first_lon
            found.other_lat, found.other_lon = odd.from_lat, odd.from_lon
            found.one, found.two = way, seconds
            found.three = way / max(seconds, 1.0) / KN
        odd.told_s = odd.away_s
        place.a_s, place.a_lat, place.a_lon = odd.b_s, odd.b_lat, odd.b_lon
        odd.b_s = math.nan
    odd.away_s, odd.back = math.nan, 0.0
    return tell


@inlined
def _walk_on(
    places: Array, odds: Array, rounds: Array, used: Array, slots: Array, found: Array, told: int, mmsi: Array,
    time_us: Array, origin_us: int, lat: Array, lon: Array, sog: Array, msg_type: Array, look: Array, begin: int,
    end: int,
) -> int:  # fmt: skip
    """Go through these rows, with room for a record of each kind a row, and three findings; how many those are then."""
    for n in range(begin, end):
        # The records lie anywhere in memory: asked for some rows ahead, they are near when their turn comes.
        if n + 3 * AHEAD < len(mmsi):
            fetch(slots, slot_of(slots, mmsi[n + 3 * AHEAD]))
            soon = slots[slot_of(slots, mmsi[n + 2 * AHEAD])]
            if soon >= 0:
                fetch(places, soon)
            soon = slots[slot_of(slots, mmsi[n + AHEAD])]
            if soon >= 0 and places[soon].circle >= 0:
                fetch(rounds, places[soon].circle)
        if msg_type[n] == LONG_RANGE:
            continue
        at = place_of(slots, places, mmsi[n])
        row = slots[at]
        t, y, x = (time_us[n] - origin_us) / 1e6, lat[n], lon[n]
        if row < 0:
            row = used[0]
            used[0] += 1
            slots[at] = row
            place = places[row]
            place.mmsi = mmsi[n]
            place.a_s, place.look_s = math.nan, math.nan
            place.odd, place.circle = -1, -1
            place.astray, place.circling = 0, 0
        place = places[row]
        if not (t < place.look_s + LOOK_S and abs(y - place.look_lat) + abs(x - place.look_lon) < LOOK_DEG):
            place.look_s, place.look_lat, place.look_lon = t, y, x
            look[n] = True
        # --- Another place: A is where the ship is taken to be, B where it cannot have got to from there.
        away = False
        if place.odd >= 0:
            odd = odds[place.odd]
            if not math.isnan(odd.away_s) and t > odd.away_s + AWAY_SPAN_S and _settle(place, odd, found[told]):
                told += 1
            away = not math.isnan(odd.away_s)
        if math.isnan(place.a_s) or _reaches(place.a_s, place.a_lat, place.a_lon, t, y, x):
            place.a_s, place.a_lat, place.a_lon = t, y, x
            place.astray = 0
            if away:
                odd = odds[place.odd]
                odd.back += 1.0
                if odd.back >= AWAY_FIXES:
                    if not t < odd.told_s + QUIET_S:
                        tell = found[told]
                        tell.mmsi, tell.kind, tell.known_s = mmsi[n], TWO_HULLS, t
                        tell.start_s = _since(odd.first_s, odd.away_s)
                        tell.lat, tell.lon = odd.first_lat, odd.first_lon
                        tell.other_lat, tell.other_lon = y, x
                        tell.one = _metres(y, x, odd.b_lat, odd.b_lon)
                        tell.two, tell.three = 0.0, 0.0
                        told += 1
                    odd.told_s = t
                    odd.away_s = math.nan
                    odd.back = 0.0
        else:
            if place.odd < 0:
                place.odd = used[1]
                used[1] += 1
                odd = odds[place.odd]
                odd.b_s, odd.away_s, odd.told_s = math.nan, math.nan, math.nan
                odd.back = 0.0
                odd.place = row
            odd = odds[place.odd]
            place.astray = 1
            odd.heard_s, odd.heard_lat, odd.heard_lon = t, y, x
            if not math.isnan(odd.b_s) and _reaches(odd.b_s, odd.b_lat, odd.b_lon, t, y, x):
                if t > odd.b_s:
                    odd.fixes += 1.0
                odd.b_s, odd.b_lat, odd.b_lon = t, y, x
                if not away and odd.fixes >= AWAY_FIXES:
                    odd.away_s, odd.back = t, 0.0
                    odd.from_s, odd.from_lat, odd.from_lon = place.a_s, place.a_lat, place.a_lon
            elif not away:
                odd.b_s, odd.b_lat, odd.b_lon, odd.fixes = t, y, x, 1.0
                odd.first_s, odd.first_lat, odd.first_lon = t, y, x
        # --- Circles.
        v = sog[n]
        if math.isnan(v) or v < CIRCLE_KN or v > 102.0:
            place.circling = 0
            continue
        if place.circle < 0:
            place.circle = used[2]
            used[2] += 1
            rounds[place.circle].told_s = math.nan
        one = rounds[place.circle]
        if place.circling == 0 or t > one.last_s + HOLE_S or t > one.first_s + LONGEST_S or abs(y - one.lat) > 1.0:
            place.circling = 1
            one.first_s, one.lat, one.lon, one.last_s = t, y, x, t
            one.cos = math.cos(math.radians(y))
            one.x, one.y, one.swept, one.count, one.way = 0.0, 0.0, 0.0, 0.0, 0.0
            one.dx = math.nan
            one.sx, one.sy, one.sz, one.sxx, one.sxy, one.syy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
            one.sxz, one.syz, one.szz = 0.0, 0.0, 0.0
            continue
        px = math.radians(wrap(x - one.lon)) * one.cos * EARTH_M
        py = math.radians(y - one.lat) * EARTH_M
        dx, dy = px - one.x, py - one.y
        if dx * dx + dy * dy < STEP_M * STEP_M:
            continue
        if not math.isnan(one.dx):
            turn = _turned(one.dx, one.dy, dx, dy)
            if abs(turn) > SHARPEST:  # reports out of order, or a pier: no circle
                place.circling = 0
                continue
            one.swept += turn
        one.dx, one.dy, one.last_s, one.x, one.y = dx, dy, t, px, py
        one.way += math.sqrt(dx * dx + dy * dy)
        z = px * px + py * py
        one.count += 1.0
        one.sx += px
        one.sy += py
        one.sz += z
        one.sxx += px * px
        one.sxy += px * py
        one.syy += py * py
        one.sxz += px * z
        one.syz += py * z
        one.szz += z * z
        if abs(one.swept) < TURNS * 2.0 * math.pi or one.count < CIRCLE_FIXES or t < one.told_s + QUIET_S:
            continue
        # Kasa's fit: the circle x^2 + y^2 = 2ax + 2by + c nearest in the least squares of that equation.
        k, swept = one.count, abs(one.swept) / (2.0 * math.pi)
        mx, my, mz = one.sx / k, one.sy / k, one.sz / k
        vxx, vxy, vyy = one.sxx / k - mx * mx, one.sxy / k - mx * my, one.syy / k - my * my
        vxz, vyz = one.sxz / k - mx * mz, one.syz / k - my * mz
        det = vxx * vyy - vxy * vxy
        if det > 1e-6 * (vxx + vyy) * (vxx + vyy):
            a = (vxz * vyy - vyz * vxy) / (2.0 * det)
            b = (vyz * vxx - vxz * vxy) / (2.0 * det)
            c = mz - 2.0 * a * mx - 2.0 * b * my
            radius2 = c + a * a + b * b
            left = (one.szz / k - mz * mz) - 2.0 * a * vxz - 2.0 * b * vyz
            radius = math.sqrt(max(radius2, 0.0))
            scatter = math.sqrt(max(left, 0.0)) / (2.0 * radius) if radius > 0.0 else math.inf
            way = one.way / (2.0 * math.pi * swept)  # the radius that way and turns ask for
            if SMALLEST_M <= radius <= LARGEST_M and scatter <= SCATTER * radius and abs(way - radius) < radius / 4.0:
                tell = found[told]
                tell.mmsi, tell.kind, tell.known_s, tell.start_s = mmsi[n], CIRCLE, t, one.first_s
                tell.lat = one.lat + math.degrees(b / EARTH_M)
                tell.lon = one.lon + math.degrees(a / (EARTH_M * one.cos))
                tell.other_lat, tell.other_lon = y, x
                tell.one, tell.two, tell.three = radius, swept, k
                told += 1
                one.told_s = t
    return told


@compiled
def walk_positions(
    places: Array, odds: Array, rounds: Array, used: Array, mmsi: Array, time_us: Array, origin_us: int, lat: Array,
    lon: Array, sog: Array, msg_type: Array, upto_s: float, look: Array,
) -> Any:  # fmt: skip
    """Go through fixes in the order of time, then tell by the clock; records are changed, and returned as they grew.

    ``used`` counts the records of each table that are in use. ``look`` is set where the ship has moved on since it was
    last looked at. Long-range reports are passed over. Also returned: findings, and how many.
    """
    slots = hashed(places, used[0])
    found, told = np.empty(64, FINDING), 0
    for begin in range(0, len(mmsi), ROWS_AT_ONCE):
        # Room for so many rows at once: where arrays change within the inner loop, numba counts their owners at each
        # row, with atomic operations.
        more = min(ROWS_AT_ONCE, len(mmsi) - begin)
        while used[0] + more > len(places):
            places = doubled(places)
        while used[1] + more > len(odds):
            odds = doubled(odds)
        while used[2] + more > len(rounds):
            rounds = doubled(rounds)
        while told + 3 * more > len(found):
            found = doubled(found)
        if 2 * (used[0] + more) > len(slots):
            slots = hashed(places, used[0], more)
        told = _walk_on(
            places, odds, rounds, used, slots, found, told, mmsi, time_us, origin_us, lat, lon, sog, msg_type, look,
            begin, begin + more,
        )  # fmt: skip
    for number in range(used[1]):
        if odds[number].away_s + AWAY_SPAN_S < upto_s:
            if told == len(found):
                found = doubled(found)
            if _settle(places[odds[number].place], odds[number], found[told]):
                told += 1
    return places, odds, rounds, found, told


def warm() -> None:
    """Compile, or load, what this file compiles."""
    none = np.zeros(0)
    walk_positions(
        np.empty(1, PLACE), np.empty(1, ODD), np.empty(1, ROUND), np.zeros(3, np.int64), none.astype(np.int32),
        none.astype(np.int64), 0, none, none, none.astype(np.float32), none.astype(np.uint8), 0.0, none.astype(bool),
    )  # fmt: skip
