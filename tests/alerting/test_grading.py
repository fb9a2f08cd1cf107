"""Severity and score: each row of the table, what caps them, what lists add."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.errors import RulesError
from alerts.grading import grade
from alerts.incident import Incident, Match, Party, Silence
from alerts.rule_words import FEATURES
from alerts.rules import Rules, load_rules

RULES = load_rules()
SHIPPED = Path(__file__).resolve().parents[2] / "alerts" / "rules"
HOUR_US = 3600 * 10**6


def incident(**changes: object) -> Incident:
    """Two tankers alongside for two hours at sea, all of it observed, unless changed."""
    base = Incident(
        id="i", kind="rendezvous", phase="ongoing", published_us=3 * HOUR_US, start_us=HOUR_US, end_us=None, lat=30.0,
        lon=-120.0, zones=(), parties=(Party("1", 1, ship_type=80), Party("2", 2, ship_type=71)), intervals=(),
        observed_s=3600, inferred_s=0, dark_s=0, min_distance_m=30, median_distance_m=60, hull_gap_m=8,
        heading_difference_deg=2, alongside=True, settled=True, shore_distance_m=5000, principal=("1", "2"),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def with_types(one: int | None, other: int | None) -> tuple[Party, Party]:
    return Party("1", 1, ship_type=one), Party("2", 2, ship_type=other)


def match(tier: str, when: str = "designated_at_event", party: str = "1") -> Match:
    return Match(party=party, list="un1718", entry="7", tier=tier, when=when, matched={"imo": ("1", "1")})


NO_HULLS = {"alongside": None, "hull_gap_m": None, "heading_difference_deg": None}


ABREAST = {"alongside": False, "hull_gap_m": 66, "observed_s": 7200, "shore_distance_m": 50_000}


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        ({}, "critical"),
        ({"observed_s": 1800}, "critical"),
        ({"observed_s": 1799, "inferred_s": 9000}, "warning"),
        ({"observed_s": 0, "inferred_s": 9000, "dark_s": 90000}, "warning"),
        ({**NO_HULLS, "median_distance_m": 300}, "warning"),
        ({**NO_HULLS, "median_distance_m": 301}, "notice"),
        ({**NO_HULLS, "median_distance_m": 200, "settled": False}, "notice"),
        ({"alongside": False, "median_distance_m": 200}, "notice"),
        (ABREAST, "warning"),
        ({**ABREAST, "hull_gap_m": 101}, "notice"),
        ({**ABREAST, "heading_difference_deg": 21}, "notice"),
        ({**ABREAST, "shore_distance_m": 49_999}, "notice"),
        ({**ABREAST, "shore_distance_m": None}, "notice"),
        ({**ABREAST, "observed_s": 7199}, "notice"),
        ({**ABREAST, "settled": False}, "notice"),
        ({**ABREAST, "parties": with_types(30, 80)}, "notice"),
        ({**ABREAST, "lowered_by": ("tug",)}, "notice"),
        ({"parties": with_types(80, 30)}, "notice"),
        ({"parties": with_types(80, None)}, "notice"),
        ({"parties": with_types(69, 90)}, "notice"),
        ({"in_port": True}, "notice"),
        ({"lowered_by": ("tug",)}, "notice"),
    ],
)
def test_severity_by_geometry(changes: dict[str, object], severity: str) -> None:
    """Critical: both carry cargo, alongside, 30 min observed; warning: less observed, or near without hulls."""
    assert grade(incident(**changes), (), RULES).severity == severity


@pytest.mark.parametrize(
    ("tier", "when", "changes", "severity"),
    [
        ("exact", "designated_at_event", {"alongside": False}, "critical"),
        ("exact", "unknown", {"alongside": False}, "critical"),
        ("exact", "designated_at_event", {"lowered_by": ("pilot",)}, "warning"),
        ("exact", "designated_at_event", {"in_port": True}, "notice"),
        ("exact", "designated_after", {"alongside": False}, "warning"),
        ("exact", "delisted_before", {"alongside": False}, "notice"),
        ("strong", "designated_at_event", {"alongside": False}, "warning"),
        ("strong", "unknown", {"observed_s": 60}, "critical"),
        ("class", "unknown", {"alongside": False}, "warning"),
        ("possible", "unknown", {"alongside": False}, "warning"),
        ("possible", "unknown", {"observed_s": 60}, "warning"),
        ("possible", "unknown", {"alongside": False, "lowered_by": ("tug",)}, "notice"),
        ("possible", "designated_after", {"alongside": False}, "notice"),
        ("conflict", "designated_at_event", {"alongside": False}, "notice"),
        ("weak", "designated_at_event", {"alongside": False}, "notice"),
        ("exact", "watched", {"alongside": False}, "warning"),
        ("strong", "watched", {"alongside": False, "lowered_by": ("tug",)}, "warning"),
        ("exact", "watched", {"in_port": True}, "notice"),
        ("possible", "watched", {"alongside": False}, "notice"),
    ],
)
def test_what_lists_add(tier: str, when: str, changes: dict[str, object], severity: str) -> None:
    """A match raises by its tier and time; a conflict and a bare name never; nothing lifts a meeting in port."""
    assert grade(incident(**changes), (match(tier, when),), RULES).severity == severity


def test_a_match_never_lowers() -> None:
    """A critical meeting stays critical whatever the lists say."""
    for tier in ("exact", "strong", "possible", "class", "conflict", "weak"):
        assert grade(incident(), (match(tier, "designated_after"),), RULES).severity == "critical"


CASES: dict[str, tuple[dict[str, object], tuple[Match, ...], str]] = {
    "list_exact": ({}, (match("exact"),), "un1718 7"),
    "list_strong": ({}, (match("strong"),), "un1718 7"),
    "list_class": ({}, (match("class", "unknown"),), "un1718 7"),
    "list_possible": ({}, (match("possible"),), "un1718 7"),
    "list_designated_after": ({}, (match("exact", "designated_after"),), "un1718 7"),
    "list_delisted_before": ({}, (match("exact", "delisted_before"),), "un1718 7"),
    "watchlist": ({}, (match("exact", "watched"),), "un1718 7"),
    "identity_conflict": ({}, (match("conflict"),), "un1718 7"),
    "callsign_flag_differs": (
        {"parties": (Party("1", 445000001, callsign="3EXY7", ship_type=80), Party("2", 2))},
        (),
        "3EXY7 (Panama), MMSI of North Korea",
    ),
    "alongside": ({}, (), "8 m"),
    "abreast": (ABREAST, (), "66 m"),
    "settled_near": ({**NO_HULLS, "median_distance_m": 200}, (), "200 m"),
    "merchant_pair": ({}, (), "tanker and cargo ship"),
    "observed_enough": ({}, (), "1 h 00 min"),
    "observed_long": ({"observed_s": 7200}, (), "2 h 00 min"),
    "little_observed": ({"observed_s": 600, "inferred_s": 6000}, (), "10 min"),
    "draught_change": (
        {
            "parties": (
                Party("1", 1, draught_before_m=9.3, draught_after_m=11.1),
                Party("2", 2, draught_before_m=14.8, draught_after_m=12.5),
            )
        },
        (),
        "9.3 to 11.1 m",
    ),
    "draught_change_one": (
        {"parties": (Party("1", 1, draught_before_m=9.3, draught_after_m=9.0), Party("2", 2))},
        (),
        "9.3 to 9.0 m",
    ),
    "open_sea": ({"shore_distance_m": 10000}, (), "10 km"),
    "watched_zone": ({"zones": ("Korea Bay",)}, (), "Korea Bay"),
    "silence_near": ({"silences": (Silence("1", 0, None),)}, (), "1970-01-01 00:00Z on"),
    "raft": ({"parties": (*with_types(80, 80), Party("3", 3))}, (), "3"),
    "in_port": ({"in_port": True}, (), "in port"),
    "dark_time": ({"dark_s": 7200}, (), "2 h 00 min"),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_shows_its_value_and_weight(feature: str) -> None:
    """Every row of the printed table contributes its weight, its measured value and a sentence when it holds."""
    changes, matches, value = CASES[feature]
    reasons = [r for r in grade(incident(**changes), matches, RULES).reasons if r.feature == feature]
    assert len(reasons) == 1
    assert value in reasons[0].value
    assert reasons[0].weight == RULES.weights[feature]
    assert reasons[0].text.endswith((".", ")")) or feature.startswith(("list", "identity"))


def test_no_feature_holds_of_a_bare_meeting_but_what_is_there() -> None:
    """What does not hold is not shown: a distant pair of unknown ships, ten minutes observed."""
    bare = incident(parties=with_types(None, None), alongside=False, observed_s=600, shore_distance_m=None)
    assert [r.feature for r in grade(bare, (), RULES).reasons] == ["little_observed"]
    assert grade(bare, (), RULES).score == 0


def test_dark_time_counts_for_nothing() -> None:
    """Adding a day of dark time changes neither severity nor score."""
    assert grade(incident(dark_s=86400), (), RULES).score == grade(incident(), (), RULES).score
    some = incident(observed_s=0, dark_s=86400)
    assert grade(some, (), RULES).severity == grade(replace(some, dark_s=0), (), RULES).severity


def test_ordinary_company_is_shown_and_lowers() -> None:
    """A benign label takes its weight off the score and says so."""
    lowered = grade(incident(lowered_by=("tug",)), (), RULES)
    assert lowered.score == grade(incident(), (), RULES).score - 30
    assert lowered.reasons[-1].feature == "ordinary_company"
    assert "tug or a towing vessel" in lowered.reasons[-1].text


def test_a_hull_on_many_lists_counts_once() -> None:
    """Two lists with one hull are one finding; two listed hulls are two."""
    twice = (match("exact"), replace(match("exact"), list="ofac", entry="15"))
    reasons = [r for r in grade(incident(), twice, RULES).reasons if r.feature == "list_exact"]
    assert [r.value for r in reasons] == ["MMSI 1: un1718 7, ofac 15"]
    both = (match("exact"), match("exact", party="2"))
    assert sum(r.feature == "list_exact" for r in grade(incident(), both, RULES).reasons) == 2


def test_sensitivity_says_where_it_would_change() -> None:
    """The sentence is made of the incident's own figures against the rule."""
    text = grade(incident(inferred_s=1800), (), RULES).sensitivity
    assert "warning if more than 1 h 00 min had to be observed (the rule: 30 min)" in text
    assert "notice if hulls had to be closer than 8 m" in text
    assert "vanish with an enter distance below 30 m or a least duration above 1 h 30 min" in text
    near = grade(incident(**NO_HULLS, median_distance_m=180), (), RULES).sensitivity
    assert "notice below 180 m (the rule: 300 m)" in near
    little = grade(incident(observed_s=600), (), RULES).sensitivity
    assert "critical with 30 min observed (10 min are)" in little
    listed = grade(incident(alongside=False), (match("exact"),), RULES).sensitivity
    assert listed.startswith("Without the list match it would be a notice;")


@pytest.mark.parametrize(
    ("one", "other", "labels"),
    [
        (52, 80, ("tug",)),
        (31, 70, ("tug",)),
        (50, 80, ("pilot",)),
        (51, 80, ("search and rescue",)),
        (55, 80, ("law enforcement",)),
        (33, 70, ("dredging or diving",)),
        (30, 30, ("fishing pair",)),
        (30, 80, ()),
        (60, 30, ("passenger craft",)),
        (36, 37, ("pleasure craft",)),
        (80, 70, ()),
        (0, 80, ()),
    ],
)
def test_benign_labels(one: int, other: int, labels: tuple[str, ...]) -> None:
    """Ordinary company is told by ship types, whichever ship is named first; a fishing vessel at a tanker is not."""
    a, b = with_types(one, other)
    assert RULES.labels(a, b) == labels == RULES.labels(b, a)


@pytest.mark.parametrize(
    ("gap_m", "speed_kn", "waiting"),
    [(300.0, 0.2, True), (100.0, 0.5, True), (99.0, 0.2, False), (300.0, 0.6, False), (None, 0.2, False),
     (300.0, None, False)],
)  # fmt: skip
def test_ships_that_wait_at_anchor(gap_m: float | None, speed_kn: float | None, waiting: bool) -> None:
    """Still, with a safe distance of water between the hulls as far as hulls are known: any two ships may wait."""
    a, b = with_types(80, 80)
    assert RULES.labels(a, b, gap_m, speed_kn) == (("waiting at anchor",) if waiting else ())
    assert RULES.labels(*with_types(52, 80), gap_m, speed_kn)[:1] == ("tug",)


def test_ships_abreast_of_one_that_is_not_heard() -> None:
    """What was seen is said with its figure, and at which gap it would be less."""
    found = grade(incident(**ABREAST), (), RULES)
    (reason,) = [each for each in found.reasons if each.feature == "abreast"]
    assert reason.text == (
        "The hulls lay parallel, 66 m of water between them (median), for 2 h 00 min far from land: "
        "consistent with ships on either side of one that is not heard."
    )
    assert "notice if hulls had to lie within less than 66 m (the rule: 100 m)" in found.sensitivity


def test_who_attends() -> None:
    """Tugs and workboats attend; a small tanker only a large ship that is hull to hull with another; others never."""
    ship = Party("s", 1, ship_type=80, length_m=250)
    assert RULES.attends(Party("t", 2, ship_type=52), ship, close=False)
    assert RULES.attends(Party("t", 2, ship_type=90), ship, close=False)
    assert not RULES.attends(Party("t", 2, ship_type=90, length_m=150), ship, close=True)
    barge = Party("b", 3, ship_type=80, length_m=55)
    assert RULES.attends(barge, ship, close=True)
    assert not RULES.attends(barge, ship, close=False)
    assert not RULES.attends(barge, replace(ship, length_m=100), close=True)
    assert not RULES.attends(Party("x", 4), ship, close=True)
    assert not RULES.attends(ship, Party("t", 2, ship_type=52), close=True)


def changed_rules(tmp_path: Path, file: str, old: str, new: str) -> Path:
    for name in ("grading.toml", "benign.toml"):
        text = (SHIPPED / name).read_text()
        if name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("grading.toml", "observed_s = 1800", "observed_s = 0", r"grading.toml:\d+: limits.observed_s: 0 is not"),
        ("grading.toml", "observed_s = 1800", "obsrved_s = 1800", r"grading.toml:\d+: limits.obsrved_s: unknown key"),
        ("grading.toml", "observed_s = 1800", "", r"grading.toml:\d+: limits.observed_s: missing"),
        ("grading.toml", 'level = "critical"', 'level = "grave"', r"severity\[0\].level: 'grave' is not one of"),
        ("grading.toml", '"merchant_pair"', '"merchants"', r"severity\[0\].when: 'merchants' is not one of"),
        ("grading.toml", 'name = "raft"', 'name = "rafts"', r"feature\[\d+\].name: 'rafts' is not one of"),
        ("grading.toml", 'name = "raft"', 'name = "alongside"', r"'alongside' stands twice"),
        ("grading.toml", "weight = 60", 'weight = "60"', r"weight: '60' is not a whole number"),
        ("grading.toml", 'tiers = ["exact"]', 'tiers = "exact"', r"raised\[0\].tiers: 'exact' is not a list"),
        ("grading.toml", "[limits]", "[limits", r"grading.toml: not TOML"),
        (
            "benign.toml",
            'one = ["31-32"',
            'one = ["32-31"',
            r"benign.toml:\d+: benign\[0\].one: '32-31' is not a ship type",
        ),
        ("benign.toml", 'one = ["50"]', "one = 50", r"benign\[1\].one: 50 is not a list"),
        ("benign.toml", "most_speed_kn = 0.5", "most_speed_kn = 0", r"most_speed_kn: 0 is not a number > 0"),
        ("benign.toml", "max_length_m = 60", "max_length_m = -1", r"max_length_m: -1 is not a whole number"),
        ("benign.toml", "150\nclose_only = true", "150\nclose = true", r"attendant\[\d\].close: unknown key"),
    ],
)
def test_wrong_rules_are_refused_with_place(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    """A wrong rule file names file, line and value."""
    with pytest.raises(RulesError, match=message):
        load_rules(changed_rules(tmp_path, file, old, new))


def test_a_missing_rule_file_is_named(tmp_path: Path) -> None:
    """A folder without the files is an error, not a default."""
    with pytest.raises(RulesError, match=r"grading.toml: cannot be read"):
        load_rules(tmp_path)


def test_the_digest_is_of_what_the_rules_say(tmp_path: Path) -> None:
    """A comment does not change the digest, a weight does."""

    def digest(old: str, new: str) -> str:
        rules: Rules = load_rules(changed_rules(tmp_path, "grading.toml", old, new))
        return rules.digest

    assert digest("# How grave", "# How very grave") == RULES.digest
    assert digest("weight = 60", "weight = 61") != RULES.digest
