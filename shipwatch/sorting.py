"""Report batches in any order to batches in time order, in bounded memory: archives are often sorted by ship.

Rows are gathered until a chunk is full; the chunk is sorted and laid down as an Arrow file; at the end all chunks are
merged, block by block. The order is (time, mmsi, every other column), so that it does not depend on how rows arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np

from decoders.reports import Array, Batch, PositionReports, StaticReports
from shipwatch.sorted_runs import Run, memory_run, spill, spilled_run

Reports = TypeVar("Reports", PositionReports, StaticReports)

CHUNK_ROWS = 2_000_000
"""Rows held before a chunk is laid down: about 300 MB while it is sorted."""
BLOCK_ROWS = 262_144
"""Rows merged and handed on at a time."""
MERGE_WIDTH = 100
"""Chunks merged at once; more are merged in passes, so that open files stay few."""


@dataclass
class SortCounts:
    """What a sort did: rows in, and chunks that had to go to disk."""

    positions: int = 0
    statics: int = 0
    chunks_on_disk: int = 0


def time_order(reports: PositionReports | StaticReports) -> Array | None:
    """Row numbers in order of (time, mmsi, every other column); None when the rows already stand in that order.

    >>> time_order(PositionReports.of(time_us=[2, 1], mmsi=[7, 8])).tolist()
    [1, 0]
    """
    if len(reports) < 2:
        return None
    time_us, mmsi = reports.time_us, reports.mmsi
    later = time_us[1:] > time_us[:-1]
    same_time = time_us[1:] == time_us[:-1]
    if bool(np.all(later | (same_time & (mmsi[1:] > mmsi[:-1])))):
        return None
    order = _order_by_time_and_mmsi(time_us, mmsi)
    # Rows that agree in time and mmsi (duplicates from several receivers, mostly) are few: only they see all columns.
    sorted_time, sorted_mmsi = time_us[order], mmsi[order]
    tied = (sorted_time[1:] == sorted_time[:-1]) & (sorted_mmsi[1:] == sorted_mmsi[:-1])
    if tied.any():
        member = np.zeros(len(order), bool)
        member[1:] |= tied
        member[:-1] |= tied
        rows = np.flatnonzero(member)
        picked = order[rows]
        others = [
            _sortable(column[picked]) for name, column in reports.columns().items() if name not in ("time_us", "mmsi")
        ]
        inner = np.lexsort([*reversed(others), mmsi[picked], time_us[picked]])
        order[rows] = picked[inner]
    return order


def in_time_order(
    batches: Iterable[Batch],
    *,
    chunk_rows: int = CHUNK_ROWS,
    block_rows: int = BLOCK_ROWS,
    folder: Path | None = None,
    counts: SortCounts | None = None,
) -> Iterator[Batch]:
    """Batches whose rows, positions and statics alike, stand in time order from one to the next.

    Holds about ``chunk_rows`` rows and lays the rest into a temporary folder (inside ``folder``, else the system's),
    which is gone when the iterator ends, is closed or fails. Line counts of the input are not handed on: the caller
    counts them as the batches come by. Of its ticks the last one comes as the last batch. No row is dropped.
    """
    counts = counts if counts is not None else SortCounts()
    with TemporaryDirectory(prefix="shipwatch-sort-", dir=folder) as temporary:
        positions = _Gatherer(PositionReports, Path(temporary), chunk_rows)
        statics = _Gatherer(StaticReports, Path(temporary), chunk_rows)
        tick_us: int | None = None
        for batch in batches:
            positions.add(batch.positions)
            statics.add(batch.statics)
            if batch.tick_us is not None:
                tick_us = batch.tick_us if tick_us is None else max(tick_us, batch.tick_us)
        counts.positions, counts.statics = positions.rows, statics.rows
        counts.chunks_on_disk = len(positions.files) + len(statics.files)
        yield from _merge(positions.runs(block_rows), statics.runs(block_rows), block_rows)
        if tick_us is not None:
            yield Batch(tick_us=tick_us)


class _Gatherer:
    """Gathers one kind of report into sorted chunks."""

    def __init__(self, kind: type[Any], folder: Path, chunk_rows: int) -> None:
        self.kind, self.folder, self.chunk_rows = kind, folder, chunk_rows
        self.held: list[Any] = []
        self.held_rows = 0
        self.rows = 0
        self.files: list[Path] = []
        self.made = 0

    def add(self, reports: Any) -> None:
        at = 0
        while at < len(reports):
            room = self.chunk_rows - self.held_rows
            part = reports if at == 0 and len(reports) <= room else reports.take(slice(at, at + room))
            self.held.append(part)
            self.held_rows += len(part)
            at += len(part)
            if self.held_rows >= self.chunk_rows:
                self.files.append(spill(self._next_path(), [self._sorted()]))
        self.rows += len(reports)

    def runs(self, block_rows: int) -> list[Run]:
        """All chunks, at most ``MERGE_WIDTH`` of them; the last one never went to disk."""
        while len(self.files) >= MERGE_WIDTH:
            first, self.files = self.files[:MERGE_WIDTH], self.files[MERGE_WIDTH:]
            merged = (
                self._kind_of(b) for b in self._merge_alone([spilled_run(f, self.kind) for f in first], block_rows)
            )
            self.files.append(spill(self._next_path(), merged))
            for file in first:
                file.unlink()
        last = self._sorted()
        return [*(spilled_run(file, self.kind) for file in self.files), *([memory_run(last)] if len(last) else [])]

    def _merge_alone(self, runs: list[Run], block_rows: int) -> Iterator[Batch]:
        return _merge(runs, [], block_rows) if self.kind is PositionReports else _merge([], runs, block_rows)

    def _kind_of(self, batch: Batch) -> Any:
        return batch.positions if self.kind is PositionReports else batch.statics

    def _sorted(self) -> Any:
        rows = self.kind.concat(self.held)
        self.held, self.held_rows = [], 0
        order = time_order(rows)
        return rows if order is None else rows.take(order)

    def _next_path(self) -> Path:
        self.made += 1
        return self.folder / f"{self.kind.__name__}-{self.made}.arrow"


def _merge(positions: list[Run], statics: list[Run], block_rows: int) -> Iterator[Batch]:
    """Blocks of all runs together. A block ends before the earliest instant that a run has not shown wholly yet."""
    runs = [*positions, *statics]
    width = smallest = max(1024, block_rows // max(1, len(runs)))
    while any(run.left for run in runs):
        windows = [run.window_times(width) for run in runs]
        # The last time in an unfinished window may go on behind it: only what is strictly earlier is complete.
        limits = [times[-1] for run, times in zip(runs, windows, strict=True) if len(times) < run.left]
        takes = [len(t) if not limits else int(np.searchsorted(t, min(limits), "left")) for t in windows]
        if not any(takes):  # one instant fills the whole window: look further
            width *= 2
            continue
        width = smallest
        taken = [run.take(count) for run, count in zip(runs, takes, strict=True)]
        yield Batch(
            positions=_joined(PositionReports, taken[: len(positions)]),
            statics=_joined(StaticReports, taken[len(positions) :]),
        )


def _joined(kind: type[Reports], parts: list[Any]) -> Reports:
    parts = [part for part in parts if len(part)]
    rows = kind.concat(parts)
    order = time_order(rows) if len(parts) > 1 else None
    return rows if order is None else rows.take(order)


def _order_by_time_and_mmsi(time_us: Array, mmsi: Array) -> Array:
    """Stable order by (time, mmsi): one sort of one integer key where both fit into 63 bits, as whole seconds do."""
    first = int(time_us.min())
    since = time_us - first
    for unit in (1_000_000, 1_000, 1):
        span = int(since.max()) // unit
        if (
            span < 2**33
            and int(mmsi.min()) >= 0
            and int(mmsi.max()) < 2**30
            and (unit == 1 or not np.any(since % unit))
        ):
            return np.argsort((since // unit << 30) | mmsi, kind="stable")
    return np.lexsort((mmsi, time_us))


def _sortable(column: Array) -> Array:
    """The column, with floats as integers of the same order-by-bits, so that NaN compares equal to itself."""
    if column.dtype.kind == "f":
        return column.view(f"i{column.dtype.itemsize}")
    return column
