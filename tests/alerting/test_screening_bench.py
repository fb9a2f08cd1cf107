"""The properties that `make bench-screening` measures, held on small invented worlds."""

from __future__ import annotations

from time import process_time

import pytest

from benchmarks.screening.trials import ALERTING, innocents, name_only, namesakes, renamed, speed, spellings, tiers
from benchmarks.screening.worlds import World, invented_world, real_world

WORLD = invented_world(7, listed=300, innocent=600)


def test_no_namesake_with_another_valid_number_is_told_as_a_hit() -> None:
    """Same name, another valid IMO number: a conflict at most."""
    pairs = namesakes(WORLD, 300, 7)
    assert len(pairs) == 300
    found = tiers(pairs, WORLD.lists)
    assert not any(found[tier] for tier in ALERTING) and found["conflict"] > 290


def test_every_renamed_and_reflagged_hull_is_exact() -> None:
    """Whatever name and flag it has now."""
    pairs = renamed(WORLD, 7)
    assert len(pairs) == len(WORLD.hulls) > 280
    assert tiers(pairs, WORLD.lists) == {"exact": len(pairs)}


def test_no_innocent_is_above_weak_or_conflict() -> None:
    """With their numbers and without; some share a listed name, so that the question is a real one."""
    found = innocents(WORLD)
    assert set(found["with their IMO"]) == {"none", "conflict", "weak"}
    assert set(found["without an IMO"]) <= {"none", "weak", "possible"}
    assert name_only(WORLD)[0] >= 6


def test_most_spellings_of_one_name_are_found() -> None:
    """A letter off, a prefix, words joined, a roman numeral: corroboration, where the name is long enough."""
    found, pairs = spellings(WORLD)
    assert pairs >= 90 and found >= 0.8 * pairs


def test_a_thousand_observations_take_milliseconds() -> None:
    """Look-ups, not comparisons: CPU time of one against 5,000 entries, with much room for a slow machine."""
    began = process_time()
    invented = invented_world(7, listed=4000, innocent=10)
    made_s = process_time() - began
    whole_s, one_us, found = speed(invented, 2_000, 5_000, 7)
    assert found >= 20
    assert whole_s < 1.0 and one_us < 400, made_s


@pytest.mark.real_data
def test_the_same_on_the_real_lists(shared_data: object) -> None:
    """Six real lists and a real registry."""
    world: World = real_world(shared_data)  # type: ignore[arg-type]
    assert len(world.hulls) > 1400 and len(world.innocents) > 3900
    found = tiers(namesakes(world, 600, 1), world.lists)
    assert not any(found[tier] for tier in ALERTING)
    pairs = renamed(world, 1)
    assert tiers(pairs, world.lists) == {"exact": len(pairs)}
    for counted in innocents(world).values():
        assert not any(counted[tier] for tier in ALERTING)
    same, whole = spellings(world)
    assert same >= 0.6 * whole
