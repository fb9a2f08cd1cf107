"""The compiled pass over released positions: when and where each ship was heard, and its silences.

One row of a position costs a look into a hash table by MMSI; everything else happens once in half an hour of a ship.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled

Array = NDArray[Any]

DEG = math.pi / 180.0
RADIUS_M = 6_371_008.8
KNOT = 1852.0 / 3600.0
SECOND = 1_000_000
JUMPS = 3
"""So many reports out of reach of the last good one, and the ship is taken to be where they say."""
JUMP_KN, JUMP_SLACK_S, JUMP_SLACK_M = 60.0, 180.0, 1000.0

# Columns of the table of ships, integers and floats.
T0, T1, SINCE, SKIPPED, CLASS_B, FIRST = 0, 1, 2, 3, 4, 5
LAT0, LON0, LAT1, LON1, SOG, COG, TOP, FAST, HEARD, MISSED = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
FIRST_LAT, FIRST_LON, FIRST_SOG, FIRST_COG = 10, 11, 12, 13


@compiled
def listen(
    mmsi: Array, time_us: Array, lat: Array, lon: Array, sog: Array, cog: Array, msg_type: Array,
    ship: Array, whole: Array, real: Array, known: int, slots: Array,
    piece_us: int, stay_us: int, stay_m: float, hole_us: int, forget_us: int, decay_s: float,
    piece_row: Array, piece_whole: Array, piece_real: Array,
    hole_row: Array, hole_whole: Array, hole_real: Array, first: int, pieces: int, holes: int,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Go through positions sorted by time; ships (``ship``, ``whole``, ``real``) are brought up to date in place.

    ``slots`` is an empty hash table (-1) of a power of two. Writes pieces in which a ship was heard and silences of at
    least ``hole_us``. Begins at row ``first``; returns the row at which it stopped (before the last where there is no
    room for another ship), and how many ships, pieces and silences there are. Times in microseconds.
    """
    mask = len(slots) - 1
    for row in range(known):
        at = (ship[row] * 2654435761) & mask
        while slots[at] >= 0:
            at = (at + 1) & mask
        slots[at] = row
    for i in range(first, len(mmsi)):
        number = mmsi[i]
        at = (number * 2654435761) & mask
        while slots[at] >= 0 and ship[slots[at]] != number:
            at = (at + 1) & mask
        row = slots[at]
        t = time_us[i]
        fresh = row < 0
        if fresh:
            if known == len(ship):
                return i, known, pieces, holes
            row = known
            known += 1
            slots[at] = row
            ship[row] = number
        elif t - whole[row, T1] > forget_us:
            fresh = True
        elif t - whole[row, T1] < SECOND:
            continue
        b = 1 if msg_type[i] == 18 or msg_type[i] == 19 else 0
        if fresh:
            whole[row, T0] = t
            whole[row, T1] = t
            whole[row, SINCE] = t
            whole[row, SKIPPED] = 0
            whole[row, CLASS_B] = b
            whole[row, FIRST] = t
            real[row, FIRST_LAT] = lat[i]
            real[row, FIRST_LON] = lon[i]
            real[row, FIRST_SOG] = sog[i]
            real[row, FIRST_COG] = cog[i]
            real[row, LAT0] = lat[i]
            real[row, LON0] = lon[i]
            real[row, LAT1] = lat[i]
            real[row, LON1] = lon[i]
            real[row, SOG] = sog[i]
            real[row, COG] = cog[i]
            real[row, TOP] = sog[i]
            real[row, FAST] = 0.0
            real[row, HEARD] = 0.0
            real[row, MISSED] = 0.0
            continue
        dt_s = (t - whole[row, T1]) / SECOND
        dlon = lon[i] - real[row, LON1]
        if dlon > 180.0:
            dlon -= 360.0
        elif dlon < -180.0:
            dlon += 360.0
        # Seldom needed exactly: a bound on the way settles nearly every row without a root or a cosine.
        limit_m = JUMP_KN * KNOT * (dt_s + JUMP_SLACK_S) + JUMP_SLACK_M
        silent = dt_s * SECOND > hole_us
        way_m = (abs(dlon) + abs(lat[i] - real[row, LAT1])) * DEG * RADIUS_M
        if silent or way_m > limit_m:
            x = dlon * math.cos((lat[i] + real[row, LAT1]) / 2 * DEG)
            y = lat[i] - real[row, LAT1]
            way_m = math.sqrt(x * x + y * y) * DEG * RADIUS_M
        restart = False
        if way_m > limit_m:
            whole[row, SKIPPED] += 1
            if whole[row, SKIPPED] < JUMPS:
                continue
            restart = True
        whole[row, SKIPPED] = 0
        ran_us = whole[row, T1] - whole[row, T0]
        ended = ran_us > 0 and (restart or silent)
        moved_m = 0.0
        if ended or ran_us >= piece_us:
            dlon = real[row, LON1] - real[row, LON0]
            if dlon > 180.0:
                dlon -= 360.0
            elif dlon < -180.0:
                dlon += 360.0
            x = dlon * math.cos((real[row, LAT0] + real[row, LAT1]) / 2 * DEG)
            y = real[row, LAT1] - real[row, LAT0]
            moved_m = math.sqrt(x * x + y * y) * DEG * RADIUS_M
        if ended or (ran_us >= piece_us and (moved_m > stay_m or ran_us >= stay_us)):
            ran_s = ran_us / SECOND
            if ran_s >= 600.0:
                made_kn = moved_m / ran_s / KNOT
                real[row, FAST] = max(real[row, FAST], made_kn)
            fade = math.exp(-ran_s / decay_s)
            real[row, HEARD] = real[row, HEARD] * fade + ran_s
            real[row, MISSED] *= fade
            piece_row[pieces] = number
            piece_whole[pieces, 0] = whole[row, T0]
            piece_whole[pieces, 1] = whole[row, T1]
            piece_whole[pieces, 2] = t
            piece_whole[pieces, 3] = whole[row, CLASS_B]
            piece_real[pieces, 0] = real[row, LAT0]
            piece_real[pieces, 1] = real[row, LON0]
            piece_real[pieces, 2] = real[row, LAT1]
            piece_real[pieces, 3] = real[row, LON1]
            piece_real[pieces, 4] = real[row, TOP]
            pieces += 1
            whole[row, T0] = whole[row, T1]
            real[row, LAT0] = real[row, LAT1]
            real[row, LON0] = real[row, LON1]
            real[row, TOP] = real[row, SOG]
        if silent and not restart:
            hole_row[holes] = number
            hole_whole[holes, 0] = whole[row, T1]
            hole_whole[holes, 1] = t
            hole_whole[holes, 2] = whole[row, T1] - whole[row, SINCE]
            hole_whole[holes, 3] = whole[row, CLASS_B]
            hole_real[holes, 0] = real[row, COG]
            hole_real[holes, 1] = cog[i]
            hole_real[holes, 2] = real[row, FAST]
            hole_real[holes, 3] = real[row, HEARD]
            hole_real[holes, 4] = real[row, MISSED]
            holes += 1
            fade = math.exp(-dt_s / decay_s)
            real[row, HEARD] *= fade
            real[row, MISSED] = real[row, MISSED] * fade + dt_s
            made_kn = way_m / dt_s / KNOT
            real[row, FAST] = max(real[row, FAST], made_kn)
        if silent or restart:
            whole[row, T0] = t
            whole[row, SINCE] = t
            real[row, LAT0] = lat[i]
            real[row, LON0] = lon[i]
            real[row, TOP] = sog[i]
        whole[row, T1] = t
        whole[row, CLASS_B] = b
        real[row, LAT1] = lat[i]
        real[row, LON1] = lon[i]
        real[row, SOG] = sog[i]
        real[row, COG] = cog[i]
        if sog[i] > real[row, TOP] or math.isnan(real[row, TOP]):
            real[row, TOP] = sog[i]
    return len(mmsi), known, pieces, holes


def warm() -> None:
    """Compile, or load, what this file compiles."""
    empty, whole, real = np.empty(0), np.empty((0, 6), np.int64), np.empty((0, 14))
    few = empty.astype(np.float32)
    listen(
        empty.astype(np.int32), empty.astype(np.int64), empty, empty, few, few, empty.astype(np.uint8),
        empty.astype(np.int64), whole, real, 0, np.full(8, -1), 1, 1, 1.0, 1, 1, 1.0,
        empty.astype(np.int64), np.empty((0, 4), np.int64), np.empty((0, 5)),
        empty.astype(np.int64), np.empty((0, 4), np.int64), np.empty((0, 5)), 0, 0, 0,
    )  # fmt: skip
