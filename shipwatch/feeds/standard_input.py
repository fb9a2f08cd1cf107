"""NMEA lines from standard input (or any file descriptor), until it ends."""

from __future__ import annotations

import os
import select

from shipwatch.feeds.feed import LOOK_S, Feed
from shipwatch.feeds.line_cutter import LineCutter

PIECE_BYTES = 256 << 10


class StdinFeed(Feed):
    """Reads a descriptor; what pipes into it waits while the queue is full."""

    can_wait = True

    def __init__(self, *, descriptor: int = 0, name: str = "stdin") -> None:
        super().__init__(name, "standard input", once=True)
        self._descriptor = descriptor

    def listen(self) -> bool:
        """Until the end of the input; a last line without line feed counts as a line."""
        cutter = LineCutter()
        self.connected()
        while not self.stopping.is_set():
            if not select.select([self._descriptor], [], [], LOOK_S)[0]:
                continue
            piece = os.read(self._descriptor, PIECE_BYTES)
            self.health.bytes += len(piece)
            if not piece:
                rest = cutter.rest()
                self.arrived([rest] if rest else [])
                self.health.too_long += cutter.too_long
                return True
            self.arrived(cutter.cut(piece))
        return False
