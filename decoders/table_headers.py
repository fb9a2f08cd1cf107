"""Tells which table an input is by its first lines, and reads the names on header lines."""

from __future__ import annotations

import csv

from decoders.table_descriptions import formats
from decoders.table_format import Format

HOW_TO = "to have it read, describe its columns in a file decoders/formats/<name>.toml (see the README there)"
_SHOWN_COLUMNS = 60
_BOM = b"\xef\xbb\xbf"
_SHAPE_LINES = 50  # lines of a sample that are held against a shape
_SHAPE_SHARE = 0.8  # of them that must fit: logs begin and end in the middle of noise


def match_format(sample: bytes) -> str | None:
    """The name of the table format that the first bytes of an input are in, by header line or by shape of the lines.

    Of several formats whose header names are all there, the one that asks for the most wins. None if no format fits.

    >>> match_format(b"MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName\\n")
    'marinecadastre'
    """
    lines = [line for line in sample.removeprefix(_BOM).splitlines() if line.strip()]
    if not lines:
        return None
    best: tuple[int, str] | None = None
    for table in formats():
        if table.header:
            names = header_names(lines[0], table)
            if set(table.header) <= set(names) and (best is None or len(table.header) > best[0]):
                best = (len(table.header), table.name)
        elif best is None and table.shape is not None:
            whole = lines[: _SHAPE_LINES + 1][:-1] or lines  # the last line of a sample may be cut
            fitting = sum(table.shape.fullmatch(line) is not None for line in whole)
            if fitting >= _SHAPE_SHARE * len(whole):
                best = (0, table.name)
    return None if best is None else best[1]


def column_names(line: bytes) -> list[str]:
    """The names on a line that may be a header of an unknown table, cut at the delimiter that it has most of."""
    text = line.decode("utf-8", "replace").strip().lstrip("\ufeff")
    delimiter = max(",;\t|", key=text.count)
    return [name.strip().strip('"') for name in text.split(delimiter)][:_SHOWN_COLUMNS]


def header_names(line: bytes, table: Format) -> list[str]:
    """The names on the header line of a table; empty where it cannot be read."""
    text = line.decode(table.encoding, "replace").replace("\r", " ")
    reader = csv.reader([text], delimiter=table.delimiter, quotechar=table.quote or None,
                        quoting=csv.QUOTE_MINIMAL if table.quote else csv.QUOTE_NONE)  # fmt: skip
    try:
        return [name.strip() for name in next(reader, [])]
    except csv.Error:
        return []
