"""Alert revisions and events as rows: numbered, each written once, each alert's newest revision noted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from alerts.alert_json import alert_to_json
from shipwatch import ledger_schema as schema
from shipwatch import party_index
from shipwatch.event_frames import gap_record, lead_record, rendezvous_record

if TYPE_CHECKING:
    from alerts.incident import Alert
    from shipwatch.engine.detections import Gap, Lead, Rendezvous

LOOKUP_CHUNK = 400
"""Ids in one query: well below the variable limits of the databases."""
NEW = "new"
"""The triage state of an alert that nobody has looked at."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one ``record`` did: rows new, rows known already, and ids known with *other* content (the first stands)."""

    new: int = 0
    known: int = 0
    differing: tuple[str, ...] = ()

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(self.new + other.new, self.known + other.known, self.differing + other.differing)


def numbered_from(connection: sa.Connection, name: str) -> int:
    """The last number given under this name, its row locked until the transaction ends."""
    table = schema.counters
    return int(connection.execute(sa.select(table.c.value).where(table.c.name == name).with_for_update()).scalar_one())


def number_to(connection: sa.Connection, name: str, value: int) -> None:
    """Note the last number given."""
    table = schema.counters
    connection.execute(sa.update(table).where(table.c.name == name).values(value=value))


def add_revisions(connection: sa.Connection, run_id: int, alerts: Sequence[Alert]) -> tuple[Recorded, list[Row]]:
    """Write the revisions that are not there yet; also returns the rows written, in the order of their numbers."""
    last = numbered_from(connection, "alert_revisions")
    rows = [_alert_row(run_id, alert) for alert in alerts]
    done, new = _missing(connection, schema.alert_revisions, ("alert_id", "revision"), rows)
    for number, row in enumerate(new, last + 1):
        row["sequence"] = number
    if new:
        connection.execute(sa.insert(schema.alert_revisions), new)
        number_to(connection, "alert_revisions", last + len(new))
        _note_newest(connection, new)
        party_index.add(connection, [(row["alert_id"], row["payload"]) for row in new])
    return done, new


def add_events(
    connection: sa.Connection,
    run_id: int,
    rendezvous: Sequence[Rendezvous],
    gaps: Sequence[Gap],
    leads: Sequence[Lead] = (),
) -> Recorded:
    """Write the states of meetings, gaps and leads that are not there yet."""
    rows = [_rendezvous_row(run_id, item) for item in rendezvous] + [_gap_row(run_id, item) for item in gaps]
    rows += [_lead_row(run_id, item) for item in leads]
    if not rows:
        return Recorded()
    numbered_from(connection, "alert_revisions")  # the writers' lock: nobody adds the same rows meanwhile
    done, new = _missing(connection, schema.events, ("event_id", "published_us"), rows)
    if new:
        connection.execute(sa.insert(schema.events), new)
    return done


def digest(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON form."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


def _missing(
    connection: sa.Connection, table: sa.Table, key: tuple[str, str], rows: list[Row]
) -> tuple[Recorded, list[Row]]:
    """The rows whose key is not there yet, within one outcome the first of each key."""
    id_column, second = table.c[key[0]], table.c[key[1]]
    ids = sorted({row[key[0]] for row in rows})
    there: dict[tuple[str, int], str] = {}
    for at in range(0, len(ids), LOOKUP_CHUNK):
        asked = sa.select(id_column, second, table.c.sha256).where(id_column.in_(ids[at : at + LOOKUP_CHUNK]))
        there.update({(row[0], row[1]): row[2] for row in connection.execute(asked)})
    new, known, differing = [], 0, []
    for row in rows:
        place = (row[key[0]], row[key[1]])
        if place not in there:
            there[place] = row["sha256"]
            new.append(row)
            continue
        known += 1
        if there[place] != row["sha256"]:
            differing.append(place[0])
    return Recorded(len(new), known, tuple(differing)), new


def _note_newest(connection: sa.Connection, rows: list[Row]) -> None:
    """Bring the one row of each alert to its newest revision; an older revision that comes late changes nothing."""
    table = schema.alerts
    newest: dict[str, Row] = {}
    for row in rows:
        if row["alert_id"] not in newest or row["revision"] > newest[row["alert_id"]]["revision"]:
            newest[row["alert_id"]] = row
    ids = sorted(newest)
    there: dict[str, int] = {}
    for at in range(0, len(ids), LOOKUP_CHUNK):
        asked = sa.select(table.c.alert_id, table.c.revision).where(table.c.alert_id.in_(ids[at : at + LOOKUP_CHUNK]))
        there.update({row[0]: row[1] for row in connection.execute(asked)})
    columns = [column.name for column in table.c if column.name not in {"alert_id", "triage"}]
    made = [{"alert_id": id, "triage": NEW, **{c: newest[id][c] for c in columns}} for id in ids if id not in there]
    moved = [
        {"moved_id": id, **{c: newest[id][c] for c in columns}}
        for id in ids
        if id in there and newest[id]["revision"] > there[id]
    ]
    if made:
        connection.execute(sa.insert(table), made)
    if moved:
        connection.execute(sa.update(table).where(table.c.alert_id == sa.bindparam("moved_id")), moved)


def _alert_row(run_id: int, alert: Alert) -> Row:
    incident, payload = alert.incident, alert_to_json(alert)
    return {
        "alert_id": alert.id, "revision": alert.revision, "run_id": run_id, "kind": incident.kind, "state": alert.state,
        "severity": alert.severity, "score": alert.score, "published_us": incident.published_us,
        "start_us": incident.start_us, "end_us": incident.end_us, "lat": incident.lat, "lon": incident.lon,
        "sha256": digest(payload), "payload": payload,
    }  # fmt: skip


def _rendezvous_row(run_id: int, item: Rendezvous) -> Row:
    payload = rendezvous_record(item)
    return {
        "event_id": item.id, "published_us": item.published_us, "run_id": run_id, "kind": "rendezvous",
        "start_us": item.start_us, "end_us": item.end_us if item.phase == "ended" else None,
        "mmsi_a": item.mmsi_a, "mmsi_b": item.mmsi_b, "sha256": digest(payload), "payload": payload,
    }  # fmt: skip


def _gap_row(run_id: int, item: Gap) -> Row:
    payload = gap_record(item)
    return {
        "event_id": item.id, "published_us": item.published_us, "run_id": run_id, "kind": "gap",
        "start_us": item.off_us, "end_us": item.on_us, "mmsi_a": item.mmsi, "mmsi_b": None,
        "sha256": digest(payload), "payload": payload,
    }  # fmt: skip


def _lead_row(run_id: int, item: Lead) -> Row:
    payload = lead_record(item)
    return {
        "event_id": item.id, "published_us": item.published_us, "run_id": run_id, "kind": item.kind,
        "start_us": item.start_us, "end_us": item.end_us, "mmsi_a": payload["mmsi_a"] or 0, "mmsi_b": payload["mmsi_b"],
        "sha256": digest(payload), "payload": payload,
    }  # fmt: skip
