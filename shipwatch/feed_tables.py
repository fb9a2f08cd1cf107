"""Tables of section `[feeds]`: one feed each, its keys checked, its secrets read from where they are kept."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from shipwatch.config import ConfigError
from shipwatch.feeds.aishub import SHORTEST_POLL_S, AisHubFeed
from shipwatch.feeds.aishub import URL as AISHUB_URL
from shipwatch.feeds.feed import Feed
from shipwatch.feeds.http_post import HttpPostFeed
from shipwatch.feeds.kafka import GROUP, OWN, KafkaFeed
from shipwatch.feeds.mqtt import SCHEMES, MqttFeed
from shipwatch.feeds.web_socket import AISSTREAM_URL, MOST_MMSI, WebSocketFeed, aisstream

Table = Mapping[str, Any]
_Kind = TypeVar("_Kind")


def address(text: str, place: str) -> tuple[str, int]:
    """``HOST:PORT``, or a port alone (no host); ``ConfigError`` where there is no port."""
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 <= int(port) < 65536):
        raise ConfigError(f"{place}: {text!r} has no port (HOST:PORT)")
    return host.strip("[]"), int(port)


class TableReader:
    """The keys of one table of a feed, each taken by name; no value is ever shown, as it may be a secret."""

    def __init__(self, place: str, table: Table, folder: Path, environment: Mapping[str, str]) -> None:
        self.place = place
        self._table, self._folder, self._environment = table, folder, environment
        self._taken: set[str] = set()

    def take(self, key: str, kind: type[_Kind], default: _Kind | None = None) -> _Kind:
        self._taken.add(key)
        value = self._table.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if kind is float and type(value) is int:
            value = float(value)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"is not a {_WORDS.get(kind, kind.__name__)}")
        return value

    def texts(self, key: str, *, needed: bool = False) -> list[str]:
        found = self.take(key, list, None if needed else [])
        if not all(isinstance(text, (str, int)) and not isinstance(text, bool) for text in found):
            raise self.wrong(key, "is not a list of texts")
        if needed and not found:
            raise self.wrong(key, "is empty")
        return [str(text) for text in found]

    def url(self, default: str | None, schemes: Sequence[str]) -> str:
        url = self.take("url", str, default)
        try:
            parts = urlsplit(url)
            good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good:
            raise self.wrong("url", f"is no URL of {', '.join(schemes)}")
        if parts.username is not None or parts.password is not None:
            raise self.wrong("url", "holds a user or password; give them by their own keys")
        return url

    def secret(self, word: str, *, needed: bool) -> str:
        """From the first line of ``<word>_file`` or the variable that ``<word>_env`` names."""
        file, variable = self.take(f"{word}_file", str, ""), self.take(f"{word}_env", str, "")
        if file and variable:
            raise self.wrong(f"{word}_file", f"and {word}_env exclude each other")
        found = ""
        if file:
            try:
                found = (self._folder / file).read_text("utf-8").partition("\n")[0].strip()
            except (OSError, UnicodeDecodeError) as problem:
                why = problem.strerror if isinstance(problem, OSError) else "not text"
                raise self.wrong(f"{word}_file", f"{self._folder / file} cannot be read ({why})") from None
        elif variable:
            found = self._environment.get(variable, "").strip()
        if not found and (needed or file or variable):
            where = f"{word}_file" if file else f"{word}_env" if variable else f"{word}_file or {word}_env"
            raise self.wrong(where, "is missing" if not (file or variable) else "holds nothing")
        return found

    def done(self) -> None:
        unknown = sorted(set(self._table) - self._taken)
        if unknown:
            raise ConfigError(f"{self.place}: unknown key {unknown[0]!r} (known: {', '.join(sorted(self._taken))})")

    def wrong(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"{self.place}.{key}: {what}")


_WORDS: Mapping[type, str] = {str: "text", bool: "boolean", float: "number", int: "whole number", dict: "table"}


def _http(table: TableReader, stall_s: float) -> Feed:
    host, port = address(table.take("listen", str), f"{table.place}.listen")
    token = table.secret("token", needed=False)
    name = table.take("name", str, f"http:{port}")
    table.done()
    if host and not token and not _is_loopback(host):
        raise table.wrong("listen", f"{host} is open to the network: give a token_file or token_env")
    return HttpPostFeed(port, host=host or "127.0.0.1", token=token, name=name)


def _mqtt(table: TableReader, stall_s: float) -> Feed:
    url, topics = table.url(None, tuple(SCHEMES)), table.texts("topics", needed=True)
    feed = MqttFeed(
        url, topics, user=table.take("user", str, ""), password=table.secret("password", needed=False),
        keep_topic=table.take("keep_topic", bool, False), name=table.take("name", str, "") or None, stall_s=stall_s,
    )  # fmt: skip
    table.done()
    return feed


def _websocket(table: TableReader, stall_s: float) -> Feed:
    url, greeting = table.url(None, ("ws", "wss")), table.take("greeting", str, "")
    name = table.take("name", str, "") or None
    table.done()
    return WebSocketFeed(url, greeting=greeting or None, name=name, stall_s=stall_s)


def _aisstream(table: TableReader, stall_s: float) -> Feed:
    boxes = table.take("boxes", list, [[[-90.0, -180.0], [90.0, 180.0]]])
    if not boxes or not all(_is_box(box) for box in boxes):
        raise table.wrong("boxes", "is not a list of [[lat, lon], [lat, lon]]")
    mmsi = table.texts("mmsi")
    if len(mmsi) > MOST_MMSI:
        raise table.wrong("mmsi", f"has {len(mmsi)} ships; aisstream.io takes {MOST_MMSI}")
    feed = aisstream(
        table.secret("key", needed=True), boxes=boxes, mmsi=mmsi, kinds=table.texts("kinds"),
        url=table.url(AISSTREAM_URL, ("wss", "ws")), name=table.take("name", str, "aisstream"), stall_s=stall_s,
    )  # fmt: skip
    table.done()
    return feed


def _aishub(table: TableReader, stall_s: float) -> Feed:
    box = {key: table.take(key, float) for key in ("latmin", "latmax", "lonmin", "lonmax") if key in table._table}
    output, poll_s = table.take("output", str, "json"), table.take("poll_s", float, SHORTEST_POLL_S)
    if output not in ("json", "csv"):
        raise table.wrong("output", "is not json or csv")
    if not poll_s >= SHORTEST_POLL_S:
        raise table.wrong("poll_s", f"is less than {SHORTEST_POLL_S:g}, the service's own limit")
    feed = AisHubFeed(
        table.secret("username", needed=True), box=box, output=output, poll_s=poll_s,
        url=table.url(AISHUB_URL, ("https", "http")), name=table.take("name", str, "aishub"),
    )  # fmt: skip
    table.done()
    return feed


def _kafka(table: TableReader, stall_s: float) -> Feed:
    brokers, topics = table.take("brokers", str), table.texts("topics", needed=True)
    options = dict(table.take("options", dict, {}))
    for key, value in options.items():
        if key in OWN or "password" in key or not isinstance(value, (str, int, float)):
            raise table.wrong(f"options.{key}", "cannot be set here")
    password = table.secret("password", needed=False)
    if password:
        options["sasl.password"] = password
    feed = KafkaFeed(
        brokers, topics, group=table.take("group", str, GROUP), options=options, secrets=(password,),
        name=table.take("name", str, "") or None,
    )  # fmt: skip
    table.done()
    return feed


TABLES: Mapping[str, Callable[[TableReader, float], Feed]] = {
    "http": _http, "mqtt": _mqtt, "websocket": _websocket, "aisstream": _aisstream, "aishub": _aishub, "kafka": _kafka,
}  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_box(box: object) -> bool:
    return (
        isinstance(box, list)
        and len(box) == 2
        and all(
            isinstance(corner, list)
            and len(corner) == 2
            and all(type(part) in (int, float) for part in corner)
            and abs(corner[0]) <= 90
            and abs(corner[1]) <= 180
            for corner in box
        )
    )
