"""The public alert object read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.alert_json import alert_to_json
from alerts.alert_reading import AlertObjectError, alert_from_json
from alerts.incident import Alert, Incident, Match, MatchedCompany, PairInterval, Party, Reason, Said, Watch
from alerts.list_source import ListSource
from alerts.wording import finding, title

INCIDENT = Incident(
    id="al-7", kind="rendezvous", phase="ended", published_us=1_741_950_000_000_000, start_us=1_741_939_200_000_000,
    end_us=1_741_950_000_000_000, lat=30.12345, lon=123.5, zones=("East China Sea",),
    parties=(Party("538000001", 538000001, imo=9000003, name="INVENTED ONE"), Party("538000002/2", 538000002)),
    intervals=(PairInterval(("538000001", "538000002/2"), 1_741_939_200_000_000, 1_741_950_000_000_000, "observed"),),
    observed_s=10800, inferred_s=0, dark_s=0, min_distance_m=31,
)  # fmt: skip
ALERT = Alert(
    incident=INCIDENT, revision=2, revision_reason="ended", state="closed", severity="warning", score=61,
    matches=(Match("538000001", "invented", "7", "exact", "designated_at_event", {"imo": ("9000003", "9000003")}),),
    reasons=(Reason("alongside", "4 m", 20, "hulls 4 m apart"),), sensitivity="It would vanish.",
    lists=(("invented", "invented-1"),), rules_digest="sha256:0",
)  # fmt: skip


def test_what_was_written_is_read_back_and_gives_the_same_object_and_sentence() -> None:
    """Written, read and written again: the same object; finding and heading word for word."""
    read = alert_from_json(alert_to_json(ALERT))
    assert alert_to_json(read) == alert_to_json(ALERT)
    assert finding(read.incident) == finding(INCIDENT)
    assert title(read) == title(ALERT)


def test_owner_licence_and_watch_are_read_back() -> None:
    """What a reader of a match needs from the list survives writing and reading, and so does what else was sent."""
    match = replace(
        ALERT.matches[0],
        programs=("INVENTED-1",),
        companies=(MatchedCompany("manager", "INVENTED SHIPPING", 5434358),),
        source=ListSource("invented", "An Invented List", "An Office", "CC BY-NC 4.0", non_commercial=True),
        watch=Watch("seen loading", "desk 2", "2026-12-31"),
        listed_name="OLD ONE",
        text="Agrees in IMO.",
    )
    parties = (replace(INCIDENT.parties[0], also_sent=(Said(9074729, "OLD ONE", None, 80, 180),)), INCIDENT.parties[1])
    told = replace(ALERT, matches=(match,), incident=replace(INCIDENT, parties=parties))
    read = alert_from_json(alert_to_json(told))
    assert read.matches == (match,)
    assert read.incident.parties[0].also_sent == parties[0].also_sent


def test_an_object_of_an_older_version_is_read() -> None:
    """Fields added later are absent from alerts kept before them."""
    payload = alert_to_json(ALERT)
    for match in payload["matches"]:
        for name in ("listed_name", "programs", "companies", "source", "watch", "text"):
            del match[name]
    for party in payload["parties"]:
        del party["also_sent"]
    assert alert_from_json(payload).matches == ALERT.matches


def test_a_withdrawn_alert_keeps_its_reason() -> None:
    """The reason stands in the revision's reason."""
    withdrawn = replace(ALERT, state="withdrawn", revision_reason="withdrawn: the hulls were one ship")
    assert alert_from_json(alert_to_json(withdrawn)).incident.withdrawn_reason == "the hulls were one ship"


@pytest.mark.parametrize("field", ["start", "parties", "matches", "rules_digest"])
def test_a_missing_field_is_named(field: str) -> None:
    """The error says which field and of which alert."""
    payload = alert_to_json(ALERT)
    del payload[field]
    with pytest.raises(AlertObjectError, match=f"al-7: field '{field}'"):
        alert_from_json(payload)


def test_a_value_of_another_form_is_an_error_of_the_wing() -> None:
    """No other exception comes out."""
    with pytest.raises(AlertObjectError, match="al-7"):
        alert_from_json({**alert_to_json(ALERT), "start": "yesterday"})
