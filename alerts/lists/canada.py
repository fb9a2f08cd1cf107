"""Canada's consolidated autonomous sanctions list (SEMA), XML: flat records of persons, entities and ships.

Both layouts of its element names are read: plain (``ShipIMONumber``, as published until 2026) and bilingual
(``ShipIMONumber-NumeroOMIDuNavire``, since August 2026), by what stands before the hyphen. Dates are ISO, at times an
Excel serial number. The real file in the plain layout was at hand; the bilingual one is built from its documented form.
"""

from __future__ import annotations

import re
from collections import Counter

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, list_date, said, ship_number, year
from alerts.lists.xml_elements import elements, local, text_of
from alerts.names import unwrap

LIST = "canada"
_TITLE = ("TitleOrShip", "TitleOrShipType")
_KNOWN = frozenset(
    {
        "Country", "LastName", "GivenName", "EntityOrShip", "ShipIMONumber", "DateOfBirthOrShipBuildDate", "Schedule",
        "Item", "DateOfListing", "Aliases", *_TITLE,
    }
)  # fmt: skip


def parse(content: Content) -> Reading:
    """All records with a ship's IMO number, or whose title is a ship's type; :class:`ListError` for other fields."""
    notes = Notes("rows_not_vessels", "imo_of_company")
    found: list[Designation] = []
    times: Counter[str] = Counter()
    for number, element in enumerate(elements(content, ("record",), "data-set"), start=1):
        place = f"{content.name} record {number}"
        row: dict[str, str] = {}
        for value in element:
            name = local(value).split("-", 1)[0]
            if name not in _KNOWN:
                raise ListError(f"{place}: the field {local(value)!r} is not known: the layout has changed")
            row[name] = said(text_of(value))
        title = row.get(_TITLE[0]) or row.get(_TITLE[1], "")
        person = row.get("LastName") or row.get("GivenName")
        if person or not (row.get("ShipIMONumber") or (row.get("EntityOrShip") and title)):
            notes["rows_not_vessels"] += 1
            continue
        found.append(_ship(row, title, place, times, notes))
    return Reading(found, notes.plain())


def _ship(row: dict[str, str], title: str, place: str, times: Counter[str], notes: Notes) -> Designation:
    name, in_name = unwrap(row.get("EntityOrShip", ""))
    if not name:
        raise ListError(f"{place}: a ship without a name")
    imo, raw = ship_number(row.get("ShipIMONumber", "") or str(in_name or ""), place, notes)
    country = row.get("Country", "").split(" / ")[0]
    # The list numbers its items per schedule of each regulation.
    key = "/".join(filter(None, (country, row.get("Schedule"), row.get("Item")))) or name
    times[key] += 1
    aliases = [re.sub(r"^[A-Z][A-Za-z]+:\s*", "", part.strip()) for part in row.get("Aliases", "").split(";")]
    return Designation(
        list=LIST,
        entry=key if times[key] == 1 else f"{key}#{times[key]}",
        names=tuple(dict.fromkeys(n for n in (name, *aliases) if n)),
        imo=imo,
        raw_imo=raw,
        ship_type=title.split(" | ", maxsplit=1)[0] or None,
        year_built=year(row.get("DateOfBirthOrShipBuildDate", ""), notes),
        programs=tuple(filter(None, (country, f"Schedule {row['Schedule']}" if row.get("Schedule") else ""))),
        designated_on=list_date(row.get("DateOfListing", ""), place, notes),
    )
