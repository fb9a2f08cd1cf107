"""Contacts and meetings as they stand between two steps, and the step that takes new legs in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.contact_cells import empty_cells
from shipwatch.engine.contact_walk import walk_contacts
from shipwatch.engine.hulls import Hulls, size_records
from shipwatch.engine.meeting_figures import figure_out
from shipwatch.engine.records import BLOCK, ENTRY, LEG, MEETING, PIECE, SAMPLE, Records, copied, rows_at, rule_record
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.time_order import plain

Array = NDArray[Any]

MEETINGS, PIECES, BLOCKS, LEGS, ENTRIES = 0, 2, 4, 6, 7
"""Places in ``pool``."""


def _pool() -> Array:
    return np.array([0, -1, 0, -1, 0, -1, 0, 0, 0], np.int64)


@dataclass(frozen=True, slots=True)
class Contacts:
    """Recent legs, the cells in which they lie, and open meetings with their pieces and samples.

    ``last_leg`` and ``first_meeting`` are by place of the track. ``pool`` counts what is used and where free places
    begin (see :mod:`~shipwatch.engine.meeting_store`).
    """

    legs: Records = field(default_factory=lambda: np.zeros(0, LEG))
    last_leg: Array = field(default_factory=lambda: np.empty(0, np.int32))
    first_meeting: Array = field(default_factory=lambda: np.empty(0, np.int32))
    cells: Records = field(default_factory=lambda: np.array(empty_cells(64)))
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
    last_leg, first_meeting = (_longer(by, tracks) for by in (contacts.last_leg, contacts.first_meeting))
    legs, cells, entries, meetings, pieces, samples, blocks, *told, count = walk_contacts(
        plain(added), _roomy(contacts.legs, len(added)), last_leg, first_meeting, copied(contacts.cells),
        _roomy(contacts.entries, 0), _roomy(contacts.meetings, 0), _roomy(contacts.pieces, 0),
        *_roomy_samples(contacts.samples, contacts.blocks), pool, upto_us, final, rule_record(rules),
    )  # fmt: skip
    rows, told_meetings, told_pieces, told_samples = told
    rows = rows[: count[0]]
    sizes, said_us = map(plain, size_records(hulls))
    figures = figure_out(rows, told_meetings, told_samples, sizes, said_us, rule_record(rules))
    legs, last_leg = _needed(legs[: pool[LEGS]], last_leg, first_meeting, meetings, pool, upto_us, rules)
    pool[LEGS] = len(legs)
    after = Contacts(
        legs, last_leg, first_meeting, cells, entries[: pool[ENTRIES]], meetings[: pool[MEETINGS]],
        pieces[: pool[PIECES]], samples[: pool[BLOCKS] * BLOCK], blocks[: pool[BLOCKS]], pool,
    )  # fmt: skip
    return after, Told(rows, told_meetings[: count[0]], figures, told_pieces[: count[1]])


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
    held = meetings[: pool[MEETINGS]]
    held = held[held["held"] == 1]
    if len(held):
        since = np.full(len(last_leg), np.iinfo(np.int64).max)
        for side in ("slot_a", "slot_b"):
            np.minimum.at(since, held[side], held["cover_us"])
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


def _roomy(records: Records, more: int) -> Records:
    """A copy with room for more."""
    return copied(records, len(records) // 8 + more + 64)


def _roomy_samples(samples: Records, blocks: Array) -> tuple[Records, Array]:
    listed = _roomy(blocks, 128)
    return copied(samples, len(listed) * BLOCK - len(samples)), listed
