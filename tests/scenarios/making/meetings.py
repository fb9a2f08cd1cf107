"""Scenes of ships that meet, seen or unseen, and of company that is ordinary."""

from __future__ import annotations

from played import Played, like, play

from shipwatch.simulator.currents import Current
from shipwatch.simulator.fleet import CARGO, FISHING_BOAT, PILOT, TANKER, TUG, Vessel
from shipwatch.simulator.sphere import place
from shipwatch.simulator.stage import designations_text, trimmed
from shipwatch.simulator.visits import Visit, berth_beside, visiting
from shipwatch.simulator.voyages import FISHING, Track, drift, sail, swing_at_anchor

SEA = (28.60, 124.40)
START = "2025-03-14T06:00:00+00:00"


def host_and_guest(
    scene: Played, water: Track, one: Vessel, two: Vessel, arrive: float, leave: float, *, first: float = 0.0,
    last: float | None = None, **more: object,
) -> None:  # fmt: skip
    """Two ships: one waits at a moving point, the other lies beside her between two hours."""
    stage = scene.stage
    end = (stage.end_us - stage.start_us) / 3.6e9 if last is None else last
    beside = berth_beside(one.hull, two.hull)
    for vessel, visit in (
        (one, stage.visit(arrive - 1.2, leave + 1.2, 60.0, 20.0)),
        (two, stage.visit(arrive, leave, 165.0, 205.0, 9.5, beside, 8.0, 1.5)),
    ):
        path = trimmed(visiting(water, (visit,)), stage.hour(first), stage.hour(end))
        told = more.get("host" if vessel is one else "guest", {})
        scene.add(vessel, path, **told)  # type: ignore[arg-type]


def two_tankers(scene: Played) -> tuple[Vessel, Vessel]:
    """The parties of most scenes."""
    yard = scene.stage.yard
    return yard.build(TANKER, "TGO", 128, draught_m=8.4), yard.build(TANKER, "PAN", 104, draught_m=5.1)


def drifting_transfer() -> Played:
    """Drift alongside from hour 3 to hour 7."""
    scene = play(START, 11.0)
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), *two_tankers(scene), 3.0, 7.0)
    return scene


def course(scene: Played, centre: tuple[float, float], kn: float, at_hour: float) -> Track:
    """A point that steams north-east through a place at an hour."""
    ends = [place(*centre, s * kn * 1852.0 * 0.7, s * kn * 1852.0 * 0.7) for s in (-at_hour - 0.1, 24.0)]
    return sail(scene.stage.start_us, scene.stage.end_us, [(float(lat), float(lon)) for lat, lon in ends], kn)


def under_way_transfer() -> Played:
    """Alongside at 3.5 knots from hour 3 to hour 6.5."""
    scene = play(START, 10.0)
    host_and_guest(scene, course(scene, SEA, 3.5, 5.0), *two_tankers(scene), 3.0, 6.5)
    return scene


def over_midnight() -> Played:
    """23:10 to 01:50 UTC within 500 m."""
    scene = play("2025-03-14T18:00:00+00:00", 12.0)
    host_and_guest(scene, scene.stage.water(*SEA, 6.0, 70.0), *two_tankers(scene), 5.32, 7.68)
    return scene


def across_180() -> Played:
    """Drift westward over 180 degrees while alongside."""
    scene = play(START, 11.0)
    scene.stage.current = Current(0.9, 270.0, 0.0, 0.0, 0.0)
    host_and_guest(scene, scene.stage.water(51.0, -179.995, 4.0, 70.0), *two_tankers(scene), 3.0, 8.0)
    return scene


def raft_of_five() -> Played:
    """Five ships side by side, the last gone at hour 9."""
    scene = play(START, 13.0)
    stage = scene.stage
    water = stage.water(*SEA, 5.0, 15.0)
    crew = [stage.yard.build(TANKER, "HKG", 150)] + [stage.yard.build(TANKER, "CHN", 90 - 4 * k) for k in range(4)]
    scene.add(crew[0], visiting(water, (stage.visit(2.5, 10.0, 140.0, 120.0),)), every_s=240.0)
    outward = {1.0: 0.0, -1.0: 0.0}
    inner = {1.0: crew[0], -1.0: crew[0]}
    for number, vessel in enumerate(crew[1:]):
        side = 1.0 if number % 2 == 0 else -1.0
        outward[side] += berth_beside(inner[side].hull, vessel.hull)
        inner[side] = vessel
        away = 15.0 + 90.0 * side
        visit = stage.visit(
            3.5 + 0.4 * number, 9.0 - 0.3 * number, away, away, 8.0, side * outward[side], 0.0, 0.0, 600.0
        )
        scene.add(vessel, visiting(water, (visit,)), every_s=240.0)
    return scene


def tug_attending() -> Played:
    """A transfer from hour 3 to 8 that a tug helps to moor and to part."""
    scene = drifting_transfer()
    stage = scene.stage
    water = stage.water(*SEA, 5.0, 70.0)
    visits = tuple(stage.visit(a, b, 300.0, 300.0, 8.0, -40.0, 40.0, 0.0, 400.0) for a, b in ((2.6, 3.6), (6.3, 7.2)))
    scene.add(stage.yard.build(TUG, "CHN", 34), visiting(water, visits))
    return scene


def pilot_boarding() -> Played:
    """A pilot boat at the side of a ship under way at 8 knots for a quarter of an hour."""
    scene = play(START, 6.0)
    stage = scene.stage
    path = course(scene, SEA, 8.0, 3.0)
    vessel = scene.add(stage.yard.build(CARGO, "LBR", 200), path)
    visit = stage.visit(3.0, 3.25, 200.0, 200.0, 14.0, vessel.hull.beam_m / 2 + 5.0, -30.0, 0.0, 120.0)
    scene.add(
        stage.yard.build(PILOT, "CHN", 18, with_imo=False),
        trimmed(visiting(path, (visit,)), stage.hour(1.5), stage.hour(5.0)),
        every_s=60.0,
    )
    return scene


def abreast(scene: Played, vessels: tuple[Vessel, Vessel], path: Track, apart_m: float, status: int = 0) -> None:
    """Two ships side by side all along a way."""
    here = Visit(path.start_us, path.end_us, 0.0, 0.0, starboard_m=apart_m)
    scene.add(vessels[0], path)
    scene.add(vessels[1], visiting(path, (here,), status))


def fishing_pair() -> Played:
    """Two trawlers 300 m apart at 3 knots."""
    scene = play(START, 8.0)
    boats = tuple(scene.stage.yard.build(FISHING_BOAT, "CHN", with_imo=False) for _ in range(2))
    abreast(scene, (boats[0], boats[1]), course(scene, SEA, 3.0, 4.0), 300.0, FISHING)
    return scene


def convoy() -> Played:
    """Two tankers 300 m apart at 8 knots."""
    scene = play(START, 8.0)
    abreast(scene, two_tankers(scene), course(scene, SEA, 8.0, 4.0), 300.0)
    return scene


def anchorage_neighbours() -> Played:
    """Four tankers at anchor in the open, about 450 m from one to the next, for a day."""
    scene = play(START, 24.0)
    for number in range(4):
        lat, lon = place(*SEA, 450.0 * number, 0.0)
        swing = swing_at_anchor(scene.stage.start_us, scene.stage.end_us, float(lat), float(lon), scene.stage.current,
                                120.0)  # fmt: skip
        scene.add(scene.stage.yard.build(TANKER, "PAN", 140 + 10 * number), swing, every_s=360.0)
    return scene


def inside_a_port() -> Played:
    """A barge beside a ship in the port of Busan."""
    scene = play(START, 8.0)
    still = drift(scene.stage.start_us, scene.stage.end_us, 35.10, 129.05, Current(0.0, 0.0, 0.0), 30.0)
    host_and_guest(scene, still, *two_tankers(scene), 2.5, 6.0)
    return scene


def holes(bridged: bool) -> Played:
    """Alongside from hour 3 to hour 9; the guest is not heard from hour 4.5 to 7.5, in which she stayed or left."""
    scene = play(START, 12.0)
    one, two = two_tankers(scene)
    water = scene.stage.water(*SEA, 5.0, 70.0)
    if bridged:
        host_and_guest(scene, water, one, two, 3.0, 9.0, guest={"holes": ((4.5, 7.5),)})
        return scene
    stage = scene.stage
    visits = tuple(stage.visit(a, b, 165.0, 165.0, 10.0, 30.0, 0.0, 0.0, 500.0) for a, b in ((3.0, 4.5), (7.5, 9.0)))
    scene.add(one, visiting(water, (stage.visit(1.8, 10.2, 60.0, 20.0),)))
    scene.add(two, visiting(water, visits))
    return scene


def hole_bridged() -> Played:
    """Contact was lost, not left."""
    return holes(bridged=True)


def left_and_came_back() -> Played:
    """Contact was left: she is seen 10 miles off between two visits."""
    return holes(bridged=False)


def silent_partner() -> Played:
    """Together for twenty minutes, then one is not heard again."""
    scene = play(START, 12.0)
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), *two_tankers(scene), 3.0, 8.0,
                   guest={"holes": ((3.2, 24.0),)})  # fmt: skip
    return scene


def listed(scene: Played, name: str, sent_name: str | None = None) -> Vessel:
    """A ship of the invented list; the list goes into the folder."""
    scene.designations = designations_text()
    return scene.stage.listed_vessel(name, TANKER, 120, sent_name)


def listed_hull_renamed() -> Played:
    """A listed hull under another name meets a tanker."""
    scene = play(START, 11.0)
    one = listed(scene, "HAZEL MERIDIAN", "PLAIN MORNING")
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), one, two_tankers(scene)[1], 3.0, 7.0)
    return scene


def innocent_namesake() -> Played:
    """A ship of a listed ship's name with another IMO number of her own meets a tanker."""
    scene = play(START, 11.0)
    listed(scene, "GREY PAVILION")
    one, two = two_tankers(scene)
    host_and_guest(scene, scene.stage.water(*SEA, 5.0, 70.0), like(one, name="GREY PAVILION"), two, 3.0, 7.0)
    return scene


def crowd(scene: Played, ships: int, holes: tuple[tuple[float, float], ...] = ()) -> None:
    """Ships that pass at a distance, heard all the time: what a silence is judged by."""
    for number in range(ships):
        lat, lon = place(*SEA, -60_000.0 + 12_000.0 * (number % 10), 15_000.0 + 9_000.0 * (number // 10))
        path = course(scene, (float(lat), float(lon)), 9.0 + 0.3 * number, 6.0)
        scene.add(scene.stage.yard.build(CARGO, "LBR"), path, every_s=240.0, holes=holes)


def dark(two_sided: bool) -> Played:
    """Alongside from hour 5 to hour 8; one or both have switched off from before to after; draughts change."""
    scene = play(START, 14.0)
    one, two = two_tankers(scene)
    off = {"holes": ((4.0, 9.5),), "draughts": ((7.9, 7.4),)}
    other = {"draughts": ((7.9, 6.0),)} if not two_sided else {"holes": ((3.8, 9.2),), "draughts": ((7.9, 6.0),)}
    host_and_guest(scene, scene.stage.water(*SEA, 6.0, 70.0), two, one, 5.0, 8.0, host=other, guest=off)
    crowd(scene, 12)
    return scene


def dark_one_sided() -> Played:
    """One of the two is silent."""
    return dark(two_sided=False)


def dark_two_sided() -> Played:
    """Both are silent."""
    return dark(two_sided=True)
