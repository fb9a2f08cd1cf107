"""What lists and identities say of an event's ships: one pure function a feature, with its value and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alerts.callsigns import flag_of_callsign, same_administration
from alerts.flags import flag_name, flag_of_mmsi, mmsi_kind
from alerts.imo import is_ship_imo
from alerts.incident import Incident, Match
from alerts.rules import Limits
from alerts.ship_types import is_merchant
from alerts.wording import names_text, party_name, plain_text

ASIDES_SHOWN = 3
"""One hull may stand on a dozen lists; the matches themselves carry what each of them says."""

Finding = tuple[str, str]
"""The value as measured, and the sentence."""
Feature = Callable[[Incident, Sequence[Match], Limits], list[Finding]]
"""What a feature saw, once per finding; nothing when it does not hold."""


def _listed(*tiers: str) -> Feature:
    def feature(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
        return _by_party(
            incident, [m for m in matches if m.tier in tiers and m.when in {"designated_at_event", "unknown"}]
        )

    return feature


def _listed_when(when: str) -> Feature:
    def feature(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
        return _by_party(incident, [m for m in matches if m.when == when and m.tier not in {"conflict", "weak"}])

    return feature


def _watchlist(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    names = {party.track: party_name(party) for party in incident.parties}
    found: list[Finding] = []
    for match in matches:
        if match.when != "watched" or match.tier in {"conflict", "weak"}:
            continue
        name, said = names.get(match.party, match.party), match_aside(match)
        found.append(
            (f"{name}: {match.list} {match.entry}", f"{name} {match.tier} match: {said}. {match.text}".strip())
        )
    return found


def match_aside(match: Match) -> str:
    """What has to be said of a match beside its values: why it is watched, owners, measures, the list's cautions.

    >>> from alerts.incident import Watch
    >>> match_aside(Match("t", "watchlist:ours", "1", "exact", "watched", {}, watch=Watch("seen loading", "desk 2")))
    'on a watchlist of this station, no designation: seen loading (asked for by desk 2)'
    """
    parts: list[str] = []
    if match.watch is not None:
        parts.append(f"on a watchlist of this station, no designation: {plain_text(match.watch.reason) or 'no reason'}")
        asked = [f"asked for by {plain_text(match.watch.owner)}"] if match.watch.owner else []
        asked += [f"until {match.watch.expires}"] if match.watch.expires else []
        parts[0] += f" ({', '.join(asked)})" if asked else ""
    if match.programs:
        parts.append(f"measures stated: {', '.join(map(plain_text, match.programs[:4]))}")
    if match.companies:
        named = [
            f"{c.role} {plain_text(c.name) or 'not named'}" + (f" (company IMO {c.imo})" if c.imo else "")
            for c in match.companies
        ]
        parts.append(f"named on the list with the ship: {names_text(named)}")
    if match.source is not None and match.source.cautions and match.watch is None:
        parts.append(f"list {match.list}: {', '.join(map(plain_text, match.source.cautions))}")
    return "; ".join(parts)


def _callsign_flag_differs(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    found: list[Finding] = []
    for party in incident.parties:
        # Pleasure craft type in what they like.
        if party.role != "party" or not (is_merchant(party.ship_type) or is_ship_imo(party.imo)):
            continue
        of_mmsi = flag_of_mmsi(party.mmsi) if mmsi_kind(party.mmsi) == "ship" else None
        of_callsign = flag_of_callsign(party.callsign)
        if of_mmsi is None or of_callsign is None or same_administration(of_mmsi, of_callsign):
            continue
        value = f"{plain_text(party.callsign or '')} ({flag_name(of_callsign)}), MMSI of {flag_name(of_mmsi)}"
        text = (
            f"The call sign of {party_name(party)} is of a series of {flag_name(of_callsign)}, its MMSI of "
            f"{flag_name(of_mmsi)}: consistent with a change of flag not yet entered, a typing error, or a flag that "
            "is not its own."
        )
        found.append((f"{party_name(party)}: {value}", text))
    return found


def _conflict(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    return _by_party(incident, [match for match in matches if match.tier == "conflict"])


_WHEN_TEXT = {
    "designated_at_event": "on the list when they met",
    "designated_after": "put on the list after they met",
    "delisted_before": "taken off the list before they met",
    "unknown": "on the list, which does not say since when",
}


def _by_party(incident: Incident, matches: Sequence[Match]) -> list[Finding]:
    """One finding for each party, however many lists repeat the hull."""
    names = {party.track: party_name(party) for party in incident.parties}
    found: list[Finding] = []
    for track in dict.fromkeys(match.party for match in matches):
        own = [match for match in matches if match.party == track]
        entries = ", ".join(dict.fromkeys(f"{match.list} {match.entry}" for match in own))
        first = own[0]
        values = ", ".join(f"{key} {plain_text(a)} = {plain_text(b)}" for key, (a, b) in first.matched.items())
        lead = (
            "sends identifiers of a listed ship under another valid IMO number: a lead on identity manipulation, no hit"
            if first.tier == "conflict"
            else f"{first.tier} match: {_WHEN_TEXT.get(first.when, first.when)}"
        )
        text = plain_text(first.text) or (f"compared: {values}" if values else "")
        asides = list(dict.fromkeys(aside for match in own if (aside := match_aside(match))))
        text += "".join(f" {aside[:1].upper()}{aside[1:]}." for aside in asides[:ASIDES_SHOWN])
        found.append((f"{names.get(track, track)}: {entries}", f"{names.get(track, track)} {lead}. {text}".strip()))
    return found


LIST_FEATURES: dict[str, Feature] = {
    "list_exact": _listed("exact"),
    "list_strong": _listed("strong"),
    "list_class": _listed("class"),
    "list_possible": _listed("possible"),
    "list_designated_after": _listed_when("designated_after"),
    "list_delisted_before": _listed_when("delisted_before"),
    "watchlist": _watchlist,
    "identity_conflict": _conflict,
    "callsign_flag_differs": _callsign_flag_differs,
}
