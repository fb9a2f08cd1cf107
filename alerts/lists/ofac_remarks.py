"""One vessel of OFAC's list from the columns and remarks that SDN.CSV and SDN.XML have in common.

Remarks are statements between ``;``: ``Vessel Registration Identification IMO 9187629``, ``MMSI 572469210``,
``Former Vessel Flag Malta``, ``Other Vessel Call Sign 5IM713``, ``f.k.a. 'ALPHA'``, ``Linked To: X.``
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.imo import is_ship_imo
from alerts.lists.fields import Notes, flag_codes, said, two_flags

LIST = "ofac"

_REGISTRATION = re.compile(r"(?:Vessel Registration Identification|Identification Number)\s+(?P<id>.+)")
_IMO = re.compile(r"(?:IMO\b\s*)?(\d{7})\b(?:\s*\(.*\))?$")
_MMSI = re.compile(r"MMSI\s+(\d+)$")
_ALSO_KNOWN = re.compile(r"(?:alt\.\s*)?([afn])\.k\.a\.\s+'(.+)'")
_DETAIL = re.compile(r"(?:alt\.\s*)?(Former|Other) Vessel (Flag|Call Sign|Type)\s+(.+)")
_YEAR = re.compile(r"Vessel Year of Build\s+(\d{4})$")
_LINKED = re.compile(r"Linked To:\s*(.+)")


@dataclass(slots=True)
class Found:
    """What the statements of one vessel have given so far."""

    imo: int | None = None
    raw_imo: str | None = None
    names: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)
    mmsis: list[int] = field(default_factory=list)
    callsigns: list[str] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    former: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    year: int | None = None
    companies: list[ListedCompany] = field(default_factory=list)


def vessel(
    entry: str,
    name: str,
    programs: list[str],
    callsign: str,
    ship_type: str,
    gross: str,
    flag: str,
    owner: str,
    remarks: str,
    aliases: list[tuple[str, str]],
    place: str,
    notes: Notes,
) -> Designation:
    """The designation; ``aliases`` are (name, type) from beside the row. :class:`ListError` for two IMO numbers."""
    found = Found(names=[name])
    found.callsigns += [callsign] if said(callsign) else []
    found.present += [flag] if said(flag) else []
    found.types += [ship_type] if said(ship_type) else []
    found.names += [alias for alias, _ in aliases if alias]
    if said(owner):
        found.companies.append(ListedCompany("owner", owner))
    for part in remarks.split(";"):
        _statement(found, part.strip().rstrip(".").strip(), f"{place}: entry {entry}", notes)
    return designation(found, entry, programs, gross, remarks, place, notes)


def designation(
    found: Found,
    entry: str,
    programs: list[str],
    gross: str,
    remarks: str,
    place: str,
    notes: Notes,
    designated_on: str | None = None,
) -> Designation:
    """What was found as a designation, with what is missing counted."""
    if found.imo is None:
        notes["imo_invalid" if found.raw_imo is not None and "IMO" in found.raw_imo else "imo_missing"] += 1
    names = tuple(dict.fromkeys(found.names))
    flags, former_flags = two_flags(flag_codes(found.present, notes), flag_codes(found.former, notes))
    return Designation(
        list=LIST,
        entry=entry,
        names=names,
        imo=found.imo,
        raw_imo=found.raw_imo,
        mmsis=tuple(dict.fromkeys(found.mmsis)),
        callsigns=tuple(dict.fromkeys(found.callsigns)),
        flags=flags,
        former_flags=former_flags,
        ship_type=found.types[0] if found.types else None,
        gross_tonnage=_tonnage(gross, place),
        year_built=found.year,
        programs=tuple(dict.fromkeys(programs)),
        designated_on=designated_on,
        remarks=remarks,
        companies=tuple(dict.fromkeys(found.companies)),
        weak_names=tuple(n for n in names if n in found.weak),
    )


def take_number(found: Found, stated: str, place: str) -> None:
    """A vessel registration identification as stated: an IMO number in any spelling, or a register's own number."""
    number = _IMO.match(" ".join(stated.split()))
    if number is None or (found.imo is None and not is_ship_imo(int(number[1]))):
        found.raw_imo = stated
    elif found.imo is not None and found.imo != int(number[1]):
        raise ListError(f"{place} states two IMO numbers, {found.imo} and {number[1]}")
    else:
        found.imo = int(number[1])


def take_mmsi(found: Found, stated: str, notes: Notes) -> None:
    """An MMSI; one that is not nine digits is counted."""
    if len(stated) == 9 and stated.isascii() and stated.isdigit():
        found.mmsis.append(int(stated))
    else:
        notes["mmsi_invalid"] += 1


def _statement(found: Found, statement: str, place: str, notes: Notes) -> None:
    if registration := _REGISTRATION.match(statement):
        take_number(found, registration["id"], place)
    elif mmsi := _MMSI.match(statement):
        take_mmsi(found, mmsi[1], notes)
    elif other_name := _ALSO_KNOWN.match(statement):
        found.names.append(other_name[2])
        # A name that OFAC puts into the remarks, in quotes, is one that it calls weak.
        found.weak.append(other_name[2])
    elif built := _YEAR.match(statement):
        found.year = int(built[1])
    elif linked := _LINKED.match(statement):
        found.companies.append(ListedCompany("linked to", linked[1]))
    elif detail := _DETAIL.match(statement):
        if detail[2] == "Flag":
            (found.former if detail[1] == "Former" else found.present).append(detail[3])
        elif detail[2] == "Call Sign":
            found.callsigns.append(detail[3])
        else:
            found.types.append(detail[3])


def _tonnage(text: str, place: str) -> int | None:
    if not text:
        return None
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 7):
        raise ListError(f"{place}: gross tonnage {text!r} is not a number")
    return int(digits)
