"""The compiled pass over released positions: when and where each ship was heard, and its silences.

One row of a position costs a look into a hash table by MMSI; everything else happens once in half an hour of a ship.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled, inlined
from shipwatch.engine.fetching import fetch
from shipwatch.engine.hull_candidates import doubled
from shipwatch.engine.reception_rows import HEARD, HOLE, PAST, STAY
from shipwatch.engine.ship_slots import hashed, place_of, sized, slot_of

Array = NDArray[Any]

DEG = math.pi / 180.0
RADIUS_M = 6_371_008.8
KNOT = 1852.0 / 3600.0
SECOND = 1_000_000
AHEAD = 8
"""So many rows before its turn a ship is asked for."""
JUMPS = 3
"""So many reports out of reach of the last good one, and the ship is taken to be where they say."""
JUMP_KN, JUMP_SLACK_S, JUMP_SLACK_M = 60.0, 180.0, 1000.0


@inlined
def metres(dlat: float, dlon: float, lat: float) -> float:
    """The way of some degrees, as on a plane about that latitude."""
    x = dlon * math.cos(lat * DEG)
    return math.sqrt(x * x + dlat * dlat) * DEG * RADIUS_M


@inlined
def wrapped(dlon: float) -> float:
    """A difference of two longitudes the shorter way round."""
    if dlon > 180.0:
        return dlon - 360.0
    if dlon < -180.0:
        return dlon + 360.0
    return dlon


@inlined
def _listen_on(
    mmsi: Array, time_us: Array, lat: Array, lon: Array, sog: Array, cog: Array, msg_type: Array,
    heard: Array, past: Array, slots: Array, count: Array, begin: int, own: bool,
    piece_us: int, stay_us: int, stay_m: float, hole_us: int, forget_us: int, decay_s: float,
    stays: Array, holes: Array, fresh: Array,
) -> int:  # fmt: skip
    """Go through rows from ``begin`` on, until one needs more room, or tables that are the walk's ``own``: that row."""
    for i in range(begin, len(mmsi)):
        # The tables lie anywhere in memory: asked for some rows ahead, they are near when their turn comes.
        if i + 2 * AHEAD < len(mmsi):
            fetch(slots, slot_of(slots, mmsi[i + 2 * AHEAD]))
            soon = slots[slot_of(slots, mmsi[i + AHEAD])]
            if soon >= 0:
                fetch(heard, soon)
        at = place_of(slots, heard, mmsi[i])
        row = slots[at]
        t = time_us[i]
        begins = row < 0
        if begins:
            known = count[0]
            if not own or known == len(heard) or 2 * (known + 1) > len(slots):
                return i
            slots[at] = row = known
            count[0] += 1
            heard[row].mmsi = mmsi[i]
        ship = heard[row]
        if not begins:
            if t - ship.t1_us > forget_us:
                if not own:
                    return i
                begins = True
            elif t - ship.t1_us < SECOND:
                continue
        b = 1 if msg_type[i] == 18 or msg_type[i] == 19 else 0
        if begins:
            ship.t0_us = t
            ship.t1_us = t
            ship.since_us = t
            ship.skipped = 0
            ship.class_b = b
            ship.lat1_deg = lat[i]
            ship.lon1_deg = lon[i]
            ship.sog_kn = sog[i]
            ship.cog_deg = cog[i]
            ship.top_kn = sog[i]
            was = past[row]
            was.first_us = t
            was.first_lat_deg = lat[i]
            was.first_lon_deg = lon[i]
            was.first_sog_kn = sog[i]
            was.first_cog_deg = cog[i]
            was.lat0_deg = lat[i]
            was.lon0_deg = lon[i]
            was.fast_kn = 0.0
            was.heard_s = 0.0
            was.missed_s = 0.0
            fresh[count[3]] = row
            count[3] += 1
            continue
        dt_s = (t - ship.t1_us) / SECOND
        dlon = wrapped(lon[i] - ship.lon1_deg)
        # Seldom needed exactly: a bound on the way settles nearly every row without a root or a cosine.
        limit_m = JUMP_KN * KNOT * (dt_s + JUMP_SLACK_S) + JUMP_SLACK_M
        silent = dt_s * SECOND > hole_us
        way_m = (abs(dlon) + abs(lat[i] - ship.lat1_deg)) * DEG * RADIUS_M
        if silent or way_m > limit_m:
            way_m = metres(lat[i] - ship.lat1_deg, dlon, (lat[i] + ship.lat1_deg) / 2)
        restart = way_m > limit_m
        if restart and ship.skipped + 1 < JUMPS:
            ship.skipped += 1
            continue
        ran_us = ship.t1_us - ship.t0_us
        ended = ran_us > 0 and (restart or silent)
        if not own and (silent or restart or ran_us >= piece_us):
            return i
        ship.skipped = 0
        if ended or ran_us >= piece_us:
            was = past[row]
            dlon = wrapped(ship.lon1_deg - was.lon0_deg)
            moved_m = metres(ship.lat1_deg - was.lat0_deg, dlon, (was.lat0_deg + ship.lat1_deg) / 2)
            if ended or moved_m > stay_m or ran_us >= stay_us:
                ran_s = ran_us / SECOND
                if ran_s >= 600.0:
                    made_kn = moved_m / ran_s / KNOT
                    was.fast_kn = max(was.fast_kn, made_kn)
                fade = math.exp(-ran_s / decay_s)
                was.heard_s = was.heard_s * fade + ran_s
                was.missed_s *= fade
                stay = stays[count[1]]
                stay.mmsi = mmsi[i]
                stay.t0_us = ship.t0_us
                stay.t1_us = ship.t1_us
                stay.known_us = t
                stay.class_b = ship.class_b
                stay.lat0_deg = was.lat0_deg
                stay.lon0_deg = was.lon0_deg
                stay.lat1_deg = ship.lat1_deg
                stay.lon1_deg = ship.lon1_deg
                stay.top_kn = ship.top_kn
                count[1] += 1
                ship.t0_us = ship.t1_us
                was.lat0_deg = ship.lat1_deg
                was.lon0_deg = ship.lon1_deg
                ship.top_kn = ship.sog_kn
        if silent or restart:
            was = past[row]
            if not restart:
                hole = holes[count[2]]
                hole.mmsi = mmsi[i]
                hole.t0_us = ship.t1_us
                hole.t1_us = t
                hole.ran_us = ship.t1_us - ship.since_us
                hole.class_b = ship.class_b
                hole.cog0_deg = ship.cog_deg
                hole.cog1_deg = cog[i]
                hole.fast_kn = was.fast_kn
                hole.heard_s = was.heard_s
                hole.missed_s = was.missed_s
                count[2] += 1
                fade = math.exp(-dt_s / decay_s)
                was.heard_s *= fade
                was.missed_s = was.missed_s * fade + dt_s
                made_kn = way_m / dt_s / KNOT
                was.fast_kn = max(was.fast_kn, made_kn)
            ship.t0_us = t
            ship.since_us = t
            was.lat0_deg = lat[i]
            was.lon0_deg = lon[i]
            ship.top_kn = sog[i]
        ship.t1_us = t
        ship.class_b = b
        ship.lat1_deg = lat[i]
        ship.lon1_deg = lon[i]
        ship.sog_kn = sog[i]
        ship.cog_deg = cog[i]
        if sog[i] > ship.top_kn or math.isnan(ship.top_kn):
            ship.top_kn = sog[i]
    return len(mmsi)


@compiled
def listen(
    mmsi: Array, time_us: Array, lat: Array, lon: Array, sog: Array, cog: Array, msg_type: Array,
    heard: Array, past: Array, slots: Array, known: int,
    piece_us: int, stay_us: int, stay_m: float, hole_us: int, forget_us: int, decay_s: float,
    stays: Array, holes: Array, fresh: Array,
) -> Any:  # fmt: skip
    """Go through positions sorted by time; ``heard`` is changed, ``past`` and ``slots`` (the hash) copied if need be.

    ``known`` of the records are in use. Writes stretches in which a ship was heard, silences of at least ``hole_us``
    and, to ``fresh``, the rows of ships that begin anew. Returns the three tables as they grew and how many ships,
    stretches, silences and new ships there are. Times in microseconds.
    """
    own = len(slots) < 2 * known or len(slots) == 0
    if own:
        slots = hashed(heard, known)
        past = sized(past, len(heard))
    count = np.array([known, 0, 0, 0])
    row = 0
    while row < len(mmsi):
        # Tables are copied and grow here only: where an array is replaced within a loop, numba counts its owners at
        # each turn, with atomic operations.
        row = _listen_on(
            mmsi, time_us, lat, lon, sog, cog, msg_type, heard, past, slots, count, row, own, piece_us, stay_us, stay_m,
            hole_us, forget_us, decay_s, stays, holes, fresh,
        )  # fmt: skip
        if row < len(mmsi):
            if not own:
                past, slots, own = sized(past, len(heard)), slots.copy(), True
            if count[0] == len(heard):
                heard = doubled(heard)
                past = sized(past, len(heard))
            if 2 * (count[0] + 1) > len(slots):
                slots = hashed(heard, count[0])
    return heard, past, slots, count[0], count[1], count[2], count[3]


def warm() -> None:
    """Compile, or load, what this file compiles."""
    empty = np.empty(0)
    few = empty.astype(np.float32)
    listen(
        empty.astype(np.int32), empty.astype(np.int64), empty, empty, few, few, empty.astype(np.uint8),
        np.empty(1, HEARD), np.empty(1, PAST), np.empty(0, np.int32), 0, 1, 1, 1.0, 1, 1, 1.0, np.empty(0, STAY),
        np.empty(0, HOLE), np.empty(0, np.int32),
    )  # fmt: skip
