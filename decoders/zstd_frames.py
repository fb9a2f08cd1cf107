"""Follows the frames of a zstd file, because the unpacker ends quietly where the file was cut short."""

from __future__ import annotations

FRAME_MAGIC = 0xFD2FB528  # RFC 8878, section 3.1.1
SKIPPABLE_MAGIC = 0x184D2A50  # RFC 8878, section 3.1.2; the low four bits are free
_CONTENT_SIZE_BYTES = (0, 2, 4, 8)
_DICTIONARY_BYTES = (0, 1, 2, 4)
_RLE_BLOCK = 1


class FrameFollower:
    """Fed all packed bytes in order, knows whether they end at the end of a frame (:attr:`complete`).

    >>> import zstandard
    >>> packed = zstandard.compress(b"a" * 1000)
    >>> whole, cut = FrameFollower(), FrameFollower()
    >>> whole.feed(packed), cut.feed(packed[:-1])
    (None, None)
    >>> whole.complete, cut.complete
    (True, False)
    """

    def __init__(self) -> None:
        self._held = b""
        self._skip = 0
        self._wants = "magic"
        self._checksum = False

    @property
    def complete(self) -> bool:
        """Whether everything fed so far is whole frames."""
        return self._wants == "magic" and not self._held and not self._skip

    def feed(self, packed: bytes) -> None:
        """Walk on over these bytes; rubbish is left to the unpacker, which refuses it."""
        held = self._held + packed if self._held else packed
        at = 0
        while True:
            step = min(self._skip, len(held) - at)
            at, self._skip = at + step, self._skip - step
            if self._skip or not (used := self._header(held, at)):
                break
            at += used
        self._held = held[at:]

    def _header(self, held: bytes, at: int) -> int:
        """Read the header that starts at ``at``; its length, or 0 where it is not all there yet."""
        left = len(held) - at
        if self._wants == "magic" and left >= 5:
            magic = int.from_bytes(held[at : at + 4], "little")
            if magic & 0xFFFFFFF0 == SKIPPABLE_MAGIC:
                if left < 8:
                    return 0
                self._skip = int.from_bytes(held[at + 4 : at + 8], "little")
                return 8
            flags = held[at + 4]
            single = flags >> 5 & 1
            content = _CONTENT_SIZE_BYTES[flags >> 6] or single
            self._skip = (1 - single) + _DICTIONARY_BYTES[flags & 3] + content
            self._checksum = bool(flags >> 2 & 1)
            self._wants = "block"
            return 5
        if self._wants == "block" and left >= 3:
            header = int.from_bytes(held[at : at + 3], "little")
            self._skip = 1 if header >> 1 & 3 == _RLE_BLOCK else header >> 3
            if header & 1:
                self._wants = "magic"
                self._skip += 4 if self._checksum else 0
            return 3
        return 0
