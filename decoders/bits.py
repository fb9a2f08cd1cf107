"""Takes the fields out of AIS payloads, whole columns at a time; pyais turns the 6-bit armour into bits.

Layouts are those of ITU-R M.1371-5, annex 8 (start bit, width); nothing is judged here, that is
:mod:`decoders.validity`'s. A later compiled kernel may take this file's place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pyais.bit_vector import bit_vector

from decoders.reports import Array

Rows = NDArray[np.uint8]

POSITION_TYPES = (1, 2, 3, 9, 18, 19, 27)
STATIC_TYPES = (5, 19, 24)
POSITION_CHARS, STATIC_CHARS = 28, 72  # 168 and 432 bits: whole bytes, and all the fields read below
STATIC_19_BITS = 301
STATIC_24_B_BITS = 162
# A message must hold every field that is read from it; longer ones (186 bits are seen for 168) are taken as they are.
MIN_BITS = {1: 143, 2: 143, 3: 143, 5: 422, 9: 134, 18: 139, 19: 139, 24: 160, 27: 94}
OTHER_MIN_BITS = 38  # type, repeat indicator and MMSI

Layout = dict[str, tuple[int, int, bool, float]]  # field to start bit, width, signed, divisor
_DEGREES = 600_000.0  # 1/10,000 minute; message 27: 1/10 minute. Divided, not multiplied: the last bit is right then
_CLASS_A: Layout = {
    "nav_status": (38, 4, False, 1), "sog_kn": (50, 10, False, 10), "lon_deg": (61, 28, True, _DEGREES),
    "lat_deg": (89, 27, True, _DEGREES), "cog_deg": (116, 12, False, 10), "heading_deg": (128, 9, False, 1),
    "utc_second": (137, 6, False, 1),
}  # fmt: skip
_SAR_AIRCRAFT: Layout = {
    "sog_kn": (50, 10, False, 1), "lon_deg": (61, 28, True, _DEGREES), "lat_deg": (89, 27, True, _DEGREES),
    "cog_deg": (116, 12, False, 10), "utc_second": (128, 6, False, 1),
}  # fmt: skip
_CLASS_B: Layout = {
    "sog_kn": (46, 10, False, 10), "lon_deg": (57, 28, True, _DEGREES), "lat_deg": (85, 27, True, _DEGREES),
    "cog_deg": (112, 12, False, 10), "heading_deg": (124, 9, False, 1), "utc_second": (133, 6, False, 1),
}  # fmt: skip
_LONG_RANGE: Layout = {
    "nav_status": (40, 4, False, 1), "lon_deg": (44, 18, True, 600), "lat_deg": (62, 17, True, 600),
    "sog_kn": (79, 6, False, 1), "cog_deg": (85, 9, False, 1),
}  # fmt: skip
POSITION_LAYOUTS = {
    1: _CLASS_A,
    2: _CLASS_A,
    3: _CLASS_A,
    9: _SAR_AIRCRAFT,
    18: _CLASS_B,
    19: _CLASS_B,
    27: _LONG_RANGE,
}
_POSITION_MISSING = {"nav_status": -1, "utc_second": -1}


def packed(payloads: Sequence[bytes], chars: int) -> Rows:
    """Armoured payloads as an array of bytes, one row each, cut or filled with zero bits to ``chars`` characters.

    ``chars`` is a multiple of 4 (24 bits). Characters outside the armour alphabet must have been refused before.
    """
    joined = b"".join([payload[:chars].ljust(chars, b"0") for payload in payloads])
    bits = bit_vector(joined).get_bytes(0, len(joined) * 6)
    return np.frombuffer(bits, np.uint8).reshape(len(payloads), chars * 3 // 4)


def number(rows: Rows, start: int, width: int, signed: bool = False) -> NDArray[np.int64]:
    """The ``width`` (<= 56) bits from bit ``start`` of each row as whole numbers."""
    first, last = start // 8, (start + width - 1) // 8
    value = np.zeros(len(rows), np.int64)
    for column in range(first, last + 1):
        value = value << 8 | rows[:, column]
    value = value >> (8 * (last + 1) - start - width) & ((1 << width) - 1)
    if signed:
        value -= (value >> (width - 1)) << width
    return value


def text(rows: Rows, start: int, characters: int) -> Array:
    """The 6-bit text from bit ``start`` of each row, ``@`` and trailing blanks still in it."""
    bits = np.unpackbits(rows[:, start // 8 : (start + characters * 6 + 7) // 8], axis=1)
    skip = start % 8
    sixes = bits[:, skip : skip + characters * 6].reshape(len(rows), characters, 6)
    codes = sixes @ np.array([32, 16, 8, 4, 2, 1], np.uint8)
    letters = np.where(codes < 32, codes + 64, codes).astype(np.uint32)
    return np.ascontiguousarray(letters).view(f"U{characters}")[:, 0]


def position_columns(rows: Rows, msg_type: Array) -> dict[str, Array]:
    """Raw columns of position reports in real units (``mmsi`` too); what a type does not carry is "not available"."""
    columns: dict[str, Array] = {"mmsi": number(rows, 8, 30)}
    for name in _CLASS_A:
        columns[name] = np.full(len(rows), _POSITION_MISSING.get(name, np.nan))
    for layout in (_CLASS_A, _CLASS_B, _LONG_RANGE, _SAR_AIRCRAFT):
        here = np.isin(msg_type, [t for t, known in POSITION_LAYOUTS.items() if known is layout])
        if not here.any():
            continue
        part = rows[here]
        for name, (start, width, signed, divisor) in layout.items():
            columns[name][here] = number(part, start, width, signed) / divisor
    return columns


def static_columns(rows: Rows, msg_type: Array) -> dict[str, Array]:
    """Raw columns of static reports in real units; ``part`` is type 24's part number (0 A, 1 B), -1 for others."""
    count = len(rows)
    part = np.where(msg_type == 24, number(rows, 38, 2), -1)
    columns: dict[str, Array] = {
        "mmsi": number(rows, 8, 30), "part": part, "imo": np.zeros(count, np.int64),
        "name": np.full(count, "", "U20"), "callsign": np.full(count, "", "U7"), "ship_type": np.zeros(count, np.int64),
        "draught_m": np.full(count, np.nan), "destination": np.full(count, "", "U20"),
    }  # fmt: skip
    sides = ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m")
    for name in sides:
        columns[name] = np.full(count, np.nan)
    kinds: tuple[tuple[Array, int | None, int | None, int | None, int | None], ...] = (
        (msg_type == 5, 112, 70, 232, 240),  # where name, call sign, ship type and dimensions start
        (msg_type == 19, 143, None, 263, 271),
        (part == 0, 40, None, None, None),
        (part == 1, None, 90, 40, 132),
    )
    for here, name_at, callsign_at, type_at, sides_at in kinds:
        if not here.any():
            continue
        some = rows[here]
        if name_at is not None:
            columns["name"][here] = text(some, name_at, 20)
        if callsign_at is not None:
            columns["callsign"][here] = text(some, callsign_at, 7)
        if type_at is not None:
            columns["ship_type"][here] = number(some, type_at, 8)
        if sides_at is not None:
            for side, offset, width in zip(sides, (0, 9, 18, 24), (9, 9, 6, 6), strict=True):
                columns[side][here] = number(some, sides_at + offset, width)
    voyage = msg_type == 5
    if voyage.any():
        columns["imo"][voyage] = number(rows[voyage], 40, 30)
        columns["draught_m"][voyage] = number(rows[voyage], 294, 8) / 10
        columns["destination"][voyage] = text(rows[voyage], 302, 20)
    # An auxiliary craft (MMSI 98xxxxxxx) sends its mother ship's MMSI where part B has the dimensions.
    craft = (part == 1) & (columns["mmsi"] // 10_000_000 == 98)
    for name in sides:
        columns[name][craft] = np.nan
    return columns
