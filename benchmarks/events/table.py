"""Scores as tables of text."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from benchmarks.events.score import Score, percentile


def share(value: float) -> str:
    """A share with two or three digits, a dash where there is none."""
    return "-" if isnan(value) else f"{value:.3f}"


def seconds_text(value: float) -> str:
    """Seconds or minutes, a dash where there are none."""
    if isnan(value):
        return "-"
    return f"{value:.0f} s" if value < 600 else f"{value / 60:.0f} min"


def markdown(scores: Mapping[str, Score], seconds: Mapping[str, float]) -> str:
    """The main table, one row a method."""
    heads = ("method", "observed: recall", "precision", "start/end error, median", "of ends that were heard",
             "inferred: recall", "dark, one side: recall", "both sides", "precision", "rafts", "CPU")  # fmt: skip
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|--:" * (len(heads) - 1) + "|"]
    for name, one in scores.items():
        cells = (
            name, share(one.recall("observed")), share(one.precision), seconds_text(percentile(one.errors_s, 50)),
            seconds_text(percentile(one.heard_errors_s, 50)), share(one.recall("inferred")),
            share(one.recall("dark_one_sided:traced")), share(one.recall("dark_two_sided:traced")),
            share(one.dark_precision), share(one.recall("raft")), f"{seconds.get(name, 0.0):.0f} s",
        )  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def breakdown(scores: Mapping[str, Score]) -> str:
    """Found of how many, by class; what ordinary company was told as a meeting; splits."""
    names = sorted({name for one in scores.values() for name in one.units})
    lines = []
    for name, one in scores.items():
        lines.append(f"\n{name}")
        lines.append("  " + ", ".join(f"{kind} {one.found.get(kind, 0)}/{one.units.get(kind, 0)}" for kind in names))
        company = ", ".join(f"{count} {kind}" for kind, count in sorted(one.ordinary_kinds.items()))
        lines.append(
            f"  told: {one.true} transfers, {one.ordinary} ordinary company ({company}), {one.nothing} nothing"
        )
        lines.append(
            f"  really together {share(one.together_precision)}; split {one.splits}; "
            f"possible meetings: {one.dark_true} true, {one.dark_false} false; errors at 95 %: "
            f"{seconds_text(percentile(one.errors_s, 95))}, of heard ends "
            f"{seconds_text(percentile(one.heard_errors_s, 95))}"
        )
    return "\n".join(lines)
