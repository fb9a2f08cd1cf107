"""Contacts and meetings as they stand between two steps, and the step that takes new legs in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.contact_cells import BUCKET_US
from shipwatch.engine.contact_search import search
from shipwatch.engine.contact_walk import walk_contacts
from shipwatch.engine.hulls import Hulls, size_records
from shipwatch.engine.records import BLOCK, ENTRY, LEG, MEETING, PIECE, SAMPLE, Records, copied, rows_at, rule_record
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.time_order import plain

Array = NDArray[Any]

MEETINGS, PIECES, BLOCKS = 0, 2, 4
"""Places in ``pool``."""


def _pool() -> Array:
    return np.array([0, -1, 0, -1, 0, -1], np.int64)


@dataclass(frozen=True, slots=True)
class Contacts:
    """Recent legs, their entries in cells, and open meetings with their pieces and samples.

    ``last_leg`` and ``first_meeting`` are by place of the track. ``pool`` counts what is used and where free places
    begin (see :mod:`~shipwatch.engine.meeting_store`).
    """

    legs: Records = field(default_factory=lambda: np.zeros(0, LEG))
    last_leg: Array = field(default_factory=lambda: np.empty(0, np.int32))
    first_meeting: Array = field(default_factory=lambda: np.empty(0, np.int32))
    entries: Records = field(default_factory=lambda: np.zeros(0, ENTRY))
    meetings: Records = field(default_factory=lambda: np.zeros(0, MEETING))
    pieces: Records = field(default_factory=lambda: np.zeros(0, PIECE))
    samples: Records = field(default_factory=lambda: np.zeros(0, SAMPLE))
    blocks: Array = field(default_factory=lambda: np.empty(0, np.int32))
    pool: Array = field(default_factory=_pool)

    def open_meetings(self) -> Records:
        """The meetings that go on, formed or not."""
        return np.asarray(self.meetings[self.meetings["held"] == 1])


@dataclass(frozen=True, slots=True)
class Told:
    """Revisions to tell: copies of meetings as they stood, their figures, and the pieces that ``rows`` point to."""

    rows: Records
    meetings: Records
    figures: Records
    pieces: Records


def meet(
    contacts: Contacts, added: Records, tracks: int, hulls: Hulls, upto_us: int, rules: EngineRules, *, final: bool
) -> tuple[Contacts, Told]:
    """Take in new slow and silent legs in scope (in the order in which they became known), of ``tracks`` places.

    The arguments stay as they are. ``final``: meetings that go on are told, too.
    """
    pool = contacts.pool.copy()
    rule = rule_record(rules)
    last_leg, first_meeting = (_longer(by, tracks) for by in (contacts.last_leg, contacts.first_meeting))
    legs, new, turns, first_new = _by_track(contacts.legs, added, last_leg)
    oldest = int(added["known_us"].min() - rule["reach_us"][0]) // BUCKET_US - 1 if len(added) else -(2**31)
    sizes, said_us = map(plain, size_records(hulls))
    entries, first_partner, partners = search(new, plain(contacts.entries), tracks, oldest, rule)
    meetings, pieces, samples, blocks, *told, count = walk_contacts(
        legs, turns, first_new, last_leg, first_meeting, first_partner, partners, _roomy(contacts.meetings),
        _roomy(contacts.pieces), *_roomy_samples(contacts.samples, contacts.blocks), pool, sizes, said_us,
        upto_us, final, rule,
    )  # fmt: skip
    last_leg[new["slot"]] = np.arange(len(contacts.legs), len(legs))  # of several of one track the last one stays
    rows, told_meetings, figures, told_pieces = told
    legs, last_leg = _needed(legs, last_leg, first_meeting, meetings, pool, upto_us, rules)
    after = Contacts(
        legs, last_leg, first_meeting, entries, meetings[: pool[MEETINGS]], pieces[: pool[PIECES]],
        samples[: pool[BLOCKS] * BLOCK], blocks[: pool[BLOCKS]], pool,
    )  # fmt: skip
    return after, Told(rows[: count[0]], told_meetings[: count[0]], figures[: count[0]], told_pieces[: count[1]])


def _by_track(legs: Records, added: Records, last_leg: Array) -> tuple[Records, Records, Array, Array]:
    """All legs, with the added ones at their end, those of a track together, each knowing the one before it.

    Also the added ones alone, their order (the first one became known first), and where those of each place begin.
    """
    turns = np.argsort(added["slot"], kind="stable").astype(np.int32)
    first_new = np.zeros(len(last_leg) + 1, np.int32)
    np.cumsum(np.bincount(added["slot"], minlength=len(last_leg)), out=first_new[1:])
    first_new += len(legs)
    new = rows_at(added, turns)
    here = np.arange(len(legs), len(legs) + len(new), dtype=np.int32)
    new["before"] = np.where(here == first_new[new["slot"]], last_leg[new["slot"]], here - 1)
    whole = copied(legs, len(new))
    whole[len(legs) :].view(np.uint8)[:] = new.view(np.uint8)
    return whole, new, turns, first_new


def _needed(
    legs: Records, last_leg: Array, first_meeting: Array, meetings: Records, pool: Array, upto_us: int,
    rules: EngineRules,
) -> tuple[Records, Array]:  # fmt: skip
    """Legs that one still to close may overlap, once others are more than these.

    An inferred leg reaches back two hours, a silent one of a ship in a meeting to where that meeting was last covered.
    Others may stay or go: nothing depends on it.
    """
    reach_us = int(rule_record(rules)["reach_us"][0])
    keep = legs["t1_us"] > upto_us - reach_us
    if 2 * int(keep.sum()) > len(legs) - 1024:
        return legs, last_leg
    going_on = np.flatnonzero(meetings["held"][: pool[MEETINGS]] == 1)
    if len(going_on):
        since = np.full(len(last_leg), np.iinfo(np.int64).max)
        cover_us = meetings["cover_us"][going_on]
        for side in ("slot_a", "slot_b"):
            np.minimum.at(since, meetings[side][going_on], cover_us)
        keep |= legs["t1_us"] > since[legs["slot"]]
    place = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    kept = rows_at(legs, keep)
    before = kept["before"]
    kept["before"] = np.where((before >= 0) & keep[before], place[before], -1)
    return kept, np.where((last_leg >= 0) & keep[last_leg], place[last_leg], -1).astype(np.int32)


def _longer(by_track: Array, tracks: int) -> Array:
    made = np.full(tracks, -1, np.int32)
    made[: len(by_track)] = by_track
    return made


def _roomy(records: Records, more: int = 64) -> Records:
    """A copy with room for more."""
    return copied(records, len(records) // 8 + more)


def _roomy_samples(samples: Records, blocks: Array) -> tuple[Records, Array]:
    listed = _roomy(blocks, 192)
    return copied(samples, len(listed) * BLOCK - len(samples)), listed
