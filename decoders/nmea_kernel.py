"""The NMEA decoder proper: one pass over a block of lines, from bytes to report columns, as machine code.

One function on purpose: cut into functions that take the columns as arguments it ran at a third of the speed. Where
fields stand it learns from :mod:`decoders.layout`, what is "not available" from :mod:`decoders.validity`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders import layout, line_classes
from decoders.assembly import NO_CODE, NONE, OFFSET, PAYLOAD_BYTES, STATION, STATION_2, TIME, release
from decoders.kernel_cache import always_inlined, compiled, inlined
from decoders.layout import AID_BITS, BASE_STATION_BITS, STATIC_19_BITS, STATIC_24_B_BITS
from decoders.line_classes import COUNT, PART, READ, tally
from decoders.other_lines import other_line
from decoders.part_joining import add_part, join_payload
from decoders.receive_times import NAME_BYTES, NO_TIME, after_sentence, before_sentence
from decoders.validity import (
    COORDINATE_SLACK_DEG,
    LAT_LIMIT_DEG,
    LAT_NOT_AVAILABLE_DEG,
    LON_LIMIT_DEG,
    LON_NOT_AVAILABLE_DEG,
    MMSI_MAX,
    MMSI_MIN,
)
from decoders.words import (
    FIRST_BYTES,
    LINE_FEED,
    armour_length,
    byte,
    hex_digit,
    line_end,
    load_word,
    next_sign,
    sixes,
    store_byte,
    xor_of,
)

# The text that the kernel reads: what it must remember between lines, room for joined payloads, then the block.
WRAPPED_STATION, WRAPPED_GROUP, MADE_NAME, JOINED, BLOCK_AT = 0, NAME_BYTES, 2 * NAME_BYTES, 256, 8192
AFTER_BLOCK = PAYLOAD_BYTES + 128  # readable bytes wanted after a block
# The state: numbers that it remembers between lines, and how many rows of each kind a call has written.
(ORDINAL, TIMED, UNTIMED, WRAPPED_TIME, WRAPPED_STATION_LENGTH, WRAPPED_GROUP_LENGTH, WRAPPED_CODE, POSITIONS, STATICS,
 BASES, AIDS) = range(11)  # fmt: skip
SHORTEST_LINE = 18  # of those that can complete a report: a last part without payload

_KINDS, _LEAST_BITS = layout.kinds(), layout.least_bits()
_CUTS, _DIVISORS, _FLOATS, _CODES = layout.position_cuts()
_STATIC_CUTS, _STATIC_TEXTS, _DRAUGHTS = layout.static_cuts()
_RAW_CUTS, _RAW_FIELDS = layout.raw_cuts()
_MMSI_SECOND, _MMSI_RIGHT, _MMSI_MASK, _ = layout.cut(layout.MMSI)
_PART_SECOND, _PART_RIGHT, _PART_MASK, _ = layout.cut(layout.PART_NUMBER)
_AID_NAME, _AID_MORE = layout.AID_NAME.start, layout.AID_MORE_NAME.start
_VDM = int.from_bytes(b"VDM,\0,\0,", "little")
_VDM_MASK = int.from_bytes(b"\xff\xff\xfd\xff\0\xff\0\xff", "little", signed=True)  # M and O differ in one bit
_COMMA, _BANG, _STAR, _CR = 44, 33, 42, 13
_POSITION, _STATIC, _BOTH = layout.POSITION, layout.STATIC, layout.POSITION_AND_STATIC
_BASE, _AID, _UNDEFINED = layout.BASE, layout.AID_TO_NAVIGATION, layout.UNDEFINED
_NO_ROWS, _ONE_ROW = np.uint64(0), np.uint64(1)  # unsigned, so that no index is taken for one from the end


@always_inlined
def bits(words: Any, second: int, right: int, mask: int) -> int:
    """A field, as :mod:`decoders.layout` describes cuts."""
    return (words[second] >> right | words[second - 1] << (48 - right)) & mask


@always_inlined
def degrees(words: Any, msg_type: int, place: int) -> float:
    """Longitude (place 0) or latitude (1) of a position message."""
    sign = _CUTS[msg_type, place, 3]
    value = bits(words, _CUTS[msg_type, place, 0], _CUTS[msg_type, place, 1], _CUTS[msg_type, place, 2])
    return ((value ^ sign) - sign) / _DIVISORS[msg_type, place]


@always_inlined
def looked_up(words: Any, msg_type: int, place: int) -> int:
    """Where in its table of values a field of a position message stands."""
    value = bits(words, _CUTS[msg_type, place, 0], _CUTS[msg_type, place, 1], _CUTS[msg_type, place, 2])
    return _CUTS[msg_type, place, 3] + value


@always_inlined
def position_fields(words: Any, msg_type: int) -> tuple[float, float, float, float, float, int, int]:
    """Longitude, latitude, speed, course, heading, status and second of a position message."""
    return (
        degrees(words, msg_type, 0), degrees(words, msg_type, 1), _FLOATS[looked_up(words, msg_type, 2)],
        _FLOATS[looked_up(words, msg_type, 3)], _FLOATS[looked_up(words, msg_type, 4)],
        _CODES[looked_up(words, msg_type, 5)], _CODES[looked_up(words, msg_type, 6)],
    )  # fmt: skip


@inlined
def write_text(words: Any, start: int, characters: int, out: Any, row: Any, place: int) -> int:
    """Write 6-bit text as a NumPy string: it ends at the first ``@`` (code 0, the fill character), without blanks.

    Gives the characters before that ``@``.
    """
    end, used, eight = place, 0, 0
    for number in range(characters):
        if number & 7 == 0:
            word, skip = start // 48 + 1 + (number >> 3), start % 48
            eight = words[word] << skip | words[word + 1] >> (48 - skip)
        code = eight >> 42 & 63
        eight <<= 6
        if code == 0:
            break
        used += 1
        out[row, place + number] = code + 64 if code < 32 else code
        if code != 32:
            end = place + number + 1
    for at in range(end, out.shape[1]):
        out[row, at] = 0
    return used


@compiled
def decode_block(
    text_array: Any, end: int, first_offset: int, heard_us: int, heard_each_us: Any, state: Any, slots: Any,
    texts_array: Any, counts: Any, messages: Any, words: Any, p_times: Any, p_mmsi: Any, p_degrees: Any,
    p_floats: Any, p_codes: Any, p_types: Any, p_stations: Any, s_times: Any, s_numbers: Any, s_floats: Any,
    s_stations: Any, s_names: Any, s_callsigns: Any, s_destinations: Any, raw: Any, raw_names: Any,
) -> None:  # fmt: skip
    """Decode the lines in ``text_array[BLOCK_AT:end]``, the last byte a line feed: their reports into the columns.

    The columns have room for a report every ``SHORTEST_LINE`` bytes; ``state`` says how many were written. ``raw`` has
    a row for each message 4 and 21: type, time, offset, station (two words), MMSI, then the fields in the layout's
    order.
    """
    text, texts = text_array.ctypes.data, texts_array.ctypes.data
    position, static, base = _NO_ROWS, _NO_ROWS, _NO_ROWS
    ordinal = state[ORDINAL]
    wrapped_us, wrapped_code = state[WRAPPED_TIME], state[WRAPPED_CODE]
    wrapped_station, wrapped_group = state[WRAPPED_STATION_LENGTH], state[WRAPPED_GROUP_LENGTH]
    start, line = BLOCK_AT, 0
    while start < end:
        line_us = heard_each_us[line] if len(heard_each_us) > 0 else heard_us
        line += 1
        offset = first_offset + start - BLOCK_AT
        # The first "!" or "$" at which a sentence stands: talker, VDM or VDO, total, number, sequence, channel.
        at = start if byte(text, start) == _BANG else next_sign(text, start)
        found, total, number, sequence_at, sequence_length, channel_at, channel_length = False, 0, 0, 0, 0, 0, 0
        payload_at, payload_length, fill, star = 0, 0, 0, 0
        while byte(text, at) != LINE_FEED:
            head = load_word(text, at + 3)
            total, number = ((head >> 32) & 0xFF) - 48, ((head >> 48) & 0xFF) - 48
            if head & _VDM_MASK == _VDM and 1 <= total <= 9 and 1 <= number <= 9:
                a, b = byte(text, at + 1), byte(text, at + 2)
                good = a != _COMMA and a != _STAR and a != _BANG and a != LINE_FEED
                good &= b != _COMMA and b != _STAR and b != _BANG and b != LINE_FEED
                place = sequence_at = at + 11
                while place < sequence_at + 3 and 48 <= byte(text, place) <= 57:
                    place += 1
                sequence_length = place - sequence_at
                good &= byte(text, place) == _COMMA
                place += 1
                channel_at = place
                while place < channel_at + 3:
                    a = byte(text, place)
                    if a == _COMMA or a == _STAR or a == _BANG or a == LINE_FEED:
                        break
                    place += 1
                channel_length = place - channel_at
                if good and byte(text, place) == _COMMA:
                    payload_at = place + 1
                    payload_length = armour_length(text, payload_at, PAYLOAD_BYTES)
                    place = payload_at + payload_length
                    if payload_length <= PAYLOAD_BYTES and byte(text, place) == _COMMA:
                        fill = byte(text, place + 1) - 48
                        star = place + 2
                        if fill < 0 or fill > 5:
                            fill, star = 0, place + 1
                        if byte(text, star) == _STAR:
                            given = hex_digit(byte(text, star + 1)) * 16 + hex_digit(byte(text, star + 2))
                            if given < 256:
                                found = True
                                break
            at = next_sign(text, at + 1)
        if not found:
            stop = at
            name, time_us, station_at, station_length, group_at, group_length, code = other_line(
                text, start, stop, MADE_NAME
            )
            if name == line_classes.WRAPPER:
                if time_us != NO_TIME:
                    wrapped_us = time_us
                if code != 0:
                    wrapped_code = code
                if station_length > 0:
                    wrapped_station = station_length
                    for k in range(station_length):
                        store_byte(text, WRAPPED_STATION + k, byte(text, station_at + k))
                if group_length > 0:
                    wrapped_group = group_length
                    for k in range(group_length):
                        store_byte(text, WRAPPED_GROUP + k, byte(text, group_at + k))
            elif name != line_classes.BLANK and name != line_classes.COMMENT:
                wrapped_us, wrapped_code = NO_TIME, NO_CODE
                wrapped_station, wrapped_group = 0, 0
                ordinal += name != line_classes.BAD_WRAPPER and name != line_classes.BAD_TAG
            tally(counts, name, 1, offset)
            start = stop + 1
            continue

        # When and where it was heard: said before the sentence, else after it, else on a line before.
        after = star + 3
        stop = after if byte(text, after) == LINE_FEED else line_end(text, after)
        ordinal += 1
        time_us, code = wrapped_us, wrapped_code
        station_at, station_length = WRAPPED_STATION, wrapped_station
        group_at, group_length = WRAPPED_GROUP, wrapped_group
        wrapped_us, wrapped_code = NO_TIME, NO_CODE
        wrapped_station, wrapped_group = 0, 0
        if xor_of(text, at + 1, star) != given:
            tally(counts, line_classes.BAD_CHECKSUM, 1, offset)
            start = stop + 1
            continue
        if code != NO_CODE and total == 1 and code != given:  # the sentence that the time line belonged to was lost
            time_us, station_length, group_length = NO_TIME, 0, 0
        if stop - after > 1:
            said_us, said_at, said_length = after_sentence(text, after, stop)
            if said_us != NO_TIME:
                time_us = said_us
            if said_length > 0:
                station_at, station_length = said_at, said_length
        if at > start:
            undamaged, said_us, said_at, said_length, said_group_at, said_group = before_sentence(text, start, at)
            if not undamaged:
                tally(counts, line_classes.BAD_TAG, 1, offset)
                start = stop + 1
                continue
            if said_us != NO_TIME:
                time_us = said_us
            if said_length > 0:
                station_at, station_length = said_at, said_length
            if said_group > 0:
                group_at, group_length = said_group_at, said_group
        start = stop + 1
        if number > total:
            tally(counts, line_classes.MALFORMED, 1, offset)
            continue
        if total == 1:
            station = load_word(text, station_at) & FIRST_BYTES[min(8, station_length)]
            station_2 = load_word(text, station_at + 8) & FIRST_BYTES[min(8, max(0, station_length - 8))]
            size = payload_length * 6 - fill
        else:
            slot = add_part(
                slots, texts, text, counts, number, total, at + 1, sequence_at, sequence_length, channel_at,
                channel_length, payload_at, payload_length, fill, given, station_at, station_length, group_at,
                group_length, time_us, code, ordinal, offset,
            )  # fmt: skip
            if slot == NONE:
                continue
            time_us, offset = slots[slot, TIME], slots[slot, OFFSET]
            station, station_2 = slots[slot, STATION], slots[slot, STATION_2]
            payload_at = JOINED
            payload_length, size = join_payload(slots, texts, slot, total, text, JOINED)
            release(slots, slot)

        # A whole message.
        if time_us == NO_TIME:
            time_us = line_us
        if time_us == NO_TIME:
            state[UNTIMED] += total
            tally(counts, line_classes.NO_TIME, total, offset)
            continue
        state[TIMED] += 1
        msg_type = 0
        if payload_length > 0:
            msg_type = byte(text, payload_at) - 48 if byte(text, payload_at) < 96 else byte(text, payload_at) - 56
        if size < _LEAST_BITS[msg_type]:
            tally(counts, line_classes.TOO_SHORT, total, offset)
            continue
        kind = _KINDS[msg_type]
        words[1] = sixes(load_word(text, payload_at))
        words[2] = sixes(load_word(text, payload_at + 8))
        words[3] = sixes(load_word(text, payload_at + 16))
        words[4] = sixes(load_word(text, payload_at + 24))
        if kind != _POSITION:
            for k in range(4, 10):
                words[k + 1] = sixes(load_word(text, payload_at + 8 * k))
        mmsi = bits(words, _MMSI_SECOND, _MMSI_RIGHT, _MMSI_MASK)
        ship = MMSI_MIN <= mmsi <= MMSI_MAX
        verdict = READ
        if kind == _POSITION or kind == _BOTH:
            # With a row of the table that is known when this is compiled, its numbers become part of the code: most
            # messages are of types 1 to 3, which are laid out alike.
            if msg_type <= 3:
                lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, nav_status, utc_second = position_fields(words, 1)
            else:
                lon_deg, lat_deg, sog_kn, cog_deg, heading_deg, nav_status, utc_second = position_fields(
                    words, msg_type
                )
            if not ship:
                verdict = line_classes.BAD_MMSI
            elif (
                abs(lat_deg - LAT_NOT_AVAILABLE_DEG) < COORDINATE_SLACK_DEG
                or abs(lon_deg - LON_NOT_AVAILABLE_DEG) < COORDINATE_SLACK_DEG
            ):
                verdict = line_classes.NO_POSITION
            elif abs(lat_deg) > LAT_LIMIT_DEG or abs(lon_deg) > LON_LIMIT_DEG:
                verdict = line_classes.BAD_POSITION
            else:
                p_times[0, position], p_times[1, position] = time_us, offset
                p_mmsi[position] = mmsi
                p_degrees[0, position], p_degrees[1, position] = lat_deg, lon_deg
                p_floats[0, position], p_floats[1, position], p_floats[2, position] = sog_kn, cog_deg, heading_deg
                p_codes[0, position], p_codes[1, position] = nav_status, utc_second
                p_types[position] = msg_type
                p_stations[position, 0], p_stations[position, 1] = station, station_2
                position += _ONE_ROW
        if kind == _STATIC or (kind == _BOTH and size >= STATIC_19_BITS):
            verdict = READ if ship else line_classes.BAD_MMSI  # message 19: one line, counted for this half
            which = 0 if msg_type == 5 else 1
            if msg_type == 24:
                which = 2 + bits(words, _PART_SECOND, _PART_RIGHT, _PART_MASK)
                if which == 3 and size < STATIC_24_B_BITS:
                    verdict = line_classes.TOO_SHORT
            if verdict == READ and which <= 3:  # parts 2 and 3 of message 24 are reserved: read, but no report
                s_times[0, static], s_times[1, static] = time_us, offset
                s_numbers[0, static], s_numbers[3, static] = mmsi, msg_type
                for k in range(7):
                    value = bits(words, _STATIC_CUTS[which, k, 0], _STATIC_CUTS[which, k, 1], _STATIC_CUTS[which, k, 2])
                    if k < 2:
                        s_numbers[1 + k, static] = value
                    elif k < 6:
                        s_floats[k - 2, static] = value
                    else:
                        s_floats[4, static] = _DRAUGHTS[value]
                # Both 0 is "not available"; an auxiliary craft (98xxxxxxx) sends its mother ship's MMSI in their place.
                craft = which == 3 and mmsi // 10_000_000 == 98
                for k in range(0, 4, 2):
                    if craft or (s_floats[k, static] == 0 and s_floats[k + 1, static] == 0):
                        s_floats[k, static], s_floats[k + 1, static] = np.nan, np.nan
                write_text(words, _STATIC_TEXTS[which, 0], 20 if _STATIC_TEXTS[which, 0] else 0, s_names, static, 0)
                write_text(words, _STATIC_TEXTS[which, 1], 7 if _STATIC_TEXTS[which, 1] else 0, s_callsigns, static, 0)
                write_text(
                    words, _STATIC_TEXTS[which, 2], 20 if _STATIC_TEXTS[which, 2] else 0, s_destinations, static, 0
                )
                s_stations[static, 0], s_stations[static, 1] = station, station_2
                static += _ONE_ROW
        elif kind == _UNDEFINED:
            verdict = line_classes.UNKNOWN_TYPE
        elif ship and ((kind == _BASE and size >= BASE_STATION_BITS) or (kind == _AID and size >= AID_BITS)):
            raw[base, 0], raw[base, 1], raw[base, 2] = msg_type, time_us, offset
            raw[base, 3], raw[base, 4], raw[base, 5] = station, station_2, mmsi
            which = 0 if kind == _BASE else 1
            for k in range(_RAW_FIELDS[which]):
                value = bits(words, _RAW_CUTS[which, k, 0], _RAW_CUTS[which, k, 1], _RAW_CUTS[which, k, 2])
                raw[base, 6 + k] = (value ^ _RAW_CUTS[which, k, 3]) - _RAW_CUTS[which, k, 3]
            if kind == _AID:
                used = write_text(words, _AID_NAME, 20, raw_names, base, 0)
                more = min(14, (size - _AID_MORE) // 6) if used == 20 else 0
                if more > 0:
                    write_text(words, _AID_MORE, more, raw_names, base, 20)
                    if raw_names[base, 20] != 0:
                        for k in range(20):  # blanks at the end of the first 20 are inside the name then
                            raw_names[base, k] = max(32, raw_names[base, k])
            base += _ONE_ROW
        if verdict == READ:
            counts[READ, COUNT] += 1
            counts[PART, COUNT] += total - 1
            messages[msg_type] += 1
        else:
            tally(counts, verdict, total, offset)
    state[ORDINAL], state[POSITIONS], state[STATICS], state[BASES] = ordinal, position, static, base
    state[WRAPPED_TIME], state[WRAPPED_CODE] = wrapped_us, wrapped_code
    state[WRAPPED_STATION_LENGTH], state[WRAPPED_GROUP_LENGTH] = wrapped_station, wrapped_group
