"""OFAC's Specially Designated Nationals list as published in SDN.CSV, alone or with ALT, ADD and SDN_COMMENTS.

Twelve columns without a header, ``-0-`` for null, a 0x1A after the last row. IMO, MMSI, former flags and names stand
in the last column, ``;``-separated (see :mod:`alerts.lists.ofac_remarks`). The file has no listing dates: versions
compared tell them, or SDN_ADVANCED.XML.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.lists.content import Content, decode_text, is_archive, members
from alerts.lists.fields import Notes, Reading
from alerts.lists.ofac_remarks import vessel

_COLUMNS = 12
_TYPES = frozenset({"individual", "vessel", "aircraft", ""})
_END_MARK = "\x1a"
_SIDES = {"alt.csv": 5, "add.csv": 6, "sdn_comments.csv": 2}
"""Files beside SDN.CSV and their columns; each row begins with the number of its entry."""


def parse(content: Content) -> Reading:
    """All rows of type vessel, with counts of what was met and not used; :class:`ListError` names the bad row."""
    files = _files(content)
    main = files.pop("sdn.csv")
    beside = {name: _beside(raw, name, _SIDES[name]) for name, raw in files.items()}
    found: list[Designation] = []
    notes = Notes("rows_not_vessels", "flag_unknown", "mmsi_invalid")
    seen: set[str] = set()
    for place, cells in _rows(main, content.name, _COLUMNS):
        if cells[0] in seen:
            raise ListError(f"{place}: entry number {cells[0]} stands twice")
        seen.add(cells[0])
        if cells[2] not in _TYPES:
            raise ListError(f"{place}: type {cells[2]!r} is none of individual, vessel, aircraft")
        if cells[2] != "vessel":
            notes["rows_not_vessels"] += 1
            continue
        found.append(_vessel(cells, beside, place, notes))
    for name, rows in beside.items():
        strange = sorted(set(rows) - seen)
        if strange:
            raise ListError(f"{name}: entry {strange[0]} is not in SDN.CSV: the files are not of one date")
    return Reading(found, notes.plain())


def _files(content: Content) -> dict[str, bytes]:
    raw = content.whole()
    if not is_archive(raw):
        return {"sdn.csv": raw}
    files = {name.lower(): part for name, part in members(raw, content.name).items()}
    for name in files:
        if name != "sdn.csv" and name not in _SIDES:
            raise ListError(f"{content.name}: {name} is none of SDN.CSV, ALT.CSV, ADD.CSV, SDN_COMMENTS.CSV")
    if "sdn.csv" not in files:
        raise ListError(f"{content.name}: SDN.CSV is missing")
    return files


def _rows(raw: bytes, name: str, columns: int) -> Iterator[tuple[str, list[str]]]:
    text = decode_text(raw, name)
    if not text.rstrip("\r\n").endswith(_END_MARK):
        raise ListError(f"{name}: does not end with the mark 0x1A of the published file: cut short?")
    reader = csv.reader(io.StringIO(text.rstrip("\r\n")[:-1], newline=""), strict=True)
    try:
        for row in reader:
            if not row:
                continue
            place = f"{name}:{reader.line_num}"
            if len(row) != columns:
                raise ListError(f"{place}: {len(row)} columns, not {columns}: {','.join(row)[:60]!r}")
            cells = [_null(cell) for cell in row]
            if not (cells[0].isascii() and cells[0].isdigit()):
                raise ListError(f"{place}: entry number {cells[0]!r} is not a number")
            yield place, cells
    except csv.Error as error:
        raise ListError(f"{name}:{reader.line_num}: {error}") from error


def _null(cell: str) -> str:
    cell = cell.strip()
    return "" if cell == "-0-" else cell


def _beside(raw: bytes, name: str, columns: int) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for _, cells in _rows(raw, name, columns):
        found.setdefault(cells[0], []).append(cells[1:])
    return found


def _vessel(cells: list[str], beside: dict[str, dict[str, list[list[str]]]], place: str, notes: Notes) -> Designation:
    entry, name, _, programs, _, callsign, ship_type, _, gross, flag, owner, remarks = cells
    if not name:
        raise ListError(f"{place}: entry {entry} has no name")
    for (more,) in beside.get("sdn_comments.csv", {}).get(entry, []):
        # What did not fit into the column goes on where it was cut, in the middle of a statement if need be.
        remarks = f"{remarks} {more}" if remarks.endswith((";", ".")) else remarks + more
    aliases = [(row[2], row[1]) for row in beside.get("alt.csv", {}).get(entry, [])]
    made = vessel(
        entry, name, programs.split("] [") if programs else [], callsign, ship_type, gross, flag, owner, remarks,
        aliases, place, notes,
    )  # fmt: skip
    notes["addresses"] += len(beside.get("add.csv", {}).get(entry, []))
    return made
