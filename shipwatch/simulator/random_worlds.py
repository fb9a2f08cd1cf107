"""Random worlds: patchy reports of ships that pass, drift, fish, lie and meet, with the faults that real data has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports, StaticReports
from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import CARGO, FISHING_BOAT, TANKER, Shipyard, Vessel
from shipwatch.simulator.sphere import place
from shipwatch.simulator.visits import Visit, visiting
from shipwatch.simulator.voyages import Track, drift, sail, swing_at_anchor, wander
from shipwatch.simulator.world_scenes import GRID, START_US, Planted, World, planted, reports_of, static_of, world_of

_HOUR_US = 3_600_000_000


def patchy_times(
    start_us: int, end_us: int, rng: np.random.Generator, fastest_s: float = 10.0, slowest_s: float = 600.0,
    holes: bool = True,
) -> NDArray[np.int64]:  # fmt: skip
    """Whole-second report times of one ship: her own mean interval, uneven, with holes.

    The interval is log-uniform between the two bounds. About every five hours there is a hole of 15 min to 2 h, and one
    ship in four has a silence of 2 to 8 h; none is longer than half the time, and two reports are always left.
    """
    hours = (end_us - start_us) / _HOUR_US
    mean_s = float(np.exp(rng.uniform(np.log(fastest_s), np.log(slowest_s))))
    count = int(hours * 3600.0 / mean_s * 1.3) + 8
    seconds = np.cumsum(mean_s * rng.uniform(0.5, 1.5, count)) - mean_s * rng.random()
    times = np.unique(start_us + np.rint(seconds).astype(np.int64) * 1_000_000)
    times = times[(times >= start_us) & (times <= end_us)]
    if not holes or len(times) < 2:
        return times
    spans = [(0.25, 2.0)] * int(rng.poisson(hours / 5.0)) + [(2.0, 8.0)] * int(rng.random() < 0.25)
    heard = times
    for shortest_h, longest_h in spans:
        off = start_us + round(rng.uniform(0.0, hours) * _HOUR_US)
        on = off + round(min(rng.uniform(shortest_h, longest_h), hours / 2) * _HOUR_US)
        heard = heard[(heard < off) | (heard >= on)]
    return heard if len(heard) >= 2 else times[[0, -1]]


def random_world(
    seed: int, *, ships: int = 12, hours: float = 8.0, centre: tuple[float, float] = (29.0, 123.5),
    start_us: int = START_US, meetings: int = 2, spread_m: float = 40_000.0, fastest_s: float = 20.0,
    slowest_s: float = 600.0, holes: bool = True, shared_mmsi: int = 1, jumps: int = 3, duplicate_share: float = 0.1,
    no_heading_share: float = 0.2,
) -> World:  # fmt: skip
    """A world drawn from a seed: ``ships`` hulls within about ``spread_m`` of ``centre`` for some hours.

    ``meetings`` pairs of them come together for 20 min to half the time, 20 to 300 m apart, drifting or at up to 3
    kn; the others pass, drift, fish or lie at anchor. ``shared_mmsi`` further hulls, 150 to 400 km off, use a first
    hull's MMSI. ``jumps`` single fixes are 50 to 500 km off. ``duplicate_share`` of the rows come again from a second
    station up to 3 s later. Truth holds where the tracks were, whether it was reported or not. ``ValueError`` when
    the meetings need more ships than there are.

    >>> world = random_world(7, ships=5, hours=3.0, centre=(70.0, 180.0), meetings=1)
    >>> len(world.meetings), bool(abs(world.positions.lon_deg).max() <= 180.0)
    (1, True)
    """
    if 2 * meetings > ships or hours < 2.0:
        raise ValueError(f"{meetings} meetings need {2 * meetings} ships and 2 h, there are {ships} and {hours} h")
    rng = np.random.Generator(np.random.PCG64(seed))
    yard = Shipyard(rng)
    end_us = start_us + round(hours * _HOUR_US)
    water = Current(
        float(rng.uniform(0.0, 0.9)), float(rng.uniform(0.0, 360.0)), float(rng.uniform(0.0, 0.8)),
        float(rng.uniform(0.0, 360.0)), float(rng.uniform(0.0, 1.0)), float(rng.uniform(0.0, 6.28)),
    )  # fmt: skip
    hulls: list[tuple[Vessel, Track]] = []
    facts: list[Planted] = []
    for _ in range(meetings):
        pair, fact = _meeting(rng, yard, water, _somewhere(rng, centre, spread_m), start_us, end_us)
        hulls += pair
        facts.append(fact)
    while len(hulls) < ships:
        hulls.append(_lone_ship(rng, yard, water, _somewhere(rng, centre, spread_m), start_us, end_us))
    for number in range(min(shared_mmsi, ships)):
        vessel = hulls[ships - 1 - number][0]
        far = float(rng.uniform(150_000.0, 400_000.0)) + 2 * spread_m
        hulls.append((vessel, _lone_ship(rng, yard, water, _at(centre, far, rng), start_us, end_us)[1]))
    positions: list[PositionReports] = []
    statics: list[StaticReports] = []
    for vessel, track in hulls:
        times = patchy_times(track.start_us, track.end_us, rng, fastest_s, slowest_s, holes)
        positions.append(reports_of(track, times, vessel.mmsi, bool(rng.random() >= no_heading_share)))
        statics.append(static_of(vessel, times[:: max(1, len(times) // 6)]))
    fixes = PositionReports.concat(positions)
    fixes = _with_jumps(fixes, jumps, rng)
    return world_of([fixes, _heard_twice(fixes, duplicate_share, rng)], statics, facts)


def _at(centre: tuple[float, float], distance_m: float, rng: np.random.Generator) -> tuple[float, float]:
    bearing = float(rng.uniform(0.0, 2 * np.pi))
    lat, lon = place(*centre, distance_m * np.sin(bearing), distance_m * np.cos(bearing))
    return float(lat), float(lon)


def _somewhere(rng: np.random.Generator, centre: tuple[float, float], spread_m: float) -> tuple[float, float]:
    return _at(centre, spread_m * float(np.sqrt(rng.random())), rng)


def _lone_ship(
    rng: np.random.Generator, yard: Shipyard, water: Current, spot: tuple[float, float], start_us: int, end_us: int
) -> tuple[Vessel, Track]:
    match int(rng.integers(5)):
        case 0 | 1:
            vessel = yard.build(CARGO, "PAN")
            bearing, kn = float(rng.uniform(0.0, 2 * np.pi)), float(rng.uniform(5.0, 20.0))
            reach_m = kn * 0.5144 * (end_us - start_us) / 1e6 / 2
            east, north = reach_m * np.sin(bearing), reach_m * np.cos(bearing)
            ends = [place(*spot, -east, -north), place(*spot, east * 1.01, north * 1.01)]
            path = sail(start_us, end_us, [(float(lat), float(lon)) for lat, lon in ends], kn)
        case 2:
            vessel, path = yard.build(TANKER, "LBR"), drift(start_us, end_us, *spot, water, float(rng.uniform(0, 360)))
        case 3:
            vessel = yard.build(FISHING_BOAT, "CHN", with_imo=False)
            path = wander(start_us, end_us, *spot, float(rng.uniform(1.5, 4.5)), 8_000.0, rng)
        case _:
            vessel, path = yard.build(CARGO, "HKG"), swing_at_anchor(start_us, end_us, *spot, water)
    return vessel, path


def _meeting(
    rng: np.random.Generator, yard: Shipyard, water: Current, spot: tuple[float, float], start_us: int, end_us: int
) -> tuple[list[tuple[Vessel, Track]], Planted]:
    vessels = [yard.build(TANKER, flag) for flag in ("TGO", "SLE")]
    hours = (end_us - start_us) / _HOUR_US
    stay_h = float(rng.uniform(1.0 / 3.0, hours / 2))
    arrive_h = float(rng.uniform(0.5, hours - stay_h - 0.5))
    if rng.random() < 0.3:
        kn, bearing = float(rng.uniform(1.0, 3.0)), float(rng.uniform(0.0, 2 * np.pi))
        run_m = kn * 0.5144 * hours * 3600.0 * 1.01
        finish = place(*spot, run_m * np.sin(bearing), run_m * np.cos(bearing))
        host = sail(start_us, end_us, [spot, (float(finish[0]), float(finish[1]))], kn)
    else:
        host = drift(start_us, end_us, *spot, water, float(rng.uniform(0.0, 360.0)))
    distance = float(rng.uniform(20.0, 300.0))
    visit = Visit(
        start_us + round(arrive_h * _HOUR_US), start_us + round((arrive_h + stay_h) * _HOUR_US),
        float(rng.uniform(0.0, 360.0)), float(rng.uniform(0.0, 360.0)), float(rng.uniform(4.0, 12.0)),
        float(rng.uniform(4.0, 12.0)), 0.0, distance * float(rng.choice([-1.0, 1.0])), float(rng.uniform(-5.0, 5.0)),
        float(rng.uniform(120.0, 900.0)),
    )  # fmt: skip
    guest = visiting(host, (visit,))
    fact = planted(vessels[0].mmsi, host, vessels[1].mmsi, guest, distance)
    return [(vessels[0], host), (vessels[1], guest)], fact


def _with_jumps(fixes: PositionReports, count: int, rng: np.random.Generator) -> PositionReports:
    rows = rng.choice(len(fixes), min(count, len(fixes)), replace=False)
    bearing, far = rng.uniform(0.0, 2 * np.pi, len(rows)), rng.uniform(50_000.0, 500_000.0, len(rows))
    lat, lon = fixes.lat_deg.copy(), fixes.lon_deg.copy()
    new_lat, new_lon = place(lat[rows], lon[rows], far * np.sin(bearing), far * np.cos(bearing))
    lat[rows], lon[rows] = np.rint(new_lat * GRID) / GRID, np.rint(new_lon * GRID) / GRID
    return PositionReports.of(**(fixes.columns() | {"lat_deg": lat, "lon_deg": lon}))


def _heard_twice(fixes: PositionReports, share: float, rng: np.random.Generator) -> PositionReports:
    again = fixes.take(np.nonzero(rng.random(len(fixes)) < share)[0])
    late_us = rng.integers(0, 4, len(again)) * 1_000_000
    return PositionReports.of(
        **(again.columns() | {"time_us": again.time_us + late_us, "station": np.full(len(again), b"sim-2", "S16")})
    )
