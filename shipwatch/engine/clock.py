"""Event time: when a report was sent, in what order reports count, and up to when nothing changes any more."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Batch, PositionReports, StaticReports
from shipwatch.engine.motion import MINUTE_US, US, floor_minute
from shipwatch.engine.records import NEVER_US
from shipwatch.engine.rules import EngineRules
from shipwatch.engine.time_order import LATEST_LAG_S, admit_rows, by_time_and_mmsi, plain

Array = NDArray[Any]

NO_LIMITS = (NEVER_US, 0, NEVER_US)

__all__ = ["LATEST_LAG_S", "Clock", "Released", "admit", "flush", "in_order", "sent_us"]


@dataclass(frozen=True, slots=True)
class Clock:
    """Rows that wait for the watermark; ``newest_us`` is the running maximum of event time, row by row."""

    positions: PositionReports = field(default_factory=PositionReports.empty)
    statics: StaticReports = field(default_factory=StaticReports.empty)
    newest_us: int | None = None
    processed_us: int | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """Rows whose turn has come, sorted by (time, mmsi, all fields), all at or before ``upto_us``, a whole minute."""

    positions: PositionReports
    statics: StaticReports
    upto_us: int | None
    refused: dict[str, int]


def sent_us(positions: PositionReports) -> Array:
    """Time of each fix: the receiver's, set back to the UTC second that the ship itself put into the message.

    Receipt lags by a median of 20 s in real logs and cuts the precision of speeds; only the second is sent, so lags are
    known modulo a minute. Rows without a second keep the receiver's time. int64 microseconds.
    """
    return np.asarray(admit_rows(plain(positions.time_us), plain(positions.utc_second), *NO_LIMITS)[0])


def in_order(rows: Any) -> Any:
    """The rows sorted by (time, mmsi, all other fields), so that order of arrival leaves no trace."""
    return _due(rows, None)[0]


def _due(rows: Any, upto_us: int | None) -> tuple[Any, Any]:
    """The rows up to that instant in order, and the others (in any order)."""
    if not len(rows):
        return rows, rows
    order = np.empty(len(rows), np.int64)
    how = by_time_and_mmsi(plain(rows.time_us), plain(rows.mmsi), order)
    if how < 0:
        order, how = np.lexsort((rows.mmsi, rows.time_us)), 2
    time_us = rows.time_us if how == 0 else rows.time_us[order]
    due = len(order) if upto_us is None else int(np.searchsorted(time_us, upto_us, "right"))
    if how == 2 and due > 1:  # the full sort is needed only inside groups of equal time and mmsi
        mmsi = rows.mmsi[order[:due]]
        same = (time_us[1:due] == time_us[: due - 1]) & (mmsi[1:] == mmsi[:-1])
        tied = np.append(same, False)
        tied[1:] |= same
        slots = np.flatnonzero(tied)
        inside = order[slots]
        others = [
            column[inside] for name, column in reversed(rows.columns().items()) if name not in ("time_us", "mmsi")
        ]
        order[slots] = inside[np.lexsort((*others, rows.mmsi[inside], rows.time_us[inside]))]
    first = rows.take(slice(due)) if how == 0 else _taken(rows, order[:due])
    return first, _taken(rows, order[due:])  # never a view, which would keep all rows in memory


def _taken(rows: Any, order: Array) -> Any:
    """The rows of these numbers; two to three times as fast as indexing, which checks each number."""
    columns = {}
    for name, column in rows.columns().items():
        columns[name] = np.empty(len(order), column.dtype)
        if len(order):
            np.take(column, order, out=columns[name], mode="clip")
    return type(rows)(**columns)


def admit(clock: Clock, batch: Batch, rules: EngineRules) -> tuple[Clock, Released]:
    """Take a batch in and let out what the watermark has passed, in whole minutes of event time.

    Rows at or before what was already decided are refused as ``late``, rows ahead of the receiver's clock (where a tick
    states it) as ``ahead_of_clock``; both are counted in ``Released.refused`` and neither moves the watermark.
    """
    refused: dict[str, int] = {}
    positions = batch.positions
    start_us = NEVER_US if clock.newest_us is None else clock.newest_us
    limit_us = NEVER_US if batch.tick_us is None else batch.tick_us + int(rules.ahead_s * US)
    times, state, newest_us, late, ahead = admit_rows(
        plain(positions.time_us), plain(positions.utc_second), start_us, int(rules.lateness_s * US), limit_us
    )
    if ahead:
        refused["ahead_of_clock"] = ahead
    if late:
        refused["late"] = late
    positions = replace(positions, time_us=times)
    if late or ahead:
        positions = positions.take(state == 0)
    newest = None if newest_us == NEVER_US else newest_us
    statics = batch.statics
    if clock.processed_us is not None and len(statics):
        late = statics.time_us <= clock.processed_us
        if late.any():
            refused["late"] = refused.get("late", 0) + int(late.sum())
            statics = statics.take(~late)
    if batch.tick_us is not None:
        newest = batch.tick_us if newest is None else max(newest, batch.tick_us)

    waiting = replace(
        clock,
        positions=PositionReports.concat((clock.positions, positions)),
        statics=StaticReports.concat((clock.statics, statics)),
        newest_us=newest,
    )
    if newest is None:
        return waiting, Released(PositionReports.empty(), StaticReports.empty(), clock.processed_us, refused)
    return _release(waiting, floor_minute(newest - int(rules.lateness_s * US)), refused)


def flush(clock: Clock) -> tuple[Clock, Released]:
    """Let out all that waits: the input has ended."""
    times = [int(rows.time_us.max()) for rows in (clock.positions, clock.statics) if len(rows)]
    if clock.newest_us is not None:
        times.append(clock.newest_us)
    if not times:
        return clock, Released(PositionReports.empty(), StaticReports.empty(), clock.processed_us, {})
    return _release(clock, floor_minute(max(times) + MINUTE_US - 1), {})


def _release(clock: Clock, upto_us: int, refused: dict[str, int]) -> tuple[Clock, Released]:
    upto_us = max(upto_us, clock.processed_us) if clock.processed_us is not None else upto_us
    positions, waiting_positions = _due(clock.positions, upto_us)
    statics, waiting_statics = _due(clock.statics, upto_us)
    left = replace(clock, positions=waiting_positions, statics=waiting_statics, processed_us=upto_us)
    return left, Released(positions, statics, upto_us, refused)
