"""Leads to incidents: findings of the engine that are not meetings, with named parties and a place.

The other half of the translation between what the engine finds and what the alerting wing judges
(:mod:`shipwatch.incidents` has the meetings).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from alerts.incident import Incident, PairInterval, Party
from alerts.rule_words import LEAD_KINDS
from shipwatch.engine.detections import Lead
from shipwatch.identities import AROUND_US, Identities, also_said, draughts, party
from shipwatch.incidents import HOUR_US, KEPT_US, SAID, Places

POSSIBLE = ("dark_meeting",)
"""Kinds in which two ships are silent or unseen together: their time counts as dark."""

ONGOING_KEPT_US = 30 * 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class OpenLeads:
    """Leads told not long ago, and those whose minute may not be complete; plain data, never changed in place."""

    told: Mapping[str, Incident] = field(default_factory=dict)
    waiting: tuple[Lead, ...] = ()


def follow(
    state: OpenLeads,
    leads: Sequence[Lead],
    identities: Identities,
    places: Places,
    processed_us: int | None,
    *,
    shared_mmsi: Mapping[int, int] | None = None,
    final: bool = False,
) -> tuple[OpenLeads, tuple[Incident, ...]]:
    """The state and the incident revisions that these leads give, in order of (published_us, id).

    A lead waits until ``processed_us`` has reached the minute in which it was published (``final``: not at all);
    parties are those known at that minute. A revision that says nothing new is not given again. Kinds that raise no
    alert (an outage) give no incident: they are events only.
    """
    order = sorted((*state.waiting, *leads), key=lambda lead: (lead.published_us, lead.id))
    due = [lead for lead in order if final or (processed_us is not None and lead.published_us <= processed_us)]
    held = tuple(order[len(due) :])
    told = dict(state.told)
    found: list[Incident] = []
    for lead in due:
        if lead.kind not in LEAD_KINDS:
            continue
        made = _incident(lead, identities, places, shared_mmsi or {})
        before = told.get(lead.id)
        if before is None and made.withdrawn_reason is not None:
            continue
        if before is None or replace(before, published_us=made.published_us) != made:
            told[lead.id] = made
            found.append(made)
    if processed_us is not None:
        told = {name: item for name, item in told.items() if _may_be_revised(item, processed_us)}
    return OpenLeads(told, held), tuple(found)


def _may_be_revised(item: Incident, processed_us: int) -> bool:
    """For a day after its last revision, and for a month while it goes on: that bounds what is remembered."""
    return item.published_us > processed_us - (ONGOING_KEPT_US if item.end_us is None else KEPT_US)


def _incident(lead: Lead, identities: Identities, places: Places, shared_mmsi: Mapping[int, int]) -> Incident:
    parties = tuple(
        _party(track, mmsi, lead, identities, shared_mmsi)
        for track, mmsi in sorted(zip(lead.tracks, lead.mmsis, strict=True), key=lambda ship: (ship[1], ship[0]))
    )
    shore_m = places.shore_distance_m(lead.lat, lead.lon)
    dwell = lead.fact("feasible_dwell_s")
    possible = lead.kind in POSSIBLE
    intervals: tuple[PairInterval, ...] = ()
    if possible and len(parties) == 2 and lead.end_us is not None:
        pair = (parties[0].track, parties[1].track)
        intervals = (PairInterval(pair, lead.start_us, lead.end_us, "dark"),)
    return Incident(
        id=lead.id,
        kind=lead.kind,
        phase="ongoing" if lead.end_us is None else "ended",
        published_us=lead.published_us,
        start_us=lead.start_us,
        end_us=lead.end_us,
        lat=lead.lat,
        lon=lead.lon,
        zones=tuple(places.zones_at(lead.lat, lead.lon)),
        parties=parties,
        intervals=intervals,
        observed_s=0,
        inferred_s=0,
        dark_s=int(dwell) if possible and isinstance(dwell, int | float) else 0,
        shore_distance_m=None if shore_m is None else round(shore_m),
        in_port=bool(places.in_port(lead.lat, lead.lon)),
        withdrawn_reason=lead.withdrawn_reason,
        facts=lead.facts,
        region=lead.region,
    )


def _party(track: str, mmsi: int, lead: Lead, identities: Identities, shared_mmsi: Mapping[int, int]) -> Party:
    """The ship as it called itself when it began; what it had not said by then, as it has said it since."""
    at_us = lead.published_us
    # Of a lead that began long ago only what was said lately is still known.
    began_us = max(min(lead.start_us, at_us), at_us - KEPT_US // 2)
    ship = party(identities, track, mmsi, began_us)
    later = party(identities, track, mmsi, at_us)
    ship = replace(ship, **{name: getattr(later, name) for name in SAID if getattr(ship, name) is None})
    before, after = draughts(identities, mmsi, began_us, at_us)
    also = also_said(identities, ship, began_us - AROUND_US, at_us)
    return replace(
        ship,
        draught_before_m=before,
        draught_after_m=after,
        also_sent=also,
        shared_mmsi=shared_mmsi.get(mmsi, at_us + 1) <= at_us,
    )
