"""`shipwatch archive`: what is kept of positions and raw lines; made compact, let go."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from shipwatch.cli.exits import guarded
from shipwatch.cli.wall_clock import now_us

app = typer.Typer(no_args_is_help=True, help="Positions and raw lines that are kept: show, compact, prune.")
_Store = Annotated[
    str | None, typer.Option(metavar="URL", help="The store whose archive it is (default: the station's own).")
]


@app.command()
@guarded
def show(store: _Store = None, as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """Days of the archive with their rows and bytes, and the size of the journal beside it."""
    folder = _archive(store)
    days = _days(folder)
    journal = [path.stat().st_size for path in folder.with_name("journal").glob("*.journal.zst")]
    if as_json:
        shown = {"archive": str(folder), "days": days, "journal_files": len(journal), "journal_bytes": sum(journal)}
        typer.echo(json.dumps(shown, indent=2))
        return
    for day in days:
        typer.echo(f"{day['day']}  {day['rows']:>13,} rows  {day['files']:>3} files  {day['bytes'] / 1e6:>9,.1f} MB")
    typer.echo(f"{folder}: {len(days)} days; journal: {len(journal)} files, {sum(journal) / 1e6:,.1f} MB")


@app.command()
@guarded
def compact(
    store: _Store = None, as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False
) -> None:
    """Make one file of each archived day, sorted by ship and time; safe beside a running service."""
    from shipwatch.housekeeping import compact as compacted

    done = compacted(_archive(store))
    if as_json:
        typer.echo(json.dumps(done))
    else:
        typer.echo(
            f"{done['archive']}: {done['days']} days, {done['files_before']} files of "
            f"{done['bytes_before'] / 1e6:,.1f} MB -> {done['files_after']} of {done['bytes_after'] / 1e6:,.1f} MB"
        )


@app.command()
@guarded
def prune(
    store: _Store = None,
    config: Annotated[
        Path | None, typer.Option(help="The configuration file (default: ./config.toml, if there).")
    ] = None,
    archive_days: Annotated[
        int | None, typer.Option(min=0, help="Keep positions of so many days (default: section [retention]).")
    ] = None,
    journal_days: Annotated[
        int | None, typer.Option(min=0, help="Keep raw lines of so many days (default: section [retention]).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Remove what section [retention] lets go. What an open incident needs stays; what went stands in removed.jsonl."""
    from shipwatch.assemble import SECTIONS, find_config
    from shipwatch.config import ConfigError, bind
    from shipwatch.home import default_store
    from shipwatch.housekeeping import apply_retention
    from shipwatch.retention import RetentionSettings

    settings = find_config(config, os.environ)
    settings.require_sections(SECTIONS)
    asked = bind(settings, "retention", RetentionSettings)
    try:
        asked = RetentionSettings(
            asked.archive_days if archive_days is None else archive_days,
            asked.journal_days if journal_days is None else journal_days,
        )
    except ValueError as problem:
        raise ConfigError(str(problem)) from None
    named = store or str(default_store(os.environ))
    done = apply_retention(named, _archive(store), asked, now_us(), dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps({**done.to_json(), "dry_run": dry_run}))
        return
    would = "would be removed" if dry_run else "removed"
    typer.echo(
        f"{len(done.archive_days)} days of the archive and {len(done.journal_files)} files of the journal {would} "
        f"({done.bytes / 1e6:,.1f} MB); {len(done.kept_for_incidents)} kept for open incidents"
    )


def _archive(store: str | None) -> Path:
    from shipwatch.archive import Archive
    from shipwatch.home import default_store

    return Archive.beside(store or str(default_store(os.environ)), os.environ)


def _days(folder: Path) -> list[dict[str, Any]]:
    from shipwatch.archive import Archive

    return [
        {
            "day": day,
            "rows": rows,
            "files": len(list((folder / f"day={day}").glob("part-*.parquet"))),
            "bytes": sum(path.stat().st_size for path in (folder / f"day={day}").glob("part-*.parquet")),
        }
        for day, rows in Archive(folder).rows()
    ]
