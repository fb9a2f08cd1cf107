"""The compiled reader of tables against a slow one that is obviously right, on generated tables and hostile bytes."""

# ruff: noqa: E501 (tables of words)

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from decoders import table_descriptions
from decoders.reports import Batch, PositionReports, StaticReports, add_counts
from decoders.table_descriptions import parse_format
from decoders.tables import read_table

FORMAT = """
title = "Made up"
source = "made up for this test"
duplicates = "none"
delimiter = "DELIMITER"
missing = ["None", "n/a", "-999"]
statics = "STATICS"
header = ["ship", "when", "y", "x", "speed", "kind", "name"]
[time]
column = "when"
forms = ["YYYY-MM-DD hh:mm:ss", "D/M/YYYY hh:mm:ss", "YYYYMMDDThhmmss.F", "epoch_s"]
zone = "UTC"
[values.kind]
oiler = 80
"dry, bulk" = 70
[[record]]
name = "row"
where = { kind = "(?!buoy).*" }
mmsi = "ship"
[record.position]
lat_deg = "y"
lon_deg = "x"
sog_kn = { column = "speed", scale = 0.1 }
[record.static]
name = "name"
ship_type = { column = "kind", values = "kind" }
"""
HEADER = ["ship", "when", "y", "x", "speed", "kind", "name"]
NUMBER = re.compile(r"[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:nan|inf|infinity))", re.ASCII)


@pytest.fixture(params=[",", ";"], ids=["comma", "semicolon"])
def made_up(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The delimiter of a format ``made_up``, which is known for the time of a test."""
    text = FORMAT.replace("DELIMITER", request.param).replace("STATICS", "every_row")
    table = parse_format("made_up.toml", text)
    known = (*table_descriptions.formats(), table)
    monkeypatch.setattr(table_descriptions, "formats", lambda: known)
    return str(request.param)


def plain_number(text: str) -> tuple[float, bool]:
    """A number as a table writes one, and whether it is none."""
    text = text.strip(" \t")
    if text in ("", "None", "n/a", "-999"):
        return math.nan, False
    return (float(text), False) if NUMBER.fullmatch(text) else (math.nan, True)


def plain_time(text: str) -> int | None:
    """Microseconds since 1970, None where no form fits or there is no such time."""
    found = re.fullmatch(r"(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d) (\d\d):(\d\d):(\d\d)", text, re.ASCII)
    found = found or re.fullmatch(r"(?P<D>\d\d?)/(?P<M>\d\d?)/(?P<Y>\d{4}) (\d\d):(\d\d):(\d\d)", text, re.ASCII)
    found = found or re.fullmatch(
        r"(?P<Y>\d{4})(?P<M>\d\d)(?P<D>\d\d)T(\d\d)(\d\d)(\d\d)\.(?P<F>\d{1,9})", text, re.ASCII
    )
    if found is None:
        epoch = re.fullmatch(r"(\d{1,12})(\.\d*)?", text, re.ASCII)
        if epoch is None or int(epoch[1]) >= 253_402_300_800:
            return None
        return int(epoch[1]) * 1_000_000 + int(((epoch[2] or ".")[1:] + "000000")[:6])
    hour, minute, second = found.groups()[3:6]
    try:
        when = datetime(
            int(found["Y"]), int(found["M"]), int(found["D"]), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        return None
    if when.year < 1970:
        return None
    fraction = (found.groupdict().get("F") or "0").ljust(6, "0")[:6]
    return int(when.timestamp()) * 1_000_000 + int(fraction)


def plain_rows(text: bytes, delimiter: str) -> Iterator[tuple[str, Any]]:
    """Every line of a table behind its header: its class, and (line, time, values) of those that can be read."""
    at = 0
    lines = text.split(b"\n")
    for line in lines if lines[-1] else lines[:-1]:
        start, at = at, at + len(line) + 1
        words = line.removesuffix(b"\r").replace(b"\r", b" ").decode("utf-8", "replace")
        if not words or (words[0] in " \t" and not line.strip()):
            yield "blank", None
            continue
        if words.startswith("#"):
            yield "comment", None
            continue
        fields = next(csv.reader([words], delimiter=delimiter), [])
        if len(fields) != len(HEADER):
            yield "refused:wrong_field_count", None
            continue
        row = dict(zip(HEADER, fields, strict=True))
        if row["kind"].startswith("buoy") or "\n" in row["kind"]:
            yield "refused:unknown_record", None
            continue
        time = plain_time(row["when"])
        if time is None:
            yield "refused:bad_time", None
            continue
        numbers = {name: plain_number(row[name]) for name in ("ship", "y", "x", "speed")}
        mmsi = numbers["ship"][0]
        if any(bad for _, bad in numbers.values()) or (math.isfinite(mmsi) and mmsi != math.floor(mmsi)):
            yield "refused:bad_value", None
            continue
        kind = {"oiler": 80.0, "dry, bulk": 70.0}.get(row["kind"].strip().casefold(), 0.0)
        name = row["name"].strip()
        name = "" if name in ("None", "n/a", "-999") else name[:20].rstrip("\0").partition("@")[0].rstrip()
        yield "row", (start, time, mmsi, numbers["y"][0], numbers["x"][0], numbers["speed"][0] * 0.1, kind, name)


def expected(text: bytes, delimiter: str) -> tuple[dict[str, int], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Counts, positions and statics of a table (without its header line), row by row."""
    counts: dict[str, int] = {}
    positions, statics = [], []
    for kind, row in plain_rows(text, delimiter):
        reason = kind
        if row is not None:
            start, time, mmsi, lat, lon, speed, ship_type, name = row
            known = 1 <= mmsi <= 999_999_999
            none = math.isnan(lat) or math.isnan(lon) or abs(lat - 91) < 5e-7 or abs(lon - 181) < 5e-7
            reason = "read"
            if known and (ship_type or name):
                statics.append((time, int(mmsi), int(ship_type), name, start))
            if not known:
                reason = "refused:mmsi_out_of_range"
            elif none:
                reason = "read" if ship_type or name else "refused:position_not_available"
            elif abs(lat) > 90 or abs(lon) > 180:
                reason = "read" if ship_type or name else "refused:position_out_of_range"
            else:
                usable = 0 <= speed < 102.25 and speed != 63.0
                positions.append((time, int(mmsi), lat, lon, np.float32(speed) if usable else None, start))
        counts[reason] = counts.get(reason, 0) + 1
    return counts, positions, statics


def whole(batches: Iterator[Batch]) -> tuple[dict[str, int], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The same of what was read."""
    kept = list(batches)
    counts: dict[str, int] = {}
    for batch in kept:
        add_counts(counts, batch.lines)
    p = PositionReports.concat([batch.positions for batch in kept])
    s = StaticReports.concat([batch.statics for batch in kept])
    speeds = [None if np.isnan(v) else v for v in p.sog_kn]
    return (
        counts,
        list(zip(p.time_us.tolist(), p.mmsi.tolist(), p.lat_deg.tolist(), p.lon_deg.tolist(), speeds, p.offset.tolist(), strict=True)),
        list(zip(s.time_us.tolist(), s.mmsi.tolist(), s.ship_type.tolist(), s.name.tolist(), s.offset.tolist(), strict=True)),
    )  # fmt: skip


def check(text: bytes, delimiter: str, cuts: tuple[int, ...] = ()) -> None:
    """The kernel's reading equals the plain one, wherever the blocks are cut."""
    head = delimiter.join(HEADER).encode() + b"\n"
    wanted = expected(text, delimiter)
    for each in (0, *cuts):
        lines = (head + text).split(b"\n")
        lines = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
        step = each or len(lines)
        blocks, at = [], 0
        for i in range(0, len(lines), step):
            block = b"".join(lines[i : i + step])
            blocks.append((at, block))
            at += len(block)
        counts, positions, statics = whole(read_table(blocks, "made_up", file_name="x"))
        counts["comment"] -= 1
        assert {name: count for name, count in counts.items() if count} == wanted[0]
        assert [(*row[:-1], row[-1] - len(head)) for row in positions] == wanted[1]
        assert [(*row[:-1], row[-1] - len(head)) for row in statics] == wanted[2]


WORDS = {
    "ship": ["244660000", "1", "999999999", "0", "", "1000000000", "24466000.5", "2.4466e8", "x", "+244660001", " 244660002\t",
             "00000000000244660000", "244660000.000000000000000000000"],
    "when": ["2022-01-03 00:00:59", "2024-02-29 23:59:59", "2023-02-29 00:00:00", "3/1/2022 00:00:00", "31/12/1999 23:59:59",
             "20220103T000001.5", "20220103T000001.123456789", "1641168000", "1641168000.25", "1641168000.", "", "999999999999",
             "2022-01-03 24:00:00", "2022-01-03T00:00:00", "1969-12-31 00:00:00", "0", "2022-00-01 00:00:00"],
    "number": ["33.5", "-117.25", "91", "181.0", "90.00000001", "-90", "", "None", "n/a", "-999", "-999.0", "nan", "-INF",
               "Infinity", "infinite", ".5", "5.", "-.5", ".", "-", "+", "1e1", "1E+1", "1e", "1e-", "12345678.12345678",
               "52.123456789012345", "0.1234567890123456789", "4.35", "9007199254740993", "8.87747666667",
               "57.0161199999999993", "0.30000000000000004", "1e999", "1.5.2", "0x10", "1_0", "33,5", "--1", " 7 ", "\t8",
               "123456789012345678901234567890", "0.000000000000000000000000000001", "٣"],
    "kind": ["oiler", "OILER ", "dry, bulk", "buoy", "buoy 2", "", "tug", "öl"],
    "name": ["EXAMPLE", " BLANKS ", "AB@@@", "@", "None", "", "TWENTY CHARACTERS LONG AND MORE", "ÆRØ", 'A "B" C', "a\x00b", "e\x00",
             "\xa0WIDE\u3000", "NINETEEN CHARACTERS  X", "=1+1", "#"],
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn, delimiter: str) -> bytes:
    """Rows of good, odd and bad fields, quoted or not, with any line ends."""
    lines = []
    for _ in range(draw(st.integers(0, 12))):
        fields = []
        for name in HEADER:
            kind = "number" if name in ("y", "x", "speed") else name
            words = draw(st.sampled_from(WORDS[kind])) if draw(st.integers(0, 9)) else draw(st.text(max_size=6))
            if draw(st.integers(0, 3)):
                words = WORDS[kind][0]
            quoting = draw(st.integers(0, 7))
            if quoting == 0:
                words = '"' + words.replace('"', '""') + '"'
            elif quoting == 1:
                words = draw(st.sampled_from(['"', '""', 'a"', '"a"b', '"a""', '" "'])) + words
            fields.append(words.replace("\n", " "))
        if draw(st.integers(0, 9)) == 0:
            fields = fields[: draw(st.integers(0, 7))]
        elif draw(st.integers(0, 9)) == 0:
            fields.append("more")
        lines.append(delimiter.join(fields) + draw(st.sampled_from(["", "", "\r"])))
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    return text + draw(st.sampled_from([b"", b"\n", b"\n\n", b" \n"]))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(data=st.data())
def test_the_kernel_reads_what_a_plain_reader_reads(made_up: str, data: st.DataObject):
    """Field by field, count by count, for any mixture of rows."""
    check(data.draw(tables(made_up)), made_up, cuts=(1, 3))
