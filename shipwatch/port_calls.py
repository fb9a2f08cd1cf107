"""Where ships called: ports and anchorages in which they were looked at, for the voyage that an alert belongs to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from alerts.incident import Call, Party
from shipwatch.engine.whereabouts import Whereabouts

HOUR_US = 3_600_000_000
AGAIN_US = 12 * HOUR_US
"""A ship not looked at in port for so long has been away: a new call."""
ELSEWHERE_DEG = 0.2
"""So far from where its call began it is in another port."""
KEPT_US = 14 * 24 * HOUR_US
"""Calls longer ago than this are not part of the voyage any more."""

Visit = tuple[int, int, float, float]
"""First and last time looked at there (microseconds), and where that was (degrees)."""
NameAt = Callable[[float, float], str]
"""The name of the port at a position."""
Calls = Mapping[int, tuple[Visit, ...]]
"""Visits by MMSI, oldest first."""


def called(calls: Calls, seen: Whereabouts, processed_us: int | None) -> Calls:
    """The calls with what was seen now (in the order of time); old ones are forgotten."""
    rows = np.flatnonzero(seen.excluded)
    if not len(rows):
        return calls
    now = dict(calls)
    columns = (seen.mmsi[rows], seen.time_us[rows], seen.lat_deg[rows], seen.lon_deg[rows])
    for mmsi, at_us, lat, lon in zip(*(column.tolist() for column in columns), strict=True):
        visits = now.get(mmsi, ())
        if visits:
            first_us, last_us, was_lat, was_lon = visits[-1]
            near = abs(lat - was_lat) < ELSEWHERE_DEG and abs((lon - was_lon + 180) % 360 - 180) < 2 * ELSEWHERE_DEG
            if near and at_us - last_us <= AGAIN_US:
                now[mmsi] = (*visits[:-1], (first_us, at_us, was_lat, was_lon))
                continue
        lately = tuple(visit for visit in visits if visit[1] >= at_us - 2 * KEPT_US)
        now[mmsi] = (*lately, (at_us, at_us, lat, lon))
    if processed_us is not None and len(now) > 2 * len(calls):  # gone through only now and then
        oldest_us = processed_us - 2 * KEPT_US
        now = {mmsi: visits for mmsi, visits in now.items() if visits[-1][1] >= oldest_us}
    return now


def voyage(party: Party, calls: Sequence[Visit], start_us: int, end_us: int, minute_us: int, name_at: NameAt) -> Party:
    """The party with the port that it was in last when the event began, and the first one after it ended.

    Only calls known by ``minute_us`` count. A port is named by the zone; a call is dated by its beginning.
    """
    before = [visit for visit in calls if start_us - KEPT_US <= visit[0] <= min(start_us, minute_us)]
    after = [visit for visit in calls if end_us < visit[0] <= minute_us]
    return replace(
        party,
        last_port=_call(before[-1], name_at) if before else None,
        next_port=_call(after[0], name_at) if after else None,
    )


def next_calls(calls: Sequence[Visit], after_us: int, until_us: int) -> tuple[int, ...]:
    """The times in (after_us, until_us] at which a call began."""
    return tuple(visit[0] for visit in calls if after_us < visit[0] <= until_us)


def _call(visit: Visit, name_at: NameAt) -> Call:
    return Call(name_at(visit[2], visit[3]), visit[0])
