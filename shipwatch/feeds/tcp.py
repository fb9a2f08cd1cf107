"""Lines from a TCP server: connect, listen, and connect again when it goes away or falls silent."""

from __future__ import annotations

import socket

from shipwatch.feeds.feed import LOOK_S, Feed
from shipwatch.feeds.line_cutter import LineCutter

CONNECT_S = 10.0
STALL_S = 300.0
"""A connection over which nothing came for so long may be dead without either side knowing."""
PIECE_BYTES = 256 << 10


class TcpFeed(Feed):
    """A client of ``host:port``; a line cut off by the end of a connection is counted and not used."""

    def __init__(
        self, host: str, port: int, *, name: str | None = None, once: bool = False, stall_s: float = STALL_S
    ) -> None:
        super().__init__(name or f"tcp:{host}:{port}", f"tcp://{host}:{port}", once=once)
        self.host, self.port, self.stall_s = host, port, stall_s

    def listen(self) -> bool:
        """One connection, until it ends."""
        cutter = LineCutter()
        with socket.create_connection((self.host, self.port), timeout=CONNECT_S) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.settimeout(LOOK_S)
            self.connected()
            silent_s = 0.0
            try:
                while not self.stopping.is_set():
                    try:
                        piece = connection.recv(PIECE_BYTES)
                    except TimeoutError:
                        silent_s += LOOK_S
                        if silent_s >= self.stall_s:
                            self.failed(f"nothing received for {self.stall_s:g} s")
                            return False
                        continue
                    if not piece:
                        return self.once
                    silent_s = 0.0
                    self.health.bytes += len(piece)
                    self.arrived(cutter.cut(piece))
            finally:
                self.health.cut += bool(cutter.rest())
                self.health.too_long += cutter.too_long
        return False
