"""OFAC's SDN list as published in SDN_ADVANCED.XML: the form with listing dates, read in flat memory.

Built from the documented layout (the Advanced Sanctions Data Standard); no file of it was at hand. Five sections are
joined: ``ReferenceValueSets`` (labels of all type numbers), ``IDRegDocuments`` (IMO and MMSI, by identity),
``DistinctParties`` (names, flags, call signs, by profile), ``ProfileRelationships`` and ``SanctionsEntries`` (dates and
programmes, by profile). Types are told by their labels, never by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, said, year
from alerts.lists.ofac_remarks import Found, designation, take_mmsi, take_number
from alerts.lists.xml_elements import child, children, elements, local, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_SECTIONS = (
    "DateOfIssue", "ReferenceValueSets", "IDRegDocument", "DistinctParty", "ProfileRelationship", "SanctionsEntry",
)  # fmt: skip
_NUMBERS = ("vessel registration identification", "identification number")
_OWNERS = ("owned or controlled by", "owner or operator")


@dataclass(slots=True)
class _Party:
    """A vessel while its sections are put together."""

    profile: str
    identities: list[str]
    found: Found
    gross: str = ""


@dataclass(slots=True)
class _Sections:
    """What is kept of a file of any size: labels, the numbers of ships, the vessels, names and dates by profile."""

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    documents: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    vessels: dict[str, _Party] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    relations: dict[str, list[tuple[str, str, bool]]] = field(default_factory=dict)
    entries: dict[str, tuple[str | None, list[str]]] = field(default_factory=dict)
    published: str | None = None
    parties: int = 0

    def label(self, kind: str, number: str | None) -> str:
        """The label of a type number, in small letters; empty for none."""
        return self.labels.get(kind, {}).get(number or "", "").casefold()


def parse(content: Content) -> Reading:
    """All parties of subtype Vessel; :class:`ListError` where a section that they need is missing or contradicts."""
    notes = Notes("rows_not_vessels", "flag_unknown", "mmsi_invalid", "date_missing")
    read = _Sections()
    for element in elements(content, _SECTIONS, "Sanctions"):
        section = local(element)
        if section == "DateOfIssue":
            read.published = _day(element)
        elif section == "ReferenceValueSets":
            read.labels = _labels(element)
        elif not read.labels.get("PartySubType"):
            raise ListError(f"{content.name}: {section} stands before the ReferenceValueSets that it needs")
        elif section == "IDRegDocument":
            _document(read, element)
        elif section == "DistinctParty":
            _party(read, element, content.name, notes)
        elif section == "ProfileRelationship":
            _relation(read, element)
        else:
            _entry(read, element)
    if not read.parties:
        raise ListError(f"{content.name}: no DistinctParty: another layout")
    return Reading(list(_joined(read, content.name, notes)), notes.plain(), read.published)


def _labels(sets: _Element) -> dict[str, dict[str, str]]:
    labels: dict[str, dict[str, str]] = {}
    for kind in sets:
        for value in kind:
            labels.setdefault(local(value), {})[value.get("ID", "")] = text_of(value)
    return labels


def _document(read: _Sections, element: _Element) -> None:
    kind = read.label("IDRegDocType", element.get("IDRegDocTypeID"))
    number = text_of(element, "IDRegistrationNo")
    if kind == "mmsi" or kind in _NUMBERS:
        read.documents.setdefault(element.get("IdentityID", ""), []).append((kind, number))


def _party(read: _Sections, element: _Element, name: str, notes: Notes) -> None:
    for profile in children(element, "Profile"):
        read.parties += 1
        number = profile.get("ID", "")
        names = list(_names(read, profile))
        if read.label("PartySubType", profile.get("PartySubTypeID")) != "vessel":
            notes["rows_not_vessels"] += 1
            read.others[number] = names[0][0] if names else ""
            continue
        place = f"{name} profile {number}"
        if number in read.vessels or not number:
            raise ListError(f"{place}: the number is missing, or stands twice")
        if not names:
            raise ListError(f"{place}: has no name")
        found = Found(names=[one for one, _ in names], weak=[one for one, weak in names if weak])
        identities = [identity.get("ID", "") for identity in children(profile, "Identity")]
        party = _Party(number, identities, found)
        for feature in children(profile, "Feature"):
            _feature(read, party, feature, notes)
        read.vessels[number] = party


def _names(read: _Sections, profile: _Element) -> Iterator[tuple[str, bool]]:
    """(name, weak) of all aliases: the primary one first, Latin before other scripts."""
    found: list[tuple[int, int, str, bool]] = []
    for identity in children(profile, "Identity"):
        for alias in children(identity, "Alias"):
            rank = 0 if alias.get("Primary") == "true" else 1
            for documented in children(alias, "DocumentedName"):
                values = children(documented, "DocumentedNamePart", "NamePartValue")
                name = " ".join(text_of(value) for value in values)
                latin = all(read.label("Script", value.get("ScriptID")) in ("", "latin") for value in values)
                if name:
                    found.append((rank, 0 if latin else 1, name, alias.get("LowQuality") == "true"))
    found.sort(key=lambda item: item[:2])
    return ((name, weak) for _, _, name, weak in found)


def _feature(read: _Sections, party: _Party, feature: _Element, notes: Notes) -> None:
    kind = read.label("FeatureType", feature.get("FeatureTypeID"))
    found = party.found
    for version in children(feature, "FeatureVersion"):
        detail = child(version, "VersionDetail")
        reference = detail.get("DetailReferenceID") if detail is not None else None
        value = said(text_of(detail)) or said(read.labels.get("DetailReference", {}).get(reference or "", ""))
        if not value:
            if kind == "vessel year of build" and (built := child(version, "DatePeriod")) is not None:
                value = text_of(built, "Start", "From", "Year")
            if not value:
                continue
        if kind.endswith("vessel flag"):
            (found.former if kind.startswith("former") else found.present).append(value)
        elif kind.endswith("vessel call sign"):
            found.callsigns.append(value)
        elif kind.endswith("vessel type"):
            found.types.append(value)
        elif kind == "vessel gross registered tonnage":
            party.gross = value
        elif kind == "vessel owner":
            found.companies.append(ListedCompany("owner", value))
        elif kind == "vessel year of build":
            found.year = year(value, notes)
        elif kind == "mmsi":
            take_mmsi(found, value, notes)


def _relation(read: _Sections, element: _Element) -> None:
    kind = read.label("RelationType", element.get("RelationTypeID"))
    relation = (kind, element.get("To-ProfileID", ""), element.get("Former") == "true")
    read.relations.setdefault(element.get("From-ProfileID", ""), []).append(relation)


def _entry(read: _Sections, element: _Element) -> None:
    days: list[tuple[bool, str]] = []
    for event in children(element, "EntryEvent"):
        day = _day(child(event, "Date"))
        if day is not None:
            kind = read.label("EntryEventType", event.get("EntryEventTypeID"))
            days.append((kind not in ("", "created"), day))
    measures = children(element, "SanctionsMeasure")
    programs = [
        text_of(measure, "Comment")
        for measure in measures
        if read.label("SanctionsType", measure.get("SanctionsTypeID")) in ("", "program")
    ]
    profile = element.get("ProfileID", "")
    earlier = read.entries.get(profile, (None, []))
    # When it was created; failing that, the first thing that happened to it. Of two entries the earlier dates it.
    first = min(days)[1] if days else None
    known = [day for day in (first, earlier[0]) if day is not None]
    read.entries[profile] = (min(known, default=None), earlier[1] + [p for p in programs if p])


def _day(element: _Element | None) -> str | None:
    year, month, day = (text_of(element, part) for part in ("Year", "Month", "Day"))
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _joined(read: _Sections, name: str, notes: Notes) -> Iterator[Designation]:
    for party in read.vessels.values():
        place = f"{name} profile {party.profile}"
        if party.profile not in read.entries:
            raise ListError(f"{place}: a vessel without a SanctionsEntry: the file is cut short, or of another layout")
        for identity in party.identities:
            for kind, number in read.documents.get(identity, []):
                if kind == "mmsi":
                    take_mmsi(party.found, number, notes)
                else:
                    take_number(party.found, number, place)
        for kind, other, former in read.relations.get(party.profile, []):
            if company := read.others.get(other):
                role = "owner" if kind in _OWNERS else "linked to"
                party.found.companies.append(ListedCompany(role, company, former=former))
        day, programs = read.entries[party.profile]
        notes["date_missing"] += day is None
        yield designation(party.found, party.profile, programs, party.gross, "", place, notes, day)
