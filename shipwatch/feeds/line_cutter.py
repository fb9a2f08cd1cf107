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
        self._max = max_line_bytes
        self._rest = b""
        self._skipping = False

    @property
    def held(self) -> int:
        """Bytes of the unfinished line."""
        return len(self._rest)

    def cut(self, piece: bytes) -> list[bytes]:
        """The lines that this piece completes, without their line feeds (a carriage return stays)."""
        if self._skipping:
            _, found, piece = piece.partition(b"\n")
            if not found:
                return []
            self._skipping = False
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > self._max:
            self.too_long += 1
            self._skipping, self._rest = True, b""
        whole = [line for line in lines if len(line) <= self._max]
        self.too_long += len(lines) - len(whole)
        return whole

    def rest(self) -> bytes:
        """The unfinished line, given up: the connection or the file ended within it."""
        rest, self._rest, self._skipping = self._rest, b"", False
        return rest
