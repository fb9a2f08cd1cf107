"""Tracks: hulls sharing an MMSI, impossible jumps, repeats, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import PositionReports
from shipwatch.engine.fixes import HULLS_PER_MMSI, track_name
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.tracks import Assigned, Tracks
from shipwatch.engine.tracks import assign as assign_rows

US = 1_000_000
RULES = EngineRules()


def reports(*rows: tuple[float, ...], sog: float = 0.3) -> PositionReports:
    """Rows of (seconds, mmsi, lat, lon) and, where given, message type."""
    names = ("time_us", "mmsi", "lat_deg", "lon_deg", "msg_type")[: len(rows[0]) if rows else 4]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    columns["time_us"] = [round(t * US) for t in columns["time_us"]]
    return PositionReports.of(**columns, sog_kn=[sog] * len(rows))


class Found(NamedTuple):
    """What was taken, in order of track and time, and what was refused."""

    track: np.ndarray
    rows: np.ndarray
    refused: dict[str, int]


def assign(tracks: Tracks, positions: PositionReports, rules: EngineRules) -> tuple[Tracks, Found]:
    """The kernel's walk, seen row by row."""
    after, found = assign_rows(tracks, positions, rules)
    assert isinstance(found, Assigned)
    taken = np.flatnonzero(found.row_slot >= 0)
    track = after.records["key"][found.row_slot[taken]]
    order = np.argsort(track, kind="stable")
    return after, Found(track[order], taken[order], found.refused)


def test_one_ship_is_one_track() -> None:
    """Reachable fixes are one track, named by the MMSI."""
    tracks, found = assign(Tracks(), reports((0, 7, 1, 1), (60, 7, 1.001, 1), (120, 7, 1.002, 1)), RULES)
    assert tracks.last.count.tolist() == [3]
    assert set(found.track.tolist()) == {7 * HULLS_PER_MMSI}
    assert found.refused == {}


def test_a_single_jump_is_refused() -> None:
    """One fix 40 km off is refused as a jump and the track goes on."""
    _, found = assign(Tracks(), reports((0, 7, 1, 1), (60, 7, 1.4, 1), (120, 7, 1, 1)), RULES)
    assert len(found.rows) == 2
    assert found.refused == {"jump": 1}


def test_two_hulls_on_one_mmsi_are_two_tracks() -> None:
    """Fixes that alternate between two seas are two hulls once three of the second agree."""
    rows = [row for n in range(20) for row in ((n * 60, 7, 1, 1 + n * 1e-4), (n * 60 + 30, 7, 50, 3))]
    tracks, found = assign(Tracks(), reports(*rows), RULES)
    assert found.refused == {"jump": 2}
    names = {track_name(key) for key in tracks.last.track.tolist()}
    assert names == {"000000007", "000000007/2"}
    assert sorted(np.bincount(found.track - 7 * HULLS_PER_MMSI).tolist()) == [18, 20]


def test_three_hulls_on_one_mmsi_are_three_tracks() -> None:
    """A hull that was just confirmed is not displaced by the next one, however seldom it reports."""
    places = [1.0] * 5 + [20.0] * 3 + [40.0] * 3 + [20.0, 1.0]
    tracks, found = assign(Tracks(), reports(*((n * 60, 7, lat, 1) for n, lat in enumerate(places))), RULES)
    assert sorted(tracks.last.lat_deg.tolist()) == [1.0, 20.0, 40.0]
    assert found.refused == {"jump": 4}


def test_a_garbled_first_fix_makes_no_second_hull() -> None:
    """When the first fix was the wrong one, the ship keeps its plain name."""
    tracks, found = assign(Tracks(), reports((0, 7, 60, 1), *((60 + n * 60, 7, 1, 1) for n in range(6))), RULES)
    assert [track_name(key) for key in tracks.last.track.tolist()] == ["000000007"]
    assert found.refused == {"jump": 2}


def test_the_same_second_heard_twice_is_a_duplicate() -> None:
    """Copies from several receivers, and late repeats of a moving ship's report, collapse."""
    rows = ((0, 7, 1, 1), (0.3, 7, 1, 1), (60, 7, 1.001, 1), (90, 7, 1.001, 1))
    _, found = assign(Tracks(), reports(*rows, sog=5.0), RULES)
    assert found.refused == {"duplicate": 2}


def test_a_repeat_is_a_repeat_of_what_was_taken() -> None:
    """A refused copy with another speed between them does not hide that a report is said again, in any batching."""
    rows = ((0, 7, 1, 1), (0.3, 7, 1, 1), (60, 7, 1, 1))
    whole = replace(reports(*rows, sog=5.0), sog_kn=np.array([5.0, 6.0, 5.0], np.float32))
    _, at_once = assign(Tracks(), whole, RULES)
    tracks, _ = assign(Tracks(), whole.take(slice(0, 2)), RULES)
    _, rest = assign(tracks, whole.take(slice(2, 3)), RULES)
    assert at_once.refused == {"duplicate": 2}
    assert rest.refused == {"duplicate": 1}


def test_a_long_range_report_is_not_used_beside_finer_ones() -> None:
    """A position rounded to 185 m is left out within an hour of a fine one, and used when there is none."""
    rows = [(0, 7, 1, 1, 1), (600, 7, 1, 1.001, 27), (3700, 7, 1, 1.001, 27), (7400, 7, 1, 1, 27), (7460, 7, 1, 1, 1)]
    _, found = assign(Tracks(), reports(*rows), RULES)
    assert found.refused == {"coarse": 1}
    assert found.rows.tolist() == [0, 2, 3, 4]


def test_arguments_are_not_changed() -> None:
    """The tracks handed in are as they were."""
    first, _ = assign(Tracks(), reports((0, 7, 1, 1)), RULES)
    before = {name: column.copy() for name, column in first.last.columns().items()}
    assign(first, reports((60, 7, 30, 1), (61, 8, 1, 1)), RULES)
    assert all(np.array_equal(before[name], column, equal_nan=column.dtype.kind == "f")
               for name, column in first.last.columns().items())  # fmt: skip
    assert first.candidates == {}


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 36000).map(lambda quarters: quarters / 4) | st.integers(0, 80).map(lambda few: few * 0.4),
            st.integers(7, 9),
            st.sampled_from([1.0, 1.0, 1.001, 1.3, 40.0]),
            st.sampled_from([1, 1, 27]),
            st.sampled_from([0.3, 5.0, 6.0]),
        ),
        max_size=40,
    ),
    st.integers(1, 40),
)
def test_cutting_changes_nothing(rows: list[tuple[float, int, float, int, float]], cut: int) -> None:
    """Any batching gives the same tracks and refusals."""
    rows = sorted(rows)
    whole = reports(*((t, mmsi, lat, 1.0, kind) for t, mmsi, lat, kind, _ in rows))
    whole = replace(whole, sog_kn=np.array([row[4] for row in rows], np.float32))
    tracks, once = assign(Tracks(), whole, RULES)
    parts, refused, state = [], {}, Tracks()
    for start in range(0, len(whole), cut):
        state, some = assign(state, whole.take(slice(start, start + cut)), RULES)
        parts += list(zip(some.track.tolist(), (some.rows + start).tolist(), strict=True))
        for reason, count in some.refused.items():
            refused[reason] = refused.get(reason, 0) + count
    all_at_once = zip(once.track.tolist(), once.rows.tolist(), strict=True)
    assert sorted(parts) == sorted(all_at_once)
    assert refused == once.refused
    assert state.candidates == tracks.candidates
