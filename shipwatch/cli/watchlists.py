"""`shipwatch watchlist`: an analyst's own ships to be told of, kept as dated versions beside the published lists."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shipwatch.cli.exits import fail, guarded
from shipwatch.cli.rescreening import StoreOption, rescreen_after_change, say
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from alerts.designations import Designation
    from alerts.lists.store import ListStore, Record

app = typer.Typer(no_args_is_help=True, help="Watchlists: ships to be told of, with reason, owner and expiry.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The watchlist's name: small letters, digits, - _ .")]


@app.command("import")
@guarded
def import_watchlist(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with a header: imo, mmsi, name, callsign, flag, ...")
    ],
    store: StoreOption = None,
) -> None:
    """Take FILE as the newest version of watchlist NAME; a file with any row not understood is refused.

    Where there is a store, alerts already told are then held against the watchlist (see `shipwatch rescreen`).

    Columns: imo, mmsi, name, callsign, flag, reason, owner, expires. A row needs reason and one of the first four;
    several values are separated by ; and expires (YYYY-MM-DD) is the last day on which the row counts.
    """
    from alerts.lists.watchlist import watchlist_name

    listed = watchlist_name(name)
    lists = _lists()
    before = _newest(lists).get(listed)
    snapshot = lists.import_list("watchlist", file, fetched_at=_now(), list_name=listed)
    typer.echo(f"{listed}: {len(snapshot.designations)} entries ({snapshot.id})")
    found = None if before is not None and before.id == snapshot.id else rescreen_after_change(None, store)
    if found is not None:
        say(found)


@app.command("show")
@guarded
def show(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The entries of this watchlist.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show all watchlists, or the entries of one."""
    import json

    from rich.table import Table

    from alerts.watch_entries import has_expired
    from shipwatch.cli.alert_table import out, plain

    lists = _lists()
    newest = _newest(lists)
    if name is None:
        kept = [
            {"watchlist": r.list, "entries": r.vessels, "since": r.fetched_at, "file": r.file, "version": r.id}
            for r in newest.values()
        ]
        if as_json:
            typer.echo(json.dumps(kept, indent=2))
        elif not kept:
            typer.echo("no watchlists (shipwatch watchlist import --help)")
        else:
            table = Table("watchlist", "entries", "since", "file", "version")
            for row in kept:
                table.add_row(*(plain(str(cell)) for cell in row.values()))
            out().print(table)
        return
    day = _now()[:10]
    entries = lists.snapshot(_known(newest, name).id).designations
    if as_json:
        typer.echo(json.dumps([_entry(d, day) for d in entries], indent=2, ensure_ascii=False))
        return
    table = Table("entry", "name", "IMO", "MMSI", "call sign", "flag", "reason", "owner", "expires")
    for d in entries:
        ends = (d.expires_on or "") + (" (expired)" if has_expired(d, day) else "")
        numbers = (str(d.imo or ""), " ".join(map(str, d.mmsis)), " ".join(d.callsigns), " ".join(d.flags))
        table.add_row(*map(plain, (d.entry, "; ".join(d.names), *numbers, d.remarks, d.watched_by, ends)))
    out().print(table)


@app.command("remove")
@guarded
def remove(name: NameArgument, store: StoreOption = None) -> None:
    """Take watchlist NAME out of use; its versions are kept, because alerts refer to them."""
    from tempfile import TemporaryDirectory

    from alerts.lists.watchlist import EMPTY, watchlist_name

    lists = _lists()
    record = _known(_newest(lists), name)
    with TemporaryDirectory() as folder:
        empty = Path(folder) / "removed.csv"
        empty.write_bytes(EMPTY)
        lists.import_list("watchlist", empty, fetched_at=_now(), list_name=watchlist_name(record.list))
    typer.echo(f"{record.list}: {record.vessels} entries taken out of use")
    found = rescreen_after_change(None, store)
    if found is not None:
        say(found)


def _entry(d: Designation, day: str) -> dict[str, Any]:
    from alerts.watch_entries import has_expired

    return {
        "entry": d.entry, "names": d.names, "imo": d.imo, "mmsis": d.mmsis, "callsigns": d.callsigns,
        "flag": d.flags[0] if d.flags else None, "reason": d.remarks, "owner": d.watched_by, "expires": d.expires_on,
        "expired": has_expired(d, day),
    }  # fmt: skip


def _lists() -> ListStore:
    from alerts.lists.store import ListStore
    from shipwatch.home import lists_folder

    return ListStore(lists_folder(os.environ))


def _newest(lists: ListStore) -> dict[str, Record]:
    """The newest version of each watchlist."""
    return {r.list: r for r in lists.records() if r.kind == "watchlist"}


def _known(newest: dict[str, Record], name: str) -> Record:
    from alerts.lists.watchlist import watchlist_name

    record = newest.get(watchlist_name(name))
    if record is None:
        fail(f"no watchlist {name!r}; kept: {', '.join(newest) or 'none'}")
    return record


def _now() -> str:
    from shipwatch.event_frames import iso_z

    return iso_z(now_us() // 1_000_000 * 1_000_000)
