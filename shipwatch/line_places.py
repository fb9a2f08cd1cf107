"""Where a byte offset of an unpacked input stands for a human: member, line number and the line's first characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from decoders.errors import DecodeError
from decoders.streams import STDIN, open_streams

MOST_BYTES = 256 << 20
"""A place further into its input is not looked up: the byte offset alone has to do."""
SHOWN = 120


@dataclass(frozen=True, slots=True)
class LinePlace:
    """One line: ``place`` is the file (with its member, in a zip), ``line`` counts from 1, ``text`` is how it begins.

    ``text`` is what the file holds: nothing to be trusted.
    """

    place: str
    line: int
    text: str


def line_places(path: Path, offsets: Iterable[int]) -> dict[int, LinePlace]:
    """The lines that begin at these offsets (bytes of the unpacked content, running on over the members of a zip).

    Reads the input once more up to the last of them. Offsets that are beyond ``MOST_BYTES`` or not in the input are
    left out, and all of them where the input can be read only once (standard input) or not at all.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "log.nmea"
    ...     _ = file.write_bytes(b"one\\ntwo\\nthree\\n")
    ...     found = line_places(file, [8])[8]
    >>> found.line, found.text
    (3, 'three')
    """
    wanted = sorted(offset for offset in set(offsets) if offset < MOST_BYTES)
    if not wanted or str(path) == STDIN or not path.is_file():
        return {}
    found: dict[int, LinePlace] = {}
    try:
        with open_streams(path) as streams:
            at = 0
            for stream in streams:
                lines = 1
                piece = stream.read_piece()
                while piece:
                    ahead = b""
                    while wanted and wanted[0] < at + len(piece):
                        offset = wanted.pop(0)
                        here = offset - at
                        if len(piece) - here < SHOWN and not ahead:
                            ahead = stream.read_piece()  # the line goes on in the next piece
                        text = (piece[here:] + ahead)[: SHOWN + 1].split(b"\n", 1)[0]
                        found[offset] = LinePlace(stream.place, lines + piece.count(b"\n", 0, here), _shown(text))
                    if not wanted:
                        return found
                    lines += piece.count(b"\n")
                    at += len(piece)
                    piece = ahead or stream.read_piece()
    except (DecodeError, OSError):  # what can be said of it was said when it was decoded
        return found
    return found


def _shown(text: bytes) -> str:
    cut = text[:SHOWN].decode("utf-8", "replace").rstrip("\r")
    return cut + ("..." if len(text) > SHOWN else "")
