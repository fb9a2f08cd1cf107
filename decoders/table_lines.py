"""Reads blocks of table text into parsed rows: hands them to the kernel, decides what the kernel leaves to Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from decoders import table_codes as kernel
from decoders.reports import Array
from decoders.table_kernel import read_rows
from decoders.table_plan import Plan
from decoders.table_rows import Parsed
from decoders.table_scan import WORD
from decoders.validity import text as clean_text

_SLOT_NAMES = {
    kernel.MMSI: "mmsi", kernel.LAT: "lat_deg", kernel.LON: "lon_deg", kernel.SOG: "sog_kn", kernel.COG: "cog_deg",
    kernel.HEADING: "heading_deg", kernel.STATUS: "nav_status", kernel.SECOND: "utc_second",
    kernel.MESSAGE: "msg_type", kernel.POSITION_TYPE: "position_type",
}  # fmt: skip
MOST_WORDS = 4096
_SPANS = 16_384
_GIVEN = 64


@dataclass(frozen=True, slots=True)
class Text:
    """One block of whole lines: ``raw`` to find the lines, ``text`` to read fields (``plain``, if there are quotes)."""

    raw: Array
    text: Array
    plain: Array

    @classmethod
    def of(cls, block: bytes | memoryview) -> Text:
        """As it came."""
        raw = np.frombuffer(block, np.uint8)
        raw.flags.writeable = False
        return cls(raw, raw, np.empty(0, np.uint8))

    def with_plain(self) -> Text:
        """With memory for fields without their quotes."""
        plain = self.raw.copy()
        text = plain.view()
        text.flags.writeable = False
        return Text(self.raw, text, plain)

    def without_stray_returns(self) -> Text:
        """A carriage return that does not belong to a line end becomes a space."""
        raw = self.raw.copy()
        returns = np.flatnonzero(raw[:-1] == kernel.RETURN)
        raw[returns[raw[returns + 1] != kernel.NEWLINE]] = kernel.SPACE
        raw.flags.writeable = False
        made = Text(raw, raw, self.plain)
        return made.with_plain() if len(self.plain) else made


class Words:
    """The words of coded columns that were met so far, and what each means; forgets them all when they are too many."""

    def __init__(self) -> None:
        self.meaning = np.empty((MOST_WORDS, 3), np.int64)  # coded column, place among the bytes, length
        self.bytes = np.empty(1 << 16, np.uint8)
        self.numbers = np.empty(MOST_WORDS)
        self.bits = np.empty(MOST_WORDS, np.int64)
        self.slots = np.empty(4 * MOST_WORDS, np.int64)
        self.forget()

    def forget(self) -> None:
        self.slots[:] = -1
        self._count = self._end = 0

    def learn(self, coded: int, word: bytes, slot: int, number: float, bits: int) -> None:
        """Remember a word that was looked for at ``slot``."""
        if self._count == MOST_WORDS or (self._end and self._end + len(word) > 1 << 20):
            self.forget()
            return  # it is asked for again, at another slot
        if self._end + len(word) > len(self.bytes):
            self.bytes = np.concatenate([self.bytes, np.empty(len(self.bytes) + len(word), np.uint8)])
        self.bytes[self._end : self._end + len(word)] = np.frombuffer(word, np.uint8)
        self.meaning[self._count] = coded, self._end, len(word)
        self.numbers[self._count], self.bits[self._count] = number, bits
        self.slots[slot] = self._count
        self._count += 1
        self._end += len(word)


class RowReader:
    """Reads blocks under one plan after another; remembers words, and which static part each ship showed last."""

    def __init__(self) -> None:
        self.counts = np.zeros(2 * kernel.CLASSES, np.int64)
        self.header_at = (-1, -1)  # where a line stands that may be a header, and where the next one starts
        self._words = Words()
        self._sieve_mmsi = np.zeros(kernel.SIEVE_SLOTS, np.int64)
        self._sieve_keys = np.zeros(kernel.SIEVE_SLOTS, np.uint64)
        self._last_word = np.zeros(WORD, np.uint8)
        self._spots = np.empty(kernel.TILE + kernel.MOST_KEPT + 64, np.int64)
        self._lines = np.empty(kernel.TILE + 1, np.int64)
        self._spans = np.empty((_SPANS, 4), np.int64)
        self._plan: Plan | None = None
        self._statics: tuple[Array, Array, Array] = (np.empty(0), np.empty(0), np.empty(0))
        self._columns: tuple[Array, ...] = (np.empty(0, np.int64),)

    def read(self, plan: Plan, block: Text, begin: int, at: int, not_header: int = -1) -> Iterator[Parsed]:
        """Parsed rows from ``begin`` on, up to the end of the block or a line that may be a header (``header_at``).

        ``at`` is the offset of the block in its input. A line that starts at ``not_header`` is known to be none.
        """
        if plan is not self._plan:
            self._plan = plan
            self._words.forget()
            self._sieve_mmsi[:] = 0
            self._word_of = np.zeros(max(1, len(plan.coded)), np.int64)
        self.header_at = (-1, -1)
        while True:
            begin, parsed = self._some(plan, block, begin, at, not_header)
            if len(parsed.time_us):
                yield parsed
            if begin >= len(block.raw) or self.header_at[0] >= 0:
                return

    def _some(self, plan: Plan, block: Text, begin: int, at: int, not_header: int) -> tuple[int, Parsed]:
        rows_at_most = len(block.raw) // plan.fewest_fields + 1  # so many delimiters and line ends
        if len(self._columns[0]) < rows_at_most:
            more = rows_at_most + rows_at_most // 8
            self._columns = (np.empty(more, np.int64), np.empty(more, np.int64), np.empty(more, np.uint8),
                             np.empty(kernel.SLOTS * more))  # fmt: skip
        times, offsets, kinds, numbers = self._columns
        most = len(times)
        static_rows, static_numbers, static_texts = self._static_columns(plan, most)
        given, given_count = np.empty((_GIVEN, 3)), 0
        rows = statics = spans = 0
        why = kernel.AT_NUMBER
        while why in (kernel.AT_NUMBER, kernel.AT_WORD, kernel.AT_QUOTE, kernel.AT_RETURN):
            found = read_rows(
                block.raw, len(block.raw), begin, not_header, *plan.arguments(), self._words.slots,
                self._words.meaning, self._words.bytes, self._words.numbers, self._words.bits, given, given_count,
                self._sieve_mmsi, self._sieve_keys, block.text, block.plain, self._last_word,
                self._spots, self._lines, self._word_of, times, offsets, kinds, numbers,
                static_rows, static_numbers, static_texts, self._spans, self.counts, rows, statics, spans,
            )  # fmt: skip
            why, line, following, rows, statics, spans, which, low, high, slot = found
            if why == kernel.AT_WORD:
                word = block.text[low:high].tobytes()
                number, bits = plan.coded[which].meaning(word, plan.table.encoding)
                self._words.learn(which, word, slot, number, bits)
            elif why == kernel.AT_NUMBER:
                if given_count == _GIVEN or (given_count and given[0, 0] != line):
                    given_count = 0
                given[given_count] = line, which, float(block.text[low:high].tobytes())
                given_count += 1
            elif why == kernel.AT_QUOTE:
                block = block.with_plain()
            elif why == kernel.AT_RETURN:
                block = block.without_stray_returns()
            begin = line
        if why == kernel.AT_HEADER:
            self.header_at = (line, following)
        numbers_made = {
            name: numbers[s * most : s * most + rows] for s, name in _SLOT_NAMES.items() if s in plan.numbers
        }
        for name in ("lat_deg", "lon_deg"):  # the others are made smaller, and so copied, by who takes them
            numbers_made[name] = numbers_made[name].copy()
        parsed = Parsed(
            time_us=times[:rows].copy(),
            offset=offsets[:rows] + at,
            kinds=kinds[:rows],
            numbers=numbers_made,
            static_rows=static_rows[:statics].copy(),
            static_numbers={name: static_numbers[i, :statics].copy() for i, name in enumerate(plan.static_numbers)},
            static_texts=self._texts(plan, block, static_texts[:, :statics], spans, kinds, static_rows),
        )
        return begin, parsed

    def _static_columns(self, plan: Plan, most: int) -> tuple[Array, Array, Array]:
        shape = (len(plan.static_numbers), len(plan.static_texts))
        rows, numbers, texts = self._statics
        if len(rows) < most or (numbers.shape[0], texts.shape[0]) != shape:
            self._statics = (
                np.empty(most, np.int64), np.empty((shape[0], most)),
                np.empty((shape[1], most, kernel.TEXT_BYTES), np.uint8),
            )  # fmt: skip
        return self._statics

    def _texts(
        self, plan: Plan, block: Text, raw: Array, spans: int, kinds: Array, static_rows: Array
    ) -> dict[str, Array]:
        """The texts of the kernel, and those that need decoding (not ASCII, or put together of several fields)."""
        width = kernel.TEXT_BYTES
        made = {
            name: np.ascontiguousarray(raw[i]).view(f"S{width}").reshape(-1).astype(f"U{width}")
            for i, name in enumerate(plan.static_texts)
        }
        pieces: dict[tuple[int, int], list[str]] = {}
        for slot, static, low, high in self._spans[:spans].tolist():
            piece = block.text[low:high].tobytes().decode(plan.table.encoding, "replace")
            pieces.setdefault((slot, static), []).append(piece)
        for (slot, static), parts in pieces.items():
            name = plan.static_texts[slot]
            joined = plan.joined.get((int(kinds[static_rows[static]]), name), "")
            text = joined.join(parts).strip()
            made[name][static] = "" if text in plan.table.missing else clean_text(np.array([text], f"U{width}"))[0]
        return made
