"""Space-time prisms: the longest time two ships can have been at one place, and where."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shipwatch.engine.cells import CellIndex
from shipwatch.engine.dark_reach import Prism, beside, region, together, together_many
from shipwatch.engine.motion import KN, distance_m

HOUR_US = 3_600_000_000
DEG_M = 111_195.0


def prism(off, on, hours=(0.0, 6.0), kn=10.0) -> Prism:
    return Prism(off, round(hours[0] * HOUR_US), on, round(hours[1] * HOUR_US), kn)


def test_two_ships_at_one_place_can_stay_for_as_long_as_both_are_silent() -> None:
    """Overlapping silences of ships that never moved: the overlap."""
    here = (10.0, 20.0)
    reach = together(prism(here, here, (0.0, 6.0)), prism(here, here, (2.0, 9.0)))
    assert reach.dwell_s == pytest.approx(4 * 3600, abs=2)
    assert distance_m(*(np.array([x]) for x in (reach.lat, reach.lon, *here)))[0] < 5_000


@pytest.mark.parametrize("centre", [(0.0, 20.0), (0.0, 180.0), (75.0, -180.0)])
def test_the_way_there_and_back_is_taken_off(centre) -> None:
    """A still ship and one that comes from 20 km and goes back: silence less twice the way at top speed."""
    lat, lon = centre
    away = (lat, (lon + 20_000.0 / DEG_M / math.cos(math.radians(lat)) + 180.0) % 360.0 - 180.0)
    # A top speed of almost nothing holds the other ship to its place.
    reach = together(prism(centre, centre, kn=0.01), prism(away, away))
    assert reach.dwell_s == pytest.approx(6 * 3600 - 40_000 / (10 * KN), abs=120)


def test_out_of_reach_is_negative() -> None:
    """Ships 200 km apart with three hours at 10 knots never meet."""
    assert together(prism((0.0, 0.0), (0.0, 0.0), (0, 3)), prism((0.0, 1.8), (0.0, 1.8), (0, 3))).dwell_s < 0


def test_together_agrees_with_a_fine_grid() -> None:
    """No place of a fine grid gives more (the search is over a concave function)."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        a = prism(tuple(rng.uniform(-0.3, 0.3, 2)), tuple(rng.uniform(-0.3, 0.3, 2)), (0, 7))
        b = prism(tuple(rng.uniform(-0.3, 0.3, 2)), tuple(rng.uniform(-0.3, 0.3, 2)), (1, 8), 12.0)
        lat, lon = (axis.ravel() for axis in np.meshgrid(np.linspace(-0.6, 0.6, 121), np.linspace(-0.6, 0.6, 121)))
        full = np.full(len(lat), 0.0)
        start, end = [], []
        for ship in (a, b):
            speed = ship.top_kn * KN
            start.append(ship.off_us / 1e6 + distance_m(lat, lon, full + ship.off[0], full + ship.off[1]) / speed)
            end.append(ship.on_us / 1e6 - distance_m(lat, lon, full + ship.on[0], full + ship.on[1]) / speed)
        best = float((np.minimum(*end) - np.maximum(*start)).max())
        assert best - 1.0 <= together(a, b).dwell_s <= best + 200.0


def test_the_region_holds_places_with_enough_time_and_no_others() -> None:
    """Corners drawn in by a tenth are feasible, drawn out by a tenth they are not."""
    a, b = prism((10.0, 179.9), (10.1, -179.9)), prism((10.1, 179.95), (10.0, -179.95), (0.5, 6.5))
    reach = together(a, b)
    ring, area_km2 = region(a, b, reach, 3600.0)
    assert ring[0] == ring[-1] and area_km2 > 100
    for lat, lon in ring[:-1]:
        east = (lon - reach.lon + 180.0) % 360.0 - 180.0
        for share, feasible in ((0.9, True), (1.1, False)):
            place = (reach.lat + share * (lat - reach.lat), (reach.lon + share * east + 180.0) % 360.0 - 180.0)
            still = together_at(a, b, place)
            assert (still >= 3600.0) is feasible


def together_at(a: Prism, b: Prism, place: tuple[float, float]) -> float:
    """Seconds that both can have been at one place."""
    starts, ends = [], []
    for ship in (a, b):
        out, back = (
            float(distance_m(*(np.array([x]) for x in (*place, *end)))[0]) / (ship.top_kn * KN)
            for end in (ship.off, ship.on)
        )
        starts.append(ship.off_us / 1e6 + out)
        ends.append(ship.on_us / 1e6 - back)
    return min(ends) - max(starts)


def test_beside_a_ship_that_was_heard() -> None:
    """A drifting ship 20 km off, heard all the time: silence less the way there and back."""
    times = np.array([0, 6 * HOUR_US])
    away = 20_000.0 / DEG_M
    reach = beside(prism((0.0, away), (0.0, away)), times, np.zeros(2), np.zeros(2))
    assert reach.dwell_s == pytest.approx(6 * 3600 - 40_000 / (10 * KN), abs=300)
    far = beside(prism((0.0, 1.0), (0.0, 1.0)), times, np.zeros(2), np.zeros(2))
    assert far.dwell_s < 0


def test_the_index_never_misses() -> None:
    """Whatever lies within the radius is offered, at 180 degrees and at the poles too."""
    rng = np.random.default_rng(1)
    lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1, 4000))), rng.uniform(-180, 180, 4000)
    index = CellIndex(lat, lon)
    for at in ((0.0, 180.0), (89.9, 10.0), (-89.0, -179.0), (60.0, -180.0), (45.0, 45.0)):
        for radius_m in (30_000.0, 300_000.0, 2_000_000.0):
            near = np.flatnonzero(distance_m(lat, lon, np.full(4000, at[0]), np.full(4000, at[1])) <= radius_m)
            assert set(near.tolist()) <= set(index.near(*at, radius_m).tolist())


def test_many_pairs_at_once_are_each_as_if_alone() -> None:
    """Which other pairs are asked about at the same time does not show, not in the last digit."""
    rng = np.random.default_rng(7)
    pairs = []
    for _ in range(30):
        lat, lon = rng.uniform(-70, 70), rng.uniform(-180, 180)
        ends = [(lat + float(rng.normal(0, 0.3)), (lon + float(rng.normal(0, 0.3)) + 180) % 360 - 180)
                for _ in range(4)]  # fmt: skip
        times = sorted(int(t) for t in rng.integers(0, 40_000_000_000, 4))
        pairs.append(
            (Prism(ends[0], times[0], ends[1], times[2], 12.0), Prism(ends[2], times[1], ends[3], times[3], 9.5))
        )
    assert together_many(pairs) == [together(*pair) for pair in pairs]
    assert together_many([]) == []
