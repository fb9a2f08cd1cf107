"""Watchlists: what a file may say, how its entries match, and what the store keeps of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.assess import assess
from alerts.designations import Designation, DesignationSet, Snapshot
from alerts.errors import ListError
from alerts.incident import Incident, Match, Party
from alerts.lists import ListStore
from alerts.rules import load_rules
from alerts.screening import screen
from alerts.watch_entries import without_expired

IMO, OTHER_IMO = 9074729, 8814275
HEADER = "imo,mmsi,name,callsign,flag,reason,owner,expires\n"
DAY_US = 86_400_000_000
D2026 = 1_767_225_600_000_000


def store_with(tmp_path: Path, *rows: str, name: str = "desk", at: str = "2026-01-01T00:00:00Z") -> ListStore:
    """A store with one watchlist of these rows."""
    store = ListStore(tmp_path / "lists")
    take(store, tmp_path, rows, name, at)
    return store


def take(store: ListStore, tmp_path: Path, rows: tuple[str, ...], name: str, at: str) -> None:
    """Import the rows as the watchlist's newest version."""
    file = tmp_path / "own.csv"
    file.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    store.import_list("watchlist", file, fetched_at=at, list_name=f"watchlist:{name}")


def tiers(store: ListStore, at: str | None = None, **said: object) -> list[str]:
    """Tiers of the matches of one ship; its MMSI is no list's unless given."""
    return [match.tier for match in matches(store, at, **said)]


def matches(store: ListStore, at: str | None = None, **said: object) -> list[Match]:
    """The matches of one ship."""
    return screen([Party(**{"track": "t", "mmsi": 352001234, **said})], store.current(), at=at)  # type: ignore[arg-type]


def test_a_match_carries_reason_owner_and_expiry(tmp_path: Path) -> None:
    """By IMO it is exact whatever the name; it is watched, no designation, and its source says so."""
    store = store_with(tmp_path, f"IMO {IMO},,INVENTED STAR,,PRK,seen loading at night,desk 2,2026-12-31")
    (match,) = matches(store, "2026-12-31", imo=IMO, name="OTHER NAME")
    assert (match.tier, match.when, match.list, match.entry) == ("exact", "watched", "watchlist:desk", str(IMO))
    assert match.watch is not None
    assert (match.watch.reason, match.watch.owner, match.watch.expires) == (
        "seen loading at night", "desk 2", "2026-12-31",
    )  # fmt: skip
    assert match.source is not None and match.source.cautions == ("not a legal designation",)


def test_an_expired_entry_matches_no_more(tmp_path: Path) -> None:
    """The last day counts, the next does not; without a date the set can be freed of what has expired."""
    store = store_with(tmp_path, f"{IMO},,,,,why,,2026-03-31", f"{OTHER_IMO},,,,,why,,")
    assert tiers(store, "2026-03-31", imo=IMO) == ["exact"]
    assert tiers(store, "2026-04-01", imo=IMO) == []
    assert tiers(store, "2036-04-01", imo=OTHER_IMO) == ["exact"]
    assert len(without_expired(store.current(), "2026-04-01")) == 1
    assert len(without_expired(store.current(), "2026-03-31")) == 2


@pytest.mark.parametrize(
    ("row", "said", "tier"),
    [
        (",,SEA STAR 3,,,why,,", {"name": "SEA STAR III", "imo": OTHER_IMO}, "possible"),
        (",,SEA STAR 3,,,why,,", {"name": "SEA STAR II"}, None),
        (",,SEA STAR,,PAN,why,,", {"name": "SEA STAR", "imo": OTHER_IMO, "flag": "PAN"}, "possible"),
        (",,SEA STAR,,PRK,why,,", {"name": "SEA STAR", "flag": "PAN"}, "weak"),
        (",352001234,,,PRK,why,,", {}, "possible"),
        (",352001234,SEA STAR,,PRK,why,,", {"name": "SEA STAR"}, "strong"),
        (",,,3EXY7,,why,,", {"callsign": "3exy7"}, "possible"),
        (f"{IMO},,SEA STAR,,,why,,", {"name": "SEA STAR", "imo": OTHER_IMO}, "conflict"),
    ],
)
def test_tiers_of_what_an_analyst_wrote(tmp_path: Path, row: str, said: dict[str, object], tier: str | None) -> None:
    """A name alone is enough where nothing else is stated; an MMSI is the present one whatever the flag beside it."""
    assert tiers(store_with(tmp_path, row), **said) == ([] if tier is None else [tier])


def test_what_a_watchlist_says_is_no_part_of_a_designation(tmp_path: Path) -> None:
    """An MMSI that only an analyst wrote down does not make the ship a hit on the list that names the same hull."""
    own = store_with(tmp_path, f"{IMO},352001234,,,,why,,").current().snapshots
    listed = Snapshot("a-0", "a", "", None, (Designation("a", "1", ("OLD STAR",), IMO),))
    found = screen([Party("t", 352001234)], DesignationSet([listed, *own]), at=None)
    assert [(match.list, match.tier) for match in found] == [("watchlist:desk", "possible")]
    both = screen([Party("t", 1, imo=IMO)], DesignationSet([listed, *own]), at=None)
    assert [(match.list, match.tier) for match in both] == [("a", "exact"), ("watchlist:desk", "exact")]


@pytest.mark.parametrize(("kind", "severity"), [("sighting", "warning"), ("loitering", "notice")])
def test_the_alert_says_why_the_ship_is_watched(tmp_path: Path, kind: str, severity: str) -> None:
    """A sighting of a watched hull is a warning; its reason names the watchlist's reason and who asked."""
    store = store_with(tmp_path, f"{IMO},,,,,seen loading at night,desk 2,")
    incident = Incident(
        id="i", kind=kind, phase="ongoing", published_us=D2026, start_us=D2026, end_us=None, lat=30.0, lon=-120.0,
        zones=(), parties=(Party("t", 352001234, imo=IMO, name="ROSE"),), intervals=(), observed_s=0, inferred_s=0,
        dark_s=0,
    )  # fmt: skip
    alert = assess(incident, store.current(), load_rules())
    assert alert is not None and alert.severity == severity
    (reason,) = [r for r in alert.reasons if r.feature == "watchlist"]
    assert "seen loading at night (asked for by desk 2)" in reason.text and "no designation" in reason.text
    assert not [r for r in alert.reasons if r.feature == "list_exact"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("9074720,,,,,why,,", "fails its check digit"),
        ("5434358,,,,,why,,", "company number"),
        (",12345,,,,why,,", "mmsi '12345'"),
        (",002241022,,,,why,,", "mmsi '002241022'"),
        (",,X,,,why,,", "name 'X'"),
        (",,,AB,,why,,", "callsign 'AB'"),
        (",,,,PAN,why,,", "none of imo, mmsi, name and callsign"),
        (",,SEA STAR,,NOWHERE,why,,", "flag 'NOWHERE'"),
        (",,SEA STAR,,,,,", "reason is empty"),
        (",,SEA STAR,,,why,,31.12.2026", "31.12.2026"),
        (",,SEA STAR,,,why,", "cells"),
        (f",,SEA STAR,,,{'x' * 301},,", "at most 300"),
    ],
)
def test_a_row_not_understood_refuses_the_file(tmp_path: Path, row: str, said: str) -> None:
    """The error names the line, and the version before it stays."""
    store = store_with(tmp_path, f"{IMO},,,,,why,,")
    with pytest.raises(ListError, match=said) as refused:
        take(store, tmp_path, (f"{OTHER_IMO},,,,,why,,", row), "desk", "2026-01-02T00:00:00Z")
    assert "own.csv:3" in str(refused.value)
    assert tiers(store, imo=IMO) == ["exact"]


@pytest.mark.parametrize("header", ["imo,name\n", "imo,reason,nickname\n", "imo,reason,imo\n", ""])
def test_a_header_not_understood_refuses_the_file(tmp_path: Path, header: str) -> None:
    """A missing reason, an unknown or doubled column, nothing at all."""
    file = tmp_path / "own.csv"
    file.write_text(header)
    with pytest.raises(ListError):
        ListStore(tmp_path / "lists").import_list("watchlist", file, list_name="watchlist:desk")


def test_versions_are_kept_and_the_newest_counts(tmp_path: Path) -> None:
    """Entries may all go; what is not in the newest version is gone; the same file taken again is the newest again."""
    rows = tuple(f"{IMO if n == 0 else ''},,INVENTED SHIP {n},,,why,," for n in range(20))
    store = store_with(tmp_path, *rows)
    assert tiers(store, imo=IMO) == ["exact"]
    take(store, tmp_path, (), "desk", "2026-01-02T00:00:00Z")
    assert len(store.records()) == 2 and tiers(store, imo=IMO) == []
    take(store, tmp_path, rows, "desk", "2026-01-02T00:00:01Z")
    assert tiers(ListStore(store.folder), imo=IMO) == ["exact"]
    take(store, tmp_path, rows[:1], "other", "2026-01-02T00:00:02Z")
    assert tiers(store, imo=IMO) == ["exact", "exact"]
    assert store.current().source_of("watchlist:other") is not None


def test_a_watchlist_put_on_again_was_on_before_too(tmp_path: Path) -> None:
    """Taken off and put on again it is the newest; what was asked after each earlier import, and on each day, stays."""
    rows = (f"{IMO},,,,,first reason,desk,",)
    store = store_with(tmp_path, *rows, at="2026-01-01T00:00:00Z")
    first = store.current().lists()
    take(store, tmp_path, (), "desk", "2026-02-01T00:00:00Z")
    off = store.current().lists()
    take(store, tmp_path, rows, "desk", "2026-03-01T00:00:00Z")
    take(store, tmp_path, rows, "desk", "2026-03-02T00:00:00Z")  # the newest once more changes nothing
    take(store, tmp_path, (), "desk", "2026-04-01T00:00:00Z")
    store = ListStore(store.folder)
    assert first != off
    assert [store.current(upto=number).lists() for number in range(5)] == [(), first, off, first, off]
    days = ("2025-12-31", "2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15")
    assert [len(store.as_of(day)) for day in days] == [0, 1, 0, 1, 0]
    known = store.known_since("watchlist:desk", str(IMO))
    assert known is not None and known.fetched_at == "2026-01-01T00:00:00Z"
    assert len(store.records()) == 2


def test_a_name_that_cannot_be_one(tmp_path: Path) -> None:
    """It becomes a file's name: small letters, digits and little else."""
    for name in ("../up", "A B", "", "x" * 31):
        with pytest.raises(ListError, match="small letters"):
            store_with(tmp_path, f"{IMO},,,,,why,,", name=name)
