"""`shipwatch replay` and `shipwatch demo`: files to graded, explained alerts."""

from __future__ import annotations

import json
import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alerts.alert_json import alert_to_json
from shipwatch.cli.exits import FAILED, fail, guarded
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from decoders.reports import Batch
    from shipwatch.assemble import Station
    from shipwatch.pipeline import Outcome
    from shipwatch.progress import ProgressBar
    from shipwatch.replay import ReplayResult

DEMO_SEED = 1


class Preset(StrEnum):
    """Published rules of others, to compare with."""

    SHIPWATCH = "shipwatch"
    GFW = "gfw"
    SKYLIGHT = "skylight"
    STARBOARD = "starboard"


@guarded
def replay(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, folders or patterns, compressed or not.")
    ],
    config: Annotated[
        Path | None, typer.Option(help="The configuration file (default: ./config.toml, if there).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write alerts.jsonl, events.parquet, events.geojson, run.json here.")
    ] = None,
    zone: Annotated[list[str] | None, typer.Option(help="Watch this zone only (repeatable).")] = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Watch all water outside excluded zones.")] = False,
    preset: Annotated[Preset | None, typer.Option(help="A published rule, in place of the section engine.")] = None,
    lists_as_of: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Screen against the lists as they were on that date.")
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Also record into this ledger (URL or SQLite file), positions beside it."),
    ] = None,
    format: Annotated[str | None, typer.Option(help="The input's format, where it is not to be detected.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print alerts and counts as JSON.")] = False,
) -> None:
    """Replay historical AIS files and print the alerts: the same engine as live, the same result for any file order."""
    from shipwatch.assemble import assemble, find_config

    if everywhere and zone:
        fail("--zone and --everywhere exclude each other", 2)
    station = assemble(
        find_config(config, os.environ),
        environment=os.environ,
        only=zone or (),
        everywhere=everywhere,
        preset_name=preset.value if preset else None,
        lists_as_of=lists_as_of,
    )
    if not as_json and not station.designations.snapshots:
        typer.echo("shipwatch: no lists imported, so nothing is screened (shipwatch lists import --help)", err=True)
    result = run(station, files, format=format, store=store)
    written = write(station, result, out) if out else ()
    if as_json:
        print_json(station, result, written)
    else:
        print_result(result, written)
    end(result)


@guarded
def demo(
    out: Annotated[Path, typer.Option(help="Where scenario and results are written.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Another seed, another day.")] = DEMO_SEED,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Record into this ledger (default: one made new in OUT/demo-store)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print alerts and counts as JSON.")] = False,
) -> None:
    """Replay a simulated day (some 300 ships, staged meetings, an invented list): alerts, and the day's summary."""
    from alerts.designations import DesignationSet
    from alerts.lists import read_list
    from shipwatch.assemble import assemble
    from shipwatch.config import Config

    archive, listed = scenario_files(out, seed)
    station = assemble(Config(), environment={}, designations=DesignationSet([read_list("table", listed)]))
    named = store or str(fresh_store(out))
    result = run(station, [str(archive)], store=named)
    written = (*write(station, result, out), *demo_summary(named, out))
    if as_json:
        print_json(station, result, written)
    else:
        print_result(result, written)
        typer.echo(
            f"\nEverything in this scenario is invented (seed {seed}). Next:\n"
            f"  read the day's summary: {written[4]} (the same as a page: {written[5]})\n"
            f"  {called()} console --store {named}    the alerts on a map, in the browser\n"
            f"  open {out / 'events.geojson'} in QGIS or any GeoJSON viewer\n"
            f"  read {out / 'alerts.jsonl'}: one alert a line, with reasons, distances and list versions\n"
            f"  {called()} replay YOUR-AIS-FILES --out out"
        )
    end(result)


def called() -> str:
    """How this command is called from here: by its name, or, where that is not on the path, as it was called."""
    return "shipwatch" if shutil.which("shipwatch") else sys.argv[0]


def fresh_store(out: Path) -> Path:
    """The demo's own store, empty: the files of an earlier demo's store are removed, and nothing else."""
    store = out / "demo-store" / "shipwatch.db"
    parts = (store.parent / "archive").glob("day=*/part-*.parquet")
    for file in [store, *(store.with_name(store.name + end) for end in ("-wal", "-shm")), *parts]:
        file.unlink(missing_ok=True)
    return store


def demo_summary(store: str, out: Path) -> tuple[Path, ...]:
    """The summary of the scenario's 24 hours, the PDF and the page first."""
    from datetime import UTC, datetime

    from shipwatch.cli.summarising import write_day
    from shipwatch.reports.duty_day import DutyDay
    from shipwatch.simulator.demo import START_US

    begins = datetime.fromtimestamp(START_US // 1_000_000, tz=UTC)
    day = DutyDay(begins.date(), begins.time())
    return write_day(store, day, area=None, out=out, marking="DEMONSTRATION, EVERYTHING INVENTED")[1]


def scenario_files(out: Path, seed: int) -> tuple[Path, Path]:
    """The scenario's archive and its invented list in ``out``, made unless this seed's are there already."""
    folder = out / "scenario" / f"seed-{seed}"
    archive, listed = folder / "demo.nmea.gz", folder / "invented.csv"
    if not (archive.is_file() and listed.is_file()):
        from shipwatch.simulator.demo import demo_scenario

        typer.echo(f"shipwatch: simulating a day of AIS (seed {seed}) ...", err=True)
        folder.mkdir(parents=True, exist_ok=True)
        scenario = demo_scenario(seed)
        listed.write_text(scenario.designations_csv(), encoding="utf-8")
        half = folder / f"half-{archive.name}"  # put in place when whole: an interrupted run leaves nothing to trust
        scenario.write(half)
        half.replace(archive)
    return archive, listed


def run(station: Station, files: list[str], *, format: str | None = None, store: str | None = None) -> ReplayResult:
    """Replay with a progress bar, into a ledger where one is named."""
    from shipwatch.progress import ProgressBar
    from shipwatch.replay import replay as replay_files

    with ProgressBar() as progress:
        if store is None:
            return replay_files(
                files, station.pipeline, format=format, progress=progress, ahead_s=station.engine_rules.ahead_s
            )
        return _run_into(store, station, files, format, progress)


def write(station: Station, result: ReplayResult, out: Path) -> tuple[Path, ...]:
    """The four files of a replay."""
    from shipwatch.assemble import run_record
    from shipwatch.outputs import write_outputs

    return write_outputs(
        out,
        alerts=result.alerts,
        rendezvous=result.rendezvous,
        gaps=result.gaps,
        leads=result.leads,
        run=run_record(station, result),
    )


def print_json(station: Station, result: ReplayResult, written: tuple[Path, ...]) -> None:
    """Alerts and what they stand on, as one JSON object."""
    from shipwatch.assemble import run_record

    shown = {
        "alerts": [alert_to_json(alert) for alert in result.alerts],
        "run": run_record(station, result),
        "written": [str(path) for path in written],
    }
    typer.echo(json.dumps(shown, ensure_ascii=False))


def print_result(result: ReplayResult, written: tuple[Path, ...]) -> None:
    """The table of alerts, then what became of every row."""
    from geofences.ports import place_text
    from shipwatch.cli.alert_table import alert_table, counts_text, out

    screen = out()
    if result.alerts:
        places = {a.id: place_text(a.incident.lat, a.incident.lon) for a in result.alerts}
        screen.print(alert_table(result.alerts, places))
    screen.print(counts_text(result))
    for path in written:
        screen.print(f"written: {path}", soft_wrap=True)


def end(result: ReplayResult) -> None:
    """Exit 1, naming each, where an input could not be read; the others are in the result."""
    for item in result.inputs:
        for problem in item.problems:
            if problem != item.error:
                typer.echo(f"shipwatch: note: {problem}", err=True)
    for item in result.unreadable:
        typer.echo(f"shipwatch: {item.error}", err=True)
    if result.unreadable:
        raise typer.Exit(FAILED)


def _run_into(
    store: str, station: Station, files: list[str], format: str | None, progress: ProgressBar
) -> ReplayResult:
    from shipwatch.archive import Archive
    from shipwatch.inputs import input_files
    from shipwatch.ledger import Ledger, Recorded
    from shipwatch.replay import replay as replay_files
    from shipwatch.version import shipwatch_version

    digests = station.digests()
    recorded = Recorded()
    folder = Archive.beside(store, os.environ)
    with Ledger(store) as ledger, Archive(folder) as archive:
        run_id = ledger.start_run(
            started_us=now_us(),
            version=shipwatch_version(),
            inputs=[{"path": str(path)} for path in input_files(files)[0]],
            config_digest=digests["config"],
            rules_digest=digests["alert_rules"],
            zones_digest=digests["zones"],
            snapshots=station.designations.snapshots,
            archive=str(folder.resolve()),
        )

        def record(outcome: Outcome) -> None:
            nonlocal recorded
            recorded += ledger.record(run_id, outcome)

        def keep(batch: Batch) -> None:
            archive.append(batch.positions)

        result = replay_files(
            files, station.pipeline, format=format, on_outcome=record, on_batch=keep, progress=progress,
            ahead_s=station.engine_rules.ahead_s,
        )  # fmt: skip
        archive.compact()
        inputs = [item.to_json() for item in result.inputs]
        ledger.finish_run(run_id, finished_us=now_us(), counts=result.counts(), inputs=inputs)
    differing = len(set(recorded.differing))
    typer.echo(
        f"shipwatch: {ledger.name}: {recorded.new} revisions and events new, {recorded.known} known already"
        + (f", {differing} of them with other content (the first stands)" if differing else ""),
        err=True,
    )
    return result
