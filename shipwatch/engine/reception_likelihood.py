"""How improbable it is that reception alone explains a silence, and what that judgement rests on.

The silence is cut into equal parts of about an hour (twelve at most), counted from its own start. For each part, of
the *n* other ships that are known to have been around, *k* were not heard either: a ship that went on sending would
have been missed in it with a probability of about ``(k + 1/2) / (n + 1)``. Where nobody else is known to have been
around, the part says nothing. The parts are multiplied, with a floor: what makes a receiver deaf for an hour often
lasts for another.

Two courses are tried, and the more innocent counts: straight from the last place to the next, and on as she was going
(out of range, perhaps) and back. The ship's own record counts too: one that was often missed before is no better now.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.motion import KN, M_PER_DEG, US, distance_m, wrap_deg
from shipwatch.engine.reception import Reception, SilenceIndex
from shipwatch.engine.reception_rows import Silences, Stays
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

PART_S = 3600.0
MOST_PARTS = 12
LONE_CHANCE = 0.25
"""So much is left when one other ship was heard throughout, half of it with two: a ship is one witness, not many."""
LEAST_CHANCE = 0.02
"""No silence is called more improbable than this to have come from reception alone."""
HEARD_SHARE = 1 / 3
"""A ship was heard in a part of a silence if it was for this share of it; missed, if silent for the rest."""
ASIDE_PARTS = 2
"""Whether a ship sailed on out of range shows in the first hours after, and before, it was heard."""
DRIFTING_KN = 2.0


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence to judge; ``on_us`` and what belongs to it is None while it lasts, ``until_us`` the end judged."""

    mmsi: int
    off_us: int
    until_us: int
    off: tuple[float, float]
    on: tuple[float, float] | None
    off_sog_kn: float
    off_cog_deg: float
    on_sog_kn: float = math.nan
    on_cog_deg: float = math.nan
    class_b: bool = False
    heard_s: float = math.nan
    missed_s: float = math.nan


@dataclass(frozen=True, slots=True)
class Basis:
    """The judgement: ``likelihood`` that the ship switched off, 0 to 1, or None where there is no basis.

    ``others_heard`` and ``others_missed`` count other ships around meanwhile; ``share_received`` is the part of their
    time there in which they were heard.
    """

    likelihood: float | None
    others_heard: int
    others_missed: int
    share_received: float | None

    def text(self) -> str:
        """In words."""
        if not self.others_heard + self.others_missed:
            return "no basis: no other ship is known to have been around"
        received = "" if self.share_received is None else f", {100 * self.share_received:.0f} % of their time received"
        words = f"{self.others_heard} other ships heard around meanwhile, {self.others_missed} missed{received}"
        return words if self.likelihood is not None else f"no basis where she can have been: {words}"


NO_BASIS = Basis(None, 0, 0, None)


def judge(reception: Reception, index: SilenceIndex, silence: Silence, known_us: int, rules: EngineRules) -> Basis:
    """Judge a silence by what was known at ``known_us``; what came later does not count."""
    since_us, until_us, parts = _span(silence, known_us, rules)
    if until_us - since_us < 600 * US:
        return NO_BASIS
    edges = since_us + (np.arange(parts + 1) * (until_us - since_us)) // parts
    middle_s = (edges[:-1] + edges[1:]) / 2 / US - silence.off_us / US
    lat, lon = _straight(silence, middle_s)
    heard, missed, ships = _others(reception, index, silence, edges, lat, lon, known_us, rules)
    chance = _chance(heard, missed)
    aside = _aside(silence, edges)
    if chance is not None and aside is not None:
        rows, lat, lon = aside
        out = _others(reception, index, silence, edges, lat, lon, known_us, rules, rows)
        other = _chance(out[0], out[1])
        chance = None if other is None else max(chance, other)
    likelihood = None
    if chance is not None:
        few = LONE_CHANCE / max(ships[0], 1)
        likelihood = round(1.0 - max(chance, few, own_chance(silence, known_us, rules), LEAST_CHANCE), 2)
    heard_s, all_s = ships[2], ships[3]
    return Basis(likelihood, ships[0], ships[1], round(heard_s / all_s, 2) if all_s > 0 else None)


def _chance(heard: Array, missed: Array) -> float | None:
    """The chance to be missed throughout, None where no part of the silence says anything."""
    says = heard + missed > 0
    if not says.any():
        return None
    return float(np.prod((missed[says] + 0.5) / (heard[says] + missed[says] + 1.0)))


def _span(silence: Silence, known_us: int, rules: EngineRules) -> tuple[int, int, int]:
    since_us = max(silence.off_us, known_us - round(rules.reception_s * US))
    until_us = min(silence.until_us, known_us)
    return since_us, until_us, min(max(math.ceil((until_us - since_us) / US / PART_S), 1), MOST_PARTS)


def own_chance(silence: Silence, known_us: int, rules: EngineRules) -> float:
    """The chance to be missed throughout by the ship's own record: unknown counts as one hour in two."""
    parts = _span(silence, known_us, rules)[2]
    total_s = silence.heard_s + silence.missed_s
    missed = silence.missed_s / total_s if total_s >= PART_S else 0.5
    return float(missed**parts)


def _straight(silence: Silence, seconds: Array) -> tuple[Array, Array]:
    lat0, lon0 = silence.off
    if silence.on is None:
        return np.full(len(seconds), lat0), np.full(len(seconds), lon0)
    share = seconds / max((silence.until_us - silence.off_us) / US, 1.0)
    return (
        lat0 + share * (silence.on[0] - lat0),
        wrap_deg(lon0 + share * wrap_deg(silence.on[1] - lon0)),
    )


def _aside(silence: Silence, edges: Array) -> tuple[Array, Array, Array] | None:
    """Parts near either end, and where the ship was at their far ends had it kept course and speed; None: drifting."""
    parts = len(edges) - 1
    rows: list[int] = []
    lat: list[float] = []
    lon: list[float] = []
    ends = [(silence.off, silence.off_us, silence.off_sog_kn, silence.off_cog_deg, 1)]
    if silence.on is not None:
        ends.append((silence.on, silence.until_us, silence.on_sog_kn, silence.on_cog_deg, -1))
    for place, at_us, sog, cog, way in ends:
        if not sog > DRIFTING_KN or math.isnan(cog):
            continue
        for number in range(min(ASIDE_PARTS, -(-parts // len(ends)))):
            row = number if way > 0 else parts - 1 - number
            far_us = int(edges[row + 1] if way > 0 else edges[row])
            metres = sog * KN * (far_us - at_us) / US
            north = metres * math.cos(math.radians(cog)) / M_PER_DEG
            east = metres * math.sin(math.radians(cog)) / M_PER_DEG
            rows.append(row)
            lat.append(min(max(place[0] + north, -89.9), 89.9))
            lon.append(float(wrap_deg(place[1] + east / max(math.cos(math.radians(place[0])), 0.01))))
    return (np.array(rows), np.array(lat), np.array(lon)) if rows else None


def _others(
    reception: Reception, index: SilenceIndex, silence: Silence, edges: Array, lat: Array, lon: Array, known_us: int,
    rules: EngineRules, rows: Array | None = None,
) -> tuple[Array, Array, tuple[int, int, float, float]]:  # fmt: skip
    """Per part: others heard and missed within the distance of its place; in all: ships heard, missed, their seconds.

    ``rows`` are the parts that the places belong to, all of them by default. Who sends with less power (class B) and is
    heard counts for all, who sends with more (class A) and is missed likewise; not the other way round.
    """
    rows = np.arange(len(edges) - 1) if rows is None else rows
    starts, ends = edges[rows], edges[rows + 1]
    reach_m = rules.reception_m
    middle = len(lat) // 2
    spread_m = float(distance_m(lat, lon, np.full(len(lat), lat[middle]), np.full(len(lat), lon[middle])).max())
    who: list[Array] = []
    part: list[Array] = []
    heard_s: list[Array] = []
    missed_s: list[Array] = []

    def add(some: Stays | Silences, at_lat: Array, at_lon: Array, kept: list[Array], other: list[Array]) -> None:
        """``at_*``: one place a row (stays) or one for each part and row (silences)."""
        numbers, t0, t1 = some.mmsi, some.t0_us, some.t1_us
        far = distance_m(at_lat, at_lon, lat[:, None], lon[:, None])
        both_us = np.minimum(t1[None, :], ends[:, None]) - np.maximum(t0[None, :], starts[:, None])
        at, row = np.nonzero((far <= reach_m) & (both_us > 0))
        who.append(numbers[row])
        part.append(rows[at])
        kept.append(both_us[at, row] / US)
        other.append(np.zeros(len(at)))

    for page in reception.pages:
        if page.newest_us <= starts.min():
            continue
        near = page.index.near(float(lat[middle]), float(lon[middle]), reach_m + spread_m)
        stays = page.rows
        near = near[
            (stays.known_us[near] <= known_us) & (stays.t1_us[near] > starts.min()) & (stays.t0_us[near] < ends.max())
            & (stays.mmsi[near] != silence.mmsi)
        ]  # fmt: skip
        if silence.class_b:  # whoever is heard, of either class, shows that a class A ship would have been
            near = near[stays.class_b[near] == 1]
        if len(near):
            heard_here = stays.take(near)
            at_lat, at_lon = heard_here.middle()
            add(heard_here, at_lat[None, :], at_lon[None, :], heard_s, missed_s)
    holes = index.rows
    near = index.near(float(lat[middle]), float(lon[middle]), reach_m + spread_m)
    near = near[
        (holes.known_us[near] <= known_us) & (holes.t1_us[near] > starts.min()) & (holes.t0_us[near] < ends.max())
        & (holes.mmsi[near] != silence.mmsi)
    ]  # fmt: skip
    if not silence.class_b:
        near = near[holes.class_b[near] == 0]
    if len(near):
        some = holes.take(near)
        span = np.maximum(some.t1_us - some.t0_us, 1)
        share = np.clip(((starts + ends)[:, None] / 2 - some.t0_us[None, :]) / span[None, :], 0.0, 1.0)
        at_lat = some.lat0_deg + share * (some.lat1_deg - some.lat0_deg)
        at_lon = some.lon0_deg + share * wrap_deg(some.lon1_deg - some.lon0_deg)
        add(some, at_lat, at_lon, missed_s, heard_s)

    heard, missed = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    if not sum(map(len, who)):
        return heard[rows], missed[rows], (0, 0, 0.0, 0.0)
    numbers, parts = np.concatenate(who), np.concatenate(part)
    # Stays were appended before silences, in both lists alike.
    h, m = np.concatenate(heard_s), np.concatenate(missed_s)
    ship, number = np.unique(numbers, return_inverse=True)
    slot = number * (len(edges) - 1) + parts
    h_in = np.bincount(slot, h, minlength=len(ship) * (len(edges) - 1)).reshape(len(ship), -1)
    m_in = np.bincount(slot, m, minlength=len(ship) * (len(edges) - 1)).reshape(len(ship), -1)
    length_s = (edges[1:] - edges[:-1]) / US
    was_heard = h_in >= HEARD_SHARE * length_s
    was_missed = ~was_heard & (m_in >= (1 - HEARD_SHARE) * length_s)
    heard, missed = was_heard.sum(axis=0), was_missed.sum(axis=0)
    some_part = was_heard.any(axis=1)
    figures = (
        int(some_part.sum()), int((was_missed.any(axis=1) & ~some_part).sum()), float(h.sum()), float(h.sum() + m.sum())
    )  # fmt: skip
    used = np.unique(rows)
    return heard[used], missed[used], figures
