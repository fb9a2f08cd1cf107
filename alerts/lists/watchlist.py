"""An analyst's own list of ships to be told of, as a table with a header; never a legal designation.

CSV, xlsx or an HTML table, columns in any order. ``reason`` is required, and in each row at least one of ``imo``,
``mmsi``, ``name`` and ``callsign``; any other column is an error::

    imo        ship IMO number, with or without the letters
    mmsi       one or more, separated by ;
    name       one or more, separated by ;
    callsign   one or more, separated by ;
    flag       present flag, ISO 3166 alpha-3 or a name
    reason     why the ship is watched, in words that stand in the alert
    owner      who asked for it: a person or a desk
    expires    the last day on which the entry counts, YYYY-MM-DD; empty for no end
"""

from __future__ import annotations

import re

from alerts.callsigns import callsign_key
from alerts.designations import Designation
from alerts.errors import ListError
from alerts.flags import flag_of_name, mmsi_kind
from alerts.imo import describe_imo, is_ship_imo
from alerts.list_source import ListSource
from alerts.lists.content import Content
from alerts.lists.fields import Reading, iso_date
from alerts.lists.grid import rows_of
from alerts.names import name_keys

COLUMNS = ("imo", "mmsi", "name", "callsign", "flag", "reason", "owner", "expires")
PREFIX = "watchlist:"
LONGEST_TEXT = 300
EMPTY = (",".join(COLUMNS) + "\n").encode()
"""A watchlist without entries: what takes one out of use; its versions stay."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,29}")
_IMO = re.compile(r"(?:IMO)?[ :]*([0-9]{1,12})", re.IGNORECASE)


def watchlist_name(text: str) -> str:
    """The list's name for the name that an analyst gives it; :class:`ListError` for one that cannot be one.

    >>> watchlist_name("gulf-desk")
    'watchlist:gulf-desk'
    """
    name = text.removeprefix(PREFIX)
    if not _NAME.fullmatch(name):
        raise ListError(f"{text!r} is not a name of small letters, digits, . _ - (at most 30, a letter or digit first)")
    return PREFIX + name


def parse(content: Content, list_name: str | None = None) -> Reading:
    """All rows; :class:`ListError` names line and value of the first thing that is not as described above.

    ``list_name`` is that of the watchlist, by default made of the file's name. A file with a header alone is a list
    without entries.
    """
    name = watchlist_name(list_name or re.sub(r"[^a-z0-9_-]+", "-", content.name.split(".")[0].lower()).strip("-"))
    header: list[str] | None = None
    found: dict[str, Designation] = {}
    for place, cells, sheet in rows_of(content):
        if header is None:
            header = _header(cells, place)
            continue
        if len(cells) > len(header) or (len(cells) < len(header) and not sheet):
            raise ListError(f"{place}: {len(cells)} cells where the header has {len(header)}")
        whole = cells + [""] * (len(header) - len(cells))
        made = _entry({column: cell.strip() for column, cell in zip(header, whole, strict=True)}, name, place)
        if made.entry in found:
            raise ListError(f"{place}: entry {made.entry!r} stands twice")
        found[made.entry] = made
    if header is None:
        raise ListError(f"{content.name}: is empty (a header is needed: {', '.join(COLUMNS)})")
    source = ListSource(name, f"Watchlist {name.removeprefix(PREFIX)}", "this station", legal_designation=False)
    return Reading(list(found.values()), {}, source=source)


def _header(cells: list[str], place: str) -> list[str]:
    header = [cell.strip().lower() for cell in cells]
    for column in header:
        if column not in COLUMNS:
            raise ListError(f"{place}: column {column!r} is not known; known: {', '.join(COLUMNS)}")
        if header.count(column) > 1:
            raise ListError(f"{place}: column {column!r} stands twice")
    if "reason" not in header:
        raise ListError(f"{place}: the column 'reason' is missing")
    return header


def _entry(row: dict[str, str], list_name: str, place: str) -> Designation:
    imo = _imo(row.get("imo", ""), place)
    mmsis, names, callsigns = (_several(row.get(column, "")) for column in ("mmsi", "name", "callsign"))
    for mmsi in mmsis:
        if not (mmsi.isascii() and mmsi.isdigit() and len(mmsi) == 9 and mmsi_kind(int(mmsi)) == "ship"):
            raise ListError(f"{place}: mmsi {mmsi!r} is not a ship's nine digits")
    for name in names:
        if not name_keys(name):
            raise ListError(f"{place}: name {name!r} has not two letters that could be compared")
    for callsign in callsigns:
        if len(callsign_key(callsign)) < 4:
            raise ListError(f"{place}: callsign {callsign!r} is shorter than four letters and digits")
    if not (imo or mmsis or names or callsigns):
        raise ListError(f"{place}: none of imo, mmsi, name and callsign is given")
    flag = flag_of_name(row.get("flag"))
    if row.get("flag") and flag is None:
        raise ListError(f"{place}: flag {row['flag']!r} is not known here (see alerts/flag_names.csv)")
    reason, owner = row["reason"], row.get("owner", "")
    if not reason:
        raise ListError(f"{place}: reason is empty: it stands in the alert")
    if max(len(reason), len(owner)) > LONGEST_TEXT:
        raise ListError(f"{place}: reason and owner have at most {LONGEST_TEXT} characters each")
    return Designation(
        list=list_name,
        entry=str(imo) if imo else (mmsis + callsigns + names)[0],
        names=names,
        imo=imo,
        mmsis=tuple(map(int, mmsis)),
        callsigns=callsigns,
        flags=() if flag is None else (flag,),
        remarks=reason,
        kind="watch",
        legal=False,
        watched_by=owner,
        expires_on=iso_date(row["expires"], f"{place}: expires") if row.get("expires") else None,
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def _imo(text: str, place: str) -> int | None:
    if not text:
        return None
    found = _IMO.fullmatch(text)
    if found is None:
        raise ListError(f"{place}: imo {text!r} is not a number")
    if not is_ship_imo(int(found[1])):
        raise ListError(f"{place}: {describe_imo(int(found[1]))}")
    return int(found[1])
