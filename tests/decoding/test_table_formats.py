"""Tests of the descriptions of report tables, and of telling which one an input is in."""

from __future__ import annotations

import pytest

from decoders.errors import FormatError
from decoders.table_descriptions import format_named, formats, parse_format
from decoders.table_headers import match_format

GOOD = """
title = "Harbour table"
source = "made up for this test"
duplicates = "none"
delimiter = ";"
header = ["ship", "when", "y", "x"]
[time]
column = "when"
forms = ["YYYY-MM-DD hh:mm"]
zone = "UTC"
[values.kind]
oiler = 80
[[record]]
name = "row"
mmsi = "ship"
[record.position]
lat_deg = "y"
lon_deg = "x"
[record.static]
ship_type = { column = "kind", values = "kind", optional = true }
"""


def test_shipped_descriptions_name_title_and_source():
    """Every description that ships says what it is and who publishes it."""
    assert {"danish_dma", "marinecadastre", "marinecadastre_2025", "socal_log"} <= {table.name for table in formats()}
    assert all(table.title and table.source and table.duplicates for table in formats())


def test_a_new_format_is_a_file_and_no_code():
    """A description alone gives a usable format."""
    table = parse_format("harbour.toml", GOOD)
    assert table.name == "harbour" and table.records[0].position["lat_deg"].keys == ("y",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('delimiter = ";"', 'delimiter = ";"\ncolour = 1', "unknown key colour"),
        ('lat_deg = "y"', 'lat_deg = "y"\naltitude = "z"', "unknown key record[0].position.altitude"),
        ("optional = true", "optinal = true", "unknown key record[0].static.ship_type.optinal"),
        ('zone = "UTC"', 'zone = "CET"', "time.zone: 'CET'"),
        ('zone = "UTC"', 'zone = "UTC"\nera = 1', "unknown key time.era"),
        ('title = "Harbour table"', "", "title is missing"),
        ('column = "when"', "column = 3", "time"),
        ('lat_deg = "y"', "", "must have lat_deg and lon_deg"),
        ('values = "kind"', 'values = "sort"', "there is no table [values.sort]"),
        ("oiler = 80", 'oiler = "big"', "values.kind must give a number"),
        ('delimiter = ";"', 'delimiter = ";;"', "delimiter must be one ASCII character"),
        ('header = ["ship", "when", "y", "x"]', "", "either header"),
        ("YYYY-MM-DD hh:mm", "hh:mm", "'hh:mm' must have hh and either YYYY"),
        ('name = "row"', 'name = "row"\nfields = [4]', "fields must be given exactly when"),
        ('delimiter = ";"', 'delimiter = ";"\nstatics = "some"', "statics: 'some'"),
        ('delimiter = ";"', 'delimiter = ";"\nencoding = "utf-ate"', "encoding: 'utf-ate'"),
        ('title = "Harbour table"', "title = ", "not TOML"),
        ('mmsi = "ship"', 'mmsi = "ship"\nwhere = { y = "(" }', "where.y: not a regular expression"),
    ],
)
def test_a_wrong_description_is_an_error_with_file_and_key(old: str, new: str, said: str):
    """Whatever is wrong in a description is told with the file and the key."""
    assert old in GOOD
    with pytest.raises(FormatError) as error:
        parse_format("harbour.toml", GOOD.replace(old, new))
    assert str(error.value).startswith("harbour.toml: ") and said in str(error.value)


def test_unknown_format_name_lists_the_known_ones():
    """A wrong --format says which ones there are."""
    with pytest.raises(FormatError, match=r"danish_dma.*socal_log"):
        format_named("marine")


@pytest.mark.parametrize(
    ("sample", "name"),
    [
        (b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName\n1,2\n", "marinecadastre"),
        (b"\xef\xbb\xbfMMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName", "marinecadastre"),
        (b'"MMSI","BaseDateTime","LAT","LON","SOG","COG","Heading"\r\n', "marinecadastre"),
        (b"mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name\n", "marinecadastre_2025"),
        (b"\n# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status\n", "danish_dma"),
        (b"00:00:01:005;A;80;1.5;90;1;0;244660000;0;0;1;0;-118.5;33.5;10;11;12;0;0;0;0;0\r\n" * 3, "socal_log"),
        (b"00:00:01:005;24;0;244660000;0;A;0;;;0;0;0;0;0\r\n" * 3, "socal_log"),
        (b"!AIVDM,1,1,,A,14Wtnn002SGLde:BbrBmdTLF0Vql,0*6D\n", None),
        (b"a,b,c\n1,2,3\n", None),
        (b"", None),
        (b"\n\n", None),
        (b"\x00\xff\xfe" * 100, None),
    ],
)
def test_formats_are_recognised_by_header_or_shape(sample: bytes, name: str | None):
    """The first lines say which table it is; anything else is none."""
    assert match_format(sample) == name
