"""Who may ask, and from where: host names, the token, sessions, and the proof that a change came from our own page."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from pathlib import Path

LEAST_TOKEN = 20
LOOPBACK_NAMES = frozenset({"localhost"})
SESSION_COOKIE = "shipwatch_session"
SESSION_S = 12 * 3600
CSRF_HEADER = "x-shipwatch-csrf"


class ConsoleError(RuntimeError):
    """The console cannot start as asked; the message says why and what mends it."""


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def require_token_beyond_loopback(host: str, token: str | None) -> None:
    """Raises ``ConsoleError`` where the console would be open to a network without a token."""
    if token is None and not is_loopback(host):
        raise ConsoleError(
            f"{host}: listening beyond this machine needs a token "
            f"(mend: put {LEAST_TOKEN} or more random characters in a file and name it with --token-file)"
        )


def read_token(path: Path) -> str:
    """The token in a file's first line; raises ``ConsoleError`` where it cannot be read or is too short to keep."""
    try:
        token = path.read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise ConsoleError(f"{path}: the token cannot be read ({problem})") from problem
    if len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise ConsoleError(
            f"{path}: the first line must hold a token of at least {LEAST_TOKEN} printable ASCII characters, no spaces"
        )
    return token


def host_name(host_header: str) -> str:
    """The name in a Host header, without its port.

    >>> host_name("localhost:8770"), host_name("[::1]:8770"), host_name("10.0.0.1")
    ('localhost', '::1', '10.0.0.1')
    """
    text = host_header.strip().lower()
    if text.startswith("["):
        name, bracket, _ = text[1:].partition("]")
        return name if bracket else ""
    return text.rpartition(":")[0] if ":" in text else text


@dataclass(frozen=True, slots=True)
class Access:
    """The rules of one console; every method is pure. Times in seconds since 1970."""

    secret: bytes
    token: str | None = None
    hosts: frozenset[str] = frozenset()

    def host_is_ours(self, host_header: str) -> bool:
        """Whether a Host header may be answered: an address, localhost or a name that was allowed.

        A page of somebody else whose name is made to point here (DNS rebinding) always comes under a name.
        """
        name = host_name(host_header)
        if name in LOOPBACK_NAMES or name in self.hosts:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True

    def csrf_token(self) -> str:
        """What our own page puts into the header of every change."""
        return self._keyed("csrf")

    def csrf_is_ours(self, given: str | None) -> bool:
        """Whether a change carries it."""
        return given is not None and _same(given, self.csrf_token())

    def token_is_right(self, given: str) -> bool:
        """Compared in constant time; always wrong where no token is set."""
        return self.token is not None and _same(given, self.token)

    def new_session(self, now_s: int) -> str:
        """A cookie value that is good for twelve hours and for this process."""
        until = now_s + SESSION_S
        return f"{until}.{self._keyed(f'session {until}')}"

    def session_is_good(self, value: str, now_s: int) -> bool:
        """Whether it is ours and not over."""
        until, _, proof = value.partition(".")
        if not (until.isascii() and until.isdigit() and len(until) <= 12) or now_s >= int(until):
            return False
        return _same(proof, self._keyed(f"session {until}"))

    def bearer_is_right(self, headers: Mapping[str, str]) -> bool:
        """Whether the token stands in the Authorization header."""
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.token_is_right(given.strip())

    def may_ask(self, headers: Mapping[str, str], now_s: int) -> bool:
        """Whether a request with these headers (names in lower case) may see alerts."""
        if self.token is None or self.bearer_is_right(headers):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(SESSION_COOKIE)
        except CookieError:
            return False
        return cookie is not None and self.session_is_good(cookie.value, now_s)

    def may_change(self, headers: Mapping[str, str]) -> bool:
        """Whether a change comes from our own page, or from a program that holds the token."""
        if self.token is not None and self.bearer_is_right(headers):
            return True
        return same_origin(headers) and self.csrf_is_ours(headers.get(CSRF_HEADER))

    def _keyed(self, what: str) -> str:
        return hmac.new(self.secret, what.encode(), hashlib.sha256).hexdigest()


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether what the browser says of the sender does not contradict our own page (a program says nothing)."""
    site = headers.get("sec-fetch-site", "same-origin")
    if site not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2].lower() == headers.get("host", "").lower()


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())
