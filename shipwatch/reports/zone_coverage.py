"""How well ships in each watched zone were heard in a period: would we have seen a transfer there?

Counted in quarter hours of ships. A ship is known to have been in a zone in every quarter hour in which it was heard
there, and in those between two such that are no more than six hours apart; the share of them in which it was heard is
the measure. What never sent anything is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geofences.zones import ZoneSet

QUARTER_MINUTES = 15
QUARTERS = 24 * 60 // QUARTER_MINUTES
LONGEST_HOLE = 6 * 60 // QUARTER_MINUTES
"""A ship that was heard in a zone before and after a longer hole may have been elsewhere meanwhile."""
MMSIS = 1_000_000_000

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class ZoneCoverage:
    """One watched zone: ships heard, hours of the 24 with a report, and quarter hours of ships, known and heard."""

    zone: str
    ships: int
    hours: int
    known: int
    heard: int

    @property
    def share(self) -> float | None:
        """Part of the quarter hours in which ships are known to have been there that they were heard; None: no ship."""
        return self.heard / self.known if self.known else None


class ZoneTally:
    """Counts positions of a period by zone; any order, duplicates allowed. Holds eight bytes a ship, zone and quarter.

    >>> tally = ZoneTally(ZoneSet.shipped())
    >>> tally.add([0, 60], [440000001, 440000001], [38.6, 38.6], [124.6, 124.6])
    >>> [(zone.zone, zone.ships, zone.known, zone.heard) for zone in tally.zones() if zone.ships]
    [('Cho-do', 1, 5, 2), ('Korea Bay', 1, 5, 2)]
    """

    def __init__(self, zones: ZoneSet) -> None:
        self._zones = zones
        self._watched = np.array([zone.kind == "watched" for zone in zones.zones], bool)
        self._keys: Array = np.empty(0, np.int64)

    def add(self, minute: Any, mmsi: Any, lat_deg: Any, lon_deg: Any) -> None:
        """Positions by minute of the period (0 to 1,439), MMSI, latitude and longitude in degrees."""
        if not self._watched.any():
            return
        points, zones = self._zones.locate(np.asarray(lat_deg, float), np.asarray(lon_deg, float))
        watched = self._watched[zones]
        points, zones = points[watched], zones[watched]
        ships = np.asarray(mmsi, np.int64)[points]
        quarters = np.asarray(minute, np.int64)[points] // QUARTER_MINUTES
        self._keys = np.union1d(self._keys, (zones * MMSIS + ships) * QUARTERS + quarters)

    def zones(self) -> tuple[ZoneCoverage, ...]:
        """Every watched zone, by name, also those in which nothing was heard."""
        ship, quarter = np.divmod(self._keys, QUARTERS)
        zone = ship // MMSIS
        step, first = np.diff(quarter), np.ones(len(ship), bool)
        first[1:] = ship[1:] != ship[:-1]
        known = np.ones(len(ship), np.int64)
        joined = ~first[1:] & (step <= LONGEST_HOLE)
        known[1:][joined] = step[joined]
        hours = np.unique(zone * 24 + quarter * QUARTER_MINUTES // 60) // 24
        count = len(self._watched)
        columns = (
            np.bincount(zone[first], minlength=count), np.bincount(hours, minlength=count),
            np.bincount(zone, known, minlength=count).astype(np.int64), np.bincount(zone, minlength=count),
        )  # fmt: skip
        found = [
            ZoneCoverage(self._zones.zones[number].name, *(int(column[number]) for column in columns))
            for number in np.flatnonzero(self._watched).tolist()
        ]
        return tuple(sorted(found, key=lambda item: item.zone))
