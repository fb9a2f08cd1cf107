"""The summary as GeoJSON (RFC 7946): incidents as points, tracks as lines, cut at longitude 180."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from shipwatch.event_frames import iso_z
from shipwatch.reports.content import Ring, Summary, TrackPiece
from shipwatch.reports.records import incident_record


def geojson(summary: Summary) -> bytes:
    """A FeatureCollection, one feature a line: property ``feature`` is ``incident``, ``track`` or ``area``.

    The summary's number, period, area and digests stand in the foreign member ``summary``.
    """
    features = [
        {
            "type": "Feature",
            "id": made.id,
            "geometry": {"type": "Point", "coordinates": [made.lon, made.lat]},
            "properties": {"feature": "incident", **incident_record(made, summary)},
        }
        for made in summary.incidents
    ]
    for made in summary.incidents:
        called = {ship.letter: ship for ship in made.ships}
        for number, piece in enumerate(made.tracks):
            lines = split_at_180(piece)
            if not lines:
                continue
            ship = called[piece.letter]
            properties: dict[str, Any] = {
                "feature": "track", "incident": made.id, "number": made.number, "ship": piece.letter,
                "name": ship.name or None, "mmsi": ship.mmsi, "leg": piece.kind, "start": iso_z(piece.time_us[0]),
                "end": iso_z(piece.time_us[-1]),
            }  # fmt: skip
            one = len(lines) == 1
            geometry = {"type": "LineString" if one else "MultiLineString", "coordinates": lines[0] if one else lines}
            features.append(
                {"type": "Feature", "id": f"{made.id}/{piece.letter}/{number}", "geometry": geometry,
                 "properties": properties}
            )  # fmt: skip
    if summary.area_ring:
        parts = [[_turned(ring, left=not number) for number, ring in enumerate(rings)] for rings in summary.area_ring]
        one = len(parts) == 1
        features.append(
            {"type": "Feature", "id": "area",
             "geometry": {"type": "Polygon" if one else "MultiPolygon",
                          "coordinates": parts[0] if one else parts},
             "properties": {"feature": "area", "name": summary.area}}
        )  # fmt: skip
    about = {
        "number": summary.number, "title": summary.title, "marking": summary.marking, "start": summary.start,
        "end": summary.end, "area": summary.area, "version": summary.version,
        "digests": {f"{item.name}": item.value for item in summary.digests},
        "note": "from AIS, not verified by sight; not for navigation",
    }  # fmt: skip
    body = ",\n".join(json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in features)
    head = json.dumps(about, ensure_ascii=False)
    text = f'{{"type": "FeatureCollection", "summary": {head}, "features": [\n{body}{chr(10) if body else ""}]}}\n'
    return text.encode("utf-8", "replace")


def split_at_180(piece: TrackPiece) -> list[list[list[float]]]:
    """The piece's lines as [longitude, latitude] lists, none of which crosses 180; a single fix gives none.

    >>> split_at_180(TrackPiece("A", "observed", (0, 1), (0.0, 0.0), (179.0, -179.0)))
    [[[179.0, 0.0], [180.0, 0.0]], [[-180.0, 0.0], [-179.0, 0.0]]]
    """
    lines: list[list[list[float]]] = [[]]
    for lat, lon in zip(piece.lat_deg, piece.lon_deg, strict=True):
        if lines[-1]:
            lon_before, lat_before = lines[-1][-1]
            if abs(lon - lon_before) > 180:
                side = 180.0 if lon_before > 0 else -180.0
                ahead = lon + 2 * side
                share = (side - lon_before) / (ahead - lon_before) if ahead != lon_before else 0.0
                crossing = round(lat_before + share * (lat - lat_before), 5)
                lines[-1].append([side, crossing])
                lines.append([[-side, crossing]])
        lines[-1].append([lon, lat])
    return [line for line in lines if len(line) > 1]


def _turned(ring: Ring, *, left: bool) -> list[list[float]]:
    """Counterclockwise, as RFC 7946 wants outer rings, or clockwise, as it wants holes."""
    area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return [[x, y] for x, y in (ring if (area >= 0) == left else reversed(ring))]
