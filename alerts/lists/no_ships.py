"""Two lists that name persons and companies and no ship, though "IMO" stands in them: those are company numbers.

UN consolidated list (XML) and Japan's Ministry of Finance list (xlsx), both in the publisher's own layout. Nothing in
them is a vessel; what stands behind the letters IMO is counted by kind, so that a change of the list is seen: a number
that is a ship's and no company's is refused, because then the list has begun to name ships. (One of the UN's sixteen
company numbers, 1790183, passes the ships' check digit too.)
"""

from __future__ import annotations

import re

from alerts.errors import ListError
from alerts.imo import is_company_imo, is_ship_imo
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, list_date
from alerts.lists.grid import rows_of
from alerts.lists.xml_elements import elements, root_attributes, text_of

MIN_ENTRIES = 100
"""Persons and companies below which the file is taken to be cut short."""
# With what may stand between the letters and the number, also in full width.
_NUMBER = re.compile(r"\bIMO\)?(?:\s*(?:company)?\s*(?:number|no\.?|番号))?\s*[:：.]?\s*(\d+)", re.I)


def parse_un(content: Content) -> Reading:
    """No designation from the UN consolidated list, and the count of company numbers in its comments."""
    notes = _notes()
    for element in elements(content, ("INDIVIDUAL", "ENTITY"), "CONSOLIDATED_LIST"):
        notes["rows_not_vessels"] += 1
        _count(text_of(element), content.name, notes)
    stated = root_attributes(content).get("dateGenerated", "")
    return _reading(content, notes, list_date(stated, f"{content.name}: dateGenerated"))


def parse_japan(content: Content) -> Reading:
    """No designation from Japan's list, and the count of company numbers in its remarks."""
    notes = _notes()
    for place, cells, _ in rows_of(content):
        # Rows of entries begin with their number; titles and headings do not.
        notes["rows_not_vessels"] += any(cell[:1].isdigit() for cell in cells[:2])
        for cell in cells:
            _count(cell, place, notes)
    return _reading(content, notes, None)


def _notes() -> Notes:
    return Notes("rows_not_vessels", "imo_of_company")


def _count(text: str, place: str, notes: Notes) -> None:
    for stated in _NUMBER.findall(text):
        number = int(stated) if len(stated) == 7 else 0
        if is_company_imo(number):
            notes["imo_of_company"] += 1
        elif is_ship_imo(number):
            raise ListError(
                f"{place}: IMO {number} is a ship's number, where this list names companies only: read anew"
            )
        else:
            notes["imo_invalid"] += 1


def _reading(content: Content, notes: Notes, published: str | None) -> Reading:
    entries = notes["rows_not_vessels"]
    if entries < MIN_ENTRIES:
        raise ListError(f"{content.name}: {entries} persons and companies are fewer than {MIN_ENTRIES}: cut short?")
    return Reading([], notes.plain(), published)
