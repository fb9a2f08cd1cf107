"""OpenSanctions in its two tables: ``targets.simple.csv`` (any dataset) and ``maritime.csv``.

Built from the documented columns; no file of them was at hand. A compilation under CC BY-NC 4.0: an entry says which
lists it stands in (``programs``), and is a legal designation only where its topics say so. ``first_seen`` is the day of
a crawl and dates nothing. Traps: ``Vessel`` or ``VESSEL``, organisations with *company* IMO numbers, masked MMSI
(``273######``), several IMO numbers in one row of ``maritime.csv`` (each becomes an entry).
"""

from __future__ import annotations

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.imo import is_company_imo, is_ship_imo
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, flag_codes, mmsi_numbers, said, ship_number
from alerts.lists.grid import records_of, rows_of

LIST = "opensanctions"
MARITIME = "opensanctions_maritime"
_SIMPLE_COLUMNS = {
    name: (name,)
    for name in ("id", "schema", "name", "aliases", "countries", "identifiers", "sanctions", "program_ids", "dataset")
}
_MARITIME_COLUMNS = {
    name: (name,)
    for name in ("type", "caption", "imo", "risk", "countries", "flag", "mmsi", "id", "url", "datasets", "aliases")
}


def parse_simple(content: Content) -> Reading:
    """All rows of schema Vessel of ``targets.simple.csv``; :class:`ListError` names line and value."""
    notes = Notes("rows_not_vessels", "mmsi_invalid", "imo_of_company")
    found: list[Designation] = []
    seen: set[str] = set()
    rows = records_of(rows_of(content, delimiter=","), _SIMPLE_COLUMNS, ("id", "schema", "identifiers"), content.name)
    for place, row in rows:
        if row.get("schema", "").casefold() != "vessel":
            notes["rows_not_vessels"] += 1
            continue
        entry = _entry(row, place, seen)
        names = _several(row, "name") + _several(row, "aliases")
        if not names:
            raise ListError(f"{place}: {entry} has no name")
        identifiers = _several(row, "identifiers")
        imo, raw = _one_number(identifiers, notes)
        numbers = [i for i in identifiers if len(i) == 9 and i.isascii() and i.isdigit()]
        others = [i for i in identifiers if i not in numbers and not _is_imo(i)]
        found.append(
            Designation(
                list=LIST,
                entry=entry,
                names=tuple(dict.fromkeys(names)),
                imo=imo,
                raw_imo=raw,
                mmsis=mmsi_numbers(numbers, notes),
                # The column "countries" mixes flags with the countries of owners and programmes: no flag is taken.
                programs=tuple(dict.fromkeys(_several(row, "program_ids") + _several(row, "dataset"))),
                remarks=said(row.get("sanctions", "")),
                legal=bool(_several(row, "sanctions")),
                national_ids=tuple(others),
            )
        )
    return Reading(found, notes.plain())


def parse_maritime(content: Content) -> Reading:
    """All vessels of ``maritime.csv``, one entry for each IMO number; :class:`ListError` names line and value."""
    notes = Notes("rows_not_vessels", "mmsi_invalid", "imo_of_company", "flag_unknown", "not_legal")
    found: list[Designation] = []
    seen: set[str] = set()
    rows = records_of(rows_of(content, delimiter=","), _MARITIME_COLUMNS, ("type", "imo", "risk", "id"), content.name)
    for place, row in rows:
        entry = said(row.get("id", ""))
        if not entry:
            raise ListError(f"{place}: id is empty")
        if row.get("type", "").casefold() != "vessel":
            notes["rows_not_vessels"] += 1
            continue
        names = [n for n in (said(row.get("caption", "")), *_several(row, "aliases")) if n]
        if not names:
            raise ListError(f"{place}: {entry} has no name")
        risks = _several(row, "risk")
        legal = "sanction" in risks
        for stated in _several(row, "imo") or [""]:
            imo, raw = ship_number(stated, place, notes)
            key = entry if entry not in seen else f"{entry}/{stated or len(seen)}"
            if key in seen:
                raise ListError(f"{place}: {entry} with IMO {stated!r} stands twice")
            seen.add(key)
            notes["not_legal"] += not legal
            found.append(
                Designation(
                    list=MARITIME,
                    entry=key,
                    names=tuple(dict.fromkeys(names)),
                    imo=imo,
                    raw_imo=raw,
                    mmsis=mmsi_numbers(_several(row, "mmsi"), notes),
                    flags=flag_codes(_several(row, "flag"), notes),
                    programs=tuple(dict.fromkeys(risks + _several(row, "datasets"))),
                    remarks=said(row.get("url", "")),
                    legal=legal,
                )
            )
    return Reading(found, notes.plain())


def _entry(row: dict[str, str], place: str, seen: set[str]) -> str:
    entry = said(row.get("id", ""))
    if not entry or entry in seen:
        raise ListError(f"{place}: id {entry!r} is empty, or stands twice")
    seen.add(entry)
    return entry


def _several(row: dict[str, str], column: str) -> list[str]:
    return [text for part in row.get(column, "").split(";") if (text := said(part))]


def _is_imo(text: str) -> bool:
    return text.upper().startswith("IMO") or (len(text) == 7 and text.isascii() and text.isdigit())


def _one_number(identifiers: list[str], notes: Notes) -> tuple[int | None, str | None]:
    stated = {text.upper().removeprefix("IMO").strip(" :") for text in identifiers if _is_imo(text)}
    numbers = sorted(int(text) for text in stated if len(text) == 7 and text.isascii() and text.isdigit())
    ships = [number for number in numbers if is_ship_imo(number)]
    if len(ships) == 1:
        return ships[0], None
    if len(ships) > 1:
        # Merged by the compiler from several lists: which is the hull's is not guessed.
        notes["imo_several"] += 1
        return None, " ".join(map(str, ships))
    reason = "imo_missing" if not stated else "imo_invalid"
    notes["imo_of_company" if any(map(is_company_imo, numbers)) else reason] += 1
    return None, " ".join(sorted(stated)) or None
