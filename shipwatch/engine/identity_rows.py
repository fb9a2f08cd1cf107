"""What each ship said of itself last, and which static reports of a step can matter: nearly all repeat the last one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, StaticReports
from shipwatch.engine.sorted_numbers import among, distinct

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


def sorted_out(
    said: Said, doubles: Collection[int], rows: StaticReports, valid: Array
) -> tuple[Array, Said]:  # fmt: skip
    """The reports (in order of time) to be looked at one by one, as a mask, and what new ships said without question.

    Of a ship all of whose reports say the same, and the same as before, none is looked at; of one that says something
    for the first time, the first of each message type; of one that contradicts itself, or has lately sent its number as
    0, all. And all with an IMO number that another MMSI has said too. New ships without any of that (at the start of a
    stream nearly all) are one table instead. ``valid``: is the report's IMO number one of a ship?
    """
    if not len(rows):
        return np.zeros(0, bool), Said.empty()
    by_ship = np.argsort(rows.mmsi, kind="stable")
    mmsi = rows.mmsi[by_ship]
    starts = np.flatnonzero(np.concatenate(([True], mmsi[1:] != mmsi[:-1])))
    group = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(mmsi))))
    place = np.minimum(np.searchsorted(said.mmsi, mmsi[starts]), max(len(said) - 1, 0))
    known = said.mmsi[place] == mmsi[starts] if len(said) else np.zeros(len(starts), bool)
    contradicts, says_more = np.zeros(len(starts), bool), ~known
    number, none = np.arange(len(mmsi)), len(mmsi)
    kinds = group * 256 + rows.msg_type[by_ship]
    by_type = np.argsort(kinds, kind="stable")
    first_of_type = np.ones(len(mmsi), bool)
    first_of_type[by_type[1:]] = kinds[by_type[1:]] != kinds[by_type[:-1]]
    zero = ((rows.imo == 0) & (rows.msg_type == STATIC_A))[by_ship]
    had_number = np.zeros(len(starts), bool)
    columns = {
        "imo": rows.imo, "name": rows.name, "callsign": rows.callsign,
        "length_m": np.nan_to_num(rows.to_bow_m + rows.to_stern_m),
    }  # fmt: skip
    told: dict[str, Array] = {}
    for name, column in columns.items():
        values = column[by_ship]
        nothing = values.dtype.type()
        sent = values != nothing
        first = np.minimum.reduceat(np.where(sent, number, none), starts)
        reference = values[np.minimum(first, none - 1)]
        holds = known
        if len(said):
            held = getattr(said, name)[place].astype(values.dtype)
            holds = known & (held != nothing)
            reference = np.where(holds, held, reference)
        contradicts |= np.logical_or.reduceat(sent & (values != reference[group]), starts)
        says_more |= ~holds & (first < none)
        if name == "imo":
            had_number = holds | (first < none)
        first = np.minimum.reduceat(np.where(sent & first_of_type, number, none), starts)
        told[name] = np.where(first < none, values[np.minimum(first, none - 1)], nothing)
        if name == "imo":
            told[name] = np.where(valid[by_ship][np.minimum(first, none - 1)], told[name], 0)
    contradicts |= had_number & np.logical_or.reduceat(zero, starts)
    if len(said):  # a number that is sent again after zeros ends their count
        contradicts |= known & (said.zeros[place] > 0)
    shared = among(rows.imo, _shared_numbers(said, doubles, rows))[by_ship]
    plain = np.flatnonzero(~known & ~contradicts & ~np.logical_or.reduceat(shared, starts))
    says_more[plain] = False
    matters = np.zeros(len(rows), bool)
    matters[by_ship] = contradicts[group] | (says_more[group] & first_of_type) | shared
    told["mmsi"] = mmsi[starts]
    nothing_said = {name: np.zeros(len(plain), dtype) for name, dtype in Said.DTYPES.items()}
    return matters, Said.of(**nothing_said | {name: column[plain] for name, column in told.items()})


def _shared_numbers(said: Said, doubles: Collection[int], rows: StaticReports) -> Array:
    """IMO numbers of these reports that more than one MMSI has said, and those in ``doubles``."""
    sent = rows.imo > 0
    held = among(said.imo, rows.imo[sent])
    numbers = np.concatenate((said.imo[held], rows.imo[sent])).astype(np.int64)
    ships = np.concatenate((said.mmsi[held], rows.mmsi[sent])).astype(np.int64)
    pairs = distinct(numbers << 32 | ships) >> 32
    return np.append(pairs[1:][pairs[1:] == pairs[:-1]], np.array(list(doubles), np.int64))
