"""What the description of a report table consists of, once read from its file in ``decoders/formats``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from decoders.reports import PositionReports, StaticReports

_GIVEN = {"time_us", "mmsi", "msg_type", "offset", "station"}  # filled by the reader itself, not by a column map
DIMENSIONS = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
POSITION_COLUMNS = frozenset(PositionReports.DTYPES) - _GIVEN
STATIC_COLUMNS = frozenset(StaticReports.DTYPES) - _GIVEN - frozenset(DIMENSIONS)
EPOCHS = {"epoch_s": (1_000_000, 12), "epoch_ms": (1000, 15), "epoch_us": (1, 18)}
"""Times that count units since 1970: microseconds of the unit, and the most digits before the point."""
TEXT_COLUMNS = frozenset({"name", "callsign", "destination"})


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value stands (a header name, or a field index as text; several are joined) and how it becomes ours."""

    keys: tuple[str, ...]
    joined: str = ""
    scale: float = 1.0
    prefix: str = ""
    values: Mapping[str, float] | None = None
    optional: bool = False

    @property
    def is_coded(self) -> bool:
        """Whether the number is written as text (with a prefix or as words)."""
        return bool(self.prefix) or self.values is not None


@dataclass(frozen=True, slots=True)
class Dimensions:
    """One way to get the four distances from the antenna: parts (A, B, C, D) or the whole length and width, halved."""

    length: tuple[Column, ...]
    width: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of row: how it is recognised and what it gives; one that gives nothing is read and counted only."""

    name: str
    field_counts: frozenset[int]
    where: Mapping[str, re.Pattern[str]]
    mmsi: Column | None
    msg_type: Column | int
    station_class: Column | None
    static_rides_on_position: bool
    position: Mapping[str, Column]
    static: Mapping[str, Column]
    dimensions: tuple[Dimensions, ...]

    def number_columns(self) -> list[Column]:
        """Every column that is read as a number."""
        found = [c for c in (self.mmsi, self.msg_type, self.station_class) if isinstance(c, Column)]
        found += self.position.values()
        found += [c for name, c in self.static.items() if name not in TEXT_COLUMNS]
        return found + [c for way in self.dimensions for c in (*way.length, *way.width)]

    def text_columns(self) -> list[Column]:
        """Every column that is read as text."""
        return [c for name, c in self.static.items() if name in TEXT_COLUMNS]


@dataclass(frozen=True, slots=True)
class TimeRule:
    """How the time of a row is written; always UTC. With ``file_name`` a row has only the time of day."""

    column: str
    forms: tuple[str, ...]
    milliseconds: str | None
    file_name: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Format:
    """One report table: what it is, how it is recognised, how its rows become reports."""

    name: str
    title: str
    source: str
    duplicates: str
    encoding: str
    delimiter: str
    quote: str
    missing: frozenset[str]
    header: tuple[str, ...]
    shape: re.Pattern[bytes] | None
    collapse_statics: bool
    time: TimeRule
    records: tuple[Record, ...]
