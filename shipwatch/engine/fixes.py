"""Fixes: one vessel's positions, each with the key of the track that it was given to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from numpy.typing import NDArray

from decoders.reports import Columns

Array = NDArray[Any]

HULLS_PER_MMSI = 64
"""Track key = mmsi x this + ordinal; the ordinal of the first track is 0."""


@dataclass(frozen=True, slots=True)
class Fixes(Columns):
    """One vessel's positions, each with the key of its track; sorted by (track, time) where a batch is processed."""

    track: Array
    mmsi: Array
    time_us: Array
    lat_deg: Array
    lon_deg: Array
    sog_kn: Array
    cog_deg: Array
    heading_deg: Array
    utc_second: Array
    coarse: Array
    count: Array
    """Fixes of this track up to and including this one."""

    DTYPES: ClassVar[Mapping[str, str]] = {
        "track": "int64", "mmsi": "int32", "time_us": "int64", "lat_deg": "float64", "lon_deg": "float64",
        "sog_kn": "float32", "cog_deg": "float32", "heading_deg": "float32", "utc_second": "int8", "coarse": "bool",
        "count": "int32",
    }  # fmt: skip


def track_name(key: int) -> str:
    """The public name of a track: its MMSI, and for a further hull on it a slash and a number.

    >>> track_name(366942000 * 64), track_name(366942000 * 64 + 1)
    ('366942000', '366942000/2')
    """
    mmsi, ordinal = divmod(int(key), HULLS_PER_MMSI)
    return f"{mmsi:09d}" if not ordinal else f"{mmsi:09d}/{ordinal + 1}"
