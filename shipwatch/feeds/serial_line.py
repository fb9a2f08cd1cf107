"""Lines from a serial device: a receiver on a cable. Needs pyserial (extra ``serial``)."""

from __future__ import annotations

from time import monotonic

from shipwatch.feeds.feed import LOOK_S, Feed, MissingExtra
from shipwatch.feeds.line_cutter import LineCutter
from shipwatch.feeds.tcp import STALL_S

BAUD = 38_400
"""Of NMEA 0183-HS, which AIS receivers speak (IEC 61162-2)."""
PIECE_BYTES = 64 << 10


class SerialFeed(Feed):
    """Reads a device; one that is unplugged, or says nothing for ``stall_s``, is opened again.

    The device's first line is mostly half of one: it is counted as any line is. Raises ``MissingExtra``.
    """

    def __init__(self, device: str, *, baud: int = BAUD, name: str | None = None, stall_s: float = STALL_S) -> None:
        super().__init__(name or f"serial:{device}", f"{device} at {baud} baud")
        self.device, self.baud, self.stall_s = device, baud, stall_s
        try:
            import serial  # noqa: PLC0415 (an extra)
        except ImportError:
            raise MissingExtra("pyserial", "serial") from None
        self._open = serial.Serial

    def listen(self) -> bool:
        """Until the device goes away or falls silent."""
        cutter = LineCutter()
        with self._open(self.device, self.baud, timeout=LOOK_S) as device:
            self.connected()
            heard_s = monotonic()
            try:
                while not self.stopping.is_set():
                    piece = device.read(min(max(1, device.in_waiting), PIECE_BYTES))
                    if piece:
                        heard_s = monotonic()
                        self.health.bytes += len(piece)
                        self.arrived(cutter.cut(piece))
                    elif monotonic() - heard_s >= self.stall_s:
                        self.failed(f"nothing received for {self.stall_s:g} s")
                        return False
            finally:
                self.health.cut += bool(cutter.rest())
                self.health.too_long += cutter.too_long
        return False
