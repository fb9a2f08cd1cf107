"""What ships say of themselves that bears on a silence: type, size, IMO number and draught, as of any recent instant.

A row is kept for every change, so that a question "as of then" has one answer however the input was cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, StaticReports
from shipwatch.engine.sorted_numbers import among

Array = NDArray[Any]

MERCHANT = range(70, 90)
"""Ship types of ITU-R M.1371 that carry cargo: 70-79 cargo, 80-89 tankers."""


@dataclass(frozen=True, slots=True)
class Particulars(Columns):
    """What each ship said from ``time_us`` on, fields not said as 0 or NaN; sorted by (mmsi, time).

    ``said_us`` is when the draught before this one was last said (0: there was none), ``before_m`` what it was.
    """

    mmsi: Array
    time_us: Array
    imo: Array
    ship_type: Array
    length_m: Array
    beam_m: Array
    draught_m: Array
    before_m: Array
    said_us: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int64", "time_us": "int64", "imo": "int64", "ship_type": "int64", "length_m": "float64",
        "beam_m": "float64", "draught_m": "float64", "before_m": "float64", "said_us": "int64",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said(Columns):
    """When each ship last said its draught; sorted by mmsi."""

    mmsi: Array
    time_us: Array

    DTYPES: ClassVar[Mapping[str, str]] = {"mmsi": "int64", "time_us": "int64"}


_FIELDS = ("imo", "ship_type", "length_m", "beam_m", "draught_m")


def learn(known: Particulars, said: Said, statics: StaticReports) -> tuple[Particulars, Said]:
    """Add what static reports (sorted by time) say; a field that one does not carry leaves what was known."""
    if not len(statics):
        return known, said
    with np.errstate(invalid="ignore"):
        length = statics.to_bow_m.astype(np.float64) + statics.to_stern_m
        beam = statics.to_port_m.astype(np.float64) + statics.to_starboard_m
        sized = (length > 0) & (beam > 0)
    newest = known.take(np.append(known.mmsi[1:] != known.mmsi[:-1], True)) if len(known) else known
    newest = newest.take(among(newest.mmsi, statics.mmsi))
    old = len(newest)
    rows = {
        "mmsi": np.concatenate((newest.mmsi, statics.mmsi)),
        "time_us": np.concatenate((newest.time_us, statics.time_us)),
        "imo": np.concatenate((newest.imo, statics.imo)),
        "ship_type": np.concatenate((newest.ship_type, statics.ship_type)),
        "length_m": np.concatenate((newest.length_m, np.where(sized, length, np.nan))),
        "beam_m": np.concatenate((newest.beam_m, np.where(sized, beam, np.nan))),
        "draught_m": np.concatenate((newest.draught_m, np.round(statics.draught_m.astype(np.float64), 1))),
    }  # fmt: skip
    fresh = np.arange(len(rows["mmsi"])) >= old
    order = np.argsort(rows["mmsi"], kind="stable")  # of each ship what was known comes first, then what she says
    rows = {name: column[order] for name, column in rows.items()}
    fresh = fresh[order]
    mmsi, time_us = rows["mmsi"], rows["time_us"]
    first = np.concatenate(([True], mmsi[1:] != mmsi[:-1]))
    group = np.maximum.accumulate(np.where(first, np.arange(len(mmsi)), 0))
    draught_said = np.where(fresh, rows["draught_m"] > 0, False)
    for name in _FIELDS:
        rows[name] = _carried(rows[name], rows[name] > 0, group)
    # When a draught was last said before each row, also in steps before this one.
    last_said = np.zeros(len(mmsi), np.int64)
    if len(said):
        place = np.minimum(np.searchsorted(said.mmsi, mmsi), len(said) - 1)
        last_said = np.where(said.mmsi[place] == mmsi, said.time_us[place], 0)
    number = np.arange(len(mmsi))
    newest_said = np.maximum.accumulate(np.where(draught_said, number, -1))
    before_row = np.concatenate(([-1], newest_said[:-1]))
    said_us = np.where(before_row >= group, time_us[before_row], last_said)
    changed = first.copy()
    for name in _FIELDS:
        column = rows[name]
        differs = (column[1:] != column[:-1]) & ~(np.isnan(column[1:]) & np.isnan(column[:-1]))
        changed[1:] |= differs
    earlier = np.where(first, np.nan, np.concatenate(([np.nan], rows["draught_m"][:-1])))
    # Another IMO number with another draught is another hull under the same MMSI, not cargo moved.
    imo_before = np.where(first, 0, np.concatenate(([0], rows["imo"][:-1])))
    other_hull = (imo_before > 0) & (rows["imo"] > 0) & (rows["imo"] != imo_before)
    moved = ~first & (rows["draught_m"] != earlier) & (earlier > 0) & ~other_hull
    keep = changed & fresh
    added = Particulars.of(
        mmsi=mmsi[keep], time_us=time_us[keep], **{name: rows[name][keep] for name in _FIELDS},
        before_m=np.where(moved, earlier, np.nan)[keep], said_us=np.where(moved, said_us, 0)[keep],
    )  # fmt: skip
    if len(added):
        known = Particulars.concat((known, added))
        known = known.take(np.argsort(known.mmsi, kind="stable"))  # of each ship the added rows are the later ones
    return known, _last_said(said, statics)


def _carried(column: Array, given: Array, group: Array) -> Array:
    """Each row's value, or the last one given in its group."""
    source = np.maximum.accumulate(np.where(given, np.arange(len(column)), -1))
    return np.where(source >= group, column[source], np.nan if column.dtype.kind == "f" else 0)


def _last_said(said: Said, statics: StaticReports) -> Said:
    rows = np.flatnonzero(statics.draught_m > 0)
    mmsi = np.concatenate((said.mmsi, statics.mmsi[rows].astype(np.int64)))
    time_us = np.concatenate((said.time_us, statics.time_us[rows]))
    order = np.lexsort((time_us, mmsi))
    newest = order[np.append(mmsi[order][1:] != mmsi[order][:-1], True)] if len(order) else order
    return Said(mmsi[newest], time_us[newest])


def forget(known: Particulars, said: Said, since_us: int, forget_us: int) -> tuple[Particulars, Said]:
    """Without rows that a later one replaced before ``since_us``, and ships that said nothing since ``forget_us``."""
    if not len(known):
        return known, said
    replaced = np.zeros(len(known), bool)
    replaced[:-1] = (known.mmsi[1:] == known.mmsi[:-1]) & (known.time_us[1:] <= since_us)
    kept, lately = ~replaced & (known.time_us > forget_us), said.time_us > forget_us
    return known if kept.all() else known.take(kept), said if lately.all() else said.take(lately)


@dataclass(frozen=True, slots=True)
class Ship:
    """One ship as it called itself at an instant; None where it had not said."""

    imo: int | None = None
    ship_type: int | None = None
    length_m: float | None = None
    beam_m: float | None = None
    draught_m: float | None = None

    def merchant(self) -> bool | None:
        """Whether it carries cargo; None where its type is not known."""
        return None if self.ship_type is None else self.ship_type in MERCHANT


def ship_at(known: Particulars, mmsi: int, at_us: int) -> Ship:
    """What the ship had said of itself by that instant."""
    low, high = np.searchsorted(known.mmsi, [mmsi, mmsi + 1])
    row = low + int(np.searchsorted(known.time_us[low:high], at_us, "right")) - 1
    if row < low:
        return Ship()
    return Ship(
        int(known.imo[row]) or None, int(known.ship_type[row]) or None,
        *(float(value) if value > 0 else None for value in (
            known.length_m[row], known.beam_m[row], known.draught_m[row])),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DraughtChange:
    """A ship said ``before_m`` last at ``said_us`` and ``after_m`` first at ``time_us``."""

    mmsi: int
    time_us: int
    said_us: int
    before_m: float
    after_m: float


def changes_of(known: Particulars, mmsi: int, since_us: int, upto_us: int, least_m: float) -> list[DraughtChange]:
    """The ship's changes of draught of at least so much that were first said in (since, upto], in order of time."""
    low, high = np.searchsorted(known.mmsi, [mmsi, mmsi + 1])
    return _changes(known, np.arange(low, high), since_us, upto_us, least_m)


def changes_in(known: Particulars, since_us: int | None, upto_us: int, least_m: float) -> list[DraughtChange]:
    """The same of all ships, by ship."""
    return _changes(known, np.arange(len(known)), -(2**62) if since_us is None else since_us, upto_us, least_m)


def _changes(known: Particulars, rows: Array, since_us: int, upto_us: int, least_m: float) -> list[DraughtChange]:
    time_us = known.time_us[rows]
    rows = rows[
        (time_us > since_us) & (time_us <= upto_us) & (known.said_us[rows] > 0)
        & (np.abs(known.draught_m[rows] - known.before_m[rows]) >= least_m - 1e-6)
    ]  # fmt: skip
    return [
        DraughtChange(int(known.mmsi[row]), int(known.time_us[row]), int(known.said_us[row]),
                      float(known.before_m[row]), float(known.draught_m[row]))
        for row in rows.tolist()
    ]  # fmt: skip
