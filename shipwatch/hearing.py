"""Journal records to report batches: the one ear of the live service and of whoever replays what it wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np

from decoders.jsonlines import JsonDecoder
from decoders.nmea import NmeaDecoder
from decoders.reports import Batch, PositionReports, StaticReports, add_counts

Record = tuple[int, int, str, bytes]
"""Position in the journal, when received (microseconds), which feed, the line without its end; no feed: a tick."""

TICK = ""

JSON = b"{"
"""Begins a JSON message; all other lines are NMEA's."""
_LOOKED_AT = 16

AHEAD = "refused:ahead_of_clock"
KEPT_LINES = 2048
"""Of so many earlier lines of a feed it is known where they stand, for messages of several sentences."""


@dataclass(slots=True)
class _Ear:
    """One feed's decoder, and where the lines that it was given stand in the journal."""

    decoder: NmeaDecoder
    at: int = 0
    starts: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)


class Hearing:
    """Decodes the records of all feeds: the sentences of each feed by a decoder of its own, JSON messages by one.

    What a line is follows from the line, so that a journal needs no configuration to be read.

    A line that carries no time counts as sent when it was received; one that claims to be from more than ``ahead_s``
    after it was received is refused (``refused:ahead_of_clock``), as it would move the watermark for good. ``offset``
    of a report is the position of its first line in the journal.

    >>> line = b"1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
    >>> (batch,) = Hearing(60.0).hear([(7, 1_700_000_001_000_000, "tcp", line)])
    >>> batch.positions.mmsi.tolist(), batch.positions.offset.tolist()
    ([244660000], [7])
    """

    def __init__(self, ahead_s: float) -> None:
        self._ahead_us = int(ahead_s * 1_000_000)
        self._ears: dict[str, _Ear] = {}
        self._messages = JsonDecoder()

    def hear(self, records: Iterable[Record]) -> Iterator[Batch]:
        """Batches in the order of the records: one up to each tick, with it as ``tick_us``, and one for the rest."""
        parts: list[Batch] = []
        for (feed, is_json), group in groupby(records, key=_kind):
            some = list(group)
            if feed != TICK:
                parts.append(self._hear_json(some) if is_json else self._hear(feed, some))
                continue
            for _, received_us, _, _ in some:
                yield replace(_joined(parts), tick_us=received_us)
                parts = []
        if parts:
            yield _joined(parts)

    def finish(self) -> Batch:
        """The feeds have ended: counts the lines of messages that were never completed."""
        return _joined([ear.decoder.finish() for ear in self._ears.values()])

    def memory(self) -> dict[str, Any]:
        """What is kept between two calls, as plain JSON values."""
        return {
            name: [
                ear.decoder.memory(),
                ear.at,
                ear.starts[-KEPT_LINES:],
                ear.positions[-KEPT_LINES:],
                ear.received[-KEPT_LINES:],
            ]
            for name, ear in self._ears.items()
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what :meth:`memory` wrote; ``ValueError`` where it is none."""
        ears = {}
        for name, (decoder, at, starts, positions, received) in memory.items():
            ears[name] = _Ear(NmeaDecoder(name), at, list(starts), list(positions), list(received))
            ears[name].decoder.recall(decoder)
        self._ears = ears

    def _hear(self, feed: str, records: Sequence[Record]) -> Batch:
        ear = self._ears.get(feed)
        if ear is None:
            ear = self._ears[feed] = _Ear(NmeaDecoder(feed))
        first, received = ear.at, [record[1] for record in records]
        for position, _, _, line in records:
            ear.starts.append(ear.at)
            ear.positions.append(position)
            ear.at += len(line) + 1
        ear.received += received
        block = b"".join([record[3] + b"\n" for record in records])
        batch = ear.decoder.step(block, first, heard_each_us=received)
        batch = self._placed(batch, ear.starts, ear.positions, ear.received)
        if len(ear.starts) > 2 * KEPT_LINES:
            del ear.starts[:-KEPT_LINES], ear.positions[:-KEPT_LINES], ear.received[:-KEPT_LINES]
        return batch

    def _hear_json(self, records: Sequence[Record]) -> Batch:
        """Messages that are complete in themselves: nothing of them is kept."""
        received = [record[1] for record in records]
        starts, at = [], 0
        for _, _, _, line in records:
            starts.append(at)
            at += len(line) + 1
        block = b"".join([record[3] + b"\n" for record in records])
        batch = self._messages.step(block, 0, heard_each_us=received)
        return self._placed(batch, starts, [record[0] for record in records], received)

    def _placed(self, batch: Batch, starts: list[int], positions: list[int], received: list[int]) -> Batch:
        """With their lines' positions in the journal for ``offset``, and without the reports that are ahead."""
        if not (len(batch.positions) or len(batch.statics)):
            return batch
        first, place, heard_us = (np.array(column, np.int64) for column in (starts, positions, received))
        made: list[Any] = []
        early_lines: set[int] = set()
        for reports in (batch.positions, batch.statics):
            rows = np.maximum(np.searchsorted(first, reports.offset, "right") - 1, 0)
            placed = replace(reports, offset=place[rows]) if len(reports) else reports
            early = reports.time_us > heard_us[rows] + self._ahead_us
            early_lines.update(rows[early].tolist())
            made.append(placed.take(~early) if early.any() else placed)
        ahead = len(early_lines)
        lines = add_counts({AHEAD: ahead, "read": -ahead}, batch.lines) if ahead else batch.lines
        return replace(batch, positions=made[0], statics=made[1], lines=lines)


def latest_us(lines: Sequence[bytes]) -> int | None:
    """The latest time that any of these lines carries.

    >>> latest_us([b"1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"])
    1700000000000000
    """
    messages, sentences = ([line for line in lines if is_message(line) == wanted] for wanted in (True, False))
    batches = [JsonDecoder().step(b"\n".join(messages), 0), NmeaDecoder().step(b"\n".join(sentences), 0)]
    found = (rows for batch in batches for rows in (batch.positions, batch.statics))
    return max((int(rows.time_us.max()) for rows in found if len(rows)), default=None)


def _kind(record: Record) -> tuple[str, bool]:
    return record[2], is_message(record[3])


def is_message(line: bytes) -> bool:
    """Whether a line is a JSON message; all others are taken for sentences."""
    return line[:_LOOKED_AT].lstrip()[:1] == JSON


def _joined(parts: Sequence[Batch]) -> Batch:
    if len(parts) == 1:
        return parts[0]
    lines: dict[str, int] = {}
    messages: dict[int, int] = {}
    for part in parts:
        add_counts(lines, part.lines)
        add_counts(messages, part.messages)
    return Batch(
        positions=PositionReports.concat([part.positions for part in parts]),
        statics=StaticReports.concat([part.statics for part in parts]),
        lines=lines,
        messages=messages,
        problems=tuple(problem for part in parts for problem in part.problems),
    )
