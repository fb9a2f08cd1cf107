"""Ukraine's Defence Intelligence (GUR), "War and Sanctions", ships: findings of a service, no legal designation.

Published as pages; read here from a table (CSV, xlsx, HTML) whose headings are the labels of those pages. Built from
the documented labels; no file of it was at hand. Former names and flags stand as ``A / B``, companies as
``Name (IMO / Country / Date)``.
"""

from __future__ import annotations

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import (
    Notes,
    Reading,
    company,
    flag_codes,
    mmsi_numbers,
    said,
    ship_number,
    two_flags,
    whole,
    year,
)
from alerts.lists.grid import records_of, rows_of

LIST = "gur"
HEADINGS = {
    "name": ("Vessel name (international according to IMO)", "Vessel name", "Ship name"),
    "imo": ("IMO",),
    "mmsi": ("MMSI",),
    "callsign": ("Call sign",),
    "flag": ("Flag (Current)", "Flag"),
    "former_flags": ("Flags (former)", "Former flags"),
    "former_names": ("Former ship names", "Former names"),
    "type": ("Vessel Type", "Type"),
    "gross": ("Gross tonnage", "Gross tonnage (GT)"),
    "built": ("Build year", "Built year"),
    "category": ("Category",),
    "about": ("Vessel information",),
    "sanctions": ("Sanctions",),
    "owner": ("Shipowner (IMO / Country / Date)", "Ship Owner (IMO / Country / Date)", "Shipowner"),
    "commercial": ("Commercial ship manager (IMO / Country / Date)", "Commercial ship manager"),
    "safety": ("Ship Safety Management Manager (IMO / Country / Date)", "Ship Safety Management Manager"),
}
_ROLES = {"owner": "owner", "commercial": "operator", "safety": "manager"}


def parse(content: Content) -> Reading:
    """All rows; :class:`ListError` names row and value of the first that is not understood."""
    notes = Notes("mmsi_invalid", "flag_unknown", "imo_of_company", "company_imo_invalid")
    found: list[Designation] = []
    seen: set[str] = set()
    for place, row in records_of(rows_of(content), HEADINGS, ("name", "imo"), content.name):
        made = _ship(row, place, notes)
        if made.entry in seen:
            raise ListError(f"{place}: {made.entry} stands twice")
        seen.add(made.entry)
        found.append(made)
    return Reading(found, notes.plain())


def _ship(row: dict[str, str], place: str, notes: Notes) -> Designation:
    name = said(row.get("name", ""))
    if not name:
        raise ListError(f"{place}: the name is empty")
    imo, raw = ship_number(said(row.get("imo", "")), place, notes)
    flags, former = two_flags(flag_codes([row.get("flag", "")], notes), flag_codes(_parts(row, "former_flags"), notes))
    companies = (
        company(part, role, notes) for column, role in _ROLES.items() for part in row.get(column, "").split(" | ")
    )
    return Designation(
        list=LIST,
        entry=str(imo) if imo is not None else raw or name,
        names=tuple(dict.fromkeys([name, *_parts(row, "former_names")])),
        imo=imo,
        raw_imo=raw,
        mmsis=mmsi_numbers([row.get("mmsi", "")], notes),
        callsigns=tuple(filter(None, [said(row.get("callsign", ""))])),
        flags=flags,
        former_flags=former,
        ship_type=said(row.get("type", "")) or None,
        gross_tonnage=whole(row.get("gross", ""), "tonnage_unclear", notes),
        year_built=year(row.get("built", ""), notes),
        programs=tuple(filter(None, [said(row.get("category", ""))])),
        remarks=" ".join(filter(None, (said(row.get("about", "")), said(row.get("sanctions", ""))))),
        companies=tuple(made for made in companies if made is not None),
        legal=False,
    )


def _parts(row: dict[str, str], column: str) -> list[str]:
    return [text for part in row.get(column, "").split(" / ") if (text := said(part.strip(" /|")))]
