"""Who a ship said it was, as of any instant: the changes of each static field, MMSI by MMSI.

A field that a message does not carry leaves the last known value standing (type 24 sends the name in one part, call
sign, type and dimensions in the other). The state is plain data; every function returns a new one and leaves its
arguments as they were.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.flags import flag_of_mmsi
from alerts.incident import Party
from alerts.incident import Said as SaidThen
from decoders.reports import StaticReports
from shipwatch.value_runs import Run, Value, as_of, first_us, runs_by_mmsi, with_runs

Log = tuple[tuple[Run, ...], ...]
"""Runs in time order, one tuple for each of FIELDS."""

FIELDS = ("imo", "name", "callsign", "ship_type", "dimensions", "draught")
"""``dimensions`` packs to bow, stern, port and starboard, 15 bits each, in metres; ``draught`` is in centimetres."""
_IMO, _NAME, _CALLSIGN, _TYPE, _DIMENSIONS, _DRAUGHT = range(len(FIELDS))
_NO_LOG: Log = ((),) * len(FIELDS)

MOST_SAID = 8
"""So many other identities of one event are kept; a transponder that sends rubbish makes one a minute."""
MOST_CHANGES = 200
"""Two hulls on one MMSI change what it says every few minutes: the last changes are looked at."""
AROUND_US = 6 * 3600 * 1_000_000
"""So long before an event what a ship called itself counts as said around it."""

Said = tuple[int, str, str, int, int]
"""One distinct static report: imo, name, call sign, ship type, packed dimensions; 0 or "" where it carries none."""


@dataclass(frozen=True, slots=True)
class Identities:
    """What each MMSI has sent: the log of changes, and its distinct reports with (first, last, how often)."""

    logs: Mapping[int, Log] = field(default_factory=dict)
    said: Mapping[int, Mapping[Said, tuple[int, int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observation:
    """One distinct static report of an MMSI, when it was first and last heard, and how often."""

    mmsi: int
    imo: int | None
    name: str | None
    callsign: str | None
    ship_type: int | None
    to_bow_m: int
    to_stern_m: int
    to_port_m: int
    to_starboard_m: int
    first_us: int
    last_us: int
    count: int


def learn(state: Identities, statics: StaticReports) -> Identities:
    """The state with these reports learnt, in whatever order and batches they come.

    Of several values sent at the same microsecond the greatest stands. The answers do not depend on order or batching
    as long as a report that comes in a later batch than a newer one does not contradict what was sent around it; one
    that does is placed at its time, and the value around it is taken to hold up to it and to come back with its last
    report.
    """
    if not len(statics):
        return state
    logs, said = dict(state.logs), dict(state.said)
    columns = _columns(statics)
    order = np.lexsort((statics.time_us, statics.mmsi))
    mmsi, time_us = statics.mmsi[order], statics.time_us[order]
    for place, column in enumerate(columns):
        values = column[order]
        for ship, runs in runs_by_mmsi(mmsi, time_us, values):
            log = list(logs.get(ship, _NO_LOG))
            log[place] = with_runs(log[place], runs)
            logs[ship] = tuple(log)
    _count_said(said, statics, columns)
    return Identities(logs, said)


def party(state: Identities, track: str, mmsi: int, at_us: int) -> Party:
    """The ship on a track as its MMSI had described it by ``at_us``; None in every field not sent by then.

    Length and beam are whole metres, None where the dimensions say 0. An IMO number is kept as sent, valid or not.

    >>> statics = StaticReports.of(time_us=[10, 20], mmsi=[311000013] * 2, imo=[0, 9583720], name=["HYDRA VOYAGER", ""])
    >>> ships = learn(Identities(), statics)
    >>> party(ships, "t", 311000013, 15).imo, party(ships, "t", 311000013, 20).imo
    (None, 9583720)
    """
    log = state.logs.get(mmsi, _NO_LOG)
    imo, name, callsign, ship_type, packed, _ = (as_of(runs, at_us) for runs in log)
    bow, stern, port, starboard = _unpacked(packed)
    return Party(
        track=track,
        mmsi=mmsi,
        imo=_number(imo),
        name=_text(name),
        callsign=_text(callsign),
        flag=flag_of_mmsi(mmsi),
        ship_type=_number(ship_type),
        length_m=bow + stern or None,
        beam_m=port + starboard or None,
    )


def also_said(state: Identities, ship: Party, from_us: int, until_us: int) -> tuple[SaidThen, ...]:
    """What else the MMSI of a ship called itself from one instant to another, oldest first, at most ``MOST_SAID``.

    A field not sent by then is taken as the ship's own: only what it said differently counts, not what it had yet to
    say. Each whole identity stands once, and the ship's own not at all.
    """
    logs = state.logs.get(ship.mmsi, _NO_LOG)[:_DRAUGHT]
    if all(len(runs) < 2 for runs in logs):
        return ()
    times = {from_us} | {run[0] for runs in logs for run in runs if from_us < run[0] <= until_us}
    own = SaidThen(ship.imo, ship.name, ship.callsign, ship.ship_type, ship.length_m)
    found: dict[SaidThen, None] = {}
    for at_us in sorted(times)[-MOST_CHANGES:]:
        then = party(state, ship.track, ship.mmsi, at_us)
        said = SaidThen(
            then.imo or ship.imo,
            then.name or ship.name,
            then.callsign or ship.callsign,
            then.ship_type or ship.ship_type,
            then.length_m or ship.length_m,
        )
        if (said.imo, said.name, said.callsign) != (own.imo, own.name, own.callsign):
            found[said] = None
    return tuple(found)[-MOST_SAID:]


def draughts(state: Identities, mmsi: int, before_us: int, after_us: int) -> tuple[float | None, float | None]:
    """Draught in metres as of ``before_us``, and as of ``after_us`` if another one has been sent since; else None."""
    runs = state.logs.get(mmsi, _NO_LOG)[_DRAUGHT]
    before, after = as_of(runs, before_us), as_of(runs, after_us)
    changed = bisect_right(runs, after_us, key=first_us) > bisect_right(runs, before_us, key=first_us)
    return _metres(before), _metres(after) if changed else None


def draught_changes(state: Identities, mmsi: int, after_us: int, until_us: int) -> tuple[int, ...]:
    """The times in (after_us, until_us] at which a draught other than the one before was first sent."""
    runs = state.logs.get(mmsi, _NO_LOG)[_DRAUGHT]
    return tuple(run[0] for run in runs[1:] if after_us < run[0] <= until_us)


def first_said(state: Identities, mmsi: int, after_us: int, until_us: int) -> tuple[int, ...]:
    """The times in (after_us, until_us] at which a field of its identity was sent for the first time."""
    firsts = (runs[0][0] for runs in state.logs.get(mmsi, _NO_LOG)[:_DRAUGHT] if runs)
    return tuple(sorted({first for first in firsts if after_us < first <= until_us}))


def observations(state: Identities, mmsi: int) -> tuple[Observation, ...]:
    """The distinct static reports of an MMSI, by first time heard; a report's parts are kept as they were sent."""
    reports = state.said.get(mmsi, {}).items()
    return tuple(
        Observation(
            mmsi, imo or None, name or None, callsign or None, ship_type or None, *_unpacked(packed), first, last, count
        )
        for (imo, name, callsign, ship_type, packed), (first, last, count) in sorted(
            reports, key=lambda r: (r[1], r[0])
        )
    )


def forget(state: Identities, before_us: int) -> Identities:
    """The state without what only questions about times before ``before_us`` could ask for: it bounds the memory.

    Each field keeps the value in force at ``before_us``; distinct reports last heard before it are dropped.
    """
    logs = {
        ship: tuple(
            runs if len(runs) < 2 else runs[max(0, bisect_right(runs, before_us, key=first_us) - 1) :] for runs in log
        )
        for ship, log in state.logs.items()
    }
    said = {
        ship: kept
        for ship, reports in state.said.items()
        if (kept := {report: seen for report, seen in reports.items() if seen[1] >= before_us})
    }
    return Identities(logs, said)


def _columns(statics: StaticReports) -> tuple[NDArray[Any], ...]:
    """One array for each of FIELDS, 0 or "" where not available."""
    packed = np.zeros(len(statics), np.int64)
    for side in (statics.to_bow_m, statics.to_stern_m, statics.to_port_m, statics.to_starboard_m):
        metres = np.clip(np.nan_to_num(np.rint(side), nan=0.0, posinf=0.0), 0, 32767)
        packed = (packed << 15) | metres.astype(np.int64)
    centimetres = np.nan_to_num(np.rint(np.asarray(statics.draught_m, np.float64) * 100), nan=0.0, posinf=0.0)
    draught = np.clip(centimetres, 0, 1_000_000).astype(np.int64)
    imo, ship_type = np.maximum(statics.imo, 0), np.maximum(statics.ship_type, 0)
    return imo, _single_blanks(statics.name), statics.callsign, ship_type, packed, draught


def _single_blanks(names: NDArray[Any]) -> NDArray[Any]:
    """Names with every run of blanks made one: receivers and crews differ in how many they put between two words."""
    distinct, place = np.unique(names, return_inverse=True)
    return np.array([" ".join(name.split()) for name in distinct.tolist()], names.dtype)[place]


def _count_said(
    said: dict[int, Mapping[Said, tuple[int, int, int]]], statics: StaticReports, columns: tuple[NDArray[Any], ...]
) -> None:
    """Add the reports to the counts of distinct ones; parts A and B of type 24 are each compared with their like."""
    fields = columns[:_DRAUGHT]
    order = np.lexsort((statics.time_us, fields[_NAME] == "", statics.mmsi))
    mmsi, time_us = statics.mmsi[order], statics.time_us[order]
    sorted_fields = [column[order] for column in fields]
    changed = np.concatenate(([True], mmsi[1:] != mmsi[:-1]))
    for column in sorted_fields:
        changed[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(changed)
    counts = np.diff(np.concatenate((starts, [len(mmsi)])))
    lasts = starts + counts - 1
    rows = zip(*(column[starts].tolist() for column in sorted_fields), strict=True)
    firsts_us, lasts_us = time_us[starts].tolist(), time_us[lasts].tolist()
    fresh: set[int] = set()
    for ship, report, first, last, count in zip(
        mmsi[starts].tolist(), rows, firsts_us, lasts_us, counts.tolist(), strict=True
    ):
        if not any(report):
            continue
        if ship not in fresh:
            said[ship] = dict(said.get(ship, {}))
            fresh.add(ship)
        own = said[ship]
        old = own.get(report, (first, last, 0))
        own[report] = (min(old[0], first), max(old[1], last), old[2] + count)  # type: ignore[index]


def _unpacked(packed: Value | None) -> tuple[int, int, int, int]:
    bits = packed if isinstance(packed, int) else 0
    return (bits >> 45) & 0x7FFF, (bits >> 30) & 0x7FFF, (bits >> 15) & 0x7FFF, bits & 0x7FFF


def _number(value: Value | None) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: Value | None) -> str | None:
    return value if isinstance(value, str) else None


def _metres(value: Value | None) -> float | None:
    return value / 100 if isinstance(value, int) else None
