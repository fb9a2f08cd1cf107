"""Flags from MMSI digits and from the words of lists."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.flags import flag_name, flag_of_mmsi, flag_of_name, mmsi_kind, same_flag


@pytest.mark.parametrize(
    ("mmsi", "flag"),
    [
        (445114000, "PRK"), (572469210, "TUV"), (677000001, "TZA"), (256864000, "MLT"), (352002202, "PAN"),
        (374000001, "PAN"), (636012853, "LBR"), (273385420, "RUS"), (413000001, "CHN"), (477000001, "HKG"),
        (341985000, "KNA"), (514569000, "KHM"), (667003342, "SLE"), (2715000, "TUR"), (992351234, "GBR"),
        (111232506, "GBR"), (985123456, "NZL"), (0, None), (999999999, None), (200000000, None),
    ],
)  # fmt: skip
def test_flag_of_an_mmsi(mmsi: int, flag: str | None) -> None:
    """The digits stand first in a ship's number and further in for stations, craft and aids."""
    assert flag_of_mmsi(mmsi) == flag


@pytest.mark.parametrize(
    ("mmsi", "kind"),
    [
        (445114000, "ship"), (2442000, "coast_station"), (24420000, "group"), (992442000, "aid_to_navigation"),
        (982441234, "craft"), (111244000, "sar_aircraft"), (970012345, "sart"), (974012345, "epirb"),
        (123456789, "invalid"), (1_000_000_000, "invalid"), (-1, "invalid"),
    ],
)  # fmt: skip
def test_kind_of_an_mmsi(mmsi: int, kind: str) -> None:
    """Only a number that begins with 2 to 7 is a ship."""
    assert mmsi_kind(mmsi) == kind


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Democratic People’s Republic of Korea", "PRK"), ("democratic people's republic of korea", "PRK"),
        ("DPRK", "PRK"), ("North Korea", "PRK"), ("Korea (Republic of) (KOR)", "KOR"), ("St. Kitts & Nevis", "KNA"),
        ("St. Kitts and Nevis", "KNA"), ("Saint Kitts and Nevis", "KNA"), ("Türkiye", "TUR"), ("Turkey", "TUR"),
        ("Cote d'Ivoire", "CIV"), ("CÔTE D’IVOIRE", "CIV"), ("The Bahamas", "BHS"), ("Viet Nam", "VNM"),
        ("Sao Tome and Principe", "STP"), ("PRK", "PRK"), ("Portugal (MAR) (PMD)", "PRT"),
        ("None Identified", None), ("", None), (None, None), ("Atlantis", None), ("(XYZ)", None),
    ],
)  # fmt: skip
def test_flag_of_a_name(text: str | None, flag: str | None) -> None:
    """Names, variants and codes as lists write them; an unknown word is None, never a guess."""
    assert flag_of_name(text) == flag


@given(st.integers(-10, 10**10))
def test_any_number_has_an_answer(mmsi: int) -> None:
    """No integer is too odd to be asked; a flag found is a flag that has a name."""
    flag = flag_of_mmsi(mmsi)
    assert flag is None or (len(flag) == 3 and flag_name(flag) != flag)


def test_registers_that_use_anothers_digits() -> None:
    """The Isle of Man's ships carry British digits: no other flag."""
    assert same_flag("IMN", "GBR")
    assert not same_flag("PRK", "KOR")


@pytest.mark.real_data
def test_flags_of_a_real_registry_are_known(shared_data: Path) -> None:
    """Every flag in the registry but "Not Known" is resolved, to the code in its brackets where that is ISO."""
    with gzip.open(shared_data / "registry" / "ships-2020-part.csv.gz", "rt", encoding="utf-8") as file:
        flags = {row["flag"] for row in csv.DictReader(file)}
    assert {flag for flag in flags if flag_of_name(flag) is None} == {"Not Known"}
    registers = {"PMD", "DIS", "FIS"}
    for flag in flags - {"Not Known"}:
        code = flag[-4:-1]
        if code not in registers:
            assert flag_of_name(flag) == code
