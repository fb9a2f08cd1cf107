"""Loitering: slow, in watched water, in no port, for long enough; told when it has lasted and when it ends."""

from __future__ import annotations

import numpy as np

from decoders.reports import Batch, PositionReports
from shipwatch.engine.detections import Lead
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState, load, save
from shipwatch.engine.step import finish, step

US = 1_000_000
NOON = 1_741_953_600 * US
HOUR = 3600


class Water:
    """Watched all over; a port where the latitude is above 50."""

    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.asarray(lat) > 50.0


def drift(hours: float, lat: float = 30.0, kn: float = 0.8, start_h: float = 0.0) -> PositionReports:
    seconds = np.arange(start_h * HOUR, (start_h + hours) * HOUR + 1, 360)
    return PositionReports.of(
        time_us=NOON + (seconds * US).astype(np.int64), mmsi=np.full(len(seconds), 311000013),
        lat_deg=lat + kn * (seconds - start_h * HOUR) / HOUR / 60, lon_deg=np.full(len(seconds), 125.0),
        sog_kn=np.full(len(seconds), kn), msg_type=np.ones(len(seconds)),
    )  # fmt: skip


def loitering(rows: PositionReports, cuts: int = 1, *, restart: bool = False) -> list[Lead]:
    state, found = EngineState(), []
    for some in np.array_split(np.arange(len(rows)), cuts):
        state, told = step(state, Batch(rows.take(some)), EngineRules(), Water())
        found += told.leads
        state = load(save(state)) if restart else state
    found += finish(state, EngineRules(), Water())[1].leads
    return [lead for lead in found if lead.kind == "loitering"]


def away(start_h: float, lat: float) -> PositionReports:
    return drift(3.0, lat, kn=12.0, start_h=start_h)


def test_four_slow_hours_are_told_once_and_again_when_it_leaves() -> None:
    """First while it goes on, then with its end; one id."""
    rows = PositionReports.concat([drift(6.0), away(6.1, 30.08)])
    first, last = loitering(rows)
    assert first.id == last.id and first.end_us is None
    assert first.published_us - first.start_us in range(4 * HOUR * US, 4 * HOUR * US + 12 * 60 * US)
    assert last.end_us is not None and abs(last.end_us - NOON - 6 * HOUR * US) <= 420 * US
    assert last.fact("mean_speed_kn") == 0.8 and last.lat == first.lat


def test_short_stops_faster_ships_and_ports_are_not_told() -> None:
    """Less than four hours, more than 2 kn, and a berth are no loitering."""
    assert not loitering(PositionReports.concat([drift(3.5), away(3.6, 30.05)]))
    assert not loitering(drift(9.0, kn=3.0))
    assert not loitering(drift(9.0, lat=55.0))


def test_a_ship_that_falls_silent_has_stayed_until_it_was_heard() -> None:
    """Silence is no stay: the end is the last fix, told two hours later when nothing followed."""
    rows = PositionReports.concat([drift(6.0), away(20.0, 31.0)])
    _, last = loitering(rows)
    assert last.end_us == NOON + 6 * HOUR * US and last.published_us == NOON + 8 * HOUR * US


def test_cut_and_restart_change_nothing() -> None:
    """The same revisions, field for field, however the input was cut and whenever the process was restarted."""
    rows = PositionReports.concat([drift(6.0), away(6.1, 30.08), drift(7.0, 31.0, start_h=12.0)])
    whole = loitering(rows)
    assert len(whole) == 3
    assert loitering(rows, cuts=23) == whole
    assert loitering(rows, cuts=5, restart=True) == whole
