"""Decodes NMEA lines with AIS sentences into report columns; every line ends in exactly one counted class.

The work is done by a compiled kernel (:mod:`decoders.nmea_kernel`), a block of lines at a time. Lines of unfinished
multi-part messages are counted when their fate is known, at the latest by ``finish``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders import assembly, line_classes, nmea_kernel, open_messages
from decoders.line_classes import COUNT, FIRST_AT
from decoders.nmea_columns import Sheets
from decoders.nmea_kernel import BLOCK_AT
from decoders.receive_times import NAME_BYTES, NO_TIME
from decoders.reports import Batch

READ, PART = line_classes.NAMES[line_classes.READ], line_classes.NAMES[line_classes.PART]
_LINE_FEED = b"\n"
_NO_TIMES = np.empty(0, np.int64)


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
        self._text = np.zeros(BLOCK_AT + nmea_kernel.AFTER_BLOCK, np.uint8)
        self._state = np.zeros(nmea_kernel.STATE_NUMBERS, np.int64)
        self._state[[nmea_kernel.WRAPPED_TIME, nmea_kernel.WRAPPED_CODE]] = NO_TIME, assembly.NO_CODE
        self._slots, self._texts = assembly.empty_table()
        self._sheets = Sheets()
        self._words = _message_words()
        self._counts = np.zeros((len(line_classes.NAMES), 2), np.int64)
        self._messages = np.zeros(64, np.int64)

    def step(
        self,
        block: bytes | memoryview,
        first_offset: int,
        heard_us: int | None = None,
        heard_each_us: Sequence[int] | None = None,
    ) -> Batch:
        """Decode whole lines; ``first_offset`` is where the block starts in its input.

        ``heard_us`` is the time of sentences that carry none (a live feed knows it), ``heard_each_us`` that of each
        line where they differ (``ValueError`` if there are fewer than lines); without either, sentences without a time
        are refused.
        """
        ended = not block or block[-1] == _LINE_FEED[0]
        each_us = _NO_TIMES
        if heard_each_us is not None and block:
            each_us = np.asarray(heard_each_us, np.int64)
            lines = bytes(block).count(_LINE_FEED) + (not ended)
            if len(each_us) < lines:
                raise ValueError(f"{lines} lines, but the times of {len(each_us)}")
        end = self._load(block, ended)
        state, sheet = self._state, self._sheets.sheet(len(block))
        state[nmea_kernel.POSITIONS :] = 0
        state[nmea_kernel.AT] = BLOCK_AT
        while True:
            nmea_kernel.decode_block(
                self._text, end, first_offset, NO_TIME if heard_us is None else heard_us, each_us, state, self._slots,
                self._texts, self._counts, self._messages, self._words, sheet.places, sheet.rooms,
            )  # fmt: skip
            rows = state[nmea_kernel.POSITIONS : nmea_kernel.AT].tolist()
            if state[nmea_kernel.AT] >= end:
                self._sheets.learn(len(block), rows)
                return sheet.batch(rows, **self._counted())
            sheet = self._sheets.larger(sheet, rows)

    def finish(self) -> Batch:
        """The stream has ended: counts the lines of messages that were never completed."""
        open_slots = assembly.open_slots(self._slots)
        if open_slots:
            self._counts[line_classes.INCOMPLETE] += (
                self._slots[open_slots, assembly.NUMBER_OF_PARTS].sum(), self._slots[open_slots, assembly.OFFSET].min()
            )  # fmt: skip
            self._slots, self._texts = assembly.empty_table()
        problems: tuple[str, ...] = ()
        if self._state[nmea_kernel.UNTIMED] and not self._state[nmea_kernel.TIMED]:
            problems = (f"{self._place}: no line carries a time; reports without one cannot be placed and are refused",)
        return Batch(problems=problems, **self._counted())

    def memory(self) -> dict[str, Any]:
        r"""What is kept between two steps, as plain JSON values: a live service that restarts goes on from it.

        >>> decoder, other = NmeaDecoder(), NmeaDecoder()
        >>> _ = decoder.step(rb"\g:1-2-77,s:north,c:1700000000*27" + b"\\\n", 0)
        >>> other.recall(decoder.memory())
        >>> other.step(b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A", 36).positions.time_us.tolist()
        [1700000000000000]
        """
        return {
            "state": self._state[: nmea_kernel.POSITIONS].tolist(),
            "wrapped": self._text[: 2 * NAME_BYTES].tobytes().decode("latin-1"),
            "open": open_messages.memory(self._slots, self._texts),
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what :meth:`memory` wrote; ``ValueError`` where it is none."""
        try:
            state = np.array(memory["state"], np.int64)
            wrapped = np.frombuffer(memory["wrapped"].encode("latin-1"), np.uint8)
            lengths = state[[nmea_kernel.WRAPPED_STATION_LENGTH, nmea_kernel.WRAPPED_GROUP_LENGTH]]
            if state.shape != (nmea_kernel.POSITIONS,) or len(wrapped) != 2 * NAME_BYTES:
                raise ValueError("of another form")
            if (lengths < 0).any() or (lengths > NAME_BYTES).any():
                raise ValueError("a name of impossible length")
            self._slots, self._texts = open_messages.recalled(memory["open"])
            self._state[: nmea_kernel.POSITIONS] = state
            self._text[: 2 * NAME_BYTES] = wrapped
        except (KeyError, TypeError, AttributeError, IndexError, OverflowError, ValueError) as problem:
            raise ValueError(f"not what a decoder remembers: {problem}") from problem

    def _load(self, block: bytes | memoryview, ended: bool) -> int:
        """Put the block where the kernel reads it; the place after its last line feed."""
        end = BLOCK_AT + len(block) + (not ended)
        if len(self._text) < end + nmea_kernel.AFTER_BLOCK:
            longer = np.empty(end + end // 4 + nmea_kernel.AFTER_BLOCK, np.uint8)
            longer[: 2 * NAME_BYTES] = self._text[: 2 * NAME_BYTES]
            self._text = longer
        self._text[BLOCK_AT : BLOCK_AT + len(block)] = np.frombuffer(block, np.uint8)
        if not ended:
            self._text[end - 1] = _LINE_FEED[0]
        return end

    def _counted(self) -> dict[str, Any]:
        """Counts since they were last asked for, by the names that a batch uses."""
        rows = np.flatnonzero(self._counts[:, COUNT]).tolist()
        lines = {line_classes.NAMES[row]: int(self._counts[row, COUNT]) for row in rows}
        first = {line_classes.NAMES[row]: int(self._counts[row, FIRST_AT]) for row in rows if row > line_classes.BLANK}
        types = np.flatnonzero(self._messages).tolist()
        messages = {kind: int(self._messages[kind]) for kind in types}
        self._counts[:] = 0
        self._messages[:] = 0
        return {"lines": lines, "messages": messages, "first_places": first}


def _message_words() -> NDArray[np.int64]:
    """Where the kernel puts a message's words, four at once from the second one on: these must not lie astride."""
    room = np.zeros(nmea_kernel.MESSAGE_WORDS + 3, np.int64)
    start = -(room.ctypes.data // room.itemsize + 1) % 4
    return room[start : start + nmea_kernel.MESSAGE_WORDS]


def read_nmea(blocks: Iterable[tuple[int, bytes | memoryview]], place: str = "input") -> Iterator[Batch]:
    """Decode ``(offset, lines)`` blocks (:class:`decoders.streams.LineBlocks`), one batch each and one at the end."""
    decoder = NmeaDecoder(place)
    for offset, block in blocks:
        yield decoder.step(block, offset)
    yield decoder.finish()


def warm() -> None:
    """Compile the decoder, or load what was compiled."""
    NmeaDecoder().step(b"", 0)
