"""Feeds that listen, and a serial cable: stations that connect, post or are plugged in; limits, stalls, floods."""

from __future__ import annotations

import gzip
import json
import os
import pty
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator

import httpx
import pytest
from feed_waiting import wait_until

from shipwatch.feeds.http_post import HttpPostFeed, posted_lines
from shipwatch.feeds.intake import Chunk, Intake
from shipwatch.feeds.serial_line import SerialFeed
from shipwatch.feeds.tcp import TcpFeed
from shipwatch.feeds.tcp_server import TcpServerFeed


def chunks(intake: Intake, lines: int, timeout_s: float = 8.0) -> list[Chunk]:
    """What comes until there are so many lines, or time is up."""
    found: list[Chunk] = []
    deadline = time.perf_counter() + timeout_s
    while sum(len(chunk.lines) for chunk in found) < lines and time.perf_counter() < deadline:
        found += intake.take(10_000, 0.05)
    return found


def lines_of(found: list[Chunk]) -> list[bytes]:
    """The lines of chunks."""
    return [line for chunk in found for line in chunk.lines]


def connected_to(feed: TcpServerFeed) -> socket.socket:
    """A station's connection."""
    assert wait_until(lambda: feed.bound_port)
    return socket.create_connection(("127.0.0.1", feed.bound_port or 0), timeout=8.0)


def test_stations_push_lines_and_are_told_apart(started: Callable[..., Intake]) -> None:
    """Lines of two connections arrive whole, each under its own part of the feed's name; half lines are counted."""
    feed = TcpServerFeed(0, name="coast")
    intake = started(feed)
    with connected_to(feed) as first, connected_to(feed) as second:
        first.sendall(b"a1\na")
        second.sendall(b"b1\nb2\n")
        first.sendall(b"2\nhalf")
        found = chunks(intake, 4)
    assert {(chunk.feed, line) for chunk in found for line in chunk.lines} == {
        ("coast.1", b"a1"), ("coast.1", b"a2"), ("coast.2", b"b1"), ("coast.2", b"b2"),
    }  # fmt: skip
    assert wait_until(lambda: feed.health.cut == 1)
    assert wait_until(lambda: feed.health.state == "listening")
    assert (feed.health.lines, feed.health.connections) == (4, 2)


def test_one_connection_too_many_is_refused_and_said(started: Callable[..., Intake]) -> None:
    """Beyond the limit a station is turned away; those that are in go on, and its place is given to the next."""
    feed = TcpServerFeed(0, most_connections=1)
    intake = started(feed)
    with connected_to(feed) as first:
        first.sendall(b"in\n")
        assert lines_of(chunks(intake, 1)) == [b"in"]
        with connected_to(feed) as second:
            assert second.recv(1) == b""
        assert feed.health.refused == 1
        assert "more than 1 connections" in (feed.health.last_error or "")
        first.sendall(b"still\n")
        assert lines_of(chunks(intake, 1)) == [b"still"]
    assert wait_until(lambda: feed.health.state == "listening")
    with connected_to(feed) as third:
        third.sendall(b"next\n")
        (chunk,) = chunks(intake, 1)
    assert (chunk.feed, chunk.lines) == (f"{feed.name}.1", [b"next"])


def test_a_station_that_falls_silent_is_dropped(started: Callable[..., Intake]) -> None:
    """A connection over which nothing comes for ``stall_s`` is closed, and the health says so."""
    feed = TcpServerFeed(0, stall_s=0.3)
    started(feed)
    with connected_to(feed) as silent:
        silent.settimeout(8.0)
        assert silent.recv(1) == b""
    assert feed.health.errors == {"nothing received for 0.3 s": 1}


def test_a_flood_starves_nothing_else(started: Callable[..., Intake]) -> None:
    """One feed floods a queue that nobody empties: its rest is dropped and counted, the other feed loses nothing."""
    flood, calm = TcpServerFeed(0, name="flood"), TcpServerFeed(0, name="calm")
    intake = started(flood, calm, limit=2_000)
    with connected_to(flood) as hose, connected_to(calm) as quiet:
        threading.Thread(target=hose.sendall, args=((b"x" * 60 + b"\n") * 50_000,)).start()
        assert wait_until(lambda: flood.health.dropped > 10_000)
        for number in range(500):
            quiet.sendall(b"calm %d\n" % number)
        assert wait_until(lambda: calm.health.lines == 500)
        assert wait_until(lambda: flood.health.lines == 50_000)
    found = chunks(intake, 1_500, 1.0)
    of_calm = [line for chunk in found if chunk.feed.startswith("calm") for line in chunk.lines]
    of_flood = [line for chunk in found if chunk.feed.startswith("flood") for line in chunk.lines]
    assert of_calm == [b"calm %d" % number for number in range(500)]
    assert calm.health.dropped == 0
    assert len(of_flood) + flood.health.dropped == 50_000
    assert flood.health.to_json()["dropped"] == flood.health.dropped > 0


def test_a_file_that_waits_leaves_the_network_its_room() -> None:
    """A feed that can wait fills its own share of the queue and no more."""
    intake = Intake(1_000)
    intake.feed_opened()
    intake.feed_opened()
    assert intake.put(Chunk("file", 0, [b"x"] * 500))
    assert intake.offer(Chunk("net", 0, [b"y"] * 600)) == 100
    waiting = threading.Thread(target=intake.put, args=(Chunk("file", 1, [b"z"]),))
    waiting.start()
    time.sleep(0.05)
    assert waiting.is_alive()
    assert sum(len(chunk.lines) for chunk in intake.take(500, 0.0)) == 500
    waiting.join(5.0)
    assert not waiting.is_alive()


def test_tries_are_spread_by_what_chance_says(started: Callable[..., Intake]) -> None:
    """The waits grow, each between half and the whole of its step as the drawn number says; a line sets them back."""
    waits: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    feed = TcpFeed("127.0.0.1", port)
    draws = iter([0.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5])
    feed.draw = lambda: next(draws, 0.5)

    def pause(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 8:
            feed.stopping.set()
        return feed.stopping.is_set()

    feed.pause = pause  # type: ignore[method-assign]
    started(feed)
    assert wait_until(lambda: feed.health.state == "stopped")
    assert waits == [0.25, 1.0, 1.5, 3.0, 6.0, 12.0, 22.5, 22.5]
    assert feed.health.errors and sum(feed.health.errors.values()) == 8


def posted(feed: HttpPostFeed, body: bytes, **headers: str) -> httpx.Response:
    """What the feed answers to a post."""
    assert wait_until(lambda: feed.bound_port)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"http://127.0.0.1:{feed.bound_port}/", content=body, headers=named, trust_env=False, timeout=8.0)


POST = {
    "protocol": "jsonaiscatcher",
    "encodetime": "20221102171325",
    "stationid": "north",
    "receiver": {"description": "AIS-catcher"},
    "msgs": [
        {"class": "AIS", "device": "AIS-catcher", "rxtime": "20221102171324", "type": 1, "mmsi": 244030470},
        "!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A",
    ],
}


def test_posts_of_ais_catcher_are_heard(started: Callable[..., Intake]) -> None:
    """Plain and packed posts give one line a message with the station's name; lines of NMEA are taken as well."""
    feed = HttpPostFeed(0)
    intake = started(feed)
    body = json.dumps(POST).encode()
    assert posted(feed, body).status_code == 200
    assert posted(feed, gzip.compress(body), content_encoding="gzip").status_code == 200
    assert posted(feed, b"!AIVDM,one\r\n!AIVDM,two\r\n").status_code == 200
    found = lines_of(chunks(intake, 6))
    assert len(found) == 6
    assert json.loads(found[0]) == {**POST["msgs"][0], "stationid": "north"}  # type: ignore[dict-item]
    assert found[:2] == found[2:4]
    assert found[4:] == [b"!AIVDM,one", b"!AIVDM,two"]


def test_posts_need_the_token(started: Callable[..., Intake]) -> None:
    """Without the token, or with another, nothing is heard and the health counts it; Bearer and Basic both bring it."""
    feed = HttpPostFeed(0, token="sesame-7")
    intake = started(feed)
    basic = httpx.BasicAuth("station", "sesame-7")._auth_header
    assert posted(feed, b"no\n").status_code == 401
    assert posted(feed, b"no\n", authorization="Bearer sesame-8").status_code == 401
    assert posted(feed, b"no\n", authorization="Basic !!!").status_code == 401
    assert posted(feed, b"one\n", authorization="Bearer sesame-7").status_code == 200
    assert posted(feed, b"two\n", authorization=basic).status_code == 200
    assert lines_of(chunks(intake, 2)) == [b"one", b"two"]
    assert feed.health.refused == 3
    assert "sesame" not in json.dumps(feed.health.to_json())


def test_hostile_posts_are_refused_in_bounded_memory(started: Callable[..., Intake]) -> None:
    """Bodies too large as sent or unpacked, rubbish, other methods: an answer each, no line, and the feed lives on."""
    feed = HttpPostFeed(0, most_body_bytes=100_000, most_unpacked_bytes=200_000)
    intake = started(feed)
    assert posted(feed, b"x" * 100_001).status_code == 413
    assert posted(feed, gzip.compress(bytes(50_000_000)), content_encoding="gzip").status_code == 413
    assert posted(feed, gzip.compress(b"half" * 100)[:-9], content_encoding="gzip").status_code == 400
    assert posted(feed, b"x", content_encoding="br").status_code == 415
    assert posted(feed, b'{"msgs": 7}').status_code == 400
    assert posted(feed, b'{"protocol":"jsonais","groups":[]}').status_code == 400
    assert posted(feed, b'{"msgs":[' + b"[" * 500 + b"]" * 500 + b"]}").status_code == 400
    assert httpx.get(f"http://127.0.0.1:{feed.bound_port}/", trust_env=False).status_code == 405
    assert posted(feed, b"fine\n").status_code == 200
    assert lines_of(chunks(intake, 1)) == [b"fine"]
    assert feed.health.refused == 8


def test_what_stands_in_a_post_may_be_anything() -> None:
    """Members of msgs that are no message become lines too: what they are worth is counted where they are decoded."""
    assert posted_lines(b'{"msgs":[1,null,"",[2],{"a":"\\u20ac"}]}') == [
        b"1", b"null", b"[2]", b'{"a":"\xe2\x82\xac"}',
    ]  # fmt: skip
    assert posted_lines(b'{"class":"AIS",\n"device":"x"}') == [b'{"class":"AIS","device":"x"}']
    assert posted_lines(b'{"a":1}\n{"b":2}\n') == [b'{"a":1}', b'{"b":2}']


@pytest.fixture
def cable() -> Iterator[tuple[int, str]]:
    """Both ends of a serial cable: a descriptor to write to, and a device."""
    own, other = pty.openpty()
    tty.setraw(other)
    yield own, os.ttyname(other)
    os.close(own)
    os.close(other)


def test_a_serial_device_is_read(cable: tuple[int, str], started: Callable[..., Intake]) -> None:
    """Lines from a serial device arrive whole, whatever pieces it gives them in."""
    end, device = cable
    feed = SerialFeed(device)
    intake = started(feed)
    assert wait_until(lambda: feed.health.state == "connected")
    for piece in (b"!AIVDM,o", b"ne\r\n!AIVDM,two\r\n!AI"):
        os.write(end, piece)
        time.sleep(0.02)
    assert lines_of(chunks(intake, 2)) == [b"!AIVDM,one\r", b"!AIVDM,two\r"]
    feed.stop()
    assert feed.health.cut == 1
    assert feed.health.source == f"{device} at 38400 baud"


def test_a_silent_serial_device_is_opened_again(cable: tuple[int, str], started: Callable[..., Intake]) -> None:
    """After ``stall_s`` of silence the device is closed and opened, and heard again."""
    end, device = cable
    feed = SerialFeed(device, stall_s=0.3)
    intake = started(feed)
    assert wait_until(lambda: feed.health.connections >= 2)
    assert "nothing received for 0.3 s" in feed.health.errors
    assert wait_until(lambda: feed.health.state == "connected")
    os.write(end, b"again\n")
    assert lines_of(chunks(intake, 1)) == [b"again"]


def test_a_device_that_is_not_there_is_waited_for(started: Callable[..., Intake]) -> None:
    """A missing device is said, not fatal."""
    feed = SerialFeed("/dev/no-such-receiver")
    started(feed)
    assert wait_until(lambda: feed.health.state == "waiting")
    assert "no-such-receiver" in (feed.health.last_error or "")
