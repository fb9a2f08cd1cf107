"""Where the fields of AIS messages stand: the one table from which the decoder works.

Source: Recommendation ITU-R M.1371-5 (2014), annex 8, the table of each message. A field is its first bit (counted from
0), its width in bits, whether it is two's complement, and what its number is divided by to give the unit that the
column's name says; a text is its first bit and its characters of 6 bits. What "not available" is, and what is out of
range, is asked of :mod:`decoders.validity`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from decoders import validity

Numbers = NDArray[np.int64]


class Field(NamedTuple):
    """A number in a message."""

    start: int
    width: int
    signed: bool = False
    divisor: float = 1


class Text(NamedTuple):
    """A text in a message; ``characters`` of 6 bits each."""

    start: int
    characters: int


_FINE, _COARSE = 600_000, 600  # steps of 1/10,000 and (message 27) 1/10 of a minute in a degree

CLASS_A = {
    "nav_status": Field(38, 4), "sog_kn": Field(50, 10, divisor=10), "lon_deg": Field(61, 28, True, _FINE),
    "lat_deg": Field(89, 27, True, _FINE), "cog_deg": Field(116, 12, divisor=10), "heading_deg": Field(128, 9),
    "utc_second": Field(137, 6),
}  # fmt: skip
SAR_AIRCRAFT = {
    "sog_kn": Field(50, 10), "lon_deg": Field(61, 28, True, _FINE), "lat_deg": Field(89, 27, True, _FINE),
    "cog_deg": Field(116, 12, divisor=10), "utc_second": Field(128, 6),
}  # fmt: skip
CLASS_B = {
    "sog_kn": Field(46, 10, divisor=10), "lon_deg": Field(57, 28, True, _FINE), "lat_deg": Field(85, 27, True, _FINE),
    "cog_deg": Field(112, 12, divisor=10), "heading_deg": Field(124, 9), "utc_second": Field(133, 6),
}  # fmt: skip
LONG_RANGE = {
    "nav_status": Field(40, 4), "lon_deg": Field(44, 18, True, _COARSE), "lat_deg": Field(62, 17, True, _COARSE),
    "sog_kn": Field(79, 6), "cog_deg": Field(85, 9),
}  # fmt: skip
POSITIONS = {1: CLASS_A, 2: CLASS_A, 3: CLASS_A, 9: SAR_AIRCRAFT, 18: CLASS_B, 19: CLASS_B, 27: LONG_RANGE}


def _sides(start: int) -> dict[str, Field]:
    """Distances from the reference point of the position: figure 41 (message 5)."""
    return {
        "to_bow_m": Field(start, 9), "to_stern_m": Field(start + 9, 9), "to_port_m": Field(start + 18, 6),
        "to_starboard_m": Field(start + 24, 6),
    }  # fmt: skip


VOYAGE: dict[str, Field | Text] = {
    "imo": Field(40, 30), "callsign": Text(70, 7), "name": Text(112, 20), "ship_type": Field(232, 8), **_sides(240),
    "draught_m": Field(294, 8, divisor=10), "destination": Text(302, 20),
}  # fmt: skip
CLASS_B_EXTENDED: dict[str, Field | Text] = {"name": Text(143, 20), "ship_type": Field(263, 8), **_sides(271)}
CLASS_B_PART_A: dict[str, Field | Text] = {"name": Text(40, 20)}
CLASS_B_PART_B: dict[str, Field | Text] = {"ship_type": Field(40, 8), "callsign": Text(90, 7), **_sides(132)}
STATICS = (VOYAGE, CLASS_B_EXTENDED, CLASS_B_PART_A, CLASS_B_PART_B)  # messages 5, 19, 24 part A, 24 part B
PART_NUMBER = Field(38, 2)  # message 24: 0 is part A, 1 part B; 2 and 3 are reserved

BASE_STATION: dict[str, Field | Text] = {
    "year": Field(38, 14), "month": Field(52, 4), "day": Field(56, 5), "hour": Field(61, 5), "minute": Field(66, 6),
    "second": Field(72, 6), "lon_deg": Field(79, 28, True, _FINE), "lat_deg": Field(107, 27, True, _FINE),
    "fix_type": Field(134, 4),
}  # fmt: skip
AID_NAME, AID_MORE_NAME = Text(43, 20), Text(272, 14)  # the second: as many characters of a longer name as were sent
AID: dict[str, Field | Text] = {
    "aid_type": Field(38, 5), "name": AID_NAME, "lon_deg": Field(164, 28, True, _FINE),
    "lat_deg": Field(192, 27, True, _FINE), **_sides(219), "fix_type": Field(249, 4), "utc_second": Field(253, 6),
    "off_position": Field(259, 1), "virtual": Field(269, 1),
}  # fmt: skip
MMSI = Field(8, 30)

# A message must hold every field that is read from it; longer ones (186 bits are seen for 168) are taken as they are.
MIN_BITS = {1: 143, 2: 143, 3: 143, 5: 422, 9: 134, 18: 139, 19: 139, 24: 160, 27: 94}
OTHER_MIN_BITS = 38  # type, repeat indicator and MMSI
STATIC_19_BITS = 301
STATIC_24_B_BITS = 162
BASE_STATION_BITS, AID_BITS = 138, 270
LAST_TYPE = 27  # the Recommendation defines messages 1 to 27

# What follows is the same in the form that a kernel reads. A message's bits come to it as words of 48 bits after an
# empty one; a field is then (words[second] >> right | words[second - 1] << 48 - right) & mask.
WORD_BITS = 48
NOTHING, POSITION, STATIC, POSITION_AND_STATIC, BASE, AID_TO_NAVIGATION, UNDEFINED = range(7)
FLOATS = ("sog_kn", "cog_deg", "heading_deg")
CODES = ("nav_status", "utc_second")
DEGREES = ("lon_deg", "lat_deg")
STATIC_NUMBERS = ("imo", "ship_type", "to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m", "draught_m")
STATIC_TEXTS = ("name", "callsign", "destination")


def cut(field: Field) -> tuple[int, int, int, int]:
    """Second word, right shift, mask and sign bit of a field."""
    last = field.start + field.width - 1
    right = WORD_BITS - 1 - last % WORD_BITS
    return last // WORD_BITS + 1, right, (1 << field.width) - 1, (1 << field.width - 1) if field.signed else 0


def kinds() -> Numbers:
    """What becomes of each of the 64 message types."""
    kind = np.full(64, NOTHING)
    kind[list(POSITIONS)] = POSITION
    kind[[5, 24]] = STATIC
    kind[19], kind[4], kind[21] = POSITION_AND_STATIC, BASE, AID_TO_NAVIGATION
    kind[0], kind[LAST_TYPE + 1 :] = UNDEFINED, UNDEFINED
    return kind.astype(np.int64)


def least_bits() -> Numbers:
    """The fewest bits with which each of the 64 message types is taken."""
    return np.array([MIN_BITS.get(kind, OTHER_MIN_BITS) for kind in range(64)], np.int64)


def position_cuts() -> tuple[Numbers, NDArray[np.float64], NDArray[np.float32], NDArray[np.int8]]:
    """Cuts of the position messages, divisors of their degrees, and the values of their other fields.

    Cuts: ``[type, field, (second word, right shift, mask, sign bit or where its values begin)]``, fields in the order
    ``DEGREES``, ``FLOATS``, ``CODES``. The values are those that :mod:`decoders.validity` gives for each number that
    the field can hold, "not available" among them; a field that a message does not have has one value, "not
    available".
    """
    cuts = np.zeros((64, 7, 4), np.int64)
    cuts[:, :, 0] = 1
    divisors = np.ones((64, 2))
    floats: list[NDArray[np.float32]] = [np.full(1, np.nan, np.float32)]
    codes: list[NDArray[np.int8]] = [np.full(1, -1, np.int8)]
    clean: dict[str, Callable[[Any], Any]] = {"cog_deg": validity.cog, "heading_deg": validity.heading}
    clean |= {"nav_status": validity.nav_status, "utc_second": validity.second}
    known: dict[tuple[str, Field, int], int] = {}
    for msg_type, fields in POSITIONS.items():
        for place, name in enumerate((*DEGREES, *FLOATS, *CODES)):
            field = fields.get(name)
            if field is None:
                continue
            cuts[msg_type, place] = cut(field)
            if name in DEGREES:
                divisors[msg_type, place] = field.divisor
                continue
            some: list[NDArray[np.float32]] | list[NDArray[np.int8]] = floats if name in FLOATS else codes
            key = (name, field, msg_type if name == "sog_kn" and msg_type in (9, 27) else 0)
            if key not in known:
                known[key] = sum(map(len, some))
                raw = np.arange(1 << field.width) / field.divisor
                if name == "sog_kn":
                    floats.append(validity.sog(raw, np.full(len(raw), msg_type)))
                else:
                    some.append(clean[name](raw))
            cuts[msg_type, place, 3] = known[key]
    return cuts, divisors, np.concatenate(floats), np.concatenate(codes)


def static_cuts() -> tuple[Numbers, Numbers, NDArray[np.float32]]:
    """Cuts of ``STATICS`` (``[which, field, (word, shift, mask)]``), first bits of their texts (0: none), draughts."""
    cuts = np.zeros((len(STATICS), len(STATIC_NUMBERS), 3), np.int64)
    cuts[:, :, 0] = 1
    texts = np.zeros((len(STATICS), len(STATIC_TEXTS)), np.int64)
    for which, fields in enumerate(STATICS):
        for place, name in enumerate(STATIC_NUMBERS):
            if isinstance(field := fields.get(name), Field):
                cuts[which, place] = cut(field)[:3]
        for place, name in enumerate(STATIC_TEXTS):
            if isinstance(text := fields.get(name), Text):
                texts[which, place] = text.start
    return cuts, texts, validity.draught(np.arange(256) / 10)


def number_cuts(fields: dict[str, Field | Text]) -> Numbers:
    """Cuts of the numbers among a message's fields, in their order (``[field, (word, shift, mask, sign bit)]``)."""
    return np.array([cut(field) for field in fields.values() if isinstance(field, Field)], np.int64)


def divisor(fields: dict[str, Field | Text]) -> float:
    """By what a message's degrees are divided."""
    lat, lon = fields["lat_deg"], fields["lon_deg"]
    if not (isinstance(lat, Field) and isinstance(lon, Field)) or lat.divisor != lon.divisor:
        raise ValueError("degrees of two kinds")
    return float(lat.divisor)
