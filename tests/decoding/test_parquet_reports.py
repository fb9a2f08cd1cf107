"""Tests of writing report columns to files and reading our own Parquet back."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from decoders.errors import FormatError, UnreadableInput
from decoders.parquet_reports import read_parquet, statics_path, write_reports
from decoders.reports import Batch, PositionReports, StaticReports


def batches() -> list[Batch]:
    """Two batches and an empty one between, with values that are not available and hostile texts."""
    positions = PositionReports.of(
        time_us=[1, 2, 3], mmsi=[244660000, 244660001, 244660002],
        lat_deg=[1.5, -2.25, 3.0], lon_deg=[179.9, -179.9, 0],
        sog_kn=[0.5, np.nan, 3], nav_status=[5, -1, 0], msg_type=[1, 18, 1], station=[b"north", b"", b"=x"],
        offset=[0, 80, 160],
    )  # fmt: skip
    statics = StaticReports.of(
        time_us=[1, 2, 3, 4], mmsi=[244660000] * 4, imo=[9074729, 0, 0, 0],
        name=["=HYPERLINK(1)", "-A", "ROVER, OLD", ""],
        callsign=["+1", "@SUM", 'Q"X', ""], destination=["Ö > Å", "\tX", "", "A=1"], draught_m=[np.nan, 1, 2, 3],
    )  # fmt: skip
    return [Batch(positions, statics), Batch(), Batch(positions.take(slice(0, 1)), StaticReports.empty())]


def test_parquet_comes_back_as_it_was(tmp_path: Path):
    """What is written as Parquet is read back value by value, "not available" included."""
    path = tmp_path / "reports.parquet"
    assert write_reports(path, batches()) == (4, 4)
    back = list(read_parquet(path))
    for kind, name in ((PositionReports, "positions"), (StaticReports, "statics")):
        was = kind.concat(getattr(batch, name) for batch in batches())
        now = kind.concat(getattr(batch, name) for batch in back)
        for column, values in was.columns().items():
            assert getattr(now, column).dtype == values.dtype
            np.testing.assert_array_equal(values, getattr(now, column), err_msg=column)
    assert sum(batch.lines.get("read", 0) for batch in back) == 4


def test_not_available_is_null_in_the_file(tmp_path: Path):
    """Other programs see null, not our fill values."""
    path = tmp_path / "reports.parquet"
    write_reports(path, batches())
    table = pq.read_table(path)
    assert table["sog_kn"].null_count == 1 and table["nav_status"].to_pylist() == [5, None, 0, 5]
    statics = pq.read_table(tmp_path / "reports.statics.parquet")
    assert statics["imo"].to_pylist() == [9074729, None, None, None] and statics["name"].to_pylist()[3] is None


def test_csv_cells_cannot_be_formulas(tmp_path: Path):
    """Text that a spreadsheet would run gets a leading apostrophe; numbers and other text stay as they are."""
    path = tmp_path / "reports.csv"
    write_reports(path, batches())
    with statics_path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["'=HYPERLINK(1)", "'-A", "ROVER, OLD", ""]
    assert [row["callsign"] for row in rows] == ["'+1", "'@SUM", 'Q"X', ""]
    assert [row["destination"] for row in rows] == ["Ö > Å", "'\tX", "", "A=1"]
    with path.open(encoding="utf-8", newline="") as file:
        positions = list(csv.DictReader(file))
    assert positions[1]["lat_deg"] == "-2.25" and positions[1]["sog_kn"] == "" and positions[2]["station"] == "'=x"


def test_arrow_file_holds_the_same(tmp_path: Path):
    """The Arrow file form has the same columns and rows."""
    path = tmp_path / "reports.arrow"
    write_reports(path, batches())
    with pa.ipc.open_file(path) as file:
        assert file.read_all()["mmsi"].to_pylist() == [244660000, 244660001, 244660002, 244660000]


def test_nothing_written_still_makes_both_files(tmp_path: Path):
    """An input without reports gives files with columns and no rows."""
    path = tmp_path / "reports.parquet"
    assert write_reports(path, []) == (0, 0)
    assert list(read_parquet(path)) == []
    assert pq.read_schema(path).names == list(PositionReports.DTYPES)


def test_a_failed_run_leaves_the_old_files(tmp_path: Path):
    """When the decoding raises half way, what stood there stays and nothing half written is left behind."""
    path = tmp_path / "reports.parquet"
    write_reports(path, batches())
    before = path.read_bytes()

    def failing():
        yield batches()[0]
        raise UnreadableInput("x.gz", "damaged")

    with pytest.raises(UnreadableInput):
        write_reports(path, failing())
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["reports.parquet", "reports.statics.parquet"]


def test_unknown_suffix_and_foreign_parquet_are_errors_with_the_file(tmp_path: Path):
    """A suffix that we do not write, a missing, damaged or foreign Parquet file: each is told with its name."""
    with pytest.raises(FormatError, match=r"reports\.xlsx: .*\.parquet, \.csv, \.arrow"):
        write_reports(tmp_path / "reports.xlsx", [])
    with pytest.raises(UnreadableInput, match=r"none\.parquet"):
        list(read_parquet(tmp_path / "none.parquet"))
    (tmp_path / "bad.parquet").write_bytes(b"PAR1rubbishPAR1")
    with pytest.raises(UnreadableInput, match=r"bad\.parquet"):
        list(read_parquet(tmp_path / "bad.parquet"))
    pq.write_table(pa.table({"mmsi": [1]}), tmp_path / "foreign.parquet")
    with pytest.raises(UnreadableInput, match="not shipwatch's own"):
        list(read_parquet(tmp_path / "foreign.parquet"))
