"""`shipwatch doctor`: is everything in its place, and if not, what mends it."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from shipwatch.cli.exits import FAILED, guarded
from shipwatch.cli.wall_clock import today


@guarded
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check versions, package names, data, folders and lists; exit 1 where there is a problem, each with its mend."""
    from shipwatch.doctor import examine

    findings = examine(os.environ, today())
    if as_json:
        typer.echo(json.dumps([finding.to_json() for finding in findings], indent=2))
    else:
        from rich.text import Text

        from shipwatch.cli.alert_table import out

        screen = out()
        marks = {"ok": ("ok", "green"), "note": ("note", "yellow"), "problem": ("PROBLEM", "bold red")}
        for finding in findings:
            mark, style = marks[finding.level]
            screen.print(Text(f"{mark:>8}", style), Text(f"{finding.subject}: {finding.text}"), soft_wrap=True)
            if finding.mend:
                screen.print(Text(f"{'':>8}  mend: {finding.mend}"), soft_wrap=True)
    if any(finding.level == "problem" for finding in findings):
        raise typer.Exit(FAILED)
