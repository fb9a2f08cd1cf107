"""Queries for reports: what was going on or told in a period, and the events found in it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from shipwatch import ledger_schema as schema


def revisions_touching(since_us: int, until_us: int) -> sa.Select[Any]:
    """(published_us, run_id, payload) of all revisions, in order, of alerts that were going on or told of in a period.

    Going on: a part of the newest revision lies in [since, until], and one without an end may go on.
    """
    revisions, alerts = schema.alert_revisions, schema.alerts
    going_on = sa.select(alerts.c.alert_id).where(
        alerts.c.start_us < until_us, sa.or_(alerts.c.end_us.is_(None), alerts.c.end_us >= since_us)
    )
    told = sa.select(revisions.c.alert_id).where(
        revisions.c.published_us >= since_us, revisions.c.published_us < until_us
    )
    return (
        sa.select(revisions.c.published_us, revisions.c.run_id, revisions.c.payload)
        .where(sa.or_(revisions.c.alert_id.in_(going_on), revisions.c.alert_id.in_(told)))
        .order_by(revisions.c.start_us, revisions.c.alert_id, revisions.c.revision)
    )


def events_between(kind: str, since_us: int, until_us: int) -> sa.Select[Any]:
    """Payloads, newest form of each, of events of a kind that began in [since, until), in the order of (start, id)."""
    table = schema.events
    newest = (
        sa.select(table.c.event_id, sa.func.max(table.c.published_us).label("published_us"))
        .where(table.c.kind == kind, table.c.start_us >= since_us, table.c.start_us < until_us)
        .group_by(table.c.event_id)
        .subquery()
    )
    same = sa.and_(table.c.event_id == newest.c.event_id, table.c.published_us == newest.c.published_us)
    return sa.select(table.c.payload).select_from(table.join(newest, same)).order_by(table.c.start_us, table.c.event_id)
