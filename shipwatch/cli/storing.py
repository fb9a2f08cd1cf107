"""`shipwatch db upgrade`: a store of an older version brought to this one's schema."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from shipwatch.cli.exits import guarded

app = typer.Typer(no_args_is_help=True, help="The store: its schema.")


@app.callback()
def _all() -> None:
    """Commands about the store."""


@app.command()
@guarded
def upgrade(
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="The store (URL or SQLite file) (default: the station's own).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Make the store's tables, or bring those of an older shipwatch to this one's: wholly or not at all.

    Stop what writes to the store first, and keep a copy: there is no way back.
    """
    from shipwatch.home import default_store
    from shipwatch.store_opening import upgrade_store

    done = upgrade_store(store or str(default_store(os.environ)))
    if as_json:
        typer.echo(json.dumps({"store": done.store, "before": done.before, "after": done.after}))
    elif done.before == done.after:
        typer.echo(f"{done.store}: is at schema {done.after} already")
    else:
        typer.echo(f"{done.store}: schema {done.before or 'made'} -> {done.after}")
