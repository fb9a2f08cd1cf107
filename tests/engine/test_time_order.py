"""Sorting by time in the clock: the quick way gives what the plain way gives."""

from __future__ import annotations

import numpy as np
import pytest

from decoders.reports import PositionReports
from shipwatch.engine.clock import in_order
from shipwatch.engine.time_order import by_time_and_mmsi

SHAPES = {
    "a few ships, one second": (1_000, 1_000_000, 10),
    "many ships, one second": (5_000, 1_000_000, 10**9),
    "the same again": (3_000, 10, 5),
    "eleven days": (2_000, 10**12, 10**9),
    "close together and far apart": (20_000, 5_000_000, 50),
    "one row": (1, 10, 10),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("whole_seconds", [True, False])
def test_as_a_plain_sort(shape: tuple[int, int, int], whole_seconds: bool) -> None:
    """By time, then MMSI, equal rows as they stood; and it says whether any moved or were equal."""
    rows, span_us, ships = shape
    rng = np.random.default_rng(rows)
    time_us = 1_700_000_000_000_000 + rng.integers(0, span_us, rows)
    if whole_seconds:
        time_us = time_us // 1_000_000 * 1_000_000
    mmsi = rng.integers(0, ships, rows).astype(np.int32)
    if ships == 50:
        mmsi[::3] = 999_999_999
    order = np.empty(rows, np.int64)
    how = by_time_and_mmsi(time_us, mmsi, order)
    plain = np.lexsort((mmsi, time_us))
    equal = bool(((np.diff(time_us[plain]) == 0) & (np.diff(mmsi[plain]) == 0)).any())
    assert order.tolist() == plain.tolist()
    assert how == (2 if equal else int((plain != np.arange(rows)).any()))


def test_a_few_rows_over_years_are_left_to_another_way() -> None:
    """It says so, and the clock sorts them all the same."""
    time_us = np.array([9, 3, 5, 3]) * 10**15
    mmsi = np.array([1, 8, 2, 7], np.int32)
    assert by_time_and_mmsi(time_us, mmsi, np.empty(4, np.int64)) == -1
    rows = PositionReports.of(time_us=time_us, mmsi=mmsi, lat_deg=[1, 2, 3, 4], lon_deg=[0] * 4)
    assert in_order(rows).lat_deg.tolist() == [4, 2, 3, 1]
