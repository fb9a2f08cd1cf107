"""Level and score of a finding that is not a meeting, from its facts by the rows of ``leads.toml``."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.incident import Incident, Match, Reason
from alerts.lead_rules import Value
from alerts.meeting_features import FEATURE_FUNCTIONS, conditions
from alerts.rule_words import LEVELS, NOT_TOLD
from alerts.rules import Rules
from alerts.wording import distance_text, duration_text, plain_text, utc_text

_FEATURES = (
    "list_exact", "list_strong", "list_class", "list_possible", "list_designated_after", "list_delisted_before",
    "watchlist", "identity_conflict", "callsign_flag_differs", "draught_change", "draught_change_one", "open_sea",
    "watched_zone", "in_port",
)  # fmt: skip
"""Features of a meeting that say as much of one ship, or of two that nobody saw together."""


def lead_severity(incident: Incident, matches: Sequence[Match], rules: Rules) -> tuple[str, str]:
    """The level by the facts alone, and with what list matches add; ``none`` for what is not to be told."""
    truths, facts = conditions(incident, rules.limits), dict(incident.facts)
    by_facts = next(
        (
            row.level
            for row in rules.leads.levels
            if row.kind == incident.kind
            and all(term.holds(facts) for term in row.facts)
            and all(truths[name] for name in row.when)
        ),
        NOT_TOLD,
    )
    order = (NOT_TOLD, *LEVELS)
    raised = [
        row.level
        for row in rules.leads.raised
        for match in matches
        if incident.kind in row.kinds and match.tier in row.tiers and match.when in row.listed
    ]
    return by_facts, max([by_facts, *raised], key=order.index)


def lead_reasons(incident: Incident, matches: Sequence[Match], rules: Rules) -> tuple[Reason, ...]:
    """What speaks for it: list matches and place as for meetings, then each fact that the rules have words for."""
    found = [
        Reason(name, value, weight, text)
        for name, weight in rules.weights.items()
        if name in _FEATURES
        for value, text in FEATURE_FUNCTIONS[name](incident, matches, rules.limits)
    ]
    for name, value in incident.facts:
        if value is None or value is False:
            continue
        said = fact_text(name, value)
        row = rules.leads.fact_row(f"{name}={value}") or rules.leads.fact_row(name)
        if row is None:
            continue
        found.append(Reason(name, said, row.weight, row.text.replace("{value}", said)))
    return tuple(found)


def fact_text(name: str, value: Value) -> str:
    """A fact's value with the unit that its name ends in; ``..._since_s`` and ``..._said_s`` are instants.

    >>> fact_text("draught_last_said_s", 1527817517)
    '2018-06-01 01:45Z'
    >>> fact_text("feasible_dwell_s", 9000), fact_text("jump_m", 182000.0), fact_text("implied_speed_kn", 61.04)
    ('2 h 30 min', '182 km', '61.0 kn')
    """
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return plain_text(value)
    unit = name.removesuffix("_a").removesuffix("_b").rpartition("_")[2]
    if unit == "s" and name.removesuffix("_a").removesuffix("_b").endswith(("_since_s", "_said_s")):
        return utc_text(round(value) * 1_000_000)
    if unit == "s":
        return duration_text(round(value))
    if unit == "m" and "draught" not in name:
        return distance_text(value)
    units = {"m": "m", "kn": "kn", "km2": "km²", "deg": "°"}
    if unit in units:
        return f"{value:.1f}{'' if unit == 'deg' else ' '}{units[unit]}"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
