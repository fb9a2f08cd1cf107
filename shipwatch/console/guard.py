"""The door of the console: every request passes it, and every answer leaves with the headers that bind the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shipwatch.console.access import Access, same_origin

MOST_BODY_BYTES = 64 * 1024
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_SAFE = {"GET", "HEAD", "OPTIONS"}
_OPEN = ("/healthz", "/login", "/static/")
"""What is answered without the token: nothing in it is about ships."""
_LOGIN = "/api/v1/login"


class Guard:
    """ASGI middleware: host name, origin, token, form token and body size; adds the security headers to all answers."""

    def __init__(self, app: ASGIApp, access: Access, now_s: Callable[[], int]) -> None:
        self._app, self._access, self._now_s = app, access, now_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no websockets here
            await send({"type": "websocket.close", "code": 1008})
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_header_lines(scope["path"], message)]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, sending)
            return
        await self._app(scope, _bounded(receive), sending)

    def _refusal(self, scope: Scope) -> JSONResponse | RedirectResponse | None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path, method = scope["path"], scope["method"]
        if not self._access.host_is_ours(headers.get("host", "")):
            return _no(421, "this console does not answer under that host name (mend: --allow-host NAME)")
        if not _size_is_right(headers.get("content-length", "0")):
            return _no(413, f"a request may be {MOST_BODY_BYTES} bytes long")
        is_open = path.startswith(_OPEN) or path == _LOGIN
        if not is_open and not self._access.may_ask(headers, self._now_s()):
            if path == "/" and method in _SAFE:
                return RedirectResponse("/login", 303)
            return _no(401, "a token is needed (Authorization: Bearer ...)")
        if method in _SAFE:
            if path.startswith(("/api/", "/tiles/")) and headers.get("sec-fetch-site") == "cross-site":
                return _no(403, "asked for by another site")
            return None
        if path == _LOGIN:
            return None if same_origin(headers) else _no(403, "sent by another site")
        if not self._access.may_change(headers):
            return _no(403, "not sent by this console's own page (the form token or the origin is wrong)")
        return None


def _header_lines(path: str, message: Message) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in message.get("headers", ())}
    wanted = dict(HEADERS)
    if not path.startswith(("/static/", "/tiles/")):
        wanted["cache-control"] = "no-store"
    elif path.startswith("/static/"):
        wanted["cache-control"] = "no-cache"
    return [(name.encode(), value.encode()) for name, value in wanted.items() if name.encode() not in there]


def _size_is_right(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= MOST_BODY_BYTES


def _bounded(receive: Receive) -> Receive:
    """A body sent without a length is cut off where it grows past the limit."""
    seen = 0

    async def bounded() -> Any:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BODY_BYTES:
            return {"type": "http.disconnect"}
        return message

    return bounded


def _no(status: int, why: str) -> JSONResponse:
    return JSONResponse({"error": why}, status)
