"""How findings that are not meetings are graded: ``leads.toml``, read and checked."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.rule_files import RuleFile
from alerts.rule_words import CONDITIONS, LEAD_KINDS, LEVELS, NOT_TOLD, TIERS, WHENS

Value = float | int | str | bool | None

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_TERM = re.compile(r"([a-z][a-z0-9_]*) (>=|<=|>|<|=|!=) (\S.*)")


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison of a fact with a value; a fact that is not known fulfils nothing."""

    fact: str
    sign: str
    value: float | str | bool

    def holds(self, facts: Mapping[str, Value]) -> bool:
        """Whether the fact is known, of the same type, and compares so."""
        seen = facts.get(self.fact)
        if seen is None or isinstance(seen, bool) != isinstance(self.value, bool):
            return False
        if isinstance(seen, str) != isinstance(self.value, str):
            return False
        return _COMPARE[self.sign](seen, self.value)


@dataclass(frozen=True, slots=True)
class LeadLevel:
    """The level of one kind of lead where all terms and conditions hold; ``none`` is kept as an event, not told."""

    kind: str
    level: str
    facts: tuple[Term, ...]
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeadRaise:
    """Matches of these tiers and times raise these kinds to at least ``level``."""

    kinds: tuple[str, ...]
    tiers: tuple[str, ...]
    listed: tuple[str, ...]
    level: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """What a fact adds to the score and how it is said; ``{value}`` stands for the value with its unit."""

    name: str
    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class LeadRules:
    """The rows of ``leads.toml`` in their order."""

    levels: tuple[LeadLevel, ...] = ()
    raised: tuple[LeadRaise, ...] = ()
    facts: tuple[FactRow, ...] = ()

    def fact_row(self, name: str) -> FactRow | None:
        """The row of a fact, None where the file has none."""
        return next((row for row in self.facts if row.name == name), None)


def lead_rules(file: RuleFile) -> LeadRules:
    """The rules of that file; raises :class:`alerts.errors.RulesError` with file, line and value."""
    file.keys({"lead", "raised", "fact"})
    levels = []
    for n, row in enumerate(file.rows("lead")):
        at = f"lead[{n}]"
        file.keys({"kind", "level", "facts", "when"}, row, at)
        terms = row.get("facts", [])
        if not isinstance(terms, list):
            file.fail("facts", f"{at}.facts: {terms!r} is not a list")
        levels.append(
            LeadLevel(
                kind=file.one_of(row.get("kind"), LEAD_KINDS, f"{at}.kind"),
                level=file.one_of(row.get("level"), (NOT_TOLD, *LEVELS), f"{at}.level"),
                facts=tuple(_term(file, term, f"{at}.facts") for term in terms),
                when=file.some_of(row.get("when", []), CONDITIONS, f"{at}.when"),
            )
        )
    raised = []
    for n, row in enumerate(file.rows("raised")):
        at = f"raised[{n}]"
        file.keys({"kinds", "tiers", "listed", "level"}, row, at)
        raised.append(
            LeadRaise(
                kinds=file.some_of(row.get("kinds"), LEAD_KINDS, f"{at}.kinds"),
                tiers=file.some_of(row.get("tiers"), TIERS, f"{at}.tiers"),
                listed=file.some_of(row.get("listed"), WHENS, f"{at}.listed"),
                level=file.one_of(row.get("level"), LEVELS, f"{at}.level"),
            )
        )
    return LeadRules(tuple(levels), tuple(raised), _facts(file))


def _facts(file: RuleFile) -> tuple[FactRow, ...]:
    facts: dict[str, FactRow] = {}
    for n, row in enumerate(file.rows("fact")):
        at = f"fact[{n}]"
        file.keys({"name", "weight", "text"}, row, at, required=True)
        for key, kind in (("name", str), ("weight", int), ("text", str)):
            if type(row[key]) is not kind:
                file.fail(key, f"{at}.{key}: {row[key]!r} is not of type {kind.__name__}")
        if row["name"] in facts:
            file.fail(row["name"], f"{at}.name: {row['name']!r} stands twice")
        facts[row["name"]] = FactRow(**row)
    return tuple(facts.values())


def _term(file: RuleFile, text: object, at: str) -> Term:
    found = _TERM.fullmatch(text) if isinstance(text, str) else None
    if not found:
        file.fail(str(text), f'{at}: {text!r} is not a comparison ("feasible_dwell_s >= 3600")')
    name, sign, value = found.groups()
    if value in ("true", "false"):
        said: float | str | bool = value == "true"
    else:
        try:
            said = float(value)
        except ValueError:
            said = value
    if not isinstance(said, float) and sign not in ("=", "!="):
        file.fail(str(text), f"{at}: {text!r}: {value!r} is not a number")
    return Term(name, sign, said)
