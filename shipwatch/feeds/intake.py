"""The queue between the feeds and the service: bounded, in the order of arrival, and it counts what it turns away."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

QUEUE_LINES = 200_000
"""About 30 MB; at the whole world's AIS rate a minute or so."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that one feed received at one instant of the service's clock.

    ``place`` says, where the source can be read again, at which of its bytes the first line begins; it is given where
    that does not follow from the lines before.
    """

    feed: str
    stamp: int
    lines: Sequence[bytes]
    place: str | None = None


class Intake:
    """Many feeds put in, one service takes out. Each feed has its share of the room: no flood starves another."""

    def __init__(self, limit_lines: int = QUEUE_LINES) -> None:
        self.limit_lines = limit_lines
        self._held = 0
        self._held_of: dict[str, int] = {}
        self._chunks: deque[tuple[str, Chunk]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._open_feeds = 0

    def offer(self, chunk: Chunk, owner: str | None = None) -> int:
        """Put lines in as far as there is room, at once; returns how many were turned away.

        ``owner`` is the feed whose share it is, where the chunk names one of its connections.
        """
        owner = chunk.feed if owner is None else owner
        with self._changed:
            room = 0 if self._closed else max(0, self._share() - self._held_of.get(owner, 0))
            taken = chunk.lines[:room]
            if taken:
                self._put(owner, Chunk(chunk.feed, chunk.stamp, taken, chunk.place))
            return len(chunk.lines) - len(taken)

    def put(self, chunk: Chunk, owner: str | None = None) -> bool:
        """Put lines in, waiting for room: for sources that can wait; False when the service has stopped."""
        owner = chunk.feed if owner is None else owner
        with self._changed:
            while not self._closed:
                held = self._held_of.get(owner, 0)
                if not held or held + len(chunk.lines) <= self._share():
                    break
                self._changed.wait(0.5)
            if self._closed:
                return False
            self._put(owner, chunk)
            return True

    def take(self, max_lines: int, timeout_s: float) -> list[Chunk]:
        """What has arrived, oldest first, up to about ``max_lines``; waits up to ``timeout_s`` for the first."""
        with self._changed:
            if not self._chunks and not self._closed and timeout_s > 0 and not self._all_ended():
                self._changed.wait(timeout_s)
            taken: list[Chunk] = []
            lines = 0
            while self._chunks and (not taken or lines + len(self._chunks[0][1].lines) <= max_lines):
                owner, chunk = self._chunks.popleft()
                taken.append(chunk)
                lines += len(chunk.lines)
                self._held_of[owner] -= len(chunk.lines)
            self._held -= lines
            self._changed.notify_all()
            return taken

    def feed_opened(self) -> None:
        """A feed will put lines in."""
        with self._changed:
            self._open_feeds += 1

    def feed_ended(self) -> None:
        """A feed will put no more lines in."""
        with self._changed:
            self._open_feeds -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """The service takes no more: whoever waits for room is let go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def held_lines(self) -> int:
        """Lines waiting."""
        return self._held

    @property
    def drained(self) -> bool:
        """Whether all feeds have ended and nothing waits."""
        with self._changed:
            return self._all_ended() and not self._chunks

    def _all_ended(self) -> bool:
        return self._open_feeds <= 0

    def _share(self) -> int:
        """Lines that one feed may have waiting."""
        return self.limit_lines // max(1, self._open_feeds)

    def _put(self, owner: str, chunk: Chunk) -> None:
        self._chunks.append((owner, chunk))
        self._held += len(chunk.lines)
        self._held_of[owner] = self._held_of.get(owner, 0) + len(chunk.lines)
        self._changed.notify_all()
