"""Reception learned from the stream: who was heard around a silence, and what that makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from decoders.reports import Batch, StaticReports
from shipwatch.engine.detections import Gap, Lead
from shipwatch.engine.draughts import Particulars, Said, changes_in, forget, learn, ship_at
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState, load, save
from shipwatch.engine.step import finish, step
from shipwatch.simulator.dark_scenes import GUEST, OTHERS, dark_world
from shipwatch.simulator.sphere import place
from shipwatch.simulator.worlds import START_US, World, ship_track, world_of

US = 1_000_000
HOUR_US = 3600 * US


class Water:
    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.zeros(len(lat), bool)


def run(world: World) -> tuple[EngineState, list[Gap], list[Lead]]:
    rules = EngineRules()
    state, first = step(EngineState(), world.batch(), rules, Water())
    state, rest = finish(state, rules, Water())
    return state, [*first.gaps, *rest.gaps], [*first.leads, *rest.leads]


def closed(world: World, mmsi: int) -> Gap:
    (gap,) = [gap for gap in run(world)[1] if gap.mmsi == mmsi and gap.on_us is not None]
    return gap


def test_a_silence_among_ships_that_are_heard_is_improbable() -> None:
    """Six cargo ships go on sending around: hardly reception."""
    gap = closed(dark_world(meets=False), GUEST)
    assert gap.silence_likelihood >= 0.9 and not gap.outage
    assert gap.basis.startswith("7 other ships heard around meanwhile, 0 missed, 100 %")


def test_more_witnesses_more_certain() -> None:
    """With fewer ships around the same silence is judged more carefully."""
    by = [closed(dark_world(others=n), GUEST).silence_likelihood or 0.0 for n in (0, 1, 3, 6)]
    assert by == sorted(by) and by[0] <= 0.75 and by[-1] > 0.9


def test_silent_together_is_reception() -> None:
    """The others are silent at the same hours: the gap is explained, and part of an outage."""
    gap = closed(dark_world(others_silent=((3.0, 8.0),), silent={GUEST: ((3.0, 8.0),)}), OTHERS + 5)
    assert (gap.silence_likelihood or 0.0) <= 0.5
    assert gap.outage


def test_a_ship_often_missed_before_is_no_better_now() -> None:
    """The guest's own record was poor before: its silence says less."""
    holes = tuple((0.3 + 0.75 * n, 0.95 + 0.75 * n) for n in range(3))
    good = closed(dark_world(meets=False), GUEST).silence_likelihood
    poor = closed(dark_world(meets=False, silent={GUEST: (*holes, (3.0, 7.5))}), GUEST).silence_likelihood
    assert poor < good - 0.1


def test_an_open_silence_is_judged_too() -> None:
    """The ship is not heard again: told after four hours, with what was heard of others by then."""
    gaps = run(dark_world(meets=False, silent={GUEST: ((4.7, 12.0),)}))[1]
    (gap,) = [gap for gap in gaps if gap.mmsi == GUEST]
    assert gap.on_us is None and gap.silence_likelihood >= 0.9


def edge_world(away: bool) -> World:
    """A receiver hears 30 km around; a ship sails out of range and comes back, or goes silent in the midst of it."""
    tracks = []
    seconds = np.arange(0.0, 12 * 3600.0, 120.0)
    for number in range(8):
        turn = seconds * (4.0 / 9_000.0) + number
        lat, lon = place(29.0, 123.5, 9_000.0 * np.sin(turn) + 12_000.0, 9_000.0 * np.cos(turn))
        tracks.append(ship_track(412900001 + number, START_US + (seconds * US).astype(np.int64), lat, lon))
    out_m = np.interp(seconds / 3600, [0, 6, 12], [-40_000, 60_000 if away else -10_000, -40_000])
    lat, lon = place(29.0, 123.5, out_m + 20_000.0, 0.0 * seconds)
    track = ship_track(352900002, START_US + (seconds * US).astype(np.int64), lat, lon)
    heard = np.abs(out_m + 20_000.0) <= 30_000.0 if away else (seconds < 4 * 3600) | (seconds > 9 * 3600)
    tracks.append(track.take(heard))
    return world_of(tracks)


def test_out_of_range_is_innocent() -> None:
    """She kept her course out to sea, where nobody was heard: no basis. Silent inside she is improbable."""
    assert closed(edge_world(False), 352900002).silence_likelihood >= 0.9
    gaps = [gap for gap in run(edge_world(True))[1] if gap.mmsi == 352900002 and gap.on_us is not None]
    assert [gap.silence_likelihood for gap in gaps] == [None]


def test_class_b_missed_says_nothing_of_class_a() -> None:
    """Weak transmitters that are not heard do not excuse a strong one; heard, they count."""
    world = dark_world(meets=False, others_silent=((3.0, 8.0),))
    kinds = np.where(world.positions.mmsi >= OTHERS, 18, 1)
    kinds = np.where(world.positions.mmsi == GUEST, 1, kinds)
    weak = World(
        world.positions.of(**(world.positions.columns() | {"msg_type": kinds.astype(np.uint8)})), world.statics
    )
    assert closed(weak, GUEST).basis.startswith("1 other ships heard around meanwhile, 0 missed")
    assert closed(world, GUEST).basis.startswith("1 other ships heard around meanwhile, 6 missed")


def test_memory_is_bounded() -> None:
    """After two days only the last day's stays and silences are kept."""
    seconds = np.arange(0.0, 48 * 3600.0, 300.0)
    lat, lon = place(29.0, 123.5, seconds * 3.0, 0.0 * seconds)
    state, _, _ = run(world_of([ship_track(412900001, START_US + (seconds * US).astype(np.int64), lat, lon)]))
    oldest = min(int(page.rows.t1_us.min()) for page in state.silence.reception.pages[-1:])
    parts = 30
    batches = [
        Batch(part)
        for part in (
            ship_track(412900001, START_US + (seconds * US).astype(np.int64), lat, lon).take(rows)
            for rows in np.array_split(np.arange(len(seconds)), parts)
        )
    ]
    state = EngineState()
    for batch in batches:
        state, _ = step(state, batch, EngineRules(reception_s=6 * 3600.0), Water())
    kept = sum(len(page.rows) for page in state.silence.reception.pages)
    assert oldest >= START_US and 0 < kept <= 96


def statics(rows: list[tuple[int, float, float, int]]) -> StaticReports:
    """(mmsi, hours, draught, type) as reports."""
    return StaticReports.of(
        mmsi=[row[0] for row in rows], time_us=[START_US + round(row[1] * HOUR_US) for row in rows],
        draught_m=[row[2] for row in rows], ship_type=[row[3] for row in rows],
    )  # fmt: skip


def test_draughts_are_known_as_of_an_instant_and_change_once() -> None:
    """Said over and over, changed once: one change, with when the old was last and the new first said."""
    rows = [(7, 0.0, 9.0, 80), (7, 1.0, 9.0, 0), (7, 2.0, math.nan, 0), (7, 3.0, 7.5, 0), (7, 4.0, 7.5, 80)]
    whole = learn(Particulars.empty(), Said.empty(), statics(rows))[0]
    known, said = Particulars.empty(), Said.empty()
    for row in rows:
        known, said = forget(*learn(known, said, statics([row])), START_US - HOUR_US, START_US - 99 * HOUR_US)
    for table in (whole, known):
        (change,) = changes_in(table, None, START_US + 9 * HOUR_US, 0.5)
        assert (change.before_m, change.after_m) == (9.0, 7.5)
        assert (change.said_us, change.time_us) == (START_US + HOUR_US, START_US + 3 * HOUR_US)
        assert ship_at(table, 7, START_US + 2 * HOUR_US).draught_m == 9.0
        assert ship_at(table, 7, START_US + 2 * HOUR_US).merchant() is True
    assert repr(whole) == repr(known)


def test_a_small_change_is_none() -> None:
    """Two decimetres are no sign of a transfer."""
    table = learn(Particulars.empty(), Said.empty(), statics([(7, 0.0, 9.0, 80), (7, 1.0, 9.2, 80)]))[0]
    assert changes_in(table, None, START_US + 9 * HOUR_US, 0.5) == []


def reappearing(same_size: bool = True, comes_back: bool = False) -> World:
    """The guest goes silent at hour 4.7 for good (or until 9); at hour 6 another number appears near by."""
    world = dark_world(meets=False, silent={GUEST: ((4.7, 9.0 if comes_back else 12.0),)})
    seconds = np.arange(6 * 3600.0, 12 * 3600.0, 120.0)
    lat, lon = place(29.0, 123.5, (seconds - 5.5 * 3600.0) * 4.63, np.full(len(seconds), 15_000.0))
    times = START_US + (seconds * US).astype(np.int64)
    new = ship_track(677000001, times, lat, lon)
    size = 100.0 if same_size else 140.0
    said = StaticReports.of(
        time_us=times[::5], mmsi=np.full(len(times[::5]), 677000001), ship_type=np.full(len(times[::5]), 80),
        to_bow_m=np.full(len(times[::5]), size), to_stern_m=np.full(len(times[::5]), 30.0),
        to_port_m=np.full(len(times[::5]), 10.0), to_starboard_m=np.full(len(times[::5]), 10.0),
    )  # fmt: skip
    return world_of([world.positions, new], [world.statics, said])


def again(world: World) -> list[Lead]:
    return [lead for lead in run(world)[2] if lead.id.startswith("again")]


def test_the_same_size_under_another_number_is_a_lead() -> None:
    """One tanker falls silent among ships that are heard; a tanker of her size appears on her course."""
    (lead,) = again(reappearing())
    assert (lead.kind, lead.mmsis) == ("identity", (GUEST, 677000001))
    assert lead.fact("length_m") == 130.0 and lead.fact("silence_likelihood") >= 0.9
    assert lead.withdrawn_reason is None and lead.published_us % (60 * US) == 0


def test_another_size_is_not() -> None:
    """A longer ship is another one."""
    assert again(reappearing(same_size=False)) == []


def test_who_comes_back_was_not_the_other() -> None:
    """Heard again under her own number: the lead is withdrawn, with the reason."""
    told = again(reappearing(comes_back=True))
    assert [lead.withdrawn_reason is None for lead in told] == [True, False]


@pytest.mark.slow
@pytest.mark.real_data
def test_few_leads_on_real_days(shared_data) -> None:
    """Southern California: at most two possible meetings a day, none of ships seen together; cut and resume hold."""
    from decoders.reading import read
    from decoders.reports import PositionReports
    from geofences.zones import ZoneSet

    files = sorted((shared_data / "ais" / "socal-2018").glob("*.gz"))
    batches = list(read(files))
    positions = PositionReports.concat([batch.positions for batch in batches])
    said = StaticReports.concat([batch.statics for batch in batches])
    positions = positions.take(np.argsort(positions.time_us, kind="stable"))
    said = said.take(np.argsort(said.time_us, kind="stable"))
    state, rules, zones, leads = EngineState(), EngineRules(), ZoneSet.shipped().everywhere(), []
    state, found = step(state, Batch(positions, said), rules, zones)
    leads += found.leads
    rest = finish(state, rules, zones)[1]
    leads += rest.leads
    dark = {lead.id: lead for lead in leads if lead.kind == "dark_meeting"}
    standing = [lead for lead in dark.values() if lead.withdrawn_reason is None]
    assert 1 <= len(standing) <= 6
    # HYDRA VOYAGER gave off three metres of draught at sea on the first day, with a partner that nobody heard.
    assert any(lead.mmsis == (311000013,) and lead.fact("draught_before_m_a") == 21.6 for lead in standing)
    seen = {frozenset((311000013, 311000112)), frozenset((538004319, 538007181))}
    assert not any(frozenset(lead.mmsis) in seen for lead in standing)

    told, gaps, since, state = [], [], -1, EngineState()
    for rows in np.array_split(np.arange(len(positions)), 17):
        part = positions.take(rows)
        until = np.iinfo(np.int64).max if rows[-1] == len(positions) - 1 else int(part.time_us.max())
        now = said.take((said.time_us > since) & (said.time_us <= until))
        state, found_now = step(load(save(state)), Batch(part, now), rules, zones)
        since = until
        told += found_now.leads
        gaps += found_now.gaps
    last = finish(state, rules, zones)[1]
    mine = [lead for lead in (*told, *last.leads) if lead.kind in ("dark_meeting", "outage")]
    assert sorted(map(repr, mine)) == sorted(repr(x) for x in leads if x.kind in ("dark_meeting", "outage"))
    assert sorted(map(repr, (*gaps, *last.gaps))) == sorted(map(repr, (*found.gaps, *rest.gaps)))
