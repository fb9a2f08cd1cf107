"""Archived positions of a ship as drawn lines: thinned, cut where it was long silent or cannot have sailed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from geofences.sphere import METRES_PER_NM, distance_m
from shipwatch.reports.content import TrackPiece

OBSERVED_US = 15 * 60_000_000
INFERRED_US = 120 * 60_000_000
MOST_FIXES = 600
"""Positions drawn of one ship: more would not show."""
FASTEST_KN = 60.0
"""A faster step is another hull under the same number, or rubbish: no line joins it."""
NEAR_M = 2_000.0

Floats = NDArray[np.float64]


def track_pieces(letter: str, reports: PositionReports) -> tuple[TrackPiece, ...]:
    """The track in pieces: runs of fixes at most 15 min apart, and single legs (inferred up to 2 h, then silent).

    >>> kept = PositionReports.of(time_us=[0, 60_000_000], mmsi=[7, 7], lat_deg=[1.0, 1.0], lon_deg=[3.0, 3.001])
    >>> [(piece.kind, len(piece.time_us)) for piece in track_pieces("A", kept)]
    [('observed', 2)]
    """
    rows = thinned(reports)
    if not len(rows):
        return ()
    time_us, lat, lon = rows.time_us, rows.lat_deg, rows.lon_deg
    step_us = np.diff(time_us)
    step_m = np.asarray(distance_m(lat[:-1], lon[:-1], lat[1:], lon[1:]))
    limit_m = FASTEST_KN * METRES_PER_NM * (step_us + 60_000_000) / 3.6e9
    torn = (step_m > limit_m) & (step_m > NEAR_M)
    kinds = np.where(step_us <= OBSERVED_US, 0, np.where(step_us <= INFERRED_US, 1, 2))
    pieces: list[TrackPiece] = []
    start = 0
    for at in range(len(rows)):
        last = at == len(rows) - 1
        if not last and kinds[at] == 0 and not torn[at]:
            continue
        pieces.append(_piece(letter, "observed", rows, start, at))
        if not last and not torn[at]:
            pieces.append(_piece(letter, ("observed", "inferred", "silent")[int(kinds[at])], rows, at, at + 1))
        start = at + 1
    return tuple(pieces)


def thinned(reports: PositionReports, most: int = MOST_FIXES) -> PositionReports:
    """At most about ``most`` rows, the first of each equal stretch of time; first and last always stay."""
    known = np.isfinite(reports.lat_deg) & np.isfinite(reports.lon_deg)
    rows = reports.take(known) if not known.all() else reports
    if len(rows) <= most:
        return rows
    stretch = (rows.time_us - rows.time_us[0]) * most // (int(rows.time_us[-1] - rows.time_us[0]) + 1)
    first = np.concatenate(([True], stretch[1:] != stretch[:-1]))
    first[-1] = True
    return rows.take(first)


def _piece(letter: str, kind: str, rows: PositionReports, first: int, last: int) -> TrackPiece:
    part = slice(first, last + 1)
    return TrackPiece(
        letter, kind, tuple(rows.time_us[part].tolist()), tuple(rows.lat_deg[part].round(5).tolist()),
        tuple(rows.lon_deg[part].round(5).tolist()),
    )  # fmt: skip


def distances(a: PositionReports, b: PositionReports) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Metres between two ships at every instant at which either was heard: times, metres, kind of the longer leg.

    Positions between fixes lie on the straight line; kind is 0 (legs up to 15 min), 1 (up to 2 h); longer silences and
    the times before the first and after the last fix of either give no distance.
    """
    none = np.empty(0, np.int64)
    if len(a) < 2 or len(b) < 2:
        return none, np.empty(0), none
    start, end = max(a.time_us[0], b.time_us[0]), min(a.time_us[-1], b.time_us[-1])
    times = np.unique(np.concatenate((a.time_us, b.time_us)))
    times = times[(times >= start) & (times <= end)]
    lat_a, lon_a, leg_a = _at(a, times)
    lat_b, lon_b, leg_b = _at(b, times)
    metres = np.asarray(distance_m(lat_a, lon_a, lat_b, lon_b))
    leg_us = np.maximum(leg_a, leg_b)
    seen = leg_us <= INFERRED_US
    return times[seen], metres[seen], (leg_us[seen] > OBSERVED_US).astype(np.int64)


def _at(rows: PositionReports, times: NDArray[np.int64]) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Position at each time, and how long the leg is that it lies on."""
    after = np.clip(np.searchsorted(rows.time_us, times), 1, len(rows) - 1)
    before = after - 1
    span = np.maximum(1, rows.time_us[after] - rows.time_us[before])
    share = (times - rows.time_us[before]) / span
    turn = (rows.lon_deg[after] - rows.lon_deg[before] + 180.0) % 360.0 - 180.0
    lat = rows.lat_deg[before] + share * (rows.lat_deg[after] - rows.lat_deg[before])
    exact = (share == 0.0) | (share == 1.0)
    return lat, rows.lon_deg[before] + share * turn, np.where(exact, 0, rows.time_us[after] - rows.time_us[before])
