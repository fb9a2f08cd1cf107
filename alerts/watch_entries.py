"""Entries of watchlists: until when they count."""

from __future__ import annotations

from dataclasses import replace

from alerts.designations import Designation, DesignationSet


def has_expired(designation: Designation, day: str | None) -> bool:
    """Whether an entry of a watchlist counts no more on an ISO date; never without a date.

    >>> has_expired(Designation("watchlist:a", "1", ("X",), kind="watch", expires_on="2026-11-30"), "2026-12-01")
    True
    """
    return designation.expires_on is not None and day is not None and day > designation.expires_on


def without_expired(designations: DesignationSet, day: str) -> DesignationSet:
    """The set without the entries of watchlists that have expired by an ISO date; all else stays."""
    if not any(has_expired(d, day) for d in designations.designations):
        return designations
    return DesignationSet(
        replace(s, designations=tuple(d for d in s.designations if not has_expired(d, day)))
        for s in designations.snapshots
    )
