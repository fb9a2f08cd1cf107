"""Call signs: whose series one is of, and what an alert says where it is not the MMSI's."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.callsigns import _series, flag_of_callsign, same_administration
from alerts.flags import flag_name, flag_of_mmsi, mmsi_kind
from alerts.grading import grade
from alerts.incident import Incident, Party
from alerts.rules import load_rules


@pytest.mark.parametrize(
    ("callsign", "flag"),
    [
        ("HMYM8", "PRK"), ("P5AB", "PRK"), ("3FXY8", "PAN"), ("H3QR", "PAN"), ("HO-5821", "PAN"), ("5im 592", "TZA"),
        ("9V8234", "SGP"), ("C6AB7", "BHS"), ("V7AB12", "MHL"), ("WDB1234", "USA"), ("J8B1234", "VCT"), ("SSAB", "EGY"),
        ("SSXY", "SDN"), ("3DAB", "SWZ"), ("3DXY", "FJI"), ("UBXY4", "RUS"), ("URXY", "UKR"), ("4UAB", None),
        ("1ABC", None), ("ABC", None), ("UNKNOWN", None), ("", None), (None, None),
        ("1234567", None), ("DEADCOW", None),
    ],
)  # fmt: skip
def test_whose_series(callsign: str | None, flag: str | None) -> None:
    """By its first two or three characters, in the forms that ships' call signs have; no form, no state."""
    assert flag_of_callsign(callsign) == flag


def test_the_table_is_whole() -> None:
    """Every state in it has a name here, no divided series stands whole as well, every flag state has a series."""
    series = _series()
    assert all(flag_name(flag) != flag for flag in series.values())
    assert not [prefix for prefix in series if len(prefix) == 3 and prefix[:2] in series]
    states = {flag for mid in range(201, 776) if (flag := flag_of_mmsi(mid * 1_000_000))}
    without = {s for s in states if not any(same_administration(s, flag) for flag in series.values())}
    assert without <= {"LIE"}


def told(party: Party) -> list[str]:
    """The values of the reason about the call sign, for a meeting of this ship and another."""
    incident = Incident(
        id="i", kind="rendezvous", phase="ongoing", published_us=0, start_us=0, end_us=None, lat=30.0, lon=-120.0,
        zones=(), parties=(party, Party("2", 2)), intervals=(), observed_s=3600, inferred_s=0, dark_s=0,
    )  # fmt: skip
    return [r.value for r in grade(incident, (), load_rules()).reasons if r.feature == "callsign_flag_differs"]


def test_only_a_merchant_ship_with_two_states_is_told() -> None:
    """Not a yacht, not a territory of the same state, not where either says nothing, not an attendant."""
    ship = Party("1", 445000001, callsign="3EXY7", name="ROSE", ship_type=80)
    assert told(ship) == ["ROSE: 3EXY7 (Panama), MMSI of North Korea"]
    assert told(replace(ship, ship_type=None, imo=9074729)) != []
    assert told(replace(ship, ship_type=37)) == []
    assert told(replace(ship, callsign="HMYM8")) == []
    assert told(replace(ship, callsign="MY GIRL")) == []
    assert told(replace(ship, mmsi=992451234)) == []
    assert told(replace(ship, role="attending")) == []
    assert told(replace(ship, mmsi=310000001, callsign="ZCAB7")) == []


@pytest.mark.real_data
def test_real_ships_have_the_call_sign_of_their_flag(shared_data: Path) -> None:
    """A day's start in US waters: of thousands of ships 99 in 100 and more."""
    same = other = 0
    with gzip.open(shared_data / "ais" / "tables" / "marinecadastre-2022-01-03.csv.gz", "rt", encoding="utf-8") as file:
        ships = {int(row["MMSI"]): row["CallSign"] for row in csv.DictReader(file)}
    for mmsi, callsign in ships.items():
        flag, series = flag_of_mmsi(mmsi), flag_of_callsign(callsign)
        if mmsi_kind(mmsi) == "ship" and flag and series:
            same += same_administration(flag, series)
            other += not same_administration(flag, series)
    assert same > 5000 and other < 0.01 * same
