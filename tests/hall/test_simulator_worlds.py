"""Small worlds: planted meetings that the rows bear out, and changes that change nothing that matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import PositionReports
from shipwatch.simulator.sphere import separation_m
from shipwatch.simulator.worlds import (
    START_US,
    Planted,
    World,
    meeting_world,
    mirror,
    mirrored_mmsis,
    raft_world,
    random_world,
    rotate,
    shift_time,
    ship_track,
    shuffled,
    sorted_by_ship,
    swap_ships,
    with_stranger,
)

HOUR = 3_600_000_000


def rows_of(world: World, mmsi: int) -> PositionReports:
    return world.positions.take(world.positions.mmsi == mmsi)


def distance_at(world: World, meeting: Planted, times: np.ndarray) -> np.ndarray:
    """Distance of the two parties at these times, by straight lines between their reports (no seam near by)."""
    places = []
    for mmsi in (meeting.mmsi_a, meeting.mmsi_b):
        rows = rows_of(world, mmsi)
        lon = np.unwrap(rows.lon_deg, period=360.0)
        places.append([np.interp(times, rows.time_us, column) for column in (rows.lat_deg, lon)])
    return np.asarray(separation_m(*places[0], *places[1]))


def same(a: World, b: World) -> bool:
    return all(
        np.array_equal(one, two, equal_nan=one.dtype.kind == "f")
        for x, y in ((a.positions, b.positions), (a.statics, b.statics))
        for one, two in zip(x.columns().values(), y.columns().values(), strict=True)
    )


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**31), place=st.sampled_from([(29.0, 123.5), (70.0, 180.0), (-0.2, -179.99), (70.0, 20.0)]))
def test_random_worlds_hold_what_they_promise(seed: int, place: tuple[float, float]) -> None:
    """Rows in time order on the AIS grid within bounds, meetings as asked for, the same for the same seed."""
    world = random_world(seed, ships=8, hours=5.0, centre=place, meetings=2, fastest_s=60.0)
    fixes = world.positions
    assert len(world.meetings) == 2 and len(np.unique(fixes.mmsi)) == 8
    assert np.all(np.diff(fixes.time_us) >= 0) and np.all(fixes.time_us % 1_000_000 == 0)
    assert np.all((fixes.lon_deg >= -180.0) & (fixes.lon_deg < 180.0)) and np.all(np.abs(fixes.lat_deg) <= 90.0)
    assert np.abs(fixes.lat_deg * 6e5 - np.rint(fixes.lat_deg * 6e5)).max() < 1e-6
    for meeting in world.meetings:
        assert START_US <= meeting.start_us < meeting.end_us <= START_US + 5 * HOUR
        assert meeting.end_us - meeting.start_us >= 20 * 60_000_000
    assert same(world, random_world(seed, ships=8, hours=5.0, centre=place, meetings=2, fastest_s=60.0))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), place=st.sampled_from([(29.0, 123.5), (70.0, 180.0)]))
def test_the_rows_bear_the_planted_meetings_out(seed: int, place: tuple[float, float]) -> None:
    """Densely heard, straight lines between reports are within 500 m through the meeting and not outside it."""
    world = random_world(
        seed, ships=4, hours=6.0, centre=place, meetings=2, fastest_s=15.0, slowest_s=20.0, holes=False, shared_mmsi=0,
        jumps=0, duplicate_share=0.0,
    )  # fmt: skip
    for meeting in world.meetings:
        times = np.arange(meeting.start_us + 30_000_000, meeting.end_us - 30_000_000, 10_000_000)
        assert distance_at(world, meeting, times).max() <= 520.0
        outside = np.array([meeting.start_us - 300_000_000, meeting.end_us + 300_000_000])
        inside_rows = (outside > START_US) & (outside < START_US + 6 * HOUR - 60_000_000)
        assert np.all(distance_at(world, meeting, outside[inside_rows]) > 500.0)


def test_random_worlds_have_the_faults_of_real_data() -> None:
    """Two hulls on one MMSI, impossible jumps, duplicates from a second station, uneven intervals and holes."""
    world = random_world(11, ships=20, hours=24.0, meetings=3, duplicate_share=0.2, shared_mmsi=2, jumps=5)
    fixes = world.positions
    twice = fixes.station == b"sim-2"
    assert 0.1 < twice.mean() < 0.25
    shared, jumpy, holes = 0, 0, 0
    for mmsi in np.unique(fixes.mmsi):
        rows = fixes.take((fixes.mmsi == mmsi) & ~twice)
        hop_m = separation_m(rows.lat_deg[:-1], rows.lon_deg[:-1], rows.lat_deg[1:], rows.lon_deg[1:])
        impossible = int((hop_m > 40_000.0 + 40 * 0.52 * np.diff(rows.time_us) / 1e6).sum())
        shared += impossible > 10
        jumpy += 0 < impossible <= 10
        holes += bool((np.diff(rows.time_us) > 0.9 * HOUR).any())
    assert shared == 2 and jumpy >= 1 and holes >= 5
    assert len(world.statics) > 60 and set(world.statics.msg_type) == {5}
    assert world.batch().total_lines() == len(fixes) + len(world.statics)


def test_worlds_that_cannot_be_are_refused() -> None:
    """More meetings than pairs of ships, or too little time, is an error."""
    with pytest.raises(ValueError, match="meetings need"):
        random_world(1, ships=3, meetings=2)
    with pytest.raises(ValueError, match="meetings need"):
        random_world(1, hours=1.0)


@pytest.mark.parametrize("centre", [(29.0, 123.5), (70.0, 20.0), (5.0, 180.0), (30.0, 124.0)])
def test_a_meeting_world_keeps_distance_and_duration(centre: tuple[float, float]) -> None:
    """The two lie at the distance asked for from start to end, anywhere; the true ends are minutes outside."""
    world = meeting_world(centre, duration_s=7200.0, distance_m=80.0, every_s=30.0)
    (meeting,) = world.meetings
    during = distance_at(world, meeting, np.arange(START_US, START_US + 2 * HOUR, 60_000_000))
    assert during == pytest.approx(80.0, abs=2.0)
    assert (
        0 < START_US - meeting.start_us < 15 * 60_000_000 and 0 < meeting.end_us - START_US - 2 * HOUR < 15 * 60_000_000
    )
    edges = distance_at(world, meeting, np.array([meeting.start_us, meeting.end_us]))
    assert edges == pytest.approx(500.0, abs=40.0)


def test_silences_leave_no_rows() -> None:
    """A silence of one ship takes her rows away and not the other's."""
    world = meeting_world(silences=[(1, 600.0, 5400.0)])
    rows = [rows_of(world, mmsi).time_us for mmsi in (world.meetings[0].mmsi_a, world.meetings[0].mmsi_b)]
    within = [int(((t >= START_US + 600_000_000) & (t < START_US + 5_400_000_000)).sum()) for t in rows]
    assert within[0] == 80 and within[1] == 0


def test_a_raft_lies_side_by_side() -> None:
    """Twelve ships, each beside her neighbour inward at the spacing while all are there."""
    world = raft_world(12, (70.0, 180.0))
    assert len(world.meetings) == 11 and len(np.unique(world.positions.mmsi)) == 12
    middle = np.array([START_US + 2 * HOUR])
    for meeting in world.meetings:
        assert distance_at(world, meeting, middle)[0] == pytest.approx(25.0, abs=2.0)


def test_a_track_given_by_hand_is_what_it_says() -> None:
    """Columns come as given; speed and course follow from the fixes where they are not."""
    rows = ship_track(441000001, [0, 60_000_000], [10.0, 10.0], [20.0, 20.01], sog_kn=[1.0, 2.0], heading_deg=90)
    assert rows.sog_kn.tolist() == [1.0, 2.0] and rows.heading_deg.tolist() == [90.0, 90.0]
    assert rows.cog_deg == pytest.approx(90.0, abs=0.11) and rows.utc_second.tolist() == [0, 0]
    assert len(ship_track(441000001, [], [], [])) == 0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**31), turn=st.floats(-400.0, 400.0), later=st.integers(-(10**9), 10**9))
def test_changes_that_must_not_matter_can_be_undone(seed: int, turn: float, later: int) -> None:
    """Turned and turned back, shifted and shifted back, mirrored twice, swapped twice: the same world to the bit."""
    world = random_world(seed, ships=4, hours=2.0, meetings=1, fastest_s=120.0)
    a, b = world.meetings[0].mmsi_a, world.meetings[0].mmsi_b
    assert same(rotate(rotate(world, turn), -turn), world)
    shift = later * 1_000_000
    back = shift_time(shift_time(world, shift), -shift)
    assert same(back, world) and back.meetings == world.meetings
    assert same(mirror(mirror(world)), world) and mirror(mirror(world)).meetings == world.meetings
    assert same(swap_ships(swap_ships(world, a, b), a, b), world)


def test_changes_change_what_they_say() -> None:
    """Rotation moves longitudes only, a mirror exchanges MMSIs, shuffling keeps the rows, a stranger is far away."""
    world = random_world(5, ships=6, hours=3.0, meetings=1)
    moved = rotate(world, 56.5).positions
    assert np.array_equal(moved.lat_deg, world.positions.lat_deg) and not np.array_equal(
        moved.lon_deg, world.positions.lon_deg
    )
    assert np.abs((moved.lon_deg - world.positions.lon_deg - 56.5 + 180) % 360 - 180).max() < 1e-9
    names = mirrored_mmsis(world)
    assert mirror(world).meetings[0].mmsi_a == names[world.meetings[0].mmsi_a] != world.meetings[0].mmsi_a
    for other in (shuffled(world, 1), shuffled(world, 2, 60_000_000), sorted_by_ship(world)):
        assert sorted(other.positions.time_us) == world.positions.time_us.tolist()
    late = shuffled(world, 2, 60_000_000).positions.time_us
    assert 0 < (np.maximum.accumulate(late) - late).max() <= 60_000_000
    assert np.all(np.diff(sorted_by_ship(world).positions.mmsi) >= 0)
    stranger = rows_of(with_stranger(world), 273999999)
    assert separation_m(stranger.lat_deg[0], stranger.lon_deg[0], 29.0, 123.5) > 5_000_000
