"""What sets a meeting apart or makes it ordinary: one pure function a feature, returning what it saw and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.incident import Incident, Match, Party
from alerts.list_features import LIST_FEATURES, Feature, Finding
from alerts.rules import Limits
from alerts.ship_types import is_merchant, is_unsent, ship_class
from alerts.wording import distance_text, duration_text, names_text, party_name, plain_text, utc_text

DRAUGHT_STEP_M = 0.3
"""Draughts are typed in by hand to 0.1 m; less than three steps is rounding and trim."""


def conditions(incident: Incident, limits: Limits) -> dict[str, bool]:
    """Every condition that a rule may ask for, decided for one incident."""
    pair = principal_parties(incident)
    near = incident.median_distance_m is not None and incident.median_distance_m <= limits.settled_distance_m
    return {
        "outside_port": not incident.in_port,
        "in_port": incident.in_port,
        "merchant_pair": len(pair) >= 2 and all(is_merchant(party.ship_type) for party in pair),
        "merchant_party": any(is_merchant(party.ship_type) for party in pair),
        "one_unnamed": len(pair) >= 2
        and any(is_merchant(party.ship_type) for party in pair)
        and any(is_unsent(party.ship_type) for party in pair),
        "alongside": incident.alongside is True,
        "no_hull_data": incident.alongside is None,
        "settled_near": near and incident.settled is True,
        "abreast": _is_abreast(incident, limits),
        "observed_enough": incident.observed_s >= limits.observed_s,
        "lowered": bool(incident.lowered_by),
        "not_lowered": not incident.lowered_by,
    }


def _is_abreast(incident: Incident, limits: Limits) -> bool:
    gap_m, off_deg, shore_m = incident.hull_gap_m, incident.heading_difference_deg, incident.shore_distance_m
    if gap_m is None or off_deg is None or shore_m is None or incident.alongside is True:
        return False
    near = gap_m <= limits.abreast_gap_m and off_deg <= limits.abreast_angle_deg and shore_m >= limits.far_sea_m
    return near and incident.settled is True and incident.observed_s >= limits.long_s


def principal_parties(incident: Incident) -> tuple[Party, ...]:
    """The parties whom the incident's figures describe: the principal pair, or all that do not merely attend."""
    if incident.principal is not None:
        return tuple(party for party in incident.parties if party.track in incident.principal)
    return tuple(party for party in incident.parties if party.role == "party")


def _alongside(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if incident.alongside is not True:
        return []
    gap = f"{incident.hull_gap_m} m" if incident.hull_gap_m is not None else "alongside"
    angle = (
        f", headings {incident.heading_difference_deg}° apart" if incident.heading_difference_deg is not None else ""
    )
    return [(gap, f"The hulls lay side by side: {gap} of water between them (median){angle}.")]


def _settled_near(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    truths = conditions(incident, limits)
    if not (truths["no_hull_data"] and truths["settled_near"]):
        return []
    apart = f"{incident.median_distance_m} m"
    return [(apart, f"The two stayed {apart} apart (median, between antennas); hull sizes or headings are not sent.")]


def _abreast(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if not _is_abreast(incident, limits):
        return []
    gap, lasted = f"{incident.hull_gap_m} m", duration_text(incident.observed_s)
    return [(gap, f"The hulls lay parallel, {gap} of water between them (median), for {lasted} far from land: "
                  "consistent with ships on either side of one that is not heard.")]  # fmt: skip


def _merchant_pair(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if not conditions(incident, limits)["merchant_pair"]:
        return []
    kinds = " and ".join(ship_class(party.ship_type) for party in principal_parties(incident)[:2])
    return [(kinds, f"Both carry cargo: {kinds}.")]


def _observed_enough(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if incident.observed_s < limits.observed_s:
        return []
    value = duration_text(incident.observed_s)
    return [(value, f"{value} of it were observed, {duration_text(limits.observed_s)} are asked for.")]


def _observed_long(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if incident.observed_s < limits.long_s:
        return []
    value = duration_text(incident.observed_s)
    return [(value, f"At {value} observed it is longer than passing or waiting.")]


def _little_observed(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if incident.observed_s >= limits.observed_s:
        return []
    value = duration_text(incident.observed_s)
    rest = f"{duration_text(incident.inferred_s)} are inferred from sparse reports"
    return [(value, f"Only {value} were observed; {rest}.")]


def _draught_steps(incident: Incident) -> list[tuple[Party, float]]:
    return [
        (party, party.draught_after_m - party.draught_before_m)
        for party in incident.parties
        if party.role == "party"
        and party.draught_before_m is not None
        and party.draught_after_m is not None
        and abs(party.draught_after_m - party.draught_before_m) >= DRAUGHT_STEP_M - 1e-6
    ]


def _draught_text(steps: Sequence[tuple[Party, float]]) -> str:
    return names_text([f"{party_name(p)} {p.draught_before_m:.1f} to {p.draught_after_m:.1f} m" for p, _ in steps])


def _draught_change(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    steps = _draught_steps(incident)
    if not (any(step > 0 for _, step in steps) and any(step < 0 for _, step in steps)):
        return []
    value = _draught_text(steps)
    return [(value, f"The draughts sent changed in opposite ways across the meeting: {value}.")]


def _draught_change_one(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    steps = _draught_steps(incident)
    if not steps or _draught_change(incident, matches, limits):
        return []
    value = _draught_text(steps)
    return [(value, f"A draught sent changed across the meeting: {value}.")]


def _open_sea(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    shore_m = incident.shore_distance_m
    if shore_m is None or shore_m < limits.open_sea_m or incident.in_port:
        return []
    return [(distance_text(shore_m), f"They met {distance_text(shore_m)} from shore.")]


def _watched_zone(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if not incident.zones:
        return []
    value = ", ".join(plain_text(zone) for zone in incident.zones)
    return [(value, f"They met in a watched zone: {value}.")]


def _silence_near(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    names = {party.track: party_name(party) for party in incident.parties}
    if not incident.silences:
        return []
    parts = [
        f"{names.get(gap.track, gap.track)} from {utc_text(gap.off_us)} "
        + (f"to {utc_text(gap.on_us)}" if gap.on_us is not None else "on")
        for gap in incident.silences
    ]
    value = names_text(parts)
    return [(value, f"Not heard near the time of the meeting: {value}; reception may explain it.")]


def _raft(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    count = sum(party.role == "party" for party in incident.parties)
    return [(str(count), f"{count} ships lay together as one raft.")] if count > 2 else []


def _in_port(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    return (
        [("in port", "They met in a port or anchorage, where ships lie side by side every day.")]
        if incident.in_port
        else []
    )


def _dark_time(incident: Incident, matches: Sequence[Match], limits: Limits) -> list[Finding]:
    if not incident.dark_s:
        return []
    value = duration_text(incident.dark_s)
    return [(value, f"For {value} one or both were silent and in reach of one another; that time counts for nothing.")]


FEATURE_FUNCTIONS: dict[str, Feature] = {
    **LIST_FEATURES,
    "alongside": _alongside,
    "abreast": _abreast,
    "settled_near": _settled_near,
    "merchant_pair": _merchant_pair,
    "observed_enough": _observed_enough,
    "observed_long": _observed_long,
    "little_observed": _little_observed,
    "draught_change": _draught_change,
    "draught_change_one": _draught_change_one,
    "open_sea": _open_sea,
    "watched_zone": _watched_zone,
    "silence_near": _silence_near,
    "raft": _raft,
    "in_port": _in_port,
    "dark_time": _dark_time,
}
