"""A list file to a snapshot: the kinds of list, what each must at least hold, and the one way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from alerts.designations import Snapshot
from alerts.errors import ListError
from alerts.lists import table, watchlist
from alerts.lists.content import Content, open_content
from alerts.lists.detect import detect_kind
from alerts.lists.fields import iso_date
from alerts.lists.kinds import KINDS, ListKind
from alerts.lists.sources import source_of

PARSER_VERSION = 3
"""Counts up when a reader begins to give other results for the same bytes."""

AUTO = "auto"
"""In place of a kind: tell it by the file."""


def read_list(
    kind: str,
    path: Path | str,
    *,
    published: str | None = None,
    min_vessels: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> Snapshot:
    """Read one published file of a list into a snapshot; ``published`` is its ISO date if known.

    Plain or compressed (gzip, zip, zstandard); for ``ofac`` also a folder or zip of its CSV files. ``kind`` is one of
    ``KINDS`` or ``auto``. ``columns`` names, for a table, what the file's headings are called here. Raises
    :class:`ListError` naming file, row and value where the file is not wholly understood: a reader would rather refuse
    than emit doubt. ``min_vessels`` replaces the kind's own floor.
    """
    kind, content = opened(kind, Path(path))
    return parse_content(kind, content, published=published, min_vessels=min_vessels, columns=columns)


def opened(kind: str, path: Path) -> tuple[str, Content]:
    """The kind (told by the file for ``auto``) and the content; :class:`ListError` where either is not known."""
    if kind != AUTO and kind not in KINDS:
        raise ListError(f"{kind!r} is not a kind of list; known: {', '.join(KINDS)}")
    content = open_content(path, bundle=kind == AUTO or KINDS[kind].bundle)
    if kind == AUTO:
        kind = detect_kind(content) or ""
        if not kind:
            raise ListError(f"{path.name}: no kind of list known here; name it: {', '.join(KINDS)}")
    return kind, content


def parse_content(
    kind: str,
    content: Content,
    *,
    published: str | None = None,
    min_vessels: int | None = None,
    columns: Mapping[str, str] | None = None,
    list_name: str | None = None,
) -> Snapshot:
    """The same for content already open; what the file says of its own date counts where none is given.

    ``list_name`` names a watchlist, whose file does not.
    """
    spec = KINDS[kind]
    if not spec.streamed:
        content = Content.of(content.whole(), content.name)
    if published is not None:
        published = iso_date(published, f"{content.name}: published")
    if columns and spec.parse is not table.parse:
        raise ListError(f"{content.name}: column names are for kind 'table', not {kind!r}")
    parse = partial(table.parse, columns=columns) if columns else spec.parse
    if spec.own:
        parse = partial(watchlist.parse, list_name=list_name)
    read = parse(content)
    designations, notes = read.designations, read.notes
    published = published or read.published
    vessels = [d for d in designations if d.kind != "class"]
    with_imo = sum(d.imo is not None for d in vessels)
    _doubt(spec, content.name, len(designations), len(vessels), with_imo, min_vessels)
    if published is not None:
        # What a version holds was listed when it was published, whatever the list leaves unsaid.
        designations = [replace(d, listed_by=min(d.listed_by or published, published)) for d in designations]
    list_name = designations[0].list if designations else spec.list or (read.source.list if read.source else kind)
    digest = content.sha256()
    notes = {"vessels": len(vessels), "imo_valid": with_imo, **notes}
    source = read.source or source_of(list_name)
    # The id becomes a file's name, which holds no colon.
    return Snapshot(
        f"{list_name.replace(':', '.')}-{digest[:12]}", list_name, digest, published, tuple(designations), notes, source
    )


def _doubt(spec: ListKind, name: str, entries: int, vessels: int, with_imo: int, min_vessels: int | None) -> None:
    floor = spec.min_vessels if min_vessels is None else min_vessels
    if entries < floor:
        raise ListError(f"{name}: {entries} vessels are fewer than the {floor} that {spec.name} must hold")
    if vessels and with_imo < spec.min_imo_share * vessels:
        raise ListError(
            f"{name}: {with_imo} of {vessels} vessels have a valid IMO number, fewer than "
            f"{spec.min_imo_share:.0%}: the layout has changed"
        )
