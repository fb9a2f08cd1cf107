"""Messages that receivers post to us over HTTP, as AIS-catcher does (``-H URL``): JSON with ``msgs``, or lines."""

from __future__ import annotations

import asyncio
import base64
import hmac
import socket
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
import uvicorn

from shipwatch.feeds.feed import LOOK_S, Feed
from shipwatch.feeds.message_lines import lines_of, of_value, short

MOST_BODY_BYTES = 4 << 20
MOST_UNPACKED_BYTES = 32 << 20
"""A minute of a busy receiver is 2 MB of JSON."""
BODY_S = 30.0
"""So long a request may take to arrive."""
MOST_REQUESTS_AT_ONCE = 64
BACKLOG = 64

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class HttpPostFeed(Feed):
    """A server for posts on a port, by default of the loopback address only.

    With a ``token`` a request must bring it: ``Authorization: Bearer TOKEN``, or as the password of Basic
    (AIS-catcher's ``USERPWD name:TOKEN``). Bodies may be packed with gzip; they are bounded packed and unpacked.
    """

    def __init__(
        self,
        port: int,
        *,
        host: str = "127.0.0.1",
        token: str = "",
        name: str | None = None,
        most_body_bytes: int = MOST_BODY_BYTES,
        most_unpacked_bytes: int = MOST_UNPACKED_BYTES,
    ) -> None:
        super().__init__(name or f"http:{port}", f"http-post://{host}:{port}")
        self.host, self.port, self.secrets = host, port, (token,)
        self.most_body_bytes, self.most_unpacked_bytes = most_body_bytes, most_unpacked_bytes
        self.bound_port: int | None = None
        self._token = token

    def listen(self) -> bool:
        """Until told to stop: whoever posts is heard."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.create_server((self.host, self.port), family=family, backlog=BACKLOG) as listening:
            self.bound_port = listening.getsockname()[1]
            self.connected()
            self.health.state = "listening"
            asyncio.run(self._serve(listening))
        return False

    async def _serve(self, listening: socket.socket) -> None:
        settings = uvicorn.Config(
            self._answer, interface="asgi3", log_config=None, access_log=False, server_header=False, date_header=False,
            proxy_headers=False, lifespan="off", ws="none", timeout_keep_alive=30, timeout_graceful_shutdown=1,
            limit_concurrency=MOST_REQUESTS_AT_ONCE,
        )  # fmt: skip
        server = uvicorn.Server(settings)

        async def until_stopped() -> None:
            while not self.stopping.is_set():
                await asyncio.sleep(LOOK_S)
            server.should_exit = True

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(until_stopped())
            await server.serve(sockets=[listening])

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            return
        headers = {bytes(name).lower(): bytes(value) for name, value in scope["headers"]}
        status, text = await self._hear(str(scope["method"]), headers, receive)
        if status >= 400:
            self.health.refused += 1
            self.failed(f"a request was refused with {status}: {text}")
        more = [(b"www-authenticate", b'Basic realm="shipwatch"')] if status == 401 else []
        body = text.encode() + b"\n"
        head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *more]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _hear(self, method: str, headers: dict[bytes, bytes], receive: Receive) -> tuple[int, str]:
        if method != "POST":
            return 405, "POST only"
        if self._token and not _brings(self._token, headers.get(b"authorization", b"")):
            return 401, "the token is missing or wrong"
        try:
            async with asyncio.timeout(BODY_S):
                body = await self._body(receive)
        except TimeoutError:
            return 408, "the request took too long"
        if body is None:
            return 413, "the body is too large"
        packing = headers.get(b"content-encoding", b"identity").strip().lower()
        if packing not in (b"identity", b"gzip"):
            return 415, "only gzip is unpacked"
        if packing == b"gzip" or body[:2] == b"\x1f\x8b":
            try:
                body = _unpacked(body, self.most_unpacked_bytes)
            except zlib.error:
                return 400, "the body is no gzip"
            if body is None:
                return 413, "the body is too large unpacked"
        self.health.bytes += len(body)
        try:
            kept, too_long = short(posted_lines(body))
        except ValueError as problem:
            return 400, str(problem)
        self.health.too_long += too_long
        self.arrived(kept)
        return 200, "ok"

    async def _body(self, receive: Receive) -> bytes | None:
        """The whole body; None as soon as it is too large, or where the client went away."""
        pieces: list[bytes] = []
        size = 0
        while True:
            event = await receive()
            if event["type"] != "http.request":
                return None
            piece = bytes(event.get("body", b""))
            size += len(piece)
            if size > self.most_body_bytes:
                return None
            pieces.append(piece)
            if not event.get("more_body", False):
                return b"".join(pieces)


def posted_lines(body: bytes) -> list[bytes]:
    r"""The messages of a post as lines, each with the station that the post names; ``ValueError`` where it has none.

    >>> posted_lines(b'{"protocol":"jsonaiscatcher","stationid":"north","msgs":[{"class":"AIS"},"!AIVDM,1"]}')
    [b'{"class":"AIS","stationid":"north"}', b'!AIVDM,1']
    """
    if body.lstrip()[:1] not in (b"{", b"["):
        return lines_of(body)
    try:
        post = orjson.loads(body)
    except ValueError:
        return lines_of(body)  # JSON lines; what is wrong with one is counted where it is decoded
    station: Any = None
    messages: Any = [post]
    if type(post) is dict and "msgs" in post:
        station, messages = post.get("stationid"), post["msgs"]
    elif type(post) is dict and "groups" in post:
        raise ValueError("the protocol of aprs.fi; let AIS-catcher post with PROTOCOL AISCATCHER")
    elif type(post) is list:
        messages = post
    if type(messages) is not list:
        raise ValueError("msgs is no list")
    made: list[bytes] = []
    for message in messages:
        if type(message) is str:
            made += lines_of(message.encode("utf-8", "replace"))
        elif type(message) is dict and type(station) is str and "stationid" not in message:
            made.append(of_value({**message, "stationid": station}))
        else:
            made.append(of_value(message))
    return made


def _brings(token: str, authorization: bytes) -> bool:
    kind, _, given = authorization.strip().partition(b" ")
    given = given.strip()
    if kind.lower() == b"basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except ValueError:
            return False
    elif kind.lower() != b"bearer":
        return False
    return hmac.compare_digest(given, token.encode())


def _unpacked(body: bytes, most: int) -> bytes | None:
    """None where it is more than ``most``: nothing beyond that is unpacked."""
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(body, most + 1)
    if len(plain) > most:
        return None
    if not unpacker.eof:
        raise zlib.error("ends early")
    return plain
