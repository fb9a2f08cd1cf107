"""The bytes of a list file: opened, decompressed and decoded within stated bounds."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from datetime import date
from pathlib import Path
from typing import Protocol

import zstandard

from alerts.errors import ListError

MAX_FILE_BYTES = 64 * 2**20
MAX_CONTENT_BYTES = 256 * 2**20
_CHUNK = 2**20


class _Readable(Protocol):
    """What bytes can be taken from piece by piece."""

    def read(self, size: int, /) -> bytes: ...


def read_bounded(path: Path) -> bytes:
    """The content of a file, plain or in gzip, zip (one member) or zstandard, told by its first bytes.

    Never more than ``MAX_FILE_BYTES`` of file or ``MAX_CONTENT_BYTES`` of content; beyond that, or where the
    compressed data is broken or ends early, :class:`ListError`.
    """
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ListError(f"{path.name}: {size} bytes is more than the {MAX_FILE_BYTES} that a list may have")
        raw = path.read_bytes()
    except OSError as error:
        raise ListError(f"{path}: cannot be read ({error.strerror or error})") from error
    content = decompress_bounded(raw, path.name)
    if not content.strip():
        raise ListError(f"{path.name}: the file is empty")
    return content


def decompress_bounded(raw: bytes, name: str, limit: int = MAX_CONTENT_BYTES) -> bytes:
    """``raw`` decompressed if it is compressed, at most ``limit`` bytes; :class:`ListError` beyond or when broken."""
    try:
        if raw.startswith(b"\x1f\x8b"):
            return _take(gzip.GzipFile(fileobj=io.BytesIO(raw)), name, limit)
        if raw.startswith(b"\x28\xb5\x2f\xfd"):
            return _take_zstandard(raw, name, limit)
        if raw.startswith(b"PK\x03\x04"):
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                members = [info for info in archive.infolist() if not info.is_dir()]
                if len(members) != 1:
                    raise ListError(f"{name}: holds {len(members)} files, not one list")
                with archive.open(members[0]) as member:
                    return _take(member, name, limit)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, zstandard.ZstdError, RuntimeError) as error:
        raise ListError(f"{name}: compressed data is broken or ends early ({error})") from error
    return raw


def _take(stream: _Readable, name: str, limit: int) -> bytes:
    parts: list[bytes] = []
    taken = 0
    while part := stream.read(_CHUNK):
        taken += len(part)
        if taken > limit:
            raise ListError(f"{name}: expands beyond {limit} bytes")
        parts.append(part)
    return b"".join(parts)


def _take_zstandard(raw: bytes, name: str, limit: int) -> bytes:
    # Not the stream reader: it takes a frame that was cut short for a whole one. Fed in small pieces, since a few bytes
    # of this format can stand for 128 KiB.
    frame = zstandard.ZstdDecompressor().decompressobj()
    parts: list[bytes] = []
    taken = 0
    for start in range(0, len(raw), 1024):
        if frame.eof:
            raise ListError(f"{name}: more stands after the end of the compressed data")
        parts.append(frame.decompress(raw[start : start + 1024]))
        taken += len(parts[-1])
        if taken > limit:
            raise ListError(f"{name}: expands beyond {limit} bytes")
    if not frame.eof:
        raise ListError(f"{name}: compressed data is broken or ends early")
    return b"".join(parts)


def decode_text(content: bytes, name: str) -> str:
    """UTF-8 text (with or without a byte order mark); :class:`ListError` with line and byte for anything else."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ListError(
            f"{name}:{line}: byte 0x{content[error.start]:02x} is not UTF-8; save the list as UTF-8"
        ) from error
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ListError(f"{name}:{line}: a zero byte stands in the text; it is not UTF-8")
    return text


def iso_date(text: str, place: str) -> str:
    """An ISO date as it is, if it is one; :class:`ListError` naming the place otherwise.

    >>> iso_date("2018-03-30", "list.csv:2")
    '2018-03-30'
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ListError(f"{place}: {text!r} is not a date as YYYY-MM-DD") from error
