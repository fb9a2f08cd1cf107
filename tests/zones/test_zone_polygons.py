"""What may be a zone's polygon, and how it is cut at longitude 180."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon

from geofences.errors import ZoneError
from geofences.polygons import as_zone_polygon, disc
from geofences.sphere import bearing_deg, compass_point, destination, distance_m
from geofences.zone import Zone

with np.errstate(invalid="ignore"):
    WITH_NAN = Polygon([(0, 0), (float("nan"), 1), (1, 0)])


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        (Point(1, 2), "a Point, not a Polygon"),
        (Polygon(), "empty"),
        (Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), "crosses itself at longitude 1, latitude 1"),
        (Polygon([(38, 124), (39, 124), (39, 125)]), "look swapped"),
        (Polygon([(120, 95), (121, 95), (121, 96)]), "latitude 95"),
        (WITH_NAN, "not a finite number"),
        (Polygon([(179, 0), (-179, 0), (-179, 1), (179, 1)]), "to cross 180 go on to 181"),
        (Polygon([(600, 0), (601, 0), (601, 1)]), "longitude 600"),
        (Polygon([(-200, 0), (0, 0), (170, 0), (170, 1), (0, 1), (-200, 1)]), "more than the globe"),
        (MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)]), "crosses itself"),
    ],
)
def test_a_polygon_that_cannot_be_a_zone_is_refused_with_what_and_where(geometry, says):
    """Every refusal names the fault, and its place where it has one."""
    with pytest.raises(ZoneError, match=says):
        as_zone_polygon(geometry)


@pytest.mark.parametrize("west", [170.0, -190.0, 530.0])
def test_longitudes_past_180_are_cut_into_two_parts(west):
    """A box of 20 degrees over the date line is the same two halves however its longitudes are counted."""
    east = west + 20.0
    if east > 540.0:
        with pytest.raises(ZoneError):
            as_zone_polygon(shapely.box(west, -1, east, 1))
        return
    cut = as_zone_polygon(shapely.box(west, -1, east, 1))
    assert cut.equals(MultiPolygon([shapely.box(170, -1, 180, 1), shapely.box(-180, -1, -170, 1)]))


def test_the_whole_globe_is_a_polygon():
    """A box from -180 to 180 is taken as it stands although its edges are longer than half a turn."""
    assert as_zone_polygon(shapely.box(-180, -90, 180, 90)).area == 360 * 180


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 0.0), (69.0, 33.0), (-17.0, 179.99), (89.0, 5.0)])
def test_a_discs_corners_lie_on_its_circle(lat, lon):
    """Each corner that the cut at 180 did not make is at the radius from the middle, at any latitude."""
    corners = shapely.get_coordinates(disc(lat, lon, 12_000.0))
    at = distance_m(lat, lon, corners[:, 1], corners[:, 0])
    made_by_cut = abs(corners[:, 0]) == 180.0
    assert (abs(at[~made_by_cut] - 12_000.0) < 0.5).all()


def test_a_disc_over_a_pole_is_refused():
    """There is no polygon in longitude and latitude for it."""
    with pytest.raises(ZoneError, match="pole"):
        disc(89.95, 0.0, 12_000.0)


def test_bearing_and_destination_agree():
    """Going out on a bearing gives a point that is seen on that bearing at that distance."""
    lat, lon = destination(38.7, 125.4, [225.0], 22_000.0)
    assert float(bearing_deg(38.7, 125.4, lat[0], lon[0])) == pytest.approx(225.0, abs=1e-6)
    assert float(distance_m(38.7, 125.4, lat[0], lon[0])) == pytest.approx(22_000.0, abs=1e-3)
    assert [compass_point(b) for b in (0, 11.3, 359, 180, 292.5)] == ["N", "NNE", "N", "S", "WNW"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "x"}, "kind 'x' is not watched or excluded"),
        ({"purpose": "prot"}, 'did you mean "port"'),
        ({"confidence": "sure"}, "confidence 'sure'"),
        ({"name": " Foo"}, "spaces around"),
        ({"name": ""}, "empty"),
        ({"name": "a\x1b[31m"}, "control characters"),
        ({"name": "x" * 200}, "longer than 120"),
        ({"name": 7}, "name 7 is not text"),
        ({"overrides_ports": 1}, "not true or false"),
        ({"kind": "excluded", "overrides_ports": True}, "for watched zones only"),
    ],
)
def test_a_zone_with_a_wrong_field_cannot_be_made(fields, says):
    """The message names the field and the value."""
    good = {"name": "Foo", "kind": "watched", "purpose": "sts_area", "geometry": shapely.box(0, 0, 1, 1)}
    with pytest.raises(ZoneError, match=says):
        Zone(**{**good, **fields})
