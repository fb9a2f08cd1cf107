"""NMEA sentences inside of JSON messages (AIS-catcher's ``nmea`` lists), each message complete in itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from decoders.nmea import NmeaDecoder
from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts

READ, PART = "read", "part"
BAD_VALUE = "refused:bad_value"
_MOST_SENTENCES = 9
_MOST_CHARACTERS = 1024
_LINE_FEED = 10
_WHOLE = re.compile(rb"(?:\\[^\\\n]*\\)*![A-Z]{5},1,1,[^\n]*\n\Z")
"""A sentence that is a message by itself."""
_NONE = np.empty(0, np.int64)


@dataclass(slots=True)
class Decoded:
    """What the sentences of some messages gave: reports, the message of each, and the class of those not read."""

    fates: list[tuple[int, str]] = field(default_factory=list)
    positions: PositionReports = field(default_factory=PositionReports.empty)
    position_rows: Array = field(default_factory=lambda: _NONE)
    statics: StaticReports = field(default_factory=StaticReports.empty)
    static_rows: Array = field(default_factory=lambda: _NONE)
    messages: dict[int, int] = field(default_factory=dict)


def decode_sentences(given: list[Any], time_us: Array, wanted: Array) -> Decoded:
    """Decode the sentences of each wanted message (a text, or a list of texts that make one) heard at ``time_us``.

    Messages that hold no sentences are classed as ``refused:bad_value``.
    """
    done = Decoded()
    single: list[tuple[int, bytes]] = []
    several: list[tuple[int, bytes]] = []
    for row in np.flatnonzero(wanted).tolist():
        block = _block(given[row])
        if block is None:
            done.fates.append((row, BAD_VALUE))
        else:
            (single if _WHOLE.match(block) else several).append((row, block))
    _decode(single, time_us, done)
    _decode(several, time_us, done)
    return done


def _block(value: Any) -> bytes | None:
    sentences = [value] if type(value) is str else value
    if type(sentences) is not list or not 1 <= len(sentences) <= _MOST_SENTENCES:
        return None
    made = ""
    for sentence in sentences:
        if type(sentence) is not str or not sentence.isascii() or len(sentence) > _MOST_CHARACTERS:
            return None
        text = sentence.strip()
        if "!" not in text or text[0] not in "!\\" or not text.isprintable():
            return None
        made += text + "\n"
    return made.encode()


def _decode(messages: list[tuple[int, bytes]], time_us: Array, done: Decoded) -> None:
    """All at once; where one is not read, by halves, to tell which and why."""
    if not messages:
        return
    batch, starts, owners = _step(NmeaDecoder(), messages, time_us)
    parts = {PART: len(starts) - len(messages)} if len(starts) > len(messages) else {}
    if batch.lines == {READ: len(messages), **parts}:
        _take(batch, starts, owners, done)
    elif len(messages) > 1:
        middle = len(messages) // 2
        _decode(messages[:middle], time_us, done)
        _decode(messages[middle:], time_us, done)
    else:
        if READ not in batch.lines:
            done.fates.append((messages[0][0], _refusal(batch)))
        _take(batch, starts, owners, done)


def _take(batch: Batch, starts: Array, owners: Array, done: Decoded) -> None:
    add_counts(done.messages, batch.messages)
    if len(batch.positions):
        rows = owners[np.searchsorted(starts, batch.positions.offset, "right") - 1]
        done.positions = PositionReports.concat([done.positions, batch.positions])
        done.position_rows = np.concatenate([done.position_rows, rows])
    if len(batch.statics):
        rows = owners[np.searchsorted(starts, batch.statics.offset, "right") - 1]
        done.statics = StaticReports.concat([done.statics, batch.statics])
        done.static_rows = np.concatenate([done.static_rows, rows])


def _step(decoder: NmeaDecoder, messages: list[tuple[int, bytes]], time_us: Array) -> tuple[Batch, Array, Array]:
    """Decode one block of all their sentences; also where each sentence begins in it, and whose it is."""
    block = b"".join([sentences for _, sentences in messages])
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == _LINE_FEED)
    starts = np.append(0, ends[:-1] + 1)
    counts = [sentences.count(b"\n") for _, sentences in messages]
    owners = np.repeat([row for row, _ in messages], counts)
    batch = decoder.step(block, 0, heard_each_us=time_us[owners].tolist())
    lines = add_counts(add_counts({}, batch.lines), decoder.finish().lines)
    return Batch(batch.positions, batch.statics, lines, batch.messages), starts, owners


def _refusal(batch: Batch) -> str:
    """Why a message was not read: what its lines were counted as, refusals first."""
    return min((name for name in batch.lines if name != PART), key=lambda name: (not name.startswith("refused"), name))
