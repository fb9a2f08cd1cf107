"""Bytes as they arrive to whole lines, in bounded memory."""

from __future__ import annotations

MAX_LINE_BYTES = 16 << 10
"""The longest sentence with its tag block is under 500 bytes; what has no end by here is rubbish."""


class LineCutter:
    """Keeps the unfinished line between two pieces; ``too_long`` counts lines thrown away for their length.

    >>> cutter = LineCutter()
    >>> cutter.cut(b"one\\ntw"), cutter.cut(b"o\\r\\n"), cutter.held
    ([b'one'], [b'two\\r'], 0)
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self.too_long = 0
        self.behind_skip: int | None = None
        """How many of the lines last cut stand behind one that was thrown away; None where none was."""
        self._max = max_line_bytes
        self._rest = b""
        self._skipping = False

    @property
    def held(self) -> int:
        """Bytes of the unfinished line."""
        return len(self._rest)

    def cut(self, piece: bytes) -> list[bytes]:
        """The lines that this piece completes, without their line feeds (a carriage return stays)."""
        self.behind_skip = None
        if self._skipping:
            self.behind_skip = 0
            _, found, piece = piece.partition(b"\n")
            if not found:
                return []
            self._skipping = False
            self.behind_skip = piece.count(b"\n")
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > self._max:
            self.too_long += 1
            self._skipping, self._rest, self.behind_skip = True, b"", 0
        whole = [line for line in lines if len(line) <= self._max]
        if len(whole) < len(lines):
            self.too_long += len(lines) - len(whole)
            last = max(at for at, line in enumerate(lines) if len(line) > self._max)
            self.behind_skip = 0 if self._skipping else len(lines) - 1 - last
        return whole

    def rest(self) -> bytes:
        """The unfinished line, given up: the connection or the file ended within it."""
        rest, self._rest, self._skipping = self._rest, b"", False
        return rest
