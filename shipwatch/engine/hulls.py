"""Hulls: the water between two ships, from AIS dimensions, antenna position and heading, not between antennas.

Each hull is the oriented rectangle that its reported dimensions span around the antenna (ITU-R M.1371: distances from
the reference point to bow, stern, port and starboard).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, StaticReports
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

Dimensions = tuple[float, float, float, float]
"""Metres from the antenna to bow, stern, port side and starboard side."""

LONGEST_M, WIDEST_M = 500.0, 90.0
"""No hull afloat is larger; larger figures are input errors and count as not sent."""


@dataclass(frozen=True, slots=True)
class Sizes(Columns):
    """What ships said of their dimensions, and from when on; sorted by (mmsi, time), only changes kept."""

    mmsi: Array
    time_us: Array
    to_bow_m: Array
    to_stern_m: Array
    to_port_m: Array
    to_starboard_m: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int32", "time_us": "int64", "to_bow_m": "float32", "to_stern_m": "float32", "to_port_m": "float32",
        "to_starboard_m": "float32",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hulls:
    """Known dimensions by MMSI; several per ship only while one step is worked through."""

    sizes: Sizes = field(default_factory=Sizes.empty)


def learn(hulls: Hulls, statics: StaticReports) -> Hulls:
    """Add what static reports (sorted by time) say; implausible or absent dimensions change nothing."""
    length = statics.to_bow_m + statics.to_stern_m
    beam = statics.to_port_m + statics.to_starboard_m
    with np.errstate(invalid="ignore"):
        good = (length > 0) & (length <= LONGEST_M) & (beam > 0) & (beam <= WIDEST_M)
    if not good.any():
        return hulls
    said = statics.take(good)
    added = Sizes(**{name: getattr(said, name) for name in Sizes.DTYPES})
    sizes = Sizes.concat((hulls.sizes, added))
    sizes = sizes.take(np.lexsort((sizes.time_us, sizes.mmsi)))
    same = np.zeros(len(sizes), bool)
    same[1:] = sizes.mmsi[1:] == sizes.mmsi[:-1]
    for name in ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m"):
        column = getattr(sizes, name)
        same[1:] &= column[1:] == column[:-1]
    return Hulls(sizes.take(~same))


def forget(hulls: Hulls) -> Hulls:
    """Only the newest dimensions of each ship: nothing older will be asked for."""
    sizes = hulls.sizes
    return Hulls(sizes.take(np.append(sizes.mmsi[1:] != sizes.mmsi[:-1], True))) if len(sizes) else hulls


def size_of(hulls: Hulls, mmsi: int, at_us: int) -> Dimensions | None:
    """The ship's dimensions as said up to that instant, or None.

    Where the antenna's place is not said (to bow and to port both 0, to stern and to starboard not), it is taken to be
    amidships.
    """
    sizes = hulls.sizes
    low, high = np.searchsorted(sizes.mmsi, [mmsi, mmsi + 1])
    row = low + int(np.searchsorted(sizes.time_us[low:high], at_us, "right")) - 1
    if row < low:
        return None
    bow, stern, port, starboard = (
        float(getattr(sizes, name)[row]) for name in ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
    )
    if bow == 0 and port == 0:
        return stern / 2, stern / 2, starboard / 2, starboard / 2
    return bow, stern, port, starboard


def corners(size: Dimensions, heading_deg: Array, x_m: Array, y_m: Array) -> Array:
    """Corners of hulls, shape (n, 4, 2) in metres east and north, for antennas at (x, y) and headings in degrees."""
    bow, stern, port, starboard = size
    ahead = np.array([bow, bow, -stern, -stern])
    right = np.array([-port, starboard, starboard, -port])
    angle = np.radians(heading_deg)[:, None]
    east = x_m[:, None] + ahead * np.sin(angle) + right * np.cos(angle)
    north = y_m[:, None] + ahead * np.cos(angle) - right * np.sin(angle)
    return np.stack((east, north), axis=2)


def gap_m(a: Array, b: Array) -> Array:
    """Metres of water between rectangles a and b (corners, shape (n, 4, 2)); 0 where they touch or overlap."""
    nearest = np.minimum(_corner_to_sides(a, b), _corner_to_sides(b, a))
    return np.where(_apart(a, b) | _apart(b, a), nearest, 0.0)


def _corner_to_sides(points: Array, box: Array) -> Array:
    start = box[:, None, :, :]
    side = np.roll(box, -1, axis=1)[:, None, :, :] - start
    to_point = points[:, :, None, :] - start
    length2 = np.maximum((side**2).sum(axis=3), 1e-9)
    share = np.clip((to_point * side).sum(axis=3) / length2, 0.0, 1.0)
    off = to_point - share[..., None] * side
    return np.asarray(np.sqrt((off**2).sum(axis=3)).min(axis=(1, 2)))


def _apart(box: Array, other: Array) -> Array:
    """Whether one of the two axes of ``box`` separates the rectangles (separating axis theorem)."""
    separated = np.zeros(len(box), bool)
    for corner in (1, 3):
        axis = box[:, corner] - box[:, 0]
        mine = np.einsum("nij,nj->ni", box, axis)
        theirs = np.einsum("nij,nj->ni", other, axis)
        separated |= (mine.max(axis=1) < theirs.min(axis=1)) | (theirs.max(axis=1) < mine.min(axis=1))
    return separated


def heading_difference(heading_a: Array, heading_b: Array) -> Array:
    """How far two headings are from parallel or anti-parallel, 0 to 90 degrees.

    >>> heading_difference(np.array([10.0]), np.array([185.0])).tolist()
    [5.0]
    """
    turn = np.abs(heading_a - heading_b) % 180.0
    return np.asarray(np.minimum(turn, 180.0 - turn))


def alongside(
    a: Array, b: Array, size_a: Dimensions, size_b: Dimensions, heading_a: Array, heading_b: Array, gap: Array,
    rules: EngineRules,
) -> Array:  # fmt: skip
    """Where two hulls lie alongside: near, parallel, and side by side rather than in line."""
    angle = np.radians(heading_a)
    axis = np.stack((np.sin(angle), np.cos(angle)), axis=1)
    along_a, along_b = np.einsum("nij,nj->ni", a, axis), np.einsum("nij,nj->ni", b, axis)
    shared = np.minimum(along_a.max(axis=1), along_b.max(axis=1)) - np.maximum(along_a.min(axis=1), along_b.min(axis=1))
    shorter = min(size_a[0] + size_a[1], size_b[0] + size_b[1])
    parallel = heading_difference(heading_a, heading_b) <= rules.alongside_angle_deg
    return np.asarray((gap <= rules.alongside_gap_m) & parallel & (shared >= rules.alongside_overlap * shorter))
