"""Global Fishing Watch's published encounter rule, stated anew from its description, with its defects.

Positions are interpolated to a 10-minute grid, each ship and UTC day on its own: linearly between two fixes less than
an hour apart (longitude as a plain number), by dead reckoning for up to an hour before the day's first and after its
last fix. Two ships are near at a grid time within 500 m. A run is a row of consecutive grid records of one ship at
which the other is near: silence has no record, so it does not end a run. Runs of an hour and more are raw encounters;
those of a pair less than 4 hours apart are merged; encounters of 2 hours and more with a median speed below 2 knots,
10 km and more from a port and off the shore, are published. Sources: Global Fishing Watch, technical documentation of
encounters, and the description of pipe-encounters; written for comparison from what they say, not from code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.events.score import Find
from decoders.reports import PositionReports
from geofences.land import distance_to_shore_m
from geofences.ports import Ports
from shipwatch.simulator.sphere import KNOT_MPS, separation_m

if TYPE_CHECKING:
    from benchmarks.events.worlds import BenchWorld

US = 1_000_000
STEP_US = 600 * US
DAY_US = 86_400 * US
NEAR_M, RAW_US, MERGE_US, PUBLISHED_US, SLOW_KN, PORT_M = 500.0, 3600 * US, 4 * 3600 * US, 7200 * US, 2.0, 10_000.0
HOUR_US = 3600 * US

Grid = dict[int, tuple[NDArray[np.int64], NDArray[Any], NDArray[Any]]]
"""Ship: grid times of her records on a day, latitudes, longitudes."""


def grid_encounters(world: BenchWorld) -> list[Find]:
    """The published encounters of a world as finds without grades."""
    return [
        Find("rendezvous", frozenset(pair), start_us, end_us)
        for pair, start_us, end_us in encounters(world.reports.positions)
    ]


def encounters(positions: PositionReports, raw_us: int = RAW_US) -> list[tuple[tuple[int, int], int, int]]:
    """Pairs of MMSI with the start and end of each published encounter; raw ones last ``raw_us`` (2 h once, now 1)."""
    raw: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    rows = positions.take(np.lexsort((positions.time_us, positions.mmsi)))
    days = rows.time_us // DAY_US
    for day in np.unique(days).tolist():
        grid = resampled(rows.take(days == day), day)
        for one, other, start_us, end_us, median_kn in runs(grid, raw_us):
            pair = (min(one, other), max(one, other))
            raw.setdefault(pair, []).append((start_us, end_us, median_kn))
    found = []
    for pair, pieces in sorted(raw.items()):
        merged: list[list[tuple[int, int, float]]] = []
        for piece in sorted(pieces):
            if merged and piece[0] - max(p[1] for p in merged[-1]) < MERGE_US:
                merged[-1].append(piece)
            else:
                merged.append([piece])
        for parts in merged:
            start_us, end_us = min(p[0] for p in parts), max(p[1] for p in parts)
            if end_us - start_us >= PUBLISHED_US and float(np.median([p[2] for p in parts])) < SLOW_KN:
                found.append((pair, start_us, end_us))
    return found


def resampled(day_rows: PositionReports, day: int) -> Grid:
    """Records on the 10-minute grid of one UTC day, by ship."""
    grid: Grid = {}
    marks = np.arange(day * DAY_US, (day + 1) * DAY_US, STEP_US, dtype=np.int64)
    ships, first = np.unique(day_rows.mmsi, return_index=True)
    for ship, low, high in zip(ships.tolist(), first, np.append(first[1:], len(day_rows)), strict=True):
        rows = day_rows.take(slice(int(low), int(high)))
        time, lat, lon = rows.time_us, rows.lat_deg, rows.lon_deg
        after = np.searchsorted(time, marks)
        inside = (after > 0) & (after < len(time))
        gap = time[np.minimum(after, len(time) - 1)] - time[np.maximum(after - 1, 0)]
        inside &= gap < HOUR_US
        exact = (after < len(time)) & (time[np.minimum(after, len(time) - 1)] == marks)
        lats, lons = np.interp(marks, time, lat), np.interp(marks, time, lon)
        before = (marks < time[0]) & (marks >= time[0] - HOUR_US)
        behind = (marks > time[-1]) & (marks <= time[-1] + HOUR_US)
        keep = inside | exact
        for reckoned, row in ((before, 0), (behind, -1)):
            speed, course = float(np.nan_to_num(rows.sog_kn[row])), np.radians(float(np.nan_to_num(rows.cog_deg[row])))
            gone = speed * KNOT_MPS * (marks[reckoned] - time[row]) / US / 111_195.0
            lats[reckoned] = lat[row] + gone * np.cos(course)
            lons[reckoned] = lon[row] + gone * np.sin(course) / np.cos(np.radians(lat[row]))
            keep |= reckoned
        if keep.any():
            grid[ship] = marks[keep], lats[keep], lons[keep]
    return grid


def runs(grid: Grid, raw_us: int = RAW_US) -> Iterator[tuple[int, int, int, int, float]]:
    """Raw encounters of a day: ship, other ship, start, end, median speed of the ship between grid points."""
    near = _near_at(grid)
    for one, others in near.items():
        marks, lats, lons = grid[one]
        for other, at in others.items():
            hit = np.isin(marks, np.array(sorted(at), np.int64))
            edges = np.diff(np.concatenate(([False], hit, [False])).astype(np.int8))
            for first, last in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1, strict=True):
                if last - first < 1 or marks[last] - marks[first] < raw_us:
                    continue
                row = slice(int(first), int(last) + 1)
                seconds = np.diff(marks[row]) / US
                way_m = separation_m(lats[row][:-1], lons[row][:-1], lats[row][1:], lons[row][1:])
                if off_port(float(lats[row].mean()), float(lons[row].mean())):
                    median_kn = float(np.median(way_m / seconds / KNOT_MPS))
                    yield one, other, int(marks[first]), int(marks[last]), median_kn


def _near_at(grid: Grid) -> dict[int, dict[int, list[int]]]:
    """For each ship and other ship: the grid times at which they are within 500 m."""
    ships = np.concatenate([np.full(len(marks), ship) for ship, (marks, _, _) in grid.items()] or [np.empty(0, int)])
    marks, lats, lons = (np.concatenate([row[k] for row in grid.values()] or [np.empty(0)]) for k in range(3))
    found: dict[int, dict[int, list[int]]] = {}
    for mark in np.unique(marks).tolist():
        here = np.flatnonzero(marks == mark)
        here = here[np.argsort(lats[here], kind="stable")]
        high = np.searchsorted(lats[here], lats[here] + NEAR_M / 111_000.0, "right")
        first = np.repeat(np.arange(len(here)), high - np.arange(len(here)) - 1)
        then = first + 1 + np.arange(len(first)) - np.searchsorted(first, first)
        a, b = here[first], here[then]
        close = separation_m(lats[a], lons[a], lats[b], lons[b]) <= NEAR_M
        for x, y in zip(ships[a[close]].tolist(), ships[b[close]].tolist(), strict=True):
            found.setdefault(x, {}).setdefault(y, []).append(int(mark))
            found.setdefault(y, {}).setdefault(x, []).append(int(mark))
    return found


def off_port(lat: float, lon: float) -> bool:
    """Whether a place is at sea and 10 km and more from every port."""
    lon = (lon + 180.0) % 360.0 - 180.0
    if float(distance_to_shore_m([lat], [lon])[0]) <= 0.0:
        return False
    return Ports.shipped().nearest_place(lat, lon).distance_m >= PORT_M
