"""Reception as the stream itself shows it: who was heard, where and when, and who was not.

Kept for ``reception_s``: *stays* (stretches of half an hour to an hour in which a ship was heard) and *silences* (half
an hour and more without a report). They are cut by each ship's own reports, never by the clock or by cells, so that a
question about one silence has the same answer wherever and whenever it happened. Classes A and B are kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from shipwatch.engine.cells import CellIndex
from shipwatch.engine.fixes import HULLS_PER_MMSI
from shipwatch.engine.legs import OBSERVED, Legs
from shipwatch.engine.motion import KN, US, wrap_deg
from shipwatch.engine.reception_rows import HOLE, STAY, Holes, Runs, Silences, Stays, top_speed_kn
from shipwatch.engine.records import roomy
from shipwatch.engine.rows_of_ship import RowsOfShip
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.sorted_numbers import among, distinct

Array = NDArray[Any]

PIECE_S, STAY_S, STAY_M = 1800.0, 3600.0, 2000.0
"""A stay is closed after half an hour of the ship's own reports, one that hardly moves after an hour."""
SILENCE_S = 1800.0
"""Shorter holes between a ship's reports count as heard."""
LATE_S = 7200.0
"""The leg of a silence is known at its end, one that ran on in a straight line so much later at most."""
DECAY_S = 43_200.0
"""A ship's own record fades with this time constant."""
PAGE_ROWS = 65_536
EXTENTS_M = (25_000.0, 100_000.0, 400_000.0)
"""Silences are indexed by how far the ship can have been from the middle of its two ends, in classes up to these."""


class Page:
    """Some stays and their index, made when first asked."""

    def __init__(self, rows: Stays) -> None:
        self.rows = rows

    @cached_property
    def index(self) -> CellIndex:
        return CellIndex(*self.rows.middle())

    @cached_property
    def ships(self) -> RowsOfShip:
        return RowsOfShip(self.rows.mmsi)

    @cached_property
    def newest_us(self) -> int:
        return int(self.rows.t1_us.max())


class SilenceIndex:
    """Silences by place and extent, for one step; made when first asked."""

    def __init__(self, rows: Silences) -> None:
        self.rows = rows

    @cached_property
    def _groups(self) -> list[tuple[float, Array, CellIndex]]:
        rows = self.rows
        lat, lon = rows.middle()
        lasting_s = (rows.t1_us - rows.t0_us) / US
        extent_m = np.maximum(rows.length_m, top_speed_kn(rows) * KN * lasting_s) / 2
        groups: list[tuple[float, Array, CellIndex]] = []
        least_m = -1.0
        for most_m in (*EXTENTS_M, np.inf):
            some = np.flatnonzero((extent_m > least_m) & (extent_m <= most_m))
            if len(some):
                groups.append((float(extent_m[some].max()), some, CellIndex(lat[some], lon[some])))
            least_m = most_m
        return groups

    @cached_property
    def ships(self) -> RowsOfShip:
        """Silences by ship."""
        return RowsOfShip(self.rows.mmsi)

    def near(self, lat: float, lon: float, radius_m: float) -> Array:
        """Rows of silences whose ship may have been within the radius of the point."""
        parts = [some[index.near(lat, lon, radius_m + extent_m)] for extent_m, some, index in self._groups]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)


@dataclass(frozen=True)
class Reception:
    """The memory: every ship as last heard, stays by page, silences."""

    runs: Runs = field(default_factory=Runs)
    pages: tuple[Page, ...] = ()
    silences: Silences = field(default_factory=Silences.empty)
    holes: Holes = field(default_factory=Holes.empty)

    @cached_property
    def ships(self) -> RowsOfShip:
        """Rows of ``runs`` by ship."""
        return RowsOfShip(self.runs.heard["mmsi"])

    def rows_of(self, mmsis: Array) -> Array:
        """Rows of ``runs`` of these ships, in no order; of those that were never heard none."""
        return np.flatnonzero(among(self.runs.heard["mmsi"], mmsis))


def take_in(
    reception: Reception, positions: PositionReports, closed: Legs, before_us: int | None, rules: EngineRules
) -> tuple[Reception, Array]:
    """The memory with the released positions (sorted by time) and the legs that they closed; the argument stays.

    What no minute after ``before_us`` (up to which all is decided) will ask for is left out. Also returned: the rows
    of ``runs`` with ships that were heard for the first time.
    """
    runs, stays, holes, fresh = _listened(reception.runs, positions, rules)
    holes = Holes.concat((reception.holes, holes))
    decided_us = -(2**62) if before_us is None else before_us
    horizon_us = decided_us - round(rules.reception_s * US)
    pages = [page for page in reception.pages if page.newest_us >= horizon_us]
    if len(stays):
        if pages and len(pages[-1].rows) < PAGE_ROWS:
            stays = Stays.concat((pages.pop().rows, stays))
        pages.append(Page(stays))
    rows = np.flatnonzero((closed.kind != OBSERVED) & (closed.t1_us - closed.t0_us > SILENCE_S * US))
    silences = reception.silences
    if len(silences):
        silences = silences.take(silences.t1_us >= horizon_us)
    if len(rows):
        rows = rows[np.lexsort((closed.track[rows], closed.t1_us[rows], closed.known_us[rows]))]
        silences = Silences.concat((silences, _silences(closed.take(rows), holes)))
    holes = holes.take(holes.t1_us > decided_us - round(LATE_S * US))
    return Reception(runs, tuple(pages), silences, holes), fresh


def _listened(
    runs: Runs, positions: PositionReports, rules: EngineRules
) -> tuple[Runs, Stays, Holes, Array]:  # fmt: skip
    from shipwatch.engine.reception_kernel import listen  # noqa: PLC0415 - the compiler's start is for who needs it

    n = len(positions)
    if not n:
        return runs, Stays.empty(), Holes.empty(), np.empty(0, np.int32)
    columns: list[Any] = [
        _plain(getattr(positions, name)) for name in
               ("mmsi", "time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "msg_type")]  # fmt: skip
    stays, holes, fresh = np.empty(n, STAY), np.empty(n, HOLE), np.empty(n, np.int32)
    run: Any = listen  # many plain arrays and numbers, in the order of its parameters
    heard, past, slots, known, stayed, silent, new = run(
        *columns, roomy(runs.heard), runs.past, runs.slots, len(runs), round(PIECE_S * US), round(STAY_S * US), STAY_M,
        round(SILENCE_S * US), round(rules.forget_s * US), DECAY_S, stays, holes, fresh,
    )  # fmt: skip
    return (
        Runs(heard[:known], past[:known], slots), Stays.of_records(stays[:stayed]), Holes.of_records(holes[:silent]),
        distinct(fresh[:new]),
    )  # fmt: skip


def _plain(column: Array) -> Array:
    """Contiguous and writable, as the compiled form expects (another form would be compiled once more)."""
    column = np.ascontiguousarray(column)
    return column if column.flags.writeable else column.copy()


def _silences(legs: Legs, holes: Holes) -> Silences:
    """The legs with what the ship's own reports said about them."""
    n = len(legs)
    own = {name: np.full(n, np.nan) for name in ("cog0_deg", "cog1_deg", "fast_kn", "heard_s", "missed_s", "ran_s")}
    class_b = np.zeros(n, np.int64)
    ends = np.flatnonzero(among(holes.mmsi, legs.mmsi))
    keys = zip(holes.mmsi[ends].tolist(), holes.t0_us[ends].tolist(), holes.t1_us[ends].tolist(), strict=True)
    row_of = dict(zip(keys, ends.tolist(), strict=True))
    asked = zip(legs.mmsi.tolist(), legs.t0_us.tolist(), legs.t1_us.tolist(), strict=True)
    for leg, key in enumerate(asked):
        row = row_of.get(key)
        if row is not None:
            for name in ("cog0_deg", "cog1_deg", "fast_kn", "heard_s", "missed_s"):
                own[name][leg] = getattr(holes, name)[row]
            own["ran_s"][leg], class_b[leg] = holes.ran_us[row] / US, holes.class_b[row]
    return Silences.of(
        track=legs.track, mmsi=legs.mmsi, t0_us=legs.t0_us, t1_us=legs.t1_us, known_us=legs.known_us,
        lat0_deg=legs.lat0_deg,
        lon0_deg=legs.lon0_deg, lat1_deg=legs.lat1_deg, lon1_deg=wrap_deg(legs.lon1_deg), sog0_kn=legs.sog0_kn,
        sog1_kn=legs.sog1_kn, class_b=class_b, length_m=legs.length_m, **own,
    )  # fmt: skip


def first_track(mmsi: int) -> int:
    """The key of an MMSI's first track."""
    return mmsi * HULLS_PER_MMSI


def forget(reception: Reception, upto_us: int, rules: EngineRules) -> Reception:
    """Without ships that have not been heard for ``forget_s``: they begin anew anyway."""
    old = reception.runs.heard["t1_us"] < upto_us - round(rules.forget_s * US)
    if old.sum() * 4 < len(old) or not old.any():
        return reception
    return replace(reception, runs=reception.runs.take(~old))
