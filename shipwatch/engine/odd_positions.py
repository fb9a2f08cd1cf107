"""Positions that a ship cannot have had: leads of kind ``spoofing`` (jumps, circles) and ``identity`` (two hulls).

A jump and two hulls on one number begin alike: fixes that agree with one another, where the ship cannot have got to.
Whether the first place is heard again within the hour tells them apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, PositionReports
from shipwatch.engine import odd_positions_kernel as kernel
from shipwatch.engine.detections import Lead
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import HULLS_PER_MMSI, track_name
from shipwatch.engine.motion import US, ceil_minute, wrap_deg

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Places(Columns):
    """Where each MMSI was heard last, and the kernel's own row on it; sorted by MMSI."""

    mmsi: Array
    seen: Array

    DTYPES: ClassVar[Mapping[str, str]] = {"mmsi": "int32", "seen": f"({kernel.STATE_COLUMNS},)float64"}

    def __len__(self) -> int:
        return len(self.mmsi)


def watch_positions(
    places: Places, origin_us: int | None, positions: PositionReports, upto_us: int, forget_us: int
) -> tuple[Places, int | None, list[Lead], Array]:
    """Go on with the released positions of one step; ``origin_us`` is the instant from which the state counts seconds.

    Each kind of finding is told once a day and ship, at the whole minute after the fix (of a jump: the hour) that made
    it sure. Long-range positions are left out. Ships not heard since ``forget_us`` are forgotten. Also returned: the
    rows (indices) at which a ship has moved on by 3 nautical miles, or an hour, since it was last looked at.
    """
    fine = positions.msg_type != kernel.LONG_RANGE
    if origin_us is None and fine.any():
        origin_us = int(positions.time_us[fine].min())
    if origin_us is None:
        return places, None, [], np.zeros(0, np.int64)
    known = _united(places.mmsi, positions.mmsi)
    before = np.searchsorted(known, places.mmsi)
    seen = np.full((len(known), kernel.STATE_COLUMNS), np.nan)
    seen[before] = places.seen
    times = positions.time_us
    days = 3 + (int((times.max() - times.min()) / US / kernel.QUIET_S) if len(times) else 0)
    out = np.zeros((2 * days * len(known) + 2, kernel.FINDING_COLUMNS))
    look = np.zeros(len(positions), np.bool_)
    count = kernel.walk_positions(
        seen, positions.mmsi, known, times, origin_us, positions.lat_deg, positions.lon_deg, positions.sog_kn,
        positions.msg_type, look, out,
    )  # fmt: skip
    settled = kernel.settle_jumps(seen, (upto_us - origin_us) / US, out[count:])
    leads = [_lead(out[row], int(known[int(out[row, kernel.F_ROW])]), origin_us) for row in range(count + settled)]
    kept = seen[:, kernel.H_S] >= (forget_us - origin_us) / US
    return Places(known[kept], seen[kept]), origin_us, leads, np.flatnonzero(look)


def _united(known: Array, mmsi: Array) -> Array:
    """Both, sorted, each once."""
    if len(known):
        place = np.minimum(np.searchsorted(known, mmsi), len(known) - 1)
        mmsi = mmsi[known[place] != mmsi]
    return np.union1d(known, mmsi).astype(np.int32) if len(mmsi) else known


def heard_at(places: Places, positions: PositionReports, mmsi: int, at_us: int) -> tuple[float, float] | None:
    """Where a ship was heard last up to that instant: in this step's positions, else before it; None if never."""
    rows = np.flatnonzero(
        (positions.mmsi == mmsi) & (positions.time_us <= at_us) & (positions.msg_type != kernel.LONG_RANGE)
    )
    if len(rows):
        row = rows[np.argmax(positions.time_us[rows])]
        return float(positions.lat_deg[row]), float(positions.lon_deg[row])
    place = int(np.searchsorted(places.mmsi, mmsi))
    if place < len(places) and places.mmsi[place] == mmsi:
        seen = places.seen[place]
        return float(seen[kernel.H_LAT]), float(seen[kernel.H_LON])
    return None


def _lead(finding: Array, mmsi: int, origin_us: int) -> Lead:
    kind = int(finding[kernel.F_KIND])
    known_us = origin_us + round(float(finding[kernel.F_S]) * US)
    start_us = whole_second(origin_us + round(float(finding[kernel.F_START_S]) * US))
    one, two, three = (float(finding[column]) for column in (kernel.F_ONE, kernel.F_TWO, kernel.F_THREE))
    where = tuple(
        round(float(value), 5)
        for value in (
            finding[kernel.F_LAT], wrap_deg(finding[kernel.F_LON]), finding[kernel.F_OTHER_LAT],
            wrap_deg(finding[kernel.F_OTHER_LON]),
        )
    )  # fmt: skip
    track = track_name(mmsi * HULLS_PER_MMSI)
    facts: tuple[tuple[str, float | int | str | bool | None], ...]
    if kind == kernel.TWO_HULLS:
        name, lead_kind = "two_hulls", "identity"
        facts = (("apart_m", round(one)),)
    elif kind == kernel.JUMP:
        name, lead_kind = "jump", "spoofing"
        facts = (("jump_m", round(one)), ("jump_time_s", round(two)), ("implied_speed_kn", round(three, 1)))
    else:
        name, lead_kind = "circle", "spoofing"
        facts = (("radius_m", round(one)), ("turns", round(two, 1)), ("fixes", int(three)))
    if kind != kernel.CIRCLE:
        facts = (*facts, ("other_lat", where[2]), ("other_lon", where[3]))
    return Lead(
        id=derived_id(lead_kind, name, track, start_us // US), kind=lead_kind, tracks=(track,), mmsis=(mmsi,),
        published_us=ceil_minute(known_us), start_us=start_us, end_us=whole_second(known_us), lat=where[0],
        lon=where[1], facts=(("finding", name), *facts),
    )  # fmt: skip
