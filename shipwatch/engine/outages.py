"""Outages and jamming: many unrelated ships that fall silent within minutes in one region, while hardly any go on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from shipwatch.engine.cells import CellIndex
from shipwatch.engine.dark_reach import ring
from shipwatch.engine.detections import Lead
from shipwatch.engine.findings import derived_id, whole_second
from shipwatch.engine.fixes import track_name
from shipwatch.engine.motion import US, ceil_minute, distance_m
from shipwatch.engine.reception import Reception
from shipwatch.engine.rules import EngineRules

WITHIN_US = 300 * US
REGION_M = 75_000.0
RAN_S = 7200.0
"""Only ships that were heard without a silence for so long before: elsewhere silences are how things are."""
SHARE = 0.8
GOES_ON_US = 900 * US
"""A ship heard so long after the others fell silent goes on."""
AGAIN_US = 3600 * US
JOIN_M = 300_000.0
"""Silences that began at the same time so near one another are one outage; it is counted again over all of that."""
LEAST_S = 2700.0
"""Shorter ones are the usual breaks between satellites."""


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage as last told; ``again_us`` is when it is counted once more, None afterwards."""

    id: str
    start_us: int
    lat: float
    lon: float
    published_us: int
    again_us: int | None
    ships: int = 0


def find_outages(
    outages: tuple[Outage, ...], reception: Reception, first_row: int, upto_us: int, rules: EngineRules
) -> tuple[tuple[Outage, ...], list[Lead]]:
    """Look at the silences from ``first_row`` on (those that ended in this step), each as of the minute it ended."""
    rows = reception.silences
    kept = {outage.id: outage for outage in outages}
    leads: list[Lead] = []
    steady = np.flatnonzero(rows.ran_s >= RAN_S)
    if len(steady) >= rules.outage_ships:
        index = CellIndex(rows.lat0_deg[steady], rows.lon0_deg[steady])
        events = [(ceil_minute(int(rows.known_us[row])), int(row)) for row in steady[steady >= first_row]]
        for now_us, row in events:
            _count(kept, leads, reception, steady, index, row, now_us, rules)
        for outage in list(kept.values()):
            if outage.again_us is not None and outage.again_us <= upto_us:
                seed = np.flatnonzero(
                    (np.abs(rows.t0_us[steady] - outage.start_us) <= WITHIN_US)
                    & (distance_m(rows.lat0_deg[steady], rows.lon0_deg[steady], np.full(len(steady), outage.lat),
                                  np.full(len(steady), outage.lon)) <= JOIN_M)
                    & (rows.known_us[steady] <= outage.again_us)
                )  # fmt: skip
                kept[outage.id] = replace(outage, again_us=None)
                if len(seed):
                    _count(kept, leads, reception, steady, index, int(steady[seed[0]]), outage.again_us, rules, outage)
    horizon_us = upto_us - round(rules.reception_s * US)
    return tuple(outage for outage in kept.values() if outage.start_us > horizon_us), leads


def _count(
    kept: dict[str, Outage], leads: list[Lead], reception: Reception, steady: np.ndarray, index: CellIndex, row: int,
    now_us: int, rules: EngineRules, known: Outage | None = None,
) -> None:  # fmt: skip
    rows = reception.silences
    off_us, lat, lon = int(rows.t0_us[row]), float(rows.lat0_deg[row]), float(rows.lon0_deg[row])
    if known is None and any(covers(outage, off_us, lat, lon, now_us) for outage in kept.values()):
        return
    within_m = REGION_M
    if known is not None:
        off_us, lat, lon, within_m = known.start_us, known.lat, known.lon, JOIN_M
    near = steady[index.near(lat, lon, within_m)]
    near = near[
        (np.abs(rows.t0_us[near] - off_us) <= WITHIN_US) & (rows.known_us[near] <= now_us)
        & (rows.t1_us[near] - rows.t0_us[near] >= LEAST_S * US)
    ]  # fmt: skip
    near = near[distance_m(rows.lat0_deg[near], rows.lon0_deg[near], np.full(len(near), lat), np.full(len(near), lon))
                <= within_m]  # fmt: skip
    silent = np.unique(rows.mmsi[near])
    if len(silent) < rules.outage_ships:
        return
    going_on: set[int] = set()
    for page in reception.pages:
        stays = page.rows.take(page.index.near(lat, lon, within_m))
        y, x = stays.middle()
        goes = (
            (stays.t0_us <= off_us + GOES_ON_US) & (stays.t1_us >= off_us + GOES_ON_US) & (stays.known_us <= now_us)
            & (distance_m(y, x, np.full(len(y), lat), np.full(len(y), lon)) <= within_m)
        )  # fmt: skip
        going_on.update(stays.mmsi[goes].tolist())
    going_on -= set(silent.tolist())
    share = len(silent) / (len(silent) + len(going_on))
    if share < SHARE:
        return
    first = near[np.lexsort((rows.track[near], rows.t0_us[near]))[0]]
    start_us, end_us = int(rows.t0_us[near].min()), int(np.median(rows.t1_us[near]))
    middle_lat = float(np.median(rows.lat0_deg[near]))
    middle_lon = float((lon + np.median((rows.lon0_deg[near] - lon + 180.0) % 360.0 - 180.0) + 180.0) % 360.0 - 180.0)
    far = distance_m(rows.lat0_deg[near], rows.lon0_deg[near], np.full(len(near), middle_lat),
                     np.full(len(near), middle_lon))  # fmt: skip
    name = known.id if known else derived_id("outage", track_name(int(rows.track[first])), whole_second(start_us) // US)
    kept[name] = Outage(
        name, known.start_us if known else start_us, middle_lat, middle_lon,
        known.published_us if known else now_us, None if known else now_us + AGAIN_US, len(silent),
    )  # fmt: skip
    if known is not None and len(silent) <= known.ships:
        return
    place, area_km2 = ring(middle_lat, middle_lon, np.full(24, float(far.max()) + 5000.0))
    leads.append(
        Lead(
            id=name, kind="outage", tracks=(), mmsis=(), published_us=now_us, start_us=whole_second(start_us),
            end_us=whole_second(end_us), lat=round(middle_lat, 5), lon=round(middle_lon, 5), region=place,
            facts=(("ships_silent", len(silent)), ("ships_heard_on", len(going_on)), ("share_silent", round(share, 2)),
                   ("region_area_km2", area_km2)),
        )
    )  # fmt: skip


def covers(outage: Outage, off_us: int, lat: float, lon: float, known_us: int) -> bool:
    """Whether a silence that began then and there is one of that outage's, as known at that time."""
    if outage.published_us > known_us or abs(outage.start_us - off_us) > 2 * WITHIN_US:
        return False
    far = distance_m(np.array([lat]), np.array([lon]), np.array([outage.lat]), np.array([outage.lon]))
    return float(far[0]) <= JOIN_M
