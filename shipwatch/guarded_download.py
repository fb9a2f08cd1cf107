"""One file over HTTP, within bounds: only to public addresses, only so large, only so long, whole or not at all."""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from alerts.channels import Resolve, is_public, resolved
from shipwatch.version import DISTRIBUTION, shipwatch_version

MOST_REDIRECTS = 5
AGAIN = frozenset({403, 408, 425, 429, 500, 502, 503, 504})
"""Answers that another attempt may better; 403 is what some publishers say when they are busy."""
LONGEST_WAIT_S = 60.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})


class DownloadError(RuntimeError):
    """A file could not be had; the message names the address."""


class _TryAgainError(DownloadError):
    def __init__(self, message: str, after_s: float | None = None) -> None:
        super().__init__(message)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a download may take."""

    max_bytes: int = 500 << 20
    """Of the file, after decompression."""
    timeout_s: float = 60.0
    """For each step: connecting, and each piece."""
    total_s: float = 1200.0
    """For one attempt."""
    attempts: int = 4
    wait_s: float = 2.0
    """Before the second attempt, twice as long before each further one."""
    allow_private: bool = False
    """Also http, and private, loopback and link-local addresses."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """``changed`` is False where the server says that nothing is new; the marks are to be shown to it next time."""

    changed: bool
    etag: str | None = None
    last_modified: str | None = None


def download(
    url: str,
    into: Path,
    client: httpx.Client,
    bounds: Bounds,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    resolve: Resolve = resolved,
    wait: Callable[[float], None] = sleep,
) -> Fetched:
    """Fetch a file into ``into``, which is left whole or not at all; ``DownloadError`` says why it could not be had.

    Redirects are followed by hand, each held to the same rules; the address that was looked at is the one connected
    to. Answers that may be better next time, broken connections and truncated bodies are tried again with growing
    pauses. ``client`` must not follow redirects or use proxies of its own; ``etag`` and ``last_modified`` are the marks
    of the version that is there.
    """
    part = into.with_name(f".{into.name}.part")
    try:
        for attempt in range(bounds.attempts):
            try:
                found = _attempt(url, part, client, bounds, etag, last_modified, resolve)
            except _TryAgainError as problem:
                if attempt + 1 == bounds.attempts:
                    raise DownloadError(f"{problem} ({bounds.attempts} attempts)") from problem
                wait(min(problem.after_s or bounds.wait_s * 2**attempt, LONGEST_WAIT_S))
                continue
            if found.changed:
                part.replace(into)
            return found
        raise DownloadError(f"{url}: no attempt was made")
    except OSError as problem:
        raise DownloadError(f"{into}: cannot be written ({problem.strerror or problem})") from problem
    finally:
        part.unlink(missing_ok=True)


def _attempt(
    url: str,
    part: Path,
    client: httpx.Client,
    bounds: Bounds,
    etag: str | None,
    last_modified: str | None,
    resolve: Resolve,
) -> Fetched:
    marks = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {
        "User-Agent": f"shipwatch/{shipwatch_version()} ({DISTRIBUTION}; list update)",
        "Accept": "*/*", "Accept-Encoding": "gzip", **{name: value for name, value in marks.items() if value},
    }  # fmt: skip
    ends_s = perf_counter() + bounds.total_s
    for _ in range(MOST_REDIRECTS + 1):
        parts = urlsplit(url)
        target = _pinned(url, parts, bounds, resolve)
        try:
            with client.stream(
                "GET", target, headers={**headers, "Host": parts.netloc}, timeout=bounds.timeout_s,
                follow_redirects=False, extensions={"sni_hostname": parts.hostname or ""},
            ) as answer:  # fmt: skip
                code = answer.status_code
                if code in REDIRECTS and answer.headers.get("location"):
                    url = urljoin(url, answer.headers["location"])
                    continue
                if code == 304:
                    return Fetched(False, etag, last_modified)
                if code != 200:
                    _refuse(url, answer)
                with part.open("wb") as file:
                    for piece in _body(url, answer, bounds, ends_s):
                        file.write(piece)
                return Fetched(True, answer.headers.get("etag"), answer.headers.get("last-modified"))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as problem:
            raise DownloadError(f"{url}: {problem}") from problem
        except httpx.HTTPError as problem:
            said = str(problem) or "no answer in time"
            raise _TryAgainError(f"{_shown(url)}: {type(problem).__name__}: {said}") from problem
    raise DownloadError(f"{_shown(url)}: more than {MOST_REDIRECTS} redirects")


def _pinned(url: str, parts: SplitResult, bounds: Bounds, resolve: Resolve) -> str:
    """The URL with a looked-up address in the place of the host."""
    if parts.scheme not in (("https", "http") if bounds.allow_private else ("https",)):
        raise DownloadError(f"{_shown(url)}: not https")
    try:
        host, port = parts.hostname, parts.port
    except ValueError as problem:
        raise DownloadError(f"{_shown(url)}: {problem}") from problem
    if not host or parts.username or parts.password:
        raise DownloadError(f"{_shown(url)}: has no host, or a password in it")
    try:
        found = list(resolve(host, port or (443 if parts.scheme == "https" else 80)))
    except (socket.gaierror, OSError, UnicodeError) as problem:
        raise _TryAgainError(f"{host} cannot be looked up ({problem})") from problem
    if not found:
        raise _TryAgainError(f"{host} has no address")
    for address in found:
        if not bounds.allow_private and not is_public(address):
            raise DownloadError(f"{_shown(url)}: {host} is {address}, not a public address")
    shown = f"[{found[0]}]" if ":" in found[0] else found[0]
    return parts._replace(netloc=shown if port is None else f"{shown}:{port}", fragment="").geturl()


def _refuse(url: str, answer: httpx.Response) -> None:
    code = answer.status_code
    if code not in AGAIN:
        raise DownloadError(f"{_shown(url)}: answered {code}")
    asked = answer.headers.get("retry-after", "")
    raise _TryAgainError(
        f"{_shown(url)}: answered {code}", float(asked[:9]) if asked.isascii() and asked.isdigit() else None
    )


def _body(url: str, answer: httpx.Response, bounds: Bounds, ends_s: float) -> Iterator[bytes]:
    """The decompressed body in pieces, counted as they come: what is too large is never held."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip"):
        raise DownloadError(f"{_shown(url)}: is encoded as {coding!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    taken = 0
    for raw in answer.iter_raw():
        if perf_counter() > ends_s:
            raise DownloadError(f"{_shown(url)}: not done after {bounds.total_s:.0f} s")
        rest = raw
        while rest:
            if unpack is None:
                piece, rest = rest, b""
            else:
                try:
                    piece = unpack.decompress(rest, 1 << 20)
                except zlib.error as problem:
                    raise _TryAgainError(f"{_shown(url)}: damaged gzip ({problem})") from problem
                rest = unpack.unconsumed_tail
            taken += len(piece)
            if taken > bounds.max_bytes:
                raise DownloadError(f"{_shown(url)}: more than the {bounds.max_bytes:,} bytes that are allowed")
            yield piece
    if unpack is not None and not unpack.eof:
        raise _TryAgainError(f"{_shown(url)}: the gzip ends early")
    if taken == 0:
        raise _TryAgainError(f"{_shown(url)}: nothing came")


def _shown(url: str) -> str:
    """Without query: a presigned address carries a secret in it, and control characters have no place in a log."""
    plain = url.partition("?")[0].partition("#")[0]
    return "".join(c for c in plain if c.isprintable())[:200]
