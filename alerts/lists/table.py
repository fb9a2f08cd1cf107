"""A list of vessels (or classes of vessels) as a CSV table with a header: the form for lists without a reader.

Columns in any order; ``entry`` is required, and ``name`` for a vessel; any other column is an error::

    list            name of the list, one per file (default: the file's name without its ending)
    kind            vessel (default) or class: all vessels of the flag given
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
    designated_on, delisted_on   YYYY-MM-DD
    remarks         any text
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import PurePath

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.flags import flag_of_name
from alerts.imo import is_company_imo, is_ship_imo
from alerts.lists.content import Content, decode_text
from alerts.lists.fields import Reading, iso_date
from alerts.names import unwrap

COLUMNS = (
    "list", "kind", "entry", "name", "aliases", "imo", "mmsi", "callsign", "flag", "former_flags", "ship_type",
    "gross_tonnage", "length_m", "year_built", "programs", "designated_on", "delisted_on", "remarks",
)  # fmt: skip
_IMO = re.compile(r"(?:IMO)?[ :]*([0-9]{1,12})$", re.IGNORECASE)
_LIST_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}$")


def parse(source: Content, columns: Mapping[str, str] | None = None) -> Reading:
    """All rows; :class:`ListError` names line and value of the first thing that is not as described above."""
    content, name = source.whole(), source.name
    text = decode_text(content, name)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    notes = {"imo_missing": 0, "imo_invalid": 0, "imo_of_company": 0}
    found: list[Designation] = []
    try:
        header = _header(next(reader, []), name)
        entries: set[str] = set()
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            place = f"{name}:{reader.line_num}"
            if len(cells) != len(header):
                raise ListError(f"{place}: {len(cells)} cells where the header has {len(header)}")
            row = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
            made = _designation(row, place, _default_list(name), notes)
            if made.entry in entries:
                raise ListError(f"{place}: entry {made.entry!r} stands twice")
            if found and made.list != found[0].list:
                raise ListError(f"{place}: list {made.list!r} in a file of list {found[0].list!r}: one file, one list")
            entries.add(made.entry)
            found.append(made)
    except csv.Error as error:
        raise ListError(f"{name}:{reader.line_num}: {error}") from error
    return Reading(found, notes)


def _header(cells: list[str], name: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    for column in header:
        if column not in COLUMNS:
            raise ListError(f"{name}:1: column {column!r} is not known; known: {', '.join(COLUMNS)}")
        if header.count(column) > 1:
            raise ListError(f"{name}:1: column {column!r} stands twice")
    if "entry" not in header:
        raise ListError(f"{name}:1: the column 'entry' is missing")
    return header


def _default_list(name: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", PurePath(name).name.split(".")[0].lower()).strip("-") or "table"


def _designation(row: dict[str, str], place: str, default_list: str, notes: dict[str, int]) -> Designation:
    list_name = row.get("list") or default_list
    if not _LIST_NAME.match(list_name):
        raise ListError(f"{place}: list {list_name!r} is not a name of small letters, digits, . _ - (at most 40)")
    kind = row.get("kind") or "vessel"
    if kind not in ("vessel", "class"):
        raise ListError(f"{place}: kind {kind!r} is neither vessel nor class")
    if not row["entry"]:
        raise ListError(f"{place}: entry is empty")
    name, imo_in_name = unwrap(row.get("name", ""))
    if kind == "vessel" and not name:
        raise ListError(f"{place}: name is empty")
    present, former = _flags(row, "flag", place), _flags(row, "former_flags", place)
    if kind == "class" and not present:
        raise ListError(f"{place}: a class needs a flag")
    former_flags = tuple(dict.fromkeys(present[1:] + former)) if kind == "vessel" else ()
    imo, raw_imo = _imo(row.get("imo", "") or str(imo_in_name or ""), place, notes, counted=kind == "vessel")
    return Designation(
        list=list_name,
        entry=row["entry"],
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
    )


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
