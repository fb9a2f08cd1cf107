"""Sorting reports by time in bounded memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch import sorting
from shipwatch.sorting import SortCounts, in_time_order, time_order


def world(seed: int, rows: int, seconds: int) -> tuple[PositionReports, StaticReports]:
    random = np.random.default_rng(seed)
    positions = PositionReports.of(
        time_us=random.integers(0, seconds, rows) * 1_000_000,
        mmsi=random.integers(1, 6, rows),
        lat_deg=random.choice([1.5, -2.5, np.nan], rows),
        sog_kn=random.choice([0.1, np.nan], rows),
        station=random.choice([b"", b"r1"], rows),
        offset=np.arange(rows),
    )
    statics = StaticReports.of(
        time_us=random.integers(0, seconds, rows // 3) * 1_000_000,
        mmsi=random.integers(1, 6, rows // 3),
        name=random.choice(["", "ÆGIR", "B"], rows // 3),
        offset=np.arange(rows // 3),
    )
    return positions, statics


def cut(positions: PositionReports, statics: StaticReports, size: int) -> list[Batch]:
    longest = max(len(positions), len(statics))
    return [
        Batch(positions=positions.take(slice(at, at + size)), statics=statics.take(slice(at, at + size)))
        for at in range(0, longest, size)
    ]


def together(batches: list[Batch]) -> tuple[bytes, ...]:
    positions = PositionReports.concat([b.positions for b in batches])
    statics = StaticReports.concat([b.statics for b in batches])
    return tuple(c.tobytes() for c in (*positions.columns().values(), *statics.columns().values()))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**20), rows=st.integers(0, 400), seconds=st.sampled_from([1, 5, 1000]),
    chunk=st.integers(7, 500), size=st.integers(1, 300), block=st.sampled_from([1, 64, 10_000]),
)  # fmt: skip
def test_any_arrival_order_and_any_chunk_gives_the_same_rows(
    seed: int, rows: int, seconds: int, chunk: int, size: int, block: int
) -> None:
    """Shuffled, cut otherwise, spilled or not: the bytes of all columns are those of one sort in memory."""
    positions, statics = world(seed, rows, seconds)
    random = np.random.default_rng(seed + 1)
    shuffled = positions.take(random.permutation(len(positions))), statics.take(random.permutation(len(statics)))
    plain = list(in_time_order(cut(positions, statics, max(1, rows))))
    other = list(in_time_order(cut(*shuffled, size), chunk_rows=chunk, block_rows=block))
    assert together(plain) == together(other)
    times = np.concatenate([[0], *[b.positions.time_us for b in other]])
    assert (np.diff(times) >= 0).all()
    assert sum(len(b.positions) + len(b.statics) for b in other) == len(positions) + len(statics)


def test_no_batch_reaches_back_before_the_one_before() -> None:
    """Positions and statics are cut at the same instants."""
    positions, statics = world(3, 60_000, 50_000)
    batches = list(in_time_order(cut(positions, statics, 5000), chunk_rows=9000, block_rows=4096))
    assert len(batches) > 5
    last = -1
    for batch in batches:
        times = np.concatenate([batch.positions.time_us, batch.statics.time_us])
        assert times.min() > last
        last = times.max()


def test_many_chunks_are_merged_in_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """More chunks than may be open at once give the same rows."""
    monkeypatch.setattr(sorting, "MERGE_WIDTH", 3)
    positions, statics = world(4, 3000, 900)
    whole = list(in_time_order(cut(positions, statics, 3000)))
    counts = SortCounts()
    passes = list(in_time_order(cut(positions, statics, 100), chunk_rows=101, counts=counts))
    assert together(whole) == together(passes)
    assert (counts.positions, counts.statics) == (3000, 1000)


def test_temporary_files_go_even_when_the_reader_stops(tmp_path: Path) -> None:
    """Closing the iterator half way leaves nothing behind."""
    positions, statics = world(5, 20_000, 9000)
    batches = in_time_order(cut(positions, statics, 1000), chunk_rows=1000, block_rows=2048, folder=tmp_path)
    next(batches)
    assert list(tmp_path.iterdir())
    batches.close()  # type: ignore[attr-defined]
    assert not list(tmp_path.iterdir())
    assert tempfile.gettempdir()


def test_sorted_rows_are_left_as_they_are() -> None:
    """Rows in order need no sort, and neither do none or one."""
    assert time_order(PositionReports.of(time_us=[1, 1, 2], mmsi=[1, 2, 1])) is None
    assert time_order(PositionReports.empty()) is None


def test_times_too_wide_for_one_key_still_sort() -> None:
    """Microseconds over years do not fit beside the MMSI into one integer: two keys then."""
    reports = PositionReports.of(time_us=[2**55 + 1, 3, 3], mmsi=[1, 9, 8])
    order = time_order(reports)
    assert order is not None
    assert order.tolist() == [2, 1, 0]
