"""Words are fair: suspected, consistent with, never an accusation, and freed of invisible characters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import wording
from alerts.incident import Alert, Incident, Party

MINUTE_US = 60 * 10**6
ACCUSING = ("smuggl", "illicit", "illegal", "evad", "guilty", "criminal", "violat", "offender", "culprit")


def incident(**changes: object) -> Incident:
    base = Incident(
        id="i", kind="rendezvous", phase="ended", published_us=200 * MINUTE_US, start_us=10 * MINUTE_US,
        end_us=130 * MINUTE_US, lat=33.0084, lon=-117.7853, zones=("Korea Bay",),
        parties=(
            Party("1", 311000013, 9583720, "HYDRA VOYAGER", flag="BHS", ship_type=80, length_m=333),
            Party("2", 311000112, name="POLARIS"), Party("3", 367017440, name="PIPER INNESS", role="attending"),
        ),
        intervals=(), observed_s=3600, inferred_s=1800, dark_s=600, min_distance_m=24, shore_distance_m=42300,
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def alert(severity: str = "critical", **changes: object) -> Alert:
    return Alert(incident(**changes), 1, "opened", "opened", severity, 1, (), (), "", (), "d")


def test_the_finding_says_who_when_where_and_how_it_is_known() -> None:
    """One sentence carries names as sent, UTC times, chart position, the three kinds of time kept apart."""
    assert wording.finding(incident()) == (
        "HYDRA VOYAGER (tanker, 333 m, flag BHS, IMO 9583720) and POLARIS (ship of unsent type, no IMO number sent) "
        "were close to one another from 1970-01-01 00:10Z to 1970-01-01 02:10Z near 33°00.50'N 117°47.12'W "
        "(Korea Bay), 42 km from shore; 1 h 00 min observed, 30 min inferred from sparse reports, 10 min while silent "
        "and in reach; 24 m between antennas at the closest; attended by PIPER INNESS."
    )


def test_an_event_that_goes_on_has_no_end() -> None:
    """While a meeting is ongoing no end is told."""
    assert "have been close to one another since 1970-01-01 00:10Z near" in wording.finding(incident(end_us=None))


@pytest.mark.parametrize(
    ("severity", "begins"),
    [("notice", "Meeting of "), ("warning", "Suspected ship-to-ship"), ("critical", "Suspected ship-to-ship")],
)
def test_titles_suspect_from_a_warning_up(severity: str, begins: str) -> None:
    """A notice is called a meeting, more is called suspected; attendants are not in the title."""
    title = wording.title(alert(severity))
    assert title.startswith(begins)
    assert title.endswith("HYDRA VOYAGER and POLARIS")


def test_a_withdrawn_event_says_so() -> None:
    """Withdrawal stands in the title and in the reading, with its reason."""
    gone = alert(withdrawn_reason="merged into x")
    assert wording.title(gone).startswith("Withdrawn: ")
    assert wording.reading(gone) == "This report is withdrawn: merged into x."


def test_no_word_accuses() -> None:
    """No text for any severity, company or state accuses anybody."""
    texts = [wording.WHAT_IT_DOES_NOT_MEAN]
    for severity in ("notice", "warning", "critical"):
        for changes in ({}, {"lowered_by": ("tug",)}, {"observed_s": 0}, {"kind": "gap"}):
            made = alert(severity, **changes)
            texts += [wording.title(made), wording.finding(made.incident), wording.reading(made)]
    for text in texts:
        assert not [word for word in ACCUSING if word in text.lower()], text


def test_what_a_rendezvous_does_not_mean_names_ordinary_reasons() -> None:
    """The standing sentence says that nothing is proved and names bunkers, stores and lightering."""
    assert "does not show that anything was transferred" in wording.WHAT_IT_DOES_NOT_MEAN
    for word in ("bunkers", "stores", "lightering"):
        assert word in wording.WHAT_IT_DOES_NOT_MEAN


def test_inferred_meetings_are_called_inferred() -> None:
    """What was not observed is not said to have been seen."""
    assert "What is inferred is consistent with" in wording.reading(alert("warning", observed_s=0))
    assert "What was seen is consistent with" in wording.reading(alert("warning"))


@given(st.text(max_size=30))
def test_names_are_plain_text(name: str) -> None:
    """Whatever a ship calls itself, no control or direction character reaches a reader."""
    shown = wording.party_name(Party("1", 5, name=name))
    assert shown
    assert shown.isprintable() or all(c.isprintable() or c.isspace() for c in shown)
    assert not set(shown) & set("\u202e\u2066\x00\x1b\n\r\t\u200b")


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_positions_never_show_sixty_minutes(lat: float, lon: float) -> None:
    """Rounding carries into the degrees."""
    text = wording.position_text(lat, lon)
    minutes = [float(part.split("°")[1].split("'")[0]) for part in text.split(" ")]
    assert all(0 <= value < 60 for value in minutes)
    degrees = [int(part.split("°")[0]) + m / 60 for part, m in zip(text.split(" "), minutes, strict=True)]
    assert abs(degrees[0] - abs(lat)) < 1e-4
    assert abs(degrees[1] - abs(lon)) < 1e-4


def test_many_names_are_counted() -> None:
    """A raft of twelve is named by four and a count."""
    assert wording.names_text([str(n) for n in range(12)]) == "0, 1, 2, 3 and 8 more"
    assert wording.names_text(["A"]) == "A"
    assert wording.names_text([]) == "nobody"
