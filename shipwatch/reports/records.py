"""One incident as a flat record of named values, the same in CSV, GeoJSON and KML."""

from __future__ import annotations

from collections.abc import Iterable

from shipwatch.reports.content import IncidentEntry, ListHit, ShipFacts, Summary

Value = str | int | float | bool | None
JOINED = " | "


def incident_record(made: IncidentEntry | None, summary: Summary) -> dict[str, Value]:
    """Names and values in a fixed order; of None the names alone (every value None).

    Ships A and B have columns of their own, all ships stand joined in ``ships``. Times are ISO 8601 UTC, ``end`` is
    None while it goes on.
    """
    a, b = (*made.ships, None, None)[:2] if made else (None, None)
    record: dict[str, Value] = {
        "summary": summary.number,
        "number": made.number if made else None,
        "id": made.id if made else None,
        "revision": made.revision if made else None,
        "kind": made.kind if made else None,
        "state": made.state if made else None,
        "level": made.level if made else None,
        "score": made.score if made else None,
        "start": made.start if made else None,
        "end": made.end if made else None,
        "across_bounds": made.marks if made else None,
        "change": made.change if made else None,
        "lat": made.lat if made else None,
        "lon": made.lon if made else None,
        "position": made.position if made else None,
        "place": made.place if made else None,
        "zones": _joined(made.zones) if made else None,
        **_ship("a", a),
        **_ship("b", b),
        "ships": _joined(_called(ship) for ship in made.ships) if made else None,
        "observed_s": made.observed_s if made else None,
        "inferred_s": made.inferred_s if made else None,
        "dark_s": made.dark_s if made else None,
        "min_distance_m": made.min_distance_m if made else None,
        "median_distance_m": made.median_distance_m if made else None,
        "hull_gap_m": made.hull_gap_m if made else None,
        "median_speed_kn": made.median_speed_kn if made else None,
        "alongside": made.alongside if made else None,
        "list_matches": _joined(hit.text for hit in made.hits) if made else None,
        "list_sources": _joined(dict.fromkeys(_source(hit) for hit in made.hits)) if made else None,
        "companies": _joined(dict.fromkeys(c for hit in made.hits for c in hit.companies)) if made else None,
        "why": _joined(f"{why.weight:+d} {why.text}" for why in made.why) if made else None,
        "sensitivity": made.sensitivity if made else None,
        "rules_digest": made.rules_digest if made else None,
    }
    # "why" begins with a sign: a word before it keeps it text in any program
    if made and record["why"]:
        record["why"] = f"score {record['why']}"
    return record


def _source(hit: ListHit) -> str:
    return f"{hit.quoted} [{hit.credit}]" if hit.credit else hit.quoted


def _ship(letter: str, ship: ShipFacts | None) -> dict[str, Value]:
    return {
        f"{letter}_name": (ship.name or None) if ship else None,
        f"{letter}_mmsi": ship.mmsi if ship else None,
        f"{letter}_imo": (ship.imo or None) if ship else None,
        f"{letter}_callsign": (ship.callsign or None) if ship else None,
        f"{letter}_flag": (ship.flag or None) if ship else None,
        f"{letter}_type": ship.kind if ship else None,
        f"{letter}_length_m": ship.length_m if ship else None,
        f"{letter}_draught_before_m": ship.draught_before_m if ship else None,
        f"{letter}_draught_after_m": ship.draught_after_m if ship else None,
    }


def _called(ship: ShipFacts) -> str:
    attending = ", attending" if ship.role == "attending" else ""
    return f"{ship.called} (MMSI {ship.mmsi}{attending})"


def _joined(texts: Iterable[str]) -> str:
    return JOINED.join(texts)
