"""Contacts: which pairs of tracks come near, and their overlaps solved in closed form.

Candidate pairs come from a hash of (time bucket, cell); it may only offer too many, never too few. What counts is
decided on each overlap of two legs: a straight relative motion whose distance crosses a threshold at instants that are
the roots of a quadratic, so no instant is missed between samples and none is rounded to a grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns
from shipwatch.engine.legs import INFERRED, OBSERVED, SILENT, Legs
from shipwatch.engine.motion import M_PER_DEG, US, closest, within, wrap_deg
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

BUCKET_US = 600 * US
DARK = 2
"""Kind of an overlap in which at least one leg is silent."""


@dataclass(frozen=True, slots=True)
class Overlaps(Columns):
    """Two legs of two tracks over the time they share, sorted by (pair, time); known from ``known_us`` on.

    ``x*_m``, ``y*_m``: position of b as seen from a, east and north, at the start and end of the overlap. ``in_*`` and
    ``out_*``: shares of the overlap between which the distance is within enter (``e``) and leave (``l``), empty where
    in > out. ``leg_a``, ``leg_b``: rows of the legs table they were made from.
    """

    pair: Array
    leg_a: Array
    leg_b: Array
    t0_us: Array
    t1_us: Array
    known_us: Array
    kind: Array
    x0_m: Array
    y0_m: Array
    x1_m: Array
    y1_m: Array
    in_e: Array
    out_e: Array
    in_l: Array
    out_l: Array
    least_m: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "pair": "int64", "leg_a": "int64", "leg_b": "int64", "t0_us": "int64", "t1_us": "int64", "known_us": "int64",
        "kind": "uint8", "x0_m": "float64", "y0_m": "float64", "x1_m": "float64", "y1_m": "float64",
        "in_e": "float64", "out_e": "float64", "in_l": "float64", "out_l": "float64", "least_m": "float64",
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.pair)


def near_pairs(legs: Legs, new: Array, rules: EngineRules) -> Array:
    """Pairs of tracks (rows of two track keys, the smaller first) that may come within the enter distance.

    ``new`` marks the legs just closed; a pair is offered when a new leg of one shares a time bucket and a neighbourhood
    of cells with any leg of the other. Tracks of one MMSI are never a pair.
    """
    usable = np.flatnonzero(legs.slow & legs.in_scope)
    if not len(usable):
        return np.empty((0, 2), np.int64)
    leg, bucket, lat, lon = _pieces(legs, usable)
    # Wide enough that two pieces in contact always have their midpoints in neighbouring cells.
    piece_m = rules.contact_slow_kn * 1852 / 3600 * (BUCKET_US / US + 60)
    cell_deg = (piece_m + rules.enter_m + 100.0) / M_PER_DEG
    row = np.floor((lat + 90.0) / cell_deg).astype(np.int64)
    stored = np.unique(np.stack((_key(bucket, row, _column(row, lon, cell_deg)), legs.track[leg]), axis=1), axis=0)
    keys, tracks = stored[:, 0], stored[:, 1]

    fresh = new[leg]
    leg, bucket, row, lon = leg[fresh], bucket[fresh], row[fresh], lon[fresh]
    own = legs.track[leg]
    asks = []
    for step in (-1, 0, 1):
        there = row + step
        columns, _ = _columns(there, cell_deg)
        middle = _column(there, lon, cell_deg)
        for side in (-1, 0, 1):
            asks.append(np.stack((_key(bucket, there, (middle + side) % columns), own), axis=1))
    asked = np.unique(np.concatenate(asks), axis=0)
    low, high = np.searchsorted(keys, asked[:, 0], "left"), np.searchsorted(keys, asked[:, 0], "right")
    source = np.repeat(np.arange(len(asked)), high - low)
    other = tracks[_ranges(low, high)]
    mine = asked[source, 1]
    distinct = mine // 64 != other // 64
    mine, other = mine[distinct], other[distinct]
    return np.unique(np.stack((np.minimum(mine, other), np.maximum(mine, other)), axis=1), axis=0)


def _pieces(legs: Legs, usable: Array) -> tuple[Array, Array, Array, Array]:
    """Cut legs at the bucket marks; for each piece its leg, its bucket and its midpoint."""
    first, last = legs.t0_us[usable] // BUCKET_US, legs.t1_us[usable] // BUCKET_US
    count = last - first + 1
    leg = np.repeat(usable, count)
    bucket = _ranges(first, last + 1)
    t0, t1 = legs.t0_us[leg], legs.t1_us[leg]
    start, end = np.maximum(t0, bucket * BUCKET_US), np.minimum(t1, (bucket + 1) * BUCKET_US)
    share = ((start - t0) + (end - t0)) / 2 / np.maximum(t1 - t0, 1)
    lat = legs.lat0_deg[leg] + share * (legs.lat1_deg[leg] - legs.lat0_deg[leg])
    lon = legs.lon0_deg[leg] + share * (legs.lon1_deg[leg] - legs.lon0_deg[leg])
    return leg, bucket, lat, wrap_deg(lon)


def _columns(row: Array, cell_deg: float) -> tuple[Array, Array]:
    """How many equal columns a row of cells has so that each is at least a cell wide on the ground, and their width."""
    poleward = np.minimum(np.maximum(np.abs(row * cell_deg - 90.0), np.abs((row + 1) * cell_deg - 90.0)), 89.9)
    columns = np.maximum(np.floor(360.0 / (cell_deg / np.cos(np.radians(poleward)))), 1).astype(np.int64)
    return columns, 360.0 / columns


def _column(row: Array, lon: Array, cell_deg: float) -> Array:
    columns, width = _columns(row, cell_deg)
    return np.asarray(np.floor((lon + 180.0) / width).astype(np.int64) % columns)


def _key(bucket: Array, row: Array, column: Array) -> Array:
    return (bucket << 32) | ((row & 0xFFFF) << 16) | (column & 0xFFFF)


def _ranges(low: Array, high: Array) -> Array:
    """All integers of the half-open ranges low..high, one after the other."""
    count = high - low
    before = np.cumsum(count) - count
    return np.asarray(np.arange(count.sum()) - np.repeat(before - low, count))


def overlaps(legs: Legs, new: Array, pairs: Array, rules: EngineRules) -> Overlaps:
    """Every overlap of two legs of the given pairs that became known with the new legs.

    ``legs`` sorted by (track, time). An overlap is known when the later of its legs closes; those of one pair become
    known in the order of their time.
    """
    if not len(pairs) or not len(legs):
        return Overlaps.empty()
    names, track = np.unique(legs.track, return_inverse=True)
    base, span = int(legs.t0_us.min()), int(legs.t1_us.max() - legs.t0_us.min()) + 2
    start_key, end_key = track * span + (legs.t0_us - base), track * span + (legs.t1_us - base)
    there = np.flatnonzero(np.isin(pairs, names).all(axis=1))
    if not len(there):
        return Overlaps.empty()
    number = np.searchsorted(names, pairs[there])
    begin, stop = np.searchsorted(track, number, "left"), np.searchsorted(track, number, "right")
    made = []
    for side in (0, 1):
        pair = np.repeat(np.arange(len(there)), stop[:, side] - begin[:, side])
        leg = _ranges(begin[:, side], stop[:, side])
        keep = new[leg]
        pair, leg = pair[keep], leg[keep]
        shift = number[pair, 1 - side] * span - base
        low = np.searchsorted(end_key, shift + legs.t0_us[leg], "right")
        high = np.maximum(np.searchsorted(start_key, shift + legs.t1_us[leg], "left"), low)
        other, times = _ranges(low, high), high - low
        pair, leg = np.repeat(pair, times), np.repeat(leg, times)
        if side:  # two new legs were met from the first side already
            once = ~new[other]
            pair, leg, other = pair[once], leg[once], other[once]
        made.append((pair, leg, other) if side == 0 else (pair, other, leg))
    pair = np.concatenate([m[0] for m in made])
    leg_a, leg_b = np.concatenate([m[1] for m in made]), np.concatenate([m[2] for m in made])
    return _solve(legs, there[pair], leg_a, leg_b, rules)


def _solve(legs: Legs, pair: Array, leg_a: Array, leg_b: Array, rules: EngineRules) -> Overlaps:
    t0 = np.maximum(legs.t0_us[leg_a], legs.t0_us[leg_b])
    t1 = np.minimum(legs.t1_us[leg_a], legs.t1_us[leg_b])
    order = np.lexsort((t0, pair))
    pair, leg_a, leg_b, t0, t1 = pair[order], leg_a[order], leg_b[order], t0[order], t1[order]
    known = np.maximum(legs.t1_us[leg_a], legs.t1_us[leg_b])
    silent = (legs.kind[leg_a] == SILENT) | (legs.kind[leg_b] == SILENT)
    inferred = (legs.kind[leg_a] == INFERRED) | (legs.kind[leg_b] == INFERRED)
    kind = np.where(silent, DARK, np.where(inferred, INFERRED, OBSERVED)).astype(np.uint8)
    lat_a0, lon_a0 = position(legs, leg_a, t0)
    lat_a1, lon_a1 = position(legs, leg_a, t1)
    lat_b0, lon_b0 = position(legs, leg_b, t0)
    lat_b1, lon_b1 = position(legs, leg_b, t1)
    scale = np.cos(np.radians((lat_a0 + lat_a1 + lat_b0 + lat_b1) / 4)) * M_PER_DEG
    x0, y0 = wrap_deg(lon_b0 - lon_a0) * scale, (lat_b0 - lat_a0) * M_PER_DEG
    x1, y1 = wrap_deg(lon_b1 - lon_a1) * scale, (lat_b1 - lat_a1) * M_PER_DEG
    in_e, out_e = within(x0, y0, x1, y1, rules.enter_m)
    in_l, out_l = within(x0, y0, x1, y1, rules.leave_m)
    return Overlaps(
        pair=pair, leg_a=leg_a, leg_b=leg_b, t0_us=t0, t1_us=t1, known_us=known, kind=kind, x0_m=x0, y0_m=y0, x1_m=x1,
        y1_m=y1, in_e=in_e, out_e=out_e, in_l=in_l, out_l=out_l, least_m=closest(x0, y0, x1, y1),
    )  # fmt: skip


def position(legs: Legs, leg: Array, time_us: Array) -> tuple[Array, Array]:
    """Latitude and (unwrapped) longitude on a leg at an instant, linear in time, in degrees."""
    t0 = legs.t0_us[leg]
    share = (time_us - t0) / np.maximum(legs.t1_us[leg] - t0, 1)
    return (
        legs.lat0_deg[leg] + share * (legs.lat1_deg[leg] - legs.lat0_deg[leg]),
        legs.lon0_deg[leg] + share * (legs.lon1_deg[leg] - legs.lon0_deg[leg]),
    )
