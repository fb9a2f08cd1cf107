"""Legs that hold many fixes, ships that are forgotten, meetings at the poles, and gap rules of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from decoders.reports import PositionReports
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.tracks import Tracks, assign

US = 1_000_000
HOUR = 3600.0
DAY = 86_400.0
M_PER_DEG = 6_371_008.8 * np.pi / 180
RULES = EngineRules()


def fixes(seconds: list[float], north_m: list[float], sog: float = 0.3) -> PositionReports:
    """One ship's fixes, north of 10 N."""
    return PositionReports.of(
        time_us=[round(t * US) for t in seconds], mmsi=[7] * len(seconds),
        lat_deg=[10 + m / M_PER_DEG for m in north_m], lon_deg=[20.0] * len(seconds), sog_kn=[sog] * len(seconds),
    )  # fmt: skip


def legs(
    positions: PositionReports, rules: EngineRules = RULES, *, flush: bool = True
) -> list[tuple[float, float, float]]:
    """(begin, end, known), in seconds."""
    _, found = assign(Tracks(), positions, rules, flush=flush)
    return [tuple(row[name] / US for name in ("t0_us", "t1_us", "known_us")) for row in found.legs]


def test_a_straight_way_is_one_leg_cut_by_its_own_length() -> None:
    """Fixes a minute apart on one line are legs of ten minutes, known when the next fix could not have joined."""
    seconds = [60.0 * n + 17 for n in range(26)]
    found = legs(fixes(seconds, [2.0 * t for t in seconds], sog=4.0))
    assert [(a - 17, b - 17) for a, b, _ in found] == [(0, 600), (600, 1200), (1200, 1500)]
    assert [known - 17 for _, _, known in found[:2]] == [600, 1200]


def test_a_bend_of_more_than_ten_metres_ends_a_leg() -> None:
    """Every fix lies within ten metres of its leg; a ship that sways by 4 m is one leg, one by 30 m is not."""
    seconds = [60.0 * n for n in range(10)]
    assert len(legs(fixes(seconds, [4.0 * (n % 2) for n in range(10)]))) == 1
    assert len(legs(fixes(seconds, [30.0 * (n % 2) for n in range(10)]))) == 9


def test_a_ship_that_lies_still_has_legs_of_up_to_an_hour() -> None:
    """10, 20, 40 minutes, then an hour each; once she moves it is ten minutes again."""
    seconds = [60.0 * n for n in range(301)]
    still = legs(fixes(seconds, [0.0] * 301))
    assert [round((b - a) / 60) for a, b, _ in still] == [10, 20, 40, 60, 60, 60, 50]
    moved = legs(fixes(seconds, [0.0] * 100 + [40.0 * n for n in range(201)], sog=1.5))
    assert max(b - a for a, b, _ in moved if a >= 6300) <= 600


def test_noise_does_not_end_the_leg_of_a_moored_ship() -> None:
    """Fixes 3 m off (one standard deviation) around one place: legs as long as without noise, amid their fixes."""
    noise, seconds = np.random.default_rng(4).normal(0.0, 3.0, (2, 200)), [180.0 * n for n in range(200)]
    moored = fixes(seconds, noise[0].tolist(), sog=0.0)
    moored = replace(moored, lon_deg=moored.lon_deg + noise[1] / M_PER_DEG)
    _, found = assign(Tracks(), moored, RULES, flush=True)
    assert len(found.legs) <= 15, "ten hours; a line through the first fix gave 34"
    assert np.median(found.legs["t1_us"] - found.legs["t0_us"]) >= 2400 * US
    stays = found.legs[found.legs["length_m"] == 0.0]
    assert len(stays) >= 5
    off_m = np.hypot(stays["lat0_deg"] - 10.0, stays["lon0_deg"] - 20.0) * M_PER_DEG
    assert off_m.max() < 6.0, "amid its fixes a leg is nearer to where the ship is than a fix"


@pytest.mark.parametrize("seed", range(20))
def test_every_fix_lies_within_ten_metres_of_its_leg(seed: int) -> None:
    """Drift, noise and swings of any size, also astride 180 degrees: no leg is further from one of its fixes."""
    rng = np.random.default_rng(seed)
    seconds = np.cumsum(rng.uniform(10, 240, 300))
    north, east = (
        np.cumsum(rng.normal(0, rng.choice([0.0, 0.5, 4.0]), 300)) + rng.normal(0, rng.uniform(0, 6), 300)
        for _ in range(2)
    )
    lat = rng.uniform(-70, 70)
    ship = fixes(seconds.tolist(), (north + (lat - 10) * M_PER_DEG).tolist())
    across = M_PER_DEG * np.cos(np.radians(lat))
    ship = replace(ship, lon_deg=(179.9999 + east / across + 180) % 360 - 180)
    _, found = assign(Tracks(), ship, RULES, flush=True)
    legs = found.legs[np.argsort(found.legs["t0_us"])]
    assert (legs["t0_us"][1:] == legs["t1_us"][:-1]).all()
    assert (legs["t0_us"][0], legs["t1_us"][-1]) == (ship.time_us[0], ship.time_us[-1])
    worst = 0.0
    for leg in legs:
        inside = (ship.time_us >= leg["t0_us"]) & (ship.time_us <= leg["t1_us"])
        share = (ship.time_us[inside] - leg["t0_us"]) / (leg["t1_us"] - leg["t0_us"])
        y = ship.lat_deg[inside] - (leg["lat0_deg"] + share * (leg["lat1_deg"] - leg["lat0_deg"]))
        x = ship.lon_deg[inside] - (leg["lon0_deg"] + share * (leg["lon1_deg"] - leg["lon0_deg"]))
        x = (x + 180) % 360 - 180
        worst = max(worst, float(np.hypot(y * M_PER_DEG, x * across).max()))
    assert worst <= 10.01
    assert len(legs) < len(ship) - 1


def test_what_is_pending_is_known_in_time_though_nothing_more_comes() -> None:
    """A run ends by the clock: ten minutes after it began it is told, whenever the ship is heard again."""
    _, found = assign(Tracks(), fixes([0, 60, 120], [0, 0, 0]), RULES, 599 * US)
    assert len(found.legs) == 0
    _, found = assign(Tracks(), fixes([0, 60, 120], [0, 0, 0]), RULES, 600 * US)
    assert found.legs["known_us"].tolist() == [600 * US]


def test_no_merging_where_it_is_not_wanted() -> None:
    """With ``straight_m`` 0 every two fixes are a leg."""
    found = legs(fixes([0, 60, 120, 180], [0, 0, 0, 0]), replace(RULES, straight_m=0.0))
    assert found == [(0, 60, 60), (60, 120, 120), (120, 180, 180)]


def test_a_ship_not_heard_for_long_begins_anew() -> None:
    """After a month there is no leg from the last fix, and her place is free; when that was tidied up is not seen."""
    first, later = fixes([0, 60, 120], [0, 0, 0]), fixes([31 * DAY, 31 * DAY + 60], [9e5, 9e5])
    once, found = assign(Tracks(), PositionReports.concat((first, later)), RULES, flush=True)
    assert found.refused == {}
    assert (found.legs["t0_us"] / US).tolist() == [0, 31 * DAY]
    state, _ = assign(Tracks(), first, RULES)
    state, _ = assign(state, PositionReports.empty(), RULES, round(30.5 * DAY * US))
    assert (state.records["held"] == 0).all()
    state, found = assign(state, later, RULES, flush=True)
    assert (found.legs["t0_us"] / US).tolist() == [31 * DAY]
    assert state.last.track.tolist() == once.last.track.tolist()


@pytest.mark.parametrize("lat", [87.95, 88.05, 89.93, 89.9995, -89.9995])
def test_meetings_at_the_poles_are_found(scene, each, lat: float) -> None:
    """Two ships 90 m apart near or astride a pole meet as they do elsewhere."""
    made = scene(lat, 10.0)
    across = 90.0 / (M_PER_DEG * np.cos(np.radians(lat)))
    for second, t in enumerate(each(180, 0, 3 * HOUR)):
        for mmsi, lon in ((1001, 10.0), (1002, 10.0 + across)):
            made.rows.append((made.start_us + round(t * US), mmsi, lat, (lon + 180) % 360 - 180, 0.3, float("nan")))
        assert second >= 0
    (found,) = made.meetings()
    assert found.observed_s >= 2.9 * HOUR
    if abs(lat) < 89.99:
        assert found.median_distance_m == pytest.approx(90, abs=2)


def test_a_gap_rule_of_others_joins_what_was_seen_apart(scene, each) -> None:
    """With ``rejoin_s`` two hours together, an hour apart and an hour together are one meeting; else they are two."""

    def away(t: float) -> float:
        return 3000.0 if 2 * HOUR < t < 3 * HOUR else 100.0

    made = scene().ship(1001, each(60, 0, 5 * HOUR), 0, 0).ship(1002, each(60, 0, 5 * HOUR), away, 0, sog=0.5)
    apart = made.meetings(replace(RULES, relative_share=0.0))
    assert len(apart) == 2
    (joined,) = made.meetings(replace(RULES, rejoin_s=4 * HOUR, relative_share=0.0))
    assert len(joined.intervals) == 2
    assert joined.end_us - joined.start_us == pytest.approx(5 * HOUR * US, abs=60 * US)
    assert joined.observed_s == pytest.approx(4 * HOUR, abs=300)
    spans = replace(RULES, rejoin_s=4 * HOUR, span_counts=True, forms=((500.0, 4.5 * HOUR),), relative_share=0.0)
    assert len(made.meetings(spans)) == 1
    assert made.meetings(replace(spans, span_counts=False)) == []


def test_a_nearer_distance_counts_in_one_go(scene, each) -> None:
    """(50 m, 10 min): twelve minutes at 40 m are a meeting, twice six minutes are not."""
    rules = EngineRules(enter_m=200.0, leave_m=200.0, hole_s=0.0, forms=((50.0, 600.0), (200.0, 7200.0)),
                        sighting_span_s=0.0, relative_share=0.0)  # fmt: skip
    for parts, count in ((((1800, 2520),), 1), (((1800, 2160), (3000, 3360)), 0)):
        near = lambda t, parts=parts: 40.0 if any(a <= t <= b for a, b in parts) else 120.0  # noqa: E731
        made = scene().ship(1001, each(30, 0, HOUR), 0, 0).ship(1002, each(30, 0, HOUR), near, 0)
        assert len(made.meetings(rules)) == count


def test_ships_that_rush_to_and_fro_near_each_other_are_no_meeting(scene, each) -> None:
    """Relative speed above a knot most of the time is no meeting, however near they are."""
    sway = lambda t: 240.0 * np.sin(t / 600 * np.pi)  # noqa: E731
    made = scene().ship(1001, each(30, 0, 3 * HOUR), 0, 0)
    made.ship(1002, each(30, 0, 3 * HOUR), sway, 250, sog=2.5)
    circling = made.meetings(replace(RULES, relative_kn=0.2))
    assert circling == []
    assert len(made.meetings(replace(RULES, relative_kn=0.2, relative_share=0.0))) == 1


def test_nothing_is_told_again_without_news(scene, each) -> None:
    """While one of two falls silent the meeting is not told anew by the other's reports alone, nor after its end."""
    made = scene().ship(1001, each(120, 0, 12 * HOUR), 0, 0).ship(1002, each(120, 0, HOUR), 80, 0)
    told = made.run()[1].rendezvous
    assert [found.phase for found in told] == ["ongoing"] * (len(told) - 1) + ["ended"]
    assert all(found.published_us <= made.start_us + round(1.5 * HOUR) * US for found in told[:-1])
    assert told[-1].ended_by == "silence"
