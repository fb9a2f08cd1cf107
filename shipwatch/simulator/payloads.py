"""The bits of AIS messages: columns in, armoured payloads out (ITU-R M.1371-5, annex 8; IEC 61162-1 six-bit armour)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]
Field = tuple[Any, int]
"""Integers (a column or one number for all rows; negative in two's complement) and the width in bits."""

_ARMOUR = np.frombuffer(bytes(v + 48 if v < 40 else v + 56 for v in range(64)), np.uint8)


def pack(rows: int, fields: list[Field | Bits]) -> Bits:
    """Fields side by side as a matrix of bits, shape (rows, total width), most significant bit first."""
    columns: list[Bits] = []
    for item in fields:
        if isinstance(item, np.ndarray):
            columns.append(item)
            continue
        values, width = item
        wide = np.broadcast_to(np.asarray(values, np.int64), rows) & ((1 << width) - 1)
        columns.append(((wide[:, None] >> np.arange(width - 1, -1, -1)) & 1).astype(np.uint8))
    return np.concatenate(columns, axis=1)


def text(values: Any, characters: int) -> Bits:
    """Strings as six-bit ASCII, cut or padded with @, shape (rows, 6 x characters); what it cannot say becomes "?"."""
    fixed = np.char.encode(np.char.upper(np.asarray(values, np.str_)), "ascii", "replace").astype(f"S{characters}")
    codes = np.ascontiguousarray(fixed).view(np.uint8).reshape(len(fixed), characters)
    sixbit = (np.where(codes == 0, 64, np.where((codes < 32) | (codes > 95), ord("?"), codes)) & 63).astype(np.uint8)
    return np.unpackbits(sixbit[:, :, None], axis=2)[:, :, 2:].reshape(len(fixed), 6 * characters)


def armour(bits: Bits) -> tuple[Bits, int]:
    """The payload characters, shape (rows, characters), and how many fill bits the last one has."""
    rows, width = bits.shape
    fill = -width % 6
    padded = np.pad(bits, ((0, 0), (0, fill))).reshape(rows, -1, 6)
    return _ARMOUR[padded @ np.array([32, 16, 8, 4, 2, 1], np.uint8)], fill


def _scaled(values: Any, scale: float, missing: int) -> NDArray[np.int64]:
    column = np.atleast_1d(np.asarray(values, np.float64))
    known = np.isfinite(column)
    return np.where(known, np.rint(np.where(known, column, 0.0) * scale), missing).astype(np.int64)


def _course(cog_deg: Any, scale: float, missing: int) -> NDArray[np.int64]:
    column = _scaled(cog_deg, scale, missing)
    # 359.96 rounds to 360.0, which means "not available": it is 0.0.
    return np.where(np.isfinite(np.atleast_1d(cog_deg)), column % int(360 * scale), column)


def _speed(sog_kn: Any) -> NDArray[np.int64]:
    return np.where(np.isfinite(np.atleast_1d(sog_kn)), np.minimum(_scaled(sog_kn, 10, 0), 1022), 1023)


def _motion(c: dict[str, Any]) -> list[Field | Bits]:
    """Speed, accuracy, position, course, heading and second, as types 1-3, 18 and 19 share them."""
    return [
        (_speed(c["sog_kn"]), 10), (c["accuracy"], 1), (_scaled(c["lon_deg"], 600_000, 108_600_000), 28),
        (_scaled(c["lat_deg"], 600_000, 54_600_000), 27), (_course(c["cog_deg"], 10, 3600), 12),
        (_course(c["heading_deg"], 1, 511), 9), (c["utc_second"], 6),
    ]  # fmt: skip


def rate_of_turn(turn_deg_min: Any) -> NDArray[np.int64]:
    """The ROT field: 4.733 times the root of degrees a minute with its sign, at most 126; -128 where NaN."""
    turn = np.atleast_1d(np.asarray(turn_deg_min, np.float64))
    known = np.where(np.isfinite(turn), turn, 0.0)
    value = np.rint(np.sign(known) * np.minimum(4.733 * np.sqrt(np.abs(known)), 126.0))
    return np.where(np.isfinite(turn), value, -128).astype(np.int64)


def class_a_position(c: dict[str, Any]) -> Bits:
    """Types 1-3 (168 bits) from columns msg_type mmsi nav_status turn_deg_min and motion; NaN is "not available"."""
    rows = len(c["mmsi"])
    head: list[Field | Bits] = [
        (c["msg_type"], 6), (0, 2), (c["mmsi"], 30), (c["nav_status"], 4), (rate_of_turn(c["turn_deg_min"]), 8),
    ]  # fmt: skip
    return pack(rows, [*head, *_motion(c), (0, 2), (0, 3), (0, 1), (c["radio"], 19)])


def class_b_position(c: dict[str, Any]) -> Bits:
    """Type 18 (168 bits), of a carrier-sense unit."""
    rows = len(c["mmsi"])
    tail: list[Field | Bits] = [(0, 2), (1, 1), (0, 1), (1, 1), (1, 1), (1, 1), (0, 1), (0, 1), (0x60006, 20)]
    return pack(rows, [(18, 6), (0, 2), (c["mmsi"], 30), (0, 8), *_motion(c), *tail])


def class_b_extended(c: dict[str, Any]) -> Bits:
    """Type 19 (312 bits): position with name, type and dimensions."""
    rows = len(c["mmsi"])
    tail: list[Field | Bits] = [(1, 4), (0, 1), (1, 1), (0, 1), (0, 4)]
    body: list[Field | Bits] = [(0, 4), text(c["name"], 20), (c["ship_type"], 8), *_dimensions(c)]
    return pack(rows, [(19, 6), (0, 2), (c["mmsi"], 30), (0, 8), *_motion(c), *body, *tail])


def long_range(c: dict[str, Any]) -> Bits:
    """Type 27 (96 bits): position to a tenth of a minute, speed to a knot, course to a degree."""
    rows = len(c["mmsi"])
    sog = np.where(np.isfinite(c["sog_kn"]), np.minimum(_scaled(c["sog_kn"], 1, 0), 62), 63)
    return pack(rows, [
        (27, 6), (3, 2), (c["mmsi"], 30), (c["accuracy"], 1), (0, 1), (c["nav_status"], 4),
        (_scaled(c["lon_deg"], 600, 108_600), 18), (_scaled(c["lat_deg"], 600, 54_600), 17), (sog, 6),
        (_course(c["cog_deg"], 1, 511), 9), (0, 1), (0, 1),
    ])  # fmt: skip


def base_station(c: dict[str, Any]) -> Bits:
    """Type 4 (168 bits): a base station's position and clock, from time_us, lat_deg, lon_deg."""
    when = np.asarray(c["time_us"], np.int64).astype("datetime64[us]")
    month = when.astype("datetime64[M]")
    seconds = (when - when.astype("datetime64[D]")).astype("timedelta64[s]").astype(np.int64)
    return pack(len(c["mmsi"]), [
        (4, 6), (0, 2), (c["mmsi"], 30), (when.astype("datetime64[Y]").astype(np.int64) + 1970, 14),
        (month.astype(np.int64) % 12 + 1, 4), ((when.astype("datetime64[D]") - month).astype(np.int64) + 1, 5),
        (seconds // 3600, 5), (seconds // 60 % 60, 6), (seconds % 60, 6), (1, 1),
        (_scaled(c["lon_deg"], 600_000, 108_600_000), 28), (_scaled(c["lat_deg"], 600_000, 54_600_000), 27),
        (7, 4), (0, 10), (0, 1), (0, 19),
    ])  # fmt: skip


def _dimensions(c: dict[str, Any]) -> list[Field | Bits]:
    return [
        (np.minimum(c["to_bow_m"], 511), 9), (np.minimum(c["to_stern_m"], 511), 9),
        (np.minimum(c["to_port_m"], 63), 6), (np.minimum(c["to_starboard_m"], 63), 6),
    ]  # fmt: skip


def voyage_static(c: dict[str, Any]) -> Bits:
    """Type 5 (424 bits, two sentences): identity, dimensions, draught and destination; no ETA is sent."""
    draught = np.clip(_scaled(c["draught_m"], 10, 0), 0, 255)
    return pack(len(c["mmsi"]), [
        (5, 6), (0, 2), (c["mmsi"], 30), (1, 2), (c["imo"], 30), text(c["callsign"], 7), text(c["name"], 20),
        (c["ship_type"], 8), *_dimensions(c), (1, 4), (0, 4), (0, 5), (24, 5), (60, 6), (draught, 8),
        text(c["destination"], 20), (0, 1), (0, 1),
    ])  # fmt: skip


def class_b_name(c: dict[str, Any]) -> Bits:
    """Type 24 part A (160 bits): the name."""
    return pack(len(c["mmsi"]), [(24, 6), (0, 2), (c["mmsi"], 30), (0, 2), text(c["name"], 20)])


def class_b_static(c: dict[str, Any]) -> Bits:
    """Type 24 part B (168 bits): type, vendor, call sign and dimensions."""
    return pack(len(c["mmsi"]), [
        (24, 6), (0, 2), (c["mmsi"], 30), (1, 2), (c["ship_type"], 8), text(np.full(len(c["mmsi"]), "SIM"), 3), (1, 4),
        (c["mmsi"], 20), text(c["callsign"], 7), *_dimensions(c), (1, 4), (0, 2),
    ])  # fmt: skip
