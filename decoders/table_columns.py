"""Turns typed columns (of Parquet) into parsed rows by a format description: the counterpart of the kernel for text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from decoders.reports import Array
from decoders.table_format import EPOCHS, TEXT_COLUMNS, Column, Format, Record
from decoders.table_rows import BAD_TIME, BAD_VALUE, UNKNOWN_RECORD, Parsed, dimension_name
from decoders.table_times import read_time
from decoders.validity import text as clean_text

# What the kernel takes for a number in text.
_NUMBER = rb"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:nan|inf|infinity))$"
_TEXT_WIDTH = 20
_LAST_US = 253_402_300_800 * 1_000_000  # the year 10000
_POSITION = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "utc_second")
_Numbers = tuple[Array, NDArray[np.bool_]]


class Cells:
    """The columns of some rows, converted when asked for."""

    def __init__(self, table: Format, columns: Mapping[str, Any], rows: int) -> None:
        self._table, self._columns, self.rows = table, columns, rows

    def has(self, column: Column) -> bool:
        """Whether any of its columns is there."""
        return any(key in self._columns for key in column.keys)

    def numbers(self, column: Column) -> _Numbers:
        """Float64 values (NaN where missing) and which rows hold something that is no number."""
        found = self._columns.get(next((key for key in column.keys if key in self._columns), ""))
        if found is None:
            return np.full(self.rows, np.nan), np.zeros(self.rows, bool)
        if _is_text(found.type) or column.is_coded:
            codes, distinct = self._encoded(found)
            values, bad = self._meaning(column, distinct)
            values, bad = values[codes], bad[codes]
        else:
            values, bad = _floats(found), np.zeros(self.rows, bool)
        return (values if column.scale == 1.0 else values * column.scale), bad

    def texts(self, column: Column) -> Array:
        """Cleaned texts, cut at 20 characters; words for "not available" become empty."""
        parts = [self._columns[key] for key in column.keys if key in self._columns]
        if len(parts) == 1:
            codes, distinct = self._encoded(parts[0])
        else:
            joined = pc.binary_join_element_wise(*(p.cast(pa.string()).fill_null("") for p in parts), column.joined)
            codes, distinct = self._encoded(joined)
        cleaned = ["" if word in self._table.missing else word for word in map(str.strip, distinct)]
        return np.asarray(clean_text(np.array(cleaned, f"U{_TEXT_WIDTH}"))[codes])

    def matching(self, key: str, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
        """Which rows hold a text that the whole pattern describes."""
        codes, distinct = self._encoded(self._columns[key])
        return np.array([pattern.fullmatch(word) is not None for word in distinct], bool)[codes]

    def times(self) -> _Numbers:
        """Microseconds since 1970 UTC and the rows that have none."""
        rule = self._table.time
        found = self._columns[rule.column]
        if pa.types.is_timestamp(found.type):
            bad = np.asarray(found.is_null().to_numpy(zero_copy_only=False), bool)
            made = found.cast(pa.timestamp("us", found.type.tz), safe=False).cast(pa.int64()).fill_null(0)
            time_us = np.asarray(made.to_numpy(zero_copy_only=False)).copy()
        elif _is_text(found.type):
            codes, distinct = self._encoded(found)
            time_us = np.array([read_time(word, rule.forms) for word in distinct], np.int64)[codes]
            bad = time_us < 0
        else:
            epochs = [form for form in rule.forms if form in EPOCHS]
            values = _floats(found)
            bad = ~np.isfinite(values) if epochs else np.ones(self.rows, bool)
            unit = EPOCHS[epochs[0]][0] if epochs else 1
            time_us = np.where(bad | (np.abs(values) * unit > _LAST_US), -1.0, values * unit).astype(np.int64)
        if rule.milliseconds is not None:
            extra, wrong = self.numbers(Column((rule.milliseconds,)))
            extra = np.nan_to_num(extra, nan=0.0)
            bad = bad | wrong | ~((extra >= 0) & (extra < 2000))
            time_us = time_us + np.where(bad, 0, extra * 1000).astype(np.int64)
        return time_us, bad | (time_us < 0) | (time_us >= _LAST_US)

    def _encoded(self, column: Any) -> tuple[Array, list[str]]:
        """Codes, and the distinct values as text (null as the empty text)."""
        if not pa.types.is_dictionary(column.type):
            column = (column if _is_text(column.type) else column.cast(pa.string())).dictionary_encode()
        words = column.dictionary
        if pa.types.is_binary(words.type) or pa.types.is_large_binary(words.type):
            encoding = self._table.encoding
        else:  # text, of which files need not hold what they say
            words, encoding = words.cast(pa.string()).cast(pa.binary()), "utf-8"
        texts = ["" if word is None else word.decode(encoding, "replace") for word in words.to_pylist()]
        codes = column.indices
        if codes.null_count:
            codes = codes.cast(pa.int32()).fill_null(len(texts))
            texts.append("")
        return np.asarray(codes.to_numpy(zero_copy_only=False)), texts

    def _meaning(self, column: Column, words: list[str]) -> _Numbers:
        if column.values is not None:
            values = [column.values.get(word.strip().casefold(), np.nan) for word in words]
            return np.array(values, float), np.zeros(len(words), bool)
        number = re.compile(_NUMBER.decode(), re.ASCII)
        made, bad = np.full(len(words), np.nan), np.zeros(len(words), bool)
        for i, word in enumerate(words):
            text = word.strip(" \t")
            if column.prefix and text.casefold().startswith(column.prefix.casefold()):
                text = text[len(column.prefix) :].strip(" \t")
            if text not in self._table.missing:
                bad[i] = number.fullmatch(text) is None
                made[i] = np.nan if bad[i] else float(text)
        return made, bad


def parsed_columns(
    table: Format, cells: Cells, at: int, *, statics: bool
) -> tuple[Parsed, dict[str, int], dict[str, int]]:
    """Parsed rows, and the others by reason with the first place of each; the first row has the number ``at``."""
    rows = cells.rows
    time_us, bad_time = cells.times()
    left = np.ones(rows, bool)
    kinds = np.zeros(rows, np.uint8)
    bad = np.zeros(rows, bool)
    with_static = np.zeros(rows, bool)
    numbers: dict[str, Array] = {}
    static_numbers: dict[str, Array] = {}
    static_texts: dict[str, Array] = {}
    for number, record in enumerate(table.records):
        mine = left.copy()
        for key, pattern in record.where.items():
            mine &= cells.matching(key, pattern)
        left &= ~mine
        if not mine.any():
            continue
        kinds[mine] = number
        bad |= mine & _row_values(record, cells, mine, numbers)
        if statics and (record.static or record.dimensions):
            with_static |= mine
            bad |= mine & _static_values(record, cells, mine, static_numbers, static_texts)
    for name in ("mmsi", "msg_type", "position_type"):
        numbers.setdefault(name, np.full(rows, np.nan))
    reasons = {UNKNOWN_RECORD: left, BAD_TIME: ~left & bad_time, BAD_VALUE: ~left & ~bad_time & bad}
    kept = np.flatnonzero(~left & ~bad_time & ~bad)
    chosen = np.flatnonzero(with_static[kept])
    everything = len(kept) == rows

    def of_kept(column: Array) -> Array:
        return column if everything else column[kept]

    parsed = Parsed(
        time_us=of_kept(time_us),
        offset=kept + at,
        kinds=of_kept(kinds),
        numbers={name: of_kept(column) for name, column in numbers.items()},
        static_rows=chosen,
        static_numbers={name: column[kept][chosen] for name, column in static_numbers.items()},
        static_texts={name: column[kept][chosen] for name, column in static_texts.items()},
    )
    counts = {reason: int(which.sum()) for reason, which in reasons.items() if which.any()}
    return parsed, counts, {reason: int(np.argmax(reasons[reason])) + at for reason in counts}


def _row_values(record: Record, cells: Cells, mine: Array, numbers: dict[str, Array]) -> NDArray[np.bool_]:
    """Fills in the numbers of the rows of a record; which of them hold what is no number."""
    bad = np.zeros(len(mine), bool)
    everything = bool(mine.all())

    def put(name: str, values: Array) -> None:
        if everything:
            numbers[name] = values
        else:
            numbers.setdefault(name, np.full(len(mine), np.nan))[mine] = values[mine]

    if record.mmsi is not None and (record.position or record.static or record.dimensions):
        values, wrong = cells.numbers(record.mmsi)
        with np.errstate(invalid="ignore"):
            bad |= wrong | (np.isfinite(values) & (values != np.floor(values)))
        put("mmsi", values)
    if isinstance(record.msg_type, int):
        put("msg_type", np.full(len(mine), float(record.msg_type)))
    else:
        values, wrong = cells.numbers(record.msg_type)
        with np.errstate(invalid="ignore"):
            outside = ~((values >= 1) & (values <= 27) & (values == np.floor(values)))
        bad |= wrong | outside
        put("msg_type", np.where(outside, 0, values))
    if record.station_class is not None and record.position:
        put("position_type", np.nan_to_num(cells.numbers(record.station_class)[0]))
    for name, column in record.position.items():
        values, wrong = cells.numbers(column)
        bad |= wrong
        put(name, values)
    return bad


def _static_values(
    record: Record, cells: Cells, mine: Array, static_numbers: dict[str, Array], static_texts: dict[str, Array]
) -> NDArray[np.bool_]:
    bad = np.zeros(len(mine), bool)
    columns = dict(record.static)
    for way, dimensions in enumerate(record.dimensions):
        for axis in ("length", "width"):
            for part, column in enumerate(getattr(dimensions, axis)):
                columns[dimension_name(way, axis, part)] = column
    for name, column in columns.items():
        if not cells.has(column):
            continue
        if name in TEXT_COLUMNS:
            texts = static_texts.setdefault(name, np.full(len(mine), "", f"U{_TEXT_WIDTH}"))
            texts[mine] = cells.texts(column)[mine]
        else:
            values, wrong = cells.numbers(column)
            bad |= wrong
            static_numbers.setdefault(name, np.full(len(mine), np.nan))[mine] = values[mine]
    return bad


def _is_text(kind: Any) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner)
        or pa.types.is_binary(inner) or pa.types.is_large_binary(inner)
    )  # fmt: skip


def _floats(column: Any) -> Array:
    if not column.null_count and pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)
    values = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), np.float64)
    return values
