"""Water at a distance from ports and shores, as others' rules ask for it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geofences.errors import ZoneError
from geofences.offing import OffShore, offing, widened
from geofences.polygons import disc
from geofences.sphere import destination
from geofences.zones import Zone, ZoneSet

AROUND = np.arange(0.0, 360.0, 15.0)


def port(lat: float, lon: float, radius_m: float = 5_000.0) -> ZoneSet:
    """All water watched but a disc."""
    return ZoneSet([Zone("Port", "excluded", "port", disc(lat, lon, radius_m))]).everywhere()


@pytest.mark.parametrize(("lat", "lon"), [(1.0, 10.0), (60.0, -30.0), (-75.0, 100.0), (20.0, 179.97), (20.0, -180.0)])
def test_an_excluded_zone_grows_by_the_distance_on_all_sides(lat: float, lon: float) -> None:
    """Points just inside the wider circle are excluded, points just outside watched, at any latitude and across 180."""
    wide = widened(port(lat, lon), 10_000.0)
    assert wide.excluded(*destination(lat, lon, AROUND, 14_700.0)).all()
    assert wide.watched(*destination(lat, lon, AROUND, 15_400.0)).all()


def test_watched_zones_stay_as_they_are() -> None:
    """Only what is excluded grows; a watched zone that overrides ports still does."""
    watched = Zone("Watch", "watched", "sts_area", shapely.box(9.0, 0.0, 11.0, 2.0), overrides_ports=True)
    zones = ZoneSet([watched, Zone("Port", "excluded", "port", disc(1.0, 10.0, 5_000.0))])
    wide = widened(zones, 10_000.0)
    assert wide.watched([1.0, 1.9], [10.0, 10.9]).all()
    assert [zone for zone in wide.zones if zone.kind == "watched"] == [watched]


@pytest.mark.parametrize("metres", [0.0, -1.0, float("nan")])
def test_a_distance_that_is_none_is_refused(metres: float) -> None:
    """Zero, negative and no number are named in the error."""
    with pytest.raises(ZoneError, match="cannot be widened"):
        widened(port(1.0, 10.0), metres)


def test_water_near_a_shore_is_excluded_too() -> None:
    """Within 10 km of a coast nothing is watched, beyond it is; a point is never both."""
    zones = OffShore(ZoneSet([]).everywhere(), 10_000.0)
    lat, lon = np.array([33.00, 33.00, 32.6]), np.array([-117.32, -117.9, -118.3])  # 4, 58 and some 25 km off
    watched, excluded = zones.watched_excluded(lat, lon)
    assert watched.tolist() == [False, True, True]
    assert excluded.tolist() == [True, False, False]
    assert zones.watched(lat, lon).tolist() == watched.tolist()
    assert zones.excluded(lat, lon).tolist() == excluded.tolist()


def test_without_distances_nothing_changes() -> None:
    """The zones themselves come back."""
    zones = port(1.0, 10.0)
    assert offing(zones) is zones
    assert isinstance(offing(zones, 0.0, 5_000.0), OffShore)
