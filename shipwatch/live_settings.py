"""How the live service keeps time with its feeds, its store and its lists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """Section `[live]`: how the service keeps time with its feeds and its store; seconds."""

    name: str = "watch"
    """Of the checkpoint: one for each service on a store."""
    tick_s: float = 600.0
    """After so much silence of all feeds the clock alone moves the watermark, in steps of this."""
    round_s: float = 0.2
    """Lines of so long are worked off together."""
    checkpoint_s: float = 30.0
    sync_s: float = 1.0
    """The journal is forced to disk so often: a power cut loses at most this."""
    queue_lines: int = 200_000
    """Lines that may wait; more from a network are dropped and counted, files and pipes wait."""
    retry_s: float = 2.0
    """A store or disk that is away is tried again after this."""
    lists_s: float = 60.0
    """So often it is looked whether lists have been imported or updated meanwhile."""

    def __post_init__(self) -> None:
        for name in ("tick_s", "round_s", "checkpoint_s", "sync_s", "queue_lines", "retry_s", "lists_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)} is not > 0")
