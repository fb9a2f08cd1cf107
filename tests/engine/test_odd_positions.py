"""Positions that a ship cannot have had: jumps, two hulls on one number, circles; and what is none of these."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from decoders.reports import Batch, PositionReports
from shipwatch.engine.detections import Lead
from shipwatch.engine.odd_positions import watch_positions
from shipwatch.engine.odd_positions_kernel import AHEAD, ROWS_AT_ONCE
from shipwatch.engine.odd_positions_rows import Places
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState
from shipwatch.engine.step import finish, step

US = 1_000_000
NOON = 1_741_953_600 * US
HOUR = 3600.0


class AllWater:
    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.zeros(len(lat), bool)


def reports(
    seconds: np.ndarray, lat: np.ndarray, lon: np.ndarray, sog: float, mmsi: int = 311000013
) -> PositionReports:
    return PositionReports.of(
        time_us=NOON + (seconds * US).astype(np.int64), mmsi=np.full(len(seconds), mmsi), lat_deg=lat, lon_deg=lon,
        sog_kn=np.full(len(seconds), sog), msg_type=np.ones(len(seconds)),
    )  # fmt: skip


def leads(parts: list[PositionReports], cuts: int = 1) -> list[Lead]:
    rows = PositionReports.concat(parts)
    rows = rows.take(np.argsort(rows.time_us, kind="stable"))
    state, found = EngineState(), []
    for some in np.array_split(np.arange(len(rows)), cuts):
        state, told = step(state, Batch(rows.take(some)), EngineRules(), AllWater())
        found += told.leads
    found += finish(state, EngineRules(), AllWater())[1].leads
    return [lead for lead in found if lead.kind in ("identity", "spoofing")]


def still(start_s: float, stop_s: float, lat: float, lon: float, every_s: float = 300.0) -> PositionReports:
    seconds = np.arange(start_s, stop_s, every_s)
    return reports(seconds, np.full(len(seconds), lat), np.full(len(seconds), lon), 0.1)


def test_a_ship_that_is_suddenly_elsewhere_and_stays_there_is_a_jump() -> None:
    """One lead, at the first fix over there, told when the first place was not heard again for an hour."""
    (lead,) = leads([still(0, 2 * HOUR, 30.0, 125.0), still(2 * HOUR, 6 * HOUR, 34.0, 125.0)])
    assert (lead.kind, lead.fact("finding"), lead.lat) == ("spoofing", "jump", 34.0)
    assert lead.fact("jump_m") == pytest.approx(444_800, abs=1_000)
    assert lead.start_us == NOON + 2 * 3600 * US
    assert lead.published_us == NOON + (3 * 3600 + 600) * US


def test_two_places_heard_in_turn_are_two_hulls_on_one_number() -> None:
    """No jump: the first place goes on sending."""
    (lead,) = leads([still(0, 6 * HOUR, 30.0, 125.0), still(2 * HOUR + 10, 6 * HOUR, 34.0, 125.0)])
    assert (lead.kind, lead.fact("finding")) == ("identity", "two_hulls")
    assert lead.fact("apart_m") == pytest.approx(444_800, abs=1_000)


def test_a_garbled_position_or_a_fast_ship_is_neither() -> None:
    """One or two odd fixes prove nothing, and 35 kn between two fixes is no jump."""
    garbled = reports(np.array([3601.0]), np.array([-30.0]), np.array([-60.0]), 5.0)
    assert not leads([still(0, 4 * HOUR, 30.0, 125.0), garbled])
    seconds = np.arange(0, 6 * HOUR, 1800.0)
    assert not leads([reports(seconds, 30.0 + seconds * 35 / 3600 / 60, np.full(len(seconds), 125.0), 35.0)])


def circle(radius_m: float, turns: float, scatter_m: float = 0.0, sog: float = 12.0) -> PositionReports:
    rng = np.random.default_rng(7)
    circumference_s = 2 * math.pi * radius_m / (sog * 1852 / 3600)
    seconds = np.arange(0, turns * circumference_s, max(circumference_s / 24, 10.0))
    angle = seconds / circumference_s * 2 * math.pi
    north = radius_m * np.sin(angle) + rng.normal(0, scatter_m, len(angle))
    east = radius_m * np.cos(angle) + rng.normal(0, scatter_m, len(angle))
    lon = (179.99 + east / (111_195 * math.cos(math.radians(38.0))) + 180) % 360 - 180
    return reports(seconds, 38.0 + north / 111_195, lon, sog)


def test_turns_on_a_circle_are_told_with_centre_and_radius() -> None:
    """Also across 180 degrees; once a day."""
    (lead,) = leads([circle(1_500.0, 6.0, scatter_m=20.0)])
    assert (lead.kind, lead.fact("finding")) == ("spoofing", "circle")
    assert lead.fact("radius_m") == pytest.approx(1_500, rel=0.03)
    assert (lead.lat, lead.lon) == (pytest.approx(38.0, abs=0.002), pytest.approx(179.99, abs=0.002))


def test_two_turns_a_zigzag_and_a_ship_at_anchor_are_no_circle() -> None:
    """Turning is not yet circling."""
    assert not leads([circle(1_500.0, 2.0)])
    assert not leads([circle(60.0, 10.0, sog=0.8)])
    seconds = np.arange(0, 4 * HOUR, 60.0)
    zigzag = np.where((seconds // 600) % 2, 1, -1).cumsum() * 1e-3
    assert not leads([reports(seconds, 30 + zigzag, 125 + seconds * 5e-6, 8.0)])


def test_the_findings_do_not_depend_on_how_the_input_was_cut() -> None:
    """The same leads, field for field, in one step and in many."""
    parts = [
        still(0, 2 * HOUR, 30.0, 125.0), still(2 * HOUR, 6 * HOUR, 34.0, 125.0), circle(1_500.0, 6.0, 20.0),
    ]  # fmt: skip
    parts[2] = reports((parts[2].time_us - NOON) / US, parts[2].lat_deg, parts[2].lon_deg, 12.0, mmsi=311000014)
    whole = leads(parts)
    assert len(whole) == 2
    assert leads(parts, cuts=17) == whole


def fleet() -> PositionReports:
    """Hundreds of ships: some jump, some are two hulls, some circle, the others lie still or sail, in order of time."""
    parts = []
    for ship in range(300):
        mmsi, lat, begin_s = 311_000_000 + 7919 * ship, ship % 60, 17.0 * ship
        if ship % 10 == 0:
            jumps_s = begin_s + 2 * HOUR
            some = [still(begin_s, jumps_s, lat, 125.0, 600.0), still(jumps_s, jumps_s + 2 * HOUR, lat + 4, 125.0)]
        elif ship % 10 == 1:
            some = [still(begin_s, 6 * HOUR, lat, 125.0, 900.0), still(7000.0, 6 * HOUR, lat + 4, 125.0, 900.0)]
        elif ship % 10 == 2:
            some = [circle(1_500.0, 4.0, 20.0)]
        else:
            seconds = np.arange(begin_s, 5 * HOUR, 1200.0)
            some = [reports(seconds, lat + seconds * 3e-6, np.full(len(seconds), -60.0), 4.0 * (ship % 3))]
        parts += [replace(part, mmsi=np.full(len(part), mmsi, np.int32)) for part in some]
    rows = PositionReports.concat(parts)
    return rows.take(np.argsort(rows.time_us, kind="stable"))


@pytest.mark.parametrize("rows", [1, 3 * AHEAD + 1, ROWS_AT_ONCE])
def test_pieces_of_any_size_find_the_same_in_a_fleet(rows: int) -> None:
    """Row by row nothing is asked for in advance, and no table grows by more than one record at a time."""
    whole = fleet()

    def walked(size: int) -> tuple[list[Lead], list[int], bytes]:
        places, origin_us, found, looked = Places(), None, [], []
        for start in range(0, len(whole), size):
            some = whole.take(slice(start, start + size))
            upto_us = int(some.time_us[-1])
            places, origin_us, told, look = watch_positions(places, origin_us, some, upto_us, NOON - US)
            found += told
            looked += (look + start).tolist()
        return sorted(found, key=lambda lead: lead.id), looked, places.heard(np.arange(len(places))).tobytes()

    once = walked(len(whole))
    assert len(whole) > 3 * ROWS_AT_ONCE
    kinds = Counter(lead.fact("finding") for lead in once[0])
    assert kinds == {"jump": 30, "two_hulls": 30, "circle": 30}
    assert walked(rows) == once
