"""`/api/v1/alerts/stream`: every recorded revision as a server-sent event, from where a client left off."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, HTTPException, Query, Request
from starlette.responses import StreamingResponse

from shipwatch.console.evidence import brief
from shipwatch.console.parts import ConsoleParts
from shipwatch.ledger import LedgerError

BATCH = 200
MOST_STREAMS = 64
RETRY_MS = 1000


class Streams:
    """How many are open; further ones are refused, so that nobody can hold all threads and connections."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most, self.open = most, 0

    def refuse_too_many(self) -> None:
        """Answers 503 where too many are open."""
        if self.open >= self._most:
            raise HTTPException(503, f"{self._most} streams are open already", {"retry-after": "10"})


def stream_routes(parts: ConsoleParts) -> APIRouter:
    """The stream."""
    routes = APIRouter(prefix="/api/v1")
    streams = Streams()

    @routes.get("/alerts/stream")
    async def stream(
        request: Request,
        last_event_id: Annotated[str | None, Header(max_length=20)] = None,
        after: Annotated[int | None, Query(ge=0)] = None,
        log: Annotated[int | None, Query(ge=0)] = None,
    ) -> StreamingResponse:
        """Events `alert` (id: the ledger's sequence), `triage`, `health`, `trouble`.

        Alerts go on after Last-Event-ID, else after `after`, else from now; decisions after the log's entry `log`, else
        from now (a decision may come twice: it says the state, not the change).
        """
        begin = await _begin(parts, last_event_id, after)
        decided = log if log is not None else (await run_sync(parts.ledger.log_head))[0]
        streams.refuse_too_many()
        return StreamingResponse(
            _events(parts, request, begin, decided, streams),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no", "cache-control": "no-store"},
        )

    return routes


def event_text(name: str, data: dict[str, Any], sequence: int | None = None) -> str:
    """One event in the wire form.

    >>> event_text("alert", {"id": "rv-1"}, 7)
    'id: 7\\nevent: alert\\ndata: {"id":"rv-1"}\\n\\n'
    """
    number = "" if sequence is None else f"id: {sequence}\n"
    return f"{number}event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"


async def _begin(parts: ConsoleParts, last_event_id: str | None, after: int | None) -> int:
    if last_event_id:
        if not (last_event_id.isascii() and last_event_id.isdigit()):
            raise HTTPException(422, "Last-Event-ID: not a number of this stream")
        return int(last_event_id)
    return after if after is not None else await run_sync(parts.ledger.last_sequence)


async def _events(
    parts: ConsoleParts, request: Request, sequence: int, decided: int, streams: Streams
) -> AsyncIterator[str]:
    streams.open += 1
    try:
        yield f"retry: {RETRY_MS}\n\n"
        quiet_s = parts.heartbeat_s
        while not await request.is_disconnected():
            changes: list[tuple[int, dict[str, Any]]] = []
            try:
                changes = await run_sync(parts.ledger.changes_since, sequence, BATCH)
                if changes:
                    states = await run_sync(parts.ledger.triage_states, [item["id"] for _, item in changes])
                    for number, item in changes:
                        data = {**brief(item), "triage": states.get(item["id"], "new")}
                        data["revision_reason"] = item["revision_reason"]
                        yield event_text("alert", data, number)
                        sequence = number
                for entry in await run_sync(parts.ledger.triage_since, decided, BATCH):
                    state = (await run_sync(parts.ledger.triage_states, [entry.alert_id]))[entry.alert_id]
                    yield event_text("triage", {"id": entry.alert_id, "state": state, "by": entry.by})
                    decided = entry.sequence
                if quiet_s >= parts.heartbeat_s:
                    yield event_text("health", await run_sync(health_of, parts))
                    quiet_s = 0.0
            except LedgerError as problem:
                yield event_text("trouble", {"error": f"the store cannot be read: {problem}"})
                quiet_s = parts.heartbeat_s
            if len(changes) < BATCH:
                await anyio.sleep(parts.poll_s)
                quiet_s += parts.poll_s
    finally:
        streams.open -= 1


def health_of(parts: ConsoleParts) -> dict[str, Any]:
    """Now by the console's clock, the newest conclusion in the store, and what the live feeds say where they run."""
    newest_us = parts.ledger.told_until_us()
    return {
        "now": parts.clock() // 1_000_000,
        "newest": None if newest_us is None else newest_us // 1_000_000,
        "feeds": None if parts.feed_health is None else dict(parts.feed_health()),
    }
