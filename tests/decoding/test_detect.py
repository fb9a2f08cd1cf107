"""The format is told from the content, or the reason said why not; one door reads what was told."""

from __future__ import annotations

import gzip
import io
import sqlite3
import sys
import zipfile

import pytest

from decoders.detect import detect
from decoders.errors import DecodeError, FormatError, UnknownFormat, UnreadableInput
from decoders.reading import read, read_file
from decoders.reports import add_counts

TABLE = (
    b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,Draft,Cargo,"
    b"TransceiverClass\n367000001,2022-01-03T00:00:05,30.1,-90.2,5.5,10.0,12.0,EXAMPLE,,WDA1,31,0,20,8,2.5,,A\n"
)


def total(batches) -> tuple[dict[str, int], list, list, tuple[str, ...]]:
    counted: dict[str, int] = {}
    positions, statics, problems = [], [], ()
    for batch in batches:
        add_counts(counted, batch.lines)
        positions += batch.positions.offset.tolist()
        statics += batch.statics.offset.tolist()
        problems += batch.problems
    return counted, positions, statics, problems


@pytest.fixture
def log(ais) -> bytes:
    return "".join(f"170000000{n} {ais.lines(ais.class_a())[0]}\r\n" for n in range(5)).encode()


@pytest.mark.parametrize("before", [b"", b"# comment\n", b"banner\n\n", b"\\si:AISD*3F\\\n", b"!AIVDM,broken\n"])
def test_sentences_in_any_wrapping_are_nmea(log, before):
    """One sentence with a right checksum is enough."""
    assert detect(before + log) == "nmea"


def test_tables_are_told_by_their_header():
    """A known header line makes it that table."""
    assert detect(TABLE) == "marinecadastre" and detect(b"\xef\xbb\xbf" + TABLE) == "marinecadastre"


@pytest.mark.parametrize(
    ("sample", "reason"),
    [
        (b"", "empty file"), (b" \n\n", "nothing but blank lines"), (b"a,b\n1,2\n", "it begins with 'a,b'"),
        (b"<kml></kml>", "XML or HTML"), (b'{"type":"FeatureCollection"}', "JSON of no known AIS form"),
        (b"%PDF-1.7", "a PDF"), (b"abc\x00\x01\x02", "binary data"), (b"\xff\xfea\x00", "UTF-16"),
        (b"!AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*FF\n", "none of the first has a right checksum"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_has_a_reason(sample, reason):
    """The message says the place and what the content looks like."""
    with pytest.raises(UnknownFormat, match=reason) as error:
        detect(sample, "there.bin")
    assert str(error.value).startswith("there.bin: ")


def test_a_geopackage_is_named(tmp_path):
    """GeoPackages and other SQLite databases are no report tables, and the message says so."""
    for number, what in ((0x47504B47, "a GeoPackage"), (0, "an SQLite database")):
        file = tmp_path / f"{number}.gpkg"
        with sqlite3.connect(file) as base:
            base.execute(f"pragma application_id = {number}")
            base.execute("create table points (x)")
        base.close()
        with pytest.raises(UnknownFormat, match=what):
            list(read(file))


def test_inputs_are_read_one_after_another(tmp_path, log):
    """Packed or not, sentences or table, each in its own form; one path or several."""
    (tmp_path / "a.csv").write_bytes(TABLE)
    (tmp_path / "b").write_bytes(gzip.compress(log))
    counted, positions, statics, problems = total(read([tmp_path / "a.csv", tmp_path / "b"]))
    assert counted == {"comment": 1, "read": 6} and len(positions) == 6 and len(statics) == 1 and not problems
    assert total(read(str(tmp_path / "a.csv")))[0] == {"comment": 1, "read": 1}


def test_a_named_format_is_not_doubted(tmp_path, log):
    """``format`` overrides detection; an unknown name is an error."""
    file = tmp_path / "bad.log"
    file.write_bytes(log.replace(b"*0A", b"*0B"))
    with pytest.raises(UnknownFormat):
        list(read(file))
    assert total(read(file, format="nmea"))[0] == {"refused:bad_checksum": 5}
    with pytest.raises(FormatError):
        list(read(file, format="no-such-format"))


def test_zip_members_may_differ(tmp_path, log):
    """Offsets run on over members; a member of no known form is counted line by line and named."""
    file = tmp_path / "days.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.nmea", log)
        archive.writestr("readme.txt", "what this is\nand where from")
        archive.writestr("b.nmea", log)
    counted, positions, _, problems = total(read(file))
    assert counted == {"read": 10, "refused:unknown_format": 2}
    step, skipped = len(log) // 5, len("what this is\nand where from")
    assert positions == [n * step for n in range(5)] + [len(log) + skipped + n * step for n in range(5)]
    assert len(problems) == 1 and "days.zip:readme.txt: no AIS sentence" in problems[0]
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "what this is")
    with pytest.raises(UnknownFormat, match="readme"):
        list(read(file))
    with zipfile.ZipFile(file, "w"):
        pass
    with pytest.raises(UnknownFormat, match="a zip without files"):
        list(read(file))


def test_a_cut_gzip_keeps_what_it_has(tmp_path, log):
    """The reports before the cut, the unfinished line counted, the problem said with the place."""
    file = tmp_path / "cut.gz"
    file.write_bytes(gzip.compress(log * 200, 0)[: len(log) * 150 + 30])
    counted, positions, _, problems = total(read(file))
    assert counted["read"] == len(positions) > 700 and counted["refused:truncated_input"] == 1
    assert len(problems) == 1 and "cut.gz: gzip data ends early" in problems[0]
    file.write_bytes(b"\x1f\x8b\x08rubbish")
    with pytest.raises(UnreadableInput, match="gzip"):
        list(read(file))


def test_a_file_without_times_is_reported_as_such(tmp_path, ais):
    """All its messages are refused by name, and the batch says why."""
    file = tmp_path / "untimed.nmea"
    file.write_text("banner\n" + ais.lines(ais.class_a())[0] + "\n")
    counted, positions, _, problems = total(read(file))
    assert counted == {"refused:not_nmea": 1, "refused:no_time": 1} and positions == []
    assert len(problems) == 1 and "no line carries a time" in problems[0]


def test_standard_input(monkeypatch, log):
    """``-`` reads a pipe: detection looks ahead without losing anything."""

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    class Stdin:
        buffer = Pipe(gzip.compress(log))

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert total(read("-"))[0] == {"read": 5}
    Stdin.buffer = Pipe(b"PK\x03\x04....")
    with pytest.raises(UnreadableInput, match="a zip cannot be read from a pipe"):
        list(read_file("-"))


def test_missing_files_are_named(tmp_path):
    """One error tree, with the place."""
    with pytest.raises(DecodeError, match=r"nowhere\.csv: No such file"):
        list(read(tmp_path / "nowhere.csv"))


def test_reports_written_as_parquet_come_back(tmp_path, log):
    """What the house wrote itself goes through the same door; other Parquet is named as such."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from decoders.parquet_reports import write_reports

    (tmp_path / "log").write_bytes(log)
    write_reports(tmp_path / "reports.parquet", read(tmp_path / "log"))
    assert total(read(tmp_path / "reports.parquet"))[1] == total(read(tmp_path / "log"))[1]
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other.parquet")
    with pytest.raises(DecodeError, match=r"other\.parquet"):
        list(read(tmp_path / "other.parquet"))
    (tmp_path / "packed").write_bytes(gzip.compress((tmp_path / "reports.parquet").read_bytes()))
    with pytest.raises(UnreadableInput, match="Parquet cannot be read from"):
        list(read(tmp_path / "packed"))
