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
from shipwatch.engine.records import SAMPLE, Records, rule_record
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
def corner_to_side(px: float, py: float, ax: float, ay: float, bx: float, by: float) -> float:
    """Distance of a point from a straight side, squared."""
    dx, dy = bx - ax, by - ay
    share = min(max(((px - ax) * dx + (py - ay) * dy) / max(dx * dx + dy * dy, 1e-9), 0.0), 1.0)
    ex, ey = px - ax - share * dx, py - ay - share * dy
    return ex * ex + ey * ey


@inlined
def measure_hulls(sample: Any, size: Any, box: Any, rule: Any) -> tuple[float, bool]:
    """Water between the two hulls of a sample, and whether they lie alongside: near, parallel, and side by side."""
    lay_hull(size, 0, sample.heading_a, 0.0, 0.0, box, 0)
    lay_hull(size, 4, sample.heading_b, sample.x, sample.y, box, 2)
    nearest = 1e30
    for number in range(4):
        for side in range(4):
            end = (side + 1) % 4
            nearest = min(nearest, corner_to_side(box[0, number], box[1, number], box[2, side], box[3, side],
                                                  box[2, end], box[3, end]))  # fmt: skip
            nearest = min(nearest, corner_to_side(box[2, number], box[3, number], box[0, side], box[1, side],
                                                  box[0, end], box[1, end]))  # fmt: skip
    apart = False
    for ship in (0, 2):
        for other in (1, 3):  # an axis of either hull that separates them (separating axis theorem)
            ax, ay = box[ship, other] - box[ship, 0], box[ship + 1, other] - box[ship + 1, 0]
            low_a, high_a, low_b, high_b = 1e30, -1e30, 1e30, -1e30
            for number in range(4):
                a = box[0, number] * ax + box[1, number] * ay
                b = box[2, number] * ax + box[3, number] * ay
                low_a, high_a, low_b, high_b = min(low_a, a), max(high_a, a), min(low_b, b), max(high_b, b)
            apart = apart or high_a < low_b or high_b < low_a
    gap = math.sqrt(nearest) if apart else 0.0
    along_x, along_y = math.sin(math.radians(sample.heading_a)), math.cos(math.radians(sample.heading_a))
    low_a, high_a, low_b, high_b = 1e30, -1e30, 1e30, -1e30
    for number in range(4):
        a = box[0, number] * along_x + box[1, number] * along_y
        b = box[2, number] * along_x + box[3, number] * along_y
        low_a, high_a, low_b, high_b = min(low_a, a), max(high_a, a), min(low_b, b), max(high_b, b)
    shared = min(high_a, high_b) - max(low_a, low_b)
    shorter = min(size[0] + size[1], size[4] + size[5])
    turn = abs(sample.heading_a - sample.heading_b) % 180.0
    parallel = min(turn, 180.0 - turn) <= rule.alongside_angle_deg
    return gap, gap <= rule.alongside_gap_m and parallel and shared >= rule.alongside_overlap * shorter


@compiled
def _measured(samples: Records, size: Any, box: Any, rules: Records) -> Any:
    return measure_hulls(samples[0], size, box, rules[0])


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
    sample, box = np.zeros(1, SAMPLE), np.empty((4, 4))
    sample["heading_a"], sample["heading_b"], sample["x"], sample["y"] = heading_a, heading_b, east_m, north_m
    gap, beside = _measured(sample, np.array([*size_a, *size_b], np.float32), box, rule_record(rules))
    return gap, beside, box


def size_of(hulls: Hulls, mmsi: int, at_us: int, rules: EngineRules) -> Dimensions | None:
    """The ship's dimensions as said up to that instant, or None (also where that was ``forget_s`` ago)."""
    size = np.zeros(8, np.float32)
    if not _found_size(*size_records(hulls), mmsi, at_us, rules.forget_s * 1e6, size):
        return None
    bow, stern, port, starboard = size[:4].tolist()
    return bow, stern, port, starboard
