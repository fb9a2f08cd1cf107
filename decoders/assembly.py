"""Joins the sentences of multi-part messages, strictly, so that no two ships' halves are ever joined.

Only ten sequence numbers exist and they are used again within seconds: after one lost sentence a lenient joiner pairs
every later half with the wrong one (measured on a damaged recording: 15 % of voyage reports got another ship's
destination). Therefore part 1 opens a message and replaces an unfinished one; the others must follow in order, from the
same station, talker and channel, and soon. Only inside a tag-block group, which names its members, may parts come in
any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Any, NamedTuple

AGE_LIMIT_US = 10_000_000  # parts are sent in adjacent slots (real logs: under 1 s); numbers recur after 5 s or so
SENTENCES_LIMIT = 1_000  # the same where the later part carries no time
RIVAL_SENTENCES = 100  # how far back messages are sought that a part without a station might continue as well
OPEN_LIMIT = 4_096  # messages open at once; the oldest gives way
INCOMPLETE = "refused:message_incomplete"
WITHOUT_FIRST = "refused:part_without_first"
OUT_OF_ORDER = "refused:part_out_of_order"
TOO_LATE = "refused:part_too_late"
MISMATCH = "refused:part_of_another_message"

Key = tuple[bytes, bytes, bytes, bytes, bytes, bytes]  # station, group, talker and type, channel, sequence, total


class Part(NamedTuple):
    """One sentence of a multi-part message; ``ordinal`` counts sentences, ``time_us`` is None where none is said."""

    number: int
    total: int
    kind: bytes
    channel: bytes
    sequence: bytes
    station: bytes
    group: bytes
    time_us: int | None
    payload: bytes
    fill: int
    offset: int
    ordinal: int
    checksum: int = 0
    message_checksum: int | None = None  # of the whole message, where a $PGHP line says it: all parts' checksums, XORed


class Whole(NamedTuple):
    """A completed message: payload and fill bits, the first known time and station, offset of its first line."""

    payload: bytes
    fill: int
    time_us: int | None
    station: bytes
    offset: int
    lines: int


@dataclass(slots=True)
class Assembler:
    """Open messages and, in ``refused``, the lines that came to nothing since it was last emptied."""

    refused: dict[str, int] = field(default_factory=dict)
    _open: dict[Key, list[Part]] = field(default_factory=dict)
    _last: Key | None = None

    def add(self, part: Part) -> Whole | None:
        """Take one part (of ``total`` > 1); the whole message when this completes it, else None."""
        total = str(part.total).encode()
        if part.group:
            return self._add_to_group(part, (b"", part.group, part.kind, part.channel, part.sequence, total))
        key = (part.station, b"", part.kind, part.channel, part.sequence, total)
        if part.number == 1:
            self._drop(key)
            self._open_at(key, part)
            return None
        key = self._continued(key, part)
        parts = self._open.get(key)
        if parts is None:
            self._refuse(WITHOUT_FIRST)
            return None
        if part.number != parts[-1].number + 1:
            self._drop(key)
            self._refuse(OUT_OF_ORDER)
            return None
        if _too_late(parts, part):
            self._drop(key)
            self._refuse(TOO_LATE)
            return None
        parts.append(part)
        self._last = key
        return self._whole(key, parts) if len(parts) == part.total else None

    def finish(self) -> None:
        """The input ended: what is open is incomplete."""
        for key in list(self._open):
            self._drop(key)

    def memory(self) -> dict[str, Any]:
        """What is open, as plain JSON values that :meth:`recall` takes back, and the counts not yet asked for."""
        return {
            "open": [[_texts(key), [_texts(part) for part in parts]] for key, parts in self._open.items()],
            "last": None if self._last is None else _texts(self._last),
            "refused": dict(self.refused),
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Go on from what :meth:`memory` wrote; ``ValueError``, ``KeyError`` or ``TypeError`` where it is none."""
        self._open = {_key(key): [_part(part) for part in parts] for key, parts in memory["open"]}
        self._last = None if memory["last"] is None else _key(memory["last"])
        self.refused = dict(memory["refused"])

    def _add_to_group(self, part: Part, key: Key) -> Whole | None:
        parts = self._open.get(key)
        if parts is not None and (_too_late(parts, part) or any(p.number == part.number for p in parts)):
            self._drop(key)  # the group number is being used again
            parts = None
        if parts is None:
            self._open_at(key, part)
            return None
        parts.append(part)
        return self._whole(key, sorted(parts)) if len(parts) == part.total else None

    def _continued(self, key: Key, part: Part) -> Key:
        """The key under which the message is open; when one of two sentences names no station they adjoin."""
        last = self._last
        if key not in self._open and last in self._open and last is not None and last[1:] == key[1:]:
            one_named = not last[0] or not key[0]
            if one_named and self._open[last][-1].ordinal + 1 == part.ordinal and self._rivals(key, part) == 1:
                return last
        return key

    def _rivals(self, key: Key, part: Part) -> int:
        """Messages opened lately, whatever their station, that this part could continue."""
        rivals = 0
        for other, parts in reversed(self._open.items()):
            if part.ordinal - parts[0].ordinal > RIVAL_SENTENCES:
                break
            rivals += other[1:] == key[1:] and parts[-1].number + 1 == part.number
        return rivals

    def _open_at(self, key: Key, part: Part) -> None:
        if len(self._open) >= OPEN_LIMIT:
            self._drop(next(iter(self._open)))
        self._open[key] = [part]
        self._last = key

    def _whole(self, key: Key, parts: list[Part]) -> Whole | None:
        del self._open[key]
        expected = next((p.message_checksum for p in parts if p.message_checksum is not None), None)
        if expected is not None and expected != reduce(xor, (p.checksum for p in parts)):
            for _ in parts:
                self._refuse(MISMATCH)
            return None
        time_us = next((p.time_us for p in parts if p.time_us is not None), None)
        station = next((p.station for p in parts if p.station), b"")
        payload, fill = joined(parts)
        return Whole(payload, fill, time_us, station, min(p.offset for p in parts), len(parts))

    def _drop(self, key: Key) -> None:
        for _ in self._open.pop(key, ()):
            self._refuse(INCOMPLETE)

    def _refuse(self, reason: str) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + 1


def joined(parts: list[Part]) -> tuple[bytes, int]:
    """Payload and fill bits of all parts; fill bits of an earlier part are cut out, shifting what follows."""
    if not any(part.fill for part in parts[:-1]):
        return b"".join(part.payload for part in parts), parts[-1].fill
    bits = ""
    for part in parts:
        sixes = "".join(f"{(c - 48) - 8 * (c > 87):06b}" for c in part.payload)
        bits += sixes[: len(sixes) - part.fill]
    fill = -len(bits) % 6
    bits += "0" * fill
    values = (int(bits[at : at + 6], 2) for at in range(0, len(bits), 6))
    return bytes(v + 48 + 8 * (v > 39) for v in values), fill


def _too_late(parts: list[Part], part: Part) -> bool:
    first_us = next((p.time_us for p in parts if p.time_us is not None), None)
    if part.time_us is not None and first_us is not None:
        return abs(part.time_us - first_us) > AGE_LIMIT_US
    return part.ordinal - parts[-1].ordinal > SENTENCES_LIMIT


def _texts(values: Iterable[Any]) -> list[Any]:
    """Bytes as text of the same code points, all else as it is."""
    return [value.decode("latin-1") if isinstance(value, bytes) else value for value in values]


def _key(texts: Sequence[str]) -> Key:
    station, group, kind, channel, sequence, total = (text.encode("latin-1") for text in texts)
    return station, group, kind, channel, sequence, total


def _part(values: Sequence[Any]) -> Part:
    known: list[Any] = [value.encode("latin-1") if isinstance(value, str) else value for value in values]
    return Part(*known)
