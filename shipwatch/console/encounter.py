"""The tracks of an alert's ships around the event, out of the archive: columns for map and plots, gaps marked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from geofences.sphere import distance_m
from shipwatch.console.hull_fixes import at_times, hull_fixes
from shipwatch.console.parts import PositionArchive
from shipwatch.engine.rules import EngineRules

RULES = EngineRules()
MOST_FIXES = 4000
"""Of one ship in one answer; more are thinned, and the answer says so."""
MOST_SHIPS = 8
LONGEST_S = 14 * 86_400
SIDES = "ABCDEFGH"


def encounter(payload: Mapping[str, Any], archive: PositionArchive, pad_s: int) -> dict[str, Any]:
    """Ships (A and B first: the pair longest together), distance of A and B, and the intervals of the pair.

    Times are seconds since 1970 UTC. A leg longer than 15 minutes is ``sparse``, longer than two hours ``silent``:
    marked, and never bridged by a distance when silent.
    """
    intervals = [_interval(item) for item in payload["intervals"]]
    start_s = _seconds(payload["start"])
    end_s = _seconds(payload["end"]) if payload["end"] else max((i["end"] for i in intervals), default=start_s)
    from_s = max(start_s - pad_s, end_s + pad_s - LONGEST_S)
    order = party_order(payload)[:MOST_SHIPS]
    parties = {party["track"]: party for party in payload["parties"]}
    fixes = [
        hull_fixes(
            archive.track(int(parties[name]["mmsi"]), from_s * 1_000_000, (end_s + pad_s) * 1_000_000),
            payload["lat"],
            payload["lon"],
            RULES,
        )
        for name in order
    ]
    pair = set(order[:2])
    shown = [item for item in intervals if set(item["pair"]) == pair]
    return {
        "id": payload["id"],
        "revision": payload["revision"],
        "from": from_s,
        "to": end_s + pad_s,
        "start": start_s,
        "end": _seconds(payload["end"]) if payload["end"] else None,
        "ships": [
            _ship(SIDES[number], parties[name], ship)
            for number, (name, ship) in enumerate(zip(order, fixes, strict=True))
        ],
        "ships_left_out": max(0, len(parties) - MOST_SHIPS),
        "distance": _distance(fixes[0], fixes[1]) if len(fixes) > 1 else {"time": [], "metres": [], "sparse": []},
        "intervals": shown,
        "near_m": RULES.enter_m,
    }


def party_order(payload: Mapping[str, Any]) -> list[str]:
    """The tracks of all parties: the pair longest together first, then by role, in the order reported."""
    together: dict[tuple[str, ...], int] = {}
    for item in payload["intervals"]:
        key = tuple(sorted(item["pair"]))
        together[key] = together.get(key, 0) + _seconds(item["end"]) - _seconds(item["start"])
    known = sorted(payload["parties"], key=lambda party: party["role"] != "party")
    names = [party["track"] for party in known]
    first = max(together, key=lambda key: (together[key], key)) if together else ()
    return [name for name in names if name in first] + [name for name in names if name not in first]


def _ship(side: str, party: Mapping[str, Any], fixes: PositionReports) -> dict[str, Any]:
    time_s = fixes.time_us / 1e6
    step_s = np.diff(time_s)
    gaps = [
        {
            "start": round(float(time_s[row])),
            "end": round(float(time_s[row + 1])),
            "kind": "silent" if step_s[row] > RULES.inferred_s else "sparse",
        }
        for row in np.flatnonzero(step_s > RULES.observed_s)
    ]
    kept = _thinned(len(fixes), np.flatnonzero(step_s > RULES.observed_s))
    rows = fixes.take(kept)
    return {
        "side": side,
        "track": party["track"],
        "mmsi": party["mmsi"],
        "name": party["name"],
        "role": party["role"],
        "length_m": party["length_m"],
        "fixes": len(fixes),
        "time": [round(float(value)) for value in time_s[kept]],
        "lat": _numbers(rows.lat_deg, 6),
        "lon": _numbers(rows.lon_deg, 6),
        "sog_kn": _numbers(rows.sog_kn, 1),
        "cog_deg": _numbers(rows.cog_deg, 1),
        "heading_deg": _numbers(rows.heading_deg, 0),
        "gaps": gaps,
    }


def _thinned(rows: int, before_gaps: NDArray[np.int64]) -> NDArray[np.int64]:
    """Evenly fewer rows where there are too many; those on both sides of a gap stay."""
    step = max(1, -(-rows // MOST_FIXES))
    ends = [before_gaps, before_gaps + 1, [rows - 1]] if rows else []
    return np.unique(np.concatenate([np.arange(0, rows, step), *ends]).astype(np.int64))


def _distance(a: PositionReports, b: PositionReports) -> dict[str, list[Any]]:
    """Metres between A and B at every fix of either; None where one of them was silent, marked where it was sparse."""
    if not len(a) or not len(b):
        return {"time": [], "metres": [], "sparse": []}
    first, last = max(a.time_us[0], b.time_us[0]), min(a.time_us[-1], b.time_us[-1])
    times = np.union1d(a.time_us, b.time_us)
    times = times[(times >= first) & (times <= last)]
    times = times[_thinned(len(times), np.empty(0, np.int64))]
    if not len(times):
        return {"time": [], "metres": [], "sparse": []}
    lat_a, lon_a, leg_a = at_times(a.time_us, a.lat_deg, a.lon_deg, times)
    lat_b, lon_b, leg_b = at_times(b.time_us, b.lat_deg, b.lon_deg, times)
    leg_s = np.maximum(leg_a, leg_b)
    metres = distance_m(lat_a, lon_a, lat_b, lon_b)
    metres[leg_s > RULES.inferred_s] = np.nan
    return {
        "time": [round(float(value)) for value in times / 1e6],
        "metres": _numbers(metres, 0),
        "sparse": [bool(value) for value in leg_s > RULES.observed_s],
    }


def _numbers(values: NDArray[Any], digits: int) -> list[Any]:
    rounded = np.round(values.astype(np.float64), digits) + 0.0
    return [None if np.isnan(value) else int(value) if digits == 0 else float(value) for value in rounded]


def _interval(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pair": list(item["pair"]),
        "start": _seconds(item["start"]),
        "end": _seconds(item["end"]),
        "kind": item["kind"],
    }


def _seconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp())
