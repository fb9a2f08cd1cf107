"""What really happened in a world: every pair of ships that was together, why, and what could be known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.reports import Heard, Ship
from shipwatch.simulator.sphere import separation_m
from shipwatch.simulator.visits import spans_within

US = 1_000_000
WITHIN_M = 500.0
LEAST_S = 600
"""Shorter company is passing."""
SCAN_S = 150
OBSERVED_GAP_S, INFERRED_GAP_S = 900.0, 7200.0
OBSERVED_LEAST_S = 2400.0
"""Ten minutes more than the 30 that a rule asks for, so that no verdict hangs on one report."""

TRACE_US, TRACE_HOLE_US = 3 * 3600 * US, 1800 * US

TRANSFERS = ("drifting", "under_way", "at_anchor", "midnight", "raft", "near_shore", "dark_one_sided", "dark_two_sided")
"""Kinds of planted company that are transfers; all others are ordinary company."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a group of ships (rows of the world's ships) was put there for."""

    kind: str
    ships: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """A span in which two ships were within 500 m, to the second; ``group`` is the fact's number, -1 by chance.

    ``known`` is what reception left of it. ``observed``: both ships were heard, reports at most 15 minutes apart, for
    40 minutes and half of the span. ``inferred``: the same with reports up to 2 hours apart. ``dark``: a ship had
    switched off. ``hidden``: reception took the rest. ``ends_heard``: at the start and at the end, whether both ships
    were heard, reports at most 15 minutes apart. ``trace`` is what a dark meeting leaves to be found by: ``draughts``
    (a change of half a metre and more was heard of one ship), ``silence`` (whoever was silent had been heard without a
    hole of 30 minutes in the three hours before and after), or ``none``.
    """

    mmsis: tuple[int, int]
    start_us: int
    end_us: int
    kind: str
    group: int
    known: str
    lat_deg: float
    lon_deg: float
    ends_heard: tuple[bool, bool] = (True, True)
    trace: str = "none"

    @property
    def transfer(self) -> bool:
        """Whether it was a transfer."""
        return self.kind in TRANSFERS

    @property
    def lasting_s(self) -> float:
        """Seconds together."""
        return (self.end_us - self.start_us) / US


def company(ships: Sequence[Ship], heard: Heard, facts: Sequence[Fact], start_us: int, end_us: int) -> list[Together]:
    """Every pair of ships within 500 m for ten minutes and more, whether planned or by chance."""
    groups = {
        (a, b): number for number, fact in enumerate(facts) for a in fact.ships for b in fact.ships if a < b
    }  # the last fact that names a pair holds
    found = []
    reports = _Reports(heard)
    for a, b in _near_pairs(ships, start_us, end_us):
        group = groups.get((a, b), -1)
        for from_us, to_us in spans_within(ships[a].track, ships[b].track, WITHIN_M, US):
            if to_us - from_us < LEAST_S * US:
                continue
            kind = facts[group].kind if group >= 0 else "chance"
            known = _known(reports, a, b, from_us, to_us)
            if kind.startswith("dark") and known in ("hidden", "inferred"):
                known = "dark"
            lat, lon = ships[a].track.positions([(from_us + to_us) // 2])
            pair = sorted((ships[a].vessel.mmsi, ships[b].vessel.mmsi))
            ends = (_end_heard(reports, a, b, from_us), _end_heard(reports, a, b, to_us))
            trace = _trace(reports, a, b, from_us, to_us) if known == "dark" else "none"
            found.append(
                Together((pair[0], pair[1]), from_us, to_us, kind, group, known, float(lat[0]), float(lon[0]), ends,
                         trace)
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.start_us, one.mmsis))


def _near_pairs(ships: Sequence[Ship], start_us: int, end_us: int) -> list[tuple[int, int]]:
    """Rows of ships that are within 700 m at two looks in a row, 150 s apart."""
    times = np.arange(start_us, end_us, SCAN_S * US, dtype=np.int64)
    lat, lon = (np.full((len(ships), len(times)), np.nan) for _ in range(2))
    for row, ship in enumerate(ships):
        there = (times >= ship.track.start_us) & (times <= ship.track.end_us)
        lat[row, there], lon[row, there] = ship.track.positions(times[there])
    seen: dict[tuple[int, int], int] = {}
    found: set[tuple[int, int]] = set()
    for look in range(len(times)):
        for pair in _within(lat[:, look], lon[:, look], 700.0):
            if seen.get(pair) == look - 1:
                found.add(pair)
            seen[pair] = look
    return sorted(found)


def _within(lat: NDArray[Any], lon: NDArray[Any], metres: float) -> list[tuple[int, int]]:
    rows = np.flatnonzero(~np.isnan(lat))
    rows = rows[np.argsort(lat[rows], kind="stable")]
    high = np.searchsorted(lat[rows], lat[rows] + metres / 111_000.0, "right")
    first = np.repeat(np.arange(len(rows)), high - np.arange(len(rows)) - 1)
    then = first + 1 + np.arange(len(first)) - np.searchsorted(first, first)
    a, b = rows[first], rows[then]
    near = separation_m(lat[a], lon[a], lat[b], lon[b]) <= metres
    return [(min(x, y), max(x, y)) for x, y in zip(a[near].tolist(), b[near].tolist(), strict=True)]


def _known(heard: _Reports, a: int, b: int, start_us: int, end_us: int) -> str:
    lasting_s = (end_us - start_us) / US
    for name, gap_s in (("observed", OBSERVED_GAP_S), ("inferred", INFERRED_GAP_S)):
        both = _both(_covered(heard, a, start_us, end_us, gap_s), _covered(heard, b, start_us, end_us, gap_s))
        if both >= max(OBSERVED_LEAST_S, lasting_s / 2):
            return name
    return "hidden"


class _Reports:
    """When a ship's positions were sent that were heard, and which draughts: asked many times, looked up once."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._times: dict[int, NDArray[np.int64]] = {}

    def times(self, ship: int) -> NDArray[np.int64]:
        """Instants of position reports, each transmission once."""
        if ship not in self._times:
            mine = (self._heard.ship == ship) & np.isin(self._heard.msg_type, (1, 3, 18))
            self._times[ship] = np.unique(self._heard.sent_us[mine])
        return self._times[ship]

    def draughts(self, ship: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Instants of type 5 reports, in order, and the draughts sent in them."""
        rows = np.flatnonzero((self._heard.ship == ship) & (self._heard.msg_type == 5))
        rows = rows[np.argsort(self._heard.sent_us[rows], kind="stable")]
        return self._heard.sent_us[rows], self._heard.draught_m[rows]


def _end_heard(heard: _Reports, a: int, b: int, at_us: int) -> bool:
    """Whether both ships' reports before and after an instant are at most 15 minutes apart."""
    for ship in (a, b):
        times = heard.times(ship)
        after = int(np.searchsorted(times, at_us))
        if not 0 < after < len(times) or times[after] - times[after - 1] > OBSERVED_GAP_S * US:
            return False
    return True


def _trace(heard: _Reports, a: int, b: int, start_us: int, end_us: int) -> str:
    """By what a meeting in the dark can be found (see :class:`Together`)."""
    unusual = True
    for ship in (a, b):
        when, draughts = heard.draughts(ship)
        before, after = draughts[when < start_us], draughts[when > end_us]
        if len(before) and len(after) and abs(after[-1] - before[-1]) >= 0.5:
            return "draughts"
        times = heard.times(ship)
        off, on = times[times < start_us], times[times > end_us]
        if np.any((times > start_us) & (times < end_us)):
            continue  # this one was heard all the while
        for near in (off[off > off[-1] - TRACE_US] if len(off) else off, on[on < on[0] + TRACE_US] if len(on) else on):
            whole = len(near) > 10 and near[-1] - near[0] > TRACE_US * 0.8
            unusual &= bool(whole) and int(np.diff(near).max()) <= TRACE_HOLE_US
    return "silence" if unusual else "none"


def _covered(heard: _Reports, ship: int, start_us: int, end_us: int, gap_s: float) -> list[tuple[int, int]]:
    """Spans between reports at most so far apart, cut to the meeting."""
    times = heard.times(ship)
    close = np.diff(times) <= gap_s * US
    spans: list[tuple[int, int]] = []
    for off, on in zip(times[:-1][close].tolist(), times[1:][close].tolist(), strict=True):
        low, high = max(off, start_us), min(on, end_us)
        if low < high:
            if spans and spans[-1][1] == low:
                spans[-1] = (spans[-1][0], high)
            else:
                spans.append((low, high))
    return spans


def _both(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> float:
    """Seconds that two lists of spans share."""
    return sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in one for b in other) / US
