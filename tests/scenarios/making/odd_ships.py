"""Scenes of single ships, numbers, stations and files in which something is not as it should be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from meetings import SEA, START, course, crowd, drifting_transfer, host_and_guest, two_tankers
from played import Played, like, play

from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import CARGO, TANKER
from shipwatch.simulator.sphere import place
from shipwatch.simulator.visits import visiting
from shipwatch.simulator.voyages import Track, drift, joined


def shared_mmsi() -> Played:
    """Two hulls under one MMSI 150 miles apart, one of them in a transfer."""
    scene = drifting_transfer()
    first = scene.ships[0].vessel
    other = like(scene.stage.yard.build(CARGO, "MNG", 112), mmsi=first.mmsi)
    scene.add(other, course(scene, (31.2, 126.5), 7.5, 5.0))
    return scene


def station_clock_jump() -> Played:
    """A transfer heard by three stations, one of which stamps ten minutes late for two hours."""
    scene = play(START, 11.0)
    scene.names, scene.jump = ("station-1", "station-2", "station-3"), (1, 4.0, 6.0, 600.0)
    heard = {"stations": (0, 1, 2)}
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), *two_tankers(scene), 3.0, 7.0, host=heard, guest=heard)
    for number in range(6):  # steady ships by which a clock can be told
        lat, lon = place(*SEA, 4_000.0 * number, 20_000.0)
        scene.add(scene.stage.yard.build(CARGO, "LBR"), course(scene, (float(lat), float(lon)), 10.0 + number, 5.0),
                  stations=(0, 1, 2), every_s=300.0)  # fmt: skip
    return scene


def outage() -> Played:
    """Twelve ships fall silent together for five hours and come back together."""
    scene = play(START, 13.0)
    crowd(scene, 12, holes=((4.0, 9.0),))
    return scene


def spoofed_circle() -> Played:
    """A ship whose positions run round a circle for five hours, between two straight passages."""
    scene = play(START, 12.0)
    stage = scene.stage
    vessel = stage.yard.build(TANKER, "PAN", 180)
    still = drift(stage.hour(3.0), stage.hour(8.0), *SEA, Current(0.0, 0.0, 0.0))
    turn = 2 * np.pi * (still.time_us - still.time_us[0]) / 1e6 / 2400.0
    lat, lon = place(still.lat_deg, still.lon_deg, 2500.0 * np.sin(turn), 2500.0 * np.cos(turn))
    circle = replace(still, lat_deg=lat, lon_deg=lon, heading_deg=np.degrees(turn + np.pi / 2) % 360.0)
    away = course(scene, SEA, 10.0, 3.0)
    back = course(scene, SEA, 10.0, 8.0)
    after = Track(*(getattr(back, name)[back.time_us >= stage.hour(8.0)] for name in Track.__slots__))
    scene.add(vessel, joined(joined(away, circle), after), every_s=60.0)
    return scene


def position_on_land() -> Played:
    """A ship whose reports come from the middle of Honshu for two hours of her passage."""
    scene = play(START, 9.0)
    stage = scene.stage
    vessel = stage.yard.build(CARGO, "PAN", 150)
    away = course(scene, (33.2, 137.9), 11.0, 4.0)
    inland = drift(stage.hour(3.0), stage.hour(5.0), 36.0, 138.0, Current(0.4, 40.0, 0.0))
    back = Track(*(getattr(away, name)[away.time_us >= stage.hour(5.0)] for name in Track.__slots__))
    scene.add(vessel, joined(joined(away, inland), back), every_s=60.0)
    return scene


def loitering() -> Played:
    """A tanker alone that drifts for ten hours between two passages."""
    scene = play(START, 18.0)
    vessel = scene.stage.yard.build(TANKER, "PAN", 120)
    water = scene.stage.water(*SEA, 9.0, 70.0)
    scene.add(vessel, visiting(water, (scene.stage.visit(4.0, 14.0, 60.0, 240.0),)), every_s=180.0)
    return scene


def imo_on_two_mmsis() -> Played:
    """Two ships 40 miles apart that announce the same IMO number all day."""
    scene = play(START, 12.0)
    one = scene.add(scene.stage.yard.build(TANKER, "PAN", 140), course(scene, SEA, 9.0, 6.0), every_s=240.0)
    other = like(scene.stage.yard.build(TANKER, "TGO", 128), imo=one.imo)
    scene.add(other, course(scene, (29.2, 125.0), 8.0, 6.0), every_s=240.0)
    return scene


def draught_change() -> Played:
    """Drift alongside from hour 3 to hour 7; one lies 2.3 m higher afterwards, the other deeper."""
    scene = play(START, 11.0)
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), *two_tankers(scene), 3.0, 7.0,
                   host={"draughts": ((6.8, 6.1),)}, guest={"draughts": ((6.8, 7.0),)})  # fmt: skip
    return scene


def duplicated_receivers() -> Played:
    """The same transfer heard by three stations at once."""
    scene = play(START, 11.0)
    scene.names = ("station-1", "station-2", "station-3")
    heard = {"stations": (0, 1, 2)}
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), *two_tankers(scene), 3.0, 7.0, host=heard, guest=heard)
    return scene


def late_data() -> Played:
    """The same transfer; one ship's lines of two hours stand at the end of the file."""
    scene = drifting_transfer()
    scene.late = (1, 3.5, 5.5)
    return scene
