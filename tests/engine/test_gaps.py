"""Silences that are told, once open and once closed."""

from __future__ import annotations

HOUR = 3600.0
US = 1_000_000


def test_a_silence_is_told_open_then_closed(scene, each) -> None:
    """A ship silent for six hours is told after four, and again when it is heard; the id stays."""
    made = scene().ship(
        1001, [*each(60, 0, HOUR), *each(60, 7 * HOUR, 8 * HOUR)], 0, lambda t: 0 if t < 2 * HOUR else 20_000
    )
    told = made.run()[1].gaps
    assert [gap.on_us is None for gap in told] == [True, False]
    assert len({gap.id for gap in told}) == 1
    assert told[0].published_us == made.start_us + round(5 * HOUR) * US
    assert (told[1].duration_s, told[1].distance_m) == (6 * HOUR, 20_000)


def test_short_silences_are_not_told(scene, each) -> None:
    """Three hours are no reportable gap."""
    made = scene().ship(1001, [*each(60, 0, HOUR), *each(60, 4 * HOUR, 5 * HOUR)], 0, 0)
    assert made.run()[1].gaps == ()


def test_a_ship_that_stays_silent_is_told_while_time_goes_on(scene, each) -> None:
    """An open gap is told when others' reports move the clock past the threshold."""
    made = scene().ship(1001, each(60, 0, HOUR), 0, 0).ship(1002, each(600, 0, 12 * HOUR), 50_000, 0)
    (gap,) = made.run()[1].gaps
    assert (gap.mmsi, gap.on_us) == (1001, None)
