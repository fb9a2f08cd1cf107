"""Measures how a real receiver hears ships at sea, and writes the figures to reception.toml.

    python -m benchmarks.events.measure_reception FOLDER_WITH_LOGS > benchmarks/events/reception.toml

Used on three days (2018-06-01 to 03) of a public receiver's hourly logs off Southern California. Taken: class A
position reports at least 10 km from the shipped coast, by MMSI, times set back to the second that the ship sent. A
*burst* is a run of reports no more than 15 minutes apart, a *hole* what lies between two bursts. Near is 10 to 100 km
from the coast, far is beyond. ``together``: how far two ships within 15 km of one another are heard at the same times
(the correlation, over quarters of an hour, of being heard). No report, name or number of a ship is kept: quantiles
only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from decoders.reading import read
from decoders.reports import PositionReports
from geofences.land import distance_to_shore_m
from shipwatch.engine.clock import sent_us

PROBABILITIES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
HOLE_S = 900.0
STRATA = (("near", 10_000.0, 100_000.0), ("far", 100_000.0, 20_000_000.0))


def reports(folder: Path) -> tuple[PositionReports, set[int]]:
    """Position reports of all files of a folder, by (ship, time), and the MMSIs that sent static reports."""
    positions, named = [], set()
    for file in sorted(folder.iterdir()):
        for batch in read(file):
            positions.append(batch.positions)
            named |= set(batch.statics.mmsi.tolist())
    rows = PositionReports.concat(positions)
    return rows.take(np.lexsort((sent_us(rows), rows.mmsi))), named


def measured(rows: PositionReports, low_m: float, high_m: float, shore_m: Any) -> dict[str, list[float] | float]:
    """Quantiles of intervals within bursts, of holes and of bursts (seconds), and shares, of one stratum."""
    time_s = sent_us(rows) / 1e6
    here = (shore_m >= low_m) & (shore_m < high_m) & (rows.msg_type != 18)
    step = (rows.mmsi[1:] == rows.mmsi[:-1]) & here[1:] & here[:-1]
    apart_s = np.diff(time_s)
    inside = step & (apart_s > 0) & (apart_s <= HOLE_S)
    holes = apart_s[step & (apart_s > HOLE_S)]
    run = np.concatenate(([0], np.cumsum(~(step & (apart_s <= HOLE_S)))))
    first = np.searchsorted(run, np.arange(run[-1] + 1))
    last = np.append(first[1:], len(run)) - 1
    lasting = (time_s[last] - time_s[first])[here[first]]
    several = np.maximum(lasting[lasting > 0], 0.0)
    half_day = holes[holes < 43_200.0]
    return {
        "ships": len(np.unique(rows.mmsi[here])),
        "reports": int(here.sum()),
        "interval_s": [round(float(q), 1) for q in np.quantile(apart_s[inside], PROBABILITIES)],
        "hole_s": [round(float(q)) for q in np.quantile(holes, PROBABILITIES)],
        "burst_s": [round(float(q)) for q in np.quantile(several, PROBABILITIES)],
        "single_share": round(float(np.mean(lasting <= 0)), 3),
        "heard_share": round(float(lasting.sum() / (lasting.sum() + half_day.sum())), 3),
    }


def correlation(rows: PositionReports, low_m: float, high_m: float) -> float:
    """P(one is heard | the other is) - P(one is heard | the other is not), of ships within 15 km, by 15 min slots."""
    time_s = sent_us(rows) / 1e6
    ships = np.unique(rows.mmsi[rows.msg_type != 18])
    slots = np.arange(time_s.min(), time_s.max() + HOLE_S, HOLE_S)
    heard = np.zeros((len(ships), len(slots)), bool)
    lat, lon = np.full(heard.shape, np.nan), np.full(heard.shape, np.nan)
    for row, ship in enumerate(ships):
        mine = (rows.mmsi == ship) & (rows.msg_type != 18)
        when, middle = time_s[mine], slots + HOLE_S / 2
        heard[row, ((when - slots[0]) // HOLE_S).astype(int)] = True
        after = np.clip(np.searchsorted(when, middle), 1, len(when) - 1) if len(when) > 1 else np.zeros(len(slots), int)
        there = (middle >= when[0]) & (middle <= when[-1]) & (when[after] - when[after - 1] <= 43_200.0)
        lat[row, there] = np.interp(middle[there], when, rows.lat_deg[mine])
        lon[row, there] = np.interp(middle[there], when, rows.lon_deg[mine])
    shore_m = distance_to_shore_m(np.nan_to_num(lat).ravel(), np.nan_to_num(lon).ravel()).reshape(lat.shape)
    count = np.zeros(3)  # neither, one, both
    for slot in range(len(slots)):
        here = np.flatnonzero(~np.isnan(lat[:, slot]) & (shore_m[:, slot] >= low_m) & (shore_m[:, slot] < high_m))
        a, b = (here[index] for index in np.triu_indices(len(here), 1))
        north_m = (lat[b, slot] - lat[a, slot]) * 111_195.0
        east_m = (lon[b, slot] - lon[a, slot]) * 111_195.0 * np.cos(np.radians(lat[a, slot]))
        near = np.hypot(north_m, east_m) < 15_000.0
        count += np.bincount(heard[a[near], slot].astype(int) + heard[b[near], slot], minlength=3)
    share = (count[2] + count[1] / 2) / count.sum()
    return float(count[2] / count.sum() / share - count[1] / 2 / count.sum() / (1 - share))


def main() -> None:
    """Print the table."""
    rows, named = reports(Path(sys.argv[1]))
    shore_m = distance_to_shore_m(rows.lat_deg, rows.lon_deg)
    print("# Written by measure_reception.py, which says how it was measured: figures only, seconds.")
    print('source = "class A ships at sea, three days of a public receiver off Southern California, June 2018"')
    print(f"probabilities = {list(PROBABILITIES)}")
    sea = (shore_m >= STRATA[0][1]) & (rows.msg_type != 18)
    ships, counts = np.unique(rows.mmsi[sea], return_counts=True)
    often = ships[counts >= 100]
    print("# Of ships with 100 reports and more at sea: no static report in three days.")
    print(f"unnamed_share = {np.mean([int(ship) not in named for ship in often]):.3f}")
    for name, low_m, high_m in STRATA:
        print(f"\n[{name}]  # from {low_m / 1000:.0f} km off the coast")
        for key, value in measured(rows, low_m, high_m, shore_m).items():
            print(f"{key} = {value}")
        print(f"together = {correlation(rows, low_m, high_m):.3f}")


if __name__ == "__main__":
    main()
