"""Told alerts against lists that changed: one further revision, the first verdict standing, nothing told twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alerts.alert_json import alert_to_json
from alerts.assess import assess
from alerts.designations import DesignationSet
from alerts.incident import Alert, Incident, Party
from alerts.lists.store import ListStore
from alerts.rules import Rules, load_rules
from shipwatch.checkpoints import Checkpoint
from shipwatch.hearing import Hearing
from shipwatch.ledger import Ledger
from shipwatch.live_memory import Memory, save
from shipwatch.pipeline import Outcome, PipelineState
from shipwatch.rescreening import Rescreened, rescreen

US = 1_000_000
DAY_US = 86_400 * US
HEAD = "entry,name,imo,mmsi,flag,designated_on,delisted_on\n"
ONE = "7,INVENTED ONE,9000003,538000001,MHL,2025-06-01,\n"
OTHERS = "".join(f"{n},INVENTED OTHER {n},,,PAN,2020-01-01,\n" for n in range(100, 140))


def at(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * US


NOW_US = at("2025-08-01T10:00:30")


@pytest.fixture(scope="module")
def rules() -> Rules:
    """The shipped rules."""
    return load_rules()


def told(incident: Incident, rules: Rules, designations: DesignationSet | None = None) -> Alert:
    """The alert as it was told on the day."""
    alert = assess(incident, designations or DesignationSet(), rules)
    assert alert is not None
    return alert


def begin(ledger: Ledger, designations: DesignationSet) -> int:
    return ledger.start_run(
        started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z",
        snapshots=designations.snapshots,
    )  # fmt: skip


class Station:
    """Lists, store and rules, and the steps of a station's life."""

    def __init__(self, folder: Path, url: str, rules: Rules) -> None:
        self.folder, self.lists, self.ledger, self.rules = folder, ListStore(folder / "lists"), Ledger(url), rules
        self.run_id = 0

    def publish(self, rows: str, day: str, name: str = "invented") -> None:
        """Import a version of a list."""
        file = self.folder / f"{name}.csv"
        file.write_text(HEAD + rows)
        self.lists.import_list("table", file, day, fetched_at=f"{day}T05:00:00Z")

    def tell(self, *incidents: Incident) -> None:
        """Alerts as a run tells them with the lists of now."""
        now = self.lists.current()
        self.run_id = begin(self.ledger, now)
        alerts = tuple(told(incident, self.rules, now) for incident in incidents)
        self.ledger.record(self.run_id, Outcome(alerts=alerts), channels=["file"])

    def rescreen(self, **said: Any) -> Rescreened:
        """Rescreen now, 400 days back."""
        asked: dict[str, Any] = {"now_us": NOW_US, "since_us": NOW_US - 400 * DAY_US, "channels": ["file"], **said}
        return rescreen(self.ledger, self.lists, self.lists.current(), self.rules, **asked)

    def reasons(self, id: str) -> list[str]:
        """Of all revisions."""
        return [str(item["revision_reason"]) for item in self.ledger.revisions(id)]


@pytest.fixture
def station(tmp_path: Path, rules: Rules) -> Station:
    """One with an empty store."""
    return Station(tmp_path, f"sqlite:///{tmp_path}/store/ledger.db", rules)


@pytest.fixture
def meeting_of(make_alert: Callable[..., Alert]) -> Callable[..., Incident]:
    """An incident of INVENTED ONE (IMO 9000003) and another, on 14 March 2025 unless said otherwise."""

    def made(id: str = "al-1", day: str = "2025-03-14", parties: Sequence[Party] = (), **fields: Any) -> Incident:
        incident = make_alert(id, start_us=at(f"{day}T08:00:00")).incident
        return replace(incident, parties=tuple(parties) or incident.parties, **fields)

    return made


def test_a_ship_listed_later_gives_one_revision_and_the_first_verdict_stands(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """The alert is raised by the rules, published at the whole minute, delivered once; again, nothing is added."""
    station.publish(OTHERS, "2025-01-01")
    station.tell(meeting_of(alongside=False), meeting_of("al-2", parties=[Party("1", 538000077, name="ELSE")]))
    first = station.ledger.revisions("al-1")[0]
    assert (first["severity"], first["matches"]) == ("notice", [])
    assert station.rescreen() == Rescreened(40, 0, (), 0)
    assert station.rescreen() == Rescreened(0, 0, (), 0)
    station.publish(OTHERS + ONE, "2025-07-31")
    found = station.rescreen()
    reason = "designated_after: exact, invented 7 INVENTED ONE; severity raised from notice to warning"
    assert (found.entries, found.revised, found.waiting) == (1, (("al-1", 2, reason),), 0)
    then, now = station.ledger.revisions("al-1")
    assert then == first
    assert (now["severity"], now["state"], now["revision_reason"]) == ("warning", "closed", reason)
    assert [(m["entry"], m["tier"], m["when"]) for m in now["matches"]] == [("7", "exact", "designated_after")]
    assert now["reasons"][0]["feature"] == "list_designated_after"
    assert now["reasons"][1:] == first["reasons"]
    assert now["score"] == first["score"] + 20
    assert now["lists"][0]["snapshot"] == station.lists.records()[-1].id != first["lists"][0]["snapshot"]
    assert [(row["revision"], row["state"]) for row in station.ledger.deliveries("al-1")] == [
        (1, "pending"), (2, "pending"),
    ]  # fmt: skip
    ((published_us, _, _),) = [r for r in station.ledger.revisions_touching(NOW_US - 60 * US, NOW_US) if r[2] == now]
    assert published_us == NOW_US // (60 * US) * 60 * US
    assert station.rescreen() == Rescreened(0, 0, (), 0)
    assert station.rescreen(everything=True, since_us=0).revised == ()
    assert len(station.ledger.revisions("al-1")) == 2


def test_a_list_imported_for_the_first_time_is_asked_about_all_its_entries(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """Also beside a list that was asked already; a ship that was listed on the day is said so, and not known then."""
    station.publish(OTHERS, "2025-01-01")
    station.tell(meeting_of(alongside=False))
    station.rescreen()
    station.publish(ONE.replace("2025-06-01", "2024-06-01"), "2025-07-30", "second")
    ((_, _, reason),) = station.rescreen().revised
    assert reason.startswith(
        "designated_at_event: exact, second 7 INVENTED ONE, not known when this was first told; severity raised"
    )
    assert station.ledger.revisions("al-1")[1]["severity"] == "critical"


def test_what_leaves_a_list_is_told_once_and_was_right_on_the_day(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """The match stays, it was in force when they met; the revision says until when."""
    station.publish(OTHERS + ONE.replace("2025-06-01", "2024-06-01"), "2025-01-01")
    station.tell(meeting_of())
    station.publish(OTHERS + ONE.replace("2025-06-01", "2024-06-01") + "9,ELSE,,,PAN,,\n", "2025-04-01")
    station.rescreen()
    station.publish(OTHERS + "9,ELSE,,,PAN,,\n", "2025-07-31")
    ((_, _, reason),) = station.rescreen().revised
    assert reason == "delisted: invented 7 INVENTED ONE, off the list by 2025-07-31"
    first, now = station.ledger.revisions("al-1")
    assert now["severity"] == first["severity"] == "critical"
    assert now["matches"] == first["matches"]
    assert station.rescreen(everything=True).revised == ()


def test_a_delisting_that_reaches_back_takes_its_weight_away(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """Delisted with effect from before the event: the severity is what it would have been without the list."""
    station.publish(OTHERS + ONE.replace("2025-06-01", "2024-06-01"), "2025-01-01")
    station.tell(meeting_of(alongside=False))
    assert station.ledger.alert("al-1")["severity"] == "critical"  # type: ignore[index]
    station.publish(OTHERS + ONE.replace("2025-06-01,", "2024-06-01,2025-02-01"), "2025-07-31")
    ((_, _, reason),) = station.rescreen().revised
    assert reason == (
        "delisted: invented 7 INVENTED ONE, off the list since 2025-02-01 (now exact, delisted_before); "
        "severity lowered from critical to notice"
    )
    assert station.rescreen(everything=True).revised == ()


def test_an_undated_entry_is_dated_by_an_older_version_imported_later(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """`unknown` at first; once a version from after the event lacks the entry it was designated after it."""
    station.publish(OTHERS + ONE.replace("2025-06-01", ""), "2025-07-31")
    station.tell(meeting_of())
    assert station.ledger.alert("al-1")["matches"][0]["when"] == "unknown"  # type: ignore[index]
    station.publish(OTHERS, "2025-05-01")
    ((_, _, reason),) = station.rescreen().revised
    assert reason.startswith("list_changed: invented 7 INVENTED ONE is now exact, designated_after")


def test_an_undated_entry_is_dated_by_another_list_that_quotes_it(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """The day comes from another list: the told alert says so in one revision, and both matches now give it."""
    station.publish(OTHERS + ONE.replace("2025-06-01", ""), "2025-07-01")
    station.tell(meeting_of())
    station.rescreen()
    before = len(station.reasons("al-1"))
    file = station.folder / "quoting.csv"
    file.write_text("entry,name,imo,designated_on,dates_of\nQ1,INVENTED ONE,9000003,2025-06-01,invented\n")
    station.lists.import_list("table", file, "2025-07-20", fetched_at="2025-07-20T05:00:00Z")
    assert len(station.rescreen().revised) == 1
    assert len(station.reasons("al-1")) == before + 1
    assert "list_changed: invented 7 INVENTED ONE is now exact, designated_after" in station.reasons("al-1")[-1]
    newest = station.ledger.alert("al-1")
    assert newest is not None
    assert {m["list"]: m["when"] for m in newest["matches"]} == {"invented": "designated_after",
                                                                  "quoting": "designated_after"}  # fmt: skip
    assert not station.rescreen().revised


def test_a_namesake_is_not_told_but_a_number_under_another_imo_is(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """The name alone under another valid IMO is no finding; the MMSI is a lead."""
    station.publish(OTHERS, "2025-01-01")
    innocent = Party("538000009", 538000009, imo=9000015, name="INVENTED ONE", flag="MHL")
    liar = Party("538000001", 538000001, imo=9000015, name="ELSE", flag="MHL")
    station.tell(meeting_of("al-1", parties=[innocent]), meeting_of("al-2", parties=[liar]))
    station.publish(OTHERS + ONE, "2025-07-31")
    found = station.rescreen()
    assert [(id, reason) for id, _, reason in found.revised] == [("al-2", "identity_conflict: invented 7 INVENTED ONE")]
    assert found.looked_at == 2


def test_only_the_look_back_and_what_stands_is_looked_at(station: Station, meeting_of: Callable[..., Incident]) -> None:
    """Older events and withdrawn alerts are left alone; asked for further back, the older one is found."""
    station.publish(OTHERS, "2024-01-01")
    station.tell(meeting_of("old", day="2024-02-01"))
    gone = replace(told(meeting_of("gone"), station.rules), state="withdrawn", revision_reason="withdrawn: one ship")
    station.ledger.record(station.run_id, Outcome(alerts=(gone,)))
    station.publish(OTHERS + ONE, "2025-07-31")
    assert station.rescreen().looked_at == 0
    found = station.rescreen(everything=True, since_us=at("2024-01-01"))
    assert [id for id, _, _ in found.revised] == ["old"]
    assert [item["state"] for item in station.ledger.revisions("gone")] == ["withdrawn"]


def test_a_class_of_a_flag_is_found_by_the_digits_of_the_mmsi(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """An entry for all vessels of a flag reaches the alerts with such an MMSI, and no others."""
    station.publish(OTHERS, "2025-01-01")
    korean = Party("445123456", 445123456, name="ELSE", flag="PRK")
    station.tell(meeting_of("al-1", parties=[korean]), meeting_of("al-2"))
    file = station.folder / "classes.csv"
    file.write_text("entry,kind,flag,designated_on\nC1,class,PRK,2016-03-02\n")
    station.lists.import_list("table", file, "2025-07-31", fetched_at="2025-07-31T05:00:00Z")
    found = station.rescreen()
    assert [id for id, _, _ in found.revised] == ["al-1"]
    assert found.revised[0][2].startswith("designated_at_event: class, classes C1")


def test_what_a_live_service_still_revises_waits(station: Station, meeting_of: Callable[..., Incident]) -> None:
    """In its checkpoint, or told since: left to it. When it has let go, the alert gets its one revision."""
    station.publish(OTHERS, "2025-01-01")
    station.tell(meeting_of("held"), meeting_of("since"))
    held = told(meeting_of("held"), station.rules)
    since_us = held.incident.published_us

    def remember(alerts: dict[str, Alert], processed_us: int) -> None:
        memory = Memory(replace(PipelineState(), alerts=alerts), Hearing(60.0))
        station.ledger.save_checkpoint(station.run_id, Checkpoint("watch", save(memory), 9, processed_us))

    station.publish(OTHERS + ONE, "2025-07-31")
    remember({"held": held}, since_us - US)
    now_us = since_us + DAY_US
    assert station.rescreen(now_us=now_us) == Rescreened(41, 2, (), 2)
    remember({"held": held}, now_us)
    found = station.rescreen(now_us=now_us)
    assert ([id for id, _, _ in found.revised], found.waiting) == (["since"], 1)
    remember({}, now_us + DAY_US)
    found = station.rescreen(now_us=now_us + DAY_US)
    assert ([id for id, _, _ in found.revised], found.waiting) == (["held"], 0)
    assert station.rescreen(now_us=now_us + DAY_US) == Rescreened(0, 0, (), 0)


def test_a_checkpoint_of_a_service_long_gone_holds_nothing(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """A week without a sign: its alerts are rescreened like all others."""
    station.publish(OTHERS, "2025-01-01")
    station.tell(meeting_of())
    alert = told(meeting_of(), station.rules)
    memory = Memory(replace(PipelineState(), alerts={"al-1": alert}), Hearing(60.0))
    station.ledger.save_checkpoint(station.run_id, Checkpoint("watch", save(memory), 9, NOW_US - 8 * DAY_US))
    station.publish(OTHERS + ONE, "2025-07-31")
    assert len(station.rescreen().revised) == 1


def test_alerts_told_later_with_old_lists_are_found_too(station: Station, meeting_of: Callable[..., Incident]) -> None:
    """A service with the old version tells another alert; the next rescreening holds it against the new one."""
    station.publish(OTHERS, "2025-01-01")
    station.tell(meeting_of("al-1", parties=[Party("1", 538000077, name="ELSE")]))
    station.publish(OTHERS + ONE, "2025-07-31")
    assert station.rescreen().revised == ()
    station.ledger.record(station.run_id, Outcome(alerts=(told(meeting_of("al-2"), station.rules),)))
    assert [id for id, _, _ in station.rescreen().revised] == ["al-2"]
    assert station.rescreen() == Rescreened(0, 0, (), 0)


def test_the_search_finds_what_screening_everything_finds(
    station: Station, meeting_of: Callable[..., Incident]
) -> None:
    """By IMO, MMSI, call sign, name in any spelling or cut to 20 characters: the same as without an index."""
    station.publish(OTHERS, "2025-01-01")
    ships = [
        Party("a", 538000010, imo=9000003), Party("b", 538000001), Party("c", 538000011, callsign="v7 ab1"),
        Party("d", 538000012, name="M/V INVENTED_ONE", flag="MHL"),
        Party("e", 538000013, name="INVENTED LONG NAME O", flag="MHL"), Party("f", 538000014, name="NOBODY"),
        Party("g", 538000015, imo=9000004, name="ELSE"),
    ]  # fmt: skip
    incidents = [meeting_of(f"al-{ship.track}", parties=[ship]) for ship in ships]
    station.tell(*incidents)
    file = station.folder / "invented.csv"
    file.write_text(
        "entry,name,imo,mmsi,flag,designated_on,callsign,aliases\n" + "".join(f"{row},,\n" for row in _plain(OTHERS))
        + "7,INVENTED ONE,9000003,538000001,MHL,2025-06-01,V7AB1,INVENTED LONG NAME OF A SHIP\n"
    )  # fmt: skip
    station.lists.import_list("table", file, "2025-07-31", fetched_at="2025-07-31T05:00:00Z")
    designations = station.lists.current()
    every = {
        incident.id
        for incident in incidents
        if any(m.entry == "7" for m in told(incident, station.rules, designations).matches)
    }
    found = {id for id, _, _ in station.rescreen().revised}
    assert found == every == {"al-a", "al-b", "al-c", "al-d", "al-e"}


def _plain(rows: str) -> list[str]:
    return [row.removesuffix(",") for row in rows.splitlines()]


@pytest.mark.slow
def test_both_databases_and_an_upgraded_store(
    store_url: str, tmp_path: Path, rules: Rules, meeting_of: Callable[..., Incident]
) -> None:
    """The same in SQLite and PostgreSQL, and with an index made anew, as for rows of an older store."""
    import sqlalchemy as sa

    from shipwatch import ledger_schema as schema
    from shipwatch import party_index

    station = Station(tmp_path, store_url, rules)
    station.publish(OTHERS, "2025-01-01")
    station.tell(*(meeting_of(f"al-{n}") for n in range(3)))
    with station.ledger._begin() as connection:
        first = connection.execute(sa.select(schema.party_keys).order_by(schema.party_keys.c.key)).all()
        connection.execute(sa.delete(schema.party_keys))
        connection.execute(sa.update(schema.counters).where(schema.counters.c.name == "party_keys").values(value=0))
        assert not party_index.of_this_form(connection)
    station.publish(OTHERS + ONE, "2025-07-31")
    assert [id for id, _, _ in station.rescreen().revised] == ["al-0", "al-1", "al-2"]
    with station.ledger._begin() as connection:
        assert set(connection.execute(sa.select(schema.party_keys)).all()) == set(first)
    assert station.rescreen() == Rescreened(0, 0, (), 0)


_PAIR = re.compile(
    r"(?:with|and) (?:the )?(?:UN- ?designated )?(?:DPRK )?(?:oil tanker|vessel)? ?(?:M/V )?([A-Z][A-Z0-9 ]+?) on "
    r"(\d{1,2} [A-Z][a-z]+ \d{4}|[A-Z][a-z]+ \d{1,2}, \d{4})"
)


@pytest.mark.real_data
def test_the_transfers_that_the_united_nations_date_before_their_listing(
    station: Station, meeting_of: Callable[..., Incident], shared_data: Path
) -> None:
    """Stored for such a pair and day without the list: exactly one revision when the list is imported."""
    file = shared_data / "lists" / "un1718" / "1718_designated_vessels_list_final.pdf"
    other = ListStore(station.folder / "read-only")
    other.import_list("un1718", file, fetched_at="2020-06-04T00:00:00Z")
    listed = other.current()
    pairs: dict[tuple[str, ...], Incident] = {}
    for entry in listed.designations:
        text = re.sub(r"- ", "-", entry.remarks)
        for name, said in _PAIR.findall(text) if re.search("ship-to-? ?ship", text) else ():
            form = "%d %B %Y" if said[0].isdigit() else "%B %d, %Y"
            day = datetime.strptime(said, form).replace(tzinfo=UTC).date().isoformat()
            imo = next((d.imo for d in listed.designations if name.strip() in d.names), None)
            ships = [
                Party(f"99900000{n}", 999000000 + n, imo=number)
                for n, number in enumerate(sorted({entry.imo or 0, imo or 0} - {0}))
            ]
            if entry.designated_on is not None and day < entry.designated_on and ships:
                key = (day, *sorted({entry.names[0].removesuffix(" 078"), name.strip().removesuffix(" 078")}))
                pairs.setdefault(key, meeting_of("un " + " ".join(key), day=day, parties=ships, alongside=False))
    assert len(pairs) == 7, sorted(pairs)
    station.tell(*pairs.values())
    before = {incident.id: station.ledger.revisions(incident.id) for incident in pairs.values()}
    assert {item["severity"] for some in before.values() for item in some} == {"notice"}
    station.lists.import_list("un1718", file, fetched_at="2025-07-31T05:00:00Z")
    since_us = at("2017-01-01")
    found = station.rescreen(since_us=since_us)
    assert sorted(id for id, _, _ in found.revised) == sorted(before)
    for id, revision, reason in found.revised:
        assert revision == 2
        assert reason.startswith("designated_after: exact, un1718 ")
        assert station.ledger.revisions(id)[:1] == before[id]
    assert station.rescreen(since_us=since_us, everything=True).revised == ()
    assert alert_to_json(told(next(iter(pairs.values())), station.rules)) in [some[0] for some in before.values()]


def test_an_import_rescreens_the_stations_store(
    tmp_path: Path, rules: Rules, meeting_of: Callable[..., Incident], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By command: the import tells of the revision, `rescreen` adds none, and both answer in JSON."""
    import json

    from typer.testing import CliRunner

    from shipwatch.cli import app
    from shipwatch.cli.wall_clock import now_us

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIPWATCH_HOME", str(tmp_path))
    recent = datetime.fromtimestamp(now_us() / US - 30 * 86_400, tz=UTC).date().isoformat()
    listed = datetime.fromtimestamp(now_us() / US - 86_400, tz=UTC).date().isoformat()
    Station(tmp_path, f"sqlite:///{tmp_path}/shipwatch.db", rules).tell(meeting_of(day=recent))
    Path("later.csv").write_text(HEAD + OTHERS + ONE.replace("2025-06-01", listed))
    runner = CliRunner()
    done = runner.invoke(app, ["lists", "import", "table", "later.csv", "--published", listed, "--json"])
    assert done.exit_code == 0, done.output
    (revised,) = json.loads(done.stdout)["rescreened"]["revised"]
    assert (revised["alert"], revised["revision"]) == ("al-1", 2)
    assert revised["reason"].startswith("designated_after: exact, later 7 INVENTED ONE")
    assert json.loads(runner.invoke(app, ["rescreen", "--json"]).stdout)["revised"] == []
    assert "0 with a new revision" in runner.invoke(app, ["rescreen", "--since", "2020-01-01"]).output
    assert runner.invoke(app, ["rescreen", "--since", "yesterday"]).exit_code == 2
    shown = runner.invoke(app, ["screen", "--imo", "9000003", "--at", recent, "--json"])
    (match,) = json.loads(shown.stdout)["matches"]
    assert match["when"] == "designated_after"
    assert match["known_here"]["published"] == listed
    assert match["known_here"]["fetched_at"] > listed
