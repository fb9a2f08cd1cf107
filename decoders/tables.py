"""Reads historical AIS tables (CSV and logs, as ``decoders/formats`` describes them) into columns, block by block.

Every line ends in one class: ``read``, ``comment`` (header lines and ``#`` lines), ``blank`` or ``refused:<reason>``,
the reasons being ``wrong_field_count``, ``unknown_record``, ``bad_time``, ``bad_value`` (text where a number belongs)
and those of :mod:`decoders.validity`. A row with an unusable position is ``read`` when its static part is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

from decoders import table_codes as kernel
from decoders.errors import UnreadableInput
from decoders.reports import Batch, PositionReports, StaticReports, add_counts
from decoders.streams import MAX_LINE_BYTES
from decoders.table_descriptions import format_named
from decoders.table_format import Format
from decoders.table_headers import header_names
from decoders.table_lines import RowReader, Text
from decoders.table_plan import Plan, missing_columns, plan_by_header, plan_by_index
from decoders.table_rows import BAD_TIME, BAD_VALUE, UNKNOWN_RECORD, Rows, reports_of
from decoders.table_statics import LastStatics
from decoders.table_times import file_hour_us

COMMENT, BLANK = "comment", "blank"
WRONG_FIELD_COUNT = "refused:wrong_field_count"
_CLASSES = (BLANK, COMMENT, WRONG_FIELD_COUNT, UNKNOWN_RECORD, BAD_TIME, BAD_VALUE)  # as the kernel counts them
_BOM = b"\xef\xbb\xbf"


def read_table(
    blocks: Iterable[tuple[int, bytes | memoryview]], format_name: str, *, file_name: str, statics: bool = True
) -> Iterator[Batch]:
    """One batch for each block of a table; what the batches hold together does not depend on how the input was cut.

    ``blocks`` are (byte offset, bytes) of whole lines in order, whose memory may be used again for the next block;
    ``file_name`` is the input's name (logs with only the time of day on their rows take the date from it; a folder
    before it does not matter) and the place in errors.
    Without ``statics`` the static part of rows is not looked at. Bad rows are counted, never raised. Raises
    :class:`~decoders.errors.FormatError` for an unknown format name and
    :class:`~decoders.errors.UnreadableInput` when the header lacks columns or the file name its date.

    >>> rows = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Length,Width\\n"
    >>> rows += b"244660000,2022-01-03T00:00:05,52.5,4.25,0.1,10.0,511,EXAMPLE,IMO9074729,PABC,80,100,20\\n"
    >>> batch, = read_table([(0, rows)], "marinecadastre", file_name="rows.csv")
    >>> batch.positions.lat_deg.tolist(), batch.statics.imo.tolist(), dict(batch.lines)
    ([52.5], [9074729], {'comment': 1, 'read': 1})
    """
    reader = _Reader(format_named(format_name), file_name, statics)
    for number, (at, block) in enumerate(blocks):
        skip = len(_BOM) if number == 0 and block[: len(_BOM)] == _BOM else 0
        yield reader.read(at + skip, block[skip:])


class _Reader:
    """What must be remembered from block to block: the header's plan and each ship's last static report."""

    def __init__(self, table: Format, file_name: str, statics: bool) -> None:
        self._table = table
        self._file_name = file_name
        self._with_statics = statics
        self._last = LastStatics()
        self._rows = RowReader()
        self._header: bytes | None = None
        self._plan: Plan | None = None
        hour_us: int | None = None
        if table.time.file_name is not None:
            hour_us = file_hour_us(table.time.file_name, file_name.replace("\\", "/").rsplit("/", 1)[-1])
        if not table.header:
            self._plan = plan_by_index(table, hour_us, statics=statics)

    def read(self, at: int, block: bytes | memoryview) -> Batch:
        counts = self._rows.counts
        counts[:] = 0
        text = Text.of(block)
        begin = 0
        if self._plan is None:
            begin, self._plan = self._first_header(block)
        parts: list[Rows] = []
        not_header = -1
        while self._plan is not None and begin < len(block):
            for parsed in self._rows.read(self._plan, text, begin, at, not_header):
                parts.append(reports_of(self._table, parsed))
            begin, following = self._rows.header_at
            if begin < 0:
                break
            plan = self._plan_of(_line(block, begin)[0])
            if plan is None:
                not_header = begin
            else:
                counts[kernel.COMMENT] += 1
                begin, self._plan = following, plan
        lines, first_places = {}, {}
        for name, count, place in zip(_CLASSES, counts.tolist(), counts[kernel.CLASSES :].tolist(), strict=False):
            if count:
                lines[name] = count
                if name.startswith("refused:"):
                    first_places[name] = at + place
        messages: dict[int, int] = {}
        for part in parts:
            add_counts(lines, part.lines)
            first_places = {**part.first_places, **first_places}
            add_counts(messages, part.messages)
        statics = StaticReports.concat([part.statics for part in parts])
        if self._table.collapse_statics:
            statics = self._last.news(statics)
        positions = PositionReports.concat([part.positions for part in parts])
        return Batch(positions, statics, lines, messages, first_places=first_places)

    def _first_header(self, block: bytes | memoryview) -> tuple[int, Plan | None]:
        """Where the line behind the header starts, and its plan; None while there are only blank lines."""
        begin = 0
        while begin < len(block):
            line, following = _line(block, begin)
            if line.strip():
                plan = self._plan_of(line)
                if plan is None:
                    self._refuse(line)
                self._rows.counts[kernel.COMMENT] += 1
                return following, plan
            self._rows.counts[kernel.BLANK] += 1
            begin = following
        return begin, None

    def _plan_of(self, line: bytes) -> Plan | None:
        """The plan under this header line; None if it is no header of the format."""
        if line == self._header:
            return self._plan
        names = header_names(line, self._table)
        if not set(self._table.header) <= set(names) or missing_columns(self._table, names):
            return None
        delimiter = self._table.delimiter.encode()
        head = line.split(delimiter, 1)[0] + delimiter
        self._header = line
        return plan_by_header(self._table, names, self._file_name, statics=self._with_statics, head=head)

    def _refuse(self, line: bytes) -> NoReturn:
        names = header_names(line, self._table)
        missing = [name for name in self._table.header if name not in names]
        if missing:
            raise UnreadableInput(self._file_name, f"no header of format {self._table.name}: no column {missing[0]!r}")
        missing = missing_columns(self._table, names)
        raise UnreadableInput(self._file_name, f"header of format {self._table.name} has no column {missing[0]!r}")


def _line(block: bytes | memoryview, begin: int) -> tuple[bytes, int]:
    """The line that starts there, without its end, and where the next one starts."""
    size = MAX_LINE_BYTES
    while True:
        line = bytes(block[begin : begin + size])
        stop = line.find(b"\n") + 1
        if stop or begin + size >= len(block):
            break
        size *= 4
    line = line[: stop or len(line)]
    return line.removesuffix(b"\n").removesuffix(b"\r").replace(b"\r", b" "), begin + len(line)


def warm() -> None:
    """Have the kernel compiled, or loaded from the cache."""
    rows = b"mmsi;lon;lat;date_time_utc;sog;cog;true_heading;nav_status;message_nr\n1;2;3;2020-01-01 00:00:00;;;;;1\n"
    for _ in read_table([(0, rows)], "kystverket", file_name="warm"):
        pass
