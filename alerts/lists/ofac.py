"""OFAC's Specially Designated Nationals list as published in SDN.CSV.

Twelve columns without a header, ``-0-`` for null, a 0x1A after the last row. IMO, MMSI, former flags and names stand
in the last column, ``;``-separated. The file has no listing dates: versions compared tell them.
"""

from __future__ import annotations

import csv
import io
import re

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.flags import flag_of_name
from alerts.imo import is_ship_imo
from alerts.lists.content import Content, decode_text
from alerts.lists.fields import Reading

LIST = "ofac"
_COLUMNS = 12
_TYPES = frozenset({"individual", "vessel", "aircraft", ""})
_END_MARK = "\x1a"

_REGISTRATION = re.compile(r"(?:Vessel Registration Identification|Identification Number)\s+(?P<id>.+)")
_IMO = re.compile(r"(?:IMO\b\s*)?(\d{7})\b(?:\s*\(.*\))?$")
_MMSI = re.compile(r"MMSI\s+(\d+)$")
_ALSO_KNOWN = re.compile(r"(?:alt\.\s*)?([afn])\.k\.a\.\s+'(.+)'")
_DETAIL = re.compile(r"(?:alt\.\s*)?(Former|Other) Vessel (Flag|Call Sign|Type)\s+(.+)")
_YEAR = re.compile(r"Vessel Year of Build\s+(\d{4})$")


def parse(source: Content) -> Reading:
    """All rows of type vessel, with counts of what was met and not used; :class:`ListError` names the bad row."""
    content, name = source.whole(), source.name
    text = decode_text(content, name)
    if not text.rstrip("\r\n").endswith(_END_MARK):
        raise ListError(f"{name}: does not end with the mark 0x1A of the published file: cut short?")
    found: list[Designation] = []
    notes = {"rows_not_vessels": 0, "imo_missing": 0, "imo_invalid": 0, "flag_unknown": 0, "mmsi_invalid": 0}
    seen: set[str] = set()
    reader = csv.reader(io.StringIO(text.rstrip("\r\n")[:-1], newline=""), strict=True)
    try:
        for row in reader:
            if not row:
                continue
            place = f"{name}:{reader.line_num}"
            if len(row) != _COLUMNS:
                raise ListError(f"{place}: {len(row)} columns, not {_COLUMNS}: {','.join(row)[:60]!r}")
            cells = [_null(cell) for cell in row]
            if not (cells[0].isascii() and cells[0].isdigit()):
                raise ListError(f"{place}: entry number {cells[0]!r} is not a number")
            if cells[0] in seen:
                raise ListError(f"{place}: entry number {cells[0]} stands twice")
            seen.add(cells[0])
            if cells[2] not in _TYPES:
                raise ListError(f"{place}: type {cells[2]!r} is none of individual, vessel, aircraft")
            if cells[2] != "vessel":
                notes["rows_not_vessels"] += 1
                continue
            found.append(_vessel(cells, place, notes))
    except csv.Error as error:
        raise ListError(f"{name}:{reader.line_num}: {error}") from error
    return Reading(found, notes)


def _null(cell: str) -> str:
    cell = cell.strip()
    return "" if cell == "-0-" else cell


def _vessel(cells: list[str], place: str, notes: dict[str, int]) -> Designation:
    entry, name, _, programs, _, callsign, ship_type, _, gross, flag, _, remarks = cells
    if not name:
        raise ListError(f"{place}: entry {entry} has no name")
    imo: int | None = None
    raw_imo: str | None = None
    names = [name]
    mmsis: list[int] = []
    callsigns: list[str] = [callsign] if callsign else []
    present: list[str] = [flag] if flag else []
    former: list[str] = []
    year: int | None = None
    for part in remarks.split(";"):
        statement = part.strip().rstrip(".").strip()
        if registration := _REGISTRATION.match(statement):
            number = _IMO.match(registration["id"])
            if number is None or (imo is None and not is_ship_imo(int(number[1]))):
                raw_imo = registration["id"]
            elif imo is not None and imo != int(number[1]):
                raise ListError(f"{place}: entry {entry} states two IMO numbers, {imo} and {number[1]}")
            else:
                imo = int(number[1])
        elif mmsi := _MMSI.match(statement):
            if len(mmsi[1]) == 9:
                mmsis.append(int(mmsi[1]))
            else:
                notes["mmsi_invalid"] += 1
        elif other_name := _ALSO_KNOWN.match(statement):
            names.append(other_name[2])
        elif built := _YEAR.match(statement):
            year = int(built[1])
        elif detail := _DETAIL.match(statement):
            if detail[2] == "Flag":
                (former if detail[1] == "Former" else present).append(detail[3])
            elif detail[2] == "Call Sign":
                callsigns.append(detail[3])
            elif not ship_type:
                ship_type = detail[3]
    if imo is None:
        notes["imo_invalid" if raw_imo is not None and "IMO" in raw_imo else "imo_missing"] += 1
    flags, former_flags = _codes(present, notes), _codes(former, notes)
    return Designation(
        list=LIST,
        entry=entry,
        names=tuple(dict.fromkeys(names)),
        imo=imo,
        raw_imo=raw_imo,
        mmsis=tuple(dict.fromkeys(mmsis)),
        callsigns=tuple(dict.fromkeys(callsigns)),
        flags=tuple(dict.fromkeys(flags + former_flags)),
        ship_type=ship_type or None,
        gross_tonnage=_tonnage(gross, place),
        year_built=year,
        programs=tuple(programs.split("] [")) if programs else (),
        remarks=remarks,
        former_flags=tuple(code for code in former_flags if code not in flags),
    )


def _codes(flags: list[str], notes: dict[str, int]) -> list[str]:
    codes: list[str] = []
    for flag in flags:
        code = flag_of_name(flag)
        if code is not None:
            codes.append(code)
        elif flag != "None Identified":
            notes["flag_unknown"] += 1
    return codes


def _tonnage(text: str, place: str) -> int | None:
    if not text:
        return None
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 7):
        raise ListError(f"{place}: gross tonnage {text!r} is not a number")
    return int(digits)
