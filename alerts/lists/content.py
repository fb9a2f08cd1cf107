"""The bytes of a list file: opened, decompressed and decoded within stated bounds, whole or piece by piece."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from alerts.errors import ListError

MAX_FILE_BYTES = 256 * 2**20
MAX_CONTENT_BYTES = 512 * 2**20
MAX_BUNDLE_FILES = 12
MAX_LINES = 5_000_000
MAX_LINE_BYTES = 16 * 2**20
HEAD_BYTES = 2**16
_CHUNK = 2**18
_GZIP, _ZSTANDARD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
# What zip-based office files hold besides their own parts; with it, the archive is one document.
_OFFICE_PART = "[Content_Types].xml"
# The library's word for a version, a method of compression or a password that it cannot handle is a RuntimeError.
_BAD_ZIP = (zipfile.BadZipFile, RuntimeError)
# Of the other methods zipfile unpacks as much at once as a few bytes stand for: 2 kB of bzip2 are gigabytes.
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class _Readable(Protocol):
    """What bytes can be taken from piece by piece."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Content:
    """The decompressed bytes of one list, taken as often as asked; ``name`` stands in messages."""

    name: str
    pieces: Callable[[], Iterator[bytes]]

    @classmethod
    def of(cls, content: bytes, name: str) -> Content:
        """Bytes already in hand and decompressed."""
        return cls(name, lambda: iter((content,)))

    def whole(self) -> bytes:
        """All of it, in memory."""
        return b"".join(self.pieces())

    def stream(self) -> PieceReader:
        """A file-like reader over the pieces, for parsers that take them one by one."""
        return PieceReader(self.pieces())

    def lines(self) -> Iterator[str]:
        """Its lines as UTF-8 text with their ends, without holding all of it; :class:`ListError` for other bytes."""
        rest, count = b"", 0
        for piece in self.pieces():
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                raise ListError(f"{self.name}:{count + 1}: a line of more than {MAX_LINE_BYTES} bytes")
            if count + len(whole) > MAX_LINES:
                raise ListError(f"{self.name}: more than {MAX_LINES} lines")
            for raw in whole:
                count += 1
                yield _line(raw + b"\n", self.name, count)
        if rest:
            yield _line(rest, self.name, count + 1)

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """At most the first ``size`` bytes."""
        found = b""
        for piece in self.pieces():
            found += piece[: size - len(found)]
            if len(found) >= size:
                break
        return found

    def sha256(self) -> str:
        """The digest of all of it."""
        digest = hashlib.sha256()
        for piece in self.pieces():
            digest.update(piece)
        return digest.hexdigest()


class PieceReader:
    """``read(size)`` over an iterator of bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes (all that are left for a negative one), empty at the end."""
        if size < 0:
            taken, self._rest = self._rest + b"".join(self._pieces), b""
            return taken
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


def open_content(path: Path, *, bundle: bool = False) -> Content:
    """The content of a file, plain or in gzip, zip (one member) or zstandard, told by its first bytes.

    An office file (xlsx) stays as it is. With ``bundle``, a folder or a zip of several files becomes one archive in a
    fixed form (see :func:`members`). Never more than ``MAX_FILE_BYTES`` of file or ``MAX_CONTENT_BYTES`` of content;
    beyond that, or where the compressed data is broken or ends early, :class:`ListError`.
    """
    try:
        if path.is_dir():
            if not bundle:
                raise ListError(f"{path.name}: is a folder, not one list")
            files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith("."))
            return _bundled({p.name: open_content(p).whole() for p in files[: MAX_BUNDLE_FILES + 1]}, path.name)
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise ListError(f"{path.name}: {size} bytes is more than the {MAX_FILE_BYTES} that a list may have")
        with path.open("rb") as file:
            several = file.read(4) == _ZIP and bundle and _holds_several(path)
        if several:
            return _bundled(_unpacked(path.read_bytes(), path.name), path.name)
    except OSError as error:
        raise ListError(f"{path}: cannot be read ({error.strerror or error})") from error
    content = Content(path.name, lambda: decompressed(lambda: path.open("rb"), path.name))
    if not content.head().strip():
        raise ListError(f"{path.name}: the file is empty")
    return content


def decompress_bounded(raw: bytes, name: str, limit: int = MAX_CONTENT_BYTES) -> bytes:
    """``raw`` decompressed if it is compressed, at most ``limit`` bytes; :class:`ListError` beyond or when broken."""
    return b"".join(decompressed(lambda: io.BytesIO(raw), name, limit))


def decompressed(opened: Callable[[], BinaryIO], name: str, limit: int = MAX_CONTENT_BYTES) -> Iterator[bytes]:
    """The same piece by piece, from a file that is opened anew for each time it is asked."""
    taken = 0
    try:
        with opened() as file:
            begins = file.read(4)
            file.seek(0)
            for piece in _plain(file, begins, name):
                taken += len(piece)
                if taken > limit:
                    raise ListError(f"{name}: expands beyond {limit} bytes")
                yield piece
    except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError, *_BAD_ZIP) as error:
        raise ListError(f"{name}: compressed data is broken or ends early ({error})") from error
    except OSError as error:
        raise ListError(f"{name}: cannot be read ({error.strerror or error})") from error


def members(content: bytes, name: str) -> dict[str, bytes]:
    """The files of an archive made by :func:`open_content` with ``bundle``, by their names."""
    return _unpacked(content, name)


def member_pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """One file of a zip piece by piece, at most as many bytes as its directory states; :class:`ListError` where its
    method of compression cannot be unpacked in pieces.
    """
    if info.compress_type not in _ZIP_METHODS:
        raise ListError(f"{name}: {info.filename[:80]!r} is not packed with deflate, as every publisher's zip is")
    with archive.open(info) as member:
        yield from _taken(member)


def is_archive(content: bytes) -> bool:
    """Whether these bytes are a zip archive."""
    return content.startswith(_ZIP)


def _plain(file: BinaryIO, begins: bytes, name: str) -> Iterator[bytes]:
    if begins.startswith(_GZIP):
        yield from _taken(gzip.GzipFile(fileobj=file))
    elif begins.startswith(_ZSTANDARD):
        yield from _zstandard(file, name)
    elif begins == _ZIP:
        with zipfile.ZipFile(file) as archive:
            found = [info for info in archive.infolist() if not info.is_dir()]
            if any(info.filename == _OFFICE_PART for info in found):
                file.seek(0)
                yield from _taken(file)
                return
            if len(found) != 1:
                raise ListError(f"{name}: holds {len(found)} files, not one list")
            yield from member_pieces(archive, found[0], name)
    else:
        yield from _taken(file)


def _taken(stream: _Readable) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece


def _zstandard(file: BinaryIO, name: str) -> Iterator[bytes]:
    # Not the stream reader: it takes a frame that was cut short for a whole one. Fed in small pieces, since a few bytes
    # of this format can stand for 128 KiB.
    frame = zstandard.ZstdDecompressor().decompressobj()
    while piece := file.read(1024):
        if frame.eof:
            raise ListError(f"{name}: more stands after the end of the compressed data")
        if plain := frame.decompress(piece):
            yield plain
    if not frame.eof:
        raise ListError(f"{name}: compressed data is broken or ends early")


def _holds_several(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except _BAD_ZIP:
        return False
    return len(names) > 1 and _OFFICE_PART not in names


def _unpacked(content: bytes, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_CONTENT_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > MAX_BUNDLE_FILES:
                raise ListError(f"{name}: holds {len(infos)} files, more than {MAX_BUNDLE_FILES}")
            for info in infos:
                left -= info.file_size
                if left < 0:
                    raise ListError(f"{name}: expands beyond {MAX_CONTENT_BYTES} bytes")
                # Only the last part of the name: an archive's folders say nothing about a list.
                last = info.filename.replace("\\", "/").rsplit("/", 1)[-1]
                found[last] = b"".join(member_pieces(archive, info, name))
    except (EOFError, zlib.error, *_BAD_ZIP) as error:
        raise ListError(f"{name}: compressed data is broken or ends early ({error})") from error
    return found


def _bundled(files: dict[str, bytes], name: str) -> Content:
    if len(files) > MAX_BUNDLE_FILES:
        raise ListError(f"{name}: holds {len(files)} files, more than {MAX_BUNDLE_FILES}")
    if not files:
        raise ListError(f"{name}: holds no files")
    made = io.BytesIO()
    # The same files make the same bytes, whoever packed them and when.
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for member, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(member, (1980, 1, 1, 0, 0, 0)), content)
    return Content.of(made.getvalue(), name)


def _line(raw: bytes, name: str, number: int) -> str:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise ListError(
            f"{name}:{number}: byte 0x{raw[error.start]:02x} is not UTF-8; save the list as UTF-8"
        ) from error
    if "\x00" in text:
        raise ListError(f"{name}:{number}: a zero byte stands in the text; it is not UTF-8")
    return text


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
