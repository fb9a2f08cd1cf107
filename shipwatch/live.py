"""The live service: feed lines to journal, to pipeline, to ledger, to delivery; stopped or killed, it goes on there.

What it concludes follows from its journal alone. Every round journals what arrived, decodes it and advances the
pipeline; outcomes are recorded with their deliveries, and from time to time with a checkpoint of everything remembered,
in one transaction. A restart reads the journal on from the checkpoint: revisions that were recorded already are known
by their id and number and are neither recorded nor delivered again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, Protocol

from alerts.errors import ListError
from decoders.reports import Batch, PositionReports, add_counts
from shipwatch.archive_parts import ArchiveError
from shipwatch.checkpoints import Checkpoint
from shipwatch.feeds.feed import Feed
from shipwatch.feeds.intake import Chunk, Intake
from shipwatch.feeds.tail import TailFeed
from shipwatch.hearing import TICK, Hearing, Record, latest_us
from shipwatch.journal import Journal, JournalError
from shipwatch.ledger import Ledger
from shipwatch.live_clock import LiveClock
from shipwatch.live_lists import FEED, ListsAsked, LiveLists, is_mark, split_at_marks
from shipwatch.live_memory import MARK, Memory, load, save
from shipwatch.live_settings import LiveSettings
from shipwatch.pipeline import Outcome, Pipeline
from shipwatch.store_opening import LedgerError

US = 1_000_000
REPLAYED_AT_ONCE = 20_000


class PositionArchive(Protocol):
    """Where decoded positions are kept."""

    def append(self, positions: PositionReports) -> None:
        """Take them."""

    def flush(self) -> None:
        """Put all that was taken on disk."""


class LiveService:
    """One service over one journal and one ledger. ``run`` works until ``stop`` is set, or the feeds have ended."""

    def __init__(
        self,
        *,
        pipeline: Pipeline,
        feeds: Sequence[Feed],
        journal: Journal,
        ledger: Ledger,
        run_id: int,
        clock: LiveClock,
        settings: LiveSettings | None = None,
        archive: PositionArchive | None = None,
        lists: LiveLists | None = None,
        channels: Sequence[str] = (),
        on_recorded: Callable[[Outcome], None] | None = None,
        to_end: bool = False,
    ) -> None:
        self.pipeline, self.feeds, self.journal, self.ledger, self.run_id = pipeline, feeds, journal, ledger, run_id
        self.clock = clock
        self.settings = settings or LiveSettings()
        self.archive, self.channels, self.on_recorded, self.to_end = archive, tuple(channels), on_recorded, to_end
        self.lists = lists
        self.intake = Intake(self.settings.queue_lines)
        self.problem: str | None = None
        self.not_heard: tuple[int, int] | None = None
        """From when to when nobody listened before this start (microseconds); networks do not say it again."""
        self.replayed = 0
        self._memory = self._blank()
        self._position = 0
        self._unwritten: list[Chunk] = []
        self._pending: list[Outcome] = []
        self._behind = False
        self._resumed_us: int | None = None
        self._new_lists: ListsAsked | None = None
        self._looked_at_lists_s = float("-inf")
        self._last_line_s = self._last_checkpoint_s = self._last_sync_s = perf_counter()
        self._retry_at_s = 0.0

    def run(self, stop: threading.Event) -> None:
        """Resume, listen, and end in order: what had arrived is worked off and a checkpoint is left behind."""
        self.resume()
        for feed in self.feeds:
            if isinstance(feed, TailFeed) and feed.name in self._memory.places:
                feed.place = str(self._memory.places[feed.name])
            feed.start(self.intake, self.clock.stamp)
        try:
            while not stop.is_set() and not (self.to_end and self._all_done()):
                self.round()
        finally:
            for feed in self.feeds:
                feed.stopping.set()
            self.intake.close()
            for feed in self.feeds:
                feed.stop()
            self._take_the_rest()
            if self.to_end and not stop.is_set():
                self._finish()
            self._leave()

    def resume(self) -> None:
        """Take up the newest checkpoint, if there is one, and work off the journal behind it."""
        found = self.ledger.load_checkpoint(self.settings.name)
        if found is not None:
            try:
                self._memory = load(found.blob, self.pipeline.engine_rules.ahead_s)
                self._position = found.journal_position
            except ValueError as problem:  # another version's: the journal holds all that it was made from
                self.problem = f"the checkpoint cannot be read ({problem}): all of the journal is replayed"
        if self._memory.lists is not None:
            self._take_up(self._memory.lists.line())
        self._catch_up()
        self._look_at_lists()
        self._resumed_us = self._memory.received_us

    def round(self) -> None:
        """What arrived in about ``round_s``, or a tick in silence."""
        began_s = perf_counter()
        chunks = self._unwritten or self.intake.take(REPLAYED_AT_ONCE, self.settings.round_s)
        if chunks:
            self._take_in(chunks)
            self._last_line_s = perf_counter()
        else:
            self._tick_in_silence()
        self._keep()
        left_s = self.settings.round_s - (perf_counter() - began_s)
        if left_s > 0 and self.intake.held_lines < REPLAYED_AT_ONCE:
            self._pause(left_s)

    def health(self) -> dict[str, Any]:
        """How service and feeds are doing, as plain JSON values."""
        memory = self._memory
        newest_us = memory.state.engine.clock.newest_us
        now_us = self.clock.event_us(self.clock.stamp())
        return {
            "processed_us": memory.processed_us,
            "received_us": memory.received_us,
            "lag_s": None if now_us is None or newest_us is None else round((now_us - newest_us) / US, 1),
            "waiting_lines": self.intake.held_lines,
            "lines": dict(sorted(memory.lines.items())),
            "refused_by_engine": dict(sorted(memory.refused.items())),
            "journal_position": self._position,
            "lists": {} if memory.lists is None else dict(memory.lists.versions),
            "problem": self.problem,
            "not_heard": self.not_heard,
            "journal_lost": None if self.journal.lost is None else str(self.journal.lost),
            "feeds": [feed.health.to_json() for feed in self.feeds],
        }

    def counts(self) -> dict[str, Any]:
        """Totals for the ledger's record of this run."""
        feeds = {feed.name: feed.health.to_json() for feed in self.feeds}
        return {
            "lines": dict(sorted(self._memory.lines.items())),
            "messages": {str(kind): count for kind, count in sorted(self._memory.messages.items())},
            "refused_by_engine": dict(sorted(self._memory.refused.items())),
            "dropped": sum(feed["dropped"] for feed in feeds.values()),
            "cut": sum(feed["cut"] for feed in feeds.values()),
            "not_heard": self.not_heard,
            "journal_lost": None if self.journal.lost is None else str(self.journal.lost),
            "feeds": feeds,
        }

    def _all_done(self) -> bool:
        return self.intake.drained and not (self._unwritten or self._pending or self._behind)

    def _blank(self) -> Memory:
        return Memory(self.pipeline.start(), Hearing(self.pipeline.engine_rules.ahead_s))

    def _take_in(self, chunks: Sequence[Chunk]) -> None:
        """Journal first, then think."""
        records: list[tuple[int, str, bytes]] = []
        for chunk in chunks:
            if self.clock.follows_lines:
                said_us = latest_us(chunk.lines)
                if said_us is not None:
                    self.clock.told(said_us, chunk.stamp)
            received_us = self.clock.event_us(chunk.stamp)
            if received_us is None:
                received_us = self._memory.received_us or 0
            if self._resumed_us is not None:
                self.not_heard, self._resumed_us = (self._resumed_us, received_us), None
            if chunk.place is not None:
                records.append((received_us, chunk.feed, MARK + chunk.place.encode()))
            records.extend((received_us, chunk.feed, line) for line in chunk.lines)
        if self._new_lists is not None and records:
            records.insert(0, (records[0][0], FEED, self._new_lists.line()))
        try:
            end = self.journal.append(records)
        except JournalError as problem:  # nothing of it was taken: it is tried again, and meanwhile the queue fills
            self._unwritten = list(chunks)
            self._failed(str(problem))
            return
        self._unwritten, self._new_lists = [], None
        self._heard([(at, *record) for at, record in enumerate(records, end - len(records))])

    def _take_the_rest(self) -> None:
        """What had arrived, in its order; what the disk refuses even now is counted. Files are read again."""
        while chunks := self._unwritten or self.intake.take(REPLAYED_AT_ONCE, 0.0):
            self._take_in(chunks)
            if self._unwritten:
                lost = sum(len(chunk.lines) for chunk in chunks) + self.intake.held_lines
                self.problem = f"{self.problem}; {lost:,} lines that had arrived were not journalled"
                return

    def _tick_in_silence(self) -> None:
        """State the clock when all feeds are silent, at whole steps of it."""
        now_us, received_us = self.clock.event_us(self.clock.stamp()), self._memory.received_us
        silent_s = perf_counter() - self._last_line_s
        if now_us is None or received_us is None or silent_s < self.clock.silence_floor_s:
            return
        step_us = int(self.settings.tick_s * US)
        tick_us = now_us // step_us * step_us
        if tick_us <= received_us or now_us - received_us < step_us:
            return
        try:
            end = self.journal.append([(tick_us, TICK, b"")])
        except JournalError as problem:
            self._failed(str(problem))
            return
        self._heard([(end - 1, tick_us, TICK, b"")])

    def _heard(self, records: Sequence[Record]) -> None:
        """Work off what was just journalled, unless the store is away: then the journal keeps it."""
        if not records:
            return
        if self._behind or self._pending:
            self._behind = True
            return
        self._work_off(records)

    def _work_off(self, records: Sequence[Record]) -> None:
        memory = self._memory
        for first, last in split_at_marks(records):
            if is_mark(*records[first][2:]):
                self._take_up(records[first][3])
            for _, received_us, feed, line in records[first:last]:
                memory.received_us = received_us
                if feed in memory.places or line.startswith(MARK):
                    memory.note_places(feed, (line,))
            for batch in memory.hearing.hear(records[first:last]):
                self._advance(batch)
        self._position = records[-1][0] + 1

    def _take_up(self, line: bytes) -> None:
        """Ask the lists that a line of the journal names from here on, as far as they are still kept."""
        if self.lists is None:
            return
        try:
            asked = ListsAsked.read(line)
            kept, designations = self.lists.upto(asked.sequence)
        except (ListError, ValueError) as problem:
            self.problem = f"the lists asked so far stay: {problem}"
            return
        if kept.versions != asked.versions:
            self.problem = "the journal names versions of lists that are no longer kept here"
        self.pipeline, self._memory.state = self.pipeline.asking(self._memory.state, designations)
        self._memory.lists = asked

    def _look_at_lists(self) -> None:
        """Have lists been imported? Then the journal will name them before the next line, and they are asked."""
        if self.lists is None:
            return
        self._looked_at_lists_s = perf_counter()
        asked = self._memory.lists
        try:
            newest = self.lists.sequence()
            if asked is None or newest != asked.sequence:
                self._new_lists = self.lists.upto(newest)[0]
        except ListError as problem:
            self.problem = f"the lists asked so far stay: {problem}"

    def _advance(self, batch: Batch) -> None:
        memory = self._memory
        add_counts(memory.lines, batch.lines)
        add_counts(memory.messages, batch.messages)
        memory.state, outcome = self.pipeline.advance(memory.state, batch)
        if self.archive is not None and len(batch.positions):
            self.archive.append(batch.positions)
        self._conclude(outcome)

    def _conclude(self, outcome: Outcome) -> None:
        add_counts(self._memory.refused, outcome.refused)
        if outcome.processed_us is not None:
            self._memory.processed_us = outcome.processed_us
        if outcome.alerts or outcome.rendezvous or outcome.gaps or outcome.leads:
            self._pending.append(outcome)
            self._record_pending()

    def _record_pending(self, checkpoint: Checkpoint | None = None) -> bool:
        """Record what waits, with the checkpoint if there is one; False where the store or the journal is away.

        Nothing is told of that is not in the journal on disk.
        """
        try:
            self.journal.sync()
            while self._pending:
                last = len(self._pending) == 1
                self.ledger.record(
                    self.run_id, self._pending[0], checkpoint=checkpoint if last else None, channels=self.channels
                )
                told = self._pending.pop(0)
                checkpoint = None if last else checkpoint
                if self.on_recorded is not None:
                    self.on_recorded(told)
            if checkpoint is not None:
                self.ledger.save_checkpoint(self.run_id, checkpoint)
        except (LedgerError, JournalError) as problem:
            self._failed(str(problem))
            return False
        return True

    def _keep(self) -> None:
        """Sync, checkpoint, and catch up with the journal after a failure, each when it is due."""
        now_s = perf_counter()
        if now_s < self._retry_at_s:
            return
        if now_s - self._last_sync_s >= self.settings.sync_s:
            self._last_sync_s = now_s
            try:
                self.journal.sync()
            except JournalError as problem:
                self._failed(str(problem))
                return
        if now_s - self._looked_at_lists_s >= self.settings.lists_s:
            self._look_at_lists()
        if (self._pending or self._behind) and self._record_pending():
            self._behind = False
            self._catch_up()
            self.problem = None
        if now_s - self._last_checkpoint_s >= self.settings.checkpoint_s and not self._pending and not self._behind:
            self._checkpoint()
            self._last_checkpoint_s = now_s

    def _checkpoint(self) -> bool:
        if self.archive is not None:
            try:
                self.archive.flush()
            except (ArchiveError, OSError) as problem:
                self._failed(str(problem))
                return False
        return self._record_pending(
            Checkpoint(self.settings.name, save(self._memory), self._position, self._memory.processed_us)
        )

    def _catch_up(self) -> None:
        """Work off the journal from where we are."""
        for records in _slices(self.journal.read(self._position), REPLAYED_AT_ONCE):
            self._work_off(records)
            self.replayed += len(records)
            if self._pending:
                self._behind = True
                return

    def _finish(self) -> None:
        """The feeds have ended for good: decide all that still waits, as a replay does at the end of its files."""
        if self._pending or self._behind:
            return
        add_counts(self._memory.lines, self._memory.hearing.finish().lines)
        self._memory.state, outcome = self.pipeline.finish(self._memory.state)
        self._conclude(outcome)

    def _leave(self) -> None:
        if not self._pending and not self._behind:
            self._checkpoint()
        self.journal.close()

    def _failed(self, problem: str) -> None:
        self.problem = problem
        self._retry_at_s = perf_counter() + self.settings.retry_s

    def _pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)


def _slices(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    rest = iter(records)
    while some := list(islice(rest, size)):
        yield some
