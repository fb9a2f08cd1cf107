"""The command line. Each command imports what it needs when it runs, so that `shipwatch --help` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from shipwatch.cli import (
    decoding,
    health,
    keeping,
    listing,
    reconciling,
    replaying,
    rescreening,
    serving,
    storing,
    summarising,
    watching,
    watchlists,
    zoning,
)

app = typer.Typer(
    name="shipwatch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Watch the sea for suspected illicit ship-to-ship transfers: AIS in, explained alerts out.",
)
app.command("demo")(replaying.demo)
app.command("replay")(replaying.replay)
app.command("watch")(watching.watch)
app.command("play")(watching.play)
app.command("console")(serving.console)
app.command("decode")(decoding.decode)
app.add_typer(listing.app, name="lists")
app.command("screen")(listing.screen)
listing.app.command("update")(rescreening.update)
app.command("rescreen")(rescreening.rescreen)
app.add_typer(watchlists.app, name="watchlist")
app.add_typer(zoning.app, name="zones")
app.command("doctor")(health.doctor)
app.command("reconcile")(reconciling.reconcile)
app.command("summary")(summarising.summary)
app.add_typer(keeping.app, name="archive")
app.add_typer(storing.app, name="db")


def _print_version(wanted: bool) -> None:
    if wanted:
        from shipwatch.version import shipwatch_version

        typer.echo(f"shipwatch {shipwatch_version()}")
        raise typer.Exit


@app.callback()
def _all(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


def main() -> None:
    """The `shipwatch` command."""
    app()
