"""From what a kernel found of meetings to the revisions that are told; figures are rounded only here."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from shipwatch.engine.contacts import Told
from shipwatch.engine.detections import Interval, Kind, Rendezvous
from shipwatch.engine.fixes import track_name
from shipwatch.engine.motion import US
from shipwatch.engine.records import rows_at
from shipwatch.engine.seen_meetings import Met, Rows

Array = NDArray[Any]

KINDS = (Kind.OBSERVED, Kind.INFERRED, Kind.DARK)
ENDED_BY = (None, "left", "silence")


def derived_id(prefix: str, *parts: object) -> str:
    """An id that anyone can derive from what happened: the same event has the same id on every machine."""
    return f"{prefix}-{hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()[:16]}"


def whole_second(time_us: int) -> int:
    """Rounded to the second, in microseconds."""
    return (time_us + US // 2) // US * US


def _whole_seconds(time_us: Array) -> Array:
    return np.asarray((time_us + US // 2) // US * US)


class Revisions(Sequence[Rendezvous]):
    """Revisions of meetings in columns, in order of publication and then of tracks; objects are made when one is read.

    A day of full anchorages has tens of thousands of revisions, and most readers want a few columns or the newest ones.
    Columns (all of one length): ``published_us``, ``mmsi_a``, ``mmsi_b``, ``start_us``, ``end_us`` as in
    :class:`~shipwatch.engine.detections.Rendezvous`, and ``ended``.
    """

    __slots__ = ("_made", "_told", "end_us", "ended", "mmsi_a", "mmsi_b", "published_us", "start_us")

    def __init__(self, told: Told) -> None:
        of = told.meetings
        order = np.lexsort((of["start_us"], of["key_b"], of["key_a"], told.rows["published_us"]))
        self._told = Told(rows_at(told.rows, order), rows_at(of, order), rows_at(told.figures, order), told.pieces)
        self._made: list[Rendezvous] | None = None
        self.published_us: Array = self._told.rows["published_us"]
        self.ended: Array = self._told.rows["ended_by"] != 0
        self.mmsi_a: Array = self._told.meetings["mmsi_a"]
        self.mmsi_b: Array = self._told.meetings["mmsi_b"]
        self.start_us: Array = _whole_seconds(self._told.meetings["start_us"])
        self.end_us: Array = _whole_seconds(self._told.meetings["end_us"])

    def seen(self) -> Rows:
        """Who was seen together, revision by revision: what other findings are weighed against."""
        return np.array([getattr(self, name) for name in Met._fields], np.int64)

    def __len__(self) -> int:
        return len(self.published_us)

    @overload
    def __getitem__(self, at: int) -> Rendezvous: ...
    @overload
    def __getitem__(self, at: slice) -> list[Rendezvous]: ...
    def __getitem__(self, at: int | slice) -> Rendezvous | list[Rendezvous]:
        return self._objects()[at]

    def __iter__(self) -> Iterator[Rendezvous]:
        return iter(self._objects())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Revisions | tuple | list) and self._objects() == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Revisions({self._objects()!r})"

    def _objects(self) -> list[Rendezvous]:
        if self._made is None:
            self._made = _rendezvous(self, self._told)
        return self._made


def _rendezvous(columns: Revisions, told: Told) -> list[Rendezvous]:
    meetings, figures, rows = told.meetings, told.figures, told.rows
    pieces = [
        Interval(start_us, end_us, KINDS[kind])
        for start_us, end_us, kind in zip(
            _whole_seconds(told.pieces["start_us"]).tolist(), _whole_seconds(told.pieces["end_us"]).tolist(),
            told.pieces["kind"].tolist(), strict=True,
        )
    ]  # fmt: skip
    known = {name: figures[name].tolist() for name in figures.dtype.names or ()}
    return [
        Rendezvous(
            f"rv-{hashlib.sha256(f'{a}|{b}|{start_us // US}'.encode()).hexdigest()[:16]}", a, b, mmsi_a, mmsi_b,
            "ended" if ended_by else "ongoing", start_us, end_us, published_us, round(lat, 5), round(lon, 5),
            seconds[0], seconds[1], seconds[2], sightings, round(least_m), round(median_m), _whole(gap_m),
            _whole(angle_deg), None if beside < 0 else beside == 1, _rounded(speed_kn), _rounded(relative_kn),
            settled == 1, tuple(pieces[piece : piece + number]), ENDED_BY[ended_by],
        )
        for a, b, mmsi_a, mmsi_b, start_us, end_us, seconds, sightings, least_m, lat, lon, median_m, gap_m, angle_deg,
            speed_kn, relative_kn, settled, beside, published_us, ended_by, piece, number
        in zip(
            map(track_name, meetings["key_a"].tolist()), map(track_name, meetings["key_b"].tolist()),
            columns.mmsi_a.tolist(), columns.mmsi_b.tolist(), columns.start_us.tolist(), columns.end_us.tolist(),
            (meetings["seconds_us"] // US).tolist(), meetings["sightings"].tolist(), meetings["least_m"].tolist(),
            known["lat"], known["lon"], known["median_m"], known["gap_m"], known["angle_deg"], known["speed_kn"],
            known["relative_kn"], known["settled"], known["beside"], columns.published_us.tolist(),
            rows["ended_by"].tolist(), rows["piece"].tolist(), rows["pieces"].tolist(), strict=True,
        )
    ]  # fmt: skip


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else round(value)


def _rounded(value: float) -> float:
    return value if math.isnan(value) else round(value, 1)
