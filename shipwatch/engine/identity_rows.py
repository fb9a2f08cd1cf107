"""What each ship said of itself last, and which static reports of a step can matter: nearly all repeat the last one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, StaticReports

Array = NDArray[Any]
STATIC_A = 5
"""The message that carries an IMO number: 0 in it is a statement, in others it is only not sent."""


@dataclass(frozen=True, slots=True)
class Said(Columns):
    """What each MMSI said last, and before that; sorted by MMSI; 0 and "" where it has not. Times in microseconds."""

    mmsi: Array
    imo: Array
    imo_us: Array
    name: Array
    callsign: Array
    imo_before: Array
    name_before: Array
    callsign_before: Array
    length_before_m: Array
    length_m: Array
    zeros: Array
    zeros_since_us: Array
    last_us: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int32", "imo": "int32", "imo_us": "int64", "name": "U20", "callsign": "U7",
        "imo_before": "int32", "name_before": "U20", "callsign_before": "U7", "length_before_m": "float32",
        "length_m": "float32", "zeros": "int32", "zeros_since_us": "int64", "last_us": "int64",
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.mmsi)


def rows_that_matter(said: Said, doubles: Collection[int], rows: StaticReports) -> Array:
    """The reports (in order of time) that are to be looked at one by one, as a mask.

    Of a ship all of whose reports say the same, and the same as before, none is; of one that says something for the
    first time, the first of each message type; of one that contradicts itself, or has
    lately sent its number as 0, all. And all with an IMO number that
    another MMSI has said too.
    """
    if not len(rows):
        return np.zeros(0, bool)
    by_ship = np.argsort(rows.mmsi, kind="stable")
    mmsi = rows.mmsi[by_ship]
    starts = np.flatnonzero(np.concatenate(([True], mmsi[1:] != mmsi[:-1])))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(mmsi))))
    place = np.minimum(np.searchsorted(said.mmsi, mmsi[starts]), max(len(said) - 1, 0))
    known = said.mmsi[place] == mmsi[starts] if len(said) else np.zeros(len(starts), bool)
    contradicts, says_more = np.zeros(len(starts), bool), ~known
    number = np.arange(len(mmsi))
    length = np.nan_to_num(rows.to_bow_m + rows.to_stern_m)
    zero = (rows.imo == 0) & (rows.msg_type == STATIC_A)
    had_number = np.zeros(len(starts), bool)
    columns = {"imo": rows.imo, "name": rows.name, "callsign": rows.callsign, "length_m": length}
    for name, column in columns.items():
        values = column[by_ship]
        sent = values != values.dtype.type()
        first = np.minimum.reduceat(np.where(sent, number, len(mmsi)), starts)
        reference = values[np.minimum(first, len(mmsi) - 1)]
        if len(said):
            held = getattr(said, name)[place].astype(values.dtype)
            holds = known & (held != values.dtype.type())
            reference = np.where(holds, held, reference)
        else:
            holds = known
        contradicts |= np.logical_or.reduceat(sent & (values != reference[group]), starts)
        says_more |= ~holds & (first < len(mmsi))
        if name == "imo":
            had_number = holds | (first < len(mmsi))
    contradicts |= had_number & np.logical_or.reduceat(zero[by_ship], starts)
    if len(said):  # a number that is sent again after zeros ends their count
        contradicts |= known & (said.zeros[place] > 0)
    by_type = np.lexsort((number, rows.msg_type[by_ship], group))
    first_of_type = np.ones(len(mmsi), bool)
    kinds, ships = rows.msg_type[by_ship][by_type], group[by_type]
    first_of_type[by_type[1:]] = (kinds[1:] != kinds[:-1]) | (ships[1:] != ships[:-1])
    matters = np.zeros(len(rows), bool)
    matters[by_ship] = contradicts[group] | (says_more[group] & first_of_type)
    return matters | np.isin(rows.imo, _shared_numbers(said, doubles, rows))


def _shared_numbers(said: Said, doubles: Collection[int], rows: StaticReports) -> Array:
    """IMO numbers of these reports that more than one MMSI has said."""
    sent = rows.imo > 0
    pairs = np.unique(np.stack((rows.imo[sent], rows.mmsi[sent])), axis=1)
    numbers, ships = pairs[0], pairs[1]
    shared = {*doubles, *numbers[1:][numbers[1:] == numbers[:-1]].tolist()}
    held = np.isin(said.imo, numbers)
    before: dict[int, set[int]] = {}
    for imo, ship in zip(said.imo[held].tolist(), said.mmsi[held].tolist(), strict=True):
        before.setdefault(imo, set()).add(ship)
    for imo, ship in zip(numbers.tolist(), ships.tolist(), strict=True):
        if before.get(imo, set()) - {ship}:
            shared.add(imo)
    return np.array(sorted(shared), np.int64)
