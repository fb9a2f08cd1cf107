"""`shipwatch summary`: the daily incident summary in all its formats."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shipwatch.cli.exits import fail, guarded

if TYPE_CHECKING:
    from shipwatch.reports.duty_day import DutyDay

DEFAULT_OUT = Path("summaries")


@guarded
def summary(
    date: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="The duty day.")],
    area: Annotated[
        str | None, typer.Option(metavar="ZONE|FILE", help="A zone by its name, or a GeoJSON file of any polygon.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files are written.")] = DEFAULT_OUT,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="The ledger (URL or SQLite file) (default: the station's).")
    ] = None,
    day_starts: Annotated[str, typer.Option(metavar="HH:MM", help="When the duty day starts.")] = "00:00",
    offset: Annotated[str, typer.Option(metavar="+HH:MM", help="Of the duty clock from UTC.")] = "+00:00",
    marking: Annotated[str | None, typer.Option(metavar="TEXT", help="The marking in the header.")] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file, for its zones.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the content as JSON.")] = False,
) -> None:
    """Write the summary of one day and area as PDF, HTML, CSV, GeoJSON, KML and JSON, with checksums."""
    from shipwatch.home import default_store
    from shipwatch.ledger import ledger_url
    from shipwatch.reports.duty_day import DutyDay
    from shipwatch.reports.errors import ReportError

    try:
        day = DutyDay.of(date, starts=day_starts, offset=offset)
    except ReportError as problem:
        fail(str(problem), 2)
    named = store or str(default_store(os.environ))
    file = ledger_url(named).removeprefix("sqlite:///")
    if "://" not in file and not Path(file).is_file():
        fail(f"{named}: no such store (make one: shipwatch replay FILE... --store {named})")
    content, written = write_day(named, day, area=area, out=out, marking=marking, config=config)
    if as_json:
        typer.echo(json.dumps({**content, "written": [str(path) for path in written]}, ensure_ascii=False))
        return
    from shipwatch.cli.alert_table import out as console
    from shipwatch.cli.alert_table import plain

    screen = console()
    figures = ", ".join(f"{figure['value']} {figure['label']}" for figure in content["figures"])
    screen.print(plain(f"{content['number']}, {content['period']}, {content['area']}: {figures}"), markup=False)
    for path in written:
        screen.print(f"written: {path}", soft_wrap=True, markup=False)


def write_day(
    store: str, day: DutyDay, *, area: str | None, out: Path, marking: str | None = None, config: Path | None = None
) -> tuple[dict[str, Any], tuple[Path, ...]]:
    """Content and files of a day's summary from a store and the archive beside it."""
    from shipwatch.archive import Archive
    from shipwatch.assemble import find_config, zones_of
    from shipwatch.ledger import Ledger
    from shipwatch.reports.area import find_area
    from shipwatch.reports.writing import MARKING, daily_summary, write_summary

    zones = zones_of(find_config(config, os.environ))
    where = find_area(area, zones) if area else None
    with Ledger(store) as ledger:
        folders = [run["archive"] for run in ledger.runs() if run.get("archive")]
        folder = Path(folders[-1]) if folders else Archive.beside(store, os.environ)
        if not folder.is_dir():
            folder = Archive.beside(store, os.environ)
        archive = Archive(folder) if folder.is_dir() else None
        made = daily_summary(ledger, archive, day, where, marking=marking or MARKING, zones=zones)
    return made.to_json(), write_summary(made, out)
