"""Journal records to report batches: the one ear of the live service and of whoever replays what it wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from decoders.nmea import NmeaDecoder
from decoders.reports import Batch, PositionReports, StaticReports, add_counts

Record = tuple[int, int, str, bytes]
"""Position in the journal, when received (microseconds), which feed, the line without its end; no feed: a tick."""

TICK = ""

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
    """Decodes the records of all feeds, each feed by a decoder of its own.

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

    def hear(self, records: Iterable[Record]) -> Iterator[Batch]:
        """Batches in the order of the records: one up to each tick, with it as ``tick_us``, and one for the rest."""
        parts: list[Batch] = []
        for feed, some in groupby(records, key=itemgetter(2)):
            if feed != TICK:
                parts.append(self._hear(feed, list(some)))
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
        positions, positions_ahead = self._placed(batch.positions, ear)
        statics, statics_ahead = self._placed(batch.statics, ear)
        if len(ear.starts) > 2 * KEPT_LINES:
            del ear.starts[:-KEPT_LINES], ear.positions[:-KEPT_LINES], ear.received[:-KEPT_LINES]
        ahead = positions_ahead + statics_ahead
        lines = add_counts({AHEAD: ahead, "read": -ahead}, batch.lines) if ahead else batch.lines
        return replace(batch, positions=positions, statics=statics, lines=lines)

    def _placed(self, reports: Any, ear: _Ear) -> tuple[Any, int]:
        """The reports with their lines' positions in the journal for ``offset``, without those that are ahead."""
        if not len(reports):
            return reports, 0
        starts = np.array(ear.starts, np.int64)
        rows = np.maximum(np.searchsorted(starts, reports.offset, "right") - 1, 0)
        offset = np.array(ear.positions, np.int64)[rows]
        placed = type(reports)(**{**reports.columns(), "offset": offset})
        ahead = reports.time_us > np.array(ear.received, np.int64)[rows] + self._ahead_us
        count = int(ahead.sum())
        return (placed.take(~ahead), count) if count else (placed, 0)


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
