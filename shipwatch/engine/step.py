"""The engine's only doors: ``step`` for more input, ``finish`` at its end. State in, state out; nothing is changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Batch, add_counts
from shipwatch.engine import hulls as hull
from shipwatch.engine.clock import Clock, Released, admit, flush
from shipwatch.engine.contacts import DARK, near_pairs, overlaps
from shipwatch.engine.detections import Detections, Rendezvous
from shipwatch.engine.gaps import closed_gaps, open_gaps
from shipwatch.engine.legs import Legs, Scope, close_legs, meeting_legs
from shipwatch.engine.meeting import Meeting
from shipwatch.engine.motion import US
from shipwatch.engine.rendezvous import PairWalk
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.silence_watch import observe
from shipwatch.engine.state import EngineState
from shipwatch.engine.tracks import assign
from shipwatch.engine.watchers import watch

Array = NDArray[Any]

PAIRS_AT_ONCE = 4096
"""Bounds the memory of one step in a crowded anchorage."""


def step(state: EngineState, batch: Batch, rules: EngineRules, scope: Scope) -> tuple[EngineState, Detections]:
    """Take in a batch; return the new state and what was decided, in whole minutes of event time.

    The result of a sequence of steps does not depend on how the input was cut into batches, nor on the order of rows
    that are no later than ``lateness_s``. Rows that cannot be used are counted in ``Detections.refused`` by reason
    (``late``, ``ahead_of_clock``, ``duplicate``, ``jump``).
    """
    clock, released = admit(state.clock, batch, rules)
    return _advance(state, clock, released, rules, scope)


def finish(state: EngineState, rules: EngineRules, scope: Scope) -> tuple[EngineState, Detections]:
    """Decide all that still waits, and tell the meetings that the end of the input leaves open (phase ``ongoing``)."""
    clock, released = flush(state.clock)
    state, found = _advance(state, clock, released, rules, scope)
    if found.processed_us is None:
        return state, found
    left: list[Rendezvous] = []
    for pair, meeting in state.meetings.items():
        walk = PairWalk(pair, meeting, state.legs, state.hulls, rules)
        walk.ongoing_at(found.processed_us)
        left.extend(walk.told)
    return state, replace(found, rendezvous=_in_order((*found.rendezvous, *left)))


def _advance(
    state: EngineState, clock: Clock, released: Released, rules: EngineRules, scope: Scope
) -> tuple[EngineState, Detections]:
    before_us, upto_us = state.clock.processed_us, released.upto_us
    if upto_us is None or upto_us == before_us:
        return replace(state, clock=clock), Detections(refused=released.refused, processed_us=before_us)
    hulls = hull.learn(state.hulls, released.statics)
    tracks, assigned = assign(state.tracks, released.positions, rules)
    closed = close_legs(assigned, rules, scope)
    # Observers of more than meetings (reception, dark meetings, station clocks) stand here. They get columns only:
    # `closed` (slow and silent legs, in or out of scope), `released.positions` (with station and utc_second),
    # `released.statics`, and tell what they decide up to `upto_us` as leads.
    gaps = closed_gaps(closed, before_us, rules, scope)
    gaps += open_gaps(tracks.last, before_us, upto_us, rules, scope)

    added = meeting_legs(closed)
    legs = Legs.concat((state.legs, added))
    new = np.zeros(len(legs), bool)
    new[len(state.legs) :] = True
    order = np.lexsort((legs.t0_us, legs.track))
    legs, new = legs.take(order), new[order]

    meetings = dict(state.meetings)
    told = _walk_pairs(meetings, legs, new, hulls, upto_us, rules)
    silence, gaps, leads = observe(state.silence, released, closed, gaps, told, before_us, upto_us, rules, scope)
    watchers, more, seen = watch(state.watchers, released, closed, told, upto_us, rules, scope)
    refused = add_counts(dict(released.refused), assigned.refused)
    after = EngineState(
        clock,
        tracks,
        hull.forget(hulls),
        _still_needed(legs, meetings, upto_us, rules),
        meetings,
        silence,
        watchers,
    )
    return after, Detections(
        rendezvous=_in_order(told),
        gaps=tuple(sorted(gaps, key=lambda gap: (gap.published_us, gap.id, gap.on_us is not None))),
        leads=tuple(sorted((*leads, *more), key=lambda lead: (lead.published_us, lead.id))),
        whereabouts=seen,
        refused=refused,
        processed_us=upto_us,
    )


def _walk_pairs(
    meetings: dict[tuple[int, int], Meeting],
    legs: Legs,
    new: Array,
    hulls: hull.Hulls,
    upto_us: int,
    rules: EngineRules,
) -> list[Rendezvous]:
    """Walk every pair that is meeting or comes near; ``meetings`` is brought up to date."""
    told: list[Rendezvous] = []
    pairs = near_pairs(legs, new, rules)
    if meetings:
        pairs = np.unique(np.concatenate((pairs, np.array(sorted(meetings), np.int64))), axis=0)
    for first in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[first : first + PAIRS_AT_ONCE]
        found = overlaps(legs, new, some, rules)
        contact = (found.in_e <= found.out_e) & (found.kind != DARK)
        worth = np.bincount(found.pair[contact], minlength=len(some)) > 0
        begins = np.searchsorted(found.pair, np.arange(len(some) + 1))
        for row, (a, b) in enumerate(some.tolist()):
            pair = (a, b)
            begin, end = int(begins[row]), int(begins[row + 1])
            held = meetings.get(pair)
            if begin == end or (held is None and not worth[row]):
                continue
            walk = PairWalk(pair, held.copy() if held is not None else None, legs, hulls, rules)
            walk.take(found.take(slice(begin, end)))
            told.extend(walk.told)
            if walk.meeting is None:
                meetings.pop(pair, None)
            else:
                meetings[pair] = walk.meeting
    for pair, held in list(meetings.items()):
        walk = PairWalk(pair, held, legs, hulls, rules)
        walk.expire(upto_us)
        told.extend(walk.told)
        if walk.meeting is None:
            del meetings[pair]
    return told


def _still_needed(legs: Legs, meetings: dict[tuple[int, int], Meeting], upto_us: int, rules: EngineRules) -> Legs:
    """Legs that one still to close may overlap: an inferred one reaches back two hours, a silent one of a ship that
    is in a meeting to where that meeting was last covered."""
    keep = legs.t1_us > upto_us - int(rules.inferred_s * US)
    cover: dict[int, int] = {}
    for pair, meeting in meetings.items():
        for track in pair:
            cover[track] = min(cover.get(track, meeting.cover_us), meeting.cover_us)
    if cover:
        names = np.array(sorted(cover), np.int64)
        since = np.array([cover[track] for track in names.tolist()], np.int64)
        place = np.minimum(np.searchsorted(names, legs.track), len(names) - 1)
        keep |= (names[place] == legs.track) & (legs.t1_us > since[place])
    return legs.take(keep)


def _in_order(told: list[Rendezvous] | tuple[Rendezvous, ...]) -> tuple[Rendezvous, ...]:
    return tuple(sorted(told, key=lambda found: (found.published_us, found.id)))
