"""The tables that reception is remembered in: ships as last heard, stays in which they were, silences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns
from shipwatch.engine.motion import KN, US, wrap_deg

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Runs(Columns):
    """Every ship (by MMSI) as last heard, the stay it is in, and its own record; rows in order of first hearing."""

    mmsi: Array
    t0_us: Array
    t1_us: Array
    since_us: Array
    skipped: Array
    class_b: Array
    lat0_deg: Array
    lon0_deg: Array
    lat1_deg: Array
    lon1_deg: Array
    sog_kn: Array
    cog_deg: Array
    top_kn: Array
    fast_kn: Array
    heard_s: Array
    missed_s: Array
    first_us: Array
    first_lat_deg: Array
    first_lon_deg: Array
    first_sog_kn: Array
    first_cog_deg: Array

    WHOLE: ClassVar[tuple[str, ...]] = ("t0_us", "t1_us", "since_us", "skipped", "class_b", "first_us")
    REAL: ClassVar[tuple[str, ...]] = (
        "lat0_deg", "lon0_deg", "lat1_deg", "lon1_deg", "sog_kn", "cog_deg", "top_kn", "fast_kn", "heard_s", "missed_s",
        "first_lat_deg", "first_lon_deg", "first_sog_kn", "first_cog_deg",
    )  # fmt: skip
    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int64", **dict.fromkeys(WHOLE, "int64"), **dict.fromkeys(REAL, "float64"),
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.mmsi)


@dataclass(frozen=True, slots=True)
class Stays(Columns):
    """Stretches in which a ship was heard, known from ``known_us`` on; ``top_kn`` the fastest that it said."""

    mmsi: Array
    t0_us: Array
    t1_us: Array
    known_us: Array
    class_b: Array
    lat0_deg: Array
    lon0_deg: Array
    lat1_deg: Array
    lon1_deg: Array
    top_kn: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "mmsi": "int64", "t0_us": "int64", "t1_us": "int64", "known_us": "int64", "class_b": "int64",
        "lat0_deg": "float64", "lon0_deg": "float64", "lat1_deg": "float64", "lon1_deg": "float64", "top_kn": "float64",
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.mmsi)

    def middle(self) -> tuple[Array, Array]:
        """Latitude and longitude half way."""
        return (
            (self.lat0_deg + self.lat1_deg) / 2,
            wrap_deg(self.lon0_deg + wrap_deg(self.lon1_deg - self.lon0_deg) / 2),
        )


@dataclass(frozen=True, slots=True)
class Holes(Columns):
    """What each ship's own reports say of its silences (see :class:`Silences`); kept until the legs are known too."""

    mmsi: Array
    t0_us: Array
    t1_us: Array
    ran_us: Array
    class_b: Array
    cog0_deg: Array
    cog1_deg: Array
    fast_kn: Array
    heard_s: Array
    missed_s: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("mmsi", "t0_us", "t1_us", "ran_us", "class_b"), "int64"),
        **dict.fromkeys(("cog0_deg", "cog1_deg", "fast_kn", "heard_s", "missed_s"), "float64"),
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.mmsi)


@dataclass(frozen=True, slots=True)
class Silences(Columns):
    """Silent (and long inferred) legs of half an hour and more, known from ``known_us`` on.

    ``ran_s`` is how long the ship was heard before without a silence, ``fast_kn`` the fastest that it had made good
    over a stay, ``heard_s`` and ``missed_s`` its own record until then; NaN where the MMSI's reports do not tell.
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
    cog0_deg: Array
    cog1_deg: Array
    class_b: Array
    ran_s: Array
    fast_kn: Array
    heard_s: Array
    missed_s: Array
    length_m: Array

    DTYPES: ClassVar[Mapping[str, str]] = {
        "track": "int64", "mmsi": "int64", "t0_us": "int64", "t1_us": "int64", "known_us": "int64",
        **dict.fromkeys(
            ("lat0_deg", "lon0_deg", "lat1_deg", "lon1_deg", "sog0_kn", "sog1_kn", "cog0_deg", "cog1_deg"), "float64"
        ),
        "class_b": "int64", **dict.fromkeys(("ran_s", "fast_kn", "heard_s", "missed_s", "length_m"), "float64"),
    }  # fmt: skip

    def __len__(self) -> int:
        return len(self.mmsi)

    def middle(self) -> tuple[Array, Array]:
        """Latitude and longitude half way."""
        return (
            (self.lat0_deg + self.lat1_deg) / 2,
            wrap_deg(self.lon0_deg + wrap_deg(self.lon1_deg - self.lon0_deg) / 2),
        )


LEAST_TOP_KN, MOST_TOP_KN, UNSAID_TOP_KN = 10.0, 22.0, 13.0


def top_speed_kn(rows: Silences) -> Array:
    """The speed that a ship may have made while silent: a tenth above its own best, within what merchant ships make.

    Where it has not been seen under way, ``UNSAID_TOP_KN``; never less than the silence itself needed.
    """
    own = np.where(rows.fast_kn >= 5.0, np.maximum(1.1 * rows.fast_kn, LEAST_TOP_KN), UNSAID_TOP_KN)
    needed = rows.length_m / np.maximum((rows.t1_us - rows.t0_us) / US, 1.0) / KN
    return np.asarray(np.maximum(np.minimum(own, MOST_TOP_KN), 1.02 * needed))
