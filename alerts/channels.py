"""Where alerts go: a file of JSON lines, or a webhook; each takes one revision at a time and says when it could not."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
from standardwebhooks import Webhook

from alerts.errors import AlertError

RESPONSE_BYTES = 64 << 10
TIMEOUT_S = 10.0
LONGEST_RETRY_AFTER_S = 24 * 3600
FAR_RETRY_S = 6 * 3600

Resolve = Callable[[str, int], Sequence[str]]


class DeliveryError(AlertError):
    """A channel could not take a delivery; ``retry_after_s`` is what it asked for, None where it did not say."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """One way out."""

    @property
    def name(self) -> str:
        """By which the outbox knows it."""

    def send(self, key: str, alert: Mapping[str, Any], now_us: int) -> None:
        """Deliver one revision; ``key`` is the same each time the same revision is sent. Raises ``DeliveryError``."""


def message(key: str, alert: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent, in the form of Standard Webhooks: type, the time of the event, and the alert object as data.

    >>> message("a.1", {"state": "opened", "start": "2025-03-14T08:00:00Z"})["type"]
    'alert.opened'
    """
    return {
        "type": f"alert.{alert.get('state', 'updated')}",
        "timestamp": alert.get("end") or alert.get("start"),
        "idempotency_key": key,
        "data": dict(alert),
    }


@dataclass(frozen=True, slots=True)
class JsonLinesChannel:
    """Appends one message a line to a file, on disk before it counts as delivered."""

    name: str
    path: Path

    def send(self, key: str, alert: Mapping[str, Any], now_us: int) -> None:
        """Append; half a line that a crash left is closed first, so that it spoils no other."""
        line = json.dumps(message(key, alert), ensure_ascii=False) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab+") as file:
                if file.tell() and _last_byte(file) != b"\n":
                    file.write(b"\n")
                file.write(line.encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            raise DeliveryError(f"{self.path}: {problem.strerror or problem}") from problem


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts to a URL as Standard Webhooks says: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` (HMAC).

    ``secret`` is base64, with or without ``whsec_``. Only https to public addresses, unless ``allow_private``; the
    address that was looked at is the one connected to. Redirects are not followed, answers are read up to 64 KiB.
    ``client`` is the HTTP client to use, ``resolve`` looks names up.
    """

    name: str
    url: str
    secret: str
    client: httpx.Client
    allow_private: bool = False
    resolve: Resolve | None = None

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            host = (parts.hostname or "").encode("idna")
            httpx.URL(parts._replace(netloc=f"192.0.2.1:{parts.port or 443}").geturl())
        except (ValueError, httpx.InvalidURL) as problem:
            raise DeliveryError(f"{self.name}: {self.url!r} is no address ({problem})") from None
        if parts.scheme not in (("https", "http") if self.allow_private else ("https",)):
            raise DeliveryError(f"{self.name}: {self.url!r} is not https")
        if not host or parts.username or parts.password:
            raise DeliveryError(f"{self.name}: {self.url!r} has no host, or a password in it")
        try:
            Webhook(self.secret)
        except Exception as problem:
            raise DeliveryError(f"{self.name}: the secret is not base64 ({problem})") from None

    def send(self, key: str, alert: Mapping[str, Any], now_us: int) -> None:
        """Post; anything but a 2xx answer raises ``DeliveryError``."""
        body = json.dumps(message(key, alert), ensure_ascii=False)
        at = datetime.fromtimestamp(now_us // 1_000_000, tz=UTC)
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        headers = {
            "host": parts.netloc, "content-type": "application/json", "user-agent": "shipwatch", "webhook-id": key,
            "webhook-timestamp": str(now_us // 1_000_000),
            "webhook-signature": Webhook(self.secret).sign(msg_id=key, timestamp=at, data=body),
        }  # fmt: skip
        address = self._address(host, parts.port or (443 if parts.scheme == "https" else 80))
        shown = f"[{address}]" if ":" in address else address
        url = parts._replace(netloc=shown if parts.port is None else f"{shown}:{parts.port}").geturl()
        try:
            with self.client.stream(
                "POST", url, content=body.encode(), headers=headers, timeout=TIMEOUT_S, follow_redirects=False,
                extensions={"sni_hostname": host},
            ) as answer:  # fmt: skip
                read, began_s = 0, perf_counter()
                for piece in answer.iter_raw():
                    read += len(piece)
                    if read > RESPONSE_BYTES or perf_counter() - began_s > TIMEOUT_S:
                        break
                _judge(self.name, answer)
        except httpx.HTTPError as problem:
            raise DeliveryError(f"{self.name}: {type(problem).__name__}: {problem}") from problem

    def _address(self, host: str, port: int) -> str:
        """An address of the host that may be connected to; every one it has must be allowed."""
        try:
            found = list((self.resolve or resolved)(host, port))
        except (OSError, UnicodeError) as problem:
            raise DeliveryError(f"{self.name}: {host} cannot be looked up ({problem})") from problem
        if not found:
            raise DeliveryError(f"{self.name}: {host} has no address")
        for text in found:
            if not self.allow_private and not is_public(text):
                raise DeliveryError(
                    f"{self.name}: {host} is {text}, not a public address; allow_private = true permits it", FAR_RETRY_S
                )
        return found[0]


def is_public(address: str) -> bool:
    """Whether an address is on the public internet: not private, loopback, link-local, multicast or mapped to such.

    >>> is_public("192.0.2.1"), is_public("8.8.8.8"), is_public("::ffff:127.0.0.1"), is_public("169.254.169.254")
    (False, True, False, False)
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if mapped is not None:
        found = mapped
    in_nat64 = found in ipaddress.ip_network("64:ff9b::/96") if found.version == 6 else False
    return found.is_global and not found.is_multicast and not found.is_reserved and not in_nat64


def resolved(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system finds them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _judge(name: str, answer: httpx.Response) -> None:
    code = answer.status_code
    if 200 <= code < 300:
        return
    if 300 <= code < 400:
        raise DeliveryError(f"{name}: answered {code}: redirects are not followed", FAR_RETRY_S)
    if code == 410:
        raise DeliveryError(f"{name}: answered 410: it is gone for good", LONGEST_RETRY_AFTER_S)
    asked = answer.headers.get("retry-after", "")
    after_s = min(float(asked), LONGEST_RETRY_AFTER_S) if asked.isascii() and asked.isdigit() else None
    raise DeliveryError(f"{name}: answered {code}", after_s)


def _last_byte(file: Any) -> bytes:
    file.seek(-1, os.SEEK_END)
    return bytes(file.read(1))
