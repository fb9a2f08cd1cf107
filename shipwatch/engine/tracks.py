"""Tracks: which hull a fix belongs to, when one MMSI may be used by two and receivers repeat or garble reports.

The rule is one of reach: a fix goes to the track of its MMSI that could have got there. What no track can have reached
waits as a candidate; when ``hull_fixes`` candidates agree within ``hull_span_s``, they are a second hull. The walk
itself is compiled (:mod:`~shipwatch.engine.track_walk`); it closes the legs in the same pass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from shipwatch.engine.fixes import Fixes
from shipwatch.engine.hull_candidates import regrouped
from shipwatch.engine.motion import US
from shipwatch.engine.records import CANDIDATE, GROUP, NEVER_US, TRACK, Records, copied, roomy, rows_at, rule_record
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.time_order import in_time_order, plain
from shipwatch.engine.track_walk import walk_fixes

Array = NDArray[Any]

Candidate = tuple[int, int, float, float, float]
"""Fixes agreeing so far, and time, latitude, longitude and speed of the last of them."""

GIVEN_UP_US = 3 * 86_400 * US
"""A track that was given up keeps its place so long, until nothing of it can be in a meeting any more."""
TIDY_US = 6 * 3600 * US
"""So often, in event time, places of ships not heard for long are freed."""


READ = (
    "time_us", "mmsi", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "utc_second", "msg_type",
)  # fmt: skip


def _no_groups() -> Records:
    made = np.zeros(64, GROUP)
    for name in ("mmsi", "first", "waiting"):
        made[name] = -1
    return made


@dataclass(frozen=True, slots=True)
class Tracks:
    """The last fix of every track, its run, and the candidates for further hulls; places never move.

    ``groups`` is the hash of MMSIs; ``free`` lists places of forgotten tracks that may be used again. Rows of
    ``records`` and ``waiting`` that no group reaches are left over.
    """

    records: Records = field(default_factory=lambda: np.zeros(0, TRACK))
    groups: Records = field(default_factory=_no_groups)
    waiting: Records = field(default_factory=lambda: np.zeros(0, CANDIDATE))
    free: Array = field(default_factory=lambda: np.empty(0, np.int32))
    shared_since_us: dict[int, int] = field(default_factory=dict)
    """MMSIs that two hulls use, and since when that is known: from then on their static reports may be the other's."""
    tidied_us: int = 0

    @property
    def last(self) -> Fixes:
        """The last fix of every track, sorted by track key."""
        return self.last_heard(NEVER_US, np.iinfo(np.int64).max)

    def last_heard(self, after_us: int, upto_us: int) -> Fixes:
        """The last fix of every track that was last heard after the one instant and not after the other."""
        time_us = self.records["time_us"]
        held = rows_at(self.records, (time_us <= upto_us) & (time_us > after_us) & (self.records["held"] == 1))
        held = rows_at(held, np.argsort(held["key"], kind="stable"))
        return Fixes.of(
            track=held["key"], mmsi=held["mmsi"], time_us=held["time_us"], lat_deg=held["lat"], lon_deg=held["lon"],
            sog_kn=held["sog"], cog_deg=held["cog"], heading_deg=held["heading"], utc_second=held["second"],
            coarse=held["coarse"] != 0, count=held["count"],
        )  # fmt: skip

    @property
    def candidates(self) -> dict[int, tuple[Candidate, ...]]:
        """What waits to be a further hull, by MMSI."""
        found: dict[int, tuple[Candidate, ...]] = {}
        for group in self.groups[(self.groups["mmsi"] != -1) & (self.groups["waiting"] != -1)].tolist():
            chains, each = [], group[2]
            while each != -1:
                time_us, lat, lon, sog, count, each = self.waiting[each].tolist()
                chains.append((count, time_us, lat, lon, sog))
            found[group[0]] = tuple(chains)
        return found


@dataclass(frozen=True, slots=True)
class Assigned:
    """What the walk over released rows gave: legs in the order in which they became known, and each row's track.

    ``row_slot`` is, for each row in order of time, the place of its track in ``Tracks.records``, or why it was refused.
    """

    legs: Records
    row_slot: Array
    refused: dict[str, int]


def assign(
    tracks: Tracks, positions: PositionReports, rules: EngineRules, upto_us: int | None = None, *,
    flush: bool = False,
) -> tuple[Tracks, Assigned]:  # fmt: skip
    """Give every position (in order of time) to a track, and close legs that are decided.

    The arguments stay as they are. Legs that could not grow any more at ``upto_us`` are closed (``flush``: all).
    Refusals: ``duplicate`` (the same second or report again), ``jump`` (out of reach of every track of its MMSI, or
    such a candidate before its hull was confirmed), ``coarse`` (a long-range report while finer positions are at hand).
    """
    if upto_us is None:
        upto_us = int(positions.time_us.max()) if len(positions) else 0
    n_tracks, n_waiting = len(tracks.records), len(tracks.waiting)
    used = np.array([n_tracks, int((tracks.groups["mmsi"] != -1).sum()), n_waiting, len(tracks.free)], np.int64)
    time_us, mmsi, lat, lon, sog, cog, heading, second, kind = (plain(getattr(positions, name)) for name in READ)
    records, groups, waiting, legs, closed, row_slot, refused, shared = walk_fixes(
        time_us, mmsi, lat, lon, sog, cog, heading, second, kind, upto_us, flush, roomy(tracks.records),
        copied(tracks.groups), roomy(tracks.waiting), tracks.free.copy(), used, rule_record(rules),
    )  # fmt: skip
    since = dict(tracks.shared_since_us)
    for number, at_us in shared.tolist():
        if at_us:
            since.setdefault(number, at_us)
        else:
            since.pop(number, None)
    legs = legs[:closed]
    legs = rows_at(legs, in_time_order(*(plain(legs[name]) for name in ("known_us", "track", "t0_us"))))
    counted = {
        name: count for name, count in zip(("duplicate", "jump", "coarse"), refused.tolist(), strict=True) if count
    }
    after = Tracks(records[: used[0]], groups, waiting[: used[2]], tracks.free[: used[3]], since, tracks.tidied_us)
    if upto_us - tracks.tidied_us >= TIDY_US:
        after = _tidy(after, upto_us, rules)
    return after, Assigned(legs, row_slot, counted)


def _tidy(tracks: Tracks, upto_us: int, rules: EngineRules) -> Tracks:
    """Places of tracks not heard for ``forget_s`` are freed, and candidates too old to be asked for are dropped.

    Nothing that is told depends on when this is done: the walk takes such tracks and candidates for forgotten anyway.
    """
    records, groups, waiting = tracks.records, tracks.groups, tracks.waiting
    old_us = upto_us - int(rules.forget_s * US)
    free = np.flatnonzero((records["held"] == 2) & (records["time_us"] < upto_us - GIVEN_UP_US) & (records["run"] == 0))
    records["held"][free] = 0
    last = groups["first"] != -1
    since = dict(tracks.shared_since_us)
    for row in np.flatnonzero(last)[records["time_us"][groups["first"][last]] < old_us].tolist():
        each, chain = int(groups["first"][row]), []
        while each != -1:
            chain.append(each)
            each = int(records["next"][each])
        if all(records["time_us"][slot] < old_us for slot in chain):
            records["held"][chain] = 0
            free = np.append(free, chain)
            groups["first"][row] = -1
            since.pop(int(groups["mmsi"][row]), None)
    recent = waiting["time_us"] >= upto_us - int(rules.hull_span_s * US)
    kept: list[Any] = []
    for row in np.flatnonzero(groups["waiting"] != -1).tolist():
        each, before = int(groups["waiting"][row]), -1
        groups["waiting"][row] = -1
        while each != -1:
            if recent[each]:
                kept.append(waiting[each].copy())
                if before == -1:
                    groups["waiting"][row] = len(kept) - 1
                else:
                    kept[before]["next"] = len(kept) - 1
                before = len(kept) - 1
            each = int(waiting["next"][each])
        if before != -1:
            kept[before]["next"] = -1
    made = np.array(kept, CANDIDATE) if kept else np.zeros(0, CANDIDATE)
    size = 64
    while size < 4 * int(((groups["first"] != -1) | (groups["waiting"] != -1)).sum()):
        size *= 2
    return Tracks(records, regrouped(groups, size), made, np.append(tracks.free, free).astype(np.int32), since, upto_us)
