"""Designations: one list's entry for a hull or a class of hulls, and the set of them that screening asks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from alerts.callsigns import callsign_key
from alerts.list_source import ListSource
from alerts.names import AIS_NAME_LENGTH, name_keys

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class ListedCompany:
    """A company (or person) that a list names with a vessel; ``imo`` is a valid *company* IMO number or None.

    ``role`` is ``owner``, ``operator``, ``owner or operator``, ``manager``, ``controlled by`` or ``linked to`` (a link
    that the list states without its kind); ``country`` ISO alpha-3, dates ISO where the list has them.
    """

    role: str
    name: str
    imo: int | None = None
    country: str | None = None
    since: str | None = None
    former: bool = False


@dataclass(frozen=True, slots=True)
class Designation:
    """One entry of one list.

    ``imo`` is a valid ship IMO or None (an invalid one stays in ``raw_imo``, never matched); ``mmsis`` all listed;
    ``flags`` ISO 3166 alpha-3, present flag first, former flags after; dates ISO ``YYYY-MM-DD`` or None where the list
    does not say.
    """

    list: str
    entry: str
    names: tuple[str, ...]
    imo: int | None = None
    raw_imo: str | None = None
    mmsis: tuple[int, ...] = ()
    callsigns: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    ship_type: str | None = None
    gross_tonnage: int | None = None
    year_built: int | None = None
    programs: tuple[str, ...] = ()
    designated_on: str | None = None
    delisted_on: str | None = None
    remarks: str = ""
    kind: str = "vessel"
    """``vessel`` for one hull, ``class`` for all vessels of a flag (``flags``) or of a company (``companies``),
    ``watch`` for a hull on a watchlist, which is kept apart from what lists say of it."""
    former_flags: tuple[str, ...] = ()
    """Those of ``flags`` that the list calls former; an MMSI with their digits is historic."""
    length_m: int | None = None
    listed_by: str | None = None
    """Publication date of the earliest version known to hold the entry, where ``designated_on`` is not stated."""
    absent_on: str | None = None
    """Publication date of the latest earlier version known to lack it."""
    present_on: str | None = None
    """Publication date of the latest version known to hold it, if a later one lacks it."""
    gone_by: str | None = None
    """Publication date of the first later version that lacks it."""
    companies: tuple[ListedCompany, ...] = ()
    """Owners, operators and managers that the list names with the vessel."""
    weak_names: tuple[str, ...] = ()
    """Those of ``names`` that the list itself calls weak."""
    legal: bool = True
    """False for an entry that is no legal designation (a detention, a person's or a body's finding)."""
    national_ids: tuple[str, ...] = ()
    """Other numbers of the hull, as the list writes them (register, ENI, hull identification); never matched."""
    watched_by: str = ""
    """Who asked for an entry of a watchlist (``kind`` ``watch``); the reason stands in ``remarks``."""
    dates_of: tuple[tuple[str, str], ...] = ()
    """(list, ISO day) where the entry quotes other lists: since when each of them has listed the hull."""
    expires_on: str | None = None
    """The last ISO day on which an entry of a watchlist counts; None for no end."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published version of a list, as read: where from, when, and what came out.

    ``id`` is derived from list and sha256 of the bytes. ``notes`` counts what was met and not used
    (``imo_missing``, ``imo_invalid``, ``rows_not_vessels`` ...).
    """

    id: str
    list: str
    sha256: str
    published: str | None
    designations: tuple[Designation, ...]
    notes: dict[str, int] = field(default_factory=dict)
    source: ListSource | None = None


@dataclass(frozen=True, slots=True)
class Hull:
    """All entries of all lists for one ship: those with its IMO, or one entry that has none or is of a watchlist."""

    imo: int | None
    designations: tuple[Designation, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of every entry, in list order, once each."""
        return tuple(dict.fromkeys(name for d in self.designations for name in d.names))


class DesignationSet:
    """All designations to screen against, with the look-up tables that make one question cheap.

    Order is by list, then entry as published, whatever the order of the snapshots. The tables are made at the first
    question; the set itself never changes.
    """

    def __init__(self, snapshots: Iterable[Snapshot] = ()) -> None:
        self.snapshots = tuple(sorted(snapshots, key=lambda s: (s.list, s.id)))
        self.designations = tuple(d for s in self.snapshots for d in s.designations)

    def __len__(self) -> int:
        return len(self.designations)

    def lists(self) -> tuple[tuple[str, str], ...]:
        """(list name, snapshot id) of every list in the set."""
        return tuple((s.list, s.id) for s in self.snapshots)

    def source_of(self, list_name: str) -> ListSource | None:
        """Publisher, licence and cautions of a list of the set; None for a list that is not in it or states none."""
        return self._sources.get(list_name)

    def as_of(self, date: str) -> DesignationSet:
        """The set without entries that, by their own dates, were not yet or no longer in force on an ISO date.

        Entries without dates stay. For the *version* of a list of that day see :class:`alerts.lists.store.ListStore`.
        """
        return DesignationSet(
            replace(s, designations=tuple(d for d in s.designations if _in_force(d, date))) for s in self.snapshots
        )

    def hulls(self) -> tuple[Hull, ...]:
        """Entries grouped by ship, in order of their first entry; class designations are not ships and stay out."""
        return self._hulls

    def with_imo(self, imo: int) -> tuple[Hull, ...]:
        """Hulls with this IMO number (one of the lists, and those of watchlists)."""
        return self._by_imo.get(imo, ())

    def with_mmsi(self, mmsi: int) -> tuple[Hull, ...]:
        """Hulls for which some list states this MMSI."""
        return self._by_mmsi.get(mmsi, ())

    def with_callsign(self, callsign: str) -> tuple[Hull, ...]:
        """Hulls for which some list states this call sign (folded by :func:`callsign_key`)."""
        return self._by_callsign.get(callsign, ())

    def with_name_key(self, letters: str, numbers: tuple[int, ...]) -> tuple[Hull, ...]:
        """Hulls with this name key (or with a name that AIS would cut to it)."""
        return self._by_name.get((letters, numbers), ())

    def classes(self) -> tuple[Designation, ...]:
        """Designations of all vessels of a flag or of a company."""
        return self._classes

    def classes_of_flag(self, flag: str) -> tuple[Designation, ...]:
        """Designations of all vessels of this flag (ISO alpha-3)."""
        return self._by_class_flag.get(flag, ())

    def classes_of_company(self, imo: int) -> tuple[Designation, ...]:
        """Designations of all vessels of the company with this company IMO number."""
        return self._by_class_company.get(imo, ())

    @cached_property
    def _classes(self) -> tuple[Designation, ...]:
        return tuple(d for d in self.designations if d.kind == "class")

    @cached_property
    def _sources(self) -> dict[str, ListSource | None]:
        return {s.list: s.source for s in reversed(self.snapshots)}

    @cached_property
    def _by_class_flag(self) -> dict[str, tuple[Designation, ...]]:
        flags = dict.fromkeys(flag for d in self._classes for flag in d.flags)
        return {flag: tuple(d for d in self._classes if flag in d.flags) for flag in flags}

    @cached_property
    def _by_class_company(self) -> dict[int, tuple[Designation, ...]]:
        found: dict[int, list[Designation]] = {}
        for d in self._classes:
            for imo in dict.fromkeys(c.imo for c in d.companies if c.imo is not None and not c.former):
                found.setdefault(imo, []).append(d)
        return {imo: tuple(some) for imo, some in found.items()}

    @cached_property
    def _hulls(self) -> tuple[Hull, ...]:
        groups: dict[Hashable, list[Designation]] = {}
        for d in self.designations:
            if d.kind == "watch":  # what an analyst wrote is no part of what a list says of the same hull
                groups[d.list, d.entry] = [d]
            elif d.kind != "class":
                groups.setdefault(d.imo if d.imo is not None else (d.list, d.entry), []).append(d)
        return tuple(Hull(group[0].imo, tuple(group)) for group in groups.values())

    @cached_property
    def _by_imo(self) -> dict[int, tuple[Hull, ...]]:
        return self._index(lambda d: () if d.imo is None else (d.imo,))

    @cached_property
    def _by_mmsi(self) -> dict[int, tuple[Hull, ...]]:
        return self._index(lambda d: d.mmsis)

    @cached_property
    def _by_callsign(self) -> dict[str, tuple[Hull, ...]]:
        return self._index(lambda d: (callsign_key(c) for c in d.callsigns))

    @cached_property
    def _by_name(self) -> dict[tuple[str, tuple[int, ...]], tuple[Hull, ...]]:
        return self._index(lambda d: (key for name in d.names for key in _name_entries(name)))

    def _index(self, keys_of: Callable[[Designation], Iterable[_Key]]) -> dict[_Key, tuple[Hull, ...]]:
        index: dict[_Key, dict[int, Hull]] = {}
        for number, hull in enumerate(self._hulls):
            for designation in hull.designations:
                for key in keys_of(designation):
                    index.setdefault(key, {})[number] = hull
        return {key: tuple(hulls.values()) for key, hulls in index.items()}


def _name_entries(name: str) -> Iterable[tuple[str, tuple[int, ...]]]:
    for key in name_keys(name):
        yield key.letters, key.numbers
    # What a transponder makes of a longer name: its first twenty characters.
    if len(name) > AIS_NAME_LENGTH:
        for key in name_keys(name[:AIS_NAME_LENGTH]):
            yield key.letters, key.numbers


def _in_force(designation: Designation, date: str) -> bool:
    begins = designation.designated_on
    if designation.expires_on is not None and date > designation.expires_on:
        return False
    ends = designation.delisted_on or designation.gone_by
    begun = begins <= date if begins is not None else (designation.absent_on is None or designation.absent_on < date)
    return begun and (ends is None or date < ends)
