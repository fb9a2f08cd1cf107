"""The demo scenario: a day in the East China Sea, about 300 invented ships, staged meetings among ordinary traffic."""

from __future__ import annotations

from datetime import UTC, datetime

from shipwatch.simulator.demo_meetings import SCENES
from shipwatch.simulator.demo_traffic import ferries_and_tugs, fishing_fleets, lane_traffic, port_ships
from shipwatch.simulator.fleet import Shipyard
from shipwatch.simulator.reception import Receiver, Satellites, Station, satellite_passes
from shipwatch.simulator.reports import Ship, generator
from shipwatch.simulator.scenario import Scenario, Truth
from shipwatch.simulator.stage import Stage, designations_text

START_US = int(datetime(2025, 3, 14, 6, tzinfo=UTC).timestamp()) * 1_000_000
END_US = START_US + 24 * 3_600_000_000

SHIPS = 300
AT_ANCHOR, IN_HARBOUR, FISHING_BOATS = 34, 6, 60
SATELLITES = 5


def demo_scenario(seed: int = 1) -> Scenario:
    """The scenario of ``shipwatch demo``: 2025-03-14 06:00 to 2025-03-15 06:00 UTC, some 300 ships, 10 kinds of scene.

    Everything in it is invented. Coasts are heard by three stations, one of which stamps late, one of which is two
    seconds fast; a platform hears the under-way transfer; offshore only satellites hear, with holes between their
    passes and one of 70 minutes during the alongside transfer. The archive keeps at most one position a ship and
    minute (ashore 45 s) from each receiver.

    >>> scenario = demo_scenario(1)
    >>> len(scenario.ships)
    300
    """
    yard_rng, stage_rng, pass_rng = (generator(seed, 0, stream) for stream in range(3))
    stage = Stage(START_US, END_US, Shipyard(yard_rng), stage_rng)
    ships: list[Ship] = []
    truth: list[Truth] = []
    for scene in SCENES:
        actors, facts = scene(stage)
        ships += actors
        truth += facts
    ships += port_ships(stage, AT_ANCHOR, IN_HARBOUR) + fishing_fleets(stage, FISHING_BOATS) + ferries_and_tugs(stage)
    ships += lane_traffic(stage, SHIPS - len(ships))
    hole = (stage.hour(17.5), stage.hour(18.7))
    stations: list[Receiver] = [
        Station("coast-north", 0.8, 45.0, 600.0, lat_deg=30.72, lon_deg=122.46, range_m=65_000.0, lag_median_s=6.0,
                lag_spread=0.9),
        Station("coast-mid", 0.8, 45.0, 600.0, lat_deg=29.94, lon_deg=122.40, range_m=60_000.0,
                outages=((stage.hour(3.0), stage.hour(3.6)), (stage.hour(20.0), stage.hour(21.5)))),
        Station("coast-south", 0.8, 45.0, 600.0, lat_deg=28.46, lon_deg=121.93, range_m=70_000.0, clock_offset_s=2.0),
        Station("platform", 0.8, 45.0, 600.0, lat_deg=29.0, lon_deg=124.9, range_m=62_000.0),
    ]  # fmt: skip
    stations += [
        Satellites(f"sat-{number + 1}", 0.16, 60.0, 600.0, outages=(hole,), lag_median_s=1.0,
                   passes=satellite_passes(START_US, END_US, 4_800.0, 1_080.0, pass_rng))
        for number in range(SATELLITES)
    ]  # fmt: skip
    return Scenario(
        "demo", seed, START_US, END_US, tuple(ships), tuple(stations), tuple(truth), designations_text(),
        corrupt_share=0.0004, no_fix_share=0.0004,
    )  # fmt: skip
