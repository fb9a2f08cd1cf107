"""Screening laws on random ships, its speed, and real innocents."""

from __future__ import annotations

import csv
import gzip
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.designations import Designation, DesignationSet, Snapshot
from alerts.flags import flag_of_mmsi, flag_of_name
from alerts.imo import is_ship_imo
from alerts.incident import Party
from alerts.lists import read_list
from alerts.screening import TIERS, screen

VALID = [n for n in range(9_100_000, 9_100_200) if is_ship_imo(n)]
NAMES = ["SEA STAR", "SEA STAR 2", "SEA STAR 3", "CHONG BONG", "OCEAN ROSE", "X", None]
MMSIS = [445000001, 445000002, 572000001, 352000001, 0]
CALLS = ["HMXW", "5IM592", "AB", None]
FLAGS = ["PRK", "TUV", "PAN", None]

parties = st.builds(
    Party,
    track=st.sampled_from(["a", "b", "c", "445000001/2"]),
    mmsi=st.sampled_from(MMSIS),
    imo=st.sampled_from([*VALID[:4], 1234567, 0, 9100001, None]),
    name=st.sampled_from(NAMES),
    callsign=st.sampled_from(CALLS),
    flag=st.sampled_from(FLAGS),
    ship_type=st.sampled_from([0, 30, 70, 80, None]),
    length_m=st.sampled_from([None, 30, 180]),
)
entries = st.builds(
    Designation,
    list=st.sampled_from(["a", "b"]),
    entry=st.sampled_from(["1", "2", "10", "X"]),
    names=st.lists(st.sampled_from([n for n in NAMES if n]), min_size=1, max_size=2).map(tuple),
    imo=st.sampled_from([*VALID[:4], None]),
    mmsis=st.lists(st.sampled_from(MMSIS[:-1]), max_size=2).map(tuple),
    callsigns=st.lists(st.sampled_from(["HMXW", "5IM 592"]), max_size=1).map(tuple),
    flags=st.lists(st.sampled_from(["PRK", "TUV"]), max_size=2).map(tuple),
    ship_type=st.sampled_from([None, "Oil Tanker", "Fishing Vessel"]),
)


def asked(listed: list[Designation]) -> DesignationSet:
    """The entries as snapshots of their lists."""
    return DesignationSet(Snapshot(f"{n}-0", n, "", None, tuple(d for d in listed if d.list == n)) for n in ("a", "b"))


@settings(max_examples=150)
@given(parties, st.lists(entries, max_size=5, unique_by=lambda d: (d.list, d.entry)))
def test_two_valid_imo_numbers_veto(seen: Party, listed: list[Designation]) -> None:
    """No tier but conflict between two valid numbers that differ, and exact or strong only where they are equal."""
    by_key = {(d.list, d.entry): d for d in listed}
    for match in screen([seen], asked(listed), at=None):
        entry = by_key[match.list, match.entry]
        assert match.tier in TIERS and match.text.endswith(".")
        if entry.imo is not None and is_ship_imo(seen.imo):
            same = entry.imo == seen.imo
            assert match.tier in (("exact", "strong") if same else ("conflict",))
        else:
            assert match.tier not in ("exact", "conflict")
        if "/" in seen.track and "imo" not in match.matched:
            assert match.tier not in ("exact", "strong")


@settings(max_examples=100)
@given(parties, st.lists(entries, max_size=5, unique_by=lambda d: (d.list, d.entry)), st.randoms())
def test_order_of_lists_and_strangers_change_nothing(seen: Party, listed: list[Designation], random: object) -> None:
    """Snapshots in any order, other parties before and after, and asking twice give the same matches."""
    there = asked(listed)
    turned = DesignationSet(reversed(there.snapshots))
    stranger = Party(track="z", mmsi=999999999)
    alone = screen([seen], there, at="2020-01-01")
    assert screen([seen], turned, at="2020-01-01") == alone
    assert screen([stranger, seen, stranger], there, at="2020-01-01") == alone


@settings(max_examples=100)
@given(parties, parties, st.lists(entries, max_size=5, unique_by=lambda d: (d.list, d.entry)))
def test_mirror(one: Party, other: Party, listed: list[Designation]) -> None:
    """Which ship of a pair comes first changes the order of the matches and nothing else."""
    there = asked(listed)
    ahead, back = screen([one, other], there, at=None), screen([other, one], there, at=None)
    assert Counter(map(repr, ahead)) == Counter(map(repr, back))


@given(parties, entries)
def test_another_flag_never_subtracts(seen: Party, listed: Designation) -> None:
    """Another flag than the listed one is as no flag at all, and the listed one can only raise the tier."""
    rank = {tier: n for n, tier in enumerate([*TIERS, None])}

    def best(flag: str | None) -> int:
        said = Party(track="a", mmsi=0, imo=seen.imo, name=seen.name, callsign=seen.callsign, flag=flag)
        found = screen([said], asked([listed]), at=None)
        return rank[found[0].tier if found else None]

    assert best("GBR") == best(None) >= best(listed.flags[0] if listed.flags else None)


@pytest.mark.slow
def test_a_hundred_thousand_observations_in_seconds() -> None:
    """Look-ups, not comparisons: 2,000 hulls against 100,000 ships well under the time of one cup of coffee."""
    numbers = [n for n in range(9_000_000, 9_020_000) if is_ship_imo(n)]
    listed = [
        Designation("a", str(i), (f"LISTED SHIP {i}",), numbers[i], mmsis=(445_000_000 + i,)) for i in range(2000)
    ]
    seen = [
        Party(track=str(i), mmsi=352_000_000 + i, imo=numbers[i % 2000] if i % 100 == 0 else None, name=f"SHIP NO {i}")
        for i in range(100_000)
    ]
    began = time.perf_counter()
    found = screen(seen, asked(listed), at=None)
    assert len(found) == 1000
    assert time.perf_counter() - began < 20


@pytest.mark.real_data
def test_real_innocents_and_real_hulls(shared_data: Path) -> None:
    """Of 3,956 hulls that no list names none is above conflict; each listed hull renamed and reflagged is exact."""
    lists = DesignationSet(
        [
            read_list("ofac", shared_data / "lists" / "ofac" / "sdn_2024-07-02.csv.gz"),
            read_list("un1718", shared_data / "lists" / "un1718" / "1718_designated_vessels_list_final.pdf"),
        ]
    )
    listed = {hull.imo for hull in lists.hulls() if hull.imo}
    with gzip.open(shared_data / "registry" / "ships-2020-part.csv.gz", "rt", encoding="utf-8") as file:
        ships = {int(row["imo"]): row for row in csv.DictReader(file)}
    assert len(listed & set(ships)) == 20
    innocents = [
        Party(track=str(imo), mmsi=0, imo=imo, name=row["vessel_name"], flag=flag_of_name(row["flag"]), ship_type=71)
        for imo, row in ships.items()
        if imo not in listed
    ]
    assert len(innocents) > 3900
    found = Counter(match.tier for match in screen(innocents, lists, at=None))
    assert set(found) <= {"conflict", "weak"}
    assert found.total() < 20

    # The same ships without a number: their names alone, or with the flag, tell nothing above weak.
    unnumbered = [Party(track=p.track, mmsi=0, name=p.name, flag=p.flag, ship_type=71) for p in innocents]
    assert {match.tier for match in screen(unnumbered, lists, at=None)} <= {"weak"}

    renamed = [Party(track=str(imo), mmsi=352999999, imo=imo, name="NEW ROSE", flag="PAN") for imo in sorted(listed)]
    assert {match.tier for match in screen(renamed, lists, at=None)} == {"exact"}
    assert len({match.party for match in screen(renamed, lists, at=None)}) == len(listed)


@pytest.mark.real_data
def test_real_traffic_gives_hits_by_imo_alone(shared_data: Path) -> None:
    """A day's start in US waters: two hulls listed later are exact, all else is possible, conflict or weak."""
    lists = DesignationSet([read_list("ofac", shared_data / "lists" / "ofac" / "sdn_2024-07-02.csv.gz")])
    seen: dict[str, Party] = {}
    with gzip.open(shared_data / "ais" / "tables" / "marinecadastre-2022-01-03.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            imo = row["IMO"].removeprefix("IMO")
            seen[row["MMSI"]] = Party(
                track=row["MMSI"],
                mmsi=int(row["MMSI"]),
                imo=int(imo) if imo else None,
                name=row["VesselName"] or None,
                callsign=row["CallSign"] or None,
                flag=flag_of_mmsi(int(row["MMSI"])),
                ship_type=int(float(row["VesselType"] or 0)),
                length_m=int(float(row["Length"] or 0)) or None,
            )
    matches = screen(list(seen.values()), lists, at="2022-01-03")
    exact = {match.listed_name for match in matches if match.tier == "exact"}
    assert {"VIKTOR BAKAEV", "FREEDOM"} <= exact
    assert all("imo" in match.matched for match in matches if match.tier in ("exact", "strong"))
    assert [match.listed_name for match in matches if match.tier == "possible"] in ([], ["NIRVANA"])
