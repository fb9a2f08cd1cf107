"""Which kind of list a file is, told by what it begins with."""

from __future__ import annotations

import re

from alerts.errors import ListError
from alerts.lists.content import Content, is_archive
from alerts.lists.grid import rows_of

# The first element of each XML list; the two of OFAC and the two of the UN differ in theirs.
_ROOTS = {
    "Sanctions": "ofac_advanced",
    "sdnList": "ofac_xml",
    "Designations": "uk_xml",
    "export": "eu_fsf",
    "data-set": "canada",
    "swiss-sanctions-list": "switzerland",
    "CONSOLIDATED_LIST": "un_consolidated",
}
_ROOT = re.compile(r"<(?![?!])(?:[A-Za-z0-9_]+:)?([A-Za-z_][A-Za-z0-9_-]*)[\s/>]")
_SDN_ROW = re.compile(r'\d+,"[^"]*","?(?:individual|vessel|aircraft|-0- ?)"?,')
# Headings (without case, spaces and punctuation) that together tell a table; the first set that is there counts.
_TABLES: tuple[tuple[str, frozenset[str]], ...] = (
    ("uk", frozenset({"uniqueid", "designationtype", "imonumber"})),
    ("australia", frozenset({"reference", "nameofindividualorentity", "type"})),
    ("opensanctions_maritime", frozenset({"type", "caption", "imo", "risk", "datasets"})),
    ("opensanctions", frozenset({"id", "schema", "name", "aliases", "identifiers"})),
    ("gur", frozenset({"vesselnameinternationalaccordingtoimo", "imo"})),
    ("port_bans", frozenset({"dateofdetention"})),
    ("port_bans", frozenset({"dateofban"})),
    ("port_bans", frozenset({"bandate"})),
    ("table", frozenset({"entry", "name"})),
    ("table", frozenset({"entry", "kind", "flag"})),
    ("eu_vessels", frozenset({"vesselname", "imonumber", "dateofapplication"})),
    ("eu_vessels", frozenset({"vesselname", "imo", "dateofapplication"})),
    ("eu_vessels", frozenset({"vesselnameatdesignationtime", "imonumber"})),
)
_JAPANESE = ("告示日付", "資産凍結", "外務省告示")


def detect_kind(content: Content) -> str | None:
    """The name of the kind that this file looks like; None where it is none known here."""
    head = content.head()
    if head.startswith(b"%PDF-"):
        return "un1718"
    if is_archive(head):
        raw = content.whole()
        return "ofac" if b"[Content_Types].xml" not in raw[-(2**18) :] + head else _by_headings(content)
    text = head.decode("utf-8", errors="replace").lstrip("\ufeff \r\n\t")
    if text.startswith("<"):
        root = _ROOT.search(text)
        if root is not None and root[1] in _ROOTS:
            return _ROOTS[root[1]]
        return _by_headings(content)
    if text.startswith("Report Date:") or text.startswith('"Report Date:'):
        return "uk"
    if text.startswith(("{", "[")):
        return "port_bans" if '"imoNumber"' in text and '"schema"' not in text else _json_lines(text)
    if _SDN_ROW.match(text):
        return "ofac"
    return _by_headings(content)


def _json_lines(text: str) -> str | None:
    return "ftm" if '"schema"' in text and '"properties"' in text else None


def _by_headings(content: Content) -> str | None:
    try:
        for count, (_, cells, _) in enumerate(rows_of(content)):
            plain = {"".join(c for c in cell.casefold() if c.isalnum()) for cell in cells}
            for kind, needed in _TABLES:
                if needed <= plain:
                    return kind
            if any(mark in cell for mark in _JAPANESE for cell in cells):
                return "japan_mof"
            if count > 200:
                break
    except ListError:
        return None
    return None
