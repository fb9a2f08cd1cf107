"""The laws: what must not matter does not matter. Each is tried on random worlds drawn by Hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from decoders.reports import Batch
from shipwatch.engine.detections import Gap, Rendezvous
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.state import EngineState, load, save
from shipwatch.engine.step import finish, step
from shipwatch.simulator.worlds import (
    World,
    mirror,
    mirrored_mmsis,
    random_world,
    rotate,
    shift_time,
    shuffled,
    sorted_by_ship,
    with_stranger,
)

US = 1_000_000
RULES = EngineRules(forms=((500.0, 600.0),), sighting_span_s=600.0)
seeds = st.integers(0, 100_000)
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Told = tuple[list[Rendezvous], list[Gap], dict[str, int]]


class AllWater:
    """Everything is watched, nothing is excluded."""

    def watched(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.ones(len(lat), bool)

    def excluded(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        return np.zeros(len(lat), bool)


def in_time_order(world: World) -> World:
    """The rows as a sorted archive gives them."""
    return replace(
        world,
        positions=world.positions.take(np.argsort(world.positions.time_us, kind="stable")),
        statics=world.statics.take(np.argsort(world.statics.time_us, kind="stable")),
    )


def batches(world: World, cuts: Sequence[int]) -> list[Batch]:
    """The world's rows, in the order they stand in, cut at these rows; statics go with the positions of their time."""
    rows = [0, *sorted(cut % (len(world.positions) + 1) for cut in cuts), len(world.positions)]
    made, since = [], -1
    for low, high in pairwise(rows):
        part = world.positions.take(slice(low, high))
        until = int(part.time_us.max()) if len(part) else since
        until = np.iinfo(np.int64).max if high == len(world.positions) else max(since, until)
        due = (world.statics.time_us > since) & (world.statics.time_us <= until)
        made.append(Batch(part, world.statics.take(due)))
        since = until
    return made


def run(parts: Sequence[Batch], *, save_between: bool = False) -> Told:
    """Everything that the engine tells of these batches."""
    state, told, gaps, refused = EngineState(), [], [], {}
    for number in range(len(parts) + 1):
        if number < len(parts):
            state, found = step(state, parts[number], RULES, AllWater())
        else:
            state, found = finish(state, RULES, AllWater())
        told += found.rendezvous
        gaps += found.gaps
        for reason, count in found.refused.items():
            refused[reason] = refused.get(reason, 0) + count
        if save_between:
            state = load(save(state))
    return told, gaps, dict(sorted(refused.items()))


def world_of_seed(seed: int, **more: object) -> World:
    return in_time_order(random_world(seed, ships=8, hours=6.0, spread_m=15_000.0, **more))  # type: ignore[arg-type]


@few
@given(seeds, st.lists(st.integers(0, 10**6), max_size=30))
def test_cut(seed: int, cuts: list[int]) -> None:
    """Any batching gives the same revisions, gaps and refusals."""
    world = world_of_seed(seed)
    assert repr(run(batches(world, cuts))) == repr(run(batches(world, [])))


@few
@given(seeds, seeds)
def test_shuffle(seed: int, order: int) -> None:
    """Any order within the lateness gives the same as the sorted order."""
    world = world_of_seed(seed)
    late = shuffled(world, order, within_us=int(RULES.lateness_s * US) - 60 * US)
    assert repr(run([Batch(late.positions, late.statics)])) == repr(run([Batch(world.positions, world.statics)]))


@few
@given(seeds, st.lists(st.integers(0, 10**6), min_size=1, max_size=8))
def test_resume(seed: int, cuts: list[int]) -> None:
    """Saving and loading the state anywhere leaves no trace."""
    world = world_of_seed(seed)
    assert repr(run(batches(world, cuts), save_between=True)) == repr(run(batches(world, [])))


def anonymous(told: Told, shift_us: int = 0, names: dict[str, str] | None = None) -> list[object]:
    """What was told without ids, shifted back in time, with ships renamed and pairs in one order."""
    rename = (names or {}).get
    found: list[object] = []
    for r in told[0]:
        pair = sorted((rename(r.track_a, r.track_a), rename(r.track_b, r.track_b)))
        times = (r.start_us - shift_us, r.end_us - shift_us, r.published_us - shift_us)
        pieces = tuple((i.start_us - shift_us, i.end_us - shift_us, str(i.kind)) for i in r.intervals)
        found.append(
            (times, pair, r.phase, r.ended_by, pieces, r.observed_s, r.inferred_s, r.dark_s, r.min_distance_m,
             r.median_distance_m, r.hull_gap_m, r.heading_difference_deg, r.alongside, r.settled, r.joint_sightings,
             str(r.median_speed_kn), str(r.relative_speed_kn), r.lat)
        )  # fmt: skip
    for gap in told[1]:
        found.append((gap.published_us - shift_us, rename(gap.track, gap.track), gap.duration_s, gap.distance_m))
    return sorted(found, key=repr)


@few
@given(seeds, st.sampled_from([12 * 3600, 86_400, 366 * 86_400, 7_777 * 60, -40 * 365 * 86_400]))
def test_time_shift(seed: int, seconds: int) -> None:
    """Half a day, a leap year or forty years earlier: midnight, 29 February and year ends are instants like others."""
    world = world_of_seed(seed)
    told = run(batches(world, []))
    assert anonymous(run(batches(shift_time(world, seconds * US), [])), seconds * US) == anonymous(told)


@few
@given(seeds)
@example(938)  # the last row was sent a second before the minute in which it came
def test_stranger(seed: int) -> None:
    """A ship a quarter of the Earth away changes nothing."""
    world = world_of_seed(seed)
    told, gaps, refused = run(batches(in_time_order(with_stranger(world)), []))
    assert repr((told, [gap for gap in gaps if gap.mmsi != 273999999], refused)) == repr(run(batches(world, [])))


@few
@given(seeds)
def test_mirror(seed: int) -> None:
    """Turning the order of the ships' numbers round changes nothing but the names."""
    world = world_of_seed(seed, shared_mmsi=0)
    names = {f"{a:09d}": f"{b:09d}" for a, b in mirrored_mmsis(world).items()}
    told = run(batches(in_time_order(mirror(world)), []))
    assert anonymous(told, names=names) == anonymous(run(batches(world, [])))


@few
@given(seeds, st.sampled_from([180.0, -179.999, 57.0, 56.49, -123.5]))
def test_meridian(seed: int, longitude: float) -> None:
    """The same scene astride 180 degrees, Greenwich or anywhere else is the same scene."""
    world = world_of_seed(seed)
    told = run(batches(world, []))
    assert anonymous(run(batches(rotate(world, longitude - 123.5), []))) == anonymous(told)


@pytest.mark.slow
@few
@given(seeds)
def test_sorted_by_ship_is_the_business_of_the_sorter(seed: int) -> None:
    """Rows sorted by ship, put into time order as a replay does, give what the time-ordered rows give."""
    world = world_of_seed(seed)
    by_ship = in_time_order(sorted_by_ship(world))
    assert repr(run(batches(by_ship, []))) == repr(run(batches(world, [])))


def test_the_worlds_hold_what_the_laws_are_tried_on() -> None:
    """The random worlds do hold meetings, gaps, jumps, duplicates and shared MMSIs: the laws are not kept in vain."""
    kinds: set[str] = set()
    reasons: set[str] = set()
    for seed in range(8):
        told, _, refused = run(batches(world_of_seed(seed), []))
        kinds |= {str(piece.kind) for found in told for piece in found.intervals}
        reasons |= set(refused)
    assert {"observed", "inferred"} <= kinds
    assert {"jump", "duplicate"} <= reasons
