"""Cuts a block of table text into lines and fields' worth: where each line stands, how many fields it has.

Everything is found with whole-block array operations; only lines whose quotes are not where a writer puts them go
through Python's csv module one by one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Array

NEWLINE, RETURN, SPACE, TAB = 10, 13, 32, 9
_BOM = b"\xef\xbb\xbf"
_BROKEN = ord("?")  # a byte-order mark inside the text becomes this, so that a parser cannot silently drop it
UNREADABLE = -1  # field count of a line that no csv reader takes


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one block: ``text`` uint8; line ``i`` is ``text[starts[i]:ends[i]]`` without its line end.

    ``nexts[i]`` is where the line after it starts. ``at`` is the byte offset of the block in its input, so that the
    offset of line ``i`` is ``at + starts[i]``.
    """

    text: NDArray[np.uint8]
    starts: Array
    ends: Array
    nexts: Array
    at: int

    def __len__(self) -> int:
        return len(self.starts)

    def offsets(self) -> Array:
        """Byte offset of each line in its input."""
        return self.starts + self.at

    def bytes_of(self, line: int) -> bytes:
        """The line without its line end."""
        return self.text[self.starts[line] : self.ends[line]].tobytes()

    def blank(self) -> NDArray[np.bool_]:
        """Which lines hold nothing but spaces and tabs."""
        blank = np.asarray(self.ends <= self.starts)
        if len(self):
            first = self.text[np.minimum(self.starts, len(self.text) - 1)]
            for line in np.flatnonzero(~blank & ((first == SPACE) | (first == TAB))):
                blank[line] = not self.bytes_of(int(line)).strip()
        return blank

    def starting_with(self, prefix: bytes) -> NDArray[np.bool_]:
        """Which lines start with these bytes."""
        found = np.asarray(self.ends - self.starts >= len(prefix))
        for place, byte in enumerate(prefix):
            rows = np.flatnonzero(found)
            if not len(rows):
                break
            found[rows] = self.text[self.starts[rows] + place] == byte
        return found

    def gathered(self, rows: Array) -> NDArray[np.uint8]:
        """The bytes of the given lines (ascending), with their line ends, one after another."""
        if len(rows) == len(self):
            return self.text
        chosen = np.zeros(len(self), bool)
        chosen[rows] = True
        return np.asarray(self.text[np.repeat(chosen, self.nexts - self.starts)])


def cut_lines(at: int, block: bytes, *, opening: bool = False) -> Lines:
    """The lines of a block that starts at byte ``at`` of its input; the last one may lack its line end.

    A carriage return that does not belong to a line end becomes a space; a byte-order mark is left out where the block
    is the opening one of its input.

    >>> lines = cut_lines(100, b"a,b\\r\\nc,d\\n")
    >>> [lines.bytes_of(i) for i in range(len(lines))], lines.offsets().tolist()
    ([b'a,b', b'c,d'], [100, 105])
    """
    if opening and block.startswith(_BOM):
        block, at = block[len(_BOM) :], at + len(_BOM)
    text = np.frombuffer(block, np.uint8)
    nexts = np.flatnonzero(text == NEWLINE) + 1
    if len(text) and (not len(nexts) or nexts[-1] != len(text)):
        nexts = np.append(nexts, len(text))
    starts = np.concatenate([[0], nexts[:-1]]) if len(nexts) else nexts
    ends = nexts - (text[nexts - 1] == NEWLINE)
    ends = ends - ((ends > starts) & (text[np.maximum(ends - 1, 0)] == RETURN))
    returns = np.flatnonzero(text == RETURN)
    lone = returns[text[np.minimum(returns + 1, len(text) - 1)] != NEWLINE]
    if len(lone):
        text = text.copy()
        text[lone] = SPACE
    lines = Lines(text, starts, ends, nexts, at)
    marked = np.flatnonzero(lines.starting_with(_BOM))
    if len(marked):
        text = text.copy()
        text[starts[marked]] = _BROKEN
        lines = Lines(text, starts, ends, nexts, at)
    return lines


def field_counts(lines: Lines, delimiter: str, quote: str) -> tuple[Array, dict[int, bytes]]:
    """Fields of each line, and the lines that had to be written anew because their quotes stand in odd places.

    A quoted field may hold the delimiter, not a line end. A line no csv reader takes has :data:`UNREADABLE` fields.
    """
    places = np.flatnonzero(lines.text == ord(delimiter))
    each = np.diff(np.searchsorted(places, np.append(lines.starts, len(lines.text))))
    counts = each + 1
    rewritten: dict[int, bytes] = {}
    quotes = np.flatnonzero(lines.text == ord(quote)) if quote else places[:0]
    if len(quotes):
        quoted = np.zeros(len(lines), bool)
        quoted[np.searchsorted(lines.nexts, quotes, side="right")] = True
        doubtful = np.repeat(quoted, each)
        line = np.repeat(np.arange(len(lines)), each)[doubtful]
        inside = np.searchsorted(quotes, places[doubtful]) - np.searchsorted(quotes, lines.starts)[line]
        counts -= np.bincount(line[inside % 2 == 1], minlength=len(lines))
        for odd in _oddly_quoted(lines, quotes, ord(delimiter)):
            fields = _read_one(lines.bytes_of(odd), delimiter, quote)
            counts[odd] = len(fields) if fields else UNREADABLE
            rewritten[odd] = _write_one(fields, delimiter, quote)
    return counts, rewritten


def _oddly_quoted(lines: Lines, quotes: Array, delimiter: int) -> Iterator[int]:
    """Lines with a quote that neither opens or closes a field nor is one of a doubled pair."""
    line = np.searchsorted(lines.nexts, quotes, side="right")
    order = np.arange(len(quotes)) - np.searchsorted(line, line)  # 0, 1, 2 ... within each line
    before = lines.text[np.maximum(quotes - 1, 0)]
    after = lines.text[np.minimum(quotes + 1, len(lines.text) - 1)]
    quote = lines.text[quotes[0]]
    opens = (quotes == lines.starts[line]) | (before == delimiter) | ((before == quote) & (order > 0))
    closes = (quotes + 1 == lines.ends[line]) | (after == delimiter) | (after == quote)
    odd = np.where(order % 2 == 0, ~opens, ~closes)
    unclosed = np.bincount(line, minlength=len(lines)) % 2 == 1
    unclosed[line[odd]] = True
    return iter(np.flatnonzero(unclosed).tolist())


def _read_one(line: bytes, delimiter: str, quote: str) -> list[str]:
    """The fields of one line as Python's csv reader sees them; empty if it cannot."""
    text = line.decode("latin-1").replace(
        "\r", " "
    )  # latin-1 maps bytes one to one; they are written back the same way
    try:
        rows = list(csv.reader([text], delimiter=delimiter, quotechar=quote))
    except csv.Error:
        return []
    return rows[0] if rows else []


def _write_one(fields: list[str], delimiter: str, quote: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quotechar=quote, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(fields)
    return out.getvalue().encode("latin-1")
