"""The published forms that have a reader, and what each must at least hold to be believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alerts.lists import (
    australia,
    canada,
    eu_fsf,
    eu_vessels,
    ftm,
    gur,
    no_ships,
    ofac,
    ofac_advanced,
    ofac_xml,
    opensanctions,
    port_bans,
    switzerland,
    table,
    uk,
    un1718,
    watchlist,
)
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
    own: bool = False
    """A station's own list, named at the import: it may lose any part, and what its newest version lacks is gone."""


# Floors: about half of what the list held when it was last counted (2026), and no more than its smallest real version.
KINDS: dict[str, ListKind] = {
    kind.name: kind
    for kind in (
        ListKind(
            "ofac", "US OFAC SDN.CSV, or a folder or zip of it with ALT, ADD, SDN_COMMENTS", ofac.parse, 200, 0.8,
            "ofac", bundle=True,
        ),
        ListKind("ofac_xml", "US OFAC SDN.XML", ofac_xml.parse, 200, 0.8, "ofac", streamed=True),
        ListKind("ofac_advanced", "US OFAC SDN_ADVANCED.XML (with listing dates)", ofac_advanced.parse, 200, 0.8,
                 "ofac", streamed=True),
        ListKind("un1718", "UN 1718 Committee, designated vessels, PDF", un1718.parse, 40, 0.9, "un1718"),
        ListKind("un_consolidated", "UN consolidated list, XML (names no ships)", no_ships.parse_un, 0, 0.0,
                 "un_consolidated"),
        ListKind("eu_vessels", "EU designated vessels (Annex XLII, 2017/1509), xlsx, HTML or CSV", eu_vessels.parse,
                 40, 0.9, "eu_vessels"),
        ListKind("eu_fsf", "EU consolidated financial sanctions, XML 1.1", eu_fsf.parse, 1, 0.5, "eu_fsf",
                 streamed=True),
        ListKind("uk", "UK Sanctions List, CSV", uk.parse_csv, 300, 0.9, "uk", streamed=True),
        ListKind("uk_xml", "UK Sanctions List, XML", uk.parse_xml, 300, 0.9, "uk", streamed=True),
        ListKind("australia", "Australian DFAT consolidated list, xlsx", australia.parse, 100, 0.9, "australia"),
        ListKind("canada", "Canada SEMA list, XML", canada.parse, 50, 0.9, "canada", streamed=True),
        ListKind("switzerland", "Swiss SECO list, XML", switzerland.parse, 20, 0.05, "switzerland", streamed=True),
        ListKind("japan_mof", "Japanese Ministry of Finance list, xlsx (names no ships)", no_ships.parse_japan, 0, 0.0,
                 "japan_mof"),
        ListKind("opensanctions", "OpenSanctions targets.simple.csv", opensanctions.parse_simple, 1, 0.0,
                 "opensanctions", streamed=True),
        ListKind("opensanctions_maritime", "OpenSanctions maritime.csv", opensanctions.parse_maritime, 1000, 0.8,
                 "opensanctions_maritime", streamed=True),
        ListKind("ftm", "FollowTheMoney entities, JSON lines", ftm.parse, 1, 0.0, "opensanctions", streamed=True),
        ListKind("gur", "Ukraine GUR ships, table (not a legal designation)", gur.parse, 100, 0.9, "gur"),
        ListKind("port_bans", "Port State bans and detentions, table or JSON (not a legal designation)",
                 port_bans.parse, 1, 0.5, "port_bans"),
        ListKind("watchlist", "this station's own watchlist (shipwatch watchlist import)", watchlist.parse, 0, 0.0,
                 own=True),
        ListKind("table", "any list as a table (CSV, xlsx, HTML); see alerts/lists/table.py", table.parse, 1, 0.0),
    )
}  # fmt: skip
