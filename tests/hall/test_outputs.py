"""The four files of a replay, and events as GeoDataFrames."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from alerts.incident import Alert
from shipwatch.engine.detections import Gap, Rendezvous
from shipwatch.event_frames import (
    GAP_COLUMNS,
    RENDEZVOUS_COLUMNS,
    event_frame,
    event_geometry,
    gap_frame,
    gap_record,
    rendezvous_frame,
)
from shipwatch.outputs import FILES, alerts_jsonl, newest, write_outputs


def test_the_four_files_are_written_and_nothing_else(
    tmp_path: Path, meeting: Rendezvous, silences: tuple[Gap, Gap], make_alert: Callable[..., Alert]
) -> None:
    """alerts.jsonl, events.parquet, events.geojson, run.json; the same bytes on a second write."""

    def write(folder: str) -> list[bytes]:
        paths = write_outputs(
            tmp_path / folder, alerts=[make_alert()], rendezvous=[meeting], gaps=silences, run={"b": 1, "a": "ä"}
        )
        assert sorted(p.name for p in (tmp_path / folder).iterdir()) == sorted(FILES)
        return [path.read_bytes() for path in paths]

    assert write("one") == write("two")


def test_alerts_are_newest_revisions_by_start_then_id(make_alert: Callable[..., Alert]) -> None:
    """One object a line, whatever the order of arrival."""
    some = [make_alert("b"), make_alert("a", 2), make_alert("a", 1), make_alert("c", start_us=0)]
    got = [json.loads(line) for line in alerts_jsonl(some).splitlines()]
    assert [(alert["id"], alert["revision"]) for alert in got] == [("c", 1), ("a", 2), ("b", 1)]
    assert newest(reversed(some)) == newest(some)


def test_geoparquet_reads_back(tmp_path: Path, meeting: Rendezvous, silences: tuple[Gap, Gap]) -> None:
    """Geometry, coordinate system, UTC times and nullable columns survive."""
    write_outputs(tmp_path, alerts=[], rendezvous=[meeting], gaps=silences, run={})
    frame = gpd.read_parquet(tmp_path / "events.parquet")
    assert frame.crs == "EPSG:4326"
    assert list(frame["kind"]) == ["gap", "rendezvous", "gap"]
    assert frame["start"].dt.tz is not None
    row = frame[frame["id"] == "rv-1"].iloc[0]
    assert row["start"] == pd.Timestamp("2025-03-14T08:00:00Z")
    assert [piece["kind"] for piece in json.loads(row["intervals"])] == ["observed", "inferred"]
    assert frame[frame["id"] == "gap-2"]["end"].isna().all()


def test_geojson_is_a_feature_collection(tmp_path: Path, meeting: Rendezvous, silences: tuple[Gap, Gap]) -> None:
    """One feature an event; geopandas reads it."""
    write_outputs(tmp_path, alerts=[], rendezvous=[meeting], gaps=silences, run={})
    read = json.loads((tmp_path / "events.geojson").read_text())
    assert [feature["id"] for feature in read["features"]] == ["gap-1", "rv-1", "gap-2"]
    assert read["features"][1]["geometry"] == {"type": "Point", "coordinates": [123.54321, 30.12345]}
    assert len(gpd.read_file(tmp_path / "events.geojson")) == 3


def test_a_gap_across_180_degrees_is_cut_there(silences: tuple[Gap, Gap]) -> None:
    """Two pieces that meet at the seam at one latitude; an open gap is a point."""
    geometry = event_geometry(gap_record(silences[0]))
    assert geometry["type"] == "MultiLineString"
    assert geometry["coordinates"] == [[[179.5, 10.0], [180.0, 10.25]], [[-180.0, 10.25], [-179.5, 10.5]]]
    assert event_geometry(gap_record(silences[1]))["type"] == "Point"


def test_no_events_keep_all_columns(tmp_path: Path) -> None:
    """Empty frames have every column with its type, and empty files read back."""
    for frame, columns in ((rendezvous_frame([]), RENDEZVOUS_COLUMNS), (gap_frame([]), GAP_COLUMNS)):
        assert list(frame.columns) == [*columns, "geometry"]
        assert str(frame["start"].dt.tz) == "UTC"
        assert frame.crs == "EPSG:4326"
    write_outputs(tmp_path, alerts=[], rendezvous=[], gaps=[], run={})
    assert len(gpd.read_parquet(tmp_path / "events.parquet")) == 0
    assert json.loads((tmp_path / "events.geojson").read_text())["features"] == []
    assert (tmp_path / "alerts.jsonl").read_text() == ""


def test_frames_hold_what_was_found(meeting: Rendezvous, silences: tuple[Gap, Gap]) -> None:
    """Values, missing values and geometry of one row each."""
    row: Any = rendezvous_frame([meeting]).iloc[0]
    assert (row["observed_s"], row["hull_gap_m"], bool(row["alongside"])) == (9000, 4, True)
    gaps = gap_frame(silences)
    assert gaps["distance_m"].isna().tolist() == [False, True]
    assert set(event_frame([meeting], silences)["kind"]) == {"gap", "rendezvous"}
