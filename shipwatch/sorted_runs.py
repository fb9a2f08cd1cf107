"""Sorted chunks of reports, in memory or laid down as Arrow files, read from the front a window at a time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from decoders.reports import Array, PositionReports, StaticReports

Kind = type[PositionReports] | type[StaticReports]


class Run:
    """One sorted chunk: a list of report blocks, with a place up to which it has been taken."""

    def __init__(self, blocks: Iterable[Any], rows: int, source: Any = None) -> None:
        self._blocks = list(blocks)
        self._block = 0
        self._row = 0
        self.left = rows
        self._source = source  # keeps the memory map open as long as its columns are in use

    def window_times(self, rows: int) -> Array:
        """Times of the next ``rows`` rows, fewer at the end; nothing is taken."""
        parts = [block.time_us[start:stop] for block, start, stop in self._pieces(rows)]
        if len(parts) == 1:
            return np.asarray(parts[0])
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def take(self, rows: int) -> Any:
        """The next ``rows`` rows as reports; the chunk moves on behind them."""
        pieces = self._pieces(rows)
        taken = [block.take(slice(start, stop)) for block, start, stop in pieces]
        kind = type(self._blocks[0])
        for _ in pieces[:-1]:
            self._block, self._row = self._block + 1, 0
        if pieces:
            self._row = pieces[-1][2]
        self.left -= rows
        return kind.concat(taken)

    def _pieces(self, rows: int) -> list[tuple[Any, int, int]]:
        pieces: list[tuple[Any, int, int]] = []
        at, row, wanted = self._block, self._row, min(rows, self.left)
        while wanted > 0:
            block = self._blocks[at]
            stop = min(len(block), row + wanted)
            if stop > row or not pieces:
                pieces.append((block, row, stop))
            wanted -= stop - row
            at, row = at + 1, 0
        return pieces


def memory_run(reports: PositionReports | StaticReports) -> Run:
    """A chunk that stays in memory."""
    return Run([reports], len(reports))


def spill(path: Path, blocks: Iterable[Any]) -> Path:
    """Write sorted blocks of one kind of reports as one uncompressed Arrow file; returns the path."""
    writer: pa.ipc.RecordBatchFileWriter | None = None
    with pa.OSFile(str(path), "wb") as sink:
        for block in blocks:
            record = _to_arrow(block)
            if writer is None:
                writer = pa.ipc.new_file(sink, record.schema)
            writer.write_batch(record)
        if writer is not None:
            writer.close()
    return path


def spilled_run(path: Path, kind: Kind) -> Run:
    """A chunk in a file that ``spill`` wrote, mapped into memory: columns are read when they are taken."""
    source = pa.memory_map(str(path), "r")
    reader = pa.ipc.open_file(source)
    blocks = [_from_arrow(reader.get_batch(i), kind) for i in range(reader.num_record_batches)]
    return Run(blocks, sum(len(block) for block in blocks), source)


def _to_arrow(reports: Any) -> Any:
    arrays = {}
    for name, column in reports.columns().items():
        flat = np.ascontiguousarray(column)
        if flat.dtype.kind in "US":
            width = flat.dtype.itemsize
            kind = pa.binary(width)
            arrays[name] = pa.Array.from_buffers(kind, len(flat), [None, pa.py_buffer(flat.view(np.uint8))])
        else:
            arrays[name] = pa.array(flat, from_pandas=False)
    return pa.RecordBatch.from_pydict(arrays)


def _from_arrow(record: Any, kind: Kind) -> Any:
    columns = {}
    for name, dtype in kind.DTYPES.items():
        array = record.column(name)
        columns[name] = np.frombuffer(array.buffers()[1], dtype, count=len(array), offset=0)
    return kind(**columns)
