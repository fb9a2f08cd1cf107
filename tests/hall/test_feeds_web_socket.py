"""A feed that calls a websocket, against a real server on this machine."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from feed_waiting import gathered, wait_until
from websockets.sync.server import Server, ServerConnection, serve

from decoders.jsonlines import JsonDecoder
from shipwatch.feeds.intake import Intake
from shipwatch.feeds.web_socket import WebSocketFeed, aisstream


@contextmanager
def web_socket_server(answer: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A websocket server that answers each connection; gives its URL."""
    server: Server = serve(answer, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v0/stream"
    finally:
        server.shutdown()
        thread.join(10)


POSITION = {
    "MessageType": "PositionReport",
    "MetaData": {"MMSI": 366999999, "ShipName": "EXAMPLE", "time_utc": "2022-12-29 18:22:32.318353 +0000 UTC"},
    "Message": {
        "PositionReport": {
            "MessageID": 1, "UserID": 366999999, "Latitude": 31.5, "Longitude": -122.3, "Sog": 0.1, "Cog": 12.3,
            "TrueHeading": 511, "NavigationalStatus": 0, "Timestamp": 32, "Valid": True,
        }
    },
}  # fmt: skip


def test_aisstream_is_subscribed_at_once_and_heard(started: Callable[..., Intake]) -> None:
    """The subscription comes first, well within three seconds, as the service words it; frames may be binary."""
    asked: list[dict[str, Any]] = []
    took: list[float] = []

    def answer(connection: ServerConnection) -> None:
        began = time.perf_counter()
        asked.append(json.loads(connection.recv(timeout=3.0)))
        took.append(time.perf_counter() - began)
        connection.send(json.dumps(POSITION).encode())
        connection.send(json.dumps(POSITION, indent=1))
        connection.recv()

    with web_socket_server(answer) as url:
        feed = aisstream("key-77", boxes=[[[54, 9], [66, 31]]], mmsi=["366999999"], kinds=["PositionReport"], url=url)
        lines = gathered(started(feed), 2)
        assert asked == [
            {
                "APIKey": "key-77",
                "BoundingBoxes": [[[54, 9], [66, 31]]],
                "FiltersShipMMSI": ["366999999"],
                "FilterMessageTypes": ["PositionReport"],
            }
        ]
        assert took[0] < 1.0
        assert [json.loads(line) for line in lines] == [POSITION, POSITION]
        assert JsonDecoder().step(b"\n".join(lines), 0).positions.mmsi.tolist() == [366999999] * 2
        assert (feed.health.lines, feed.health.state) == (2, "connected")
        feed.stop()


def test_a_refused_key_is_said_and_tried_ever_more_seldom(started: Callable[..., Intake]) -> None:
    """The service's error object is quoted without the key; the tries come further apart, though each one connected."""
    waits: list[float] = []

    def answer(connection: ServerConnection) -> None:
        connection.recv()
        connection.send('{"error": "Api Key key-77 Is Not Valid"}')

    with web_socket_server(answer) as url:
        feed = aisstream("key-77", boxes=[], url=url)
        feed.draw = lambda: 0.0

        def pause(seconds: float) -> bool:
            waits.append(seconds)
            if len(waits) == 4:
                feed.stopping.set()
            return feed.stopping.is_set()

        feed.pause = pause  # type: ignore[method-assign]
        intake = started(feed)
        assert wait_until(lambda: feed.health.state == "stopped")
        assert feed.health.errors == {"the server says: Api Key *** Is Not Valid": 4}
        assert waits == [0.25, 0.5, 1.0, 2.0]
        assert intake.held_lines == 0
        feed.stop()


def test_a_websocket_that_is_cut_or_stalls_is_made_anew(started: Callable[..., Intake]) -> None:
    """After a cut in the middle and after silence the feed connects again, and what it had is kept."""
    calls: list[int] = []

    def answer(connection: ServerConnection) -> None:
        calls.append(len(calls))
        connection.send(f"line {len(calls)}")
        if len(calls) == 1:
            connection.socket.shutdown(socket.SHUT_RDWR)
        elif len(calls) == 2:
            connection.recv()

    with web_socket_server(answer) as url:
        feed = WebSocketFeed(url, stall_s=0.4)
        assert gathered(started(feed), 3) == [b"line 1", b"line 2", b"line 3"]
        assert "nothing received for 0.4 s" in feed.health.errors
        assert len(feed.health.errors) >= 2
        feed.stop()


def test_a_websocket_flood_is_bounded_and_counted(started: Callable[..., Intake]) -> None:
    """What the queue does not take is counted; a message beyond all measure ends the connection, not the service."""

    def answer(connection: ServerConnection) -> None:
        for _ in range(3_000):
            connection.send("x" * 100)
        connection.send("y" * 20_000)
        connection.send("z" * 2_000_000)

    with web_socket_server(answer) as url:
        feed = WebSocketFeed(url)
        intake = started(feed, limit=1_000)
        assert wait_until(lambda: feed.health.too_long and feed.health.errors)
        feed.stop()
    assert intake.held_lines <= 1_000
    assert feed.health.dropped >= 2_000
    assert feed.health.lines - feed.health.dropped == intake.held_lines
