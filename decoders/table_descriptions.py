"""Loads and checks the descriptions of report tables in ``decoders/formats/*.toml``; a new format is a file, no code.

What the keys mean is told in ``decoders/formats/README.md``. An unknown or missing key is an error with file and key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from decoders.errors import FormatError
from decoders.table_format import (
    DIMENSIONS,
    EPOCHS,
    POSITION_COLUMNS,
    STATIC_COLUMNS,
    Column,
    Dimensions,
    Format,
    Record,
    TimeRule,
)
from decoders.toml_keys import TomlKeys


@lru_cache(maxsize=1)
def formats() -> tuple[Format, ...]:
    """All report tables that are described in ``decoders/formats``, by name.

    Raises :class:`~decoders.errors.FormatError` with file and key when a description is wrong.

    >>> [table.name for table in formats()]
    ['aishub_csv', 'danish_dma', 'exactearth', 'global_fishing_watch', 'helcom', 'kystverket', 'marinecadastre', \
'marinecadastre_2025', 'marinecadastre_geoparquet', 'socal_log', 'spire', 'un_global_platform']
    """
    folder = files("decoders") / "formats"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(
        parse_format(entry.name, entry.read_text(encoding="utf-8")) for entry in sorted(found, key=lambda e: e.name)
    )


def format_named(name: str) -> Format:
    """The table format of that name; raises :class:`~decoders.errors.FormatError` naming those that exist."""
    for table in formats():
        if table.name == name:
            return table
    raise FormatError(name, f"no such table format; known are {', '.join(table.name for table in formats())}")


def parse_format(file: str, text: str) -> Format:
    """Check one description and build it; ``file`` (``<name>.toml``) names it in errors and gives the name."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(file, f"not TOML: {error}") from None
    top = TomlKeys(file, "", raw)
    header = tuple(str(name) for name in top.take("header", list, []))
    shape = top.take("shape", str, "")
    if bool(header) == bool(shape):
        raise FormatError(
            file, "give either header (names that the header line must have) or shape (a pattern of lines)"
        )
    missing = frozenset(str(word) for word in top.take("missing", list, []))
    tables = {name: _words(top.inside("values"), name) for name in top.raw.get("values", {})}
    top.take("values", dict, {})
    made = Format(
        name=file.removesuffix(".toml"),
        title=top.take("title", str),
        source=top.take("source", str),
        duplicates=top.take("duplicates", str),
        encoding=top.take("encoding", str, "utf-8"),
        delimiter=top.take("delimiter", str),
        quote=top.take("quote", str, '"'),
        missing=missing | {""},
        header=header,
        shape=re.compile(_pattern(file, "shape", shape).pattern.encode()) if shape else None,
        collapse_statics=top.take("statics", str, "every_row") == "on_change",
        time=_time_rule(TomlKeys(file, "time.", top.take("time", dict)), has_header=bool(header)),
        records=tuple(
            _record(TomlKeys(file, f"record[{index}].", entry), tables, has_header=bool(header))
            for index, entry in enumerate(top.take("record", list))
        ),
    )
    top.done()
    if len(made.delimiter) != 1 or len(made.quote) > 1 or not (made.delimiter + made.quote).isascii():
        raise FormatError(file, "delimiter must be one ASCII character, quote one or none")
    if raw.get("statics", "every_row") not in ("every_row", "on_change"):
        raise FormatError(file, f"statics: {raw['statics']!r} is not every_row or on_change")
    try:
        "".encode(made.encoding)
    except LookupError:
        raise FormatError(file, f"encoding: {made.encoding!r} is unknown") from None
    return made


def _time_rule(keys: TomlKeys, *, has_header: bool) -> TimeRule:
    file_name = keys.take("file_name", str, "")
    forms = tuple(str(form) for form in keys.take("forms", list))
    zone = keys.take("zone", str)
    if zone != "UTC":
        raise FormatError(keys.file, f"time.zone: {zone!r} is not 'UTC', the only zone that AIS tables are read in")
    for form in forms:
        if form in EPOCHS and not file_name:
            continue
        if ("Y" in form) == bool(file_name) or "h" not in form:
            raise FormatError(
                keys.file, f"time.forms: {form!r} must have hh and either YYYY or time.file_name the date"
            )
    rule = TimeRule(
        column=_key(keys, keys.raw.get("column"), has_header),
        forms=forms,
        milliseconds=_key(keys, keys.raw["milliseconds"], has_header) if keys.has("milliseconds") else None,
        file_name=_pattern(keys.file, "time.file_name", file_name) if file_name else None,
    )
    if rule.file_name is not None and not {"year", "month", "day", "hour"} <= set(rule.file_name.groupindex):
        raise FormatError(keys.file, "time.file_name must name the groups year, month, day and hour")
    for known in ("column", "milliseconds"):
        keys.take(known, object, "")
    keys.done()
    return rule


def _record(keys: TomlKeys, tables: Mapping[str, Mapping[str, float]], *, has_header: bool) -> Record:
    def column(inside: TomlKeys, key: str) -> Column:
        return _column(inside, key, inside.take(key, object), tables, has_header)

    counts = frozenset(int(count) for count in keys.take("fields", list, []))
    if bool(counts) == has_header:
        raise FormatError(keys.file, f"{keys.at}fields must be given exactly when the format has no header")
    position, static = keys.inside("position"), keys.inside("static")
    ways = static.take("dimensions", list, [])
    _only(position, POSITION_COLUMNS)
    _only(static, STATIC_COLUMNS | {"dimensions"})
    gives = bool(position.raw or static.raw)
    msg_type: Column | int = 0
    if keys.has("msg_type"):
        msg_type = keys.raw["msg_type"] if isinstance(keys.raw["msg_type"], int) and has_header else 0
        if not msg_type:
            msg_type = column(keys, "msg_type")
    keys.take("msg_type", object, 0)
    where = keys.take("where", dict, {})
    made = Record(
        name=keys.take("name", str),
        field_counts=counts,
        where={str(key): _pattern(keys.file, f"{keys.at}where.{key}", str(rule)) for key, rule in where.items()},
        mmsi=column(keys, "mmsi") if gives or keys.has("mmsi") else None,
        msg_type=msg_type,
        station_class=column(keys, "class") if keys.has("class") else None,
        static_rides_on_position=keys.take("static_rides_on_position", bool, False),
        position={name: column(position, name) for name in position.raw},
        static={name: column(static, name) for name in static.raw if name != "dimensions"},
        dimensions=tuple(_dimensions(TomlKeys(keys.file, f"{keys.at}static.", way), column) for way in ways),
    )
    if made.position and not {"lat_deg", "lon_deg"} <= set(made.position):
        raise FormatError(keys.file, f"{keys.at}position must have lat_deg and lon_deg")
    for known in ("position", "static"):
        keys.take(known, dict, {})
    keys.done()
    return made


def _dimensions(way: TomlKeys, column: Any) -> Dimensions:
    whole = way.has("length_m")
    names = ("length_m", "width_m") if whole else DIMENSIONS
    columns = [column(way, name) for name in names]
    way.done()
    half = len(columns) // 2
    return Dimensions(length=tuple(columns[:half]), width=tuple(columns[half:]))


def _column(keys: TomlKeys, name: str, raw: Any, tables: Mapping[str, Mapping[str, float]], has_header: bool) -> Column:
    if not isinstance(raw, dict):
        return Column(keys=(_key(keys, raw, has_header),))
    inside = TomlKeys(keys.file, f"{keys.at}{name}.", raw)
    at = inside.take("column", object)
    places = at if isinstance(at, list) else [at]
    table = inside.take("values", str, "")
    if table and table not in tables:
        raise FormatError(keys.file, f"{keys.at}{name}.values: there is no table [values.{table}]")
    made = Column(
        keys=tuple(_key(inside, place, has_header) for place in places),
        joined=inside.take("joined", str, ""),
        scale=inside.take("scale", float, 1.0),
        prefix=inside.take("prefix", str, ""),
        values=tables[table] if table else None,
        optional=inside.take("optional", bool, False),
    )
    inside.done()
    return made


def _key(keys: TomlKeys, raw: object, has_header: bool) -> str:
    if has_header and isinstance(raw, str) and raw:
        return raw
    if not has_header and type(raw) is int and raw >= 0:
        return str(raw)
    wanted = "a column name" if has_header else "a field index (the first is 0)"
    raise FormatError(keys.file, f"{keys.at.rstrip('.')}: {raw!r} is not {wanted}")


def _words(keys: TomlKeys, name: str) -> dict[str, float]:
    table = keys.take(name, dict)
    if not all(isinstance(number, int | float) for number in table.values()):
        raise FormatError(keys.file, f"values.{name} must give a number for each word")
    return {str(word).strip().casefold(): float(number) for word, number in table.items()}


def _only(keys: TomlKeys, allowed: frozenset[str]) -> None:
    unknown = set(keys.raw) - allowed
    if unknown:
        raise FormatError(keys.file, f"unknown key {keys.at}{sorted(unknown)[0]}")


def _pattern(file: str, key: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise FormatError(file, f"{key}: not a regular expression: {error}") from None
