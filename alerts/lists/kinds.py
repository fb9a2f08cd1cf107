"""The published forms that have a reader, and what each must at least hold to be believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alerts.lists import ofac, table, un1718
from alerts.lists.content import Content
from alerts.lists.fields import Reading


@dataclass(frozen=True, slots=True)
class ListKind:
    """One published form: its reader, and the floor below which its result is doubted and refused."""

    name: str
    title: str
    parse: Callable[[Content], Reading]
    min_vessels: int
    min_imo_share: float
    """Part of the vessels that must have a valid IMO; below, the layout is taken to have changed."""
    list: str = ""
    """The list that it is a form of; empty where the file names it. Versions of one list may have several forms."""
    bundle: bool = False
    """Whether it may be a folder or archive of several files."""
    streamed: bool = False
    """Whether its reader takes the file piece by piece."""


KINDS: dict[str, ListKind] = {
    kind.name: kind
    for kind in (
        ListKind("ofac", "US OFAC, SDN list, SDN.CSV", ofac.parse, 200, 0.8, "ofac", bundle=True),
        ListKind("un1718", "UN 1718 Committee, designated vessels, PDF", un1718.parse, 40, 0.9, "un1718"),
        ListKind("table", "any list as a table (CSV, xlsx, HTML); see alerts/lists/table.py", table.parse, 1, 0.0),
    )
}
