"""The journal's files: blocks of lines, each a zstd frame behind a header that says what it holds and checks it.

The header stands in a frame that zstd tools skip, so that ``zstd -dc`` of a file gives its lines:
``received_us TAB feed TAB line``, with ``%`` and line ends inside a line as ``%25``, ``%0A``, ``%0D``. A tick is a
record without feed and line.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

Record = tuple[int, str, bytes]
"""received_us, feed, line (a tick: feed and line empty)."""

LINES, CLOSED, REOPENED = 0, 1, 2
"""Kinds of block: lines; the journal was closed in order; it was opened again after a crash."""

_SKIPPED = struct.Struct("<II")
_HEADER = struct.Struct("<4sB3xQIIqqIII")
_CRC = struct.Struct("<I")
_MAGIC, _FORMAT = 0x184D2A5C, b"SWJ1"
_PREFIX = _SKIPPED.pack(_MAGIC, _HEADER.size) + _FORMAT
HEADER_BYTES = _SKIPPED.size + _HEADER.size
MOST_PLAIN = 64 * 1024 * 1024
"""No block is larger unpacked: a damaged or hostile one cannot fill the memory."""

_compressor = zstandard.ZstdCompressor(level=3, write_content_size=True)
_decompressor = zstandard.ZstdDecompressor()


@dataclass(frozen=True, slots=True)
class Block:
    """One block's header: the position and number of its records, their first and last time, where its frame lies."""

    kind: int
    position: int
    records: int
    first_us: int
    last_us: int
    at: int
    """Byte offset of the header in its file."""
    plain: int
    packed: int
    crc: int

    @property
    def end(self) -> int:
        """Byte offset behind the block."""
        return self.at + HEADER_BYTES + self.packed


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a file that are no whole block; ``records`` is how many they held, None where that is not known."""

    at: int
    bytes: int
    records: int | None
    torn: bool
    """It is the end of the file: a crash cut the last write."""


def packed_block(kind: int, position: int, lines: bytes, records: int, first_us: int, last_us: int) -> bytes:
    """Header and frame of lines."""
    return _with_header(kind, position, records, len(lines), (first_us, last_us), _compressor.compress(lines))


def note_block(kind: int, position: int, us: int, note: bytes) -> bytes:
    """Header and a note that zstd tools skip."""
    return _with_header(kind, position, 0, 0, (us, us), _SKIPPED.pack(_MAGIC + 1, len(note)) + note)


def note_of(packed: bytes) -> bytes:
    """The note of a block that ``note_block`` made."""
    return packed[_SKIPPED.size :]


def blocks_of(path: Path) -> Iterator[tuple[Block, bytes] | Damage]:
    """All whole blocks of a file with their packed bytes, and what lies between or behind them.

    Never raises for what the file holds; ``OSError`` for a file that cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        at = 0
        while at < size:
            block = _header(file, at)
            if block is not None and block.end <= size:
                packed = file.read(block.packed)
                if zlib.crc32(packed) == block.crc:
                    yield block, packed
                else:
                    yield Damage(at, block.end - at, block.records, torn=block.end == size)
                at = block.end
                continue
            behind = _next_header(file, at + 1, size)
            held = block.records if block is not None else None
            yield Damage(at, behind - at, held, torn=behind == size)
            at = behind


def records_of(block: Block, packed: bytes) -> Iterator[tuple[int, int, str, bytes]]:
    """(position, received_us, feed, line) of a block; ``ValueError`` for one that is not what its header says."""
    if block.plain > MOST_PLAIN:
        raise ValueError("a block is larger than any that is written")
    try:
        plain = _decompressor.decompress(packed, max_output_size=block.plain) if block.plain else b""
    except zstandard.ZstdError as problem:
        raise ValueError(f"a block does not unpack ({problem})") from problem
    lines = plain.split(b"\n")[:-1]
    if len(lines) != block.records:
        raise ValueError(f"a block holds {len(lines)} lines, its header says {block.records}")
    names: dict[bytes, str] = {}
    for position, line in enumerate(lines, block.position):
        received, feed, text = line.split(b"\t", 2)
        name = names.get(feed)
        if name is None:
            name = names[feed] = _bare(feed).decode("utf-8", "replace")
        yield position, int(received), name, _bare(text)


def lines_of(records: Iterable[Record]) -> list[bytes]:
    """The text form of records, one line each."""
    return [
        b"%d\t%s\t%s\n" % (received, _marked(feed.encode("utf-8", "replace")), _marked(line))
        for received, feed, line in records
    ]


def _marked(text: bytes) -> bytes:
    if b"%" in text or b"\n" in text or b"\r" in text or b"\t" in text:
        marks = ((b"%", b"%25"), (b"\n", b"%0A"), (b"\r", b"%0D"), (b"\t", b"%09"))
        for plain, mark in marks:
            text = text.replace(plain, mark)
    return text


def _bare(text: bytes) -> bytes:
    if b"%" in text:
        for plain, mark in ((b"\t", b"%09"), (b"\r", b"%0D"), (b"\n", b"%0A"), (b"%", b"%25")):
            text = text.replace(mark, plain)
    return text


def _with_header(kind: int, position: int, records: int, plain: int, span: tuple[int, int], packed: bytes) -> bytes:
    fields = (_FORMAT, kind, position, records, plain, *span, len(packed), zlib.crc32(packed))
    bare = _SKIPPED.pack(_MAGIC, _HEADER.size) + _HEADER.pack(*fields, 0)[: -_CRC.size]
    return bare + _CRC.pack(zlib.crc32(bare)) + packed


def _header(file: BinaryIO, at: int) -> Block | None:
    """The header at this place, the file left behind it; None where there is no whole one."""
    file.seek(at)
    raw = file.read(HEADER_BYTES)
    if len(raw) < HEADER_BYTES or not raw.startswith(_PREFIX):
        return None
    _, kind, position, records, plain, first_us, last_us, packed, crc, own = _HEADER.unpack_from(raw, _SKIPPED.size)
    if own != zlib.crc32(raw[: -_CRC.size]):
        return None
    return Block(kind, position, records, first_us, last_us, at, plain, packed, crc)


def _next_header(file: BinaryIO, start: int, size: int) -> int:
    """Where the next whole header stands behind damage; the file's size where there is none."""
    step = 1 << 20
    at = start
    while at < size:
        file.seek(at)
        piece = file.read(step + len(_PREFIX) - 1)
        found = piece.find(_PREFIX)
        while found >= 0:
            if _header(file, at + found) is not None:
                return at + found
            found = piece.find(_PREFIX, found + 1)
        at += step
    return size
