"""Loads and checks the descriptions of JSON messages in ``decoders/formats/json/*.toml``; a new one is a file, no code.

What the keys mean is told in ``decoders/formats/json/README.md``. An unknown or missing key is an error with file and
key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from decoders.errors import FormatError
from decoders.reports import PositionReports, StaticReports
from decoders.toml_keys import TomlKeys

TEXTS = frozenset({"name", "callsign", "destination"})
WHOLE = ("length_m", "width_m", "from_bow_m", "from_center_m")
TIME_FORMS = ("text", "digits", "epoch_s", "epoch_ms")
_GIVEN = frozenset({"time_us", "mmsi", "msg_type", "offset", "station"})
_POSITION = frozenset(PositionReports.DTYPES) - _GIVEN
_STATIC = (frozenset(StaticReports.DTYPES) - _GIVEN) | set(WHOLE)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JsonField:
    """Where a value stands, from the record's own object or from the whole message, and how it becomes ours."""

    path: Path
    from_top: bool = False
    otherwise: Path = ()
    scale: float = 1.0
    pattern: re.Pattern[str] | None = None
    values: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class JsonTime:
    """One way in which the time is given; ``zone_stated``: text must name its zone, else it is UTC."""

    field: JsonField
    form: str
    zone_stated: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """The value at a path is one of ``values``, fits ``pattern``, or (neither given) is there and not null."""

    path: Path
    values: frozenset[tuple[type, str | int | bool]] | None = None  # with the type: True is not 1
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One kind of message: how it is recognised and what it gives; one that gives nothing is read and counted only."""

    name: str
    at: Path
    where: tuple[Condition, ...]
    unless_false: JsonField | None
    times: tuple[JsonTime, ...]
    mmsi: JsonField | None
    msg_type: JsonField | int
    station: JsonField | None
    nmea: JsonField | None
    position: Mapping[str, JsonField]
    static: Mapping[str, JsonField]


@dataclass(frozen=True, slots=True, eq=False)
class JsonFormat:
    """The messages of one sender: what it is, by which keys it is recognised, how its messages become reports."""

    name: str
    title: str
    source: str
    duplicates: str
    keys: frozenset[str]
    each: str
    pairs: str
    numbers_as_text: bool
    records: tuple[JsonRecord, ...]


@lru_cache(maxsize=1)
def json_formats() -> tuple[JsonFormat, ...]:
    """All JSON formats that are described, those that ask for the most keys first.

    Raises :class:`~decoders.errors.FormatError` with file and key when a description is wrong.

    >>> sorted(form.name for form in json_formats())
    ['aiscatcher', 'aishub', 'aisstream', 'barentswatch', 'digitraffic', 'signalk']
    """
    folder = files("decoders") / "formats" / "json"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    made = [parse_json_format(entry.name, entry.read_text("utf-8")) for entry in sorted(found, key=lambda e: e.name)]
    return tuple(sorted(made, key=lambda form: -len(form.keys)))


def json_format_named(name: str) -> JsonFormat | None:
    """The JSON format of that name, or None."""
    return next((form for form in json_formats() if form.name == name), None)


def parse_json_format(file: str, text: str) -> JsonFormat:
    """Check one description and build it; ``file`` (``<name>.toml``) names it in errors and gives the name."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FormatError(file, f"not TOML: {error}") from None
    top = TomlKeys(file, "", raw)
    default_times = _times(top)
    records = top.take("record", list)
    made = JsonFormat(
        name=file.removesuffix(".toml"),
        title=top.take("title", str),
        source=top.take("source", str),
        duplicates=top.take("duplicates", str),
        keys=frozenset(map(str, top.take("keys", list))),
        each=top.take("each", str, ""),
        pairs=top.take("pairs", str, ""),
        numbers_as_text=top.take("numbers_as_text", bool, False),
        records=tuple(
            _record(TomlKeys(file, f"record[{index}].", entry), default_times) for index, entry in enumerate(records)
        ),
    )
    top.done()
    if not made.keys or not made.records:
        raise FormatError(file, "keys and record must not be empty")
    return made


def _record(keys: TomlKeys, default_times: tuple[JsonTime, ...]) -> JsonRecord:
    kind = keys.raw.get("msg_type", 0)
    msg_type = kind if isinstance(kind, int) else _optional_field(keys, "msg_type")
    keys.take("msg_type", object, 0)
    conditions = keys.take("where", dict, {})
    made = JsonRecord(
        name=keys.take("name", str),
        at=_path(keys, "at", keys.take("at", object, [])),
        where=(
            *(Condition(_path(keys, "has", path)) for path in keys.take("has", list, [])),
            *(_condition(keys, path, wanted) for path, wanted in conditions.items()),
        ),
        unless_false=_optional_field(keys, "unless_false"),
        times=_times(keys) or default_times,
        mmsi=_optional_field(keys, "mmsi"),
        msg_type=msg_type or 0,
        station=_optional_field(keys, "station"),
        nmea=_optional_field(keys, "nmea"),
        position=_fields(keys, "position", _POSITION),
        static=_fields(keys, "static", _STATIC),
    )
    keys.done()
    if (made.position or made.static) and made.mmsi is None:
        raise FormatError(keys.file, f"{keys.at}mmsi is missing")
    if made.position and not {"lat_deg", "lon_deg"} <= set(made.position):
        raise FormatError(keys.file, f"{keys.at}position must have lat_deg and lon_deg")
    return made


def _fields(keys: TomlKeys, key: str, allowed: frozenset[str]) -> dict[str, JsonField]:
    inside = TomlKeys(keys.file, f"{keys.at}{key}.", keys.take(key, dict, {}))
    unknown = set(inside.raw) - allowed
    if unknown:
        raise FormatError(keys.file, f"unknown key {inside.at}{sorted(unknown)[0]}")
    return {name: _field(inside, name, inside.raw[name]) for name in inside.raw}


def _optional_field(keys: TomlKeys, key: str) -> JsonField | None:
    return _field(keys, key, keys.take(key, object)) if keys.has(key) else None


def _field(keys: TomlKeys, key: str, raw: object) -> JsonField:
    if not isinstance(raw, dict):
        return JsonField(*_where_from(keys, key, raw))
    inside = TomlKeys(keys.file, f"{keys.at}{key}.", raw)
    path, from_top = _where_from(inside, "path", inside.take("path", object))
    pattern = inside.take("pattern", str, "")
    words = inside.take("values", dict, {})
    if not all(type(number) in (int, float) for number in words.values()):
        raise FormatError(keys.file, f"{inside.at}values must give a number for each word")
    made = JsonField(
        path=path,
        from_top=from_top,
        otherwise=_path(inside, "or", inside.take("or", object, [])),
        scale=inside.take("scale", float, 1.0),
        pattern=_pattern(inside, "pattern", pattern) if pattern else None,
        values={str(word).casefold(): float(number) for word, number in words.items()} or None,
    )
    inside.done()
    return made


def _times(keys: TomlKeys) -> tuple[JsonTime, ...]:
    found = []
    for index, entry in enumerate(keys.take("time", list, [])):
        inside = TomlKeys(keys.file, f"{keys.at}time[{index}].", entry)
        path, from_top = _where_from(inside, "path", inside.take("path", object))
        form, zone = inside.take("form", str), inside.take("zone", str)
        if form not in TIME_FORMS:
            raise FormatError(keys.file, f"{inside.at}form: {form!r} is not one of {', '.join(TIME_FORMS)}")
        if zone not in ("UTC", "stated"):
            raise FormatError(keys.file, f"{inside.at}zone: {zone!r} is not 'UTC' or 'stated'")
        inside.done()
        found.append(JsonTime(JsonField(path, from_top), form, zone == "stated"))
    return tuple(found)


def _condition(keys: TomlKeys, path: str, wanted: object) -> Condition:
    at = tuple(path.split("."))
    if isinstance(wanted, dict) and set(wanted) == {"pattern"}:
        return Condition(at, pattern=_pattern(keys, f"where.{path}", str(wanted["pattern"])))
    values = wanted if isinstance(wanted, list) else [wanted]
    told = frozenset((type(value), value) for value in values if isinstance(value, (str, int)))
    if len(told) != len(values):
        raise FormatError(keys.file, f"{keys.at}where.{path}: {wanted!r} is no value, list of values or pattern")
    return Condition(at, values=told)


def _where_from(keys: TomlKeys, key: str, raw: object) -> tuple[Path, bool]:
    from_top = isinstance(raw, str) and raw.startswith("/")
    path = _path(keys, key, raw[1:] if isinstance(raw, str) and from_top else raw)
    if not path:
        raise FormatError(keys.file, f"{keys.at}{key}: an empty path")
    return path, from_top


def _path(keys: TomlKeys, key: str, raw: object) -> Path:
    if isinstance(raw, str) and raw:
        return tuple(raw.split("."))
    if isinstance(raw, list) and all(isinstance(part, str) for part in raw):
        return tuple(raw)
    raise FormatError(keys.file, f"{keys.at}{key}: {raw!r} is not a path (text with dots, or a list of keys)")


def _pattern(keys: TomlKeys, key: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise FormatError(keys.file, f"{keys.at}{key}: not a regular expression: {error}") from None
