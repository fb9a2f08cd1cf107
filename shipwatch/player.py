"""Plays reports as a live receiver would send them: AIVDM sentences with tag blocks, in time order, at any speed."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter, sleep
from typing import Any, NamedTuple

import numpy as np

from decoders.reports import Array, Batch, PositionReports, StaticReports
from shipwatch.simulator import payloads
from shipwatch.simulator.sentences import Chars, TimeForm, squeeze, to_lines
from shipwatch.sorting import in_time_order

STATION = b"player"
ROWS_AT_ONCE = 20_000
SEND_EVERY_S = 0.02
_SECOND_US = 1_000_000


class Lines(NamedTuple):
    """Encoded reports in time order: receive times, and one row of bytes each (a line or two, NULs to be dropped)."""

    time_us: Array
    rows: Chars


def encoded(batches: Iterable[Batch]) -> Iterator[Lines]:
    """All reports as sentences in time order, whatever the order and format they come in.

    Class B goes out as 18 and 24, what has no message type as class A (1 and 5). Values are rounded as the messages
    round them. Search-and-rescue aircraft (type 9) are left out. Sequence numbers of two-part messages count up.
    """
    sequence = 0
    for batch in in_time_order(batches):
        made = [*_positions(batch.positions), *_statics(batch.statics)]
        if not made:
            continue
        time_us = np.concatenate([times for times, _, _ in made])
        order = np.lexsort((np.concatenate([np.full(len(times), kind) for times, kind, _ in made]), time_us))
        numbered = np.empty(len(order), np.int64)
        numbered[order] = sequence + np.arange(len(order))
        sequence += len(order)
        ends = np.cumsum([len(times) for times, _, _ in made])
        parts = [
            write(numbered[end - len(times) : end]) for (times, _, write), end in zip(made, ends.tolist(), strict=True)
        ]
        matrix = np.zeros((len(order), max(part.shape[1] for part in parts)), np.uint8)
        for part, end in zip(parts, ends.tolist(), strict=True):
            matrix[end - len(part) : end, : part.shape[1]] = part
        for first in range(0, len(order), ROWS_AT_ONCE):
            rows = order[first : first + ROWS_AT_ONCE]
            yield Lines(time_us[rows], matrix[rows])


_Writer = Callable[[Array], Chars]
_Group = tuple[Array, int, _Writer]
"""Receive times, a rank among messages of one instant, and what writes the lines, given sequence numbers."""


def _positions(reports: PositionReports) -> Iterator[_Group]:
    kinds = reports.msg_type
    class_b, far = np.isin(kinds, (18, 19)), kinds == 27
    for chosen, rank, encode in (
        (~class_b & ~far & (kinds != 9), 1, payloads.class_a_position),
        (class_b, 18, payloads.class_b_position),
        (far, 27, payloads.long_range),
    ):
        some = reports.take(chosen)
        if len(some):
            columns = some.columns() | {
                "accuracy": 0, "radio": 0, "turn_deg_min": np.full(len(some), np.nan),
                "msg_type": np.where(np.isin(some.msg_type, (1, 2, 3)), some.msg_type, 1),
                "nav_status": np.where(some.nav_status < 0, 15, some.nav_status),
                "utc_second": np.where(some.utc_second < 0, 60, some.utc_second),
            }  # fmt: skip
            yield some.time_us, rank, _writer(encode(columns), some)


def _statics(reports: StaticReports) -> Iterator[_Group]:
    part_wise = np.isin(reports.msg_type, (18, 19, 24))
    named = reports.name != ""
    unnamed = (reports.callsign != "") | (reports.ship_type > 0) | (np.nan_to_num(reports.to_bow_m) > 0)
    for chosen, rank, encode in (
        (~part_wise, 5, payloads.voyage_static),
        (part_wise & named, 240, payloads.class_b_name),
        (part_wise & (~named | unnamed), 241, payloads.class_b_static),
    ):
        some = reports.take(chosen)
        if len(some):
            sides = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
            columns = some.columns() | {name: np.nan_to_num(getattr(some, name)).astype(np.int64) for name in sides}
            columns["ship_type"] = np.clip(some.ship_type, 0, 255)
            columns["imo"] = np.maximum(some.imo, 0)
            yield some.time_us, rank, _writer(encode(columns), some)


def _writer(bits: Any, reports: PositionReports | StaticReports) -> _Writer:
    chars, fill = payloads.armour(bits)
    station = np.where(reports.station == b"", STATION, reports.station)
    form = TimeForm.TAG_BLOCK_MS if np.any(reports.time_us % _SECOND_US) else TimeForm.TAG_BLOCK

    def write(sequence: Array) -> Chars:
        channel = np.where(sequence % 2 == 0, ord("A"), ord("B")).astype(np.uint8)
        return to_lines(chars, fill, reports.time_us, station, channel, sequence, form)

    return write


@dataclass(slots=True)
class Played:
    """What went out so far; ``late_s`` is the most by which it was behind its own schedule."""

    messages: int = 0
    lines: int = 0
    bytes: int = 0
    first_us: int | None = None
    last_us: int | None = None
    late_s: float = field(default=0.0)


def play(
    reports: Iterable[Lines],
    send: Callable[[bytes], None],
    *,
    speed: float = 1.0,
    wait: Callable[[float], object] = sleep,
    elapsed_s: Callable[[], float] = perf_counter,
) -> Played:
    """Send the lines when they are due, ``speed`` seconds of event time a second; 0: as fast as they are taken.

    ``wait`` and ``elapsed_s`` stand in for sleeping and for a stopwatch. Whatever ``send`` raises ends the play.
    """
    played = Played()
    started_s = elapsed_s()
    for part in reports:
        if played.first_us is None:
            played.first_us = int(part.time_us[0])
        at = 0
        while at < len(part.time_us):
            upto = len(part.time_us)
            if speed > 0:
                due_s = (int(part.time_us[at]) - played.first_us) / _SECOND_US / speed
                behind_s = elapsed_s() - started_s - due_s
                if behind_s < 0:
                    wait(-behind_s)
                played.late_s = max(played.late_s, behind_s)
                until_us = played.first_us + (elapsed_s() - started_s + SEND_EVERY_S) * speed * _SECOND_US
                upto = max(at + 1, int(np.searchsorted(part.time_us, until_us, "right")))
            text = squeeze(part.rows[at:upto])
            send(text)
            played.messages += upto - at
            played.lines += text.count(b"\n")
            played.bytes += len(text)
            played.last_us = int(part.time_us[upto - 1])
            at = upto
    return played


class TcpPlayer:
    """Serves the play on a TCP port: everyone connected gets each line from then on; a client that leaves is forgotten.

    A slow client is waited for up to ``patience_s``, then dropped: a player may pace a test, it must not hang it.
    """

    def __init__(self, host: str, port: int, *, patience_s: float = 60.0) -> None:
        self._server = socket.create_server((host, port))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._server, selectors.EVENT_READ)
        self._clients: list[socket.socket] = []
        self._patience_s = patience_s
        self.port: int = self._server.getsockname()[1]

    def wait_for_client(self, timeout_s: float | None = None) -> bool:
        """Wait until somebody listens; False when nobody came in time."""
        if not self._clients and self._selector.select(timeout_s):
            self._accept()
        return bool(self._clients)

    def send(self, text: bytes) -> None:
        """Send to all; without clients it is spoken into the air, as radio is."""
        if self._selector.select(0):
            self._accept()
        for client in list(self._clients):
            try:
                client.sendall(text)
            except OSError:
                self._clients.remove(client)
                client.close()

    def cut(self) -> None:
        """Close all connections; the server stays."""
        for client in self._clients:
            client.close()
        self._clients.clear()

    def close(self) -> None:
        """Close everything; what was sent is still delivered."""
        for client in self._clients:
            client.shutdown(socket.SHUT_WR) if client.fileno() >= 0 else None
        self.cut()
        self._selector.close()
        self._server.close()

    def _accept(self) -> None:
        client, _ = self._server.accept()
        client.settimeout(self._patience_s)
        self._clients.append(client)
