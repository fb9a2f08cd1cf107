"""Values as the lists write them - numbers, flags, dates, companies - to the values of a designation.

What identifies a ship or dates an entry is refused (:class:`ListError`) where it is not understood; what only
describes it (flag, tonnage, year) is left out and counted in the notes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from alerts.designations import Designation, ListedCompany
from alerts.errors import ListError
from alerts.flags import flag_of_name
from alerts.imo import is_company_imo, is_ship_imo
from alerts.list_source import ListSource
from alerts.lists.country_codes import alpha3

NOTHING = frozenset({"", "-", "n/a", "na", "none", "none identified", "unknown", "not known", "not applicable", "null"})
_NO_COMPANY_FROM = 7_000_000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SEVEN = re.compile(r"(?<!\d)0*(\d{7})(?!\d)")
_IMO_IN_PROSE = re.compile(
    r"\bIMO\)?(?:\s*(?:ship)?\s*(?:identification)?\s*(?:number|no\.?|nr\.?|#))?\s*(?:is)?\s*[:.：]?\s*(\d{7})(?!\d)",
    re.I,
)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ][0-9:.Z+-]*)?$")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?:\s+[0-9:]+)?$")
_WORDED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*\.?[ ,-]+(\d{4})$")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?$")
_NUMBER = re.compile(
    r"(\d{1,3}(?:[, ]\d{3})+|\d+)(?:[.]\d+)?(?:\s*(?:t|gt|grt|dwt|tons|tonnes|m|metres|meters))?$", re.I
)
_COMPANY = re.compile(r"(?P<name>.*?)\s*\((?P<inside>[^()]*)\)$")


class Reading(NamedTuple):
    """What a reader made of one file."""

    designations: list[Designation]
    notes: dict[str, int]
    published: str | None = None
    """The ISO date that the file gives for itself."""
    source: ListSource | None = None
    """Its publisher, where the file itself states it."""


class Notes(Counter[str]):
    """What was met and not used, by reason; reasons named at the start stand even with nothing counted."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(dict.fromkeys(("imo_missing", "imo_invalid", *reasons), 0))

    def plain(self) -> dict[str, int]:
        """As a dict."""
        return dict(self)


def said(text: object) -> str:
    """A value's text in one line; empty for what lists write where they have nothing (``n/a``, ``-``, ``Unknown``).

    >>> said("  A  B "), said("N/A"), said(None), said(7.0)
    ('A B', '', '', '7')
    """
    if text is None:
        return ""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    joined = " ".join(str(text).replace("\u00a0", " ").replace("_x000D_", " ").split())
    return "" if joined.casefold() in NOTHING else joined


def ship_number(text: str, place: str, notes: Counter[str]) -> tuple[int | None, str | None]:
    """(valid ship IMO, None), or (None, the text) for one that is none; counted by reason.

    Leading zeros, ``IMO`` in any spelling and punctuation are taken off. :class:`ListError` for two different numbers.

    >>> ship_number("IMO number: 09074729", "here", Notes())
    (9074729, None)
    """
    if not text:
        notes["imo_missing"] += 1
        return None, None
    found = {int(number) for number in _SEVEN.findall(text)}
    ships = {number for number in found if is_ship_imo(number)}
    if len(ships) > 1:
        raise ListError(f"{place}: {text!r} states {len(ships)} IMO numbers")
    if ships:
        return ships.pop(), None
    notes["imo_of_company" if any(map(is_company_imo, found)) else "imo_invalid"] += 1
    return None, text


def numbers_in_prose(text: str) -> list[int]:
    """Every seven-digit number that stands behind the letters IMO in a text, valid or not.

    >>> numbers_in_prose("Tanker (IMO number: 9074729), owner IMO 5434358.")
    [9074729, 5434358]
    """
    return [int(number) for number in _IMO_IN_PROSE.findall(text)]


def company_number(text: str) -> int | None:
    """The valid company IMO number that a text is, with or without the letters; None for anything else.

    >>> company_number("IMO 5434358"), company_number("9074729"), company_number("n/a")
    (5434358, None, None)
    """
    digits = text.upper().removeprefix("IMO").strip(" :")
    if len(digits) == 7 and digits.isascii() and digits.isdigit() and is_company_imo(int(digits)):
        return int(digits)
    return None


def is_ships_own(number: int) -> bool:
    """Whether a number that stands where companies' stand too is a ship's.

    One number in eleven passes both check digits. No company's from 7000000 on has been met in any list, so that of
    those one below is taken for a company's.

    >>> is_ships_own(9074729), is_ships_own(5434358)
    (True, False)
    """
    return is_ship_imo(number) and (number >= _NO_COMPANY_FROM or not is_company_imo(number))


def mmsi_numbers(texts: Iterable[str], notes: Counter[str]) -> tuple[int, ...]:
    """Every nine-digit MMSI in the texts, once each; others (masked, too short) are counted as ``mmsi_invalid``."""
    found: list[int] = []
    for text in texts:
        for part in re.split(r"[;,/\s]+", text):
            if len(part) == 9 and part.isascii() and part.isdigit():
                found.append(int(part))
            elif any(c.isdigit() for c in part):
                notes["mmsi_invalid"] += 1
    return tuple(dict.fromkeys(found))


def flag_codes(texts: Iterable[str], notes: Counter[str]) -> tuple[str, ...]:
    """ISO alpha-3 of flags by name or code (also alpha-2), once each; unknown ones are counted, not refused."""
    codes: list[str] = []
    for text in texts:
        if not said(text):
            continue
        code = flag_of_name(text) or alpha3(text)
        if code is None:
            notes["flag_unknown"] += 1
        else:
            codes.append(code)
    return tuple(dict.fromkeys(codes))


def whole(text: str, reason: str, notes: Counter[str]) -> int | None:
    """A whole number above 0 (``99,144``, ``7078.0``, ``183 m``); anything else is None, counted under ``reason``."""
    if not said(text):
        return None
    found = _NUMBER.match(said(text))
    number = int(re.sub(r"[, ]", "", found[1])) if found and len(found[1]) < 12 else 0
    if not 0 < number < 10_000_000:
        notes[reason] += 1
        return None
    return number


def year(text: str, notes: Counter[str]) -> int | None:
    """The year of build in a text (``1998``, ``2004-05-01``, ``01/05/2004``); None and counted where there is none."""
    if not said(text):
        return None
    found = re.search(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)", text)
    if found is None:
        notes["year_unclear"] += 1
        return None
    return int(found[1])


def iso_date(text: str, place: str) -> str:
    """An ISO date as it is, if it is one; :class:`ListError` naming the place otherwise.

    >>> iso_date("2018-03-30", "list.csv:2")
    '2018-03-30'
    """
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise ListError(f"{place}: {text!r} is not a date as YYYY-MM-DD") from error


def list_date(text: str, place: str, notes: Counter[str] | None = None) -> str | None:
    """An ISO date from any form that the lists use: ISO, dd/mm/yyyy, ``30 March 2018``, an Excel serial number.

    None for nothing; a spreadsheet's error (``#REF!``) is None and counted as ``date_broken``. Anything else raises
    :class:`ListError`: a month and a day are never guessed.

    >>> [list_date(t, "here") for t in ("30/03/2018", "30 Mar. 2018", "43189", "2018-03-30 00:00:00", "")]
    ['2018-03-30', '2018-03-30', '2018-03-30', '2018-03-30', None]
    """
    text = said(text)
    if not text:
        return None
    if text.startswith("#") and notes is not None:
        notes["date_broken"] += 1
        return None
    try:
        if found := _ISO.match(text):
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
        if found := _DAY_FIRST.match(text):
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        if (found := _WORDED.match(text)) and found[2].lower() in _MONTHS:
            return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1])).isoformat()
        if found := _SERIAL.match(text):
            # Days since 1899-12-30: how Excel counts any date after February 1900.
            return (date(1899, 12, 30) + timedelta(days=int(found[1]))).isoformat()
    except ValueError as error:
        raise ListError(f"{place}: {text!r} is not a date ({error})") from error
    raise ListError(f"{place}: {text!r} is not a date in a form known here")


def company(text: str, role: str, notes: Counter[str], *, former: bool = False) -> ListedCompany | None:
    """A company as ``Name``, ``Name (IMO 5434358)`` or ``Name (5434358 / Panama / 12.03.2024)``; None for nothing.

    A number that is no company's is not taken and counted as ``company_imo_invalid``.
    """
    text = said(text)
    if not text:
        return None
    name, imo, country, since = text, None, None, None
    inside = _COMPANY.match(text)
    parts = [part.strip() for part in inside["inside"].split("/")] if inside else []
    if inside and any(_SEVEN.search(part) for part in parts):
        name = inside["name"]
        for part in parts:
            number = _SEVEN.search(part)
            if number is not None:
                imo = int(number[1]) if is_company_imo(int(number[1])) else None
                notes["company_imo_invalid"] += imo is None
            elif any(c.isdigit() for c in part):
                since = list_date(part, text)
            elif said(part):
                country = flag_of_name(part) or country
    else:
        stated = numbers_in_prose(text)
        imo = next((number for number in stated if is_company_imo(number)), None)
        notes["company_imo_invalid"] += bool(stated) and imo is None
    return ListedCompany(role, name, imo, country, since, former) if name else None


def two_flags(present: tuple[str, ...], former: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``flags`` and ``former_flags`` of a designation from present and former codes.

    >>> two_flags(("IRN",), ("MLT", "IRN"))
    (('IRN', 'MLT'), ('MLT',))
    """
    return tuple(dict.fromkeys(present + former)), tuple(code for code in former if code not in present)
