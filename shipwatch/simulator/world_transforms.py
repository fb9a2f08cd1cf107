"""Worlds changed in ways that must not matter, for the laws: later, elsewhere, mirrored, shuffled, with a stranger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from decoders.reports import PositionReports, StaticReports
from shipwatch.simulator.world_scenes import GRID, World, ship_track, world_of

_TURN = int(360 * GRID)


def shift_time(world: World, us: int) -> World:
    """The same world ``us`` microseconds later; ``utc_second`` follows the new time.

    A shift by whole minutes leaves ``utc_second`` as it is.
    """
    second = world.positions.utc_second.astype(np.int64)
    moved = np.where(second < 60, (second + us // 1_000_000) % 60, second)
    return World(
        _with(world.positions, time_us=world.positions.time_us + us, utc_second=moved.astype(np.int8)),
        _with_static(world.statics, time_us=world.statics.time_us + us),
        tuple(replace(m, start_us=m.start_us + us, end_us=m.end_us + us) for m in world.meetings),
    )


def rotate(world: World, dlon_deg: float) -> World:
    """The same world turned about the earth's axis, exactly: longitudes move by a whole number of AIS units.

    >>> from shipwatch.simulator.world_scenes import meeting_world
    >>> world = meeting_world((10.0, 20.0))
    >>> bool((rotate(rotate(world, 160.0), -160.0).positions.lon_deg == world.positions.lon_deg).all())
    True
    """
    units = np.rint(world.positions.lon_deg * GRID).astype(np.int64) + round(dlon_deg * GRID)
    lon = ((units + _TURN // 2) % _TURN - _TURN // 2) / GRID
    return replace(world, positions=_with(world.positions, lon_deg=lon))


def mirrored_mmsis(world: World) -> dict[int, int]:
    """Each MMSI's counterpart in :func:`mirror`: the smallest becomes the largest, and so on inwards."""
    known = sorted({*world.positions.mmsi.tolist(), *world.statics.mmsi.tolist()})
    return dict(zip(known, reversed(known), strict=True))


def mirror(world: World) -> World:
    """The same world with the order of its ships' MMSIs turned round, so that every pair is met the other way."""
    return _renamed(world, mirrored_mmsis(world))


def swap_ships(world: World, mmsi_a: int, mmsi_b: int) -> World:
    """The same world with two MMSIs exchanged."""
    return _renamed(world, {mmsi_a: mmsi_b, mmsi_b: mmsi_a})


def shuffled(world: World, seed: int, within_us: int | None = None) -> World:
    """The same rows in another order: any, or such that no row stands behind one more than ``within_us`` younger.

    The latter is the order of a feed whose rows are up to ``within_us`` late.
    """
    rng = np.random.Generator(np.random.PCG64(seed))

    def order(time_us: NDArray[np.int64]) -> NDArray[np.int64]:
        if within_us is None:
            return np.asarray(rng.permutation(len(time_us)))
        return np.asarray(np.argsort(time_us + rng.integers(0, within_us + 1, len(time_us)), kind="stable"))

    return replace(
        world, positions=world.positions.take(order(world.positions.time_us)),
        statics=world.statics.take(order(world.statics.time_us)),
    )  # fmt: skip


def sorted_by_ship(world: World) -> World:
    """The same rows sorted by (mmsi, time), as many archives are."""
    fixes, names = world.positions, world.statics
    return replace(
        world, positions=fixes.take(np.lexsort((fixes.time_us, fixes.mmsi))),
        statics=names.take(np.lexsort((names.time_us, names.mmsi))),
    )  # fmt: skip


def with_stranger(world: World, mmsi: int = 273999999, away_deg: float = 90.0) -> World:
    """The same world and one more ship, a quarter of the earth away, that drifts and reports every five minutes.

    She is silent in the last minute, so that the input ends when it did: some rows were sent before they came.
    """
    times = world.positions.time_us
    if len(times) == 0:
        return world
    when = np.arange(int(times.min()), int(times.max()) - 60_000_000, 300_000_000, dtype=np.int64)
    lon = float(world.positions.lon_deg[0]) + away_deg + np.arange(len(when)) * 1e-4
    lat = -float(world.positions.lat_deg[0]) / 2.0
    return world_of([world.positions, ship_track(mmsi, when, lat, lon)], [world.statics], world.meetings)


def _with(rows: PositionReports, **columns: NDArray[np.generic]) -> PositionReports:
    return PositionReports.of(**(rows.columns() | columns))


def _with_static(rows: StaticReports, **columns: NDArray[np.generic]) -> StaticReports:
    return StaticReports.of(**(rows.columns() | columns))


def _renamed(world: World, names: dict[int, int]) -> World:
    def new(mmsi: NDArray[np.int32]) -> NDArray[np.int32]:
        old, where = np.unique(mmsi, return_inverse=True)
        return np.array([names.get(int(m), int(m)) for m in old], np.int32)[where]

    meetings = tuple(
        replace(m, mmsi_a=names.get(m.mmsi_a, m.mmsi_a), mmsi_b=names.get(m.mmsi_b, m.mmsi_b)) for m in world.meetings
    )
    fixes = _with(world.positions, mmsi=new(world.positions.mmsi))
    return world_of([fixes], [_with_static(world.statics, mmsi=new(world.statics.mmsi))], meetings)
