"""Loads position columns of whole inputs into memory, typed and if asked sorted, in little more room than they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from decoders.reading import read
from decoders.reports import Array, PositionReports

MAIN_COLUMNS = ("mmsi", "time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status")
ORDERS = ("input", "ship")


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
    pieces: dict[str, list[Array]] = {name: [] for name in wanted}
    for batch in read(paths, format, statics=False):
        if len(batch.positions):
            for name, kept in pieces.items():
                kept.append(getattr(batch.positions, name))
    if order == "input":
        return {name: np.concatenate(list(_emptied(pieces[name])) or [_none(name)]) for name in names}
    from decoders.ship_order import places_by_ship, put  # noqa: PLC0415 (machine code, not needed for the other order)

    def joined(name: str) -> Array:
        return np.concatenate(pieces[name] or [_none(name)])

    places = places_by_ship(joined("mmsi"), joined("time_us"))
    return {name: put(_emptied(pieces[name]) if pieces[name] else [_none(name)], places) for name in names}


def _none(name: str) -> Array:
    return np.empty(0, PositionReports.DTYPES[name])


def _emptied(pieces: list[Array]) -> Iterator[Array]:
    """The pieces in order, each let go of when the next one is asked for."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()
