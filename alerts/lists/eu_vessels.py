"""The EU's vessels under port bans: Annex XLII of Reg. (EU) 833/2014 and the annexes of Reg. (EU) 2017/1509.

Read from the consolidated xlsx of the EU Sanctions Map, from the Official Journal's HTML annexes, or from another
table with their columns (the Danish Maritime Authority's). Built from the documented layouts; no file of them was at
hand. Name, IMO and date of application only, never flag, MMSI or call sign. Traps: IMO as ``09346732``, ``#REF!`` in
place of dates (counted), the text of a link in place of its address, one hull under two annexes or twice in one.
Numbers of entries shift from version to version, so the IMO number names the entry.
"""

from __future__ import annotations

from collections import Counter

from alerts.designations import Designation
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, list_date, numbers_in_prose, said, ship_number
from alerts.lists.grid import records_of, rows_of
from alerts.names import unwrap

LIST = "eu_vessels"
HEADINGS = {
    "number": ("no", "nr", "#", "number", "entry"),
    "name": (
        "Vessel name", "Vessel name at designation time", "Name of vessel", "Name of the vessel", "Ship name", "Vessel",
    ),
    "imo": ("IMO number", "IMO", "IMO no", "IMO ship identification number", "IMO identification number"),
    "date": ("Date of application", "Date of listing", "Date of designation", "Applicable from"),
    "reason": (
        "Reasons", "Reason", "Grounds", "Reason for inclusion", "Reasons for inclusion", "Grounds for inclusion",
        "Additional information", "Other information", "Identifying information", "Statement of reasons",
    ),
    "annex": ("Annex", "Subject to", "Legal basis", "Regulation", "Restrictive measure", "Measure"),
    "link": ("Link to relevant EU Official Journal", "Official Journal", "Link"),
}  # fmt: skip


def parse(content: Content) -> Reading:
    """All vessels of all tables that have a name and an IMO or a text; :class:`ListError` names row and value."""
    notes = Notes("date_broken", "rows_without_ship")
    found: list[Designation] = []
    times: Counter[str] = Counter()
    for place, row in records_of(rows_of(content), HEADINGS, ("name",), content.name):
        name, in_name = unwrap(said(row.get("name", "")))
        stated = said(row.get("imo", "")) or str(in_name or "")
        if not name or (not stated and name.isdigit()):
            # A wrapped line of the row above, or a heading between parts of the table.
            notes["rows_without_ship"] += 1
            continue
        about = said(row.get("reason", ""))
        prose = numbers_in_prose(about) if not stated else []
        imo, raw = ship_number(stated or " ".join(map(str, prose)), place, notes)
        annex = said(row.get("annex", ""))
        key = str(imo) if imo is not None else name.upper()
        times[key] += 1
        found.append(
            Designation(
                list=LIST,
                entry=key if times[key] == 1 else f"{key}/{times[key]}",
                names=(name,),
                imo=imo,
                raw_imo=raw,
                programs=(annex,) if annex else (),
                designated_on=list_date(row.get("date", ""), place, notes),
                remarks=" ".join(text for text in (about, said(row.get("link", ""))) if text),
            )
        )
    return Reading(found, notes.plain())
