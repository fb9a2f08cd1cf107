"""A table in any of the forms that lists come in - CSV, xlsx, HTML - as rows of text.

Dates become ISO, whole numbers lose their ``.0``, a spreadsheet's errors (``#REF!``) stay as their text; a link's text
counts, not its address.
"""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import NamedTuple

from alerts.errors import ListError
from alerts.lists.content import Content, decode_text, is_archive, member_pieces
from alerts.lists.fields import said

MAX_ROWS = 3_000_000
MAX_COLUMNS = 1_000
MAX_SHEETS = 100
MAX_XLSX_BYTES = 96 * 2**20
"""All parts of an xlsx together, unpacked; a list of 10,000 ships is below 5 MB."""
HEADER_WITHIN = 30


class Row(NamedTuple):
    """One row and where it stands (``list.csv:17``, ``list.xlsx Sheet1 row 17``)."""

    place: str
    cells: list[str]
    group: str = ""
    """The sheet or table it belongs to; each has its own header."""


def rows_of(content: Content, *, delimiter: str | None = None) -> Iterator[Row]:
    """All rows that hold anything, from every sheet or table in order; :class:`ListError` for what is no table.

    The delimiter of a CSV file is comma, semicolon or tab, told by its first line, where none is given.
    """
    head = content.head()
    if is_archive(head):
        yield from _sheets(content.whole(), content.name)
        return
    begins = head[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if begins.startswith((b"<!doctype html", b"<html", b"<table", b"<div", b"<?xml")) and b"<" in begins:
        yield from _tables(decode_text(content.whole(), content.name), content.name)
        return
    yield from _lines(content, head.decode("utf-8", errors="replace"), delimiter)


def records_of(
    rows: Iterator[Row], headings: Mapping[str, tuple[str, ...]], required: tuple[str, ...], name: str
) -> Iterator[tuple[str, dict[str, str]]]:
    """Rows under a header as (place, values by our names); columns without a name here are left out.

    ``headings`` gives for each of our names the headings it is known by, compared without case, spaces or punctuation.
    The header of a sheet or table is the first of its rows (of the first ``HEADER_WITHIN``) that has all ``required``;
    sheets and tables without one are others' and passed over. :class:`ListError` where none has them, or a row has
    more cells than its header.
    """
    wanted = {_plain(heading): ours for ours, known in headings.items() for heading in (ours, *known)}
    header: list[str | None] | None = None
    group: str | None = None
    titles: list[str] = []
    begins, found, passed = "", False, 0
    for place, cells, belongs in rows:
        begins = begins or " | ".join(c for c in cells if c)[:60]
        if belongs != group:
            group, header, passed = belongs, None, 0
        if passed > HEADER_WITHIN:
            continue
        if header is None:
            named = [wanted.get(_plain(cell)) for cell in cells]
            if all(ours in named for ours in required):
                _check_header(named, cells, place)
                header, titles, found = named, cells, True
            else:
                passed += 1
        elif cells == titles:
            # Repeated, as at the head of a page.
            continue
        elif any(cells[len(header) :]):
            raise ListError(f"{place}: {len(cells)} cells where the header has {len(header)}")
        else:
            yield place, {ours: cell for ours, cell in zip(header, cells, strict=False) if ours is not None}
    if not found:
        needs = ", ".join(headings[ours][0] if headings.get(ours) else ours for ours in required)
        raise ListError(
            f"{name}: no header with the columns {needs} (begins with {begins!r}): another list or another layout"
        )


def _check_header(named: list[str | None], cells: list[str], place: str) -> None:
    for ours in named:
        if ours is not None and named.count(ours) > 1:
            twice = [cell for cell, name in zip(cells, named, strict=True) if name == ours]
            raise ListError(f"{place}: the columns {' and '.join(map(repr, twice))} mean the same")


def _plain(heading: str) -> str:
    return "".join(c for c in heading.casefold() if c.isalnum())


def _lines(content: Content, head: str, delimiter: str | None) -> Iterator[Row]:
    name = content.name
    if delimiter is None:
        # The first line that has any: a header, before cells that hold others of their own.
        lines = head.splitlines()[:HEADER_WITHIN]
        line = next((line for line in lines if any(d in line for d in ",;\t")), "")
        delimiter = max(",;\t", key=line.count)
    csv.field_size_limit(2**20)
    reader = csv.reader(content.lines(), delimiter=delimiter, strict=True)
    try:
        for count, cells in enumerate(reader):
            if count >= MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise ListError(f"{name}:{reader.line_num}: more than {MAX_ROWS} rows or {MAX_COLUMNS} columns")
            if any(cell.strip() for cell in cells):
                yield Row(f"{name}:{reader.line_num}", [cell.strip() for cell in cells])
    except csv.Error as error:
        raise ListError(f"{name}:{reader.line_num}: {error}") from error


def _sheets(raw: bytes, name: str) -> Iterator[Row]:
    checked = _checked_parts(raw, name)
    # Half a second of modules: only whoever reads a workbook waits for them.
    import openpyxl  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            # About print areas and styles, which say nothing of the list.
            warnings.simplefilter("ignore")
            # read_only takes row by row, and keeps the rows that hold a formula's error.
            book = openpyxl.load_workbook(checked, read_only=True, data_only=True, keep_links=False)
            if len(book.worksheets) > MAX_SHEETS:
                raise ListError(f"{name}: {len(book.worksheets)} sheets are more than {MAX_SHEETS}")
            for sheet in book.worksheets:
                # The extent that the file states may be too small; what stands there counts.
                sheet.reset_dimensions()
                for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                    if number > MAX_ROWS or len(values) > MAX_COLUMNS * 17:
                        raise ListError(f"{name} {sheet.title}: more than {MAX_ROWS} rows or {MAX_COLUMNS} columns")
                    cells = [_cell(value) for value in values]
                    while cells and not cells[-1]:
                        cells.pop()
                    if cells:
                        yield Row(f"{name} {sheet.title} row {number}", cells, sheet.title)
    except ListError:
        raise
    # openpyxl raises whatever a broken file makes it stumble over; all of it means one thing here.
    except Exception as error:
        raise ListError(f"{name}: cannot be read as a workbook ({type(error).__name__}: {error})") from error


def _checked_parts(raw: bytes, name: str) -> io.BytesIO:
    """The workbook with its parts unpacked: whoever reads it has nothing to unpack that could lie about its size."""
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as plain:
            infos = archive.infolist()
            size = sum(info.file_size for info in infos)
            if size > MAX_XLSX_BYTES or len(infos) > 2000:
                raise ListError(f"{name}: its {len(infos)} parts expand to {size} bytes, more than {MAX_XLSX_BYTES}")
            for info in infos:
                # No more than stated is ever taken out of a part, so the sum above holds.
                part = b"".join(member_pieces(archive, info, name))
                if any(mark in part.replace(b"\x00", b"") for mark in (b"<!DOCTYPE", b"<!ENTITY")):
                    raise ListError(f"{name}: {info.filename} holds a document type or entity declaration: refused")
                plain.writestr(zipfile.ZipInfo(info.filename), part)
    except ListError:
        raise
    # A broken archive shows itself as any of six errors without a common root.
    except Exception as error:
        raise ListError(f"{name}: is a broken workbook ({error})") from error
    made.seek(0)
    return made


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("_x000D_", "\n").strip()


def _tables(text: str, name: str) -> Iterator[Row]:
    from lxml import etree, html  # noqa: PLC0415

    if "<!ENTITY" in text:
        raise ListError(f"{name}: holds an entity declaration: refused")
    try:
        page = html.document_fromstring(
            text.encode(), parser=html.HTMLParser(encoding="utf-8", no_network=True, recover=True)
        )
    except (etree.LxmlError, ValueError) as error:
        raise ListError(f"{name}: cannot be read as HTML ({error})") from error
    count = 0
    for table, rows in enumerate(page.iter("table"), start=1):
        # A table in a cell is a layout's, not the list's: its rows are its own.
        parts = [rows, *rows.iterchildren("thead", "tbody", "tfoot")]
        for number, row in enumerate((row for part in parts for row in part.iterchildren("tr")), start=1):
            count += 1
            if count > MAX_ROWS:
                raise ListError(f"{name}: more than {MAX_ROWS} rows")
            cells = [said("".join(str(t) for t in cell.itertext())) for cell in row.iterchildren("td", "th")]
            if any(cells):
                yield Row(f"{name} table {table} row {number}", cells, str(table))
    if not count:
        raise ListError(f"{name}: holds no table")
