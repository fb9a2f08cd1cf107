"""Who may be near whom is found wherever it is; pairs walked one after another are told as they are hour by hour."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.crowded_sea import CrowdedSea, crowded_sea
from decoders.reports import Batch, StaticReports
from shipwatch.engine.contact_search import search
from shipwatch.engine.detections import Rendezvous
from shipwatch.engine.motion import M_PER_DEG, distance_m, wrap_deg
from shipwatch.engine.records import ENTRY, LEG, Records, rule_record
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState
from shipwatch.engine.step import finish, step

HOUR_US = 3_600_000_000
RULES = EngineRules()
SHIPS = 60


def drifting(rng: np.random.Generator, lat_deg: float, lon_deg: float) -> Records:
    """Three legs on end of each of sixty ships within some kilometres of a place, of up to an hour and a kilometre."""
    legs = np.zeros(3 * SHIPS, LEG)
    away_m = rng.uniform(-3000, 3000, (2, SHIPS))
    along = M_PER_DEG * np.cos(np.radians(lat_deg))
    lat, lon = lat_deg + away_m[0] / M_PER_DEG, lon_deg + away_m[1] / along
    time_us = rng.integers(0, HOUR_US, SHIPS)
    for number in range(3):
        leg = legs[number::3]
        leg["t0_us"], leg["lat0_deg"], leg["lon0_deg"] = time_us, lat, wrap_deg(lon)
        time_us = time_us + rng.integers(60_000_000, HOUR_US, SHIPS)
        drift_m = rng.uniform(-1000, 1000, (2, SHIPS)) * (rng.random(SHIPS) < 0.5)
        lat, lon = lat + drift_m[0] / M_PER_DEG, leg["lon0_deg"] + drift_m[1] / along  # beyond 180 within a leg
        leg["t1_us"], leg["lat1_deg"], leg["lon1_deg"], leg["known_us"] = time_us, lat, lon, time_us
        leg["length_m"] = np.hypot(*drift_m)
        leg["slot"] = leg["track"] = leg["mmsi"] = np.arange(SHIPS)
    return legs


def near(legs: Records) -> set[tuple[int, int]]:
    """Pairs within the enter distance in any of a thousand instants."""
    found: set[tuple[int, int]] = set()
    for at_us in np.linspace(legs["t0_us"].min(), legs["t1_us"].max(), 1000):
        there = legs[(legs["t0_us"] <= at_us) & (at_us < legs["t1_us"])]
        share = (at_us - there["t0_us"]) / (there["t1_us"] - there["t0_us"])
        lat = there["lat0_deg"] + share * (there["lat1_deg"] - there["lat0_deg"])
        lon = there["lon0_deg"] + share * (there["lon1_deg"] - there["lon0_deg"])
        one, other = np.nonzero(distance_m(lat[:, None], lon[:, None], lat, lon) <= RULES.enter_m)
        found |= {(int(a), int(b)) for a, b in zip(there["slot"][one], there["slot"][other], strict=True) if a < b}
    return found


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(0.0, 0.0), (-33.0, 179.99), (61.0, -180.0), (79.9, 5.0), (88.0, 90.0)]
)
@pytest.mark.parametrize("seed", range(4))
def test_whoever_comes_near_is_found_whether_legs_come_together_or_in_turn(
    lat_deg: float, lon_deg: float, seed: int
) -> None:
    """All pairs of the brute force are named; of the others only such as share a cell of water."""
    legs, rule = drifting(np.random.default_rng(seed), lat_deg, lon_deg), rule_record(RULES)
    entries, first, partners = search(legs, np.empty(0, ENTRY), SHIPS, -(2**31), rule)
    lower = np.repeat(np.arange(SHIPS), np.diff(first)[:SHIPS])
    at_once = set(zip(lower.tolist(), partners.tolist(), strict=True))
    assert all(a < b for a, b in at_once)
    truth = near(legs)
    assert len(truth) > 20
    assert truth <= at_once
    assert len(at_once) < 0.5 * SHIPS * SHIPS / 2

    in_turn, known = set(), np.empty(0, ENTRY)
    for part in range(3):
        known, first, partners = search(legs[part::3].copy(), known, SHIPS, -(2**31), rule)
        lower = np.repeat(np.arange(SHIPS), np.diff(first)[:SHIPS])
        in_turn |= set(zip(lower.tolist(), partners.tolist(), strict=True))
    assert in_turn == at_once
    assert np.array_equal(np.sort(known["key"]), np.sort(entries["key"]))


def test_what_lies_too_far_back_is_forgotten() -> None:
    """Entries before the oldest hour that is asked for are left out."""
    legs, rule = drifting(np.random.default_rng(1), 10.0, 20.0), rule_record(RULES)
    entries, _, _ = search(legs, np.empty(0, ENTRY), SHIPS, -(2**31), rule)
    later, _, _ = search(legs[:0], entries, SHIPS, 2, rule)
    assert 0 < len(later) == int((entries["bucket"] >= 2).sum()) < len(entries)


@pytest.fixture(scope="module")
def sea() -> CrowdedSea:
    """Sixty ships in one anchorage for nine hours."""
    return crowded_sea(120, hours=9.0, meetings=0, seed=7, anchorage=60, only_moored=True)


def told_by(sea: CrowdedSea, pieces: list[slice]) -> list[Rendezvous]:
    """All that is told of meetings where the input comes in these slices of rows."""
    state, scope = EngineState(), sea.scope(without_ports=False)
    told: list[Rendezvous] = []
    for number, piece in enumerate(pieces):
        batch = Batch(sea.positions.take(piece), sea.statics if number == 0 else StaticReports.empty())
        state, found = step(state, batch, RULES, scope)
        told += found.rendezvous
    _, found = finish(state, RULES, scope)
    return [*told, *found.rendezvous]


def test_a_crowd_at_once_and_by_the_hour_are_told_alike(sea: CrowdedSea) -> None:
    """How much of each pair is walked at a time, and when arrays grow, leaves no trace."""
    hours = (sea.positions.time_us - sea.positions.time_us[0]) // HOUR_US
    begins = np.flatnonzero(np.diff(hours, prepend=-1)).tolist()
    by_the_hour = [slice(a, b) for a, b in zip(begins, [*begins[1:], None], strict=True)]
    at_once = told_by(sea, [slice(None)])
    assert len(at_once) > 500, "more than the arrays hold at first"
    assert repr(at_once) == repr(told_by(sea, by_the_hour))
