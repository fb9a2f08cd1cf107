"""The EU's consolidated financial sanctions list, XML version 1.1: almost no ships, and those coded as enterprises.

Built from the documented layout (``export`` of ``sanctionEntity``); no file of it was at hand. A ship is an entity of
any subject type with an identification of type ``imo`` that is a *ship's* number; a company's number is counted and
left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.imo import is_company_imo
from alerts.lists.content import Content
from alerts.lists.fields import (
    Notes,
    Reading,
    flag_codes,
    is_ships_own,
    list_date,
    mmsi_numbers,
    numbers_in_prose,
    said,
    ship_number,
)
from alerts.lists.xml_elements import children, elements, root_attributes, texts_of

if TYPE_CHECKING:
    from lxml.etree import _Element

LIST = "eu_fsf"
_VESSEL_CODES = frozenset({"vessel", "ship", "v"})
_SEVEN = re.compile(r"\d{7}")


def parse(content: Content) -> Reading:
    """All entities that are ships; :class:`ListError` names the entity that is not understood."""
    notes = Notes("imo_of_company", "rows_not_vessels")
    found: list[Designation] = []
    seen: set[str] = set()
    for element in elements(content, ("sanctionEntity",), "export"):
        entry = element.get("euReferenceNumber") or element.get("logicalId") or ""
        place = f"{content.name} {entry}"
        if not entry or entry in seen:
            raise ListError(f"{place}: the reference number is missing, or stands twice")
        seen.add(entry)
        made = _ship(element, entry, place, notes)
        if made is None:
            notes["rows_not_vessels"] += 1
        else:
            found.append(made)
    stated = root_attributes(content).get("generationDate", "")
    return Reading(found, notes.plain(), list_date(stated, f"{content.name}: generationDate"))


def _ship(element: _Element, entry: str, place: str, notes: Notes) -> Designation | None:
    numbers = _identifications(element, "imo")
    coded = {subject.get("code", "").casefold() for subject in children(element, "subjectType")} & _VESSEL_CODES
    remarks = texts_of(element, "remark")
    if not numbers and not coded:
        return None
    stated = " ".join(numbers)
    found = [int(number) for number in _SEVEN.findall(stated)]
    if not coded and not any(map(is_ships_own, found)):
        notes["imo_of_company"] += any(map(is_company_imo, found))
        return None
    prose = [] if stated else [str(n) for text in remarks for n in numbers_in_prose(text)]
    imo, raw = ship_number(stated or " ".join(prose), place, notes)
    aliases = children(element, "nameAlias")
    names = [(said(alias.get("wholeName")), alias.get("strong") == "false") for alias in aliases]
    if not any(name for name, _ in names):
        raise ListError(f"{place}: has no name")
    regulations = children(element, "regulation")
    days = [
        list_date(r.get("entryIntoForceDate") or r.get("publicationDate") or "", f"{place}: regulation", notes)
        for r in regulations
        if r.get("regulationType") != "amendment"
    ]
    return Designation(
        list=LIST,
        entry=entry,
        names=tuple(dict.fromkeys(name for name, _ in names if name)),
        imo=imo,
        raw_imo=raw,
        mmsis=mmsi_numbers(_identifications(element, "mmsi"), notes),
        flags=flag_codes([c.get("countryIso2Code") or "" for c in children(element, "citizenship")], notes),
        programs=tuple(dict.fromkeys(r.get("programme", "") for r in regulations if r.get("programme"))),
        designated_on=min((day for day in days if day is not None), default=None),
        remarks=" ".join(remarks),
        weak_names=tuple(dict.fromkeys(name for name, weak in names if name and weak)),
    )


def _identifications(element: _Element, kind: str) -> list[str]:
    found = children(element, "identification")
    codes = [
        (i.get("identificationTypeCode", "").casefold(), i.get("number") or i.get("latinNumber") or "") for i in found
    ]
    return [said(number) for code, number in codes if code == kind and said(number)]
