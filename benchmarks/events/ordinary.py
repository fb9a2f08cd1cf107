"""Ordinary company, which looks like transfers to a rule of distance and time, and traffic that meets nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.events.sea import Sea, still_water
from shipwatch.simulator.fleet import CARGO, FISHING_BOAT, PASSENGER, PILOT, TANKER, TOWING
from shipwatch.simulator.reports import Ship
from shipwatch.simulator.sphere import place
from shipwatch.simulator.stage import trimmed
from shipwatch.simulator.visits import Visit, antenna_track, visiting
from shipwatch.simulator.voyages import FISHING, UNDER_WAY, drift, swing_at_anchor, wander

PATROL = 55


def beside_all_along(sea: Sea, kind: str, kn: float, apart_m: float, ship_types: tuple[int, int], *, abeam: bool,
                     hours: float, status: int = UNDER_WAY) -> None:  # fmt: skip
    """Two ships that keep the same distance at the same speed for some hours."""
    first = sea.uniform(1.0, max(1.5, sea.hours - hours - 1.0))
    lead = sea.under_way(sea.spot(), first + hours / 2, kn, sea.uniform(0.0, 360.0))
    here = Visit(lead.start_us, lead.end_us, 0.0, 0.0, starboard_m=apart_m if abeam else 0.0,
                 forward_m=0.0 if abeam else -apart_m)  # fmt: skip
    rows = []
    for path, ship_type in ((lead, ship_types[0]), (visiting(lead, (here,), status), ship_types[1])):
        small = ship_type in (FISHING_BOAT, TOWING)
        vessel = sea.yard.build(ship_type, "CHN" if small else "LBR", with_imo=not small)
        track = trimmed(antenna_track(path, vessel.hull), sea.hour(first), sea.hour(first + hours))
        rows.append(sea.add(Ship(sea.said(vessel), track)))
    sea.fact(kind, *rows)


def convoy(sea: Sea) -> None:
    """Two ships 300 m apart at 8 knots and more."""
    kinds = (TANKER, TANKER) if sea.rng.random() < 0.5 else (CARGO, TANKER)
    beside_all_along(sea, "convoy", sea.uniform(8.0, 12.0), 300.0, kinds, abeam=sea.rng.random() < 0.5,
                     hours=sea.uniform(2.0, 9.0))  # fmt: skip


def slow_company(sea: Sea) -> None:
    """Two merchant ships that wait together at 2 to 5 knots, 320 to 480 m apart."""
    beside_all_along(sea, "slow_company", sea.uniform(2.0, 5.0), sea.uniform(320.0, 480.0), (CARGO, TANKER),
                     abeam=sea.rng.random() < 0.5, hours=sea.uniform(1.0, 4.0))  # fmt: skip


def fishing_pair(sea: Sea) -> None:
    """Two trawlers on one net."""
    beside_all_along(sea, "fishing_pair", sea.uniform(2.0, 4.0), sea.uniform(150.0, 450.0), (FISHING_BOAT,) * 2,
                     abeam=True, hours=sea.uniform(3.0, 12.0), status=FISHING)  # fmt: skip


def tow(sea: Sea) -> None:
    """A tug and a manned barge on a wire."""
    beside_all_along(sea, "tow", sea.uniform(4.0, 7.0), sea.uniform(250.0, 420.0), (TOWING, CARGO), abeam=False,
                     hours=min(20.0, sea.hours - 3.0))  # fmt: skip


def pilot(sea: Sea) -> None:
    """A pilot boat boards a ship under way at 8 knots and stays with her for a quarter of an hour."""
    hour = sea.uniform(4.0, sea.hours - 3.0)
    vessel = sea.merchant(200)
    path = sea.under_way(sea.spot(), hour, 8.0, sea.uniform(0.0, 360.0))
    boat = sea.yard.build(PILOT, "CHN", 18, with_imo=False)
    visit = sea.visit(hour, hour + sea.uniform(0.15, 0.35), 200.0, 200.0, 14.0, vessel.hull.beam_m / 2 + 5.0, -30.0,
                      0.0, 120.0)  # fmt: skip
    ship = sea.add(Ship(vessel, trimmed(antenna_track(path, vessel.hull), sea.hour(hour - 4), sea.hour(hour + 3))))
    sea.fact("pilot", ship, sea.comes(boat, path, [visit], (hour - 1.0, hour + 1.5)))


def inspection(sea: Sea) -> None:
    """A patrol vessel that lies by a drifting ship for most of an hour."""
    hour = sea.uniform(4.0, sea.hours - 4.0)
    point = sea.drifting(sea.spot(), hour)
    vessel, patrol = sea.merchant(), sea.yard.build(PATROL, "CHN", 90, with_imo=False)
    one = sea.comes(vessel, point, [sea.visit(hour - 1.0, hour + 2.0, 40.0, 60.0)], (hour - 5.0, hour + 6.0))
    visit = sea.visit(hour, hour + sea.uniform(0.6, 1.2), 100.0, 100.0, 16.0, 120.0, 0.0, 0.0, 400.0)
    sea.fact("inspection", one, sea.comes(patrol, point, [visit], (hour - 3.0, hour + 4.0)))


def anchored_neighbours(sea: Sea) -> None:
    """Merchant ships at anchor in a row in the open, 330 to 900 m apart, all day: some within a rule's distance."""
    lat, lon = sea.spot()
    east = 0.0
    rows = []
    for _ in range(int(sea.rng.integers(3, 7))):
        there_lat, there_lon = place(lat, lon, east, sea.uniform(-150.0, 150.0))
        vessel = sea.merchant()
        swing = swing_at_anchor(sea.start_us, sea.end_us, float(there_lat), float(there_lon), sea.current,
                                sea.uniform(130.0, 220.0), sea.uniform(0.0, 6.28))  # fmt: skip
        rows.append(sea.add(Ship(sea.said(vessel), antenna_track(swing, vessel.hull))))
        east += sea.uniform(330.0, 900.0)
    sea.fact("anchored", *rows)


def passing(sea: Sea) -> None:
    """Two ships drift or steam slowly past one another at 200 to 450 m; they are together for minutes."""
    hour = sea.uniform(3.0, sea.hours - 3.0)
    here = sea.spot()
    point = sea.drifting(here, hour)
    one, two = sea.merchant(), sea.merchant()
    a = sea.comes(one, point, [sea.visit(hour - 2.0, hour + 3.0, 10.0, 30.0)], (hour - 5.0, hour + 6.0))
    course = sea.uniform(0.0, 360.0)
    path = sea.under_way(here, hour, sea.uniform(3.0, 7.0), course)
    b = sea.add(Ship(two, trimmed(antenna_track(path, two.hull), sea.hour(hour - 3), sea.hour(hour + 3))))
    sea.fact("passing", a, b)


def lone_loiterer(sea: Sea) -> None:
    """A ship that drifts for hours and meets nobody."""
    hour, stay = sea.uniform(3.0, sea.hours / 2), sea.uniform(4.0, 9.0)
    vessel = sea.merchant()
    sea.comes(vessel, sea.drifting(sea.spot(), hour), [sea.visit(hour, hour + stay, 70.0, 200.0)],
              (hour - 6.0, hour + stay + 6.0))  # fmt: skip


def lone_silence(sea: Sea) -> None:
    """A ship that steams on with her transponder off for 3 to 8 hours and meets nobody."""
    hour, quiet = sea.uniform(2.0, sea.hours / 2), sea.uniform(3.0, 8.0)
    vessel = sea.merchant()
    path = sea.under_way(sea.spot(), hour + quiet / 2, sea.uniform(9.0, 14.0), sea.uniform(0.0, 360.0))
    first, last = max(0.0, hour - 4.0), min(sea.hours, hour + quiet + 4.0)
    track = trimmed(antenna_track(path, vessel.hull), sea.hour(first), sea.hour(last))
    sea.add(Ship(vessel, track, silences=((sea.hour(hour), sea.hour(hour + quiet)),)))


def shared_mmsi(sea: Sea, row: int) -> None:
    """Another hull, 150 to 400 km off, that sends the MMSI of one of the ships."""
    away, turn = sea.uniform(150_000.0, 400_000.0), sea.uniform(0.0, 2 * np.pi)
    lat, lon = place(*sea.centre, (away + sea.spread_m) * np.sin(turn), (away + sea.spread_m) * np.cos(turn))
    other = sea.yard.build(CARGO, "PAN")
    path = sea.under_way((float(lat), float(lon)), sea.hours / 2, sea.uniform(4.0, 9.0), sea.uniform(0.0, 360.0))
    sea.add(Ship(replace(other, mmsi=sea.ships[row].vessel.mmsi), antenna_track(path, other.hull)))


def spoofed_circle(sea: Sea) -> None:
    """A ship whose reports run round a circle of a few kilometres that no hull of hers sails."""
    vessel = sea.merchant()
    lat, lon = sea.spot()
    still = still_water(sea, (lat, lon))
    turn = 2 * np.pi * (still.time_us - still.time_us[0]) / 1e6 / sea.uniform(2400.0, 5400.0)
    radius = sea.uniform(1500.0, 4000.0)
    lats, lons = place(still.lat_deg, still.lon_deg, radius * np.sin(turn), radius * np.cos(turn))
    sea.add(Ship(vessel, replace(still, lat_deg=lats, lon_deg=lons, heading_deg=np.degrees(turn + np.pi / 2) % 360.0)))


def traffic(sea: Sea, ships: int) -> None:
    """Ships that pass, fish, lie at anchor alone or run to and fro, until the world has so many."""
    while len(sea.ships) < ships:
        turn, away = sea.uniform(0.0, 2 * np.pi), sea.spread_m * 1.3 * float(np.sqrt(sea.rng.random()))
        lat, lon = place(*sea.centre, away * np.sin(turn), away * np.cos(turn))
        here = (float(lat), float(lon))
        match int(sea.rng.integers(10)):
            case 0 | 1 | 2:
                vessel = sea.yard.build(FISHING_BOAT, "CHN", with_imo=False, class_b=sea.rng.random() < 0.6)
                path = wander(sea.start_us, sea.end_us, *here, sea.uniform(1.5, 4.5), 8_000.0, sea.rng)
            case 3:
                vessel, path = sea.merchant(), drift(sea.start_us, sea.end_us, *here, sea.current, sea.uniform(0, 360))
            case 4:
                vessel = sea.merchant()
                path = swing_at_anchor(sea.start_us, sea.end_us, *here, sea.current, 150.0, sea.uniform(0.0, 6.28))
            case kind:
                vessel = sea.yard.build(PASSENGER, "CYP") if kind == 9 else sea.merchant()
                path = sea.under_way(here, sea.uniform(0.0, sea.hours), sea.uniform(8.0, 18.0), sea.uniform(0.0, 360.0))
        sea.add(Ship(sea.said(vessel), antenna_track(path, vessel.hull), heading=vessel.ship_type != FISHING_BOAT))
