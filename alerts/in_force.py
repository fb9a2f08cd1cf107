"""Whether a designation was in force on a day, as far as the list or its dated versions tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alerts.designations import Designation

AT_EVENT = "designated_at_event"
AFTER = "designated_after"
BEFORE = "delisted_before"
UNKNOWN = "unknown"


def dated_by(designation: Designation, entries: Iterable[Designation]) -> tuple[Designation, Designation] | None:
    """An undated designation with the day that another list quotes for it, and the entry that quotes it; else None.

    ``entries`` are those of the same hull. Only a day stated of *this* list counts: when one authority listed a hull
    says nothing of when another did. A day that the versions known here contradict is not taken; of several, the first.

    >>> ours = Designation("ofac", "7", ("A",), imo=9074729)
    >>> quoting = Designation("compiled", "1", ("A",), imo=9074729, dates_of=(("ofac", "2026-03-20"),))
    >>> dated_by(ours, [ours, quoting])[0].designated_on
    '2026-03-20'
    """
    if designation.designated_on is not None:
        return None
    quoted = [(day, entry) for entry in entries for of, day in entry.dates_of if of == designation.list]
    fitting = [
        (day, entry)
        for day, entry in quoted
        if (designation.listed_by is None or day <= designation.listed_by)
        and (designation.absent_on is None or day > designation.absent_on)
    ]
    if not fitting:
        return None
    day, entry = min(fitting, key=lambda one: (one[0], one[1].list, one[1].entry))
    return replace(designation, designated_on=day), entry


def in_force(designation: Designation, at: str | None) -> str:
    """``designated_at_event``, ``designated_after``, ``delisted_before`` or ``unknown`` for an ISO date.

    Dates stated by the list come first; where it states none, the versions known to hold or lack the entry bound it,
    and a day between those bounds is ``unknown``.

    >>> in_force(Designation("x", "1", ("A",), designated_on="2018-03-30"), "2018-02-13")
    'designated_after'
    """
    if at is None:
        return UNKNOWN
    d = designation
    if d.delisted_on is not None and at >= d.delisted_on:
        return BEFORE
    if d.gone_by is not None and d.delisted_on is None:
        if at >= d.gone_by:
            return BEFORE
        if d.present_on is not None and at > d.present_on:
            return UNKNOWN
    if d.designated_on is not None:
        return AT_EVENT if at >= d.designated_on else AFTER
    if d.listed_by is not None and at >= d.listed_by:
        return AT_EVENT
    if d.absent_on is not None and at <= d.absent_on:
        return AFTER
    return UNKNOWN
