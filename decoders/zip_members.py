"""Opens the members of a zip so that a few packed bytes never become more unpacked ones than were asked for.

zipfile itself does so for deflate alone: of bzip2 and LZMA it unpacks at once whatever it has read of them, and two
kilobytes of bzip2 can be gigabytes.
"""

from __future__ import annotations

import bz2
import lzma
import zipfile
import zlib
from copy import copy
from typing import IO, Any, cast

_PIECE = 64 << 10
_LZMA_HEADER, _LZMA_PROPERTIES = 4, 5
_MOST_DICTIONARY_BYTES = 128 << 20
_MOST_LZMA_STATE = 9 * 5 * 5


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> IO[bytes]:
    """The member as a stream of its unpacked bytes, with ``read1``.

    Raises ``zipfile.BadZipFile``, here or while it is read, for a member that is damaged, and what ``zipfile`` raises
    for a method that nobody here unpacks.
    """
    if member.compress_type not in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        return archive.open(member)
    return cast(IO[bytes], _BoundedMember(archive, member))


class _BoundedMember:
    """A member packed with bzip2 or LZMA; its length and checksum are those of the archive's directory, or it fails."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        packed = copy(member)
        packed.compress_type, packed.file_size = zipfile.ZIP_STORED, member.compress_size
        del packed.CRC  # that of the unpacked bytes, which are looked at below
        self._packed = archive.open(packed)
        self._left, self._sum, self._wanted_sum = member.file_size, 0, member.CRC
        self._name = member.filename
        is_bzip2 = member.compress_type == zipfile.ZIP_BZIP2
        self._unpacker: Any = bz2.BZ2Decompressor() if is_bzip2 else self._lzma()

    def read1(self, size: int) -> bytes:
        """At most ``size`` bytes, empty at the end."""
        while self._left:
            if self._unpacker.eof:
                break
            raw = self._packed.read(_PIECE) if self._unpacker.needs_input else b""
            piece: bytes
            try:
                piece = self._unpacker.decompress(raw, max(1, min(size, self._left)))
            except (OSError, lzma.LZMAError) as error:
                raise zipfile.BadZipFile(f"{self._name}: {error}") from None
            if piece:
                self._left -= len(piece)
                self._sum = zlib.crc32(piece, self._sum)
                if not self._left and self._sum != self._wanted_sum:
                    raise zipfile.BadZipFile(f"Bad CRC-32 for file {self._name!r}")
                return piece
            if not raw and self._unpacker.needs_input:
                raise EOFError
        if self._left:
            raise zipfile.BadZipFile(f"{self._name}: ends {self._left} bytes before its stated size")
        return b""

    def read(self, size: int) -> bytes:
        """The same."""
        return self.read1(size)

    def seekable(self) -> bool:
        """It is not."""
        return False

    def close(self) -> None:
        """Let go of the archive's file."""
        self._packed.close()

    def __enter__(self) -> _BoundedMember:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lzma(self) -> Any:
        """An unpacker for LZMA as zip files hold it: two bytes of version, two of length, five of properties."""
        head = self._packed.read(_LZMA_HEADER + _LZMA_PROPERTIES)
        length = int.from_bytes(head[2:4], "little")
        if len(head) < _LZMA_HEADER + _LZMA_PROPERTIES or length != _LZMA_PROPERTIES or head[4] >= _MOST_LZMA_STATE:
            raise zipfile.BadZipFile(f"{self._name}: not the header of LZMA")
        state, dictionary = head[4], int.from_bytes(head[5:9], "little")
        if dictionary > _MOST_DICTIONARY_BYTES:
            raise zipfile.BadZipFile(f"{self._name}: a dictionary of {dictionary} bytes")
        wanted = {
            "id": lzma.FILTER_LZMA1, "lc": state % 9, "lp": state // 9 % 5, "pb": state // 45,
            "dict_size": max(dictionary, 4096),
        }  # fmt: skip
        try:
            return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[wanted])
        except (lzma.LZMAError, ValueError) as error:
            raise zipfile.BadZipFile(f"{self._name}: {error}") from None
