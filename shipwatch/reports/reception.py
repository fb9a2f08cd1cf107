"""What was received in a period, minute by minute, counted from the archive: would we have seen it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from geofences.zones import ZoneSet
from shipwatch.reports.area import Area
from shipwatch.reports.duty_day import DAY_US
from shipwatch.reports.zone_coverage import ZoneCoverage, ZoneTally

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
MINUTES = DAY_US // MINUTE_US
SILENT_MINUTES = 15
"""A stretch of so many minutes without a single report from anybody is named as a hole in the feed."""
EXTENT_BINS = 0.25
"""Degrees: the map of a day without area or incident is drawn around cells of this size that were heard."""


@dataclass(frozen=True, slots=True)
class StationHours:
    """One receiving station: how many minutes of the period it was heard from, and its silences of an hour or more."""

    name: str
    minutes: int
    silences: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reception:
    """Counts of one period; ``minutes`` of 1,440 with a report from anywhere, ``area_minutes`` from the area.

    ``hours`` are positions from the area in each of the 24 hours, ``silences`` the stretches in which nothing was
    received from anywhere, as (start, end) in microseconds. ``extent`` is west, south, east, north of what was heard.
    ``zones`` are the watched zones that were asked about.
    """

    positions: int = 0
    area_positions: int = 0
    ships: int = 0
    minutes: int = 0
    area_minutes: int = 0
    hours: tuple[int, ...] = (0,) * 24
    silences: tuple[tuple[int, int], ...] = ()
    stations: tuple[StationHours, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    zones: tuple[ZoneCoverage, ...] = ()


def count_reception(
    blocks: Iterable[PositionReports], start_us: int, area: Area, zones: ZoneSet | None = None
) -> Reception:
    """Count the reports of the 24 hours from ``start_us``; blocks in any order, of any size, duplicates allowed.

    Holds one bit a minute and station, the distinct ships and the cells heard, however many rows there are.
    """
    all_minutes, area_minutes = np.zeros(MINUTES, bool), np.zeros(MINUTES, bool)
    hours = np.zeros(24, np.int64)
    by_station: dict[bytes, NDArray[np.bool_]] = {}
    ships: set[int] = set()
    cells: set[tuple[int, int]] = set()
    tally = ZoneTally(zones or ZoneSet([]))
    positions = 0
    for block in blocks:
        at = (block.time_us - start_us) // MINUTE_US
        rows = np.flatnonzero((at >= 0) & (at < MINUTES))
        minute = at[rows]
        positions += rows.size
        all_minutes[minute] = True
        inside = area.holds(block.lat_deg[rows], block.lon_deg[rows])
        area_minutes[minute[inside]] = True
        hours += np.bincount(minute[inside] // 60, minlength=24)
        ships.update(np.unique(block.mmsi[rows][inside]).tolist())
        kept = rows[inside]
        tally.add(minute[inside], block.mmsi[kept], block.lat_deg[kept], block.lon_deg[kept])
        lat, lon = (np.floor(column[rows][inside] / EXTENT_BINS) for column in (block.lat_deg, block.lon_deg))
        cells.update((int(y), int(x)) for y, x in np.unique(np.column_stack((lat, lon)), axis=0))
        stations = block.station[rows]
        for name in np.unique(stations).tolist():
            by_station.setdefault(bytes(name), np.zeros(MINUTES, bool))[minute[stations == name]] = True
    return Reception(
        positions=positions,
        area_positions=int(hours.sum()),
        ships=len(ships),
        minutes=int(all_minutes.sum()),
        area_minutes=int(area_minutes.sum()),
        hours=tuple(hours.tolist()),
        silences=_silences(all_minutes, start_us, SILENT_MINUTES) if positions else (),
        stations=tuple(
            StationHours(
                name.decode("ascii", "replace") or "unnamed source",
                int(heard.sum()),
                _silences(heard, start_us, 60),
            )
            for name, heard in sorted(by_station.items())
        ),
        extent=_extent(cells),
        zones=tally.zones(),
    )


def _silences(heard: NDArray[np.bool_], start_us: int, least: int) -> tuple[tuple[int, int], ...]:
    """Stretches of at least ``least`` minutes without a report."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], heard, [True])).astype(np.int8)))
    stretches = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return tuple((start_us + a * MINUTE_US, start_us + b * MINUTE_US) for a, b in stretches if b - a >= least)


def _extent(cells: set[tuple[int, int]]) -> tuple[float, float, float, float] | None:
    """The bounds of the middle nine tenths of the cells heard: one stray position must not make a map of the world."""
    if not cells:
        return None
    lat, lon = np.array(sorted(cells), float).T * EXTENT_BINS
    south, north = np.quantile(lat, (0.05, 0.95)).tolist()
    west, east = np.quantile(lon, (0.05, 0.95)).tolist()
    return (west, south, east + EXTENT_BINS, north + EXTENT_BINS)
