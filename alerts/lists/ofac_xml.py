"""OFAC's SDN list as published in SDN.XML: one ``sdnEntry`` each, without listing dates.

Built from the documented layout (the publisher's ``sdnList`` schema); no file of it was at hand. Entry numbers are
those of SDN.CSV, so that versions in either form are versions of one list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, said, year
from alerts.lists.ofac_remarks import Found, designation, take_mmsi, take_number
from alerts.lists.xml_elements import child, children, elements, text_of, texts_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_TYPES = frozenset({"individual", "entity", "vessel", "aircraft"})
_PUBLISHED = re.compile(r"(\d{2})/(\d{2})/(\d{4})$")


def parse(content: Content) -> Reading:
    """All entries of type Vessel; :class:`ListError` names the entry that is not understood."""
    notes = Notes("rows_not_vessels", "flag_unknown", "mmsi_invalid")
    found: list[Designation] = []
    seen: set[str] = set()
    published: str | None = None
    for element in elements(content, ("sdnEntry", "publshInformation"), "sdnList"):
        if element.tag.endswith("publshInformation"):
            published = _published(text_of(element, "Publish_Date"), content.name)
            continue
        entry, kind = text_of(element, "uid"), text_of(element, "sdnType").casefold()
        place = f"{content.name} entry {entry}"
        if not (entry.isascii() and entry.isdigit()) or entry in seen:
            raise ListError(f"{place}: the number is missing, or stands twice")
        seen.add(entry)
        if kind not in _TYPES:
            raise ListError(f"{place}: type {kind!r} is none of {', '.join(sorted(_TYPES))}")
        if kind != "vessel":
            notes["rows_not_vessels"] += 1
            continue
        found.append(_vessel(element, entry, place, notes))
    return Reading(found, notes.plain(), published)


def _published(text: str, name: str) -> str | None:
    # The one American date of all lists: month first.
    stated = _PUBLISHED.match(text)
    if text and stated is None:
        raise ListError(f"{name}: Publish_Date {text!r} is not like 07/02/2024")
    return f"{stated[3]}-{stated[1]}-{stated[2]}" if stated else None


def _vessel(element: _Element, entry: str, place: str, notes: Notes) -> Designation:
    name = text_of(element, "lastName")
    if not name:
        raise ListError(f"{place}: has no name")
    found = Found(names=[name])
    for alias in children(element, "akaList", "aka"):
        other = " ".join(filter(None, (text_of(alias, "firstName"), text_of(alias, "lastName"))))
        found.names.append(other or name)
        if text_of(alias, "category").casefold() == "weak":
            found.weak.append(other)
    for number in children(element, "idList", "id"):
        kind, stated = text_of(number, "idType").casefold(), text_of(number, "idNumber")
        _take(found, kind, stated, place, notes)
    info = child(element, "vesselInfo")
    found.callsigns += texts_of(info, "callSign")
    found.types += texts_of(info, "vesselType")
    found.present += texts_of(info, "vesselFlag")
    found.companies += [ListedCompany("owner", owner) for owner in texts_of(info, "vesselOwner") if said(owner)]
    remarks = text_of(element, "remarks")
    for part in remarks.split(";"):
        statement, _, company = part.strip().rstrip(".").partition("Linked To:")
        if not statement and company.strip():
            found.companies.append(ListedCompany("linked to", company.strip()))
    gross = text_of(info, "grossRegisteredTonnage")
    return designation(found, entry, texts_of(element, "programList", "program"), gross, remarks, place, notes)


def _take(found: Found, kind: str, stated: str, place: str, notes: Notes) -> None:
    if kind in ("vessel registration identification", "identification number"):
        take_number(found, stated, place)
    elif kind == "mmsi":
        take_mmsi(found, stated, notes)
    elif kind == "vessel year of build":
        found.year = year(stated, notes)
    elif kind.endswith("vessel flag"):
        (found.former if kind.startswith("former") else found.present).append(stated)
    elif kind.endswith("vessel call sign"):
        found.callsigns.append(stated)
    elif kind.endswith("vessel type"):
        found.types.append(stated)
