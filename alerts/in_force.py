"""Whether a designation was in force on a day, as far as the list or its dated versions tell."""

from __future__ import annotations

from alerts.designations import Designation

AT_EVENT = "designated_at_event"
AFTER = "designated_after"
BEFORE = "delisted_before"
UNKNOWN = "unknown"


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
