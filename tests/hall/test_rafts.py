"""Which meetings are one event: rafts, attendants, and what does not belong together."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from shipwatch.engine.detections import Rendezvous
from shipwatch.rafts import Grouping, is_close

MINUTE_US = 60 * 10**6


def meeting(a: str, b: str, start: int = 0, end: int = 60, **changes: object) -> Rendezvous:
    """Two tracks alongside from minute to minute."""
    base = Rendezvous(
        id=f"rv-{a}-{b}", track_a=a, track_b=b, mmsi_a=1, mmsi_b=2, phase="ongoing", start_us=start * MINUTE_US,
        end_us=end * MINUTE_US, published_us=end * MINUTE_US, lat=30.0, lon=-120.0, observed_s=3600, inferred_s=0,
        dark_s=0, joint_sightings=9, min_distance_m=30, median_distance_m=40, hull_gap_m=5, heading_difference_deg=1,
        alongside=True, median_speed_kn=1.0, relative_speed_kn=0.1, settled=True, intervals=(),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def apart(a: str, b: str, start: int = 0, end: int = 60) -> Rendezvous:
    """Two tracks near one another, hulls known and not side by side."""
    return meeting(a, b, start, end, alongside=False, hull_gap_m=150, median_distance_m=300)


def attends(one: str, other: str, close: bool) -> bool:
    """Tracks named t.. are tugs; b.. are barges, which attend only at a ship that is hull to hull with another."""
    return one.startswith("t") or (one.startswith("b") and close and not other.startswith("b"))


def grouped(*minutes: list[Rendezvous]) -> tuple[Grouping, list[tuple[str, str]]]:
    """The grouping after some minutes of publications, and every merge."""
    grouping = Grouping({}, {}, {}, attends)
    merged: list[tuple[str, str]] = []
    for minute, revisions in enumerate(minutes):
        grouping.publish(revisions, minute * MINUTE_US, attends)
        merged += [(gone.id, grouping.heir(heir)) for gone, heir in grouping.merged]
    return grouping, merged


def events(grouping: Grouping) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {name: (group.linked, group.absorbed) for name, group in grouping.groups.items()}


def test_close_is_alongside_or_near_without_hulls() -> None:
    """Hull geometry decides where it is known; else 100 m between antennas and settled."""
    assert is_close(meeting("x", "y"))
    assert not is_close(meeting("x", "y", alongside=False, median_distance_m=40))
    unknown = meeting("x", "y", alongside=None, hull_gap_m=None)
    assert is_close(unknown)
    assert not is_close(replace(unknown, median_distance_m=101))
    assert not is_close(replace(unknown, settled=False))


def test_a_raft_of_twelve_is_one_event() -> None:
    """Neighbours alongside, the others within 500 m: 66 meetings, one event, whatever comes first."""
    names = [f"s{n:02d}" for n in range(12)]
    pairs = [meeting(a, b) if int(b[1:]) - int(a[1:]) == 1 else apart(a, b) for a, b in combinations(names, 2)]
    for minutes in ([pairs], [[pair] for pair in pairs], [[pair] for pair in reversed(pairs)]):
        grouping, _ = grouped(*minutes)
        assert len(grouping.groups) == 1
        group = next(iter(grouping.groups.values()))
        assert (len(group.linked), len(group.absorbed)) == (11, 55)


def test_meetings_apart_in_time_or_place_stay_apart() -> None:
    """One ship meeting two others after one another, or two pairs of different ships, are two events."""
    grouping, _ = grouped([meeting("x", "y", 0, 60), meeting("y", "z", 61, 120), meeting("p", "q", 0, 60)])
    assert len(grouping.groups) == 3


def test_meetings_not_hull_to_hull_do_not_chain() -> None:
    """Ships lying in a row at anchor, none alongside, are events of two each."""
    grouping, _ = grouped([apart("x", "y"), apart("y", "z"), apart("z", "w")])
    assert len(grouping.groups) == 3


def test_the_event_opened_first_keeps_its_name() -> None:
    """When a third ship links two events, the later one goes into the earlier."""
    grouping, merged = grouped([meeting("y", "z")], [meeting("p", "q")], [meeting("q", "z")])
    assert list(grouping.groups) == ["rv-y-z"]
    assert sorted(merged) == [("rv-p-q", "rv-y-z"), ("rv-q-z", "rv-y-z")]


def test_an_attendant_is_absorbed_whether_it_comes_first_or_last() -> None:
    """A tug at a ship in a meeting goes into that meeting's event, whose name stays the meeting's."""
    for minutes in ([[meeting("x", "y")], [meeting("t", "x")]], [[meeting("t", "x")], [meeting("x", "y")]]):
        grouping, merged = grouped(*minutes)
        assert events(grouping) == {"rv-x-y": (("rv-x-y",), ("rv-t-x",))}
        assert merged == [("rv-t-x", "rv-x-y")]


def test_an_attendant_does_not_link_two_meetings() -> None:
    """One tug serving two pairs at once leaves two events, its meetings with each."""
    grouping, _ = grouped([meeting("x", "y"), meeting("p", "q"), meeting("t", "x"), meeting("p", "t")])
    assert events(grouping) == {"rv-x-y": (("rv-x-y",), ("rv-t-x",)), "rv-p-q": (("rv-p-q",), ("rv-p-t",))}


def test_two_tugs_beside_a_raft_belong_to_it() -> None:
    """The meeting of two attendants of one event with one another is kept with it too."""
    grouping, _ = grouped([meeting("x", "y"), meeting("t1", "x"), meeting("t2", "y"), apart("t1", "t2")])
    assert events(grouping) == {"rv-x-y": (("rv-x-y",), ("rv-t1-t2", "rv-t1-x", "rv-t2-y"))}


def test_two_tugs_at_one_ship_are_one_event() -> None:
    """Without a main meeting, the attendants of one ship make one event; two ships with one tug make two."""
    grouping, _ = grouped([meeting("t1", "x"), meeting("t2", "x")])
    assert events(grouping) == {"rv-t1-x": (("rv-t1-x", "rv-t2-x"), ())}
    grouping, _ = grouped([meeting("t1", "x"), meeting("t1", "y")])
    assert len(grouping.groups) == 2


def test_a_barge_attends_only_a_ship_hull_to_hull_with_another() -> None:
    """A small tanker alongside a ship stays an event of its own beside a neighbour at anchor."""
    grouping, _ = grouped([apart("x", "y"), meeting("b", "x")])
    assert len(grouping.groups) == 2
    grouping, _ = grouped([meeting("x", "y"), meeting("b", "x")])
    assert events(grouping) == {"rv-x-y": (("rv-x-y",), ("rv-b-x",))}


def test_a_neighbour_for_days_does_not_take_over_the_raft() -> None:
    """Two ships at anchor near one another, later both alongside a third: theirs goes into the raft's event."""
    raft = [meeting("x", "y", 3000, 3200)], [meeting("y", "z", 3000, 3200)]
    grouping, merged = grouped([apart("x", "z", 0, 4000)], *raft)
    assert events(grouping) == {"rv-x-y": (("rv-x-y", "rv-y-z"), ("rv-x-z",))}
    assert ("rv-x-z", "rv-x-y") in merged


def test_an_event_does_not_fall_apart_again() -> None:
    """A later revision that is no longer alongside leaves the event as it was judged."""
    grouping, _ = grouped([meeting("x", "y"), meeting("y", "z")], [apart("y", "z")])
    assert len(grouping.groups) == 1


def test_dropping_leaves_nothing_behind() -> None:
    """A dropped event leaves no meeting, name or index entry."""
    grouping, _ = grouped([meeting("x", "y"), meeting("y", "z"), meeting("p", "q")])
    grouping.drop(["rv-x-y"])
    assert list(grouping.groups) == ["rv-p-q"]
    assert set(grouping.meetings) == {"rv-p-q"} == set(grouping.group_of)
    assert set(grouping.by_track) == {"p", "q"}
