"""What analysts decided: an append-only log in which each entry carries the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from shipwatch import ledger_schema as schema
from shipwatch.ledger_rows import LOOKUP_CHUNK, NEW, number_to, numbered_from
from shipwatch.store_opening import LedgerError

STATES = ("under_review", "confirmed", "likely", "unlikely", "dismissed", "shared", "closed")
"""Actions that put an alert into the state of their name."""
UNDO, NOTE = "undo", "note"
"""``undo`` supersedes the newest decision that still stands; ``note`` says something and changes nothing."""
ACTIONS = (*STATES, NOTE, UNDO)
MOST_NOTE, MOST_BY = 4000, 120
BEGINNING = "0" * 64
"""Stands where the first entry would name the one before it."""

COUNTER = "triage_log"


class TriageConflictError(LedgerError):
    """A decision that does not fit what the log says by now; nothing was entered."""


@dataclass(frozen=True, slots=True)
class TriageEntry:
    """One entry. ``by`` names who decided, ``supersedes`` the entry that an undo takes back.

    ``sha256`` is over all other fields, ``previous`` among them: whoever changes, removes or inserts an entry has to
    rewrite every later one.
    """

    sequence: int
    alert_id: str
    action: str
    by: str
    at_us: int
    note: str
    supersedes: int | None
    previous: str
    sha256: str = ""

    def digest(self) -> str:
        """What ``sha256`` has to be."""
        told = {name: value for name, value in asdict(self).items() if name != "sha256"}
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def append(
    connection: sa.Connection, alert_id: str, action: str, by: str, at_us: int, note: str, seen: int | None = None
) -> TriageEntry:
    """Add an entry and bring the alert to its state. Raises ``LedgerError`` for what cannot be entered.

    ``seen`` is the number of the alert's newest entry that whoever decides has seen (0: none): a newer one is a
    ``TriageConflictError``, as is an undo with nothing to take back.
    """
    _check(action, by, note)
    log, alerts = schema.triage_log, schema.alerts
    last = numbered_from(connection, COUNTER)
    if connection.execute(sa.select(alerts.c.alert_id).where(alerts.c.alert_id == alert_id)).first() is None:
        raise LedgerError(f"no alert {alert_id!r}")
    earlier = entries(connection, alert_id=alert_id)
    if seen is not None and earlier and earlier[-1].sequence > seen:
        raise TriageConflictError(f"{earlier[-1].by} decided {earlier[-1].action!r} meanwhile; look again")
    supersedes = None
    if action == UNDO:
        standing = _standing(earlier)
        if not standing:
            raise TriageConflictError(f"alert {alert_id!r}: there is no decision to take back")
        supersedes = standing[-1].sequence
    previous = connection.execute(sa.select(log.c.sha256).where(log.c.sequence == last)).scalar_one_or_none()
    if last and previous is None:
        raise LedgerError(f"the triage log lacks its entry {last}: it was tampered with (shipwatch doctor)")
    bare = TriageEntry(last + 1, alert_id, action, by, at_us, note, supersedes, previous or BEGINNING)
    entry = TriageEntry(**{**asdict(bare), "sha256": bare.digest()})
    connection.execute(sa.insert(log).values(**asdict(entry)))
    number_to(connection, COUNTER, entry.sequence)
    state = state_of([*earlier, entry])
    connection.execute(sa.update(alerts).where(alerts.c.alert_id == alert_id).values(triage=state))
    return entry


def entries(
    connection: sa.Connection, *, alert_id: str | None = None, after: int = 0, limit: int | None = None
) -> list[TriageEntry]:
    """Entries in their order, of one alert or of all."""
    log = schema.triage_log
    query = sa.select(log).where(log.c.sequence > after).order_by(log.c.sequence).limit(limit)
    if alert_id is not None:
        query = query.where(log.c.alert_id == alert_id)
    return [TriageEntry(**row) for row in connection.execute(query).mappings()]


def state_of(log: Iterable[TriageEntry]) -> str:
    """The state that one alert's entries lead to: that of the newest decision not taken back.

    >>> state_of([])
    'new'
    """
    standing = _standing(log)
    return standing[-1].action if standing else NEW


def states(connection: sa.Connection, alert_ids: Sequence[str]) -> dict[str, str]:
    """State of each alert; ids that are not known are ``new`` too."""
    found = dict.fromkeys(alert_ids, NEW)
    table, ids = schema.alerts, list(found)
    for at in range(0, len(ids), LOOKUP_CHUNK):
        query = sa.select(table.c.alert_id, table.c.triage).where(table.c.alert_id.in_(ids[at : at + LOOKUP_CHUNK]))
        found.update({row[0]: row[1] for row in connection.execute(query)})
    return found


def problems(connection: sa.Connection, anchor: tuple[int, str] | None = None) -> list[str]:
    """What is wrong with the log, in words; nothing for a log that is whole.

    Every entry is recomputed, the chain and its length are followed, and the states shown are compared with what the
    log says. Who can write to the database can also recompute the whole chain: against that, keep the ``head`` of an
    earlier day outside of it and pass it as ``anchor``.
    """
    found: list[str] = []
    last = numbered_from(connection, COUNTER)  # first of all: no entry is added while we look
    previous, expected, anchored = BEGINNING, 1, anchor is None or anchor[0] == 0
    by_alert: dict[str, list[TriageEntry]] = {}
    for row in connection.execute(sa.select(schema.triage_log).order_by(schema.triage_log.c.sequence)).mappings():
        entry = TriageEntry(**row)
        if entry.sequence != expected:
            found.append(f"entries {expected} to {entry.sequence - 1} are missing")
        if entry.previous != previous:
            found.append(f"entry {entry.sequence} does not follow the entry before it")
        if entry.sha256 != entry.digest():
            found.append(f"entry {entry.sequence} was changed after it was written")
        if anchor is not None and entry.sequence == anchor[0]:
            anchored = True
            if entry.sha256 != anchor[1]:
                found.append(f"entry {entry.sequence} is not the one that was noted elsewhere")
        previous, expected = entry.sha256, entry.sequence + 1
        by_alert.setdefault(entry.alert_id, []).append(entry)
    if last >= expected:
        found.append(f"entries {expected} to {last} are missing at the end")
    elif last < expected - 1:
        found.append(f"entries {last + 1} to {expected - 1} were added around the counter")
    if anchor is not None and not anchored:
        found.append(f"entry {anchor[0]}, noted elsewhere, is missing")
    shown = sa.select(schema.alerts.c.alert_id, schema.alerts.c.triage).order_by(schema.alerts.c.alert_id)
    for alert_id, state in connection.execute(shown):
        said = state_of(by_alert.get(alert_id, ()))
        if state != said:
            found.append(f"alert {alert_id} is shown as {state}, the log says {said}")
    return found


def head(connection: sa.Connection) -> tuple[int, str]:
    """Number and hash of the newest entry: note it elsewhere (a summary, a letter) and nothing before it can change."""
    log = schema.triage_log
    row = connection.execute(sa.select(log.c.sequence, log.c.sha256).order_by(log.c.sequence.desc()).limit(1)).first()
    return (int(row[0]), str(row[1])) if row else (0, BEGINNING)


def _standing(log: Iterable[TriageEntry]) -> list[TriageEntry]:
    """Decisions that no later undo has taken back."""
    kept: dict[int, TriageEntry] = {}
    for entry in log:
        if entry.action in STATES:
            kept[entry.sequence] = entry
        elif entry.action == UNDO and entry.supersedes is not None:
            kept.pop(entry.supersedes, None)
    return list(kept.values())


def _check(action: str, by: str, note: str) -> None:
    if action not in ACTIONS:
        raise LedgerError(f"{action!r} is no action of triage ({', '.join(ACTIONS)})")
    if not by.strip():
        raise LedgerError("nobody is named who decided this")
    for name, text, most in (("by", by, MOST_BY), ("note", note, MOST_NOTE)):
        if len(text) > most:
            raise LedgerError(f"{name}: {len(text)} characters, more than {most}")
        if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise LedgerError(f"{name}: holds a character that is none")
