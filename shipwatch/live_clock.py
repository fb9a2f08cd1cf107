"""The clock of the live service: the wall's, or one that runs many times as fast beside a player."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns
from typing import Protocol

SILENCE_S = 540.0


class LiveClock(Protocol):
    """Stamps are cheap numbers that feeds take at each arrival; ``event_us`` says which instant a stamp is."""

    silence_floor_s: float
    """So long, in real seconds, nothing must have come before it is called silence."""
    follows_lines: bool
    """Whether the clock must be told of the times that lines carry."""

    def stamp(self) -> int:
        """Now, as a stamp."""

    def event_us(self, stamp: int) -> int | None:
        """Microseconds since 1970 UTC of a stamp; None while the clock does not know."""

    def told(self, time_us: int, stamp: int) -> None:
        """A line that arrived at ``stamp`` carried this time."""


class WallClock:
    """The wall clock, from a function that reads it; lines have no say in it.

    Silence is judged by a stopwatch as well (``silence_floor_s``): a clock that is set forward by hours is no silence.
    """

    follows_lines = False

    def __init__(self, now_us: Callable[[], int], silence_floor_s: float = SILENCE_S) -> None:
        self._now_us = now_us
        self.silence_floor_s = silence_floor_s

    def stamp(self) -> int:
        """Microseconds since 1970 UTC."""
        return self._now_us()

    def event_us(self, stamp: int) -> int | None:
        """The stamp itself."""
        return stamp

    def told(self, time_us: int, stamp: int) -> None:
        """Nothing: what lines claim does not move the wall's clock."""


class ScaledClock:
    """A clock ``scale`` times as fast as the stopwatch ``elapsed_ns``, set by the first line's own time.

    A line that is ahead of it puts it forward: beside a player it is the lines that are right. It is never put back.
    """

    follows_lines = True
    silence_floor_s = 5.0
    """Ten minutes of event time pass in a blink: a player that stumbles for a moment is not silence."""

    def __init__(self, scale: float, elapsed_ns: Callable[[], int] = perf_counter_ns) -> None:
        if not scale > 0:
            raise ValueError(f"scale: {scale} is not > 0")
        self.scale = scale
        self._elapsed_ns = elapsed_ns
        self._set_us: int | None = None
        self._set_ns = 0

    def stamp(self) -> int:
        """Nanoseconds of the stopwatch."""
        return self._elapsed_ns()

    def event_us(self, stamp: int) -> int | None:
        """The instant of a stamp; None before the clock has been set."""
        if self._set_us is None:
            return None
        return self._set_us + int((stamp - self._set_ns) * self.scale) // 1000

    def told(self, time_us: int, stamp: int) -> None:
        """Set the clock, or put it forward."""
        now_us = self.event_us(stamp)
        if now_us is None or time_us > now_us:
            self._set_us, self._set_ns = time_us, stamp
