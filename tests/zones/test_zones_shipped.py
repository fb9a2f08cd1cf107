"""The zones and ports that come with the package."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

import geofences
from geofences.land import distance_to_shore_m, on_land
from geofences.ports import Ports
from geofences.zones import ZoneSet

LIGHTERING = [(31.3022, -118.6198), (33.0084, -117.7853), (31.1134, -118.701), (31.7896, -119.2967)]
HARBOURS = {
    "Los Angeles inner": (33.74, -118.26),
    "Long Beach inside the breakwater": (33.74, -118.18),
    "Long Beach outer anchorage": (33.66, -118.12),
    "Port Hueneme": (34.148, -119.208),
    "Channel Islands Harbor": (34.165, -119.225),
    "San Diego": (32.70, -117.16),
    "San Diego south bay": (32.63, -117.12),
    "San Diego entrance": (32.67, -117.23),
    "El Segundo terminal": (33.905, -118.455),
    "Ensenada": (31.85, -116.63),
    "Rosarito": (32.365, -117.095),
    "Morro Bay": (35.365, -120.855),
    "Santa Barbara": (34.405, -119.69),
    "Ventura": (34.247, -119.266),
    "Oceanside": (33.205, -117.393),
    "Newport": (33.605, -117.89),
    "Marina del Rey": (33.972, -118.452),
}


def test_dprk_zones_come_first_in_the_file_and_are_all_there():
    """The file opens with the places of the DPRK cases, and some forty more of the world follow."""
    document = json.loads((Path(geofences.__file__).parent / "watched.geojson").read_text("utf-8"))
    names = [feature["properties"]["name"] for feature in document["features"]]
    assert names[:4] == ["Korea Bay", "Cho-do", "Sok-do", "Nampo approaches"]
    assert {"East China Sea", "Gulf of Tonkin", "Wonsan and Hungnam"} <= set(names[:10])
    assert 35 <= len(names) <= 60


def test_each_watched_zone_is_sound_and_says_where_it_comes_from():
    """Valid, mostly water (the coast's own resolution and islets aside), with a source; a point in it is watched."""
    zones = ZoneSet.shipped()
    rng = np.random.default_rng(1)
    for zone in (z for z in zones.zones if z.kind == "watched"):
        assert len(zone.source) > 20, zone.name
        assert shapely.is_valid(zone.geometry)
        x0, y0, x1, y1 = zone.geometry.bounds
        lon, lat = rng.uniform(x0, x1, 2000), rng.uniform(y0, y1, 2000)
        inside = shapely.intersects_xy(zone.geometry, lon, lat)
        lon, lat = lon[inside], lat[inside]
        assert on_land(lat, lon).mean() < 0.35, zone.name
        assert zones.watched(lat, lon).mean() > 0.6, zone.name


def test_reported_positions_of_transfers_are_watched():
    """Publicly told positions of suspected transfers lie in watched zones of the right name."""
    zones = ZoneSet.shipped()
    for lat, lon, name in [
        (28.3, 122.8, "East China Sea"), (29.4, 123.6, "East China Sea"), (38.55, 124.8, "Cho-do"),
        (38.6, 125.0, "Sok-do"),
        (19.5, 107.8, "Gulf of Tonkin"), (35.75, 14.9, "Hurd's Bank"), (25.25, 56.5, "Fujairah"),
    ]:  # fmt: skip
        assert zones.watched([lat], [lon])[0], name
        assert any(found.startswith(name) for found in zones.names_at([lat], [lon])[0]), name


def test_ports_are_excluded_but_not_in_zones_that_override_them():
    """Shanghai and Rotterdam are excluded; the port of Nampo's approaches are watched."""
    zones = ZoneSet.shipped()
    assert zones.excluded([31.2167, 51.9], [121.5, 4.4833]).all()
    assert zones.watched([38.7], [125.3])[0]
    assert not zones.excluded([38.7], [125.38])[0]


@pytest.mark.parametrize("place", HARBOURS)
def test_southern_californian_harbours_are_excluded(place):
    """Places in which ships lie side by side day and night are ports, in both views."""
    lat, lon = HARBOURS[place]
    assert ZoneSet.shipped().excluded([lat], [lon])[0]
    assert Ports.shipped().in_port([lat], [lon])[0]


def test_lightering_positions_at_sea_are_not_excluded():
    """Four known positions of tanker transfers off Southern California are watched, far from land, in no port."""
    lat, lon = np.array(LIGHTERING).T
    zones = ZoneSet.shipped()
    for asked in (zones, zones.everywhere()):
        assert asked.watched(lat, lon).all()
    assert not Ports.shipped().in_port([*lat, 33.591], [*lon, -118.171]).any()
    assert (distance_to_shore_m(lat, lon) > 40_000).all()


def test_zones_discs_and_in_port_agree():
    """The discs drawn as polygons and the distances agree but for a sliver at the rim."""
    ports = Ports.shipped()
    discs = ZoneSet(ports.zones())
    rng = np.random.default_rng(3)
    pick = rng.choice(len(ports.ports), 4000)
    lat = np.array([ports.ports[i].lat for i in pick]) + rng.uniform(-0.15, 0.15, pick.size)
    lon = np.array([ports.ports[i].lon for i in pick]) + rng.uniform(-0.2, 0.2, pick.size)
    assert (discs.excluded(lat, lon) != ports.in_port(lat, lon)).mean() < 0.002


def test_the_shipped_set_is_read_once_and_has_a_digest():
    """Two askers get one set; its digest is 64 hexadecimal digits and differs from that of watching everywhere."""
    zones = ZoneSet.shipped()
    assert zones is ZoneSet.shipped()
    assert len(zones.digest) == 64
    assert zones.digest != zones.everywhere().digest
    assert "watched" in repr(zones)


@pytest.mark.real_data
def test_labelled_meetings_of_the_real_days_are_not_in_ports(shared_data):
    """Every labelled meeting at sea, the benign ones too, lies outside all exclusions."""
    with (shared_data / "labels" / "socal-2018-events.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 5
    lat, lon = [float(row["lat"]) for row in rows], [float(row["lon"]) for row in rows]
    assert ZoneSet.shipped().everywhere().watched(lat, lon).all()
