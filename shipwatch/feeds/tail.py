"""Lines of a file that grows, through rotation and truncation, from any place that was reached before."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from shipwatch.feeds.feed import LOOK_S, Feed
from shipwatch.feeds.line_cutter import LineCutter

PIECE_BYTES = 256 << 10
HEAD_BYTES = 1024


class Place(NamedTuple):
    """A byte in a file that may have been renamed since: inode, a checksum over its first bytes, and the offset."""

    inode: int
    head_bytes: int
    head: int
    offset: int

    def __str__(self) -> str:
        return ":".join(map(str, self))

    @classmethod
    def read(cls, text: str) -> Place:
        """From its text; ``ValueError`` where it is none.

        >>> str(Place.read("7:0:0:120"))
        '7:0:0:120'
        """
        inode, head_bytes, head, offset = map(int, text.split(":"))
        return cls(inode, head_bytes, head, offset)

    def after(self, lines: Sequence[bytes]) -> Place:
        """The place behind these lines."""
        return self._replace(offset=self.offset + sum(map(len, lines)) + len(lines))

    def is_in(self, path: Path) -> bool:
        """Whether the file there is the one meant, and long enough."""
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                same = found.st_ino == self.inode and found.st_size >= self.offset
                return same and zlib.crc32(file.read(self.head_bytes)) == self.head
        except OSError:
            return False


class TailFeed(Feed):
    """Reads a file from ``place`` (default: its first byte) and waits for more; a new file of that name is followed.

    With ``once`` it ends at the end of the file. A file that was renamed while nobody looked is sought beside its old
    name and read to its end first.
    """

    can_wait = True

    def __init__(self, path: Path, *, name: str | None = None, once: bool = False, place: str | None = None) -> None:
        super().__init__(name or f"tail:{path.name}", str(path), once=once)
        self.path = path
        self.place = place

    def listen(self) -> bool:
        """One file to its end, and on until another takes its name."""
        file, place = self._open()
        with file:
            self.connected()
            self.place = None
            ended = self._follow(file, place)
        if not ended and not self.stopping.is_set():
            self._wait_s = 0.0  # the next file of that name is there already
        return ended

    def _open(self) -> tuple[BinaryIO, Place]:
        wanted = Place.read(self.place) if self.place else None
        path, offset = self.path, 0
        if wanted is not None:
            beside = sorted(self.path.parent.glob(f"{self.path.name}*"))
            found = next((one for one in (self.path, *beside) if wanted.is_in(one)), None)
            if found is None:
                self.failed(f"{self.path}: another file now; what had not been read of the old one is lost")
            else:
                path, offset = found, wanted.offset
        file = path.open("rb")
        head = file.read(HEAD_BYTES)
        file.seek(offset)
        return file, Place(os.fstat(file.fileno()).st_ino, len(head), zlib.crc32(head), offset)

    def _follow(self, file: BinaryIO, place: Place) -> bool:
        cutter = LineCutter()
        telling = True
        while not self.stopping.is_set():
            piece = file.read(PIECE_BYTES)
            if piece:
                self.health.bytes += len(piece)
                lines = cutter.cut(piece)
                cut = len(lines) - (cutter.behind_skip or 0)
                self.arrived(lines[:cut], str(place) if telling else None)
                telling = telling and not cut
                place = place.after(lines[:cut])
                if cutter.behind_skip is not None:
                    rest = lines[cut:]
                    end = place._replace(offset=file.tell() - cutter.held)
                    place = end._replace(offset=end.offset - (end.after(rest).offset - end.offset))
                    self.arrived(rest, str(place))
                    place, telling = end, not rest
                    self.health.too_long = cutter.too_long
                continue
            if self.once or self._replaced(file):
                last = cutter.rest()
                self.arrived([last] if last else [], str(place) if telling else None)
                return self.once and not self._is_older(file)
            self.pause(LOOK_S)
        return False

    def _replaced(self, file: BinaryIO) -> bool:
        """Whether the name stands for another file now, or for the same one begun anew; not while it is absent."""
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        own = os.fstat(file.fileno())
        if named.st_ino != own.st_ino:
            return file.tell() >= own.st_size  # something may have been written between our last look and the rename
        return named.st_size < file.tell()

    def _is_older(self, file: BinaryIO) -> bool:
        """Whether this was a renamed file, and the one of that name now comes after it."""
        try:
            return self.path.stat().st_ino != os.fstat(file.fileno()).st_ino
        except OSError:
            return False
