"""Hulls: what ships said of their dimensions, and when.

Each hull is the oriented rectangle that its reported dimensions span around the antenna (ITU-R M.1371: distances from
the reference point to bow, stern, port and starboard); the water between two is measured in
:mod:`~shipwatch.engine.meeting_figures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns, StaticReports
from shipwatch.engine.motion import US
from shipwatch.engine.records import SIZE, Records
from shipwatch.engine.rules import EngineRules

Array = NDArray[Any]

LONGEST_M, WIDEST_M = 500.0, 90.0
"""No hull afloat is larger; larger figures are input errors and count as not sent."""


@dataclass(frozen=True, slots=True)
class Sizes(Columns):
    """What ships said of their dimensions, from when on and when last; sorted by (mmsi, time), only changes kept."""

    mmsi: Array
    time_us: Array
    said_us: Array
    to_bow_m: Array
    to_stern_m: Array
    to_port_m: Array
    to_starboard_m: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int32", "time_us": "int64", "said_us": "int64", "to_bow_m": "float32", "to_stern_m": "float32",
        "to_port_m": "float32", "to_starboard_m": "float32",
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hulls:
    """Known dimensions by MMSI; several per ship only while one step is worked through."""

    sizes: Sizes = field(default_factory=Sizes.empty)


def learn(hulls: Hulls, statics: StaticReports, rules: EngineRules) -> Hulls:
    """Add what static reports (sorted by time) say; implausible or absent dimensions change nothing.

    What is said again within ``forget_s`` is one row, so that it does not matter when old rows are forgotten.
    """
    length = statics.to_bow_m + statics.to_stern_m
    beam = statics.to_port_m + statics.to_starboard_m
    with np.errstate(invalid="ignore"):
        good = (length > 0) & (length <= LONGEST_M) & (beam > 0) & (beam <= WIDEST_M)
    if not good.any():
        return hulls
    said = statics.take(good)
    columns = {name: getattr(said, name) for name in Sizes.DTYPES if name != "said_us"}
    sizes = Sizes.concat((hulls.sizes, Sizes(**columns, said_us=said.time_us)))
    sizes = sizes.take(np.lexsort((sizes.time_us, sizes.mmsi)))
    again = np.zeros(len(sizes), bool)
    again[1:] = sizes.mmsi[1:] == sizes.mmsi[:-1]
    again[1:] &= sizes.time_us[1:] - sizes.said_us[:-1] <= int(rules.forget_s * US)
    for name in ("to_bow_m", "to_stern_m", "to_port_m", "to_starboard_m"):
        column = getattr(sizes, name)
        again[1:] &= column[1:] == column[:-1]
    rows = np.flatnonzero(~again)
    kept = sizes.take(rows)
    return Hulls(replace(kept, said_us=np.maximum.reduceat(sizes.said_us, rows)))


def forget(hulls: Hulls, upto_us: int, rules: EngineRules) -> Hulls:
    """Only the newest dimensions of each ship that said them within ``forget_s``: nothing older will be asked for."""
    sizes = hulls.sizes
    if not len(sizes):
        return hulls
    kept = np.append(sizes.mmsi[1:] != sizes.mmsi[:-1], True)
    kept &= sizes.said_us >= upto_us - int(rules.forget_s * US)
    return hulls if kept.all() else Hulls(sizes.take(kept))


def size_records(hulls: Hulls) -> tuple[Records, Array]:
    """The rows as kernels read them, and when each was last said."""
    sizes = hulls.sizes
    made = np.zeros(len(sizes), SIZE)
    made["mmsi"], made["time_us"] = sizes.mmsi, sizes.time_us
    for name in ("bow", "stern", "port", "starboard"):
        made[name] = getattr(sizes, f"to_{name}_m")
    return made, sizes.said_us
