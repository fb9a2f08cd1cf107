"""The columns that every decoder fills and everything downstream reads.

One row is one decoded AIS message, one column one quantity with its unit in the name. "Not available" is NaN in
float columns, 0 in ``imo`` and ``ship_type``, -1 in ``nav_status`` and ``utc_second``, and the empty string in
text columns; what counts as not available is decided in :mod:`decoders.validity` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """Equal-length NumPy columns with a declared dtype each."""

    DTYPES: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def empty(cls) -> Self:
        """No rows, all columns."""
        return cls(**{name: np.empty(0, dtype) for name, dtype in cls.DTYPES.items()})

    @classmethod
    def of(cls, **columns: Any) -> Self:
        """Build from any sequences, casting to the declared dtypes; missing columns become "not available".

        Raises ``ValueError`` when a column is unknown or the lengths differ.
        """
        unknown = set(columns) - set(cls.DTYPES)
        if unknown:
            raise ValueError(f"{cls.__name__} has no column {sorted(unknown)[0]!r}")
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"{cls.__name__} columns differ in length: {lengths}")
        rows = next(iter(lengths.values()), 0)
        made: dict[str, Array] = {}
        for name, dtype in cls.DTYPES.items():
            if name in columns:
                made[name] = np.asarray(columns[name]).astype(dtype, copy=False)
            else:
                missing = _MISSING.get(name, np.nan if dtype[0] == "f" else 0)
                # Zeros, which empty texts are too, need not be written into memory that is new.
                made[name] = np.full(rows, missing, dtype) if missing else np.zeros(rows, dtype)
        return cls(**made)

    @classmethod
    def concat(cls, parts: Iterable[Self]) -> Self:
        """Rows of all parts in the order given."""
        kept = [part for part in parts if len(part)]
        if not kept:
            return cls.empty()
        if len(kept) == 1:
            return kept[0]
        return cls(**{name: np.concatenate([getattr(part, name) for part in kept]) for name in cls.DTYPES})

    def take(self, rows: Array | slice) -> Self:
        """The rows selected by a mask, an index array or a slice, in that order."""
        return type(self)(**{name: getattr(self, name)[rows] for name in self.DTYPES})

    def columns(self) -> dict[str, Array]:
        """Column name to array (the arrays themselves, not copies)."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __len__(self) -> int:
        return len(self.time_us)  # type: ignore[attr-defined]


_MISSING = {"nav_status": -1, "utc_second": -1, "station": b"", "name": "", "callsign": "", "destination": ""}


@dataclass(frozen=True, slots=True)
class PositionReports(Columns):
    """Position reports (ITU-R M.1371 types 1-3, 9, 18, 19, 27 and table rows), one row each.

    ``time_us`` int64 microseconds since 1970 UTC when the receiver heard it; ``mmsi`` int32; ``lat_deg``, ``lon_deg``
    float64 WGS 84; ``sog_kn`` (speed over ground), ``cog_deg`` (course over ground), ``heading_deg`` (true heading)
    float32, NaN where not available; ``nav_status`` int8; ``msg_type`` uint8 (1-3 class A, 18/19 class B, 27 long
    range); ``utc_second`` int8, the second of the minute that the ship put into the message; ``station`` up to 16
    bytes; ``offset`` int64 byte offset of the (first) raw line in its decompressed input.
    """

    time_us: Array
    mmsi: Array
    lat_deg: Array
    lon_deg: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    nav_status: Array
    msg_type: Array
    utc_second: Array
    station: Array
    offset: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "time_us": "int64", "mmsi": "int32", "lat_deg": "float64", "lon_deg": "float64", "sog_kn": "float32",
        "cog_deg": "float32", "heading_deg": "float32", "nav_status": "int8", "msg_type": "uint8",
        "utc_second": "int8", "station": "S16", "offset": "int64",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticReports(Columns):
    """Static reports (types 5, 19, 24 and table rows with identity), one row each.

    A field that the message does not carry (type 24 part A has only the name) is "not available", and so is one that it
    carries empty; the last value known stands. ``imo`` int32 as sent, valid or not; dimensions float32 metres from the
    reference point of the position; ``draught_m`` float32.
    """

    time_us: Array
    mmsi: Array
    imo: Array
    name: Array
    callsign: Array
    ship_type: Array
    to_bow_m: Array
    to_stern_m: Array
    to_port_m: Array
    to_starboard_m: Array
    draught_m: Array
    destination: Array
    msg_type: Array
    station: Array
    offset: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "time_us": "int64", "mmsi": "int32", "imo": "int32", "name": "U20", "callsign": "U7", "ship_type": "int16",
        "to_bow_m": "float32", "to_stern_m": "float32", "to_port_m": "float32", "to_starboard_m": "float32",
        "draught_m": "float32", "destination": "U20", "msg_type": "uint8", "station": "S16", "offset": "int64",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class BaseStationReports(Columns):
    """What base stations say of themselves (ITU-R M.1371 type 4), one row each; kept apart from ships.

    ``sent_us`` int64 is the station's own UTC clock to the second, microseconds since 1970, -1 where it has none;
    ``lat_deg``, ``lon_deg`` NaN where not available or out of range; ``fix_type`` int8 0-15 as sent (0 undefined, 1
    GPS, ...); the rest as in :class:`PositionReports`.
    """

    time_us: Array
    mmsi: Array
    sent_us: Array
    lat_deg: Array
    lon_deg: Array
    fix_type: Array
    station: Array
    offset: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "time_us": "int64", "mmsi": "int32", "sent_us": "int64", "lat_deg": "float64", "lon_deg": "float64",
        "fix_type": "int8", "station": "S16", "offset": "int64",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AidReports(Columns):
    """Aids to navigation (ITU-R M.1371 type 21), one row each; kept apart from ships.

    ``aid_type`` int8 0-31 as sent (0 not specified); ``name`` with its extension; ``off_position`` and ``virtual`` 0
    or 1 (``off_position`` means something only where ``utc_second`` is a second); positions as in
    :class:`BaseStationReports`, dimensions as in :class:`StaticReports`.
    """

    time_us: Array
    mmsi: Array
    aid_type: Array
    name: Array
    lat_deg: Array
    lon_deg: Array
    to_bow_m: Array
    to_stern_m: Array
    to_port_m: Array
    to_starboard_m: Array
    fix_type: Array
    utc_second: Array
    off_position: Array
    virtual: Array
    station: Array
    offset: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "time_us": "int64", "mmsi": "int32", "aid_type": "int8", "name": "U34", "lat_deg": "float64",
        "lon_deg": "float64", "to_bow_m": "float32", "to_stern_m": "float32", "to_port_m": "float32",
        "to_starboard_m": "float32", "fix_type": "int8", "utc_second": "int8", "off_position": "int8",
        "virtual": "int8", "station": "S16", "offset": "int64",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """What one piece of input gave: report columns, and every line of it in exactly one counted class.

    ``lines`` counts lines by class: ``read`` (one decoded message, of any type), ``part`` (an earlier part of a
    multi-part message that was completed; the completing line is the ``read`` one), ``wrapper`` (time or tag lines
    that carry no message), ``comment``, ``blank``, or ``refused:<reason>``. ``messages`` counts the read lines by AIS
    message type (0 where a table does not say). ``tick_us`` is a statement of the receiver's clock without a report.
    ``problems`` says what is wrong with the input as a whole (ends early, no line carries a time): place and words.
    ``first_places`` is the byte offset (as in the column ``offset``) of the first line of a refused class in this
    batch, for the classes of which the decoder knows it. ``base_stations`` and ``aids`` (to navigation) are no ships.
    """

    positions: PositionReports = field(default_factory=PositionReports.empty)
    statics: StaticReports = field(default_factory=StaticReports.empty)
    lines: Mapping[str, int] = field(default_factory=dict)
    messages: Mapping[int, int] = field(default_factory=dict)
    tick_us: int | None = None
    problems: tuple[str, ...] = ()
    first_places: Mapping[str, int] = field(default_factory=dict)
    base_stations: BaseStationReports = field(default_factory=BaseStationReports.empty)
    aids: AidReports = field(default_factory=AidReports.empty)

    def total_lines(self) -> int:
        """Lines of input that this batch accounts for."""
        return sum(self.lines.values())


def add_counts(total: dict[Any, int], more: Mapping[Any, int]) -> dict[Any, int]:
    """``total`` with ``more`` added key by key (``total`` is changed and returned)."""
    for key, count in more.items():
        total[key] = total.get(key, 0) + count
    return total
