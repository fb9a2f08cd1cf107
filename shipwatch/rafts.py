"""Which meetings of two tracks are one event: rafts of ships alongside one another, and vessels that attend them.

Meetings that overlap in time and share a track are *linked* when both are hull to hull. A meeting of two ships of the
same raft that are not hull to hull with one another, and the meeting of a tug, workboat or barge with a ship that is
itself in a meeting, are *absorbed*: kept with the event, never moving its ends. Both stick: what was once judged one
event stays one, so that an event does not come and go with every revision of its pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from alerts.incident import Incident, PairInterval
from shipwatch.engine.detections import Rendezvous

CLOSE_M = 100
"""Between antennas, where hulls are not known: settled within this is taken for hull to hull."""

Attends = Callable[[str, str, bool], bool]
"""Whether one track's ship attends another's; the flag says that the other's own meeting is hull to hull."""


@dataclass(frozen=True, slots=True)
class Group:
    """One event: the meetings that make it, those kept with it, and the incident last told of it."""

    id: str
    opened_us: int
    linked: tuple[str, ...]
    absorbed: tuple[str, ...] = ()
    told: Incident | None = None


def is_close(meeting: Rendezvous) -> bool:
    """Whether two ships lay hull to hull, or near enough where their hulls are not known."""
    if meeting.alongside is not None:
        return meeting.alongside
    return meeting.hull_gap_m is None and meeting.settled and meeting.median_distance_m <= CLOSE_M


def overlap_us(one: Rendezvous, other: Rendezvous) -> int:
    """Microseconds that two meetings have in common; negative where they lie apart."""
    return min(one.end_us, other.end_us) - max(one.start_us, other.start_us)


def sorted_pair(meeting: Rendezvous) -> tuple[str, str]:
    """Its two tracks in one order, whichever of them it names first."""
    first, second = sorted((meeting.track_a, meeting.track_b))
    return first, second


def pair_intervals(members: Iterable[Rendezvous]) -> tuple[PairInterval, ...]:
    """The pieces of all these meetings in order of time, each with its pair."""
    found = [
        PairInterval(sorted_pair(meeting), piece.start_us, piece.end_us, str(piece.kind))
        for meeting in members
        for piece in meeting.intervals
    ]
    return tuple(sorted(found, key=lambda piece: (piece.start_us, piece.pair, piece.end_us, piece.kind)))


class Grouping:
    """Working copy of meetings and groups for one whole minute of publications; made, changed and read in one place."""

    def __init__(
        self, meetings: dict[str, Rendezvous], groups: dict[str, Group], group_of: dict[str, str], attends: Attends
    ) -> None:
        self.meetings, self.groups, self.group_of, self.attends = meetings, groups, group_of, attends
        self.by_track: dict[str, set[str]] = {}
        self.touched: set[str] = set()
        self.merged: list[tuple[Group, str]] = []
        for meeting in meetings.values():
            self._index(meeting)

    def publish(self, revisions: Iterable[Rendezvous], at_us: int, attends: Attends) -> None:
        """Take one minute's revisions and group anew what they touch; ``touched`` and ``merged`` say what changed."""
        self.touched, self.merged, self.attends = set(), [], attends
        changed = sorted(revisions, key=lambda meeting: meeting.id)
        for meeting in changed:
            self.meetings[meeting.id] = meeting
            self._index(meeting)
            if meeting.id not in self.group_of:
                self.group_of[meeting.id] = meeting.id
                self.groups[meeting.id] = Group(meeting.id, at_us, (meeting.id,))
            self.touched.add(self.group_of[meeting.id])
        for meeting in changed:
            for other in self._neighbours(meeting):
                if self._links(meeting, other):
                    self._unite(self.group_of[meeting.id], self.group_of[other.id])
        # Who attends an event has to be known before who lies near whom within it.
        for found in (self._attended, self._surrounding):
            for name in self._meetings_near(self.touched):
                self._try_to_absorb(self.meetings[name], found)

    def drop(self, names: Iterable[str]) -> None:
        """Forget groups and their meetings."""
        for name in names:
            group = self.groups.pop(name)
            for key in (*group.linked, *group.absorbed):
                meeting = self.meetings.pop(key)
                del self.group_of[key]
                for track in (meeting.track_a, meeting.track_b):
                    self.by_track[track].discard(key)
                    if not self.by_track[track]:
                        del self.by_track[track]

    def has_ended(self, name: str) -> bool:
        """Whether every meeting of a group has, those that are only kept with it too."""
        group = self.groups[name]
        return all(self.meetings[key].phase == "ended" for key in (*group.linked, *group.absorbed))

    def heir(self, name: str) -> str:
        """The group into which a group of that name has gone by now, itself where it still stands."""
        into = {gone.id: heir for gone, heir in self.merged}
        while name not in self.groups:
            name = into[name]
        return name

    def main(self, group: Group) -> list[Rendezvous]:
        """The meetings that make an event: those of its parties, or all linked ones where all are of attendants."""
        linked = [self.meetings[key] for key in group.linked]
        return [meeting for meeting in linked if not self._is_service(meeting, close=False)] or linked

    def _index(self, meeting: Rendezvous) -> None:
        for track in (meeting.track_a, meeting.track_b):
            self.by_track.setdefault(track, set()).add(meeting.id)

    def _tracks(self, group: Group, *, absorbed: bool = False) -> set[str]:
        keys = (*group.linked, *group.absorbed) if absorbed else group.linked
        return {track for key in keys for track in (self.meetings[key].track_a, self.meetings[key].track_b)}

    def _meetings_near(self, names: Iterable[str]) -> list[str]:
        """Every meeting of a track that has part in one of these groups, in order of id."""
        tracks = {track for name in names for track in self._tracks(self.groups[name], absorbed=True)}
        return sorted({key for track in tracks for key in self.by_track[track]})

    def _neighbours(self, meeting: Rendezvous) -> list[Rendezvous]:
        """Other meetings of either track that overlap this one in time, in order of id."""
        keys = (self.by_track[meeting.track_a] | self.by_track[meeting.track_b]) - {meeting.id}
        others = [self.meetings[key] for key in sorted(keys)]
        return [other for other in others if overlap_us(meeting, other) >= 0]

    def _is_service(self, meeting: Rendezvous, *, close: bool) -> bool:
        a, b = meeting.track_a, meeting.track_b
        return self.attends(a, b, close) or self.attends(b, a, close)

    def _is_absorbed(self, meeting: Rendezvous) -> bool:
        return meeting.id in self.groups[self.group_of[meeting.id]].absorbed

    def _links(self, one: Rendezvous, other: Rendezvous) -> bool:
        """Both hull to hull and both between parties, or both of vessels that attend the shared ship."""
        shared = {one.track_a, one.track_b} & {other.track_a, other.track_b}
        if len(shared) != 1 or not (is_close(one) and is_close(other)):
            return False
        if self._is_absorbed(one) or self._is_absorbed(other):
            return False
        ship = shared.pop()
        services = [self._is_service(meeting, close=True) for meeting in (one, other)]
        if not any(services):
            return True
        return all(self.attends(_partner(meeting, ship), ship, True) for meeting in (one, other))

    def _unite(self, one: str, other: str) -> None:
        """Two groups become one under the id of the one opened first."""
        if one == other:
            return
        kept, gone = sorted((self.groups[one], self.groups[other]), key=lambda group: (group.opened_us, group.id))
        linked = tuple(sorted({*kept.linked, *gone.linked}))
        self._become(replace(kept, linked=linked, absorbed=tuple(sorted({*kept.absorbed, *gone.absorbed}))), gone)

    def _become(self, kept: Group, gone: Group) -> None:
        self.groups[kept.id] = kept
        del self.groups[gone.id]
        for key in (*gone.linked, *gone.absorbed):
            self.group_of[key] = kept.id
        self.touched.discard(gone.id)
        self.touched.add(kept.id)
        self.merged.append((gone, kept.id))

    def _try_to_absorb(self, meeting: Rendezvous, found: Callable[[Rendezvous], str | None]) -> None:
        if self._is_absorbed(meeting):
            return
        target = found(meeting)
        own = self.group_of[meeting.id]
        if target is None or target == own:
            return
        group, mine = self.groups[target], self.groups[own]
        left = tuple(key for key in mine.linked if key != meeting.id)
        if left:
            self.groups[own] = replace(mine, linked=left)
            self.groups[target] = replace(group, absorbed=tuple(sorted((*group.absorbed, meeting.id))))
            self.group_of[meeting.id] = target
            self.touched |= {own, target}
        else:
            self._become(replace(group, absorbed=tuple(sorted({*group.absorbed, meeting.id, *mine.absorbed}))), mine)

    def _attended(self, meeting: Rendezvous) -> str | None:
        """The event that this meeting's tug, workboat or barge attends: the one it shares the longest time with."""
        found: list[tuple[int, int, str]] = []
        for other in self._neighbours(meeting):
            shared = {meeting.track_a, meeting.track_b} & {other.track_a, other.track_b}
            if len(shared) != 1 or self._is_service(other, close=True):
                continue
            ship = shared.pop()
            if self.attends(_partner(meeting, ship), ship, is_close(other)) and not self._is_absorbed(other):
                found.append((-overlap_us(meeting, other), other.start_us, other.id))
        return self.group_of[min(found)[2]] if found else None

    def _surrounding(self, meeting: Rendezvous) -> str | None:
        """The raft of which both ships are part though not hull to hull, or which both attend."""
        if len(self.groups[self.group_of[meeting.id]].linked) > 1:
            return None
        service = self._is_service(meeting, close=False)
        if is_close(meeting) and not service:
            return None
        names = {self.group_of[other.id] for other in self._neighbours(meeting)} - {self.group_of[meeting.id]}
        for name in sorted(names, key=lambda name: (self.groups[name].opened_us, name)):
            group = self.groups[name]
            if {meeting.track_a, meeting.track_b} <= self._tracks(group, absorbed=service):
                return name
        return None


def _partner(meeting: Rendezvous, track: str) -> str:
    return meeting.track_b if meeting.track_a == track else meeting.track_a
