"""NMEA lines from UDP datagrams: one or more lines each, the last with or without a line feed."""

from __future__ import annotations

import socket

from shipwatch.feeds.feed import LOOK_S, Feed
from shipwatch.feeds.line_cutter import MAX_LINE_BYTES

DATAGRAM_BYTES = 65_536
RECEIVE_BUFFER_BYTES = 4 << 20
AT_ONCE = 2_000
"""Datagrams that were waiting already are handed on together."""


class UdpFeed(Feed):
    """Listens on a port, by default of the loopback address only."""

    def __init__(self, port: int, *, host: str = "127.0.0.1", name: str | None = None, once: bool = False) -> None:
        super().__init__(name or f"udp:{port}", f"udp://{host}:{port}", once=once)
        self.host, self.port = host, port
        self.bound_port: int | None = None

    def listen(self) -> bool:
        """Until told to stop: a datagram socket has no end."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
            receiver.bind((self.host, self.port))
            self.bound_port = receiver.getsockname()[1]
            self.connected()
            while not self.stopping.is_set():
                receiver.settimeout(LOOK_S)
                try:
                    lines = self._lines(receiver.recv(DATAGRAM_BYTES))
                    receiver.setblocking(False)
                    while len(lines) < AT_ONCE:
                        lines += self._lines(receiver.recv(DATAGRAM_BYTES))
                except TimeoutError:
                    continue
                except BlockingIOError:
                    pass
                self.arrived(lines)
        return False

    def _lines(self, datagram: bytes) -> list[bytes]:
        self.health.bytes += len(datagram)
        lines = [line for line in datagram.split(b"\n") if line.strip()]
        kept = [line for line in lines if len(line) <= MAX_LINE_BYTES]
        self.health.too_long += len(lines) - len(kept)
        return kept
