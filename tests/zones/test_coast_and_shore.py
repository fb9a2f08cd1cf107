"""Land and distance from shore, against slow and obvious computations and against known facts."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofences import coast_files, land
from geofences.errors import CoastError
from geofences.land import Coast, distance_to_shore_m, on_land
from geofences.sphere import EARTH_RADIUS_M, unit_vectors


def island(lat, lon, size, corners, rng):
    """A ragged star of an island, cut at 180 where it crosses."""
    turn = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = rng.uniform(0.3, 1.0, corners) * size
    ring = np.column_stack((lon + reach * np.cos(turn) / np.cos(np.radians(lat)), lat + reach * np.sin(turn)))
    polygon = shapely.make_valid(shapely.Polygon(ring)).buffer(0)
    rings = []
    for turns in (-360.0, 0.0, 360.0):
        moved = shapely.transform(polygon, lambda xy, by=turns: xy + np.array((by, 0.0)))
        cut = shapely.intersection(moved, shapely.box(-180, -90, 180, 90))
        rings += [
            np.array(p.exterior.coords) for p in shapely.get_parts(cut) if p.geom_type == "Polygon" and p.area > 0
        ]
    return rings


def slow_distance_m(rings, lat, lon):
    """Metres to the nearest of 2,000 points on each edge's great circle: slow, and right to a few metres."""
    best = np.full(lat.size, np.inf)
    p = unit_vectors(lat, lon)
    for ring in rings:
        v = unit_vectors(ring[:, 1], ring[:, 0])
        for a, b, x, y in zip(v[:-1], v[1:], ring[:-1], ring[1:], strict=True):
            if abs(x[0]) == 180 and abs(y[0]) == 180:
                continue
            t = np.linspace(0, 1, 2000)[:, None]
            arc = a * (1 - t) + b * t
            arc /= np.linalg.norm(arc, axis=1, keepdims=True)
            chord = np.sqrt(np.maximum(2 - 2 * (p @ arc.T).max(axis=1), 0))
            best = np.minimum(best, 2 * np.arcsin(chord / 2) * EARTH_RADIUS_M)
    return best


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([(0.0, 0.0), (70.0, 25.0), (-17.0, 179.95), (85.0, -180.0), (-60.0, 100.05)]),
    st.integers(0, 1000),
)
def test_land_and_distance_equal_slow_computations(where, seed):
    """Around a ragged island, over 180 and at 85 degrees: land is what shapely says, metres what sampling says."""
    rng = np.random.default_rng(seed)
    rings = island(*where, 0.8, 12, rng)
    coast = Coast(rings)
    lat = where[0] + rng.uniform(-1.5, 1.5, 150)
    lon = (where[1] + rng.uniform(-2, 2, 150) / np.cos(np.radians(where[0])) + 180) % 360 - 180
    polygons = shapely.MultiPolygon([shapely.Polygon(r) for r in rings])
    land_slow = shapely.contains_xy(polygons, lon, lat)
    assert np.array_equal(coast.on_land(lat, lon), land_slow)
    metres, slow = coast.distance_m(lat, lon), slow_distance_m(rings, lat, lon)
    assert (metres[land_slow] == 0).all()
    sea = ~land_slow
    assert np.all(metres[sea] <= slow[sea] + 0.2)
    assert np.allclose(metres[sea], slow[sea], atol=60.0, rtol=0)


def test_the_tree_finds_the_nearest_of_very_many_arcs():
    """Among thousands of islets the tree's distance equals that of asking every arc, near, far and at the poles."""
    rng = np.random.default_rng(11)
    rings = []
    for _ in range(1500):
        rings += island(rng.uniform(-80, 80), rng.uniform(-180, 180), 0.1, 6, rng)
    coast = Coast(rings)
    lat = np.concatenate((rng.uniform(-90, 90, 150), [90.0, -90.0]))
    lon = np.concatenate((rng.uniform(-180, 180, 150), [0.0, 77.0]))
    tree = coast._tree
    arcs = np.arange(tree._start.shape[0] // tree._leaf)
    every = [
        tree._in_leaf(np.repeat(p[None], arcs.size, 0), np.arange(arcs.size), arcs).min()
        for p in unit_vectors(lat, lon)
    ]
    metres = tree.distance_m(lat, lon)
    assert np.allclose(metres, np.array(every) * EARTH_RADIUS_M, atol=1e-3, rtol=0)


def test_a_cut_at_180_is_no_shore():
    """Open water beside a cut meridian that lies inside one island is not near a shore, nor is the island's inside."""
    east = np.array([(179.0, 0.0), (180.0, 0.0), (180.0, 1.0), (179.0, 1.0), (179.0, 0.0)])
    west = np.array([(-180.0, 0.0), (-179.0, 0.0), (-179.0, 1.0), (-180.0, 1.0), (-180.0, 0.0)])
    coast = Coast([east, west])
    assert coast.on_land([0.5, 0.5, 0.5], [179.999, -179.999, 178.9]).tolist() == [True, True, False]
    assert coast._tree.distance_m(np.array([0.5]), np.array([179.999]))[0] == pytest.approx(55_500, rel=0.01)


def test_points_that_are_nowhere():
    """NaN and impossible points are not on land and have no distance; without coast the distance is infinite."""
    coast = Coast([np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)])])
    lat, lon = [np.nan, 95.0, 0.0], [0.0, 0.0, np.nan]
    assert not coast.on_land(lat, lon).any()
    assert np.isnan(coast.distance_m(lat, lon)).all()
    assert Coast([]).distance_m([0.0], [0.0])[0] == np.inf
    assert not Coast([]).on_land([0.0], [0.0])[0]
    assert coast.distance_m([], []).size == 0


def test_known_places():
    """Cities are on land, oceans are not, and known positions are as far from shore as charts say."""
    cities = [
        (48.8566, 2.3522),
        (39.0, 125.75),
        (-33.0, -60.0),
        (55.75, 37.62),
        (-85.0, 40.0),
        (66.0, -175.0),
        (71.2, 179.5),
    ]
    assert on_land(*zip(*cities, strict=True)).all()
    seas = [(30.0, -45.0), (31.3022, -118.6198), (38.55, 124.5), (-17.5, 180.0), (0.0, -179.99), (89.9, 0.0)]
    assert not on_land(*zip(*seas, strict=True)).any()
    metres = distance_to_shore_m([31.3022, 30.0, 48.8566, 38.0, -48.8767], [-118.6198, -45.0, 2.3522, 15.5, -123.3933])
    assert metres[0] > 10_000
    assert metres[1] > 500_000
    assert metres[2] == 0
    assert metres[4] == pytest.approx(2_688_000, rel=0.01)  # Point Nemo, the farthest place from land


def test_the_shipped_coast_agrees_with_shapely():
    """Random points near real coasts are on land where shapely finds them in one of the rings."""
    rings = land.shipped_coast().rings
    rng = np.random.default_rng(2)
    box = shapely.box(124, 33, 131, 40)
    near = shapely.STRtree([shapely.Polygon(r) for r in rings if len(r) < 9000])
    small = near.geometries[near.query(box)]
    big = [
        shapely.clip_by_rect(shapely.make_valid(shapely.Polygon(r)), 124, 33, 131, 40) for r in rings if len(r) >= 9000
    ]
    whole = shapely.union_all([*small, *big])
    shapely.prepare(whole)
    lat, lon = rng.uniform(33, 40, 20_000), rng.uniform(124, 131, 20_000)
    assert np.array_equal(on_land(lat, lon), shapely.contains_xy(whole, lon, lat))


def test_importing_reads_nothing_and_draws_no_plotting_library_in():
    """The coast is read when it is asked for, and as files: no module of the wheel is imported."""
    code = (
        "import sys, geofences.zones, geofences.land as land;"
        "assert land.shipped_coast.cache_info().currsize == 0;"
        "assert land.on_land([48.8], [2.3])[0];"
        "assert not any(m.startswith(('mpl_toolkits', 'matplotlib', 'geopandas', 'pandas')) for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=land.__file__.rsplit("/", 2)[0])


def test_a_missing_wheel_is_named_with_its_mend(monkeypatch, tmp_path):
    """Not installed, or installed without its files: either way the message says what to do."""
    monkeypatch.setattr(coast_files, "DISTRIBUTION", "no-such-distribution-xyz")
    with pytest.raises(CoastError, match=r"not installed.*pip install"):
        coast_files.coast_folder()
    monkeypatch.undo()
    monkeypatch.setattr(coast_files, "FOLDER", "no/such/folder")
    with pytest.raises(CoastError, match=r"has no gshhs_i\.dat"):
        coast_files.coast_folder()


@pytest.mark.parametrize("meta", ["1 2 x", "1 5.0 9 0 1 0 72 0", "2 5.0 3 0 1 0 24 0", "1 5.0 3 0 1 -8 24 0"])
def test_broken_coast_files_are_refused(tmp_path, meta):
    """A line that does not describe a ring within the data is named by file and line; no land at all is refused."""
    (tmp_path / "gshhsmeta_i.dat").write_text(meta + "\n", "ascii")
    (tmp_path / "gshhs_i.dat").write_bytes(b"\0" * 24)
    with pytest.raises(CoastError, match=r"gshhsmeta_i\.dat"):
        coast_files.read_rings(tmp_path)
