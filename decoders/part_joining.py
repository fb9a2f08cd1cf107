"""What becomes of one sentence of a multi-part message, and the payload of a message that is whole (kernel code)."""

from __future__ import annotations

from typing import Any

from decoders import line_classes
from decoders.assembly import (
    CODE,
    CODE_NUMBER,
    CODES,
    CONTROL,
    FIRST_ORDINAL,
    FIRST_TIME,
    LAST,
    LAST_NUMBER,
    LAST_ORDINAL,
    LENGTHS,
    NO_CODE,
    NONE,
    NUMBER_OF_PARTS,
    OFFSET,
    PAYLOAD_BYTES,
    PAYLOADS_BYTES,
    SEEN,
    STATION,
    STATION_2,
    STATION_NUMBER,
    TIME,
    TIME_NUMBER,
    continued,
    drop,
    find,
    key_kind,
    key_terms,
    open_slot,
    release,
    too_late,
)
from decoders.kernel_cache import inlined
from decoders.line_classes import tally
from decoders.receive_times import NO_TIME
from decoders.words import FIRST_BYTES, byte, load_word, store_byte, store_word


@inlined
def slot_for(
    slots: Any, text: int, counts: Any, number: int, kind: int, terms: int, name_at: int, name_length: int,
    grouped: bool, time_us: int, ordinal: int, offset: int,
) -> int:  # fmt: skip
    """The slot into which a part goes, opened where need be; ``NONE`` when it is refused (and counted)."""
    slot = find(slots, text, kind, terms, name_at, name_length)
    if grouped:
        if slot != NONE and (too_late(slots, slot, time_us, ordinal) or slots[slot, SEEN] >> number & 1):
            drop(slots, slot, counts)  # the group number is being used again
            slot = NONE
    elif number == 1:
        if slot != NONE:
            drop(slots, slot, counts)
        slot = NONE
    else:
        if slot == NONE:
            slot = continued(slots, kind, terms, number, name_length, ordinal)
        if slot == NONE:
            tally(counts, line_classes.WITHOUT_FIRST, 1, offset)
            return NONE
        if number != slots[slot, LAST_NUMBER] + 1:
            drop(slots, slot, counts)
            tally(counts, line_classes.OUT_OF_ORDER, 1, offset)
            return NONE
        if too_late(slots, slot, time_us, ordinal):
            drop(slots, slot, counts)
            tally(counts, line_classes.TOO_LATE, 1, offset)
            return NONE
    if slot == NONE:
        slot = open_slot(slots, text, kind, terms, name_at, name_length, counts)
        slots[slot, FIRST_ORDINAL], slots[slot, OFFSET] = ordinal, offset
    return slot


@inlined
def add_part(
    slots: Any, texts: int, text: int, counts: Any, number: int, total: int, kind_at: int, sequence_at: int,
    sequence_length: int, channel_at: int, channel_length: int, payload_at: int, payload_length: int, fill: int,
    checksum: int, station_at: int, station_length: int, group_at: int, group_length: int, time_us: int, code: int,
    ordinal: int, offset: int,
) -> int:  # fmt: skip
    """Take one part (of ``total`` > 1): the slot of the whole message when this completes it, else ``NONE``."""
    grouped = group_length > 0
    name_at, name_length = (group_at, group_length) if grouped else (station_at, station_length)
    kind = key_kind(text, kind_at, channel_at, channel_length)
    terms = key_terms(text, sequence_at, sequence_length, channel_length, total, name_length, grouped)
    slot = slot_for(
        slots, text, counts, number, kind, terms, name_at, name_length, grouped, time_us, ordinal, offset
    )  # fmt: skip
    if slot == NONE:
        return NONE
    if not grouped or slots[slot, NUMBER_OF_PARTS] == 0:
        slots[CONTROL, LAST] = slot
    slots[slot, NUMBER_OF_PARTS] += 1
    slots[slot, LAST_NUMBER], slots[slot, LAST_ORDINAL] = number, ordinal
    slots[slot, SEEN] |= 1 << number
    slots[slot, CODES] ^= checksum
    slots[slot, OFFSET] = min(offset, slots[slot, OFFSET])
    if time_us != NO_TIME:
        if slots[slot, FIRST_TIME] == NO_TIME:
            slots[slot, FIRST_TIME] = time_us
        if number < slots[slot, TIME_NUMBER]:
            slots[slot, TIME], slots[slot, TIME_NUMBER] = time_us, number
    if code != NO_CODE and number < slots[slot, CODE_NUMBER]:
        slots[slot, CODE], slots[slot, CODE_NUMBER] = code, number
    if station_length > 0 and number < slots[slot, STATION_NUMBER]:
        slots[slot, STATION_NUMBER] = number
        slots[slot, STATION] = load_word(text, station_at) & FIRST_BYTES[min(8, station_length)]
        rest = min(8, max(0, station_length - 8))
        slots[slot, STATION_2] = load_word(text, station_at + 8) & FIRST_BYTES[rest]
    slots[slot, LENGTHS + number] = payload_length * 8 + fill
    to = slot * PAYLOADS_BYTES + (number - 1) * PAYLOAD_BYTES
    for place in range(0, payload_length, 8):
        store_word(texts, to + place, load_word(text, payload_at + place))
    if slots[slot, NUMBER_OF_PARTS] != total:
        return NONE
    if slots[slot, CODE] != NO_CODE and slots[slot, CODE] != slots[slot, CODES]:
        tally(counts, line_classes.MISMATCH, total, slots[slot, OFFSET])
        release(slots, slot)
        return NONE
    return int(slot)


@inlined
def join_payload(slots: Any, texts: int, slot: int, total: int, text: int, at: int) -> tuple[int, int]:
    """Write the payload of a whole message to ``text`` from ``at`` on: its characters and its bits.

    Fill bits of an earlier part are cut out, shifting what follows.
    """
    earlier_fill = 0
    for number in range(1, total):
        earlier_fill |= slots[slot, LENGTHS + number] & 7
    written = at
    held, held_bits, bits = 0, 0, 0
    for number in range(1, total + 1):
        length, fill = slots[slot, LENGTHS + number] >> 3, slots[slot, LENGTHS + number] & 7
        start = slot * PAYLOADS_BYTES + (number - 1) * PAYLOAD_BYTES
        if earlier_fill == 0:
            for place in range(0, length, 8):
                store_word(text, written + place, load_word(texts, start + place))
            written += length
            bits += length * 6 - fill
            continue
        for place in range(length):
            six = byte(texts, start + place)
            cut = fill if place == length - 1 else 0
            held = held << (6 - cut) | ((six - 48 if six < 96 else six - 56) >> cut)
            held_bits += 6 - cut
            bits += 6 - cut
            if held_bits >= 6:
                held_bits -= 6
                six = held >> held_bits
                held &= (1 << held_bits) - 1
                store_byte(text, written, six + 48 if six < 40 else six + 56)
                written += 1
    if held_bits > 0:
        six = held << (6 - held_bits)
        store_byte(text, written, six + 48 if six < 40 else six + 56)
        written += 1
    return written - at, bits
