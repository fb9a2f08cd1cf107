"""The UN Security Council 1718 Committee's designated vessels list, published only as a PDF.

Per vessel one row (number, names ``1: X 2: Y``, IMO and MMSI, date of designation, five measures) and labelled rows
below it. Names, flags and MMSI are numbered, but in no stated order of time: none is taken to be former.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from datetime import date

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.flags import flag_of_name
from alerts.imo import is_ship_imo
from alerts.lists.content import Content
from alerts.lists.fields import Reading

LIST = "un1718"
MAX_PAGES = 200
MEASURES = (
    "UNSCR 1718 para 8(d), 2270 para 12: asset freeze",
    "UNSCR 2321 para 12(a): de-flagging",
    "UNSCR 2321 para 12(d): port entry ban",
    "UNSCR 2371 and 2375 para 6: port entry ban",
    "economic resource controlled or operated by Ocean Maritime Management (KPe.020)",
)
_OMM = "Ocean Maritime Management (KPe.020)"
_LABELS = ("Flag", "Call Sign", "Type", "Other information", "Picture link", "Designated as economic resources of")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {month: n for n, month in enumerate(_MONTH_NAMES, start=1)}
_DATE = re.compile(r"(\d{1,2})-([A-Z][a-z]{2})-(\d{2})$")
_NUMBERED = re.compile(r"(?:^|\s)\d{1,2}[:.]\s*")
_NUMBER = re.compile(r"[0-9]{1,4}$")
_SEVEN = re.compile(r"[0-9]{7}$")
_MMSI = re.compile(r"(?<!\d)(\d{9})(?!\d)")


@dataclass(slots=True)
class _Entry:
    """One vessel's rows while they are put together."""

    number: int
    place: str
    names: str
    identity: str
    dates: list[str] = field(default_factory=list)
    measures: dict[str, None] = field(default_factory=dict)
    labelled: dict[str, str] = field(default_factory=dict)


def parse(source: Content) -> Reading:
    """All vessels of the PDF in their published order; :class:`ListError` names page and value not understood."""
    content, name = source.whole(), source.name
    if not content.startswith(b"%PDF-"):
        raise ListError(f"{name}: is not a PDF: begins with {content[:8]!r}")
    entries: list[_Entry] = []
    for page, row in _rows(content, name):
        _take_row(entries, row, f"{name} page {page}")
    for position, entry in enumerate(entries, start=1):
        if entry.number != position:
            raise ListError(f"{entry.place}: vessel number {entry.number} where {position} was due: a row is missing")
    notes = {"imo_missing": 0, "imo_invalid": 0, "flag_unknown": 0}
    return Reading([_designation(entry, notes) for entry in entries], notes)


def _rows(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    # Half a second of modules: only whoever reads this PDF waits for them.
    import pdfplumber  # noqa: PLC0415

    rows: list[tuple[int, list[str]]] = []
    try:
        with pdfplumber.open(io.BytesIO(content)) as pdf:
            if len(pdf.pages) > MAX_PAGES:
                raise ListError(f"{name}: {len(pdf.pages)} pages are more than the {MAX_PAGES} this list may have")
            for page in pdf.pages:
                for table in page.extract_tables():
                    rows.extend((page.page_number, [" ".join((c or "").split()) for c in row]) for row in table)
                page.close()
    except ListError:
        raise
    # pdfminer raises whatever a broken file makes it stumble over; all of it means one thing here.
    except Exception as error:
        raise ListError(f"{name}: cannot be read as PDF ({type(error).__name__}: {error})") from error
    if not any("Vessel Name" in row for _, row in rows):
        raise ListError(f"{name}: no table with the column 'Vessel Name': not the designated vessels list")
    return rows


def _take_row(entries: list[_Entry], row: list[str], place: str) -> None:
    cells = row + [""] * (10 - len(row))
    number, label = cells[0], cells[1]
    if _NUMBER.match(number):
        entries.append(_Entry(int(number), place, label, cells[3]))
        _take_designation(entries[-1], cells)
    elif number == "" and label in _LABELS:
        if not entries:
            raise ListError(f"{place}: {label!r} before the first vessel")
        entries[-1].labelled[label] = cells[2]
        # A second designation of the same vessel stands beside the label, in the columns of the first.
        if cells[4]:
            _take_designation(entries[-1], cells)
    elif number not in ("", "#", "1718 Designated Vessels List") or (label and number != "#"):
        raise ListError(f"{place}: a row not known in this list: {' | '.join(c for c in row if c)[:80]!r}")


def _take_designation(entry: _Entry, cells: list[str]) -> None:
    place = f"{entry.place}, vessel {entry.number}"
    stated = _DATE.match(cells[4])
    if stated is None or stated[2] not in _MONTHS:
        raise ListError(f"{place}: date of designation {cells[4]!r} is not like 30-Mar-18")
    try:
        entry.dates.append(date(2000 + int(stated[3]), _MONTHS[stated[2]], int(stated[1])).isoformat())
    except ValueError as error:
        raise ListError(f"{place}: date of designation {cells[4]!r}: {error}") from error
    for measure, cell in zip(MEASURES, cells[5:10], strict=True):
        if cell.lower() not in ("yes", "na"):
            raise ListError(f"{place}: measure {cell!r} is neither Yes nor na")
        if cell.lower() == "yes":
            entry.measures[measure] = None


def _designation(entry: _Entry, notes: dict[str, int]) -> Designation:
    place = f"{entry.place}, vessel {entry.number}"
    names = _numbered(entry.names)
    if not names:
        raise ListError(f"{place}: no vessel name in {entry.names!r}")
    stated, _, after = entry.identity.partition("MMSI")
    stated = stated.strip()
    imo: int | None = None
    if stated == "Does not exist":
        notes["imo_missing"] += 1
    elif _SEVEN.match(stated):
        imo = int(stated) if is_ship_imo(int(stated)) else None
        notes["imo_invalid"] += imo is None
    else:
        raise ListError(f"{place}: IMO {stated!r} is neither seven digits nor 'Does not exist'")
    flags: list[str] = []
    for text in _numbered(entry.labelled.get("Flag", "")):
        code = flag_of_name(text)
        if code is None:
            notes["flag_unknown"] += 1
        else:
            flags.append(code)
    about = [entry.labelled.get("Other information", ""), entry.labelled.get("Designated as economic resources of", "")]
    if len(entry.dates) > 1:
        about.append("Designated " + " and ".join(entry.dates) + ".")
    resource_of = _stated(entry.labelled.get("Designated as economic resources of", ""))
    controlling = [*([_OMM] if MEASURES[-1] in entry.measures else []), *([resource_of] if resource_of else [])]
    return Designation(
        list=LIST,
        entry=str(entry.number),
        names=tuple(names),
        imo=imo,
        raw_imo=stated if imo is None and _SEVEN.match(stated) else None,
        mmsis=tuple(dict.fromkeys(int(mmsi) for mmsi in _MMSI.findall(after))),
        callsigns=tuple(_numbered(entry.labelled.get("Call Sign", ""))),
        flags=tuple(dict.fromkeys(flags)),
        ship_type=_stated(entry.labelled.get("Type", "")),
        programs=tuple(entry.measures),
        designated_on=min(entry.dates),
        companies=tuple(ListedCompany("controlled by", company) for company in controlling),
        remarks=" ".join(text for text in about if text not in ("", "na")),
    )


def _numbered(text: str) -> list[str]:
    return [part for part in (_stated(piece) for piece in _NUMBERED.split(text)) if part is not None]


def _stated(text: str) -> str | None:
    text = text.strip()
    return None if text in ("", "na") else text
