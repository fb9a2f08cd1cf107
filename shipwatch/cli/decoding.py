"""`shipwatch decode`: only the decoding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shipwatch.cli.exits import FAILED, fail, guarded

if TYPE_CHECKING:
    from shipwatch.replay import InputFile


@guarded
def decode(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, folders or patterns, compressed or not.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write: .parquet, .csv or .arrow.")] = Path("reports.parquet"),
    format: Annotated[str | None, typer.Option(help="The input's format, where it is not to be detected.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Decode files to position and static reports; print what became of every line."""
    from decoders.parquet_reports import statics_path, write_reports
    from shipwatch.replay import decoded

    inputs, batches = decoded(files, format=format)
    if all(item.error for item in inputs):  # not one file is there: write nothing
        fail("; ".join(item.error or "" for item in inputs))
    positions, statics = write_reports(out, batches)
    rows, written = {"positions": positions, "statics": statics}, [out, statics_path(out)]
    unreadable = [item for item in inputs if item.error]
    if as_json:
        typer.echo(json.dumps(_summary(inputs, rows, written), indent=2))
    else:
        _print(inputs, rows, written)
    for item in inputs:
        for problem in item.problems:
            if problem != item.error:
                typer.echo(f"shipwatch: note: {problem}", err=True)
    for item in unreadable:
        typer.echo(f"shipwatch: {item.error}", err=True)
    if unreadable:
        raise typer.Exit(FAILED)


def line_classes(inputs: list[InputFile]) -> dict[str, int]:
    """Lines of all inputs by class, most first."""
    total: dict[str, int] = {}
    for item in inputs:
        for kind, count in item.lines.items():
            total[kind] = total.get(kind, 0) + count
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def _summary(inputs: list[InputFile], rows: dict[str, int], written: list[Path]) -> dict[str, Any]:
    return {
        **rows,
        "lines": line_classes(inputs),
        "inputs": [item.to_json() for item in inputs],
        "written": [str(path) for path in written],
    }


def _print(inputs: list[InputFile], rows: dict[str, int], written: list[Path]) -> None:
    from rich.table import Table

    from shipwatch.cli.alert_table import out as console

    table = Table("lines", "count", title=f"{len(inputs)} inputs")
    table.columns[1].justify = "right"
    for kind, count in line_classes(inputs).items():
        table.add_row(kind, f"{count:,}")
    screen = console()
    screen.print(table)
    screen.print(f"{rows['positions']:,} position reports, {rows['statics']:,} static reports")
    for path in written:
        screen.print(f"written: {path}")
