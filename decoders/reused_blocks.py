"""Cuts a stream into blocks of whole lines that all stand in the same memory, for readers that keep nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

from decoders.streams import CUT_OFF, LINE_TOO_LONG, MAX_LINE_BYTES, LineBlocks


class ReusedBlocks(LineBlocks):
    r"""As :class:`~decoders.streams.LineBlocks`, but a block is a view that the next one overwrites.

    Bytes of a plain file are copied once, by the system; memory that has just been used is still in the processor's
    cache. The views are read-only.

    >>> import io
    >>> from decoders.streams import ByteStream
    >>> blocks = ReusedBlocks(ByteStream(io.BytesIO(b"one\ntwo\nthree"), "here"), 5)
    >>> [(at, bytes(block)) for at, block in blocks]
    [(0, b'one\n'), (4, b'two\n'), (8, b'three')]
    """

    def __iter__(self) -> Iterator[tuple[int, memoryview]]:  # type: ignore[override]
        room = bytearray(self.block_bytes + MAX_LINE_BYTES)
        view = memoryview(room)
        have = 0
        enough = self.block_bytes
        skipping = False  # inside a line that is already too long
        while read := self.stream.read_into(view[have:enough]):
            self.end += read
            have += read
            if skipping:
                line_feed = room.find(b"\n", 0, have)
                if line_feed < 0:
                    have = 0
                    continue
                skipping = False
                have = _moved(view, line_feed + 1, have)
            if have < enough:
                continue
            cut = room.rfind(b"\n", 0, have) + 1
            yield from self._views(self.end - have, room, view, cut)
            if have - cut > MAX_LINE_BYTES:
                self.count(LINE_TOO_LONG, self.end - (have - cut))
                skipping, cut = True, have
            have = _moved(view, cut, have)
            enough = have + self.block_bytes
        start = self.end - have
        if self.stream.problem is not None:
            self.problems = (self.stream.problem,)
            cut = room.rfind(b"\n", 0, have) + 1
            if cut < have:
                self.count(CUT_OFF, start + cut)
            have = cut
        yield from self._views(start, room, view, have)

    def _views(self, offset: int, room: bytearray, view: memoryview, size: int) -> Iterator[tuple[int, memoryview]]:
        for start, stop in self.short_lines(offset, room, size):
            yield offset + start, view[start:stop].toreadonly()


def _moved(view: memoryview, start: int, stop: int) -> int:
    """Bytes to the start; how many there are."""
    view[: stop - start] = bytes(view[start:stop])
    return stop - start
