"""Designations: one list's entry for a hull or a class of hulls, and the set of them that screening asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


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


class DesignationSet:
    """All designations to screen against, with the look-up tables that make one question cheap."""

    def __init__(self, snapshots: Iterable[Snapshot] = ()) -> None:
        self.snapshots = tuple(snapshots)
        self.designations = tuple(d for s in self.snapshots for d in s.designations)
