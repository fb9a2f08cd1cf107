"""The files of one archived day: written whole, read by row group, merged when they grow many."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from decoders.reports import PositionReports
from shipwatch.archive_rows import SCHEMA, from_table, in_archive_order, to_table

LEAST_GROUP_ROWS, MOST_GROUP_ROWS = 2_048, 65_536
"""Rows in a row group, the least that is read of a file beside its footer."""
_GROUP_COST_ROWS = 100
"""What one more row group costs (some 1,100 bytes of footer, and worse packing), in rows of some 18 bytes."""
MERGE_ROWS = 500_000
"""Rows in memory while parts are merged, unless one ship alone has more in a day."""
ATTEMPTS = 100

_DICTIONARY = ["mmsi", "sog_kn", "cog_deg", "heading_deg", "nav_status", "msg_type", "utc_second", "station"]
_DELTA = {"time_us": "DELTA_BINARY_PACKED", "offset": "DELTA_BINARY_PACKED"}


class ArchiveError(RuntimeError):
    """The archive cannot be read or written; the message names the file."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a day."""

    path: Path
    rows: int


def part_paths(folder: Path) -> list[Part]:
    """The day's files with their row counts; one that is merged away meanwhile is left out."""
    parts = []
    for path in sorted(folder.glob("part-*.parquet")):
        with contextlib.suppress(FileNotFoundError):
            parts.append(Part(path, _opened(path).metadata.num_rows))
    return parts


def group_rows(rows: int) -> int:
    """Rows in each row group of a file of so many: footer and one row group together are then the least to read.

    >>> group_rows(100_000), group_rows(2_000_000), group_rows(30_000_000)
    (3162, 14142, 54772)
    """
    return min(max(math.isqrt(rows * _GROUP_COST_ROWS), LEAST_GROUP_ROWS), MOST_GROUP_ROWS)


def write_part(folder: Path, blocks: Iterator[PositionReports], rows_about: int) -> Path | None:
    """Write sorted blocks as one further file of the day, synced and put in place whole; None for no rows.

    ``rows_about`` is how many they are, more or less: it sets the size of the row groups.
    """
    half, file = _half_file(folder)
    size = group_rows(rows_about)
    try:
        with file:
            rows = 0
            with pq.ParquetWriter(
                file, SCHEMA, compression="zstd", use_dictionary=_DICTIONARY, column_encoding=_DELTA,
                write_statistics=["mmsi", "time_us"],
            ) as writer:  # fmt: skip
                for block in blocks:
                    writer.write_table(to_table(block), row_group_size=size)
                    rows += len(block)
            if not rows:
                return None
            file.flush()
            os.fsync(file.fileno())
            return _put_in_place(folder, half)
    except (OSError, pa.ArrowException) as problem:
        raise ArchiveError(f"{folder}: cannot be written ({problem})") from problem
    finally:
        half.unlink(missing_ok=True)


def read_track(folder: Path, mmsi: int, start_us: int, end_us: int) -> PositionReports:
    """The day's rows of one ship and span, in no particular order; row groups without the ship are not read."""
    for _ in range(ATTEMPTS):
        try:
            return PositionReports.concat(
                rows
                for path in sorted(folder.glob("part-*.parquet"))
                for rows in _rows_between(_opened(path), mmsi, mmsi, start_us, end_us)
            )
        except FileNotFoundError:  # merged into another part between looking and opening: look again
            continue
    raise ArchiveError(f"{folder}: changes faster than it can be read")


def read_span(folder: Path, start_us: int, end_us: int) -> Iterator[PositionReports]:
    """The day's rows of a span, a row group at a time; a part that is merged away meanwhile is looked for again."""
    for _ in range(ATTEMPTS):
        try:
            files = [_opened(path) for path in sorted(folder.glob("part-*.parquet"))]
        except FileNotFoundError:
            continue
        for file in files:  # opened files are read to their end whatever becomes of their names
            yield from _rows_between(file, -(2**31), 2**31 - 1, start_us, end_us)
        return
    raise ArchiveError(f"{folder}: changes faster than it can be read")


def merge_parts(folder: Path, *, most: int) -> None:
    """Merge files of the day when there are more than ``most``: the small ones, or all of them where ``most`` is 1.

    Holds about ``MERGE_ROWS`` rows. Another merge at work on the day: nothing is done. A crash leaves rows twice at
    worst, which readers see once.
    """
    if len(list(folder.glob("part-*.parquet"))) <= most:
        return
    with _alone(folder / ".merging") as mine:
        if not mine:
            return
        parts = sorted(part_paths(folder), key=lambda part: part.rows)
        if len(parts) <= most:
            return
        chosen = parts if most == 1 else _small_ones(parts)
        rows = sum(part.rows for part in chosen)
        if write_part(folder, _merged([part.path for part in chosen]), rows) is not None:
            for part in chosen:
                part.path.unlink(missing_ok=True)
            _sync_folder(folder)


def sweep(folder: Path) -> None:
    """Remove half-written files of writers that are gone; those of living ones are locked and stay."""
    for half in folder.glob(".half-*"):
        with _alone(half, make=False) as mine:
            if mine:
                half.unlink(missing_ok=True)


def _small_ones(parts: list[Part]) -> list[Part]:
    """From the smallest up, each part not more than twice what is below it: every row is rewritten few times."""
    chosen, below = parts[:2], sum(part.rows for part in parts[:2])
    for part in parts[2:]:
        if part.rows > 2 * below:
            break
        chosen.append(part)
        below += part.rows
    return chosen


def _merged(paths: list[Path]) -> Iterator[PositionReports]:
    """All rows of sorted files in order, a range of ships at a time."""
    files = [_opened(path) for path in paths]
    groups: list[tuple[int, int]] = []
    for file in files:
        groups.extend((_span(file, group)[1], file.metadata.row_group(group).num_rows) for group in range(_count(file)))
    low, rows = -(2**31), 0
    bounds: list[tuple[int, int]] = []
    for last, count in sorted(groups):
        rows += count
        if rows >= MERGE_ROWS and last >= low:
            bounds.append((low, last))
            low, rows = last + 1, 0
    bounds.append((low, 2**31 - 1))
    for first, last in bounds:
        found = [rows for file in files for rows in _rows_between(file, first, last, -(2**63), 2**63 - 1)]
        block = in_archive_order(PositionReports.concat(found))
        if len(block):
            yield block


def _rows_between(file: Any, first: int, last: int, start_us: int, end_us: int) -> Iterator[PositionReports]:
    for group in range(_count(file)):
        low, high = _span(file, group)
        if high < first or low > last:
            continue
        rows = from_table(file.read_row_group(group))
        yield rows.take(
            (rows.mmsi >= first) & (rows.mmsi <= last) & (rows.time_us >= start_us) & (rows.time_us < end_us)
        )


def _opened(path: Path) -> Any:
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as problem:
        raise ArchiveError(f"{path}: no archive file ({problem})") from problem


def _count(file: Any) -> int:
    return int(file.metadata.num_row_groups)


def _span(file: Any, group: int) -> tuple[int, int]:
    """Lowest and highest MMSI of a row group."""
    held = file.metadata.row_group(group).column(_MMSI_AT).statistics
    return (int(held.min), int(held.max)) if held is not None and held.has_min_max else (-(2**31), 2**31 - 1)


_MMSI_AT = SCHEMA.get_field_index("mmsi")


def _half_file(folder: Path) -> tuple[Path, Any]:
    """A new file under a name that readers do not look at, locked, so that ``sweep`` knows that its writer lives."""
    for number in range(ATTEMPTS):
        half = folder / f".half-{os.getpid()}-{number}"
        try:
            file = half.open("xb")
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return half, file
        except (FileExistsError, BlockingIOError):
            continue
        except OSError as problem:
            raise ArchiveError(f"{half}: cannot be written ({problem.strerror})") from problem
    raise ArchiveError(f"{folder}: too many half-written files")


def _put_in_place(folder: Path, half: Path) -> Path:
    """A name of its own: a link fails where a rename would overwrite another writer's part."""
    taken = [int(path.stem.removeprefix("part-")) for path in folder.glob("part-*.parquet")]
    number = max(taken, default=0)
    while True:
        number += 1
        path = folder / f"part-{number:08d}.parquet"
        try:
            os.link(half, path)
        except FileExistsError:
            continue
        _sync_folder(folder)
        return path


@contextlib.contextmanager
def _alone(path: Path, make: bool = True) -> Iterator[bool]:
    """Whether nobody else holds the lock of this file; held until the end of the block."""
    try:
        file = path.open("ab" if make else "rb")
    except OSError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _sync_folder(folder: Path) -> None:
    at = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
