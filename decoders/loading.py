"""Loads position columns of whole inputs into memory, typed and if asked sorted, in little more room than they need."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from decoders.reading import read
from decoders.reports import Array, PositionReports

MAIN_COLUMNS = ("mmsi", "time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status")
ORDERS = ("input", "ship")
_FIRST_ROWS = 1 << 18


def load_positions(
    paths: str | Path | Iterable[str | Path],
    format: str | None = None,
    *,
    columns: Iterable[str] = MAIN_COLUMNS,
    order: str = "input",
) -> dict[str, Array]:
    """Columns of all usable positions (names and dtypes as in :class:`~decoders.reports.PositionReports`).

    ``order`` is ``input``, or ``ship`` for (mmsi, time_us, input). Static reports are not made. Rows without a usable
    position are left out (``read`` counts them). Raises ``ValueError`` for an unknown column or order and
    :class:`~decoders.errors.DecodeError` for an input that cannot be read.

    >>> import tempfile
    >>> rows = "mmsi;lon;lat;date_time_utc;sog;cog;true_heading;nav_status;rot;message_nr;source\\n"
    >>> rows += "257000002;7.5;63.25;2020-01-01 00:00:09;0;10;511;0;0;1;g\\n"
    >>> rows += "257000001;8.5;64.25;2020-01-01 00:00:10;9.5;20;21;0;0;1;s\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ais.csv"
    ...     _ = path.write_text(rows)
    ...     load_positions(path, columns=["mmsi", "lat_deg"], order="ship")
    {'mmsi': array([257000001, 257000002], dtype=int32), 'lat_deg': array([64.25, 63.25])}
    """
    names = tuple(columns)
    unknown = set(names) - set(PositionReports.DTYPES)
    if unknown:
        raise ValueError(f"PositionReports has no column {sorted(unknown)[0]!r}")
    if order not in ORDERS:
        raise ValueError(f"order {order!r} is none of {', '.join(ORDERS)}")
    wanted = dict.fromkeys((*names, "mmsi", "time_us") if order == "ship" else names)
    piles = {name: _Pile(PositionReports.DTYPES[name]) for name in wanted}
    for batch in read(paths, format, statics=False):
        if len(batch.positions):
            for name, pile in piles.items():
                pile.add(getattr(batch.positions, name))
    if order == "input":
        return {name: piles.pop(name).column() for name in names}
    from decoders.ship_order import order_by_ship, put  # noqa: PLC0415 (machine code, not needed for the other order)

    mmsi = piles.pop("mmsi").column()
    ordered = order_by_ship(mmsi, piles["time_us"].column())
    made: dict[str, Array] = {}
    spare: Array | None = None
    for name in sorted(piles, key=lambda name: np.dtype(PositionReports.DTYPES[name]).itemsize, reverse=True):
        column = piles.pop(name).column()
        if name in names:
            if spare is None or spare.itemsize != column.itemsize:
                spare = _Pile.of_rows(len(column), column.dtype)
            made[name] = put(column, ordered.places, spare.view(column.dtype))
        spare = column  # the next one of this width goes where this one was
    del spare
    if "mmsi" in names:
        made["mmsi"] = np.repeat(ordered.ships, ordered.counts)
    return {name: made[name] for name in names}


class _Pile:
    """A column that grows where it stands: its memory is its own, and given back to the system when it is let go of."""

    def __init__(self, dtype: str) -> None:
        self._dtype = np.dtype(dtype)
        self._map = _memory(_FIRST_ROWS * self._dtype.itemsize)
        self._rows = 0

    @classmethod
    def of_rows(cls, rows: int, dtype: np.dtype[Any]) -> Array:
        """A column of so many rows without values."""
        return np.frombuffer(_memory(max(1, rows) * dtype.itemsize), dtype, rows)

    def add(self, values: Array) -> None:
        """Put more rows behind those that are there."""
        rows = self._rows + len(values)
        if rows * self._dtype.itemsize > len(self._map):
            self._grow(max(rows, self._rows + self._rows // 2) * self._dtype.itemsize)
        np.frombuffer(self._map, self._dtype)[self._rows : rows] = values
        self._rows = rows

    def column(self) -> Array:
        """All rows; nothing can be added any more."""
        size = self._rows * self._dtype.itemsize
        if sys.platform == "linux" and 0 < size < len(self._map):
            self._map.resize(size)
        return np.frombuffer(self._map, self._dtype, self._rows)

    def _grow(self, size: int) -> None:
        if sys.platform == "linux":
            self._map.resize(size)  # moves the pages, not the bytes; untouched ones take no room
            return
        grown = _memory(size)
        grown[: len(self._map)] = self._map[:]
        self._map = grown


def _memory(size: int) -> mmap.mmap:
    if sys.platform == "linux":  # private: shared memory could not be made larger than it was at first
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)
