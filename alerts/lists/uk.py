"""The UK Sanctions List as published in CSV and in XML.

Both built from the documented layout; no file of it was at hand. CSV: line 1 ``Report Date: ...``, then 58 columns,
several rows per ``Unique ID`` (one per name, address, regime); a ship is ``Designation Type`` == ``Ship``. Dates
``dd/mm/yyyy``. The IMO number stands in its column with or without the letters, or only in the name:
``IMO 9413004 ("HORAE")``. The list states no MMSI and no call sign.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import (
    Notes,
    Reading,
    company,
    flag_codes,
    list_date,
    said,
    ship_number,
    two_flags,
    whole,
    year,
)
from alerts.lists.xml_elements import children, elements, local, text_of, texts_of
from alerts.names import unwrap

if TYPE_CHECKING:
    from lxml.etree import _Element

LIST = "uk"
_TYPES = frozenset({"ship", "individual", "entity"})
_NEEDED = (
    "Unique ID", "Name 6", "Name type", "Designation Type", "Date Designated", "Regime Name", "Sanctions Imposed",
    "Other Information", "IMO number", "Current owner/operator (s)", "Previous owner/operator (s)",
    "Current believed flag of ship", "Previous flags", "Type of ship", "Tonnage of ship", "Length of ship",
    "Year Built", "Hull identification number (HIN)",
)  # fmt: skip
_NAMES = tuple(f"Name {n}" for n in range(1, 7))
_SHIP_PATHS = {
    "IMO number": ("IMONumbers", "IMONumber"),
    "Current owner/operator (s)": ("CurrentOwnerOperators", "CurrentOwnerOperator"),
    "Previous owner/operator (s)": ("PreviousOwnerOperators", "PreviousOwnerOperator"),
    "Current believed flag of ship": ("CurrentBelievedFlagOfShips", "CurrentBelievedFlagOfShip"),
    "Previous flags": ("PreviousFlags", "PreviousFlag"),
    "Type of ship": ("TypeOfShipDetails", "TypeOfShip"),
    "Tonnage of ship": ("TonnageOfShipDetails", "TonnageOfShip"),
    "Length of ship": ("LengthOfShipDetails", "LengthOfShip"),
    "Year Built": ("YearsBuilt", "YearBuilt"),
    "Hull identification number (HIN)": ("HullIdentificationNumbers", "HullIdentificationNumber"),
}
_NUMBERED = re.compile(r"\(\d{1,2}\)\s*")
_REPORT = re.compile(r"Report Date:\s*([0-9A-Za-z/ -]+)")

# One row of the CSV, or one name of the XML: (name, its type, its strength), and all other values by column.
_Name = tuple[str, str, str]
_Values = dict[str, list[str]]


def parse_csv(content: Content) -> Reading:
    """All ships of the CSV, one designation per Unique ID; :class:`ListError` names line and value."""
    lines = content.lines()
    first = next(lines, "")
    dated = _REPORT.match(first.strip().strip('"'))
    if dated is None:
        raise ListError(f"{content.name}:1: does not begin with 'Report Date:': {first[:60]!r}")
    notes = Notes("rows_not_vessels")
    ships: dict[str, tuple[str, list[_Name], _Values]] = {}
    types: dict[str, str] = {}
    for place, row in _csv_rows(lines, content.name):
        entry, kind = row["Unique ID"], row["Designation Type"].casefold()
        if not entry:
            raise ListError(f"{place}: Unique ID is empty")
        if kind not in _TYPES or types.setdefault(entry, kind) != kind:
            raise ListError(
                f"{place}: Designation Type {row['Designation Type']!r} of {entry} is not as before or known"
            )
        if kind != "ship":
            notes["rows_not_vessels"] += 1
            continue
        _, names, values = ships.setdefault(entry, (place, [], {}))
        name = " ".join(filter(None, (said(row.get(part)) for part in _NAMES)))
        names.append((name, row["Name type"], row.get("Alias strength", "")))
        names += [(other, "alias", "") for other in [said(row.get("Name non-latin script"))] if other]
        for column, value in row.items():
            if said(value) and value not in values.setdefault(column, []):
                values[column].append(value)
    found = [_ship(entry, names, values, place, notes) for entry, (place, names, values) in ships.items()]
    return Reading(found, notes.plain(), list_date(dated[1].strip(), f"{content.name}:1"))


def parse_xml(content: Content) -> Reading:
    """All ships of the XML; :class:`ListError` names the entry that is not understood."""
    notes = Notes("rows_not_vessels")
    found: list[Designation] = []
    published: str | None = None
    seen: set[str] = set()
    for element in elements(content, ("Designation", "DateGenerated"), "Designations"):
        if local(element) == "DateGenerated":
            published = list_date(text_of(element), f"{content.name}: DateGenerated")
            continue
        entry, kind = text_of(element, "UniqueID"), text_of(element, "IndividualEntityShip").casefold()
        place = f"{content.name} {entry}"
        if not entry or entry in seen:
            raise ListError(f"{place}: UniqueID is missing, or stands twice")
        seen.add(entry)
        if kind not in _TYPES:
            raise ListError(f"{place}: IndividualEntityShip {kind!r} is none of Individual, Entity, Ship")
        if kind != "ship":
            notes["rows_not_vessels"] += 1
            continue
        found.append(_ship(entry, list(_xml_names(element)), _xml_values(element), place, notes))
    return Reading(found, notes.plain(), published)


def _csv_rows(lines: Iterator[str], name: str) -> Iterator[tuple[str, dict[str, str]]]:
    csv.field_size_limit(2**20)
    reader = csv.reader(lines, strict=True)
    try:
        header = [" ".join(cell.split()) for cell in next(reader, [])]
        missing = [column for column in _NEEDED if header.count(column) != 1]
        if missing:
            raise ListError(f"{name}:2: the column {missing[0]!r} is missing or stands twice: the layout has changed")
        for cells in reader:
            place = f"{name}:{reader.line_num + 1}"
            if not any(cells):
                continue
            if len(cells) != len(header):
                raise ListError(f"{place}: {len(cells)} columns, not {len(header)}")
            yield place, dict(zip(header, (cell.strip() for cell in cells), strict=True))
    except csv.Error as error:
        raise ListError(f"{name}:{reader.line_num + 1}: {error}") from error


def _xml_names(element: _Element) -> Iterator[_Name]:
    for name in children(element, "Names", "Name"):
        joined = " ".join(filter(None, (text_of(name, part.replace(" ", "")) for part in _NAMES)))
        yield joined, text_of(name, "NameType"), text_of(name, "AliasStrength")
    for other in texts_of(element, "NonLatinNames", "NonLatinName", "NameNonLatinScript"):
        yield other, "alias", ""


def _xml_values(element: _Element) -> _Values:
    values = {column: texts_of(element, "ShipDetails", "Ship", *path) for column, path in _SHIP_PATHS.items()}
    for column, tag in (
        ("Date Designated", "DateDesignated"), ("Regime Name", "RegimeName"),
        ("Sanctions Imposed", "SanctionsImposed"), ("Other Information", "OtherInformation"),
        ("UK Statement of Reasons", "UKStatementofReasons"),
    ):  # fmt: skip
        values[column] = texts_of(element, tag)
    return values


def _ship(entry: str, names: list[_Name], values: _Values, place: str, notes: Notes) -> Designation:
    primary = [name for name, kind, _ in names if name and kind.casefold().startswith("primary")]
    aliases = [name for name, kind, _ in names if name and not kind.casefold().startswith("primary")]
    weak = [name for name, _, strength in names if strength.casefold().startswith("low")]
    if not primary:
        raise ListError(f"{place}: {entry} has no primary name")
    imo, raw_imo = _number(primary + aliases, values.get("IMO number", []), f"{place}: {entry}", notes)
    days = {list_date(text, f"{place}: Date Designated", notes) for text in values.get("Date Designated", [])}
    dates = sorted(day for day in days if day is not None)
    if not dates:
        raise ListError(f"{place}: {entry} has no date of designation")
    present = flag_codes(_parts(values.get("Current believed flag of ship", [])), notes)
    flags, former_flags = two_flags(present, flag_codes(_parts(values.get("Previous flags", [])), notes))
    about = [*values.get("Other Information", []), *values.get("UK Statement of Reasons", [])]
    regimes = values.get("Regime Name", []) + [
        p for text in values.get("Sanctions Imposed", []) for p in text.split("|")
    ]
    unwrapped = [unwrap(name)[0] for name in primary + aliases]
    return Designation(
        list=LIST,
        entry=entry,
        names=tuple(dict.fromkeys(unwrapped)),
        imo=imo,
        raw_imo=raw_imo,
        flags=flags,
        former_flags=former_flags,
        ship_type=next(iter(map(said, values.get("Type of ship", []))), None) or None,
        gross_tonnage=_first_whole(values.get("Tonnage of ship", []), "tonnage_unclear", notes),
        length_m=_first_whole(values.get("Length of ship", []), "length_unclear", notes),
        year_built=next((built for text in values.get("Year Built", []) if (built := year(text, notes))), None),
        programs=tuple(dict.fromkeys(p.strip() for p in regimes if p.strip())),
        designated_on=dates[0],
        remarks=" ".join(dict.fromkeys(said(text) for text in about if said(text))),
        companies=tuple(dict.fromkeys(_companies(values, notes))),
        weak_names=tuple(dict.fromkeys(unwrap(name)[0] for name in weak if name)),
        national_ids=tuple(said(text) for text in values.get("Hull identification number (HIN)", []) if said(text)),
    )


def _number(names: list[str], stated: list[str], place: str, notes: Notes) -> tuple[int | None, str | None]:
    in_names = {number for name in names if (number := unwrap(name)[1]) is not None}
    texts = list(dict.fromkeys([*filter(None, map(said, stated)), *map(str, sorted(in_names))]))
    return ship_number(" ".join(texts), place, notes)


def _parts(texts: Iterable[str]) -> list[str]:
    return [part.strip() for text in texts for part in re.split(r"[;|]|\(\d{1,2}\)", text) if said(part)]


def _first_whole(texts: list[str], reason: str, notes: Notes) -> int | None:
    return next((number for text in texts if (number := whole(text, reason, notes)) is not None), None)


def _companies(values: _Values, notes: Notes) -> Iterator[ListedCompany]:
    for column, former in (("Current owner/operator (s)", False), ("Previous owner/operator (s)", True)):
        for text in values.get(column, []):
            for part in _NUMBERED.split(text):
                made = company(part.strip(" ;,"), "owner or operator", notes, former=former)
                if made is not None:
                    yield made
