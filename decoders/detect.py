"""Tells the format of an input from its first bytes, or why it cannot be told."""

from __future__ import annotations

from decoders.errors import UnknownFormat
from decoders.jsonlines import match_json
from decoders.sentences import LIKELY_AIS, has_ais_sentence
from decoders.table_headers import HOW_TO, column_names, match_format

NMEA = "nmea"
PARQUET = "parquet"
PARQUET_MAGIC = b"PAR1"
_SQLITE = b"SQLite format 3\x00"
_SHOWN = 60
_BINARY = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ARROW1", "an Arrow file; write it as Parquet"),
    (b"PK\x03\x04", "a zip inside a zip inside a zip"),
    (b"\x1f\x8b", "packed more than twice"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
    (b"\xfd7zXZ", "an xz file; unpack it first"),
    (b"\xff\xfe", "text in UTF-16; convert it to UTF-8"),
    (b"\xfe\xff", "text in UTF-16; convert it to UTF-8"),
)


def detect(sample: bytes, place: str = "input") -> str:
    """The name of the format that the first bytes (some 64 KiB, unpacked) are in: ``nmea``, ``parquet``, a table's or a
    JSON sender's.

    One AIS sentence with a right checksum makes it NMEA, a known header line or line shape makes it that table. Raises
    :class:`~decoders.errors.UnknownFormat` with the reason when it is neither.

    >>> detect(b"# a log\\n1700000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A\\n")
    'nmea'
    >>> detect(b"")
    Traceback (most recent call last):
    ...
    decoders.errors.UnknownFormat: input: empty file
    """
    if not sample:
        raise UnknownFormat(place, "empty file")
    if sample.startswith(PARQUET_MAGIC):
        return PARQUET
    if sample.startswith(_SQLITE):
        what = "a GeoPackage (SQLite database)" if sample[68:72] == b"GPKG" else "an SQLite database"
        raise UnknownFormat(place, f"{what}, not a report table; export the points as CSV")
    for magic, what in _BINARY:
        if sample.startswith(magic):
            raise UnknownFormat(place, f"{what}, not AIS reports")
    table = match_format(sample)
    if table is not None:
        return table
    if (messages := match_json(sample)) is not None:
        return messages
    lines = sample.split(b"\n")
    if has_ais_sentence(sample):
        return NMEA
    raise UnknownFormat(place, _why_not(sample, lines))


def _why_not(sample: bytes, lines: list[bytes]) -> str:
    if LIKELY_AIS.search(sample):
        return "AIS sentences, but none of the first has a right checksum"
    if b"\x00" in sample:
        return "binary data of no known format"
    first = next((line.strip() for line in lines if line.strip()), b"")
    if not first:
        return "nothing but blank lines"
    if first[:1] == b"<":
        return "XML or HTML, not AIS reports"
    if first[:1] in (b"{", b"["):
        return "JSON of no known AIS form"
    shown = first[:_SHOWN].decode("utf-8", "replace") + ("..." if len(first) > _SHOWN else "")
    names = column_names(first)
    if "CRAFT_ID" in names:
        return (
            "AMSA craft tracking: CRAFT_ID is a number of the publisher's own and no MMSI, so its rows cannot be told "
            "to be one ship's with those of any other source"
        )
    columns = f"; its columns: {', '.join(names)}; {HOW_TO}" if len(names) > 3 else ""
    return f"no AIS sentence and no known table header; it begins with {shown!r}{columns}"
