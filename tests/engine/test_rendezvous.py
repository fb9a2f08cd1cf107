"""Meetings of two ships: where they begin and end, what bridges a hole, what is never claimed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from shipwatch.engine.detections import Kind
from shipwatch.engine.rules import EngineRules, preset

US = 1_000_000
HOUR = 3600.0
KN = 1852 / 3600


def approach(t: float) -> float:
    """North metres of a ship that comes from 3 km at 4 kn, stays 60 m off from 30 min to 3 h, and leaves."""
    if t < 1800:
        return 60 + (1800 - t) * 4 * KN
    if t < 10800:
        return 60
    return 60 + (t - 10800) * 4 * KN


def test_ends_are_the_instants_of_crossing_not_fixes(scene, each) -> None:
    """Start and end are where the straight motion crosses the enter distance, between fixes."""
    made = scene().ship(1001, each(180, 0, 14400), 0, 0)
    made.ship(1002, each(300, 0, 14400), 0, approach, sog=2)
    (found,) = made.meetings()
    crossing_s = (500 - 60) / (4 * KN)
    assert found.start_us == pytest.approx(made.start_us + (1800 - crossing_s) * US, abs=1.1 * US)
    assert found.end_us == pytest.approx(made.start_us + (10800 + crossing_s) * US, abs=1.1 * US)
    assert (found.phase, found.ended_by) == ("ended", "left")
    assert found.min_distance_m == found.median_distance_m == 60
    assert found.inferred_s == found.dark_s == 0


def test_hysteresis_keeps_one_meeting(scene, each) -> None:
    """A pair that sways between 400 and 700 m stays in one meeting; one that sways past 800 m does not."""
    for far, count in ((700, 1), (900, 3)):
        sway = lambda t, far=far: 400 if int(t // 3600) % 2 == 0 else far  # noqa: E731
        made = scene().ship(1001, each(60, 0, 5 * HOUR), 0, 0).ship(1002, each(60, 0, 5 * HOUR), sway, 0)
        assert len(made.meetings()) == count


def test_a_short_meeting_is_not_told(scene, each) -> None:
    """Less than half an hour together is no rendezvous."""
    made = scene().ship(1001, each(60, 0, 2 * HOUR), 0, 0)
    made.ship(1002, each(60, 0, 2 * HOUR), 0, lambda t: 100 if t < 1500 else 100 + (t - 1500) * 3, sog=3)
    assert made.meetings() == []


def test_twenty_minutes_then_silence_is_not_two_hours(scene, each) -> None:
    """Two ships together for 20 minutes of which one falls silent for good are no meeting of hours."""
    made = scene().ship(1001, each(60, 0, 10 * HOUR), 0, 0).ship(1002, each(60, 0, 20 * 60), 80, 0)
    assert made.meetings() == []


def test_dark_time_is_bridged_and_never_counted(scene, each) -> None:
    """A hole of five hours while both drift is one meeting, its hole dark; eight hours are two meetings."""
    for hole_h, count in ((5, 1), (8, 2)):
        late = (2 + hole_h) * HOUR
        made = scene().ship(1001, [*each(60, 0, 2 * HOUR), *each(60, late, late + 2 * HOUR)], 0, 0)
        made.ship(1002, [*each(60, 0, 2 * HOUR), *each(60, late, late + 2 * HOUR)], 90, 0)
        found = made.meetings()
        assert len(found) == count
        if count == 1:
            assert [piece.kind for piece in found[0].intervals] == [Kind.OBSERVED, Kind.DARK, Kind.OBSERVED]
            assert (found[0].observed_s, found[0].dark_s) == (4 * HOUR, hole_h * HOUR)


def test_a_partner_seen_elsewhere_meanwhile_breaks_the_meeting(scene, each) -> None:
    """While one is silent the other is seen 30 km off: they were not together, whatever the ends look like."""
    made = scene().ship(1001, [*each(60, 0, 2 * HOUR), *each(60, 7 * HOUR, 9 * HOUR)], 0, 0)
    away = lambda t: 90 if t <= 2 * HOUR or t >= 7 * HOUR else 30_000 * (1 - abs(t / HOUR - 4.5) / 2.5)  # noqa: E731
    made.ship(1002, each(60, 0, 9 * HOUR), away, 0, sog=lambda t: 0.3 if away(t) == 90 else 6.5)
    found = made.meetings()
    assert len(found) == 2
    assert all(item.dark_s == 0 for item in found)


def test_sparse_reports_are_inferred(scene, each) -> None:
    """Fixes an hour apart of slow ships are inferred contact, not observed."""
    made = scene().ship(1001, each(HOUR, 0, 4 * HOUR), 0, 0).ship(1002, each(HOUR, 600, 4 * HOUR), 90, 0)
    (found,) = made.meetings()
    assert found.observed_s == 0
    assert found.inferred_s >= 3 * HOUR


def test_under_way_transfer_is_found(scene, each) -> None:
    """Side by side at 5 kn is a meeting, and its relative speed says that they kept together."""
    north = lambda t: t * 5 * KN  # noqa: E731
    made = scene().ship(1001, each(30, 0, 3 * HOUR), 0, north, sog=5)
    made.ship(1002, each(45, 0, 3 * HOUR), 70, north, sog=5)
    (found,) = made.meetings()
    assert found.relative_speed_kn == 0.0
    assert found.median_speed_kn == 5.0
    assert found.settled


@pytest.mark.parametrize(
    ("lat", "lon", "start_us"),
    [
        (0.0, 10.0, 1_741_996_800 * US - 2 * 3600 * US),
        (10.0, 180.0, 1_741_953_600 * US),
        (10.0, -179.9999, 1_741_953_600 * US),
        (70.0, 20.0, 1_741_953_600 * US),
        (-70.0, 180.0, 1_741_953_600 * US),
        (12.0, 45.0, 1_741_953_600 * US),
    ],
    ids=["midnight", "astride 180", "west of 180", "70 N", "70 S astride 180", "whole degree"],
)
def test_place_and_hour_make_no_difference(scene, each, lat, lon, start_us) -> None:
    """A pair astride midnight UTC, 180 degrees, a whole degree, or at high latitude is found like any other."""
    made = scene(lat, lon, start_us).ship(1001, each(180, 0, 4 * HOUR), -45, -20)
    made.ship(1002, each(170, 0, 4 * HOUR), 45, 20)
    (found,) = made.meetings()
    assert found.median_distance_m == 98
    assert found.observed_s >= 3.9 * HOUR
    assert abs(found.lat - lat) < 1e-3
    assert abs((found.lon - lon + 180) % 360 - 180) < 1e-3


def test_same_mmsi_never_meets_itself(scene, each) -> None:
    """Two hulls on one MMSI, brought together, are no rendezvous."""
    made = scene().ship(1001, each(60, 0, 6 * HOUR), 0, 0)
    come = lambda t: 90 if t > 3 * HOUR else 90 + (3 * HOUR - t) * 10  # noqa: E731
    made.ship(1001, each(60, 30, 6 * HOUR), come, 0, sog=8)
    assert made.meetings() == []


def test_out_of_scope_is_not_sought(scene, each) -> None:
    """Meetings outside watched water, or inside excluded water, are not told."""

    class Harbour:
        def watched(self, lat, lon):
            return lat > -90

        def excluded(self, lat, lon):
            return lat > -90

    made = scene().ship(1001, each(60, 0, 4 * HOUR), 0, 0).ship(1002, each(60, 0, 4 * HOUR), 90, 0)
    assert made.meetings(scope=Harbour()) == []
    assert len(made.meetings()) == 1


def test_alongside_needs_parallel_hulls_beside_each_other(scene, each) -> None:
    """Hulls 20 m apart and parallel are alongside; in line or across they are not; unknown headings give None."""
    cases = [
        (52, 0, 90.0, 90.0, None),
        (0, 52, 90.0, 90.0, True),
        (220, 0, 90.0, 90.0, False),
        (0, 200, 90.0, 0.0, False),
        (0, 52, float("nan"), 90.0, None),
    ]
    for east, north, heading_a, heading_b, beside in cases[1:]:
        made = scene().ship(1001, each(60, 0, 4 * HOUR), 0, 0, heading=heading_a)
        made.ship(1002, each(60, 0, 4 * HOUR), east, north, heading=heading_b)
        made.size(1001, 0, 100, 100, 16, 16).size(1002, 0, 100, 100, 16, 16)
        (found,) = made.meetings()
        assert found.alongside is beside
        if beside:
            assert found.hull_gap_m == 20
            assert found.heading_difference_deg == 0


@pytest.mark.parametrize(("known_s", "known"), [(1800, False), (3 * HOUR, True)])
def test_hulls_measured_in_the_lesser_part_are_not_measured(scene, each, known_s: int, known: bool) -> None:
    """A ship with a heading only while she comes up, from her course: how she lay is not known, and is not said."""
    seconds = each(60, 0, 4 * HOUR)
    made = (
        scene().ship(1002, seconds, 0, 0, heading=50.0).size(1001, 0, 100, 100, 16, 16).size(1002, 0, 100, 100, 16, 16)
    )
    made.ship(1001, [t for t in seconds if t < known_s], 0, 250, heading=90.0)
    made.ship(1001, [t for t in seconds if t >= known_s], 0, 40)
    (found,) = made.meetings()
    assert (found.alongside, found.heading_difference_deg) == ((False, 40) if known else (None, None))
    assert (found.hull_gap_m is not None) is known


def test_revisions_keep_the_id_and_grow(scene, each) -> None:
    """A meeting is told when it forms, once it has lasted as long again, and at its end; id and start never change."""
    made = scene().ship(1001, each(180, 0, 6 * HOUR), 0, 0).ship(1002, each(180, 0, 6 * HOUR), 0, approach, sog=2)
    told = list(made.run()[1].rendezvous)
    assert len({(found.id, found.start_us) for found in told}) == 1
    assert [found.phase for found in told] == ["ongoing"] * (len(told) - 1) + ["ended"]
    assert len(told) >= 3
    lasted = [found.end_us - found.start_us for found in told[:-1]]
    assert all(later >= 2 * before for before, later in pairwise(lasted))
    assert all(found.published_us % (60 * US) == 0 for found in told)
    seconds = [found.observed_s for found in told]
    assert seconds == sorted(seconds)


def test_presets_are_rules_of_their_own(scene, each) -> None:
    """A meeting of 90 minutes at 150 m is one for skylight and starboard, not for the two hours of gfw."""
    made = scene().ship(1001, each(60, 0, 4 * HOUR), 0, 0)
    made.ship(1002, each(60, 0, 4 * HOUR), 0, lambda t: 150 if t < 5400 else 150 + (t - 5400) * 3, sog=1)
    assert [len(made.meetings(preset(name))) for name in ("gfw", "skylight", "starboard")] == [0, 1, 1]


def test_rules_refuse_nonsense() -> None:
    """Settings that make no sense are refused with their name and value."""
    with pytest.raises(ValueError, match=r"leave_m: 100\.0 is less than enter_m"):
        EngineRules(leave_m=100.0)
    with pytest.raises(ValueError, match=r"forms: distance 900\.0"):
        EngineRules(forms=((900.0, 60.0),))
    with pytest.raises(ValueError, match="preset 'nosuch' is unknown"):
        preset("nosuch")
