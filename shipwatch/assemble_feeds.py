"""Section `[feeds]` to feeds: addresses, tables and secrets, each read and checked before anything is opened."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from shipwatch.config import ConfigError
from shipwatch.feed_tables import TABLES, Table, TableReader, address
from shipwatch.feeds.feed import Feed, MissingExtra
from shipwatch.feeds.mqtt import digitraffic
from shipwatch.feeds.serial_line import BAUD, SerialFeed
from shipwatch.feeds.standard_input import StdinFeed
from shipwatch.feeds.tail import TailFeed
from shipwatch.feeds.tcp import TcpFeed
from shipwatch.feeds.tcp_server import TcpServerFeed
from shipwatch.feeds.udp import UdpFeed


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """Section `[feeds]`: where lines come from; each may be named, as in `"north=ais.example:4001"`.

    Lines are NMEA sentences or JSON messages; which is told from the line. Secrets stand in files (`..._file`) or in
    variables of the environment (`..._env`), never here.
    """

    tcp: tuple[str, ...] = ()
    """`HOST:PORT` of servers to connect to."""
    tcp_server: tuple[str, ...] = ()
    """`PORT` or `ADDRESS:PORT` to which stations connect; a port alone is this machine's only."""
    udp: tuple[str, ...] = ()
    """`PORT` or `ADDRESS:PORT` to listen on; a port alone is this machine's only."""
    serial: tuple[str, ...] = ()
    """`DEVICE` or `DEVICE:BAUD` (38400)."""
    tail: tuple[str, ...] = ()
    """Files that grow."""
    stdin: bool = False
    http: tuple[Table, ...] = ()
    """Posts of AIS-catcher: `name`, `listen` (as udp), `token_file` or `token_env`."""
    mqtt: tuple[Table, ...] = ()
    """`name`, `url` (mqtt, mqtts, ws, wss), `topics`, `user`, `password_file` or `password_env`, `keep_topic`."""
    websocket: tuple[Table, ...] = ()
    """`name`, `url` (ws, wss), `greeting`."""
    aisstream: tuple[Table, ...] = ()
    """`name`, `key_file` or `key_env`, `boxes` ([[[lat, lon], [lat, lon]], ...]), `mmsi`, `kinds`, `url`."""
    aishub: tuple[Table, ...] = ()
    """`name`, `username_file` or `username_env`, `latmin latmax lonmin lonmax`, `output`, `poll_s` (60), `url`."""
    digitraffic: bool = False
    """The open feed of Finnish waters."""
    kafka: tuple[Table, ...] = ()
    """`name`, `brokers`, `topics`, `group`, `options` (librdkafka's), `password_file` or `password_env`."""
    stall_s: float = 300.0
    """A connection over which nothing came for so long is given up and made again."""

    def __post_init__(self) -> None:
        if not self.stall_s > 0:
            raise ValueError(f"stall_s: {self.stall_s} is not > 0")

    def any(self) -> bool:
        """Whether any feed is named."""
        return any(bool(getattr(self, name)) for name in self.__slots__ if name != "stall_s")


def feeds_of(
    settings: FeedSettings, folder: Path, *, once: bool = False, environment: Mapping[str, str] | None = None
) -> list[Feed]:
    """The feeds that the settings name; ``ConfigError`` where one cannot be understood, lacks its library or secret, or
    two have one name."""
    stall_s = settings.stall_s
    environment = os.environ if environment is None else environment
    made: list[Feed] = []

    def each(texts: Sequence[str], make: Callable[[str | None, str], Feed]) -> None:
        for text in texts:
            made.append(make(*_named(text)))

    def listening(place: str, make: Callable[..., Feed]) -> Callable[[str | None, str], Feed]:
        def made_of(name: str | None, where: str) -> Feed:
            host, port = address(where, place)
            return make(port, host=host or "127.0.0.1", name=name)

        return made_of

    def server(port: int, host: str, name: str | None) -> Feed:
        return TcpServerFeed(port, host=host, name=name, stall_s=stall_s)

    def tcp(name: str | None, where: str) -> Feed:
        host, port = address(where, "feeds.tcp")
        return TcpFeed(host or "127.0.0.1", port, name=name, once=once, stall_s=stall_s)

    try:
        each(settings.tcp, tcp)
        each(settings.tcp_server, listening("feeds.tcp_server", server))
        each(settings.udp, listening("feeds.udp", UdpFeed))
        each(settings.serial, lambda name, where: _serial(name, where, stall_s))
        each(settings.tail, lambda name, where: TailFeed(folder / where, name=name, once=once))
        if settings.stdin:
            made.append(StdinFeed())
        for kind, make in TABLES.items():
            for number, table in enumerate(getattr(settings, kind)):
                reader = TableReader(f"feeds.{kind}[{number}]", table, folder, environment)
                made.append(make(reader, stall_s))
        if settings.digitraffic:
            made.append(digitraffic(stall_s=stall_s))
    except MissingExtra as problem:
        raise ConfigError(f"feeds: {problem}") from None
    names = [feed.name for feed in made]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise ConfigError(f'feeds: two are called {doubled!r}; name them, as in "north={doubled}"')
    return made


def named_on_the_command_line(
    settings: FeedSettings,
    *,
    tcp: Sequence[str] = (),
    tcp_server: Sequence[str] = (),
    udp: Sequence[str] = (),
    serial: Sequence[str] = (),
    tail: Sequence[str] = (),
    stdin: bool = False,
) -> FeedSettings:
    """The settings, or only what was named in their place, where anything was."""
    if not (tcp or tcp_server or udp or serial or tail or stdin):
        return settings
    here = Path.cwd()
    return replace(
        FeedSettings(stall_s=settings.stall_s), tcp=tuple(tcp), tcp_server=tuple(tcp_server), udp=tuple(udp),
        serial=tuple(serial), stdin=stdin, tail=tuple(_absolute(text, here) for text in tail),
    )  # fmt: skip


def _serial(name: str | None, where: str, stall_s: float) -> Feed:
    device, mark, baud = where.rpartition(":")
    if not (mark and baud.isascii() and baud.isdigit()):
        device, baud = where, str(BAUD)
    return SerialFeed(device, baud=int(baud), name=name, stall_s=stall_s)


def _named(text: str) -> tuple[str | None, str]:
    name, mark, where = text.partition("=")
    return (name, where) if mark else (None, text)


def _absolute(text: str, here: Path) -> str:
    name, where = _named(text)
    path = str(here / where)
    return f"{name}={path}" if name else path
