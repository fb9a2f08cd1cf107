"""The engine's only doors: ``step`` for more input, ``finish`` at its end. State in, state out; nothing is changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from decoders.reports import Batch, add_counts
from shipwatch.engine import hulls as hull
from shipwatch.engine import station_clocks
from shipwatch.engine.clock import Clock, Released, admit, flush
from shipwatch.engine.contacts import meet
from shipwatch.engine.detections import Detections
from shipwatch.engine.findings import Revisions
from shipwatch.engine.gaps import closed_gaps, open_gaps
from shipwatch.engine.legs import SILENT, Legs, Scope, in_scope
from shipwatch.engine.motion import MINUTE_US, US
from shipwatch.engine.records import NEVER_US, rows_at
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.silence_watch import observe
from shipwatch.engine.state import EngineState
from shipwatch.engine.tracks import assign
from shipwatch.engine.watchers import watch


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
    return _advance(state, clock, released, rules, scope, final=True)


def _advance(
    state: EngineState, clock: Clock, released: Released, rules: EngineRules, scope: Scope, *, final: bool = False
) -> tuple[EngineState, Detections]:
    before_us, upto_us = state.clock.processed_us, released.upto_us
    if upto_us is None or (upto_us == before_us and not final):
        return replace(state, clock=clock), Detections(refused=released.refused, processed_us=before_us)
    stations, released = station_clocks.check(state.stations, released)
    hulls = hull.learn(state.hulls, released.statics, rules)
    tracks, assigned = assign(state.tracks, released.positions, rules, upto_us, flush=final)
    legs = assigned.legs
    sought = np.flatnonzero((legs["slow"] != 0) | (legs["kind"] == SILENT))
    legs["in_scope"][sought] = in_scope(rows_at(legs, sought), scope)
    contacts, found = meet(
        state.contacts, rows_at(legs, legs["in_scope"] != 0), len(tracks.records), hulls, upto_us, rules, final=final
    )
    told = Revisions(found)
    together = told.seen()

    # Observers of more than meetings (reception, dark meetings, loitering, identities) stand here. They get columns
    # only: `closed` (slow and silent legs in the order in which they became known, in or out of scope, and the first
    # fast one after them), `released.positions` (with station and utc_second), `released.statics`.
    closed = Legs.of_records(legs)
    gaps = closed_gaps(closed, before_us, rules, scope)
    silent_us = int(rules.gap_report_s * US)
    fell_silent = tracks.last_heard(
        NEVER_US if before_us is None else before_us - silent_us - MINUTE_US, upto_us - silent_us
    )
    gaps += open_gaps(fell_silent, before_us, upto_us, rules, scope)
    silence, gaps, leads = observe(state.silence, released, closed, gaps, together, before_us, upto_us, rules, scope)
    watchers, more, seen = watch(state.watchers, released, closed, told, upto_us, rules, scope)
    after = EngineState(clock, tracks, hull.forget(hulls, upto_us, rules), contacts, silence, watchers, stations)
    return after, Detections(
        rendezvous=told,
        gaps=tuple(sorted(gaps, key=lambda gap: (gap.published_us, gap.id, gap.on_us is not None))),
        leads=tuple(sorted((*leads, *more), key=lambda lead: (lead.published_us, lead.id))),
        whereabouts=seen,
        refused=add_counts(dict(released.refused), assigned.refused),
        processed_us=upto_us,
    )
