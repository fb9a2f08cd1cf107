"""When simulated transponders speak, and what simulated receivers make of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import CARGO, Shipyard
from shipwatch.simulator.reception import Satellites, Station, inside, satellite_passes, thinned
from shipwatch.simulator.reports import Ship, hear
from shipwatch.simulator.transmit import class_a_interval_s, position_times, regular_times, speaking
from shipwatch.simulator.voyages import Track, lie_moored, sail, swing_at_anchor

HOUR = 3_600_000_000
START = 1_741_910_400_000_000
END = START + 6 * HOUR


def steaming(knots: float) -> Track:
    """A straight run of six hours."""
    return sail(START, END, [(29.0, 120.0), (29.0, 128.0)], knots)


@pytest.mark.parametrize(
    ("knots", "class_b", "seconds"),
    [(12.0, False, 10), (18.0, False, 6), (27.0, False, 2), (12.0, True, 30), (1.5, True, 180)],
)
def test_reporting_intervals_follow_class_and_speed(knots: float, class_b: bool, seconds: float) -> None:
    """The mean interval is that of ITU-R M.1371, and no single one strays by more than a fifth."""
    gaps = np.diff(position_times(steaming(knots), class_b, np.random.default_rng(1))) / 1e6
    assert gaps.mean() == pytest.approx(seconds, rel=0.02)
    assert gaps.min() >= 0.8 * seconds - 1e-3 and gaps.max() <= 1.2 * seconds + 1e-3


def test_ships_at_anchor_and_moored_report_every_three_minutes() -> None:
    """Class A at anchor or moored: 180 s."""
    lying = (swing_at_anchor(START, END, 29.0, 122.0, Current()), lie_moored(START, END, 29.0, 122.0, 0.0))
    for track in lying:
        assert np.diff(position_times(track, False, np.random.default_rng(2))).mean() / 1e6 == pytest.approx(
            180, rel=0.02
        )


def test_ships_that_turn_report_more_often() -> None:
    """Changing course, 3 1/3 s up to 14 kn and 2 s above; a fast ship "at anchor" 10 s."""
    assert class_a_interval_s([10.0, 20.0], 30.0).tolist() == pytest.approx([10 / 3, 2.0])
    assert class_a_interval_s(5.0, 0.0, 1).tolist() == 10.0


def test_static_reports_come_every_six_minutes_and_silence_is_silence() -> None:
    """Regular reports keep their interval; inside a silence there are none."""
    times = regular_times(steaming(10.0), 360.0, np.random.default_rng(3))
    assert len(times) == 60 and np.diff(times).mean() / 1e6 == pytest.approx(360, rel=0.02)
    off = (START + HOUR, START + 3 * HOUR)
    kept = times[speaking(times, (off,))]
    assert not inside(kept, (off,)).any() and len(kept) == pytest.approx(40, abs=1)


def test_thinning_keeps_the_first_in_each_slot() -> None:
    """At most one report in each slot of the archive, and all of them without a slot."""
    times = START + np.array([0, 10, 59, 61, 200, 239]) * 1_000_000
    assert thinned(times, 60.0).tolist() == [True, False, False, True, True, False]
    assert thinned(times, 0.0).all()


def test_satellites_leave_holes_between_their_passes() -> None:
    """What satellites hear lies inside their passes and outside their outages; holes are as long as specified."""
    passes = satellite_passes(START, END, 3600.0, 900.0, np.random.default_rng(4))
    assert all(0.7 * 900 <= (b - a) / 1e6 <= 1.3 * 900 + 1 for a, b in passes[:-1])
    assert all(0.7 * 3600 <= (b[0] - a[0]) / 1e6 <= 1.3 * 3600 + 1 for a, b in pairwise(passes))
    ship = Ship(Shipyard(np.random.default_rng(0)).build(CARGO, "PAN"), steaming(12.0))
    outage = (START + 2 * HOUR, START + 3 * HOUR)
    sky = Satellites("sky", 0.5, passes=passes, outages=(outage,), lag_median_s=0.0)
    sent = hear([ship], [sky], START, END, 1).sent_us
    assert len(sent) > 100 and inside(sent, passes).all() and not inside(sent, (outage,)).any()


def test_stations_hear_to_their_range_and_drop_out() -> None:
    """A ship is heard near the station, not beyond its range, and by nobody during an outage."""
    ship = Ship(Shipyard(np.random.default_rng(0)).build(CARGO, "PAN"), steaming(20.0))
    outage = (START + HOUR // 4, START + HOUR // 2)
    near = Station("near", 1.0, lat_deg=29.0, lon_deg=120.0, range_m=50_000.0, outages=(outage,))
    heard = hear([ship], [near], START, END, 1)
    mine = heard.ship == 0
    miles = (heard.lon_deg[mine] - 120.0) * 97.2
    assert 40 < miles.max() < 80 and not inside(heard.sent_us, (outage,)).any()
    assert (~mine).any(), "the station sends its own type 4"


def test_stamps_are_late_and_clocks_wrong_as_specified() -> None:
    """Lag has the median asked for and is cut at its maximum; offset and jump are added to it."""
    ship = Ship(Shipyard(np.random.default_rng(0)).build(CARGO, "PAN"), steaming(12.0))
    jump = (START + 2 * HOUR, START + 3 * HOUR, 3600.0)
    slow = Station("slow", 1.0, lat_deg=29.0, lon_deg=122.0, range_m=500_000.0, lag_median_s=20.0, lag_spread=1.0)
    wrong = Station("wrong", 1.0, lat_deg=29.0, lon_deg=122.0, range_m=500_000.0, lag_median_s=0.0, clock_offset_s=7.0,
                    clock_jumps=(jump,))  # fmt: skip
    heard = hear([ship], [slow, wrong], START, END, 1)
    late = (heard.stamp_us - heard.sent_us) / 1e6
    of_slow = late[heard.receiver == 0]
    assert np.median(of_slow) == pytest.approx(20.0, rel=0.1) and of_slow.max() == pytest.approx(170.0)
    jumped = inside(heard.sent_us, (jump[:2],))
    assert set(np.round(late[(heard.receiver == 1) & jumped], 3)) == {3607.0}
    assert set(np.round(late[(heard.receiver == 1) & ~jumped], 3)) == {7.0}
    assert np.all(np.diff(heard.stamp_us) >= 0), "an archive stands in the order of its stamps"


def test_one_transmission_says_the_same_to_all_who_hear_it() -> None:
    """Two receivers of one report have the same place, speed and course of it."""
    ship = Ship(Shipyard(np.random.default_rng(0)).build(CARGO, "PAN"), steaming(12.0))
    two = [Station(name, 1.0, lat_deg=29.0, lon_deg=121.0, range_m=500_000.0) for name in ("a", "b")]
    heard = hear([ship], two, START, END, 1)
    pairs = [np.nonzero((heard.receiver == r) & (heard.msg_type == 1))[0] for r in (0, 1)]
    a, b = (rows[np.argsort(heard.sent_us[rows])] for rows in pairs)
    assert len(a) == len(b) > 1000
    for name in ("sent_us", "lat_deg", "lon_deg", "sog_kn"):
        assert np.array_equal(getattr(heard, name)[a], getattr(heard, name)[b])
