"""From incident to alert revisions: what is told, what is not, and how each revision says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.assess import assess
from alerts.designations import Designation, DesignationSet, Snapshot
from alerts.incident import Alert, Incident, Party
from alerts.rules import load_rules

RULES = load_rules()
T0_US = 1527975417_000000
HYDRA = Party("311000013", 311000013, 9583720, "HYDRA VOYAGER", "C6AB8", "BHS", 80, 333)
POLARIS = Party("311000112", 311000112, 9665748, "POLARIS VOYAGER", "C6AP4", "BHS", 81, 276)


def incident(**changes: object) -> Incident:
    base = Incident(
        id="rv-1", kind="rendezvous", phase="ongoing", published_us=T0_US, start_us=T0_US, end_us=None, lat=33.0,
        lon=-117.8, zones=(), parties=(HYDRA, POLARIS), intervals=(), observed_s=1200, inferred_s=1200, dark_s=0,
        min_distance_m=24, median_distance_m=184, hull_gap_m=8, alongside=True, settled=True, shore_distance_m=42000,
        principal=("311000013", "311000112"),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def lists(*entries: Designation) -> DesignationSet:
    return DesignationSet([Snapshot("un-1", "un1718", "00", "2018-01-01", entries)])


def entry(**changes: object) -> Designation:
    base = Designation("un1718", "7", ("HYDRA VOYAGER",), imo=9583720, designated_on="2017-01-01")
    return replace(base, **changes)  # type: ignore[arg-type]


def told(now: Incident, previous: Alert | None = None, designations: DesignationSet | None = None) -> Alert:
    made = assess(now, designations, RULES, previous)
    assert made is not None
    return made


def test_the_first_revision_opens() -> None:
    """A new incident gives revision 1, opened, with reasons, sensitivity and the digest of the rules."""
    made = told(incident())
    assert (made.revision, made.state, made.revision_reason, made.severity) == (1, "opened", "opened", "warning")
    assert made.reasons
    assert made.sensitivity
    assert made.rules_digest == RULES.digest
    assert made.lists == ()


def test_nothing_new_is_not_told() -> None:
    """The same incident again, later, a little longer or a little elsewhere, tells nothing."""
    first = told(incident())
    assert assess(incident(), None, RULES, first) is None
    later = incident(published_us=T0_US + 10**9, inferred_s=1300, lat=33.01, min_distance_m=20)
    assert assess(later, None, RULES, first) is None


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({"observed_s": 1800}, "updated", "severity raised from warning to critical"),
        ({"alongside": False}, "updated", "severity lowered from warning to notice"),
        ({"phase": "ended", "end_us": T0_US + 10**9}, "closed", "ended"),
        ({"parties": (HYDRA, POLARIS, Party("9", 9, name="C"))}, "updated", "joined by C"),
        ({"parties": (HYDRA, POLARIS, Party("9", 9, role="attending"))}, "updated", "attended by MMSI 9"),
        ({"parties": (replace(HYDRA, name="OTHER"), POLARIS)}, "updated", "identity of OTHER sent"),
        (
            {"parties": (replace(HYDRA, draught_after_m=14.9), POLARIS)},
            "updated",
            "draught of HYDRA VOYAGER is now 14.9 m",
        ),
        ({"inferred_s": 1200 + 3600}, "updated", "goes on: 1 h 40 min together so far"),
    ],
)
def test_each_change_is_told_with_its_reason(changes: dict[str, object], state: str, reason: str) -> None:
    """Every kind of change makes the next revision and names itself."""
    second = told(incident(**changes), told(incident()))
    assert (second.revision, second.state, second.revision_reason) == (2, state, reason)


def test_growth_is_told_at_most_hourly() -> None:
    """One second less than an hour more is not told."""
    assert assess(incident(inferred_s=1200 + 3599), None, RULES, told(incident())) is None


def test_an_ended_event_can_be_corrected_or_go_on() -> None:
    """After the end: another end is a correction, another phase a continuation."""
    closed = told(incident(phase="ended", end_us=T0_US + 10**9), told(incident()))
    moved = told(incident(phase="ended", end_us=T0_US + 2 * 10**9), closed)
    assert (moved.state, moved.revision_reason) == ("closed", "start or end corrected")
    again = told(incident(), moved)
    assert (again.state, again.revision_reason, again.revision) == ("updated", "goes on again", 4)


def test_an_event_first_seen_when_over_is_closed_at_once() -> None:
    """A first revision of an ended incident says both."""
    made = told(incident(phase="ended", end_us=T0_US + 10**9))
    assert (made.revision, made.state, made.revision_reason) == (1, "closed", "opened and ended")


def test_withdrawal_is_told_once_and_only_of_what_was_told() -> None:
    """A withdrawn incident keeps its judgement and says why; what was never told is not withdrawn."""
    gone = incident(withdrawn_reason="merged into rv-0")
    assert assess(gone, None, RULES) is None
    first = told(incident())
    second = told(gone, first)
    assert (second.state, second.revision_reason) == ("withdrawn", "withdrawn: merged into rv-0")
    assert (second.severity, second.reasons) == (first.severity, first.reasons)
    assert assess(gone, None, RULES, second) is None


def test_a_listed_hull_raises_and_is_explained() -> None:
    """An IMO on a list of that day gives an exact match and a critical alert, with the list's snapshot named."""
    made = told(incident(alongside=False), None, lists(entry()))
    assert made.severity == "critical"
    assert [(m.party, m.tier, m.when) for m in made.matches] == [("311000013", "exact", "designated_at_event")]
    assert made.lists == (("un1718", "un-1"),)
    assert any(reason.feature == "list_exact" for reason in made.reasons)


def test_a_list_that_changes_gives_a_revision() -> None:
    """The same incident under a new list version says which match came; and which went."""
    first = told(incident(alongside=False), None, lists())
    second = told(incident(alongside=False), first, lists(entry(designated_on="2018-06-20")))
    assert second.revision_reason.startswith("severity raised from notice to warning; list match: exact, un1718 7")
    assert second.matches[0].when == "designated_after"
    third = told(incident(alongside=False), second, lists())
    assert "list match gone: un1718 7" in third.revision_reason


def test_a_valid_imo_conflict_is_a_lead_and_no_hit() -> None:
    """The listed ship's MMSI under another valid IMO raises nothing and is shown as identity conflict."""
    other = lists(entry(imo=9524475, mmsis=(311000013,), names=("HYDRA VOYAGER",)))
    made = told(incident(alongside=False), None, other)
    assert made.severity == "notice"
    assert [m.tier for m in made.matches] == ["conflict"]
    assert any(reason.feature == "identity_conflict" for reason in made.reasons)


def test_a_bare_name_is_never_told() -> None:
    """A namesake of a listed ship, no IMO on the list, leaves the alert without match."""
    made = told(incident(), None, lists(entry(imo=None)))
    assert made.matches == ()
    assert made.severity == "warning"


def test_an_attending_ship_is_screened_too() -> None:
    """A listed workboat at the side raises the alert of the meeting that it attends."""
    boat = Party("9", 367017440, 8964109, "PIPER INNESS", role="attending")
    made = told(incident(parties=(HYDRA, POLARIS, boat)), None, lists(entry(imo=8964109, names=("PIPER INNESS",))))
    assert [m.party for m in made.matches] == ["9"]
    assert made.severity == "critical"


def test_a_shared_mmsi_is_not_above_possible() -> None:
    """Where two hulls send under one MMSI, no match without an IMO is above possible."""
    shared = replace(HYDRA, imo=None, shared_mmsi=True)
    listed = lists(entry(imo=None, mmsis=(311000013,), callsigns=("C6AB8",)))
    made = told(incident(parties=(shared, POLARIS)), None, listed)
    assert {m.tier for m in made.matches} <= {"possible"}
    open_ = told(incident(parties=(replace(shared, shared_mmsi=False), POLARIS)), None, listed)
    assert {m.tier for m in open_.matches} == {"strong"}


def test_assess_is_pure() -> None:
    """Same arguments, equal result."""
    assert told(incident(), None, lists(entry())) == told(incident(), None, lists(entry()))
