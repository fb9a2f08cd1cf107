"""What is still to be told: one row for each revision and channel, made in the revision's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shipwatch import ledger_schema as schema
from shipwatch.ledger_rows import Row, number_to, numbered_from

PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"
COUNTER = "outbox"
MOST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Delivery:
    """One revision for one channel. ``key`` is equal in every attempt, so that a receiver tells it once.

    ``attempts`` were made before this one; ``alert`` is the public alert object of that revision.
    """

    id: int
    channel: str
    alert_id: str
    revision: int
    attempts: int
    alert: dict[str, Any]

    @property
    def key(self) -> str:
        """The idempotency key."""
        return f"{self.alert_id}.{self.revision}"


def enqueue(connection: sa.Connection, revisions: Sequence[Row], channels: Sequence[str]) -> None:
    """One pending row for each new revision and channel, due at once."""
    names = list(dict.fromkeys(channels))
    if not revisions or not names:
        return
    last = numbered_from(connection, COUNTER)
    rows = [
        {
            "channel": channel, "alert_id": row["alert_id"], "revision": row["revision"], "state": PENDING,
            "attempts": 0, "due_us": 0,
        }
        for row in revisions
        for channel in names
    ]  # fmt: skip
    for number, row in enumerate(rows, last + 1):
        row["id"] = number
    connection.execute(sa.insert(schema.outbox), rows)
    number_to(connection, COUNTER, last + len(rows))


def due(connection: sa.Connection, now_us: int, limit: int, channels: Sequence[str]) -> list[Delivery]:
    """What is to be sent now, oldest first."""
    table, revisions = schema.outbox, schema.alert_revisions
    joined = sa.and_(revisions.c.alert_id == table.c.alert_id, revisions.c.revision == table.c.revision)
    query = (
        sa.select(
            table.c.id, table.c.channel, table.c.alert_id, table.c.revision, table.c.attempts,
            revisions.c.payload.label("alert"),
        )
        .select_from(table.join(revisions, joined))
        .where(table.c.state == PENDING, table.c.due_us <= now_us)
        .order_by(table.c.id)
        .limit(limit)
    )  # fmt: skip
    if channels:
        query = query.where(table.c.channel.in_(channels))
    return [Delivery(**row) for row in connection.execute(query).mappings()]


def next_due_us(connection: sa.Connection) -> int | None:
    """When the next pending row is due; None when nothing is pending."""
    table = schema.outbox
    found = connection.execute(sa.select(sa.func.min(table.c.due_us)).where(table.c.state == PENDING)).scalar_one()
    return None if found is None else int(found)


def mark_delivered(connection: sa.Connection, id: int, at_us: int) -> bool:
    """It arrived; False when there is no such row."""
    table = schema.outbox
    done = connection.execute(
        sa.update(table)
        .where(table.c.id == id, table.c.state != DELIVERED)
        .values(state=DELIVERED, attempts=table.c.attempts + 1, delivered_us=at_us, error=None)
    )
    return done.rowcount == 1


def mark_failed(connection: sa.Connection, id: int, retry_at_us: int | None, error: str) -> bool:
    """It did not arrive: due again at ``retry_at_us``; None gives it up, and the row stays to be told of."""
    table = schema.outbox
    state = GIVEN_UP if retry_at_us is None else PENDING
    values: dict[str, Any] = {"state": state, "attempts": table.c.attempts + 1, "error": _clean(error)}
    if retry_at_us is not None:
        values["due_us"] = retry_at_us
    done = connection.execute(sa.update(table).where(table.c.id == id, table.c.state != DELIVERED).values(**values))
    return done.rowcount == 1


def counts(connection: sa.Connection) -> dict[str, dict[str, int]]:
    """Rows by channel and state."""
    table = schema.outbox
    found: dict[str, dict[str, int]] = {}
    query = sa.select(table.c.channel, table.c.state, sa.func.count()).group_by(table.c.channel, table.c.state)
    for channel, state, rows in connection.execute(query.order_by(table.c.channel, table.c.state)):
        found.setdefault(channel, {})[state] = int(rows)
    return found


def rows_of(connection: sa.Connection, alert_id: str | None) -> list[Row]:
    """All rows without their alerts, in order, of one alert or of all."""
    table = schema.outbox
    query = sa.select(table).order_by(table.c.id)
    if alert_id is not None:
        query = query.where(table.c.alert_id == alert_id)
    return [{**row, "key": f"{row['alert_id']}.{row['revision']}"} for row in connection.execute(query).mappings()]


def _clean(error: str) -> str:
    """A receiver's words may hold anything; a database's text may not."""
    return error.replace("\x00", "").encode("utf-8", "replace").decode()[:MOST_ERROR]
