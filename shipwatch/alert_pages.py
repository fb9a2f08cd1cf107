"""Queries for alerts: newest revisions filtered and in pages, one alert, and what has changed since a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shipwatch import ledger_schema as schema

Area = tuple[float, float, float, float]
"""West, south, east, north in degrees; west > east reaches across 180 degrees."""


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """What is asked for, all of it to hold; what is left empty asks nothing.

    ``since_us`` <= start < ``until_us``; ``during_us`` = (from, to) asks for alerts of which a part lies in
    [from, to): those across midnight belong to both days, and one without an end goes on.
    """

    severities: Sequence[str] = ()
    states: Sequence[str] = ()
    triage: Sequence[str] = ()
    kinds: Sequence[str] = ()
    area_bbox: Area | None = None
    since_us: int | None = None
    until_us: int | None = None
    during_us: tuple[int, int] | None = None
    alert_id: str | None = None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """As conditions on the table ``alerts``."""
        table = schema.alerts
        asked: list[sa.ColumnElement[bool]] = [
            column.in_(values)
            for column, values in (
                (table.c.severity, self.severities),
                (table.c.state, self.states),
                (table.c.triage, self.triage),
                (table.c.kind, self.kinds),
            )
            if values
        ]
        if self.area_bbox is not None:
            west, south, east, north = self.area_bbox
            asked.append(table.c.lat.between(south, north))
            inside = table.c.lon.between(west, east)
            asked.append(inside if west <= east else sa.or_(table.c.lon >= west, table.c.lon <= east))
        if self.since_us is not None:
            asked.append(table.c.start_us >= self.since_us)
        if self.until_us is not None:
            asked.append(table.c.start_us < self.until_us)
        if self.during_us is not None:
            asked.append(table.c.start_us < self.during_us[1])
            asked.append(sa.or_(table.c.end_us.is_(None), table.c.end_us >= self.during_us[0]))
        if self.alert_id is not None:
            asked.append(table.c.alert_id == self.alert_id)
        return asked


def oldest_first(asked: AlertFilter, limit: int | None) -> sa.Select[Any]:
    """Payloads of newest revisions in the order of (start, id)."""
    table = schema.alerts
    return _newest(schema.alert_revisions.c.payload, asked).order_by(table.c.start_us, table.c.alert_id).limit(limit)


def newest_first(asked: AlertFilter, after: tuple[int, str] | None, limit: int) -> sa.Select[Any]:
    """(start_us, id, payload) in the order of (start, id) descending, behind the key ``after``."""
    table = schema.alerts
    query = _newest(schema.alert_revisions.c.payload, asked, table.c.start_us, table.c.alert_id)
    if after is not None:
        start_us, alert_id = after
        query = query.where(
            sa.or_(table.c.start_us < start_us, sa.and_(table.c.start_us == start_us, table.c.alert_id < alert_id))
        )
    return query.order_by(table.c.start_us.desc(), table.c.alert_id.desc()).limit(limit)


def changed_since(sequence: int, limit: int) -> sa.Select[Any]:
    """(sequence, payload) of revisions recorded behind a number, in their order."""
    table = schema.alert_revisions
    return (
        sa.select(table.c.sequence, table.c.payload)
        .where(table.c.sequence > sequence)
        .order_by(table.c.sequence)
        .limit(limit)
    )


def _newest(payload: sa.ColumnElement[Any], asked: AlertFilter, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    table, revisions = schema.alerts, schema.alert_revisions
    joined = sa.and_(revisions.c.alert_id == table.c.alert_id, revisions.c.revision == table.c.revision)
    return sa.select(*columns, payload).select_from(table.join(revisions, joined)).where(*asked.conditions())
