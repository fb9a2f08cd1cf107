"""Turns the fields of lines into typed columns: numbers with their bad rows, texts as codes of distinct values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from decoders.reports import Array
from decoders.table_format import Column
from decoders.validity import text as clean_text

_TEXT = pa.dictionary(pa.int32(), pa.binary())
# What Arrow's own parser takes for a number; the careful way below must take exactly the same.
_NUMBER = rb"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:nan|inf|infinity))$"
TEXT_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Texts:
    """A text column: row ``i`` holds ``distinct[codes[i]]`` (cleaned, empty where not available)."""

    codes: Array
    distinct: Array

    def filled(self) -> NDArray[np.bool_]:
        """Which rows hold any text."""
        return np.asarray((self.distinct != "")[self.codes])

    def rows(self, rows: Array) -> Array:
        """The texts of these rows."""
        return np.asarray(self.distinct[self.codes[rows]])


class Fields:
    """The wanted fields of lines that all have the same number of them, converted when asked for.

    ``numbers``, ``texts`` and ``raw`` are field indices read as float64, as distinct values and as bytes.
    """

    def __init__(
        self,
        text: bytes | NDArray[np.uint8],
        fields: int,
        *,
        delimiter: str,
        quote: str,
        encoding: str,
        missing: frozenset[str],
        numbers: Iterable[int],
        texts: Iterable[int],
        raw: Iterable[int],
    ) -> None:
        texts, raw = set(texts), set(raw)
        numbers = set(numbers) - texts - raw
        self._encoding = encoding
        self._missing = missing
        self._careful: set[int] = set()
        types = {str(i): pa.float64() for i in numbers}
        types |= {str(i): _TEXT for i in texts - raw} | {str(i): pa.binary() for i in raw}

        def parse() -> pa.Table:
            return pacsv.read_csv(
                pa.BufferReader(pa.py_buffer(text)),
                pacsv.ReadOptions(
                    column_names=[str(i) for i in range(fields)], use_threads=False, block_size=len(text) + 1
                ),
                pacsv.ParseOptions(
                    delimiter=delimiter, quote_char=quote or False, newlines_in_values=False, ignore_empty_lines=False
                ),
                pacsv.ConvertOptions(
                    check_utf8=False,
                    include_columns=list(types),
                    column_types=types,
                    null_values=sorted(missing),
                    strings_can_be_null=False,
                ),
            )

        try:
            table = parse()
        except pa.ArrowInvalid:  # some number is none: take these columns as text and find out which rows
            self._careful = numbers
            types |= {str(i): pa.binary() for i in numbers}
            table = parse()
        self._columns = {name: _one_chunk(table[name]) for name in types}

    def raw(self, field: int) -> pa.Array:
        """The bytes of a field, row by row."""
        column = self._columns[str(field)]
        return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column

    def numbers(self, column: Column, fields: Sequence[int]) -> tuple[Array, NDArray[np.bool_]]:
        """Float64 values (NaN where missing) and which rows hold something that is no number."""
        place = fields[0]
        found = self._columns[str(place)]
        if column.is_coded or pa.types.is_dictionary(found.type):
            if not pa.types.is_dictionary(found.type):
                found = found.dictionary_encode()
            codes = found.indices.to_numpy(zero_copy_only=False)
            values, bad = self._coded(column, found.dictionary)
            if not len(values):
                return np.full(len(codes), np.nan), np.zeros(len(codes), bool)
            values, bad = values[codes], bad[codes]
        elif place in self._careful or pa.types.is_binary(found.type):
            values, bad = _numbers_of(found, self._missing)
        else:
            values, bad = found.to_numpy(zero_copy_only=False), np.zeros(len(found), bool)
        return (values if column.scale == 1.0 else values * column.scale), bad

    def _coded(self, column: Column, distinct: pa.Array) -> tuple[Array, Array]:
        """Numbers of distinct texts: from a table of words, or behind a prefix."""
        if column.values is not None:
            words = [text.strip().casefold() for text in self._decoded(distinct)]
            return np.array([column.values.get(word, np.nan) for word in words], float), np.zeros(len(words), bool)
        if column.prefix:
            pattern = rb"^[ \t]*(?i:" + re.escape(column.prefix).encode() + rb")"
            distinct = pc.replace_substring_regex(distinct, pattern=pattern, replacement=b"", max_replacements=1)
        return _numbers_of(distinct, self._missing)

    def texts(self, column: Column, fields: Sequence[int]) -> Texts:
        """Cleaned texts, cut at 20 characters; words for "not available" become empty."""
        found = self._columns[str(fields[0])]
        if len(fields) > 1:
            found = pc.binary_join_element_wise(*(self.raw(f) for f in fields), column.joined.encode())
        if not pa.types.is_dictionary(found.type):
            found = found.dictionary_encode()
        codes = found.indices.to_numpy(zero_copy_only=False)
        decoded = ["" if text in self._missing else text for text in map(str.strip, self._decoded(found.dictionary))]
        return Texts(codes, clean_text(np.array(decoded, f"U{TEXT_WIDTH}")))

    def matching(self, field: int, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
        """Which rows hold a text that the whole pattern describes."""
        found = self._columns[str(field)]
        fits = np.array([pattern.fullmatch(text) is not None for text in self._decoded(found.dictionary)], bool)
        codes = found.indices.to_numpy(zero_copy_only=False)
        return fits[codes] if len(fits) else np.zeros(len(codes), bool)

    def _decoded(self, distinct: pa.Array) -> list[str]:
        return [value.decode(self._encoding, "replace") for value in distinct.to_pylist()]


def _numbers_of(column: pa.Array, missing: frozenset[str]) -> tuple[Array, Array]:
    """The careful way: numbers where the text is one, NaN where it is missing or blank, the other rows are bad."""
    trimmed = pc.replace_substring_regex(column, pattern=rb"^[ \t]+|[ \t]+$", replacement=b"")
    none = pc.is_in(trimmed, value_set=pa.array([word.encode() for word in sorted(missing)], pa.binary()))
    fits = pc.and_not(pc.match_substring_regex(trimmed, pattern=_NUMBER), none)
    values = pc.cast(pc.cast(pc.if_else(fits, trimmed, b"nan"), pa.string()), pa.float64())
    bad = pc.invert(pc.or_(fits, none))
    return values.to_numpy(zero_copy_only=False), bad.to_numpy(zero_copy_only=False)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    joined = column.combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
