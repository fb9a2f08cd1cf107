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

SCHEMA_VERSION = 1
"""Stands in the ledger itself; a ledger of another version is refused, not guessed at."""

schema_version = sa.Table(
    "schema_version",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
)

runs = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("started_us", sa.BigInteger, nullable=False),
    sa.Column("finished_us", sa.BigInteger),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("config_digest", sa.String(64), nullable=False),
    sa.Column("rules_digest", sa.String(64), nullable=False),
    sa.Column("zones_digest", sa.String(64), nullable=False),
    sa.Column("inputs", sa.JSON, nullable=False),
    sa.Column("counts", sa.JSON),
)

alert_revisions = sa.Table(
    "alert_revisions",
    METADATA,
    sa.Column("alert_id", sa.String(80), primary_key=True),
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
)

events = sa.Table(
    "events",
    METADATA,
    sa.Column("event_id", sa.String(80), primary_key=True),
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
