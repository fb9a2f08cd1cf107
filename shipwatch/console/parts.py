"""What the console is given: its whole world, so that tests and scaled replays can hand in another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from decoders.reports import PositionReports
from geofences.zone import Zone
from shipwatch.triage_log import TriageEntry

Clock = Callable[[], int]
"""Microseconds since 1970 UTC."""


class AlertStore(Protocol):
    """The part of the ledger that the console reads and writes."""

    def alerts_page(
        self,
        *,
        after: tuple[int, str] | None = None,
        limit: int = ...,
        severities: Sequence[str] = (),
        states: Sequence[str] = (),
        triage: Sequence[str] = (),
        area_bbox: tuple[float, float, float, float] | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
    ) -> tuple[list[dict[str, Any]], tuple[int, str] | None]: ...

    def revisions(self, alert_id: str) -> list[dict[str, Any]]: ...

    def changes_since(self, sequence: int, limit: int) -> list[tuple[int, dict[str, Any]]]: ...

    def last_sequence(self) -> int: ...

    def told_until_us(self) -> int | None: ...

    def append_triage(
        self, alert_id: str, action: str, by: str, at_us: int, note: str = "", seen: int | None = None
    ) -> TriageEntry: ...

    def triage_of(self, alert_id: str) -> list[TriageEntry]: ...

    def triage_since(self, sequence: int, limit: int = ...) -> list[TriageEntry]: ...

    def log_head(self) -> tuple[int, str]: ...

    def triage_states(self, alert_ids: Sequence[str]) -> dict[str, str]: ...


class PositionArchive(Protocol):
    """The part of the archive that the console reads."""

    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports: ...


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """Everything that pages and API stand on. ``token`` None: loopback only, no login.

    ``secret`` keys sessions and form tokens (32 random bytes a process); ``hosts`` are further host names under which
    the console may be reached; ``analyst`` is the name put into the triage log; ``feed_health`` tells of the live
    feeds when they run in the same process.
    """

    ledger: AlertStore
    archive: PositionArchive
    clock: Clock
    secret: bytes
    token: str | None = None
    hosts: frozenset[str] = frozenset()
    analyst: str = "console"
    zones: tuple[Zone, ...] = ()
    feed_health: Callable[[], Mapping[str, Any]] | None = None
    version: str = ""
    poll_s: float = 0.4
    """How often the stream looks for new revisions."""
    heartbeat_s: float = 5.0
    """How often the stream says that it is alive, and how old the data is."""
