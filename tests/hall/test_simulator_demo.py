"""The demo scenario: the same bytes for a seed, truth that the tracks bear out, an archive as archives are."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from dataclasses import replace
from functools import reduce
from pathlib import Path

import numpy as np
import pyais
import pytest

from shipwatch.simulator.demo import END_US, START_US, demo_scenario
from shipwatch.simulator.fleet import MIDS, is_company_number, ship_imo
from shipwatch.simulator.reports import Ship
from shipwatch.simulator.scenario import Scenario
from shipwatch.simulator.sphere import separation_m
from shipwatch.simulator.visits import spans_within

pytestmark = pytest.mark.slow

KINDS = {
    "alongside_transfer", "underway_transfer", "dark_meeting", "raft", "tow", "attending", "pilot_boarding",
    "shared_mmsi", "fishing_pair", "convoy", "listed_sighting", "namesake",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo() -> Scenario:
    """The scenario of ``shipwatch demo``."""
    return demo_scenario(1)


@pytest.fixture(scope="module")
def archive(demo: Scenario) -> list[bytes]:
    """Its lines."""
    return list(demo.nmea_lines())


def ships_of(scenario: Scenario, mmsi: int) -> list[Ship]:
    return [ship for ship in scenario.ships if ship.vessel.mmsi == mmsi]


def few(seed: int) -> Scenario:
    """The first staged ships only, which is quicker to hear."""
    whole = demo_scenario(seed)
    return replace(whole, ships=whole.ships[:8])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two scenarios of one seed are equal to the byte, compressed too; another seed is another archive."""
    one, two, other = few(1), few(1), few(2)
    packed = [s.write(tmp_path / f"{n}.nmea.gz").read_bytes() for n, s in enumerate((one, two, other))]
    assert packed[0] == packed[1] != packed[2]
    plain = one.write(tmp_path / "plain.nmea").read_bytes()
    assert gzip.decompress(packed[0]) == plain == b"".join(line + b"\n" for line in two.nmea_lines())


def test_the_demo_is_of_the_size_and_variety_promised(demo: Scenario, archive: list[bytes]) -> None:
    """300 ships, 24 h, 250,000 to 400,000 lines, every kind of scene, all the message types."""
    assert len(demo.ships) == 300
    assert (demo.end_us - demo.start_us) == 24 * 3_600_000_000
    assert 250_000 <= len(archive) <= 400_000
    assert {fact.kind for fact in demo.truth} == KINDS
    assert set(np.unique(demo.heard.msg_type)) == {1, 3, 4, 5, 18, 19, 24, 27}


def test_the_archive_says_that_it_is_simulated_and_is_in_time_order(archive: list[bytes]) -> None:
    """The first line is a comment that says so; stamps ascend; two lines of one message stand together."""
    assert archive[0].startswith(b"# Simulated AIS") and b"invented" in archive[0]
    layout = re.compile(rb"\\s:[a-z0-9-]+,c:(\d{10})\*[0-9A-F]{2}\\!AIVDM,(\d),(\d),(\d?),[AB],[0-w]+,\d\*[0-9A-F]{2}")
    previous, open_part = 0, None
    for line in archive[1:]:
        match = layout.fullmatch(line)
        assert match, line
        assert int(match[1]) >= previous
        previous = int(match[1])
        if match[3] == b"2":
            assert open_part == match[4]
        open_part = match[4] if match[2] == b"2" and match[3] == b"1" else None
    assert START_US // 1_000_000 <= previous <= END_US // 1_000_000 + 200


def test_bad_checksums_are_as_rare_as_specified(demo: Scenario, archive: list[bytes]) -> None:
    """Every tag block has a right checksum; about corrupt_share of the messages have a wrong one."""
    bad = 0
    for line in archive[1::7]:
        block, sentence = line[1:].split(b"\\")
        for text in (block, sentence[1:]):
            wrong = reduce(lambda a, b: a ^ b, text[:-3], 0) != int(text[-2:], 16)
            assert not (wrong and text is block)
            bad += wrong
    expected = demo.corrupt_share * len(demo.heard) / 7
    assert expected / 3 < bad < expected * 3


def test_parties_are_as_near_as_the_truth_says(demo: Scenario) -> None:
    """Throughout each span of truth every party is within the distance of another party, by the tracks themselves."""
    for fact in demo.truth:
        if fact.within_m is None:
            continue
        times = np.arange(fact.start_us, fact.end_us + 1, 20_000_000)
        places = [ships_of(demo, mmsi)[0].track.positions(times) for mmsi in fact.mmsis]
        for number, here in enumerate(places):
            others = [separation_m(*here, *there) for k, there in enumerate(places) if k != number]
            assert np.min(others, axis=0).max() <= fact.within_m + 0.5, (fact.kind, fact.mmsis)


def test_meetings_begin_and_end_where_the_truth_says(demo: Scenario) -> None:
    """A minute before and after the span of a two-ship meeting the ships are farther apart than its distance."""
    for fact in demo.truth:
        if fact.kind in ("alongside_transfer", "underway_transfer", "dark_meeting", "pilot_boarding"):
            a, b = (ships_of(demo, mmsi)[0].track for mmsi in fact.mmsis)
            for when in (fact.start_us - 60_000_000, fact.end_us + 60_000_000):
                assert separation_m(*a.positions([when]), *b.positions([when]))[0] > (fact.within_m or 0.0)


def test_the_scenes_are_what_they_are_called(demo: Scenario) -> None:
    """Hours, speeds and silences of the staged meetings are those of the story."""
    facts = {fact.kind: fact for fact in demo.truth}
    hours = {kind: (fact.end_us - fact.start_us) / 3.6e9 for kind, fact in facts.items()}
    midnight = START_US + 18 * 3_600_000_000
    assert 4.5 < hours["alongside_transfer"] < 6.0 and facts["alongside_transfer"].start_us < midnight
    assert facts["alongside_transfer"].end_us > midnight
    assert 3.0 < hours["underway_transfer"] < 4.5 and 0.1 < hours["pilot_boarding"] < 0.3 and hours["raft"] > 3.0

    def speeds(kind: str, party: int = 0) -> np.ndarray:
        fact = facts[kind]
        margin = (fact.end_us - fact.start_us) // 8
        return (
            ships_of(demo, fact.mmsis[party])[0]
            .track.at(np.arange(fact.start_us + margin, fact.end_us - margin, 60_000_000))
            .sog_kn
        )

    assert speeds("alongside_transfer").max() < 1.6
    assert 2.0 < np.median(speeds("underway_transfer")) < 3.0
    assert 8.0 <= np.median(speeds("convoy")) <= 12.0
    assert 7.0 < np.median(speeds("pilot_boarding", 1)) < 9.0


def test_the_silent_party_of_the_dark_meeting_is_not_heard(demo: Scenario) -> None:
    """Nothing of her is received within her silence, which holds the whole meeting; her draught is another after it."""
    (fact,) = (f for f in demo.truth if f.kind == "dark_meeting")
    number = next(n for n, s in enumerate(demo.ships) if s.vessel.mmsi == fact.mmsis[1])
    ((off, on),) = demo.ships[number].silences
    assert off < fact.start_us and fact.end_us < on
    heard, mine = demo.heard, demo.heard.ship == number
    sent = heard.sent_us[mine]
    assert not ((sent >= off) & (sent < on)).any() and (sent < off).any() and (sent > on).any()
    static = mine & (heard.msg_type == 5)
    assert set(heard.draught_m[static & (heard.sent_us < off)]) == {7.9}
    assert set(heard.draught_m[static & (heard.sent_us > on)]) == {5.1}
    other = next(n for n, s in enumerate(demo.ships) if s.vessel.mmsi == fact.mmsis[0])
    assert ((heard.ship == other) & (heard.sent_us > off) & (heard.sent_us < on)).sum() > 30


def test_transfers_are_heard_well_enough_to_be_found(demo: Scenario) -> None:
    """Each party of the two open transfers is received at least 40 times during it, with holes."""
    for fact in demo.truth:
        if fact.kind.endswith("transfer"):
            for mmsi in fact.mmsis:
                number = next(n for n, s in enumerate(demo.ships) if s.vessel.mmsi == mmsi)
                rows = (demo.heard.ship == number) & np.isin(demo.heard.msg_type, (1, 3))
                sent = np.sort(demo.heard.sent_us[rows])
                sent = sent[(sent >= fact.start_us) & (sent <= fact.end_us)]
                assert len(sent) >= 40, (fact.kind, mmsi)
    fact = next(f for f in demo.truth if f.kind == "alongside_transfer")
    number = next(n for n, s in enumerate(demo.ships) if s.vessel.mmsi == fact.mmsis[0])
    sent = np.sort(demo.heard.sent_us[demo.heard.ship == number])
    assert np.diff(sent[(sent >= fact.start_us) & (sent <= fact.end_us)]).max() > 3_600_000_000


def test_one_mmsi_is_shared_by_two_hulls_far_apart(demo: Scenario) -> None:
    """The two hulls of the shared MMSI are both heard and never nearer than 100 nautical miles."""
    counts = Counter(ship.vessel.mmsi for ship in demo.ships)
    (fact,) = (f for f in demo.truth if f.kind == "shared_mmsi")
    assert [mmsi for mmsi, count in counts.items() if count > 1] == [fact.mmsis[0]]
    one, two = ships_of(demo, fact.mmsis[0])
    assert spans_within(one.track, two.track, 185_000.0) == []


def test_identities_are_invented_and_well_formed(demo: Scenario) -> None:
    """MMSI begin with their flag's digits; IMO numbers have a right check digit, begin with 3, and repeat nowhere."""
    seen: set[int] = set()
    for vessel in {ship.vessel.mmsi: ship.vessel for ship in demo.ships}.values():
        assert vessel.mmsi // 1_000_000 == MIDS[vessel.flag][0]
        assert len(vessel.name) <= 20 and len(vessel.callsign) <= 7
        if vessel.imo:
            assert ship_imo(vessel.imo // 10) == vessel.imo and not is_company_number(vessel.imo)
            assert 3_000_000 <= vessel.imo < 4_000_000 and vessel.imo not in seen
            seen.add(vessel.imo)


def test_listed_ships_and_namesakes_are_what_the_list_makes_of_them(demo: Scenario) -> None:
    """Every entry is marked as invented; listed ships sail with the listed IMO, namesakes with another or none."""
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(demo.designations_csv()))}
    assert list(rows["TIN HORIZON"]) == [
        "entry", "name", "imo", "mmsi", "callsign", "flag", "ship_type", "designated_on", "delisted_on", "aliases",
    ]  # fmt: skip
    assert all(row["entry"].startswith("INVENTED-") for row in rows.values())
    listed = {int(row["imo"]) for row in rows.values()}
    assert all(ship_imo(imo // 10) == imo for imo in listed)
    sailing = {ship.vessel.imo for ship in demo.ships} & listed
    assert len(sailing) == 5
    for fact in demo.truth:
        vessel = ships_of(demo, fact.mmsis[0])[0].vessel
        if fact.kind == "listed_sighting":
            assert vessel.imo in listed
        if fact.kind == "namesake":
            assert vessel.name in rows and vessel.imo not in listed
    namesakes = [s.vessel for s in demo.ships if s.vessel.name in rows and s.vessel.imo not in listed]
    assert {v.name for v in namesakes} == {"HAZEL MERIDIAN", "GREY PAVILION", "COBALT TERRACE", "TIN HORIZON"}


def test_lines_decode_to_what_the_ships_did(demo: Scenario, archive: list[bytes]) -> None:
    """A sample of the archive, decoded by pyais, gives positions within metres of the tracks and right identities."""
    by_mmsi = {ship.vessel.mmsi: ship for ship in demo.ships}
    shared = next(f.mmsis[0] for f in demo.truth if f.kind == "shared_mmsi")
    checked: Counter[int] = Counter()
    for line in archive[1::97]:
        sentence = line.split(b"\\")[-1]
        if b"AIVDM,2" in sentence:
            continue
        message = pyais.decode(sentence).asdict()
        ship = by_mmsi.get(message["mmsi"])
        if ship is None or message["mmsi"] == shared or message["msg_type"] not in (1, 3, 18, 19, 24):
            continue
        checked[message["msg_type"]] += 1
        if message["msg_type"] == 24:
            assert message.get("shipname", ship.vessel.name) == ship.vessel.name
        elif message["lat"] < 91:
            stamp = int(re.search(rb"c:(\d+)", line)[1])  # type: ignore[index]
            sent = stamp - (stamp - message["second"]) % 60
            lat, lon = ship.track.positions([sent * 1_000_000 + 500_000])
            knots = max(message["speed"], 1.0)
            assert separation_m(lat[0], lon[0], message["lat"], message["lon"]) < 10.0 + knots * 62 * (
                0.52 if stamp - sent > 50 else 0.02
            )
    assert checked[1] > 1000 and checked[18] > 50 and checked[24] > 10
