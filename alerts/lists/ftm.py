"""FollowTheMoney entities as JSON lines (OpenSanctions' ``entities.ftm.json``, ``targets.nested.json``, own exports).

Built from the documented model; no file of it was at hand. Read twice: first for vessels, sanctions and ownerships,
then for the names of the owners, so that memory holds what concerns ships alone. A sanction stands on its own line with
its ``entity``, or nested in the vessel.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import (
    Notes,
    Reading,
    company_number,
    flag_codes,
    list_date,
    mmsi_numbers,
    said,
    ship_number,
    two_flags,
    whole,
    year,
)

LIST = "opensanctions"
_LINKS = {
    "Ownership": ("asset", "owner", "owner"), "UnknownLink": ("object", "subject", "linked to"),
    "Representation": ("client", "agent", "manager"),
}  # fmt: skip
_QUOTED = {
    "us_ofac_sdn": "ofac", "un_1718_vessels": "un1718", "eu_fsf": "eu_fsf", "eu_journal_sanctions": "eu_vessels",
    "gb_fcdo_sanctions": "uk", "gb_hmt_sanctions": "uk", "au_dfat_sanctions": "australia",
    "ca_dfatd_sema_sanctions": "canada", "ch_seco_sanctions": "switzerland", "ua_war_sanctions": "gur",
}  # fmt: skip
"""OpenSanctions' names of the lists that its sanctions are taken from, and ours for the same lists."""
_Entity = dict[str, Any]


@dataclass(slots=True)
class _Kept:
    """What the first reading keeps."""

    vessels: dict[str, _Entity] = field(default_factory=dict)
    sanctions: dict[str, list[_Entity]] = field(default_factory=dict)
    links: list[tuple[str, str, str, bool]] = field(default_factory=list)


def parse(content: Content) -> Reading:
    """All entities of schema Vessel; :class:`ListError` names the line that is not an entity."""
    notes = Notes("rows_not_vessels", "mmsi_invalid", "imo_of_company", "flag_unknown", "not_legal", "imo_several")
    kept = _Kept()
    for place, entity in _entities(content):
        schema = entity["schema"]
        if schema == "Vessel":
            if entity["id"] in kept.vessels:
                raise ListError(f"{place}: the vessel {entity['id']} stands twice")
            kept.vessels[entity["id"]] = entity
        elif schema == "Sanction":
            for target in _texts(entity, "entity"):
                kept.sanctions.setdefault(target, []).append(entity)
        elif schema in _LINKS:
            ship, other, role = _LINKS[schema]
            former = bool(_texts(entity, "endDate"))
            kept.links += [(s, o, role, former) for s in _texts(entity, ship) for o in _texts(entity, other)]
        else:
            notes["rows_not_vessels"] += 1
    if not kept.vessels:
        raise ListError(f"{content.name}: no entity of schema Vessel")
    companies = _companies(content, kept)
    found = [
        _vessel(entity, kept.sanctions.get(entry, []), companies.get(entry, []), content.name, notes)
        for entry, entity in kept.vessels.items()
    ]
    return Reading(found, notes.plain())


def _entities(content: Content) -> Iterator[tuple[str, _Entity]]:
    for number, line in enumerate(content.lines(), start=1):
        place = f"{content.name}:{number}"
        if not line.strip():
            continue
        try:
            entity = json.loads(line)
        # A file cut short, another encoding, or one nested beyond the parser's depth.
        except (ValueError, RecursionError) as error:
            raise ListError(f"{place}: is not JSON ({str(error)[:80]})") from error
        if (
            not isinstance(entity, dict)
            or not isinstance(entity.get("id"), str)
            or not isinstance(entity.get("schema"), str)
            or not isinstance(entity.get("properties"), dict)
        ):
            raise ListError(f"{place}: is not an entity with id, schema and properties")
        yield place, entity


def _texts(entity: _Entity, name: str) -> list[str]:
    values = entity["properties"].get(name) or []
    if not isinstance(values, list):
        values = [values]
    return [text for value in values if isinstance(value, str | int | float) and (text := said(value))]


def _datasets(entity: _Entity) -> list[str]:
    named = entity.get("datasets")
    return [text for text in named if isinstance(text, str)] if isinstance(named, list) else []


def _companies(content: Content, kept: _Kept) -> dict[str, list[ListedCompany]]:
    links = [link for link in kept.links if link[0] in kept.vessels and link[1] not in kept.vessels]
    wanted = {other for _, other, _, _ in links}
    known: dict[str, tuple[str, int | None]] = {}
    if wanted:
        for _, entity in _entities(content):
            if entity["id"] in wanted:
                names = [*_texts(entity, "name"), *filter(None, [said(entity.get("caption"))])]
                imos = filter(None, map(company_number, _texts(entity, "imoNumber")))
                known[entity["id"]] = (names[0] if names else "", next(imos, None))
    found: dict[str, list[ListedCompany]] = {}
    for ship, other, role, former in links:
        name, imo = known.get(other, ("", None))
        if name:
            found.setdefault(ship, []).append(ListedCompany(role, name, imo, former=former))
    return found


def _vessel(
    entity: _Entity, sanctions: list[_Entity], companies: list[ListedCompany], file: str, notes: Notes
) -> Designation:
    place = f"{file} {entity['id']}"
    first = _texts(entity, "name") or list(filter(None, [said(entity.get("caption"))]))
    if not first:
        raise ListError(f"{place}: has no name")
    weak = _texts(entity, "weakAlias")
    names = [*first, *_texts(entity, "alias"), *_texts(entity, "previousName"), *weak]
    nested = entity["properties"].get("sanctions") or []
    sanctions = [*sanctions, *(s for s in nested if isinstance(s, dict) and isinstance(s.get("properties"), dict))]
    begins, ends = _dates(sanctions, place, notes)
    imo, raw = _number(_texts(entity, "imoNumber"), place, notes)
    topics = _texts(entity, "topics")
    legal = "sanction" in topics or bool(sanctions and not topics)
    notes["not_legal"] += not legal
    flags, former = two_flags(flag_codes(_texts(entity, "flag"), notes), flag_codes(_texts(entity, "pastFlags"), notes))
    programs = [p for s in sanctions for p in (_texts(s, "programId") or _texts(s, "program"))]
    return Designation(
        list=LIST,
        entry=entity["id"],
        names=tuple(dict.fromkeys(names)),
        imo=imo,
        raw_imo=raw,
        mmsis=mmsi_numbers(_texts(entity, "mmsi"), notes),
        callsigns=tuple(dict.fromkeys(_texts(entity, "callSign"))),
        flags=flags,
        former_flags=former,
        ship_type=next(iter(_texts(entity, "type")), None),
        gross_tonnage=_first(_texts(entity, "grossRegisteredTonnage"), notes),
        year_built=min((y for t in _texts(entity, "buildDate") if (y := year(t, notes)) is not None), default=None),
        programs=tuple(dict.fromkeys([*programs, *_datasets(entity)])),
        designated_on=begins,
        delisted_on=ends,
        remarks=" ".join(_texts(entity, "notes")),
        companies=tuple(dict.fromkeys(companies)),
        weak_names=tuple(dict.fromkeys(weak)),
        legal=legal,
        dates_of=_dates_of(sanctions, place),
    )


def _first(texts: Iterable[str], notes: Notes) -> int | None:
    return next((number for text in texts if (number := whole(text, "tonnage_unclear", notes)) is not None), None)


def _dates(sanctions: list[_Entity], place: str, notes: Notes) -> tuple[str | None, str | None]:
    begins: list[str] = []
    ends: list[str | None] = []
    for sanction in sanctions:
        stated = [*_texts(sanction, "startDate"), *_texts(sanction, "listingDate")]
        # A year or a month alone dates nothing to the day; it is left out and counted.
        days = [list_date(text, place, notes) for text in stated if len(text) >= 10]
        notes["date_inexact"] += len(stated) - len(days)
        begins += [day for day in days if day is not None]
        ended = [list_date(text, place, notes) for text in _texts(sanction, "endDate") if len(text) >= 10]
        ends.append(max((day for day in ended if day is not None), default=None))
    over = [day for day in ends if day is not None]
    # Delisted only where every list that names it has ended.
    return min(begins, default=None), max(over) if over and len(over) == len(ends) else None


def _dates_of(sanctions: list[_Entity], place: str) -> tuple[tuple[str, str], ...]:
    """Since when each list that a sanction is taken from has named the vessel; what is unclear was counted before."""
    found: dict[str, str] = {}
    for sanction in sanctions:
        begins, _ = _dates([sanction], place, Notes())
        for name in map(_QUOTED.get, _datasets(sanction)):
            if name is not None and begins is not None:
                found[name] = min(begins, found.get(name, begins))
    return tuple(sorted(found.items()))


def _number(stated: list[str], place: str, notes: Notes) -> tuple[int | None, str | None]:
    made = [ship_number(text, place, Notes()) for text in stated]
    ships = list(dict.fromkeys(imo for imo, _ in made if imo is not None))
    if len(ships) > 1:
        # Merged by the compiler from several lists: which is the hull's is not guessed.
        notes["imo_several"] += 1
        return None, " ".join(map(str, ships))
    return (ships[0], None) if ships else ship_number(" ".join(stated), place, notes)
