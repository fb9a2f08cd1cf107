"""Writes report columns to Parquet, CSV or Arrow files as they come, and reads our own Parquet back.

Positions go to the path given, static reports beside it: ``reports.parquet`` and ``reports.statics.parquet``. Both
files have the columns of :mod:`decoders.reports` under the same names; what is "not available" in ours (NaN, 0, -1, "")
is null there. Times are int64 microseconds since 1970 UTC, as everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from decoders.errors import FormatError, UnreadableInput
from decoders.reports import Array, Batch, PositionReports, StaticReports
from decoders.validity import clean_positions, clean_statics

SUFFIXES = (".parquet", ".csv", ".arrow")
ROWS_AT_ONCE = 250_000
_FORMULA_START = r"^[ \x{00A0}]*[=+\-@\t\r\n|%＝＋－＠]"  # what a spreadsheet takes for the start of a formula
_NUMBER_MISSING = {"imo": 0, "ship_type": 0, "nav_status": -1, "utc_second": -1}
_FEW_VALUES = [  # columns that a dictionary makes smaller
    "mmsi", "sog_kn", "cog_deg", "heading_deg", "nav_status", "msg_type", "utc_second", "station", "imo", "name",
    "callsign", "ship_type", "to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m", "draught_m", "destination",
]  # fmt: skip
_DELTA = {"time_us": "DELTA_BINARY_PACKED", "offset": "DELTA_BINARY_PACKED"}
_LAST_US = 253_402_300_800 * 1_000_000  # the year 10000
_KIND_KEY = b"shipwatch"
_Reports = TypeVar("_Reports", PositionReports, StaticReports)


def statics_path(path: str | Path) -> Path:
    """Where the static reports stand that belong to a file of positions.

    >>> statics_path("out/reports.parquet").name
    'reports.statics.parquet'
    """
    path = Path(path)
    return path.with_name(f"{path.stem}.statics{path.suffix}")


def write_reports(path: str | Path, batches: Iterable[Batch]) -> tuple[int, int]:
    """Write positions to ``path`` and statics beside it, in the form its suffix names; gives the rows of each.

    ``.parquet`` (zstd), ``.arrow`` (the Arrow IPC file form) or ``.csv`` (UTF-8, a header line; a text cell that a
    spreadsheet would run as a formula gets a leading apostrophe). Batches are written as they come, in bounded memory,
    to files beside the final ones that take their names when all went well. Raises
    :class:`~decoders.errors.FormatError` for another suffix and ``OSError`` where the files cannot be written.
    """
    path = Path(path)
    if path.suffix not in SUFFIXES:
        raise FormatError(str(path), f"suffix {path.suffix!r} is none of {', '.join(SUFFIXES)}")
    with ExitStack() as stack:
        positions = stack.enter_context(_Table(path, PositionReports))
        statics = stack.enter_context(_Table(statics_path(path), StaticReports))
        for batch in batches:
            positions.write(batch.positions)
            statics.write(batch.statics)
        positions.close()
        statics.close()
        positions.put_in_place()
        statics.put_in_place()
    return positions.rows, statics.rows


def is_ours(path: Path) -> bool:
    """Whether this Parquet file is one that :func:`write_reports` wrote; one that cannot be read is not."""
    try:
        return _KIND_KEY in (pq.read_schema(path).metadata or {})
    except (OSError, UnicodeDecodeError, pa.ArrowException):  # names of columns may be damaged, too
        return False


def read_parquet(path: str | Path) -> Iterator[Batch]:
    """Batches of what :func:`write_reports` wrote as Parquet, in the order written, in bounded memory.

    Every position row counts as one ``read`` line, or as refused where its values cannot be (the file need not have
    been written by us); a missing statics file means no statics. Raises :class:`~decoders.errors.UnreadableInput` when
    the file is missing, damaged or not one of ours.
    """
    path = Path(path)
    beside = statics_path(path)
    statics = _read_columns(beside, StaticReports) if beside.exists() else iter(())
    for positions, static in zip_longest(_read_columns(path, PositionReports), statics):
        kept, refused = _sound(positions, clean_positions) if positions is not None else (PositionReports.empty(), {})
        kinds, counts = np.unique(kept.msg_type, return_counts=True)
        messages = {int(kind): int(count) for kind, count in zip(kinds, counts, strict=True)}
        lines = {"read": len(kept), **refused}
        sound = _sound(static, clean_statics)[0] if static is not None else StaticReports.empty()
        yield Batch(kept, sound, {name: count for name, count in lines.items() if count}, messages)


def _sound(reports: _Reports, clean: Callable[[dict[str, Array]], Any]) -> tuple[_Reports, dict[str, int]]:
    """The rows that can be, and the others by reason."""
    timed = (reports.time_us >= 0) & (reports.time_us < _LAST_US)
    untimed = int(len(reports) - timed.sum())
    kept = reports.take(timed) if untimed else reports
    made, refused, sound = clean({name: column for name, column in kept.columns().items() if column.dtype.kind != "U"})
    texts = {name: column[sound] for name, column in kept.columns().items() if column.dtype.kind == "U"}
    return replace(made, **texts), {**refused, "refused:bad_time": untimed}


def to_arrow(reports: PositionReports | StaticReports) -> pa.RecordBatch:
    """Report columns as an Arrow record batch, "not available" as null."""
    schema = _schema(type(reports))
    arrays = []
    for name, column in reports.columns().items():
        kind = schema.field(name).type
        if pa.types.is_string(kind):
            arrays.append(_texts(column))
        elif pa.types.is_floating(kind):
            arrays.append(pa.array(column, kind, mask=np.isnan(column)))
        elif name in _NUMBER_MISSING:
            arrays.append(pa.array(column, kind, mask=column == _NUMBER_MISSING[name]))
        else:
            arrays.append(pa.array(column, kind))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _own(column: Array) -> Array:
    """The column, copied where it is a small part of an array that it would keep in memory until it is written."""
    return column.copy() if column.base is not None and column.base.nbytes > 2 * column.nbytes else column


def _texts(column: Array) -> pa.Array:
    """Text columns hold few different words: each is decoded once, "" to null."""
    size = column.dtype.itemsize
    raw = pa.Array.from_buffers(pa.binary(size), len(column), [None, pa.py_buffer(np.ascontiguousarray(column))])
    coded = raw.dictionary_encode()
    words = np.frombuffer(b"".join(coded.dictionary.to_pylist()), column.dtype).tolist()
    texts = [word.decode("latin-1") if isinstance(word, bytes) else word for word in words]
    sound = [text.encode("utf-8", "replace").decode() or None for text in texts]
    return pa.array(sound, pa.string()).take(coded.indices)


def _schema(reports: type[PositionReports] | type[StaticReports]) -> pa.Schema:
    fields = [
        pa.field(name, pa.string() if dtype[0] in "US" else pa.from_numpy_dtype(np.dtype(dtype)))
        for name, dtype in reports.DTYPES.items()
    ]
    return pa.schema(fields, metadata={_KIND_KEY: reports.__name__.encode()})


class _Table:
    """One output file: written under a passing name, which is removed where ``put_in_place`` was not reached."""

    def __init__(self, path: Path, reports: type[PositionReports] | type[StaticReports]) -> None:
        self.rows = 0
        self._held: list[Any] = []
        self._held_rows = 0
        self._path = path
        self._passing = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._schema = _schema(reports)
        self._sink: Any = None

    def __enter__(self) -> _Table:
        writers: dict[str, Callable[[], Any]] = {
            ".parquet": lambda: pq.ParquetWriter(
                self._passing, self._schema, compression="zstd", use_dictionary=_FEW_VALUES, column_encoding=_DELTA
            ),
            ".csv": lambda: pacsv.CSVWriter(
                self._passing, self._schema, write_options=pacsv.WriteOptions(quoting_style="needed")
            ),
            ".arrow": lambda: pa.ipc.new_file(self._passing, self._schema),
        }
        self._sink = writers[self._path.suffix]()
        return self

    def write(self, reports: PositionReports | StaticReports) -> None:
        if len(reports):
            batch = to_arrow(type(reports)(**{name: _own(column) for name, column in reports.columns().items()}))
            if self._path.suffix == ".csv":
                batch = _without_formulas(batch)
            self._held.append(batch)
            self._held_rows += len(reports)
            self.rows += len(reports)
            if self._held_rows >= ROWS_AT_ONCE:
                self._write_held()

    def close(self) -> None:
        self._write_held()
        self._sink.close()

    def put_in_place(self) -> None:
        self._passing.replace(self._path)

    def _write_held(self) -> None:
        """Batches go out together: row groups of a good size however the input was cut."""
        if self._held:
            self._sink.write_table(pa.Table.from_batches(self._held, self._schema).combine_chunks())
            self._held, self._held_rows = [], 0

    def __exit__(self, *_: object) -> None:
        if self._passing.exists():  # not finished: something was raised
            with suppress(pa.ArrowException, OSError):
                self._sink.close()
            self._passing.unlink()


def _without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = []
    for column in batch.columns:
        if pa.types.is_string(column.type):
            risky = pc.match_substring_regex(column, _FORMULA_START)
            column = pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)  # noqa: PLW2901
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _read_columns(path: Path, reports: type[_Reports]) -> Iterator[_Reports]:
    try:
        file = pq.ParquetFile(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise UnreadableInput(str(path), f"not a readable Parquet file ({error})") from None
    with file:
        if (file.schema_arrow.metadata or {}).get(_KIND_KEY) != reports.__name__.encode():
            raise UnreadableInput(str(path), f"a Parquet file, but not shipwatch's own {reports.__name__}")
        missing = set(reports.DTYPES) - set(file.schema_arrow.names)
        if missing:
            raise UnreadableInput(str(path), f"column {sorted(missing)[0]!r} is missing")
        for field in _schema(reports):
            found = file.schema_arrow.field(field.name).type
            if found != field.type:
                raise UnreadableInput(str(path), f"column {field.name!r} holds {found}, not {field.type}")
        try:
            for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=list(reports.DTYPES)):
                yield reports.of(
                    **{name: _column(batch.column(name), name, reports.DTYPES[name]) for name in batch.schema.names}
                )
        except (OSError, ValueError, pa.ArrowException) as error:
            raise UnreadableInput(str(path), f"Parquet file is damaged ({error})") from None


def _column(column: pa.Array, name: str, dtype: str) -> Array:
    if dtype[0] in "US":
        texts = np.asarray(pc.fill_null(column, "").to_numpy(zero_copy_only=False), "U")
        return np.char.encode(texts, "latin-1", "replace") if dtype[0] == "S" else texts
    if dtype[0] == "f":
        return np.asarray(column.to_numpy(zero_copy_only=False))
    return np.asarray(pc.fill_null(column, _NUMBER_MISSING.get(name, 0)).to_numpy(zero_copy_only=False))
