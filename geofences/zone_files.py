"""Zones from GeoJSON files and GeoDataFrames: every refusal says which file and which feature.

A zone file may come from anybody: its size, its vertices and its features are bounded, nothing in it is executed, and
no path or address in it is followed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from geofences.errors import ZoneError, ZoneFileError, did_you_mean
from geofences.zone import Zone

if TYPE_CHECKING:
    import geopandas as gpd

MAX_FILE_BYTES = 50_000_000
MAX_VERTICES = 1_000_000
MAX_FEATURES = 10_000

PROPERTIES = ("name", "kind", "purpose", "source", "confidence", "note", "overrides_ports")
_WGS84_NAMES = ("CRS84", "EPSG:4326", "EPSG::4326")


def read_zone_files(paths: Iterable[str | Path]) -> tuple[Zone, ...]:
    """All zones of all files in order; raises :class:`ZoneFileError` at the first feature that is refused.

    A name may stand only once over all files; the caps on vertices and features hold for all files together.
    """
    zones: list[Zone] = []
    seen: dict[str, str] = {}
    vertices = 0
    for path in map(Path, paths):
        for where, zone in _zones_of(path):
            key = zone.name.casefold()
            if key in seen:
                raise ZoneFileError(f"{where}: the name stands already in {seen[key]}")
            seen[key] = where
            vertices += int(shapely.get_num_coordinates(zone.geometry))
            if vertices > MAX_VERTICES:
                raise ZoneFileError(f"{where}: more than {MAX_VERTICES:,} vertices so far; simplify the polygons")
            if len(zones) == MAX_FEATURES:
                raise ZoneFileError(f"{where}: more than {MAX_FEATURES:,} zones")
            zones.append(zone)
    return tuple(zones)


def zones_from_geodataframe(frame: gpd.GeoDataFrame) -> tuple[Zone, ...]:
    """The rows of a GeoDataFrame with columns ``name`` and ``kind`` (others of :data:`PROPERTIES` optional) as zones.

    Raises :class:`ZoneFileError` for another coordinate system than WGS 84, an unknown column or a refused row.
    """
    if frame.crs is None or frame.crs.to_epsg() not in (4326, None) or not frame.crs.is_geographic:
        raise ZoneFileError(f"GeoDataFrame: coordinate system {frame.crs} is not WGS 84; use .to_crs(4326) first")
    unknown = [str(c) for c in frame.columns if c != frame.geometry.name and c not in PROPERTIES]
    if unknown:
        raise ZoneFileError(f"GeoDataFrame: unknown column {unknown[0]!r}{did_you_mean(unknown[0], PROPERTIES)}")
    zones: list[Zone] = []
    fields = [c for c in frame.columns if c in PROPERTIES]
    for number, (geometry, *values) in enumerate(
        zip(frame.geometry, *(frame[c] for c in fields), strict=True), start=1
    ):
        given = {k: v.item() if hasattr(v, "item") else v for k, v in zip(fields, values, strict=True)}
        given = {k: v for k, v in given.items() if isinstance(v, str | bool | int) or k in ("name", "kind")}
        where = _place("GeoDataFrame", number, given, "row")
        zones.append(_zone(where, given, geometry))
    return tuple(zones)


def _zones_of(path: Path) -> Iterator[tuple[str, Zone]]:
    document = _parsed(path)
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        kind = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise ZoneFileError(f"{path}: is not a GeoJSON FeatureCollection (type is {kind!r:.60})")
    _check_crs(path, document.get("crs"))
    features = document.get("features")
    if not isinstance(features, list):
        raise ZoneFileError(f"{path}: has no list of features")
    for number, feature in enumerate(features, start=1):
        given = feature.get("properties") if isinstance(feature, dict) else None
        where = _place(path, number, given)
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise ZoneFileError(f"{where}: is not a GeoJSON Feature")
        if not isinstance(given, dict):
            raise ZoneFileError(f"{where}: has no properties (name and kind are needed)")
        yield where, _zone(where, given, _geometry(where, feature.get("geometry")))


def _parsed(path: Path) -> Any:
    def refuse_constant(text: str) -> NoReturn:
        raise ZoneFileError(f"{path}: {text} is not a number that GeoJSON knows")

    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
        if len(raw) > MAX_FILE_BYTES:
            raise ZoneFileError(f"{path}: is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        return json.loads(raw.decode("utf-8-sig"), parse_constant=refuse_constant)
    except OSError as error:
        raise ZoneFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ZoneFileError(f"{path}: is not UTF-8 text (byte {error.start})") from error
    except json.JSONDecodeError as error:
        raise ZoneFileError(f"{path}:{error.lineno}: is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise ZoneFileError(f"{path}: is nested too deeply") from error
    except ZoneFileError:
        raise
    except ValueError as error:  # an integer of thousands of digits
        raise ZoneFileError(f"{path}: is not JSON: {error}") from error


def _check_crs(path: Path, crs: Any) -> None:
    if crs is None:
        return
    text = json.dumps(crs)
    if not any(name in text for name in _WGS84_NAMES):
        raise ZoneFileError(f"{path}: coordinate system {text[:120]} is not WGS 84 (EPSG:4326); convert the file first")


def _geometry(where: str, geometry: Any) -> Any:
    if not isinstance(geometry, dict):
        raise ZoneFileError(f"{where}: has no geometry")
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise ZoneFileError(f"{where}: is a {geometry.get('type')!r:.60}, not a Polygon or MultiPolygon")
    try:
        return shape(geometry)
    except (ShapelyError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise ZoneFileError(f"{where}: the coordinates are not those of a polygon: {str(error)[:120]}") from error


def _zone(where: str, given: dict[str, Any], geometry: Any) -> Zone:
    for key in given:
        if key not in PROPERTIES:
            raise ZoneFileError(f"{where}: unknown property {key[:60]!r}{did_you_mean(key, PROPERTIES)}")
    for key in ("name", "kind"):
        if key not in given:
            raise ZoneFileError(f"{where}: has no {key}")
    default = "sts_area" if given["kind"] == "watched" else "port"
    try:
        return Zone(**{"purpose": default, **given, "geometry": geometry})
    except ZoneError as error:
        raise ZoneFileError(f"{where}: {error}") from error


def _place(file: str | Path, number: int, given: Any, what: str = "feature") -> str:
    name = given.get("name") if isinstance(given, dict) else None
    shown = f' "{name[:60]}"' if isinstance(name, str) and name.isprintable() else ""
    return f"{file}: {what} {number}{shown}"
