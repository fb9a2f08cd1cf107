"""Where ships are, looked at now and then: in watched water, in a port; what sightings and port calls are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from decoders.reports import Columns

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Whereabouts(Columns):
    """Positions at which a ship was looked at, in the order of time: is it watched water, is it excluded (a port)?"""

    time_us: Array
    mmsi: Array
    lat_deg: Array
    lon_deg: Array
    watched: Array
    excluded: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "time_us": "int64", "mmsi": "int32", "lat_deg": "float64", "lon_deg": "float64", "watched": "bool",
        "excluded": "bool",
    }  # fmt: skip
