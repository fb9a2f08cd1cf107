"""Tests of what the rows of each table format become, on rows made up here."""

from __future__ import annotations

import gzip
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from decoders.errors import UnreadableInput
from decoders.reading import read_file
from decoders.reports import Batch
from decoders.tables import read_table

OLD = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n"  # noqa: E501
NEW = "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type,status,length,width,draft,cargo,transceiver\n"  # noqa: E501
DMA = "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type,A,B,C,D\n"  # noqa: E501
HOUR = "logs/AIS_SBARC_180601-00.txt.gz"


def decode(text: str | bytes, name: str, file_name: str = "rows.csv") -> Batch:
    """All of the text as one block."""
    raw = text.encode() if isinstance(text, str) else text
    (batch,) = read_table([(0, raw)], name, file_name=file_name)
    assert batch.total_lines() == len(raw.splitlines())
    return batch


def micros(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc, arg-type]


def test_marinecadastre_row_gives_position_and_static():
    """A full row of the old layout: UTC time, tenths, IMO prefix, antenna amidships, status as float text."""
    row = "244660000,2022-01-03T23:59:58,33.5,-117.25,7.5,359.9,511,SEA ROVER,IMO9074729,PABC,80,8.0,183,32,10.5,80,A\n"
    batch = decode(OLD + row, "marinecadastre")
    p, s = batch.positions, batch.statics
    assert p.time_us.tolist() == [micros(2022, 1, 3, 23, 59, 58)] and p.mmsi.tolist() == [244660000]
    assert (p.lat_deg[0], p.lon_deg[0], p.sog_kn[0]) == (33.5, -117.25, 7.5) and math.isnan(p.heading_deg[0])
    assert p.nav_status.tolist() == [8] and p.msg_type.tolist() == [1] and p.offset.tolist() == [len(OLD)]
    assert (s.imo[0], s.name[0], s.callsign[0], s.ship_type[0]) == (9074729, "SEA ROVER", "PABC", 80)
    assert (s.to_bow_m[0], s.to_stern_m[0], s.to_port_m[0], s.to_starboard_m[0]) == (91.5, 91.5, 16, 16)
    assert s.draught_m[0] == 10.5 and s.offset.tolist() == [len(OLD)]
    assert dict(batch.lines) == {"comment": 1, "read": 1} and dict(batch.messages) == {0: 1}


def test_marinecadastre_2025_has_longitude_first():
    """The new layout puts longitude before latitude and a space into the time."""
    row = "244660000,2025-01-03 00:00:01,-117.25,33.5,7.5,359.9,95,SEA ROVER,IMO9074729,PABC,80,0,183,32,10.5,80,B\n"
    p = decode(NEW + row, "marinecadastre_2025").positions
    assert (p.lat_deg[0], p.lon_deg[0]) == (33.5, -117.25) and p.msg_type.tolist() == [18]
    assert p.time_us.tolist() == [micros(2025, 1, 3, 0, 0, 1)]


def test_empty_fields_are_not_available():
    """A row with little more than a position gives a position and no static report."""
    batch = decode(OLD + "244660000,2022-01-03T00:00:00,33.5,-117.25,,,,,,,,,,,,,\n", "marinecadastre")
    p = batch.positions
    assert math.isnan(p.sog_kn[0]) and math.isnan(p.cog_deg[0]) and p.nav_status[0] == -1 and p.msg_type[0] == 0
    assert len(batch.statics) == 0 and batch.lines["read"] == 1


def test_quoted_fields_may_hold_delimiters_and_quotes():
    """Commas and doubled quotes inside a quoted name belong to the name; odd quotes are taken as csv readers do."""
    rows = (
        '244660000,2022-01-03T00:00:00,33.5,-117.25,0,0,0,"ROVER, THE ""OLD""",,,,,,,,,A\n'
        '244660001,2022-01-03T00:00:00,33.5,-117.25,0,0,0,BIG "O" TOO,,,,,,,,,A\n'
        '"244660002","2022-01-03T00:00:00","33.5","-117.25","0","0","0","PLAIN","","","","","","","","","A"\n'
        '244660003,2022-01-03T00:00:00,33.5,-117.25,0,0,0,"UNCLOSED,,,,,,,,,A\n'
        "244660004,2022-01-03T00:00:00,33.5,-117.25,0,0,0,AFTER,,,,,,,,,A\n"
    )
    batch = decode(OLD + rows, "marinecadastre")
    names = dict(zip(batch.statics.mmsi.tolist(), batch.statics.name.tolist(), strict=True))
    assert names == {244660000: 'ROVER, THE "OLD"', 244660001: 'BIG "O" TOO', 244660002: "PLAIN", 244660004: "AFTER"}
    assert batch.lines == {"comment": 1, "read": 4, "refused:wrong_field_count": 1}
    assert batch.positions.mmsi.tolist() == [244660000, 244660001, 244660002, 244660004]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("244660000,2022-01-03T00:00:00,33.5,-117.25,0,0\n", "wrong_field_count"),
        ("244660000,2022-02-30T00:00:00,33.5,-117.25,0,0,0,,,,,,,,,,A\n", "bad_time"),
        ("244660000,2022-01-03T24:00:00,33.5,-117.25,0,0,0,,,,,,,,,,A\n", "bad_time"),
        ("244660000,,33.5,-117.25,0,0,0,,,,,,,,,,A\n", "bad_time"),
        ("244660000,03.01.2022 00:00:00,33.5,-117.25,0,0,0,,,,,,,,,,A\n", "bad_time"),
        ("244660000,2022-01-03T00:00:00,33x5,-117.25,0,0,0,NAME,,,,,,,,,A\n", "bad_value"),
        ("244660000,2022-01-03T00:00:00,33.5,-117.25,0,0,north,,,,,,,,,,A\n", "bad_value"),
        ("24466000.5,2022-01-03T00:00:00,33.5,-117.25,0,0,0,,,,,,,,,,A\n", "bad_value"),
        ("244660000,2022-01-03T00:00:00,91.0,181.0,0,0,0,,,,,,,,,,A\n", "position_not_available"),
        ("244660000,2022-01-03T00:00:00,95.5,-117.25,0,0,0,,,,,,,,,,A\n", "position_out_of_range"),
        ("0,2022-01-03T00:00:00,33.5,-117.25,0,0,0,NAME,,,,,,,,,A\n", "mmsi_out_of_range"),
        (",2022-01-03T00:00:00,33.5,-117.25,0,0,0,NAME,,,,,,,,,A\n", "mmsi_out_of_range"),
    ],
)
def test_bad_rows_are_refused_by_name_and_leave_their_neighbours_alone(row: str, reason: str):
    """One bad row between two good ones: it is counted under its reason, they are read."""
    good = "244660009,2022-01-03T00:00:00,33.5,-117.25,0.5,10,20,,,,,,,,,,A\n"
    batch = decode(OLD + good + row + good, "marinecadastre")
    assert dict(batch.lines) == {"comment": 1, "read": 2, f"refused:{reason}": 1}
    assert batch.positions.mmsi.tolist() == [244660009] * 2 and batch.positions.sog_kn.tolist() == [0.5] * 2
    assert batch.positions.offset.tolist() == [len(OLD), len(OLD + good + row)]
    assert sum(batch.messages.values()) == 2


def test_static_part_of_a_row_without_position_is_used():
    """A row whose position is not available still tells the ship's name, and counts as read."""
    row = "244660000,2022-01-03T00:00:00,91.0,181.0,0,0,0,SEA ROVER,,,,,,,,,A\n"
    batch = decode(OLD + row, "marinecadastre")
    assert len(batch.positions) == 0 and batch.statics.name.tolist() == ["SEA ROVER"]
    assert dict(batch.lines) == {"comment": 1, "read": 1}


def test_statics_are_given_when_they_change_and_each_hour():
    """A table that repeats the identity on every row gives it once, when it changes, and once an hour."""

    def row(clock: str, name: str) -> str:
        return f"244660000,2022-01-03T{clock},33.5,-117.25,0,0,0,{name},,,,,,,,,A\n"

    rows = [
        ("00:00:00", "A"),
        ("00:10:00", "A"),
        ("00:20:00", "B"),
        ("00:30:00", "B"),
        ("01:00:00", "B"),
        ("01:01:00", ""),
    ]
    batch = decode(OLD + "".join(row(*one) for one in rows), "marinecadastre")
    assert batch.statics.name.tolist() == ["A", "B", "B"] and len(batch.positions) == 6


def test_byte_order_mark_crlf_blank_lines_and_a_second_header():
    """Files put one after another, Windows line ends and blank lines are read; every line is counted."""
    row = "244660000,2022-01-03T00:00:00,33.5,-117.25,0,0,0,NAME,,,,,,,,,A\n"
    text = ("\ufeff" + OLD + row + "\n  \n" + OLD + row).replace("\n", "\r\n").encode() + b"\r\n"
    batch = decode(text, "marinecadastre")
    assert dict(batch.lines) == {"comment": 2, "blank": 3, "read": 2}
    assert batch.positions.offset.tolist()[0] == len(OLD) + 1 + 3


def test_a_later_header_may_bring_another_order_of_columns():
    """A header line in the middle of the input is obeyed from there on."""
    other = OLD.replace("LAT,LON", "LON,LAT")
    one = "244660000,2022-01-03T00:00:00,33.5,-117.25,0,0,0,,,,,,,,,,A\n"
    two = "244660000,2022-01-03T00:00:00,-117.25,33.5,0,0,0,,,,,,,,,,A\n"
    assert decode(OLD + one + other + two, "marinecadastre").positions.lat_deg.tolist() == [33.5, 33.5]


def test_header_without_a_needed_column_is_an_error_with_its_name():
    """An input that lacks a column cannot be read at all; the message names file and column."""
    with pytest.raises(UnreadableInput, match=r"rows\.csv: .*'LON'"):
        decode(OLD.replace(",LON", ",LONG"), "marinecadastre")
    with pytest.raises(UnreadableInput, match="'CallSign'"):
        decode(OLD.replace("CallSign", "Sign"), "marinecadastre")


def test_danish_row_with_words_and_antenna_place():
    """Day before month, words for status and type, A-D with an empty zero, "Unknown" as not available."""
    rows = (
        '03/12/2025 10:00:00,Class A,219000001,55.5,11.25,Moored,,0.1,,90,9074729,OXAB,SEA ROVER,Tanker,Category X,14,90,GPS,4.6,"AARHUS, DK",,AIS,77,13,7,7\n'  # noqa: E501
        "03/12/2025 10:00:00,Class B,219000002,55.5,11.25,Unknown value,,,,,Unknown,Unknown,,Undefined,,6,20,GPS,,Unknown,,AIS,20,,3,3\n"  # noqa: E501
        "03/12/2025 10:00:00,Class A,219000003,55.5,11.25,Under way sailing,,,,,Unknown,Unknown,,Sailing,,4,10,GPS,,Unknown,,AIS,,,,\n"  # noqa: E501
        "03/12/2025 10:00:00,Base Station,2190001,55.5,11.25,Unknown value,,,,,Unknown,Unknown,,Undefined,,,,GPS,,Unknown,,AIS,,,,\n"  # noqa: E501
        "03/12/2025 10:00:00,AtoN,992190001,55.5,11.25,Unknown value,,,,,Unknown,Unknown,BUOY,Undefined,,,,GPS,,Unknown,,AIS,1,1,1,1\n"  # noqa: E501
    )
    batch = decode(DMA + rows, "danish_dma")
    p, s = batch.positions, batch.statics
    assert set(p.time_us.tolist()) == {micros(2025, 12, 3, 10)}
    assert p.mmsi.tolist() == [219000001, 219000002, 219000003] == s.mmsi.tolist()
    assert p.nav_status.tolist() == [5, -1, 8] and p.msg_type.tolist() == [1, 18, 1]
    assert s.ship_type.tolist() == [80, 0, 36] and s.imo.tolist() == [9074729, 0, 0]
    assert s.callsign.tolist() == ["OXAB", "", ""] and s.destination.tolist() == ["AARHUS, DK", "", ""]
    assert s.to_bow_m.tolist() == [77, 20, 5] and s.to_stern_m.tolist() == [13, 0, 5]
    assert s.to_port_m.tolist() == [7, 3, 2] and s.to_starboard_m.tolist() == [7, 3, 2]
    assert dict(batch.lines) == {"comment": 1, "read": 5}


def test_danish_rows_before_the_antenna_columns_and_repeats():
    """The 22 column form reads too; exact repeats are kept as positions and give one static report."""
    header = DMA.replace(",A,B,C,D", "")
    row = "03/12/2025 10:00:00,Class A,219000001,55.5,11.25,Moored,,0.1,,90,9074729,OXAB,ROVER,HSC,,14,90,,4.6,X,,AIS\n"
    batch = decode(header + row * 3, "danish_dma")
    assert len(batch.positions) == 3 and len(batch.statics) == 1
    assert batch.statics.to_bow_m.tolist() == [45] and batch.statics.ship_type.tolist() == [40]


def socal(clock: str, rest: str) -> str:
    return f"{clock};{rest}\r\n"


A_ROW = "SEA ROVER;80;98.6;148.1;1;0;244660000;3;253;7.5;0;-118.5;33.25;396.9;300;14;0;0;0;0;0;22"
B_ROW = "DINGHY;0;30.8;116.4;18;0;338000001;0;4.5;0;-119.25;34.125;90.5;511;61;0;1;0;1;1;1;0;0;1"
STATIC = "5;0;244660000;0;9074729;PABC;SEA ROVER;80;230;44;30;18;1;396480;155;LONG BEACH;0"


def test_socal_positions_of_both_classes():
    """Class A and class B rows keep their own columns; what the logger knew of the ship rides on them."""
    batch = decode(socal("00:00:01:250", A_ROW) + socal("00:00:02:000", B_ROW), "socal_log", HOUR)
    p = batch.positions
    assert p.time_us.tolist() == [micros(2018, 6, 1) + 1_250_000, micros(2018, 6, 1) + 2_000_000]
    assert p.lon_deg.tolist() == [-118.5, -119.25] and p.lat_deg.tolist() == [33.25, 34.125]
    assert p.msg_type.tolist() == [1, 18] and p.nav_status.tolist() == [3, -1] and p.utc_second.tolist() == [14, -1]
    assert p.sog_kn.tolist() == [7.5, 4.5] and math.isnan(p.cog_deg[0]) and p.cog_deg[1] == 90.5
    assert p.heading_deg[0] == 300 and math.isnan(p.heading_deg[1])
    assert len(batch.statics) == 2 and np.isnan(batch.statics.to_bow_m).all() and batch.statics.imo.tolist() == [0, 0]
    assert dict(batch.messages) == {1: 1, 18: 1}


def test_socal_statics_with_semicolons_in_their_texts():
    """Type 5 and both parts of type 24, also where a name, destination or vendor holds the delimiter."""
    rows = [
        STATIC,
        STATIC.replace("SEA ROVER", "SEA;ROVER"),
        STATIC.replace("LONG BEACH", "LONG BEACH; AVALON"),
        "24;0;338000001;0;DINGHY;0;;;0;0;0;0;0",
        "24;0;338000001;1;;37;VENDOR;WDB0001;6;7;3;2;0",
        "24;0;338000001;1;;37;VEN;DOR;WDB0001;6;7;3;2;0",
        "24;0;338000001;0;DIN;GHY;0;;;0;0;0;0;0",
        "24;0;338000001;7;;37;VENDOR;WDB0001;6;7;3;2;0",
    ]
    batch = decode("".join(socal("00:00:01:250", row) for row in rows), "socal_log", HOUR)
    s = batch.statics
    # The sixth row says what the fifth said, whatever stands in the vendor: one of them is given.
    assert s.name.tolist() == ["SEA ROVER", "SEA;ROVER", "SEA ROVER", "DINGHY", "", "DIN;GHY"]
    assert s.destination.tolist()[:3] == ["LONG BEACH", "LONG BEACH", "LONG BEACH; AVALON"]
    assert s.draught_m.tolist()[:3] == [15.5] * 3 and s.imo.tolist()[:4] == [9074729] * 3 + [0]
    assert s.to_bow_m.tolist()[:3] == [230] * 3 and s.to_starboard_m[4] == 2
    assert s.callsign.tolist()[:5] == ["PABC"] * 3 + ["", "WDB0001"] and s.ship_type[4] == 37
    assert dict(batch.lines) == {"read": 7, "refused:unknown_record": 1}


def test_socal_rows_take_the_day_nearest_to_the_files_hour():
    """23:59 in the file of hour 00 was the day before; 00:00 in the file of hour 23 is the day after."""
    batch = decode(socal("23:59:59:900", A_ROW) + socal("01:00:00:100", A_ROW), "socal_log", HOUR)
    midnight = micros(2018, 6, 1)
    assert batch.positions.time_us.tolist() == [midnight - 100_000, midnight + 3_600_100_000]
    late = decode(socal("00:00:00:100", A_ROW), "socal_log", "a.zip:AIS_SBARC_181231-23.txt")
    assert late.positions.time_us.tolist() == [micros(2019, 1, 1) + 100_000]


@pytest.mark.parametrize("name", ["standard input", "rows.txt", "AIS_SBARC_181331-23.txt", "AIS_SBARC_180230-01.txt"])
def test_socal_without_a_date_in_the_file_name_is_an_error(name: str):
    """Rows with only the time of day cannot be dated without the file's name."""
    with pytest.raises(UnreadableInput, match="file name"):
        decode(socal("00:00:01:250", A_ROW), "socal_log", name)


def test_exactearth_message_rows():
    """Fully quoted rows, seconds and milliseconds in two columns, "None" as not available, decimetres of draught."""
    names = [
        "MMSI", "Message_ID", "Time", "Millisecond", "Vessel_Name", "Call_sign", "IMO", "Ship_Type", "Dimension_to_Bow",
        "Dimension_to_stern", "Dimension_to_port", "Dimension_to_starboard", "Draught", "Destination",
        "Navigational_status", "SOG", "Longitude", "Latitude", "COG", "Heading", "UTC_second",
    ]  # fmt: skip

    def row(**given: object) -> str:
        base = {"MMSI": "244660000", "Time": "20210701_185151", "Millisecond": "680"}
        return ",".join(f'"{(base | given).get(name, "")}"' for name in names) + "\n"

    text = ",".join(names) + "\n"
    text += row(Message_ID=1, Latitude=8.5, Longitude=-103.5, SOG=13.6, COG="None", Heading="None", UTC_second=48)
    text += row(Message_ID=5, Vessel_Name="SEA ROVER, OLD  ", IMO=9074729, Draught=87, Dimension_to_Bow=182)
    text += row(Message_ID=4, Latitude=8.5, Longitude=-103.5, MMSI=5030133)
    text += row(Message_ID="x", Latitude=8.5, Longitude=-103.5)
    text += row(Message_ID=27, Latitude=8.5, Longitude=-103.5, SOG=63)
    batch = decode(text, "exactearth")
    assert batch.positions.time_us[0] == micros(2021, 7, 1, 18, 51, 51) + 680_000
    assert math.isnan(batch.positions.cog_deg[0]) and batch.positions.utc_second.tolist() == [48, -1]
    assert math.isnan(batch.positions.sog_kn[1])
    assert batch.statics.name.tolist() == ["SEA ROVER, OLD"] and batch.statics.draught_m[0] == pytest.approx(8.7)
    assert dict(batch.lines) == {"comment": 1, "read": 4, "refused:bad_value": 1}
    assert dict(batch.messages) == {1: 1, 4: 1, 5: 1, 27: 1}


def test_packed_tables_decode_through_the_door(tmp_path: Path):
    """A gzipped log is unpacked, recognised and dated by its own name."""
    path = tmp_path / "AIS_SBARC_180601-00.txt.gz"
    path.write_bytes(gzip.compress(b"".join(socal("00:00:01:250", A_ROW).encode() for _ in range(20))))
    batches = list(read_file(path))
    assert sum(len(batch.positions) for batch in batches) == 20
    assert sum(batch.total_lines() for batch in batches) == 20
