"""What a ship said in one static field, as runs of equal values in time order: from columns of reports, or late.

Everything that touches each row is NumPy; Python sees changes only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Value = int | str
Run = tuple[int, int, Value]
"""First and last time (microseconds) at which a value was sent, no other having been sent between, and the value."""

NewRun = tuple[int, int, int, Value]
"""First, second and last time of a value in one batch; the second is the last where there is no other."""


def runs_by_mmsi(mmsi: NDArray[Any], time_us: NDArray[Any], values: NDArray[Any]) -> Iterator[tuple[int, list[NewRun]]]:
    """Runs of one field for each MMSI that sent it; rows come sorted by MMSI and time."""
    sent = np.flatnonzero(values != values.dtype.type())
    ships, times, values = mmsi[sent], time_us[sent], values[sent]
    if not len(ships):
        return
    again = (ships[1:] == ships[:-1]) & (times[1:] == times[:-1])
    if np.any(again & (values[1:] != values[:-1])):
        ships, times, values = _greatest_at_each_time(ships, times, values, again)
    elif np.any(again):
        new_time = np.concatenate(([True], ~again))
        ships, times, values = ships[new_time], times[new_time], values[new_time]
    new_ship = np.concatenate(([True], ships[1:] != ships[:-1]))
    starts = np.flatnonzero(new_ship | np.concatenate(([True], values[1:] != values[:-1])))
    ends = np.concatenate((starts[1:], [len(ships)])) - 1
    seconds = times[np.minimum(starts + 1, ends)]
    spans = (times[starts].tolist(), seconds.tolist(), times[ends].tolist(), values[starts].tolist())
    runs = list(zip(*spans, strict=True))
    firsts = np.flatnonzero(new_ship[starts])
    for first, last in zip(firsts, np.concatenate((firsts[1:], [len(starts)])), strict=True):
        yield int(ships[starts[first]]), runs[first:last]


def _greatest_at_each_time(
    ships: NDArray[Any], times: NDArray[Any], values: NDArray[Any], again: NDArray[np.bool_]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """One row for each ship and time: the one with the greatest value."""
    group = np.concatenate(([0], np.cumsum(~again)))
    order = np.lexsort((values, group))
    last = np.concatenate((group[1:] != group[:-1], [True]))
    rows = order[last]
    return ships[rows], times[rows], values[rows]


def with_runs(known: tuple[Run, ...], runs: list[NewRun]) -> tuple[Run, ...]:
    """The log with new runs put in: at its end nearly always, elsewhere report by report."""
    log = list(known)
    for first, second, last, value in runs:
        if not log or first > log[-1][1]:
            _append(log, first, last, value)
            continue
        # A batch that was cut within an instant begins at the log's last time: another value may stand there.
        _put(log, first, value)
        if second > log[-1][1]:
            _append(log, second, last, value)
        elif second != first:
            _put(log, second, value)
            _put(log, last, value)
    return tuple(log)


def _append(log: list[Run], first: int, last: int, value: Value) -> None:
    if log and log[-1][2] == value:
        log[-1] = (log[-1][0], last, value)
    else:
        log.append((first, last, value))


def _put(log: list[Run], time_us: int, value: Value) -> None:
    """Put one report into a log that already knows of later ones, or of another at that time."""
    place = bisect_right(log, time_us, key=first_us) - 1
    if place >= 0 and time_us <= log[place][1]:
        first, last, standing = log[place]
        if value == standing or (time_us in (first, last) and value < standing):  # type: ignore[operator]
            return
        pieces = [(first, time_us - 1, standing)] if first < time_us else []
        pieces.append((time_us, time_us, value))
        pieces += [(last, last, standing)] if last > time_us else []
        log[place : place + 1] = pieces
    else:
        log.insert(place + 1, (time_us, time_us, value))
    joined: list[Run] = []
    for run in log:
        if joined and joined[-1][2] == run[2]:
            joined[-1] = (joined[-1][0], run[1], run[2])
        else:
            joined.append(run)
    log[:] = joined


def first_us(run: Run) -> int:
    return run[0]


def as_of(runs: tuple[Run, ...], at_us: int) -> Value | None:
    place = bisect_right(runs, at_us, key=first_us)
    return runs[place - 1][2] if place else None
