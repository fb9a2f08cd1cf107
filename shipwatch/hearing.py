"""Journal records to report batches: the one ear of the live service and of whoever replays what it wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np

from decoders.nmea import NmeaDecoder
from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts

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
        for (feed, received_us), some in groupby(records, key=lambda r: (r[2], r[1])):
            if feed == TICK:
                yield replace(_joined(parts), tick_us=received_us)
                parts = []
            else:
                parts.append(self._hear(feed, received_us, list(some)))
        if parts:
            yield _joined(parts)

    def finish(self) -> Batch:
        """The feeds have ended: counts the lines of messages that were never completed."""
        return _joined([ear.decoder.finish() for ear in self._ears.values()])

    def memory(self) -> dict[str, Any]:
        """What is kept between two calls, as plain JSON values."""
        return {
            name: [ear.decoder.memory(), ear.at, ear.starts[-KEPT_LINES:], ear.positions[-KEPT_LINES:]]
            for name, ear in self._ears.items()
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what :meth:`memory` wrote; ``ValueError`` where it is none."""
        ears = {}
        for name, (decoder, at, starts, positions) in memory.items():
            ears[name] = _Ear(NmeaDecoder(name), at, list(starts), list(positions))
            ears[name].decoder.recall(decoder)
        self._ears = ears

    def _hear(self, feed: str, received_us: int, records: Sequence[Record]) -> Batch:
        ear = self._ears.get(feed)
        if ear is None:
            ear = self._ears[feed] = _Ear(NmeaDecoder(feed))
        lines = [record[3] for record in records]
        first = ear.at
        for record, line in zip(records, lines, strict=True):
            ear.starts.append(ear.at)
            ear.positions.append(record[0])
            ear.at += len(line) + 1
        batch = ear.decoder.step(b"\n".join(lines) + b"\n", first, received_us)
        heard = replace(
            batch,
            positions=_placed(batch.positions, ear),
            statics=_placed(batch.statics, ear),
        )
        if len(ear.starts) > 2 * KEPT_LINES:
            del ear.starts[:-KEPT_LINES], ear.positions[:-KEPT_LINES]
        return self._not_ahead(heard, received_us + self._ahead_us)

    def _not_ahead(self, batch: Batch, latest_us: int) -> Batch:
        position_ahead = batch.positions.time_us > latest_us
        static_ahead = batch.statics.time_us > latest_us
        count = int(position_ahead.sum() + static_ahead.sum())
        if not count:
            return batch
        return replace(
            batch,
            positions=batch.positions.take(~position_ahead),
            statics=batch.statics.take(~static_ahead),
            lines=add_counts({AHEAD: count, "read": -count}, batch.lines),
        )


def _placed(reports: Any, ear: _Ear) -> Any:
    """The reports with positions in the journal for ``offset`` in place of bytes of the stream."""
    if not len(reports):
        return reports
    rows = np.maximum(np.searchsorted(np.array(ear.starts, np.int64), reports.offset, "right") - 1, 0)
    offset: Array = np.array(ear.positions, np.int64)[rows]
    return type(reports)(**{**reports.columns(), "offset": offset})


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
