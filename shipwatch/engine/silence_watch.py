"""The watch on silences: what is remembered of reception and draughts, and what is told of gaps and possible meetings.

Everything is judged as of a whole minute of event time, by what was known then, in the order of these minutes: a step
over a day and a thousand steps over it tell the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from decoders.reports import Columns
from shipwatch.engine import draughts
from shipwatch.engine.clock import Released
from shipwatch.engine.dark import Dark, DarkRoom
from shipwatch.engine.dark import forget as forget_dark
from shipwatch.engine.dark_evidence import Evidence, silence_of
from shipwatch.engine.detections import Gap, Lead
from shipwatch.engine.draughts import Particulars, Said
from shipwatch.engine.findings import whole_second
from shipwatch.engine.fixes import HULLS_PER_MMSI
from shipwatch.engine.legs import Legs, Scope
from shipwatch.engine.motion import US, ceil_minute
from shipwatch.engine.outages import Outage, covers, find_outages
from shipwatch.engine.reappearance import SilentShips, appeared, arrivals, came_back, open_silence
from shipwatch.engine.reception import Page, Reception, SilenceIndex, forget, take_in
from shipwatch.engine.reception_likelihood import NO_BASIS, Silence, judge
from shipwatch.engine.reception_rows import Holes, RunBytes, Silences, Stays
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.seen_meetings import Met, Rows, SeenMeetings, last_revisions

TOLD_US = 48 * 3600 * US
"""For so long what was told may be revised."""


@dataclass(frozen=True, slots=True)
class SilenceWatch:
    """All that is remembered between two steps; a step returns a new one."""

    reception: Reception = field(default_factory=Reception)
    particulars: Particulars = field(default_factory=Particulars.empty)
    said: Said = field(default_factory=Said.empty)
    dark: Dark = field(default_factory=Dark)
    outages: tuple[Outage, ...] = ()
    reappeared: Mapping[str, Lead] = field(default_factory=dict)


def observe(
    watch: SilenceWatch, released: Released, closed: Legs, gaps: list[Gap], told: Rows,
    before_us: int | None, upto_us: int, rules: EngineRules, scope: Scope,
) -> tuple[SilenceWatch, list[Gap], list[Lead]]:  # fmt: skip
    """Take in what a step released (rows sorted by time) and the legs that it closed; judge gaps, tell leads."""
    reception, fresh = take_in(watch.reception, released.positions, closed, before_us, rules)
    particulars, said = draughts.learn(watch.particulars, watch.said, released.statics)
    rows = reception.silences
    ended = np.flatnonzero(rows.known_us > (-(2**62) if before_us is None else before_us))
    index = SilenceIndex(rows)
    outages, leads = find_outages(watch.outages, reception, int(ended[0]) if len(ended) else len(rows), upto_us, rules)

    evidence = Evidence(reception, index, particulars, SeenMeetings(watch.dark.met, told), rules, scope)
    room = DarkRoom(watch.dark, evidence)
    unheard = SilentShips(reception, index, particulars, before_us, upto_us)
    events: list[tuple[int, int, int, int, Any]] = []
    for row in ended.tolist():
        events.append((ceil_minute(int(rows.known_us[row])), 1, int(rows.track[row]), int(rows.t0_us[row]), row))
    for change in draughts.changes_in(particulars, before_us, upto_us, rules.draught_change_m):
        events.append((ceil_minute(change.time_us), 2, change.mmsi, change.time_us, change))
    for minute, mmsi in arrivals(unheard, fresh):
        events.append((minute, 3, mmsi, 0, None))
    again = list(watch.dark.again)
    reappeared = dict(watch.reappeared)
    events += [(minute, 4, track, off_us, None) for minute, track, off_us in again if minute <= upto_us]
    later = [item for item in again if item[0] > upto_us]
    room.again.clear()
    # A number for each, so that events that are equal otherwise keep the order in which they were found.
    queue = [(*event[:4], number, event[4]) for number, event in enumerate(events)]
    heapify(queue)
    number = len(queue)
    met = evidence.met
    while queue or met.next_us() is not None:
        until_us, next_us = queue[0][0] if queue else None, met.next_us()
        if next_us is not None and (until_us is None or next_us <= until_us):
            kind = 0
            if room.told:
                room.seen_together(met.see())
            else:  # nothing that they could refute
                met.see_all(until_us)
        else:
            minute, kind, who, off_us, _, what = heappop(queue)
        if kind == 1:
            room.silence_ended(what, minute)
            for lead in came_back(reappeared, int(rows.mmsi[what]), off_us, minute) if reappeared else ():
                reappeared[lead.id] = lead
                leads.append(lead)
        elif kind == 2:
            room.draught_said(what, minute)
        elif kind == 3:
            found = appeared(unheard, who, minute, rules)
            if found is not None:
                reappeared[found.id] = found
                leads.append(found)
        elif kind == 4:
            mine = index.ships.of(who // HULLS_PER_MMSI)
            for row in mine[(rows.track[mine] == who) & (rows.t0_us[mine] == off_us)].tolist():
                room.silence_ended(row, minute)
        for again_us, track, since_us in room.again:
            if again_us <= upto_us:
                heappush(queue, (again_us, 4, track, since_us, number, None))
                number += 1
            else:
                later.append((again_us, track, since_us))
        room.again.clear()
    leads += room.leads
    judged = [_judged(gap, evidence, outages) for gap in gaps]
    old_us = upto_us - TOLD_US
    particulars, said = draughts.forget(
        particulars, said, upto_us - round(rules.reception_s * US), upto_us - round(rules.forget_s * US)
    )
    after = SilenceWatch(
        forget(reception, upto_us, rules), particulars, said,
        forget_dark(Dark(room.told, tuple(later), met.kept()), old_us), outages,
        {name: lead for name, lead in reappeared.items() if lead.published_us > old_us},
    )  # fmt: skip
    return after, judged, leads


def _judged(gap: Gap, evidence: Evidence, outages: tuple[Outage, ...]) -> Gap:
    """The gap with how improbable it is that reception explains it, and whether it is part of an outage."""
    rows, at_us = evidence.rows, gap.published_us
    its = evidence.index.ships.of(gap.mmsi).tolist()
    mine = [row for row in its if whole_second(int(rows.t0_us[row])) == gap.off_us]
    basis = NO_BASIS
    if gap.on_us is not None:
        basis = evidence.basis(mine[0], at_us) if mine else NO_BASIS
    else:
        silence = open_silence(evidence.reception, gap.mmsi, at_us)
        if mine:
            silence = replace(silence_of(rows, mine[0]), until_us=at_us, on=None)
        elif silence is None or whole_second(silence.off_us) != gap.off_us:
            # Its last report is not the track's last fix (another hull, a jump): only the fix is sure.
            nan = float("nan")
            silence = Silence(gap.mmsi, gap.off_us, at_us, (gap.off_lat, gap.off_lon), None, nan, nan)
        silence = replace(silence, off_us=gap.off_us, off=(gap.off_lat, gap.off_lon))
        basis = judge(evidence.reception, evidence.index, silence, at_us, evidence.rules)
    outage = any(covers(item, gap.off_us, gap.off_lat, gap.off_lon, at_us) for item in outages)
    return replace(gap, silence_likelihood=basis.likelihood, basis=basis.text(), outage=outage)


def saved(watch: SilenceWatch) -> tuple[dict[str, Columns], dict[str, Any]]:
    """Column tables and plain JSON values from which :func:`restored` makes the same watch."""
    reception = watch.reception
    stays = Stays.concat([page.rows for page in reception.pages])
    tables = {
        "runs": RunBytes.made_of(reception.runs), "stays": stays, "silences": reception.silences,
        "holes": reception.holes, "particulars": watch.particulars,
        "said": watch.said,
    }  # fmt: skip
    rest = {
        "told": [asdict(lead) for lead in watch.dark.told.values()],
        "again": [list(item) for item in watch.dark.again],
        "met": last_revisions(watch.dark.met).T.tolist(),
        "outages": [asdict(outage) for outage in watch.outages],
        "reappeared": [asdict(lead) for lead in watch.reappeared.values()],
    }
    return tables, rest


def restored(table: Callable[[str, type[Any]], Any], rest: Mapping[str, Any]) -> SilenceWatch:
    """The watch that :func:`saved` wrote; ``table`` reads one by name and kind."""
    stays = table("stays", Stays)
    pages = (Page(stays),) if len(stays) else ()
    told = {lead.id: lead for lead in map(_lead, rest["told"])}
    met = np.array(rest["met"], np.int64).reshape(-1, len(Met._fields)).T
    dark = Dark(told, tuple((item[0], item[1], item[2]) for item in rest["again"]), met)
    return SilenceWatch(
        Reception(table("runs", RunBytes).runs(), pages, table("silences", Silences), table("holes", Holes)),
        table("particulars", Particulars),
        table("said", Said), dark, tuple(Outage(**item) for item in rest["outages"]),
        {lead.id: lead for lead in map(_lead, rest["reappeared"])},
    )  # fmt: skip


def _lead(values: Mapping[str, Any]) -> Lead:
    made = dict(values)
    for name in ("tracks", "mmsis"):
        made[name] = tuple(made[name])
    for name in ("region", "facts"):
        made[name] = tuple(tuple(item) for item in made[name])
    return Lead(**made)
