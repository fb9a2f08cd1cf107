"""Opens inputs of any packing as byte streams and cuts them into blocks of whole lines, in bounded memory.

What is packed is told from the content (gzip, bzip2, zstd and zip magic), not from the name. Offsets count decompressed
bytes from the start of the input; they run on over the members of a zip.
"""

from __future__ import annotations

import bz2
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, cast

import zstandard

try:  # inflates 2.5 times as fast as zlib; not there on every platform
    from isal import isal_zlib as inflating

    _INFLATE_ERRORS: Any = (inflating.error, zlib.error)
except ImportError:
    inflating = zlib  # type: ignore[misc]
    _INFLATE_ERRORS = (zlib.error,)

from decoders.errors import UnreadableInput
from decoders.zip_members import open_member
from decoders.zstd_frames import FrameFollower

BLOCK_BYTES = 4 << 20
MAX_LINE_BYTES = 64 << 10  # the longest sentence with its tag block is under 500 bytes, the widest known table row 3 KB
SAMPLE_BYTES = 64 << 10
ZSTD_WINDOW_BYTES = 128 << 20  # what the zstd tool itself accepts unasked; a larger one is a way to eat memory
STDIN = "-"
LINE_TOO_LONG = "refused:line_too_long"
CUT_OFF = "refused:truncated_input"
_PIECE = 256 << 10
_GZIP_BITS = 31  # a gzip header and trailer round the deflated data
_DAMAGE = (EOFError, OSError, *_INFLATE_ERRORS, zstandard.ZstdError, zipfile.BadZipFile)
# The library's word for a version, a method of compression or a password that it cannot handle is a RuntimeError.
_BAD_ZIP = (*_DAMAGE, RuntimeError)


class ByteStream:
    """One unpacked byte stream: a file, standard input or a zip member; ``sample`` looks ahead without consuming.

    When the packed data turn out damaged or cut short, reading ends there and ``problem`` says so: what came before is
    good and is not thrown away.
    """

    def __init__(self, source: IO[bytes], place: str, packing: str = "", member: str | None = None) -> None:
        self.place = place
        self.packing = packing
        self.member = member  # its name inside a zip
        self.problem: str | None = None
        self.bytes_read = 0
        self._source = source
        self._ahead = b""

    def sample(self, size: int = SAMPLE_BYTES) -> bytes:
        """The next bytes, up to ``size`` (fewer only where the stream ends), left to be read again."""
        pieces = [self._ahead]
        have = len(self._ahead)
        while have < size:
            piece = self._piece(size - have)
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        self._ahead = b"".join(pieces)
        return self._ahead[:size]

    def read_piece(self, size: int = _PIECE) -> bytes:
        """Some bytes, at most about ``size``; empty at the end of the stream or where it is damaged."""
        piece, self._ahead = (self._ahead, b"") if self._ahead else (self._piece(size), b"")
        self.bytes_read += len(piece)
        return piece

    def read_into(self, room: memoryview) -> int:
        """Some bytes into memory that is there, of a plain file without a copy; how many, 0 as ``read_piece`` empty."""
        if self._ahead or self.problem is not None or not isinstance(self._source, BufferedReader):
            piece = self._ahead or self._piece(min(len(room), _PIECE))
            count = min(len(piece), len(room))
            room[:count] = piece[:count]
            self._ahead = piece[count:]
        else:
            try:
                count = self._source.readinto1(room)
            except _DAMAGE as error:
                self._end_with(error)
                return 0
        self.bytes_read += count
        return count

    def _piece(self, size: int) -> bytes:
        if self.problem is not None:
            return b""
        try:
            read1 = getattr(self._source, "read1", None)  # one piece at a time: what precedes damage is not lost
            return cast(bytes, read1(size) if read1 is not None else self._source.read(size))
        except _DAMAGE as error:
            self._end_with(error)
            return b""

    def _end_with(self, error: Exception) -> None:
        what = f"{self.packing} data" if self.packing else "input"
        how = "ends early" if isinstance(error, EOFError) else f"damaged ({error})"
        have = self.bytes_read + len(self._ahead)
        self.problem = f"{self.place}: {what} {how}; at least {have} bytes before that were read"


@contextmanager
def open_streams(path: str | Path) -> Iterator[Iterator[ByteStream]]:
    """Open an input (``-`` is standard input) and give its streams: one, or one for each member of a zip.

    Gzip, bzip2, zstd and zip are unpacked as they are read, up to two layers deep. Raises
    :class:`~decoders.errors.UnreadableInput` when the file cannot be opened or a zip cannot be read.

    >>> import gzip, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.log"
    ...     _ = file.write_bytes(gzip.compress(b"one\\ntwo\\n"))
    ...     with open_streams(file) as streams:
    ...         [(stream.packing, list(LineBlocks(stream))) for stream in streams]
    [('gzip', [(0, b'one\\ntwo\\n')])]
    """
    with ExitStack() as stack:
        place = str(path)
        source: IO[bytes]
        if place == STDIN:
            source, place = sys.stdin.buffer, "standard input"
        else:
            try:
                source = stack.enter_context(Path(path).open("rb"))
            except OSError as error:
                raise UnreadableInput(place, error.strerror or str(error)) from None
        yield _unpacked(source, place, stack, depth=0, packing="")


def _unpacked(
    source: IO[bytes], place: str, stack: ExitStack, depth: int, packing: str, member: str | None = None
) -> Iterator[ByteStream]:
    stream = ByteStream(source, place, packing, member)
    magic = stream.sample(4)
    opened: IO[bytes] | None = None
    inner = ""
    if depth < 2 and magic[:2] == b"\x1f\x8b":
        inner, opened = "gzip", cast(IO[bytes], _GzipStream(_Again(stream)))
    elif depth < 2 and magic[:3] == b"BZh":
        inner, opened = "bzip2", cast(IO[bytes], bz2.BZ2File(cast(Any, _Again(stream))))
    elif depth < 2 and magic == b"\x28\xb5\x2f\xfd":
        inner, opened = "zstd", cast(IO[bytes], _ZstdStream(_Again(stream)))
    elif depth < 2 and magic[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _zip_members(source, place, stack, depth)
        return
    if opened is None:
        yield stream
    else:
        yield from _unpacked(opened, place, stack, depth + 1, inner, member)


def _zip_members(source: IO[bytes], place: str, stack: ExitStack, depth: int) -> Iterator[ByteStream]:
    if not source.seekable():
        raise UnreadableInput(place, "a zip cannot be read from a pipe (its list of members stands at its end)")
    try:
        archive = stack.enter_context(zipfile.ZipFile(source))
        members = [m for m in archive.infolist() if not m.is_dir() and not _litter(m.filename)]
    except _BAD_ZIP as error:
        raise UnreadableInput(place, f"zip cannot be read ({error})") from None
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise UnreadableInput(place, "an Office document; save the table as CSV")
    for member in members:
        name = f"{place}:{member.filename}"
        if member.flag_bits & 1:
            raise UnreadableInput(name, "this zip member is encrypted")
        try:
            opened = open_member(archive, member)
        except _BAD_ZIP as error:
            raise UnreadableInput(name, f"zip member cannot be read ({error})") from None
        with opened:
            yield from _unpacked(opened, name, stack, depth + 1, "zip", member.filename)


def _litter(name: str) -> bool:
    """Files that packers add by themselves."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


class _Again:
    """What unpackers want of a file (``read``), over a stream whose first bytes were already looked at."""

    def __init__(self, stream: ByteStream) -> None:
        self.stream = stream
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = self.stream.read_piece()
        wanted = len(self._rest) if size < 0 else size
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        return piece

    def seekable(self) -> bool:
        return False

    def readable(self) -> bool:
        return True

    def seek(self, *_: int) -> int:
        raise OSError("not seekable")

    def tell(self) -> int:
        raise OSError("not seekable")

    @property
    def closed(self) -> bool:
        return False


class _GzipStream:
    """A gzip reader that gives all that comes before damage or an early end, then raises; members follow each other."""

    def __init__(self, packed: _Again) -> None:
        self._packed = packed
        self._inflater: Any = inflating.decompressobj(_GZIP_BITS)

    def read1(self, size: int) -> bytes:
        while True:
            if self._inflater.eof:  # zeros may fill up the place behind the last member
                rest = self._inflater.unused_data.lstrip(b"\0")
                while not rest:
                    more = self._packed.read()
                    if not more:
                        return b""
                    rest = more.lstrip(b"\0")
                self._inflater = inflating.decompressobj(_GZIP_BITS)
                piece: bytes = self._inflater.decompress(rest, size)
            else:  # what it still holds (isal keeps output back without saying so), then more
                piece = self._inflater.decompress(self._inflater.unconsumed_tail, size)
                if not piece and not self._inflater.eof:
                    more = self._packed.read()
                    if not more:
                        raise EOFError
                    piece = self._inflater.decompress(more, size)
            if piece:
                return piece

    def seekable(self) -> bool:
        return False


class _ZstdStream:
    """A zstd reader that, like gzip's, raises ``EOFError`` where a frame is cut short instead of ending quietly."""

    def __init__(self, packed: _Again) -> None:
        self._packed = packed
        self._frames = FrameFollower()
        unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
        self._reader = unpacker.stream_reader(cast(Any, self), read_size=_PIECE, read_across_frames=True)

    def read(self, size: int) -> bytes:
        """Packed bytes for the unpacker, looked at on their way."""
        packed = self._packed.read(size)
        self._frames.feed(packed)
        return packed

    def read1(self, size: int) -> bytes:
        piece = self._reader.read1(size)
        if not piece and not self._frames.complete:
            raise EOFError
        return piece

    def seekable(self) -> bool:
        return False


class LineBlocks:
    r"""The stream as ``(offset, bytes)`` blocks of whole lines; iterate once, then read ``lines`` and ``problems``.

    A block is about ``block_bytes`` long and ends with a line feed, except at the end of a stream without one. A line
    longer than ``MAX_LINE_BYTES`` is left out and counted as ``refused:line_too_long``; the unfinished line at which a
    damaged stream stops as ``refused:truncated_input``. ``lines`` plus the lines of the blocks are all lines there are;
    ``first_places`` are the offsets of the first ones of ``lines``. ``end`` is the offset after the last byte read.

    >>> import io
    >>> blocks = LineBlocks(ByteStream(io.BytesIO(b"one\n" + b"x" * 70_000 + b"\ntwo"), "here"))
    >>> list(blocks), blocks.lines
    ([(0, b'one\n'), (70005, b'two')], {'refused:line_too_long': 1})
    """

    def __init__(self, stream: ByteStream, block_bytes: int = BLOCK_BYTES, first_offset: int = 0) -> None:
        self.lines: dict[str, int] = {}
        self.first_places: dict[str, int] = {}
        self.problems: tuple[str, ...] = ()
        self.end = first_offset
        self.stream = stream
        self.block_bytes = max(1, block_bytes)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        pending: list[bytes] = []
        pending_bytes = 0
        skipping = False  # inside a line that is already too long
        while piece := self.stream.read_piece(min(_PIECE, self.block_bytes)):
            self.end += len(piece)
            if skipping:
                _head, line_feed, piece = piece.partition(b"\n")
                if not line_feed:
                    continue
                skipping = False
            pending.append(piece)
            pending_bytes += len(piece)
            if pending_bytes < self.block_bytes:
                continue
            cut = piece.rfind(b"\n") + 1
            if cut:  # put together without what comes behind the last line: one copy, not two
                block = b"".join([*pending[:-1], memoryview(piece)[:cut]])
                rest = piece[cut:]
                yield from self._short_lines(self.end - len(rest) - len(block), block)
            else:
                block = b"".join(pending)
                cut = block.rfind(b"\n") + 1
                rest = block[cut:]
                if cut:
                    yield from self._short_lines(self.end - len(block), block[:cut])
            if len(rest) > MAX_LINE_BYTES:
                self.count(LINE_TOO_LONG, self.end - len(rest))
                skipping, rest = True, b""
            pending, pending_bytes = [rest], len(rest)
        block = b"".join(pending)
        cut = block.rfind(b"\n") + 1
        if self.stream.problem is not None:
            self.problems = (self.stream.problem,)
            if cut < len(block):
                self.count(CUT_OFF, self.end - (len(block) - cut))
            block = block[:cut]
        if block:
            yield from self._short_lines(self.end - len(b"".join(pending)), block)

    def _short_lines(self, offset: int, block: bytes) -> Iterator[tuple[int, bytes]]:
        for start, stop in self.short_lines(offset, block, len(block)):
            yield offset + start, block[start:stop]

    def short_lines(self, offset: int, block: bytes | bytearray, size: int) -> Iterator[tuple[int, int]]:
        """Where runs of lines that are not too long start and stop; the others are counted."""
        start = at = 0
        while size - at > MAX_LINE_BYTES:
            line_feed = block.rfind(b"\n", at, at + MAX_LINE_BYTES + 1)
            if line_feed >= 0:
                at = line_feed + 1
                continue
            self.count(LINE_TOO_LONG, offset + at)
            if start < at:
                yield start, at
            start = at = block.find(b"\n", at, size) + 1 or size
        if start < size:
            yield start, size

    def count(self, reason: str, place: int) -> None:
        """Count a line that is in no block."""
        self.lines[reason] = self.lines.get(reason, 0) + 1
        self.first_places.setdefault(reason, place)
