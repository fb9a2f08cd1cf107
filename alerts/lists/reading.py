"""A list file to a snapshot: the kinds of list, what each must at least hold, and the one way in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from alerts.designations import Designation, Snapshot
from alerts.errors import ListError
from alerts.lists import ofac, table, un1718
from alerts.lists.sources import iso_date, read_bounded

PARSER_VERSION = 1
"""Counts up when a reader begins to give other results for the same bytes."""


@dataclass(frozen=True, slots=True)
class ListKind:
    """One published form: its reader, and the floor below which its result is doubted and refused."""

    name: str
    title: str
    parse: Callable[[bytes, str], tuple[list[Designation], dict[str, int]]]
    min_vessels: int
    min_imo_share: float
    """Part of the vessels that must have a valid IMO; below, the layout is taken to have changed."""


KINDS: dict[str, ListKind] = {
    kind.name: kind
    for kind in (
        ListKind("ofac", "US Treasury OFAC, SDN list, SDN.CSV", ofac.parse, 200, 0.8),
        ListKind("un1718", "UN Security Council 1718 Committee, designated vessels list, PDF", un1718.parse, 40, 0.9),
        ListKind("table", "any list as CSV with the header described in alerts/lists/table.py", table.parse, 1, 0.0),
    )
}


def read_list(kind: str, path: Path | str, *, published: str | None = None, min_vessels: int | None = None) -> Snapshot:
    """Read one published file of a list into a snapshot; ``published`` is its ISO date if known.

    Plain or compressed (gzip, zip, zstandard). Raises :class:`ListError` naming file, row and value where the file is
    not wholly understood: a reader would rather refuse than emit doubt. ``min_vessels`` replaces the kind's own floor.
    """
    if kind not in KINDS:
        raise ListError(f"{kind!r} is not a kind of list; known: {', '.join(KINDS)}")
    file = Path(path)
    return parse_content(kind, read_bounded(file), file.name, published=published, min_vessels=min_vessels)


def parse_content(
    kind: str, content: bytes, name: str, *, published: str | None = None, min_vessels: int | None = None
) -> Snapshot:
    """The same for bytes already in hand and decompressed; ``name`` stands in messages."""
    spec = KINDS[kind]
    if published is not None:
        published = iso_date(published, f"{name}: published")
    designations, notes = spec.parse(content, name)
    vessels = [d for d in designations if d.kind == "vessel"]
    floor = spec.min_vessels if min_vessels is None else min_vessels
    if len(designations) < floor:
        raise ListError(f"{name}: {len(designations)} vessels are fewer than the {floor} that {kind} must hold")
    with_imo = sum(d.imo is not None for d in vessels)
    if vessels and with_imo < spec.min_imo_share * len(vessels):
        raise ListError(
            f"{name}: {with_imo} of {len(vessels)} vessels have a valid IMO number, fewer than "
            f"{spec.min_imo_share:.0%}: the layout has changed"
        )
    if published is not None:
        # What a version holds was listed when it was published, whatever the list leaves unsaid.
        designations = [replace(d, listed_by=published) for d in designations]
    list_name = designations[0].list if designations else kind
    digest = hashlib.sha256(content).hexdigest()
    notes = {"vessels": len(vessels), "imo_valid": with_imo, **notes}
    return Snapshot(f"{list_name}-{digest[:12]}", list_name, digest, published, tuple(designations), notes)
