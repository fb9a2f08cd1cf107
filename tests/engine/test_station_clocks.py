"""Receiver clocks: a station that disagrees with those that agree is refused, and only it."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.reports import Batch, PositionReports
from shipwatch.engine.clock import sent_us
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState, load, save
from shipwatch.engine.step import finish, step
from shipwatch.simulator.sphere import place
from shipwatch.simulator.worlds import START_US, ship_track

US = 1_000_000


class Water:
    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.zeros(len(lat), bool)


def traffic(off_s: dict[bytes, float], stations: tuple[bytes, ...] = (b"a", b"b", b"c"), hours: float = 3.0,
            off_from_s: float = 3600.0) -> PositionReports:  # fmt: skip
    """Eight ships at 12 knots, each report heard by one of the stations in turn; some clocks are off from hour 1 on."""
    rows = []
    for ship in range(8):
        seconds = np.arange(0.0, hours * 3600.0, 60.0) + 7.0 * ship
        lat, lon = place(29.0 + 0.2 * ship, 123.0, seconds * 6.17, 0.0 * seconds)
        track = ship_track(412900001 + ship, START_US + np.rint(seconds).astype(np.int64) * US, lat, lon)
        by = np.array(stations, "S16")[np.arange(len(seconds)) % len(stations)]
        wrong = np.array([off_s.get(bytes(name), 0.0) for name in by.tolist()]) * (seconds >= off_from_s)
        time_us = track.time_us + (wrong * US).astype(np.int64)
        rows.append(PositionReports.of(**(track.columns() | {"station": by, "time_us": time_us})))
    whole = PositionReports.concat(rows)
    return whole.take(np.argsort(whole.time_us, kind="stable"))


def refused(positions: PositionReports, cuts: int = 1, saving: bool = False) -> dict[str, int]:
    state, counts = EngineState(), {}
    for part in np.array_split(np.arange(len(positions)), cuts):
        state, found = step(state, Batch(positions.take(part)), EngineRules(), Water())
        if saving:
            state = load(save(state))
        for reason, count in found.refused.items():
            counts[reason] = counts.get(reason, 0) + count
    _, found = finish(state, EngineRules(), Water())
    for reason, count in found.refused.items():
        counts[reason] = counts.get(reason, 0) + count
    return counts


@pytest.mark.parametrize("off_s", [-600.0, -120.0, 120.0, 600.0])
def test_a_clock_that_is_off_is_refused_from_soon_after_it_jumped(off_s: float) -> None:
    """One of three stations is off for two hours: nearly all its reports of these are refused, counted by reason."""
    its = 8 * 120 / 3
    assert its * 0.85 <= refused(traffic({b"c": off_s})).get("station_clock", 0) <= its


def test_right_clocks_are_left_alone() -> None:
    """Three stations that agree: nothing is refused."""
    assert "station_clock" not in refused(traffic({}))


def test_a_few_seconds_are_no_reason() -> None:
    """Twenty seconds are corrected by the ships' own second or do not matter."""
    assert "station_clock" not in refused(traffic({b"b": 20.0}))


def test_two_stations_alone_cannot_say_which_is_wrong() -> None:
    """Of two that disagree neither is refused."""
    assert "station_clock" not in refused(traffic({b"b": 300.0}, (b"a", b"b")))


def test_one_station_is_never_judged() -> None:
    """A stream of one station, named or not, costs and refuses nothing."""
    assert "station_clock" not in refused(traffic({b"a": 300.0}, (b"a",)))
    assert "station_clock" not in refused(traffic({b"": 300.0}, (b"",)))


def test_a_clock_that_is_right_again_is_heard_again() -> None:
    """Off in the first hour only: at the end its reports count."""
    positions = traffic({b"c": 300.0}, off_from_s=0.0, hours=1.0)
    later = traffic({}, hours=3.0)
    later = later.take(later.time_us >= START_US + 4000 * US)
    whole = PositionReports.concat((positions, later))
    count = refused(whole.take(np.argsort(whole.time_us, kind="stable")))["station_clock"]
    assert 100 <= count <= 300


def test_cut_and_resume() -> None:
    """Any batching refuses the same reports."""
    positions = traffic({b"c": 300.0})
    assert refused(positions) == refused(positions, 23) == refused(positions, 5, saving=True)


def test_the_ships_own_second_corrects_the_lag_of_receipt() -> None:
    """Reports stamped up to 50 s late: speeds between them are right again after the correction."""
    rng = np.random.default_rng(2)
    track = traffic({}, (b"a",), hours=1.0)
    track = track.take(track.mmsi == 412900001)
    late = PositionReports.of(**(track.columns() | {"time_us": track.time_us + rng.integers(0, 50, len(track)) * US}))
    assert (sent_us(late) == track.time_us).all()


@pytest.mark.slow
@pytest.mark.real_data
def test_the_own_second_cuts_the_error_of_speeds_on_real_days(shared_data) -> None:
    """Southern California: implied against reported speed, steady class A ships, error at least five times smaller."""
    from decoders.reading import read

    files = sorted((shared_data / "ais" / "socal-2018").glob("*.gz"))[:24]
    rows = PositionReports.concat([batch.positions for batch in read(files)])
    rows = rows.take((rows.sog_kn >= 8) & (rows.sog_kn <= 25) & (rows.utc_second >= 0) & (rows.msg_type <= 3))
    errors = []
    for time_us in (rows.time_us, sent_us(rows)):
        order = np.lexsort((time_us, rows.mmsi))
        r, t = rows.take(order), time_us[order]
        dt = np.diff(t) / 1e6
        dlat, dlon = np.diff(r.lat_deg), np.diff(r.lon_deg) * np.cos(np.radians(r.lat_deg[1:]))
        made_kn = np.hypot(dlat, dlon) * 111_195 / np.maximum(dt, 1e-3) / 0.514444
        fits = (r.mmsi[1:] == r.mmsi[:-1]) & (dt >= 20) & (dt <= 180) & (np.abs(np.diff(r.sog_kn)) <= 0.3)
        errors.append(float(np.median(np.abs(made_kn - (r.sog_kn[1:] + r.sog_kn[:-1]) / 2)[fits])))
    print(errors)
    assert errors[1] < 0.3 and errors[0] > 5 * errors[1]
