"""How simulated ships move: on a sphere, with the water, and beside one another."""

from __future__ import annotations

import numpy as np
import pytest

from shipwatch.simulator.currents import Current
from shipwatch.simulator.sphere import EARTH_RADIUS_M, bearing_deg, place, separation_m, unit_vectors
from shipwatch.simulator.visits import Hull, Visit, antenna_track, spans_within, visiting
from shipwatch.simulator.voyages import Track, drift, joined, sail, swing_at_anchor, wander

HOUR = 3_600_000_000
START = 1_741_910_400_000_000


@pytest.mark.parametrize("lat", [0.0, 29.0, 70.0, -70.0, 84.0])
@pytest.mark.parametrize("lon", [0.0, 179.9999, -180.0])
def test_places_are_right_at_every_latitude_and_across_180(lat: float, lon: float) -> None:
    """Going d metres along a bearing ends d metres away (by another formula) on that bearing."""
    for distance in (5.0, 400.0, 60_000.0):
        turn = np.radians(np.arange(0.0, 360.0, 15.0))
        there = place(lat, lon, distance * np.sin(turn), distance * np.cos(turn))
        chord = np.linalg.norm(unit_vectors(*there) - unit_vectors(lat, lon), axis=1)
        assert 2 * EARTH_RADIUS_M * np.arcsin(chord / 2) == pytest.approx(distance, rel=1e-6, abs=1e-6)
        error = (bearing_deg(lat, lon, *there) - np.degrees(turn) + 180.0) % 360.0 - 180.0
        assert np.abs(error).max() < 0.01
        assert np.all((there[1] >= -180.0) & (there[1] < 180.0))


def test_current_displacement_is_the_integral_of_its_velocity() -> None:
    """Summing small steps of velocity gives the closed-form displacement."""
    water = Current(0.6, 30.0, 0.9, 110.0, 0.4, 1.0)
    times = START + np.arange(0, 10 * HOUR, 1_000_000)
    for moved, speed in zip(
        water.displacement_m(times + 1_000_000, START), water.velocity_mps(times + 500_000), strict=True
    ):
        assert np.cumsum(speed) == pytest.approx(moved, abs=0.5)


@pytest.mark.parametrize("lat", [10.0, 70.0])
def test_a_route_is_sailed_at_its_speed_and_course(lat: float) -> None:
    """Speed over ground is the speed asked for, course and heading agree, also at 70 N and over 180 degrees."""
    track = sail(START, START + 9 * HOUR, [(lat, 179.5), (lat + 0.2, -179.0)], 12.0)
    motion = track.at(np.arange(track.start_us, track.end_us, 17_000_000))
    assert motion.sog_kn == pytest.approx(12.0, rel=1e-4)
    assert np.abs((motion.cog_deg - motion.heading_deg + 180) % 360 - 180).max() < 0.2


def test_routes_that_cannot_be_sailed_are_refused() -> None:
    """One waypoint, no speed, or a start beyond the end is an error."""
    for route, knots, ahead in (
        ([(0.0, 0.0)], 10.0, 0.0),
        ([(0.0, 0.0), (0.0, 1.0)], 0.0, 0.0),
        ([(0.0, 0.0), (0.0, 0.1)], 1.0, 9e9),
    ):
        with pytest.raises(ValueError):
            sail(START, START + HOUR, route, knots, ahead)


def test_ships_that_lie_wander_and_drift_stay_where_they_should() -> None:
    """At anchor within the cable, fishing within the ground and near the speed, drifting at the water's speed."""
    water = Current(0.5, 30.0, 0.5, 100.0)
    anchored = swing_at_anchor(START, START + 20 * HOUR, 70.0, 20.0, water, 150.0)
    assert separation_m(70.0, 20.0, anchored.lat_deg, anchored.lon_deg) == pytest.approx(150.0, abs=0.01)
    fisher = wander(START, START + 20 * HOUR, 70.0, 20.0, 3.0, 9_000.0, np.random.default_rng(1))
    assert separation_m(70.0, 20.0, fisher.lat_deg, fisher.lon_deg).max() <= 9_000.0 * 1.42
    assert 0.5 < np.median(fisher.speed_kn()) < 4.5
    adrift = drift(START, START + 20 * HOUR, 70.0, 20.0, water)
    east, north = water.velocity_mps(adrift.time_us)
    assert adrift.speed_kn()[:-1] == pytest.approx((np.hypot(east, north) / 0.514444)[:-1], abs=0.01)


@pytest.mark.parametrize("centre", [(29.0, 123.5), (70.0, 180.0)])
def test_a_visitor_lies_at_her_berth_and_nowhere_near_before(centre: tuple[float, float]) -> None:
    """During the stay the distance is the berth's to the centimetre; she comes and goes at a ship's speed."""
    host = drift(START, START + 8 * HOUR, *centre, Current(), 40.0)
    visit = Visit(START + 3 * HOUR, START + 5 * HOUR, 90.0, 200.0, 9.0, 11.0, 30.0, 40.0)
    guest = visiting(host, (visit,))
    stay = (host.time_us >= visit.arrive_us) & (host.time_us <= visit.leave_us)
    apart = separation_m(host.lat_deg, host.lon_deg, guest.lat_deg, guest.lon_deg)
    assert apart[stay] == pytest.approx(50.0, abs=0.01)
    assert apart[0] > 30_000 and guest.speed_kn().max() < 13.0
    ((start, end),) = spans_within(host, guest, 500.0)
    assert start < visit.arrive_us < visit.leave_us < end


def test_visits_that_do_not_join_are_refused() -> None:
    """A ship cannot leave to the south and come back from the north."""
    host = drift(START, START + 8 * HOUR, 29.0, 123.0, Current())
    visits = (Visit(START + HOUR, START + 2 * HOUR, 0.0, 180.0), Visit(START + 4 * HOUR, START + 5 * HOUR, 0.0, 0.0))
    with pytest.raises(ValueError, match="cannot come back"):
        visiting(host, visits)


def test_the_antenna_stands_where_the_dimensions_say() -> None:
    """With the antenna 20 m from the stern of a 100 m hull, the reported place is 30 m aft of the middle."""
    middle = drift(START, START + HOUR, 70.0, 20.0, Current(), 90.0, 0.0)
    antenna = antenna_track(middle, Hull(80, 20, 10, 10))
    assert separation_m(70.0, 20.0, antenna.lat_deg[0], antenna.lon_deg[0]) == pytest.approx(30.0, abs=1e-6)
    assert bearing_deg(70.0, 20.0, antenna.lat_deg[0], antenna.lon_deg[0]) == pytest.approx(270.0, abs=0.01)


def test_joined_tracks_follow_the_later_one() -> None:
    """The second track stands from its first node on."""
    one, two = (drift(START + h * HOUR, START + 4 * HOUR, 29.0 + h, 123.0, Current()) for h in (0, 2))
    both: Track = joined(one, two)
    assert np.all(np.diff(both.time_us) > 0)
    assert float(both.positions([START + 2 * HOUR])[0][0]) == pytest.approx(31.0)
