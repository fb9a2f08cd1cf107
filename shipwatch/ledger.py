"""What was concluded, decided and sent: runs, every revision of every alert once, triage, outbox, checkpoints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa

from shipwatch import alert_pages, checkpoints, ledger_periods, outbox, party_index, rescreen_marks, triage_log
from shipwatch import ledger_schema as schema
from shipwatch.alert_pages import AlertFilter, Area
from shipwatch.checkpoints import Checkpoint
from shipwatch.ledger_rows import Recorded, add_events, add_revisions
from shipwatch.outbox import Delivery
from shipwatch.rescreen_marks import Mark, Told
from shipwatch.store_opening import LedgerError, ledger_url, open_store, short
from shipwatch.triage_log import TriageEntry

if TYPE_CHECKING:
    from alerts.designations import Snapshot
    from shipwatch.pipeline import Outcome

__all__ = ["AlertFilter", "Checkpoint", "Delivery", "Ledger", "LedgerError", "Recorded", "TriageEntry", "ledger_url"]

PAGE = 100


class Ledger:
    """One ledger, opened; a context manager. A recorded revision and a triage entry never change.

    SQLite and PostgreSQL alike. Opening makes the folder of an SQLite file and the tables of an empty store; a store of
    another version is refused with the command that upgrades it. May be used from several threads (not so
    ``sqlite://``, which is each thread's own). Raises ``LedgerError``.

    >>> with Ledger("sqlite://") as ledger:
    ...     ledger.latest_alerts()
    []
    """

    def __init__(self, url: str) -> None:
        self._engine, self.name = open_store(url)

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
        archive: str | None = None,
    ) -> int:
        """Note that a run began (``started_us`` from the caller's clock) and what it stands on; returns its number.

        ``archive`` names the folder that its positions go to.
        """
        with self._begin() as connection:
            made = connection.execute(
                sa.insert(schema.runs).values(
                    started_us=started_us, version=version, inputs=[dict(item) for item in inputs],
                    config_digest=config_digest, rules_digest=rules_digest, zones_digest=zones_digest, archive=archive,
                )
            )  # fmt: skip
            run_id = int(made.inserted_primary_key[0])  # type: ignore[index]
            rows = {
                (s.list, s.id): {
                    "run_id": run_id, "list": s.list, "snapshot": s.id, "sha256": s.sha256, "published": s.published,
                }
                for s in snapshots
            }  # fmt: skip
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

    def runs(self) -> list[dict[str, Any]]:
        """All runs, oldest first, each with the list snapshots that it asked."""
        with self._begin(reading=True) as connection:
            found = [
                dict(row) for row in connection.execute(sa.select(schema.runs).order_by(schema.runs.c.id)).mappings()
            ]
            order = sa.select(schema.list_snapshots).order_by(*schema.list_snapshots.primary_key)
            asked = connection.execute(order).mappings().all()
        for run in found:
            run["lists"] = [dict(row) for row in asked if row["run_id"] == run["id"]]
        return found

    def record(
        self,
        run_id: int,
        outcome: Outcome | None,
        *,
        checkpoint: Checkpoint | None = None,
        channels: Sequence[str] = (),
    ) -> Recorded:
        """Write an outcome's revisions and events, their deliveries and the checkpoint: all in one transaction or none.

        What is there already is left as it is, and only revisions that are new here get a row in the outbox for each of
        ``channels``. Any number of writers may record at once.
        """
        alerts = () if outcome is None else outcome.alerts
        if checkpoint is None and (
            outcome is None or not (alerts or outcome.rendezvous or outcome.gaps or outcome.leads)
        ):
            return Recorded()
        done = Recorded()
        with self._begin() as connection:
            if alerts:
                done, new = add_revisions(connection, run_id, alerts)
                outbox.enqueue(connection, new, channels)
            if outcome is not None:
                done += add_events(connection, run_id, outcome.rendezvous, outcome.gaps, outcome.leads)
            if checkpoint is not None:
                checkpoints.save(connection, run_id, checkpoint)
        return done

    def save_checkpoint(self, run_id: int, checkpoint: Checkpoint) -> None:
        """Only the checkpoint; one of a run that a later run has followed is refused."""
        self.record(run_id, None, checkpoint=checkpoint)

    def load_checkpoint(self, name: str) -> Checkpoint | None:
        """The newest of that name; None where there is none."""
        with self._begin(reading=True) as connection:
            return checkpoints.load(connection, name)

    def journal_worked_off(self) -> int | None:
        """The journal position that every service on this store has passed; None where none has left a checkpoint."""
        (found,) = self._column(sa.select(sa.func.min(schema.checkpoints.c.journal_position)))
        return None if found is None else int(found)

    def incident_spans(self, triage: Sequence[str]) -> list[tuple[int, int | None]]:
        """(start_us, end_us) of alerts in these states of triage that are not withdrawn; None: it goes on."""
        table = schema.alerts
        asked = sa.select(table.c.start_us, table.c.end_us).where(
            table.c.triage.in_(triage), table.c.state != "withdrawn"
        )
        with self._begin(reading=True) as connection:
            return [(int(row[0]), None if row[1] is None else int(row[1])) for row in connection.execute(asked)]

    def latest_alerts(
        self,
        *,
        since_us: int | None = None,
        until_us: int | None = None,
        severities: Sequence[str] = (),
        alert_id: str | None = None,
        limit: int | None = None,
        during_us: tuple[int, int] | None = None,
    ) -> list[dict[str, Any]]:
        """The newest revision of each alert as its public JSON object, in order of (start, id).

        ``since_us`` <= start < ``until_us``; ``severities`` of the newest revision; ``during_us`` = (from, to) asks for
        all that a part of lies in [from, to).
        """
        asked = AlertFilter(
            since_us=since_us, until_us=until_us, severities=severities, alert_id=alert_id, during_us=during_us
        )
        return [dict(payload) for payload in self._column(alert_pages.oldest_first(asked, limit))]

    def alerts_page(
        self,
        *,
        after: tuple[int, str] | None = None,
        limit: int = PAGE,
        severities: Sequence[str] = (),
        states: Sequence[str] = (),
        triage: Sequence[str] = (),
        kinds: Sequence[str] = (),
        area_bbox: Area | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
        """One page of alerts, newest start first, and the key to pass as ``after`` for the next (None: that was all).

        ``states`` are those of the alert object, ``triage`` those of :meth:`triage_states`. ``area_bbox`` is (west,
        south, east, north); west > east reaches across 180 degrees. A page is not moved by alerts that come meanwhile.
        """
        asked = AlertFilter(
            severities=severities, states=states, triage=triage, kinds=kinds, area_bbox=area_bbox, since_us=since_us,
            until_us=until_us,
        )  # fmt: skip
        with self._begin(reading=True) as connection:
            rows = connection.execute(alert_pages.newest_first(asked, after, limit + 1)).all()
        shown = rows[:limit]
        key = (int(shown[-1][0]), str(shown[-1][1])) if shown and len(rows) > limit else None
        return [dict(row[2]) for row in shown], key

    def alert(self, alert_id: str) -> dict[str, Any] | None:
        """The newest revision of one alert; None where there is no such alert."""
        found = self.latest_alerts(alert_id=alert_id)
        return found[0] if found else None

    def revisions(self, alert_id: str) -> list[dict[str, Any]]:
        """All revisions of one alert as JSON objects, oldest first (none: an empty list)."""
        table = schema.alert_revisions
        query = sa.select(table.c.payload).where(table.c.alert_id == alert_id).order_by(table.c.revision)
        return [dict(payload) for payload in self._column(query)]

    def revisions_touching(self, since_us: int, until_us: int) -> list[tuple[int, int, dict[str, Any]]]:
        """(published_us, run id, alert object) of all revisions of alerts that were going on or told in the period."""
        with self._begin(reading=True) as connection:
            rows = connection.execute(ledger_periods.revisions_touching(since_us, until_us)).all()
        return [(int(row[0]), int(row[1]), dict(row[2])) for row in rows]

    def events_between(self, kind: str, since_us: int, until_us: int) -> list[dict[str, Any]]:
        """Events of a kind (rendezvous, gap) that began in the period, the newest form of each, oldest first."""
        return [dict(payload) for payload in self._column(ledger_periods.events_between(kind, since_us, until_us))]

    def changes_since(self, sequence: int, limit: int = PAGE) -> list[tuple[int, dict[str, Any]]]:
        """(sequence, alert object) of revisions recorded behind that number, in order; none is ever skipped."""
        with self._begin(reading=True) as connection:
            rows = connection.execute(alert_pages.changed_since(sequence, limit)).all()
        return [(int(row[0]), dict(row[1])) for row in rows]

    def last_sequence(self) -> int:
        """The number of the newest recorded revision; 0 where there is none."""
        (found,) = self._column(sa.select(sa.func.max(schema.alert_revisions.c.sequence)))
        return int(found or 0)

    def told_until_us(self) -> int | None:
        """How far event time has come: the newest watermark or conclusion; None where nothing was ever recorded."""
        asked = (schema.checkpoints.c.processed_us, schema.alert_revisions.c.published_us)
        found = [
            value for column in asked for value in self._column(sa.select(sa.func.max(column))) if value is not None
        ]
        return max(found, default=None)

    def append_triage(
        self, alert_id: str, action: str, by: str, at_us: int, note: str = "", seen: int | None = None
    ) -> TriageEntry:
        """Enter a decision (see ``triage_log.ACTIONS``; ``undo`` takes back the newest that stands) into the log.

        Raises ``LedgerError`` for an alert that is not there, another action or nobody named; ``TriageConflictError``
        for nothing to take back, or an entry newer than ``seen``: of two decisions at once one comes too late.
        """
        with self._begin() as connection:
            return triage_log.append(connection, alert_id, action, by, at_us, note, seen)

    def triage_of(self, alert_id: str) -> list[TriageEntry]:
        """All entries about one alert, oldest first."""
        with self._begin(reading=True) as connection:
            return triage_log.entries(connection, alert_id=alert_id)

    def triage_since(self, sequence: int, limit: int = PAGE) -> list[TriageEntry]:
        """Entries behind that number, in order."""
        with self._begin(reading=True) as connection:
            return triage_log.entries(connection, after=sequence, limit=limit)

    def triage_states(self, alert_ids: Sequence[str]) -> dict[str, str]:
        """new, under_review, confirmed, likely, unlikely, dismissed, shared or closed, for each id."""
        with self._begin(reading=True) as connection:
            return triage_log.states(connection, alert_ids)

    def verify_log(self, anchor: tuple[int, str] | None = None) -> list[str]:
        """What is wrong with the triage log, in words (nothing: it is whole); ``anchor`` is an earlier ``log_head``."""
        with self._begin() as connection:
            return triage_log.problems(connection, anchor)

    def log_head(self) -> tuple[int, str]:
        """Number and hash of the newest entry of the triage log; noted elsewhere, it seals all before it."""
        with self._begin(reading=True) as connection:
            return triage_log.head(connection)

    def due_deliveries(self, now_us: int, limit: int = PAGE, channels: Sequence[str] = ()) -> list[Delivery]:
        """What is to be sent now, oldest first; it stays due until it is marked."""
        with self._begin(reading=True) as connection:
            return outbox.due(connection, now_us, limit, channels)

    def next_due_us(self) -> int | None:
        """When the next delivery is due; None when nothing waits."""
        with self._begin(reading=True) as connection:
            return outbox.next_due_us(connection)

    def mark_delivered(self, id: int, at_us: int) -> bool:
        """Note that it arrived."""
        with self._begin() as connection:
            return outbox.mark_delivered(connection, id, at_us)

    def mark_failed(self, id: int, retry_at_us: int | None, error: str) -> bool:
        """Note that it did not arrive; without a time it is given up and told of in ``delivery_counts``."""
        with self._begin() as connection:
            return outbox.mark_failed(connection, id, retry_at_us, error)

    def delivery_counts(self) -> dict[str, dict[str, int]]:
        """By channel: how many are pending, delivered, given_up."""
        with self._begin(reading=True) as connection:
            return outbox.counts(connection)

    def deliveries(self, alert_id: str | None = None) -> list[dict[str, Any]]:
        """Every row of the outbox with its state and idempotency ``key``, in order, of one alert or of all."""
        with self._begin(reading=True) as connection:
            return outbox.rows_of(connection, alert_id)

    def checkpoints(self) -> list[tuple[int, Checkpoint]]:
        """(run id, checkpoint) of every service on this store."""
        with self._begin(reading=True) as connection:
            return checkpoints.every(connection)

    def rescreen_candidates(
        self, keys: Collection[str], ranges: Sequence[tuple[str, str]], since_us: int
    ) -> tuple[set[str], set[str]]:
        """Ids of alerts with one of these keys of ``party_index`` that began since then; and of those that wait."""
        with self._begin(reading=True) as connection:
            usable = party_index.of_this_form(connection)
        if not usable:
            with self._begin() as connection:
                party_index.fill(connection)
        with self._begin(reading=True) as connection:
            found = party_index.alerts_with(connection, keys, ranges, since_us)
            return found, rescreen_marks.waiting(connection)

    def newest_told(self, ids: Sequence[str]) -> list[Told]:
        """The newest revisions of these alerts with when and by which run, in order of id."""
        with self._begin(reading=True) as connection:
            return rescreen_marks.newest(connection, ids)

    def rescreen_marks(self) -> dict[str, Mark]:
        """Up to which version of each list the store was rescreened."""
        with self._begin(reading=True) as connection:
            return rescreen_marks.marks(connection)

    def lists_asked_since(self, sequence: int) -> list[dict[str, set[str]]]:
        """For each run with revisions behind that number, the versions of each list that it asked."""
        with self._begin(reading=True) as connection:
            return rescreen_marks.asked_since(connection, sequence)

    def note_rescreened(self, marks: Mapping[str, Mark], done: Iterable[str], waiting: Iterable[str]) -> None:
        """Set the marks of these lists; alerts that are ``done`` wait no more, those ``waiting`` do."""
        with self._begin() as connection:
            rescreen_marks.note(connection, marks, done, waiting)

    def _column(self, query: sa.Select[Any]) -> list[Any]:
        with self._begin(reading=True) as connection:
            return list(connection.execute(query).scalars())

    @contextmanager
    def _begin(self, *, reading: bool = False) -> Iterator[sa.Connection]:
        """One transaction; the database's own errors come out as ``LedgerError``."""
        try:
            with self._engine.execution_options(shipwatch_reading=reading).begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as problem:
            raise LedgerError(f"{self.name}: {short(problem)}") from problem
