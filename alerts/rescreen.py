"""A told alert against lists that have changed since: one further revision, or nothing; the first verdict stands.

The revision says first what changed: ``designated_after`` (listed only after the event), ``designated_at_event``
(in force on the day, not known here when it was told), ``designated`` (the list does not say since when), ``delisted``,
``watched``, ``identity_conflict`` or ``list_changed``.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace

from alerts.assess import MEETING, screened
from alerts.designations import Designation, DesignationSet
from alerts.grading import geometric_severity, grade_lead, raised_to, sensitivity
from alerts.in_force import AFTER, AT_EVENT, BEFORE, UNKNOWN
from alerts.incident import Alert, Match, Reason
from alerts.list_features import LIST_FEATURES
from alerts.match_making import WATCHED
from alerts.meeting_features import conditions
from alerts.rule_words import LEVELS
from alerts.rules import Rules

Entry = tuple[str, str]
"""List and entry."""

_WORD = {
    AFTER: "designated_after", AT_EVENT: "designated_at_event", UNKNOWN: "designated", BEFORE: "delisted",
    WATCHED: "watched",
}  # fmt: skip
_ASIDE = {
    AT_EVENT: ", not known when this was first told",
    UNKNOWN: ", the list does not say since when",
    BEFORE: " before the event",
}


def rescreened(
    alert: Alert,
    designations: DesignationSet,
    rules: Rules,
    *,
    changed: Container[Entry],
    told: Callable[[], Sequence[str]],
    published_us: int,
) -> Alert | None:
    """The next revision of a told alert under these lists, None where nothing of ``changed`` concerns it; pure.

    ``alert`` is its newest revision as read back, ``changed`` the entries that are new, gone or otherwise, ``told`` the
    reasons of its earlier revisions (asked only where an entry left its list). What does not come from lists stays as
    it was told. Matches of lists that are not asked any more stay. A name alone under another valid IMO number is no
    reason to tell anything.
    """
    if alert.state == "withdrawn":
        return None
    asked = {name for name, _ in designations.lists()}
    parties = alert.incident.parties
    found = [m for m in screened(parties, designations, alert.incident.start_us) if m.tier != "weak"]
    matches = (*found, *(match for match in alert.matches if match.list not in asked))
    parts = _parts(alert, matches, designations, changed, told)
    if not parts:
        return None
    severity, caveat = _judged(alert, matches, rules)
    if severity != alert.severity:
        direction = "raised" if LEVELS.index(severity) > LEVELS.index(alert.severity) else "lowered"
        parts.append(f"severity {direction} from {alert.severity} to {severity}")
    reasons = (*_list_reasons(alert, matches, rules), *(r for r in alert.reasons if r.feature not in LIST_FEATURES))
    return replace(
        alert,
        incident=replace(alert.incident, published_us=published_us),
        revision=alert.revision + 1,
        revision_reason="; ".join(parts),
        state="updated" if alert.state == "opened" else alert.state,
        severity=severity,
        score=max(0, sum(reason.weight for reason in reasons)),
        matches=matches,
        reasons=reasons,
        sensitivity=alert.sensitivity if caveat is None else caveat,
        lists=designations.lists(),
        rules_digest=rules.digest,
    )


def _parts(
    alert: Alert,
    matches: Sequence[Match],
    designations: DesignationSet,
    changed: Container[Entry],
    told: Callable[[], Sequence[str]],
) -> list[str]:
    """What changed, a part for each party and entry: listed after the event, other listings, what left a list."""
    old = {(match.party, match.list, match.entry): match for match in alert.matches}
    new = {(match.party, match.list, match.entry): match for match in matches}
    asked = {name for name, _ in designations.lists()}
    of_entry = {(d.list, d.entry): d for d in designations.designations if (d.list, d.entry) in changed}
    # An entry that changed may have dated an unchanged one of another list.
    dated = {name for d in of_entry.values() for name, _ in d.dates_of}
    listed, left = [], []
    for key, match in new.items():
        entry = (match.list, match.entry)
        was = old.get(key)
        if entry not in changed and (was is None or match.list not in dated):
            continue
        name = f"{match.list} {match.entry}" + (f" {match.listed_name}" if match.listed_name else "")
        if was is None and match.tier == "conflict":
            if not {"mmsi", "callsign"} & match.matched.keys():
                continue
            listed.append(f"identity_conflict: {name}")
        elif was is None:
            listed.append(f"{_WORD[match.when]}: {match.tier}, {name}{_ASIDE.get(match.when, '')}")
        changes = was is not None and (was.tier, was.when) != (match.tier, match.when)
        gone = _gone(of_entry.get(entry))
        if gone:
            left.append((f"delisted: {name}, {gone}", f" (now {match.tier}, {match.when})" if changes else ""))
        elif changes:
            listed.append(f"list_changed: {name} is now {match.tier}, {match.when}")
    for key, match in old.items():
        if key in new or match.list not in asked or (match.list, match.entry) not in changed:
            continue
        name = f"{match.list} {match.entry}"
        if (match.list, match.entry) in of_entry:
            left.append((f"list_changed: {name} agrees no more", ""))
        else:
            left.append((f"delisted: {name}, not in the present version", ""))
    listed.sort(key=lambda text: not text.startswith(_WORD[AFTER]))
    before = " ".join(told()) if left else ""
    return listed + [text + more for text, more in left if text not in before]


def _gone(designation: Designation | None) -> str:
    if designation is None or designation.kind == "watch":
        return ""
    if designation.delisted_on is not None:
        return f"off the list since {designation.delisted_on}"
    return f"off the list by {designation.gone_by}" if designation.gone_by is not None else ""


def _judged(alert: Alert, matches: Sequence[Match], rules: Rules) -> tuple[str, str | None]:
    """Severity and sensitivity with these matches; as they were told where the matches make no difference."""
    incident = alert.incident
    if incident.kind != MEETING:
        grades = [grade_lead(incident, some, rules) for some in (alert.matches, matches)]
        was, now = (None if grade is None else grade.severity for grade in grades)
        if was == now or grades[1] is None:
            return (alert.severity, None) if was == now else (LEVELS[0], None)
        return grades[1].severity, grades[1].sensitivity
    truths = conditions(incident, rules.limits)
    if "merchant_pair" in rules.weights:  # of a raft, the public object does not say which pair was the principal one
        truths["merchant_pair"] = any(reason.feature == "merchant_pair" for reason in alert.reasons)
    geometry = geometric_severity(truths, rules)

    def severity(some: Sequence[Match]) -> str:
        return max([geometry, *(raised_to(match, truths, rules) or geometry for match in some)], key=LEVELS.index)

    if severity(alert.matches) == severity(matches):
        return alert.severity, None
    return severity(matches), sensitivity(incident, severity(matches), truths, rules)


def _list_reasons(alert: Alert, matches: Sequence[Match], rules: Rules) -> list[Reason]:
    return [
        Reason(name, value, weight, text)
        for name, weight in rules.weights.items()
        if name in LIST_FEATURES
        for value, text in LIST_FEATURES[name](alert.incident, matches, rules.limits)
    ]
