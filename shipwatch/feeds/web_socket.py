"""Messages from a websocket, aisstream.io's among them. Needs websockets (extra ``websocket``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from time import monotonic
from typing import Any

from shipwatch.feeds.feed import LOOK_S, Feed, FeedProblem, MissingExtra
from shipwatch.feeds.health import shown
from shipwatch.feeds.message_lines import lines_of, short
from shipwatch.feeds.tcp import CONNECT_S, STALL_S

MOST_MESSAGE_BYTES = 1 << 20
AT_ONCE = 500
"""Messages that were waiting already are handed on together."""
AISSTREAM_URL = "wss://stream.aisstream.io/v0/stream"
MOST_MMSI = 50
"""That aisstream.io lets one subscription name."""
LONGEST_WAIT_S = 60.0


class WebSocketFeed(Feed):
    """A client of a ``ws://`` or ``wss://`` URL that says ``greeting`` (if any) when it has connected.

    Messages may be text or binary; each is a line, one of several lines as many. A JSON object with ``error`` is the
    server's refusal: the connection is left and tried again ever more seldom. Certificates are checked, no proxy of the
    environment is used. Raises ``MissingExtra``.
    """

    longest_wait_s = LONGEST_WAIT_S

    def __init__(
        self,
        url: str,
        *,
        greeting: str | None = None,
        name: str | None = None,
        stall_s: float = STALL_S,
        secrets: Sequence[str] = (),
    ) -> None:
        super().__init__(name or f"websocket:{shown(url)}", shown(url))
        self.url, self.greeting, self.stall_s, self.secrets = url, greeting, stall_s, tuple(secrets)
        try:
            from websockets.exceptions import WebSocketException  # noqa: PLC0415 (an extra)
            from websockets.sync.client import connect  # noqa: PLC0415
        except ImportError:
            raise MissingExtra("websockets", "websocket") from None
        self._connect, self._broken = connect, WebSocketException

    def listen(self) -> bool:
        """One connection, until it ends."""
        try:
            with self._connect(
                self.url, open_timeout=CONNECT_S, close_timeout=LOOK_S, max_size=MOST_MESSAGE_BYTES, proxy=None
            ) as connection:
                if self.greeting is not None:
                    connection.send(self.greeting)
                self.connected()
                self._receive(connection)
        except self._broken as problem:
            raise FeedProblem(f"{type(problem).__name__}: {problem}") from None
        return False

    def _receive(self, connection: Any) -> None:
        heard_s = monotonic()
        while not self.stopping.is_set():
            lines: list[bytes] = []
            wait_s = LOOK_S
            while len(lines) < AT_ONCE:
                try:
                    message = connection.recv(timeout=wait_s)
                except TimeoutError:
                    break
                except self._broken:
                    self._take(lines)
                    raise
                wait_s = 0.0
                heard_s = monotonic()
                payload = message.encode() if isinstance(message, str) else message
                self.health.bytes += len(payload)
                found = lines_of(payload)
                if (refusal := _refusal(found)) is not None:
                    self._take(lines)
                    raise FeedProblem(f"the server says: {refusal}")
                lines += found
            self._take(lines)
            if monotonic() - heard_s >= self.stall_s:
                self.failed(f"nothing received for {self.stall_s:g} s")
                return

    def _take(self, lines: list[bytes]) -> None:
        kept, too_long = short(lines)
        self.health.too_long += too_long
        self.arrived(kept)


def aisstream(
    key: str,
    *,
    boxes: Sequence[Sequence[Sequence[float]]],
    mmsi: Sequence[str] = (),
    kinds: Sequence[str] = (),
    url: str = AISSTREAM_URL,
    name: str = "aisstream",
    stall_s: float = STALL_S,
) -> WebSocketFeed:
    """The feed of aisstream.io: it wants the subscription within 3 s, and gets it at once.

    ``boxes`` are ``[[lat, lon], [lat, lon]]`` corners; ``mmsi`` up to 50 ships, ``kinds`` message types (none: all).
    """
    asked: dict[str, Any] = {"APIKey": key, "BoundingBoxes": [[list(corner) for corner in box] for box in boxes]}
    if mmsi:
        asked["FiltersShipMMSI"] = list(mmsi)
    if kinds:
        asked["FilterMessageTypes"] = list(kinds)
    return WebSocketFeed(url, greeting=json.dumps(asked), name=name, stall_s=stall_s, secrets=(key,))


def _refusal(lines: list[bytes]) -> str | None:
    """What a message ``{"error": "..."}`` says; None where it is none."""
    if len(lines) != 1 or not lines[0].startswith(b"{") or b'"error"' not in lines[0][:40]:
        return None
    said = json.loads(lines[0])
    return str(said["error"]) if set(said) == {"error"} else None
