"""IMO numbers: the two schemes are told apart by their check digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.imo import describe_imo, is_company_imo, is_ship_imo, ship_imo


@pytest.mark.parametrize("number", [9074729, 8814275, 9319466])
def test_a_ship_number_passes(number: int) -> None:
    """Numbers worked by hand: 9074729 is 9x7+0x6+7x5+4x4+7x3+2x2 = 139."""
    assert is_ship_imo(number)


@pytest.mark.parametrize("number", [None, 0, -9074729, 9074720, 907472, 90747290, 1234567, 5555555])
def test_what_is_no_ship_number(number: int | None) -> None:
    """Missing, signed, short, long, wrong check digit and known placeholders are all refused."""
    assert not is_ship_imo(number)
    assert ship_imo(number) is None


def test_a_company_number_is_no_ship() -> None:
    """The number that a ministry's list gives under "IMO" for a company is recognised as one."""
    assert is_company_imo(5434358)
    assert not is_ship_imo(5434358)
    assert "company" in describe_imo(5434358)


@given(st.integers(100_000, 999_999))
def test_exactly_one_check_digit_fits(stem: int) -> None:
    """Of the ten numbers with the same first six digits one is a ship's (placeholders aside)."""
    fitting = [stem * 10 + digit for digit in range(10) if is_ship_imo(stem * 10 + digit)]
    assert len(fitting) == 1 or stem in (123456, 555555)


@given(st.integers(100_000, 999_999), st.integers(0, 5), st.integers(1, 9))
def test_one_wrong_digit_of_odd_weight_is_seen(stem: int, place: int, by: int) -> None:
    """A single mistyped digit does not pass where its weight shares no factor with ten (7, 3: places 0 and 4)."""
    number = next(stem * 10 + d for d in range(10) if is_ship_imo(stem * 10 + d) or stem in (123456, 555555))
    digits = [int(d) for d in str(number)]
    digits[place] = (digits[place] + by) % 10
    changed = int("".join(map(str, digits)))
    if place in (0, 4):
        assert not is_ship_imo(changed)


def test_words_for_a_person() -> None:
    """Each kind of number is named for what it is."""
    assert describe_imo(9074729) == "IMO 9074729 is a valid ship number"
    assert "seven digits" in describe_imo(12)
    assert "placeholder" in describe_imo(1234567)
    assert "check digit" in describe_imo(9074720)
