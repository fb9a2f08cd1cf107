"""A tiny writer of AIS sentences, independent of the code under test (ITU-R M.1371-5 layouts, IEC 61162-1 armour)."""

from __future__ import annotations

import pytest

ARMOUR = "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVW`abcdefghijklmnopqrstuvw"
SIX_BIT = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"


class SentenceWriter:
    """Writes bits, payloads, sentences, tag blocks; knows nothing of decoding."""

    def bits(self, *fields: tuple[int, int]) -> str:
        """``(value, width)`` fields as a bit string, two's complement where negative."""
        return "".join(format(value % (1 << width), f"0{width}b") for value, width in fields)

    def text(self, words: str, characters: int) -> str:
        """Text as 6-bit codes, filled with ``@``."""
        return "".join(format(SIX_BIT.index(c), "06b") for c in words.ljust(characters, "@")[:characters])

    def payload(self, bits: str) -> tuple[str, int]:
        """Armoured payload and number of fill bits."""
        fill = -len(bits) % 6
        whole = bits + "0" * fill
        return "".join(ARMOUR[int(whole[at : at + 6], 2)] for at in range(0, len(whole), 6)), fill

    def checked(self, body: str) -> str:
        """``body*hh``."""
        checksum = 0
        for byte in body.encode("latin-1"):
            checksum ^= byte
        return f"{body}*{checksum:02X}"

    def line(
        self, payload: str, fill: int = 0, *, part: int = 1, of: int = 1, seq: str = "", channel: str = "A",
        kind: str = "AIVDM",
    ) -> str:  # fmt: skip
        """One sentence, no line end."""
        return "!" + self.checked(f"{kind},{of},{part},{seq},{channel},{payload},{fill}")

    def lines(self, bits: str, of: int = 1, **more: str) -> list[str]:
        """One message as ``of`` sentences."""
        payload, fill = self.payload(bits)
        step = -(-len(payload) // of)
        pieces = [payload[at : at + step] for at in range(0, len(payload), step)]
        return [
            self.line(piece, fill if number == of else 0, part=number, of=of, **more)  # type: ignore[arg-type]
            for number, piece in enumerate(pieces, 1)
        ]

    def tag(self, body: str) -> str:
        """One tag block."""
        return "\\" + self.checked(body) + "\\"

    def class_a(self, mmsi: int = 244660000, **raw: int) -> str:
        """Type 1-3 bits from raw field values."""
        return self.bits(
            (raw.get("type", 1), 6), (0, 2), (mmsi, 30), (raw.get("status", 0), 4), (raw.get("turn", -128), 8),
            (raw.get("sog", 123), 10), (1, 1), (raw.get("lon", 2550000), 28), (raw.get("lat", 31500000), 27),
            (raw.get("cog", 905), 12), (raw.get("heading", 90), 9), (raw.get("second", 17), 6), (0, 2), (0, 3), (0, 1),
            (0, 19),
        )  # fmt: skip

    def voyage(self, mmsi: int = 244660000, name: str = "EXAMPLE", destination: str = "ROTTERDAM", **raw: int) -> str:
        """Type 5 bits (424)."""
        return (
            self.bits((5, 6), (0, 2), (mmsi, 30), (0, 2), (raw.get("imo", 9074729), 30))
            + self.text("PABC", 7) + self.text(name, 20)
            + self.bits(
                (raw.get("ship_type", 80), 8), (raw.get("bow", 150), 9), (raw.get("stern", 33), 9),
                (raw.get("port", 20), 6), (raw.get("starboard", 12), 6), (1, 4), (0, 20), (raw.get("draught", 121), 8),
            )
            + self.text(destination, 20) + "00"
        )  # fmt: skip


@pytest.fixture(scope="session")
def ais() -> SentenceWriter:
    """The writer."""
    return SentenceWriter()
