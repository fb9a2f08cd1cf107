"""Makes reports of parsed rows, whatever they were parsed from, and puts every row into one counted class."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Array, PositionReports, StaticReports, add_counts
from decoders.table_format import DIMENSIONS, Format, Record
from decoders.validity import REFUSALS, clean_positions, clean_statics, mmsi_in_range, position_refusals

READ = "read"
UNKNOWN_RECORD = "refused:unknown_record"
BAD_TIME = "refused:bad_time"
BAD_VALUE = "refused:bad_value"
_POSITION = ("lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "nav_status", "utc_second")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Rows whose values could be read. ``numbers`` are float64, NaN where missing; ``kinds`` the record of each row.

    ``static_rows`` are the rows whose static part is looked at; the columns of ``static_numbers`` and ``static_texts``
    (cleaned, empty where not available) are as long. ``position_type`` NaN means the message's own type.
    """

    time_us: Array
    offset: Array
    kinds: Array
    numbers: dict[str, Array]
    static_rows: Array
    static_numbers: dict[str, Array]
    static_texts: dict[str, Array]


@dataclass(frozen=True, slots=True)
class Rows:
    """What some rows gave."""

    positions: PositionReports
    statics: StaticReports
    lines: dict[str, int] = field(default_factory=dict)
    messages: dict[int, int] = field(default_factory=dict)
    first_places: dict[str, int] = field(default_factory=dict)


def reports_of(table: Format, parsed: Parsed) -> Rows:
    """Clean reports of parsed rows; rows that give nothing usable are refused by name."""
    count = len(parsed.time_us)
    of_record = _of_record(table.records)
    mmsi = parsed.numbers["mmsi"]
    message = parsed.numbers["msg_type"].astype(np.uint8)
    used = _kind_is(of_record["gives_nothing"], parsed.kinds)
    lines: dict[str, int] = {}
    first_places: dict[str, int] = {}
    has_static = np.zeros(count, bool)
    content = _content(parsed)
    own = ~of_record["rides"][parsed.kinds[parsed.static_rows]]
    if len(parsed.static_rows):
        has_static[parsed.static_rows[content & own]] = True
        has_static &= mmsi_in_range(mmsi)
    positions, keep = _positions(parsed, of_record, message, has_static, lines, first_places)
    used |= keep | has_static
    only_static = _kind_is(of_record["only_static"], parsed.kinds)
    if only_static.any():
        rows = np.flatnonzero(only_static)
        _, refused, fine = clean_statics({"time_us": parsed.time_us[rows], "mmsi": mmsi[rows]})
        used[rows] = fine
        add_counts(lines, refused)
        for reason in refused:
            first_places[reason] = int(parsed.offset[rows[~fine]][0])
    chosen = np.flatnonzero(content & (own | keep[parsed.static_rows]))
    statics = _statics(table, parsed, chosen, message)
    add_counts(lines, {READ: int(used.sum())})
    kinds = np.bincount(message if used.all() else message[used], minlength=1)
    messages = {int(kind): int(kinds[kind]) for kind in np.flatnonzero(kinds)}
    return Rows(positions, statics, {name: n for name, n in lines.items() if n}, messages, first_places)


def _of_record(records: tuple[Record, ...]) -> dict[str, NDArray[np.bool_]]:
    position = np.array([bool(r.position) for r in records], bool)
    static = np.array([bool(r.static or r.dimensions) for r in records], bool)
    return {
        "has_position": position,
        "only_static": static & ~position,
        "gives_nothing": ~static & ~position,
        "rides": np.array([r.static_rides_on_position for r in records], bool),
    }


def _kind_is(of_record: NDArray[np.bool_], kinds: Array) -> NDArray[np.bool_]:
    """For each row what is so of its kind of record; most formats have one kind, or the same for all."""
    if of_record.any() and not of_record.all():
        return np.asarray(of_record[kinds])
    return np.full(len(kinds), of_record.any())


def _positions(
    parsed: Parsed,
    of_record: dict[str, NDArray[np.bool_]],
    message: Array,
    has_static: Array,
    lines: dict[str, int],
    first_places: dict[str, int],
) -> tuple[PositionReports, NDArray[np.bool_]]:
    """The positions, and which rows hold a usable one; the others are counted unless their static part is used."""
    keep = np.zeros(len(message), bool)
    if not of_record["has_position"].any():
        return PositionReports.empty(), keep
    rows: Array | slice = slice(None)
    if not of_record["has_position"].all():
        rows = np.flatnonzero(of_record["has_position"][parsed.kinds])
    stated = parsed.numbers["position_type"]
    kind = np.where(np.isnan(stated), message, stated).astype(np.uint8)
    columns = {"time_us": parsed.time_us, "mmsi": parsed.numbers["mmsi"], "msg_type": kind, "offset": parsed.offset}
    columns |= {name: parsed.numbers[name] for name in _POSITION if name in parsed.numbers}
    raw = {name: column[rows] for name, column in columns.items()}
    positions, refused, fine = clean_positions(raw)
    if refused:
        wasted = ~fine & ~has_static[rows]
        reasons = position_refusals({name: raw[name][wasted] for name in ("mmsi", "lat_deg", "lon_deg")})
        for code in np.unique(reasons).tolist():
            lines[REFUSALS[code]] = int((reasons == code).sum())
            first_places[REFUSALS[code]] = int(raw["offset"][wasted][reasons == code][0])
    keep[rows] = fine
    return positions, keep


def _content(parsed: Parsed) -> NDArray[np.bool_]:
    """Which of the looked-at rows say anything of the ship."""
    content = np.zeros(len(parsed.static_rows), bool)
    for values in parsed.static_numbers.values():
        content |= np.nan_to_num(values) != 0
    for texts in parsed.static_texts.values():
        content |= texts != ""
    return content


def _statics(table: Format, parsed: Parsed, chosen: Array, message: Array) -> StaticReports:
    if not len(chosen):
        return StaticReports.empty()
    rows = parsed.static_rows[chosen]
    raw = {"time_us": parsed.time_us[rows], "mmsi": parsed.numbers["mmsi"][rows], "msg_type": message[rows],
           "offset": parsed.offset[rows]}  # fmt: skip
    numbers = {name: values[chosen] for name, values in parsed.static_numbers.items()}
    raw |= {name: values for name, values in numbers.items() if not name.startswith("way ")}
    raw |= _dimensions(table, numbers, len(chosen))
    raw |= {name: texts[chosen] for name, texts in parsed.static_texts.items()}
    return clean_statics(raw)[0]


def dimension_name(way: int, axis: str, part: int) -> str:
    """What the column of one part of a way to give the length or width is called among the static numbers."""
    return f"way {way} {axis} {part}"


def _dimensions(table: Format, numbers: dict[str, Array], count: int) -> dict[str, Array]:
    """Distances from the antenna: for length and width each the first way of which the row holds a part."""
    most = max(len(record.dimensions) for record in table.records)
    if not most:
        return {}
    nothing = np.full(count, np.nan)
    made: dict[str, Array] = {}
    for axis, names in (("length", DIMENSIONS[:2]), ("width", DIMENSIONS[2:])):
        one, other = nothing, nothing
        for way in range(most):
            a, b = (numbers.get(dimension_name(way, axis, part), nothing) for part in range(2))
            if _is_whole(table, way, axis):
                a = b = a / 2
            here = np.isnan(one) & np.isnan(other) & ~(np.isnan(a) & np.isnan(b))
            one, other = np.where(here, np.nan_to_num(a), one), np.where(here, np.nan_to_num(b), other)
        made[names[0]], made[names[1]] = one, other
    return made


def _is_whole(table: Format, way: int, axis: str) -> bool:
    return any(len(getattr(r.dimensions[way], axis)) == 1 for r in table.records if len(r.dimensions) > way)
