"""Tests of the table formats on the real tables and logs that lie beside the checkout."""

from __future__ import annotations

import csv
import gzip
import io
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from decoders.reading import read_file
from decoders.reports import Batch, PositionReports, StaticReports, add_counts

pytestmark = pytest.mark.real_data
TABLES = {
    "dma-2026-04-26.csv.gz": "danish_dma",
    "exactearth-2021-07-01.csv.gz": "exactearth",
    "marinecadastre-2022-01-03.csv.gz": "marinecadastre",
    "marinecadastre-2023-01-11.csv.gz": "marinecadastre",
}


def decode(path: Path) -> tuple[PositionReports, StaticReports, dict[str, int]]:
    """All of a file, and its counted classes."""
    kept: list[Batch] = list(read_file(path))
    lines: dict[str, int] = {}
    for batch in kept:
        add_counts(lines, batch.lines)
        assert sum(batch.messages.values()) == batch.lines.get("read", 0)
    positions = PositionReports.concat(batch.positions for batch in kept)
    return positions, StaticReports.concat(batch.statics for batch in kept), lines


@pytest.mark.parametrize("name", list(TABLES))
def test_real_tables_add_up(shared_data: Path, name: str):
    """Every line of each table is counted once, nearly all of them as read."""
    path = shared_data / "ais" / "tables" / name
    positions, statics, lines = decode(path)
    assert sum(lines.values()) == gzip.decompress(path.read_bytes()).count(b"\n")
    assert lines["comment"] == 1 and lines["read"] > 0.99 * sum(lines.values())
    assert len(positions) > 0.85 * lines["read"] and len(statics) > 0


def test_real_logs_add_up(shared_data: Path):
    """All 326,327 lines of the 72 hourly logs are counted; each hour's reports lie within two minutes of its hour."""
    total: dict[str, int] = {}
    files = sorted((shared_data / "ais" / "socal-2018").glob("*.gz"))
    assert len(files) == 72
    for path in files:
        positions, _, lines = decode(path)
        add_counts(total, lines)
        hour = datetime.strptime(path.name[10:19], "%y%m%d-%H").replace(tzinfo=UTC).timestamp()
        into_hour_s = positions.time_us / 1e6 - hour
        assert into_hour_s.min() > -120 and into_hour_s.max() < 3720
    assert sum(total.values()) == 326_327
    assert total["read"] > 0.999 * 326_327


def test_marinecadastre_equals_a_plain_loop(shared_data: Path):
    """Column by column the same as reading the file with Python's csv module, row by row."""
    path = shared_data / "ais" / "tables" / "marinecadastre-2022-01-03.csv.gz"
    positions, statics, _ = decode(path)
    rows = [
        row
        for row in csv.DictReader(io.StringIO(gzip.decompress(path.read_bytes()).decode()))
        if 1 <= int(row["MMSI"]) <= 999_999_999
    ]
    assert len(rows) == len(positions)

    def floats(name: str, end: float, lowest: float = 0.0) -> np.ndarray:
        values = [float(row[name]) if row[name] else math.nan for row in rows]
        return np.array([value if lowest <= value < end else math.nan for value in values])

    times = [int(datetime.fromisoformat(row["BaseDateTime"] + "+00:00").timestamp()) * 1_000_000 for row in rows]
    assert positions.time_us.tolist() == times
    assert positions.mmsi.tolist() == [int(row["MMSI"]) for row in rows]
    np.testing.assert_array_equal(positions.lat_deg, floats("LAT", 90, -90))
    np.testing.assert_array_equal(positions.lon_deg, floats("LON", 180, -180))
    np.testing.assert_array_equal(positions.sog_kn, floats("SOG", 102.25).astype(np.float32))
    np.testing.assert_array_equal(positions.cog_deg, floats("COG", 360).astype(np.float32))
    np.testing.assert_array_equal(positions.heading_deg, floats("Heading", 360).astype(np.float32))
    status = [int(row["Status"]) if row["Status"] not in ("", "15") else -1 for row in rows]
    assert positions.nav_status.tolist() == status
    ours = set(
        zip(statics.mmsi.tolist(), statics.imo.tolist(), statics.name.tolist(), statics.callsign.tolist(), strict=True)
    )
    theirs = {
        (
            int(row["MMSI"]),
            int(row["IMO"][3:] or 0),
            row["VesselName"].strip()[:20].strip(),
            row["CallSign"].strip()[:7],
        )
        for row in rows
        if any(
            row[name].removeprefix("IMO").strip("0.")
            for name in ("IMO", "VesselName", "CallSign", "VesselType", "Length", "Width", "Draft")
        )
    }
    assert ours == theirs
