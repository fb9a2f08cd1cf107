"""`shipwatch lists` and `shipwatch screen`: lists of designated vessels as dated versions, and questions to them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shipwatch.cli.exits import WRONG_USAGE, fail, guarded
from shipwatch.cli.rescreening import StoreOption, rescreen_after_change, say
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from alerts.designations import Designation
    from alerts.incident import Match
    from alerts.lists.store import ListStore

app = typer.Typer(no_args_is_help=True, help="Lists of designated vessels, kept as dated versions.")

JsonOption = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@app.command("import")
@guarded
def import_list(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="One of those listed above, or auto: told by the file.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file as published, plain or compressed.")],
    published: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="When the list was published.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="THEIRS=OURS", help="A table's heading and what it is called here; may be repeated."),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import one published file of a list; one that does not parse, or shrank suspiciously, is refused.

    Where there is a store, alerts already told are then held against the list (see `shipwatch rescreen`).

    KIND is one of ofac, ofac_xml, ofac_advanced, un1718, un_consolidated, eu_vessels, eu_fsf, uk, uk_xml, australia,
    canada, switzerland, japan_mof, opensanctions, opensanctions_maritime, ftm, gur, port_bans, watchlist, table, auto.
    """
    from alerts.lists.kinds import KINDS
    from alerts.lists.reading import AUTO
    from shipwatch.event_frames import iso_z

    if kind not in KINDS and kind != AUTO:
        fail(f"{kind!r} is not a kind of list; known: {', '.join(KINDS)}, {AUTO}", WRONG_USAGE)
    columns = {theirs: ours for theirs, _, ours in (pair.partition("=") for pair in column or [])}
    fetched = iso_z(now_us() // 1_000_000 * 1_000_000)
    lists = _store()
    held = {record.id for record in lists.records()}
    snapshot = lists.import_list(kind, file, published, fetched_at=fetched, columns=columns or None)
    found = None if snapshot.id in held else rescreen_after_change(None, store)
    if as_json:
        shown: dict[str, Any] = {
            "snapshot": snapshot.id,
            "list": snapshot.list,
            "published": snapshot.published,
            "sha256": snapshot.sha256,
        }
        shown |= {"entries": len(snapshot.designations), "notes": snapshot.notes}
        typer.echo(json.dumps({**shown, "rescreened": None if found is None else found.to_json()}, indent=2))
        return
    counts = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in snapshot.notes.items())
    typer.echo(f"{snapshot.id}: {len(snapshot.designations)} entries ({counts})")
    if found is not None:
        say(found)


@app.command("show")
@guarded
def show(
    snapshot: Annotated[str | None, typer.Argument(metavar="[SNAPSHOT]", help="The entries of this version.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the versions of all lists, or the entries of one version."""
    from rich.table import Table

    from shipwatch.cli.alert_table import out, plain

    store = _store()
    if snapshot is None:
        records = store.show()
        if as_json:
            kept = ("id", "list", "kind", "published", "fetched_at", "sha256", "vessels", "notes")
            typer.echo(json.dumps([{name: getattr(r, name) for name in kept} for r in records], indent=2))
            return
        if not records:
            typer.echo("no lists imported (shipwatch lists import --help)")
            return
        table = Table("version", "list", "published", "fetched", "entries", "valid IMO")
        for r in records:
            cells = (
                r.id,
                r.list,
                r.published or "?",
                r.fetched_at or "?",
                str(r.vessels),
                str(r.notes.get("imo_valid", "?")),
            )
            table.add_row(*map(plain, cells))
        out().print(table)
        return
    found = next((r for r in store.show() if r.id.startswith(snapshot)), None)
    entries = store.snapshot(found.id if found else snapshot).designations
    if as_json:
        typer.echo(json.dumps([_entry(d) for d in entries], indent=2, ensure_ascii=False))
        return
    table = Table("entry", "name", "IMO", "flags", "MMSI", "programs")
    for d in entries:
        texts = (d.entry, "; ".join(d.names), str(d.imo or d.raw_imo or ""), " ".join(d.flags))
        table.add_row(*(plain(c) for c in (*texts, " ".join(map(str, d.mmsis)), " ".join(d.programs))))
    out().print(table)


@app.command("diff")
@guarded
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="The older version (or the beginning of its name).")],
    after: Annotated[str, typer.Argument(metavar="B", help="The newer version.")],
    as_json: JsonOption = False,
) -> None:
    """What version B of a list has otherwise than version A."""
    from shipwatch.cli.alert_table import plain

    found = _store().diff(before, after)
    changes = {"renamed": found.renames, "reflagged": found.reflags, "changed": found.others}
    if as_json:
        shown: dict[str, Any] = {"before": found.before, "after": found.after}
        shown["added"] = [_entry(d) for d in found.additions]
        shown["removed"] = [_entry(d) for d in found.removals]
        for name, some in changes.items():
            shown[name] = [{"before": _entry(c.before), "after": _entry(c.after)} for c in some]
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))
        return
    for mark, entries in (("+", found.additions), ("-", found.removals)):
        for d in entries:
            typer.echo(plain(f"{mark} {_line(d)}"))
    for name, pairs in changes.items():
        for change in pairs:
            typer.echo(plain(f"~ {name}: {_line(change.before)} -> {_line(change.after)}"))
    counts = {"added": len(found.additions), "removed": len(found.removals), **{n: len(c) for n, c in changes.items()}}
    typer.echo(f"{found.before} -> {found.after}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))


@guarded
def screen(
    imo: Annotated[int | None, typer.Option(help="IMO number.")] = None,
    mmsi: Annotated[int | None, typer.Option(help="MMSI.")] = None,
    name: Annotated[str | None, typer.Option(help="Ship's name, as seen.")] = None,
    callsign: Annotated[str | None, typer.Option(help="Call sign.")] = None,
    flag: Annotated[str | None, typer.Option(help="Flag: ISO alpha-3 or a name.")] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Lists as they were known on this day.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Day of the event: was it listed then? (Default: --as-of.)")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask the lists about one vessel; each match says which value met which, and how sure it is."""
    from alerts.alert_json import match_to_json
    from alerts.list_features import match_aside
    from alerts.screening import screen_query
    from alerts.watch_entries import without_expired
    from shipwatch.cli.alert_table import out, plain
    from shipwatch.event_frames import iso_z

    asked = {"imo": imo, "mmsi": mmsi, "name": name, "callsign": callsign, "flag": flag}
    if not any(asked.values()):
        fail("nothing to screen: give --imo, --mmsi, --name, --callsign or --flag", WRONG_USAGE)
    store = _store()
    designations = store.as_of(as_of) if as_of else store.current()
    if not designations.snapshots:
        fail("no lists imported (shipwatch lists import --help)")
    designations = without_expired(designations, at or as_of or iso_z(now_us())[:10])
    matches = screen_query(imo, mmsi, name, callsign, flag, designations, at=at or as_of)
    known = [_known(store, m) for m in matches]
    if as_json:
        query = {
            **asked,
            "as_of": as_of,
            "at": at or as_of,
            "lists": [{"list": n, "snapshot": s} for n, s in designations.lists()],
        }
        found = [{**match_to_json(m), "known_here": k} for m, k in zip(matches, known, strict=True)]
        typer.echo(json.dumps({"query": query, "matches": found}, ensure_ascii=False))
        return
    if not matches:
        typer.echo(f"no match among {len(designations)} entries of {', '.join(n for n, _ in designations.lists())}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table("tier", "list, entry", "listed as", "listed then?", "known here", "why", show_lines=True)
    for m, k in zip(matches, known, strict=True):
        since = f"since {k['fetched_at'] or 'a time not noted'}, {k['snapshot']}" if k else "?"
        aside = match_aside(m)
        why = f"{m.text} {aside[:1].upper()}{aside[1:]}." if aside else m.text
        cells = (m.tier, f"{m.list} {m.entry}", m.listed_name, m.when.replace("_", " "), since, why)
        table.add_row(*(Text(plain(cell)) for cell in cells))
    out().print(table)


def _store() -> ListStore:
    from alerts.lists.store import ListStore
    from shipwatch.home import lists_folder

    return ListStore(lists_folder(os.environ))


def _known(store: ListStore, match: Match) -> dict[str, Any] | None:
    """With which version, and when, the entry was first had here: what could be known when something was told."""
    record = store.known_since(match.list, match.entry)
    if record is None:
        return None
    return {"snapshot": record.id, "published": record.published, "fetched_at": record.fetched_at}


def _entry(d: Designation) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(d)


def _line(d: Designation) -> str:
    return (
        f"{d.entry} {d.names[0] if d.names else ''} (IMO {d.imo or d.raw_imo or '?'}, {' '.join(d.flags) or 'flag ?'})"
    )
