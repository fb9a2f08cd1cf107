"""Where a summary is of: everywhere, a zone by its name, or any polygon of a GeoJSON file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.errors import ShapelyError
from shapely.geometry import MultiPolygon, Polygon, shape

from geofences.errors import ZoneError
from geofences.polygons import as_zone_polygon
from geofences.zones import Zone, ZoneSet
from shipwatch.reports.errors import ReportError

MAX_FILE_BYTES = 50_000_000
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Area:
    """A named polygon in WGS 84 degrees, cut at longitude 180; ``polygon`` None is all water."""

    name: str = "all waters"
    polygon: Polygon | MultiPolygon | None = None

    def holds(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.bool_]:
        """Whether each point lies in the area, its edge included."""
        lat, lon = np.atleast_1d(np.asarray(lat_deg, float)), np.atleast_1d(np.asarray(lon_deg, float))
        if self.polygon is None:
            return np.ones(lat.size, np.bool_)
        shapely.prepare(self.polygon)
        return np.asarray(shapely.intersects_xy(self.polygon, lon, lat), np.bool_)

    def touching(self, zones: Iterable[Zone]) -> list[Zone]:
        """The zones with water in the area."""
        return [zone for zone in zones if self.polygon is None or self.polygon.intersects(zone.geometry)]

    @property
    def slug(self) -> str:
        """The name as part of a file name: letters, digits, dashes; empty for all water."""
        if self.polygon is None:
            return ""
        kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in self.name.lower())
        return "-".join(part for part in kept.split("-") if part)[:40] or "area"


def find_area(asked: str | None, zones: ZoneSet) -> Area:
    """The area that a user names: a zone, watched or not, or a GeoJSON file of polygons; raises ``ReportError``.

    A file need not be a zone file: a FeatureCollection, a Feature or a bare Polygon or MultiPolygon will do, several
    polygons together are one area, and the area's name is the property ``name`` of a single feature, else the file's.
    """
    if asked is None:
        return Area()
    path = Path(asked)
    if path.suffix.lower() in {".geojson", ".json"} or path.is_file():
        return _from_file(path)
    try:
        zone = zones.by_name(asked)
    except ZoneError as problem:
        raise ReportError(f"area: {problem}, and there is no such file") from None
    return Area(zone.name, zone.geometry)


def _from_file(path: Path) -> Area:
    features = _features(path)
    polygons: list[Polygon] = []
    for number, feature in enumerate(features, start=1):
        geometry = feature.get("geometry") if feature.get("type") == "Feature" else feature
        where = f"{path}: feature {number}"
        if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
            kind = geometry.get("type") if isinstance(geometry, dict) else None
            raise ReportError(f"{where}: is {str(kind)[:40]!r}, not a Polygon or MultiPolygon")
        try:
            polygon = as_zone_polygon(shape(geometry))
        except ZoneError as problem:
            raise ReportError(f"{where}: {problem}") from None
        except (ShapelyError, ValueError, TypeError, LookupError, AttributeError) as problem:
            raise ReportError(f"{where}: is not a polygon's coordinates ({str(problem)[:120]})") from None
        polygons += list(getattr(polygon, "geoms", [polygon]))
    if not polygons:
        raise ReportError(f"{path}: holds no polygon")
    whole = shapely.union_all(polygons) if len(polygons) > 1 else polygons[0]
    if not isinstance(whole, Polygon | MultiPolygon):
        raise ReportError(f"{path}: its polygons do not make an area")
    return Area(_name(features, path), whole)


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        raise ReportError(f"area: {path}: cannot be read ({problem.strerror or problem})") from None
    if len(raw) > MAX_FILE_BYTES:
        raise ReportError(f"area: {path}: is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise ReportError(f"area: {path}: is not JSON ({str(problem)[:120]})") from None
    if not isinstance(document, dict):
        raise ReportError(f"area: {path}: is not GeoJSON")
    features = document.get("features") if document.get("type") == "FeatureCollection" else [document]
    if not isinstance(features, list) or not all(isinstance(item, dict) for item in features):
        raise ReportError(f"area: {path}: its features are not GeoJSON features")
    return features


def _name(features: list[dict[str, Any]], path: Path) -> str:
    properties = features[0].get("properties") if len(features) == 1 else None
    name = properties.get("name") if isinstance(properties, dict) else None
    text = name.strip() if isinstance(name, str) and name.isprintable() else ""
    return (text or path.stem)[:LONGEST_NAME]
