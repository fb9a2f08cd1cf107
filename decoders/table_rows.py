"""Makes reports of the rows that stand under one header, or that have one number of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.errors import UnreadableInput
from decoders.reports import Array, PositionReports, StaticReports, add_counts
from decoders.table_format import DIMENSIONS, TEXT_COLUMNS, Column, Dimensions, Format, Record
from decoders.table_statics import repeats_of_row_before
from decoders.table_times import HOUR_US, nearest_day, read_times
from decoders.table_values import Fields, Texts
from decoders.validity import clean_positions, clean_statics

READ = "read"
UNKNOWN_RECORD = "refused:unknown_record"
BAD_TIME = "refused:bad_time"
BAD_VALUE = "refused:bad_value"
MILLISECOND_US = 1000
_Judged = tuple[NDArray[np.bool_], dict[str, int]]


def missing_columns(table: Format, names: list[str]) -> list[str]:
    """The columns that a format needs and that a header with these names does not have."""
    needed = {table.time.column, *([table.time.milliseconds] if table.time.milliseconds else [])}
    for record in table.records:
        needed |= set(record.where)
        for column in record.number_columns() + record.text_columns():
            needed |= set() if column.optional else set(column.keys)
    return sorted(needed - set(names))


@dataclass(frozen=True, slots=True)
class Rows:
    """What some rows gave: report columns in pieces, and every row in one class."""

    positions: list[PositionReports]
    statics: list[StaticReports]
    lines: dict[str, int]
    messages: dict[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a format stand among ``fields`` fields: ``places`` by column key."""

    table: Format
    fields: int
    places: Mapping[str, int]
    records: tuple[Record, ...]

    @classmethod
    def by_index(cls, table: Format, fields: int) -> Layout:
        """For rows without a header: the records that have this many fields."""
        records = tuple(record for record in table.records if fields in record.field_counts)
        return cls(table, fields, {str(index): index for index in range(fields)}, records)

    @classmethod
    def by_header(cls, table: Format, names: list[str], place: str) -> Layout:
        """For rows under a header; raises :class:`~decoders.errors.UnreadableInput` when a needed column is missing."""
        for name in missing_columns(table, names):
            raise UnreadableInput(place, f"header of format {table.name} has no column {name!r}")
        return cls(table, len(names), {name: i for i, name in reversed(list(enumerate(names)))}, table.records)

    def read(
        self, text: bytes | NDArray[np.uint8], offsets: Array, hour_us: int | None, *, adjoining: bool = False
    ) -> Rows:
        """Reports of the rows in ``text``: lines of ``fields`` fields; ``offsets`` are those of the lines.

        ``adjoining`` says that no other rows of the input that may hold statics stand between these.
        """
        times = self.table.time
        numbers = {i for r in self.records for c in r.number_columns() if not c.is_coded for i in self._at(c)}
        texts = {i for r in self.records for c in r.text_columns() for i in self._at(c)}
        texts |= {i for r in self.records for c in r.number_columns() if c.is_coded for i in self._at(c)}
        texts |= {self.places[key] for record in self.records for key in record.where}
        if times.milliseconds is not None:
            numbers.add(self.places[times.milliseconds])
        fields = Fields(
            text,
            self.fields,
            delimiter=self.table.delimiter,
            quote=self.table.quote,
            encoding=self.table.encoding,
            missing=self.table.missing,
            numbers=numbers,
            texts=texts,
            raw=[self.places[times.column]],
        )
        time_us, bad_time = self._times(fields, hour_us)
        made = Rows([], [], {}, {})
        left = np.ones(len(offsets), bool)
        with_statics = sum(bool(record.static or record.dimensions) for record in self.records)
        sieve = adjoining and self.table.collapse_statics and with_statics == 1
        for record in self.records:
            mine = left.copy()
            for key, pattern in record.where.items():
                mine &= fields.matching(self.places[key], pattern)
            left &= ~mine
            add_counts(made.lines, {BAD_TIME: int((mine & bad_time).sum())})
            mine &= ~bad_time
            if mine.any():
                _RecordRows(self, record, fields, mine, made, sieve=sieve).read(time_us, offsets)
        add_counts(made.lines, {UNKNOWN_RECORD: int(left.sum())})
        return made

    def _at(self, column: Column) -> list[int]:
        return [self.places[key] for key in column.keys if key in self.places]

    def number(self, fields: Fields, column: Column) -> tuple[Array, NDArray[np.bool_]] | None:
        """The numbers of a column and their bad rows; None where an optional column is not in this header."""
        at = self._at(column)
        return fields.numbers(column, at) if at else None

    def text(self, fields: Fields, column: Column) -> Texts | None:
        """The texts of a column; None where an optional column is not in this header."""
        at = self._at(column)
        return fields.texts(column, at) if at else None

    def _times(self, fields: Fields, hour_us: int | None) -> tuple[Array, NDArray[np.bool_]]:
        rule = self.table.time
        time_us, bad = read_times(fields.raw(self.places[rule.column]), rule.forms)
        if hour_us is not None:
            time_us = nearest_day(time_us, hour_us)
        if rule.milliseconds is not None:
            values, wrong = fields.numbers(Column((rule.milliseconds,)), [self.places[rule.milliseconds]])
            values = np.nan_to_num(values, nan=0.0)
            bad = bad | wrong | ~((values >= 0) & (values < 2000))  # real deliveries carry over: 1002 ms
            time_us = time_us + np.where(bad, 0, values * MILLISECOND_US).astype(np.int64)
        return time_us, bad


class _RecordRows:
    """The rows of one record among those of a layout."""

    def __init__(self, layout: Layout, record: Record, fields: Fields, mine: Array, made: Rows, *, sieve: bool) -> None:
        self._layout, self._record, self._fields, self._made = layout, record, fields, made
        self._sieve = sieve  # leave out repeated statics early: right only where no row of another kind stands between
        self._mine = mine
        self._bad = np.zeros(len(mine), bool)

    def read(self, time_us: Array, offsets: Array) -> None:
        record = self._record
        gives = bool(record.position or record.static or record.dimensions)
        mmsi = self._whole(record.mmsi) if gives and record.mmsi is not None else np.zeros(len(time_us))
        msg_type = self._msg_type()
        position = {name: self._number(column) for name, column in record.position.items()}
        numbers = {n: self._number(c) for n, c in record.static.items() if n not in TEXT_COLUMNS}
        texts = {n: self._layout.text(self._fields, c) for n, c in record.static.items() if n in TEXT_COLUMNS}
        numbers |= self._dimensions(record.dimensions)
        rows = np.flatnonzero(self._mine & ~self._bad)
        add_counts(self._made.lines, {BAD_VALUE: int((self._mine & self._bad).sum())})
        shared = {"time_us": time_us[rows], "mmsi": mmsi[rows], "msg_type": msg_type[rows], "offset": offsets[rows]}
        used = np.full(len(rows), not gives)
        refused: dict[str, int] = {}
        known = {n: t for n, t in texts.items() if t is not None}
        own = {n: v[rows] for n, v in position.items()}
        if record.static_rides_on_position:
            used, refused = self._positions(shared, own, np.zeros(len(rows), bool))
            if known or numbers:
                there = {name: column[used] for name, column in shared.items()}
                self._statics(there, rows[used], numbers, known, only=False)
        else:
            if record.static or record.dimensions:
                used, refused = self._statics(shared, rows, numbers, known, only=not record.position)
            if record.position:
                used, refused = self._positions(shared, own, used)
        add_counts(self._made.lines, refused)
        add_counts(self._made.lines, {READ: int(used.sum())})
        counts = np.bincount(msg_type[rows][used], minlength=1)
        add_counts(self._made.messages, {int(kind): int(counts[kind]) for kind in np.flatnonzero(counts)})

    def _positions(self, shared: dict[str, Array], own: dict[str, Array], has_static: Array) -> _Judged:
        """Adds the positions; the rows of which position or static part is used, and the others by reason."""
        raw = shared | own
        if self._record.station_class is not None:
            raw["msg_type"] = self._station_class()[np.flatnonzero(self._mine & ~self._bad)]
        positions, refused, keep = clean_positions(raw)
        self._made.positions.append(positions)
        if refused and has_static.any():
            wasted = ~keep & ~has_static
            refused = clean_positions({name: column[wasted] for name, column in raw.items()})[1]
        return keep | has_static, refused

    def _statics(
        self, shared: dict[str, Array], rows: Array, numbers: dict[str, Array], texts: dict[str, Texts], *, only: bool
    ) -> _Judged:
        """Adds the static reports; the rows that hold one (with ``only`` also empty messages), the others by reason."""
        content = np.zeros(len(rows), bool)
        numbers = {name: values[rows] for name, values in numbers.items()}
        for values in numbers.values():
            content |= np.nan_to_num(values) != 0
        for column in texts.values():
            content |= column.filled()[rows]
        wanted = np.flatnonzero(content)
        if self._sieve and len(wanted):
            compared = [column.codes[rows][wanted] for column in texts.values()]
            compared += [column[wanted] for column in numbers.values()]
            hour = shared["time_us"][wanted] // HOUR_US
            wanted = wanted[~repeats_of_row_before(shared["mmsi"][wanted], hour, compared)]
        raw = {name: column[wanted] for name, column in shared.items()}
        raw |= {name: values[wanted] for name, values in numbers.items()}
        raw |= {name: column.rows(rows[wanted]) for name, column in texts.items()}
        statics, _, _ = clean_statics(raw)
        self._made.statics.append(statics)
        _, refused, keep = clean_statics({"time_us": shared["time_us"], "mmsi": shared["mmsi"]})
        return keep if only else content & keep, refused

    def _number(self, column: Column) -> Array:
        found = self._layout.number(self._fields, column)
        if found is None:
            return np.full(len(self._bad), np.nan)
        values, bad = found
        self._bad |= bad
        return values

    def _whole(self, column: Column) -> Array:
        values = self._number(column)
        with np.errstate(invalid="ignore"):
            self._bad |= np.isfinite(values) & (values != np.floor(values))
        return values

    def _msg_type(self) -> Array:
        given = self._record.msg_type
        if isinstance(given, int):
            return np.full(len(self._bad), given, np.uint8)
        values = self._whole(given)
        with np.errstate(invalid="ignore"):
            outside = ~((values >= 1) & (values <= 27))
        self._bad |= outside
        return np.where(outside, 0, values).astype(np.uint8)

    def _station_class(self) -> Array:
        """The message type that stands for the station's class, 0 where the row does not say."""
        column = self._record.station_class
        found = None if column is None else self._layout.number(self._fields, column)
        return np.zeros(len(self._bad), np.uint8) if found is None else np.nan_to_num(found[0]).astype(np.uint8)

    def _dimensions(self, ways: tuple[Dimensions, ...]) -> dict[str, Array]:
        """Distances from the antenna: for length and width each the first way of which the row holds a part."""
        made: dict[str, Array] = {}
        for axis, names in (("length", DIMENSIONS[:2]), ("width", DIMENSIONS[2:])):
            one = np.full(len(self._bad), np.nan)
            other = one.copy()
            for way in ways:
                parts = [self._number(column) for column in getattr(way, axis)]
                a, b = (parts[0] / 2, parts[0] / 2) if len(parts) == 1 else parts
                here = np.isnan(one) & np.isnan(other) & ~(np.isnan(a) & np.isnan(b))
                one = np.where(here, np.nan_to_num(a), one)
                other = np.where(here, np.nan_to_num(b), other)
            made[names[0]], made[names[1]] = one, other
        return made if ways else {}
