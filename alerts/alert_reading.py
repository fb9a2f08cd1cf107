"""The public alert object read back: for rooms that show alerts out of the ledger with the same words as new ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alerts.errors import AlertError
from alerts.incident import Alert, Call, Incident, Match, MatchedCompany, PairInterval, Party, Reason, Said, Watch
from alerts.list_source import ListSource

_WITHDRAWN = "withdrawn: "
_LOWERED = "ordinary_company"


class AlertObjectError(AlertError):
    """A value is not the public alert object of this version; says which field is missing or wrong."""


def alert_from_json(payload: Mapping[str, Any], *, shore_distance_m: int | None = None) -> Alert:
    """The alert that ``alert_to_json`` wrote, with what the public object holds of it (times to the second).

    What the object does not carry is unknown: the shore distance may be handed in; ``published_us`` is the end or, of
    an ongoing event, the start. Raises ``AlertObjectError`` naming the field.
    """
    try:
        start_us = _time_us(payload["start"])
        end_us = None if payload["end"] is None else _time_us(payload["end"])
        withdrawn = payload["state"] == "withdrawn"
        incident = Incident(
            id=payload["id"], kind=payload["kind"], phase=payload["phase"],
            published_us=start_us if end_us is None else end_us, start_us=start_us, end_us=end_us,
            lat=payload["lat"], lon=payload["lon"], zones=tuple(payload["zones"]),
            parties=tuple(_party(party) for party in payload["parties"]),
            intervals=tuple(
                PairInterval((item["pair"][0], item["pair"][1]), _time_us(item["start"]), _time_us(item["end"]),
                             item["kind"])
                for item in payload["intervals"]
            ),
            observed_s=payload["observed_s"], inferred_s=payload["inferred_s"], dark_s=payload["dark_s"],
            min_distance_m=payload["min_distance_m"], median_distance_m=payload["median_distance_m"],
            hull_gap_m=payload["hull_gap_m"], heading_difference_deg=payload["heading_difference_deg"],
            median_speed_kn=payload["median_speed_kn"], relative_speed_kn=payload["relative_speed_kn"],
            alongside=payload["alongside"], shore_distance_m=shore_distance_m,
            settled=True if any(r["feature"] == "settled_near" for r in payload["reasons"]) else None,
            in_port=payload.get("in_port", any(r["feature"] == "in_port" for r in payload["reasons"])),
            lowered_by=tuple(
                name for r in payload["reasons"] if r["feature"] == _LOWERED for name in r["value"].split(", ")
            ),
            withdrawn_reason=str(payload["revision_reason"]).removeprefix(_WITHDRAWN) if withdrawn else None,
            facts=tuple(payload.get("facts", {}).items()),
            region=tuple((lat, lon) for lat, lon in payload.get("region", ())),
        )  # fmt: skip
        return Alert(
            incident=incident, revision=payload["revision"], revision_reason=payload["revision_reason"],
            state=payload["state"], severity=payload["severity"], score=payload["score"],
            matches=tuple(_match(match) for match in payload["matches"]),
            reasons=tuple(Reason(r["feature"], r["value"], r["weight"], r["text"]) for r in payload["reasons"]),
            sensitivity=payload["sensitivity"],
            lists=tuple((item["list"], item["snapshot"]) for item in payload["lists"]),
            rules_digest=payload["rules_digest"],
        )  # fmt: skip
    except KeyError as problem:
        raise AlertObjectError(f"{payload.get('id', 'alert')}: field {problem} is missing") from problem
    except (TypeError, ValueError, IndexError) as problem:
        raise AlertObjectError(f"{payload.get('id', 'alert')}: {problem}") from problem


def _party(item: Mapping[str, Any]) -> Party:
    return Party(
        track=item["track"], mmsi=item["mmsi"], imo=item["imo"], name=item["name"], callsign=item["callsign"],
        flag=item["flag"], ship_type=item["ship_type"], length_m=item["length_m"],
        shared_mmsi=item.get("shared_mmsi", False),
        draught_before_m=item["draught_before_m"], draught_after_m=item["draught_after_m"], role=item["role"],
        last_port=_call(item.get("last_port")), next_port=_call(item.get("next_port")),
        also_sent=tuple(
            Said(said["imo"], said["name"], said["callsign"], said["ship_type"], said["length_m"])
            for said in item.get("also_sent", ())
        ),
    )  # fmt: skip


def _call(item: Mapping[str, Any] | None) -> Call | None:
    return None if item is None else Call(item["port"], _time_us(item["since"]))


def _match(item: Mapping[str, Any]) -> Match:
    matched = {key: (str(seen), str(listed)) for key, (seen, listed) in item["matched"].items()}
    watch = item.get("watch")
    return Match(
        item["party"], item["list"], item["entry"], item["tier"], item["when"], matched, item.get("text", ""),
        item.get("listed_name", ""), tuple(item.get("programs", ())),
        tuple(MatchedCompany(c["role"], c["name"], c["imo"]) for c in item.get("companies", ())),
        source_of_match(item), None if watch is None else Watch(watch["reason"], watch["owner"], watch["expires"]),
    )  # fmt: skip


def source_of_match(item: Mapping[str, Any]) -> ListSource | None:
    """Publisher, licence and cautions of the list that a match in an alert object names; None if it states none."""
    source = item.get("source")
    if source is None:
        return None
    return ListSource(
        item["list"], source["title"], source["publisher"], source["licence"], source.get("url", ""),
        legal_designation=source["legal"], non_commercial=source["non_commercial"], note=source["note"],
    )  # fmt: skip


def _time_us(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 1_000_000
