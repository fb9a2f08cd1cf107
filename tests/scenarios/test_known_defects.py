"""Defects that other systems document or show, each as a small scene that must come out right here.

The first part is Global Fishing Watch's pipe-encounters, whose behaviour was measured by calling its transforms; the
second RadianceFleet, found by reading. Every ship is invented; the scenes are the ones in which the defect was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from alerts.incident import Alert
from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.assemble import Station, assemble
from shipwatch.config import Config
from shipwatch.engine.detections import Rendezvous
from shipwatch.replay import ReplayResult, replay_batches
from shipwatch.simulator.fleet import CARGO, TANKER, Vessel, ship_imo
from shipwatch.simulator.sphere import place
from shipwatch.simulator.visits import Hull
from shipwatch.simulator.worlds import START_US, World, meeting_world, raft_world, ship_track, static_of

US = 1_000_000
MINUTE_US = 60 * US
HOUR_US = 3600 * US
SEA = (28.0, 140.0)
ONE, OTHER = 441900001, 352900002
KN = 1852.0 / 3600.0


@cache
def station() -> Station:
    """The product's own wiring: all water outside ports watched, no lists."""
    return assemble(Config(), environment={}, everywhere=True)


def replayed(*parts: PositionReports, statics: Sequence[StaticReports] = ()) -> ReplayResult:
    """What the product's own replay finds in these reports."""
    return replay_batches([Batch(PositionReports.concat(parts), StaticReports.concat(statics))], station().pipeline)


def of_world(world: World) -> ReplayResult:
    """The same of a world, whose ships all are tankers of 100 m."""
    mmsis = sorted(set(world.positions.mmsi.tolist()))
    named = [announced(mmsi, int(world.positions.time_us[0]), int(world.positions.time_us[-1])) for mmsi in mmsis]
    return replayed(world.positions, statics=named)


def announced(mmsi: int, start_us: int, end_us: int, ship_type: int = TANKER) -> StaticReports:
    """Static reports of an invented ship of 100 m, every six minutes."""
    vessel = Vessel(mmsi, ship_imo(300_000 + mmsi % 1000), f"INVENTED {mmsi % 1000}", "XX1", "PAN", ship_type,
                    Hull(80, 20, 8, 8), 6.0)  # fmt: skip
    return static_of(vessel, np.arange(start_us, end_us, 360 * US))


def at(minutes: Sequence[float] | Any) -> np.ndarray:
    """Minutes after 00:00 as times."""
    return np.asarray(START_US + np.round(np.asarray(minutes, np.float64) * 60.0) * US, np.int64)


def still(mmsi: int, minutes: Any, east_m: Any = 0.0, north_m: Any = 0.0, centre: tuple[float, float] = SEA,
          **more: Any) -> PositionReports:  # fmt: skip
    """A ship at metres east and north of a centre (numbers or one for each minute), nearly stopped."""
    times = at(minutes)
    lat, lon = place(*centre, np.broadcast_to(east_m, len(times)), np.broadcast_to(north_m, len(times)))
    more.setdefault("sog_kn", np.full(len(times), 0.3))
    more.setdefault("cog_deg", np.full(len(times), 90.0))
    return ship_track(mmsi, times, lat, lon, **more)


def every(low: float, high: float, step: float = 5.0) -> np.ndarray:
    """Minutes from low to high."""
    return np.arange(low, high + 1e-9, step)


def minute(time_us: int) -> float:
    """Minutes after 00:00."""
    return (time_us - START_US) / MINUTE_US


def only(result: ReplayResult) -> Rendezvous:
    """The one meeting there is."""
    (found,) = result.rendezvous
    return found


def raised(result: ReplayResult) -> list[Alert]:
    """Standing alerts of warning and above."""
    return [alert for alert in result.alerts if alert.state != "withdrawn" and alert.severity != "notice"]


# Global Fishing Watch, pipe-encounters


@pytest.mark.parametrize(("start_h", "end_h"), [(22 + 5 / 60, 25 + 55 / 60), (23 + 10 / 60, 25 + 50 / 60)])
def test_a_meeting_over_midnight_utc_is_found_whole(start_h: float, end_h: float) -> None:
    """22:05-01:55 and 23:10-01:50, cut at midnight and dropped there, are one meeting with both ends here."""
    world = meeting_world(SEA, START_US + round(start_h * HOUR_US), (end_h - start_h) * 3600.0, approach_s=4 * 3600.0)
    found = only(of_world(world))
    truth = world.meetings[0]
    assert abs(found.start_us - truth.start_us) <= MINUTE_US
    assert abs(found.end_us - truth.end_us) <= MINUTE_US
    assert found.observed_s >= (end_h - start_h) * 3600.0


def test_twenty_minutes_together_do_not_become_hours_when_the_partner_falls_silent() -> None:
    """Twenty minutes together, then one silent all day: an encounter of 2 h 10 there and no meeting here."""
    result = replayed(still(ONE, every(0, 1435)), still(OTHER, every(600, 620), 150.0))
    assert result.rendezvous == ()
    assert raised(result) == []


def test_one_fix_each_is_no_meeting() -> None:
    """One fix of each ship all day, 100 m apart, is a raw encounter of 1 h 50 there and nothing here."""
    result = replayed(still(ONE, [600.0]), still(OTHER, [600.0], 100.0))
    assert result.rendezvous == ()
    assert result.alerts == ()


def test_silence_of_both_is_never_told_as_contact() -> None:
    """Together 08-09, both silent for eight hours, together 17-18: twice an hour here, one encounter of 12 h there."""
    seen = np.concatenate((every(480, 540), every(1020, 1080)))
    result = replayed(still(ONE, seen), still(OTHER, seen, 120.0))
    assert [(minute(one.start_us), minute(one.end_us)) for one in result.rendezvous] == [(480, 540), (1020, 1080)]
    assert all(one.observed_s == 3600 and one.dark_s == 0 for one in result.rendezvous)


def test_a_bridged_silence_is_kept_apart_from_what_was_seen() -> None:
    """Together, both silent for five hours, together again in the same place: one meeting whose hole is called dark."""
    seen = np.concatenate((every(480, 540), every(840, 900)))
    found = only(replayed(still(ONE, seen), still(OTHER, seen, 120.0)))
    assert (found.observed_s, found.dark_s) == (7200, 18_000)
    assert [piece.kind.value for piece in found.intervals] == ["observed", "dark", "observed"]


def test_silence_of_one_is_never_told_as_contact_either() -> None:
    """The same with one ship heard all the while, who stays: dark time, not contact; if she sails off, two meetings."""
    seen = np.concatenate((every(480, 540), every(840, 900)))
    stays = only(replayed(still(ONE, every(480, 900)), still(OTHER, seen, 120.0)))
    assert (stays.observed_s, stays.dark_s) == (7200, 18_000)
    trip = every(480, 900)
    away_m = np.interp(trip, [540, 600, 780, 840], [0.0, 15_000.0, 15_000.0, 0.0])
    left = replayed(still(ONE, trip, away_m, sog_kn=None, cog_deg=None), still(OTHER, seen, 120.0))
    assert len(left.rendezvous) == 2
    assert all(one.dark_s == 0 for one in left.rendezvous)


def test_a_drift_over_180_degrees_is_one_meeting() -> None:
    """One ship still, the other drifting over 180 degrees in six hours, fixes every 20 min: lost there, whole here."""
    times = every(300, 660, 20.0)
    near = still(ONE, times, 0.0, centre=(0.0, 180.0))
    drifting = still(OTHER, times, np.linspace(-200.0, 200.0, len(times)), 100.0, centre=(0.0, 180.0))
    assert drifting.lon_deg[0] > 0.0 > drifting.lon_deg[-1]
    found = only(replayed(near, drifting))
    assert (minute(found.start_us), minute(found.end_us)) == (300, 660)
    assert abs(abs(found.lon) - 180.0) < 0.01


def test_a_raft_of_twelve_is_one_alert() -> None:
    """Twelve ships alongside one another are 66 pair events there; here one alert that names all twelve."""
    result = of_world(raft_world(12, SEA, duration_s=3 * 3600.0, spacing_m=20.0, every_s=300.0, approach_s=1800.0))
    (alert,) = [alert for alert in result.alerts if alert.state != "withdrawn"]
    assert len({party.mmsi for party in alert.incident.parties}) == 12


def test_a_convoy_is_no_warning() -> None:
    """Two tankers at 8 knots, 300 m apart, for six hours: kept as an encounter there, nothing to call for here."""
    times = every(0, 360, 2.0)
    gone_m = times * 60.0 * 8.0 * KN
    moving = {"sog_kn": np.full(len(times), 8.0), "heading_deg": np.full(len(times), 90.0)}
    named = [announced(mmsi, START_US, START_US + 6 * HOUR_US) for mmsi in (ONE, OTHER)]
    result = replayed(still(ONE, times, gone_m, **moving), still(OTHER, times, gone_m, 300.0, **moving), statics=named)
    assert raised(result) == []


def test_the_place_of_a_meeting_is_on_the_ships_own_way() -> None:
    """A mean of positions lies off a curved track; here the place is one where the two ships really were."""
    times = every(0, 360, 5.0)
    turn = np.pi / 2 * times / 360.0  # a quarter of a circle of 6 km: the mean position lies 600 m inside it
    east, north = 6000.0 * np.cos(turn), 6000.0 * np.sin(turn)
    moving: dict[str, Any] = {"sog_kn": None, "cog_deg": None}
    found = only(replayed(still(ONE, times, east, north, **moving), still(OTHER, times, east, north + 90.0, **moving)))
    north_m, east_m = (found.lat - SEA[0]) * 111_195.0, (found.lon - SEA[1]) * 111_195.0 * np.cos(np.radians(SEA[0]))
    assert abs(np.hypot(east_m, north_m) - 6000.0) < 200.0


def test_the_id_of_a_meeting_does_not_change_while_it_grows() -> None:
    """There the id is made of the start and the segments and changes with either; here every revision keeps it."""
    times = every(0, 600)
    told: list[Rendezvous] = []
    parts = PositionReports.concat((still(ONE, times), still(OTHER, times, 120.0)))
    rows = parts.take(np.argsort(parts.time_us, kind="stable"))
    batch = Batch(rows, StaticReports.empty())
    replay_batches([batch], station().pipeline, on_outcome=lambda out: told.extend(out.rendezvous))
    assert len(told) >= 4
    assert len({one.id for one in told}) == 1


# RadianceFleet


@pytest.mark.parametrize("centre", [(28.0, 140.0), (28.0, 140.5), (28.5, 140.0), (-0.0, 0.5 - 0.5 - 20.0)])
def test_no_cell_border_keeps_a_pair_apart(centre: tuple[float, float]) -> None:
    """Two tankers 36 m apart on either side of a whole meridian or parallel, never compared there, meet here."""
    times = every(0, 180)
    named = [announced(mmsi, START_US, START_US + 3 * HOUR_US) for mmsi in (ONE, OTHER)]
    level = {"heading_deg": np.full(len(times), 45.0)}
    pair = (still(mmsi, times, off, off, centre, **level) for mmsi, off in ((ONE, -13.0), (OTHER, 13.0)))
    result = replayed(*pair, statics=named)
    assert (minute(only(result).start_us), minute(only(result).end_us)) == (0, 180)


def test_the_course_of_a_drifting_ship_says_nothing_of_its_bow() -> None:
    """Below a knot the course is noise and drops true pairs there; here the heading tells that they lie alongside."""
    rng = np.random.default_rng(7)
    times = every(0, 180)
    named = [announced(mmsi, START_US, START_US + 3 * HOUR_US) for mmsi in (ONE, OTHER)]
    rows = [
        still(mmsi, times, east, heading_deg=np.full(len(times), head), cog_deg=rng.uniform(0.0, 359.0, len(times)))
        for mmsi, east, head in ((ONE, 0.0, 2.0), (OTHER, 22.0, 181.0))
    ]
    result = replayed(*rows, statics=named)
    assert only(result).alongside is True
    assert [alert.severity for alert in result.alerts] == ["critical"]


def test_a_missing_quarter_of_an_hour_does_not_start_the_clock_anew() -> None:
    """One empty 15-minute bucket sets the two hours back to nought there; here the meeting goes on."""
    seen = np.concatenate((every(0, 60), every(90, 150), every(180, 240)))
    found = only(replayed(still(ONE, every(0, 240)), still(OTHER, seen, 120.0)))
    assert (minute(found.start_us), minute(found.end_us)) == (0, 240)


def test_fixes_of_different_times_are_not_compared_as_if_of_one() -> None:
    """Ships that pass one place ten minutes apart never meet; ships abreast at 5 kn do, though heard in turn."""
    times = every(0, 180, 10.0)
    way_m = times * 60.0 * 5.0 * KN
    moving: dict[str, Any] = {"sog_kn": np.full(len(times), 5.0)}
    follower = replayed(still(ONE, times, way_m, **moving), still(OTHER, times + 10.0, way_m, 60.0, **moving))
    assert follower.rendezvous == ()
    later_m = (times + 5.0) * 60.0 * 5.0 * KN
    abreast = only(replayed(still(ONE, times, way_m, **moving), still(OTHER, times + 5.0, later_m, 60.0, **moving)))
    assert abreast.min_distance_m <= 61


def test_a_ship_long_unheard_approaches_nobody() -> None:
    """An arrival reckoned from a fix three hours old is told there as if it were news; here nothing is told of it."""
    early = every(0, 60)
    comes = still(OTHER, early, -40_000.0 + early * 60.0 * 10.0 * KN, sog_kn=np.full(len(early), 10.0))
    result = replayed(still(ONE, every(0, 330)), comes)
    assert result.rendezvous == ()
    assert [alert for alert in result.alerts if alert.incident.kind == "rendezvous"] == []


def test_coal_and_sand_are_seen_as_well_as_oil() -> None:
    """Two bulk carriers alongside at sea are invisible to a rule for tankers; here they are a critical alert."""
    times = every(0, 180)
    named = [announced(mmsi, START_US, START_US + 3 * HOUR_US, CARGO) for mmsi in (ONE, OTHER)]
    level = {"heading_deg": np.full(len(times), 45.0)}
    result = replayed(still(ONE, times, **level), still(OTHER, times, 13.0, -13.0, **level), statics=named)
    assert [alert.severity for alert in result.alerts] == ["critical"]


def test_two_silences_whose_ships_cannot_have_met_are_no_lead() -> None:
    """End points near one another suffice there; ships that had no time to stop are no possible meeting here."""
    before, after = every(0, 120), every(420, 540)
    rows = []
    for mmsi, north in ((ONE, 0.0), (OTHER, 4000.0)):
        times = np.concatenate((before, after))
        rows.append(still(mmsi, times, times * 60.0 * 14.0 * KN, north, sog_kn=np.full(len(times), 14.0)))
    crowd = [still(441900100 + k, every(0, 540), 60_000.0, 3000.0 * k) for k in range(6)]
    result = replayed(*rows, *crowd)
    assert [lead for lead in result.leads if lead.kind == "dark_meeting"] == []


def cut_every(minutes: float) -> Callable[[PositionReports], list[Batch]]:
    """Batches of so many minutes."""

    def cut(rows: PositionReports) -> list[Batch]:
        number = (rows.time_us - START_US) // round(minutes * MINUTE_US)
        return [Batch(rows.take(number == one), StaticReports.empty()) for one in np.unique(number)]

    return cut


def test_a_stream_gives_what_the_archive_gives() -> None:
    """There is a batch detector only; here minute by minute gives the same alerts as all at once."""
    world = meeting_world(SEA, START_US + 2 * HOUR_US, 2 * 3600.0)
    pipeline = station().pipeline
    made = []
    for cut in (cut_every(1.0), cut_every(1e6)):
        state, told = pipeline.start(), []
        for batch in cut(world.positions):
            state, outcome = pipeline.advance(state, batch)
            told += outcome.alerts
        state, outcome = pipeline.finish(state)
        made.append([*told, *outcome.alerts])
    assert made[0] == made[1]
    assert made[0]


def test_two_hulls_under_one_number_move_no_cargo() -> None:
    """Two hulls that send one MMSI in turn, each with its own IMO number and draught, are no change of draught."""
    times = every(0, 1380, 10.0)
    own = still(ONE, times)
    other = still(ONE, times + 5.0, 300_000.0)
    named = []
    for number, (draught, length) in enumerate(((5.0, 80), (9.5, 150))):
        vessel = Vessel(ONE, ship_imo(300_100 + number), f"HULL {number}", "XX1", "PAN", TANKER,
                        Hull(length, 20, 8, 8), draught)  # fmt: skip
        named.append(static_of(vessel, at(every(10.0 + 30 * number, 1380, 60.0))))
    result = replayed(own, other, statics=named)
    assert [lead for lead in result.leads if lead.kind == "dark_meeting"] == []
