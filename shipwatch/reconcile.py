"""The night's look back: a day's journal replayed with its late lines in place, held against what was concluded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from alerts.alert_json import alert_to_json
from alerts.incident import Alert
from decoders.reports import Batch, add_counts
from shipwatch.hearing import Hearing
from shipwatch.journal import Loss, position_at, read_journal
from shipwatch.outputs import newest
from shipwatch.pipeline import Outcome, Pipeline
from shipwatch.replay import AHEAD_S, JOURNAL_RECORDS, replay_batches

REASON = "late data"
DAY_US = 24 * 3600 * 1_000_000
AROUND_US = DAY_US
"""So much of the journal before and after the day is replayed with it: meetings go on over midnight."""
EDGE_US = 6 * 3600 * 1_000_000
"""An event so close to the end of what was replayed may be cut by it (the longest hole that one meeting bridges)."""
_HELD_AGAINST = (
    "kind", "start", "end", "observed_s", "inferred_s", "dark_s", "min_distance_m", "median_distance_m", "alongside",
)  # fmt: skip
"""What was found, not how it was judged: lists and rules may be others today."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One event of which the replay says something else: ``kind`` is changed, new or gone.

    ``was`` and ``now`` are the values that differ (of a new or gone one, all that are held against each other).
    """

    kind: str
    alert_id: str
    was: Mapping[str, Any]
    now: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What became of a day: how many events are the same, which are not, and the revisions that follow.

    ``cut`` counts events that reach beyond what was replayed: nothing is said of them. Events that are ``gone`` get no
    revision: what was told stands until somebody has looked.
    """

    day: str
    records: int
    same: int
    cut: int
    differences: tuple[Difference, ...]
    revisions: tuple[Alert, ...]
    lines: Mapping[str, int]
    losses: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "day": self.day, "records": self.records, "same": self.same, "cut": self.cut,
            "differences": [
                {"kind": item.kind, "alert": item.alert_id, "was": dict(item.was), "now": dict(item.now)}
                for item in self.differences
            ],
            "revisions": [alert_to_json(alert) for alert in self.revisions],
            "lines": dict(sorted(self.lines.items())), "journal_losses": list(self.losses),
        }  # fmt: skip

    def outcome(self) -> Outcome:
        """What is to be recorded."""
        return Outcome(alerts=self.revisions)


def reconcile(
    journal: Path,
    day: date,
    pipeline: Pipeline,
    stored: Sequence[Mapping[str, Any]],
    *,
    ahead_s: float = AHEAD_S,
) -> Reconciliation:
    """Replay the journal of a UTC day (and of a day on either side) and hold it against ``stored``, its alerts.

    ``stored`` are the newest alert objects of all events with a part in the day. The replay sorts by time, so that
    what came too late to be looked at live is in its place. An event that is found again keeps its first id, whatever
    its first contact is now: it is known by its ships and by when it was. Raises ``JournalError``.
    """
    midnight_us = (day - date(1970, 1, 1)).days * DAY_US
    window = (midnight_us - AROUND_US, midnight_us + DAY_US + AROUND_US)
    heard = _Heard(journal, window, ahead_s)
    result = replay_batches(heard.batches(), pipeline)
    reached = (heard.complete_from_us, heard.last_us if heard.last_us is not None else window[0])
    found = {alert.id: alert for alert in newest(result.alerts) if alert.state != "withdrawn"}
    again = {id: alert_to_json(alert) for id, alert in found.items()}
    standing = {str(item["id"]): item for item in stored if item["state"] != "withdrawn"}
    pairs = _paired(standing, again)
    same = cut = 0
    differences: list[Difference] = []
    revisions: list[Alert] = []
    for old_id, new_id in pairs:
        was, now = standing[old_id], again[new_id]
        if _beyond(was, reached) or _beyond(now, reached):
            cut += 1
            continue
        changed = [name for name in _HELD_AGAINST if was.get(name) != now.get(name)]
        if not changed:
            same += 1
            continue
        differences.append(
            Difference("changed", old_id, {n: was.get(n) for n in changed}, {n: now.get(n) for n in changed})
        )
        revisions.append(_revision(found[new_id], old_id, int(was["revision"]) + 1))
    ours, theirs = {old for old, _ in pairs}, {new for _, new in pairs}
    day_span = (midnight_us, midnight_us + DAY_US)
    for id, item in sorted(again.items()):
        if id in theirs or not _touches(item, day_span):
            continue
        if _beyond(item, reached):
            cut += 1
            continue
        differences.append(Difference("new", id, {}, {name: item.get(name) for name in _HELD_AGAINST}))
        revisions.append(_revision(found[id], id, 1))
    for id, was in sorted(standing.items()):
        if id in ours:
            continue
        if _beyond(was, reached):
            cut += 1
            continue
        differences.append(Difference("gone", id, {name: was.get(name) for name in _HELD_AGAINST}, {}))
    return Reconciliation(
        day.isoformat(), heard.records, same, cut, tuple(differences), tuple(revisions), heard.lines,
        tuple(heard.losses),
    )  # fmt: skip


class _Heard:
    """The records of a span of the receiver's clock, decoded as the live service decoded them."""

    def __init__(self, journal: Path, window: tuple[int, int], ahead_s: float) -> None:
        self.records = 0
        self.complete_from_us = window[0] + EDGE_US
        """From here on nothing can be cut off by the beginning of what is replayed."""
        self.last_us: int | None = None
        self.lines: dict[str, int] = {}
        self.losses: list[str] = []
        self._journal, self._window, self._ahead_s = journal, window, ahead_s

    def batches(self) -> Iterator[Batch]:
        hearing = Hearing(self._ahead_s)
        start_us, end_us = self._window
        records = (
            record
            for record in takewhile(
                lambda record: record[1] < end_us + EDGE_US,
                read_journal(self._journal, position_at(self._journal, start_us), self._lost),
            )
            if start_us <= record[1] < end_us
        )
        while some := list(islice(records, JOURNAL_RECORDS)):
            self.records += len(some)
            if some[0][0] == 0:  # where the journal begins, the live service began too
                self.complete_from_us = 0
            self.last_us = some[-1][1]
            for batch in hearing.hear(some):
                yield self._counted(batch)
        yield self._counted(hearing.finish())

    def _lost(self, loss: Loss) -> None:
        self.losses.append(str(loss))

    def _counted(self, batch: Batch) -> Batch:
        add_counts(self.lines, batch.lines)
        return batch


def _paired(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Events that are one: the same id, else the same kind and ships with the longest overlap, each once."""
    pairs = [(id, id) for id in sorted(old) if id in new]
    candidates = []
    for old_id in sorted(old.keys() - new.keys()):
        for new_id in sorted(new.keys() - old.keys()):
            was, now = old[old_id], new[new_id]
            if was["kind"] != now["kind"] or not _ships(was) & _ships(now):
                continue
            if len(_ships(was)) > 1 and len(_ships(was) & _ships(now)) < 2:
                continue
            overlap = min(_end(was), _end(now)) - max(_us(was["start"]), _us(now["start"]))
            if overlap >= 0:
                candidates.append((-overlap, old_id, new_id))
    taken: set[str] = set()
    for _, old_id, new_id in sorted(candidates):
        if old_id not in taken and new_id not in taken:
            taken |= {old_id, new_id}
            pairs.append((old_id, new_id))
    return pairs


def _revision(alert: Alert, id: str, revision: int) -> Alert:
    return replace(alert, incident=replace(alert.incident, id=id), revision=revision, revision_reason=REASON)


def _ships(item: Mapping[str, Any]) -> set[int]:
    return {int(party["mmsi"]) for party in item["parties"] if party["role"] == "party"}


def _beyond(item: Mapping[str, Any], reached: tuple[int, int]) -> bool:
    return _us(item["start"]) < reached[0] or _end(item) > reached[1] - EDGE_US


def _touches(item: Mapping[str, Any], span: tuple[int, int]) -> bool:
    return _us(item["start"]) < span[1] and _end(item) >= span[0]


def _end(item: Mapping[str, Any]) -> int:
    return _us(item["end"]) if item["end"] else 2**62


def _us(text: str) -> int:
    return (datetime.fromisoformat(text) - datetime.fromisoformat("1970-01-01T00:00:00Z")) // timedelta(microseconds=1)
