"""Detections as flat records and as GeoDataFrames: meetings as points, gaps as lines, leads as regions or points."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shipwatch.engine.detections import Gap, Lead, Rendezvous

if TYPE_CHECKING:
    import geopandas as gpd

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Column name to pandas dtype; times are timezone-aware UTC. Floats may be NaN, nullable integers <NA>.
TIME = "datetime64[us, UTC]"
RENDEZVOUS_COLUMNS: Mapping[str, Any] = {
    "id": "str", "kind": "str", "phase": "str", "start": TIME, "end": TIME, "published": TIME,
    "track_a": "str", "track_b": "str", "mmsi_a": "Int64", "mmsi_b": "Int64", "lat": "float64", "lon": "float64",
    "observed_s": "Int64", "inferred_s": "Int64", "dark_s": "Int64", "joint_sightings": "Int64",
    "min_distance_m": "Int64", "median_distance_m": "Int64", "hull_gap_m": "Int64", "heading_difference_deg": "Int64",
    "alongside": "boolean", "median_speed_kn": "float64", "relative_speed_kn": "float64", "settled": "boolean",
    "ended_by": "str", "intervals": "str",
}  # fmt: skip
GAP_COLUMNS: Mapping[str, Any] = {
    "id": "str", "kind": "str", "phase": "str", "start": TIME, "end": TIME, "published": TIME, "track_a": "str",
    "mmsi_a": "Int64", "lat": "float64", "lon": "float64", "on_lat": "float64", "on_lon": "float64",
    "duration_s": "Int64", "distance_m": "Int64", "implied_speed_kn": "float64",
}  # fmt: skip
LEAD_COLUMNS: Mapping[str, Any] = {
    "id": "str", "kind": "str", "phase": "str", "start": TIME, "end": TIME, "published": TIME, "track_a": "str",
    "track_b": "str", "mmsi_a": "Int64", "mmsi_b": "Int64", "lat": "float64", "lon": "float64", "facts": "str",
}  # fmt: skip
EVENT_COLUMNS: Mapping[str, Any] = {**RENDEZVOUS_COLUMNS, **GAP_COLUMNS, **LEAD_COLUMNS}


def iso_z(time_us: int) -> str:
    """Microseconds since 1970 UTC as ISO 8601 with Z; whole seconds without a fraction.

    >>> iso_z(1_527_811_200_000_000)
    '2018-06-01T00:00:00Z'
    """
    text = (_EPOCH + timedelta(microseconds=time_us)).isoformat()
    return text.removesuffix("+00:00") + "Z"


def rendezvous_record(item: Rendezvous) -> dict[str, Any]:
    """One meeting as plain JSON values, keys as in ``RENDEZVOUS_COLUMNS``; ``end`` is None while it goes on."""
    record = {
        name: getattr(item, name)
        for name in RENDEZVOUS_COLUMNS
        if name not in ("kind", "start", "end", "published", "intervals")
    }
    record.update(
        kind="rendezvous",
        start=iso_z(item.start_us),
        end=iso_z(item.end_us) if item.phase == "ended" else None,
        published=iso_z(item.published_us),
        intervals=[
            {"start": iso_z(piece.start_us), "end": iso_z(piece.end_us), "kind": str(piece.kind)}
            for piece in item.intervals
        ],
    )
    return {name: record[name] for name in RENDEZVOUS_COLUMNS}


def gap_record(item: Gap) -> dict[str, Any]:
    """One silence as plain JSON values, keys as in ``GAP_COLUMNS``; ``end`` and ``on_*`` are None while it is open."""
    return {
        "id": item.id, "kind": "gap", "phase": "ongoing" if item.on_us is None else "ended",
        "start": iso_z(item.off_us), "end": None if item.on_us is None else iso_z(item.on_us),
        "published": iso_z(item.published_us), "track_a": item.track, "mmsi_a": item.mmsi,
        "lat": item.off_lat, "lon": item.off_lon, "on_lat": item.on_lat, "on_lon": item.on_lon,
        "duration_s": item.duration_s, "distance_m": item.distance_m, "implied_speed_kn": item.implied_speed_kn,
    }  # fmt: skip


def lead_record(item: Lead) -> dict[str, Any]:
    """One lead as plain JSON values, keys as in ``LEAD_COLUMNS`` and ``region`` (ring of [lon, lat], or None)."""
    tracks, mmsis = (*item.tracks, None, None), (*item.mmsis, None, None)
    return {
        "id": item.id, "kind": item.kind,
        "phase": "withdrawn" if item.withdrawn_reason else "ongoing" if item.end_us is None else "ended",
        "start": iso_z(item.start_us), "end": None if item.end_us is None else iso_z(item.end_us),
        "published": iso_z(item.published_us), "track_a": tracks[0], "track_b": tracks[1], "mmsi_a": mmsis[0],
        "mmsi_b": mmsis[1], "lat": item.lat, "lon": item.lon, "facts": dict(item.facts),
        "region": [[lon, lat] for lat, lon in item.region] or None,
    }  # fmt: skip


def lead_frame(items: Iterable[Lead], kind: str | None = None) -> gpd.GeoDataFrame:
    """Leads (of one kind) as a GeoDataFrame of regions or points (EPSG:4326); ``facts`` is JSON text."""
    return _frame((lead_record(item) for item in items if kind is None or item.kind == kind), LEAD_COLUMNS)


def rendezvous_frame(items: Iterable[Rendezvous]) -> gpd.GeoDataFrame:
    """Meetings as a GeoDataFrame of points (EPSG:4326), one row each; no rows keep all columns and their types."""
    return _frame((rendezvous_record(item) for item in items), RENDEZVOUS_COLUMNS)


def gap_frame(items: Iterable[Gap]) -> gpd.GeoDataFrame:
    """Silences as a GeoDataFrame of lines from off-fix to on-fix (a point while open; EPSG:4326), one row each."""
    return _frame((gap_record(item) for item in items), GAP_COLUMNS)


def event_records(
    rendezvous: Iterable[Rendezvous], gaps: Iterable[Gap], leads: Iterable[Lead] = ()
) -> list[dict[str, Any]]:
    """The records of all kinds, in order of (start, id)."""
    records = [rendezvous_record(item) for item in rendezvous]
    records += [gap_record(item) for item in gaps]
    records += [lead_record(item) for item in leads]
    return sorted(records, key=lambda record: (record["start"], record["id"]))


def event_frame(rendezvous: Iterable[Rendezvous], gaps: Iterable[Gap], leads: Iterable[Lead] = ()) -> gpd.GeoDataFrame:
    """All kinds in one GeoDataFrame, in order of (start, id); columns that a kind has not are empty."""
    return _frame(event_records(rendezvous, gaps, leads), EVENT_COLUMNS)


def event_geometry(record: Mapping[str, Any]) -> dict[str, Any]:
    """The GeoJSON geometry of a record: a point, a lead's region, or the line of a gap, cut at 180 degrees."""
    if record.get("region"):
        return _region_geometry(record["region"])
    start = (record["lon"], record["lat"])
    if record.get("on_lat") is None or record.get("on_lon") is None:
        return {"type": "Point", "coordinates": list(start)}
    end = (record["on_lon"], record["on_lat"])
    if abs(end[0] - start[0]) <= 180:
        return {"type": "LineString", "coordinates": [list(start), list(end)]}
    seam = 180.0 if start[0] > 0 else -180.0
    east = end[0] + (360.0 if start[0] > 0 else -360.0)  # the end as seen from the start's side
    share = (seam - start[0]) / (east - start[0])
    at_seam = round(start[1] + share * (end[1] - start[1]), 5)
    return {
        "type": "MultiLineString",
        "coordinates": [[list(start), [seam, at_seam]], [[-seam, at_seam], list(end)]],
    }


def _region_geometry(ring: list[list[float]]) -> dict[str, Any]:
    """A polygon; two where the ring crosses 180 degrees (RFC 7946, 3.1.9)."""
    from shapely.affinity import translate
    from shapely.geometry import MultiPolygon, Polygon, box, mapping

    first = ring[0][0]
    unrolled = Polygon([(first + (lon - first + 180.0) % 360.0 - 180.0, lat) for lon, lat in ring]).buffer(0)
    parts = []
    for turn in (-360.0, 0.0, 360.0):
        inside = translate(unrolled, turn).intersection(box(-180.0, -90.0, 180.0, 90.0))
        parts += [part for part in getattr(inside, "geoms", [inside]) if part.geom_type == "Polygon" and part.area > 0]
    if not parts:
        return {"type": "Point", "coordinates": ring[0]}
    shape = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    return json.loads(json.dumps(mapping(shape)))  # type: ignore[no-any-return]


def _frame(records: Iterable[Mapping[str, Any]], columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry import shape

    rows = list(records)
    data: dict[str, Any] = {}
    for name, dtype in columns.items():
        values = [row.get(name) for row in rows]
        if name in ("intervals", "facts"):
            values = [None if value is None else json.dumps(value) for value in values]
        column: Any = pd.Series(values, dtype="object")
        if dtype == TIME:
            column = pd.to_datetime(column, utc=True, format="ISO8601")
        data[name] = column.astype("string" if dtype == "str" else dtype)
    geometry = [shape(event_geometry(row)) for row in rows]
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(geometry, crs="EPSG:4326"), crs="EPSG:4326")
