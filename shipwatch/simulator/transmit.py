"""When a transponder speaks: reporting intervals by class, speed, turn and status."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipwatch.simulator.sphere import Floats
from shipwatch.simulator.voyages import AT_ANCHOR, MOORED, Track

STATIC_INTERVAL_S = 360.0
"""Types 5 and 24 every six minutes (ITU-R M.1371-5, annex 1, 4.2.1)."""

LONG_RANGE_INTERVAL_S = 180.0
"""Type 27 every three minutes (ITU-R M.1371-5, annex 4)."""

TURNING_DEG_MIN = 10.0
"""Rate of turn from which a ship counts as changing course."""


def class_a_interval_s(sog_kn: Any, turn_deg_min: Any = 0.0, nav_status: Any = 0) -> Floats:
    """Seconds between a class A ship's position reports (ITU-R M.1371-5, table 1).

    3 min at anchor or moored and not faster than 3 kn, else 10 s up to 14 kn, 6 s up to 23 kn, 2 s above; 3 1/3 s and
    2 s while changing course.

    >>> class_a_interval_s([0.1, 12.0, 18.0, 30.0], 0.0, [1, 0, 0, 0]).tolist()
    [180.0, 10.0, 6.0, 2.0]
    """
    sog, turn, status = np.broadcast_arrays(np.asarray(sog_kn, np.float64), turn_deg_min, nav_status)
    turning = np.abs(turn) >= TURNING_DEG_MIN
    steady = np.select([sog <= 14.0, sog <= 23.0], [10.0, 6.0], 2.0)
    changing = np.where(sog <= 14.0, 10.0 / 3.0, 2.0)
    moving = np.where(turning, changing, steady)
    still = np.isin(status, (AT_ANCHOR, MOORED))
    return np.where(still & (sog <= 3.0), 180.0, np.where(still, 10.0, moving))


def class_b_interval_s(sog_kn: Any) -> Floats:
    """Seconds between a class B "CS" ship's reports: 3 min up to 2 kn, 30 s above (ITU-R M.1371-5, table 2)."""
    return np.where(np.asarray(sog_kn, np.float64) <= 2.0, 180.0, 30.0)


def position_times(track: Track, class_b: bool, rng: np.random.Generator) -> NDArray[np.int64]:
    """The instants at which a ship sends position reports, int64 microseconds, ascending.

    The phase grows by dt/interval along the track and a report goes out at each whole number; each is moved by up to a
    tenth of its interval, as the slot selection of SOTDMA does.
    """
    speed = track.speed_kn()
    if class_b:
        interval = class_b_interval_s(speed)
    else:
        swing = (np.diff(track.heading_deg) + 180.0) % 360.0 - 180.0
        turn = np.append(swing / (np.diff(track.time_us) / 6e7), 0.0)
        interval = class_a_interval_s(speed, turn, track.nav_status)
    seconds = (track.time_us - track.time_us[0]) / 1e6
    phase = np.concatenate([[0.0], np.cumsum(np.diff(seconds) / interval[:-1])]) + rng.random()
    beats = np.arange(np.ceil(phase[0]), phase[-1])
    at = np.interp(beats, phase, seconds)
    own = interval[np.clip(np.searchsorted(seconds, at, side="right") - 1, 0, len(interval) - 1)]
    at = np.clip(at + rng.uniform(-0.1, 0.1, len(at)) * own, 0.0, seconds[-1])
    return np.asarray(np.sort(track.time_us[0] + np.rint(at * 1e6).astype(np.int64)))


def regular_times(track: Track, interval_s: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Instants every ``interval_s`` from a random phase, each moved by up to a tenth of it."""
    count = int((track.end_us - track.start_us) / 1e6 / interval_s)
    at = (np.arange(count) + rng.random() * 0.8 + 0.1 + rng.uniform(-0.1, 0.1, count)) * interval_s
    return np.asarray(np.sort(track.start_us + np.rint(at * 1e6).astype(np.int64)))


def speaking(time_us: NDArray[np.int64], silences: tuple[tuple[int, int], ...]) -> NDArray[np.bool_]:
    """Which instants fall outside every silence (transponder off), a mask."""
    keep = np.ones(len(time_us), np.bool_)
    for off_us, on_us in silences:
        keep &= (time_us < off_us) | (time_us >= on_us)
    return keep
