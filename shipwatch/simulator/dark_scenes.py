"""A small world in which ships fall silent: a meeting that nobody sees among traffic that is heard, or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import StaticReports
from shipwatch.simulator.sphere import place
from shipwatch.simulator.world_scenes import START_US, World, ship_track, world_of

HOST, GUEST, OTHERS = 441900001, 352900002, 412900100
"""MMSIs: the tanker that waits, the tanker that comes, the first of the cargo ships around."""
ARRIVE_H, LEAVE_H, HOURS = 4.0, 7.0, 12.0

Hours = Sequence[tuple[float, float]]
Floats = NDArray[np.float64]


def dark_world(
    centre: tuple[float, float] = (29.0, 123.5), start_us: int = START_US, *,
    silent: Mapping[int, Hours] | None = None, draughts: Mapping[int, tuple[float, float]] | None = None,
    meets: bool = True, others: int = 6, others_silent: Hours = (), every_s: float = 120.0,
) -> World:  # fmt: skip
    """A tanker drifts at ``centre`` for 12 hours; another comes at 9 kn, lies beside her from hour 4 to 7, and leaves.

    ``silent`` gives the hours in which a ship (by MMSI) is not heard, by default the guest's from 3 to 8.
    ``draughts`` gives a ship's draught before and after hour 7. ``others`` cargo ships go round in circles near by;
    they are silent in ``others_silent``. Without ``meets`` the second tanker steams past 15 km off, straight on.

    >>> world = dark_world()
    >>> sorted(set(world.positions.mmsi.tolist()))[:2]
    [352900002, 412900100]
    """
    quiet: dict[int, Hours] = {GUEST: ((3.0, 8.0),)} if silent is None else dict(silent)
    quiet |= {OTHERS + number: tuple(others_silent) for number in range(others)}
    seconds = np.arange(0.0, HOURS * 3600.0, every_s)
    paths = {HOST: (0.3 * seconds, 0.0 * seconds), GUEST: _guest(seconds) if meets else _passing(seconds)}
    for number in range(others):
        turn = seconds * (4.1 / 9_000.0) + number
        paths[OTHERS + number] = (9_000.0 * np.sin(turn) + 2_000.0 * number - 5_000.0, 9_000.0 * np.cos(turn))
    positions, statics = [], []
    for number, (mmsi, (east, north)) in enumerate(paths.items()):
        heard = np.ones(len(seconds), bool)
        for from_h, to_h in quiet.get(mmsi, ()):
            heard &= (seconds < from_h * 3600.0) | (seconds >= to_h * 3600.0)
        lat, lon = place(*centre, east, north)
        times = start_us + np.rint(seconds + 7 * number).astype(np.int64) * 1_000_000
        track = ship_track(mmsi, times, lat, lon)  # speeds and courses of the whole way, then what is heard of it
        positions.append(track.take(heard))
        tanker = mmsi in (HOST, GUEST)
        before, after = (draughts or {}).get(mmsi, (8.0, 8.0))
        said = times[heard][::5] + 1_000_000
        late = said >= start_us + round(LEAVE_H * 3.6e9)
        statics.append(_static(mmsi, said, 80 if tanker else 70, np.where(late, after, before)))
    return world_of(positions, statics)


def _guest(seconds: Floats) -> tuple[Floats, Floats]:
    """From the west to the host, beside her, and away to the north-east."""
    to_go = np.maximum(ARRIVE_H * 3600.0 - seconds, 0.0) * 4.63
    gone = np.maximum(seconds - LEAVE_H * 3600.0, 0.0) * 4.63
    return 0.3 * seconds - to_go + 0.7 * gone, 60.0 + 0.7 * gone


def _passing(seconds: Floats) -> tuple[Floats, Floats]:
    return (seconds - 5.5 * 3600.0) * 4.63, np.full(len(seconds), 15_000.0)


def _static(mmsi: int, times: NDArray[np.int64], ship_type: int, draught_m: Floats) -> StaticReports:
    row: dict[str, Any] = {
        "mmsi": mmsi, "ship_type": ship_type, "to_bow_m": 100.0, "to_stern_m": 30.0, "to_port_m": 10.0,
        "to_starboard_m": 10.0, "msg_type": 5, "offset": -1,
    }  # fmt: skip
    columns = {name: np.broadcast_to(np.asarray(value), len(times)) for name, value in row.items()}
    return StaticReports.of(time_us=times, draught_m=draught_m, **columns)
