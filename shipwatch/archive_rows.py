"""The order and the table form of archived rows: sorted by ship, time and all else, each report once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from decoders.reports import Array, PositionReports

DAY_US = 24 * 3600 * 1_000_000

_SAME = tuple(name for name in PositionReports.DTYPES if name not in {"mmsi", "time_us", "offset"})
"""With ship and time, what makes two rows one report; where its line stood does not."""


def day_name(day: int) -> str:
    """YYYY-MM-DD of days since 1970.

    >>> day_name(17684)
    '2018-06-02'
    """
    return str(np.datetime64(int(day), "D"))


def day_number(name: str) -> int:
    """Days since 1970 of YYYY-MM-DD.

    >>> day_number("2018-06-02")
    17684
    """
    return int(np.datetime64(name, "D").astype(np.int64))


def days_of(reports: PositionReports) -> Array:
    """Days since 1970 UTC, one a row."""
    return np.asarray(reports.time_us // DAY_US)


def in_archive_order(reports: PositionReports) -> PositionReports:
    """Rows sorted by (mmsi, time, all fields), of equal reports the one with the lowest offset alone."""
    if len(reports) < 2:
        return reports
    order = np.lexsort((reports.time_us, reports.mmsi))
    tied = _as_before(reports.mmsi[order]) & _as_before(reports.time_us[order])
    if not tied.any():
        return reports.take(order)
    # Only rows that share ship and instant with another need the long key, and they are few.
    among = np.flatnonzero(tied | np.append(tied[1:], False))
    rows = order[among]
    keys = [getattr(reports, name)[rows] for name in ("offset", *_SAME, "time_us", "mmsi")]
    order[among] = rows[np.lexsort(keys)]
    same = tied
    for name in _SAME:
        same = same & _as_before(getattr(reports, name)[order])
    return reports.take(order[~same])


def to_table(reports: PositionReports) -> Any:
    """The rows as an Arrow table with the archive's schema."""
    return pa.table({name: _arrow(column) for name, column in reports.columns().items()}, schema=SCHEMA)


def from_table(table: Any) -> PositionReports:
    """The rows of a table that ``to_table`` made."""
    columns = {name: table.column(name).to_numpy(zero_copy_only=False) for name in PositionReports.DTYPES}
    return PositionReports.of(**columns)


def _as_before(column: Array) -> Array:
    """Whether each value is the one before it; NaN is NaN."""
    same = np.zeros(len(column), bool)
    same[1:] = column[1:] == column[:-1]
    if column.dtype.kind == "f":
        same[1:] |= np.isnan(column[1:]) & np.isnan(column[:-1])
    return same


def _arrow(column: Array) -> Any:
    return pa.array(column, pa.binary()) if column.dtype.kind == "S" else pa.array(column, from_pandas=False)


SCHEMA = pa.schema(
    [
        pa.field(name, pa.binary() if dtype[0] == "S" else pa.from_numpy_dtype(np.dtype(dtype)), nullable=False)
        for name, dtype in PositionReports.DTYPES.items()
    ]
)
