"""Unfinished multi-part messages as plain JSON values, and back: what a live service keeps over a restart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from decoders import assembly
from decoders.assembly import (
    CHAIN,
    CONTROL,
    HASH,
    HEADS,
    HEADS_MASK,
    HEADS_SHIFT,
    LAST,
    LENGTHS,
    MOST_PARTS,
    NEWER,
    NEWEST,
    NONE,
    OLDER,
    OLDEST,
    OPEN,
    PAYLOAD_BYTES,
    PAYLOADS_BYTES,
    SEEN,
    USED,
)
from decoders.reports import Array

_FIELDS = OLDER  # the columns before this one are what is known of a message; the others hang rows together


def memory(slots: Array, texts: Array) -> list[Any]:
    """Each open message, the oldest first: its numbers, its parts' payloads, whether it was touched last."""
    kept = []
    for slot in assembly.open_slots(slots):
        parts = []
        for number in range(1, MOST_PARTS + 1):
            if slots[slot, SEEN] >> number & 1:
                start = slot * PAYLOADS_BYTES + (number - 1) * PAYLOAD_BYTES
                length = int(slots[slot, LENGTHS + number]) >> 3
                parts.append([number, texts[start : start + length].tobytes().decode("latin-1")])
        kept.append([slots[slot, :_FIELDS].tolist(), parts, bool(slots[CONTROL, LAST] == slot)])
    return kept


def recalled(kept: Sequence[Any]) -> tuple[Array, Array]:
    """The table that :func:`memory` was made of; ``ValueError`` or ``TypeError`` where it was made of none."""
    slots, texts = assembly.empty_table()
    if len(kept) > assembly.OPEN_LIMIT:
        raise ValueError("too many open messages")
    for slot, (numbers, parts, touched) in enumerate(kept, 1):
        known = np.array(numbers, np.int64)
        if known.shape != (_FIELDS,) or not 0 <= known[HASH] < assembly.OPEN_LIMIT:
            raise ValueError("an open message of another form")
        if not 0 < known[assembly.NUMBER_OF_PARTS] == len(parts) <= MOST_PARTS:
            raise ValueError("an open message with another number of parts")
        slots[slot, :_FIELDS] = known
        bucket = int(known[HASH])
        row, place = HEADS + (bucket >> HEADS_SHIFT), bucket & HEADS_MASK
        slots[slot, CHAIN], slots[row, place] = slots[row, place], slot
        slots[slot, OLDER], slots[slot, NEWER] = slot - 1, slot + 1 if slot < len(kept) else NONE
        for number, payload in parts:
            said = np.frombuffer(payload.encode("latin-1"), np.uint8)
            if not 1 <= number <= MOST_PARTS or len(said) != known[LENGTHS + number] >> 3 or len(said) > PAYLOAD_BYTES:
                raise ValueError("a part of impossible number or length")
            start = slot * PAYLOADS_BYTES + (number - 1) * PAYLOAD_BYTES
            texts[start : start + len(said)] = said
        if touched:
            slots[CONTROL, LAST] = slot
    if kept:
        slots[CONTROL, [OLDEST, NEWEST, USED, OPEN]] = 1, len(kept), len(kept), len(kept)
    return slots, texts
