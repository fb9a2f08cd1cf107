"""The Australian DFAT Consolidated List, xlsx, with its class entry for all vessels of the DPRK.

Built from the documented layout (the workbook's columns of 2026); the real content was at hand only as converted by
others. Rows of one entry share the number of their reference (``101``, ``101a``, ``101b``). Traps: references used
again for another ship, former names in prose (``Previous names include X``), and ``Control Date``, the day of the
latest change: it bounds the listing from above, it does not date it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.flags import flag_of_name
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, flag_codes, list_date, said, ship_number
from alerts.lists.grid import records_of, rows_of
from alerts.names import unwrap

LIST = "australia"
HEADINGS = {
    "reference": ("Reference",),
    "name": ("Name of Individual or Entity", "Name of Individual, Entity or Vessel", "Name"),
    "type": ("Type",),
    "name_type": ("Name Type",),
    "strength": ("Alias Strength",),
    "about": ("Additional Information",),
    "listing": ("Listing Information",),
    "imo": ("IMO Number", "IMO"),
    "committees": ("Committees",),
    "control_date": ("Control Date",),
    "instrument": ("Instrument of Designation",),
    "restriction": ("Maritime Restriction",),
}
_REFERENCE = re.compile(r"(\d+)([a-z]*)$", re.I)
_PREVIOUS = re.compile(r"Previous(?:ly)? names? includes?:?\s*([^.;\n]+(?:[.](?!\s|$)[^.;\n]*)*)", re.I)
_LISTED_ON = re.compile(r"\bon (\d{1,2} [A-Z][a-z]{2,8}\.? \d{4})")
_YEAR_MADE = re.compile(r"\bDesignation (\d{4})\b")
_CLASS = re.compile(r"(.+?)\s+vessel class$", re.I)
_FLAG_STATE = re.compile(r"Flag State:\s*([A-Z][A-Za-z' ]+?)\s*[.;(]")


@dataclass(slots=True)
class _Entry:
    """The rows of one reference."""

    place: str
    names: list[tuple[str, str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)


def parse(content: Content) -> Reading:
    """All entries of type Vessel; :class:`ListError` names row and value of what is not understood."""
    notes = Notes("rows_not_vessels", "reference_reused")
    entries: dict[str, _Entry] = {}
    current: dict[str, str] = {}
    for place, row in records_of(rows_of(content), HEADINGS, ("reference", "name", "type"), content.name):
        reference = _REFERENCE.match(said(row.get("reference", "")))
        if reference is None:
            raise ListError(f"{place}: reference {row.get('reference', '')!r} is not like 101 or 101a")
        kind = said(row.get("type", "")).casefold()
        if kind not in ("vessel", "individual", "entity"):
            raise ListError(f"{place}: type {row.get('type', '')!r} is none of Individual, Entity, Vessel")
        if kind != "vessel":
            notes["rows_not_vessels"] += 1
            continue
        key = current.get(reference[1], reference[1])
        number = said(row.get("imo", ""))
        primary = said(row.get("name_type", "")).casefold().startswith("primary")
        known = entries.get(key)
        if known is not None and primary and number and known.numbers and number not in known.numbers:
            # The number of an entry that is gone, given to another ship while the old one's rows still stand.
            notes["reference_reused"] += 1
            key = f"{reference[1]}/{1 + sum(k.split('/')[0] == reference[1] for k in entries)}"
            current[reference[1]] = key
        entry = entries.setdefault(key, _Entry(place))
        entry.names.append((said(row.get("name", "")), said(row.get("name_type", "")), said(row.get("strength", ""))))
        entry.numbers += [number] if number else []
        entry.rows.append(row)
    return Reading([_designation(key, entry, notes) for key, entry in entries.items()], notes.plain())


def _designation(key: str, entry: _Entry, notes: Notes) -> Designation:
    first = next((n for n, kind, _ in entry.names if n and kind.casefold().startswith("primary")), "")
    if not first:
        raise ListError(f"{entry.place}: {key} has no primary name")
    about = " ".join(dict.fromkeys(said(row.get("about", "")) for row in entry.rows)).strip()
    listing = " ".join(dict.fromkeys(said(row.get("listing", "")) for row in entry.rows)).strip()
    committees = dict.fromkeys(said(row.get("committees", "")) for row in entry.rows)
    control = [list_date(row.get("control_date", ""), entry.place, notes) for row in entry.rows]
    stated = _LISTED_ON.search(listing)
    made = [int(y) for row in entry.rows for y in _YEAR_MADE.findall(row.get("instrument", ""))]
    listed = Designation(
        list=LIST,
        entry=key,
        names=(first,),
        programs=tuple(text for text in committees if text),
        designated_on=list_date(stated[1], entry.place) if stated else None,
        remarks=" ".join(filter(None, (about, listing))),
        listed_by=min((day for day in control if day), default=None),
        # An instrument is made in the year that it is named after: no listing under it is older.
        absent_on=f"{min(made) - 1}-12-31" if made and not stated else None,
    )
    if rule := _CLASS.match(first):
        flag = flag_of_name(rule[1])
        if flag is None:
            raise ListError(f"{entry.place}: the class {first!r} names no flag known here")
        return replace(listed, kind="class", flags=(flag,))
    names = [first, *(name for name, _, _ in entry.names if name)]
    for prose in _PREVIOUS.findall(about):
        names += [part.strip(" .") for part in re.split(r",| and (?=[A-Z])|/", prose) if part.strip(" .")]
    in_name = [str(number) for name in names if (number := unwrap(name)[1]) is not None]
    imo, raw = ship_number(" ".join(dict.fromkeys(entry.numbers or in_name)), f"{entry.place}: {key}", notes)
    return replace(
        listed,
        names=tuple(dict.fromkeys(unwrap(name)[0] for name in names)),
        imo=imo,
        raw_imo=raw,
        flags=flag_codes(_FLAG_STATE.findall(about), notes),
        weak_names=tuple(dict.fromkeys(n for n, _, strength in entry.names if strength.casefold() == "weak" and n)),
    )
