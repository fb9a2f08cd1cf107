"""Small worlds for property tests, in one place: build one, draw one, or change one in a way that must not matter.

Scenes built by hand stand in :mod:`~shipwatch.simulator.world_scenes`, random ones in
:mod:`~shipwatch.simulator.random_worlds`, the changes in :mod:`~shipwatch.simulator.world_transforms`. Everything in
them is invented.

>>> world = random_world(3, ships=6, hours=4.0, centre=(70.0, 179.9), meetings=2)
>>> len(world.meetings)
2
>>> later = shift_time(world, 86_400_000_000)
>>> int(later.positions.time_us[0] - world.positions.time_us[0])
86400000000
"""

from __future__ import annotations

from shipwatch.simulator.random_worlds import patchy_times, random_world
from shipwatch.simulator.world_scenes import (
    GRID,
    START_US,
    WITHIN_M,
    Planted,
    World,
    meeting_world,
    planted,
    raft_world,
    reports_of,
    ship_track,
    static_of,
    world_of,
)
from shipwatch.simulator.world_transforms import (
    mirror,
    mirrored_mmsis,
    rotate,
    shift_time,
    shuffled,
    sorted_by_ship,
    swap_ships,
    with_stranger,
)

__all__ = [
    "GRID",
    "START_US",
    "WITHIN_M",
    "Planted",
    "World",
    "meeting_world",
    "mirror",
    "mirrored_mmsis",
    "patchy_times",
    "planted",
    "raft_world",
    "random_world",
    "reports_of",
    "rotate",
    "shift_time",
    "ship_track",
    "shuffled",
    "sorted_by_ship",
    "static_of",
    "swap_ships",
    "with_stranger",
    "world_of",
]
