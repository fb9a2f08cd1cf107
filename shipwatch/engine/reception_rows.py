"""The tables that reception is remembered in: ships as last heard, stays in which they were, silences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns
from shipwatch.engine.motion import KN, US, wrap_deg

Array = NDArray[Any]


HEARD = np.dtype(
    [
        ("t1_us", "<i8"), ("lat1_deg", "<f8"), ("lon1_deg", "<f8"), ("t0_us", "<i8"), ("since_us", "<i8"),
        ("sog_kn", "<f4"), ("cog_deg", "<f4"), ("top_kn", "<f4"), ("mmsi", "<i4"), ("skipped", "<i4"),
        ("class_b", "<u4"),
    ],
    align=True,
)  # fmt: skip
"""A ship as last heard: what every one of her reports reads and changes, in as many bytes as a processor fetches."""

PAST = np.dtype(
    [
        ("first_us", "<i8"), ("first_lat_deg", "<f8"), ("first_lon_deg", "<f8"), ("lat0_deg", "<f8"),
        ("lon0_deg", "<f8"), ("fast_kn", "<f8"), ("heard_s", "<f8"), ("missed_s", "<f8"), ("first_sog_kn", "<f4"),
        ("first_cog_deg", "<f4"),
    ],
    align=True,
)  # fmt: skip
"""Her first report, where the stay began that she is in, and her own record: looked at once in half an hour."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Every ship (by MMSI), two records each side by side; rows in order of first hearing.

    ``slots`` is the kernel's hash of them, empty where it is to be made anew.
    """

    heard: Array = field(default_factory=lambda: np.zeros(0, HEARD))
    past: Array = field(default_factory=lambda: np.zeros(0, PAST))
    slots: Array = field(default_factory=lambda: np.empty(0, np.int32), compare=False)

    def __len__(self) -> int:
        return len(self.heard)

    def take(self, rows: Array) -> Runs:
        """The ships selected by a mask or an index array."""
        return Runs(self.heard[rows], self.past[rows])


@dataclass(frozen=True, slots=True)
class RunBytes(Columns):
    """The same as plain bytes, so that nothing in a file has to be believed about fields."""

    heard: Array
    past: Array

    DTYPES: ClassVar[Mapping[str, str]] = {"heard": "uint8", "past": "uint8"}

    def __len__(self) -> int:
        return len(self.heard)

    @classmethod
    def made_of(cls, runs: Runs) -> RunBytes:
        """The bytes from which :meth:`runs` makes the same."""
        return cls(runs.heard.view(np.uint8), runs.past.view(np.uint8))

    def runs(self) -> Runs:
        """The ships; ``ValueError`` where the bytes are not whole records."""
        return Runs(np.frombuffer(self.heard.tobytes(), HEARD).copy(), np.frombuffer(self.past.tobytes(), PAST).copy())


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

    @classmethod
    def of_records(cls, records: Array) -> Stays:
        """Columns of their own, from the records that the kernel writes."""
        return cls(**{name: records[name].copy() for name in cls.DTYPES})

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

    @classmethod
    def of_records(cls, records: Array) -> Holes:
        """Columns of their own, from the records that the kernel writes."""
        return cls(**{name: records[name].copy() for name in cls.DTYPES})

    def __len__(self) -> int:
        return len(self.mmsi)


STAY = np.dtype(list(Stays.DTYPES.items()), align=True)
HOLE = np.dtype(list(Holes.DTYPES.items()), align=True)


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
