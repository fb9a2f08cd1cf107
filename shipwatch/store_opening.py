"""A store opened: the engine for SQLite or PostgreSQL, its schema made, checked, or upgraded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa

SQLITE_BUSY_S = 30
UPGRADE_LOCK = 0x73686970
"""PostgreSQL's advisory lock: two processes that open a new store at once make its tables once."""
MIGRATIONS = Path(__file__).parent / "migrations"
KNOWN = ("r0001", "r0002", "r0003")
"""Schemas that this version can upgrade from; the last one is its own. A further one is a file in the folder."""
FIRST, HEAD = KNOWN[0], KNOWN[-1]
VERSION_TABLE = "alembic_version"


class LedgerError(RuntimeError):
    """The ledger cannot be opened, read or written; the message names it (without its password)."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What ``upgrade_store`` did: the store without its password, its schema before (None: it was empty) and after."""

    store: str
    before: str | None
    after: str


def ledger_url(store: str) -> str:
    """A database URL from what a user names: a URL as it is, anything else is the path of an SQLite file.

    PostgreSQL is spoken to with psycopg 3 unless the URL names another driver.

    >>> ledger_url("out/shipwatch.db")
    'sqlite:///out/shipwatch.db'
    >>> ledger_url("postgresql://watch@db/ships")
    'postgresql+psycopg://watch@db/ships'
    """
    if "://" not in store:
        return f"sqlite:///{store}"
    scheme, _, rest = store.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgresql", "postgres"} else store


def open_store(store: str) -> tuple[sa.Engine, str]:
    """The engine and the store's name without password; an empty store gets its tables, an old one is refused.

    Makes the folder of an SQLite file. Raises ``LedgerError``, saying how to upgrade where that is what is wanted.
    """
    engine, name = _engine(store)
    try:
        with _explained(store):
            with engine.execution_options(shipwatch_reading=True).begin() as connection:
                found = _revision_of(connection)
            if found is None:
                _migrate(engine)
            elif found != HEAD:
                _refuse(name, found)
    except LedgerError:
        engine.dispose()
        raise
    return engine, name


def upgrade_store(store: str) -> Upgrade:
    """Bring a store to this version's schema, or make it; all of it is done or nothing. Raises ``LedgerError``."""
    engine, name = _engine(store)
    try:
        with _explained(store):
            with engine.begin() as connection:
                before = _revision_of(connection)
            if before is not None and before not in KNOWN:
                _refuse(name, before)
            if before != HEAD:
                _migrate(engine)
            return Upgrade(name, before, HEAD)
    finally:
        engine.dispose()


def short(problem: BaseException) -> str:
    """The first line of the database's own words, without the statement and its values."""
    original = getattr(problem, "orig", None) or problem
    return str(original).splitlines()[0] if str(original) else type(original).__name__


def _engine(store: str) -> tuple[sa.Engine, str]:
    with _explained(store):
        parsed = sa.make_url(ledger_url(store))
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, pool_pre_ping=not sqlite)
        if sqlite:
            _prepare_sqlite(engine)
        return engine, parsed.render_as_string(hide_password=True)


def _prepare_sqlite(engine: sa.Engine) -> None:
    """WAL (readers do not wait for the writer), foreign keys, and a transaction that is a write from its first word."""

    @sa.event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_S * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # what was told to people must not be forgotten in a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def on_begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("shipwatch_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _revision_of(connection: sa.Connection) -> str | None:
    """The schema that stands in the database; None for a database without our tables."""
    tables = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        found = list(connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars())
        if found:
            return str(found[0])
    if "schema_version" in tables:  # made before there were migrations
        found = list(connection.execute(sa.text("SELECT version FROM schema_version")).scalars())
        return FIRST if found == [1] else f"version {found[0] if found else '?'}"
    return None


def _migrate(engine: sa.Engine) -> None:
    """All steps to the newest schema in one transaction."""
    from alembic import command  # noqa: PLC0415 - only a new or an old store needs it
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415

    settings, script = _alembic()
    with engine.connect() as connection, _without_foreign_keys(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"))
        found = _revision_of(connection)  # another process may have been first
        if found == HEAD:
            return
        if found is not None and VERSION_TABLE not in sa.inspect(connection).get_table_names():
            MigrationContext.configure(connection).stamp(script, found)
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
        if connection.dialect.name == "sqlite":
            wrong = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if wrong:
                raise LedgerError(f"the upgrade would leave a row of {wrong[0]} that belongs to nothing")


@contextmanager
def _without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """SQLite alters a table by copying it, which its foreign keys would take for a deletion of all rows."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # the setting is ignored inside a transaction
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@cache
def _alembic() -> tuple[Any, Any]:
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings, ScriptDirectory.from_config(settings)


@contextmanager
def _explained(store: str) -> Iterator[None]:
    """The database's errors and the system's as ``LedgerError``, naming the store where it holds no password."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError, ImportError) as problem:
        named = store if "@" not in store else "the store"
        hint = ' (pip install "shipwatch-sts[postgres]")' if isinstance(problem, ImportError) else ""
        raise LedgerError(f"{named}: cannot be opened ({short(problem)}){hint}") from problem


def _refuse(name: str, found: str) -> NoReturn:
    if found in KNOWN:
        raise LedgerError(f"{name}: schema {found}, this shipwatch writes {HEAD}: shipwatch db upgrade --store {name}")
    raise LedgerError(f"{name}: schema {found} is not known to this shipwatch (it writes {HEAD}): use a newer one")
