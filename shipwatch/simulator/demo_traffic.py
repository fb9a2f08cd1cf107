"""The ordinary part of the demo: lanes, ships at anchor and in harbour, fishing fleets, ferries."""

from __future__ import annotations

import numpy as np

from shipwatch.simulator.fleet import CARGO, FISHING_BOAT, HIGH_SPEED, PASSENGER, TANKER, TUG
from shipwatch.simulator.reports import Ship
from shipwatch.simulator.sphere import place, separation_m
from shipwatch.simulator.stage import Stage
from shipwatch.simulator.visits import antenna_track, berth_beside
from shipwatch.simulator.voyages import UNDER_WAY, lie_moored, sail, swing_at_anchor, wander

LANES: tuple[tuple[tuple[float, float], ...], ...] = (
    ((31.7, 122.80), (30.9, 123.05), (29.5, 122.88), (28.2, 122.35), (27.4, 121.85)),
    ((31.15, 122.75), (31.5, 124.5), (31.8, 126.8)),
    ((29.60, 122.75), (28.6, 124.0), (27.0, 126.0)),
    ((32.4, 125.4), (30.5, 124.3), (28.6, 123.0), (27.2, 122.1)),
    ((30.35, 123.1), (30.2, 125.0), (30.0, 127.0)),
)
"""Invented lanes off the Zhoushan archipelago, (lat, lon) waypoints in open water."""

ROADS = (29.900, 29.945, 122.180, 122.265)
"""Where ships lie at anchor: south, north, west, east of a piece of water outside Zhoushan."""

HARBOUR = (29.974, 29.992, 122.099, 122.112)
"""Where ships lie fast, two by two, and tugs go about: water inside Zhoushan, likewise."""

FLAGS = ("CHN", "CHN", "CHN", "PAN", "PAN", "LBR", "MHL", "HKG", "SGP", "KOR", "JPN", "TWN", "VNM", "CYP", "MLT", "RUS")


def lane_traffic(stage: Stage, ships: int) -> list[Ship]:
    """Merchant ships that follow the lanes both ways, each on a line of her own beside the lane's middle."""
    made = []
    for _ in range(ships):
        lane = LANES[int(stage.rng.integers(len(LANES)))]
        outward = bool(stage.rng.integers(2))
        aside = stage.rng.normal(2_000.0 if outward else -2_000.0, 1_200.0)
        lats, lons = place([p[0] for p in lane], [p[1] for p in lane], aside, 0.0)
        route = [(float(a), float(b)) for a, b in zip(lats, lons, strict=True)]
        route = route if outward else route[::-1]
        length_m = float(separation_m(lats[:-1], lons[:-1], lats[1:], lons[1:]).sum())
        speed = float(np.clip(stage.rng.normal(11.5, 2.2), 6.5, 19.0))
        # Half are on their way when the day begins, the others come in during it.
        ahead = float(stage.rng.uniform(0.0, 0.7) * length_m) if stage.rng.random() < 0.5 else 0.0
        begin = stage.start_us if ahead else stage.hour(float(stage.rng.uniform(0.0, 18.0)))
        vessel = stage.yard.build(TANKER if stage.rng.random() < 0.25 else CARGO, str(stage.rng.choice(FLAGS)))
        path = sail(begin, stage.end_us, route, speed, ahead, crab_deg=float(stage.rng.normal(0.0, 2.0)))
        made.append(Ship(vessel, antenna_track(path, vessel.hull), heading=bool(stage.rng.random() < 0.9)))
    return made


def port_ships(stage: Stage, at_anchor: int, pairs: int) -> list[Ship]:
    """Ships at anchor in the roads, well apart from one another, and ships in the harbour with a barge alongside."""
    made: list[Ship] = []
    for lat, lon in _spots(stage, ROADS, at_anchor, 750.0):
        vessel = stage.yard.build(TANKER if len(made) % 3 == 0 else CARGO, str(stage.rng.choice(FLAGS)))
        phase = float(stage.rng.uniform(0.0, 6.28))
        swing = swing_at_anchor(stage.start_us, stage.end_us, lat, lon, stage.current, 120.0, phase)
        made.append(Ship(vessel, antenna_track(swing, vessel.hull)))
    for lat, lon in _spots(stage, HARBOUR, pairs, 300.0):
        vessel, barge = stage.yard.build(CARGO, "PAN"), stage.yard.build(TANKER, "CHN", 60)
        heading, beside = float(stage.rng.uniform(0.0, 360.0)), berth_beside(vessel.hull, barge.hull)
        turn = np.radians(heading)
        there = place(lat, lon, beside * np.cos(turn), -beside * np.sin(turn))
        for hull_of, spot in ((vessel, (lat, lon)), (barge, (float(there[0]), float(there[1])))):
            still = lie_moored(stage.start_us, stage.end_us, *spot, heading)
            made.append(Ship(hull_of, antenna_track(still, hull_of.hull)))
    return made


def _spots(
    stage: Stage, box: tuple[float, float, float, float], count: int, apart_m: float
) -> list[tuple[float, float]]:
    """Random places in a box (south, north, west, east), no two nearer than ``apart_m``."""
    south, north, west, east = box
    spots: list[tuple[float, float]] = []
    while len(spots) < count:
        spot = float(stage.rng.uniform(south, north)), float(stage.rng.uniform(west, east))
        if all(float(separation_m(*spot, *taken)) > apart_m for taken in spots):
            spots.append(spot)
    return spots


def fishing_fleets(stage: Stage, boats: int) -> list[Ship]:
    """Small fishing boats, most of them class B, that work about their grounds."""
    made = []
    for number in range(boats):
        lat, lon = float(stage.rng.uniform(27.8, 31.3)), float(stage.rng.uniform(122.9, 125.9))
        vessel = stage.yard.build(FISHING_BOAT, "CHN", with_imo=False, class_b=number % 4 != 0)
        path = wander(stage.start_us, stage.end_us, lat, lon, float(stage.rng.uniform(2.0, 4.5)), 9_000.0, stage.rng)
        made.append(Ship(vessel, antenna_track(path, vessel.hull), extended=number % 5 == 1, heading=False))
    return made


def ferries_and_tugs(stage: Stage) -> list[Ship]:
    """A few fast craft and passenger ships that run to and fro, and tugs in the harbour."""
    made = []
    runs = (((29.62, 122.65), (30.60, 122.80)), ((30.95, 122.75), (30.55, 123.2)), ((28.6, 122.3), (29.3, 122.65)))
    for number, (here, there) in enumerate(runs * 2):
        fast = number < len(runs)
        vessel = stage.yard.build(HIGH_SPEED if fast else PASSENGER, "CHN", with_imo=not fast)
        offset = 0.02 * number
        legs = [(here[0], here[1] + offset), (there[0], there[1] + offset)] * 6
        path = sail(stage.hour(0.5 + 0.3 * number), stage.hour(14.0), legs, 26.0 if fast else 16.0)
        made.append(Ship(vessel, antenna_track(path, vessel.hull)))
    for lat, lon in _spots(stage, HARBOUR, 5, 300.0):
        vessel = stage.yard.build(TUG, "CHN")
        path = wander(stage.start_us, stage.end_us, lat, lon, 2.5, 350.0, stage.rng, status=UNDER_WAY)
        made.append(Ship(vessel, antenna_track(path, vessel.hull), heading=False))
    return made
