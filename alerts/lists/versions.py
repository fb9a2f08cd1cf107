"""Two versions of one list: what changed, and whether the new one can be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from alerts.designations import Designation, Snapshot
from alerts.errors import ListError

MAX_LOSS = 0.1
"""Part of the entries that may be gone from one version to the next before the new one is doubted."""
ALWAYS_ALLOWED = 5
"""Entries that may go in any case: a short list loses a tenth by one delisting."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry before and after."""

    before: Designation
    after: Designation


@dataclass(frozen=True, slots=True)
class ListDiff:
    """What version ``after`` has otherwise than ``before``; an entry can be renamed and reflagged at once."""

    before: str
    after: str
    additions: tuple[Designation, ...]
    removals: tuple[Designation, ...]
    renames: tuple[Change, ...]
    reflags: tuple[Change, ...]
    others: tuple[Change, ...]
    """Entries with another change of identity: IMO, MMSI, call sign, dates, measures."""


def diff_snapshots(before: Snapshot, after: Snapshot) -> ListDiff:
    """Additions, removals, renames and reflags from one version of a list to another, by entry.

    An entry number that names another ship (two different IMO numbers) counts as removed and added. Raises
    :class:`ListError` when the two are not of one list.
    """
    if before.list != after.list:
        raise ListError(f"{before.id} and {after.id}: versions of two lists cannot be compared")
    old, new = {d.entry: d for d in before.designations}, {d.entry: d for d in after.designations}
    kept = [Change(old[e], new[e]) for e in old if e in new and _one_hull(old[e], new[e])]
    same = {change.after.entry for change in kept}
    renames = tuple(c for c in kept if c.before.names[:1] != c.after.names[:1])
    reflags = tuple(c for c in kept if c.before.flags[:1] != c.after.flags[:1])
    named = {c.after.entry for c in renames + reflags}
    others = tuple(c for c in kept if c.after.entry not in named and _identity(c.before) != _identity(c.after))
    return ListDiff(
        before=before.id,
        after=after.id,
        additions=tuple(d for d in after.designations if d.entry not in same),
        removals=tuple(d for d in before.designations if d.entry not in same),
        renames=renames,
        reflags=reflags,
        others=others,
    )


def guard_shrink(previous: Snapshot, new: Snapshot, *, max_loss: float = MAX_LOSS) -> None:
    """Refuse (:class:`ListError`) a new version that lacks too many entries of the previous one.

    ``max_loss`` is the part of the previous entries that may be missing, at least five in any case.
    """
    lost = diff_snapshots(previous, new).removals
    allowed = max(ALWAYS_ALLOWED, int(max_loss * len(previous.designations)))
    if len(lost) > allowed:
        example = ", ".join(f"{d.entry} {d.names[0] if d.names else ''}".strip() for d in lost[:3])
        raise ListError(
            f"{new.id}: {len(lost)} of the {len(previous.designations)} entries of {previous.id} are gone "
            f"(at most {allowed} may be), for example {example}: refused, the old version stays"
        )


def with_bounds(versions: Sequence[Snapshot], newest: int) -> Snapshot:
    """Version number ``newest`` of one list's dated versions, its entries bounded in time by what the others hold.

    The list may state no listing date (OFAC); the first version with an entry and the last without it then bound it.
    Entries gone since are appended with ``present_on`` and ``gone_by``, so that an event while they were listed still
    finds them. ``versions`` are in order of publication, all dated; those after ``newest`` are not looked at.
    """
    known: dict[str, Designation] = {}
    gone: dict[tuple[str, str], Designation] = {}
    earlier: str | None = None
    for version in versions[: newest + 1]:
        now: dict[str, Designation] = {}
        for d in version.designations:
            was = known.get(d.entry)
            if was is not None and _one_hull(was, d):
                bounds = (_of(min, d.listed_by, was.listed_by), _of(max, d.absent_on, was.absent_on))
            else:
                bounds = (_of(min, d.listed_by, version.published), _of(max, d.absent_on, earlier))
            now[d.entry] = replace(d, listed_by=bounds[0], absent_on=bounds[1])
        for entry, was in known.items():
            if entry not in now or not _one_hull(was, now[entry]):
                gone[entry, str(was.imo)] = replace(was, present_on=earlier, gone_by=version.published)
        known, earlier = now, version.published
    # Listed again: the present entry speaks; when exactly it was off the list is told by the versions.
    back = {(d.entry, str(d.imo)) for d in known.values()}
    left = tuple(d for key, d in sorted(gone.items()) if key not in back)
    return replace(versions[newest], designations=(*known.values(), *left))


def _of(choose: Callable[[Iterable[str]], str], *days: str | None) -> str | None:
    known = [day for day in days if day is not None]
    return choose(known) if known else None


def _one_hull(one: Designation, other: Designation) -> bool:
    return one.imo is None or other.imo is None or one.imo == other.imo


def _identity(d: Designation) -> tuple[object, ...]:
    return (d.names, d.imo, d.mmsis, d.callsigns, d.flags, d.designated_on, d.delisted_on, d.dates_of, d.programs,
            d.kind)  # fmt: skip
