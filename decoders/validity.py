"""Decides, in this one place, what is "not available" or out of range, with the reason beside each number.

The numbers are those of ITU-R M.1371-5, annex 8 (table and message named at each). Everything works on whole columns in
real units (degrees, knots, metres), so that sentences and tables go through the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike, NDArray

from decoders.reports import Array, PositionReports, StaticReports

Mask = NDArray[np.bool_]

MMSI_MIN, MMSI_MAX = 1, 999_999_999  # nine decimal digits; the field's 30 bits hold more. Real receivers pass on short
# ones (6 or 7 digits: a base station or buoy set up wrongly); they still tell two ships apart and are kept as they are.
LAT_NOT_AVAILABLE_DEG = 91.0  # message 1: "91 = not available = default"
LON_NOT_AVAILABLE_DEG = 181.0  # message 1: "181 = not available = default"
LAT_LIMIT_DEG, LON_LIMIT_DEG = 90.0, 180.0
COORDINATE_SLACK_DEG = 5e-7  # a third of the finest step (1/10,000 min): tables print rounded decimals
SOG_NOT_AVAILABLE_KN = 102.3  # message 1: 1,023 in steps of 0.1 kn; 1,022 means "102.2 kn or higher" and is kept
SOG_STEP_KN = 0.1
SAR_SOG_NOT_AVAILABLE_KN = 1023.0  # message 9 (aircraft) counts whole knots; 1,022 means "or higher" and is kept
LONG_RANGE_SOG_NOT_AVAILABLE_KN = 63.0  # message 27 counts whole knots in 6 bits
# Speeds of exactly 51.2 kn (one stuck bit: 512 tenths) are almost always noise too, but the standard gives the value a
# meaning: it is kept as sent, and the tracks judge it by how far the ship really went. 63.0 kn in messages that have
# tenths of knots is kept for the same reason; in rows that do not say their message type it is message 27's "none".
COG_END_DEG = 360.0  # message 1: 3,600 = not available, 3,601-4,095 "should not be used"; message 27: 511
HEADING_END_DEG = 360.0  # message 1: 0-359, 511 = not available; between them lies no direction
NAV_STATUS_UNDEFINED = 15  # message 1: "15 = undefined = default"
UTC_SECONDS = 60  # message 1: 60 = not available, 61 manual input, 62 dead reckoning, 63 no fix: none is a second
DRAUGHT_MAX_M = 25.5  # message 5: 0 = not available, 255 tenths = "25.5 m or greater"
SHIP_TYPE_MAX = 255  # message 5: 8 bits, 0 = not available; reserved codes are kept as sent
LENGTH_PART_MAX_M = 1022.0  # message 5: A and B hold up to 511 m each; a table that has only the length gives the sum
BEAM_PART_MAX_M = 126.0  # message 5: C and D hold up to 63 m each

MMSI_REFUSED = "refused:mmsi_out_of_range"
NO_POSITION_REFUSED = "refused:position_not_available"
POSITION_REFUSED = "refused:position_out_of_range"
REFUSALS = ("", MMSI_REFUSED, NO_POSITION_REFUSED, POSITION_REFUSED)
SAR_AIRCRAFT, LONG_RANGE, TYPE_NOT_SAID = 9, 27, 0


def clean_positions(raw: Mapping[str, Array]) -> tuple[PositionReports, dict[str, int], Mask]:
    """Turn position columns as sent into clean ones; rows without a usable position or MMSI are left out and counted.

    ``raw`` maps names of :class:`PositionReports` to equally long arrays in its units, of any numeric dtype (wider is
    fine, NaN is "not available"); ``time_us``, ``mmsi``, ``lat_deg`` and ``lon_deg`` must be there, ``msg_type`` 0 is
    "not said". Returns the clean rows, the refused rows by reason (``refused:...``; each row once) and the mask of the
    rows kept.

    >>> import numpy as np
    >>> raw = {"time_us": np.array([0, 0]), "mmsi": np.array([244660000, 244660001]),
    ...        "lat_deg": np.array([52.0, 91.0]), "lon_deg": np.array([4.0, 181.0]), "sog_kn": np.array([102.3, 0])}
    >>> reports, refused, keep = clean_positions(raw)
    >>> reports.sog_kn.tolist(), refused, keep.tolist()
    ([nan], {'refused:position_not_available': 1}, [True, False])
    """
    refusals = position_refusals(raw)
    keep = refusals == 0
    columns = _kept(raw, keep)
    msg_type = columns.get("msg_type", np.zeros(int(keep.sum()), np.uint8))
    for name, clean in (("cog_deg", cog), ("heading_deg", heading), ("nav_status", nav_status), ("utc_second", second)):
        if name in columns:
            columns[name] = clean(columns[name])
    if "sog_kn" in columns:
        columns["sog_kn"] = sog(columns["sog_kn"], msg_type)
    return PositionReports.of(**columns), _counts(refusals), keep


def position_refusals(raw: Mapping[str, Array]) -> NDArray[np.int8]:
    """Why each row of position columns is refused: 0 it is not, else its place in ``REFUSALS``."""
    lat, lon = _floats(raw["lat_deg"]), _floats(raw["lon_deg"])
    with np.errstate(invalid="ignore"):
        inside = (np.abs(lat) <= LAT_LIMIT_DEG) & (np.abs(lon) <= LON_LIMIT_DEG)
    available, ship = position_available(lat, lon), mmsi_in_range(raw["mmsi"])
    codes = np.zeros(len(lat), np.int8)
    if not (inside & available & ship).all():
        codes[~inside] = REFUSALS.index(POSITION_REFUSED)
        codes[~available] = REFUSALS.index(NO_POSITION_REFUSED)
        codes[~ship] = REFUSALS.index(MMSI_REFUSED)
    return codes


def clean_statics(raw: Mapping[str, Array]) -> tuple[StaticReports, dict[str, int], Mask]:
    """Turn static columns as sent into clean ones; rows without a usable MMSI are left out and counted.

    ``raw`` is as in :func:`clean_positions` with the names of :class:`StaticReports`; ``time_us`` and ``mmsi`` must be
    there. Text is cut at its first ``@`` and loses trailing blanks.

    >>> import numpy as np
    >>> raw = {"time_us": np.array([0]), "mmsi": np.array([244660000]), "name": np.array(["SVEIN JOHAN@@@ER$"]),
    ...        "draught_m": np.array([0.0])}
    >>> reports, refused, keep = clean_statics(raw)
    >>> reports.name.tolist(), reports.draught_m.tolist(), refused
    (['SVEIN JOHAN'], [nan], {})
    """
    keep = mmsi_in_range(raw["mmsi"])
    columns = _kept(raw, keep)
    for name in ("name", "callsign", "destination"):
        if name in columns:
            columns[name] = text(columns[name])
    if "imo" in columns:
        columns["imo"] = _whole(
            columns["imo"], 1, 2**31 - 1, 0
        )  # message 5: 0 = not available; check digits: screening
    if "ship_type" in columns:
        columns["ship_type"] = _whole(columns["ship_type"], 0, SHIP_TYPE_MAX, 0)
    if "draught_m" in columns:
        columns["draught_m"] = draught(columns["draught_m"])
    for first, other, largest in (
        ("to_bow_m", "to_stern_m", LENGTH_PART_MAX_M),
        ("to_port_m", "to_starboard_m", BEAM_PART_MAX_M),
    ):
        if first in columns and other in columns:
            columns[first], columns[other] = dimension(columns[first], columns[other], largest)
    return StaticReports.of(**columns), _counts((~keep).astype(np.int8)), keep


def mmsi_in_range(mmsi: Array) -> Mask:
    """Whether each number can be an MMSI: 1 to 999,999,999."""
    with np.errstate(invalid="ignore"):
        return np.asarray((mmsi >= MMSI_MIN) & (mmsi <= MMSI_MAX))


def position_available(lat_deg: Array, lon_deg: Array) -> Mask:
    """Whether a position was sent: neither coordinate is its "not available" value or NaN; range is not judged."""
    with np.errstate(invalid="ignore"):
        none = np.abs(lat_deg - LAT_NOT_AVAILABLE_DEG) < COORDINATE_SLACK_DEG
        none |= np.abs(lon_deg - LON_NOT_AVAILABLE_DEG) < COORDINATE_SLACK_DEG
    return np.asarray(~(none | np.isnan(lat_deg) | np.isnan(lon_deg)))


def sog(knots: Array, msg_type: Array) -> Array:
    """Speeds over ground as float32 knots; what "not available" is depends on the message type."""
    values = _floats(knots)
    usual = SOG_NOT_AVAILABLE_KN - SOG_STEP_KN / 2
    good = (values >= 0) & (values < usual)
    if not (unusual := (msg_type == SAR_AIRCRAFT) | (msg_type == LONG_RANGE) | (msg_type == TYPE_NOT_SAID)).any():
        return _where(good, values)
    rows = np.flatnonzero(unusual)
    kind, own = msg_type[rows], values[rows]
    limit = np.full(len(rows), usual)
    limit[kind == SAR_AIRCRAFT] = SAR_SOG_NOT_AVAILABLE_KN - 0.5
    limit[kind == LONG_RANGE] = LONG_RANGE_SOG_NOT_AVAILABLE_KN - 0.5
    long_range_maybe = (kind == TYPE_NOT_SAID) & (own == LONG_RANGE_SOG_NOT_AVAILABLE_KN)
    good[rows] = (own >= 0) & (own < limit) & ~long_range_maybe
    return _where(good, values)


def cog(degrees: Array) -> Array:
    """Courses over ground as float32 degrees in [0, 360); 360 and beyond (3,600 tenths; 511) is "not available"."""
    values = _directions(degrees)
    return _where((values >= 0) & (values < COG_END_DEG), values)


def heading(degrees: Array) -> Array:
    """True headings as float32 degrees in [0, 360); 511 and whatever is no direction is "not available"."""
    values = _directions(degrees)
    return _where((values >= 0) & (values < HEADING_END_DEG), values)


def nav_status(codes: Array) -> Array:
    """Navigational status 0-14 as int8, -1 for 15 (undefined) and anything else."""
    return _whole(codes, 0, NAV_STATUS_UNDEFINED - 1, -1, np.int8)


def second(values: Array) -> Array:
    """The ship's own UTC second 0-59 as int8, -1 for 60-63 (not available, manual, estimated, inoperative)."""
    return _whole(values, 0, UTC_SECONDS - 1, -1, np.int8)


def draught(metres: Array) -> Array:
    """Draughts as float32 metres; 0 (below half a tenth) is "not available", 25.5 "or greater", more is not sent."""
    values = _floats(metres)
    return _where((values >= 0.05) & (values < DRAUGHT_MAX_M + 0.05), values)


def dimension(first: Array, other: Array, largest_m: float) -> tuple[Array, Array]:
    """The two parts of a length (bow, stern) or beam (port, starboard) as float32; both 0 is "not available".

    Message 5, figure 41: bow = port = 0 with stern and starboard set means that the reference point is unknown and
    stern and starboard are the whole length and beam. Those values are kept as sent: the sums are right either way.
    """
    a, b = _floats(first), _floats(other)
    with np.errstate(invalid="ignore"):
        sent = ~((np.nan_to_num(a) == 0) & (np.nan_to_num(b) == 0))
        return _where(sent & (a >= 0) & (a <= largest_m), a), _where(sent & (b >= 0) & (b <= largest_m), b)


def text(values: Array) -> Array:
    """Names ended at the first ``@`` (6-bit code 0, the standard's fill character), trailing blanks removed."""
    strings = np.asarray(values).astype(str, copy=False)
    if strings.size and (np.strings.find(strings, "@") >= 0).any():
        strings = np.char.partition(strings, "@")[:, 0]
    return np.asarray(np.strings.rstrip(strings))


def _floats(values: Array) -> NDArray[np.float64]:
    return np.asarray(values).astype(np.float64, copy=False)


def _directions(degrees: Array) -> NDArray[np.float32]:
    """As float32 before they are compared: 359.99999999 rounds up to 360."""
    with np.errstate(over="ignore"):
        return np.asarray(degrees).astype(np.float32)


def _where(good: Array, values: Array) -> Array:
    with np.errstate(over="ignore"):  # those are not good
        return np.where(good, values.astype(np.float32, copy=False), np.float32(np.nan))


def _whole(values: Array, lowest: int, highest: int, missing: int, dtype: DTypeLike = np.int64) -> Array:
    """Whole numbers within bounds; NaN, fractions' remains and anything outside become ``missing``."""
    numbers = np.asarray(values)
    with np.errstate(invalid="ignore"):
        good = (numbers >= lowest) & (numbers <= highest)
    if numbers.dtype.kind == "f":
        return np.where(good, numbers, numbers.dtype.type(missing)).astype(dtype)
    return np.where(good, np.where(good, numbers, 0).astype(np.int64), missing).astype(dtype, copy=False)


def _kept(raw: Mapping[str, Array], keep: Mask) -> dict[str, Array]:
    if keep.all():
        return {name: np.asarray(column) for name, column in raw.items()}
    return {name: np.asarray(column)[keep] for name, column in raw.items()}


def _counts(refusals: NDArray[np.int8]) -> dict[str, int]:
    if not refusals.any():
        return {}
    found = np.bincount(refusals, minlength=len(REFUSALS)).tolist()
    return {reason: count for reason, count in zip(REFUSALS, found, strict=True) if reason and count}
