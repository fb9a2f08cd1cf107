"""Reads historical AIS tables (CSV and logs, as ``decoders/formats`` describes them) into columns, block by block.

Every line ends in one class: ``read``, ``comment`` (header lines and ``#`` lines), ``blank`` or ``refused:<reason>``,
the reasons being ``wrong_field_count``, ``unknown_record``, ``bad_time``, ``bad_value`` (text where a number belongs)
and those of :mod:`decoders.validity`. A row with an unusable position is ``read`` when its static part is used.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from decoders.errors import UnreadableInput
from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts
from decoders.table_descriptions import format_named, formats
from decoders.table_format import Format
from decoders.table_lines import Lines, cut_lines, field_counts
from decoders.table_rows import Layout, Rows, missing_columns
from decoders.table_statics import LastStatics
from decoders.table_times import file_hour_us

Reports = TypeVar("Reports", PositionReports, StaticReports)

__all__ = ["formats", "match_format", "read_table"]

READ, COMMENT, BLANK = "read", "comment", "blank"
WRONG_FIELD_COUNT = "refused:wrong_field_count"
_BOM = b"\xef\xbb\xbf"
_SHAPE_LINES = 50  # lines of a sample that are held against a shape
_SHAPE_SHARE = 0.8  # of them that must fit: logs begin and end in the middle of noise


def match_format(sample: bytes) -> str | None:
    """The name of the table format that the first bytes of an input are in, by header line or by shape of the lines.

    Of several formats whose header names are all there, the one that asks for the most wins. None if no format fits.

    >>> match_format(b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName\\n")
    'marinecadastre'
    """
    lines = [line for line in sample.removeprefix(_BOM).splitlines() if line.strip()]
    if not lines:
        return None
    best: tuple[int, str] | None = None
    for table in formats():
        if table.header:
            names = _header_names(lines[0], table)
            if set(table.header) <= set(names) and (best is None or len(table.header) > best[0]):
                best = (len(table.header), table.name)
        elif best is None and table.shape is not None:
            whole = lines[: _SHAPE_LINES + 1][:-1] or lines  # the last line of a sample may be cut
            fitting = sum(table.shape.fullmatch(line) is not None for line in whole)
            if fitting >= _SHAPE_SHARE * len(whole):
                best = (0, table.name)
    return None if best is None else best[1]


def read_table(blocks: Iterable[tuple[int, bytes]], format_name: str, *, file_name: str) -> Iterator[Batch]:
    """One batch for each block of a table; what the batches hold together does not depend on how the input was cut.

    ``blocks`` are (byte offset, bytes) of whole lines in order; ``file_name`` is the input's name (logs with only the
    time of day on their rows take the date from it; a folder before it does not matter) and the place in errors. Bad
    rows are counted, never raised. Raises :class:`~decoders.errors.FormatError` for an unknown format name and
    :class:`~decoders.errors.UnreadableInput` when the header lacks columns or the file name its date.

    >>> rows = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Length,Width\\n"
    >>> rows += b"244660000,2022-01-03T00:00:05,52.5,4.25,0.1,10.0,511,EXAMPLE,IMO9074729,PABC,80,100,20\\n"
    >>> batch, = read_table([(0, rows)], "marinecadastre", file_name="rows.csv")
    >>> batch.positions.lat_deg.tolist(), batch.statics.imo.tolist(), dict(batch.lines)
    ([52.5], [9074729], {'comment': 1, 'read': 1})
    """
    reader = _Reader(format_named(format_name), file_name)
    for number, (at, block) in enumerate(blocks):
        yield reader.read(cut_lines(at, block, opening=number == 0))


class _Reader:
    """What must be remembered from block to block: the header's layout and each ship's last static report."""

    def __init__(self, table: Format, file_name: str) -> None:
        self._table = table
        self._file_name = file_name
        self._last = LastStatics()
        self._header: bytes | None = None
        self._layouts: dict[int, Layout] = {}  # by number of fields
        self._hour_us: int | None = None
        if table.time.file_name is not None:
            self._hour_us = file_hour_us(table.time.file_name, file_name.replace("\\", "/").rsplit("/", 1)[-1])
        if not table.header:
            counts = {count for record in table.records for count in record.field_counts}
            self._layouts = {count: Layout.by_index(table, count) for count in counts}

    def read(self, lines: Lines) -> Batch:
        counted: dict[str, int] = {}
        messages: dict[int, int] = {}
        blank = lines.blank()
        add_counts(counted, {BLANK: int(blank.sum())})
        todo = ~blank
        parts: list[Rows] = []
        if self._table.header:
            header_lines = self._header_lines(lines, todo)
            comments = todo & lines.starting_with(b"#")
            comments[header_lines] = True
            add_counts(counted, {COMMENT: int(comments.sum())})
            todo &= ~comments
            start = 0
            for line in [*header_lines, len(lines)]:
                piece = np.flatnonzero(todo[start:line]) + start
                if len(piece):
                    parts += self._read_rows(lines, piece, counted)
                start = line
                if line < len(lines):
                    self._take_header(lines.bytes_of(line))
        elif todo.any():
            parts = self._read_rows(lines, np.flatnonzero(todo), counted)
        for part in parts:
            add_counts(counted, part.lines)
            add_counts(messages, part.messages)
        positions = PositionReports.concat([piece for part in parts for piece in part.positions])
        statics = StaticReports.concat([piece for part in parts for piece in part.statics])
        positions = _in_order(positions, positions.offset)
        statics = _in_order(statics, statics.offset)
        if self._table.collapse_statics:
            statics = self._last.news(statics)
        return Batch(positions, statics, {name: count for name, count in counted.items() if count}, messages)

    def _read_rows(self, lines: Lines, rows: Array, counted: dict[str, int]) -> list[Rows]:
        """The rows of lines that stand under one header, one part for each number of fields."""
        counts, rewritten = field_counts(lines, self._table.delimiter, self._table.quote)
        own = np.zeros(len(lines), bool)
        own[rows] = True
        odd = np.zeros(len(lines), bool)
        odd[list(rewritten)] = True
        offsets = lines.offsets()
        made: list[Rows] = []
        known = np.zeros(len(lines), bool)
        for fields, layout in self._layouts.items():
            mine = own & (counts == fields)
            known |= mine
            plain, strange = np.flatnonzero(mine & ~odd), np.flatnonzero(mine & odd)
            if len(plain):
                adjoining = len(self._layouts) == 1 and not len(strange)
                made.append(layout.read(lines.gathered(plain), offsets[plain], self._hour_us, adjoining=adjoining))
            if len(strange):
                text = b"".join(rewritten[line] for line in strange.tolist())
                made.append(layout.read(text, offsets[strange], self._hour_us))
        add_counts(counted, {WRONG_FIELD_COUNT: int((own & ~known).sum())})
        return made

    def _header_lines(self, lines: Lines, todo: Array) -> list[int]:
        """Header lines: the first line of the input, and later ones where files were put one after another."""
        found: list[int] = []
        if self._header is None:
            first = np.flatnonzero(todo)
            if not len(first):
                return []
            found.append(int(first[0]))
            start = lines.bytes_of(found[0])
        else:
            start = self._header
        start = start.split(self._table.delimiter.encode(), 1)[0]
        for line in np.flatnonzero(todo & lines.starting_with(start + self._table.delimiter.encode())).tolist():
            if line not in found:
                names = _header_names(lines.bytes_of(line), self._table)
                if set(self._table.header) <= set(names) and not missing_columns(self._table, names):
                    found.append(line)
        return found

    def _take_header(self, line: bytes) -> None:
        if line == self._header:
            return
        names = _header_names(line, self._table)
        missing = [name for name in self._table.header if name not in names]
        if missing:
            raise UnreadableInput(self._file_name, f"no header of format {self._table.name}: no column {missing[0]!r}")
        self._header = line
        self._layouts = {len(names): Layout.by_header(self._table, names, self._file_name)}


def _header_names(line: bytes, table: Format) -> list[str]:
    text = line.decode(table.encoding, "replace").replace("\r", " ")
    reader = csv.reader([text], delimiter=table.delimiter, quotechar=table.quote or None,
                        quoting=csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE)  # fmt: skip
    try:
        return [name.strip() for name in next(reader, [])]
    except csv.Error:
        return []


def _in_order(reports: Reports, offsets: Array) -> Reports:
    if len(offsets) < 2 or (offsets[1:] >= offsets[:-1]).all():
        return reports
    return reports.take(np.argsort(offsets, kind="stable"))
