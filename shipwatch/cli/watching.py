"""`shipwatch watch` and `shipwatch play`: the live service, and a player to try it with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alerts.alert_json import alert_to_json
from shipwatch.cli.exits import fail, guarded
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from shipwatch.assemble import Station
    from shipwatch.assemble_watch import Watch
    from shipwatch.jobs import Job, JobSettings
    from shipwatch.pipeline import Outcome


@guarded
def watch(
    config: Annotated[
        Path | None, typer.Option(help="The configuration file (default: ./config.toml, if there).")
    ] = None,
    tcp: Annotated[
        list[str] | None, typer.Option(metavar="HOST:PORT", help="Connect to this server of lines (repeatable).")
    ] = None,
    tcp_server: Annotated[
        list[str] | None, typer.Option(metavar="PORT", help="Listen for stations that connect to us (repeatable).")
    ] = None,
    udp: Annotated[list[str] | None, typer.Option(metavar="PORT", help="Listen for datagrams (repeatable).")] = None,
    serial: Annotated[
        list[str] | None, typer.Option(metavar="DEVICE", help="Read this serial device, DEVICE:BAUD (repeatable).")
    ] = None,
    tail: Annotated[
        list[str] | None, typer.Option(metavar="FILE", help="Follow this growing file (repeatable).")
    ] = None,
    stdin: Annotated[bool, typer.Option("--stdin", help="Read lines from standard input.")] = False,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="The ledger (URL or SQLite file) (default: the home folder's).")
    ] = None,
    zone: Annotated[list[str] | None, typer.Option(help="Watch this zone only (repeatable).")] = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Watch all water outside excluded zones.")] = False,
    console: Annotated[bool, typer.Option("--console", help="Serve the console as well, on this machine.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The console's port; 0 for any free one.")] = 8770,
    scale: Annotated[
        float,
        typer.Option(min=0.001, help="A clock so many times as fast, set by the lines (beside `shipwatch play`)."),
    ] = 1.0,
    to_end: Annotated[
        bool, typer.Option("--to-end", help="Stop where the sources end and decide everything, as replay does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print each alert revision as a JSON line.")] = False,
) -> None:
    """Watch live AIS: journal, find, alert, deliver. Stopped (Ctrl-C) or killed, the next start goes on from there."""
    from shipwatch.assemble import assemble, find_config
    from shipwatch.assemble_feeds import FeedSettings, named_on_the_command_line
    from shipwatch.assemble_watch import watch as assembled
    from shipwatch.config import bind
    from shipwatch.home import default_store
    from shipwatch.live_clock import ScaledClock, WallClock

    if everywhere and zone:
        fail("--zone and --everywhere exclude each other", 2)
    settings = find_config(config, os.environ)
    feeds = named_on_the_command_line(
        bind(settings, "feeds", FeedSettings), tcp=tcp or (), tcp_server=tcp_server or (), udp=udp or (),
        serial=serial or (), tail=tail or (), stdin=stdin,
    )  # fmt: skip
    if not feeds.any():
        options = "--tcp, --tcp-server, --udp, --serial, --tail, --stdin"
        fail(f"no feed is named: {options}, or section [feeds] of the configuration", 2)
    station = assemble(settings, environment=os.environ, only=zone or (), everywhere=everywhere)
    named = store or str(default_store(os.environ))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as stack:
        running = stack.enter_context(
            assembled(
                station,
                store=named,
                clock=WallClock(now_us) if scale == 1.0 else ScaledClock(scale),
                now_us=now_us,
                feeds=feeds,
                to_end=to_end,
                on_recorded=lambda outcome: _tell(outcome, as_json),
            )
        )
        typer.echo(
            f"shipwatch: watching {', '.join(feed.health.source for feed in running.service.feeds)}; "
            f"ledger {running.ledger.name} (end with Ctrl-C)",
            err=True,
        )
        if console:
            _serve(stack, running, station, named, port)
        if not to_end:
            asked = [*(("--config", str(config)) if config else ()), *(("--everywhere",) if everywhere else ())]
            _schedule(stack, station, named, [*asked, *(word for name in zone or () for word in ("--zone", name))])
        running.service.run(stop)
        _say_health(running.service.health())


@guarded
def play(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, folders or patterns in any known format.")
    ],
    speed: Annotated[
        float, typer.Option(min=0.0, help="Seconds of event time a second; 0: as fast as the lines are taken.")
    ] = 1.0,
    tcp: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Serve the lines there; starts with a client.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Append the lines to a file.")] = None,
    wait_s: Annotated[
        float, typer.Option(min=0.0, help="Give up when no client came within so many seconds; 0: never.")
    ] = 0.0,
    format: Annotated[str | None, typer.Option(help="The inputs' format, where it is not to be detected.")] = None,
) -> None:
    """Play files as a live receiver would send them: AIVDM with tag blocks, in time order, at any speed."""
    from shipwatch.player import TcpPlayer, encoded
    from shipwatch.player import play as played
    from shipwatch.replay import decoded

    if tcp and to:
        fail("--tcp and --to exclude each other", 2)
    inputs, batches = decoded(files, format=format)
    with ExitStack() as stack:
        if tcp:
            host, _, number = tcp.rpartition(":")
            if not number.isdigit():
                fail(f"--tcp {tcp}: not HOST:PORT", 2)
            player = TcpPlayer(host or "127.0.0.1", int(number))
            stack.callback(player.close)
            typer.echo(f"shipwatch: playing to whoever connects to port {player.port}", err=True)
            if not player.wait_for_client(wait_s or None):
                fail("nobody connected")
            send = player.send
        else:
            target = stack.enter_context(to.open("ab")) if to else sys.stdout.buffer

            def send(text: bytes) -> None:
                target.write(text)
                target.flush()

        done = played(encoded(batches), send, speed=speed)
    for item in inputs:
        if item.error:
            typer.echo(f"shipwatch: {item.error}", err=True)
    typer.echo(
        f"shipwatch: played {done.messages:,} messages in {done.lines:,} lines; at most {done.late_s:.1f} s behind",
        err=True,
    )
    if any(item.error for item in inputs):
        raise typer.Exit(1)


def _tell(outcome: Outcome, as_json: bool) -> None:
    """New revisions, as they are recorded."""
    from geofences.ports import place_text
    from shipwatch.cli.alert_table import plain
    from shipwatch.event_frames import iso_z

    for alert in outcome.alerts:
        if as_json:
            typer.echo(json.dumps(alert_to_json(alert), ensure_ascii=False))
            continue
        incident = alert.incident
        ships = " - ".join(ship.name or f"MMSI {ship.mmsi}" for ship in incident.parties if ship.role == "party")
        place = ", ".join(incident.zones) or place_text(incident.lat, incident.lon)
        typer.echo(
            plain(
                f"{iso_z(incident.published_us)}  {alert.severity:8}  {ships}  {place}  "
                f"{alert.revision_reason}  [{alert.id}.{alert.revision}]"
            )
        )


def _serve(stack: ExitStack, running: Watch, station: Station, store: str, port: int) -> None:
    from dataclasses import replace

    from shipwatch.cli.serving import console_parts
    from shipwatch.console.serve import ConsoleServer

    parts = console_parts(running.ledger, store, station.config)
    server = stack.enter_context(ConsoleServer(replace(parts, feed_health=running.service.health), port=port))
    typer.echo(f"shipwatch: console at {server.url}", err=True)


def _schedule(stack: ExitStack, station: Station, store: str, asked: list[str]) -> None:
    from shipwatch.assemble_watch import config_folder
    from shipwatch.config import bind
    from shipwatch.home import home_folder
    from shipwatch.jobs import JobSettings, scheduler

    settings = bind(station.config, "jobs", JobSettings)
    folder = (
        config_folder(station.config) / settings.summary_folder
        if settings.summary_folder
        else home_folder(os.environ) / "summaries"
    )

    def write(store: str, folder: Path, date: str) -> None:
        from shipwatch.cli.summarising import write_day
        from shipwatch.reports.duty_day import DutyDay

        write_day(store, DutyDay.of(date), area=None, out=folder)

    made = scheduler(store, settings, folder, now_us, write, _nightly(station, store, settings, asked))
    made.resume()
    stack.callback(made.shutdown, wait=False)


def _nightly(station: Station, store: str, settings: JobSettings, asked: list[str]) -> list[Job]:
    """What is done beside the summary; ``asked`` is how this service was told what to watch."""
    from shipwatch.archive import Archive
    from shipwatch.assemble import ListSettings
    from shipwatch.config import bind
    from shipwatch.housekeeping import apply_retention, compact
    from shipwatch.jobs import COMPACTION, LIST_UPDATE, RECONCILIATION, RETENTION, Job, yesterday
    from shipwatch.retention import RetentionSettings

    archive = Archive.beside(store, os.environ)
    retention = bind(station.config, "retention", RetentionSettings)
    jobs = []
    if settings.compaction:
        jobs.append(Job(COMPACTION, "archive compaction", settings.compaction_at, lambda: compact(archive)))
    if retention.archive_days or retention.journal_days:

        def remove() -> None:
            done = apply_retention(store, archive, retention, now_us())
            typer.echo(
                f"shipwatch: retention: {len(done.archive_days)} days of the archive and {len(done.journal_files)} "
                f"files of the journal removed, {len(done.kept_for_incidents)} kept for open incidents",
                err=True,
            )

        jobs.append(Job(RETENTION, "retention", settings.retention_at, remove))
    named = bind(station.config, "lists", ListSettings).update
    if named or station.designations.snapshots:
        configured = () if station.config.source == "defaults" else ("--config", station.config.source)
        words = ("lists", "update") if named else ("rescreen",)

        def renew_lists() -> None:
            _beside(*words, "--store", store, *configured)

        jobs.append(Job(LIST_UPDATE, "list update and rescreening", settings.list_update_at, renew_lists))
    if settings.reconciliation:

        def look_back() -> None:
            _beside("reconcile", "--date", yesterday(), "--store", store, *asked)

        jobs.append(Job(RECONCILIATION, "reconciliation", settings.reconciliation_at, look_back))
    return jobs


def _beside(*words: str) -> None:
    """Run one of our commands in a process of its own: it must not slow the live one."""
    nice = "import os; os.nice(10); from shipwatch.cli import main; main()"
    subprocess.run([sys.executable, "-c", nice, *words], stdout=sys.stderr, check=False)


def _say_health(health: dict[str, Any]) -> None:
    lines = sum(health["lines"].values())
    dropped = sum(feed["dropped"] for feed in health["feeds"])
    cut = sum(feed["cut"] for feed in health["feeds"])
    typer.echo(
        f"shipwatch: stopped in order; {lines:,} lines worked off in all, {dropped:,} dropped, {cut:,} cut off; "
        f"refused by the engine: {health['refused_by_engine'] or 'none'}",
        err=True,
    )
    for feed in health["feeds"]:
        if feed["errors"] or feed["refused"]:
            failures = "; ".join(f"{reason} ({count:,} x)" for reason, count in feed["errors"].items())
            typer.echo(f"shipwatch: feed {feed['name']}: {feed['refused']:,} refused; {failures}", err=True)
    if health["journal_lost"]:
        typer.echo(f"shipwatch: the start before ended without closing its journal: {health['journal_lost']}", err=True)
    if health["not_heard"]:
        from shipwatch.event_frames import iso_z

        off_us, on_us = health["not_heard"]
        seconds = (on_us - off_us) / 1_000_000
        typer.echo(f"shipwatch: not heard from {iso_z(off_us)} to {iso_z(on_us)}: {seconds:,.0f} s", err=True)
    if health["problem"]:
        typer.echo(f"shipwatch: {health['problem']}", err=True)
