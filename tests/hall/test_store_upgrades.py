"""Stores of older versions, in SQLite and PostgreSQL: refused with the mend, upgraded whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shipwatch import ledger_schema
from shipwatch.ledger import Ledger, LedgerError, ledger_url
from shipwatch.store_opening import HEAD, MIGRATIONS, upgrade_store

pytestmark = pytest.mark.slow


def test_the_migrations_make_the_schema(store_url: str) -> None:
    """Alembic finds no difference between what the steps made and the tables as they are declared."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    Ledger(store_url).close()
    engine = sa.create_engine(ledger_url(store_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, ledger_schema.METADATA) == []
        assert list(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars()) == [HEAD]
        names = {unique["name"] for unique in sa.inspect(connection).get_unique_constraints("alert_revisions")}
        assert names == {"uq_alert_revisions_sequence"}
        if connection.dialect.name == "postgresql":  # pages in one order everywhere
            asked = "SELECT collation_name FROM information_schema.columns WHERE column_name = 'alert_id'"
            assert set(connection.execute(sa.text(asked)).scalars()) == {"C"}
    engine.dispose()


def test_every_step_is_known_to_the_opener() -> None:
    """A further file of migrations is also named in ``KNOWN``."""
    from shipwatch.store_opening import KNOWN

    steps = sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("r*.py"))
    assert steps == list(KNOWN)


def first_store(url: str, marked: bool) -> None:
    """A store as the first version made it, with three revisions in it; ``marked`` by its own table or by Alembic."""
    from alembic import command

    from shipwatch.store_opening import _alembic

    engine = sa.create_engine(ledger_url(url))
    settings, _ = _alembic()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "r0001")
        if marked:
            connection.execute(sa.text("DROP TABLE alembic_version"))
            connection.execute(sa.text("CREATE TABLE schema_version (version INTEGER PRIMARY KEY)"))
            connection.execute(sa.text("INSERT INTO schema_version VALUES (1)"))
        connection.execute(
            sa.text(
                "INSERT INTO runs (id, started_us, version, config_digest, rules_digest, zones_digest, inputs) "
                "VALUES (1, 1, '0', 'c', 'r', 'z', '[]')"
            )
        )
        for alert_id, revision, published in (("b", 1, 10), ("a", 1, 20), ("a", 2, 30)):
            connection.execute(
                sa.text(
                    "INSERT INTO alert_revisions VALUES (:id, :rev, 1, 'rendezvous', 'opened', 'warning', 5, :pub, 3, "
                    "NULL, 1.0, 2.0, 'x', :payload)"
                ),
                {
                    "id": alert_id,
                    "rev": revision,
                    "pub": published,
                    "payload": f'{{"id": "{alert_id}", "n": {revision}}}',
                },
            )
    engine.dispose()


@pytest.mark.parametrize("marked", [True, False])
def test_an_older_store_is_refused_with_the_mend_and_upgraded_whole(
    store_url: str, tmp_path: Path, marked: bool
) -> None:
    """Opening says which command to run; after it the old revisions are numbered, paged and triaged like new ones."""
    (tmp_path / "store").mkdir()
    first_store(store_url, marked)
    with pytest.raises(LedgerError, match=r"schema r0001, this shipwatch writes .* shipwatch db upgrade --store"):
        Ledger(store_url)
    done = upgrade_store(store_url)
    assert (done.before, done.after) == ("r0001", HEAD)
    assert upgrade_store(store_url).before == HEAD
    with Ledger(store_url) as ledger:
        assert [(n, a["id"], a["n"]) for n, a in ledger.changes_since(0)] == [(1, "b", 1), (2, "a", 1), (3, "a", 2)]
        assert [a["id"] for a in ledger.alerts_page()[0]] == ["b", "a"]
        assert ledger.alert("a") == {"id": "a", "n": 2}
        assert ledger.append_triage("a", "likely", "an analyst", 1).sequence == 1
        assert ledger.triage_states(["a", "b"]) == {"a": "likely", "b": "new"}


def test_an_upgrade_that_fails_changes_nothing(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All steps are one transaction: the store stays as it was, and can be upgraded later."""
    from alembic import op

    (tmp_path / "store").mkdir()
    first_store(store_url, marked=True)
    real = op.create_table

    def failing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "outbox":
            raise sa.exc.OperationalError("CREATE TABLE", {}, Exception("disk full"))
        return real(name, *args, **kwargs)

    monkeypatch.setattr(op, "create_table", failing)
    with pytest.raises(LedgerError, match="disk full"):
        upgrade_store(store_url)
    monkeypatch.undo()
    engine = sa.create_engine(ledger_url(store_url))
    assert set(sa.inspect(engine).get_table_names()) == {
        "schema_version", "runs", "alert_revisions", "events", "run_list_snapshots",
    }  # fmt: skip
    engine.dispose()
    assert upgrade_store(store_url).after == HEAD


def test_the_command_upgrades(tmp_path: Path) -> None:
    """`shipwatch db upgrade` makes a new store, and says when there is nothing to do."""
    from typer.testing import CliRunner

    from shipwatch.cli import app

    store = str(tmp_path / "new" / "s.db")
    first = CliRunner().invoke(app, ["db", "upgrade", "--store", store])
    assert first.exit_code == 0
    assert f"schema made -> {HEAD}" in first.output
    assert f"is at schema {HEAD} already" in CliRunner().invoke(app, ["db", "upgrade", "--store", store]).output
    told = CliRunner().invoke(app, ["db", "upgrade", "--store", store, "--json"]).output
    assert f'"after": "{HEAD}"' in told
