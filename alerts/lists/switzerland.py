"""Switzerland's SECO sanctions list, XML: the one list that carries its own history of listing and delisting.

Built from the documented layout (``swiss-sanctions-list``); no file of it was at hand. A ship is an ``object`` of type
``vessel``; its IMO number stands in prose, and only for one ship in four. Each ``modification`` has an effective date:
every span from ``listed`` to ``de-listed`` becomes a designation of its own, the latest under the target's number and
those before it as ``number/1``, ``number/2`` in order of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.designations import Designation
from alerts.errors import ListError
from alerts.imo import is_company_imo
from alerts.lists.content import Content
from alerts.lists.fields import Notes, Reading, is_ships_own, list_date, numbers_in_prose
from alerts.lists.xml_elements import child, children, elements, local, root_attributes, text_of, texts_of

if TYPE_CHECKING:
    from lxml.etree import _Element

LIST = "switzerland"
_CHANGES = frozenset({"listed", "amended", "de-listed"})


def parse(content: Content) -> Reading:
    """All spans of listing of all vessels; :class:`ListError` names the target that is not understood."""
    notes = Notes("rows_not_vessels", "imo_of_company", "date_missing")
    found: list[Designation] = []
    programs: dict[str, str] = {}
    seen: set[str] = set()
    for element in elements(content, ("sanctions-program", "target"), "swiss-sanctions-list"):
        if local(element) == "sanctions-program":
            key = next((text_of(k) for k in children(element, "program-key") if k.get("lang") == "eng"), "")
            for one in children(element, "sanctions-set"):
                programs.setdefault(one.get("ssid", ""), key or text_of(one))
            continue
        entry = element.get("ssid", "")
        place = f"{content.name} target {entry}"
        if not entry or entry in seen:
            raise ListError(f"{place}: the ssid is missing, or stands twice")
        seen.add(entry)
        ship = child(element, "object")
        if ship is None or ship.get("object-type") != "vessel":
            notes["rows_not_vessels"] += 1
            continue
        found += _spans(element, ship, entry, programs, place, notes)
    stated = root_attributes(content).get("date", "")
    return Reading(found, notes.plain(), list_date(stated, f"{content.name}: date"))


def _spans(
    target: _Element, ship: _Element, entry: str, programs: dict[str, str], place: str, notes: Notes
) -> list[Designation]:
    names, weak = _names(ship)
    if not names:
        raise ListError(f"{place}: has no name")
    prose = [*texts_of(ship, "other-information"), *texts_of(ship, "justification"), *texts_of(target, "justification")]
    imo, raw = _number(prose, notes)
    sets = [*texts_of(target, "sanctions-set-id"), *filter(None, [target.get("sanctions-set-id")])]
    # A modification also holds what was then added and removed; only its own kind and dates are asked here.
    spans = _history([*children(target, "modification"), *children(ship, "modification")], place) or [(None, None)]
    notes["date_missing"] += spans == [(None, None)]
    return [
        Designation(
            list=LIST,
            entry=entry if number == len(spans) else f"{entry}/{number}",
            names=names,
            imo=imo,
            raw_imo=raw,
            programs=tuple(dict.fromkeys(programs.get(one, one) for one in sets)),
            designated_on=begins,
            delisted_on=ends,
            remarks=" ".join(prose),
            weak_names=weak,
        )
        for number, (begins, ends) in enumerate(spans, start=1)
    ]


def _history(modifications: list[_Element], place: str) -> list[tuple[str | None, str | None]]:
    changes: list[tuple[str, int, str]] = []
    for order, change in enumerate(modifications):
        kind = change.get("modification-type", "")
        if kind not in _CHANGES:
            raise ListError(f"{place}: modification {kind!r} is none of listed, amended, de-listed")
        stated = change.get("effective-date") or change.get("publication-date") or change.get("enactment-date") or ""
        day = list_date(stated, f"{place}: {kind}")
        if day is None:
            raise ListError(f"{place}: {kind} has no date")
        # On one day a listing comes before a delisting; the file has the newest first.
        changes.append((day, -order, kind))
    spans: list[tuple[str | None, str | None]] = []
    for day, _, kind in sorted(changes):
        if kind == "listed" and (not spans or spans[-1][1] is not None):
            spans.append((day, None))
        elif kind == "de-listed":
            begins = spans.pop()[0] if spans and spans[-1][1] is None else None
            spans.append((begins, day))
    return spans


def _names(ship: _Element) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found: list[tuple[bool, str, bool]] = []
    for identity in children(ship, "identity"):
        for name in children(identity, "name"):
            parts = sorted(children(name, "name-part"), key=lambda part: _order(part.get("order", "")))
            whole = " ".join(filter(None, (text_of(part, "value") for part in parts)))
            second = name.get("name-type") != "primary-name" or identity.get("main") == "false"
            low = name.get("quality") == "low"
            found.append((second, whole, low))
            found += [(True, other, low) for part in parts for other in texts_of(part, "spelling-variant")]
    found.sort(key=lambda item: item[0])
    names = tuple(dict.fromkeys(name for _, name, _ in found if name))
    return names, tuple(dict.fromkeys(name for _, name, low in found if name and low))


def _order(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _number(prose: list[str], notes: Notes) -> tuple[int | None, str | None]:
    stated = list(dict.fromkeys(number for text in prose for number in numbers_in_prose(text)))
    ships = [number for number in stated if is_ships_own(number)]
    if len(ships) == 1:
        return ships[0], None
    # Of two ships in one text, which is the listed one is not guessed.
    reason = "imo_several" if ships else "imo_missing" if not stated else "imo_invalid"
    notes["imo_of_company" if not ships and any(map(is_company_imo, stated)) else reason] += 1
    return None, " ".join(map(str, stated)) or None
