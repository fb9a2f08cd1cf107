"""`shipwatch console`: API and pages over a store."""

from __future__ import annotations

import getpass
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipwatch.cli.exits import guarded
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from shipwatch.config import Config
    from shipwatch.console.parts import ConsoleParts
    from shipwatch.ledger import Ledger


@guarded
def console(
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="The ledger (URL or SQLite file) (default: the home folder's).")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen on; beyond loopback only with a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for any free one.")] = 8770,
    token_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the token that visitors must show.")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A further host name of this console (repeatable).")
    ] = None,
    analyst: Annotated[str | None, typer.Option(help="Who acts, for the triage log (default: the login name).")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The configuration file, for the zones (default: ./config.toml, if there).")
    ] = None,
) -> None:
    """Serve the alert page and its API over a store; nothing is loaded from, or sent to, another machine."""
    from shipwatch.assemble import find_config
    from shipwatch.console.access import read_token, require_token_beyond_loopback
    from shipwatch.console.serve import ConsoleServer
    from shipwatch.home import default_store
    from shipwatch.ledger import Ledger

    token = read_token(token_file) if token_file else None
    require_token_beyond_loopback(host, token)
    named = store or str(default_store(os.environ))
    with Ledger(named) as ledger:
        parts = console_parts(
            ledger, named, find_config(config, os.environ), token=token, hosts=allow_host or (), analyst=analyst
        )
        server = ConsoleServer(parts, host, port)
        typer.echo(f"shipwatch: console over {ledger.name} at {server.url} (end with Ctrl-C)", err=True)
        if token is not None:
            typer.echo("shipwatch: visitors need the token; put TLS before it where the network is not yours", err=True)
        server.run()


def console_parts(
    ledger: Ledger,
    store: str,
    config: Config,
    *,
    token: str | None = None,
    hosts: list[str] | tuple[str, ...] = (),
    analyst: str | None = None,
) -> ConsoleParts:
    """What the console stands on, from a store and the configuration."""
    from shipwatch.archive import Archive
    from shipwatch.assemble import zones_of
    from shipwatch.console.parts import ConsoleParts
    from shipwatch.version import shipwatch_version

    return ConsoleParts(
        ledger=ledger,
        archive=Archive(Archive.beside(store, os.environ)),
        clock=now_us,
        secret=secrets.token_bytes(32),
        token=token,
        hosts=frozenset(name.lower() for name in hosts),
        analyst=analyst or login_name(),
        zones=tuple(zone for zone in zones_of(config).zones if zone.kind == "watched"),
        version=shipwatch_version(),
    )


def login_name() -> str:
    """The operating system's name of who runs this; ``console`` where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "console"
