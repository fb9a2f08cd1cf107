"""Ships that fall silent under one number and may have come back under another: the same size where they can have been.

Two ships of one size are common; what makes a lead is that neither the silence of the one nor the late appearance of
the other is explained by reception, or that both give one IMO number. It is withdrawn when the first is heard again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.detections import Lead
from shipwatch.engine.draughts import Particulars, Ship, ship_at
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import track_name
from shipwatch.engine.motion import KN, US, ceil_minute, distance_between_m, distance_m
from shipwatch.engine.reception import DECAY_S, SILENCE_S, Reception, SilenceIndex, first_track
from shipwatch.engine.reception_likelihood import Silence, judge
from shipwatch.engine.reception_rows import MOST_TOP_KN
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.sorted_numbers import distinct

Array = NDArray[Any]

SIZE_M = 1.0
BEFORE_US = 7200 * US
"""The appearance is judged by who was heard around in this time before it."""
SLACK_S = 600.0


class SilentShips:
    """The ships that may be silent at some minute of a step, found by size: few, where those that are heard are many.

    It only offers: whoever asks looks at each of them. Made when first asked.
    """

    def __init__(
        self, reception: Reception, index: SilenceIndex, particulars: Particulars, before_us: int | None, upto_us: int
    ) -> None:
        self.reception, self.index, self.particulars = reception, index, particulars
        self.since_us, self.upto_us = -(2**62) if before_us is None else before_us, upto_us

    @cached_property
    def _rows(self) -> tuple[Array, Array]:
        """Silences that ended in this step or later, and ships (rows of ``runs``) that may be silent still."""
        rows, lasting_us = self.index.rows, round(SILENCE_S * US)
        over = np.flatnonzero((rows.t1_us > self.since_us) & (rows.t1_us - rows.t0_us >= lasting_us))
        heard_us = self.reception.runs.heard["t1_us"]
        return over, np.flatnonzero(heard_us <= ceil_minute(self.upto_us) - lasting_us)

    @property
    def nobody(self) -> bool:
        """Whether there is none at all."""
        return not any(map(len, self._rows))

    @cached_property
    def _table(self) -> tuple[Array, Array, Array, Array]:
        """Lengths in ascending order, and whose, since when and where (latitude and longitude) they are silent."""
        runs, rows, known = self.reception.runs.heard, self.index.rows, self.particulars
        over, still = self._rows
        mmsi = np.concatenate((rows.mmsi[over], runs["mmsi"][still]))
        off_us = np.concatenate((rows.t0_us[over], runs["t1_us"][still]))
        place = np.stack((np.concatenate((rows.lat0_deg[over], runs["lat1_deg"][still])),
                          np.concatenate((rows.lon0_deg[over], runs["lon1_deg"][still]))))  # fmt: skip
        low = np.searchsorted(known.mmsi, mmsi, "left")
        said = np.searchsorted(known.mmsi, mmsi, "right") - low  # rows of each: all that it ever said of itself
        entry = np.repeat(np.arange(len(mmsi)), said)
        row = low[entry] + np.arange(len(entry)) - np.repeat(np.cumsum(said) - said, said)
        order = np.argsort(known.length_m[row], kind="stable")
        entry, row = entry[order], row[order]
        return known.length_m[row], np.stack((mmsi[entry], row)), off_us[entry], place[:, entry]

    @cached_property
    def first_us(self) -> int:
        """Since when the one is silent who has been for longest."""
        off_us = self._table[2]
        return int(off_us.min()) if len(off_us) else 2**62

    def alike(self, ship: Ship, mmsi: int, first_us: int, where: tuple[float, float], now_us: int) -> list[int]:
        """MMSIs, ascending, of others that ever said this size and may have come to that place by then."""
        if ship.length_m is None or ship.beam_m is None or first_us <= self.first_us:
            return []
        length, (whose, row), off_us, place = self._table
        some = slice(*np.searchsorted(length, (ship.length_m - SIZE_M - 0.01, ship.length_m + SIZE_M + 0.01)))
        seconds = (first_us - off_us[some]) / US
        near = np.arange(some.start, some.stop)[(seconds > 0) & (seconds <= 86_400)]
        known = self.particulars
        near = near[
            (np.abs(known.length_m[row[near]] - ship.length_m) <= SIZE_M)
            & (np.abs(known.beam_m[row[near]] - ship.beam_m) <= SIZE_M)
            & (known.time_us[row[near]] <= now_us) & (whose[near] != mmsi)
        ]  # fmt: skip
        if not len(near):
            return []
        away_m = distance_m(place[0, near], place[1, near], np.full(len(near), where[0]), np.full(len(near), where[1]))
        within = away_m <= MOST_TOP_KN * KN * ((first_us - off_us[near]) / US + SLACK_S) + 1.0
        found: list[int] = np.unique(whose[near[within]]).tolist()
        return found


def arrivals(silent: SilentShips, fresh: Array) -> list[tuple[int, int]]:
    """(minute, MMSI) of new ships of class A that somebody silent may have become, in order.

    A ship is new when it is first heard (``fresh``: rows of ``runs``), or its size first said, in this step, the later
    of both. Those that come while nobody has been silent for long are left out all at once: at the start of a stream
    every ship is new.
    """
    known, runs = silent.particulars, silent.reception.runs
    if not len(known) or silent.nobody:
        return []
    late = np.flatnonzero((known.time_us > silent.since_us) & (known.length_m > 0))
    if len(late):
        fresh = distinct(np.concatenate((fresh, silent.reception.rows_of(known.mmsi[late]))))
    ships = runs.heard["mmsi"][fresh]
    # Where each first said its size: once said, it is carried on.
    place, last = np.searchsorted(known.mmsi, ships), np.searchsorted(known.mmsi, ships, "right")
    while (unsaid := np.flatnonzero((place < last) & ~(known.length_m[np.minimum(place, len(known) - 1)] > 0))).size:
        place[unsaid] += 1
    sized = place < last
    fresh, ships, place = fresh[sized], ships[sized], place[sized]
    first_us, said_us = runs.past["first_us"][fresh], known.time_us[place]
    at_us = np.maximum(first_us, said_us)
    new = (at_us > silent.since_us) & (at_us <= silent.upto_us)
    new &= (at_us - first_us < 86_400 * US) & (runs.heard["class_b"][fresh] == 0)
    if new.any():
        new &= first_us > silent.first_us
    return sorted((ceil_minute(at), ship) for at, ship in
                  zip(at_us[new].tolist(), ships[new].tolist(), strict=True))  # fmt: skip


def appeared(silent: SilentShips, mmsi: int, now_us: int, rules: EngineRules) -> Lead | None:
    """The lead that this new ship gives, by what was known at ``now_us``; None where no silent ship fits."""
    reception, index, particulars = silent.reception, silent.index, silent.particulars
    row = int(reception.ships.of(mmsi)[0])
    first = reception.runs.past[row]
    first_us, where = int(first["first_us"]), (float(first["first_lat_deg"]), float(first["first_lon_deg"]))
    ship = ship_at(particulars, mmsi, now_us)
    if ship.length_m is None or ship.beam_m is None or not ship.merchant():
        return None
    appearance = None
    best: tuple[float, int, Lead] | None = None
    for other in silent.alike(ship, mmsi, first_us, where, now_us):
        them = ship_at(particulars, other, now_us)
        same_imo = them.imo is not None and them.imo == ship.imo
        if (them.imo and ship.imo and not same_imo) or (
            them.ship_type and ship.ship_type and them.ship_type // 10 != ship.ship_type // 10
        ):
            continue
        silence = _silent(reception, index, other, first_us, now_us)
        if silence is None or first_us - silence.off_us > 86_400 * US:
            continue
        away_m = distance_between_m(*silence.off, *where)
        seconds = (first_us - silence.off_us) / US
        if away_m > MOST_TOP_KN * KN * (seconds + SLACK_S):
            continue
        gone = judge(reception, index, silence, now_us, rules)
        if appearance is None:
            late = Silence(
                mmsi, first_us - BEFORE_US, first_us, where, where, math.nan, math.nan,
                float(first["first_sog_kn"]), float(first["first_cog_deg"]), False, DECAY_S, 0.0,
            )  # fmt: skip
            appearance = judge(reception, index, late, now_us, rules)
        likely = min(-1.0 if basis.likelihood is None else basis.likelihood for basis in (gone, appearance))
        if not same_imo and likely < rules.dark_likelihood:
            continue
        tracks = track_name(first_track(other)), track_name(first_track(mmsi))
        lead = Lead(
            id=derived_id("again", *tracks, first_us // US), kind="identity", tracks=tracks, mmsis=(other, mmsi),
            published_us=now_us, start_us=whole_second(silence.off_us), end_us=whole_second(first_us),
            lat=round(where[0], 5), lon=round(where[1], 5),
            facts=(
                ("reason", "a ship of the same size appears under another number where a silent one can have been"),
                ("length_m", ship.length_m), ("beam_m", ship.beam_m), ("same_imo", same_imo),
                ("silent_before_s", round(seconds)), ("distance_m", round(away_m)),
                ("implied_speed_kn", round(away_m / max(seconds, 1.0) / KN, 1)),
                ("silence_likelihood", gone.likelihood), ("appearance_likelihood", appearance.likelihood),
                ("other_ships_heard", gone.others_heard), ("basis", gone.text()),
            ),
        )  # fmt: skip
        rank = (1.0 if same_imo else 0.0) - away_m / 1e9
        if best is None or rank > best[0]:
            best = (rank, other, lead)
    return best[2] if best else None


def came_back(told: Mapping[str, Lead], mmsi: int, off_us: int, now_us: int) -> list[Lead]:
    """The leads that the end of this silence refutes, withdrawn."""
    return [
        replace(lead, published_us=now_us, withdrawn_reason="the first ship is heard again under its own number")
        for lead in told.values()
        if lead.withdrawn_reason is None and lead.mmsis[0] == mmsi and lead.start_us == whole_second(off_us)
    ]


def _silent(reception: Reception, index: SilenceIndex, mmsi: int, since_us: int, now_us: int) -> Silence | None:
    """The ship's silence from before ``since_us`` that still lasts at ``now_us``."""
    rows = index.rows
    mine = index.ships.of(mmsi)
    mine = mine[(rows.t0_us[mine] < since_us) & (rows.t1_us[mine] > now_us)]
    if len(mine):
        row = int(mine[0])
        off_us, off = int(rows.t0_us[row]), (float(rows.lat0_deg[row]), float(rows.lon0_deg[row]))
        said = float(rows.sog0_kn[row]), float(rows.cog0_deg[row])
        own = float(rows.heard_s[row]), float(rows.missed_s[row])
        class_b = bool(rows.class_b[row])
    else:
        found = open_silence(reception, mmsi, now_us)
        if found is None or found.off_us >= since_us:
            return None
        return found if now_us - found.off_us >= SILENCE_S * US else None
    if now_us - off_us < SILENCE_S * US:
        return None
    return Silence(mmsi, off_us, now_us, off, None, *said, class_b=class_b, heard_s=own[0], missed_s=own[1])


def open_silence(reception: Reception, mmsi: int, now_us: int) -> Silence | None:
    """The silence of a ship that has not been heard since; None where the ship is not known."""
    found = reception.ships.of(mmsi)
    if not len(found) or int(reception.runs.heard["t1_us"][found[0]]) >= now_us:
        return None
    ship, was = reception.runs.heard[found[0]], reception.runs.past[found[0]]
    # The stay that it was in when it was last heard belongs to its record, as when the silence ends.
    ran_s = (int(ship["t1_us"]) - int(ship["t0_us"])) / US
    fade = math.exp(-ran_s / DECAY_S)
    return Silence(
        mmsi, int(ship["t1_us"]), now_us, (float(ship["lat1_deg"]), float(ship["lon1_deg"])), None,
        float(ship["sog_kn"]), float(ship["cog_deg"]), class_b=bool(ship["class_b"]),
        heard_s=float(was["heard_s"]) * fade + ran_s, missed_s=float(was["missed_s"]) * fade,
    )  # fmt: skip
