"""From meetings of tracks to incidents with parties, places and a history that does not depend on batches."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.incident import Incident, Silence
from alerts.rules import load_rules
from decoders.reports import StaticReports
from shipwatch.engine.detections import Detections, Gap, Interval, Kind, Rendezvous
from shipwatch.identities import Identities, learn
from shipwatch.incidents import Incidents, update

MINUTE_US = 60 * 10**6
RULES = load_rules()
MMSI = {"x": 311000013, "y": 311000112, "z": 538004319, "w": 538007181, "t": 367017440, "u": 367017441, "n": 445000001}
TYPES = {"x": 80, "y": 81, "z": 80, "w": 70, "t": 52, "u": 90, "n": 0}


class Sea:
    """Open water in one watched zone, a port north of 40."""

    def zones_at(self, lat: float, lon: float) -> tuple[str, ...]:
        return ("Korea Bay",) if lon > 0 else ()

    def in_port(self, lat: float, lon: float) -> bool:
        return lat > 40

    def port_name(self, lat: float, lon: float) -> str:
        return "Port"

    def shore_distance_m(self, lat: float, lon: float) -> float | None:
        return 12345.6


def ships(*more: dict[str, object]) -> Identities:
    """Every track's ship, known from the start, and what is sent later."""
    rows: list[dict[str, object]] = [
        {"time_us": 0, "mmsi": MMSI[n], "name": n.upper(), "ship_type": TYPES[n], "draught_m": 10.0} for n in MMSI
    ]
    rows += more
    missing = {"name": "", "ship_type": 0, "draught_m": float("nan"), "imo": 0}
    keys = ("time_us", "mmsi", *missing)
    return learn(Identities(), StaticReports.of(**{k: [{**missing, **row}[k] for row in rows] for k in keys}))


def meeting(a: str, b: str, start: int, end: int, at: int | None = None, **changes: object) -> Rendezvous:
    """Two tracks alongside, minutes of event time."""
    base = Rendezvous(
        id=f"rv-{a}{b}", track_a=a, track_b=b, mmsi_a=MMSI.get(a, 1), mmsi_b=MMSI.get(b, 1), phase="ongoing",
        start_us=start * MINUTE_US, end_us=end * MINUTE_US, published_us=(end if at is None else at) * MINUTE_US,
        lat=30.0, lon=-120.0, observed_s=(end - start) * 60, inferred_s=0, dark_s=0, joint_sightings=9,
        min_distance_m=30, median_distance_m=40, hull_gap_m=5, heading_difference_deg=1, alongside=True,
        median_speed_kn=1.0, relative_speed_kn=0.1, settled=True,
        intervals=(Interval(start * MINUTE_US, end * MINUTE_US, Kind.OBSERVED),),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def apart(a: str, b: str, start: int, end: int, at: int | None = None, **changes: object) -> Rendezvous:
    return meeting(a, b, start, end, at, alongside=False, hull_gap_m=150, median_distance_m=300, **changes)


def ended(found: Rendezvous, at: int | None = None, by: str = "left") -> Rendezvous:
    published = found.published_us if at is None else at * MINUTE_US
    return replace(found, phase="ended", ended_by=by, published_us=published)


def run(
    *batches: list[Rendezvous], identities: Identities | None = None, **more: object
) -> tuple[Incidents, list[Incident]]:
    """The batches one after another, each complete."""
    state, told = Incidents(), []
    for batch in batches:
        state, found = update(
            state, Detections(rendezvous=tuple(batch)), identities or ships(), Sea(), RULES, **more  # type: ignore[arg-type]
        )  # fmt: skip
        told += found
    return state, told


def roles(incident: Incident) -> dict[str, str]:
    return {ship.track: ship.role for ship in incident.parties}


def test_a_meeting_becomes_an_incident() -> None:
    """Figures, place, parties and pair intervals of a meeting stand in its incident."""
    _, (found,) = run([meeting("y", "x", 10, 50)])
    assert (found.id, found.kind, found.phase, found.start_us, found.end_us) == (
        "rv-yx", "rendezvous", "ongoing", 10 * MINUTE_US, None,
    )  # fmt: skip
    assert [(ship.name, ship.flag, ship.ship_type, ship.draught_before_m) for ship in found.parties] == [
        ("X", "BHS", 80, 10.0),
        ("Y", "BHS", 81, 10.0),
    ]
    assert (found.observed_s, found.hull_gap_m, found.alongside, found.shore_distance_m) == (2400, 5, True, 12346)
    assert [(piece.pair, piece.kind) for piece in found.intervals] == [(("x", "y"), "observed")]
    assert (found.principal, found.zones, found.in_port, found.lowered_by) == (("x", "y"), (), False, ())


def test_the_end_is_told_when_it_has_ended() -> None:
    """An ended meeting gives end and cause."""
    _, told = run([meeting("x", "y", 10, 50)], [ended(meeting("x", "y", 10, 70), at=90)])
    assert [(i.phase, i.end_us, i.ended_by) for i in told] == [
        ("ongoing", None, None),
        ("ended", 70 * MINUTE_US, "left"),
    ]


def test_places_are_asked_where_they_met() -> None:
    """Zone names and ports are those of the meeting's position."""
    _, (found,) = run([meeting("x", "y", 10, 50, lat=41.0, lon=121.0)])
    assert (found.zones, found.in_port) == (("Korea Bay",), True)


def test_a_party_is_who_it_said_it_was_by_then() -> None:
    """A name sent after the minute of publication is not in that revision, but in the next."""
    late = ships({"time_us": 60 * MINUTE_US, "mmsi": MMSI["x"], "name": "RENAMED"})
    _, told = run([meeting("x", "y", 10, 50)], [meeting("x", "y", 10, 70)], identities=late)
    assert [incident.parties[0].name for incident in told] == ["X", "RENAMED"]


def test_twelve_rafted_ships_are_one_incident() -> None:
    """Sixty-six meetings give one incident with twelve parties and every pair's interval."""
    names = [f"s{n:02d}" for n in range(12)]
    pairs = [
        (meeting if int(b[1:]) - int(a[1:]) == 1 else apart)(
            a, b, 0, 60, mmsi_a=100 + int(a[1:]), mmsi_b=100 + int(b[1:])
        )
        for a, b in combinations(names, 2)
    ]
    _, told = run(pairs)
    assert len(told) == 1
    assert len(told[0].parties) == 12
    assert set(roles(told[0]).values()) == {"party"}
    assert len(told[0].intervals) == 66


def test_a_raft_takes_its_ends_from_what_lay_alongside() -> None:
    """Start and end are those of the meetings hull to hull, not of ships of the raft that merely lay near."""
    _, told = run([apart("x", "z", 0, 300), meeting("x", "y", 50, 200, 300), meeting("y", "z", 60, 220, 300)])
    assert len(told) == 1
    assert (told[0].start_us, told[0].phase) == (50 * MINUTE_US, "ongoing")
    done = [
        ended(apart("x", "z", 0, 300, 301)),
        ended(meeting("x", "y", 50, 200, 301)),
        ended(meeting("y", "z", 60, 220, 301)),
    ]
    _, told = run(done)
    assert (told[0].start_us, told[0].end_us) == (50 * MINUTE_US, 220 * MINUTE_US)


def test_an_attendant_never_moves_ends_nor_figures() -> None:
    """A workboat that came before and stays after is attending; its own intervals are kept; nothing else changes."""
    alone = run([ended(meeting("x", "y", 100, 200, 300))])[1][0]
    boat = [meeting("u", "x", 50, 290, 300, observed_s=99999), apart("t", "y", 20, 250, 300)]
    _, told = run([ended(meeting("x", "y", 100, 200, 300)), *boat])
    assert len(told) == 1
    assert roles(told[0]) == {"x": "party", "y": "party", "t": "attending", "u": "attending"}
    assert len(told[0].intervals) == 3
    same = replace(told[0], parties=alone.parties, intervals=alone.intervals)
    assert same == alone


def test_an_attendant_s_own_event_is_withdrawn_with_the_reason() -> None:
    """A boat's meeting told first goes into the meeting it attends: the former is withdrawn and names the latter."""
    _, told = run([meeting("u", "x", 50, 80)], [meeting("x", "y", 60, 100)], [meeting("x", "y", 60, 130)])
    assert [(i.id, i.withdrawn_reason) for i in told] == [
        ("rv-ux", None),
        ("rv-ux", "merged into rv-xy"),
        ("rv-xy", None),
        ("rv-xy", None),
    ]
    assert told[1].published_us == 100 * MINUTE_US
    assert roles(told[2])["u"] == "attending"


def test_events_that_grow_together_are_merged_into_the_first() -> None:
    """Two rafts joined by a third meeting: the one opened later is withdrawn, the first has all parties."""
    _, told = run([meeting("y", "z", 0, 40)], [meeting("w", "x", 10, 50)], [meeting("x", "y", 20, 60)])
    assert [(i.id, i.withdrawn_reason) for i in told[2:]] == [("rv-wx", "merged into rv-yz"), ("rv-yz", None)]
    assert len(told[3].parties) == 4
    assert told[3].start_us == 0


def test_what_was_never_told_is_not_withdrawn() -> None:
    """Meetings published in the same minute are one event at once, with no withdrawal."""
    _, told = run([meeting("y", "z", 0, 40), meeting("x", "y", 0, 40), meeting("w", "x", 0, 40)])
    assert [(i.id, i.withdrawn_reason) for i in told] == [("rv-wx", None)]


def test_tug_and_tow_is_labelled_not_dropped() -> None:
    """A ship with a tug and no other meeting is an incident, both parties, labelled."""
    _, (found,) = run([meeting("t", "x", 0, 40)])
    assert found.lowered_by == ("tug",)
    assert roles(found) == {"t": "party", "x": "party"}


def test_the_type_known_later_makes_an_attendant() -> None:
    """A ship of no known type is a party of the raft; when it says that it is a tug it attends and moves no end."""
    later = ships({"time_us": 100 * MINUTE_US, "mmsi": MMSI["n"], "ship_type": 52})
    first = [meeting("n", "x", 0, 60), meeting("x", "y", 20, 60)]
    _, told = run(first, [replace(first[0], published_us=120 * MINUTE_US, end_us=110 * MINUTE_US)], identities=later)
    assert roles(told[0])["n"] == "party"
    assert told[0].start_us == 0
    assert roles(told[1])["n"] == "attending"
    assert told[1].start_us == 20 * MINUTE_US


def test_a_draught_sent_after_the_end_is_a_revision() -> None:
    """A changed draught within a day of the end revises the incident at the next whole minute; later ones do not."""
    after = ships(
        {"time_us": 200 * MINUTE_US + 1, "mmsi": MMSI["x"], "draught_m": 14.9},
        {"time_us": 2000 * MINUTE_US, "mmsi": MMSI["y"], "draught_m": 5.0},
    )
    state, told = run([ended(meeting("x", "y", 10, 70, 90))], identities=after)
    assert len(told) == 1
    state, (second,) = update(state, Detections(processed_us=250 * MINUTE_US), after, Sea(), RULES)
    assert second.published_us == 201 * MINUTE_US
    assert [ship.draught_after_m for ship in second.parties] == [14.9, None]
    state, rest = update(state, Detections(processed_us=9000 * MINUTE_US), after, Sea(), RULES)
    assert rest == ()


def test_a_draught_that_arrives_late_is_still_told() -> None:
    """A static report that reaches us minutes after its time, on a slow line, is no reason to lose what it says."""
    state, _ = run([ended(meeting("x", "y", 10, 50))])
    state, none = update(state, Detections(processed_us=200 * MINUTE_US), ships(), Sea(), RULES)
    late = ships({"time_us": 190 * MINUTE_US, "mmsi": MMSI["x"], "draught_m": 12.0})
    _, (told,) = update(state, Detections(processed_us=201 * MINUTE_US), late, Sea(), RULES)
    assert none == ()
    assert [ship.draught_after_m for ship in told.parties if ship.track == "x"] == [12.0]


def test_gaps_near_the_event_are_noted_as_known_by_then() -> None:
    """A party's gap that borders on the meeting is noted, one published later or long before is not."""

    def gap(name: str, off: int, on: int | None, published: int) -> Gap:
        on_us = None if on is None else on * MINUTE_US
        return Gap(name, "x", 1, published * MINUTE_US, off * MINUTE_US, 0, 0, on_us, None, None, 0, None, None)

    gaps = {"x": [gap("a", 800, None, 900), gap("a", 800, 950, 960), gap("b", 0, 100, 110), gap("c", 1020, None, 1200)]}
    _, (found,) = run([meeting("x", "y", 1000, 1050)], gaps=gaps)
    assert found.silences == (Silence("x", 800 * MINUTE_US, 950 * MINUTE_US),)


def test_a_shared_mmsi_is_noted() -> None:
    """Parties whose MMSI two hulls send are marked, so that screening is careful with them."""
    _, (found,) = run([meeting("x", "y", 0, 50)], shared_mmsi={MMSI["y"]: 50 * MINUTE_US, MMSI["x"]: 51 * MINUTE_US})
    assert {ship.track: ship.shared_mmsi for ship in found.parties} == {"x": False, "y": True}


def test_an_unchanged_meeting_is_not_told_again() -> None:
    """A revision that says nothing new gives no incident revision."""
    first = meeting("x", "y", 0, 50)
    _, told = run([first], [replace(first, published_us=99 * MINUTE_US)])
    assert len(told) == 1


def test_a_minute_waits_until_it_is_complete() -> None:
    """What is published at a minute that may not be complete waits, unless the input has ended."""
    state, found = update(
        Incidents(), Detections((meeting("x", "y", 0, 50),), processed_us=49 * MINUTE_US), ships(), Sea(), RULES
    )
    assert found == ()
    assert len(state.waiting) == 1
    _, final = update(state, Detections(), ships(), Sea(), RULES, final=True)
    assert len(final) == 1
    _, complete = update(state, Detections(processed_us=50 * MINUTE_US), ships(), Sea(), RULES)
    assert complete == final


def test_what_ended_a_day_ago_is_forgotten() -> None:
    """Memory is bounded: a day after its end an event leaves no trace, one that goes on stays."""
    state, _ = run(
        [ended(meeting("x", "y", 0, 50))], [meeting("z", "w", 0, 60)], [meeting("z", "w", 0, 3000)],
        [meeting("z", "w", 0, 3001)],
    )  # fmt: skip
    assert list(state.groups) == ["rv-zw"]
    assert set(state.meetings) == set(state.group_of) == {"rv-zw"}


def test_an_event_stays_as_long_as_what_is_kept_with_it() -> None:
    """A tug that stays for days opens no event of its own under an id that was told and withdrawn before."""
    tug = meeting("t", "x", 0, 60)
    state, told = run(
        [tug], [meeting("x", "y", 0, 90)], [ended(meeting("x", "y", 0, 100))], [meeting("t", "x", 0, 3000)],
        [meeting("t", "x", 0, 3060)], [ended(meeting("t", "x", 0, 3100))],
    )  # fmt: skip
    assert [found.withdrawn_reason for found in told if found.id == tug.id] == [None, "merged into rv-xy"]
    assert {found.id for found in told} == {"rv-xy", tug.id}
    assert not (state.groups or state.meetings)


def test_the_state_is_plain_and_never_changed() -> None:
    """A state can be stored, read back and continued with the same result; updating it leaves it as it was."""
    state, _ = run([meeting("x", "y", 0, 40), meeting("u", "x", 5, 40)])
    stored = pickle.dumps(state)
    more = Detections((meeting("x", "z", 10, 60), ended(meeting("x", "y", 0, 60))))
    one = update(state, more, ships(), Sea(), RULES)
    assert pickle.dumps(state) == stored
    assert update(pickle.loads(stored), more, ships(), Sea(), RULES) == one


def test_which_ship_is_first_does_not_matter() -> None:
    """Swapping the two ships of each meeting gives the same incidents."""
    given = [meeting("x", "y", 0, 40), meeting("y", "z", 10, 40), meeting("u", "x", 5, 40)]
    swapped = [replace(m, track_a=m.track_b, track_b=m.track_a, mmsi_a=m.mmsi_b, mmsi_b=m.mmsi_a) for m in given]
    assert run(given)[1] == run(swapped)[1]


PAIRS = [f"{a}{b}" for a, b in combinations("xyzwtun", 2)]
REVISION = st.tuples(
    st.sampled_from(PAIRS), st.integers(0, 60), st.integers(0, 40), st.integers(0, 12), st.booleans(), st.booleans()
)
LATER = st.lists(
    st.tuples(st.sampled_from("xyzwtun"), st.integers(0, 200), st.sampled_from([52, 80]), st.sampled_from([9.0, 11.0])),
    max_size=4,
)


def made(revisions: list[tuple[str, int, int, int, bool, bool]]) -> list[Rendezvous]:
    """Random revisions, one for each meeting and minute, in no order."""
    found: dict[tuple[str, int], Rendezvous] = {}
    for pair, start, length, delay, close, over in revisions:
        one = (meeting if close else apart)(pair[0], pair[1], start, start + length, start + length + delay)
        found[one.id, one.published_us] = ended(one) if over else one
    return list(found.values())


@settings(max_examples=200, deadline=None)
@given(
    revisions=st.lists(REVISION, min_size=1, max_size=25),
    later=LATER,
    cuts=st.lists(st.integers(0, 200 * 60), max_size=6),
    order=st.randoms(use_true_random=False),
)
def test_batches_and_order_change_nothing(
    revisions: list[tuple[str, int, int, int, bool, bool]],
    later: list[tuple[str, int, int, float]],
    cuts: list[int],
    order: object,
) -> None:
    """Cut anywhere in event time, in any order within a batch: the same incident revisions, in the same order."""
    identities = ships(
        *({"time_us": t * MINUTE_US - 1, "mmsi": MMSI[n], "ship_type": k, "draught_m": d} for n, t, k, d in later)
    )
    detections = made(revisions)
    end_us = 300 * MINUTE_US
    whole = update(
        Incidents(), Detections(tuple(detections), processed_us=end_us), identities, Sea(), RULES, final=True
    )[1]
    state, told = Incidents(), []
    order.shuffle(detections)  # type: ignore[attr-defined]
    since_us = -1
    for cut in [*sorted(cut * 1_000_000 for cut in cuts), end_us]:
        batch = tuple(one for one in detections if since_us < one.published_us <= cut)
        state, found = update(state, Detections(batch, processed_us=cut), identities, Sea(), RULES)
        told += found
        since_us = cut
    assert tuple(told) == whole


@settings(max_examples=200, deadline=None)
@given(revisions=st.lists(REVISION, min_size=1, max_size=25))
def test_every_meeting_is_in_exactly_one_standing_event(
    revisions: list[tuple[str, int, int, int, bool, bool]],
) -> None:
    """Nothing is lost or told twice: after each minute the standing incidents carry every meeting once."""
    state, told = run(made(revisions))
    standing: dict[str, Incident] = {}
    for incident in told:
        if incident.withdrawn_reason is None:
            standing[incident.id] = incident
        else:
            assert incident.id in standing
            del standing[incident.id]
            assert incident.withdrawn_reason.startswith("merged into rv-")
    assert set(standing) == set(state.groups)
    members = [key for group in state.groups.values() for key in (*group.linked, *group.absorbed)]
    assert sorted(members) == sorted(state.meetings)
    for name, incident in standing.items():
        assert any(ship.role == "party" for ship in incident.parties)
        if incident.end_us is not None:
            assert incident.end_us >= incident.start_us
        assert {key for key, of in state.group_of.items() if of == name} == {
            *state.groups[name].linked,
            *state.groups[name].absorbed,
        }
