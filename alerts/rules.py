"""What makes an alert grave and what makes it ordinary, read from ``alerts/rules/*.toml`` and checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from alerts.incident import Party
from alerts.lead_rules import LeadRules, lead_rules
from alerts.rule_files import RuleFile
from alerts.rule_words import CONDITIONS, FEATURES, LEVELS, TIERS, WHENS

SHIPPED = Path(__file__).parent / "rules"


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of the grading conditions: seconds, metres, degrees."""

    observed_s: int
    settled_distance_m: int
    open_sea_m: int
    long_s: int
    abreast_gap_m: int
    abreast_angle_deg: int
    far_sea_m: int
    told_again_s: int


@dataclass(frozen=True, slots=True)
class Level:
    """A severity, and the conditions that must all hold for it."""

    level: str
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raise:
    """Matches of these tiers and times raise the severity to at least ``level`` where the conditions all hold."""

    tiers: tuple[str, ...]
    listed: tuple[str, ...]
    when: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class Company:
    """One kind of ship beside another, as a row of ``benign.toml`` states it."""

    label: str
    one: tuple[tuple[int, int], ...]
    other: tuple[tuple[int, int], ...] | None = None
    max_length_m: int | None = None
    unsent_length: bool = False
    other_min_length_m: int | None = None
    close_only: bool = False
    least_gap_m: int | None = None
    most_speed_kn: float | None = None
    weight: int = 0
    text: str = ""

    def lies_so(self, hull_gap_m: float | None, median_speed_kn: float | None) -> bool:
        """Whether two ships with so much water between their hulls, at such a speed, lie as the row asks."""
        if self.least_gap_m is not None and (hull_gap_m is None or hull_gap_m < self.least_gap_m):
            return False
        return self.most_speed_kn is None or (median_speed_kn is not None and median_speed_kn <= self.most_speed_kn)

    def holds(self, one: Party, other: Party) -> bool:
        """Whether ``one`` beside ``other`` is this kind of company, each in the part named."""
        if not _within(one.ship_type, self.one) or (
            self.other is not None and not _within(other.ship_type, self.other)
        ):
            return False
        if self.max_length_m is not None:
            if one.length_m is None:
                if not self.unsent_length:
                    return False
            elif one.length_m > self.max_length_m:
                return False
        if self.other_min_length_m is None:
            return True
        return other.length_m is not None and other.length_m >= self.other_min_length_m


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of grading, and the digest that an alert carries so that others can tell which ones were in force."""

    limits: Limits
    severities: tuple[Level, ...]
    caps: tuple[Level, ...]
    raised: tuple[Raise, ...]
    weights: Mapping[str, int]
    benign: tuple[Company, ...]
    attendants: tuple[Company, ...]
    leads: LeadRules
    digest: str

    def labels(
        self, one: Party, other: Party, hull_gap_m: float | None = None, median_speed_kn: float | None = None
    ) -> tuple[str, ...]:
        """The benign labels of a meeting of two ships, in the order of the file, whichever is named first.

        ``hull_gap_m`` and ``median_speed_kn`` are the meeting's; None where they are not known.
        """
        return tuple(
            row.label
            for row in self.benign
            if row.lies_so(hull_gap_m, median_speed_kn) and (row.holds(one, other) or row.holds(other, one))
        )

    def attends(self, one: Party, other: Party, *, close: bool) -> bool:
        """Whether ``one`` is a vessel that attends ``other``; ``close``: other's own meeting is hull to hull."""
        return any(row.holds(one, other) and (close or not row.close_only) for row in self.attendants)

    def benign_row(self, label: str) -> Company | None:
        """The row of a label, None where the file has no such label (any more)."""
        return next((row for row in self.benign if row.label == label), None)


def load_rules(folder: Path | None = None) -> Rules:
    """The rules in ``folder`` (``grading.toml``, ``benign.toml`` and ``leads.toml``; the shipped ones by default).

    Raises :class:`alerts.errors.RulesError` with file, line and value for an unknown key, level, condition or feature,
    a wrong type, or a missing file.

    >>> load_rules().limits.observed_s
    1800
    """
    folder = folder or SHIPPED
    grading, benign = RuleFile(folder / "grading.toml"), RuleFile(folder / "benign.toml")
    # A folder of rules made before leads were graded goes on working, with the shipped rows for them.
    leads = RuleFile(folder / "leads.toml" if (folder / "leads.toml").exists() else SHIPPED / "leads.toml")
    grading.keys({"limits", "severity", "cap", "raised", "feature"})
    benign.keys({"benign", "attendant"})
    limits = grading.table("limits")
    grading.keys({f.name for f in fields(Limits)}, limits, "limits", required=True)
    for key, value in limits.items():
        if type(value) is not int or value <= 0:
            grading.fail(key, f"limits.{key}: {value!r} is not a whole number > 0")
    return Rules(
        limits=Limits(**limits),
        severities=tuple(_level(grading, row, f"severity[{n}]") for n, row in enumerate(grading.rows("severity"))),
        caps=tuple(_level(grading, row, f"cap[{n}]") for n, row in enumerate(grading.rows("cap"))),
        raised=tuple(_raise(grading, row, f"raised[{n}]") for n, row in enumerate(grading.rows("raised"))),
        weights=_weights(grading),
        benign=tuple(_company(benign, row, f"benign[{n}]", benign=True) for n, row in enumerate(benign.rows("benign"))),
        attendants=tuple(
            _company(benign, row, f"attendant[{n}]", benign=False) for n, row in enumerate(benign.rows("attendant"))
        ),
        leads=lead_rules(leads),
        digest=_digest(grading.content, benign.content, leads.content),
    )


def _level(file: RuleFile, row: dict[str, Any], at: str) -> Level:
    file.keys({"level", "when"}, row, at)
    return Level(
        file.one_of(row.get("level"), LEVELS, f"{at}.level"), file.some_of(row.get("when"), CONDITIONS, f"{at}.when")
    )


def _raise(file: RuleFile, row: dict[str, Any], at: str) -> Raise:
    file.keys({"tiers", "listed", "when", "level"}, row, at)
    return Raise(
        tiers=file.some_of(row.get("tiers"), TIERS, f"{at}.tiers"),
        listed=file.some_of(row.get("listed"), WHENS, f"{at}.listed"),
        when=file.some_of(row.get("when"), CONDITIONS, f"{at}.when"),
        level=file.one_of(row.get("level"), LEVELS, f"{at}.level"),
    )


def _weights(file: RuleFile) -> dict[str, int]:
    """Weight by feature, in the order of the file; a feature that is left out is not shown."""
    weights: dict[str, int] = {}
    for n, row in enumerate(file.rows("feature")):
        file.keys({"name", "weight", "why"}, row, f"feature[{n}]")
        name = file.one_of(row.get("name"), FEATURES, f"feature[{n}].name")
        if name in weights:
            file.fail(name, f"feature[{n}].name: {name!r} stands twice")
        if type(row.get("weight")) is not int:
            file.fail(name, f"feature[{n}].weight: {row.get('weight')!r} is not a whole number")
        weights[name] = row["weight"]
    return weights


def _company(file: RuleFile, row: dict[str, Any], at: str, *, benign: bool) -> Company:
    known = {"label", "one", "other", "max_length_m", "unsent_length", "other_min_length_m"}
    file.keys(known | ({"weight", "text", "least_gap_m", "most_speed_kn"} if benign else {"close_only"}), row, at)
    for key, kind in (("label", str), ("text", str), ("unsent_length", bool), ("close_only", bool), ("weight", int)):
        if key in row and type(row[key]) is not kind:
            file.fail(key, f"{at}.{key}: {row[key]!r} is not of type {kind.__name__}")
    speed = row.get("most_speed_kn", 1)
    if type(speed) not in (int, float) or not speed > 0:
        file.fail("most_speed_kn", f"{at}.most_speed_kn: {speed!r} is not a number > 0")
    for key in ("max_length_m", "other_min_length_m", "least_gap_m"):
        if key in row and (type(row[key]) is not int or row[key] <= 0):
            file.fail(key, f"{at}.{key}: {row[key]!r} is not a whole number > 0")
    if not row.get("label"):
        file.fail(at.partition("[")[0], f"{at}.label: missing")
    made = dict(row)
    made["one"] = _ranges(file, row.get("one"), f"{at}.one")
    if "other" in row:
        made["other"] = _ranges(file, row["other"], f"{at}.other")
    return Company(**made)


def _ranges(file: RuleFile, value: object, at: str) -> tuple[tuple[int, int], ...]:
    """``["31-32", "52"]`` as ((31, 32), (52, 52))."""
    if not isinstance(value, list) or not value:
        file.fail(at.rpartition(".")[2], f"{at}: {value!r} is not a list of ship types")
    made: list[tuple[int, int]] = []
    for item in value:
        found = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", item) if isinstance(item, str) else None
        if not found or int(found[2] or found[1]) < int(found[1]):
            file.fail(str(item), f'{at}: {item!r} is not a ship type ("52") or a range of them ("31-32")')
        made.append((int(found[1]), int(found[2] or found[1])))
    return tuple(made)


def _within(ship_type: int | None, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= (ship_type or 0) <= high for low, high in ranges)


def _digest(*contents: Mapping[str, Any]) -> str:
    """Of what the files say, not of their comments and layout."""
    canonical = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
