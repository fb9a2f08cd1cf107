"""The NMEA decoder proper: one pass over a block of lines, from bytes to report columns, as machine code.

One function on purpose: cut into functions that take the columns as arguments it ran at a third of the speed. Where
fields stand it learns from :mod:`decoders.layout`, what is "not available" from :mod:`decoders.validity`.
"""

from __future__ import annotations

from typing import Any

from decoders import layout, line_classes
from decoders.assembly import NO_CODE, NONE, OFFSET, PAYLOAD_BYTES, STATION, STATION_2, TIME, release
from decoders.kernel_cache import compiled
from decoders.layout import AID_BITS, BASE_STATION_BITS, STATIC_19_BITS, STATIC_24_B_BITS
from decoders.line_classes import COUNT, PART, READ, tally
from decoders.nmea_rows import CLASS_A, PART_B, aid_row, base_station_row, bits, position_row, static_row
from decoders.other_lines import other_line
from decoders.part_joining import add_part, join_payload
from decoders.receive_times import NAME_BYTES, NO_TIME, after_sentence, before_sentence, usual_tag_block
from decoders.validity import MMSI_MAX, MMSI_MIN
from decoders.wide_words import TOGETHER, armour, armour_length, commas, line_end, next_sign, run_from, sixes, xor_of
from decoders.words import FIRST_BYTES, LINE_FEED, byte, hex_digit, load_word, store_byte

# The text that the kernel reads: what it must remember between lines, room for joined payloads, then the block.
WRAPPED_STATION, WRAPPED_GROUP, MADE_NAME, JOINED, BLOCK_AT = 0, NAME_BYTES, 2 * NAME_BYTES, 256, 8192
AFTER_BLOCK = PAYLOAD_BYTES + 128  # readable bytes wanted after a block
# The state: numbers that it remembers between lines, and how many rows of each kind a call has written.
(ORDINAL, TIMED, UNTIMED, WRAPPED_TIME, WRAPPED_STATION_LENGTH, WRAPPED_GROUP_LENGTH, WRAPPED_CODE, POSITIONS, STATICS,
 BASES, AIDS, AT, LINE) = range(13)  # fmt: skip
STATE_NUMBERS = LINE + 1
MESSAGE_WORDS = 13  # an empty one, and those of 96 characters: of what comes after them nothing is read

_KINDS, _LEAST_BITS = layout.kinds(), layout.least_bits()
_MMSI_SECOND, _MMSI_RIGHT, _MMSI_MASK, _ = layout.cut(layout.MMSI)
_PART_SECOND, _PART_RIGHT, _PART_MASK, _ = layout.cut(layout.PART_NUMBER)
_VDM = int.from_bytes(b"VDM,\0,\0,", "little")
_VDM_MASK = int.from_bytes(b"\xff\xff\xfd\xff\0\xff\0\xff", "little", signed=True)  # M and O differ in one bit
_COMMA, _BANG, _STAR = 44, 33, 42
# "VDM,1,1," (or VDO) after "!AI", commas and armoured characters (talker and channel among them) up to the payload, and
# a comma, the number of fill bits and a star after it.
_ALONE = int.from_bytes(b"VDM,1,1,", "little")
_ALONE_MASK = int.from_bytes(b"\xff\xff\xfd\xff\xff\xff\xff\xff", "little", signed=True)
_USUAL_PAYLOAD = len("!AIVDM,1,1,,A,")
_USUAL_COMMAS = sum(1 << place for place, byte in enumerate("!AIVDM,1,1,,A,") if byte == ",")
_USUAL_MASK, _USUAL_ARMOUR = (1 << _USUAL_PAYLOAD) - 1, 1 << 1 | 1 << 2 | 1 << 12
_TAIL, _TAIL_MASK = int.from_bytes(b",\0*", "little"), 0xFF00FF
_POSITION, _STATIC, _BOTH = layout.POSITION, layout.STATIC, layout.POSITION_AND_STATIC
_BASE, _AID, _UNDEFINED = layout.BASE, layout.AID_TO_NAVIGATION, layout.UNDEFINED


@compiled
def decode_block(
    text_array: Any, end: int, first_offset: int, heard_us: int, heard_each_us: Any, state: Any, slots: Any,
    texts_array: Any, counts: Any, messages: Any, words_array: Any, places_array: Any, rooms: Any,
) -> None:  # fmt: skip
    """Decode the lines in ``text_array[state[AT]:end]``, the last byte a line feed: their reports into the columns.

    ``places_array`` has the addresses of the columns and ``rooms`` says for how many rows of each kind there is room
    (:class:`decoders.nmea_columns.Sheet`); ``state`` says how many are written. When a kind's room is used up this
    stops before the next line, ``state[AT]``, and can be called again.
    """
    text, texts, words, places = (
        text_array.ctypes.data, texts_array.ctypes.data, words_array.ctypes.data, places_array.ctypes.data
    )  # fmt: skip
    position, static, base, aid = state[POSITIONS], state[STATICS], state[BASES], state[AIDS]
    ordinal = state[ORDINAL]
    wrapped_us, wrapped_code = state[WRAPPED_TIME], state[WRAPPED_CODE]
    wrapped_station, wrapped_group = state[WRAPPED_STATION_LENGTH], state[WRAPPED_GROUP_LENGTH]
    start, line = state[AT], state[LINE]
    until = end  # or here, once there is no room
    while start < until:
        line_us = heard_each_us[line] if len(heard_each_us) > 0 else heard_us
        line += 1
        offset = first_offset + start - BLOCK_AT
        # The first "!" or "$" at which a sentence stands: talker, VDM or VDO, total, number, sequence, channel.
        at = start if byte(text, start) == _BANG else next_sign(text, start)
        found, total, number, sequence_at, sequence_length, channel_at, channel_length = False, 0, 0, 0, 0, 0, 0
        payload_at, payload_length, fill, star, given = 0, 0, 0, 0, 0
        # Most are "!AIVDM,1,1,,A," with a short payload: looked at as a whole, before any is looked at part by part.
        marks = armour(text, at)
        if (
            byte(text, at) != LINE_FEED
            and load_word(text, at + 3) & _ALONE_MASK == _ALONE
            and marks & _USUAL_ARMOUR == _USUAL_ARMOUR
            and commas(text, at) & _USUAL_MASK == _USUAL_COMMAS
        ):
            payload_at, payload_length = at + _USUAL_PAYLOAD, run_from(marks, _USUAL_PAYLOAD)
            tail = load_word(text, payload_at + payload_length)
            fill, star = ((tail >> 8) & 0xFF) - 48, payload_at + payload_length + 2
            given = hex_digit((tail >> 24) & 0xFF) * 16 + hex_digit((tail >> 32) & 0xFF)
            found = (tail & _TAIL_MASK == _TAIL) & (fill >= 0) & (fill <= 5) & (given < 256) & (star - at <= TOGETHER)
            total, number = 1, 1
        while not found and byte(text, at) != LINE_FEED:
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
            said_group_at, said_group = 0, 0
            undamaged, said_us, said_at, said_length = usual_tag_block(text, start, at)
            if not undamaged:
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
        sixes(text, payload_at, words + 8)
        if kind != _POSITION:
            sixes(text, payload_at + 32, words + 40)
            sixes(text, payload_at + 64, words + 72)
        mmsi = bits(words, _MMSI_SECOND, _MMSI_RIGHT, _MMSI_MASK)
        ship = MMSI_MIN <= mmsi <= MMSI_MAX
        verdict = READ
        if kind == _POSITION or kind == _BOTH:
            # With a row of the table that is known when this is compiled, its numbers become part of the code: most
            # messages are of types 1 to 3, which are laid out alike.
            if not ship:
                verdict = line_classes.BAD_MMSI
            elif msg_type <= 3:
                verdict = position_row(
                    words, CLASS_A, msg_type, places, position, mmsi, time_us, offset, station, station_2
                )
            else:
                verdict = position_row(
                    words, msg_type, msg_type, places, position, mmsi, time_us, offset, station, station_2
                )
            if verdict == READ:
                position += 1
                if position == rooms[0]:
                    until = start
        if kind == _STATIC or (kind == _BOTH and size >= STATIC_19_BITS):
            verdict = READ if ship else line_classes.BAD_MMSI  # message 19: one line, counted for this half
            which = 0 if msg_type == 5 else 1
            if msg_type == 24:
                which = 2 + bits(words, _PART_SECOND, _PART_RIGHT, _PART_MASK)
                if which == PART_B and size < STATIC_24_B_BITS:
                    verdict = line_classes.TOO_SHORT
            if verdict == READ and which <= PART_B:  # parts 2 and 3 of message 24 are reserved: read, but no report
                static_row(words, which, msg_type, places, static, mmsi, time_us, offset, station, station_2)
                static += 1
                if static == rooms[1]:
                    until = start
        elif kind == _UNDEFINED:
            verdict = line_classes.UNKNOWN_TYPE
        elif ship and kind == _BASE and size >= BASE_STATION_BITS:
            base_station_row(words, places, base, mmsi, time_us, offset, station, station_2)
            base += 1
            if base == rooms[2]:
                until = start
        elif ship and kind == _AID and size >= AID_BITS:
            aid_row(words, size, places, aid, mmsi, time_us, offset, station, station_2)
            aid += 1
            if aid == rooms[3]:
                until = start
        if verdict == READ:
            counts[READ, COUNT] += 1
            counts[PART, COUNT] += total - 1
            messages[msg_type] += 1
        else:
            tally(counts, verdict, total, offset)
    state[AT], state[LINE], state[ORDINAL] = start, line, ordinal
    state[POSITIONS], state[STATICS], state[BASES], state[AIDS] = position, static, base, aid
    state[WRAPPED_TIME], state[WRAPPED_CODE] = wrapped_us, wrapped_code
    state[WRAPPED_STATION_LENGTH], state[WRAPPED_GROUP_LENGTH] = wrapped_station, wrapped_group
