"""Water between two hulls and whether they lie alongside, for compiled kernels; and doors for plain values.

Each hull is the oriented rectangle that its reported dimensions span around the antenna (ITU-R M.1371: distances from
the reference point to bow, stern, port and starboard).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.kernel_cache import always_inlined, compiled, inlined
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


@always_inlined
def off_hull(bow: float, stern: float, port: float, starboard: float, ahead: float, right: float) -> float:
    """Distance of a point from a hull, squared; the point as seen from the antenna, along and across the hull."""
    dx = max(-stern - ahead, 0.0, ahead - bow)
    dy = max(-port - right, 0.0, right - starboard)
    return dx * dx + dy * dy


@always_inlined
def corners_off(
    ahead: float, right: float, sine: float, cosine: float, bow: float, stern: float, port: float, starboard: float,
    own_bow: float, own_stern: float, own_port: float, own_starboard: float,
) -> tuple[float, float, float, bool]:  # fmt: skip
    """The other hull seen from one's own: distance of its nearest corner (squared), how far astern and ahead it
    reaches, and whether one of this ship's two axes separates them. Without branches, so that loops become vectors.
    """
    # Bow port, bow starboard, stern starboard, stern port; side by side, for each is a product of the same four.
    bx, by, sx, sy = bow * cosine, bow * sine, stern * cosine, stern * sine
    px, py, tx, ty = port * sine, port * cosine, starboard * sine, starboard * cosine
    ahead_0, ahead_1, ahead_2, ahead_3 = ahead + bx + px, ahead + bx - tx, ahead - sx - tx, ahead - sx + px
    right_0, right_1, right_2, right_3 = right + by - py, right + by + ty, right - sy + ty, right - sy - py
    nearest = min(
        off_hull(own_bow, own_stern, own_port, own_starboard, ahead_0, right_0),
        off_hull(own_bow, own_stern, own_port, own_starboard, ahead_1, right_1),
        off_hull(own_bow, own_stern, own_port, own_starboard, ahead_2, right_2),
        off_hull(own_bow, own_stern, own_port, own_starboard, ahead_3, right_3),
    )
    low, high = min(ahead_0, ahead_1, ahead_2, ahead_3), max(ahead_0, ahead_1, ahead_2, ahead_3)
    left, most = min(right_0, right_1, right_2, right_3), max(right_0, right_1, right_2, right_3)
    apart = (own_bow < low) | (high < -own_stern) | (own_starboard < left) | (most < -own_port)
    return nearest, low, high, apart


@always_inlined
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
    # The corners of b as a sees them, then those of a as b sees them.
    of_b, low, high, apart_a = corners_off(
        ahead_b, right_b, turn_sin, turn_cos, size[4], size[5], size[6], size[7], size[0], size[1], size[2], size[3]
    )
    of_a, _, _, apart_b = corners_off(
        ahead_a, right_a, -turn_sin, turn_cos, size[0], size[1], size[2], size[3], size[4], size[5], size[6], size[7]
    )
    # One of the four axes separates them where they do not overlap (separating axis theorem).
    gap = math.sqrt(min(of_a, of_b)) if apart_a | apart_b else 0.0
    shared = min(size[0], high) - max(-size[1], low)
    shorter = min(size[0] + size[1], size[4] + size[5])
    beside = (gap <= rule.alongside_gap_m) & (turn_deg <= rule.alongside_angle_deg)
    return gap, beside & (shared >= rule.alongside_overlap * shorter)


@inlined
def off_parallel(heading_a: float, heading_b: float) -> float:
    """Degrees by which two headings miss being parallel, bow to bow or bow to stern; NaN where one is not known."""
    turn: float = abs(heading_a - heading_b)
    if turn >= 180.0:
        turn -= 180.0
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
