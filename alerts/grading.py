"""Severity and score of a meeting: a printed table of features, each a pure function that says what it saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.incident import Incident, Match, Reason
from alerts.lead_grading import lead_reasons, lead_severity
from alerts.meeting_features import FEATURE_FUNCTIONS, conditions
from alerts.rule_words import LEVELS, NOT_TOLD
from alerts.rules import Level, Rules
from alerts.wording import duration_text


@dataclass(frozen=True, slots=True)
class Grade:
    """A judgement: severity, score for ordering, what contributed, and at which thresholds it would be another."""

    severity: str
    score: int
    reasons: tuple[Reason, ...]
    sensitivity: str


def grade(incident: Incident, matches: Sequence[Match], rules: Rules) -> Grade:
    """The grade of an incident whose parties have these matches; pure.

    Geometry gives a severity by the first row that holds, ordinary company and ports cap it, list matches raise it.
    Dark time counts towards nothing.
    """
    truths = conditions(incident, rules.limits)
    geometry = geometric_severity(truths, rules)
    severity = max([geometry, *(raised_to(match, truths, rules) or geometry for match in matches)], key=LEVELS.index)
    reasons = [
        Reason(name, value, weight, text)
        for name, weight in rules.weights.items()
        for value, text in FEATURE_FUNCTIONS[name](incident, matches, rules.limits)
    ]
    for label in incident.lowered_by:
        row = rules.benign_row(label)
        reasons.append(
            Reason(
                "ordinary_company",
                label,
                row.weight if row else 0,
                f"This may be ordinary company: {row.text if row else label}.",
            )
        )
    return Grade(
        severity=severity,
        score=max(0, sum(reason.weight for reason in reasons)),
        reasons=tuple(reasons),
        sensitivity=sensitivity(incident, severity, truths, rules),
    )


def grade_lead(incident: Incident, matches: Sequence[Match], rules: Rules) -> Grade | None:
    """The grade of a finding that is not a meeting; None where the rules keep it among the events."""
    by_facts, severity = lead_severity(incident, matches, rules)
    if severity == NOT_TOLD:
        return None
    reasons = lead_reasons(incident, matches, rules)
    without = "not be told" if by_facts == NOT_TOLD else f"be a {by_facts}"
    return Grade(
        severity=severity,
        score=max(0, sum(reason.weight for reason in reasons)),
        reasons=reasons,
        sensitivity="" if severity == by_facts else f"Without the list match it would {without}.",
    )


def geometric_severity(truths: dict[str, bool], rules: Rules) -> str:
    """The severity by geometry alone, after the caps; ``notice`` where no row holds."""
    found = next((row.level for row in rules.severities if _holds(row, truths)), LEVELS[0])
    return min([found, *(cap.level for cap in rules.caps if _holds(cap, truths))], key=LEVELS.index)


def raised_to(match: Match, truths: dict[str, bool], rules: Rules) -> str | None:
    """The severity that a match asks for at least, None for nothing (``conflict`` and ``weak`` by default)."""
    for row in rules.raised:
        if match.tier in row.tiers and match.when in row.listed and all(truths[name] for name in row.when):
            return row.level
    return None


def _holds(row: Level, truths: dict[str, bool]) -> bool:
    return all(truths[name] for name in row.when)


def sensitivity(incident: Incident, severity: str, truths: dict[str, bool], rules: Rules) -> str:
    """At which thresholds this would be another alert or none, from the incident's own figures.

    Each threshold is moved alone, the others staying as they are.
    """
    geometry = geometric_severity(truths, rules)
    parts: list[str] = []
    if severity != geometry:
        parts.append(f"without the list match it would be a {geometry}")

    def turned(name: str) -> str:
        return geometric_severity({**truths, name: not truths[name]}, rules)

    observed, asked = duration_text(incident.observed_s), duration_text(rules.limits.observed_s)
    if turned("observed_enough") != geometry:
        would = f"its geometry would give a {turned('observed_enough')}"
        if truths["observed_enough"]:
            parts.append(f"{would} if more than {observed} had to be observed (the rule: {asked})")
        else:
            parts.append(f"{would} with {asked} observed ({observed} are)")
    if truths["alongside"] and incident.hull_gap_m and turned("alongside") != geometry:
        parts.append(
            f"its geometry would give a {turned('alongside')} if hulls had to be closer than {incident.hull_gap_m} m"
        )
    if truths["abreast"] and turned("abreast") != geometry:
        parts.append(
            f"its geometry would give a {turned('abreast')} if hulls had to lie within less than "
            f"{incident.hull_gap_m} m (the rule: {rules.limits.abreast_gap_m} m)"
        )
    if truths["settled_near"] and turned("settled_near") != geometry:
        parts.append(
            f"its geometry would give a {turned('settled_near')} below {incident.median_distance_m} m "
            f"(the rule: {rules.limits.settled_distance_m} m)"
        )
    known_s = incident.observed_s + incident.inferred_s
    if incident.min_distance_m is not None:
        parts.append(
            f"it would vanish with an enter distance below {incident.min_distance_m} m or a least duration above "
            f"{duration_text(known_s)}"
        )
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""
