"""Real logs of nine receivers and loggers: every line accounted for, what can be read is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from decoders.errors import UnknownFormat
from decoders.reading import read
from decoders.reports import PositionReports, StaticReports, add_counts

pytestmark = pytest.mark.real_data

# File, at least this share of its VDM and VDO sentences in messages that were read, and the hours its times lie in.
FILES = [
    ("denmark-2010-06-11", 0.99, "2010-06-11T11:46", "2010-06-11T11:47"),
    ("denmark-2013-11-12", 0.999, "2013-11-12T12:00", "2013-11-12T12:06"),
    ("drift-212123000", 0.999, "2014-10-02T16:00", "2014-10-03T08:00"),
    ("drift-538004030", 0.999, "2014-09-28T16:00", "2014-09-28T19:00"),
    ("global-tagblocks-2022-11-10", 0.99, "2022-11-10T02:00", "2022-11-10T02:30"),
    ("tagblocks-2021-11-01", 0.99, "2021-11-01T01:57", "2021-11-01T02:00"),
    ("socal-2016-01-10-epoch-prefix", 0.95, "2016-01-10T23:00", "2016-01-10T23:59"),
    ("uscg-suffix-2006-07-15", 0.98, "2006-07-15T00:00", "2006-07-15T01:00"),
    ("ns-epoch-prefix", 0.98, "2019-02-16T07:00", "2019-02-16T09:00"),
]


def decoded(file: Path):
    counted: dict[str, int] = {}
    positions, statics, problems = [], [], []
    for batch in read(file, block_bytes=50_000):
        add_counts(counted, batch.lines)
        positions.append(batch.positions)
        statics.append(batch.statics)
        problems += batch.problems
    data = gzip.decompress(file.read_bytes())
    assert sum(counted.values()) == data.count(b"\n") + (not data.endswith(b"\n"))
    return counted, PositionReports.concat(positions), StaticReports.concat(statics), problems, data


@pytest.mark.parametrize(("name", "share", "earliest", "latest"), FILES)
def test_a_real_log(shared_data, name, share, earliest, latest):
    """Lines add up, nearly all sentences are read, times lie where the file's name says."""
    (file,) = (shared_data / "ais" / "nmea").glob(f"{name}.*gz")
    counted, positions, statics, problems, data = decoded(file)
    sentences = data.count(b"VDM,") + data.count(b"VDO,")
    assert counted["read"] + counted.get("part", 0) >= share * sentences and not problems
    for reports in (positions, statics):
        times = reports.time_us.astype("datetime64[us]")
        assert (times >= np.datetime64(earliest)).all() and (times <= np.datetime64(latest)).all()
    for offset in positions.offset[::97].tolist():
        assert b"VD" in data[offset : data.find(b"\n", offset)]


def test_a_real_log_without_times(shared_data):
    """It is reported as such, and each of its sentences is refused for that reason."""
    counted, positions, _, problems, _ = decoded(shared_data / "ais" / "nmea" / "no-times.nmea.gz")
    assert counted == {"refused:no_time": 6921, "refused:not_nmea": 1} and not len(positions)
    assert len(problems) == 1 and "no line carries a time" in problems[0]


def test_a_real_geopackage_is_named(shared_data):
    """It is no report table, and the message says what it is."""
    with pytest.raises(UnknownFormat, match="GeoPackage"):
        list(read(shared_data / "ais" / "tables" / "trajectools_ais.gpkg"))


def test_two_ships_alongside_are_where_the_notes_say(shared_data):
    """245168000 and 308851000 lie alongside at 54.995 N 13.19 E on 2013-11-12."""
    _, positions, _, _, _ = decoded(shared_data / "ais" / "nmea" / "denmark-2013-11-12.nmea.gz")
    for mmsi in (245168000, 308851000):
        mine = positions.take(positions.mmsi == mmsi)
        assert (
            len(mine) and abs(np.median(mine.lat_deg) - 54.995) < 0.01 and abs(np.median(mine.lon_deg) - 13.19) < 0.02
        )
