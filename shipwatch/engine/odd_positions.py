"""Positions that a ship cannot have had: leads of kind ``spoofing`` (jumps, circles) and ``identity`` (two hulls).

A jump and two hulls on one number begin alike: fixes that agree with one another, where the ship cannot have got to.
Whether the first place is heard again within the hour tells them apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from shipwatch.engine import odd_positions_kernel as kernel
from shipwatch.engine.detections import Lead
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import HULLS_PER_MMSI, track_name
from shipwatch.engine.motion import US, ceil_minute, wrap_deg
from shipwatch.engine.odd_positions_rows import Places
from shipwatch.engine.records import roomy
from shipwatch.engine.time_order import plain

Array = NDArray[Any]


def watch_positions(
    places: Places, origin_us: int | None, positions: PositionReports, upto_us: int, forget_us: int
) -> tuple[Places, int | None, list[Lead], Array]:
    """Go on with the released positions of one step; ``origin_us`` is the instant from which the state counts seconds.

    Each kind of finding is told once a day and ship, at the whole minute after the fix (of a jump: the hour) that made
    it sure. Long-range positions are left out. Ships not heard since ``forget_us`` are forgotten. Also returned: the
    rows (indices) at which a ship has moved on by 3 nautical miles, or an hour, since it was last looked at.
    """
    if origin_us is None:
        fine = positions.msg_type != kernel.LONG_RANGE
        if not fine.any():
            return places, None, [], np.zeros(0, np.int64)
        origin_us = int(positions.time_us[fine].min())
    used = np.array([len(places.places), len(places.odds), len(places.rounds)], np.int64)
    look = np.zeros(len(positions), np.bool_)
    columns: list[Any] = [plain(getattr(positions, name)) for name in ("lat_deg", "lon_deg", "sog_kn", "msg_type")]
    walk: Any = kernel.walk_positions  # in the order of its parameters
    *tables, found, told = walk(
        roomy(places.places), roomy(places.odds), roomy(places.rounds), used, plain(positions.mmsi),
        plain(positions.time_us), origin_us, *columns, (upto_us - origin_us) / US, look,
    )  # fmt: skip
    after = Places(*(table[:count] for table, count in zip(tables, used.tolist(), strict=True)))
    leads = [_lead(finding, origin_us) for finding in found[:told]]
    forget_s = (forget_us - origin_us) / US
    if (after.places["a_s"] < forget_s).any():
        after = after.take(np.flatnonzero(after.heard(np.arange(len(after)))[0] >= forget_s))
    return after, origin_us, leads, np.flatnonzero(look)


def heard_at(places: Places, positions: PositionReports, mmsi: int, at_us: int) -> tuple[float, float] | None:
    """Where a ship was heard last up to that instant: in this step's positions, else before it; None if never."""
    rows = np.flatnonzero(
        (positions.mmsi == mmsi) & (positions.time_us <= at_us) & (positions.msg_type != kernel.LONG_RANGE)
    )
    if len(rows):
        row = rows[np.argmax(positions.time_us[rows])]
        return float(positions.lat_deg[row]), float(positions.lon_deg[row])
    found = np.flatnonzero(places.places["mmsi"] == mmsi)
    if len(found):
        _, lat, lon = places.heard(found)[:, 0].tolist()
        return lat, lon
    return None


def _lead(finding: Any, origin_us: int) -> Lead:
    kind, mmsi = int(finding["kind"]), int(finding["mmsi"])
    known_us = origin_us + round(float(finding["known_s"]) * US)
    start_us = whole_second(origin_us + round(float(finding["start_s"]) * US))
    one, two, three = (float(finding[name]) for name in ("one", "two", "three"))
    where = tuple(
        round(float(value), 5)
        for value in (
            finding["lat"], wrap_deg(finding["lon"]), finding["other_lat"], wrap_deg(finding["other_lon"]),
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
