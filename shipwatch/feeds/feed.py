"""What all feeds share: a thread of their own, a name, a health record, and patience that grows between tries."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from shipwatch.feeds.health import Health, without
from shipwatch.feeds.intake import Chunk, Intake

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
LOOK_S = 0.25
"""How often a waiting feed looks whether it is to stop."""

Stamp = Callable[[], int]
Draw = Callable[[], float]
"""A random number of [0, 1)."""


class FeedProblem(OSError):
    """The source answered, and said no: a refused key, an error message, an answer of another form."""


class MissingExtra(ImportError):
    """A library that this feed needs is not installed; the message says how to get it."""

    def __init__(self, library: str, extra: str) -> None:
        super().__init__(f"{library} is not installed: pip install 'shipwatch-sts[{extra}]'")


class Feed(ABC):
    """One source of lines. Subclasses say in ``listen`` how they come; it is called again until it says it has ended.

    ``once`` feeds end where their source does, the others wait for it to come back.
    """

    can_wait = False
    """Whether the source waits for us (a file) or goes on without us (a network)."""
    secrets: tuple[str, ...] = ()
    """Words that must not stand in what is said of this feed."""
    longest_wait_s = LONGEST_WAIT_S
    draw: Draw = staticmethod(random.random)
    """Spreads the tries of many stations that lost one server at one instant."""

    def __init__(self, name: str, source: str, *, once: bool = False) -> None:
        self.name = name
        self.once = once
        self.health = Health(name, source)
        self.stopping = threading.Event()
        self._intake = Intake()
        self._stamp: Stamp = lambda: 0
        self._thread: threading.Thread | None = None
        self._wait_s = FIRST_WAIT_S

    def start(self, intake: Intake, stamp: Stamp) -> None:
        """Begin to listen in a thread; ``stamp`` reads the service's clock at each arrival."""
        self._intake, self._stamp = intake, stamp
        intake.feed_opened()
        self._thread = threading.Thread(target=self._run, name=f"feed {self.name}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Let go of the source and wait for the thread to end."""
        self.stopping.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    @abstractmethod
    def listen(self) -> bool:
        """Receive until the source ends or fails (raises); True when there will never be more."""

    def arrived(self, lines: list[bytes], place: str | None = None, *, part: str = "") -> None:
        """Hand lines on; called by ``listen``. ``part`` tells the senders of a feed apart: sentences may interleave."""
        if not lines:
            return
        self._wait_s = FIRST_WAIT_S
        chunk = Chunk(self.name + part, self._stamp(), lines, place)
        if self.can_wait:
            if not self._intake.put(chunk, self.name):
                return
        else:
            self.health.dropped += self._intake.offer(chunk, self.name)
        self.health.lines += len(lines)
        self.health.last_stamp = chunk.stamp

    def connected(self) -> None:
        """The source is there; called by ``listen``."""
        self.health.state = "connected"
        self.health.connections += 1

    def failed(self, problem: BaseException | str) -> None:
        """Something went wrong; said without the feed's secrets."""
        text = str(problem)
        if isinstance(problem, BaseException) and not (text and isinstance(problem, (OSError, ValueError))):
            text = f"{type(problem).__name__}: {text}".removesuffix(": ")
        self.health.failed(without(text, self.secrets))

    def pause(self, seconds: float) -> bool:
        """Wait, or be told to stop: True when to stop."""
        return self.stopping.wait(seconds)

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                try:
                    if self.listen():
                        break
                except Exception as problem:  # whatever a source or its library does, the feed tries again
                    self.failed(problem)
                    if self.once and self.health.connections:
                        break
                if self.stopping.is_set():
                    break
                self.health.state = "waiting"
                self.pause(self._wait_s * (0.5 + 0.5 * self.draw()))
                self._wait_s = min(max(2 * self._wait_s, FIRST_WAIT_S), self.longest_wait_s)
        finally:
            self.health.state = "stopped" if self.stopping.is_set() else "ended"
            self._intake.feed_ended()
