"""Reads Parquet whose columns are another's, through the same descriptions as text tables: a table is a table.

Columns are matched by their names as a header line would be. The points of GeoParquet give two more columns,
``geometry.x`` and ``geometry.y``. Numbers may be stored as numbers or as text, times as timestamps (without a zone they
are UTC, as the description says of the written ones) or in the forms of the description.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from decoders.errors import UnknownFormat, UnreadableInput
from decoders.reports import Array, Batch
from decoders.table_columns import Cells, parsed_columns
from decoders.table_descriptions import format_named, formats
from decoders.table_format import Format
from decoders.table_headers import HOW_TO
from decoders.table_plan import missing_columns
from decoders.table_rows import reports_of
from decoders.table_statics import LastStatics

ROWS_AT_ONCE = 65_536
_POINT_BYTES = 21  # well-known binary: byte order, kind (1 is a point), x, y
_LITTLE_POINT = bytes([1, 1, 0, 0, 0])


def match_columns(names: list[str]) -> str | None:
    """The format whose header names are all among these; of several the one that asks for the most."""
    fitting = [t for t in formats() if t.header and set(t.header) <= set(names) and not missing_columns(t, names)]
    return max(fitting, key=lambda table: len(table.header)).name if fitting else None


def read_foreign_parquet(path: Path, format_name: str | None = None, *, statics: bool = True) -> Iterator[Batch]:
    """Batches of a Parquet file in the order of its rows, which count as lines; ``offset`` is the number of the row.

    Raises :class:`~decoders.errors.UnknownFormat` naming the columns when no description fits, and
    :class:`~decoders.errors.UnreadableInput` when the file is damaged or its geometry is none that can be used.
    """
    try:
        with pq.ParquetFile(path, pre_buffer=False) as file:
            names = list(file.schema_arrow.names)
            geometry = _geometry(path, file.schema_arrow)
            known = [*names, "geometry.x", "geometry.y"] if geometry else names
            name = format_name or match_columns(known)
            if name is None:
                raise UnknownFormat(
                    str(path), f"Parquet with columns {', '.join(known)}, which no format has; {HOW_TO}"
                )
            table = format_named(name)
            missing = missing_columns(table, known)
            if missing:
                raise UnreadableInput(str(path), f"no column {missing[0]!r}, which format {name} needs")
            wanted = _wanted(table, known, statics)
            stored = [column for column in names if column in wanted]
            if geometry and {"geometry.x", "geometry.y"} & wanted:
                stored.append(geometry)
            texts = _texts(file.schema_arrow, stored)
            if not texts:
                yield from _batches(file, table, stored, geometry, statics)
            else:  # the words of a column once, not row by row, as the file mostly has them
                with pq.ParquetFile(path, metadata=file.metadata, read_dictionary=texts, pre_buffer=False) as again:
                    yield from _batches(again, table, stored, geometry, statics)
        pa.default_memory_pool().release_unused()  # half as much again as the rows take, otherwise
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        raise UnreadableInput(str(path), f"Parquet file is damaged ({error})") from None


def _batches(file: Any, table: Format, stored: list[str], geometry: str, statics: bool) -> Iterator[Batch]:
    last = LastStatics()
    at = 0
    for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=stored, use_threads=False):
        columns: dict[str, Any] = {name: batch.column(name) for name in batch.schema.names}
        if geometry in columns:
            columns |= _points(columns.pop(geometry))
        parsed, lines, first_places = parsed_columns(table, Cells(table, columns, len(batch)), at, statics=statics)
        rows = reports_of(table, parsed)
        kept = last.news(rows.statics) if table.collapse_statics else rows.statics
        yield Batch(
            rows.positions, kept, {**lines, **rows.lines}, rows.messages,
            first_places={**rows.first_places, **first_places},
        )  # fmt: skip
        at += len(batch)


def _texts(schema: Any, stored: list[str]) -> list[str]:
    kinds = {name: schema.field(name).type for name in stored}
    inner = {name: kind.value_type if pa.types.is_dictionary(kind) else kind for name, kind in kinds.items()}
    return [name for name, kind in inner.items() if pa.types.is_string(kind) or pa.types.is_binary(kind)]


def _wanted(table: Format, names: list[str], statics: bool) -> set[str]:
    wanted = {table.time.column, *([table.time.milliseconds] if table.time.milliseconds else [])}
    for record in table.records:
        wanted |= set(record.where)
        given = [record.mmsi, record.msg_type, record.station_class, *record.position.values()]
        if statics:
            given += [*record.number_columns(), *record.text_columns()]
        wanted |= {key for column in given if column is not None and not isinstance(column, int) for key in column.keys}
    return wanted & set(names)


def _geometry(path: Path, schema: Any) -> str:
    """The column of points in degrees of longitude and latitude, empty where there is none."""
    said = (schema.metadata or {}).get(b"geo")
    if said is None:
        return ""
    try:
        geo = json.loads(said)
        column = geo["columns"][str(geo["primary_column"])]
        encoding, crs = column["encoding"], column.get("crs", "OGC:CRS84")
    except (ValueError, KeyError, TypeError):
        raise UnreadableInput(str(path), "GeoParquet whose description of its geometry cannot be read") from None
    if encoding != "WKB" or column.get("geometry_types") not in ([], None, ["Point"]):
        return ""
    if crs != "OGC:CRS84" and not _in_degrees(crs):
        raise UnreadableInput(str(path), "GeoParquet in a projection; store longitude and latitude (OGC:CRS84)")
    return str(geo["primary_column"])


def _in_degrees(crs: object) -> bool:
    """Whether a PROJJSON description is one of longitude and latitude on WGS 84 or NAD 83 (GeoParquet: always x, y)."""
    known: object = crs.get("id") if isinstance(crs, Mapping) else None
    return isinstance(known, Mapping) and (known.get("authority"), str(known.get("code"))) in (
        ("OGC", "CRS84"), ("EPSG", "4326"), ("EPSG", "4269"),
    )  # fmt: skip


def _points(column: Any) -> dict[str, Any]:
    """x and y of little-endian points in well-known binary; null where a row holds anything else."""
    binary = column.cast(pa.binary())
    fits = pc.and_(
        pc.equal(pc.binary_length(binary), _POINT_BYTES), pc.starts_with(binary, pattern=_LITTLE_POINT)
    ).fill_null(False)
    rows: NDArray[np.bool_] = np.asarray(fits.to_numpy(zero_copy_only=False), bool)
    made: dict[str, Array] = {name: np.full(len(binary), np.nan) for name in ("geometry.x", "geometry.y")}
    data = b"".join(binary.filter(fits).to_pylist())
    points = np.frombuffer(data, np.dtype([("kind", "V5"), ("x", "<f8"), ("y", "<f8")]))
    made["geometry.x"][rows], made["geometry.y"][rows] = points["x"], points["y"]
    return {name: pa.array(values) for name, values in made.items()}
