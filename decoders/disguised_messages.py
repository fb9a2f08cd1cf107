"""Messages that have no columns (base stations, aids, safety texts, binary and others) as plain values, through pyais.

When, by whom and whether a message was heard is not decided twice: each of these messages goes through the decoder of
all others in disguise, as a position report whose MMSI is its number here and whose characters leave the checksum as
it was. What comes out is a message that would be counted as read; its true sentences then go to pyais.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from decoders.reports import PositionReports

COLUMN_TYPES = frozenset({1, 2, 3, 5, 9, 18, 19, 24, 27})
"""Types that become rows of position or static reports."""
_SENTENCE = re.compile(
    rb"[!$]([^,*!$\n]{2}VD[MO]),([1-9]),([1-9]),([0-9]{0,3}),([^,*!$\n]{0,3}),([0-W`-w]{1,512}),[0-5]?\*[0-9A-Fa-f]{2}"
)
_VALUES = {code: code - 48 - 8 * (code > 87) for code in (*range(48, 88), *range(96, 120))}
_ARMOUR = {value: code for code, value in _VALUES.items()}
_MOST_OPEN = 1_000
_LON, _LAT = 12_345_678, 7_654_321  # in 1/10,000 min: a place that tells the disguise from ships
_LON_DEG, _LAT_DEG = _LON / 600_000, _LAT / 600_000
_COG_DEG, _HEADING_DEG = 123.4, 234.0
_NUMBERS = 999_999_999


@dataclass(slots=True)
class _Open:
    """A message in disguise: its sentences as they came, part by part, each with the offset of its line."""

    key: tuple[bytes, bytes, bytes, bytes]
    total: int
    parts: dict[int, tuple[bytes, int]] = field(default_factory=dict)


class OtherMessages:
    """Reads the blocks of one NMEA input and gives the messages without columns, as they are completed.

    ``undecoded`` counts messages that pyais refuses. Each message is a dictionary of plain JSON values: ``time_us``,
    ``station``, ``offset`` (its first line's), ``msg_type``, ``mmsi`` and pyais' own fields under ``message``.

    >>> line = b"1700000000 !AIVDM,1,1,,A,>5?Per18=HB1U:1@E=B0m<L,2*51"
    >>> (found,) = OtherMessages().read([(0, line)])
    >>> found["msg_type"], found["mmsi"], found["message"]["text"]
    (14, 351809000, 'RCVD YR TEST MSG')
    """

    def __init__(self) -> None:
        self.undecoded = 0
        self._whole: dict[int, _Open] = {}  # of this block
        self._open: dict[int, _Open] = {}  # of several sentences
        self._lately: deque[tuple[tuple[bytes, bytes, bytes, bytes], int, tuple[bytes, int]]] = deque(maxlen=64)
        self._next = 1
        self._before = 0  # bytes of the blocks before this one, in disguise

    def read(self, blocks: Iterable[tuple[int, bytes]]) -> Iterator[dict[str, Any]]:
        """Messages of ``(offset, lines)`` blocks (:class:`decoders.streams.LineBlocks`), in the order of completion."""
        from decoders.nmea import NmeaDecoder  # noqa: PLC0415 (machine code, wanted only here)

        decoder = NmeaDecoder()
        for offset, block in blocks:
            disguised, shifts = self._disguised(offset, block)
            yield from self._found(decoder.step(disguised, self._before).positions, offset, shifts)
            self._before += len(disguised)

    def _disguised(self, offset: int, block: bytes) -> tuple[bytes, list[tuple[int, int]]]:
        """The block with other payloads, and where its offsets run apart: (place in it, true place less that one)."""
        pieces: list[bytes] = []
        shifts = [(0, 0)]
        at = made = 0
        for match in _SENTENCE.finditer(block):
            talker, total, part, sequence, channel, payload = match.groups()
            key = (talker, total, sequence, channel)
            sentence = match[0], offset + block.rfind(b"\n", 0, match.start()) + 1
            if total != b"1":
                self._lately.append((key, int(part), sentence))
            if part != b"1":
                self._add_part(key, int(part), sentence)
                continue
            if _VALUES[payload[0]] in COLUMN_TYPES:
                continue
            number = self._number(_Open(key, int(total), {1: sentence}))
            start, end = match.span(6)
            other = disguise(number, payload)
            pieces += [block[at:start], other]
            made += start - at + len(other)
            at = end
            shifts.append((made, end - made))
        pieces.append(block[at:])
        return b"".join(pieces), shifts

    def _number(self, message: _Open) -> int:
        number, self._next = self._next, self._next % _NUMBERS + 1
        (self._whole if message.total == 1 else self._open)[number] = message
        if len(self._open) > _MOST_OPEN:
            self._open.pop(next(iter(self._open)))
        return number

    def _add_part(self, key: tuple[bytes, bytes, bytes, bytes], part: int, sentence: tuple[bytes, int]) -> None:
        for message in reversed(self._open.values()):
            if message.key == key and part not in message.parts:
                message.parts[part] = sentence
                return

    def _found(self, reports: PositionReports, offset: int, shifts: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        mine = np.flatnonzero(
            (np.abs(reports.lat_deg - _LAT_DEG) < 1e-9)
            & (np.abs(reports.lon_deg - _LON_DEG) < 1e-9)
            & (np.abs(reports.cog_deg - _COG_DEG) < 0.01)
            & (reports.heading_deg == _HEADING_DEG)
        )
        places = np.array([place for place, _ in shifts])
        for row in mine.tolist():
            number = int(reports.mmsi[row])
            message = self._whole.pop(number, None) or self._open.pop(number, None)
            if message is None:
                continue
            sentences = self._sentences(message)
            values = _values(sentences) if sentences else None
            if values is None:
                self.undecoded += 1
                continue
            here = int(reports.offset[row]) - self._before
            if here >= 0:
                first = offset + here + shifts[int(np.searchsorted(places, here, "right")) - 1][1]
            else:  # in a block before this one, whose shifts are gone
                first = min(at for _, at in message.parts.values())
            yield {
                "time_us": int(reports.time_us[row]),
                "station": reports.station[row].decode("latin-1"),
                "offset": first,
                "msg_type": values.pop("msg_type"),
                "mmsi": values.pop("mmsi"),
                "message": values,
            }
        self._whole.clear()  # what is left of them was refused, and is counted among the lines

    def _sentences(self, message: _Open) -> list[bytes] | None:
        for key, part, sentence in self._lately:  # parts of a tag-block group may come before the first one
            if key == message.key:
                message.parts.setdefault(part, sentence)
        wanted = range(1, message.total + 1)
        return [message.parts[part][0] for part in wanted] if set(wanted) <= message.parts.keys() else None


def other_messages(path: str | Path) -> Iterator[dict[str, Any]]:
    """Messages without columns of one file of NMEA lines, plain or packed; of another format: none.

    Raises :class:`~decoders.errors.DecodeError` where :func:`decoders.reading.read_file` does.
    """
    from decoders.detect import NMEA, detect  # noqa: PLC0415 (as above)
    from decoders.errors import UnknownFormat  # noqa: PLC0415
    from decoders.streams import LineBlocks, open_streams  # noqa: PLC0415

    offset = 0
    with open_streams(path) as streams:
        for stream in streams:
            blocks = LineBlocks(stream, first_offset=offset)
            try:
                is_nmea = detect(stream.sample(), stream.place) == NMEA
            except UnknownFormat:
                is_nmea = False
            if is_nmea:
                yield from OtherMessages().read(blocks)
            elif stream.member is None:
                return
            else:
                for _ in blocks:
                    pass
            offset = blocks.end


def disguise(number: int, payload: bytes) -> bytes:
    """A position report's payload with this MMSI whose characters have the same exclusive or as ``payload``'s."""
    bits = 1 << 162 | number << 130 | _LON << 79 | _LAT << 52 | 1234 << 40 | 234 << 31
    made = bytearray(_ARMOUR[bits >> shift & 63] for shift in range(162, -1, -6))
    del made[-3:]
    return bytes(made) + _TAILS[_xor(payload) ^ _xor(bytes(made))]


def _xor(text: bytes) -> int:
    return int(np.bitwise_xor.reduce(np.frombuffer(text, np.uint8)))


def _tails() -> dict[int, bytes]:
    """Three characters of the armour for each value that their exclusive or can have: all of 7 bits."""
    made: dict[int, bytes] = {}
    for first in (48, 96):
        for second in _VALUES:
            for third in _VALUES:
                made.setdefault(first ^ second ^ third, bytes((first, second, third)))
    return made


_TAILS = _tails()


def _values(sentences: list[bytes]) -> dict[str, Any] | None:
    """pyais' fields as plain JSON values; None where it refuses."""
    import pyais  # noqa: PLC0415 (slow to import)

    try:
        values: dict[str, Any] = pyais.decode(*[b"!" + sentence[1:] for sentence in sentences]).asdict()
        return {str(name): _plain(value) for name, value in values.items()}
    except Exception:  # of any kind: these are bytes from the air, and pyais has no single error for them
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)
