"""An incident, the lists and the rules give an alert, or nothing when there is nothing new to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from alerts.designations import DesignationSet
from alerts.grading import grade, grade_lead
from alerts.incident import Alert, Incident, Match, Party
from alerts.lead_grading import fact_text
from alerts.rule_words import LEVELS
from alerts.rules import Rules
from alerts.screening import screen
from alerts.wording import duration_text, names_text, party_name, plain_text

MEETING = "rendezvous"


def assess(
    incident: Incident, designations: DesignationSet | None, rules: Rules, previous: Alert | None = None
) -> Alert | None:
    """The next revision of an incident's alert, None when nothing is to be told; pure.

    ``previous`` is the newest revision so far, as returned from here. A revision is told when the meeting opens, ends,
    goes on again, is withdrawn or stands again, when its severity or list matches change, when ships join or say who
    they are, when a draught changes, and each time it has grown by ``limits.told_again_s``. Every party is screened,
    attending or not, as of the day on which the event began; matches of tier ``weak`` are left out. ``state`` is
    ``closed`` once it has ended.
    """
    if incident.withdrawn_reason is not None:
        return _withdrawn(incident, previous)
    matches = _matches(incident, designations)
    judged = grade(incident, matches, rules) if incident.kind == MEETING else grade_lead(incident, matches, rules)
    if judged is None:  # by now the rules would keep it among the events; what was told is not left standing
        gone = replace(incident, withdrawn_reason="what is known by now sets it apart no more")
        return _withdrawn(gone, previous)
    reason = "opened" if previous is None else _changes(previous, incident, matches, judged.severity, rules)
    if not reason:
        return None
    ended = incident.phase == "ended"
    if previous is None and ended:
        reason = "opened and ended"
    return Alert(
        incident=incident,
        revision=1 if previous is None else previous.revision + 1,
        revision_reason=reason,
        state="closed" if ended else "opened" if previous is None else "updated",
        severity=judged.severity,
        score=judged.score,
        matches=matches,
        reasons=judged.reasons,
        sensitivity=judged.sensitivity,
        lists=() if designations is None else designations.lists(),
        rules_digest=rules.digest,
    )


def screened(parties: Sequence[Party], designations: DesignationSet, at_us: int) -> tuple[Match, ...]:
    """All matches of these parties as of the day of that instant, what a shared MMSI says held to be ambiguous."""
    shared = frozenset(party.track for party in parties if party.shared_mmsi)
    day = datetime.fromtimestamp(at_us // 1_000_000, tz=UTC).strftime("%Y-%m-%d")
    return tuple(screen(parties, designations, at=day, ambiguous_tracks=shared))


def _matches(incident: Incident, designations: DesignationSet | None) -> tuple[Match, ...]:
    if designations is None:
        return ()
    found = screened(incident.parties, designations, incident.start_us)
    return tuple(match for match in found if match.tier != "weak")


def _withdrawn(incident: Incident, previous: Alert | None) -> Alert | None:
    """What was never told need not be withdrawn."""
    if previous is None or previous.state == "withdrawn":
        return None
    return replace(
        previous,
        incident=incident,
        revision=previous.revision + 1,
        revision_reason=f"withdrawn: {incident.withdrawn_reason}",
        state="withdrawn",
    )


def _changes(previous: Alert, now: Incident, matches: tuple[Match, ...], severity: str, rules: Rules) -> str:
    """What is new against the previous revision, most important first; empty when nothing worth telling is."""
    before = previous.incident
    parts = ["stands again"] if previous.state == "withdrawn" else []
    if severity != previous.severity:
        direction = "raised" if LEVELS.index(severity) > LEVELS.index(previous.severity) else "lowered"
        parts.append(f"severity {direction} from {previous.severity} to {severity}")
    parts += _match_changes(previous.matches, matches)
    if before.phase == "ended" and now.phase != "ended":
        parts.append("goes on again")
    elif before.phase != "ended" and now.phase == "ended":
        parts.append("ended")
    parts += _party_changes(before, now)
    if now.lowered_by != before.lowered_by:
        parts.append(f"ordinary company: {', '.join(now.lowered_by) or 'no longer'}")
    if now.kind != MEETING:
        parts += _fact_changes(before, now)
    if not parts:
        grown_s = now.observed_s + now.inferred_s - before.observed_s - before.inferred_s
        if grown_s >= rules.limits.told_again_s:
            parts.append(f"goes on: {duration_text(now.observed_s + now.inferred_s)} together so far")
        elif now.phase == "ended" and (now.start_us, now.end_us) != (before.start_us, before.end_us):
            parts.append("start or end corrected")
    return "; ".join(parts)


def _fact_changes(before: Incident, now: Incident) -> list[str]:
    old = dict(before.facts)
    return [
        f"{name.replace('_', ' ')} is now {fact_text(name, value)}"
        for name, value in now.facts
        if name in old and old[name] != value
    ] + [f"{name.replace('_', ' ')}: {fact_text(name, value)}" for name, value in now.facts if name not in old]


def _match_changes(before: tuple[Match, ...], now: tuple[Match, ...]) -> list[str]:
    def keyed(matches: tuple[Match, ...]) -> dict[tuple[str, str, str], tuple[str, str]]:
        return {(match.party, match.list, match.entry): (match.tier, match.when) for match in matches}

    old, new = keyed(before), keyed(now)
    parts = []
    for key, (tier, when) in new.items():
        if key not in old:
            parts.append(f"list match: {tier}, {key[1]} {key[2]}")
        elif old[key] != (tier, when):
            parts.append(f"list match of {key[1]} {key[2]} is now {tier}, {when}")
    parts += [f"list match gone: {key[1]} {key[2]}" for key in old if key not in new]
    return parts


def _party_changes(before: Incident, now: Incident) -> list[str]:
    old = {party.track: party for party in before.parties}
    joined = [party for party in now.parties if party.track not in old]
    known = [(old[party.track], party) for party in now.parties if party.track in old]
    parts = []
    for role, verb in (("party", "joined"), ("attending", "attended")):
        names = [party_name(party) for party in joined if party.role == role]
        if names:
            parts.append(f"{verb} by {names_text(names)}")
    for was, party in known:
        if was.role != party.role:
            parts.append(f"{party_name(party)} is now {'attending' if party.role == 'attending' else 'a party'}")
        if _says(was) != _says(party):
            parts.append(f"identity of {party_name(party)} sent")
        if party.next_port is not None and was.next_port != party.next_port:
            parts.append(f"{party_name(party)} called at {plain_text(party.next_port.port)} after it")
        if was.draught_after_m != party.draught_after_m and party.draught_after_m is not None:
            parts.append(f"draught of {party_name(party)} is now {party.draught_after_m:.1f} m")
    return parts


def _says(party: Party) -> tuple[int | None, str | None, str | None, int | None, int | None]:
    return party.imo, party.name, party.callsign, party.ship_type, party.length_m
