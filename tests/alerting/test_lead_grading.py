"""Findings that are not meetings: their level from facts, list matches and conditions; their words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alerts.assess import assess
from alerts.errors import RulesError
from alerts.grading import grade_lead
from alerts.incident import Incident, Match, Party
from alerts.lead_rules import Term
from alerts.rules import SHIPPED, Rules, load_rules
from alerts.wording import finding, reading, title

T0_US = 1_700_000_000_000_000
RULES = load_rules()


def incident(kind: str = "dark_meeting", in_port: bool = False, **facts: float | str | bool | None) -> Incident:
    parties = (Party("t1", 311000013, name="ALPHA", ship_type=80), Party("t2", 311000014, name="BETA", ship_type=81))
    return Incident(
        id="dm-1", kind=kind, phase="ended", published_us=T0_US, start_us=T0_US, end_us=T0_US + 3600 * 10**6, lat=30.0,
        lon=125.0, zones=(), parties=parties, intervals=(), observed_s=0, inferred_s=0, dark_s=0, in_port=in_port,
        facts=tuple(facts.items()),
    )  # fmt: skip


def match(tier: str, when: str = "designated_at_event") -> Match:
    return Match("t1", "ofac", "123", tier, when, {"imo": ("9583720", "9583720")})


def severity(event: Incident, *matches: Match, rules: Rules = RULES) -> str | None:
    judged = grade_lead(event, matches, rules)
    return None if judged is None else judged.severity


def test_opposite_draughts_make_a_dark_meeting_a_warning_and_a_port_does_not() -> None:
    """The shipped rows: cargo that moved is worth a look at sea, and not in a port."""
    facts = {"feasible_dwell_s": 7300, "draughts_opposite": True}
    assert severity(incident(**facts)) == "warning"
    assert severity(incident(in_port=True, **facts)) == "notice"


@pytest.mark.parametrize(
    ("facts", "level"),
    [
        ({"feasible_dwell_s": 7300, "draught_after_m_b": 7.0}, "warning"),
        ({"draught_after_m_a": 7.0, "draught_last_said_s": 1, "silent_s_a": 7300, "land_in_reach": False}, "warning"),
        ({"draught_after_m_a": 7.0, "draught_last_said_s": 1, "silent_s_a": 7300, "land_in_reach": True}, "notice"),
        ({"draught_after_m_a": 7.0, "draught_last_said_s": 1, "silent_s_a": 0, "land_in_reach": False}, "notice"),
        ({"draught_last_said_s": 1, "draught_changed_there": True, "land_in_reach": False}, "warning"),
        ({"draught_last_said_s": 1, "draught_changed_there": True, "land_in_reach": True}, "notice"),
        ({"feasible_dwell_s": 7300, "fit_score": 0.1, "silences_stand_out": True}, "warning"),
        ({"feasible_dwell_s": 7300, "fit_score": 0.0, "silences_stand_out": True}, "notice"),
        ({"feasible_dwell_s": 7300, "fit_score": 0.3, "silences_stand_out": False}, "notice"),
    ],
    ids=[
        "a pair of which one said another draught",
        "alone and silent",
        "near a port",
        "alone and in sight",
        "changed where she lay",
        "lay near a port",
        "a silence that stands out",
        "of two that do not fit",
        "one of many silences",
    ],
)
def test_draughts_at_sea_and_silences_that_stand_out_are_warnings(facts: dict[str, float], level: str) -> None:
    """With a partner or without; a ship that was in sight all the time may have moved ballast, unless she sent both
    draughts where she lay. Without draughts a silence that stands out of hours of hearing is worth one too."""
    assert severity(incident(**facts)) == level
    assert severity(incident(in_port=True, **facts)) == "notice"


def test_reachability_alone_is_a_notice_at_most() -> None:
    """That two ships can have been in one place proves little."""
    assert severity(incident(feasible_dwell_s=36_000, silence_likelihood=None)) == "notice"
    unlikely = {"feasible_dwell_s": 36_000, "silence_likelihood": 0.96, "fit_score": 0.5, "both_silent": False}
    assert severity(incident(**unlikely, share_received=0.7)) == "warning"
    assert severity(incident(**unlikely, share_received=0.2)) == "notice", "where little is received, silence is little"
    assert severity(incident(**unlikely | {"both_silent": True}, share_received=0.7)) == "notice", "place not known"
    assert severity(incident(**unlikely | {"fit_score": 0.3}, share_received=0.7)) == "notice", "course past the other"


def test_what_was_withdrawn_may_stand_again() -> None:
    """A later revision that is not withdrawn is told, though nothing else of it has changed."""
    event = incident(feasible_dwell_s=7300, draughts_opposite=True)
    first = assess(event, None, RULES)
    gone = assess(replace(event, withdrawn_reason="another pair fits better"), None, RULES, first)
    assert gone is not None and gone.state == "withdrawn"
    again = assess(event, None, RULES, gone)
    assert again is not None and (again.state, again.severity, again.revision) == ("closed", "warning", 3)
    assert again.revision_reason == "stands again"
    assert assess(event, None, RULES, again) is None


def test_loitering_is_told_only_of_listed_ships_and_never_of_companions_in_name() -> None:
    """Ships wait every day; a listed one that does is worth telling, a conflict of numbers is not."""
    event = incident("loitering", duration_s=40_000)
    assert severity(event) is None
    assert severity(event, match("exact")) == "notice"
    assert severity(event, match("conflict")) is None
    assert severity(event, match("exact", "delisted_before")) is None


def test_a_fact_that_is_not_known_or_of_another_type_fulfils_nothing() -> None:
    """True is no number, and unknown is neither large nor small."""
    assert not Term("x", ">=", 1.0).holds({"x": True})
    assert not Term("x", "=", True).holds({"x": 1})
    assert not Term("x", "<", 1.0).holds({"x": None}) and not Term("x", "<", 1.0).holds({})
    assert Term("x", "=", "circle").holds({"x": "circle"})


def test_a_lead_is_told_once_and_again_when_a_fact_changes() -> None:
    """No revision without news; the news is named."""
    first = assess(incident(feasible_dwell_s=7300, silence_likelihood=None), None, RULES)
    assert first is not None and first.revision == 1 and first.severity == "notice"
    assert assess(incident(feasible_dwell_s=7300, silence_likelihood=None), None, RULES, first) is None
    changed = incident(
        feasible_dwell_s=7300, silence_likelihood=0.97, share_received=0.8, both_silent=False, fit_score=0.5
    )
    second = assess(changed, None, RULES, first)
    assert second is not None and second.severity == "warning"
    assert "silence likelihood is now 0.97" in second.revision_reason


def test_a_lead_whose_facts_fall_away_is_withdrawn_with_a_reason() -> None:
    """What was told is not left standing when the rules would keep it among the events."""
    told = assess(replace(incident("dark_meeting"), lat=30.0), None, RULES)
    assert told is not None
    gone = assess(incident("loitering"), None, RULES, told)
    assert gone is not None and gone.state == "withdrawn" and "withdrawn: " in gone.revision_reason


def test_words_of_a_lead_accuse_nobody() -> None:
    """Title, sentence and reading say what is known and what else explains it."""
    told = assess(incident(feasible_dwell_s=7300, draughts_opposite=True), None, RULES)
    assert told is not None
    words = f"{title(told)} {finding(told.incident)} {reading(told)} {' '.join(r.text for r in told.reasons)}"
    assert "ALPHA" in words and "Nobody saw them meet" in words and "2 h 01 min" in words
    assert "illicit" not in words and "illegal" not in words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[lead]]\nkind = "meeting"\nlevel = "notice"', "leads.toml:2: lead[0].kind: 'meeting'"),
        ('[[lead]]\nkind = "gap"\nlevel = "grave"', "leads.toml:3: lead[0].level: 'grave'"),
        ('[[lead]]\nkind = "gap"\nlevel = "none"\nfacts = ["x => 3"]', "is not a comparison"),
        ('[[lead]]\nkind = "gap"\nlevel = "none"\nfacts = ["x >= many"]', "is not a number"),
        ('[[fact]]\nname = "x"\nweight = "3"\ntext = ""', "fact[0].weight: '3' is not of type int"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    """File, line and value stand in the message."""
    for name in ("grading.toml", "benign.toml"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    (tmp_path / "leads.toml").write_text(text)
    with pytest.raises(RulesError) as refused:
        load_rules(tmp_path)
    assert told in str(refused.value)


def test_a_folder_of_rules_without_leads_takes_the_shipped_rows(tmp_path: Path) -> None:
    """Folders made before leads were graded go on working, and are told apart by their digest."""
    for name in ("grading.toml", "benign.toml"):
        (tmp_path / name).write_bytes((SHIPPED / name).read_bytes())
    assert load_rules(tmp_path).leads == RULES.leads
