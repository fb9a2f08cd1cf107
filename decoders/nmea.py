"""Decodes NMEA lines with AIS sentences into report columns; every line ends in exactly one counted class.

A block of lines goes through in columns: one regular expression a line, checksums and bit fields of the whole block at
once. Lines of unfinished multi-part messages are counted when their fate is known, at the latest by ``finish``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from decoders import bits, receive_times, validity
from decoders.assembly import Assembler, Part, Whole
from decoders.receive_times import NOTHING, Heard
from decoders.reports import Array, Batch, PositionReports, StaticReports, add_counts
from decoders.sentences import (
    AIS_SENTENCE,
    BAD_CHECKSUM,
    BAD_TAG,
    BAD_WRAPPER,
    LIKELY_AIS,
    MALFORMED,
    NOT_NMEA,
    OTHER,
    OTHER_SENTENCE,
    PGHP,
    TAG_LINE,
    checksums_right,
)

READ, PART, WRAPPER, COMMENT, BLANK = "read", "part", "wrapper", "comment", "blank"
NO_TIME = "refused:no_time"
TOO_SHORT = "refused:payload_too_short"
UNKNOWN_TYPE = "refused:unknown_message_type"
_LAST_TYPE = 27  # ITU-R M.1371-5 defines messages 1 to 27
_MIN_BITS = [bits.MIN_BITS.get(kind, bits.OTHER_MIN_BITS) for kind in range(64)]
_TYPE_OF = {c: c - 48 - 8 * (c > 87) for c in (*range(48, 88), *range(96, 120))}
_POSITIONS, _STATICS = frozenset(bits.POSITION_TYPES), frozenset(bits.STATIC_TYPES)

_Row = tuple[bytes, int, int, int, bytes, int, int]  # payload, bits, type, time_us, station, offset, lines


class NmeaDecoder:
    """Decodes one stream of NMEA lines, block after block; keeps unfinished messages and the last time line.

    >>> line = b"1700000000.250 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A"
    >>> decoder = NmeaDecoder()
    >>> batch = decoder.step(line, 0)
    >>> batch.positions.mmsi.tolist(), dict(batch.lines), dict(batch.messages)
    ([244660000], {'read': 1}, {1: 1})
    """

    def __init__(self, place: str = "input") -> None:
        self._place = place
        self._assembler = Assembler()
        self._wrapped = NOTHING  # what time and tag lines said of the sentence to come
        self._ordinal = 0
        self._timed = 0
        self._untimed = 0
        self._clear()

    def step(
        self, block: bytes, first_offset: int, heard_us: int | None = None, heard_each_us: Sequence[int] | None = None
    ) -> Batch:
        """Decode whole lines; ``first_offset`` is where the block starts in its input.

        ``heard_us`` is the time of sentences that carry none (a live feed knows it), ``heard_each_us`` that of each
        line where they differ; without either, sentences without a time are refused.
        """
        self._clear()
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        starts = [0, *np.cumsum(np.fromiter(map(len, lines), np.int64, len(lines)) + 1)[:-1].tolist()] if lines else []
        matches = list(map(AIS_SENTENCE.match, lines))
        found = [(start, match) for start, match in zip(starts, matches, strict=True) if match is not None]
        right = iter(checksums_right(block, [start for start, _ in found], [match for _, match in found]))
        each_us = repeat(heard_us) if heard_each_us is None else heard_each_us
        for line, start, match, line_us in zip(lines, starts, matches, each_us, strict=False):
            if match is None:
                self._other_line(line)
            else:
                self._ordinal += 1
                wrapped, self._wrapped = self._wrapped, NOTHING
                if next(right):
                    self._sentence(match, wrapped, first_offset + start, line_us)
                else:
                    self._count(BAD_CHECKSUM)
        return self._batch()

    def finish(self) -> Batch:
        """The stream has ended: counts the lines of messages that were never completed."""
        self._clear()
        self._assembler.finish()
        problems: tuple[str, ...] = ()
        if self._untimed and not self._timed:
            problems = (f"{self._place}: no line carries a time; reports without one cannot be placed and are refused",)
        return self._batch(problems)

    def memory(self) -> dict[str, Any]:
        r"""What is kept between two steps, as plain JSON values: a live service that restarts goes on from it.

        >>> decoder, other = NmeaDecoder(), NmeaDecoder()
        >>> _ = decoder.step(rb"\g:1-2-77,s:north,c:1700000000*27" + b"\\\n", 0)
        >>> other.recall(decoder.memory())
        >>> other.step(b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A", 36).positions.time_us.tolist()
        [1700000000000000]
        """
        time_us, station, group, checksum = self._wrapped
        return {
            "wrapped": [time_us, station.decode("latin-1"), group.decode("latin-1"), checksum],
            "ordinal": self._ordinal, "timed": self._timed, "untimed": self._untimed,
            "assembler": self._assembler.memory(),
        }  # fmt: skip

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what :meth:`memory` wrote; ``ValueError`` where it is none."""
        try:
            time_us, station, group, checksum = memory["wrapped"]
            self._wrapped = Heard(time_us, station.encode("latin-1"), group.encode("latin-1"), checksum)
            self._ordinal, self._timed, self._untimed = memory["ordinal"], memory["timed"], memory["untimed"]
            self._assembler.recall(memory["assembler"])
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"not what a decoder remembers: {problem}") from problem

    def _clear(self) -> None:
        self._lines: dict[str, int] = {}
        self._messages: dict[int, int] = {}
        self._position_rows: list[_Row] = []
        self._static_rows: list[_Row] = []

    def _count(self, name: str, lines: int = 1) -> None:
        self._lines[name] = self._lines.get(name, 0) + lines

    def _sentence(self, match: re.Match[bytes], wrapped: Heard, offset: int, heard_us: int | None) -> None:
        before, kind, total, nth, sequence, channel, payload, fill, given, after = match.groups()
        said = wrapped
        for_checksum = wrapped.message_checksum
        if for_checksum is not None and total == b"1" and for_checksum != int(given, 16):
            said = NOTHING  # the sentence that this time line belonged to was lost
        if len(after) > 1:
            said = receive_times.after_sentence(after).over(said)
        if before:
            heard = receive_times.before_sentence(before)
            if heard is None:
                self._count(BAD_TAG)
                return
            said = heard.over(said)
        time_us, station, group, _ = said
        if total == b"1":
            if nth != b"1":
                self._count(MALFORMED)
                return
            self._message(payload, int(fill or 0), time_us if time_us is not None else heard_us, station, offset, 1)
            return
        part = Part(
            int(nth), int(total), kind, channel, sequence, station, group, time_us, payload, int(fill or 0), offset,
            self._ordinal, int(given, 16), for_checksum,
        )  # fmt: skip
        if part.number > part.total:
            self._count(MALFORMED)
        elif (whole := self._assembler.add(part)) is not None:
            self._whole(whole, heard_us)

    def _whole(self, whole: Whole, heard_us: int | None) -> None:
        time_us = whole.time_us if whole.time_us is not None else heard_us
        self._message(whole.payload, whole.fill, time_us, whole.station, whole.offset, whole.lines)

    def _message(self, payload: bytes, fill: int, time_us: int | None, station: bytes, offset: int, lines: int) -> None:
        if time_us is None:
            self._untimed += lines
            self._count(NO_TIME, lines)
            return
        self._timed += 1
        size = len(payload) * 6 - fill
        msg_type = _TYPE_OF[payload[0]] if payload else 0
        if size < _MIN_BITS[msg_type]:
            self._count(TOO_SHORT, lines)
        elif msg_type in _POSITIONS:
            row = (payload, size, msg_type, time_us, station, offset, lines)
            if msg_type == 19 and size >= bits.STATIC_19_BITS:
                self._static_rows.append(row)
                row = (*row[:6], 0)  # its line is counted with the static half
            self._position_rows.append(row)
        elif msg_type in _STATICS:
            self._static_rows.append((payload, size, msg_type, time_us, station, offset, lines))
        elif not 1 <= msg_type <= _LAST_TYPE:
            self._count(UNKNOWN_TYPE, lines)
        else:
            self._read(msg_type, lines)

    def _read(self, msg_type: int, lines: int) -> None:
        self._count(READ)
        if lines > 1:
            self._count(PART, lines - 1)
        self._messages[msg_type] = self._messages.get(msg_type, 0) + 1

    def _other_line(self, line: bytes) -> None:
        text = line.strip()
        if not text:
            self._count(BLANK)
        elif text[:1] == b"#":
            self._count(COMMENT)
        elif text.startswith(PGHP):
            heard = receive_times.pghp_line(text)
            self._wrap(heard, BAD_WRAPPER)
        elif (tags := TAG_LINE.fullmatch(line)) is not None:
            self._wrap(receive_times.tag_blocks(tags[1]), BAD_TAG)
        else:
            self._wrapped = NOTHING  # this line was what the time line spoke of
            self._ordinal += 1
            if LIKELY_AIS.search(line):
                self._count(MALFORMED)
            else:
                self._count(OTHER if OTHER_SENTENCE.fullmatch(line) else NOT_NMEA)

    def _wrap(self, heard: Heard | None, reason: str) -> None:
        if heard is None:
            self._wrapped = NOTHING
            self._count(reason)
        else:
            self._wrapped = heard.over(self._wrapped)
            self._count(WRAPPER)

    def _batch(self, problems: tuple[str, ...] = ()) -> Batch:
        positions = self._positions() if self._position_rows else PositionReports.empty()
        statics = self._statics() if self._static_rows else StaticReports.empty()
        add_counts(self._lines, self._assembler.refused)
        self._assembler.refused = {}
        return Batch(positions, statics, self._lines, self._messages, problems=problems)

    def _positions(self) -> PositionReports:
        payloads, _, known, lines = _columns(self._position_rows)
        raw = bits.position_columns(bits.packed(payloads, bits.POSITION_CHARS), known["msg_type"]) | known
        reports, _, _ = validity.clean_positions(raw)
        self._count_rows(validity.position_refusals(raw), known["msg_type"], lines)
        return reports

    def _statics(self) -> StaticReports:
        payloads, sizes, known, lines = _columns(self._static_rows)
        raw = bits.static_columns(bits.packed(payloads, bits.STATIC_CHARS), known["msg_type"]) | known
        part = raw.pop("part")
        short = (part == 1) & (sizes < bits.STATIC_24_B_BITS)
        if short.any():
            self._count(TOO_SHORT, int(lines[short].sum()))
        self._count_rows(
            np.where(validity.mmsi_in_range(raw["mmsi"]), 0, 1)[~short], known["msg_type"][~short], lines[~short]
        )
        carries = ~short & (part <= 1)  # type 24 parts 2 and 3 are reserved: read, but there is no report in them
        reports, _, _ = validity.clean_statics({name: column[carries] for name, column in raw.items()})
        return reports

    def _count_rows(self, refusals: Array, msg_type: Array, lines: Array) -> None:
        """Count the lines of rows by why they were refused (0: read); rows of 0 lines are counted elsewhere."""
        for code in np.unique(refusals).tolist():
            here = (refusals == code) & (lines > 0)
            all_lines, messages = int(lines[here].sum()), int(here.sum())
            if code:
                if all_lines:
                    self._count(validity.REFUSALS[code], all_lines)
                continue
            if messages:
                self._count(READ, messages)
            if all_lines > messages:
                self._count(PART, all_lines - messages)
            kinds, counts = np.unique(msg_type[here], return_counts=True)
            add_counts(self._messages, dict(zip(kinds.tolist(), counts.tolist(), strict=True)))


def read_nmea(blocks: Iterable[tuple[int, bytes]], place: str = "input") -> Iterator[Batch]:
    """Decode ``(offset, lines)`` blocks (:class:`decoders.streams.LineBlocks`), one batch each and one at the end."""
    decoder = NmeaDecoder(place)
    for offset, block in blocks:
        yield decoder.step(block, offset)
    yield decoder.finish()


def _columns(rows: list[_Row]) -> tuple[tuple[bytes, ...], Array, dict[str, Array], Array]:
    payloads, sizes, types, times, stations, offsets, lines = zip(*rows, strict=True)
    known: dict[str, Array] = {
        "msg_type": np.array(types, np.uint8), "time_us": np.array(times, np.int64),
        "station": np.array(stations, "S16"), "offset": np.array(offsets, np.int64),
    }  # fmt: skip
    return payloads, np.array(sizes, np.int64), known, np.array(lines, np.int64)
