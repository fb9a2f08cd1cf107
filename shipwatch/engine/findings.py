"""From what a kernel found of a meeting to the revision of a rendezvous that is told; figures are rounded only here."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from shipwatch.engine.contacts import Told
from shipwatch.engine.detections import Interval, Kind, Rendezvous
from shipwatch.engine.fixes import track_name
from shipwatch.engine.motion import US

KINDS = (Kind.OBSERVED, Kind.INFERRED, Kind.DARK)
ENDED_BY = (None, "left", "silence")


def derived_id(prefix: str, *parts: object) -> str:
    """An id that anyone can derive from what happened: the same event has the same id on every machine."""
    return f"{prefix}-{hashlib.sha256('|'.join(map(str, parts)).encode()).hexdigest()[:16]}"


def whole_second(time_us: int) -> int:
    """Rounded to the second, in microseconds."""
    return (time_us + US // 2) // US * US


def revisions(told: Told) -> list[Rendezvous]:
    """The revisions as objects, in order of publication and id."""
    pieces = [
        Interval(whole_second(start_us), whole_second(end_us), KINDS[kind])
        for start_us, end_us, kind, _ in told.pieces.tolist()
    ]
    columns = {
        "a": map(track_name, told.meetings["key_a"].tolist()), "b": map(track_name, told.meetings["key_b"].tolist()),
        **{name: told.meetings[name].tolist() for name in _OF_MEETING},
        **{name: told.figures[name].tolist() for name in told.figures.dtype.names or ()},
        **{name: told.rows[name].tolist() for name in ("published_us", "ended_by", "piece", "pieces")},
    }  # fmt: skip
    found = [_rendezvous(dict(zip(columns, row, strict=True)), pieces) for row in zip(*columns.values(), strict=True)]
    return sorted(found, key=lambda one: (one.published_us, one.id))


_OF_MEETING = ("mmsi_a", "mmsi_b", "start_us", "end_us", "seconds_us", "sightings", "least_m")


def _rendezvous(row: dict[str, Any], pieces: list[Interval]) -> Rendezvous:
    start_us, ended_by = whole_second(row["start_us"]), ENDED_BY[row["ended_by"]]
    observed_us, inferred_us, dark_us = row["seconds_us"]
    return Rendezvous(
        id=derived_id("rv", row["a"], row["b"], start_us // US), track_a=row["a"], track_b=row["b"],
        mmsi_a=row["mmsi_a"], mmsi_b=row["mmsi_b"], phase="ended" if ended_by else "ongoing", start_us=start_us,
        end_us=whole_second(row["end_us"]), published_us=row["published_us"], lat=round(row["lat"], 5),
        lon=round(row["lon"], 5), observed_s=observed_us // US, inferred_s=inferred_us // US, dark_s=dark_us // US,
        joint_sightings=row["sightings"], min_distance_m=round(row["least_m"]),
        median_distance_m=round(row["median_m"]), hull_gap_m=_whole(row["gap_m"]),
        heading_difference_deg=_whole(row["angle_deg"]), alongside=None if row["beside"] < 0 else row["beside"] == 1,
        median_speed_kn=_rounded(row["speed_kn"]), relative_speed_kn=_rounded(row["relative_kn"]),
        settled=row["settled"] == 1, intervals=tuple(pieces[row["piece"] : row["piece"] + row["pieces"]]),
        ended_by=ended_by,
    )  # fmt: skip


def _whole(value: float) -> int | None:
    return None if math.isnan(value) else round(value)


def _rounded(value: float) -> float:
    return value if math.isnan(value) else round(value, 1)
