"""The watch on silences: what is remembered of reception and draughts, and what is told of gaps and possible meetings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from decoders.reports import Columns
from shipwatch.engine.clock import Released
from shipwatch.engine.detections import Gap, Lead, Rendezvous
from shipwatch.engine.legs import Legs, Scope
from shipwatch.engine.reception import Page, Reception, Runs, Silences, Stays, forget, take_in
from shipwatch.engine.rules import EngineRules


@dataclass(frozen=True, slots=True)
class SilenceWatch:
    """All that is remembered between two steps; a step returns a new one."""

    reception: Reception = field(default_factory=Reception)


def observe(
    watch: SilenceWatch, released: Released, closed: Legs, gaps: list[Gap], told: list[Rendezvous],
    before_us: int | None, upto_us: int, rules: EngineRules, scope: Scope,
) -> tuple[SilenceWatch, list[Gap], list[Lead]]:  # fmt: skip
    """Take in what a step released (rows sorted by time) and the legs that it closed; judge gaps, tell leads."""
    reception = forget(take_in(watch.reception, released.positions, closed, upto_us, rules), upto_us, rules)
    return SilenceWatch(reception), gaps, []


def saved(watch: SilenceWatch) -> tuple[dict[str, Columns], dict[str, Any]]:
    """Column tables and plain JSON values from which :func:`restored` makes the same watch."""
    reception = watch.reception
    stays = Stays.concat([page.rows for page in reception.pages])
    return {"runs": reception.runs, "stays": stays, "silences": reception.silences}, {}


def restored(table: Callable[[str, type[Any]], Any], rest: Mapping[str, Any]) -> SilenceWatch:
    """The watch that :func:`saved` wrote; ``table`` reads one by name and kind."""
    stays = table("stays", Stays)
    pages = (Page(stays),) if len(stays) else ()
    return SilenceWatch(Reception(table("runs", Runs), pages, table("silences", Silences)))
