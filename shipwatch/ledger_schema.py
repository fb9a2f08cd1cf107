"""The tables of the ledger: one schema for SQLite and PostgreSQL, constraints named so that migrations find them."""

from __future__ import annotations

import sqlalchemy as sa

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = sa.MetaData(naming_convention=NAMING)

ID = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")
"""Ids are compared byte by byte in every database, so that pages come in one order everywhere."""

KEY = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")

counters = sa.Table(
    "counters",
    METADATA,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
"""The last number given in ``alert_revisions``, ``triage_log`` and ``outbox``. Whoever numbers holds the row's lock
until the transaction ends: numbers become visible in order, and a reader that has seen n never misses one below n.
The row ``party_keys`` holds the form of that table."""

runs = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("started_us", sa.BigInteger, nullable=False),
    sa.Column("finished_us", sa.BigInteger),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("config_digest", sa.String(64), nullable=False),
    sa.Column("rules_digest", sa.String(80), nullable=False),
    sa.Column("zones_digest", sa.String(64), nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("counts", sa.JSON),
    sa.Column("archive", sa.Text),
)

alert_revisions = sa.Table(
    "alert_revisions",
    METADATA,
    sa.Column("alert_id", ID, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("severity", sa.String(12), nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("published_us", sa.BigInteger, nullable=False),
    sa.Column("start_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("end_us", sa.BigInteger),
    sa.Column("lat", sa.Float, nullable=False),
    sa.Column("lon", sa.Float, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False, unique=True),
)

alerts = sa.Table(
    "alerts",
    METADATA,
    sa.Column("alert_id", ID, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("severity", sa.String(12), nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("start_us", sa.BigInteger, nullable=False),
    sa.Column("end_us", sa.BigInteger),
    sa.Column("lat", sa.Float, nullable=False),
    sa.Column("lon", sa.Float, nullable=False),
    sa.Column("triage", sa.String(16), nullable=False),
    sa.Index("ix_alerts_start_us_alert_id", "start_us", "alert_id"),
)
"""One row for each alert: its newest revision and its triage state, so that a page costs what it shows."""

triage_log = sa.Table(
    "triage_log",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("alert_id", sa.ForeignKey("alerts.alert_id"), nullable=False, index=True),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("supersedes", sa.BigInteger),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
)

outbox = sa.Table(
    "outbox",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(80), nullable=False),
    sa.Column("alert_id", ID, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("delivered_us", sa.BigInteger),
    sa.Column("error", sa.Text),
    sa.ForeignKeyConstraint(["alert_id", "revision"], ["alert_revisions.alert_id", "alert_revisions.revision"]),
    sa.UniqueConstraint("channel", "alert_id", "revision"),
    sa.Index("ix_outbox_state_due_us", "state", "due_us"),
)

checkpoints = sa.Table(
    "checkpoints",
    METADATA,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("journal_position", sa.BigInteger, nullable=False),
    sa.Column("processed_us", sa.BigInteger),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("blob", sa.LargeBinary, nullable=False),
)

events = sa.Table(
    "events",
    METADATA,
    sa.Column("event_id", ID, primary_key=True),
    sa.Column("published_us", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("start_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("end_us", sa.BigInteger),
    sa.Column("mmsi_a", sa.Integer, nullable=False, index=True),
    sa.Column("mmsi_b", sa.Integer, index=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
)

list_snapshots = sa.Table(
    "run_list_snapshots",
    METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("list", sa.String(80), primary_key=True),
    sa.Column("snapshot", sa.String(120), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("published", sa.String(10)),
)

party_keys = sa.Table(
    "party_keys",
    METADATA,
    sa.Column("key", KEY, primary_key=True),
    sa.Column("alert_id", ID, primary_key=True),
    sqlite_with_rowid=False,
)
"""By which identifiers (see ``party_index``) the parties of each alert can be met on a list, of all its revisions."""

rescreened_lists = sa.Table(
    "rescreened_lists",
    METADATA,
    sa.Column("list", sa.String(80), primary_key=True),
    sa.Column("snapshot", sa.String(120), nullable=False),
    sa.Column("versions", sa.String(64), nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
"""Up to which version of each list, with which versions behind it, all revisions up to ``sequence`` were rescreened."""

rescreen_waiting = sa.Table("rescreen_waiting", METADATA, sa.Column("alert_id", ID, primary_key=True))
"""Alerts that could not be rescreened yet, because a live service still revises them."""
