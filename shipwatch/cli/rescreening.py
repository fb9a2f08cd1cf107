"""`shipwatch lists update` and `shipwatch rescreen`: lists kept up to date, and told alerts held against them."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipwatch.cli.exits import FAILED, WRONG_USAGE, fail, guarded
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from shipwatch.list_updates import Updated
    from shipwatch.rescreening import Rescreened

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration file (default: ./config.toml, if there).")
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", metavar="URL", help="The ledger (URL or SQLite file) (default: the home folder's)."),
]
DAY_US = 24 * 3600 * 1_000_000


@guarded
def update(
    kinds: Annotated[
        list[str] | None, typer.Argument(metavar="[KIND]...", help="Kinds of lists (default: [lists] update).")
    ] = None,
    config: ConfigOption = None,
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Fetch lists from their publishers, import what is new, and hold told alerts against it.

    What cannot be had or is not believed leaves the old version in its place; the command then ends with 1.
    """
    from alerts.lists.addresses import ADDRESSES
    from alerts.lists.store import ListStore
    from shipwatch.assemble import ListSettings, find_config
    from shipwatch.config import bind
    from shipwatch.event_frames import iso_z
    from shipwatch.guarded_download import Bounds
    from shipwatch.home import lists_folder
    from shipwatch.list_updates import update_lists

    settings = bind(find_config(config, os.environ), "lists", ListSettings)
    wanted = tuple(kinds or settings.update)
    if not wanted:
        known = ", ".join(ADDRESSES)
        fail(f"no list is named: on the command line, or as [lists] update of the configuration; known: {known}", 2)
    lists = ListStore(lists_folder(os.environ))
    bounds = Bounds(max_bytes=settings.max_mb << 20, allow_private=settings.allow_private)
    now = iso_z(now_us() // 1_000_000 * 1_000_000)
    tell = None if as_json else _tell
    done = update_lists(lists, wanted, now=now, urls=settings.urls, bounds=bounds, on_done=tell)
    found = rescreen_after_change(config, store)  # also without anything new: some alerts may have waited for it
    if as_json:
        lines = [
            {"kind": item.kind, "outcome": item.outcome, "snapshot": item.snapshot, "error": item.error}
            for item in done
        ]
        typer.echo(json.dumps({"lists": lines, "rescreened": None if found is None else found.to_json()}))
    elif found is not None:
        say(found)
    if any(item.outcome == "failed" for item in done):
        raise typer.Exit(FAILED)


@guarded
def rescreen(
    since: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD", help="All entries, and alerts from this day on ([lists] rescreen_days back)."
        ),
    ] = None,
    config: ConfigOption = None,
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Hold told alerts against lists that have changed since; what concerns them becomes a further revision.

    Done by itself after `lists import` and `lists update`. The first verdict stands; done twice, it adds nothing.
    """
    from shipwatch.home import default_store

    if store is None and not default_store(os.environ).is_file():
        fail(f"{default_store(os.environ)}: no store yet: nothing was told that could be rescreened")
    since_us = None
    if since is not None:
        try:
            since_us = (date.fromisoformat(since) - date(1970, 1, 1)).days * DAY_US
        except ValueError:
            fail(f"--since {since}: not a date (YYYY-MM-DD)", WRONG_USAGE)
    found = rescreen_after_change(config, store, since_us)
    if found is None:
        fail("no lists are asked: nothing to hold alerts against")
    if as_json:
        typer.echo(json.dumps(found.to_json(), ensure_ascii=False))
        return
    say(found)


def rescreen_after_change(config: Path | None, store: str | None, since_us: int | None = None) -> Rescreened | None:
    """Rescreen the store with the station's lists and rules; None where there is no store, or no list is asked.

    With ``since_us`` all entries are looked at and all alerts from then on, else what changed and the look-back.
    """
    from alerts.lists.store import ListStore
    from shipwatch.assemble import ListSettings, alert_rules_of, designations_of, find_config
    from shipwatch.assemble_watch import DeliverySettings
    from shipwatch.config import bind
    from shipwatch.home import default_store, lists_folder
    from shipwatch.ledger import Ledger
    from shipwatch.rescreening import rescreen as rescreened

    if store is None and not default_store(os.environ).is_file():
        return None
    settings = find_config(config, os.environ)
    designations = designations_of(settings, os.environ)
    if not designations.snapshots:
        return None
    listing, delivery = bind(settings, "lists", ListSettings), bind(settings, "delivery", DeliverySettings)
    now = now_us()
    with Ledger(store or str(default_store(os.environ))) as ledger:
        return rescreened(
            ledger, ListStore(lists_folder(os.environ)), designations, alert_rules_of(settings),
            now_us=now, since_us=now - listing.rescreen_days * DAY_US if since_us is None else since_us,
            everything=since_us is not None, channels=delivery.names(), digests={"config": settings.digest()},
        )  # fmt: skip


def say(found: Rescreened) -> None:
    """What a rescreening did, a line for each revision."""
    from shipwatch.cli.alert_table import plain

    for id, number, reason in found.revised:
        typer.echo(plain(f"{id}.{number}  {reason}"))
    waiting = f", {found.waiting} wait until the live service has let go of them" if found.waiting else ""
    typer.echo(
        f"rescreened: {found.entries:,} entries changed, {found.looked_at:,} alerts looked at, "
        f"{len(found.revised):,} with a new revision{waiting}"
    )


def _tell(item: Updated) -> None:
    from shipwatch.cli.alert_table import plain

    if item.outcome == "failed":
        kept = f"; {item.before} stays" if item.before else ""
        typer.echo(plain(f"shipwatch: {item.kind}: {item.error}{kept}"), err=True)
    else:
        typer.echo(plain(f"{item.kind}: {item.outcome}, {item.snapshot}"))
