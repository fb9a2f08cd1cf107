"""What one ship's track costs in the archive, beside the whole: time and bytes read.

    python benchmarks/archive.py [DAYS] [SHIPS] [REPORTS_A_DAY]

Writes an invented archive (each ship reports all day, at random intervals), compacts it, and reads one ship over all
days. Bytes are those of the row groups that are read and of the files' footers (counted, not estimated: every read of
the Parquet library goes through a counting file). CPU time; a year is the days scaled.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pyarrow as pa

from decoders.reports import PositionReports
from shipwatch import archive_parts
from shipwatch.archive import Archive
from shipwatch.archive_rows import DAY_US

START_US = 20_000 * DAY_US


def day_of(number: int, ships: int, reports: int) -> PositionReports:
    """One day of all ships: slow walks with tenths of knots and ten-thousandths of minutes, as AIS sends them."""
    rng = np.random.default_rng(number)
    rows = ships * reports
    ship = np.repeat(np.arange(ships), reports)
    lat = 30 + (ship % 300) / 10 + np.cumsum(rng.normal(0, 1e-5, rows))
    lon = (ship // 300) + np.cumsum(rng.normal(0, 1e-5, rows))
    order = rng.permutation(rows)
    return PositionReports.of(
        time_us=START_US + number * DAY_US + rng.integers(0, 86_400, rows) * 1_000_000, mmsi=200_000_000 + ship * 7,
        lat_deg=np.round(lat * 600_000) / 600_000, lon_deg=np.round(lon * 600_000) / 600_000,
        sog_kn=np.round(rng.gamma(1, 4, rows), 1), cog_deg=np.round(rng.uniform(0, 360, rows), 1) % 360,
        heading_deg=rng.integers(0, 360, rows), nav_status=rng.choice([0, 1, 5], rows),
        msg_type=rng.choice([1, 3], rows), utc_second=rng.integers(0, 60, rows),
        station=rng.choice([b"north", b"south"], rows), offset=np.arange(rows) * 80,
    ).take(order)  # fmt: skip


class CountingFile:
    """A file that counts what is read of it."""

    total = 0

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        data = self._file.read(size)
        CountingFile.total += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def main() -> None:
    """Write, compact, read; print."""
    days, ships, reports = (int(a) for a in (*sys.argv[1:4], *("30", "2000", "200")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive(Path(folder))
        started = process_time()
        for number in range(days):
            archive.append(day_of(number, ships, reports))
        archive.flush()
        archive.compact()
        rows = sum(count for _, count in archive.rows())
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        print(f"{rows:,} rows of {ships:,} ships on {days} days: {size / 1e6:,.0f} MB, {size / rows:.1f} bytes a row "
              f"(written, compacted and invented in {process_time() - started:.1f} s of CPU)")  # fmt: skip
        real = archive_parts.pq.ParquetFile
        archive_parts.pq.ParquetFile = lambda path: real(pa.PythonFile(CountingFile(path), mode="r"))
        span = (START_US, START_US + days * DAY_US)
        pa.set_cpu_count(1)
        for name, read in (
            ("one ship", lambda: len(archive.track(200_000_000 + ships // 2 * 7, *span))),
            ("all ships", lambda: sum(len(block) for block in archive.blocks(*span))),
        ):
            CountingFile.total, started = 0, process_time()
            count = read()
            seconds = process_time() - started
            read_mb, year = CountingFile.total / 1e6, 365 / days
            print(
                f"{name}: {count:,} rows, {seconds * 1000:,.0f} ms of CPU, {read_mb:,.2f} MB read; "
                f"a year at this rate: {seconds * year:.2f} s, {read_mb * year:,.0f} MB"
            )


if __name__ == "__main__":
    main()
