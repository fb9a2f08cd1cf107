"""Water between two hulls and whether they lie alongside, for compiled kernels; and doors for plain values.

Each hull is the oriented rectangle that its reported dimensions span around the antenna (ITU-R M.1371: distances from
the reference point to bow, stern, port and starboard).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import compiled, inlined
from shipwatch.engine.hulls import Hulls, size_records
from shipwatch.engine.records import Records, rule_record
from shipwatch.engine.rules import EngineRules

Dimensions = tuple[float, float, float, float]
"""Metres from the antenna to bow, stern, port side and starboard side."""


@inlined
def find_size(sizes: Any, said_us: Any, mmsi: int, at_us: int, forget_us: float, size: Any, offset: int) -> bool:
    """The ship's dimensions as said up to that instant into ``size``; whether any are known.

    ``sizes`` are rows (mmsi, from, to bow, stern, port, starboard) sorted by the first two; ``said_us`` when each was
    last said. Where the antenna's place is not said, it is taken to be amidships.
    """
    low, high = 0, len(sizes)
    while low < high:
        middle = (low + high) // 2
        if sizes[middle].mmsi < mmsi or (sizes[middle].mmsi == mmsi and sizes[middle].time_us <= at_us):
            low = middle + 1
        else:
            high = middle
    row = low - 1
    if row < 0 or sizes[row].mmsi != mmsi or at_us - said_us[row] > forget_us:
        return False
    found = sizes[row]
    if found.bow == 0 and found.port == 0:
        size[offset] = found.stern / 2
        size[offset + 1] = found.stern / 2
        size[offset + 2] = found.starboard / 2
        size[offset + 3] = found.starboard / 2
    else:
        size[offset] = found.bow
        size[offset + 1] = found.stern
        size[offset + 2] = found.port
        size[offset + 3] = found.starboard
    return True


@inlined
def lay_hull(size: Any, offset: int, heading: float, x: float, y: float, box: Any, row: int) -> None:
    """East and north of the four corners of a hull whose antenna is at (x, y), into two rows of ``box``."""
    east, north = math.sin(math.radians(heading)), math.cos(math.radians(heading))
    for number in range(4):
        ahead = size[offset] if number < 2 else -size[offset + 1]
        right = size[offset + 3] if number == 1 or number == 2 else -size[offset + 2]  # noqa: PLR1714
        box[row, number] = x + ahead * east + right * north
        box[row + 1, number] = y + ahead * north - right * east


@inlined
def off_hull(size: Any, offset: int, ahead: float, right: float) -> float:
    """Distance of a point from a hull, squared; the point as seen from the antenna, along and across the hull."""
    dx = max(-size[offset + 1] - ahead, 0.0, ahead - size[offset])
    dy = max(-size[offset + 2] - right, 0.0, right - size[offset + 3])
    return float(dx * dx + dy * dy)


@inlined
def measure_hulls(
    x: float, y: float, sin_a: float, cos_a: float, sin_b: float, cos_b: float, turn_deg: float, size: Any, rule: Any
) -> tuple[float, bool]:  # fmt: skip
    """Water between two hulls, and whether they lie alongside: near, parallel, and side by side.

    ``x`` and ``y`` are b's antenna east and north of a's, then the headings and how far they are from parallel. Each
    hull is upright in its own frame, and two rectangles that do not overlap are nearest at a corner of one of them.
    """
    turn_sin, turn_cos = sin_b * cos_a - cos_b * sin_a, cos_a * cos_b + sin_a * sin_b
    ahead_b, right_b = x * sin_a + y * cos_a, x * cos_a - y * sin_a
    ahead_a, right_a = -(ahead_b * turn_cos + right_b * turn_sin), ahead_b * turn_sin - right_b * turn_cos
    nearest, apart = 1e30, False
    low, high = 1e30, -1e30
    for ship in (0, 4):  # the corners of b as a sees them, then those of a as b sees them
        other = 4 - ship
        ahead, right = (ahead_b, right_b) if ship == 0 else (ahead_a, right_a)
        sine = turn_sin if ship == 0 else -turn_sin
        low_ahead, high_ahead, low_right, high_right = 1e30, -1e30, 1e30, -1e30
        for number in range(4):
            bow = size[other] if number < 2 else -size[other + 1]
            side = size[other + 3] if number == 1 or number == 2 else -size[other + 2]  # noqa: PLR1714
            px = ahead + bow * turn_cos - side * sine
            py = right + bow * sine + side * turn_cos
            nearest = min(nearest, off_hull(size, ship, px, py))
            low_ahead, high_ahead = min(low_ahead, px), max(high_ahead, px)
            low_right, high_right = min(low_right, py), max(high_right, py)
        # One of the four axes separates them where they do not overlap (separating axis theorem).
        apart = apart or size[ship] < low_ahead or high_ahead < -size[ship + 1]
        apart = apart or size[ship + 3] < low_right or high_right < -size[ship + 2]
        if ship == 0:
            low, high = low_ahead, high_ahead
    gap = math.sqrt(nearest) if apart else 0.0
    shared = min(size[0], high) - max(-size[1], low)
    shorter = min(size[0] + size[1], size[4] + size[5])
    beside = gap <= rule.alongside_gap_m and turn_deg <= rule.alongside_angle_deg
    return gap, beside and shared >= rule.alongside_overlap * shorter


@inlined
def off_parallel(heading_a: float, heading_b: float) -> float:
    """Degrees by which two headings miss being parallel, bow to bow or bow to stern; NaN where one is not known."""
    turn: float = abs(heading_a - heading_b)
    if turn >= 180.0:
        turn = turn % 180.0
    return min(turn, 180.0 - turn)


@compiled
def _measured(
    heading_a: float, heading_b: float, x: float, y: float, size: Any, box: Any, rules: Records
) -> tuple[float, bool]:
    lay_hull(size, 0, heading_a, 0.0, 0.0, box, 0)
    lay_hull(size, 4, heading_b, x, y, box, 2)
    a, b = math.radians(heading_a), math.radians(heading_b)
    return measure_hulls(
        x, y, math.sin(a), math.cos(a), math.sin(b), math.cos(b), off_parallel(heading_a, heading_b), size, rules[0]
    )


@compiled
def _found_size(sizes: Records, said_us: Any, mmsi: int, at_us: int, forget_us: float, size: Any) -> bool:
    return find_size(sizes, said_us, mmsi, at_us, forget_us, size, 0)


def water_between(
    size_a: Dimensions, size_b: Dimensions, heading_a: float, heading_b: float, east_m: float, north_m: float,
    rules: EngineRules,
) -> tuple[float, bool, NDArray[np.float64]]:  # fmt: skip
    """Metres of water between two hulls (0 where they touch), whether they lie alongside, and their corners.

    b's antenna is ``east_m`` and ``north_m`` of a's. Corners: rows a east, a north, b east, b north. Sizes are taken
    in single precision.
    """
    box, sizes = np.empty((4, 4)), np.array([*size_a, *size_b], np.float32)
    gap, beside = _measured(
        float(heading_a), float(heading_b), float(east_m), float(north_m), sizes, box, rule_record(rules)
    )
    return gap, beside, box


def size_of(hulls: Hulls, mmsi: int, at_us: int, rules: EngineRules) -> Dimensions | None:
    """The ship's dimensions as said up to that instant, or None (also where that was ``forget_s`` ago)."""
    size = np.zeros(8, np.float32)
    if not _found_size(*size_records(hulls), mmsi, at_us, rules.forget_s * 1e6, size):
        return None
    bow, stern, port, starboard = size[:4].tolist()
    return bow, stern, port, starboard
