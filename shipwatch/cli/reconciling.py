"""`shipwatch reconcile`: yesterday's journal held against what the live service concluded from it."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shipwatch.cli.exits import WRONG_USAGE, fail, guarded
from shipwatch.cli.wall_clock import now_us

if TYPE_CHECKING:
    from shipwatch.assemble import Station
    from shipwatch.ledger import Ledger
    from shipwatch.reconcile import Reconciliation


@guarded
def reconcile(
    day: Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD", help="The UTC day.")],
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="The ledger (URL or SQLite file) (default: the home folder's).")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="The configuration file (default: ./config.toml, if there).")
    ] = None,
    zone: Annotated[list[str] | None, typer.Option(help="Watch this zone only (repeatable), as `watch` did.")] = None,
    everywhere: Annotated[bool, typer.Option("--everywhere", help="Watch all water, as `watch` did.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what differs, and record nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Replay a day's journal with late lines in their place; what changes becomes a revision "late data"."""
    from shipwatch.archive import Archive
    from shipwatch.assemble import assemble, find_config
    from shipwatch.home import default_store
    from shipwatch.journal import is_journal
    from shipwatch.ledger import Ledger
    from shipwatch.reconcile import DAY_US
    from shipwatch.reconcile import reconcile as reconciled

    try:
        asked = date.fromisoformat(day)
    except ValueError:
        fail(f"--date {day}: not a date (YYYY-MM-DD)", WRONG_USAGE)
    station = assemble(find_config(config, os.environ), environment=os.environ, only=zone or (), everywhere=everywhere)
    named = store or str(default_store(os.environ))
    journal = Archive.beside(named, os.environ).with_name("journal")
    if not is_journal(journal):
        fail(f"{journal}: no journal of a live service")
    midnight_us = (asked - date(1970, 1, 1)).days * DAY_US
    with Ledger(named) as ledger:
        stored = ledger.latest_alerts(during_us=(midnight_us, midnight_us + DAY_US))
        found = reconciled(journal, asked, station.pipeline, stored, ahead_s=station.engine_rules.ahead_s)
        if found.revisions and not dry_run:
            _record(ledger, station, found, journal)
    if as_json:
        typer.echo(json.dumps({**found.to_json(), "recorded": bool(found.revisions) and not dry_run}))
        return
    typer.echo(
        f"{found.day}: {found.records:,} journal records replayed; {found.same} events as they were, "
        f"{len(found.differences)} not, {found.cut} reach beyond what was replayed"
    )
    for item in found.differences:
        typer.echo(f"{item.kind:8} {item.alert_id}: {dict(item.was)} -> {dict(item.now)}")
    for loss in found.losses:
        typer.echo(f"shipwatch: journal: {loss}", err=True)


def _record(ledger: Ledger, station: Station, found: Reconciliation, journal: Path) -> None:
    from shipwatch.version import shipwatch_version

    digests = station.digests()
    run_id = ledger.start_run(
        started_us=now_us(), version=shipwatch_version(), inputs=[{"path": str(journal), "day": found.day}],
        config_digest=digests["config"], rules_digest=digests["alert_rules"], zones_digest=digests["zones"],
        snapshots=station.designations.snapshots,
    )  # fmt: skip
    ledger.record(run_id, found.outcome())
    counts = {"records": found.records, "same": found.same, "cut": found.cut, "revisions": len(found.revisions)}
    ledger.finish_run(run_id, finished_us=now_us(), counts=counts, inputs=[{"path": str(journal), "day": found.day}])
