"""The public alert object: plain JSON values, in a fixed order, to which fields may only be added."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from alerts.incident import Alert, Call, Match, PairInterval, Party, Reason, Said
from alerts.list_source import ListSource
from alerts.wording import plain_text


def alert_to_json(alert: Alert) -> dict[str, Any]:
    """The alert object that scripts rely on (README, "An alert").

    Times are ISO 8601 UTC to the second, ``end`` None while the event goes on; positions to 1e-5 degrees; text that
    ships or lists sent is freed of control and direction characters and is otherwise as sent: escape it where you show
    it.
    """
    incident = alert.incident
    return {
        "id": alert.id,
        "revision": alert.revision,
        "revision_reason": alert.revision_reason,
        "state": alert.state,
        "phase": incident.phase,
        "kind": incident.kind,
        "severity": alert.severity,
        "score": alert.score,
        "start": _time(incident.start_us),
        "end": None if incident.end_us is None else _time(incident.end_us),
        "lat": _rounded(incident.lat, 5),
        "lon": _rounded(incident.lon, 5),
        "zones": [plain_text(zone) for zone in incident.zones],
        "parties": [_party(party) for party in incident.parties],
        "matches": [match_to_json(match) for match in alert.matches],
        "observed_s": incident.observed_s,
        "inferred_s": incident.inferred_s,
        "dark_s": incident.dark_s,
        "min_distance_m": incident.min_distance_m,
        "median_distance_m": incident.median_distance_m,
        "hull_gap_m": incident.hull_gap_m,
        "heading_difference_deg": incident.heading_difference_deg,
        "median_speed_kn": _rounded(incident.median_speed_kn, 2),
        "relative_speed_kn": _rounded(incident.relative_speed_kn, 2),
        "alongside": incident.alongside,
        "intervals": [_interval(interval) for interval in incident.intervals],
        "reasons": [_reason(reason) for reason in alert.reasons],
        "sensitivity": alert.sensitivity,
        "lists": [{"list": name, "snapshot": snapshot} for name, snapshot in alert.lists],
        "rules_digest": alert.rules_digest,
        "facts": {name: _fact(value) for name, value in incident.facts},
        "region": [[_rounded(lat, 5), _rounded(lon, 5)] for lat, lon in incident.region],
        "in_port": incident.in_port,
    }


def match_to_json(match: Match) -> dict[str, Any]:
    """One match, the same object in alerts and in ``screen --json``."""
    return {
        "party": match.party,
        "list": match.list,
        "entry": match.entry,
        "tier": match.tier,
        "when": match.when,
        "matched": {key: [plain_text(seen), plain_text(listed)] for key, (seen, listed) in match.matched.items()},
        "listed_name": plain_text(match.listed_name),
        "programs": [plain_text(program) for program in match.programs],
        "companies": [{"role": c.role, "name": plain_text(c.name), "imo": c.imo} for c in match.companies],
        "source": None if match.source is None else _source(match.source),
        "watch": None
        if match.watch is None
        else {
            "reason": plain_text(match.watch.reason),
            "owner": plain_text(match.watch.owner),
            "expires": match.watch.expires,
        },
        "text": plain_text(match.text),
    }


def _source(source: ListSource) -> dict[str, Any]:
    return {
        "title": plain_text(source.title),
        "publisher": plain_text(source.publisher),
        "licence": plain_text(source.licence),
        "url": plain_text(source.url),
        "legal": source.legal_designation,
        "non_commercial": source.non_commercial,
        "note": plain_text(source.note),
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "track": party.track,
        "mmsi": party.mmsi,
        "imo": party.imo,
        "name": None if party.name is None else plain_text(party.name),
        "callsign": None if party.callsign is None else plain_text(party.callsign),
        "flag": party.flag,
        "ship_type": party.ship_type,
        "length_m": party.length_m,
        "shared_mmsi": party.shared_mmsi,
        "draught_before_m": _rounded(party.draught_before_m, 2),
        "draught_after_m": _rounded(party.draught_after_m, 2),
        "role": party.role,
        "last_port": _call(party.last_port),
        "next_port": _call(party.next_port),
        "also_sent": [_said(said) for said in party.also_sent],
    }


def _said(said: Said) -> dict[str, Any]:
    return {
        "imo": said.imo,
        "name": None if said.name is None else plain_text(said.name),
        "callsign": None if said.callsign is None else plain_text(said.callsign),
        "ship_type": said.ship_type,
        "length_m": said.length_m,
    }


def _call(call: Call | None) -> dict[str, Any] | None:
    return None if call is None else {"port": plain_text(call.port), "since": _time(call.since_us)}


def _interval(interval: PairInterval) -> dict[str, Any]:
    return {
        "pair": list(interval.pair),
        "start": _time(interval.start_us),
        "end": _time(interval.end_us),
        "kind": interval.kind,
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"feature": reason.feature, "value": reason.value, "weight": reason.weight, "text": reason.text}


def _fact(value: float | int | str | bool | None) -> float | int | str | bool | None:
    if isinstance(value, str):
        return plain_text(value)
    return _rounded(value, 4) if isinstance(value, float) else value


def _time(time_us: int) -> str:
    return datetime.fromtimestamp(time_us // 1_000_000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rounded(value: float | None, digits: int) -> float | None:
    """Rounded, with no negative zero; what is not a number is not known."""
    if value is None or math.isnan(value):
        return None
    return round(float(value), digits) + 0.0
