"""The archive: every position once, by ship and time, whatever was appended how often and who was killed meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import PositionReports
from shipwatch import archive_parts
from shipwatch.archive import Archive
from shipwatch.archive_parts import ArchiveError
from shipwatch.archive_rows import DAY_US, in_archive_order

pytestmark = pytest.mark.slow

START_US = 1_741_939_200_000_000  # 2025-03-14T08:00:00Z
FOREVER = (-(2**62), 2**62)


def invented(rows: int, seed: int = 1, ships: int = 20, days: float = 2.5) -> PositionReports:
    """Positions of some ships over some days, in no order, many at equal instants, some fields not available."""
    rng = np.random.default_rng(seed)
    return PositionReports.of(
        time_us=START_US + rng.integers(0, max(1, int(days * 86400)), rows) * 1_000_000,
        mmsi=538000000 + rng.integers(0, ships, rows),
        lat_deg=rng.uniform(-90, 90, rows), lon_deg=rng.uniform(-180, 180, rows),
        sog_kn=np.where(rng.random(rows) < 0.2, np.nan, rng.uniform(0, 20, rows)),
        nav_status=rng.integers(-1, 15, rows),
        station=rng.choice([b"", b"harbour", b"0123456789abcdef"], rows), offset=np.arange(rows),
    )  # fmt: skip


def same(one: PositionReports, other: PositionReports) -> bool:
    return len(one) == len(other) and all(
        np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        for a, b in zip(one.columns().values(), other.columns().values(), strict=True)
    )


def of_ship(rows: PositionReports, mmsi: int, start_us: int, end_us: int) -> PositionReports:
    return in_archive_order(rows.take((rows.mmsi == mmsi) & (rows.time_us >= start_us) & (rows.time_us < end_us)))


def test_tracks_come_back_as_they_were(tmp_path: Path) -> None:
    """All columns of all rows of a ship, in the order of time, over days, before and after they are laid down."""
    rows = invented(20_000)
    archive = Archive(tmp_path, buffer_rows=3000)
    for at in range(0, len(rows), 700):
        archive.append(rows.take(slice(at, at + 700)))
    for _ in range(2):
        for mmsi in (538000000, 538000007):
            found = archive.track(mmsi, *FOREVER)
            assert same(found, of_ship(rows, mmsi, *FOREVER))
            assert {name: column.dtype for name, column in found.columns().items()} == {
                name: np.dtype(dtype) for name, dtype in PositionReports.DTYPES.items()
            }
        archive.compact()
    assert len(archive.track(1, *FOREVER)) == 0
    assert len(archive.track(538000000, START_US + 1, START_US)) == 0
    assert archive.days() == ["2025-03-14", "2025-03-15", "2025-03-16"]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-DAY_US, DAY_US), st.sampled_from([1.0, 2.0, np.nan])), max_size=60
    ),
    st.lists(st.sampled_from(["append", "flush", "compact", "reopen", "again"]), max_size=8),
    st.tuples(st.integers(-DAY_US, DAY_US), st.integers(-DAY_US, DAY_US)),
)
def test_any_way_of_appending_gives_the_same_track(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[int, int, float]],
    steps: list[str],
    span: tuple[int, int],
) -> None:
    """Any order, cuts, flushes, merges and repetitions: each report once, ends as stated (start in, end out)."""
    folder = tmp_path_factory.mktemp("archive")
    rows = PositionReports.of(
        time_us=[START_US + at for _, at, _ in drawn], mmsi=[538000000 + ship for ship, _, _ in drawn],
        lat_deg=[0.0] * len(drawn), lon_deg=[0.0] * len(drawn), sog_kn=[speed for *_, speed in drawn],
    )  # fmt: skip
    archive = Archive(folder, buffer_rows=10)
    size = len(rows) // (len(steps) + 1) + 1
    for number, step in enumerate([*steps, "append"]):
        piece = rows.take(slice(number * size, (number + 1) * size))
        archive.append(piece)
        if step == "again":
            archive.append(rows.take(slice(0, (number + 1) * size)))
        elif step == "reopen":
            archive.flush()
            archive = Archive(folder, buffer_rows=10)
        elif step != "append":
            getattr(archive, step)()
    for mmsi in range(538000000, 538000004):
        start, end = START_US + span[0], START_US + span[1]
        assert same(archive.track(mmsi, start, end), of_ship(rows, mmsi, start, end))


def test_a_day_is_sorted_by_ship_and_time_and_only_its_groups_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After compaction a day is one file in order, and a track of one ship opens one row group a day."""
    monkeypatch.setattr(archive_parts, "group_rows", lambda rows: 500)
    rows = invented(20_000, ships=200, days=1.5)
    with Archive(tmp_path, buffer_rows=2500) as archive:
        archive.append(rows)
        archive.append(rows)
        archive.compact()
    files = sorted(tmp_path.glob("day=*/*"))
    assert len([path for path in files if path.suffix == ".parquet"]) == 2
    total = 0
    for path in tmp_path.glob("day=*/*.parquet"):
        table = pq.read_table(path)
        key = table["mmsi"].to_numpy().astype(np.int64) * 2**33 + table["time_us"].to_numpy() // 1_000_000 % 2**33
        assert (np.diff(key) >= 0).all()
        total += len(table)
    assert total == len(in_archive_order(rows))
    read = []
    real = pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda self, i, *a, **k: read.append(i) or real(self, i, *a, **k)
    )
    assert same(Archive(tmp_path).track(538000100, *FOREVER), of_ship(rows, 538000100, *FOREVER))
    assert len(read) <= 4


class CountingFile:
    """A file that counts what is read of it."""

    total = 0

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        CountingFile.total += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def test_one_ships_month_is_a_small_part_of_the_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four days with a thousand ships, a track reads under an eighth of the bytes, footers included."""
    rows = invented(600_000, ships=1000, days=4)
    with Archive(tmp_path) as archive:
        archive.append(rows)
        archive.compact()
    size = sum(path.stat().st_size for path in tmp_path.rglob("*.parquet"))
    real = pq.ParquetFile
    monkeypatch.setattr(archive_parts.pq, "ParquetFile", lambda path: real(pa.PythonFile(CountingFile(path), mode="r")))
    CountingFile.total = 0
    assert same(Archive(tmp_path).track(538000500, *FOREVER), of_ship(rows, 538000500, *FOREVER))
    assert 0 < CountingFile.total < size / 8
    CountingFile.total = 0
    assert sum(len(block) for block in Archive(tmp_path).blocks(*FOREVER)) == len(in_archive_order(rows))
    assert CountingFile.total >= size


def test_small_parts_are_merged_as_they_come(tmp_path: Path) -> None:
    """A service that lays down a few rows every minute leaves few files, and rewrites each row few times."""
    rows = invented(1000, days=0.1)
    written: list[int] = []
    real = archive_parts.to_table

    with Archive(tmp_path) as archive, pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive_parts, "to_table", lambda block: written.append(len(block)) or real(block))
        for at in range(0, 1000, 10):
            archive.append(rows.take(slice(at, at + 10)))
            archive.flush()
        assert len(list(tmp_path.glob("day=*/part-*"))) <= 9
        assert sum(written) <= 10 * len(rows)
        assert same(archive.track(538000003, *FOREVER), of_ship(rows, 538000003, *FOREVER))


def test_merging_a_large_day_holds_a_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks in memory stay near the stated number of rows, whatever the day holds; nothing is lost."""
    monkeypatch.setattr(archive_parts, "MERGE_ROWS", 2000)
    monkeypatch.setattr(archive_parts, "group_rows", lambda rows: 200)
    blocks: list[int] = []
    real = archive_parts.to_table
    rows = invented(30_000, ships=300, days=0.5)
    archive = Archive(tmp_path, buffer_rows=5000)
    for at in range(0, len(rows), 1000):
        archive.append(rows.take(slice(at, at + 1000)))
    archive.flush()
    monkeypatch.setattr(archive_parts, "to_table", lambda block: blocks.append(len(block)) or real(block))
    archive.compact()
    assert sum(blocks) == len(in_archive_order(rows))
    assert max(blocks) <= 4500
    for mmsi in range(538000000, 538000300, 37):
        assert same(archive.track(mmsi, *FOREVER), of_ship(rows, mmsi, *FOREVER))


def _write(folder: str, seed: int) -> None:
    with Archive(Path(folder), buffer_rows=300) as archive:
        rows = invented(4000, seed=seed, days=1.2)
        for at in range(0, 4000, 100):
            archive.append(rows.take(slice(at, at + 100)))
        archive.compact()


@pytest.mark.slow
def test_two_processes_write_one_archive(tmp_path: Path) -> None:
    """Each writes its rows and merges while the other does, and a reader looks on: every row is there, once."""
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(tmp_path), seed)) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    most = 0
    while any(writer.is_alive() for writer in writers):
        seen = len(Archive(tmp_path).track(538000003, *FOREVER))
        assert seen >= most
        most = seen
    assert [writer.exitcode for writer in writers] == [0, 0]
    both = PositionReports.concat([invented(4000, seed=seed, days=1.2) for seed in (1, 2)])
    archive = Archive(tmp_path)
    archive.compact()
    for mmsi in (538000003, 538000011):
        wanted, found = of_ship(both, mmsi, *FOREVER), archive.track(mmsi, *FOREVER)
        assert same(found, wanted)
    assert sum(rows for _, rows in archive.rows()) == len(in_archive_order(both))


WRITER = """
import sys
import numpy as np
from pathlib import Path
from decoders.reports import PositionReports
from shipwatch.archive import Archive
archive = Archive(Path(sys.argv[1]))
n = int(sys.argv[2])
while True:
    at = np.arange(n, n + 50)
    archive.append(PositionReports.of(time_us=1_741_939_200_000_000 + at * 1_000_000, mmsi=538000000 + at % 3,
                                      lat_deg=at * 1e-4, lon_deg=at * 1e-4))
    archive.flush()
    n += 50
    print(n, flush=True)
"""


def test_kill_9_while_writing_leaves_a_readable_archive(tmp_path: Path) -> None:
    """What a flush returned for is there after every kill, and half-written files are swept."""
    here = Path(__file__).resolve().parents[2]
    said = 0
    for turn in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(said)], stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(here)},
        )  # fmt: skip
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        time.sleep(0.02 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        lines += process.stdout.readlines()
        process.stdout.close()
        said = int([line for line in lines if line.endswith(b"\n")][-1])
        found = Archive(tmp_path).track(538000000, *FOREVER)
        assert (found.time_us[: (said + 2) // 3] == START_US + np.arange(0, said, 3) * 1_000_000).all()
    half = tmp_path / "day=2025-03-14" / ".half-1-0"
    half.write_bytes(b"of a writer that is gone")
    Archive(tmp_path).compact()
    assert not list(tmp_path.glob("day=*/.half-*"))
    assert len(list(tmp_path.glob("day=*/part-*"))) == 1
    again = Archive(tmp_path).track(538000000, *FOREVER)
    assert len(again) >= len(found)


def test_a_failed_flush_keeps_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk the rows stay held, nothing half-written is seen, and the next flush lays them down."""
    rows = invented(500)
    archive = Archive(tmp_path)
    archive.append(rows)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ArchiveError, match="No space left"):
        archive.flush()
    monkeypatch.undo()
    assert not list(tmp_path.glob("day=*/*"))
    assert same(archive.track(538000003, *FOREVER), of_ship(rows, 538000003, *FOREVER))
    archive.flush()
    assert same(Archive(tmp_path).track(538000003, *FOREVER), of_ship(rows, 538000003, *FOREVER))


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    """Damage is told with the file's name, not read around in silence."""
    with Archive(tmp_path) as archive:
        archive.append(invented(100, days=0.1))
    (path,) = tmp_path.glob("day=*/part-*")
    path.write_bytes(b"no parquet")
    with pytest.raises(ArchiveError, match=path.name):
        Archive(tmp_path).track(538000003, *FOREVER)


def test_replaying_into_a_store_archives_beside_it_once(tmp_path: Path) -> None:
    """`replay --store` twice: the run names the folder, and each position is there once."""
    from typer.testing import CliRunner

    from shipwatch.cli import app
    from shipwatch.ledger import Ledger

    minutes = range(0, 90, 3)
    lines = [
        "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo"
    ]
    for mmsi, lat in ((538000001, 30.0), (538000002, 30.001)):
        lines += [
            f"{mmsi},2025-03-14T{8 + m // 60:02d}:{m % 60:02d}:00,{lat},123.5,0.1,0,511,INVENTED,,,80,1,,,,"
            for m in minutes
        ]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    store = tmp_path / "deep" / "ships.db"
    for _ in range(2):
        done = CliRunner().invoke(app, ["replay", str(tmp_path / "a.csv"), "--store", str(store), "--json"])
        assert done.exit_code == 0, done.output
    archive = Archive(Archive.beside(str(store)))
    assert len(archive.track(538000002, *FOREVER)) == len(minutes)
    assert list(archive.rows()) == [("2025-03-14", 2 * len(minutes))]
    with Ledger(str(store)) as ledger:
        assert [run["archive"] for run in ledger.runs()] == [str((tmp_path / "deep" / "archive").resolve())] * 2
