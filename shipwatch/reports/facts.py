"""What a summary is made from: what the ledger told in the period and before, runs, reception, tracks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from decoders.reports import PositionReports
from geofences.zones import ZoneSet
from shipwatch.reports.area import Area
from shipwatch.reports.duty_day import DAY_US, DutyDay
from shipwatch.reports.reception import Reception, count_reception

AROUND_US = 2 * 3_600_000_000
"""Tracks are drawn from two hours before an incident to two hours after."""
LONGEST_TRACK_US = 3 * DAY_US


class TellsAlerts(Protocol):
    """What a summary asks of the ledger."""

    def revisions_touching(self, since_us: int, until_us: int) -> list[tuple[int, int, dict[str, Any]]]: ...

    def events_between(self, kind: str, since_us: int, until_us: int) -> list[dict[str, Any]]: ...

    def runs(self) -> list[dict[str, Any]]: ...


class KeepsPositions(Protocol):
    """What a summary asks of the archive."""

    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports: ...

    def blocks(self, start_us: int, end_us: int) -> Iterator[PositionReports]: ...


@dataclass(frozen=True, slots=True)
class Told:
    """One revision of an alert: when it was published (event time), by which run, and the public object."""

    published_us: int
    run_id: int
    alert: Mapping[str, Any]

    @property
    def start_us(self) -> int:
        """When the incident began."""
        return time_us(self.alert["start"])

    @property
    def known_until_us(self) -> int:
        """Until when it is known to have gone on: its end, or the last that was told of it."""
        if self.alert["end"] is not None:
            return time_us(self.alert["end"])
        return max([self.start_us, self.published_us, *(time_us(piece["end"]) for piece in self.alert["intervals"])])


@dataclass(frozen=True, slots=True)
class Story:
    """An alert's revisions, oldest first."""

    revisions: tuple[Told, ...]

    @property
    def newest(self) -> Told:
        """The revision that stands."""
        return self.revisions[-1]

    def touches(self, start_us: int, end_us: int) -> bool:
        """Whether the incident, as it stands, was going on in the period."""
        return self.newest.start_us < end_us and self.newest.known_until_us >= start_us

    def inside(self, area: Area) -> bool:
        """Whether it lies in the area."""
        return bool(area.holds(self.newest.alert["lat"], self.newest.alert["lon"])[0])


@dataclass(frozen=True, slots=True)
class Facts:
    """All that ``compose`` reads; nothing in it is asked again."""

    day: DutyDay
    area: Area
    marking: str
    version: str
    stories: tuple[Story, ...]
    before: tuple[Story, ...]
    runs: tuple[Mapping[str, Any], ...]
    gaps: tuple[Mapping[str, Any], ...]
    reception: Reception
    reception_before: Reception
    tracks: Mapping[str, Mapping[int, PositionReports]] = field(default_factory=dict)


def gather(
    ledger: TellsAlerts,
    archive: KeepsPositions | None,
    day: DutyDay,
    area: Area,
    *,
    marking: str,
    version: str,
    zones: ZoneSet | None = None,
) -> Facts:
    """Ask ledger and archive for what the summary of that day and area needs; ``archive`` None: no tracks, no counts.

    Reception is told of each watched zone of ``zones`` that touches the area.

    ``stories`` are the incidents of the period with those withdrawn in it, ``before`` those of the 24 hours before.
    """
    start_us, end_us = day.start_us, day.end_us
    stories = [story for story in _stories(ledger, start_us - DAY_US, end_us) if story.inside(area)]
    now = tuple(story for story in stories if story.touches(start_us, end_us) or _told_in(story, start_us, end_us))
    gaps = [
        gap
        for gap in ledger.events_between("gap", start_us, end_us)
        if gap["lat"] is not None and area.holds(gap["lat"], gap["lon"])[0]
    ]
    heard = [Reception(), Reception()]
    tracks: dict[str, dict[int, PositionReports]] = {}
    if archive is not None:
        watched = [zone for zone in (zones.zones if zones else ()) if zone.kind == "watched"]
        asked = (start_us, ZoneSet(area.touching(watched))), (start_us - DAY_US, None)
        heard = [count_reception(archive.blocks(at, at + DAY_US), at, area, of) for at, of in asked]
        for story in now:
            tracks[story.newest.alert["id"]] = _tracks(archive, story.newest)
    return Facts(
        day=day, area=area, marking=marking, version=version, stories=now,
        before=tuple(story for story in stories if story.touches(start_us - DAY_US, start_us)),
        runs=tuple(ledger.runs()), gaps=tuple(gaps), reception=heard[0], reception_before=heard[1], tracks=tracks,
    )  # fmt: skip


def time_us(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 time with its zone."""
    return round(datetime.fromisoformat(text).timestamp() * 1e6)


def _stories(ledger: TellsAlerts, since_us: int, until_us: int) -> list[Story]:
    by_id: dict[str, list[Told]] = {}
    for published_us, run_id, alert in ledger.revisions_touching(since_us, until_us):
        by_id.setdefault(alert["id"], []).append(Told(published_us, run_id, alert))
    ordered = (tuple(sorted(told, key=lambda item: int(item.alert["revision"]))) for told in by_id.values())
    return sorted(map(Story, ordered), key=lambda story: (story.newest.start_us, story.newest.alert["id"]))


def _told_in(story: Story, start_us: int, end_us: int) -> bool:
    """Whether it was withdrawn within the period: that is told even where the incident itself is older."""
    newest = story.newest
    return newest.alert["state"] == "withdrawn" and start_us <= newest.published_us < end_us


def _tracks(archive: KeepsPositions, told: Told) -> dict[int, PositionReports]:
    start_us, end_us = told.start_us - AROUND_US, told.known_until_us + AROUND_US
    end_us = min(end_us, start_us + LONGEST_TRACK_US)
    parties: Sequence[Mapping[str, Any]] = told.alert["parties"]
    return {int(party["mmsi"]): archive.track(int(party["mmsi"]), start_us, end_us) for party in parties}
