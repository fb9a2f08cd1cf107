"""Feeds over real sockets and files: cuts, half lines, floods, rotation; nothing is lost uncounted."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from feed_waiting import Lines, gathered, wait_until

from shipwatch.feeds.intake import Chunk, Intake
from shipwatch.feeds.line_cutter import LineCutter
from shipwatch.feeds.standard_input import StdinFeed
from shipwatch.feeds.tail import Place, TailFeed
from shipwatch.feeds.tcp import TcpFeed
from shipwatch.feeds.udp import UdpFeed


def server() -> socket.socket:
    """A listening socket on a free port."""
    return socket.create_server(("127.0.0.1", 0))


def test_tcp_joins_lines_across_pieces_and_counts_the_half_one(started: Callable[..., Intake]) -> None:
    """Lines arrive whole however TCP cuts them; the half line at the end of a connection is counted and not used."""
    with server() as listening:
        feed = TcpFeed("127.0.0.1", listening.getsockname()[1])
        intake = started(feed)
        peer, _ = listening.accept()
        for piece in (b"on", b"e\ntwo\nth", b"ree\n", b"half"):
            peer.sendall(piece)
            time.sleep(0.02)
        assert gathered(intake, 3) == [b"one", b"two", b"three"]
        peer.close()
        assert wait_until(lambda: feed.health.cut == 1)
        assert feed.health.bytes == 18


def test_tcp_connects_again_after_a_cut(started: Callable[..., Intake]) -> None:
    """A server that cuts the line is called again, and what it then sends arrives."""
    with server() as listening:
        feed = TcpFeed("127.0.0.1", listening.getsockname()[1])
        intake = started(feed)
        for number in range(2):
            peer, _ = listening.accept()
            peer.sendall(b"hello %d\n" % number)
            assert gathered(intake, 1) == [b"hello %d" % number]
            peer.close()
        assert feed.health.connections == 2


def test_tcp_waits_for_a_server_that_is_not_there_yet(started: Callable[..., Intake]) -> None:
    """No server yet is no failure: it says so, backs off, and connects when there is one."""
    with server() as listening:
        port = listening.getsockname()[1]
    feed = TcpFeed("127.0.0.1", port)
    intake = started(feed)
    assert wait_until(lambda: feed.health.state == "waiting" and feed.health.last_error is not None)
    with socket.create_server(("127.0.0.1", port)) as listening:
        listening.settimeout(8.0)
        peer, _ = listening.accept()
        peer.sendall(b"late\n")
        assert gathered(intake, 1) == [b"late"]
        peer.close()


def test_a_connection_that_died_without_a_word_is_left(started: Callable[..., Intake]) -> None:
    """After ``stall_s`` without a byte the feed connects anew."""
    with server() as listening:
        listening.settimeout(8.0)
        feed = TcpFeed("127.0.0.1", listening.getsockname()[1], stall_s=0.5)
        started(feed)
        first, _ = listening.accept()
        second, _ = listening.accept()
        assert "nothing received" in (feed.health.last_error or "")
        first.close()
        second.close()


def test_a_flood_is_bounded_and_counted(started: Callable[..., Intake]) -> None:
    """A full queue turns network lines away: those taken and those counted as dropped make all that came."""
    with server() as listening:
        feed = TcpFeed("127.0.0.1", listening.getsockname()[1])
        intake = started(feed, limit=1_000)
        peer, _ = listening.accept()
        peer.sendall(b"x" * 60 + b"\n" + (b"y" * 60 + b"\n") * 49_999)
        peer.close()
        assert wait_until(lambda: feed.health.lines == 50_000)
        assert intake.held_lines <= 1_000
        taken = gathered(intake, 1_000, 0.3)
        assert len(taken) + feed.health.dropped == 50_000
        assert 0 < len(taken) <= 1_000


def test_rubbish_without_line_ends_takes_no_memory() -> None:
    """Bytes with no line feed are given up at the limit, counted, and the next line is whole again."""
    cutter = LineCutter(max_line_bytes=1_000)
    for _ in range(1_000):
        assert cutter.cut(os.urandom(997).replace(b"\n", b".")) == []
        assert cutter.held <= 2_000
    assert cutter.cut(b"end\ngood\n") == [b"good"]
    assert cutter.too_long == 1


def test_udp_takes_one_or_more_lines_a_datagram(started: Callable[..., Intake]) -> None:
    """Datagrams hold lines with or without an end; the feed is bound to loopback only."""
    feed = UdpFeed(0)
    intake = started(feed)
    assert wait_until(lambda: feed.bound_port is not None)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", feed.bound_port or 0))
        sender.send(b"one")
        sender.send(b"two\r\nthree\n")
        assert gathered(intake, 3) == [b"one", b"two\r", b"three"]


def test_standard_input_ends(started: Callable[..., Intake]) -> None:
    """A pipe is read to its end, the unfinished last line included, and then the feed has ended."""
    reading, writing = os.pipe()
    feed = StdinFeed(descriptor=reading)
    intake = started(feed)
    os.write(writing, b"one\ntw")
    os.write(writing, b"o\nlast")
    os.close(writing)
    assert gathered(intake, 3) == [b"one", b"two", b"last"]
    assert wait_until(lambda: intake.drained and feed.health.state == "ended")
    os.close(reading)


def test_what_can_wait_is_never_dropped(started: Callable[..., Intake], tmp_path: Path) -> None:
    """A file waits while the queue is full."""
    log = tmp_path / "ais.log"
    log.write_bytes(b"".join(b"line %d\n" % n for n in range(50_000)))
    feed = TailFeed(log, once=True)
    intake = started(feed, limit=500)
    lines = gathered(intake, 50_000)
    assert lines == [b"line %d" % n for n in range(50_000)]
    assert feed.health.dropped == 0


def test_tail_follows_growth_and_rotation(started: Callable[..., Intake], tmp_path: Path) -> None:
    """Lines come as they are written; after a rename the rest of the old file is read, then the new one."""
    log = tmp_path / "ais.log"
    log.write_bytes(b"one\ntw")
    feed = TailFeed(log)
    intake = started(feed)
    assert gathered(intake, 1) == [b"one"]
    with log.open("ab") as file:
        file.write(b"o\n")
    assert gathered(intake, 1) == [b"two"]
    with log.open("ab") as file:
        log.rename(tmp_path / "ais.log.1")
        file.write(b"three\n")
    log.write_bytes(b"four\n")
    assert gathered(intake, 2) == [b"three", b"four"]


def test_tail_is_patient_with_a_successor_that_cannot_be_opened(started: Callable[..., Intake], tmp_path: Path) -> None:
    """A rotated file whose successor cannot be opened (yet) is tried again at the pace of any failure, not at once."""
    path = tmp_path / "grows.nmea"
    path.write_bytes(b"one\n")
    feed = TailFeed(path)
    intake = started(feed)
    assert gathered(intake, 1) == [b"one"]
    path.rename(tmp_path / "grows.nmea.1")
    (tmp_path / "other").mkdir()
    (tmp_path / "other").rename(path)  # in one step: nobody finds the name free
    assert wait_until(lambda: bool(feed.health.errors))
    time.sleep(0.5)
    assert sum(feed.health.errors.values()) <= 5
    path.rename(tmp_path / "other")
    path.write_bytes(b"two\n")
    assert gathered(intake, 1) == [b"two"]


def test_tail_follows_truncation(started: Callable[..., Intake], tmp_path: Path) -> None:
    """A file begun anew under the same inode is read from its start."""
    log = tmp_path / "ais.log"
    log.write_bytes(b"a rather long first line\n")
    intake = started(TailFeed(log))
    assert gathered(intake, 1) == [b"a rather long first line"]
    with log.open("wb") as file:
        file.write(b"new\n")
    assert gathered(intake, 1) == [b"new"]


def taken_with_place(path: Path, place: str | None) -> tuple[Lines, Place]:
    """All lines of a tail with ``once``, and the place behind them as the chunks tell it."""
    intake = Intake()
    feed = TailFeed(path, once=True, place=place)
    feed.start(intake, lambda: 0)
    lines: Lines = []
    at: Place | None = None
    while not intake.drained:
        for chunk in intake.take(100, 0.1):
            at = Place.read(chunk.place) if chunk.place else at
            assert at is not None
            at = at.after(chunk.lines)
            lines.extend(chunk.lines)
    feed.stop()
    assert at is not None
    return lines, at


def test_tail_goes_on_from_its_place(tmp_path: Path) -> None:
    """The place behind the lines taken is where the next tail goes on: nothing twice, nothing left out."""
    log = tmp_path / "ais.log"
    log.write_bytes(b"one\r\ntwo\n" + b"z" * 40_000 + b"\nthree\n")
    lines, place = taken_with_place(log, None)
    assert lines == [b"one\r", b"two", b"three"]
    with log.open("ab") as file:
        file.write(b"four\n")
    more, _ = taken_with_place(log, str(place))
    assert more == [b"four"]


def test_tail_finds_a_file_that_was_renamed_while_nobody_looked(tmp_path: Path) -> None:
    """The rest of the renamed file comes first, then the new one; an inode used again is not taken for the old file."""
    log = tmp_path / "ais.log"
    log.write_bytes(b"one\ntwo\n")
    _, place = taken_with_place(log, None)
    with log.open("ab") as file:
        file.write(b"three\n")
    log.rename(tmp_path / "ais.log.1")
    log.write_bytes(b"four is longer than all before it\n")
    lines, _ = taken_with_place(log, str(place))
    assert lines == [b"three", b"four is longer than all before it"]
    other = place._replace(inode=log.stat().st_ino)
    assert not other.is_in(log)


def test_waiting_feeds_are_let_go_at_the_end() -> None:
    """A feed that waits for room does not hold up the service's stop."""
    intake = Intake(limit_lines=1)
    intake.put(Chunk("a", 0, [b"x"]))
    waiting = threading.Thread(target=intake.put, args=(Chunk("a", 0, [b"y"]),))
    waiting.start()
    intake.close()
    waiting.join(5)
    assert not waiting.is_alive()
