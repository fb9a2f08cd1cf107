"""Where meetings, their pieces and their samples are kept, for compiled kernels: pools of records with free lists.

``pool`` counts places used and names the first free one: meetings (0, 1), pieces (2, 3), blocks of samples (4, 5).
Functions here take room for granted; :mod:`~shipwatch.engine.contact_walk` sees to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders.kernel_cache import inlined
from shipwatch.engine.motion import US
from shipwatch.engine.records import BLOCK, Records

KEPT = 64
"""Beyond so many samples every second one is dropped, so that a year alongside costs no more than an hour."""


@inlined
def take_meeting(meets: Records, pool: Any) -> int:
    """A free place for a meeting."""
    at = pool[1]
    if at != -1:
        pool[1] = meets[at].next_a
    else:
        at = pool[0]
        pool[0] += 1
    return at


@inlined
def append_piece(
    pieces: Records, pool: Any, first: int, last: int, start_us: int, end_us: int, kind: int
) -> tuple[int, int, int]:
    """Add to a list of pieces, joining what touches; the list's first and last, and how many were added."""
    if end_us <= start_us:
        return first, last, 0
    if last != -1 and pieces[last].end_us == start_us and pieces[last].kind == kind:
        pieces[last].end_us = end_us
        return first, last, 0
    at = pool[3]
    if at != -1:
        pool[3] = pieces[at].next
    else:
        at = pool[2]
        pool[2] += 1
    pieces[at].start_us = start_us
    pieces[at].end_us = end_us
    pieces[at].kind = kind
    pieces[at].next = -1
    if last == -1:
        return at, at, 1
    pieces[last].next = at
    return first, at, 1


@inlined
def drop_pieces(pieces: Records, pool: Any, first: int) -> None:
    """Free a list of pieces."""
    while first != -1:
        following = pieces[first].next
        pieces[first].next = pool[3]
        pool[3] = first
        first = following


@inlined
def block_of(meeting: Any, number: int, blocks: Any) -> tuple[int, int]:
    """The block in which the meeting's sample of that number stands, and its place there."""
    block = meeting.first_block
    while number >= BLOCK:
        block = blocks[block]
        number -= BLOCK
    return block, number


@inlined
def copy_samples(meeting: Any, samples: Records, blocks: Any, copy: Records) -> None:
    """The meeting's confirmed samples in a row."""
    block, at = meeting.first_block, 0
    for each in range(meeting.confirmed):
        copy[each] = samples[block * BLOCK + at]
        at += 1
        if at == BLOCK:
            block, at = blocks[block], 0


@inlined
def keep_samples(meeting: Any, number: int, blocks: Any, pool: Any) -> None:
    """Only the first ``number`` samples stay."""
    meeting.samples = number
    meeting.confirmed = min(meeting.confirmed, number)
    left = max(1, (number + BLOCK - 1) // BLOCK)
    block = meeting.first_block
    if block == -1:
        return
    for _ in range(left - 1):
        block = blocks[block]
    each = blocks[block]
    blocks[block] = -1
    meeting.last_block = block
    while each != -1:
        following = blocks[each]
        blocks[each] = pool[5]
        pool[5] = each
        each = following


@inlined
def add_sample(meeting: Any, samples: Records, blocks: Any, pool: Any) -> int:
    """The place of one more sample."""
    if meeting.samples % BLOCK == 0 and (meeting.samples > 0 or meeting.first_block == -1):
        at = pool[5]
        if at != -1:
            pool[5] = blocks[at]
        else:
            at = pool[4]
            pool[4] += 1
        blocks[at] = -1
        if meeting.first_block == -1:
            meeting.first_block = at
        else:
            blocks[meeting.last_block] = at
        meeting.last_block = at
    put = meeting.last_block * BLOCK + meeting.samples % BLOCK
    meeting.samples += 1
    return put


@inlined
def thin(meeting: Any, samples: Records, blocks: Any, pool: Any) -> None:
    """Every second sample goes, and they are taken half as often from now on."""
    number = (meeting.samples + 1) // 2
    confirmed = (meeting.confirmed + 1) // 2
    read, write, block, to = 0, 0, meeting.first_block, meeting.first_block
    for _ in range(number):
        samples[to * BLOCK + write] = samples[block * BLOCK + read]
        read += 2
        write += 1
        if read >= BLOCK:
            read -= BLOCK
            block = blocks[block]
        if write == BLOCK:
            write = 0
            to = blocks[to]
    meeting.confirmed = confirmed
    keep_samples(meeting, number, blocks, pool)
    meeting.sample_step_us *= 2


@inlined
def confirm(meeting: Any, upto_us: int, pieces: Records, samples: Records, blocks: Any, pool: Any) -> None:
    """They are within the enter distance at ``upto_us``: all contact until then counts."""
    each = meeting.first_tail
    meeting.first_tail = -1
    meeting.last_tail = -1
    while each != -1:
        start_us, end_us, kind, following = (
            pieces[each].start_us, pieces[each].end_us, pieces[each].kind, pieces[each].next,
        )  # fmt: skip
        pieces[each].next = pool[3]
        pool[3] = each
        if start_us < upto_us:
            until_us = min(end_us, upto_us)
            meeting.seconds_us[kind] += until_us - start_us
            first, last, added = append_piece(
                pieces, pool, meeting.first_piece, meeting.last_piece, start_us, until_us, kind
            )
            meeting.first_piece = first
            meeting.last_piece = last
            meeting.pieces += added
        if end_us > upto_us:
            first, last, added = append_piece(
                pieces, pool, meeting.first_tail, meeting.last_tail, max(start_us, upto_us), end_us, kind
            )
            meeting.first_tail = first
            meeting.last_tail = last
        each = following
    meeting.end_us = upto_us
    if meeting.confirmed == meeting.samples:
        return
    since_s = np.float32((upto_us - meeting.start_us) / US)
    block, at = block_of(meeting, meeting.confirmed, blocks)
    while samples[block * BLOCK + at].t <= since_s:
        meeting.confirmed += 1
        at += 1
        if meeting.confirmed == meeting.samples:
            break
        if at == BLOCK:
            block, at = blocks[block], 0


@inlined
def unlink(meets: Records, number: int, slot: int, first_meeting: Any) -> None:
    """Take a meeting out of the list of one of its tracks."""
    each, last = first_meeting[slot], -1
    while each != number:
        last = each
        each = meets[each].next_a if meets[each].slot_a == slot else meets[each].next_b
    following = meets[number].next_a if meets[number].slot_a == slot else meets[number].next_b
    if last == -1:
        first_meeting[slot] = following
    elif meets[last].slot_a == slot:
        meets[last].next_a = following
    else:
        meets[last].next_b = following


@inlined
def drop_meeting(meets: Records, number: int, pieces: Records, blocks: Any, pool: Any, first_meeting: Any) -> None:
    """Free a meeting and all that belongs to it."""
    meeting = meets[number]
    unlink(meets, number, meeting.slot_a, first_meeting)
    unlink(meets, number, meeting.slot_b, first_meeting)
    drop_pieces(pieces, pool, meeting.first_piece)
    drop_pieces(pieces, pool, meeting.first_tail)
    if meeting.first_block != -1:
        keep_samples(meeting, 0, blocks, pool)
        blocks[meeting.first_block] = pool[5]
        pool[5] = meeting.first_block
    meeting.held = 0
    meeting.next_a = pool[1]
    pool[1] = number
