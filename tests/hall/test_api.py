"""`import shipwatch as sw`."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import shipwatch as sw
from alerts.designations import Designation, DesignationSet, Snapshot
from decoders.reports import PositionReports, StaticReports
from shipwatch.engine.rules import preset

START_US = 1_741_939_200_000_000  # 2025-03-14T08:00:00Z


def alongside(lat: float = 29.0, lon: float = 124.0) -> sw.Reports:
    """Two invented tankers side by side for four hours, one fix every two minutes each."""
    minutes = np.arange(0, 240, 2)
    times = np.repeat(START_US + minutes * 60_000_000, 2)
    positions = PositionReports.of(
        time_us=times, mmsi=np.tile([538000001, 538000002], len(minutes)), lat_deg=np.full(len(times), lat),
        lon_deg=lon + np.tile([0.0, 0.0004], len(minutes)), sog_kn=np.full(len(times), 0.5),
        cog_deg=np.zeros(len(times)), heading_deg=np.zeros(len(times)), msg_type=np.full(len(times), 1),
        utc_second=np.zeros(len(times)),
    )  # fmt: skip
    statics = StaticReports.of(
        time_us=[START_US, START_US], mmsi=[538000001, 538000002], imo=[9074729, 9000003],
        name=["INVENTED ONE", "INVENTED TWO"], ship_type=[80, 80], to_bow_m=[90, 90], to_stern_m=[90, 90],
        to_port_m=[15, 15], to_starboard_m=[15, 15], msg_type=[5, 5],
    )  # fmt: skip
    return sw.Reports.of(positions, statics)


@pytest.mark.slow
def test_found_events_are_geodataframes() -> None:
    """Points in EPSG:4326, times timezone-aware, one alert for the meeting."""
    found = sw.find(alongside())
    assert found.rendezvous.crs == "EPSG:4326"
    assert len(found.rendezvous) == 1
    row = found.rendezvous.iloc[0]
    assert {row["mmsi_a"], row["mmsi_b"]} == {538000001, 538000002}
    assert str(found.rendezvous["start"].dt.tz) == "UTC"
    assert len(found.alerts) == 1
    assert len(found.gaps) == 0
    assert "duration_s" in found.gaps.columns


@pytest.mark.slow
def test_zones_decide_where_is_watched() -> None:
    """Outside every zone nothing is found, unless everywhere, or a zone of one's own."""
    far = alongside(lat=-35.0, lon=-25.0)
    assert sw.find(far).rendezvous.empty
    assert len(sw.find(far, everywhere=True).rendezvous) == 1
    mine = gpd.GeoDataFrame(
        {"name": ["Mine"], "kind": ["watched"]}, geometry=[shapely.box(-26, -36, -24, -34)], crs="EPSG:4326"
    )
    assert sw.find(far, zones=mine).alerts[0].incident.zones == ("Mine",)


@pytest.mark.slow
def test_rules_of_others_can_be_used() -> None:
    """A preset finds the same plain meeting."""
    assert len(sw.find(alongside(), rules=preset("gfw")).rendezvous) == 1


@pytest.mark.slow
def test_screening_adds_matches_and_a_revision() -> None:
    """The same events, assessed against a list."""
    listed = Designation(list="invented", entry="7", names=("INVENTED ONE",), imo=9074729)
    lists = DesignationSet([Snapshot("invented-1", "invented", "0", "2025-01-01", (listed,))])
    found = sw.find(alongside())
    assert found.matches.empty
    screened = sw.screen(found, lists=lists)
    assert screened.matches["tier"].tolist() == ["exact"]
    assert screened.alerts[0].revision == found.alerts[0].revision + 1
    again = sw.find(alongside(), lists=lists)
    assert {alert.incident.kind for alert in again.alerts} == {"rendezvous", "sighting"}
    assert again.matches["tier"].tolist() == ["exact", "exact"]


def test_files_are_read_when_asked_for(tmp_path: Path) -> None:
    """Nothing is opened before; what cannot be read is an error then."""
    reports = sw.read(tmp_path / "absent.csv")
    with pytest.raises(OSError, match="not found"):
        sw.find(reports)
    with pytest.raises(OSError, match="not found"):
        _ = reports.positions


@pytest.mark.slow
def test_outputs(tmp_path: Path) -> None:
    """GeoJSON, and the four files of a replay."""
    found = sw.find(alongside())
    assert len(gpd.read_file(found.to_geojson(tmp_path / "events.geojson"))) == 1
    assert [p.name for p in found.write(tmp_path)] == ["alerts.jsonl", "events.parquet", "events.geojson", "run.json"]
    assert len(alongside().to_geodataframe()) == 240


@pytest.mark.slow
def test_drawing_without_folium_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra."""
    import sys

    monkeypatch.setitem(sys.modules, "folium", None)
    with pytest.raises(ImportError, match="shipwatch-sts\\[explore\\]"):
        sw.find(alongside()).explore()


def test_unknown_names_are_attribute_errors() -> None:
    """The lazy door does not hide typing errors."""
    with pytest.raises(AttributeError, match="serach"):
        sw.serach  # noqa: B018
    assert "find" in dir(sw)
    assert sw.__version__
