"""Possible meetings that nobody saw: told where they fit, not told where the silence is innocent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from decoders.reports import Batch
from shipwatch.engine.dark import Dark, DarkRoom
from shipwatch.engine.detections import Detections, Lead
from shipwatch.engine.draughts import DraughtChange
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState, load, save
from shipwatch.engine.step import finish, step
from shipwatch.simulator.dark_scenes import GUEST, HOST, dark_world
from shipwatch.simulator.worlds import START_US, World, rotate, shift_time, shuffled, with_stranger

HOUR_US = 3_600_000_000
THIRD = 538900003
BOTH = {HOST: (10.0, 8.0), GUEST: (5.0, 7.0)}
TWO_SILENCES = {HOST: ((3.2, 7.6),), GUEST: ((3.0, 8.0),)}


class Water:
    """All watched; a port within 30 km of the centre where one is asked for."""

    def __init__(self, port: bool = False, shore_m: float = 100_000.0) -> None:
        self.port, self.shore_m = port, shore_m

    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return ~self.excluded(lat, lon)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.full(len(lat), self.port)

    def shore_distance_m(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.full(len(lat), self.shore_m)


def find(world: World, water: Water | None = None, cuts: Sequence[int] = (), saving: bool = False) -> Detections:
    """All that is told of a world, cut into batches at these rows."""
    rules, water = EngineRules(), water or Water()
    state, leads, gaps = EngineState(), [], []
    rows = [0, *sorted(cuts), len(world.positions)]
    since = -1
    for low, high in pairwise(rows):
        part = world.positions.take(slice(low, high))
        until = np.iinfo(np.int64).max if high == len(world.positions) else max(since, int(part.time_us.max()))
        said = world.statics.take((world.statics.time_us > since) & (world.statics.time_us <= until))
        state, found = step(state, Batch(part, said), rules, water)
        since = until
        leads += found.leads
        gaps += found.gaps
        if saving:
            state = load(save(state))
    state, found = finish(state, rules, water)
    return Detections(leads=(*leads, *found.leads), gaps=(*gaps, *found.gaps))


def dark(found: Detections) -> list[Lead]:
    return [lead for lead in found.leads if lead.kind == "dark_meeting"]


def standing(found: Detections) -> list[Lead]:
    """The newest revision of each possible meeting that was not withdrawn."""
    return [lead for lead in {lead.id: lead for lead in dark(found)}.values() if lead.withdrawn_reason is None]


@pytest.mark.parametrize("silent", [None, TWO_SILENCES], ids=["one silent", "both silent"])
@pytest.mark.parametrize("draughts", [None, BOTH], ids=["no draughts", "draughts"])
def test_a_meeting_in_the_dark_is_told_with_its_pair_time_and_place(silent, draughts) -> None:
    """Host and guest are the pair, the three hours together lie in the span, the place in the region."""
    (lead,) = standing(find(dark_world(silent=silent, draughts=draughts)))
    assert set(lead.mmsis) == {HOST, GUEST}
    assert lead.start_us <= START_US + 4.1 * HOUR_US and (lead.end_us or 0) >= START_US + 6.9 * HOUR_US
    assert lead.fact("feasible_dwell_s") >= 3 * 3600
    assert lead.fact("silence_likelihood") >= 0.9
    assert lead.fact("draughts_opposite") is (True if draughts else None)
    assert lead.published_us % 60_000_000 == 0
    lats, lons = zip(*lead.region, strict=True)
    assert min(lats) <= 29.0 <= max(lats) and min(lons) <= 123.56 <= max(lons)


def test_the_lead_says_who_was_silent_and_what_was_loaded() -> None:
    """Each ship's own silence and draughts stand in the facts, in the order of the tracks."""
    (lead,) = standing(find(dark_world(draughts=BOTH)))
    guest = "ab"[lead.mmsis.index(GUEST)]
    host = "ab"[lead.mmsis.index(HOST)]
    assert lead.fact(f"silent_s_{guest}") == pytest.approx(5 * 3600, abs=300)
    assert lead.fact(f"silent_s_{host}") == 0
    assert (lead.fact(f"draught_before_m_{host}"), lead.fact(f"draught_after_m_{host}")) == (10.0, 8.0)
    assert (lead.fact(f"draught_before_m_{guest}"), lead.fact(f"draught_after_m_{guest}")) == (5.0, 7.0)


def test_a_draught_changed_at_sea_is_a_lead_without_a_partner() -> None:
    """The guest is never heard; the host lay still at sea and says another draught: she alone is the lead."""
    (lead,) = standing(find(dark_world(silent={GUEST: ((0.0, 12.0),)}, draughts=BOTH)))
    assert lead.mmsis == (HOST,)
    assert (lead.fact("draught_before_m_a"), lead.fact("draught_after_m_a")) == (10.0, 8.0)


def test_near_land_a_draught_says_nothing() -> None:
    """The same five kilometres off a coast is no lead: a draught may be set right after a port."""
    world = dark_world(silent={GUEST: ((0.0, 12.0),)}, draughts=BOTH)
    assert standing(find(world, Water(shore_m=5_000.0))) == []


def test_a_ship_that_only_steams_past_is_no_lead() -> None:
    """Silent for five hours and straight on at her speed: no time was left for a meeting."""
    assert dark(find(dark_world(meets=False))) == []


def test_a_hole_in_which_all_are_silent_is_no_lead_but_an_outage() -> None:
    """Everybody is silent from 3 to 8: one outage, the gaps in it marked so, no possible meeting."""
    span = ((3.0, 8.0),)
    found = find(dark_world(silent={HOST: span, GUEST: span}, others_silent=span))
    assert dark(found) == []
    (outage,) = [lead for lead in found.leads if lead.kind == "outage"]
    assert outage.fact("ships_silent") >= 5 and outage.mmsis == ()
    assert abs(outage.start_us - START_US - 3 * HOUR_US) <= 300_000_000
    closed = [gap for gap in found.gaps if gap.on_us is not None]
    assert sum(gap.outage for gap in closed) >= len(closed) - 4
    assert all((gap.silence_likelihood or 0.0) < 0.5 for gap in closed)


def test_where_nobody_else_is_there_is_hardly_a_basis() -> None:
    """With the host as the only witness the silence is not called improbable, and nothing is told."""
    found = find(dark_world(others=0))
    assert dark(found) == []
    (gap,) = [gap for gap in found.gaps if gap.on_us is not None]
    assert (gap.silence_likelihood or 0.0) <= 0.75 and gap.basis.startswith("1 other ships heard")


def test_in_a_port_nothing_is_supposed() -> None:
    """In excluded water neither silence nor draught is a lead."""
    assert dark(find(dark_world(draughts=BOTH), Water(port=True))) == []


def test_a_meeting_that_was_seen_is_not_supposed_as_well() -> None:
    """Both are heard all the time: a rendezvous, and its draughts are explained."""
    assert standing(find(dark_world(silent={}, draughts=BOTH))) == []


def test_a_lone_lead_is_withdrawn_when_a_partner_is_found() -> None:
    """The host speaks first: she alone; when the guest is heard again the pair takes its place, with the reason."""
    told = dark(find(dark_world(draughts=BOTH)))
    assert [len(lead.mmsis) for lead in told if lead.withdrawn_reason is None] == [1, 2]
    assert [lead.mmsis for lead in told if lead.withdrawn_reason] == [(HOST,)]


def with_third(world: World, mmsi: int, centre: tuple[float, float], silent=(), **scene: object) -> World:
    """A second tanker that drifts by, as the host of the same scene does somewhere else."""
    other = dark_world(centre, others=0, silent={HOST: silent}, **scene)  # type: ignore[arg-type]
    parts = []
    for rows, more in ((world.positions, other.positions), (world.statics, other.statics)):
        hers = more.take(more.mmsi == HOST)
        both = type(rows).concat([rows, replace(hers, mmsi=np.full(len(hers), mmsi, hers.mmsi.dtype))])
        parts.append(both.take(np.argsort(both.time_us, kind="stable")))
    return replace(world, positions=parts[0], statics=parts[1])


def test_where_two_fit_alike_no_name_is_guessed() -> None:
    """The guest is deeper after her silence and two tankers lay where she can have been: she alone, both named."""
    world = with_third(dark_world(draughts={GUEST: (5.0, 7.0)}), THIRD, (29.02, 123.51))
    (lead,) = standing(find(world))
    assert lead.mmsis == (GUEST,)
    assert lead.fact("possible_partners") == f"{HOST}, {THIRD}"
    assert lead.fact("silent_s_a") == pytest.approx(5 * 3600, abs=300)
    assert lead.start_us <= START_US + 4 * HOUR_US and (lead.end_us or 0) >= START_US + 7 * HOUR_US


@pytest.mark.parametrize(("shore_m", "near"), [(15_000.0, True), (200_000.0, False)])
def test_a_silence_in_which_a_port_was_near_enough_says_so(shore_m: float, near: bool) -> None:
    """Eight hours silent and another draught: fifteen kilometres off a coast she may have been in port."""
    world = dark_world(silent={HOST: ((1.5, 9.5),), GUEST: ((0.0, 12.0),)}, draughts=BOTH)
    (lead,) = standing(find(world, Water(shore_m=shore_m)))
    assert lead.mmsis == (HOST,) and lead.fact("land_in_reach") is near


def test_opposite_draughts_settle_between_two_that_fit() -> None:
    """The same with a host that is lighter afterwards: she is the partner, the other tanker is not."""
    world = with_third(dark_world(draughts=BOTH), THIRD, (29.02, 123.51))
    (lead,) = standing(find(world))
    assert set(lead.mmsis) == {HOST, GUEST} and lead.fact("draughts_opposite") is True


def test_opposite_draughts_that_fit_two_name_nobody() -> None:
    """Another tanker was silent near by and is lighter afterwards too: all three alone, the guest names both."""
    world = dark_world(silent=TWO_SILENCES, draughts=BOTH)
    world = with_third(world, THIRD, (29.02, 123.51), silent=((3.2, 7.6),), draughts={HOST: (9.5, 7.7)})
    leads = {lead.mmsis: lead for lead in standing(find(world))}
    assert set(leads) == {(HOST,), (GUEST,), (THIRD,)}
    assert leads[GUEST,].fact("possible_partners") == f"{HOST}, {THIRD}"


def test_a_silence_after_hours_of_steady_hearing_is_told_where_few_were_around() -> None:
    """Only the host shows that the guest would have been heard; she was without a hole before, and is for two hours
    after: told then. With a hole an hour and a half before it is one more silence of hers, and nothing is told."""
    (lead,) = standing(find(dark_world(silent={GUEST: ((3.3, 8.0),)}, others=0)))
    assert set(lead.mmsis) == {HOST, GUEST} and lead.fact("silences_stand_out") is True
    assert (lead.fact("silence_likelihood") or 0.0) <= 0.75
    assert START_US + 10 * HOUR_US <= lead.published_us <= START_US + 10.1 * HOUR_US
    assert dark(find(dark_world(silent={GUEST: ((1.0, 1.8), (3.3, 8.0))}, others=0))) == []


def said_only(world: World, mmsi: int, spans: Sequence[tuple[float, float]]) -> World:
    """The world in which a ship's static reports are heard only in these hours."""
    hours = (world.statics.time_us - START_US) / HOUR_US
    heard = np.logical_or.reduce([(hours >= since) & (hours < until) for since, until in spans])
    return replace(world, statics=world.statics.take((world.statics.mmsi != mmsi) | heard))


def test_a_silence_under_way_is_no_stop() -> None:
    """Heard after her stop with the old draught not said again, silent once more while she steams on, then the new one:
    the lead's time is that of the stop."""
    world = dark_world(silent={HOST: ((0.0, 12.0),), GUEST: ((3.0, 8.0), (8.7, 10.2))}, draughts=BOTH)
    (lead,) = standing(find(said_only(world, GUEST, ((0.0, 3.0), (10.2, 12.0)))))
    assert lead.mmsis == (GUEST,)
    assert lead.start_us <= START_US + 4 * HOUR_US and (lead.end_us or 0) >= START_US + 7 * HOUR_US
    assert (lead.end_us or 0) <= START_US + 8.1 * HOUR_US


@pytest.mark.parametrize(("spans", "there"), [(((0.0, 12.0),), True), (((0.0, 0.5), (11.0, 12.0)), False)])
def test_a_draught_that_changed_where_she_lay_says_so(spans: tuple[tuple[float, float], ...], there: bool) -> None:
    """The host drifts in sight all day from hour one; only where she sends the old draught there too is it known."""
    world = dark_world(silent={GUEST: ((0.0, 12.0),), HOST: ((0.6, 1.5),)}, draughts=BOTH)
    moved = world.positions.take((world.positions.mmsi != HOST) | (world.positions.time_us > START_US + HOUR_US))
    (lead,) = standing(find(said_only(replace(world, positions=moved), HOST, spans)))
    assert lead.mmsis == (HOST,) and lead.fact("draught_changed_there") is there


def test_one_change_of_draught_is_used_once() -> None:
    """A later possible meeting competes with one told by the same change of draught, by another change it does not."""
    (lead,) = standing(find(dark_world(draughts=BOTH)))
    room = DarkRoom(Dark({lead.id: lead}), None)  # type: ignore[arg-type]
    later = ((HOST, THIRD), float((lead.end_us or 0) + HOUR_US), float((lead.end_us or 0) + 4 * HOUR_US))
    used = DraughtChange(HOST, 0, 0, *BOTH[HOST])
    assert room.competing(*later, (used,)) == [lead]
    assert room.competing(*later, (replace(used, after_m=6.0),)) == []


def test_a_stay_with_holes_is_one_stop() -> None:
    """The host drifts for hours, heard on and off; her lone lead spans the stay, not its last hole."""
    holes = ((4.5, 5.7), (5.9, 7.4))
    (lead,) = standing(find(dark_world(silent={GUEST: ((0.0, 12.0),), HOST: holes}, draughts=BOTH)))
    assert lead.mmsis == (HOST,)
    assert lead.start_us <= START_US + 4.5 * HOUR_US and (lead.end_us or 0) >= START_US + 7.3 * HOUR_US
    assert lead.fact("silent_s_a") == pytest.approx(1.5 * 3600, abs=300)


def test_time_in_sight_and_time_silent_are_one_time_together() -> None:
    """The host is heard beside the silent guest's way for two hours and then falls silent too: the span has both."""
    quiet = {GUEST: ((3.0, 8.5),), HOST: ((6.0, 8.6),)}
    (lead,) = standing(find(dark_world(silent=quiet, draughts=BOTH)))
    assert set(lead.mmsis) == {HOST, GUEST}
    assert lead.start_us <= START_US + 4.2 * HOUR_US and (lead.end_us or 0) >= START_US + 6.9 * HOUR_US
    assert lead.fact("feasible_dwell_s") * 1e6 <= (lead.end_us or 0) - lead.start_us + 1e6


@pytest.fixture(scope="module")
def world() -> World:
    return dark_world(silent=TWO_SILENCES, draughts=BOTH)


@pytest.fixture(scope="module")
def told(world: World) -> str:
    return repr((find(world).leads, find(world).gaps))


def test_cut_and_resume(world: World, told: str) -> None:
    """Any batching, and a state saved between, tells the same."""
    cuts = [400, 401, 900, 1300, 1900, 2200]
    assert repr((find(world, cuts=cuts).leads, find(world, cuts=cuts).gaps)) == told
    again = find(world, cuts=cuts[::2], saving=True)
    assert repr((again.leads, again.gaps)) == told


def test_shuffle_and_stranger(world: World, told: str) -> None:
    """Rows a minute late, or a ship a quarter of the Earth away, change nothing."""
    late = find(shuffled(world, 5, within_us=60_000_000))
    assert repr((late.leads, late.gaps)) == told
    more = find(with_stranger(world))
    leads = tuple(lead for lead in more.leads if 273999999 not in lead.mmsis)
    assert repr((leads, tuple(gap for gap in more.gaps if gap.mmsi != 273999999))) == told


@pytest.mark.parametrize("longitude", [180.0, -179.999, 0.0])
def test_meridian(world: World, longitude: float) -> None:
    """The same scene astride 180 degrees: the same times, the region turned with it."""
    (here,), (there,) = standing(find(world)), standing(find(rotate(world, longitude - 123.5)))
    assert (there.start_us, there.end_us, there.published_us, there.lat) == (
        here.start_us, here.end_us, here.published_us, here.lat,
    )  # fmt: skip
    assert there.facts == here.facts
    turned = [(lat, (lon + longitude - 123.5 + 180.0) % 360.0 - 180.0) for lat, lon in here.region]
    assert np.allclose(np.cos(np.radians(np.subtract(there.region, turned))), 1.0, atol=1e-9)


def test_time_shift(world: World) -> None:
    """Some days and 37 minutes later everything is so much later."""
    shift_us = 7_777 * 60_000_000
    (here,), (there,) = standing(find(world)), standing(find(shift_time(world, shift_us)))
    assert there.start_us - here.start_us == there.published_us - here.published_us == shift_us
    assert there.fact("fit_score") == here.fact("fit_score")


def test_high_latitude() -> None:
    """At 78 north the same meeting is found, with a region as large."""
    (here,) = standing(find(dark_world(draughts=BOTH, silent=TWO_SILENCES)))
    (north,) = standing(find(dark_world((78.0, 15.0), draughts=BOTH, silent=TWO_SILENCES)))
    assert north.fact("region_area_km2") == pytest.approx(here.fact("region_area_km2"), rel=0.02)
