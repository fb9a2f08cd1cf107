"""What is known of a silence and of the ship that was silent, as of a minute: reception, draughts, ports, meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.dark_partners import BRIDGE_S, stays_of
from shipwatch.engine.dark_reach import Reach
from shipwatch.engine.draughts import DraughtChange, Particulars, Ship, changes_of, ship_at
from shipwatch.engine.legs import Scope
from shipwatch.engine.motion import KN, US, distance_between_m, wrap_deg
from shipwatch.engine.reception import Reception, SilenceIndex
from shipwatch.engine.reception_likelihood import Basis, Silence, judge, own_chance
from shipwatch.engine.reception_rows import Stays, top_speed_kn
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.seen_meetings import Met, SeenMeetings

Array = NDArray[Any]

MOVING_KN = 4.0
"""A ship slower than this at both ends of a silence drifts or lies still."""
PORT_CALL_S = 4 * 3600.0
"""The least time of a call at a port: in, some cargo, and out."""
STEADY_BEFORE_S, STEADY_AFTER_S = 3 * 3600.0, 3000.0
"""A ship heard for so long before a silence, and after it, without a hole of half an hour is not one that reception
loses now and then."""
STEADY_LIKELIHOOD = 0.5
"""Nor did reception as a whole fail, where others were heard meanwhile so that this much speaks for a switch-off."""
LATE_DRAUGHT_US = 12 * 3600 * US
"""A new draught is often typed in late: so long after a silence or meeting it still counts as its consequence."""


@runtime_checkable
class Shores(Protocol):
    """A scope that also knows the coast."""

    def shore_distance_m(self, lat: Array, lon: Array) -> Array: ...


@dataclass(frozen=True, slots=True)
class Stop:
    """A silence, or a stay slow enough, in which a ship can have been alongside another; or several that join.

    ``silent_s`` is the longest silence in it, 0 where none was long enough for a meeting; ``land`` whether the ship can
    have called at a port in it, None where the shores are not known.
    """

    start_us: int
    end_us: int
    lat: float
    lon: float
    silent_s: float
    land: bool | None


class Evidence:
    """The memory of one step, asked as of minutes in it; answers that cost much are kept."""

    def __init__(
        self, reception: Reception, index: SilenceIndex, particulars: Particulars, met: SeenMeetings,
        rules: EngineRules, scope: Scope,
    ) -> None:  # fmt: skip
        self.reception, self.index, self.rows = reception, index, index.rows
        self.met, self.rules = met, rules
        self._particulars, self._scope = particulars, scope
        self.reaches: dict[tuple[int, int], Reach] = {}
        self._judged: dict[tuple[int, int], Basis] = {}

    @cached_property
    def top_kn(self) -> Array:
        """Top speed in each silence, in knots."""
        return top_speed_kn(self.rows)

    def ship(self, mmsi: int, now_us: int) -> Ship:
        """What the ship had said of itself."""
        return ship_at(self._particulars, mmsi, now_us)

    def basis(self, row: int, now_us: int) -> Basis:
        """What is known of the silence (row of the index)."""
        key = (row, now_us)
        if key not in self._judged:
            self._judged[key] = judge(self.reception, self.index, silence_of(self.rows, row), now_us, self.rules)
        return self._judged[key]

    def improbable(self, row: int, now_us: int) -> bool:
        """Whether reception hardly explains the silence; not asked where the ship's own record rules that out."""
        if 1.0 - own_chance(silence_of(self.rows, row), now_us, self.rules) < self.rules.dark_likelihood:
            return False
        likelihood = self.basis(row, now_us).likelihood
        return likelihood is not None and likelihood >= self.rules.dark_likelihood

    def steady_before(self, row: int) -> bool:
        """Whether the ship was heard for hours before the silence without a hole of half an hour."""
        return bool(self.rows.ran_s[row] >= STEADY_BEFORE_S)

    def stands_out(self, row: int, now_us: int) -> bool:
        """Whether a silence is the only one in hours of a ship heard steadily before and after, and others were heard
        meanwhile; never known before the ship has been heard again for a while."""
        if not self.steady_before(row) or self._heard_after_s(row, now_us) < STEADY_AFTER_S:
            return False
        likelihood = self.basis(row, now_us).likelihood
        return likelihood is not None and likelihood >= STEADY_LIKELIHOOD

    def _heard_after_s(self, row: int, now_us: int) -> float:
        """For how long the ship is known to have been heard after a silence without another."""
        rows, mine, ended_us = self.rows, self.index.ships.of(int(self.rows.mmsi[row])), int(self.rows.t1_us[row])
        later = mine[(rows.t0_us[mine] >= ended_us) & (rows.known_us[mine] <= now_us)]
        if len(later):
            return (int(rows.t0_us[later].min()) - ended_us) / US
        stays = stays_of(self.reception, int(rows.mmsi[row]), ended_us, now_us, now_us)
        return (int(stays.t1_us.max()) - ended_us) / US if len(stays) else 0.0

    def change_across(self, mmsi: int, off_us: int, on_us: int, now_us: int) -> DraughtChange | None:
        """The ship's first change of draught that this span at sea, and no meeting seen, can have brought about."""
        until_us = min(now_us, on_us + LATE_DRAUGHT_US)
        for change in changes_of(self._particulars, mmsi, off_us, until_us, self.rules.draught_change_m):
            since_us = max(off_us, change.said_us - LATE_DRAUGHT_US)
            if not self.told_by_a_meeting(change) and self.at_sea(mmsi, since_us, change.time_us, now_us):
                return change
        return None

    def told_by_a_meeting(self, change: DraughtChange) -> bool:
        """Whether the ship was seen with another not long before: then that meeting explains its new draught."""
        return any(met.start_us < change.time_us < met.end_us + LATE_DRAUGHT_US for met in self.met.of(change.mmsi))

    def seen_together(self, mmsis: tuple[int, ...], start_us: int, end_us: int) -> bool:
        """Whether these ships were seen together in that time (one ship: with anybody, not long before or after)."""
        return any(explains(met, mmsis, start_us, end_us) for met in self.met.of(mmsis[0]))

    def at_sea(self, mmsi: int, since_us: int, until_us: int, now_us: int, *, and_before: bool = False) -> bool:
        """Whether no position of the ship in that time was near land or in a port (nor the last one before it)."""
        stays = stays_of(self.reception, mmsi, since_us, until_us, now_us)
        if and_before:
            earlier = stays_of(self.reception, mmsi, since_us - LATE_DRAUGHT_US, since_us, now_us)
            stays = Stays.concat((earlier.take(slice(-1, None)), stays))
        rows = self.rows
        mine = self._silences_of(mmsi, since_us, until_us, now_us)
        lat = np.concatenate((stays.lat0_deg, stays.lat1_deg, rows.lat0_deg[mine], rows.lat1_deg[mine]))
        lon = np.concatenate((stays.lon0_deg, stays.lon1_deg, rows.lon0_deg[mine], rows.lon1_deg[mine]))
        if not len(lat):
            return not and_before
        if self._scope.excluded(lat, lon).any():
            return False
        if not isinstance(self._scope, Shores):
            return True
        return bool((self._scope.shore_distance_m(lat, lon) > self.rules.draught_shore_m).all())

    def _silences_of(self, mmsi: int, since_us: int, until_us: int, now_us: int) -> Array:
        """Rows of the ship's silences that ended in the span, by what was known."""
        rows, mine = self.rows, self.index.ships.of(mmsi)
        ended_us = rows.t1_us[mine]
        return mine[(ended_us > since_us) & (ended_us <= until_us) & (rows.known_us[mine] <= now_us)]

    def in_ports(self, places: Sequence[tuple[float, float]]) -> list[bool]:
        """Which of these places (latitude, longitude) are in excluded water."""
        if not places:
            return []
        lat, lon = np.array(places, np.float64).T
        found: list[bool] = np.asarray(self._scope.excluded(lat.copy(), lon.copy()), bool).tolist()
        return found

    def port_to_port(self, row: int) -> bool:
        """Whether a silence began and ended in excluded water."""
        rows = self.rows
        ends = ((rows.lat0_deg[row], rows.lon0_deg[row]), (rows.lat1_deg[row], rows.lon1_deg[row]))
        return all(self.in_ports(ends))

    def stop_before(self, change: DraughtChange, since_us: int, now_us: int) -> Stop | None:
        """The last silence or slow stay that was long enough to have brought about a new draught."""
        rows, rules = self.rows, self.rules
        since_us -= LATE_DRAUGHT_US // 2
        # What a ship sends first after a silence is often its draught: the silence ends a moment later.
        mine = self._silences_of(change.mmsi, since_us, now_us, now_us)
        began = rows.t0_us[mine] < change.time_us
        some = (row for row in mine[began].tolist() if not self.port_to_port(row) and not went_on(self, row))
        mine = np.array(list(some), np.int64)
        stays = stays_of(self.reception, change.mmsi, since_us, change.time_us, now_us)
        stays = stays.take(~(stays.top_kn > rules.dark_slow_kn))
        parts = [
            (int(some.t0_us[n]), int(some.t1_us[n]), (float(some.lat0_deg[n]), float(some.lon0_deg[n])),
             (float(some.lat1_deg[n]), float(some.lon1_deg[n])), row)
            for some, which in ((rows.take(mine), mine.tolist()), (stays, [-1] * len(stays)))
            for n, row in enumerate(which)
        ]  # fmt: skip
        parts.sort()
        stops: list[Stop] = []
        first = 0
        for n, (_, until_us, _, at, _) in enumerate(parts):
            if n + 1 < len(parts) and _goes_on(until_us, at, parts[n + 1][0], parts[n + 1][2], rules):
                continue
            one = parts[first : n + 1]
            first = n + 1
            # The stay that it was in when it said so is not closed yet.
            open_ = first == len(parts) and one[-1][4] < 0 and change.time_us - until_us <= BRIDGE_S * US
            end_us = change.time_us if open_ else until_us
            if end_us - one[0][0] < rules.dark_dwell_s * US:
                continue
            longest_s = max([(to_us - from_us) / US for from_us, to_us, *_, row in one if row >= 0], default=0.0)
            _, _, here, there, _ = one[len(one) // 2]
            stops.append(
                Stop(one[0][0], end_us, (here[0] + there[0]) / 2,
                     float(wrap_deg(here[1] + wrap_deg(there[1] - here[1]) / 2)),
                     longest_s if longest_s >= rules.dark_dwell_s else 0.0,
                     self._land_in_reach([row for *_, row in one if row >= 0]))
            )  # fmt: skip
        return max(stops, key=lambda stop: (stop.end_us, stop.start_us)) if stops else None

    def _land_in_reach(self, silences: Sequence[int]) -> bool | None:
        """Whether one of these silences (rows) leaves time for the way to the nearest shore, a call there, and back."""
        if not isinstance(self._scope, Shores):
            return None
        rows = self.rows
        for row in silences:
            one = rows.take(np.array([row]))
            lat, lon = one.middle()
            shore_m = self._scope.shore_distance_m(
                np.concatenate((one.lat0_deg, lat, one.lat1_deg)), np.concatenate((one.lon0_deg, lon, one.lon1_deg))
            ).min()
            speed = float(self.top_kn[row]) * KN
            lasting_s = (int(rows.t1_us[row]) - int(rows.t0_us[row])) / US
            if lasting_s >= (float(rows.length_m[row]) + 2.0 * float(shore_m)) / speed + PORT_CALL_S:
                return True
        return False


def _goes_on(
    from_us: int, here: tuple[float, float], to_us: int, there: tuple[float, float], rules: EngineRules
) -> bool:  # fmt: skip
    """Whether a ship can have lain still between the end of one stay or silence and the start of the next."""
    between_s = (to_us - from_us) / US
    return between_s <= BRIDGE_S and distance_between_m(*here, *there) <= rules.dark_slow_kn * KN * (between_s + 60.0)


def explains(met: Met, mmsis: tuple[int, ...], start_us: int, end_us: int) -> bool:
    """Whether a meeting seen explains what would be supposed of these ships in that time."""
    late_us = LATE_DRAUGHT_US if len(mmsis) == 1 else 0
    return (
        set(mmsis) <= {met.mmsi_a, met.mmsi_b} and met.start_us - late_us < end_us and met.end_us + late_us > start_us
    )


def silence_of(rows: Any, row: int) -> Silence:
    """One silence as the judgement of reception wants it."""
    return Silence(
        int(rows.mmsi[row]), int(rows.t0_us[row]), int(rows.t1_us[row]),
        (float(rows.lat0_deg[row]), float(rows.lon0_deg[row])), (float(rows.lat1_deg[row]), float(rows.lon1_deg[row])),
        float(rows.sog0_kn[row]), float(rows.cog0_deg[row]), float(rows.sog1_kn[row]), float(rows.cog1_deg[row]),
        bool(rows.class_b[row]), float(rows.heard_s[row]), float(rows.missed_s[row]),
    )  # fmt: skip


def opposite(a: DraughtChange | None, b: DraughtChange | None) -> bool | None:
    """Whether one went up and the other down; None where one is not known."""
    if a is None or b is None:
        return None
    return (a.after_m - a.before_m) * (b.after_m - b.before_m) < 0


@dataclass(frozen=True, slots=True)
class Way:
    """What a silent ship's ends say: speeds and courses, and the seconds that its way did not need (None: drifting)."""

    lost_s: float | None
    lasting_s: float


def way_of(evidence: Evidence, row: int) -> Way:
    """How a ship went into a silence and came out of it."""
    rows = evidence.rows
    lasting_s = (int(rows.t1_us[row]) - int(rows.t0_us[row])) / US
    moving = [sog for sog in (float(rows.sog0_kn[row]), float(rows.sog1_kn[row])) if sog >= MOVING_KN]
    if not moving:
        return Way(None, lasting_s)
    return Way(lasting_s - float(rows.length_m[row]) / (sum(moving) / len(moving) * KN), lasting_s)


def went_on(evidence: Evidence, row: int) -> bool:
    """Whether the ship needed its silence for its way, so that no time is left for a meeting."""
    lost_s = way_of(evidence, row).lost_s
    return lost_s is not None and lost_s < evidence.rules.dark_dwell_s
