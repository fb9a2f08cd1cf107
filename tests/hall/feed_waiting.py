"""Waiting for what a feed brings, with a bound, for several test files."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from shipwatch.feeds.intake import Intake

Lines = list[bytes]


def gathered(intake: Intake, count: int, timeout_s: float = 10.0) -> Lines:
    """The lines that come until there are ``count``, or time is up."""
    lines: Lines = []
    deadline = time.perf_counter() + timeout_s
    while len(lines) < count and time.perf_counter() < deadline:
        for chunk in intake.take(10_000, 0.05):
            lines.extend(chunk.lines)
    return lines


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0) -> bool:
    """Whether it came true in time."""
    deadline = time.perf_counter() + timeout_s
    while not condition() and time.perf_counter() < deadline:
        time.sleep(0.01)
    return bool(condition())


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
