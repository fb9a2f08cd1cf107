"""What an analyst reads of one alert: the finding in one sentence, where it was, and what is not said by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alerts.alert_reading import AlertObjectError, alert_from_json
from alerts.flags import flag_name
from alerts.ship_types import ship_class
from alerts.wording import WHAT_IT_DOES_NOT_MEAN, distance_text, finding, known_text, position_text, reading, title
from geofences.land import distance_to_shore_m
from geofences.ports import place_text
from shipwatch.console.encounter import party_order

BRIEF = (
    "id", "revision", "state", "phase", "kind", "severity", "score", "start", "end", "lat", "lon", "zones",
    "observed_s", "inferred_s", "dark_s", "min_distance_m", "median_distance_m", "hull_gap_m", "alongside",
)  # fmt: skip


def brief(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an alert object that a row of the feed shows; parties in the order A, B and others."""
    row = {name: payload.get(name) for name in BRIEF}
    parties = {party["track"]: party for party in payload["parties"]}
    row["parties"] = [
        {name: parties[track].get(name) for name in ("track", "mmsi", "imo", "name", "flag", "ship_type", "role")}
        for track in party_order(payload)
    ]
    # A namesake is no hit, and a ship taken off a list before they met was not listed.
    hits = [m for m in payload.get("matches", ()) if m["tier"] != "conflict" and m["when"] != "delisted_before"]
    row["lists"] = sorted({match["list"] for match in hits if match["when"] != "watched"})
    row["watched"] = sorted({match["list"] for match in hits if match["when"] == "watched"})
    row["no_legal_designation"] = sorted(
        {match["list"] for match in hits if match["when"] != "watched" and not _source(match).get("legal", True)}
    )
    return row


def _source(match: Mapping[str, Any]) -> Mapping[str, Any]:
    source = match.get("source")
    return source if isinstance(source, Mapping) else {}


def told(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Sentences for one alert, from the same words as all outputs; an unreadable alert says so instead."""
    lat, lon = float(payload["lat"]), float(payload["lon"])
    shore = float(distance_to_shore_m([lat], [lon])[0])
    place = {
        "minutes": position_text(lat, lon),
        "decimal": f"{lat:.5f}, {lon:.5f}",
        "named": place_text(lat, lon),
        "shore": f"{distance_text(shore)} from shore",
    }
    try:
        alert = alert_from_json(payload, shore_distance_m=round(shore))
    except AlertObjectError as problem:
        return {"title": str(payload.get("id")), "finding": f"Cannot be read: {problem}", "position": place}
    return {
        "title": title(alert),
        "finding": finding(alert.incident),
        "reading": reading(alert),
        "known": known_text(alert.incident),
        "not_meant": WHAT_IT_DOES_NOT_MEAN,
        "position": place,
        "parties": [
            {
                "track": party.track,
                "type": ship_class(party.ship_type) if party.ship_type else None,
                "flag": flag_name(party.flag) if party.flag else None,
            }
            for party in alert.incident.parties
        ],
    }
