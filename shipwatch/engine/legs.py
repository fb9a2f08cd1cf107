"""Legs: the motion between fixes of a track, and how much of it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns
from shipwatch.engine.leg_runs import INFERRED, OBSERVED, SILENT
from shipwatch.engine.motion import wrap_deg
from shipwatch.engine.records import Records

__all__ = ["INFERRED", "OBSERVED", "SILENT", "Legs", "Scope", "in_scope"]

Array = NDArray[Any]


class Scope(Protocol):
    """Where meetings are sought; ``geofences.zones.ZoneSet`` is one. Bulk tests of positions in degrees."""

    def watched(self, lat: Array, lon: Array) -> Array: ...
    def excluded(self, lat: Array, lon: Array) -> Array: ...


@dataclass(frozen=True, slots=True)
class Legs(Columns):
    """Slow and silent legs, each known from ``known_us`` on; ``lon1_deg`` is unwrapped, so it may lie beyond 180.

    ``kind`` is 0 observed, 1 inferred, 2 silent; ``slow`` whether a meeting can start on it; ``drifts`` whether both
    ends and the way between are slow enough for a hole to be bridged over it. An observed leg may hold many fixes that
    one straight line explains, or one place (then both ends are amid the fixes). Columns are views of records.
    """

    track: Array
    mmsi: Array
    t0_us: Array
    t1_us: Array
    known_us: Array
    lat0_deg: Array
    lon0_deg: Array
    lat1_deg: Array
    lon1_deg: Array
    sog0_kn: Array
    sog1_kn: Array
    heading0_deg: Array
    heading1_deg: Array
    length_m: Array
    kind: Array
    slow: Array
    drifts: Array
    in_scope: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "track": "int64", "mmsi": "int32", "t0_us": "int64", "t1_us": "int64", "known_us": "int64",
        "lat0_deg": "float64", "lon0_deg": "float64", "lat1_deg": "float64", "lon1_deg": "float64",
        "sog0_kn": "float32", "sog1_kn": "float32", "heading0_deg": "float32", "heading1_deg": "float32",
        "length_m": "float64", "kind": "uint8", "slow": "bool", "drifts": "bool", "in_scope": "bool",
    }  # fmt: skip

    @classmethod
    def of_records(cls, records: Records) -> Legs:
        """The columns of leg records, in their order."""
        return cls(**{name: records[name].view(kind) if kind == "bool" else records[name]
                      for name, kind in cls.DTYPES.items()})  # fmt: skip

    def __len__(self) -> int:
        return len(self.t1_us)


def in_scope(records: Records, scope: Scope) -> Array:
    """Which legs are in scope: one end in watched water, and not both ends in excluded water; uint8."""
    n = len(records)
    lat = np.concatenate((records["lat0_deg"], records["lat1_deg"]))
    lon = np.concatenate((records["lon0_deg"], wrap_deg(records["lon1_deg"])))
    both = getattr(scope, "watched_excluded", None)  # in one pass, where the scope can
    watched, excluded = both(lat, lon) if both else (scope.watched(lat, lon), scope.excluded(lat, lon))
    return np.asarray((watched[:n] | watched[n:]) & ~(excluded[:n] & excluded[n:])).astype(np.uint8)
