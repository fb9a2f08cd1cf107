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

TRANSFERS = ("drifting", "under_way", "at_anchor", "midnight", "raft", "near_shore", "dark_one_sided", "dark_two_sided")
"""Kinds of planted company that are transfers; all others are ordinary company."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a group of ships (rows of the world's ships) was put there for."""

    kind: str
    ships: tuple[int, ...]
    draughts_sent: bool = False


@dataclass(frozen=True, slots=True)
class Together:
    """A span in which two ships were within 500 m, to the second; ``group`` is the fact's number, -1 by chance.

    ``known`` is what reception left of it. ``observed``: both ships were heard, reports at most 15 minutes apart, for
    40 minutes and half of the span. ``inferred``: the same with reports up to 2 hours apart. ``dark``: a ship had
    switched off. ``hidden``: reception took the rest.
    """

    mmsis: tuple[int, int]
    start_us: int
    end_us: int
    kind: str
    group: int
    known: str
    lat_deg: float
    lon_deg: float
    draughts_sent: bool = False

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
    for a, b in _near_pairs(ships, start_us, end_us):
        group = groups.get((a, b), -1)
        for from_us, to_us in spans_within(ships[a].track, ships[b].track, WITHIN_M, US):
            if to_us - from_us < LEAST_S * US:
                continue
            kind = facts[group].kind if group >= 0 else "chance"
            known = _known(heard, a, b, from_us, to_us)
            if kind.startswith("dark") and known in ("hidden", "inferred"):
                known = "dark"
            lat, lon = ships[a].track.positions([(from_us + to_us) // 2])
            pair = sorted((ships[a].vessel.mmsi, ships[b].vessel.mmsi))
            found.append(
                Together((pair[0], pair[1]), from_us, to_us, kind, group, known, float(lat[0]), float(lon[0]),
                         group >= 0 and facts[group].draughts_sent)
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


def _known(heard: Heard, a: int, b: int, start_us: int, end_us: int) -> str:
    lasting_s = (end_us - start_us) / US
    for name, gap_s in (("observed", OBSERVED_GAP_S), ("inferred", INFERRED_GAP_S)):
        both = _both(_covered(heard, a, start_us, end_us, gap_s), _covered(heard, b, start_us, end_us, gap_s))
        if both >= max(OBSERVED_LEAST_S, lasting_s / 2):
            return name
    return "hidden"


def _covered(heard: Heard, ship: int, start_us: int, end_us: int, gap_s: float) -> list[tuple[int, int]]:
    """Spans between reports at most so far apart, cut to the meeting."""
    mine = (heard.ship == ship) & np.isin(heard.msg_type, (1, 3, 18))
    times = np.unique(heard.sent_us[mine])
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
