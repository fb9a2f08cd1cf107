"""Where a live service goes on after it was stopped or killed: its state, and how far in the journal it had come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from shipwatch import ledger_schema as schema
from shipwatch.store_opening import LedgerError


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State after everything before ``journal_position`` (the next record to read) was taken in.

    ``name`` tells one service's checkpoint from another's; ``processed_us`` is the watermark, for people.
    """

    name: str
    blob: bytes
    journal_position: int
    processed_us: int | None = None


def save(connection: sa.Connection, run_id: int, checkpoint: Checkpoint) -> None:
    """Put it in the place of the one before. A run that a later run has followed may not: ``LedgerError``."""
    table = schema.checkpoints
    values = {
        "run_id": run_id, "journal_position": checkpoint.journal_position, "processed_us": checkpoint.processed_us,
        "sha256": hashlib.sha256(checkpoint.blob).hexdigest(), "blob": checkpoint.blob,
    }  # fmt: skip
    at = table.c.name == checkpoint.name
    held = connection.execute(sa.select(table.c.run_id).where(at).with_for_update()).scalar_one_or_none()
    if held is None:
        connection.execute(sa.insert(table).values(name=checkpoint.name, **values))
    elif held > run_id:
        raise LedgerError(f"checkpoint {checkpoint.name!r}: run {held} has taken over from run {run_id}")
    else:
        connection.execute(sa.update(table).where(at).values(**values))


def load(connection: sa.Connection, name: str) -> Checkpoint | None:
    """The newest one of that name; None where there is none. A damaged one raises ``LedgerError``."""
    table = schema.checkpoints
    row = connection.execute(sa.select(table).where(table.c.name == name)).mappings().one_or_none()
    if row is None:
        return None
    blob = bytes(row["blob"])
    if hashlib.sha256(blob).hexdigest() != row["sha256"]:
        raise LedgerError(f"checkpoint {name!r} is damaged: start again from the journal")
    return Checkpoint(name, blob, int(row["journal_position"]), row["processed_us"])


def every(connection: sa.Connection) -> list[tuple[int, Checkpoint]]:
    """(run id, checkpoint) of every name; damaged ones raise ``LedgerError``."""
    table = schema.checkpoints
    found = []
    for name, run_id in connection.execute(sa.select(table.c.name, table.c.run_id).order_by(table.c.name)).all():
        checkpoint = load(connection, name)
        if checkpoint is not None:
            found.append((int(run_id), checkpoint))
    return found
