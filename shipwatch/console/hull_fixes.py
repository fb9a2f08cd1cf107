"""The fixes of one hull out of all that was sent under its MMSI: for drawing, so that no jump tears a track."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from geofences.sphere import distance_m
from shipwatch.engine.reach import reach_m
from shipwatch.engine.rules import EngineRules

Floats = NDArray[np.float64]

MOST_READ = 50_000
MOST_WALKED = 10_000
"""Where a number jumps, its reports are looked at one by one."""
MOST_CHAINS = 16
LEAST_OF_A_HULL = 3


def hull_fixes(reports: PositionReports, lat_deg: float, lon_deg: float, rules: EngineRules) -> PositionReports:
    """The reports (one MMSI, in time order) of the hull that came nearest to a point, one for each instant.

    Each report goes on the chain that could have reached it and is nearest, else it begins another; a chain of one or
    two reports is an error of position, not a hull. Very many reports are thinned evenly first.
    """
    if len(reports) > MOST_READ:
        reports = reports.take(slice(None, None, -(-len(reports) // MOST_READ)))
    if not len(reports):
        return reports
    if not _all_in_reach(reports, rules) and len(reports) > MOST_WALKED:
        reports = reports.take(slice(None, None, -(-len(reports) // MOST_WALKED)))
    chain = _chains(reports, rules)
    sizes = np.bincount(chain)
    least = min(LEAST_OF_A_HULL, int(sizes.max()))
    metres = distance_m(reports.lat_deg, reports.lon_deg, lat_deg, lon_deg)
    nearest = [metres[chain == name].min() if sizes[name] >= least else np.inf for name in range(len(sizes))]
    ours = reports.take(chain == int(np.argmin(nearest)))
    return ours.take(np.unique(ours.time_us, return_index=True)[1])


def _chains(reports: PositionReports, rules: EngineRules) -> NDArray[np.int64]:
    """The number of each report's chain; 0 for all where no step is out of reach."""
    chain = np.zeros(len(reports), np.int64)
    if _all_in_reach(reports, rules):
        return chain
    sog_kn = reports.sog_kn.astype(np.float64)
    ends: list[int] = []
    for row in range(len(reports)):
        last = np.array(ends, np.int64)
        off_m = distance_m(reports.lat_deg[last], reports.lon_deg[last], reports.lat_deg[row], reports.lon_deg[row])
        reach = reach_m((reports.time_us[row] - reports.time_us[last]) / 1e6, sog_kn[row], rules)
        fitting = np.flatnonzero(off_m <= reach)
        if not len(fitting) and len(ends) < MOST_CHAINS:
            ends.append(row)
            chain[row] = len(ends) - 1
            continue
        best = fitting[np.argmin(off_m[fitting])] if len(fitting) else np.argmin(last)
        chain[row] = best
        ends[best] = row
    return chain


def _all_in_reach(reports: PositionReports, rules: EngineRules) -> bool:
    step_m = distance_m(reports.lat_deg[:-1], reports.lon_deg[:-1], reports.lat_deg[1:], reports.lon_deg[1:])
    reach = reach_m(np.diff(reports.time_us) / 1e6, reports.sog_kn[1:].astype(np.float64), rules)
    return bool((step_m <= reach).all())


def at_times(
    time_us: NDArray[Any], lat_deg: NDArray[Any], lon_deg: NDArray[Any], wanted_us: NDArray[Any]
) -> tuple[Floats, Floats, Floats]:
    """Latitude and longitude (unwrapped) between fixes, and how long the leg is (s; 0 on a fix and outside of all)."""
    lon = np.degrees(np.unwrap(np.radians(lon_deg)))
    row = np.clip(np.searchsorted(time_us, wanted_us, "right") - 1, 0, len(time_us) - 1)
    following = np.minimum(row + 1, len(time_us) - 1)
    within = (time_us[row] < wanted_us) & (row < len(time_us) - 1)
    leg_s = np.where(within, (time_us[following] - time_us[row]) / 1e6, 0.0)
    return np.interp(wanted_us, time_us, lat_deg), np.interp(wanted_us, time_us, lon), leg_s
