"""Ships banned or detained by Port State control (Paris, Tokyo, Black Sea MoU ...): a table, or EMSA's JSON of bans.

Built from the documented fields; no file of it was at hand. Concerns safety, not sanctions: no entry is a legal
designation.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, company_number, flag_codes, list_date, said, ship_number, whole, year
from alerts.lists.grid import records_of, rows_of

LIST = "port_bans"
HEADINGS = {
    "name": ("Ship name", "Name of ship", "Vessel name", "Name", "shipName"),
    "imo": ("IMO number", "IMO no", "IMO", "imoNumber"),
    "flag": ("Flag", "Ship flag", "flag"),
    "type": ("Ship type", "Type", "Type of ship"),
    "gross": ("Gross tonnage", "GT", "Tonnage"),
    "built": ("Year of build", "Build year", "Year built", "Year keel laid"),
    "company": ("Company", "ISM company", "Company name", "Company particulars"),
    "company_imo": ("Company IMO", "Company IMO number"),
    "begins": ("Date of ban", "Ban date", "Date of detention", "Detention date", "banDate"),
    "ends": ("Date of release", "Release date", "Date of lifting", "Lifted on"),
    "reason": ("Reason", "Ban reason", "Nature of deficiencies", "Deficiencies", "banReason"),
    "duration": ("Minimum duration", "minimumDuration"),
}


def parse(content: Content) -> Reading:
    """All ships; :class:`ListError` names row and value of the first that is not understood."""
    notes = Notes("flag_unknown", "imo_of_company")
    times: Counter[str] = Counter()
    found: list[Designation] = []
    rows = _json(content) if content.head(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")) else None
    for place, row in rows or records_of(rows_of(content), HEADINGS, ("name", "imo"), content.name):
        name = said(row.get("name", ""))
        if not name:
            raise ListError(f"{place}: the name is empty")
        imo, raw = ship_number(said(row.get("imo", "")), place, notes)
        begins = list_date(row.get("begins", ""), place, notes)
        key = "/".join(filter(None, (str(imo or raw or name), begins)))
        times[key] += 1
        reason = [row.get("reason", ""), row.get("duration", "") and f"at least {row['duration']}"]
        found.append(
            Designation(
                list=LIST,
                entry=key if times[key] == 1 else f"{key}#{times[key]}",
                names=(name,),
                imo=imo,
                raw_imo=raw,
                flags=flag_codes([row.get("flag", "")], notes),
                ship_type=said(row.get("type", "")) or None,
                gross_tonnage=whole(row.get("gross", ""), "tonnage_unclear", notes),
                year_built=year(row.get("built", ""), notes),
                designated_on=begins,
                delisted_on=list_date(row.get("ends", ""), place, notes),
                remarks="; ".join(text for part in reason if (text := said(part))),
                companies=_company(row),
                legal=False,
            )
        )
    return Reading(found, notes.plain())


def _company(row: dict[str, str]) -> tuple[ListedCompany, ...]:
    name, number = said(row.get("company", "")), said(row.get("company_imo", ""))
    return (ListedCompany("manager", name, company_number(number)),) if name else ()


def _json(content: Content) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        made = json.loads(content.whole())
    except (ValueError, RecursionError) as error:
        raise ListError(f"{content.name}: is not JSON ({str(error)[:80]})") from error
    bans = made
    if isinstance(made, dict):
        bans = next((value for value in made.values() if isinstance(value, list)), None)
    if not isinstance(bans, list) or not all(isinstance(ban, dict) and "imoNumber" in ban for ban in bans):
        raise ListError(f"{content.name}: holds no list of bans with an imoNumber each")
    for number, ban in enumerate(bans, start=1):
        flag, manager = _inside(ban, "flag"), _inside(ban, "ismCompany")
        yield f"{content.name} ban {number}", {
            "name": _text(ban, "shipName"), "imo": _text(ban, "imoNumber"),
            "flag": _text(flag, "code") or _text(flag, "name"), "company": _text(manager, "name"),
            "company_imo": _text(manager, "imoNumber"), "begins": _text(ban, "banDate")[:10],
            "reason": _text(ban, "banReason"), "duration": _text(ban, "minimumDuration"),
        }  # fmt: skip


def _inside(ban: dict[str, Any], name: str) -> dict[str, Any]:
    value = ban.get(name)
    return value if isinstance(value, dict) else {"name": value, "code": value}


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return said(value) if isinstance(value, str | int | float) else ""
