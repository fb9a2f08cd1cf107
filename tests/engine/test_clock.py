"""The clock: order, lateness, the ship's own second, ticks."""

from __future__ import annotations

import numpy as np

from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.engine.clock import Clock, admit, flush, in_order, sent_us
from shipwatch.engine.rules import EngineRules

US = 1_000_000
RULES = EngineRules()


def at(*seconds: float, mmsi: int = 7, utc_second: int = -1) -> PositionReports:
    """Position reports at those seconds."""
    n = len(seconds)
    return PositionReports.of(time_us=[round(s * US) for s in seconds], mmsi=[mmsi] * n, lat_deg=[0.0] * n,
                              lon_deg=[0.0] * n, utc_second=[utc_second] * n)  # fmt: skip


def test_rows_wait_for_the_watermark_in_whole_minutes() -> None:
    """What is newer than newest - lateness, rounded down to a minute, waits."""
    clock, out = admit(Clock(), Batch(at(0, 59, 61, 300)), RULES)
    assert out.upto_us == 180 * US
    assert out.positions.time_us.tolist() == [0, 59 * US, 61 * US]
    clock, rest = flush(clock)
    assert rest.positions.time_us.tolist() == [300 * US]
    assert clock.processed_us == 300 * US


def test_late_rows_are_counted_not_used() -> None:
    """A row at or before what was decided is refused as late; a row within the lateness is not."""
    clock, _ = admit(Clock(), Batch(at(600)), RULES)
    clock, out = admit(clock, Batch(at(479, 481)), RULES)
    assert out.refused == {"late": 1}
    assert len(clock.positions) == 2


def test_late_is_judged_row_by_row() -> None:
    """Within one batch, too: the running maximum decides, not the batch."""
    _, out = admit(Clock(), Batch(at(0, 600, 100)), RULES)
    assert out.refused == {"late": 1}
    assert out.positions.time_us.tolist() == [0]


def test_a_tick_moves_the_clock_and_bounds_it() -> None:
    """A tick releases rows in silence, and rows ahead of it are refused and move nothing."""
    clock, out = admit(Clock(), Batch(at(0), tick_us=600 * US), RULES)
    assert len(out.positions) == 1
    clock, out = admit(clock, Batch(at(9_000), tick_us=660 * US), RULES)
    assert out.refused == {"ahead_of_clock": 1}
    assert clock.newest_us == 660 * US


def test_the_ships_second_corrects_the_receivers_lag() -> None:
    """Heard at 12:00:29 with second 17 was sent at 12:00:17; second 31 is a receiver clock a bit behind."""
    assert sent_us(at(29.4, utc_second=17))[0] == 17 * US
    assert sent_us(at(5.0, utc_second=50))[0] == (5 - 15) * US
    assert sent_us(at(29.4, utc_second=31))[0] == round(29.4 * US)
    assert sent_us(at(29.4))[0] == round(29.4 * US)


def test_order_of_arrival_leaves_no_trace() -> None:
    """Rows of one time are sorted by MMSI, then by all other fields."""
    rows = PositionReports.concat((at(1, 1, mmsi=8), at(1, mmsi=7), at(0, mmsi=9)))
    shuffled = rows.take(np.array([2, 0, 3, 1]))
    a, b = in_order(rows), in_order(shuffled)
    assert a.mmsi.tolist() == b.mmsi.tolist() == [9, 7, 8, 8]


def test_statics_wait_like_positions() -> None:
    """A static report is let out with the positions of its minute."""
    statics = StaticReports.of(time_us=[10 * US, 500 * US], mmsi=[7, 7])
    clock, out = admit(Clock(), Batch(at(0, 400), statics), RULES)
    assert out.statics.time_us.tolist() == [10 * US]
    assert flush(clock)[1].statics.time_us.tolist() == [500 * US]
