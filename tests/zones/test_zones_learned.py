"""Ports and anchorages are learned where enough ships lay still long enough, and nowhere else."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from decoders.parquet_reports import write_reports
from decoders.reports import Batch, PositionReports
from geofences.learning import HOUR_US, StillShips
from geofences.zone_files import read_zone_files
from shipwatch.cli import app

T0 = 1_700_000_000_000_000 // HOUR_US * HOUR_US


def lying(ships: int, hours: int, lat: float, lon: float, sog: float = 0.1, first: int = 0) -> PositionReports:
    """Ships that lie within 100 m of a point, heard every 20 minutes."""
    rng = np.random.default_rng(ships * 1000 + hours)
    count = hours * 3
    times = np.tile(T0 + np.arange(count) * HOUR_US // 3, ships)
    return PositionReports.of(
        time_us=times, mmsi=np.repeat(311_000_000 + first + np.arange(ships), count),
        lat_deg=np.full(len(times), lat) + rng.uniform(-5e-4, 5e-4, len(times)), lon_deg=np.full(len(times), lon),
        sog_kn=np.full(len(times), sog), msg_type=np.ones(len(times)),
    )  # fmt: skip


def learned(*parts: PositionReports, cuts: int = 1, vessels: int = 20, hours: int = 12) -> StillShips:
    rows = PositionReports.concat(parts)
    rows = rows.take(np.argsort(rows.time_us, kind="stable"))
    still = StillShips()
    for low, high in pairwise(np.linspace(0, len(rows), cuts + 1).astype(int).tolist()):
        part = rows.take(slice(low, high))
        still.add(part.mmsi, part.time_us, part.lat_deg, part.lon_deg, part.sog_kn)
    return still


def test_an_anchorage_is_where_twenty_ships_lay_half_a_day() -> None:
    """Fewer ships, shorter stays and ships under way make none."""
    still = learned(
        lying(20, 13, 1.2475, 103.8), lying(19, 13, 10.0, 103.8, first=100), lying(30, 11, 20.0, 103.8, first=200),
        lying(30, 30, 30.0, 103.8, sog=4.0, first=300),
    )  # fmt: skip
    (zone,) = still.zones()
    assert zone.kind == "excluded" and zone.name.startswith("Learned: ")
    assert zone.geometry.bounds == pytest.approx((103.797, 1.242, 103.808, 1.253), abs=0.004)


def test_touching_cells_are_one_area_and_far_ones_two() -> None:
    """Names differ even where the nearest place is the same."""
    near = [lying(20, 13, 1.2475 + 0.005 * n, 103.8, first=100 * n) for n in range(3)]
    zones = learned(*near, lying(20, 13, 1.3025, 103.8, first=900)).zones()
    assert len(zones) == 2 and len({zone.name for zone in zones}) == 2


def test_blocks_cut_anywhere_give_the_same_areas() -> None:
    """An hour that two blocks share counts once."""
    parts = (lying(20, 12, 1.2475, 103.8), lying(20, 11, 5.0, 103.8, first=100))
    whole = learned(*parts).zones()
    assert len(whole) == 1
    assert [zone.geometry for zone in learned(*parts, cuts=37).zones()] == [zone.geometry for zone in whole]


def test_cells_at_180_degrees_and_near_the_pole_stay_in_the_world() -> None:
    """What is learned can be read as a zone file."""
    zones = learned(lying(20, 13, 0.0025, 179.9999), lying(20, 13, 84.9925, 20.0, first=50)).zones()
    assert len(zones) == 2
    assert all(zone.geometry.bounds[0] >= -180 and zone.geometry.bounds[2] <= 180 for zone in zones)


def test_the_command_writes_a_zone_file_that_the_watch_reads(tmp_path: Path) -> None:
    """From a Parquet file of reports to a file for [zones] files."""
    write_reports(tmp_path / "reports.parquet", [Batch(lying(6, 14, 1.2475, 103.8))])
    out = tmp_path / "learned.geojson"
    done = CliRunner().invoke(
        app, ["zones", "learn", str(tmp_path / "reports.parquet"), "--out", str(out), "--vessels", "5"]
    )
    assert done.exit_code == 0, done.output
    assert "1 areas" in done.output
    (zone,) = read_zone_files([out])
    assert zone.kind == "excluded" and json.loads(out.read_text())["features"][0]["properties"]["source"]
