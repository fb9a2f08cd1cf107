"""Stored alerts held against lists that have changed since they were told; what concerns them becomes a revision.

What may be concerned is found by the identifiers of the parties, not by screening every alert again. An alert that a
live service still revises is left to it and waits: it gets its revision when the service has let go of it, unless the
service told the same by then. Whatever is done twice adds nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from alerts.alert_reading import alert_from_json
from alerts.designations import Designation, DesignationSet
from alerts.errors import ListError
from alerts.lists.versions import diff_snapshots
from alerts.rescreen import Entry, rescreened
from alerts.rules import Rules
from shipwatch.live_memory import load
from shipwatch.party_index import class_ranges, entry_keys
from shipwatch.pipeline import Outcome
from shipwatch.rescreen_marks import Mark
from shipwatch.version import shipwatch_version

if TYPE_CHECKING:
    from alerts.incident import Alert
    from alerts.lists.store import ListStore
    from shipwatch.ledger import Ledger
    from shipwatch.rescreen_marks import Told

US = 1_000_000
MINUTE_US = 60 * US
DAY_US = 24 * 3600 * US
GIVEN_UP_US = 7 * DAY_US
"""A checkpoint whose watermark lies further back than this is of a service that will not go on."""
AT_ONCE = 200
"""Alerts read, judged and recorded together."""


@dataclass(slots=True)
class Changes:
    """Entries that are new, gone or otherwise than when some alert was told, and how their hulls are looked up."""

    entries: set[Entry] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    ranges: list[tuple[str, str]] = field(default_factory=list)

    def take(self, entries: Iterable[Designation]) -> None:
        """Add these entries."""
        for entry in entries:
            self.entries.add((entry.list, entry.entry))
            self.keys |= entry_keys(entry)
            self.ranges += class_ranges(entry)


@dataclass(frozen=True, slots=True)
class Rescreened:
    """What one rescreening did: entries that had changed, alerts looked at, revised, and waiting."""

    entries: int
    looked_at: int
    revised: tuple[tuple[str, int, str], ...]
    """(alert id, revision, its reason)."""
    waiting: int

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "entries": self.entries, "looked_at": self.looked_at, "waiting": self.waiting,
            "revised": [{"alert": id, "revision": number, "reason": why} for id, number, why in self.revised],
        }  # fmt: skip


def rescreen(
    ledger: Ledger,
    store: ListStore,
    designations: DesignationSet,
    rules: Rules,
    *,
    now_us: int,
    since_us: int,
    everything: bool = False,
    channels: Sequence[str] = (),
    digests: Mapping[str, str] | None = None,
) -> Rescreened:
    """Hold the alerts that began at ``since_us`` or later against the lists as they are now.

    Only entries that differ from what the alerts were told with are looked at; ``everything``: all entries. New
    revisions are published at the whole minute of ``now_us``, recorded under a run of their own, and delivered over
    ``channels`` like any other. ``digests`` are those of the station (``config``, ``zones``). Raises ``LedgerError``,
    ``ListError``.
    """
    sequence = ledger.last_sequence()
    before = ledger.rescreen_marks()
    marks = {s.list: Mark(s.id, _versions(store, s.list), sequence) for s in designations.snapshots}
    changes = _changes(ledger, store, designations, before, marks, everything=everything)
    held = _Held(ledger, now_us)
    run_id: int | None = None
    looked_at = 0
    revised: list[tuple[str, int, str]] = []
    done: set[str] = set()
    waiting: set[str] = set()
    found, queue = ledger.rescreen_candidates(changes.keys, changes.ranges, since_us)
    entries: frozenset[Entry] | _All = frozenset(changes.entries)
    for ids in _slices(sorted(found | queue), AT_ONCE):
        made: list[Alert] = []
        for told in ledger.newest_told(ids):
            id = str(told.alert["id"])
            looked_at += 1
            if held.has(id, told):
                waiting.add(id)
                continue
            # What an alert in the queue waits for may have been changed by an earlier rescreening.
            asked = _All() if id in queue else entries
            next_one = _next(ledger, told, designations, rules, asked, now_us)
            done.add(id)
            if next_one is not None:
                made.append(next_one)
        if not made:
            continue
        if run_id is None:
            run_id = _begin(ledger, designations, rules, now_us, digests or {})
        recorded = ledger.record(run_id, Outcome(alerts=tuple(made)), channels=channels)
        for alert in made:
            if alert.id in recorded.differing:  # somebody else revised it meanwhile: it is looked at again
                waiting.add(alert.id)
            else:
                revised.append((alert.id, alert.revision, alert.revision_reason))
    ledger.note_rescreened(marks, done - waiting, waiting)
    result = Rescreened(len(changes.entries), looked_at, tuple(revised), len(waiting))
    if run_id is not None:
        counts = {"entries": result.entries, "looked_at": looked_at, "revisions": len(revised), "waiting": len(waiting)}
        ledger.finish_run(run_id, finished_us=now_us, counts=counts, inputs=[{"path": "rescreen"}])
    return result


class _All:
    """Every entry."""

    def __contains__(self, entry: object) -> bool:
        return True


def _changes(
    ledger: Ledger,
    store: ListStore,
    designations: DesignationSet,
    before: Mapping[str, Mark],
    marks: Mapping[str, Mark],
    *,
    everything: bool,
) -> Changes:
    changes = Changes()
    asked: dict[int, list[dict[str, set[str]]]] = {}
    for snapshot in designations.snapshots:
        mark = before.get(snapshot.list)
        bases: set[str | None] = {None}
        if mark is not None:
            if mark.sequence not in asked:
                asked[mark.sequence] = ledger.lists_asked_since(mark.sequence)
            bases = {mark.snapshot}
            for run in asked[mark.sequence]:
                bases |= run.get(snapshot.list, {None})
            if mark.snapshot == snapshot.id and mark.versions != marks[snapshot.list].versions:
                bases.add(None)  # versions that came in behind it may date entries
        whole = everything or None in bases
        if not whole:
            bases.discard(snapshot.id)
            try:
                after = store.snapshot(snapshot.id)
                for base in sorted(base for base in bases if base is not None):
                    found = diff_snapshots(store.snapshot(base), after)
                    kept = [*found.renames, *found.reflags, *found.others]
                    changes.take([*found.additions, *found.removals, *(change.before for change in kept)])
                    changes.take([change.after for change in kept])
            except ListError:  # a version that the store does not hold any more
                whole = True
        if whole:
            changes.take(snapshot.designations)
    # A hull is met by what any list says of it, and under a listed company by what any list calls its owner.
    changed = [d for d in designations.designations if (d.list, d.entry) in changes.entries]
    hulls = {d.imo for d in changed if d.imo is not None}
    companies = {company.imo for d in changed if d.kind == "class" for company in d.companies} - {None}
    for hull in designations.hulls():
        named = companies and any(c.imo in companies for d in hull.designations for c in d.companies)
        if hull.imo in hulls or named:
            changes.keys.update(key for entry in hull.designations for key in entry_keys(entry))
    return changes


class _Held:
    """The alerts that live services may still revise: those in their checkpoints, and those told since."""

    def __init__(self, ledger: Ledger, now_us: int) -> None:
        self._ids: set[str] = set()
        self._since: dict[int, int] = {}
        for run_id, checkpoint in ledger.checkpoints():
            reached_us = checkpoint.processed_us or 0
            if reached_us < now_us - GIVEN_UP_US:
                continue
            self._since[run_id] = reached_us
            try:
                self._ids |= load(checkpoint.blob, 0.0).state.alerts.keys()
            except ValueError:  # another version's: the service will work all of its journal off again
                self._since[run_id] = -1

    def has(self, id: str, told: Told) -> bool:
        return id in self._ids or told.published_us > self._since.get(told.run_id, told.published_us)


def _next(
    ledger: Ledger,
    told: Told,
    designations: DesignationSet,
    rules: Rules,
    changed: frozenset[Entry] | _All,
    now_us: int,
) -> Alert | None:
    alert = alert_from_json(told.alert)

    def reasons() -> list[str]:
        return [str(item["revision_reason"]) for item in ledger.revisions(alert.id)]

    return rescreened(
        alert, designations, rules, changed=changed, told=reasons, published_us=now_us // MINUTE_US * MINUTE_US
    )


def _begin(ledger: Ledger, designations: DesignationSet, rules: Rules, now_us: int, digests: Mapping[str, str]) -> int:
    return ledger.start_run(
        started_us=now_us, version=shipwatch_version(), inputs=[{"path": "rescreen"}],
        config_digest=digests.get("config", ""), rules_digest=rules.digest, zones_digest=digests.get("zones", ""),
        snapshots=designations.snapshots,
    )  # fmt: skip


def _versions(store: ListStore, name: str) -> str:
    """A digest of all versions that the store holds of a list: others may date its entries."""
    held = sorted(record.id for record in store.records() if record.list == name)
    return hashlib.sha256("\n".join(held).encode()).hexdigest()


def _slices(ids: Iterable[str], size: int) -> Iterable[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some
