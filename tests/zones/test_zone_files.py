"""Zone files: what is read, and how a refusal names file and feature."""

from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geofences import cell_grid, zone_files
from geofences.errors import ZoneError, ZoneFileError
from geofences.zones import ZoneSet

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}


def feature(geometry=SQUARE, **properties):
    """One GeoJSON feature, "Foo" and watched unless told otherwise."""
    return {"type": "Feature", "properties": {"name": "Foo", "kind": "watched", **properties}, "geometry": geometry}


def write(folder, *features, **members):
    """A file zones.geojson with these features."""
    path = folder / "zones.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}), "utf-8")
    return path


def test_a_file_gives_its_zones_with_defaults(tmp_path):
    """Name and kind are all that is needed; the purpose follows from the kind."""
    zones = ZoneSet.from_files([write(tmp_path, feature(), feature(name="Bar", kind="excluded"))])
    assert zones.names == ("Foo", "Bar")
    assert [zone.purpose for zone in zones.zones] == ["sts_area", "port"]
    assert zones.watched([0.5, 5.0], [0.5, 0.5]).tolist() == [False, False]  # excluded wins
    assert zones.excluded([0.5, 5.0], [0.5, 0.5]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (feature(kind="x"), "feature 2 \"Foo\": kind 'x' is not watched or excluded"),
        (feature(colour="red"), "feature 2 \"Foo\": unknown property 'colour'"),
        (feature(purpos="port"), "unknown property 'purpos' \\(did you mean \"purpose\"\\?\\)"),
        ({"type": "Feature", "properties": {"name": "Foo"}, "geometry": SQUARE}, "has no kind"),
        ({"type": "Feature", "properties": None, "geometry": SQUARE}, "feature 2: has no properties"),
        ({"type": "Feature", "properties": {"name": "F", "kind": "watched"}}, "has no geometry"),
        (7, "feature 2: is not a GeoJSON Feature"),
        (feature({"type": "Point", "coordinates": [0, 0]}), "'Point', not a Polygon"),
        (feature({"type": "Polygon", "coordinates": [[[0, 0], [1]]]}), "coordinates are not those of a polygon"),
        (feature({"type": "Polygon", "coordinates": "x"}), "coordinates are not those of a polygon"),
        (feature({"type": "Polygon", "coordinates": [[["0", None], [1, 1], [2, 0], [0, 0]]]}), "feature 2"),
        (feature({"type": "Polygon", "coordinates": []}), 'feature 2 "Foo": '),
        (
            feature({"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}),
            "crosses itself at longitude 1, latitude 1",
        ),
        (
            feature({"type": "Polygon", "coordinates": [[[38, 124], [39, 124], [39, 125], [38, 124]]]}),
            "latitude and longitude look swapped",
        ),
        (feature(name="first"), 'feature 2 "first": the name stands already in .*feature 1'),
    ],
)
def test_a_refusal_names_file_and_feature(tmp_path, bad, says):
    """The second feature is the bad one, and the message says so."""
    path = write(tmp_path, feature(name="First"), bad)
    with pytest.raises(ZoneFileError, match=says) as caught:
        ZoneSet.from_files([path])
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'{"type": \n oops}', "zones.geojson:2: is not JSON"),
        (b"[" * 200_000, "nested too deeply|is not JSON"),
        (b'{"type": "FeatureCollection", "features": [NaN]}', "NaN is not a number"),
        (b"[]", "not a GeoJSON FeatureCollection"),
        (b'{"type": "FeatureCollection"}', "no list of features"),
        (b'{"type": "FeatureCollection", "features": [' + b"9" * 5000 + b"]}", "is not JSON"),
        (b"", "is not JSON"),
    ],
)
def test_rubbish_is_refused_as_such(tmp_path, content, says):
    """Whatever the bytes are, the answer is one error of this wing's tree with the file's name."""
    path = tmp_path / "zones.geojson"
    path.write_bytes(content)
    with pytest.raises(ZoneFileError, match=says):
        ZoneSet.from_files([path])


def test_another_coordinate_system_is_refused(tmp_path):
    """WGS 84 may be named; anything else is refused."""
    good = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(ZoneSet.from_files([write(tmp_path, feature(), crs=good)])) == 1
    bad = {"type": "name", "properties": {"name": "EPSG:3857"}}
    with pytest.raises(ZoneFileError, match=r"EPSG:3857.*not WGS 84"):
        ZoneSet.from_files([write(tmp_path, feature(), crs=bad)])


def test_size_is_bounded(tmp_path, monkeypatch):
    """Bytes, vertices and features have a cap each."""
    path = write(tmp_path, feature(name="A"), feature(name="B"))
    for cap, value, says in (
        ("MAX_FILE_BYTES", 100, "larger than"),
        ("MAX_VERTICES", 7, "more than 7 vertices"),
        ("MAX_FEATURES", 1, "more than 1 zones"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(zone_files, cap, value)
            with pytest.raises(ZoneFileError, match=says):
                ZoneSet.from_files([path])


def test_a_missing_file_is_an_error_of_this_wing(tmp_path):
    """No bare OSError comes out."""
    with pytest.raises(ZoneError, match=r"nowhere\.geojson: cannot be read"):
        ZoneSet.from_files([tmp_path / "nowhere.geojson"])


def test_a_geodataframe_goes_round(tmp_path):
    """Out as a GeoDataFrame and in again gives the same content; another projection and other columns are refused."""
    zones = ZoneSet.from_files([write(tmp_path, feature(note="n", overrides_ports=True))])
    frame = zones.to_geodataframe()
    assert isinstance(frame, gpd.GeoDataFrame)
    assert frame.crs.to_epsg() == 4326
    assert ZoneSet.from_geodataframe(frame).digest == zones.digest
    with pytest.raises(ZoneFileError, match="not WGS 84"):
        ZoneSet.from_geodataframe(frame.to_crs(3857))
    with pytest.raises(ZoneFileError, match="unknown column 'colour'"):
        ZoneSet.from_geodataframe(frame.assign(colour="red"))
    bowtie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    with pytest.raises(ZoneFileError, match='row 1 "Foo": crosses itself'):
        ZoneSet.from_geodataframe(frame.set_geometry([bowtie], crs=4326))


def test_zones_too_large_for_the_index_are_refused_when_they_are_read(tmp_path, monkeypatch):
    """A file whose zones would fill the memory is refused at the door, not at the first point asked."""
    path = write(tmp_path, feature())
    for cap, says in (("MAX_MEMBERSHIPS", "cover more cells"), ("MAX_EDGE_CELLS", "more edges")):
        with monkeypatch.context() as patch:
            patch.setattr(cell_grid, cap, 10)
            with pytest.raises(ZoneError, match=says):
                ZoneSet.from_files([path])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("Polygon"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    JSON, JSON, st.sampled_from(["properties", "geometry", "coordinates", "ring", "name", "features", "crs", "type"])
)
def test_any_json_is_read_or_refused_with_an_error_of_this_wing(tmp_path, value, other, where):
    """Whatever stands in any place of the file, nothing but a ZoneError comes out."""
    made = feature()
    document = {"type": "FeatureCollection", "features": [made]}
    if where in ("features", "crs"):
        document[where] = value
    elif where == "coordinates":
        made["geometry"] = {"type": "MultiPolygon", "coordinates": value}
    elif where == "ring":
        made["geometry"] = {"type": "Polygon", "coordinates": [[[0, 0], [1, value], [1, 1], other]]}
    elif where == "name":
        made["properties"] = {"name": value, "kind": other}
    else:
        made[where] = value
    path = tmp_path / "any.geojson"
    path.write_text(json.dumps(document), "utf-8")
    try:
        ZoneSet.from_files([path])
    except ZoneError as error:
        assert str(path) in str(error)
