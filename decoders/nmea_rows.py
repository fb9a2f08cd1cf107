"""Writes the rows of reports that the NMEA kernel finds, from the message's bits (kernel code).

A message comes as words of 48 bits after an empty one (:mod:`decoders.layout`), columns as the addresses that
:class:`decoders.nmea_columns.Sheet` gives. The functions that every line goes through are always inlined.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders import layout, line_classes, validity
from decoders.kernel_cache import always_inlined, inlined
from decoders.line_classes import READ
from decoders.receive_times import NO_TIME, days_since_1970
from decoders.reports import AidReports, BaseStationReports, PositionReports, StaticReports
from decoders.validity import (
    COORDINATE_SLACK_DEG,
    LAT_LIMIT_DEG,
    LAT_NOT_AVAILABLE_DEG,
    LON_LIMIT_DEG,
    LON_NOT_AVAILABLE_DEG,
)
from decoders.words import column, load_word, store_byte, store_double, store_float, store_int, store_short, store_word


def numbers(count: int) -> tuple[Any, ...]:
    """The numbers from 0 on, as numba takes them for any number: it compiles a helper anew for each Python integer."""
    return tuple(np.int64(number) for number in range(count))


# The columns of all kinds one after the other, in the order of their ``DTYPES``.
_STATICS = len(PositionReports.DTYPES)
_BASES = _STATICS + len(StaticReports.DTYPES)
_AIDS = _BASES + len(BaseStationReports.DTYPES)
(_P_TIME, _P_MMSI, _P_LAT, _P_LON, _P_SOG, _P_COG, _P_HEADING, _P_STATUS, _P_TYPE, _P_SECOND, _P_STATION,
 _P_OFFSET) = range(_STATICS)  # fmt: skip
(_S_TIME, _S_MMSI, _S_IMO, _S_NAME, _S_CALLSIGN, _S_SHIP_TYPE, _S_BOW, _S_STERN, _S_PORT, _S_STARBOARD, _S_DRAUGHT,
 _S_DESTINATION, _S_TYPE, _S_STATION, _S_OFFSET) = range(_STATICS, _BASES)  # fmt: skip
(_B_TIME, _B_MMSI, _B_SENT, _B_LAT, _B_LON, _B_FIX, _B_STATION, _B_OFFSET) = range(_BASES, _AIDS)
(_A_TIME, _A_MMSI, _A_TYPE, _A_NAME, _A_LAT, _A_LON, _A_BOW, _A_STERN, _A_PORT, _A_STARBOARD, _A_FIX, _A_SECOND,
 _A_OFF, _A_VIRTUAL, _A_STATION, _A_OFFSET) = range(_AIDS, _AIDS + len(AidReports.DTYPES))  # fmt: skip

_CUTS, _DIVISORS, _FLOATS, _CODES = layout.position_cuts()
_STATIC_CUTS, _STATIC_TEXTS, _DRAUGHTS = layout.static_cuts()
_IMO, _SHIP_TYPE, _BOW, _STERN, _PORT, _STARBOARD, _DRAUGHT = numbers(len(layout.STATIC_NUMBERS))
_NAME, _CALLSIGN, _DESTINATION = numbers(len(layout.STATIC_TEXTS))
_LON, _LAT, _SOG, _COG, _HEADING, _STATUS, _UTC_SECOND = numbers(7)  # as layout.position_cuts has them
_BASE_CUTS, _AID_CUTS = layout.number_cuts(layout.BASE_STATION), layout.number_cuts(layout.AID)
_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND, _BASE_LON, _BASE_LAT, _BASE_FIX = numbers(len(_BASE_CUTS))
(_AID_TYPE, _AID_LON, _AID_LAT, _AID_BOW, _AID_STERN, _AID_PORT, _AID_STARBOARD, _AID_FIX, _AID_SECOND, _AID_OFF,
 _AID_VIRTUAL) = numbers(len(_AID_CUTS))  # fmt: skip
_AID_NAME, _AID_MORE = layout.AID_NAME.start, layout.AID_MORE_NAME.start
_BASE_DIVISOR, _AID_DIVISOR = layout.divisor(layout.BASE_STATION), layout.divisor(layout.AID)
_SECONDS = validity.second(np.arange(64))
CLASS_A = numbers(2)[1]  # the message as which 1 to 3 are laid out
_FIRST_CLOCK_YEAR, _END_CLOCK_YEAR = 1990, 2100
PART_B, CRAFT = 3, 98  # which of layout.STATICS; the MMSI's first digits of an auxiliary craft


@always_inlined
def bits(words: int, second: int, right: int, mask: int) -> int:
    """A field, as :mod:`decoders.layout` describes cuts."""
    return int((load_word(words, 8 * second) >> right | load_word(words, 8 * second - 8) << (48 - right)) & mask)


@always_inlined
def number(words: int, cuts: Any, field: int) -> int:
    """The field in a row of a table of cuts, with its sign."""
    sign = cuts[field, 3]
    return int((bits(words, cuts[field, 0], cuts[field, 1], cuts[field, 2]) ^ sign) - sign)


@always_inlined
def degrees(words: int, msg_type: int, place: int) -> float:
    """Longitude (place 0) or latitude (1) of a position message."""
    sign = _CUTS[msg_type, place, 3]
    value = bits(words, _CUTS[msg_type, place, 0], _CUTS[msg_type, place, 1], _CUTS[msg_type, place, 2])
    return float(((value ^ sign) - sign) / _DIVISORS[msg_type, place])


@always_inlined
def looked_up(words: int, msg_type: int, place: int) -> int:
    """Where in its table of values a field of a position message stands."""
    value = bits(words, _CUTS[msg_type, place, 0], _CUTS[msg_type, place, 1], _CUTS[msg_type, place, 2])
    return int(_CUTS[msg_type, place, 3] + value)


@always_inlined
def place_class(lat_deg: float, lon_deg: float) -> int:
    """``READ``, or the class of positions that are not available or out of range."""
    if (
        abs(lat_deg - LAT_NOT_AVAILABLE_DEG) < COORDINATE_SLACK_DEG
        or abs(lon_deg - LON_NOT_AVAILABLE_DEG) < COORDINATE_SLACK_DEG
    ):
        return line_classes.NO_POSITION
    if abs(lat_deg) > LAT_LIMIT_DEG or abs(lon_deg) > LON_LIMIT_DEG:
        return line_classes.BAD_POSITION
    return READ


@always_inlined
def position_row(
    words: int, like: int, msg_type: int, places: int, row: int, mmsi: int, time_us: int, offset: int, station: int,
    station_2: int,
) -> int:  # fmt: skip
    """Write a position report, laid out as message ``like``, if its position is one; the message's class."""
    lon_deg, lat_deg = degrees(words, like, _LON), degrees(words, like, _LAT)
    verdict = place_class(lat_deg, lon_deg)
    if verdict == READ:
        store_word(column(places, _P_TIME), 8 * row, time_us)
        store_int(column(places, _P_MMSI), 4 * row, mmsi)
        store_double(column(places, _P_LAT), 8 * row, lat_deg)
        store_double(column(places, _P_LON), 8 * row, lon_deg)
        store_float(column(places, _P_SOG), 4 * row, _FLOATS[looked_up(words, like, _SOG)])
        store_float(column(places, _P_COG), 4 * row, _FLOATS[looked_up(words, like, _COG)])
        store_float(column(places, _P_HEADING), 4 * row, _FLOATS[looked_up(words, like, _HEADING)])
        store_byte(column(places, _P_STATUS), row, _CODES[looked_up(words, like, _STATUS)])
        store_byte(column(places, _P_TYPE), row, msg_type)
        store_byte(column(places, _P_SECOND), row, _CODES[looked_up(words, like, _UTC_SECOND)])
        store_word(column(places, _P_STATION), 16 * row, station)
        store_word(column(places, _P_STATION), 16 * row + 8, station_2)
        store_word(column(places, _P_OFFSET), 8 * row, offset)
    return verdict


@inlined
def write_text(words: int, start: int, characters: int, out: int, place: int, end_place: int) -> int:
    """Write 6-bit text as a NumPy string: it ends at the first ``@`` (code 0, the fill character), without blanks.

    ``out`` is where the string begins, ``place`` and ``end_place`` say which of its characters are written. Gives the
    characters before that ``@``.
    """
    end, used, eight = place, 0, 0
    for count in range(characters):
        if count & 7 == 0:
            word, skip = 8 * (start // 48 + 1 + (count >> 3)), start % 48
            eight = load_word(words, word) << skip | load_word(words, word + 8) >> (48 - skip)
        code = eight >> 42 & 63
        eight <<= 6
        if code == 0:
            break
        used += 1
        store_int(out, 4 * (place + count), code + 64 if code < 32 else code)
        if code != 32:
            end = place + count + 1
    for at in range(end, end_place):
        store_int(out, 4 * at, 0)
    return used


@always_inlined
def write_sides(first: int, other: int, first_column: int, other_column: int, row: int) -> None:
    """Two parts of a length or beam in metres; both 0 is "not available"."""
    one, two = np.float32(first), np.float32(other)
    if first == 0 and other == 0:
        one, two = np.float32(np.nan), np.float32(np.nan)
    store_float(first_column, 4 * row, one)
    store_float(other_column, 4 * row, two)


@inlined
def static_row(
    words: int, which: int, msg_type: int, places: int, row: int, mmsi: int, time_us: int, offset: int, station: int,
    station_2: int,
) -> None:  # fmt: skip
    """Write a static report; ``which`` of ``layout.STATICS`` the message is."""
    store_word(column(places, _S_TIME), 8 * row, time_us)
    store_int(column(places, _S_MMSI), 4 * row, mmsi)
    store_int(column(places, _S_IMO), 4 * row, static_number(words, which, _IMO))
    store_short(column(places, _S_SHIP_TYPE), 2 * row, static_number(words, which, _SHIP_TYPE))
    # An auxiliary craft (98xxxxxxx) sends its mother ship's MMSI in place of its dimensions.
    sent = 0 if which == PART_B and mmsi // 10_000_000 == CRAFT else -1
    for k in range(_BOW, _DRAUGHT, 2):
        one, two = static_number(words, which, k) & sent, static_number(words, which, k + 1) & sent
        write_sides(one, two, column(places, _S_BOW + k - _BOW), column(places, _S_STERN + k - _BOW), row)
    store_float(column(places, _S_DRAUGHT), 4 * row, _DRAUGHTS[static_number(words, which, _DRAUGHT)])
    for k in range(3):
        most = 7 if k == _CALLSIGN else 20
        text_column = _S_NAME if k == _NAME else _S_CALLSIGN if k == _CALLSIGN else _S_DESTINATION
        start = _STATIC_TEXTS[which, k]
        write_text(words, start, most if start != 0 else 0, column(places, text_column) + 4 * most * row, 0, most)
    store_byte(column(places, _S_TYPE), row, msg_type)
    store_word(column(places, _S_STATION), 16 * row, station)
    store_word(column(places, _S_STATION), 16 * row + 8, station_2)
    store_word(column(places, _S_OFFSET), 8 * row, offset)


@always_inlined
def static_number(words: int, which: int, field: int) -> int:
    """A number of a static message, 0 where it has none."""
    return bits(words, _STATIC_CUTS[which, field, 0], _STATIC_CUTS[which, field, 1], _STATIC_CUTS[which, field, 2])


@inlined
def base_station_row(
    words: int, places: int, row: int, mmsi: int, time_us: int, offset: int, station: int, station_2: int
) -> None:
    """Write what a base station says; its clock is -1 where it names no time."""
    store_word(column(places, _B_TIME), 8 * row, time_us)
    store_int(column(places, _B_MMSI), 4 * row, mmsi)
    year = number(words, _BASE_CUTS, _YEAR)
    day = days_since_1970(year, number(words, _BASE_CUTS, _MONTH), number(words, _BASE_CUTS, _DAY))
    hour, minute, second = (
        number(words, _BASE_CUTS, _HOUR), number(words, _BASE_CUTS, _MINUTE), number(words, _BASE_CUTS, _SECOND)
    )  # fmt: skip
    sent_us = -1
    if day != NO_TIME and _FIRST_CLOCK_YEAR <= year < _END_CLOCK_YEAR and hour < 24 and minute < 60 and second < 60:
        sent_us = (((day * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000
    store_word(column(places, _B_SENT), 8 * row, sent_us)
    lat_deg = number(words, _BASE_CUTS, _BASE_LAT) / _BASE_DIVISOR
    lon_deg = number(words, _BASE_CUTS, _BASE_LON) / _BASE_DIVISOR
    write_place(lat_deg, lon_deg, column(places, _B_LAT), column(places, _B_LON), row)
    store_byte(column(places, _B_FIX), row, number(words, _BASE_CUTS, _BASE_FIX))
    store_word(column(places, _B_STATION), 16 * row, station)
    store_word(column(places, _B_STATION), 16 * row + 8, station_2)
    store_word(column(places, _B_OFFSET), 8 * row, offset)


@inlined
def aid_row(
    words: int, size: int, places: int, row: int, mmsi: int, time_us: int, offset: int, station: int, station_2: int
) -> None:
    """Write what an aid to navigation says; ``size`` are the message's bits."""
    store_word(column(places, _A_TIME), 8 * row, time_us)
    store_int(column(places, _A_MMSI), 4 * row, mmsi)
    store_byte(column(places, _A_TYPE), row, number(words, _AID_CUTS, _AID_TYPE))
    name = column(places, _A_NAME) + 4 * 34 * row
    used = write_text(words, _AID_NAME, 20, name, 0, 34)
    more = min(14, (size - _AID_MORE) // 6) if used == 20 else 0
    if more > 0:
        write_text(words, _AID_MORE, more, name, 20, 34)
        if load_word(name, 4 * 20) & 0xFFFFFFFF != 0:
            for k in range(20):  # blanks at the end of the first 20 are inside the name then
                store_int(name, 4 * k, max(32, load_word(name, 4 * k) & 0xFFFFFFFF))
    lat_deg, lon_deg = (
        number(words, _AID_CUTS, _AID_LAT) / _AID_DIVISOR, number(words, _AID_CUTS, _AID_LON) / _AID_DIVISOR
    )  # fmt: skip
    write_place(lat_deg, lon_deg, column(places, _A_LAT), column(places, _A_LON), row)
    bow, stern = number(words, _AID_CUTS, _AID_BOW), number(words, _AID_CUTS, _AID_STERN)
    write_sides(bow, stern, column(places, _A_BOW), column(places, _A_STERN), row)
    port, starboard = number(words, _AID_CUTS, _AID_PORT), number(words, _AID_CUTS, _AID_STARBOARD)
    write_sides(port, starboard, column(places, _A_PORT), column(places, _A_STARBOARD), row)
    store_byte(column(places, _A_FIX), row, number(words, _AID_CUTS, _AID_FIX))
    store_byte(column(places, _A_SECOND), row, _SECONDS[number(words, _AID_CUTS, _AID_SECOND)])
    store_byte(column(places, _A_OFF), row, number(words, _AID_CUTS, _AID_OFF))
    store_byte(column(places, _A_VIRTUAL), row, number(words, _AID_CUTS, _AID_VIRTUAL))
    store_word(column(places, _A_STATION), 16 * row, station)
    store_word(column(places, _A_STATION), 16 * row + 8, station_2)
    store_word(column(places, _A_OFFSET), 8 * row, offset)


@inlined
def write_place(lat_deg: float, lon_deg: float, lat_column: int, lon_column: int, row: int) -> None:
    """A position, both NaN where it is not available or out of range."""
    good = place_class(lat_deg, lon_deg) == READ
    store_double(lat_column, 8 * row, lat_deg if good else np.nan)
    store_double(lon_column, 8 * row, lon_deg if good else np.nan)
