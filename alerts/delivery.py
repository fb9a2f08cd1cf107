"""From the outbox out: at least once, with the same key each time, tried again with growing patience, never lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.channels import Channel, DeliveryError

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 3600.0
AT_ONCE = 100
US = 1_000_000


class Due(Protocol):
    """One row of an outbox whose time has come: which channel, what, under which key, and how often it was tried."""

    @property
    def id(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def alert(self) -> Mapping[str, Any]: ...
    @property
    def attempts(self) -> int: ...


class Outbox(Protocol):
    """Where deliveries wait; written together with what they tell of."""

    def due_deliveries(self, now_us: int, limit: int) -> Sequence[Due]:
        """Those not delivered whose time has come, oldest first."""

    def mark_delivered(self, id: int, at_us: int) -> object:
        """It has arrived."""

    def mark_failed(self, id: int, retry_at_us: int, error: str) -> object:
        """It has not; it is due again at that time."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    errors: tuple[str, ...] = ()
    more: bool = False
    """Whether others were due as well, beyond those looked at."""


def retry_after_s(attempts: int, asked_s: float | None = None) -> float:
    """Seconds until the next try after so many failures: doubling from 5 s to an hour, or what the receiver asked for.

    >>> retry_after_s(1), retry_after_s(4), retry_after_s(40), retry_after_s(1, 90.0)
    (5.0, 40.0, 3600.0, 90.0)
    """
    patience_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(max(attempts, 1) - 1, 20))
    return patience_s if asked_s is None else max(asked_s, FIRST_RETRY_S)


def deliver_due(outbox: Outbox, channels: Iterable[Channel], now_us: int, limit: int = AT_ONCE) -> Delivered:
    """Send what is due and note what became of each; a channel that fails is left in peace for the rest of the round.

    A crash between sending and noting sends it again, under the same key. A delivery whose channel is not configured
    any more waits for it. Whatever a channel raises is its failure alone: what waits for the others goes out.
    """
    known = {channel.name: channel for channel in channels}
    due = outbox.due_deliveries(now_us, limit)
    sent, errors = 0, []
    resting: dict[str, float] = {}
    for item in due:
        channel = known.get(item.channel)
        try:
            if channel is None:
                raise DeliveryError(f"{item.channel}: no such channel is configured", LONGEST_RETRY_S)
            if item.channel in resting:
                raise DeliveryError("waits for the channel", resting[item.channel])
            channel.send(item.key, item.alert, now_us)
        except Exception as problem:
            known_failure = isinstance(problem, DeliveryError)
            text = str(problem) if known_failure else f"{item.channel}: {type(problem).__name__}: {problem}"
            after_s = retry_after_s(item.attempts + 1, getattr(problem, "retry_after_s", None))
            if item.channel not in resting:
                errors.append(text)
                resting[item.channel] = after_s
            outbox.mark_failed(item.id, now_us + int(after_s * US), text)
        else:
            outbox.mark_delivered(item.id, now_us)
            sent += 1
    return Delivered(sent, len(due) - sent, tuple(errors), len(due) >= limit)
