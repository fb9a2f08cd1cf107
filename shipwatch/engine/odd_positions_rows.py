"""What is remembered of each ship's positions, to see which cannot be: records for the compiled walk.

Three tables: what every report reads and changes, in as many bytes as a processor fetches at once; the other place, for
the few ships that have had one; the circle, for those that have been under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from decoders.reports import Columns

Array = NDArray[Any]

PLACE = np.dtype(
    [
        ("a_s", "<f8"), ("a_lat", "<f8"), ("a_lon", "<f8"), ("look_s", "<f8"), ("look_lat", "<f8"),
        ("look_lon", "<f8"), ("mmsi", "<i4"), ("odd", "<i4"), ("circle", "<i4"), ("astray", "<i2"),
        ("circling", "<i2"),
    ],
    align=True,
)  # fmt: skip
"""Where a ship is taken to be (A), when and where she was last looked at, her rows in the other tables (-1: none), and
whether the last report was from elsewhere, whether a circle may go on. Times are seconds since the caller's origin; NaN
is "none"."""

ODD = np.dtype(
    [(name, "<f8") for name in (
        "b_s", "b_lat", "b_lon", "first_s", "first_lat", "first_lon", "fixes", "away_s", "from_s", "from_lat",
        "from_lon", "back", "told_s", "heard_s", "heard_lat", "heard_lon",
    )]
    + [("place", "<i8")],
    align=True,
)  # fmt: skip
"""Where a ship cannot have got to from A (B, with the first fix there and how many agreed), since when she is taken to
be away there and from where, fixes at A since; when that was last told; the last report from elsewhere."""

ROUND = np.dtype(
    [(name, "<f8") for name in (
        "first_s", "lat", "lon", "cos", "last_s", "x", "y", "dx", "dy", "swept", "count", "way", "sx", "sy", "sz",
        "sxx", "sxy", "syy", "sxz", "syz", "szz", "told_s",
    )],
    align=True,
)  # fmt: skip
"""A circle: its first fix, the fix before and the way to it, what it has turned, sums of the fit about the first
fix, when one was last told."""

FINDING = np.dtype(
    [("mmsi", "<i8"), ("kind", "<i8")]
    + [(name, "<f8") for name in ("known_s", "start_s", "lat", "lon", "other_lat", "other_lon", "one", "two", "three")],
    align=True,
)


@dataclass(frozen=True, slots=True)
class Places:
    """What the kernel knows of each MMSI, and where it was heard last; records in order of first hearing."""

    places: Array = field(default_factory=lambda: np.zeros(0, PLACE))
    odds: Array = field(default_factory=lambda: np.zeros(0, ODD))
    rounds: Array = field(default_factory=lambda: np.zeros(0, ROUND))

    def __len__(self) -> int:
        return len(self.places)

    def heard(self, rows: Array) -> Array:
        """Second, latitude and longitude of the last report of these ships, three rows."""
        some = self.places[rows]
        found = np.stack((some["a_s"], some["a_lat"], some["a_lon"]))
        astray = np.flatnonzero(some["astray"])
        odd = self.odds[some["odd"][astray]]
        found[:, astray] = np.stack((odd["heard_s"], odd["heard_lat"], odd["heard_lon"]))
        return found

    def take(self, rows: Array) -> Places:
        """These ships (by index)."""
        places = self.places[rows]
        odd, circle = np.flatnonzero(places["odd"] >= 0), np.flatnonzero(places["circle"] >= 0)
        odds, rounds = self.odds[places["odd"][odd]], self.rounds[places["circle"][circle]]
        places["odd"][odd], places["circle"][circle] = np.arange(len(odd)), np.arange(len(circle))
        odds["place"] = odd
        return Places(places, odds, rounds)


@dataclass(frozen=True, slots=True)
class PlaceBytes(Columns):
    """The same as plain bytes, so that nothing in a file has to be believed about fields."""

    places: Array
    odds: Array
    rounds: Array

    DTYPES: ClassVar[Mapping[str, str]] = dict.fromkeys(("places", "odds", "rounds"), "uint8")

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def made_of(cls, known: Places) -> PlaceBytes:
        """The bytes from which :meth:`known` makes the same."""
        return cls(*(records.view(np.uint8) for records in (known.places, known.odds, known.rounds)))

    def known(self) -> Places:
        """The ships; ``ValueError`` where the bytes are not whole records."""
        forms = ((self.places, PLACE), (self.odds, ODD), (self.rounds, ROUND))
        return Places(*(np.frombuffer(part.tobytes(), form) for part, form in forms))
