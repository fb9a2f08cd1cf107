"""`shipwatch decode`: only the decoding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipwatch.cli.exits import FAILED, WRONG_USAGE, fail, guarded

if TYPE_CHECKING:
    from rich.table import Table

    from shipwatch.decoded_files import Decoded, Refusal


@guarded
def decode(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, folders or patterns, compressed or not.")
    ],
    out: Annotated[
        Path, typer.Option(help="Where positions go (.parquet, .csv, .arrow); static reports go to NAME.statics.*.")
    ] = Path("reports.parquet"),
    every_type: Annotated[
        bool, typer.Option("--all", help="Also write all other message types, as JSON lines to NAME.others.jsonl.")
    ] = False,
    fold: Annotated[
        bool, typer.Option("--fold", help="Leave out positions that repeat what another receiver heard.")
    ] = False,
    format: Annotated[str | None, typer.Option(help="The input's format, where it is not to be detected.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
) -> None:
    """Decode files to position and static reports; print what was in them and what became of every line."""
    from decoders.parquet_reports import SUFFIXES
    from shipwatch.decoded_files import decode_files
    from shipwatch.progress import ProgressBar

    if out.suffix not in SUFFIXES:
        fail(f"--out {out}: the suffix is none of {', '.join(SUFFIXES)}", WRONG_USAGE)
    if every_type and "-" in files:
        fail("--all reads its inputs twice, and standard input can be read once", WRONG_USAGE)
    with ProgressBar() as progress:
        done = decode_files(files, out, format=format, every_type=every_type, fold=fold, progress=progress)
    if as_json:
        typer.echo(json.dumps(done.to_json(), indent=2, ensure_ascii=False))
    else:
        _print(done)
    for item in done.inputs:
        for problem in item.problems:
            if problem != item.error:
                typer.echo(f"shipwatch: note: {problem}", err=True)
    unreadable = [item for item in done.inputs if item.error]
    for item in unreadable:
        typer.echo(f"shipwatch: {item.error}", err=True)
    if unreadable:
        raise typer.Exit(FAILED)


def _print(done: Decoded) -> None:
    from rich.text import Text

    from shipwatch.cli.alert_table import out as console
    from shipwatch.cli.alert_table import plain
    from shipwatch.cli.message_words import message_words
    from shipwatch.event_frames import iso_z

    screen, tally = console(), done.tally
    classes = _counted("lines", f"{len(done.inputs)} inputs")
    for kind, count in sorted(tally.lines.items(), key=lambda pair: (-pair[1], pair[0])):
        if not kind.startswith("refused:"):
            classes.add_row(kind, f"{count:,}")
    classes.add_row("refused", f"{sum(tally.refused().values()):,}")
    screen.print(classes)
    if tally.messages:
        kinds = _counted("message type")
        for number, count in sorted(tally.messages.items()):
            kinds.add_row(message_words(number), f"{count:,}")
        screen.print(kinds)
    if done.refusals:
        refused = _counted("refused")
        refused.add_column("first")
        for refusal in done.refusals:
            refused.add_row(refusal.reason.replace("_", " "), f"{refusal.lines:,}", Text(plain(_first(refusal))))
        screen.print(refused)
    _print_stations(done)
    if tally.first_us is not None and tally.last_us is not None:
        screen.print(f"{tally.ships():,} MMSIs from {iso_z(tally.first_us)} to {iso_z(tally.last_us)}", soft_wrap=True)
    if done.repeats:
        what = "left out" if done.folded else "kept (--fold leaves them out)"
        many = "position repeats" if done.repeats == 1 else "positions repeat"
        screen.print(f"{done.repeats:,} {many} what another receiver heard: {what}", soft_wrap=True)
    rows = {"positions": done.positions(), "statics": tally.statics, "others": sum(done.others.values())}
    for name, path in done.written.items():
        screen.print(f"{rows[name]:,} {name}: {path}", soft_wrap=True, markup=False)


def _print_stations(done: Decoded) -> None:
    from rich.text import Text

    from shipwatch.cli.alert_table import out as console
    from shipwatch.cli.alert_table import plain
    from shipwatch.decoded_files import TOP_STATIONS

    named = sorted(((-count, name) for name, count in done.tally.stations.items() if name))
    if not named:
        return
    table = _counted("station", f"{len(named):,} stations")
    for count, name in named[:TOP_STATIONS]:
        table.add_row(Text(plain(name)), f"{-count:,}")
    rest = done.tally.reports_of_further_stations - sum(count for count, _ in named[TOP_STATIONS:])
    if rest:
        table.add_row(Text("all others"), f"{rest:,}")
    if unnamed := done.tally.stations.get("", 0):
        table.add_row(Text("none named"), f"{unnamed:,}")
    console().print(table)


def _counted(what: str, title: str | None = None) -> Table:
    from rich.table import Table

    table = Table(what, "count", title=title)
    table.columns[1].justify = "right"
    return table


def _first(refusal: Refusal) -> str:
    """Where, in words; what the line holds is left to the JSON form: a terminal shall not run it."""
    if refusal.path is None:
        return ""
    if refusal.place is not None:
        return f"{refusal.place.place} line {refusal.place.line:,}"
    return f"{refusal.path} byte {refusal.offset:,}"
