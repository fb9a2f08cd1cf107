"""Bulk point location against shapely asked one point at a time, and what a set of zones answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences.errors import UnknownZoneError, ZoneError
from geofences.zones import Zone, ZoneSet


def zone(name, geometry, kind="watched", **more):
    """A zone of the usual purpose."""
    return Zone(name, kind, "sts_area" if kind == "watched" else "port", geometry, **more)


@st.composite
def stars(draw):
    """Star-shaped polygons (so never crossing themselves) anywhere, over 180 and up to 85 degrees too."""
    lat, lon = draw(st.floats(-80, 80)), draw(st.sampled_from([-180.0, -179.97, 0.0, 60.05, 179.9, 180.0]))
    size = draw(st.sampled_from([0.004, 0.03, 0.4, 4.0]))
    radii = draw(st.lists(st.floats(0.2, 1.0), min_size=3, max_size=9))
    turn = np.arange(len(radii)) * 2 * math.pi / len(radii)
    reach = np.array(radii) * size
    return shapely.Polygon(np.column_stack((lon + reach * np.cos(turn), lat + reach * np.sin(turn))))


def brute(geometry, lat, lon):
    """Whether shapely finds the point in the polygon, asked at both names of the meridian 180."""
    if not (abs(lat) <= 90 and abs(lon) <= 540):
        return False
    lon = (lon + 180.0) % 360.0 - 180.0 if not -180.0 <= lon < 180.0 else lon
    return any(geometry.intersects(shapely.Point(x, lat)) for x in ((lon, 180.0) if lon == -180.0 else (lon,)))


def points_around(polygons, seed):
    """Points inside, near, on and far from the edges, on cell borders, at 180 under both names, and nowhere."""
    rng = np.random.default_rng(seed)
    lat, lon = [rng.uniform(-90, 90, 30)], [rng.uniform(-180, 180, 30)]
    for polygon in polygons:
        for part in shapely.get_parts(polygon):
            x0, y0, x1, y1 = part.bounds
            lon.append(rng.uniform(x0 - 0.05, x1 + 0.05, 60))
            lat.append(rng.uniform(max(y0 - 0.05, -90), min(y1 + 0.05, 90), 60))
            corners = shapely.get_coordinates(part)
            lon.append(corners[:, 0])
            lat.append(corners[:, 1])
            lon.append(np.round(rng.uniform(x0, x1, 10) * 10) / 10)
            lat.append(np.round(rng.uniform(y0, y1, 10) * 10) / 10)
            lon.append(np.repeat([180.0, -180.0, np.nextafter(180.0, 0)], 3))
            lat.append(np.tile(rng.uniform(y0, y1, 3), 3))
    lat.append(np.array([np.nan, 0, 91.0, -91, 0, np.inf, 90, -90]))
    lon.append(np.array([0, np.nan, 0, 0, 541.0, 0, 0, 0]))
    return np.concatenate(lat), np.concatenate(lon)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(stars(), st.sampled_from(["watched", "excluded", "override"])), max_size=4), st.integers(0, 99)
)
def test_bulk_location_is_what_shapely_says(shapes, seed):
    """Zones at each point, watched and excluded equal brute force for random overlapping polygons."""
    zones = ZoneSet(
        zone(f"z{i}", g, "excluded" if k == "excluded" else "watched", overrides_ports=k == "override")
        for i, (g, k) in enumerate(shapes)
    )
    lat, lon = points_around([z.geometry for z in zones.zones], seed)
    names = zones.names_at(lat, lon)
    watched, excluded = zones.watched_excluded(lat, lon)
    everywhere = zones.everywhere().watched(lat, lon)
    for i in range(lat.size):
        inside = [z for z in zones.zones if brute(z.geometry, lat[i], lon[i])]
        assert names[i] == tuple(z.name for z in inside), (lat[i], lon[i])
        out = any(z.kind == "excluded" for z in inside) and not any(z.overrides_ports for z in inside)
        assert excluded[i] == out
        assert watched[i] == (any(z.kind == "watched" for z in inside) and not out)
        assert everywhere[i] == (abs(lat[i]) <= 90 and abs(lon[i]) <= 540 and not out)


def test_a_large_polygon_with_a_hole_and_many_vertices():
    """Whole cells, cut cells and a hole of a polygon of thousands of vertices agree with shapely."""
    rng = np.random.default_rng(5)
    turn = np.linspace(0, 2 * np.pi, 3000, endpoint=False)
    reach = 12 + np.sin(turn * 40) + rng.uniform(0, 0.3, turn.size)
    shell = np.column_stack((150 + 3 * reach * np.cos(turn), reach * np.sin(turn)))
    hole = np.column_stack((150 + 2 * np.cos(turn), 2 * np.sin(turn)))
    zones = ZoneSet([zone("ring", shapely.Polygon(shell, [hole]))])
    lat, lon = rng.uniform(-15, 15, 20_000), rng.uniform(105, 195, 20_000)
    wrapped = np.where(lon >= 180, lon - 360, lon)
    assert np.array_equal(zones.watched(lat, lon), shapely.intersects_xy(zones.zones[0].geometry, wrapped, lat))


def test_180_has_two_names():
    """A point at 180 is the point at -180, in zones on either side and in one astride."""
    for geometry in (shapely.box(170, 0, 180, 1), shapely.box(-180, 0, -170, 1), shapely.box(175, 0, 185, 1)):
        zones = ZoneSet([zone("z", geometry)])
        assert zones.watched([0.5, 0.5, 0.5], [180.0, -180.0, 540.0]).all()


def test_points_that_are_nowhere_are_in_no_zone():
    """NaN, infinite and impossible coordinates are neither watched, excluded nor named, even everywhere."""
    globe = ZoneSet([zone("far north", shapely.box(0, 80, 180, 90))]).everywhere()
    lat, lon = [np.nan, 0, np.inf, 91, 0], [0, np.nan, 0, 0, 999]
    assert not globe.watched(lat, lon).any()
    assert not globe.excluded(lat, lon).any()
    assert globe.names_at(lat, lon) == [()] * 5
    assert globe.watched([90, -90, 0], [180, -180, 0]).all()


def test_a_set_without_zones_answers():
    """Nothing is watched, everything is everywhere, and no points give empty columns."""
    none = ZoneSet([])
    assert not none.watched([1.0], [1.0]).any()
    assert none.everywhere().watched([1.0], [1.0]).all()
    assert none.watched([], []).size == 0
    assert none.locate([], [])[0].size == 0
    assert none.names_at([1.0], [1.0]) == [()]


def test_excluded_wins_unless_overridden():
    """A port inside a watched zone is cut out of it, but not out of one that overrides ports."""
    port = zone("Port", shapely.box(0, 0, 1, 1), "excluded")
    usual, above = (
        zone("Usual", shapely.box(-1, -1, 2, 2)),
        zone("Above", shapely.box(-1, -1, 2, 2), overrides_ports=True),
    )
    assert not ZoneSet([port, usual]).watched([0.5], [0.5])[0]
    assert ZoneSet([port, above]).watched([0.5], [0.5])[0]
    assert not ZoneSet([port, above]).excluded([0.5], [0.5])[0]
    assert ZoneSet([port, usual]).names_at([0.5], [0.5], kind="watched") == [("Usual",)]


def test_only_keeps_chosen_watched_zones_and_all_exclusions():
    """Other watched zones go, exclusions stay, unknown names are refused with close ones."""
    zones = ZoneSet(
        [zone("Korea Bay", shapely.box(0, 0, 1, 1)), zone("Augusta", shapely.box(5, 5, 6, 6)),
         zone("Port", shapely.box(0, 0, 0.5, 0.5), "excluded")]
    )  # fmt: skip
    assert zones.only(["korea bay"]).names == ("Korea Bay", "Port")
    with pytest.raises(UnknownZoneError, match='no zone is called "Korea Bey" \\(did you mean "Korea Bay"\\?\\)'):
        zones.only(["Korea Bey"])
    with pytest.raises(UnknownZoneError, match="excluded, not watched"):
        zones.only(["Port"])
    with pytest.raises(ZoneError, match="stands twice"):
        ZoneSet([*zones.zones, zone("AUGUSTA", shapely.box(0, 0, 1, 1))])


def test_the_digest_is_of_content_not_of_order():
    """Order of zones and of vertices is nothing to it; any field, vertex or the watch everywhere is."""
    a, b = zone("A", shapely.box(0, 0, 1, 1)), zone("B", shapely.box(1, 1, 2, 2), "excluded")
    turned = zone("A", shapely.Polygon([(1, 1), (0, 1), (0, 0), (1, 0)]))
    digest = ZoneSet([a, b]).digest
    assert digest == ZoneSet([b, turned]).digest
    others = [
        ZoneSet([a]), ZoneSet([a, b]).everywhere(), ZoneSet([zone("A", shapely.box(0, 0, 1, 1), note="x"), b]),
        ZoneSet([zone("A", shapely.box(0, 0, 1, 1.000001)), b]), ZoneSet([zone("C", shapely.box(0, 0, 1, 1)), b]),
    ]  # fmt: skip
    assert len({digest, *(other.digest for other in others)}) == 6
    assert digest == "24d815cbf11a39742260299d91b27492526bfff0873ddd4c592eb05dde6e2844"  # known: it may not drift


def test_columns_of_unequal_length_are_refused():
    """A clear error, not a broadcast."""
    with pytest.raises(ValueError, match="one length"):
        ZoneSet([]).watched([1.0, 2.0], [1.0])
