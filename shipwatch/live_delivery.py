"""A thread that empties the outbox: woken when something new was recorded, and by itself when a retry is due."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from alerts.channels import Channel
from alerts.delivery import Outbox, deliver_due

LOOK_S = 1.0


class DeliveryThread:
    """Runs until stopped; a store that is away is tried again at the next look."""

    def __init__(self, outbox: Outbox, channels: Sequence[Channel], now_us: Callable[[], int]) -> None:
        self._outbox, self._channels, self._now_us = outbox, tuple(channels), now_us
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)
        self.sent = 0
        self.failed = 0
        self.last_error: str | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def stop(self, timeout_s: float = 15.0) -> None:
        """One last round of what is due now, then end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def to_json(self) -> dict[str, Any]:
        """How it is doing, as plain JSON values."""
        return {"sent": self.sent, "failed": self.failed, "last_error": self.last_error}

    def _run(self) -> None:
        while True:
            last = self._stopping.is_set()
            if self._round() and not last:
                continue
            if last:
                return
            self._wake.wait(LOOK_S)
            self._wake.clear()

    def _round(self) -> bool:
        """Send what is due; whether more may be due at once."""
        try:
            done = deliver_due(self._outbox, self._channels, self._now_us())
        except Exception as problem:  # the store is away: what waits in it is not lost, and the thread must live on
            self.last_error = f"{type(problem).__name__}: {problem}"
            return False
        self.sent += done.sent
        self.failed += done.failed
        if done.errors:
            self.last_error = done.errors[-1]
        return done.more and done.sent > 0
