"""`replay --preset`: what each published rule tells and leaves out, through the product's own wiring."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.reports import Batch, PositionReports, StaticReports
from geofences.polygons import disc
from geofences.sphere import destination
from geofences.zones import Zone, ZoneSet
from shipwatch.assemble import assemble
from shipwatch.config import Config
from shipwatch.engine.rules import PRESETS, preset
from shipwatch.replay import replay_batches
from shipwatch.simulator.worlds import START_US, ship_track

US = 1_000_000
PORT = (28.0, 140.0)
ZONES = ZoneSet([Zone("Port", "excluded", "port", disc(*PORT, 5_000.0))]).everywhere()
KN = 1852.0 / 3600.0


def found(
    name: str, minutes: np.ndarray, apart_m: float, from_port_m: float = 40_000.0, kn: float = 0.4
) -> list[float]:
    """Durations (minutes) of the meetings that a preset tells of two ships abreast at such times."""
    times = START_US + np.rint(minutes * 60.0).astype(np.int64) * US
    lat, lon = destination(*PORT, [90.0], from_port_m)
    lats = float(lat[0]) + (minutes - minutes[0]) * 60.0 * kn * KN / 111_195.0
    rows = []
    for number, east_m in enumerate((0.0, apart_m)):
        lons = np.full(len(lats), float(lon[0]) + east_m / 111_195.0 / np.cos(np.radians(PORT[0])))
        rows.append(ship_track(441000001 + number, times, lats, lons, np.full(len(lats), kn), np.zeros(len(lats))))
    station = assemble(Config(), environment={}, zones=ZONES, preset_name=None if name == "shipwatch" else name)
    result = replay_batches([Batch(PositionReports.concat(rows), StaticReports.empty())], station.pipeline)
    return [(one.end_us - one.start_us) / 60.0 / US for one in result.rendezvous]


def test_each_preset_asks_for_its_own_distance_and_duration() -> None:
    """2 h at 500 m, half an hour at 250 m, half an hour at 200 m or ten minutes at 50 m."""
    short, hour, long = np.arange(0.0, 21.0, 2.0), np.arange(0.0, 61.0, 2.0), np.arange(0.0, 151.0, 2.0)
    assert [bool(found("gfw", span, 400.0)) for span in (hour, long)] == [False, True]
    assert [bool(found("skylight", hour, apart)) for apart in (240.0, 260.0)] == [True, False]
    assert [bool(found("starboard", hour, apart)) for apart in (190.0, 210.0)] == [True, False]
    assert [bool(found("starboard", short, apart)) for apart in (45.0, 60.0)] == [True, False]
    assert [bool(found("shipwatch", hour, 400.0))] == [True]


def test_a_transfer_under_way_is_too_fast_for_gfw() -> None:
    """Median speed below 2 knots: three hours alongside at 3 knots are no encounter there."""
    span = np.arange(0.0, 181.0, 2.0)
    assert found("gfw", span, 60.0, kn=3.0) == []
    assert len(found("shipwatch", span, 60.0, kn=3.0)) == 1


def test_gfw_keeps_ten_kilometres_from_ports() -> None:
    """Nothing is told 8 km outside a port's bounds, nor hidden 12 km outside."""
    span = np.arange(0.0, 181.0, 2.0)
    assert found("gfw", span, 60.0, from_port_m=13_000.0) == []
    assert len(found("gfw", span, 60.0, from_port_m=17_000.0)) == 1
    assert len(found("shipwatch", span, 60.0, from_port_m=13_000.0)) == 1


def test_starboard_keeps_ten_kilometres_from_the_shore() -> None:
    """The rule carries the distance; a station under it watches no water nearer than that."""
    station = assemble(Config(), environment={}, zones=ZoneSet([]).everywhere(), preset_name="starboard")
    assert preset("starboard").off_shore_m == 10_000.0
    assert station.pipeline.zones.watched(np.array([33.00, 33.00]), np.array([-117.32, -117.9])).tolist() == [
        False,
        True,
    ]


def test_a_hole_breaks_what_has_no_gap_rule_and_not_gfw() -> None:
    """Forty minutes without reports: two events for skylight, one of the whole span for gfw and for us."""
    span = np.concatenate((np.arange(0.0, 81.0, 2.0), np.arange(120.0, 201.0, 2.0)))
    assert [round(length) for length in found("skylight", span, 60.0)] == [80, 80]
    assert [round(length) for length in found("gfw", span, 60.0)] == [200]
    assert [round(length) for length in found("shipwatch", span, 60.0)] == [200]


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_is_a_sound_set_of_rules(name: str) -> None:
    """Made anew from its own values it is the same: no preset escapes the checks of the settings."""
    assert preset(name) == PRESETS[name]
    assert all(distance <= PRESETS[name].enter_m for distance, _ in PRESETS[name].forms)
