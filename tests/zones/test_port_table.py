"""The table of ports and what is asked of it."""

from __future__ import annotations

import numpy as np
import pytest

from geofences.errors import PortTableError
from geofences.ports import Port, Ports, in_port, nearest_place, place_text
from geofences.sphere import distance_m


def test_the_shipped_table_is_of_the_larger_ports():
    """A thousand or so, each with a radius of kilometres; those of the DPRK are in it."""
    ports = Ports.shipped().ports
    assert 500 < len(ports) < 1500
    assert all(2_000 <= port.radius_m <= 20_000 for port in ports)
    assert {"Nampo", "Wonsan", "Ch'ongjin", "Najin"} <= {p.name for p in ports if p.country == "North Korea"}


def test_nearest_is_what_a_loop_finds():
    """Index and metres equal those of a loop over all ports, over 180 and near the poles too; NaN has none."""
    table = Ports(
        [
            Port("A", "X", 0, 179.9, "Small", 5e3),
            Port("B", "X", 70, 10, "Small", 5e3),
            Port("C", "X", -60, -179, "Small", 5e3),
        ]
    )
    rng = np.random.default_rng(0)
    lat, lon = rng.uniform(-89, 89, 500), rng.uniform(-180, 180, 500)
    index, metres = table.nearest(lat, lon)
    every = np.array([distance_m(p.lat, p.lon, lat, lon) for p in table.ports])
    assert np.array_equal(index, every.argmin(axis=0))
    assert np.allclose(metres, every.min(axis=0))
    index, metres = table.nearest([np.nan], [0.0])
    assert index[0] == -1
    assert np.isnan(metres[0])


def test_a_place_is_told_by_distance_and_bearing_from_a_port():
    """Bearing is from the port to the point; the text is in nautical miles and points of the compass."""
    place = nearest_place(38.55, 125.19)
    assert (place.name, place.country) == ("Nampo", "North Korea")
    assert place.distance_m == pytest.approx(26_000, rel=0.05)
    assert place.bearing_deg == pytest.approx(224.5, abs=2)
    assert place_text(38.55, 125.19) == "14 nm SW of Nampo, North Korea"
    assert place_text(38.717, 125.4) == "at Nampo, North Korea"
    with pytest.raises(ValueError, match="nearest"):
        nearest_place(float("nan"), 0.0)


def test_in_port_is_within_the_radius():
    """True inside a port's radius, false outside and for NaN, right at 180."""
    table = Ports([Port("A", "X", 0, 179.99, "Small", 5_000)])
    assert table.in_port([0, 0, 0, np.nan], [-179.99, -179.9, 179.99, 0]).tolist() == [True, False, True, False]
    assert in_port([31.2167, 30.0], [121.5, -45.0]).tolist() == [True, False]
    assert not Ports([]).in_port([0.0], [0.0])[0]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("A,X,95,0,Small,5000", "p.csv:3: lat '95'"),
        ("A,X,nan,0,Small,5000", "lat 'nan'"),
        ("A,X,0,east,Small,5000", "lon 'east'"),
        ("A,X,0,0,Huge,5000", "size 'Huge'"),
        ("A,X,0,0,Small,0", "radius_m '0'"),
        ("A,X,0,0,Small,1e9", "radius_m '1e9'"),
        ("A,X,0", "3 fields instead of 6"),
        (",X,0,0,Small,5", "empty"),
        ("A,X,0,0,Small,5000\nA,X,1,1,Small,5000", "p.csv:4: A, X stands twice"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path, row, says):
    """Comments count as lines; the value is shown."""
    path = tmp_path / "p.csv"
    path.write_text(f"# source\nname,country,lat,lon,size,radius_m\n{row}\n", "utf-8")
    with pytest.raises(PortTableError, match=says):
        Ports.from_csv(path)


def test_wrong_columns_and_no_file_are_refused(tmp_path):
    """Both with the path."""
    path = tmp_path / "p.csv"
    path.write_text("a,b\n", "utf-8")
    with pytest.raises(PortTableError, match=r"p\.csv:1: columns"):
        Ports.from_csv(path)
    with pytest.raises(PortTableError, match="cannot be read"):
        Ports.from_csv(tmp_path / "none.csv")
