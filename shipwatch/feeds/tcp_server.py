"""Lines that stations push to us over TCP: many connections on one port, each with lines and sentences of its own."""

from __future__ import annotations

import selectors
import socket
from dataclasses import dataclass, field
from time import monotonic

from shipwatch.feeds.feed import LOOK_S, Feed
from shipwatch.feeds.line_cutter import LineCutter
from shipwatch.feeds.tcp import STALL_S

MOST_CONNECTIONS = 64
PIECE_BYTES = 64 << 10
"""Of each connection in turn, so that one that floods leaves the others their time."""
BACKLOG = 16


@dataclass(slots=True)
class _Sender:
    """One connection."""

    slot: int
    heard_s: float
    cutter: LineCutter = field(default_factory=LineCutter)


class TcpServerFeed(Feed):
    """Listens on a port, by default of the loopback address only; connections beyond ``most_connections`` are refused.

    Each connection is a part of its own (``name.1``, ``name.2``): sentences of one message may stand between those of
    another station. A connection that says nothing for ``stall_s`` is dropped.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = "127.0.0.1",
        name: str | None = None,
        most_connections: int = MOST_CONNECTIONS,
        stall_s: float = STALL_S,
    ) -> None:
        super().__init__(name or f"tcp-server:{port}", f"tcp-server://{host}:{port}")
        self.host, self.port, self.most_connections, self.stall_s = host, port, most_connections, stall_s
        self.bound_port: int | None = None
        self._senders: dict[socket.socket, _Sender] = {}

    def listen(self) -> bool:
        """Until told to stop: whoever connects is heard."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with (
            socket.create_server((self.host, self.port), family=family, backlog=BACKLOG) as listening,
            selectors.DefaultSelector() as ready,
        ):
            listening.setblocking(False)
            ready.register(listening, selectors.EVENT_READ)
            self.bound_port = listening.getsockname()[1]
            self.health.state = "listening"
            try:
                while not self.stopping.is_set():
                    for key, _ in ready.select(LOOK_S):
                        if key.fileobj is listening:
                            self._accept(listening, ready)
                        elif isinstance(key.fileobj, socket.socket):
                            self._receive(key.fileobj, ready)
                    self._drop_the_silent(ready)
            finally:
                for connection in list(self._senders):
                    self._leave(connection, ready)
        return False

    def _accept(self, listening: socket.socket, ready: selectors.BaseSelector) -> None:
        try:
            connection, _ = listening.accept()
        except OSError as problem:  # it is gone again, or there are no descriptors left: those that are in go on
            self.failed(problem)
            self.pause(LOOK_S)
            return
        if len(self._senders) >= self.most_connections:
            self.health.refused += 1
            self.failed(f"more than {self.most_connections} connections")
            connection.close()
            return
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        taken = {sender.slot for sender in self._senders.values()}
        slot = next(number for number in range(1, self.most_connections + 1) if number not in taken)
        self._senders[connection] = _Sender(slot, monotonic())
        ready.register(connection, selectors.EVENT_READ)
        self.connected()

    def _receive(self, connection: socket.socket, ready: selectors.BaseSelector) -> None:
        sender = self._senders[connection]
        try:
            piece = connection.recv(PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError as problem:
            self.failed(problem)
            piece = b""
        if not piece:
            self._leave(connection, ready)
            return
        sender.heard_s = monotonic()
        self.health.bytes += len(piece)
        self.arrived(sender.cutter.cut(piece), part=f".{sender.slot}")

    def _drop_the_silent(self, ready: selectors.BaseSelector) -> None:
        now_s = monotonic()
        for connection, sender in list(self._senders.items()):
            if now_s - sender.heard_s >= self.stall_s:
                self.failed(f"nothing received for {self.stall_s:g} s")
                self._leave(connection, ready)

    def _leave(self, connection: socket.socket, ready: selectors.BaseSelector) -> None:
        sender = self._senders.pop(connection)
        self.health.cut += bool(sender.cutter.rest())
        self.health.too_long += sender.cutter.too_long
        ready.unregister(connection)
        connection.close()
        if not self._senders:
            self.health.state = "listening"
