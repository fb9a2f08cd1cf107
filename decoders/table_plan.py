"""Turns a format description, and the columns that an input really has, into the arrays that drive the kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from decoders import table_codes as kernel
from decoders.errors import FormatError, UnreadableInput
from decoders.reports import Array
from decoders.table_format import EPOCHS, TEXT_COLUMNS, Column, Format, Record
from decoders.table_rows import dimension_name
from decoders.table_times import pieces_of

_POSITION_SLOTS = {
    "lat_deg": kernel.LAT, "lon_deg": kernel.LON, "sog_kn": kernel.SOG, "cog_deg": kernel.COG,
    "heading_deg": kernel.HEADING, "nav_status": kernel.STATUS, "utc_second": kernel.SECOND,
}  # fmt: skip
_TIME_PARTS = {"Y": kernel.YEAR, "M": kernel.MONTH, "D": kernel.DAY, "h": kernel.HOUR, "m": kernel.MINUTE,
               "s": kernel.SECONDS, "f": kernel.FRACTION}  # fmt: skip
_QUICK = {kernel.NUMBER: 1, kernel.WHOLE: 2}  # what the kernel may read as a number of the row without looking twice
MOST_RECORDS = 60
_LOOKS_NUMERIC = re.compile(r"[+-]?[\d.]")


def missing_columns(table: Format, names: list[str]) -> list[str]:
    """The columns that a format needs and that a header with these names does not have."""
    needed = {table.time.column, *([table.time.milliseconds] if table.time.milliseconds else [])}
    for record in table.records:
        needed |= set(record.where)
        for column in record.number_columns() + record.text_columns():
            needed |= set() if column.optional else set(column.keys)
    return sorted(needed - set(names))


@dataclass(frozen=True)
class Coded:
    """A column that is read as words: what each word stands for, and which conditions of ``where`` it meets."""

    key: str
    values: Mapping[str, float] | None
    patterns: tuple[re.Pattern[str], ...]

    def meaning(self, word: bytes, encoding: str) -> tuple[float, int]:
        """The number that a word stands for (NaN: none), and a bit for each pattern that it fits."""
        text = word.decode(encoding, "replace")
        number = np.nan if self.values is None else self.values.get(text.strip().casefold(), np.nan)
        bits = sum((pattern.fullmatch(text) is not None) << i for i, pattern in enumerate(self.patterns))
        return number, bits


@dataclass
class Plan:
    """The arrays for the kernel, and what its columns are called."""

    table: Format
    fewest_fields: int
    settings: Array
    counted_records: Array
    conditions: Array
    condition_at: Array
    operations: Array
    operation_at: Array
    scales: Array
    forms: Array
    form_at: Array
    pool: Array
    missing_at: Array
    coded_fields: Array
    coded_at: Array
    coded: list[Coded]
    numbers: frozenset[int]  # slots that are filled
    static_numbers: list[str]  # "imo", or "way 0 length 0" for a part of a dimension
    static_texts: list[str]
    joined: dict[tuple[int, str], str] = field(default_factory=dict)

    def arguments(self) -> tuple[Array, ...]:
        """As the kernel takes them, from ``settings`` to ``coded_at``."""
        return (
            self.settings, self.counted_records, self.conditions, self.condition_at, self.operations,
            self.operation_at, self.scales, self.forms, self.form_at, self.pool, self.missing_at, self.coded_fields,
            self.coded_at,
        )  # fmt: skip


def plan_by_header(table: Format, names: list[str], place: str, *, statics: bool = True, head: bytes = b"") -> Plan:
    """For rows under a header; raises :class:`~decoders.errors.UnreadableInput` when a needed column is missing.

    ``head`` is how a line begins that may be the header again.
    """
    for name in missing_columns(table, names):
        raise UnreadableInput(place, f"header of format {table.name} has no column {name!r}")
    places = {name: i for i, name in reversed(list(enumerate(names)))}
    if len(names) > kernel.MOST_FIELDS:
        raise UnreadableInput(place, f"{len(names)} columns are more than the {kernel.MOST_FIELDS} that are read")
    return _Planner(table, {len(names): table.records}, places, statics=statics, head=head).plan()


def plan_by_index(table: Format, hour_us: int | None, *, statics: bool = True) -> Plan:
    """For rows without a header, which are told by their number of fields; ``hour_us`` is that of the file."""
    counts = sorted({count for record in table.records for count in record.field_counts})
    by_count = {count: tuple(r for r in table.records if count in r.field_counts) for count in counts}
    places = {str(index): index for index in range(max(counts))}
    return _Planner(table, by_count, places, statics=statics, hour_us=hour_us).plan()


class _Planner:
    def __init__(
        self, table: Format, by_count: Mapping[int, tuple[Record, ...]], places: Mapping[str, int], *, statics: bool,
        head: bytes = b"", hour_us: int | None = None,
    ) -> None:  # fmt: skip
        if len(table.records) > MOST_RECORDS:
            raise FormatError(table.name, f"more than {MOST_RECORDS} kinds of record")
        self.table, self.by_count, self.places, self.statics = table, by_count, places, statics
        self.head, self.hour_us = head, hour_us
        self.pool = bytearray(head)
        self.coded: list[Coded] = []
        self.coded_places: list[int] = []
        self.operations: list[tuple[int, ...]] = []
        self.scales: list[float] = []
        self.static_numbers: list[str] = []
        self.static_texts: list[str] = []
        self.joined: dict[tuple[int, str], str] = {}
        self.pieces = 0
        self.in_static = False
        self.numeric_missing = any(_LOOKS_NUMERIC.match(word) for word in table.missing)

    def plan(self) -> Plan:
        table = self.table
        records = list(table.records)
        static_columns = {r.name: list(self._static_columns(r)) for r in records} if self.statics else {}
        for columns in static_columns.values():
            for name, column in columns:
                kept = self.static_texts if name in TEXT_COLUMNS else self.static_numbers
                if name not in kept and self._at(column):
                    kept.append(name)
        numbers = {kernel.MMSI, kernel.MESSAGE, kernel.POSITION_TYPE}
        numbers |= {_POSITION_SLOTS[n] for r in records for n, c in r.position.items() if self._at(c)}
        conditions: list[tuple[int, int]] = []
        condition_at, operation_at = [0], []
        for record in records:
            for key, pattern in record.where.items():
                if key in self.places:
                    conditions.append(self._condition(key, pattern))
            condition_at.append(len(conditions))
            start = len(self.operations)
            self._row_operations(record, numbers)
            some = len(self.operations)
            self.in_static = True
            self._static_operations(record, static_columns.get(record.name, []))
            self.in_static = False
            operation_at.append((start, some, len(self.operations)))
        most = max(self.by_count)
        counted = np.zeros(most + 1, np.int64)
        coded_fields: list[tuple[int, int]] = []
        coded_at = []
        for count in range(most + 2):
            coded_at.append(len(coded_fields))
            wanted = self.by_count.get(count, ())
            if wanted:
                counted[count] = sum(1 << records.index(record) for record in wanted)
                coded_fields += [
                    (i, self.coded_places[i]) for i in self._coded_of(wanted, conditions, condition_at, operation_at)
                ]
        forms, form_at = _forms(table.time.forms)
        missing = [word.encode(table.encoding, "replace") for word in sorted(table.missing) if word]
        missing_at = [(self._pooled(word), len(word)) for word in missing]
        settings = np.zeros(kernel.SETTINGS, np.int64)
        settings[kernel.DELIMITER] = ord(table.delimiter)
        settings[kernel.QUOTE] = ord(table.quote) if table.quote else kernel.NEWLINE
        settings[kernel.HAS_HEADER] = bool(table.header)
        settings[kernel.RECORDS] = len(records)
        settings[kernel.FORMS] = len(form_at) - 1
        settings[kernel.TIME_FIELD] = self.places[table.time.column]
        settings[kernel.FILE_HOUR] = self.hour_us or 0
        settings[kernel.HAS_FILE_HOUR] = self.hour_us is not None
        settings[kernel.SIEVED] = table.collapse_statics
        settings[kernel.HEAD_BYTES] = len(self.head)
        settings[kernel.MISSING_WORDS] = len(missing)
        settings[kernel.NUMERIC_MISSING] = self.numeric_missing
        settings[kernel.ROW_SPANS] = self.pieces + len(self.static_texts)
        settings[kernel.CODED_COLUMNS] = len(self.coded)
        return Plan(
            table=table,
            fewest_fields=min(self.by_count),
            settings=settings,
            counted_records=counted,
            conditions=np.array(conditions, np.int64).reshape(-1, 2),
            condition_at=np.array(condition_at, np.int64),
            operations=np.array(self.operations, np.int64).reshape(-1),
            operation_at=np.array(operation_at, np.int64).reshape(-1, 3),
            scales=np.array(self.scales, float),
            forms=forms,
            form_at=form_at,
            pool=np.frombuffer(bytes(self.pool) or b"\0", np.uint8),
            missing_at=np.array(missing_at, np.int64).reshape(-1, 2),
            coded_fields=np.array(coded_fields, np.int64).reshape(-1, 2),
            coded_at=np.array(coded_at, np.int64),
            coded=self.coded,
            numbers=frozenset(numbers),
            static_numbers=self.static_numbers,
            static_texts=self.static_texts,
            joined=self.joined,
        )

    def _at(self, column: Column) -> list[int]:
        return [self.places[key] for key in column.keys if key in self.places]

    def _pooled(self, word: bytes) -> int:
        self.pool += word
        return len(self.pool) - len(word)

    def _static_columns(self, record: Record) -> Iterator[tuple[str, Column]]:
        yield from record.static.items()
        for number, way in enumerate(record.dimensions):
            for axis in ("length", "width"):
                for part, column in enumerate(getattr(way, axis)):
                    yield dimension_name(number, axis, part), column

    def _condition(self, key: str, pattern: re.Pattern[str]) -> tuple[int, int]:
        at = self._code(key, None, pattern)
        return at, self.coded[at].patterns.index(pattern)

    def _code(self, key: str, values: Mapping[str, float] | None, pattern: re.Pattern[str] | None) -> int:
        """The number of the coded column, shared by all conditions on a column and all uses of a table of words."""
        more = () if pattern is None else (pattern,)
        for at, known in enumerate(self.coded):
            if known.key == key and (known.values is values if pattern is None else known.values is None):
                if pattern is not None and pattern not in known.patterns:
                    if len(known.patterns) == MOST_RECORDS:
                        raise FormatError(self.table.name, f"too many patterns for column {key!r}")
                    self.coded[at] = Coded(key, None, known.patterns + more)
                return at
        self.coded.append(Coded(key, values, more))
        self.coded_places.append(self.places[key])
        return len(self.coded) - 1

    def _coded_of(
        self, wanted: tuple[Record, ...], conditions: list[tuple[int, int]], condition_at: list[int],
        operation_at: list[tuple[int, int, int]],
    ) -> list[int]:  # fmt: skip
        found: set[int] = set()
        for record in wanted:
            at = self.table.records.index(record)
            found |= {conditions[i][0] for i in range(condition_at[at], condition_at[at + 1])}
            for operation in self.operations[operation_at[at][0] : operation_at[at][2]]:
                if operation[0] in (kernel.CODED, kernel.CLASS_CODED):
                    found.add(operation[3])
        return sorted(found)

    def _add(self, kind: int, place: int, slot: int, column: Column | None = None, *, scale: float = 1.0,
             coded: int = -1, flag: int = 0) -> None:  # fmt: skip
        prefix = column.prefix.upper().encode() if column is not None else b""
        at = self._pooled(prefix) if prefix else 0
        quick = 0 if prefix or self.in_static or self.numeric_missing else _QUICK.get(kind, 0)
        self.operations.append((kind, place, slot, coded, at, len(prefix), flag, quick))
        self.scales.append(column.scale if column is not None else scale)

    def _number(self, column: Column, slot: int, kind: int = kernel.NUMBER, *, flag: int = 0) -> None:
        at = self._at(column)
        if not at:
            self._add(kernel.NOTHING, -1, slot, flag=flag)
        elif column.values is not None:
            key = next(key for key in column.keys if key in self.places)
            coded = kernel.CLASS_CODED if kind == kernel.CLASS_NUMBER else kernel.CODED
            self._add(coded, at[0], slot, column, coded=self._code(key, column.values, None), flag=flag)
        else:
            self._add(kind, at[0], slot, column, flag=flag)

    def _row_operations(self, record: Record, numbers: set[int]) -> None:
        times = self.table.time
        gives = bool(record.position or record.static or record.dimensions)
        if gives and record.mmsi is not None:
            self._number(record.mmsi, kernel.MMSI, kernel.WHOLE)
        else:
            self._add(kernel.NOTHING, -1, kernel.MMSI)
        if times.milliseconds is not None:
            self._add(kernel.MILLISECONDS, self.places[times.milliseconds], 0)
        if isinstance(record.msg_type, int):
            self._add(kernel.CONSTANT, -1, kernel.MESSAGE, scale=float(record.msg_type))
        else:
            self._number(record.msg_type, kernel.MESSAGE, kernel.TYPE)
        if record.station_class is not None and record.position:
            if self._at(record.station_class):
                self._number(record.station_class, kernel.POSITION_TYPE, kernel.CLASS_NUMBER)
            else:
                self._add(kernel.CONSTANT, -1, kernel.POSITION_TYPE, scale=0.0)
        else:
            self._add(kernel.NOTHING, -1, kernel.POSITION_TYPE)  # NaN: the message's own
        for slot in sorted(numbers & set(_POSITION_SLOTS.values())):
            own = [column for name, column in record.position.items() if _POSITION_SLOTS[name] == slot]
            if own:
                self._number(own[0], slot)
            else:
                self._add(kernel.NOTHING, -1, slot)

    def _static_operations(self, record: Record, columns: list[tuple[str, Column]]) -> None:
        if not columns:
            return
        own = dict(columns)
        flag = int(bool(record.position))
        for name in self.static_numbers:
            if name in own:
                self._number(own[name], self.static_numbers.index(name), flag=flag)
            else:
                self._add(kernel.NOTHING, -1, self.static_numbers.index(name), flag=flag)
        for slot, name in enumerate(self.static_texts):
            at = self._at(own[name]) if name in own else []
            if not at:
                self._add(kernel.NO_TEXT, -1, slot, flag=flag)
            elif len(at) == 1:
                self._add(kernel.TEXT, at[0], slot, flag=flag)
            else:
                self.joined[self.table.records.index(record), name] = own[name].joined
                self.pieces += len(at)
                for place in at:
                    self._add(kernel.PIECE, place, slot, flag=flag)


def _forms(forms: tuple[str, ...]) -> tuple[Array, Array]:
    """Each form as parts (what, fewest digits, most digits, unit); ``D``, ``M`` or ``h`` alone takes one or two."""
    parts: list[tuple[int, int, int, int]] = []
    at = [0]
    for form in forms:
        if form in EPOCHS:
            unit, most = EPOCHS[form]
            parts.append((kernel.EPOCH, 1, most, unit))
        else:
            for letters, quoted in pieces_of(form):
                if quoted:
                    parts += [(kernel.LITERAL, byte, 0, 0) for byte in letters.encode()]
                    continue
                letter, width = letters[0], len(letters)
                if letter == "F":
                    parts.append((kernel.FRACTION, 1, 9, 0))
                elif letter in _TIME_PARTS:
                    wide = 2 if width == 1 and letter in "DMh" else width
                    parts.append((_TIME_PARTS[letter], width, wide, 0))
                else:
                    parts += [(kernel.LITERAL, ord(letter), 0, 0)] * width
        at.append(len(parts))
    return np.array(parts, np.int64).reshape(-1, 4), np.array(at, np.int64)
