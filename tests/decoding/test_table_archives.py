"""The archives that people have: each described format on rows made up here, as text and as Parquet."""

from __future__ import annotations

import json
import math
import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from decoders.errors import UnknownFormat, UnreadableInput
from decoders.reading import read
from decoders.reports import Batch, PositionReports, StaticReports, add_counts

AT_US = int(datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()) * 1_000_000


def whole(path: Path, format: str | None = None) -> tuple[PositionReports, StaticReports, dict[str, int]]:
    """All of a file."""
    kept: list[Batch] = list(read(path, format))
    lines: dict[str, int] = {}
    for batch in kept:
        add_counts(lines, batch.lines)
    positions = PositionReports.concat(batch.positions for batch in kept)
    return positions, StaticReports.concat(batch.statics for batch in kept), lines


TEXTS = {
    "kystverket": (
        "mmsi;lon;lat;date_time_utc;sog;cog;true_heading;nav_status;rot;message_nr;source\n"
        "257000001;7.5;63.25;2020-01-02 03:04:05;0.5;59.5;511;-99;0;18;g\n"
    ),
    "helcom": (
        "timestamp_pretty,timestamp,msgid,targetType,mmsi,lat,long,posacc,sog,cog,draught,name,dimBow\n"
        "02/01/2020 03:04:05,1577934245000,18,A,257000001,63.25,7.5,0,0.5,59.5,4.5,ROVER,50\n"
    ),
    "global_fishing_watch": (
        "seg_id,ssvid,timestamp,lat,lon,speed,course\nx,257000001,2020-01-02 03:04:05 UTC,63.25,7.5,0.5,59.5\n"
    ),
    "aishub_csv": (
        "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT,IMO,NAME,CALLSIGN,TYPE,A,B,C,D,DRAUGHT,DEST,ETA\n"
        "257000001,\"2020-01-02 03:04:05 GMT\",63.25,7.5,59.5,0.5,511,15,9074729,ROVER,PABC,80,50,0,3,4,4.5,OSLO,\n"
    ),
    "spire": (
        "created_at,timestamp,mmsi,msg_type,latitude,longitude,speed,course,heading,rot,imo,name\n"
        "x,2020-01-02T03:04:05Z,257000001,18,63.25,7.5,0.5,59.5,511,,,\n"
        "x,2020-01-02T03:04:05.000Z,257000001,5,,,,,,,9074729,ROVER\n"
    ),
    "un_global_platform": (
        "mmsi,imo,vessel_name,length,width,longitude,latitude,sog,cog,heading,nav_status,source,dt_pos_utc\n"
        "257000001,9074729,ROVER,50,7,7.5,63.25,0.5,59.5,511,Moored,T-AIS,2020-01-02 03:04:05\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_each_archive_is_recognised_and_read(tmp_path: Path, name: str):
    """By its header alone; latitude and longitude in the publisher's order, the time in the publisher's form."""
    path = tmp_path / "rows.csv"
    path.write_text(TEXTS[name])
    positions, statics, lines = whole(path)
    assert positions.time_us.tolist() == [AT_US] and positions.mmsi.tolist() == [257000001]
    assert (positions.lat_deg[0], positions.lon_deg[0], positions.sog_kn[0], positions.cog_deg[0]) == (
        63.25,
        7.5,
        0.5,
        59.5,
    )
    assert math.isnan(positions.heading_deg[0]) and positions.nav_status.tolist() == [-1]
    assert sum(count for kind, count in lines.items() if kind.startswith("refused")) == 0
    if "ROVER" in TEXTS[name]:
        assert set(statics.name.tolist()) == {"ROVER"}


def test_aishub_in_raw_units_is_refused(tmp_path: Path):
    """With format=0 the service gives ten-thousandths of minutes and a count of seconds: none are taken for degrees."""
    path = tmp_path / "raw.csv"
    path.write_text(
        "MMSI,TSTAMP,LATITUDE,LONGITUDE,COG,SOG,HEADING,NAVSTAT\n257000001,1577934245,37950000,4500000,595,5,511,15\n"
    )
    positions, _, lines = whole(path)
    assert len(positions) == 0 and lines == {"comment": 1, "refused:bad_time": 1}


def test_craft_ids_are_not_taken_for_ships(tmp_path: Path):
    """AMSA's craft tracking has numbers of its own: it is refused, and the message says why."""
    path = tmp_path / "cts.csv"
    path.write_text("CRAFT_ID,LON,LAT,COURSE,SPEED,TYPE,SUBTYPE,LENGTH,BEAM,DRAUGHT,TIMESTAMP\n1,2,3,4,5,6,7,8,9,0,x\n")
    with pytest.raises(UnknownFormat, match="no MMSI"):
        whole(path)


def test_an_unknown_table_is_told_by_its_columns(tmp_path: Path):
    """The message lists the columns and says how to have them read, for text and for Parquet."""
    (tmp_path / "a.csv").write_text("ship;when;north;east\n1;2;3;4\n")
    with pytest.raises(UnknownFormat, match=r"ship, when, north, east; .*formats/<name>\.toml"):
        whole(tmp_path / "a.csv")
    pq.write_table(pa.table({"ship": [1], "north": [2.5]}), tmp_path / "a.parquet")
    with pytest.raises(UnknownFormat, match=r"columns ship, north.*formats/<name>\.toml"):
        whole(tmp_path / "a.parquet")
    with pytest.raises(
        UnreadableInput, match=r"no column 'TransceiverClass'|no column '\w+', which format marinecadastre"
    ):
        whole(tmp_path / "a.parquet", "marinecadastre")


TYPES = {"BaseDateTime": pa.timestamp("s"), "MMSI": pa.int64(), "LAT": pa.float64(), "LON": pa.float64()}


def marinecadastre(path: Path, *, typed: bool, zone: str | None = None) -> None:
    """Three rows, stored as numbers and timestamps or all as text."""
    rows = {
        "MMSI": [257000001, 257000002, 257000001], "BaseDateTime": [1577934245, 1577934246, None],
        "LAT": [63.25, 91.0, 63.5], "LON": [7.5, 181.0, 7.75], "SOG": [0.5, None, 1], "COG": [59.5, 360.0, 2],
        "Heading": [511.0, 12, 3], "VesselName": ["ROVER", "ÆRØ", None], "IMO": ["IMO9074729", "", None],
        "CallSign": ["PABC", None, "X"], "VesselType": [80, None, 0], "Length": [50, None, 1], "Width": [7, None, 1],
        "Status": [15, 5, None], "TransceiverClass": ["A", "B", None],
    }  # fmt: skip
    if typed:
        kinds = {name: pa.timestamp("s", zone) if name == "BaseDateTime" else None for name in rows}
        columns = {name: pa.array(values, kinds[name]) for name, values in rows.items()}
        columns["TransceiverClass"] = columns["TransceiverClass"].dictionary_encode()
    else:
        rows["BaseDateTime"] = ["2020-01-02T03:04:05", "2020-01-02 03:04:06", ""]
        columns = {name: pa.array(["" if v is None else str(v) for v in values]) for name, values in rows.items()}
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize(("typed", "zone"), [(True, None), (True, "UTC"), (True, "Europe/Oslo"), (False, None)])
def test_parquet_is_a_table_like_any_other(tmp_path: Path, typed: bool, zone: str | None):
    """Stored as numbers or as text, rows become what the same rows in a text table become."""
    marinecadastre(tmp_path / "day.parquet", typed=typed, zone=zone)
    positions, statics, lines = whole(tmp_path / "day.parquet")
    assert lines == {"read": 2, "refused:bad_time": 1}
    assert (
        positions.time_us.tolist() == [AT_US]
        and positions.msg_type.tolist() == [1]
        and positions.offset.tolist() == [0]
    )
    assert (positions.lat_deg[0], positions.lon_deg[0], positions.sog_kn[0]) == (63.25, 7.5, 0.5)
    assert statics.name.tolist() == ["ROVER", "ÆRØ"] and statics.imo.tolist() == [9074729, 0]
    assert statics.to_bow_m.tolist()[:1] == [25] and statics.offset.tolist() == [0, 1]


KINDS = {
    "text": pa.string(), "large": pa.large_string(), "bytes": pa.binary(), "view": pa.string_view(),
    "words": pa.dictionary(pa.int8(), pa.string()),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept_apart", [True, False], ids=["dictionary pages", "plain pages"])
def test_words_of_parquet_however_they_are_stored(tmp_path: Path, kind: str, kept_apart: bool):
    """A column of words, with rows that have none, and with bytes that are no text: the same classes and names."""
    rows = 300
    words = [(None, b"A", b"B", b"nonsense", b"")[i % 5] for i in range(rows)]
    names = [(b"ROVER", None, "ÆRØ".encode(), b"BAD \xff")[i % 4] for i in range(rows)]
    columns = {
        "MMSI": [257_000_000 + i for i in range(rows)], "BaseDateTime": ["2020-01-02T03:04:05"] * rows,
        "LAT": [1.5] * rows, "LON": [2.5] * rows, "SOG": ["0.5"] * rows, "COG": [1.0] * rows, "Heading": [2] * rows,
        "VesselName": pa.array(names, pa.binary()), "IMO": [None] * rows, "CallSign": [""] * rows,
        "VesselType": ["80", None, "0"] * (rows // 3), "Length": [1] * rows, "Width": [1] * rows,
        "TransceiverClass": pa.array(words, pa.binary()),
    }  # fmt: skip
    for name in ("VesselName", "TransceiverClass"):
        if kind == "words":
            text = columns[name].dictionary_encode()
            columns[name] = pa.DictionaryArray.from_arrays(
                text.indices.cast(pa.int8()), text.dictionary.view(pa.string())
            )
        elif kind == "large":
            columns[name] = columns[name].cast(pa.large_binary()).view(pa.large_string())
        elif kind != "bytes":
            columns[name] = columns[name].view(pa.string())
            columns[name] = columns[name].cast(KINDS[kind]) if kind == "view" else columns[name]
    pq.write_table(pa.table(columns), tmp_path / "day.parquet", use_dictionary=kept_apart, row_group_size=70)
    positions, statics, lines = whole(tmp_path / "day.parquet", "marinecadastre")
    assert lines == {"read": rows}
    assert positions.msg_type.tolist() == [(0, 1, 18, 0, 0)[i % 5] for i in range(rows)]
    assert statics.name.tolist() == [("ROVER", "", "ÆRØ", "BAD \ufffd")[i % 4] for i in range(rows)]
    assert statics.ship_type.tolist() == [80, 0, 0] * (rows // 3)


def test_points_of_geoparquet_are_longitude_and_latitude(tmp_path: Path):
    """x is longitude; rows without a point have no position; a projection is an error, not a guess."""

    def point(x: float, y: float) -> bytes:
        return struct.pack("<BIdd", 1, 1, x, y)

    def store(crs: object) -> Path:
        table = pa.table({
            "mmsi": [257000001, 257000002], "base_date_time": pa.array([1577934245] * 2, pa.timestamp("s")),
            "sog": [0.5, 1.0], "cog": [59.5, 2.0], "heading": [511, 3], "geometry": [point(7.5, 63.25), b"rubbish"],
        })  # fmt: skip
        column = {"encoding": "WKB", "geometry_types": ["Point"]} | ({} if crs is None else {"crs": crs})
        geo = json.dumps({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}})
        path = tmp_path / "points.parquet"
        pq.write_table(table.replace_schema_metadata({"geo": geo}), path)
        return path

    positions, _, lines = whole(store(None))
    assert (positions.lat_deg.tolist(), positions.lon_deg.tolist()) == ([63.25], [7.5])
    assert lines == {"read": 1, "refused:position_not_available": 1}
    assert len(whole(store({"id": {"authority": "EPSG", "code": 4326}}))[0]) == 1
    with pytest.raises(UnreadableInput, match="projection"):
        whole(store({"id": {"authority": "EPSG", "code": 3857}}))


def test_statics_may_be_left_out(tmp_path: Path):
    """Without them the positions are the same, and a row that has only a name is refused for its position."""
    marinecadastre(tmp_path / "day.parquet", typed=True)
    (batch,) = read(tmp_path / "day.parquet", statics=False)
    assert len(batch.statics) == 0 and len(batch.positions) == 1
    assert batch.lines == {"read": 1, "refused:bad_time": 1, "refused:position_not_available": 1}
    assert batch.first_places == {"refused:bad_time": 2, "refused:position_not_available": 1}


def test_first_places_of_refusals_are_told(tmp_path: Path):
    """The byte offset of the first line of each refused class, wherever blocks are cut."""
    head, good = TEXTS["kystverket"].splitlines(keepends=True)
    rows = [head, good, good.replace("2020-01-02", "2020-13-02"), "1;2\n", good.replace("63.25", "x"), "1;2\n",
            good.replace("63.25", "95")]  # fmt: skip
    path = tmp_path / "rows.csv"
    path.write_text("".join(rows))
    starts = np.cumsum([0, *map(len, rows)]).tolist()
    wanted = {"bad_time": 2, "wrong_field_count": 3, "bad_value": 4, "position_out_of_range": 6}
    for block_bytes in (1, 1 << 20):
        found: dict[str, int] = {}
        for batch in read(path, block_bytes=block_bytes):
            found = {**batch.first_places, **found}
        assert found == {f"refused:{reason}": starts[row] for reason, row in wanted.items()}
