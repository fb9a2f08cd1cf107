"""What was concluded: runs, every revision of every alert once, events, and the list snapshots that were asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from shipwatch import ledger_schema as schema
from shipwatch.event_frames import gap_record, rendezvous_record

if TYPE_CHECKING:
    from alerts.designations import Snapshot
    from alerts.incident import Alert
    from shipwatch.engine.detections import Gap, Rendezvous
    from shipwatch.pipeline import Outcome

SQLITE_BUSY_S = 30
LOOKUP_CHUNK = 400
"""Ids in one query: well below the variable limits of the databases."""


class LedgerError(RuntimeError):
    """The ledger cannot be opened, read or written; the message names it (without its password)."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one ``record`` did: rows new, rows known already, and ids known with *other* content (the first stands)."""

    new: int = 0
    known: int = 0
    differing: tuple[str, ...] = ()

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(self.new + other.new, self.known + other.known, self.differing + other.differing)


def ledger_url(store: str) -> str:
    """A database URL from what a user names: a URL as it is, anything else is the path of an SQLite file.

    >>> ledger_url("out/shipwatch.db")
    'sqlite:///out/shipwatch.db'
    """
    return store if "://" in store else f"sqlite:///{store}"


class Ledger:
    """One ledger, opened; a context manager. Rows are only ever added: a recorded revision never changes.

    Opening makes the folder of an SQLite file and the tables where they are absent. Raises ``LedgerError``.

    >>> with Ledger("sqlite://") as ledger:
    ...     ledger.latest_alerts()
    []
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = sa.make_url(ledger_url(url))
            self.name = parsed.render_as_string(hide_password=True)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(parsed)
            if parsed.get_backend_name() == "sqlite":
                _prepare_sqlite(self._engine)
            self._make_tables()
        except (sa.exc.SQLAlchemyError, OSError, ImportError) as problem:
            raise LedgerError(
                f"{url if '@' not in url else 'the store'}: cannot be opened ({_short(problem)})"
            ) from problem

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def start_run(
        self,
        *,
        started_us: int,
        version: str,
        inputs: Sequence[Mapping[str, Any]],
        config_digest: str,
        rules_digest: str,
        zones_digest: str,
        snapshots: Iterable[Snapshot] = (),
    ) -> int:
        """Note that a run began (``started_us`` from the caller's clock) and what it stands on; returns its number."""
        with self._begin() as connection:
            made = connection.execute(
                sa.insert(schema.runs).values(
                    started_us=started_us, version=version, inputs=[dict(item) for item in inputs],
                    config_digest=config_digest, rules_digest=rules_digest, zones_digest=zones_digest,
                )
            )  # fmt: skip
            run_id = int(made.inserted_primary_key[0])  # type: ignore[index]
            rows = {
                (s.list, s.id): {
                    "run_id": run_id,
                    "list": s.list,
                    "snapshot": s.id,
                    "sha256": s.sha256,
                    "published": s.published,
                }
                for s in snapshots
            }
            if rows:
                connection.execute(sa.insert(schema.list_snapshots), list(rows.values()))
            return run_id

    def finish_run(
        self, run_id: int, *, finished_us: int, counts: Mapping[str, Any], inputs: Sequence[Mapping[str, Any]]
    ) -> None:
        """Note that a run ended, with its counts and what became of each input."""
        with self._begin() as connection:
            connection.execute(
                sa.update(schema.runs)
                .where(schema.runs.c.id == run_id)
                .values(finished_us=finished_us, counts=dict(counts), inputs=[dict(item) for item in inputs])
            )

    def record(self, run_id: int, outcome: Outcome) -> Recorded:
        """Write an outcome's alert revisions and events in one transaction; what is there already is left as it is."""
        alerts = [_alert_row(run_id, alert) for alert in outcome.alerts]
        found = [_rendezvous_row(run_id, item) for item in outcome.rendezvous] + [
            _gap_row(run_id, g) for g in outcome.gaps
        ]
        if not alerts and not found:
            return Recorded()
        for attempt in (1, 2):
            try:
                with self._begin() as connection:
                    return _add(connection, schema.alert_revisions, ("alert_id", "revision"), alerts) + _add(
                        connection, schema.events, ("event_id", "published_us"), found
                    )
            except sa.exc.IntegrityError as problem:  # another process wrote the same rows meanwhile: look again
                if attempt == 2:
                    raise LedgerError(f"{self.name}: cannot be written ({_short(problem)})") from problem
        return Recorded()

    def latest_alerts(
        self,
        *,
        since_us: int | None = None,
        until_us: int | None = None,
        severities: Sequence[str] = (),
        alert_id: str | None = None,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """The newest revision of each alert as its public JSON object, in order of (start, id).

        ``since_us`` <= start < ``until_us``; ``severities`` of the newest revision.
        """
        table = schema.alert_revisions
        newest = (
            sa.select(table.c.alert_id, sa.func.max(table.c.revision).label("revision"))
            .group_by(table.c.alert_id)
            .subquery()
        )
        query = sa.select(table.c.payload).join(
            newest, sa.and_(table.c.alert_id == newest.c.alert_id, table.c.revision == newest.c.revision)
        )
        if since_us is not None:
            query = query.where(table.c.start_us >= since_us)
        if until_us is not None:
            query = query.where(table.c.start_us < until_us)
        if severities:
            query = query.where(table.c.severity.in_(severities))
        if alert_id is not None:
            query = query.where(table.c.alert_id == alert_id)
        query = query.order_by(table.c.start_us, table.c.alert_id).limit(limit)
        return [dict(payload) for payload in self._column(query)]

    def revisions(self, alert_id: str) -> list[dict[str, Any]]:
        """All revisions of one alert as JSON objects, oldest first (none: an empty list)."""
        table = schema.alert_revisions
        query = sa.select(table.c.payload).where(table.c.alert_id == alert_id).order_by(table.c.revision)
        return [dict(payload) for payload in self._column(query)]

    def runs(self) -> list[dict[str, Any]]:
        """All runs, oldest first, each with the list snapshots that it asked."""
        with self._begin(reading=True) as connection:
            found = [
                dict(row) for row in connection.execute(sa.select(schema.runs).order_by(schema.runs.c.id)).mappings()
            ]
            asked = (
                connection.execute(sa.select(schema.list_snapshots).order_by(*schema.list_snapshots.primary_key))
                .mappings()
                .all()
            )
        for run in found:
            run["lists"] = [dict(row) for row in asked if row["run_id"] == run["id"]]
        return found

    def _column(self, query: sa.Select[Any]) -> list[Any]:
        with self._begin(reading=True) as connection:
            return list(connection.execute(query).scalars())

    @contextmanager
    def _begin(self, *, reading: bool = False) -> Iterator[sa.Connection]:
        """One transaction; the database's own errors come out as ``LedgerError``, save a lost race, for a retry."""
        try:
            with self._engine.execution_options(shipwatch_reading=reading).begin() as connection:
                yield connection
        except sa.exc.IntegrityError:
            raise
        except sa.exc.SQLAlchemyError as problem:
            raise LedgerError(f"{self.name}: {_short(problem)}") from problem

    def _make_tables(self) -> None:
        schema.METADATA.create_all(self._engine)
        with self._engine.begin() as connection:
            versions = list(connection.execute(sa.select(schema.schema_version.c.version)).scalars())
            if not versions:
                connection.execute(sa.insert(schema.schema_version).values(version=schema.SCHEMA_VERSION))
            elif versions != [schema.SCHEMA_VERSION]:
                raise LedgerError(
                    f"{self.name}: schema version {versions[0]}, this shipwatch writes {schema.SCHEMA_VERSION}"
                )


def _prepare_sqlite(engine: sa.Engine) -> None:
    """WAL (readers do not wait for the writer), foreign keys, and a transaction that is a write from its first word."""

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_S * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("shipwatch_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _add(connection: sa.Connection, table: sa.Table, key: tuple[str, str], rows: list[dict[str, Any]]) -> Recorded:
    """Insert the rows whose key is not there yet, within one outcome the first of each key."""
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
    if new:
        connection.execute(sa.insert(table), new)
    return Recorded(len(new), known, tuple(differing))


def _alert_row(run_id: int, alert: Alert) -> dict[str, Any]:
    incident, payload = alert.incident, alert.to_json()
    return {
        "alert_id": alert.id, "revision": alert.revision, "run_id": run_id, "kind": incident.kind, "state": alert.state,
        "severity": alert.severity, "score": alert.score, "published_us": incident.published_us,
        "start_us": incident.start_us, "end_us": incident.end_us, "lat": incident.lat, "lon": incident.lon,
        "sha256": _digest(payload), "payload": payload,
    }  # fmt: skip


def _rendezvous_row(run_id: int, item: Rendezvous) -> dict[str, Any]:
    payload = rendezvous_record(item)
    return {
        "event_id": item.id, "published_us": item.published_us, "run_id": run_id, "kind": "rendezvous",
        "start_us": item.start_us, "end_us": item.end_us if item.phase == "ended" else None,
        "mmsi_a": item.mmsi_a, "mmsi_b": item.mmsi_b, "sha256": _digest(payload), "payload": payload,
    }  # fmt: skip


def _gap_row(run_id: int, item: Gap) -> dict[str, Any]:
    payload = gap_record(item)
    return {
        "event_id": item.id, "published_us": item.published_us, "run_id": run_id, "kind": "gap",
        "start_us": item.off_us, "end_us": item.on_us, "mmsi_a": item.mmsi, "mmsi_b": None,
        "sha256": _digest(payload), "payload": payload,
    }  # fmt: skip


def _digest(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


def _short(problem: BaseException) -> str:
    original = getattr(problem, "orig", None) or problem
    return str(original).splitlines()[0] if str(original) else type(original).__name__
