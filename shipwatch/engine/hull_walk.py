"""One MMSI whose reports do not follow one from the other, fix by fix: several hulls, jumps, candidates, repeats."""

from __future__ import annotations

from typing import Any

import numpy as np

from decoders.reports import PositionReports, add_counts
from shipwatch.engine.fixes import HULLS_PER_MMSI, Fixes
from shipwatch.engine.motion import KN, US, distance_between_m
from shipwatch.engine.rules import EngineRules

LONG_RANGE = 27
"""Message type whose position is rounded to a tenth of a minute, some 185 m: no measure of how near two ships are."""
COARSE_S = 3600
"""Such a position is not used where the ship's own finer ones are no older than this (as gpsdio-segment does)."""
STALE_S = 180
"""A moving ship that repeats position, speed, course and second within this time is a report heard twice, late."""

Candidate = tuple[int, int, float, float, float]
"""Fixes agreeing so far, and time, latitude, longitude and speed of the last of them."""


def reach_m(dt_s: Any, sog_kn: Any, rules: EngineRules) -> Any:
    """How far a ship can have got: at 30 kn or half as fast again as it says, with slack for clocks and positions."""
    speed_kn = np.fmax(rules.reach_kn, rules.reach_sog_factor * sog_kn)
    return speed_kn * KN * (dt_s + rules.reach_slack_s) + rules.reach_slack_m


def is_stale(
    dt_s: Any, same_lat: Any, same_lon: Any, sog: Any, before_sog: Any, cog: Any, before_cog: Any, same_second: Any
) -> Any:
    """Whether a report says again, within ``STALE_S``, what the ship under way said before."""
    same_way = (sog == before_sog) & ((cog == before_cog) | (np.isnan(cog) & np.isnan(before_cog)))
    return (dt_s <= STALE_S) & same_lat & same_lon & same_way & same_second & (sog > 0.5)


def walk(
    mmsi: int, held: list[dict[str, Any]], waiting: tuple[Candidate, ...], part: PositionReports, rules: EngineRules,
    refused: dict[str, int],
) -> tuple[Fixes, tuple[Candidate, ...], int | None]:  # fmt: skip
    """One MMSI, fix by fix: several tracks, candidates, stale repeats; and when a second hull was confirmed."""
    found: list[dict[str, Any]] = []
    since_us: int | None = None
    chains = list(waiting)
    names = ("time_us", "lat_deg", "lon_deg", "sog_kn", "cog_deg", "heading_deg", "utc_second", "msg_type")
    columns = [getattr(part, name).tolist() for name in names]
    for time_us, lat, lon, sog, cog, heading, second, msg_type in zip(*columns, strict=True):
        fix = {"mmsi": mmsi, "time_us": time_us, "lat_deg": lat, "lon_deg": lon, "sog_kn": sog, "cog_deg": cog,
               "heading_deg": heading, "utc_second": second, "coarse": msg_type == LONG_RANGE}  # fmt: skip
        best, best_share, agreed = -1, 1.0, 0
        for number, track in enumerate(held):
            dt_s = (time_us - track["time_us"]) / US
            far = distance_between_m(track["lat_deg"], track["lon_deg"], lat, lon)
            share = far / float(reach_m(dt_s, track["sog_kn"], rules))
            if share <= best_share:
                best, best_share = number, share
        if best < 0 and held:
            chains, grown = _wait(chains, time_us, lat, lon, sog, rules)
            if grown < rules.hull_fixes:
                add_counts(refused, {"jump": 1})
                continue
            chains = [chain for chain in chains if chain[0] < rules.hull_fixes]
            # A track of a fix or two that nothing followed was the garbled one: it makes room, it is no second hull.
            held = [track for track in held if track["count"] >= rules.hull_fixes]
            if len(held) >= HULLS_PER_MMSI:
                held.remove(min(held, key=lambda track: int(track["time_us"])))
            if held and since_us is None:
                since_us = time_us
            # Those that agreed count for the new hull, or the next one would displace it as a track of a fix or two.
            agreed = grown - 1
        if best < 0:
            held.append({"track": _free_key(mmsi, held), "count": agreed})
            best = len(held) - 1
        else:
            track = held[best]
            if fix["coarse"] and not track["coarse"] and time_us - track["time_us"] <= COARSE_S * US:
                add_counts(refused, {"coarse": 1})
                continue
            again = track["time_us"] // US == time_us // US
            stale = is_stale((time_us - track["time_us"]) / US, lat == track["lat_deg"], lon == track["lon_deg"], sog,
                           track["sog_kn"], cog, track["cog_deg"], second == track["utc_second"])  # fmt: skip
            if again or stale:
                add_counts(refused, {"duplicate": 1})
                continue
        fix["track"], fix["count"] = held[best]["track"], held[best]["count"] + 1
        held[best] = fix
        found.append(fix)
    if not found:
        return Fixes.empty(), tuple(chains), since_us
    fixes = Fixes.of(**{name: [fix[name] for fix in found] for name in Fixes.DTYPES})
    return fixes, tuple(chains), since_us


def _wait(
    chains: list[Candidate], time_us: int, lat: float, lon: float, sog: float, rules: EngineRules
) -> tuple[list[Candidate], int]:
    """Add a fix that no track can have reached to the first chain of candidates that it agrees with."""
    recent = [chain for chain in chains if time_us - chain[1] <= rules.hull_span_s * US]
    for number, (count, then_us, then_lat, then_lon, then_sog) in enumerate(recent):
        dt_s = (time_us - then_us) / US
        if distance_between_m(then_lat, then_lon, lat, lon) <= reach_m(dt_s, then_sog, rules):
            # The same second heard by another receiver is no further witness.
            grown = count + (time_us // US != then_us // US)
            recent[number] = (grown, time_us, lat, lon, sog)
            return recent, grown
    recent.append((1, time_us, lat, lon, sog))
    return recent[-HULLS_PER_MMSI:], 1


def _free_key(mmsi: int, held: list[dict[str, Any]]) -> int:
    used = {track["track"] % HULLS_PER_MMSI for track in held}
    ordinal = next(n for n in range(HULLS_PER_MMSI) if n not in used)
    return mmsi * HULLS_PER_MMSI + ordinal
