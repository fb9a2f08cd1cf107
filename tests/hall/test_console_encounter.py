"""Tracks around an event: who is A and B, shared MMSIs, longitude 180, thinning."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports
from shipwatch.console.encounter import LONGEST_S, MOST_FIXES, encounter, party_order

START_S = 1_741_939_200
HOUR = 3600


class Fixes:
    """An archive of what it was given."""

    def __init__(self, *parts: PositionReports) -> None:
        self.all = PositionReports.concat(parts)
        self.asked: list[tuple[int, int, int]] = []

    def track(self, mmsi: int, start_us: int, end_us: int) -> PositionReports:
        self.asked.append((mmsi, start_us, end_us))
        rows = self.all.take((self.all.mmsi == mmsi) & (self.all.time_us >= start_us) & (self.all.time_us < end_us))
        return rows.take(np.argsort(rows.time_us, kind="stable"))


def fixes(mmsi: int, seconds: NDArray[Any], lat: Any, lon: Any, sog: float = 1.0) -> PositionReports:
    n = len(seconds)
    return PositionReports.of(
        time_us=(START_S + seconds) * 1_000_000, mmsi=np.full(n, mmsi), lat_deg=np.broadcast_to(lat, n),
        lon_deg=np.broadcast_to(lon, n), sog_kn=np.full(n, sog),
    )  # fmt: skip


def payload(*tracks: str, end: str | None = "2025-03-14T10:00:00Z", pairs: Any = ()) -> dict[str, Any]:
    return {
        "id": "al-1", "revision": 1, "start": "2025-03-14T08:00:00Z", "end": end, "lat": 10.0, "lon": 20.0,
        "parties": [
            {"track": name, "mmsi": int(name.partition("/")[0]), "name": None, "role": "party", "length_m": None}
            for name in tracks
        ],
        "intervals": [
            {"pair": list(pair), "start": "2025-03-14T08:00:00Z", "end": f"2025-03-14T{until}:00Z", "kind": "observed"}
            for pair, until in pairs
        ],
    }  # fmt: skip


def test_a_and_b_are_the_pair_longest_together() -> None:
    """In a raft the others follow; attending ships come last."""
    raft = payload("111", "222", "333", pairs=[(("111", "222"), "08:30"), (("222", "333"), "09:30")])
    raft["parties"].append({"track": "444", "mmsi": 444, "name": None, "role": "attending", "length_m": None})
    assert party_order(raft) == ["222", "333", "111", "444"]
    assert party_order(payload("111", "222")) == ["111", "222"]


def test_of_two_hulls_on_one_mmsi_the_one_at_the_event_is_drawn() -> None:
    """The other one, far away under the same number, does not tear the track across the map."""
    seconds = np.arange(0, 2 * HOUR, 120)
    here, far = fixes(111, seconds, 10.0, 20.0), fixes(111, seconds + 60, -30.0, 100.0)
    found = encounter(payload("111", "222"), Fixes(here, far, fixes(222, seconds, 10.001, 20.0)), 0)
    assert set(found["ships"][0]["lat"]) == {10.0}
    assert found["ships"][0]["fixes"] == len(seconds)
    assert set(found["distance"]["metres"]) == {111}


def test_distance_is_not_bridged_across_a_silence() -> None:
    """A leg of more than two hours is silent: no distance there; the gap is marked."""
    a = fixes(111, np.arange(0, 8 * HOUR, 300), 10.0, 20.0)
    late = np.concatenate((np.arange(0, HOUR, 300), np.arange(5 * HOUR, 8 * HOUR, 300)))
    found = encounter(payload("111", "222"), Fixes(a, fixes(222, late, 10.0, 20.001)), 6 * HOUR)
    assert [gap["kind"] for gap in found["ships"][1]["gaps"]] == ["silent"]
    within = [
        metres
        for at, metres in zip(found["distance"]["time"], found["distance"]["metres"], strict=True)
        if START_S + HOUR <= at < START_S + 5 * HOUR
    ]
    assert set(within) == {None}
    assert len(within) > 40


def test_the_seam_at_180_degrees_is_crossed() -> None:
    """Two ships on both sides of it are near each other, not a world apart."""
    seconds = np.arange(0, HOUR, 60)
    east = np.linspace(179.99, 180.01, len(seconds))
    wrapped = np.where(east > 180, east - 360, east)
    found = encounter(
        payload("111", "222"), Fixes(fixes(111, seconds, 0.0, wrapped), fixes(222, seconds + 30, 0.0, wrapped)), 0
    )
    assert max(metres for metres in found["distance"]["metres"] if metres is not None) < 100


def test_an_answer_is_bounded() -> None:
    """A fix every second for days is thinned; an event of months is cut to its last two weeks; ten ships are eight."""
    archive = Fixes(fixes(111, np.arange(0, 40_000, 1), 10.0, 20.0))
    found = encounter(payload("111", "222", end="2025-03-14T20:00:00Z"), archive, 0)
    assert found["ships"][0]["fixes"] == 40_000
    assert MOST_FIXES / 2 < len(found["ships"][0]["time"]) <= MOST_FIXES + 2
    assert found["ships"][0]["time"][-1] == START_S + 39_999
    archive.asked.clear()
    many = payload(*(str(number) for number in range(100, 110)), end="2025-09-14T20:00:00Z")
    found = encounter(many, archive, HOUR)
    assert (len(found["ships"]), found["ships_left_out"]) == (8, 2)
    assert all(end - start == LONGEST_S * 1_000_000 for _, start, end in archive.asked)


def test_an_ongoing_event_reaches_to_what_is_known_of_it() -> None:
    """Without an end the last interval counts."""
    found = encounter(payload("111", "222", end=None, pairs=[(("111", "222"), "09:00")]), Fixes(), HOUR)
    assert (found["end"], found["to"]) == (None, START_S + 2 * HOUR)
    assert found["distance"] == {"time": [], "metres": [], "sparse": []}
