"""How a feed is doing: its state and what became of everything it received."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(slots=True)
class Health:
    """One feed's record, written by its own thread, read by whoever asks.

    ``state`` is ``starting``, ``connected``, ``waiting`` (for the next try or for a file to appear), ``ended`` or
    ``stopped``. ``dropped`` lines found the queue full; ``cut`` lines lost their end with the connection; ``too_long``
    lines had no end in sight. ``last_stamp`` is the stamp of the service's clock at the newest line.
    """

    name: str
    source: str
    state: str = "starting"
    connections: int = 0
    bytes: int = 0
    lines: int = 0
    dropped: int = 0
    cut: int = 0
    too_long: int = 0
    last_stamp: int | None = None
    last_error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)
