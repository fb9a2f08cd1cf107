"""What was found, held against the truth.

A *unit* of truth is one transfer: a pair of ships, or a raft. Something found **matches** a unit when it names at least
two of its ships (a raft's alert names more) and shares half of the shorter of the two spans with it. Recall counts
units, each once. Precision counts what was found: it is *true* when it names two ships of a transfer and the spans
touch; *ordinary* when its ships were really together for ten minutes, but for no transfer; else *nothing*. A transfer
that reception hides is in no recall, and a find of it is true. A dark meeting that leaves no trace (see
``truth.Together.trace``) counts in a class of its own: nobody can tell it from ships that happened to be unheard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.events.truth import Together

US = 1_000_000


@dataclass(frozen=True, slots=True)
class Find:
    """One thing that a method tells: which ships, when, what it calls it, how grave (None: it has no grades)."""

    kind: str
    mmsis: frozenset[int]
    start_us: int
    end_us: int
    severity: str | None = None

    @property
    def raised(self) -> bool:
        """Whether an analyst is called: a warning or above, or a method without grades."""
        return self.severity != "notice"


@dataclass(frozen=True, slots=True)
class Unit:
    """One transfer of the truth."""

    kind: str
    known: str
    mmsis: frozenset[int]
    start_us: int
    end_us: int
    ends_heard: tuple[bool, bool]
    trace: str


@dataclass(slots=True)
class Score:
    """Counts that add up over worlds; times of errors in seconds."""

    units: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    true: int = 0
    ordinary: int = 0
    nothing: int = 0
    dark_true: int = 0
    dark_false: int = 0
    splits: int = 0
    errors_s: list[float] = field(default_factory=list)
    heard_errors_s: list[float] = field(default_factory=list)
    """Errors of the ends at which both ships were heard."""
    ordinary_kinds: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def recall(self, name: str) -> float:
        """Share of the units of that class that were found; NaN where there are none."""
        return self.found.get(name, 0) / self.units[name] if self.units.get(name) else float("nan")

    @property
    def precision(self) -> float:
        """Share of meetings told that are transfers."""
        told = self.true + self.ordinary + self.nothing
        return self.true / told if told else float("nan")

    @property
    def together_precision(self) -> float:
        """Share of meetings told of which the ships were really together, whatever for."""
        told = self.true + self.ordinary + self.nothing
        return (self.true + self.ordinary) / told if told else float("nan")

    @property
    def dark_precision(self) -> float:
        """Share of possible meetings told that are transfers."""
        told = self.dark_true + self.dark_false
        return self.dark_true / told if told else float("nan")


def units_of(together: Sequence[Together]) -> list[Unit]:
    """The transfers: a raft's pairs as one unit, every other pair by its longest span."""
    groups: dict[object, list[Together]] = {}
    for one in together:
        if one.transfer:
            groups.setdefault(one.group if one.kind == "raft" else (one.group, one.mmsis), []).append(one)
    made = []
    for parts in groups.values():
        longest = max(parts, key=lambda one: one.lasting_s)
        raft = longest.kind == "raft"
        ranks = [known for known in ("observed", "inferred", "dark", "hidden") if known in {p.known for p in parts}]
        made.append(
            Unit(
                longest.kind, ranks[0] if raft else longest.known, frozenset(m for p in parts for m in p.mmsis),
                min(p.start_us for p in parts) if raft else longest.start_us,
                max(p.end_us for p in parts) if raft else longest.end_us, longest.ends_heard, longest.trace,
            )
        )  # fmt: skip
    return sorted(made, key=lambda unit: (unit.start_us, sorted(unit.mmsis)))


def shared_us(find: Find, start_us: int, end_us: int) -> int:
    """Microseconds that a find shares with a span."""
    return min(find.end_us, end_us) - max(find.start_us, start_us)


def matches(find: Find, unit: Unit) -> bool:
    """Whether a find is of that unit (see the head of this file)."""
    if len(find.mmsis & unit.mmsis) < min(2, len(find.mmsis)):
        return False
    shorter = min(find.end_us - find.start_us, unit.end_us - unit.start_us)
    return shared_us(find, unit.start_us, unit.end_us) >= max(shorter / 2, 1)


def classes(unit: Unit) -> list[str]:
    """The rows of the table that a unit counts in."""
    names = [unit.known, f"kind:{unit.kind}"]
    if unit.kind == "raft":
        names.append("raft")
    elif unit.known in ("observed", "inferred"):
        names.append(f"{unit.known}:{unit.kind}")
    if unit.known == "dark":
        names += [f"dark:{unit.trace}", f"{unit.kind}:{unit.trace}"]
        if unit.trace != "none":
            names += ["dark:traced", f"{unit.kind}:traced"]
    return names


def score(finds: Iterable[Find], together: Sequence[Together], into: Score, where: str = "") -> Score:
    """Add one world's finds to a score."""
    told = [find for find in finds if find.raised]
    units = units_of(together)
    meetings = [find for find in told if find.kind != "dark_meeting"]
    possible = [find for find in told if find.kind == "dark_meeting"]
    for unit in units:
        for name in classes(unit):
            into.units[name] = into.units.get(name, 0) + 1
        of_it = [find for find in (told if unit.known in ("dark", "hidden") else meetings) if matches(find, unit)]
        if not of_it:
            if unit.known != "hidden":
                into.missed.append(f"{where} {unit.known} {unit.kind} {sorted(unit.mmsis)} {_clock(unit.start_us)}")
            continue
        for name in classes(unit):
            into.found[name] = into.found.get(name, 0) + 1
        if unit.known == "observed" and unit.kind != "raft":
            into.splits += len(of_it) - 1
            best = max(of_it, key=lambda find: shared_us(find, unit.start_us, unit.end_us))
            errors = [abs(best.start_us - unit.start_us) / US, abs(best.end_us - unit.end_us) / US]
            into.errors_s += errors
            into.heard_errors_s += [error for error, known in zip(errors, unit.ends_heard, strict=True) if known]
    for find in meetings:
        verdict, kind = verdict_of(find, units, together)
        if verdict == "true":
            into.true += 1
        elif verdict == "ordinary":
            into.ordinary += 1
            into.ordinary_kinds[kind] = into.ordinary_kinds.get(kind, 0) + 1
        else:
            into.nothing += 1
        if verdict != "true":
            into.false.append(f"{where} {verdict} {kind} {sorted(find.mmsis)} {_clock(find.start_us)}")
    for find in possible:
        if verdict_of(find, units, together)[0] == "true":
            into.dark_true += 1
        else:
            into.dark_false += 1
            into.false.append(f"{where} dark {sorted(find.mmsis)} {_clock(find.start_us)}")
    return into


def verdict_of(find: Find, units: Sequence[Unit], together: Sequence[Together]) -> tuple[str, str]:
    """``true``, ``ordinary`` or ``nothing``, and the kind of company."""
    needed = min(2, len(find.mmsis))
    for unit in units:
        if len(find.mmsis & unit.mmsis) >= needed and shared_us(find, unit.start_us, unit.end_us) > 0:
            return "true", unit.kind
    for one in together:
        if len(find.mmsis & set(one.mmsis)) >= needed and shared_us(find, one.start_us, one.end_us) > 0:
            return "ordinary", one.kind
    return "nothing", ""


def percentile(values: Sequence[float], share: float) -> float:
    """A percentile, NaN of nothing."""
    return float(np.percentile(values, share)) if values else float("nan")


def _clock(time_us: int) -> str:
    return str(np.datetime64(time_us // US, "s"))
