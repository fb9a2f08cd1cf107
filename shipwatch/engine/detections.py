"""What the engine finds: meetings of two tracks, and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from shipwatch.engine.whereabouts import Whereabouts


class Kind(StrEnum):
    """How an interval of a meeting is known."""

    OBSERVED = "observed"
    INFERRED = "inferred"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Interval:
    """A piece of a meeting of which one thing is known; times in int64 microseconds since 1970 UTC."""

    start_us: int
    end_us: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """One revision of a meeting of two tracks, as known at ``published_us`` (a whole minute of event time).

    Distances in metres between the antennas; ``hull_gap_m`` metres of water between the hulls (median of the settled
    part; None where dimensions or headings are not sent); speeds in knots; ``end_us`` is the last instant within the
    enter distance so far. ``phase`` is ``ongoing`` or ``ended``. ``id`` never changes between revisions.
    """

    id: str
    track_a: str
    track_b: str
    mmsi_a: int
    mmsi_b: int
    phase: str
    start_us: int
    end_us: int
    published_us: int
    lat: float
    lon: float
    observed_s: int
    inferred_s: int
    dark_s: int
    joint_sightings: int
    min_distance_m: int
    median_distance_m: int
    hull_gap_m: int | None
    heading_difference_deg: int | None
    alongside: bool | None
    median_speed_kn: float
    relative_speed_kn: float
    settled: bool
    intervals: tuple[Interval, ...]
    ended_by: str | None = None
    """``left`` (seen apart) or ``silence`` (contact lost for longer than a hole may be)."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A silence of one track longer than the reporting threshold; ``on_*`` is None while it is open.

    ``silence_likelihood`` says how improbable it is that reception alone explains it (0 to 1, None: no basis),
    ``basis`` what that rests on, ``outage`` that many other ships fell silent with it.
    """

    id: str
    track: str
    mmsi: int
    published_us: int
    off_us: int
    off_lat: float
    off_lon: float
    on_us: int | None
    on_lat: float | None
    on_lon: float | None
    duration_s: int
    distance_m: int | None
    implied_speed_kn: float | None
    silence_likelihood: float | None = None
    basis: str = ""
    outage: bool = False


@dataclass(frozen=True, slots=True)
class Lead:
    """One revision of a finding that is not a meeting seen, as known at ``published_us`` (a whole minute).

    ``kind`` is an alert kind: dark_meeting, loitering, identity, spoofing or outage. ``tracks`` and ``mmsis`` name the
    one or two ships (for an outage: none). ``region`` is a ring of (lat, lon) degrees where it can have happened, empty
    where a point says it all. ``facts`` are (name with unit, value) pairs in a fixed order: what the finding rests on.
    ``id`` is derived and never changes between revisions; ``withdrawn_reason`` says why it stands no more.
    """

    id: str
    kind: str
    tracks: tuple[str, ...]
    mmsis: tuple[int, ...]
    published_us: int
    start_us: int
    end_us: int | None
    lat: float
    lon: float
    region: tuple[tuple[float, float], ...] = ()
    facts: tuple[tuple[str, float | int | str | bool | None], ...] = ()
    withdrawn_reason: str | None = None

    def fact(self, name: str) -> float | int | str | bool | None:
        """The value of that fact, None where it is not known."""
        return next((value for fact, value in self.facts if fact == name), None)


@dataclass(frozen=True, slots=True)
class Detections:
    """What one step found, in order of ``published_us``; ``refused`` counts rows by named reason.

    Meetings are told as :class:`~shipwatch.engine.findings.Revisions`: columns, and objects for those who read them.
    """

    rendezvous: Sequence[Rendezvous] = ()
    gaps: tuple[Gap, ...] = ()
    leads: tuple[Lead, ...] = ()
    whereabouts: Whereabouts = field(default_factory=Whereabouts.empty)
    refused: dict[str, int] = field(default_factory=dict)
    processed_us: int | None = None
    """Event time up to which everything is decided."""
