"""Laws of reading tables: how the input is cut makes no difference, every line is counted once, nothing raises."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decoders.reports import Batch, PositionReports, StaticReports, add_counts
from decoders.tables import read_table

OLD = b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,TransceiverClass\n"  # noqa: E501
DMA = b"# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,ETA,Data source type\n"  # noqa: E501
LOG = "AIS_SBARC_180601-00.txt"


def marinecadastre_rows(count: int) -> list[bytes]:
    """Rows of a few ships that change their identity now and then, with bad rows between."""
    rows = []
    for i in range(count):
        mmsi = 244660000 + i % 7
        name = ['"ROVER, THE"', "ROVER", "", 'BIG "O"', "ROVER@@@"][(i // 11) % 5]
        clock = f"{(i // 60) % 24:02}:{i % 60:02}:07"
        lat = ["33.5", "91.0", "x", "", " 33.25"][0 if i % 13 else (i // 13) % 5]
        rows.append(
            f"{mmsi},2022-01-03T{clock},{lat},-117.{i},0.5,1.0,511,{name},IMO9074729,,80,5.0,9,4,,,A\n".encode()
        )
    rows[count // 2 : count // 2] = [OLD, b"\n", b"short,row\n", b"244660000,2022-01-03T00:00:61" + b"," * 15 + b"\n"]
    return [OLD, *rows]


def socal_rows(count: int) -> list[bytes]:
    rows = []
    for i in range(count):
        clock = f"{(23, 0, 0, 1)[i % 4]:02}:{i % 60:02}:{i % 59:02}:{i % 1000:03}"
        kinds = [
            f"N;80;1.5;9;1;0;24466000{i % 9};3;253;7.5;0;-118.5;33.{i};396.9;300;14;0;0;0;0;0;22",
            f"N;80;1.5;9;3;0;24466000{i % 9};3;253;7.5;0;-118.5;33.{i};10;300;14;0;0;0;0;0",
            "D;0;30.8;9;18;0;338000001;0;4.5;0;-119.25;34.125;90.5;511;61;0;1;0;1;1;1;0;0;1",
            f"5;0;24466000{i % 9};0;9074729;PABC;ROVER;80;230;44;30;18;1;396480;155;LONG BEACH;0",
            "24;0;338000001;1;;37;VEN;DOR;WDB0001;6;7;3;2;0",
            "24;0;338000001;0;DINGHY;0;;;0;0;0;0;0",
            "rubbish",
        ]
        rows.append(f"{clock};{kinds[i % len(kinds)]}\r\n".encode())
    return rows


def cut(rows: list[bytes], each: int) -> Iterator[tuple[int, bytes]]:
    at = 0
    for start in range(0, len(rows), each):
        block = b"".join(rows[start : start + each])
        yield at, block
        at += len(block)


def whole(batches: Iterator[Batch]) -> tuple[PositionReports, StaticReports, dict[str, int], dict[int, int]]:
    """All batches put together."""
    kept = list(batches)
    lines: dict[str, int] = {}
    messages: dict[int, int] = {}
    for batch in kept:
        add_counts(lines, batch.lines)
        add_counts(messages, batch.messages)
    positions = PositionReports.concat(batch.positions for batch in kept)
    return positions, StaticReports.concat(batch.statics for batch in kept), lines, messages


def assert_same(one: PositionReports | StaticReports, other: PositionReports | StaticReports) -> None:
    for name, column in one.columns().items():
        np.testing.assert_array_equal(column, getattr(other, name), err_msg=name)


@pytest.mark.parametrize("each", [1, 2, 7, 64])
@pytest.mark.parametrize(
    ("name", "rows"), [("marinecadastre", marinecadastre_rows(150)), ("socal_log", socal_rows(140))]
)
def test_the_cut_into_blocks_makes_no_difference(name: str, rows: list[bytes], each: int):
    """One line a block gives the same reports, statics and counts as everything at once."""
    at_once = whole(read_table(cut(rows, len(rows)), name, file_name=LOG))
    in_pieces = whole(read_table(cut(rows, each), name, file_name=LOG))
    assert_same(at_once[0], in_pieces[0])
    assert_same(at_once[1], in_pieces[1])
    assert at_once[2:] == in_pieces[2:] and len(at_once[0]) > 50 and len(at_once[1]) > 5
    assert sum(at_once[2].values()) == len(rows) and sum(at_once[3].values()) == at_once[2]["read"]


def test_offsets_point_at_the_raw_line():
    """The offset of each report is where its line starts, whichever group of rows it was parsed with."""
    rows = socal_rows(60)
    text = b"".join(rows)
    positions, statics, _, _ = whole(read_table(cut(rows, 9), "socal_log", file_name=LOG))
    for offset, lat in zip(positions.offset.tolist(), positions.lat_deg.tolist(), strict=True):
        line = text[offset:].split(b"\r\n", 1)[0]
        assert (offset == 0 or text[offset - 1 : offset] == b"\n") and str(lat).encode().rstrip(b"0") in line
    assert all(at == 0 or text[at - 1 : at] == b"\n" for at in statics.offset.tolist())
    assert (np.diff(positions.offset) > 0).all()


SEEDS = [
    b"".join(marinecadastre_rows(12)),
    DMA
    + b'01/02/2025 00:00:00,Class A,219000001,55.5,11.25,Moored,,0.1,,90,9074729,OXAB,"A, B",Tanker,,,90,,4.6,,,AIS\n'
    * 4,
]
EVIL = st.sampled_from(
    [
        b'"',
        b'""',
        b",",
        b"\r",
        b"\n",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b";",
        b" ",
        b"-",
        b"9" * 30,
        b"nan",
        b"1e999",
        b"#",
    ]
)


@st.composite
def mutated(draw: st.DrawFn, seed: bytes, head: int) -> bytes:
    """A table with bytes put in, taken out and replaced behind its header line."""
    text = bytearray(seed)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(head, len(text)))
        piece = draw(st.one_of(EVIL, st.binary(max_size=3)))
        text[at : at + draw(st.integers(0, 4))] = piece
    return bytes(text)


def check_accounting(text: bytes, name: str) -> None:
    lines = text.split(b"\n")
    rows = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    at_once = whole(read_table([(0, text)], name, file_name=LOG))
    in_pieces = whole(read_table(cut(rows, 1), name, file_name=LOG))
    assert sum(at_once[2].values()) == len(rows)
    assert at_once[2:] == in_pieces[2:]
    assert_same(at_once[0], in_pieces[0])
    assert_same(at_once[1], in_pieces[1])


def test_an_oddly_quoted_row_between_repeats_is_a_change_like_any_other():
    """A row that has to be parsed by itself still stands between its neighbours when statics are compared."""
    row = b"01/02/2025 00:00:00,Class A,219000001,55.5,11.25,Moored,,0.1,,90,,OXAB,NAME,Tanker,,,90,,4.6,,,AIS\n"
    rows = [DMA, row, row.replace(b"OXAB", b'OXA"B'), row, row]
    assert whole(read_table(cut(rows, 5), "danish_dma", file_name=LOG))[1].callsign.tolist() == [
        "OXAB",
        'OXA"B',
        "OXAB",
    ]
    check_accounting(b"".join(rows), "danish_dma")


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_mutated_tables_never_raise_and_every_line_is_counted(data: st.DataObject):
    """Whatever stands behind the header, lines add up and the cut makes no difference."""
    which = data.draw(st.sampled_from([0, 1]))
    head = (len(OLD), len(DMA))[which]
    check_accounting(data.draw(mutated(SEEDS[which], head)), ("marinecadastre", "danish_dma")[which])


@settings(max_examples=20, deadline=None)
@given(mutated(b"".join(socal_rows(14)), 0))
def test_mutated_logs_never_raise_and_every_line_is_counted(text: bytes):
    """The same for the log without a header."""
    check_accounting(text, "socal_log")
