"""Who a silent ship can have met: other silent ships, and slow ones that were heard, by reachability of one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.dark_reach import Prism, Reach, beside, together_many
from shipwatch.engine.motion import KN, US, distance_m, wrap_deg
from shipwatch.engine.reception import Reception, SilenceIndex, first_track
from shipwatch.engine.reception_rows import Silences, Stays
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

BRIDGE_S = 7200.0
"""A slow ship that was not heard for so long at most, and cannot have gone far, counts as lying where it was."""


@dataclass(frozen=True, slots=True)
class Partner:
    """A ship that can have been met; ``row`` is its silence's, None where it was heard, then ``path`` its way."""

    track: int
    mmsi: int
    reach: Reach
    row: int | None
    prism: Prism | None
    spread_m: float = 0.0


def prism_of(silences: Silences, row: int, top_kn: Array) -> Prism:
    """The prism of one silence."""
    return Prism(
        (float(silences.lat0_deg[row]), float(silences.lon0_deg[row])), int(silences.t0_us[row]),
        (float(silences.lat1_deg[row]), float(silences.lon1_deg[row])), int(silences.t1_us[row]), float(top_kn[row]),
    )  # fmt: skip


def silent_partners(
    index: SilenceIndex,
    row: int,
    top_kn: Array,
    known_us: int,
    rules: EngineRules,
    worth: Callable[[int], bool],
    kept: dict[tuple[int, int], Reach],
) -> list[Partner]:
    """Ships silent at the same time with which a place can have been shared for long enough, by ascending track.

    ``worth`` says of a silence (row) whether it is worth the search for that place; ``kept``
    is what was found of pairs of rows before, and grows.
    """
    rows = index.rows
    own = prism_of(rows, row, top_kn)
    reach_m = own.top_kn * KN * (own.on_us - own.off_us) / US / 2
    lat, lon = (float(column[row]) for column in rows.middle())
    near = index.near(lat, lon, reach_m)
    near = near[(rows.known_us[near] <= known_us) & (rows.mmsi[near] != rows.mmsi[row]) & (rows.class_b[near] == 0)]
    overlap = np.minimum(rows.t1_us[near], own.on_us) - np.maximum(rows.t0_us[near], own.off_us)
    near = near[overlap >= rules.dark_dwell_s * US]
    if not len(near):
        return []
    fastest = np.maximum(top_kn[near], own.top_kn) * KN
    ones = np.ones(len(near))
    off = distance_m(rows.lat0_deg[near], rows.lon0_deg[near], own.off[0] * ones, own.off[1] * ones)
    on = distance_m(rows.lat1_deg[near], rows.lon1_deg[near], own.on[0] * ones, own.on[1] * ones)
    out = distance_m(own.off[0] * ones, own.off[1] * ones, rows.lat1_deg[near], rows.lon1_deg[near])
    back = distance_m(rows.lat0_deg[near], rows.lon0_deg[near], own.on[0] * ones, own.on[1] * ones)
    both_s = (rows.t1_us[near] - rows.t0_us[near] + own.on_us - own.off_us) / US / 2
    most_s = np.minimum.reduce((
        both_s - (off + on) / fastest / 2,
        (rows.t1_us[near] - own.off_us) / US - out / fastest,
        (own.on_us - rows.t0_us[near]) / US - back / fastest,
    ))  # fmt: skip
    others = [
        (other, (min(row, other), max(row, other)), prism_of(rows, other, top_kn))
        for other in filter(worth, near[most_s >= rules.dark_dwell_s].tolist())
    ]
    new = [(pair, prism) for _, pair, prism in others if pair not in kept]
    # Whose numbers are asked first must not show in the last digit.
    asked = [(own, prism) if (own.off_us, own.off) <= (prism.off_us, prism.off) else (prism, own) for _, prism in new]
    kept.update(zip((pair for pair, _ in new), together_many(asked), strict=True))
    found = [
        Partner(int(rows.track[other]), int(rows.mmsi[other]), kept[pair], other, prism)
        for other, pair, prism in others
        if kept[pair].dwell_s >= rules.dark_dwell_s
    ]
    return sorted(found, key=lambda partner: partner.track)


def slow_partners(reception: Reception, silences: Silences, row: int, top_kn: Array, known_us: int,
                  rules: EngineRules) -> list[Partner]:  # fmt: skip
    """Ships that were heard, slow for long enough, where the silent one can have been, by ascending track."""
    own = prism_of(silences, row, top_kn)
    reach_m = own.top_kn * KN * (own.on_us - own.off_us) / US / 2
    lat, lon = (float(column[row]) for column in silences.middle())
    parts = []
    for page in reception.pages:
        if page.newest_us <= own.off_us:
            continue
        rows = page.rows.take(page.index.near(lat, lon, reach_m + 20_000.0))
        fits = (
            (rows.known_us <= known_us) & (rows.t1_us > own.off_us) & (rows.t0_us < own.on_us) & (rows.class_b == 0)
            & (rows.mmsi != silences.mmsi[row]) & ~(rows.top_kn > rules.dark_slow_kn)
        )  # fmt: skip
        rows = rows.take(fits)
        made = distance_m(rows.lat0_deg, rows.lon0_deg, rows.lat1_deg, rows.lon1_deg)
        rows = rows.take(made <= rules.dark_slow_kn * KN * ((rows.t1_us - rows.t0_us) / US + 60.0))
        y, x = rows.middle()
        out = distance_m(y, x, *_full(own.off, len(rows))) + distance_m(y, x, *_full(own.on, len(rows)))
        slack_s = (rows.t1_us - rows.t0_us) / US
        spare_s = (own.on_us - own.off_us) / US - out / (own.top_kn * KN)
        parts.append(rows.take(spare_s + slack_s >= rules.dark_dwell_s))
    stays = Stays.concat(parts)
    if not len(stays):
        return []
    stays = stays.take(np.lexsort((stays.t0_us, stays.mmsi)))
    gap_s = (stays.t0_us[1:] - stays.t1_us[:-1]) / US
    step_m = distance_m(stays.lat1_deg[:-1], stays.lon1_deg[:-1], stays.lat0_deg[1:], stays.lon0_deg[1:])
    goes_on = (
        (stays.mmsi[1:] == stays.mmsi[:-1]) & (gap_s <= BRIDGE_S)
        & (step_m <= rules.dark_slow_kn * KN * (gap_s + 60.0))
    )  # fmt: skip
    starts = np.flatnonzero(np.concatenate(([True], ~goes_on)))
    ends = (
        np.stack((stays.t0_us, stays.t1_us), axis=1).ravel(),
        np.stack((stays.lat0_deg, stays.lat1_deg), axis=1).ravel(),
        np.stack((stays.lon0_deg, stays.lon1_deg), axis=1).ravel(),
    )
    least_s = rules.dark_dwell_s
    best: dict[int, Partner] = {}
    for first, last in zip(starts.tolist(), [*starts[1:].tolist(), len(stays)], strict=True):
        if (min(int(stays.t1_us[last - 1]), own.on_us) - max(int(stays.t0_us[first]), own.off_us)) / US < least_s:
            continue
        times, lats, lons = (column[2 * first : 2 * last] for column in ends)
        reach = beside(own, times, lats, lons)
        mmsi = int(stays.mmsi[first])
        if reach.dwell_s >= rules.dark_dwell_s and (mmsi not in best or reach.dwell_s > best[mmsi].reach.dwell_s):
            inside = (times >= reach.start_us) & (times <= reach.end_us)
            far = distance_m(lats[inside], lons[inside], *_full((reach.lat, reach.lon), int(inside.sum())))
            best[mmsi] = Partner(first_track(mmsi), mmsi, reach, None, None, float(far.max()) if inside.any() else 0.0)
    return [best[mmsi] for mmsi in sorted(best)]


def stays_of(reception: Reception, mmsi: int, since_us: int, until_us: int, known_us: int) -> Stays:
    """The ship's stays that reach into the span and ended in it, by time."""
    parts = []
    for page in reception.pages:
        if page.newest_us <= since_us:
            continue
        rows = page.rows.take(page.ships.of(mmsi))
        parts.append(rows.take((rows.t1_us > since_us) & (rows.t1_us <= until_us) & (rows.known_us <= known_us)))
    stays = Stays.concat(parts)
    return stays.take(np.argsort(stays.t0_us, kind="stable"))


def _full(place: tuple[float, float], n: int) -> tuple[Array, Array]:
    return np.full(n, place[0]), np.full(n, float(wrap_deg(place[1])))
