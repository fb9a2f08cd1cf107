"""What a daily summary says, whatever it is written as: frozen, made once, read by every format."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from shipwatch.reports.zone_coverage import ZoneCoverage

LEVELS = ("critical", "warning", "notice")
SHAPES = {"critical": "▲", "warning": "■", "notice": "●"}
"""The shape that goes with a level wherever it is shown: it is never told by colour alone."""
MEETINGS = ("rendezvous", "dark_meeting")
"""Kinds of incident that are meetings of ships."""
Ring = tuple[tuple[float, float], ...]
"""Longitude and latitude of its corners, the first of them again at the end."""


@dataclass(frozen=True, slots=True)
class ShipFacts:
    """One ship of an incident as it called itself; texts are empty where nothing was sent."""

    letter: str
    track: str
    mmsi: int
    name: str
    imo: str
    callsign: str
    flag: str
    flag_name: str
    kind: str
    length_m: int | None
    draught_before_m: float | None
    draught_after_m: float | None
    role: str

    @property
    def called(self) -> str:
        """Its name, or its MMSI where it sent none."""
        return self.name or f"MMSI {self.mmsi}"

    @property
    def draught(self) -> str:
        """Draught before and after in metres: ``8.6 to 13.1 m``."""
        texts = ["?" if value is None else f"{value:.1f}" for value in (self.draught_before_m, self.draught_after_m)]
        if texts == ["?", "?"]:
            return ""
        return f"{texts[0]} m" if texts[0] == texts[1] else f"{texts[0]} to {texts[1]} m"


@dataclass(frozen=True, slots=True)
class ListHit:
    """One list match: which ship, which entry of which snapshot, and which value met which."""

    letter: str
    ship: str
    list: str
    snapshot: str
    entry: str
    tier: str
    when: str
    values: tuple[tuple[str, str, str], ...]
    text: str
    cautions: tuple[str, ...] = ()
    """What has to be said wherever the list is quoted (no legal designation, non-commercial use only)."""
    credit: str = ""
    """Title, publisher and licence of the list, empty where it states none."""
    companies: tuple[str, ...] = ()
    """Owner, operator and manager that the list names with the ship, each with its company IMO number."""

    @property
    def quoted(self) -> str:
        """The list's name with its cautions."""
        return f"{self.list}: {', '.join(self.cautions)}" if self.cautions else self.list


@dataclass(frozen=True, slots=True)
class Why:
    """One contribution to the score; ``about_list`` where its facts stand with the list matches too."""

    weight: int
    text: str
    about_list: bool = False

    @property
    def short(self) -> str:
        """The text, of list matches the first sentence alone."""
        return self.text.partition(". ")[0].removesuffix(".") + "." if self.about_list else self.text


@dataclass(frozen=True, slots=True)
class TrackPiece:
    """A run of positions between two breaks; ``kind`` of the leg to it: observed, inferred or silent."""

    letter: str
    kind: str
    time_us: tuple[int, ...]
    lat_deg: tuple[float, ...]
    lon_deg: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class IncidentEntry:
    """One incident as the summary tells it; ``number`` counts from the most serious."""

    number: int
    id: str
    revision: int
    state: str
    kind: str
    level: str
    score: int
    title: str
    finding: str
    reading: str
    start: str
    end: str | None
    until: str
    when: str
    began_before: bool
    goes_on_after: bool
    change: str
    lat: float
    lon: float
    position: str
    place: str
    zones: tuple[str, ...]
    observed_s: int
    inferred_s: int
    dark_s: int
    known: str
    known_short: str
    together: str
    min_distance_m: int | None
    median_distance_m: int | None
    hull_gap_m: int | None
    median_speed_kn: float | None
    alongside: bool | None
    ships: tuple[ShipFacts, ...]
    hits: tuple[ListHit, ...]
    why: tuple[Why, ...]
    sensitivity: str
    lists: tuple[tuple[str, str], ...]
    rules_digest: str
    tracks: tuple[TrackPiece, ...] = ()
    track_svg: str = ""
    plot_svg: str = ""
    track_note: str = ""

    @property
    def shape(self) -> str:
        """The shape of its level."""
        return SHAPES[self.level]

    @property
    def is_meeting(self) -> bool:
        """Of two ships and more, seen or possible; not a single ship that was seen, waited or changed its identity."""
        return self.kind in MEETINGS

    @property
    def is_transfer(self) -> bool:
        """A meeting that is told as a suspected transfer (see the definitions)."""
        return self.is_meeting and self.level != "notice"

    @property
    def in_short(self) -> str:
        """Why, in a table's cell: the first list match, then the two first reasons that are not about lists."""
        hits = [
            f"List {hit.list}: {hit.tier}, {hit.when.replace('_', ' ')}"
            + (f" ({', '.join(hit.cautions)})." if hit.cautions else ".")
            for hit in self.hits[:1]
        ]
        hits += [f"{len(self.hits) - 1} more list matches."] if len(self.hits) > 1 else []
        return " ".join([*hits, *[why.text for why in self.why if not why.about_list][:2]])

    @property
    def marks(self) -> str:
        """How it stands across the bounds of the period, in words; empty where it lies within."""
        parts = ["began before the period"] if self.began_before else []
        parts += ["goes on after it" if parts else "goes on after the period"] if self.goes_on_after else []
        return " and ".join(parts)


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the five numbers."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What the summary stands on: the name of a part and its SHA-256 or snapshot."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    """A word and what it means here."""

    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The daily incident summary."""

    number: str
    title: str
    marking: str
    date: str
    start: str
    end: str
    period: str
    clock: str
    area: str
    area_slug: str
    coverage: str
    made_from: str
    version: str
    figures: tuple[Figure, ...]
    key_points: tuple[str, ...]
    changes: tuple[str, ...]
    not_seen: tuple[str, ...]
    incidents: tuple[IncidentEntry, ...]
    detailed: int
    definitions: tuple[Definition, ...]
    digests: tuple[Digest, ...]
    map_svg: str
    map_text: str
    hours_svg: str
    area_ring: tuple[tuple[Ring, ...], ...] = ()
    """Of each part of the area the outer ring, then those of its holes."""
    zones: tuple[ZoneCoverage, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values without the drawings (the tracks in them stand in GeoJSON and KML)."""
        shown = {f.name: getattr(self, f.name) for f in fields(self) if not f.name.endswith(("_svg", "_ring"))}
        shown["incidents"] = [_entry_json(entry) for entry in self.incidents]
        for name in ("figures", "definitions", "digests", "zones"):
            shown[name] = [asdict(item) for item in shown[name]]
        return shown


def _entry_json(entry: IncidentEntry) -> dict[str, Any]:
    shown = asdict(entry)
    for name in ("tracks", "track_svg", "plot_svg"):
        del shown[name]
    shown["marks"] = entry.marks
    return shown
