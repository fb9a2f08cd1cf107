"""The staged part of the demo: meetings of every kind that a watch must tell apart, and what is true of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import CARGO, FISHING_BOAT, PILOT, TANKER, TOWING, TUG
from shipwatch.simulator.reports import Ship
from shipwatch.simulator.scenario import Truth
from shipwatch.simulator.sphere import KNOT_MPS, place, separation_m
from shipwatch.simulator.stage import HOUR_US, Stage, each_time, trimmed, truth_of
from shipwatch.simulator.visits import Visit, antenna_track, berth_beside, visiting
from shipwatch.simulator.voyages import AT_ANCHOR, FISHING, RESTRICTED, Track, drift, joined, sail

MEETING_M = 500.0
"""The distance that the truth of meetings refers to."""

Staged = tuple[list[Ship], list[Truth]]


def alongside_transfer(stage: Stage) -> Staged:
    """Two tankers drift alongside for five hours across midnight UTC, one of them listed; a tug comes and goes."""
    water = stage.water(29.40, 123.62, 15.5, 70.0)
    host = stage.listed_vessel("HAZEL MERIDIAN", TANKER, 142)
    guest = stage.yard.build(TANKER, "PAN", 118, draught_m=5.2, destination="FOR ORDERS")
    tug = stage.yard.build(TUG, "CHN", 34)
    beside = berth_beside(host.hull, guest.hull)
    ships = [
        replace(
            stage.visitor(replace(host, draught_m=8.6, destination="SEA AREA"), water,
                          [stage.visit(13.6, 22.0, 60.0, 20.0)], 5.0, 24.0),
            draughts=((stage.hour(20.6), 6.1),),
        ),
        replace(
            stage.visitor(guest, water, [stage.visit(15.5, 20.5, 165.0, 205.0, 9.5, beside, 8.0, 1.5)], 6.0, 24.0),
            draughts=((stage.hour(20.6), 7.4),),
        ),
        stage.visitor(tug, water, [
            stage.visit(15.2, 15.9, 290.0, 340.0, 8.0, -30.0, 40.0, 0.0, 600.0),
            stage.visit(17.9, 18.2, 340.0, 340.0, 8.0, -30.0, 40.0, 0.0, 600.0),
            stage.visit(20.2, 20.8, 340.0, 290.0, 8.0, -30.0, 40.0, 0.0, 600.0),
        ], 11.0, 24.0),
    ]  # fmt: skip
    notes = "tankers drifting side by side, fenders between; draughts change after; one is listed; reception has a hole"
    return ships, [
        truth_of("alongside_transfer", ships[0], ships[1], MEETING_M, notes),
        *each_time(
            "attending", ships[0], ships[2], MEETING_M, "a tug that comes and goes while the tankers lie together"
        ),
    ]


def underway_transfer(stage: Stage) -> Staged:
    """Two small tankers side by side at 2.5 knots; one was delisted before."""
    start = place(28.95, 124.35, *_run(200.0 + 180.0, 2.5 * 3.0))
    finish = place(28.95, 124.35, *_run(200.0, 2.5 * 24.0))
    point = sail(stage.start_us, stage.end_us, [(float(start[0]), float(start[1])),
                                                (float(finish[0]), float(finish[1]))], 2.5)  # fmt: skip
    one = stage.listed_vessel("PALE ORCHARD 7", TANKER, 104)
    two = stage.yard.build(TANKER, "SLE", 96, draught_m=4.9)
    beside = berth_beside(one.hull, two.hull)
    ships = [
        replace(stage.visitor(replace(one, draught_m=6.8), point, [stage.visit(2.4, 7.4, 120.0, 150.0)], 0.0, 14.0),
                draughts=((stage.hour(6.8), 5.0),)),
        replace(stage.visitor(two, point, [stage.visit(3.2, 6.7, 20.0, 50.0, 9.0, -beside, -6.0, -1.0)], 0.0, 14.0),
                draughts=((stage.hour(6.8), 6.6),)),
    ]  # fmt: skip
    return ships, [
        truth_of("underway_transfer", ships[0], ships[1], MEETING_M, "side by side at 2.5 knots, both under way")
    ]


def dark_meeting(stage: Stage) -> Staged:
    """A tanker loiters for seven hours; another falls silent near by, lies beside her unseen, and reappears lighter."""
    water = stage.water(28.55, 123.55, 11.0, 110.0)
    loiterer = stage.yard.build(TANKER, "TGO", 109, draught_m=4.8)
    silent = stage.listed_vessel("SALT LANTERN", TANKER, 99)
    beside = berth_beside(loiterer.hull, silent.hull)
    silence = (stage.hour(9.0), stage.hour(14.6))
    ships = [
        replace(stage.visitor(loiterer, water, [stage.visit(7.5, 15.0, 200.0, 175.0)], 1.0, 24.0),
                draughts=((stage.hour(15.2), 7.1),)),
        replace(
            stage.visitor(replace(silent, draught_m=7.9), water, [stage.visit(10.3, 13.3, 45.0, 80.0, 10.0, beside,
            0.0, 2.0)], 2.0, 22.5), silences=(silence,), draughts=((silence[1], 5.1),),
        ),
    ]  # fmt: skip
    notes = "the second was silent from 15:00 to 20:36 UTC; nobody heard her while they lay together; listed later"
    return ships, [truth_of("dark_meeting", ships[0], ships[1], MEETING_M, notes)]


def raft(stage: Stage) -> Staged:
    """A tanker and four smaller ships in one raft, come and gone at different times; one a listed ship's namesake."""
    water = stage.water(29.95, 123.15, 14.0, 15.0)
    crew = [
        stage.yard.build(TANKER, "HKG", 150), stage.yard.build(TANKER, "CHN", 90),
        stage.yard.build(TANKER, "CHN", 88, name="GREY PAVILION"), stage.yard.build(CARGO, "CHN", 92),
        stage.yard.build(CARGO, "PAN", 95),
    ]  # fmt: skip
    near = berth_beside(crew[0].hull, crew[1].hull)
    other = berth_beside(crew[0].hull, crew[3].hull)
    plan = [
        stage.visit(10.5, 19.5, 140.0, 120.0), stage.visit(11.2, 18.0, 200.0, 190.0, 9.0, near, 10.0),
        stage.visit(11.9, 17.6, 215.0, 220.0, 9.0, near + berth_beside(crew[1].hull, crew[2].hull), -4.0, 180.0),
        stage.visit(12.4, 18.8, 60.0, 70.0, 9.5, -other, 12.0),
        stage.visit(13.0, 16.9, 35.0, 85.0, 9.0, -other - berth_beside(crew[3].hull, crew[4].hull), 0.0),
    ]  # fmt: skip
    ships = [
        stage.visitor(vessel, water, [visit], 6.0 + 0.4 * number, 23.0)
        for number, (vessel, visit) in enumerate(zip(crew, plan, strict=True))
    ]
    each = [truth_of("raft", ships[0], ship, MEETING_M, "") for ship in ships[1:]]
    whole = replace(
        each[0], mmsis=tuple(ship.vessel.mmsi for ship in ships), start_us=max(t.start_us for t in each),
        end_us=min(t.end_us for t in each), notes="five ships in one raft, all of them together in this span",
    )  # fmt: skip
    return ships, [whole]


def tow(stage: Stage) -> Staged:
    """A tug with a manned barge on 320 m of wire, 5 knots all day."""
    route = [(28.35, 122.75), (29.3, 123.3), (30.6, 123.75)]
    tug, barge = stage.yard.build(TOWING, "KOR", 38), stage.yard.build(CARGO, "KOR", 85, with_imo=False)
    ahead = sail(stage.start_us, stage.end_us, route, 5.0, 320.0, RESTRICTED)
    astern = sail(stage.start_us, stage.end_us, route, 5.0)
    ships = [Ship(tug, antenna_track(ahead, tug.hull)), Ship(barge, antenna_track(astern, barge.hull), heading=False)]
    return ships, [truth_of("tow", ships[0], ships[1], MEETING_M, "a tug and her tow, the same distance apart all day")]


def pilots(stage: Stage) -> Staged:
    """A pilot boat that boards three ships under way at 8 knots, a few minutes each."""
    boat = stage.yard.build(PILOT, "CHN", 18, with_imo=False)
    base = (29.72, 122.62)
    inbound = [(28.9, 123.1), (29.55, 122.68), (29.70, 122.56), (29.74, 122.50)]
    runs, ships = [], []
    for hour in (2.2, 7.1, 12.6):
        vessel = stage.yard.build(CARGO, "LBR", int(stage.rng.integers(170, 230)))
        path = sail(stage.hour(hour - 5.0) if hour >= 5.0 else stage.start_us, stage.end_us, inbound, 8.0,
                    0.0 if hour >= 5.0 else 40_000.0)  # fmt: skip
        arrive = path.end_us - round(0.75 * HOUR_US)
        visit = Visit(
            arrive, arrive + 9 * 60_000_000, 330.0, 330.0, 9.0, 9.0, -30.0, vessel.hull.beam_m / 2 + 5.0, 0.0, 90.0
        )
        runs.append(trimmed(visiting(path, (visit,)), arrive - 10 * 60_000_000, arrive + 19 * 60_000_000))
        ships.append(Ship(vessel, antenna_track(path, vessel.hull)))
    pilot = Ship(boat, _from_base(runs, base, 20.0, stage.start_us, stage.end_us))
    truths = [truth_of("pilot_boarding", pilot, ship, 150.0, "a pilot boards a ship under way") for ship in ships]
    return [pilot, *ships], truths


def _from_base(runs: Sequence[Track], base: tuple[float, float], speed_kn: float, start_us: int, end_us: int) -> Track:
    """A boat that waits at her base, goes to the start of each run in time, and comes back from its end."""
    waiting = sorted(runs, key=lambda run: run.start_us)
    whole = _waiting(base, start_us, end_us)
    for run in waiting:
        first, last = (float(run.lat_deg[0]), float(run.lon_deg[0])), (float(run.lat_deg[-1]), float(run.lon_deg[-1]))
        out_s = float(separation_m(*base, *first)) / (speed_kn * KNOT_MPS)
        out = sail(run.start_us - round(out_s * 1e6), run.start_us, [base, first], speed_kn)
        back = sail(run.end_us, end_us, [last, base], speed_kn)
        for piece in (out, run, back, _waiting(base, back.end_us + 1_000_000, end_us)):
            whole = joined(whole, piece)
    return whole


def _waiting(base: tuple[float, float], start_us: int, end_us: int) -> Track:
    return drift(start_us, end_us, *base, Current(0.0, 0.0, 0.0), status=AT_ANCHOR)


def shared_mmsi(stage: Stage) -> Staged:
    """Two hulls, two hundred miles apart, under one MMSI all day."""
    vessel = stage.yard.build(CARGO, "MNG", 112)
    north = sail(stage.start_us, stage.end_us, [(30.9, 123.3), (31.6, 126.6)], 7.5)
    south = sail(stage.start_us, stage.end_us, [(27.5, 123.2), (28.4, 126.4)], 7.2)
    ships = [Ship(vessel, antenna_track(track, vessel.hull)) for track in (north, south)]
    lat, lon = ships[0].track.positions([stage.hour(12.0)])
    span = (stage.start_us, min(ship.track.end_us for ship in ships))
    notes = "two hulls send the same MMSI some 200 nautical miles apart: no meeting, and no ship that jumps"
    return ships, [Truth("shared_mmsi", (vessel.mmsi,), *span, None, float(lat[0]), float(lon[0]), notes)]


def fishing_pair(stage: Stage) -> Staged:
    """Two trawlers that tow one net, 300 m apart at 3 knots."""
    lead = sail(stage.hour(3.0), stage.hour(13.0), [(28.9, 123.9), (29.15, 124.15), (28.95, 124.45)], 3.0, 0.0, FISHING)
    one, two = (stage.yard.build(FISHING_BOAT, "CHN", with_imo=False) for _ in range(2))
    beside = visiting(lead, (Visit(lead.start_us, lead.end_us, 0.0, 0.0, starboard_m=300.0),), FISHING)
    ships = [Ship(one, antenna_track(lead, one.hull)), Ship(two, antenna_track(beside, two.hull))]
    return ships, [truth_of("fishing_pair", ships[0], ships[1], MEETING_M, "pair trawlers")]


def convoy(stage: Stage) -> Staged:
    """Three ships in line, 450 m apart at 10 knots: company, not a meeting."""
    route = [(28.2, 124.9), (30.4, 125.5), (32.2, 125.9)]
    names = ("HAZEL MERIDIAN", None, None)
    ships = []
    for place_in_line, name in enumerate(names):
        vessel = stage.yard.build(TANKER if name else CARGO, "KOR", 120, name=name)
        path = sail(stage.hour(6.0), stage.hour(22.0), route, 10.0, 450.0 * place_in_line)
        ships.append(Ship(vessel, antenna_track(path, vessel.hull)))
    truths = [truth_of("convoy", a, b, MEETING_M, "in line ahead at 10 knots") for a, b in pairwise(ships)]
    return ships, truths


def listed_and_namesakes(stage: Stage) -> Staged:
    """Two listed ships that only pass, one of them renamed, and innocents that bear a listed name."""
    passing = [
        stage.listed_vessel("COBALT TERRACE", CARGO, 180),
        stage.listed_vessel("OLD MILL ROAD", CARGO, 97, sent_name="NEW MILL FIELD"),
    ]
    namesakes = [
        stage.yard.build(CARGO, "JPN", 165, name="COBALT TERRACE"),
        stage.yard.build(FISHING_BOAT, "CHN", name="TIN HORIZON", with_imo=False, class_b=True),
    ]
    routes = [
        [(32.2, 125.2), (28.3, 123.0)], [(28.1, 122.9), (31.9, 124.6)], [(31.2, 123.2), (31.9, 126.7)],
        [(29.2, 122.9), (29.6, 123.3)],
    ]  # fmt: skip
    ships, truths = [], []
    for vessel, route, speed_kn, hour in zip(passing + namesakes, routes, (11.5, 9.0, 13.0, 4.0), (1.0, 4.0, 8.0, 2.0),
                                             strict=True):  # fmt: skip
        ship = Ship(vessel, antenna_track(sail(stage.hour(hour), stage.end_us, route, speed_kn), vessel.hull))
        ships.append(ship)
        kind = "listed_sighting" if vessel in passing else "namesake"
        notes = "a listed ship that passes through" if vessel in passing else "bears a listed name and is another hull"
        lat, lon = ship.track.positions([ship.track.start_us])
        truths.append(
            Truth(
                kind, (vessel.mmsi,), ship.track.start_us, ship.track.end_us, None, float(lat[0]), float(lon[0]), notes
            )
        )
    return ships, truths


def _run(course_deg: float, miles: float) -> tuple[float, float]:
    turn = np.radians(course_deg)
    return float(miles * 1852.0 * np.sin(turn)), float(miles * 1852.0 * np.cos(turn))


SCENES = (
    alongside_transfer, underway_transfer, dark_meeting, raft, tow, pilots, shared_mmsi, fishing_pair, convoy,
    listed_and_namesakes,
)  # fmt: skip
