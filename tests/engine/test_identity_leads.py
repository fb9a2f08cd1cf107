"""What ships say of themselves that does not fit together is told once each, with what was said before and now."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from alerts.imo import is_ship_imo
from decoders.reports import StaticReports
from shipwatch.engine.detections import Lead
from shipwatch.engine.identity import Identity, has_ship_check_digit, watch_identity

US = 1_000_000
HOUR = 3600 * US
T0 = 1_741_953_600 * US
A, B = 311000013, 445114000
ONE, OTHER = 9583720, 9074729


def said(*rows: tuple[float, int, dict[str, Any]]) -> StaticReports:
    """Static reports (hours, mmsi, fields); message type 5 unless said otherwise."""
    names = ("imo", "name", "callsign", "to_bow_m", "to_stern_m", "msg_type")
    columns: dict[str, list[Any]] = {
        "time_us": [T0 + int(h * HOUR) for h, _, _ in rows],
        "mmsi": [m for _, m, _ in rows],
    }
    defaults = {"imo": 0, "name": "", "callsign": "", "to_bow_m": 0.0, "to_stern_m": 0.0, "msg_type": 5}
    for name in names:
        columns[name] = [fields.get(name, defaults[name]) for _, _, fields in rows]
    return StaticReports.of(**columns)


def found(
    rows: StaticReports, met: dict[int, tuple[tuple[int, int], ...]] | None = None, cuts: tuple[int, ...] = ()
) -> list[Lead]:
    state, told = Identity(), []
    if met:
        state, _ = watch_identity(state, StaticReports.empty(), met, lambda mmsi, at_us: (30.0, 125.0), 0)
    for low, high in pairwise((0, *cuts, len(rows))):
        part = rows.take(slice(low, high))
        state, leads = watch_identity(state, part, {}, lambda mmsi, at_us: (30.0, 125.0), T0 - 30 * 24 * HOUR)
        told += leads
    return told


def findings(leads: list[Lead]) -> list[Any]:
    return [lead.fact("finding") for lead in leads]


TWO = said((0, A, {"imo": ONE}), (1, B, {"imo": ONE}), (2, A, {"imo": ONE}), (3, B, {"imo": ONE}), (4, A, {"imo": ONE}))


def test_one_number_from_two_ships_at_once_is_told_when_the_first_says_it_again() -> None:
    """A ship that took another MMSI would have stopped sending the old one."""
    (lead,) = found(TWO)
    assert lead.fact("finding") == "imo_on_two_mmsis" and lead.mmsis == (A,) and lead.fact("other_mmsi") == B
    assert not found(TWO.take(slice(0, 2)))


def test_a_new_mmsi_for_the_same_hull_is_no_finding() -> None:
    """Reflagging: the old number falls silent before the new one is sent, or is never heard again."""
    assert not found(said((0, A, {"imo": ONE}), (50, B, {"imo": ONE}), (51, B, {"imo": ONE})))


def test_another_valid_number_is_told_and_an_invalid_one_is_not() -> None:
    """A typing error fails the check digit nine times in ten."""
    (lead,) = found(said((0, A, {"imo": ONE}), (5, A, {"imo": OTHER}), (6, A, {"imo": OTHER})))
    assert (lead.fact("finding"), lead.fact("imo_before"), lead.fact("imo")) == ("imo_changed", ONE, OTHER)
    assert not found(said((0, A, {"imo": ONE}), (5, A, {"imo": ONE + 1}), (6, A, {"imo": ONE})))


def test_a_number_dropped_to_nothing_is_told_after_an_hour_of_zeros() -> None:
    """Message 5 says 0; message 24 carries no number and says nothing."""
    zeros = [(1 + n / 2, A, {"imo": 0, "name": "X"}) for n in range(4)]
    (lead,) = found(said((0, A, {"imo": ONE, "name": "X"}), *zeros))
    assert lead.fact("finding") == "imo_dropped" and lead.fact("imo_before") == ONE
    parts = [(1 + n / 2, A, {"imo": 0, "name": "X", "msg_type": 24}) for n in range(9)]
    assert not found(said((0, A, {"imo": ONE, "name": "X"}), *parts))


def test_zeros_between_numbers_are_no_dropping_however_they_are_cut() -> None:
    """A receiver that fills in zeros now and then: each number sent between begins the count anew."""
    rows = said(*((n / 4, A, {"imo": 0 if n % 8 == 7 else ONE}) for n in range(80)))
    assert not found(rows)
    for step in (1, 3, 7, 8):
        assert not found(rows, cuts=tuple(range(step, len(rows), step)))


def test_a_hull_does_not_change_its_length() -> None:
    """A fifth and 20 m; a corrected metre is nothing."""
    (lead,) = found(
        said((0, A, {"to_bow_m": 150.0, "to_stern_m": 33.0}), (9, A, {"to_bow_m": 80.0, "to_stern_m": 20.0}))
    )
    assert (lead.fact("length_before_m"), lead.fact("length_m")) == (183, 100)
    assert not found(
        said((0, A, {"to_bow_m": 150.0, "to_stern_m": 33.0}), (9, A, {"to_bow_m": 151.0, "to_stern_m": 33.0}))
    )


def test_another_name_is_told_only_after_a_meeting() -> None:
    """Ships are renamed; within 30 days of a meeting it is worth a look."""
    rows = said((0, A, {"name": "ALPHA"}), (48, A, {"name": "BETA"}), (49, A, {"name": "BETA"}))
    assert not found(rows)
    (lead,) = found(rows, {A: ((T0 + 10 * HOUR, T0 + 9 * HOUR),)})
    assert (lead.fact("name_before"), lead.fact("name"), lead.fact("after_meeting_s")) == ("ALPHA", "BETA", 39 * 3600)
    assert not found(rows, {A: ((T0 + 60 * HOUR, T0 + 9 * HOUR),)}), "the meeting was told only later"


def test_a_ship_of_unknown_place_is_not_told() -> None:
    """A lead needs a place on the map."""
    _, leads = watch_identity(Identity(), TWO, {}, lambda mmsi, at_us: None, 0)
    assert leads == []


@pytest.mark.parametrize("seed", range(12))
def test_cuts_change_nothing(seed: int) -> None:
    """Random ships that contradict themselves and one another: the same leads however the reports were cut."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(200):
        fields = {
            "imo": int(rng.choice([0, 0, ONE, OTHER, ONE, 9169550])), "name": str(rng.choice(["", "ALPHA", "BETA"])),
            "to_bow_m": float(rng.choice([0.0, 150.0, 80.0])), "msg_type": int(rng.choice([5, 24])),
        }  # fmt: skip
        rows.append((n / 3, int(rng.choice([A, B, 352001234, 273456789])), fields))
    reports = said(*rows)
    met = {A: ((T0 + 10 * HOUR, T0 + 9 * HOUR),)}
    whole = found(reports, met)
    assert len(set(findings(whole))) >= 3
    cuts = tuple(sorted(set(rng.integers(1, 200, 9).tolist())))
    assert found(reports, met, cuts) == whole
    assert found(reports, met, tuple(range(1, 200))) == whole


def test_the_check_digit_is_that_of_the_alerting_wing() -> None:
    """One arithmetic, in column form here."""
    numbers = np.concatenate((np.arange(9_074_700, 9_075_700), [0, 1234567, 5555555, 12345, 99_999_999]))
    assert has_ship_check_digit(numbers).tolist() == [is_ship_imo(number) for number in numbers.tolist()]


def test_new_ships_are_remembered_alike_whether_they_come_together_or_one_by_one() -> None:
    """Ships that contradict neither themselves nor others are taken in as one table; it is the one of single looks."""
    rows = said(
        (0, A, {"imo": ONE, "name": "ALPHA", "to_bow_m": 80.0, "to_stern_m": 20.0}),
        (0.1, A, {"callsign": "3FAB", "name": "ALPHA", "msg_type": 24}),
        (0.2, B, {"imo": 1234567, "name": "BETA"}), (0.3, B, {"imo": 1234567, "name": "BETA"}),
        (0.4, A, {"imo": ONE, "name": "ALPHA", "to_bow_m": 80.0, "to_stern_m": 20.0}), (0.5, B + 1, {}),
    )  # fmt: skip
    tables = []
    for cuts in ((), (1, 2, 3, 4, 5)):
        state = Identity()
        for low, high in pairwise((0, *cuts, len(rows))):
            state, _ = watch_identity(state, rows.take(slice(low, high)), {}, lambda mmsi, at_us: (30.0, 125.0), 0)
        tables.append({name: column.tolist() for name, column in state.said.columns().items()})
    assert tables[0] == tables[1]
    assert tables[0]["name"] == ["ALPHA", "BETA", ""] and tables[0]["imo"] == [ONE, 0, 0]
    assert tables[0]["imo_us"][0] == rows.time_us[4] and tables[0]["last_us"] == rows.time_us[[4, 3, 5]].tolist()
