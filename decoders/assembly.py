"""Joins the sentences of multi-part messages, strictly, so that no two ships' halves are ever joined.

Only ten sequence numbers exist and they are used again within seconds: after one lost sentence a lenient joiner pairs
every later half with the wrong one (measured on a damaged recording: 15 % of voyage reports got another ship's
destination). Therefore part 1 opens a message and replaces an unfinished one; the others must follow in order, from the
same station, talker and channel, and soon. Only inside a tag-block group, which names its members, may parts come in
any order.

The table of open messages is two arrays: ``slots``, a row of numbers for each, and ``texts``, their parts' payloads.
The rows hang in chains by the hash of their key, and in a list in the order in which they were opened; row 0 holds the
ends of that list. The functions are compiled into the decoder's kernel.
"""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from decoders import line_classes
from decoders.kernel_cache import inlined
from decoders.line_classes import tally
from decoders.receive_times import NAME_BYTES, NO_TIME
from decoders.words import FIRST_BYTES, load_word

AGE_LIMIT_US = 10_000_000  # parts are sent in adjacent slots (real logs: under 1 s); numbers recur after 5 s or so
SENTENCES_LIMIT = 1_000  # the same where the later part carries no time
RIVAL_SENTENCES = 100  # how far back messages are sought that a part without a station might continue as well
OPEN_LIMIT = 4_096  # messages open at once; the oldest gives way
PAYLOAD_BYTES = 512  # of one part: 168 characters are the longest message
MOST_PARTS = 9
PAYLOADS_BYTES = MOST_PARTS * PAYLOAD_BYTES

# Columns of a slot. The key: talker, type and channel; sequence number, total and lengths; station or group.
KIND, TERMS, NAME = 0, 1, 2
NAME_WORDS = NAME_BYTES // 8
(NUMBER_OF_PARTS, LAST_NUMBER, SEEN, FIRST_ORDINAL, LAST_ORDINAL, FIRST_TIME, TIME, TIME_NUMBER, CODE, CODE_NUMBER,
 CODES, OFFSET, STATION, STATION_2, STATION_NUMBER, LENGTHS) = range(NAME + NAME_WORDS, 26)  # fmt: skip
HASH = LENGTHS + MOST_PARTS + 1
OLDER, NEWER, CHAIN = range(HASH + 1, HASH + 4)
WIDTH = CHAIN + 1
HEADS, HEADS_SHIFT, HEADS_MASK = OPEN_LIMIT + 1, 5, 31  # rows in which the chains begin, 32 in each: near each other
CONTROL = 0  # its row: oldest, newest, first free slot, how many were ever used, how many are open, last touched
OLDEST, NEWEST, FREE, USED, OPEN, LAST = range(6)
NONE = 0
NO_CODE = -1
_GROUPED = 1 << 56  # in TERMS: the name is a group's
_NEVER = MOST_PARTS + 1  # no part has this number
_ODD_1, _ODD_2, _HALF = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(32)
_NAME_LENGTH = 0xFF << 40  # in TERMS


def empty_table() -> tuple[Any, Any]:
    """``slots`` and ``texts`` without any message in them.

    They come from the system and not from the heap, which would write zeros into all of it: of 20 MB streams use some
    hundred KB.
    """
    rows = HEADS + (OPEN_LIMIT >> HEADS_SHIFT)
    return _untouched(rows * WIDTH * 8).view(np.int64).reshape(rows, WIDTH), _untouched(HEADS * PAYLOADS_BYTES + 8)


def _untouched(size: int) -> Any:
    """Zeros; a process that this one is split into has its own (which is not how ``mmap`` gives them unasked)."""
    private: dict[str, Any] = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
    return np.frombuffer(mmap.mmap(-1, size, **private), np.uint8)


def open_slots(slots: Any) -> list[int]:
    """The rows of open messages, the oldest first."""
    found, slot = [], int(slots[CONTROL, OLDEST])
    while slot != NONE:
        found.append(slot)
        slot = int(slots[slot, NEWER])
    return found


@inlined
def key_kind(text: int, kind_at: int, channel_at: int, channel_length: int) -> int:
    """Talker, type and channel as one number (lengths are in the terms)."""
    kind = load_word(text, kind_at) & FIRST_BYTES[5]
    return kind | ((load_word(text, channel_at) & FIRST_BYTES[channel_length]) << 40)


@inlined
def key_terms(
    text: int, sequence_at: int, sequence_length: int, channel_length: int, total: int, name: int, grouped: bool
) -> int:
    """Sequence number, total and the lengths of the texts in a key, as one number."""
    terms = (load_word(text, sequence_at) & FIRST_BYTES[sequence_length]) | (sequence_length << 24)
    return terms | (channel_length << 28) | (total << 32) | (name << 40) | (_GROUPED if grouped else 0)


@inlined
def bucket_of(text: int, kind: int, terms: int, name_at: int, name_length: int) -> int:
    """The chain in which a key hangs."""
    mixed = (np.uint64(kind) * _ODD_1) ^ np.uint64(terms)
    at = 0
    while at < name_length:
        mixed = (mixed ^ (mixed >> _HALF)) * _ODD_2
        mixed ^= np.uint64(load_word(text, name_at + at) & FIRST_BYTES[min(8, name_length - at)])
        at += 8
    mixed = (mixed ^ (mixed >> _HALF)) * _ODD_1
    return int(np.int64(mixed >> _HALF)) & (OPEN_LIMIT - 1)


@inlined
def find(slots: Any, text: int, kind: int, terms: int, name_at: int, name_length: int) -> int:
    """The slot of the open message with this key, or ``NONE``."""
    bucket = bucket_of(text, kind, terms, name_at, name_length)
    slot = slots[HEADS + (bucket >> HEADS_SHIFT), bucket & HEADS_MASK]
    while slot != NONE:
        if slots[slot, KIND] == kind and slots[slot, TERMS] == terms:
            at, same = 0, True
            while at < name_length and same:
                word = load_word(text, name_at + at) & FIRST_BYTES[min(8, name_length - at)]
                same = slots[slot, NAME + (at >> 3)] == word
                at += 8
            if same:
                return slot
        slot = slots[slot, CHAIN]
    return slot


@inlined
def release(slots: Any, slot: int) -> None:
    """Take a message out of the table."""
    bucket = slots[slot, HASH]
    row, place = HEADS + (bucket >> HEADS_SHIFT), bucket & HEADS_MASK
    before = slots[row, place]
    if before == slot:
        slots[row, place] = slots[slot, CHAIN]
    else:
        while slots[before, CHAIN] != slot:
            before = slots[before, CHAIN]
        slots[before, CHAIN] = slots[slot, CHAIN]
    older, newer = slots[slot, OLDER], slots[slot, NEWER]
    if older == NONE:
        slots[CONTROL, OLDEST] = newer
    else:
        slots[older, NEWER] = newer
    if newer == NONE:
        slots[CONTROL, NEWEST] = older
    else:
        slots[newer, OLDER] = older
    if slots[CONTROL, LAST] == slot:
        slots[CONTROL, LAST] = NONE
    slots[slot, NEWER] = slots[CONTROL, FREE]
    slots[CONTROL, FREE] = slot
    slots[CONTROL, OPEN] -= 1


@inlined
def drop(slots: Any, slot: int, counts: Any) -> None:
    """A message will never be whole: its lines are counted as incomplete."""
    tally(counts, line_classes.INCOMPLETE, slots[slot, NUMBER_OF_PARTS], slots[slot, OFFSET])
    release(slots, slot)


@inlined
def open_slot(slots: Any, text: int, kind: int, terms: int, name_at: int, name_length: int, counts: Any) -> int:
    """A row for a new message, the oldest one's if all are in use; no parts yet."""
    if slots[CONTROL, OPEN] >= OPEN_LIMIT:
        drop(slots, slots[CONTROL, OLDEST], counts)
    slot = slots[CONTROL, FREE]
    if slot == NONE:
        slot = slots[CONTROL, USED] = slots[CONTROL, USED] + 1
    else:
        slots[CONTROL, FREE] = slots[slot, NEWER]
    slots[CONTROL, OPEN] += 1
    slots[slot, KIND], slots[slot, TERMS] = kind, terms
    for word in range(NAME_WORDS):
        left = min(8, max(0, name_length - 8 * word))
        slots[slot, NAME + word] = load_word(text, name_at + 8 * word) & FIRST_BYTES[left]
    slots[slot, NUMBER_OF_PARTS], slots[slot, SEEN], slots[slot, CODES] = 0, 0, 0
    slots[slot, FIRST_TIME], slots[slot, TIME], slots[slot, CODE] = NO_TIME, NO_TIME, NO_CODE
    slots[slot, TIME_NUMBER], slots[slot, CODE_NUMBER], slots[slot, STATION_NUMBER] = _NEVER, _NEVER, _NEVER
    slots[slot, STATION], slots[slot, STATION_2] = 0, 0
    bucket = bucket_of(text, kind, terms, name_at, name_length)
    row, place = HEADS + (bucket >> HEADS_SHIFT), bucket & HEADS_MASK
    slots[slot, HASH], slots[slot, CHAIN], slots[row, place] = bucket, slots[row, place], slot
    newest = slots[CONTROL, NEWEST]
    slots[slot, OLDER], slots[slot, NEWER], slots[CONTROL, NEWEST] = newest, NONE, slot
    if newest == NONE:
        slots[CONTROL, OLDEST] = slot
    else:
        slots[newest, NEWER] = slot
    return slot


@inlined
def too_late(slots: Any, slot: int, time_us: int, ordinal: int) -> bool:
    """Whether a part comes too long after the message's first to be of the same message."""
    if time_us != NO_TIME and slots[slot, FIRST_TIME] != NO_TIME:
        return abs(time_us - slots[slot, FIRST_TIME]) > AGE_LIMIT_US
    return ordinal - slots[slot, LAST_ORDINAL] > SENTENCES_LIMIT


@inlined
def continued(slots: Any, kind: int, terms: int, number: int, name_length: int, ordinal: int) -> int:
    """The message touched last, when one of the two sentences names no station and they adjoin; else ``NONE``."""
    last = slots[CONTROL, LAST]
    if last == NONE or slots[last, KIND] != kind or (slots[last, TERMS] ^ terms) & ~_NAME_LENGTH != 0:
        return NONE
    one_named = name_length == 0 or slots[last, TERMS] & _NAME_LENGTH == 0
    if not one_named or slots[last, LAST_ORDINAL] + 1 != ordinal:
        return NONE
    rivals, slot = 0, slots[CONTROL, NEWEST]
    while slot != NONE and ordinal - slots[slot, FIRST_ORDINAL] <= RIVAL_SENTENCES:
        if slots[slot, KIND] == kind and (slots[slot, TERMS] ^ terms) & ~_NAME_LENGTH == 0:
            rivals += slots[slot, LAST_NUMBER] + 1 == number
        slot = slots[slot, OLDER]
    return last if rivals == 1 else NONE
