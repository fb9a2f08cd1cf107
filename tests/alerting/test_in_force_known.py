"""Two questions kept apart: was it listed when they met, and could we know."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.assess import assess
from alerts.designations import DesignationSet
from alerts.incident import Incident, Party
from alerts.lists.store import ListStore
from alerts.rules import load_rules
from alerts.screening import screen, screen_query

HEAD = "entry,name,imo,flag,designated_on\n"
OTHERS = "".join(f"{n},INVENTED {n},,PAN,\n" for n in range(1, 11))
SEEN = "2018-06-01"


@pytest.fixture
def publish(tmp_path: Path) -> Callable[..., ListStore]:
    """Imports versions of tables, each (rows, day, list), into one store."""
    store = ListStore(tmp_path / "lists")

    def made(*versions: tuple[str, str, str]) -> ListStore:
        for rows, day, name in versions:
            file = tmp_path / f"{name}.csv"
            file.write_text(HEAD + rows)
            store.import_list("table", file, day, fetched_at=f"{day}T05:00:00Z")
        return store

    return made


@pytest.mark.parametrize(
    "party",
    [
        Party("367000001", 367000001, imo=9275658, name="ENERGY COMMANDER", flag="USA"),
        Party("538009999", 538009999, imo=9275658, name="SOMETHING ELSE", callsign="V7ZZ9"),
        Party("1", 1, imo=9275658),
    ],
)
def test_a_hull_listed_years_later_matches_exactly_and_after(publish: Callable[..., ListStore], party: Party) -> None:
    """Seen in 2018, listed in 2026 under another name: the number says so, whatever name and MMSI it had."""
    store = publish(("P1,PURDUE STELLAR,9275658,,2026-03-20\n", "2026-04-01", "listed"))
    (match,) = screen([party], store.current(), at=SEEN)
    assert (match.tier, match.when, match.listed_name) == ("exact", "designated_after", "PURDUE STELLAR")
    incident = Incident(
        id="x", kind="rendezvous", phase="ended", published_us=0, start_us=1_527_811_200_000_000, end_us=None, lat=33.0,
        lon=-118.0, zones=(), parties=(party,), intervals=(), observed_s=0, inferred_s=0, dark_s=0,
    )  # fmt: skip
    alert = assess(incident, store.current(), load_rules())
    assert alert is not None
    assert alert.severity == "warning"
    assert [r.feature for r in alert.reasons][:1] == ["list_designated_after"]


def test_a_list_without_dates_says_unknown_until_a_version_dates_it(publish: Callable[..., ListStore]) -> None:
    """One version: unknown before it. A version of before the event with the ship, or of after without: dated."""
    undated = OTHERS + "P1,PURDUE STELLAR,9275658,,\n"

    def when(store: ListStore, day: str) -> str:
        return screen_query(9275658, None, None, None, None, store.current(), at=day)[0].when

    store = publish((undated, "2026-04-01", "listed"))
    assert [when(store, day) for day in (SEEN, "2026-03-31", "2026-04-01")] == [
        "unknown",
        "unknown",
        "designated_at_event",
    ]
    store = publish((OTHERS, "2019-01-01", "listed"))
    assert [when(store, day) for day in (SEEN, "2018-12-31", "2019-06-01", "2026-05-01")] == [
        "designated_after", "designated_after", "unknown", "designated_at_event",
    ]  # fmt: skip


def test_another_lists_date_stands_beside_and_does_not_date_the_list(publish: Callable[..., ListStore]) -> None:
    """Who listed a hull in 2026 says nothing of when another authority did: each match tells of its own list."""
    store = publish(
        ("P1,PURDUE STELLAR,9275658,,\n", "2026-04-01", "undated"),
        ("7,PURDUE STELLAR,9275658,,2026-03-20\n", "2026-04-01", "dated"),
    )
    found = screen_query(9275658, None, None, None, None, store.current(), at=SEEN)
    assert {(m.list, m.when) for m in found} == {("undated", "unknown"), ("dated", "designated_after")}


def test_another_list_that_quotes_this_one_dates_it(tmp_path: Path) -> None:
    """OFAC's CSV gives no day; a table that says since when OFAC lists the hull does, and the sentence says who did."""
    store = ListStore(tmp_path / "lists")

    def table(name: str, head: str, rows: str, day: str) -> None:
        file = tmp_path / f"{name}.csv"
        file.write_text(head + rows)
        store.import_list("table", file, day)

    def asked(day: str = SEEN) -> dict[str, tuple[str, str]]:
        found = screen_query(9275658, None, None, None, None, store.current(), at=day)
        return {m.list: (m.when, m.text) for m in found}

    table("ofac", "entry,name,imo\n", "P1,PURDUE STELLAR,9275658\n", "2026-04-01")
    assert asked()["ofac"][0] == "unknown"
    head = "entry,name,imo,designated_on,dates_of\n"
    table("compiled", head, "7,PURDUE STELLAR,9275658,2026-03-20,uk\n", "2026-04-02")
    assert asked()["ofac"][0] == "unknown", "it dates another list"
    table("compiled", head, "7,PURDUE STELLAR,9275658,2026-03-20,uk;ofac\n", "2026-04-03")
    when, text = asked()["ofac"]
    assert when == "designated_after"
    assert "compiled entry 7 gives 2026-03-20" in text
    assert asked("2026-03-20")["ofac"][0] == "designated_at_event"
    assert ListStore(tmp_path / "lists").current().designations == store.current().designations, "as kept on disk"
    table("compiled", head, "7,PURDUE STELLAR,9275658,2026-05-20,ofac\n", "2026-05-21")
    assert asked()["ofac"][0] == "unknown", "the version of April already held it: a day in May is none to believe"


def test_listed_then_and_known_then_are_two_answers(publish: Callable[..., ListStore]) -> None:
    """Designated in 2017, first had here in 2026: in force on the day, and nothing that could be known before."""
    store = publish(
        (OTHERS, "2020-01-01", "listed"), (OTHERS + "P1,LATE,9275658,,2017-01-01\n", "2026-04-01", "listed")
    )
    (match,) = screen_query(9275658, None, None, None, None, store.current(), at=SEEN)
    assert match.when == "designated_at_event"
    known = store.known_since("listed", "P1")
    assert known is not None
    assert (known.published, known.fetched_at) == ("2026-04-01", "2026-04-01T05:00:00Z")
    assert screen_query(9275658, None, None, None, None, store.as_of("2026-03-31"), at=SEEN) == []
    assert store.known_since("listed", "1") == store.records()[0]
    assert store.known_since("listed", "P1", 9000003) is None


@pytest.mark.real_data
def test_the_three_real_versions_of_ofac_answer_differently(tmp_path: Path, shared_data: Path) -> None:
    """Every ship added or removed between two versions: asked as of before and after, the answers differ."""
    store = ListStore(tmp_path)
    days = ("2021-06-03", "2022-06-03", "2024-07-02")
    folder = shared_data / "lists" / "ofac"
    ids = [store.import_list("ofac", folder / f"sdn_{day}.csv.gz", day).id for day in days]
    differing = 0
    for before, after, day in zip(ids, ids[1:], days[1:], strict=False):
        found = store.diff(before, after)
        sets: dict[str, DesignationSet] = {d: store.as_of(d) for d in days}
        earlier = days[days.index(day) - 1]
        for entries, then, now in ((found.additions, 0, 1), (found.removals, 1, 0)):
            for entry in entries:
                if entry.imo is None:
                    continue
                answers = [
                    len([m for m in screen_query(entry.imo, None, None, None, None, sets[d]) if m.entry == entry.entry])
                    for d in (earlier, day)
                ]
                assert answers == [then, now], entry
                differing += 1
    assert differing > 450
