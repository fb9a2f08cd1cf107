"""What the store knows of its rescreening: up to which version of each list, and which alerts still wait for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shipwatch import ledger_schema as schema

CHUNK = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """All revisions up to number ``sequence`` have been held against ``snapshot`` (``versions``: those behind it)."""

    snapshot: str
    versions: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Told:
    """The newest revision of an alert: its object, when it was published, and by which run."""

    alert: Mapping[str, Any]
    published_us: int
    run_id: int


def marks(connection: sa.Connection) -> dict[str, Mark]:
    """By list."""
    table = schema.rescreened_lists
    return {row.list: Mark(row.snapshot, row.versions, row.sequence) for row in connection.execute(sa.select(table))}


def note(connection: sa.Connection, made: Mapping[str, Mark], done: Iterable[str], waiting: Iterable[str]) -> None:
    """Set these lists' marks; ``done`` wait no more, ``waiting`` do."""
    lists, queue = schema.rescreened_lists, schema.rescreen_waiting
    for name, mark in sorted(made.items()):
        connection.execute(sa.delete(lists).where(lists.c.list == name))
        connection.execute(
            sa.insert(lists).values(list=name, snapshot=mark.snapshot, versions=mark.versions, sequence=mark.sequence)
        )
    held = sorted(set(waiting))
    out = sorted({*done, *held})
    for at in range(0, len(out), CHUNK):
        connection.execute(sa.delete(queue).where(queue.c.alert_id.in_(out[at : at + CHUNK])))
    if held:
        connection.execute(sa.insert(queue), [{"alert_id": id} for id in held])


def waiting(connection: sa.Connection) -> set[str]:
    """Ids of the alerts that wait."""
    return set(connection.execute(sa.select(schema.rescreen_waiting.c.alert_id)).scalars())


def asked_since(connection: sa.Connection, sequence: int) -> list[dict[str, set[str]]]:
    """For each run that recorded revisions behind that number: the versions of each list that it asked."""
    revisions, asked = schema.alert_revisions, schema.list_snapshots
    query = sa.select(revisions.c.run_id).where(revisions.c.sequence > sequence).distinct()
    found: dict[int, dict[str, set[str]]] = {int(id): {} for id in connection.execute(query).scalars()}
    for row in connection.execute(sa.select(asked.c.run_id, asked.c.list, asked.c.snapshot)):
        if row.run_id in found:
            found[row.run_id].setdefault(row.list, set()).add(row.snapshot)
    return list(found.values())


def newest(connection: sa.Connection, ids: Sequence[str]) -> list[Told]:
    """The newest revisions of these alerts, in order of id."""
    alerts, revisions = schema.alerts, schema.alert_revisions
    joined = sa.and_(revisions.c.alert_id == alerts.c.alert_id, revisions.c.revision == alerts.c.revision)
    query = sa.select(revisions.c.payload, revisions.c.published_us, revisions.c.run_id).select_from(
        alerts.join(revisions, joined)
    )
    found: list[Told] = []
    for at in range(0, len(ids), CHUNK):
        asked = query.where(alerts.c.alert_id.in_(ids[at : at + CHUNK])).order_by(alerts.c.alert_id)
        found += [Told(dict(row[0]), int(row[1]), int(row[2])) for row in connection.execute(asked)]
    return found
