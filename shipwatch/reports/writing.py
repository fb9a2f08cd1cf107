"""A summary written in all its formats, and the checksums of the files: each put in place whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from geofences.zones import ZoneSet
from shipwatch.reports.area import Area
from shipwatch.reports.compose import compose
from shipwatch.reports.content import Summary
from shipwatch.reports.csv_table import csv_table
from shipwatch.reports.duty_day import DutyDay
from shipwatch.reports.facts import KeepsPositions, TellsAlerts, gather
from shipwatch.reports.geojson import geojson
from shipwatch.reports.kml import kml
from shipwatch.reports.page import page
from shipwatch.reports.pdf import pdf
from shipwatch.version import shipwatch_version

MARKING = "UNCLASSIFIED // FOR LIAISON USE"


def json_text(summary: Summary) -> bytes:
    """The content as JSON, without drawings and tracks."""
    return (json.dumps(summary.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode(
        "utf-8", "replace"
    )


FORMATS: dict[str, Callable[[Summary], bytes]] = {
    "pdf": pdf, "html": page, "csv": csv_table, "geojson": geojson, "kml": kml, "json": json_text,
}  # fmt: skip


def daily_summary(
    ledger: TellsAlerts,
    archive: KeepsPositions | None,
    day: DutyDay,
    area: Area | None = None,
    *,
    marking: str = MARKING,
    zones: ZoneSet | None = None,
) -> Summary:
    """The summary of one duty day and area from a ledger and the archive beside it (None: no tracks, no reception).

    ``zones`` are those of the station: of each watched one it is told how well ships were heard there.
    """
    facts = gather(
        ledger, archive, day, area or Area(), marking=marking, version=shipwatch_version(), zones=zones
    )  # fmt: skip
    return compose(facts)


def write_summary(summary: Summary, folder: Path) -> tuple[Path, ...]:
    """Write ``summary-DATE[-AREA]`` as .pdf .html .csv .geojson .kml .json .sha256 into ``folder``; the paths.

    The bytes follow from the summary alone; a second run writes the same. ``sha256sum -c`` reads the last file. Raises
    ``OSError`` where the folder cannot be written, ``ReportError`` where a format cannot be made: then nothing is
    written.
    """
    stem = f"summary-{summary.date}" + (f"-{summary.area_slug}" if summary.area_slug else "")
    made = {f"{stem}.{ending}": write(summary) for ending, write in FORMATS.items()}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in made.items())
    made[f"{stem}.sha256"] = sums.encode()
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        half = folder / f".{name}.half"
        half.write_bytes(data)
        half.replace(folder / name)
    return tuple(folder / name for name in made)
