"""Detections to incidents: meetings of two tracks become events with named parties, a place and a history.

The one place that translates between what the engine finds and what the alerting wing judges.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from alerts.incident import Incident, Party, Silence
from alerts.rules import Rules
from alerts.ship_types import is_merchant
from shipwatch.engine.detections import Detections, Gap, Rendezvous
from shipwatch.identities import AROUND_US, Identities, also_said, draught_changes, draughts, first_said, party
from shipwatch.port_calls import Calls, next_calls, voyage
from shipwatch.rafts import Group, Grouping, is_close, pair_intervals, sorted_pair

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
KEPT_US = 24 * HOUR_US
"""So long after its end an incident may still be joined by a late piece or by what its ships send of themselves."""
SAID = ("imo", "name", "callsign", "ship_type", "length_m", "beam_m")
"""Fields of a party that a ship may send only after the meeting."""
SILENCE_NEAR_US = 6 * HOUR_US
SILENCES_KEPT_US = 14 * 24 * HOUR_US
"""Gaps told longer ago than this are not asked for any more."""


class Places(Protocol):
    """What the watch knows of a place; degrees in, WGS 84."""

    def zones_at(self, lat: float, lon: float) -> tuple[str, ...]:
        """Names of the watched zones there."""

    def in_port(self, lat: float, lon: float) -> bool:
        """Whether it is in a port or an anchorage."""

    def port_name(self, lat: float, lon: float) -> str:
        """Name of the port or anchorage there."""

    def shore_distance_m(self, lat: float, lon: float) -> float | None:
        """Metres from the nearest shore, None where that is not known."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """Open events and those of the last day: plain data, never changed in place."""

    meetings: Mapping[str, Rendezvous] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    group_of: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[Rendezvous, ...] = ()
    """Revisions whose minute may not be complete yet."""
    done_us: int | None = None
    """The last whole minute that was worked off."""


def update(
    state: Incidents,
    detections: Detections,
    identities: Identities,
    places: Places,
    rules: Rules,
    *,
    gaps: Mapping[str, Sequence[Gap]] | None = None,
    shared_mmsi: Mapping[int, int] | None = None,
    calls: Calls | None = None,
    final: bool = False,
) -> tuple[Incidents, tuple[Incident, ...]]:
    """The state and the incident revisions that these detections give, in order of (published_us, id).

    Meetings are worked off minute by minute of ``published_us``. A minute waits until ``detections.processed_us`` has
    reached it, or, where that is None, not at all; ``final`` works off all. So the revisions do not depend on how the
    detections were cut into batches, as long as ``identities`` has learnt what was sent up to ``processed_us``: parties
    are those known at the minute of publication. ``gaps`` (each revision, by track) and ``shared_mmsi`` (since when two
    hulls are known to send under it) are only noted, as known at that minute.
    A withdrawn incident says why in ``withdrawn_reason``. Ended incidents are revised for a day when a party's draught
    changes.
    """
    waiting = sorted((*state.waiting, *detections.rendezvous), key=lambda meeting: (meeting.published_us, meeting.id))
    last_us = waiting[-1].published_us if waiting else state.done_us
    until_us = detections.processed_us if detections.processed_us is not None and not final else last_us
    if until_us is None:
        return state, ()
    if final and detections.processed_us is not None:
        until_us = max(until_us, detections.processed_us)
    ready = [meeting for meeting in waiting if meeting.published_us <= until_us]
    held = tuple(meeting for meeting in waiting if meeting.published_us > until_us)
    desk = _Desk(state, identities, places, rules, gaps or {}, shared_mmsi or {}, calls or {})
    found = desk.work_off(ready, until_us)
    return Incidents(desk.grouping.meetings, desk.grouping.groups, desk.grouping.group_of, held, desk.done_us), found


class _Desk:
    """One call's working copy; nothing of it outlives the call but plain data."""

    def __init__(
        self,
        state: Incidents,
        identities: Identities,
        places: Places,
        rules: Rules,
        gaps: Mapping[str, Sequence[Gap]],
        shared_mmsi: Mapping[int, int],
        calls: Calls,
    ) -> None:
        self.identities, self.places, self.rules, self.gaps = identities, places, rules, gaps
        self.shared_mmsi, self.calls, self.done_us = shared_mmsi, calls, state.done_us
        self.grouping = Grouping(dict(state.meetings), dict(state.groups), dict(state.group_of), _nobody)
        self.mmsi_of = {
            track: mmsi
            for meeting in state.meetings.values()
            for track, mmsi in ((meeting.track_a, meeting.mmsi_a), (meeting.track_b, meeting.mmsi_b))
        }

    def work_off(self, ready: Sequence[Rendezvous], until_us: int) -> tuple[Incident, ...]:
        """Every minute up to ``until_us`` at which something was published or a draught became known."""
        by_minute: dict[int, dict[str, Rendezvous]] = {}
        for meeting in ready:
            by_minute.setdefault(meeting.published_us, {})[meeting.id] = meeting
        minutes = [(minute, "") for minute in by_minute]
        for group in self.grouping.groups.values():
            minutes += self._late_minutes(group, until_us)
        heapq.heapify(minutes)
        found: list[Incident] = []
        while minutes:
            minute = minutes[0][0]
            asked: set[str] = set()
            while minutes and minutes[0][0] == minute:
                asked.add(heapq.heappop(minutes)[1])
            found += self._minute(minute, list(by_minute.get(minute, {}).values()), asked)
            for name in sorted(self.grouping.touched):
                for due in self._late_minutes(self.grouping.groups[name], until_us):
                    heapq.heappush(minutes, due)
        self._forget(until_us)
        return tuple(found)

    def _minute(self, minute_us: int, revisions: list[Rendezvous], asked: set[str]) -> list[Incident]:
        for meeting in revisions:
            self.mmsi_of[meeting.track_a], self.mmsi_of[meeting.track_b] = meeting.mmsi_a, meeting.mmsi_b
        self._forget(minute_us)
        self.grouping.publish(revisions, minute_us, self._attends_at(minute_us))
        self.grouping.touched |= {name for name in asked if self._awaits_draughts(name, minute_us)}
        self.done_us = minute_us
        found: list[Incident] = []
        for gone, heir in self.grouping.merged:
            if gone.told is not None:
                reason = f"merged into {self.grouping.heir(heir)}"
                found.append(replace(gone.told, published_us=minute_us, withdrawn_reason=reason))
        for name in self.grouping.touched:
            group = self.grouping.groups[name]
            incident = self._incident(group, minute_us)
            if group.told is None or replace(group.told, published_us=minute_us) != incident:
                found.append(incident)
                self.grouping.groups[name] = replace(group, told=incident)
        return sorted(found, key=lambda incident: incident.id)

    def _awaits_draughts(self, name: str, minute_us: int) -> bool:
        """Whether a group still stands and has ended not long ago: it may have gone on since it was asked for."""
        group = self.grouping.groups.get(name)
        return group is not None and minute_us <= _kept_until_us(group, default=minute_us - 1)

    def _forget(self, minute_us: int) -> None:
        """Drop what ended long ago: by the clock of publications, so that it does not depend on batches.

        Not while a meeting kept with it goes on: its next revision would open an event under an id already told.
        """
        long_ago = [
            name for name, group in self.grouping.groups.items() if _kept_until_us(group, default=minute_us) < minute_us
        ]
        self.grouping.drop([name for name in long_ago if self.grouping.has_ended(name)])

    def _late_minutes(self, group: Group, until_us: int) -> list[tuple[int, str]]:
        """The whole minutes, not yet worked off, of what an ended incident's ships sent anew, or came to a port."""
        told = group.told
        if told is None or told.end_us is None:
            return []
        since_us = told.published_us if self.done_us is None else max(told.published_us, self.done_us)
        last_us = min(until_us, told.end_us + KEPT_US)
        times = {
            -(-change // MINUTE_US) * MINUTE_US
            for ship in told.parties
            if ship.role == "party"
            for news in (draught_changes, first_said)
            for change in news(self.identities, ship.mmsi, since_us, last_us)
        }
        for ship in told.parties:
            if ship.role == "party" and ship.next_port is None:
                began = next_calls(self.calls.get(ship.mmsi, ()), max(since_us, told.end_us), last_us)
                times |= {-(-change // MINUTE_US) * MINUTE_US for change in began}
        return [(minute, group.id) for minute in sorted(times) if since_us < minute <= last_us]

    def _attends_at(self, minute_us: int) -> Callable[[str, str, bool], bool]:
        ships: dict[str, Party] = {}
        answers: dict[tuple[str, str, bool], bool] = {}

        def ship(track: str) -> Party:
            if track not in ships:
                ships[track] = party(self.identities, track, self.mmsi_of[track], minute_us)
            return ships[track]

        def attends(one: str, other: str, close: bool) -> bool:
            if (one, other, close) not in answers:
                answers[one, other, close] = self.rules.attends(ship(one), ship(other), close=close)
            return answers[one, other, close]

        return attends

    def _incident(self, group: Group, minute_us: int) -> Incident:
        """The group as an incident: figures of its principal pair, ends of its main meetings."""
        main = self.grouping.main(group)
        members = [self.grouping.meetings[key] for key in (*group.linked, *group.absorbed)]
        start_us, end_us = min(m.start_us for m in main), max(m.end_us for m in main)
        ended = all(meeting.phase == "ended" for meeting in main)
        raft = {track for meeting in main for track in (meeting.track_a, meeting.track_b)}
        tracks = sorted({track for meeting in members for track in (meeting.track_a, meeting.track_b)})
        parties = [
            self._party(track, "party" if track in raft else "attending", start_us, end_us, minute_us)
            for track in tracks
        ]
        parties.sort(key=lambda ship: (ship.role != "party", ship.mmsi, ship.track))
        ships = {ship.track: ship for ship in parties}
        pair = max(main, key=lambda meeting: _principal_rank(meeting, ships))
        lat, lon = pair.lat, pair.lon
        shore_m = self.places.shore_distance_m(lat, lon)
        return Incident(
            id=group.id,
            kind="rendezvous",
            phase="ended" if ended else "ongoing",
            published_us=minute_us,
            start_us=start_us,
            end_us=end_us if ended else None,
            lat=lat,
            lon=lon,
            zones=tuple(self.places.zones_at(lat, lon)),
            parties=tuple(parties),
            intervals=pair_intervals(members),
            observed_s=pair.observed_s,
            inferred_s=pair.inferred_s,
            dark_s=pair.dark_s,
            min_distance_m=pair.min_distance_m,
            median_distance_m=pair.median_distance_m,
            hull_gap_m=pair.hull_gap_m,
            heading_difference_deg=pair.heading_difference_deg,
            median_speed_kn=pair.median_speed_kn,
            relative_speed_kn=pair.relative_speed_kn,
            alongside=pair.alongside,
            settled=pair.settled,
            shore_distance_m=None if shore_m is None else round(shore_m),
            in_port=bool(self.places.in_port(lat, lon)),
            lowered_by=self.rules.labels(
                ships[pair.track_a], ships[pair.track_b], pair.hull_gap_m, pair.median_speed_kn
            ),
            principal=sorted_pair(pair),
            ended_by=max(main, key=lambda m: (m.end_us, m.id)).ended_by if ended else None,
            silences=self._silences(tracks, start_us, end_us, minute_us),
        )

    def _party(self, track: str, role: str, start_us: int, end_us: int, minute_us: int) -> Party:
        """The ship as it called itself when they met; what it had not said by then, as it said it later."""
        mmsi = self.mmsi_of[track]
        before, after = draughts(self.identities, mmsi, start_us, minute_us)
        ship = party(self.identities, track, mmsi, min(end_us, minute_us))
        later = party(self.identities, track, mmsi, minute_us)
        unsaid = {name: getattr(later, name) for name in SAID if getattr(ship, name) is None}
        ship = replace(ship, **unsaid)
        also = also_said(self.identities, ship, start_us - AROUND_US, min(end_us, minute_us))
        shared = self.shared_mmsi.get(mmsi, minute_us + 1) <= minute_us
        ship = voyage(ship, self.calls.get(mmsi, ()), start_us, end_us, minute_us, self.places.port_name)
        return replace(
            ship, role=role, draught_before_m=before, draught_after_m=after, shared_mmsi=shared, also_sent=also
        )

    def _silences(self, tracks: Sequence[str], start_us: int, end_us: int, minute_us: int) -> tuple[Silence, ...]:
        """Gaps of the parties that touch the event or border on it, as known by the minute of publication."""
        found: list[Silence] = []
        for track in tracks:
            known = {
                gap.id: gap
                for gap in self.gaps.get(track, ())
                if minute_us - SILENCES_KEPT_US <= gap.published_us <= minute_us
            }
            for gap in known.values():
                begins_near = gap.off_us <= end_us + SILENCE_NEAR_US
                if begins_near and (gap.on_us is None or gap.on_us >= start_us - SILENCE_NEAR_US):
                    found.append(Silence(track, gap.off_us, gap.on_us))
        return tuple(sorted(found, key=lambda silence: (silence.off_us, silence.track)))


def _nobody(one: str, other: str, close: bool) -> bool:
    return False


def _kept_until_us(group: Group, default: int) -> int:
    if group.told is None or group.told.end_us is None:
        return default
    return group.told.end_us + KEPT_US


def _principal_rank(
    meeting: Rendezvous, ships: Mapping[str, Party]
) -> tuple[bool, bool, int, int, tuple[str, str], str]:
    """Ships that carry cargo first, then hull to hull, then the longest observed, then the nearest."""
    merchants = all(is_merchant(ships[track].ship_type) for track in (meeting.track_a, meeting.track_b))
    return (
        merchants, is_close(meeting), meeting.observed_s, -meeting.median_distance_m, sorted_pair(meeting), meeting.id,
    )  # fmt: skip
