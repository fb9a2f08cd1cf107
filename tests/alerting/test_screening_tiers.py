"""Screening: each tier with what gives it and what does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alerts.designations import Designation, DesignationSet, ListedCompany, Snapshot
from alerts.errors import ScreeningError
from alerts.in_force import in_force
from alerts.incident import Match, MatchedCompany, Party, Said
from alerts.list_features import match_aside
from alerts.list_source import ListSource
from alerts.screening import screen, screen_query

IMO, OTHER_IMO, THIRD_IMO = 9074729, 8814275, 9319466
SHIP = Designation(
    list="mine", entry="1", names=("INVENTED STAR 3", "OLD COMET"), imo=IMO, mmsis=(445114000, 572469210),
    callsigns=("5IM 592",), flags=("PRK", "TUV"), former_flags=("TUV",), ship_type="Oil Tanker", length_m=180,
    designated_on="2018-03-30",
)  # fmt: skip
AGREES: dict[str, Any] = {"mmsi": 445114000, "callsign": "5IM592", "name": "INVENTED STAR III", "flag": "PRK"}


def asked(*designations: Designation) -> DesignationSet:
    """A set of one snapshot for each list."""
    lists = sorted({d.list for d in designations})
    return DesignationSet(Snapshot(f"{n}-0", n, "", None, tuple(d for d in designations if d.list == n)) for n in lists)


def party(**said: Any) -> Party:
    """A vessel with an MMSI that no list knows, unless said otherwise."""
    return Party(**{"track": "t", "mmsi": 352001234, **said})


def screened(seen: Party, *designations: Designation, **options: Any) -> list[Match]:
    """The matches of one party."""
    return screen([seen], asked(*(designations or (SHIP,))), **{"at": None, **options})


def tier(seen: Party, *designations: Designation, **options: Any) -> str | None:
    """The one tier of one party against one hull; None for no match."""
    found = screened(seen, *designations, **options)
    assert len(found) <= 1
    return found[0].tier if found else None


def test_exact_is_the_imo_renamed_and_reflagged() -> None:
    """A new name, flag, MMSI and call sign do not matter: the hull is told by its IMO number."""
    (match,) = screened(party(imo=IMO, name="INNOCENT ROSE", flag="PAN", callsign="3EXY7", ship_type=80))
    assert match.tier == "exact"
    assert match.matched["imo"] == (str(IMO), str(IMO))
    assert match.listed_name == "INVENTED STAR 3"
    assert "sails as INNOCENT ROSE" in match.text and "flag Panama, listed with North Korea" in match.text


def test_an_invalid_imo_is_never_matched() -> None:
    """A wrong check digit, zero and a placeholder match nothing, even where the list states the same raw text."""
    listed = replace(SHIP, imo=None, raw_imo="9074720")
    for sent in (9074720, 0, 1234567, 5555555):
        assert tier(party(imo=sent), listed) is None
        assert tier(party(imo=sent)) is None


@pytest.mark.parametrize(("said", "field"), [({"ship_type": 30}, "ship_type"), ({"length_m": 90}, "size")])
def test_strong_is_the_imo_with_a_contradiction(said: dict[str, Any], field: str) -> None:
    """A fishing vessel, or one half as long, with a tanker's IMO may have stolen it: told, one tier lower."""
    (match,) = screened(party(imo=IMO, **said))
    assert match.tier == "strong"
    assert f"{field}_conflict" in match.matched and "contradicted by" in match.text


@pytest.mark.parametrize("said", [{"ship_type": 84, "length_m": 183}, {"ship_type": 90}, {"ship_type": 0}])
def test_no_contradiction(said: dict[str, Any]) -> None:
    """An agreeing type, "other", not sent, and a length within a tenth leave the IMO exact."""
    assert tier(party(imo=IMO, **said)) == "exact"


@pytest.mark.parametrize(
    "fields",
    [("mmsi", "name"), ("mmsi", "callsign"), ("callsign", "name"), ("mmsi", "callsign", "name", "flag")],
)
def test_strong_without_imo_is_two_identifying_values(fields: tuple[str, ...]) -> None:
    """Any two of present MMSI, call sign and name with its numeral."""
    assert tier(party(**{field: AGREES[field] for field in fields})) == "strong"
    # An invalid IMO is as none.
    (match,) = screened(party(imo=9074720, **{field: AGREES[field] for field in fields}))
    assert match.tier == "strong" and "fails its check digit, not used" in match.text


def test_strong_without_imo_needs_no_contradiction() -> None:
    """Two identifying values on a ship of another kind are possible, not strong."""
    assert tier(party(mmsi=445114000, name="INVENTED STAR 3", ship_type=36)) == "possible"


def test_name_and_flag() -> None:
    """Possible, also with the kind of ship; with its size strong; with another flag weak."""
    assert tier(party(name="OLD COMET", flag="PRK")) == "possible"
    assert tier(party(name="OLD COMET", flag="PRK", ship_type=80)) == "possible"
    assert tier(party(name="OLD COMET", flag="PRK", length_m=178)) == "strong"
    assert tier(party(name="OLD COMET", flag="PRK", ship_type=30)) == "weak"
    assert tier(party(name="OLD COMET", flag="PAN", ship_type=80)) == "weak"
    assert tier(party(name="OLD COMET", flag="TUV", ship_type=80)) == "weak"


@pytest.mark.parametrize("said", [{"mmsi": 445114000}, {"callsign": "5im592"}, {"mmsi": 445114000, "name": "NEW ROSE"}])
def test_possible_is_one_identifying_value(said: dict[str, Any]) -> None:
    """An MMSI or a call sign alone, the name sent or not."""
    assert tier(party(**said)) == "possible"


def test_a_like_name_does_not_make_two() -> None:
    """A misspelt name beside the MMSI is possible; the number off by one is another name."""
    (match,) = screened(party(mmsi=445114000, name="INVENTDE STAR 3"))
    assert match.tier == "possible" and "a name like it" in match.text
    (match,) = screened(party(mmsi=445114000, name="INVENTED STAR 2"))
    assert match.tier == "possible" and "name" not in match.matched


def test_an_mmsi_of_a_former_flag_is_weaker() -> None:
    """Historic: alone weak, with the name possible, and with MMSI digits of no stated flag the same."""
    assert tier(party(mmsi=572469210)) == "weak"
    assert tier(party(mmsi=572469210, name="OLD COMET")) == "possible"
    assert tier(party(mmsi=572469210, callsign="5IM592")) == "possible"
    undated = replace(SHIP, flags=("PRK",), former_flags=())
    assert tier(party(mmsi=572469210), undated) == "weak"
    # Where no flag is stated nothing is known to be former.
    assert tier(party(mmsi=572469210), replace(SHIP, flags=(), former_flags=())) == "possible"


@pytest.mark.parametrize("fields", [("name",), ("mmsi",), ("callsign",), ("mmsi", "callsign", "name", "flag")])
def test_another_valid_imo_is_a_conflict(fields: tuple[str, ...]) -> None:
    """However much else agrees, a ship under another valid IMO is a lead and never a hit."""
    (match,) = screened(party(imo=OTHER_IMO, **{field: AGREES[field] for field in fields}))
    assert match.tier == "conflict"
    assert match.matched["imo_conflict"] == (str(OTHER_IMO), str(IMO))
    assert "another valid IMO" in match.text


def test_no_conflict_without_an_identifying_value() -> None:
    """A like name, or flag and type alone, under another IMO are nothing at all."""
    assert tier(party(imo=OTHER_IMO, name="INVENTDE STAR 3")) is None
    assert tier(party(imo=OTHER_IMO, flag="PRK", ship_type=80)) is None


def test_an_mmsi_listed_for_two_hulls_is_no_conflict() -> None:
    """The list itself gives this MMSI to both: the ship that its IMO tells betrays nothing of the other."""
    twin = replace(SHIP, entry="2", names=("TWIN",), imo=OTHER_IMO, callsigns=())
    matches = screened(party(imo=OTHER_IMO, mmsi=445114000, name="TWIN"), SHIP, twin)
    assert [(m.entry, m.tier) for m in matches] == [("2", "exact")]
    # Without an IMO the name says which; the other stays possible.
    matches = screened(party(mmsi=445114000, name="TWIN"), SHIP, twin)
    assert [(m.entry, m.tier) for m in matches] == [("2", "strong"), ("1", "possible")]


def test_weak_is_a_name_only() -> None:
    """A name alone, by itself or on a ship whose IMO the list does not know, never alerts."""
    assert tier(party(name="M/V INVENTED STAR III")) == "weak"
    no_imo = replace(SHIP, imo=None)
    assert tier(party(name="OLD COMET", imo=OTHER_IMO, flag="PRK", ship_type=80), no_imo) == "weak"
    assert tier(party(name="OLD COMET", imo=OTHER_IMO, mmsi=445114000), no_imo) == "strong"


def test_nothing_is_no_match() -> None:
    """A ship that sends nothing, or shares only flag and type, is not in the result."""
    assert tier(party()) is None
    assert tier(party(flag="PRK", ship_type=80, length_m=180)) is None
    assert tier(party(name="INVENTED STAR", callsign="5I", mmsi=0)) is None


RULE = Designation(list="rules", entry="A", names=("DPRK VESSEL CLASS",), flags=("PRK",), kind="class")


def test_class() -> None:
    """All vessels of a flag, told by the MMSI's digits or the flag given; a station of that state is no vessel."""
    (match,) = screened(party(mmsi=445999999), RULE)
    assert (match.tier, match.entry, match.matched["mmsi"]) == ("class", "A", ("445999999", "445"))
    assert tier(party(flag="PRK"), RULE) == "class"
    assert tier(party(mmsi=352001234), RULE) is None
    assert tier(party(mmsi=994451234), RULE) is None
    assert [m.tier for m in screened(party(imo=IMO, mmsi=445114000), SHIP, RULE)] == ["exact", "class"]


def test_two_hulls_on_one_mmsi() -> None:
    """Nothing above possible, unless the IMO says which of the two it is."""
    told = party(track="445114000", **AGREES)
    assert tier(told) == "strong"
    assert tier(told, ambiguous_tracks=frozenset({"445114000"})) == "possible"
    assert tier(replace(told, track="445114000/2")) == "possible"
    with_imo = replace(told, imo=IMO)
    both = frozenset({"445114000", "445114000/2"})
    assert tier(with_imo, ambiguous_tracks=both) == "exact"
    twin = replace(with_imo, track="445114000/2")
    matches = screen([with_imo, twin], asked(SHIP), at=None, ambiguous_tracks=both)
    assert [m.tier for m in matches] == ["possible", "possible"]
    matches = screen([with_imo, replace(twin, imo=OTHER_IMO)], asked(SHIP), at=None, ambiguous_tracks=both)
    assert [m.tier for m in matches] == ["exact", "conflict"]


def test_lists_that_name_one_hull_are_one_hull() -> None:
    """The MMSI of one list and the name of another make two values; each list's entry is told."""
    a = Designation(list="a", entry="7", names=("FIRST NAME",), imo=IMO, mmsis=(445114000,))
    b = Designation(list="b", entry="9", names=("SECOND NAME",), imo=IMO)
    matches = screened(party(mmsi=445114000, name="SECOND NAME"), b, a)
    assert [(m.list, m.entry, m.tier) for m in matches] == [("a", "7", "strong"), ("b", "9", "strong")]
    assert [m.listed_name for m in matches] == ["FIRST NAME", "SECOND NAME"]
    assert "stated by another list" in matches[1].text
    assert len(asked(a, b).hulls()) == 1


@pytest.mark.parametrize(
    ("dates", "at", "when"),
    [
        ({"designated_on": "2018-03-30"}, "2018-03-29", "designated_after"),
        ({"designated_on": "2018-03-30"}, "2018-03-30", "designated_at_event"),
        ({"designated_on": "2018-03-30"}, "2018-03-30T00:00:00Z", "designated_at_event"),
        ({"designated_on": "2018-03-30", "delisted_on": "2020-01-01"}, "2019-12-31", "designated_at_event"),
        ({"designated_on": "2018-03-30", "delisted_on": "2020-01-01"}, "2020-01-01", "delisted_before"),
        ({"delisted_on": "2020-01-01"}, "2019-01-01", "unknown"),
        ({"listed_by": "2024-07-02"}, "2024-07-02", "designated_at_event"),
        ({"listed_by": "2024-07-02"}, "2024-07-01", "unknown"),
        ({}, "2024-07-01", "unknown"),
        ({"designated_on": "2018-03-30"}, None, "unknown"),
    ],
)
def test_when(dates: dict[str, str], at: str | None, when: str) -> None:
    """Listed at the event, after it, no longer, or not known: never guessed."""
    listed = replace(SHIP, **{"designated_on": None, **dates})
    (match,) = screened(party(imo=IMO), listed, at=at)
    assert match.when == when
    assert in_force(listed, at and at[:10]) == when


def test_a_bad_date_is_refused() -> None:
    """Not an ISO date is an error with the value, not a silent "unknown"."""
    with pytest.raises(ScreeningError, match="'30/03/2018'"):
        screened(party(imo=IMO), at="30/03/2018")


def test_query_by_hand() -> None:
    """The same matches, like names as weak, flags by name; an empty question or an unknown flag is refused."""
    listed = asked(SHIP)
    assert [m.tier for m in screen_query(IMO, None, None, None, None, listed)] == ["exact"]
    (match,) = screen_query(None, None, "INVENTDE STAR 3", None, None, listed, "2019-01-01")
    assert (match.tier, match.when, match.party) == ("weak", "designated_at_event", "query")
    assert [m.tier for m in screen_query(None, None, "OLD COMET", None, "North Korea", listed)] == ["possible"]
    assert screen_query(None, None, "NEW ROSE", None, None, listed) == []
    with pytest.raises(ScreeningError, match="'Atlantis'"):
        screen_query(None, None, None, None, "Atlantis", listed)
    with pytest.raises(ScreeningError, match="nothing to screen"):
        screen_query(None, None, None, None, None, listed)


def test_size_from_gross_tonnage() -> None:
    """A length that cannot carry the listed tonnage contradicts; one that can agrees."""
    vlcc = replace(SHIP, length_m=None, gross_tonnage=160_000)
    assert tier(party(imo=IMO, length_m=333), vlcc) == "exact"
    assert tier(party(imo=IMO, length_m=90), vlcc) == "strong"
    assert tier(party(name="OLD COMET", flag="PRK", length_m=333), vlcc) == "strong"


def test_each_identity_of_the_event_is_screened() -> None:
    """A ship that sent a listed hull's IMO and another valid one meanwhile is exact, and the text says when."""
    seen = party(imo=OTHER_IMO, name="NEW ROSE", also_sent=(Said(IMO, "OLD COMET"),))
    (match,) = screened(seen)
    assert match.tier == "exact" and match.matched["imo"] == (str(IMO), str(IMO))
    assert f"another time of the event (OLD COMET, IMO {IMO}), not as shown (NEW ROSE)" in match.text
    # The better of two stands: what it sends now is the listed hull itself.
    (match,) = screened(party(imo=IMO, also_sent=(Said(OTHER_IMO, "INVENTED STAR 3"),)))
    assert match.tier == "exact" and "another time" not in match.text
    # Under a shared MMSI the other identity may be the other hull's.
    (match,) = screened(replace(seen, track="352001234/2"))
    assert match.tier == "possible"


def test_a_name_that_the_list_calls_weak_counts_less() -> None:
    """A weak alias is no more than a like name: alone weak, never a conflict, no second identifying value."""
    listed = replace(SHIP, weak_names=("OLD COMET",), callsigns=(), mmsis=(445114000,))
    assert tier(party(name="OLD COMET", flag="PRK"), listed) == "weak"
    assert tier(party(name="INVENTED STAR 3", flag="PRK"), listed) == "possible"
    assert tier(party(name="OLD COMET", mmsi=445114000), listed) == "possible"
    assert tier(party(name="INVENTED STAR 3", mmsi=445114000), listed) == "strong"
    assert tier(party(name="OLD COMET", imo=OTHER_IMO), listed) is None
    (match,) = screened(party(name="OLD COMET"), listed)
    assert "which the list itself calls weak" in match.text
    other = replace(SHIP, list="other", entry="9", weak_names=())
    assert screened(party(name="OLD COMET", flag="PRK"), listed, other)[0].tier == "possible"


def test_the_series_of_a_call_sign_corroborates_and_never_decides() -> None:
    """A call sign of the listed flag under another flag's MMSI is told beside the match; alone it matches nothing."""
    (match,) = screened(party(imo=IMO, callsign="HMYM8"))
    assert match.matched["callsign_flag"] == ("HMYM8", "PRK")
    assert "the series of its call sign (North Korea)" in match.text
    assert "callsign_flag" not in screened(party(imo=IMO, callsign="HMYM8", flag="PRK"))[0].matched
    assert tier(party(callsign="HMYM8")) is None
    assert tier(party(callsign="HMYM8", name="INVENTED STAR 3")) == tier(party(name="INVENTED STAR 3")) == "weak"


def test_owners_measures_and_source_come_with_the_match() -> None:
    """Whom the list names with the ship stands in the match, as do its measures and what must be said of the list."""
    listed = replace(
        SHIP,
        companies=(ListedCompany("owner", "INVENTED CO", 5434358), ListedCompany("manager", "OLD CO", former=True)),
        programs=("INVENTED-1",),
    )
    source = ListSource("mine", "My List", "An Office", "CC BY-NC 4.0", non_commercial=True)
    there = DesignationSet([Snapshot("mine-0", "mine", "", None, (listed,), source=source)])
    (match,) = screen([party(imo=IMO)], there, at=None)
    assert match.companies == (
        MatchedCompany("owner", "INVENTED CO", 5434358), MatchedCompany("former manager", "OLD CO"),
    )  # fmt: skip
    assert (match.programs, match.source) == (("INVENTED-1",), source)
    aside = match_aside(match)
    assert "owner INVENTED CO (company IMO 5434358)" in aside and "list mine: non-commercial use only" in aside
    assert "measures stated: INVENTED-1" in aside
    unlawful = DesignationSet([Snapshot("mine-0", "mine", "", None, (replace(listed, legal=False),))])
    assert "not a legal designation" in match_aside(screen([party(imo=IMO)], unlawful, at=None)[0])


def test_a_class_of_a_company_takes_in_the_ships_that_a_list_names_with_it() -> None:
    """A list designates all ships of a company: another list's owner link makes a hull one of them, told with both."""
    owner = ListedCompany("owner", "INVENTED CO", 5434358)
    ship = replace(SHIP, companies=(owner,))
    whole = Designation("other", "C1", ("SHIPS OF INVENTED CO",), kind="class", companies=(owner,))
    by_imo = screened(party(imo=IMO), ship, whole)
    assert [(m.list, m.tier) for m in by_imo] == [("mine", "exact"), ("other", "class")]
    assert by_imo[1].matched == {"owner": ("5434358", "5434358")} and "list mine names INVENTED CO" in by_imo[1].text
    assert [m.tier for m in screened(party(name="INVENTED STAR 3"), ship, whole)] == ["weak"]
    former = replace(SHIP, companies=(replace(owner, former=True),))
    assert [m.tier for m in screened(party(imo=IMO), former, whole)] == ["exact"]
