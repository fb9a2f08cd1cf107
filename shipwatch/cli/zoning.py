"""`shipwatch zones`: are zone files sound, and which zones are there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from shipwatch.cli.exits import FAILED, guarded

app = typer.Typer(no_args_is_help=True, help="Zones: what is watched, and what is excluded.")


@app.command("check")
@guarded
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="GeoJSON files of zones.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Check GeoJSON zone files: each error names file and feature; exit 1 where there is one."""
    from geofences.errors import ZoneError
    from geofences.zones import ZoneSet

    results: list[dict[str, Any]] = []
    for file in files:
        try:
            zones = ZoneSet.from_files([file])
            watched = sum(zone.kind == "watched" for zone in zones.zones)
            results.append({"file": str(file), "watched": watched, "excluded": len(zones) - watched, "error": None})
        except (ZoneError, OSError) as problem:
            results.append({"file": str(file), "watched": 0, "excluded": 0, "error": str(problem)})
    if len(files) > 1 and not any(r["error"] for r in results):
        ZoneSet.from_files(files)  # a name may stand only once over all files
    if as_json:
        typer.echo(json.dumps(results, indent=2))
    for result in results:
        if result["error"]:
            typer.echo(f"shipwatch: {result['error']}", err=True)
        elif not as_json:
            typer.echo(f"{result['file']}: sound, {result['watched']} watched, {result['excluded']} excluded")
    if any(result["error"] for result in results):
        raise typer.Exit(FAILED)


@app.command("show")
@guarded
def show(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these zones.")] = None,
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    excluded: Annotated[bool, typer.Option("--excluded", help="Also the excluded zones (ports).")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as GeoJSON.")] = False,
) -> None:
    """Show the zones that a replay would use: name, sort, source and how sure their bounds are."""
    from shipwatch.assemble import find_config, zones_of

    zones = zones_of(find_config(config, os.environ))
    chosen = [zones.by_name(name) for name in names] if names else list(zones.zones)
    if not (excluded or names):
        chosen = [zone for zone in chosen if zone.kind == "watched"]
    if as_json:
        typer.echo(json.dumps({"type": "FeatureCollection", "features": [_feature(zone) for zone in chosen]}))
        return
    from rich.table import Table

    from shipwatch.cli.alert_table import out as console
    from shipwatch.cli.alert_table import plain

    table = Table("zone", "sort", "purpose", "bounds are", "source")
    for zone in chosen:
        table.add_row(*(plain(text) for text in (zone.name, zone.kind, zone.purpose, zone.confidence, zone.source)))
    console().print(table)


@app.command("learn")
@guarded
def learn(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="AIS files, folders or patterns, any format.")],
    out: Annotated[Path, typer.Option(help="The GeoJSON file to write.")] = Path("learned-zones.geojson"),
    vessels: Annotated[int, typer.Option(min=1, help="So many different ships must have lain in a cell ...")] = 20,
    hours: Annotated[int, typer.Option(min=1, help="... each still in so many hours.")] = 12,
    format: Annotated[str | None, typer.Option(help="The format, where it is not to be detected.")] = None,
) -> None:
    """Learn ports and anchorages from where ships lie still, as excluded zones for [zones] files.

    Look at what was learned before using it: meetings in excluded water are not looked for.
    """
    from geofences.learning import StillShips
    from shipwatch.api import read
    from shipwatch.sorting import in_time_order

    still = StillShips()
    for batch in in_time_order(read(files, format).batches()):
        rows = batch.positions
        still.add(rows.mmsi, rows.time_us, rows.lat_deg, rows.lon_deg, rows.sog_kn)
    zones = still.zones(min_vessels=vessels, min_hours=hours)
    found = {"type": "FeatureCollection", "features": [_feature(zone) for zone in zones]}
    temporary = out.with_name(out.name + ".tmp")
    temporary.write_text(json.dumps(found) + "\n", encoding="utf-8")
    temporary.replace(out)
    typer.echo(f"{out}: {len(zones)} areas (at least {vessels} ships, each still in at least {hours} hours)")


def _feature(zone: Any) -> dict[str, Any]:
    from shapely.geometry import mapping

    fields = ("name", "kind", "purpose", "source", "confidence", "note", "overrides_ports")
    properties = {field: getattr(zone, field) for field in fields}
    return {"type": "Feature", "geometry": mapping(zone.geometry), "properties": properties}
