"""Incidents, parties, matches and alerts: the words that the hall and the alerting wing share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.list_source import ListSource


@dataclass(frozen=True, slots=True)
class Call:
    """A port or anchorage in which a ship was seen, and since when (microseconds since 1970 UTC)."""

    port: str
    since_us: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a ship called itself at another moment of the same event; None is "not sent"."""

    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    ship_type: int | None = None
    length_m: int | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A vessel as it called itself at that time; None is "not sent".

    ``track`` names one hull's track, ``mmsi`` an integer, ``imo`` as sent (valid or not), ``flag`` ISO 3166 alpha-3
    from the MMSI's maritime identification digits, ``ship_type`` the AIS number 0-99 (0 or None not sent), lengths in
    metres, ``role`` is ``party`` or ``attending``.
    """

    track: str
    mmsi: int
    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    flag: str | None = None
    ship_type: int | None = None
    length_m: int | None = None
    beam_m: int | None = None
    draught_before_m: float | None = None
    draught_after_m: float | None = None
    role: str = "party"
    shared_mmsi: bool = False
    """Another hull sends under the same MMSI: what is said under it may be the other one's."""
    last_port: Call | None = None
    next_port: Call | None = None
    """Where it called last before the event and first after it, as far as its positions tell."""
    also_sent: tuple[Said, ...] = ()
    """What else it called itself around the event, oldest first; each is screened as well."""


@dataclass(frozen=True, slots=True)
class PairInterval:
    """A piece of one pair's meeting; ``kind`` is observed, inferred or dark; times in microseconds since 1970 UTC."""

    pair: tuple[str, str]
    start_us: int
    end_us: int
    kind: str


@dataclass(frozen=True, slots=True)
class Silence:
    """A party's gap in transmission near the event; ``on_us`` is None while it lasts."""

    track: str
    off_us: int
    on_us: int | None


@dataclass(frozen=True, slots=True)
class Incident:
    """An event placed and named: who, where, when, and what is known of it, with no judgement yet.

    ``end_us`` is None while it goes on. ``lowered_by`` names the reasons (rules in data) for which it is likely to be
    ordinary company (``tug``, ``pilot``, ``fishing`` ...). Distances in metres, speeds in knots; None is unknown.
    """

    id: str
    kind: str
    phase: str
    published_us: int
    start_us: int
    end_us: int | None
    lat: float
    lon: float
    zones: tuple[str, ...]
    parties: tuple[Party, ...]
    intervals: tuple[PairInterval, ...]
    observed_s: int
    inferred_s: int
    dark_s: int
    min_distance_m: int | None = None
    median_distance_m: int | None = None
    hull_gap_m: int | None = None
    heading_difference_deg: int | None = None
    median_speed_kn: float | None = None
    relative_speed_kn: float | None = None
    alongside: bool | None = None
    settled: bool | None = None
    shore_distance_m: int | None = None
    in_port: bool = False
    lowered_by: tuple[str, ...] = ()
    principal: tuple[str, str] | None = None
    """The two tracks whose meeting the durations, distances and speeds describe (the closest, longest observed one)."""
    ended_by: str | None = None
    """``left`` or ``silence`` once it has ended."""
    silences: tuple[Silence, ...] = ()
    withdrawn_reason: str | None = None
    """Why there is no such incident any more; None while there is."""
    facts: tuple[tuple[str, float | int | str | bool | None], ...] = ()
    """What a finding that is not a meeting rests on: names with units, values; None is unknown."""
    region: tuple[tuple[float, float], ...] = ()
    """Ring of (lat, lon) degrees within which it can have happened; empty where the position says it all."""


@dataclass(frozen=True, slots=True)
class MatchedCompany:
    """An owner, operator or manager that the list names with the ship; ``imo`` is a company IMO number or None."""

    role: str
    name: str
    imo: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Why a watchlist of this station names the ship, who asked for it, and the last ISO day on which it counts."""

    reason: str
    owner: str = ""
    expires: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Party x designation: a tier, and which value met which.

    ``tier`` is exact, strong, possible, class, conflict or weak. ``when`` is designated_at_event, designated_after,
    delisted_before, unknown, or ``watched`` for an entry of a watchlist, which designates nobody. ``matched`` maps
    field to (seen, listed).
    """

    party: str
    list: str
    entry: str
    tier: str
    when: str
    matched: Mapping[str, tuple[str, str]]
    text: str = ""
    listed_name: str = ""
    programs: tuple[str, ...] = ()
    """Sanctions programmes or measures that the entry states."""
    companies: tuple[MatchedCompany, ...] = ()
    """Whom the list names with the ship, and who may therefore be touched by the match."""
    source: ListSource | None = None
    """Publisher, licence and cautions of the list, to be quoted with it; None where the list states none."""
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution to an alert's score: the feature, its value as measured, its weight, and a sentence."""

    feature: str
    value: str
    weight: int
    text: str


@dataclass(frozen=True, slots=True)
class Alert:
    """A revision of an incident's assessment. ``severity`` is notice, warning or critical."""

    incident: Incident
    revision: int
    revision_reason: str
    state: str
    severity: str
    score: int
    matches: tuple[Match, ...]
    reasons: tuple[Reason, ...]
    sensitivity: str
    lists: tuple[tuple[str, str], ...]
    """(list name, snapshot id) of every list that was asked."""
    rules_digest: str

    @property
    def id(self) -> str:
        """Never changes between revisions."""
        return self.incident.id
