"""The console on an address: bound first, so that a taken port is said at once; in this thread or beside a watch."""

from __future__ import annotations

import contextlib
import socket
from threading import Thread
from types import TracebackType
from typing import Self

import uvicorn

from geofences.errors import CoastError
from geofences.land import distance_to_shore_m
from shipwatch.console.access import ConsoleError, require_token_beyond_loopback
from shipwatch.console.app import make_app
from shipwatch.console.parts import ConsoleParts

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8770
BACKLOG = 128
LAST_WORDS_S = 2
"""Open streams are cut so long after the stop."""


class ConsoleServer:
    """One console, bound when made (``port`` 0: any free one, then in ``url``).

    ``run`` serves in this thread until interrupted; as a context manager it serves in a thread of its own. Raises
    ``ConsoleError`` where the address is taken, or is no loopback address and there is no token.
    """

    def __init__(self, parts: ConsoleParts, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT) -> None:
        require_token_beyond_loopback(host, parts.token)
        self._socket = _bound(host, port)
        number = self._socket.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{number}/"
        settings = uvicorn.Config(
            make_app(parts), log_level="warning", access_log=False, server_header=False, date_header=False,
            proxy_headers=False, lifespan="off", timeout_graceful_shutdown=LAST_WORDS_S, timeout_keep_alive=30,
            ws="none", limit_concurrency=512,
        )  # fmt: skip
        self._server = uvicorn.Server(settings)
        self._thread: Thread | None = None

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        Thread(target=warm_up, name="console-coast", daemon=True).start()
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def start(self) -> None:
        """Serve in a thread of its own; signals stay with the caller."""
        self._thread = Thread(target=self.run, name="console", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End it in order; open streams are cut after two seconds."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._socket.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def warm_up() -> None:
    """Build what the first reader would wait for: the coast's index takes seconds. Missing coast is said when asked."""
    with contextlib.suppress(CoastError):
        distance_to_shore_m([0.0], [0.0])


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(BACKLOG)
    except (OSError, OverflowError) as problem:
        bound.close()
        raise ConsoleError(
            f"{host}:{port}: cannot be listened on ({problem}) (mend: another --port, or end what holds it)"
        ) from problem
    return bound
