"""Transfers: drifting, under way, at anchor, over midnight, in rafts, near the shore, and in the dark."""

from __future__ import annotations

from benchmarks.events.sea import Sea
from shipwatch.simulator.fleet import CARGO, TANKER, TUG, Vessel
from shipwatch.simulator.stage import HOUR_US
from shipwatch.simulator.visits import Visit, berth_beside
from shipwatch.simulator.voyages import AT_ANCHOR, RESTRICTED, UNDER_WAY, Track, swing_at_anchor

DAY_H = 24.0


def transfer(
    sea: Sea, kind: str, host_track: Track, arrive: float, leave: float, *, status: int = UNDER_WAY,
    seaward_deg: float | None = None, silent: tuple[bool, bool] = (False, False), draughts_sent: bool = False,
    host_waits: bool = False,
) -> tuple[int, int]:  # fmt: skip
    """Two ships side by side at a moving point from one hour to another; their rows.

    ``silent``: which of the two (the waiting one, the one that comes) switches off, from 20 to 150 minutes before the
    other arrives to as long after. ``draughts_sent``: both send another draught after the transfer.
    """
    one = sea.merchant(draught_m=round(sea.uniform(7.0, 11.0), 1))
    two = sea.merchant(draught_m=round(sea.uniform(4.0, 6.5), 1))
    come = sea.uniform(0.0, 360.0) if seaward_deg is None else seaward_deg + sea.uniform(-35.0, 35.0)
    go = sea.uniform(0.0, 360.0) if seaward_deg is None else seaward_deg + sea.uniform(-35.0, 35.0)
    early = sea.uniform(0.4, 3.0) if not host_waits else sea.uniform(2.0, 5.0)
    late = sea.uniform(0.4, 3.0)
    kn = sea.uniform(7.0, 12.0)
    beside = berth_beside(one.hull, two.hull, sea.uniform(2.0, 8.0)) * (1.0 if sea.rng.random() < 0.5 else -1.0)
    forward = sea.uniform(-0.15, 0.15) * min(one.hull.length_m, two.hull.length_m)
    slow_s = sea.uniform(700.0, 2000.0)
    # The engine's own time of arrival is when she lies alongside; the last mile takes about as long as slow_s again.
    host_visit = sea.visit(arrive - early, leave + late, come + 120.0, go + 150.0, kn)
    guest_visit = sea.visit(arrive, leave, come, go, kn, beside, forward, sea.uniform(-3.0, 3.0), slow_s)
    if seaward_deg is not None:
        host_visit = sea.visit(arrive - early, leave + late, seaward_deg + 20.0, seaward_deg - 20.0, kn)
    changes: list[tuple[tuple[int, float], ...]] = [(), ()]
    if draughts_sent:
        moved = sea.uniform(1.2, 3.0)
        changes = [((sea.hour(leave - 0.2), round(one.draught_m - moved, 1)),),
                   ((sea.hour(leave - 0.2), round(two.draught_m + moved * sea.uniform(0.7, 1.2), 1)),)]  # fmt: skip
    off = [(arrive - sea.uniform(0.35, 2.5), leave + sea.uniform(0.35, 2.5)) if quiet else None for quiet in silent]
    rows = (
        sea.comes(one, host_track, [host_visit], (arrive - early - 6.0, leave + late + 6.0), status=status,
                  silence=off[0], draughts=changes[0]),
        sea.comes(two, host_track, [guest_visit], (arrive - 8.0, leave + 8.0), status=status, silence=off[1],
                  draughts=changes[1]),
    )  # fmt: skip
    sea.fact(kind, *rows)
    return rows


def span(sea: Sea, low_h: float, high_h: float) -> tuple[float, float]:
    """Hours of arrival and departure of a stay that long, well inside the world."""
    stay = min(sea.uniform(low_h, high_h), sea.hours - 9.0)
    arrive = sea.uniform(4.5, sea.hours - stay - 4.0)
    return arrive, arrive + stay


def drifting(sea: Sea) -> None:
    """Two ships drift alongside for 1 to 10 hours."""
    arrive, leave = span(sea, 1.0, 10.0)
    transfer(sea, "drifting", sea.drifting(sea.spot(), arrive), arrive, leave, draughts_sent=sea.rng.random() < 0.4)


def under_way(sea: Sea) -> None:
    """Two ships alongside at 2 to 6 knots for 1 to 6 hours."""
    arrive, leave = span(sea, 1.0, 6.0)
    track = sea.under_way(sea.spot(), (arrive + leave) / 2, sea.uniform(2.0, 6.0), sea.uniform(0.0, 360.0))
    transfer(sea, "under_way", track, arrive, leave, status=RESTRICTED if sea.rng.random() < 0.3 else UNDER_WAY)


def at_anchor(sea: Sea) -> None:
    """One lies at anchor in the open, the other comes alongside for 2 to 9 hours."""
    arrive, leave = span(sea, 2.0, 9.0)
    point = swing_at_anchor(sea.start_us, sea.end_us, *sea.spot(), sea.current, 180.0, sea.uniform(0.0, 6.28))
    transfer(sea, "at_anchor", point, arrive, leave, status=AT_ANCHOR)


def midnight(sea: Sea) -> None:
    """Short meetings on either side of a UTC day's end: 22:05 to 01:55 or 23:10 to 01:50."""
    start, end = ((22 + 5 / 60, 25 + 55 / 60), (23 + 10 / 60, 25 + 50 / 60))[int(sea.rng.integers(2))]
    day_start = (sea.start_us // HOUR_US) % 24
    first = start - day_start + (DAY_H if start - day_start < 4.5 else 0.0)
    if first + end - start + 4.0 > sea.hours:
        first -= DAY_H
    if first < 1.5:  # a world without a whole night
        drifting(sea)
        return
    track = sea.drifting(sea.spot(), first)
    transfer(sea, "midnight", track, first + 0.15, first + end - start - 0.15)


def near_shore(sea: Sea) -> None:
    """A transfer 4 to 9 km off a coast, away from ports."""
    arrive, leave = span(sea, 1.5, 7.0)
    here = sea.spot((4_000.0, 9_000.0))
    point = swing_at_anchor(sea.start_us, sea.end_us, *here, sea.current, 150.0)
    transfer(sea, "near_shore", point, arrive, leave, status=AT_ANCHOR, seaward_deg=sea.seaward_deg(here))


def raft(sea: Sea) -> None:
    """Three to eight ships side by side, come one after another; sometimes at a mother ship, with a tug about."""
    arrive, leave = span(sea, 5.0, 10.0)
    track = sea.drifting(sea.spot(), arrive)
    mother = sea.yard.build(TANKER, "HKG", int(sea.uniform(140, 230)))
    rows = [sea.comes(mother, track, [sea.visit(arrive - 1.5, leave + 1.0, 140.0, 120.0)],
                      (arrive - 8.0, leave + 7.0))]  # fmt: skip
    sides: dict[float, tuple[float, Vessel]] = {1.0: (0.0, mother), -1.0: (0.0, mother)}
    for number in range(int(sea.rng.integers(2, 8))):
        side = 1.0 if number % 2 == 0 else -1.0
        vessel = sea.yard.build(TANKER if sea.rng.random() < 0.7 else CARGO, "CHN", int(sea.uniform(60, 110)))
        outward, neighbour = sides[side]
        outward += berth_beside(neighbour.hull, vessel.hull)
        sides[side] = (outward, vessel)
        come = arrive + 0.35 * number
        away = 90.0 * side + sea.uniform(-40.0, 40.0)
        visit = sea.visit(come, max(come + 1.5, leave - 0.2 * number), away, away, 8.0, side * outward, 0.0, 0.0, 700.0)
        rows.append(sea.comes(vessel, track, [visit], (come - 6.0, leave + 6.0)))
    sea.fact("raft", *rows)
    if sea.rng.random() < 0.5:
        tug_attends(sea, track, arrive, leave, *rows)


def tug_attends(sea: Sea, track: Track, arrive: float, leave: float, *others: int) -> None:
    """A tug that comes and goes at a transfer; her company is ordinary."""
    tug = sea.yard.build(TUG, "CHN", 34)
    stay = [(arrive - 0.1, arrive + 0.5), (leave - 0.6, leave + 0.2)]
    visits: list[Visit] = [sea.visit(a, b, 300.0, 300.0, 8.0, -60.0, 50.0, 0.0, 500.0) for a, b in stay]
    row = sea.comes(tug, track, visits, (arrive - 3.0, leave + 3.0))
    for other in others:
        sea.fact("tug", row, other)


def dark_one_sided(sea: Sea) -> None:
    """One ship drifts in sight; the other switches off, comes, and shows herself again after she left."""
    arrive, leave = span(sea, 1.5, 6.0)
    track = sea.drifting(sea.spot(), arrive)
    transfer(sea, "dark_one_sided", track, arrive, leave, silent=(False, True), host_waits=True,
             draughts_sent=sea.rng.random() < 0.6)  # fmt: skip


def dark_two_sided(sea: Sea) -> None:
    """Both switch off before they meet."""
    arrive, leave = span(sea, 1.5, 5.0)
    track = sea.drifting(sea.spot(), arrive)
    transfer(sea, "dark_two_sided", track, arrive, leave, silent=(True, True), draughts_sent=sea.rng.random() < 0.6)
