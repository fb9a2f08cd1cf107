"""A list of vessels (or classes of vessels) as a table with a header: the form for lists without a reader.

CSV, xlsx or an HTML table. Columns in any order; ``entry`` is required, and ``name`` for a vessel; any other column is
an error, unless a column map says what it is called here (``{"IMO No.": "imo", "Remarks 2": ""}``, where an empty name
leaves the column out). With a map, an ``entry`` may be missing: the IMO number, else the name, stands for it::

    list            name of the list, one per file (default: the file's name without its ending)
    kind            vessel (default) or class: all vessels of the flag, or of the companies, given
    entry           the list's own number or code for the entry, unique
    name, aliases   present name; other names separated by ;
    imo             ship IMO number, with or without the letters
    mmsi, callsign  one or more, separated by ;
    flag            present flag, ISO 3166 alpha-3 or a name; former ones may follow after ;
    former_flags    former flags, separated by ;
    ship_type       in the list's words
    gross_tonnage   whole number
    length_m        whole metres
    year_built      whole number
    programs        sanctions programmes or measures, separated by ;
    owner, operator, manager   companies, separated by ;
    owner_imo, operator_imo, manager_imo   their company IMO numbers, in the same order
    designated_on, delisted_on   YYYY-MM-DD
    dates_of        names of other lists, separated by ;, that have listed the ship since designated_on too: for a table
                    that quotes them (``ofac``), so that an entry of theirs without a date is dated by it
    remarks         any text
    title, publisher, licence, url, language   of the list, the same in all rows (or in the first alone)
    legal_designation, non_commercial   yes or no (default: yes, no), the same in all rows
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.flags import flag_of_name
from alerts.imo import is_company_imo, is_ship_imo
from alerts.list_source import ListSource
from alerts.lists.content import Content
from alerts.lists.fields import Reading, iso_date
from alerts.lists.grid import rows_of
from alerts.lists.sources import source_of
from alerts.names import unwrap

ROLES = ("owner", "operator", "manager")
ABOUT = ("title", "publisher", "licence", "url", "language", "legal_designation", "non_commercial")
COLUMNS = (
    "list", "kind", "entry", "name", "aliases", "imo", "mmsi", "callsign", "flag", "former_flags", "ship_type",
    "gross_tonnage", "length_m", "year_built", "programs", *ROLES, *(f"{role}_imo" for role in ROLES), "designated_on",
    "delisted_on", "dates_of", "remarks", *ABOUT,
)  # fmt: skip
_IMO = re.compile(r"(?:IMO)?[ :]*([0-9]{1,12})$", re.IGNORECASE)
_LIST_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}$")
_SAID = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def parse(content: Content, columns: Mapping[str, str] | None = None) -> Reading:
    """All rows; :class:`ListError` names line and value of the first thing that is not as described above."""
    name = content.name
    notes = {"imo_missing": 0, "imo_invalid": 0, "imo_of_company": 0}
    found: list[Designation] = []
    header: list[str] | None = None
    entries: set[str] = set()
    about: dict[str, str] = {}
    for place, cells, sheet in rows_of(content):
        if header is None:
            header = _header(cells, place, columns)
            continue
        # A spreadsheet leaves off the empty cells at a row's end; a text file that is short was cut or shifted.
        if len(cells) > len(header) or (len(cells) < len(header) and not sheet):
            raise ListError(f"{place}: {len(cells)} cells where the header has {len(header)}")
        whole = cells + [""] * (len(header) - len(cells))
        row = {column: cell.strip() for column, cell in zip(header, whole, strict=True) if column}
        made = _designation(row, place, _default_list(name), notes, mapped=columns is not None)
        if made.entry in entries:
            raise ListError(f"{place}: entry {made.entry!r} stands twice")
        if found and made.list != found[0].list:
            raise ListError(f"{place}: list {made.list!r} in a file of list {found[0].list!r}: one file, one list")
        for column in ABOUT:
            if row.get(column) and about.setdefault(column, row[column]) != row[column]:
                raise ListError(f"{place}: {column} {row[column]!r} is not as before: one file, one list")
        entries.add(made.entry)
        found.append(made)
    if header is None:
        raise ListError(f"{name}: is empty")
    return Reading(found, notes, source=_source(found[0].list, about, name) if found and about else None)


def _header(cells: list[str], place: str, columns: Mapping[str, str] | None) -> list[str]:
    ours = {_plain(theirs): column.strip().lower() for theirs, column in (columns or {}).items()}
    for column in ours.values():
        if column and column not in COLUMNS:
            raise ListError(f"{place}: the column map names {column!r}; known: {', '.join(COLUMNS)}")
    missing = set(ours) - {_plain(cell) for cell in cells}
    if missing:
        raise ListError(f"{place}: the column map names {min(missing)!r}, which is not a heading of this table")
    header = [ours.get(_plain(cell), cell.strip().lower()) for cell in cells]
    for column in header:
        if column not in COLUMNS and not (columns is not None and column == ""):
            raise ListError(f"{place}: column {column!r} is not known; known: {', '.join(COLUMNS)}")
        if column and header.count(column) > 1:
            raise ListError(f"{place}: column {column!r} stands twice")
    if "entry" not in header and columns is None:
        raise ListError(f"{place}: the column 'entry' is missing")
    return header


def _plain(heading: str) -> str:
    return " ".join(heading.casefold().split())


def _source(list_name: str, about: Mapping[str, str], name: str) -> ListSource:
    said: dict[str, bool] = {}
    for column, default in (("legal_designation", True), ("non_commercial", False)):
        text = about.get(column, "").lower()
        if text and text not in _SAID:
            raise ListError(f"{name}: {column} {text!r} is neither yes nor no")
        said[column] = _SAID.get(text, default)
    known = source_of(list_name)
    return ListSource(
        list_name,
        about.get("title") or known.title,
        about.get("publisher") or known.publisher,
        about.get("licence") or known.licence,
        about.get("url") or known.url,
        about.get("language") or known.language,
        legal_designation=said["legal_designation"],
        non_commercial=said["non_commercial"],
        note=known.note,
    )


def _default_list(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", PurePath(name).name.split(".")[0].lower()).strip("-") or "table"


def _designation(
    row: dict[str, str], place: str, default_list: str, notes: dict[str, int], *, mapped: bool
) -> Designation:
    list_name = row.get("list") or default_list
    if not _LIST_NAME.match(list_name):
        raise ListError(f"{place}: list {list_name!r} is not a name of small letters, digits, . _ - (at most 40)")
    kind = row.get("kind") or "vessel"
    if kind not in ("vessel", "class"):
        raise ListError(f"{place}: kind {kind!r} is neither vessel nor class")
    name, imo_in_name = unwrap(row.get("name", ""))
    entry = row.get("entry") or (mapped and "entry" not in row and (row.get("imo") or name)) or ""
    if not entry:
        raise ListError(f"{place}: entry is empty")
    if kind == "vessel" and not name:
        raise ListError(f"{place}: name is empty")
    present, former = _flags(row, "flag", place), _flags(row, "former_flags", place)
    companies = tuple(_companies(row, place))
    if kind == "class" and not present and not any(company.imo for company in companies):
        raise ListError(f"{place}: a class needs a flag or a company's IMO number")
    former_flags = tuple(dict.fromkeys(present[1:] + former)) if kind == "vessel" else ()
    imo, raw_imo = _imo(row.get("imo", "") or str(imo_in_name or ""), place, notes, counted=kind == "vessel")
    return Designation(
        list=list_name,
        entry=entry,
        names=tuple(dict.fromkeys(n for n in (name, *_several(row, "aliases")) if n)),
        imo=imo,
        raw_imo=raw_imo,
        mmsis=tuple(_mmsi(text, place) for text in _several(row, "mmsi")),
        callsigns=_several(row, "callsign"),
        flags=tuple(dict.fromkeys(present + former)),
        ship_type=row.get("ship_type") or None,
        gross_tonnage=_whole(row, "gross_tonnage", place),
        year_built=_whole(row, "year_built", place),
        programs=_several(row, "programs"),
        designated_on=_date(row, "designated_on", place),
        delisted_on=_date(row, "delisted_on", place),
        remarks=row.get("remarks", ""),
        kind=kind,
        former_flags=former_flags,
        length_m=_whole(row, "length_m", place),
        companies=companies,
        dates_of=tuple(_dates_of(row, place)),
    )


def _dates_of(row: dict[str, str], place: str) -> Iterable[tuple[str, str]]:
    day = _date(row, "designated_on", place)
    for name in _several(row, "dates_of"):
        if not _LIST_NAME.match(name):
            raise ListError(f"{place}: dates_of {name!r} is not a name of small letters, digits, . _ - (at most 40)")
        if day is None:
            raise ListError(f"{place}: dates_of {name!r} without a designated_on")
        yield name, day


def _companies(row: dict[str, str], place: str) -> Iterable[ListedCompany]:
    for role in ROLES:
        names = [part.strip() for part in row.get(role, "").split(";") if part.strip()]
        numbers = [part.strip() for part in row.get(f"{role}_imo", "").split(";")] if row.get(f"{role}_imo") else []
        if len(numbers) > max(len(names), 1):
            raise ListError(f"{place}: {role}_imo has {len(numbers)} numbers for {len(names)} companies")
        for at, name in enumerate(names or ([""] if numbers else [])):
            stated = numbers[at] if at < len(numbers) else ""
            found = _IMO.match(stated)
            if stated and (found is None or not is_company_imo(int(found[1]))):
                raise ListError(f"{place}: {role}_imo {stated!r} is not a company's IMO number")
            yield ListedCompany(role, name, int(found[1]) if found else None)


def _several(row: dict[str, str], column: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in row.get(column, "").split(";") if part.strip()))


def _flags(row: dict[str, str], column: str, place: str) -> list[str]:
    codes: list[str] = []
    for text in _several(row, column):
        code = flag_of_name(text)
        if code is None:
            raise ListError(f"{place}: {column} {text!r} is not a flag known here (see alerts/flag_names.csv)")
        codes.append(code)
    return codes


def _imo(text: str, place: str, notes: dict[str, int], *, counted: bool) -> tuple[int | None, str | None]:
    if not text:
        notes["imo_missing"] += counted
        return None, None
    found = _IMO.match(text)
    if found is None:
        raise ListError(f"{place}: imo {text!r} is not a number")
    if is_ship_imo(int(found[1])):
        return int(found[1]), None
    notes["imo_of_company" if is_company_imo(int(found[1])) else "imo_invalid"] += 1
    return None, text


def _mmsi(text: str, place: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 9):
        raise ListError(f"{place}: mmsi {text!r} is not nine digits")
    return int(text)


def _whole(row: dict[str, str], column: str, place: str) -> int | None:
    text = row.get(column, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 7 and int(text) > 0):
        raise ListError(f"{place}: {column} {text!r} is not a whole number above 0")
    return int(text)


def _date(row: dict[str, str], column: str, place: str) -> str | None:
    return iso_date(row[column], f"{place}: {column}") if row.get(column) else None
