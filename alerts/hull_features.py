"""What of a party meets what of a listed hull: one pure function for each feature, each saying which values met.

A function returns None where one side says nothing. No feature decides alone; :mod:`alerts.screening` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from alerts.callsigns import callsign_key, flag_of_callsign
from alerts.designations import Designation, Hull
from alerts.flags import flag_of_mmsi, mmsi_kind, same_flag
from alerts.imo import is_ship_imo
from alerts.incident import Party
from alerts.listed_types import ais_class, listed_classes
from alerts.names import compare_names

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Feature:
    """One value of the party against one of the hull.

    ``grade`` is ``equal``, ``historic`` (an MMSI of a former flag), ``variant`` (a like name), ``weak_name`` (a name
    that the list itself calls weak), ``agrees`` (type, size, flag of the call sign; nothing identifying) or
    ``contradicts``.
    """

    field: str
    grade: str
    seen: str
    listed: str


def imo_feature(party: Party, hull: Hull) -> Feature | None:
    """``equal`` or ``contradicts`` for two valid ship IMO numbers; an invalid one says nothing."""
    if hull.imo is None or party.imo is None or not is_ship_imo(party.imo):
        return None
    return Feature("imo", "equal" if party.imo == hull.imo else "contradicts", str(party.imo), str(hull.imo))


def mmsi_feature(party: Party, hull: Hull) -> Feature | None:
    """``equal`` for a listed MMSI, ``historic`` if its flag digits are those of a flag that the hull has left.

    On a watchlist it is never historic: who put it there means ships that send it now.
    """
    if not any(party.mmsi in d.mmsis for d in hull.designations) or mmsi_kind(party.mmsi) != "ship":
        return None
    watched = hull.designations[0].kind == "watch"
    grade = "historic" if not watched and is_historic_mmsi(party.mmsi, hull) else "equal"
    return Feature("mmsi", grade, str(party.mmsi), str(party.mmsi))


def is_historic_mmsi(mmsi: int, hull: Hull) -> bool:
    """Whether an MMSI's digits name a flag that lists call former, or none of the flags stated as present."""
    flag = flag_of_mmsi(mmsi)
    if flag is None:
        return False
    present = present_flags(hull)
    if any(same_flag(flag, other) for other in present):
        return False
    former = any(same_flag(flag, other) for d in hull.designations for other in d.former_flags)
    return former or bool(present)


def present_flags(hull: Hull) -> tuple[str, ...]:
    """The flags that some list states without calling them former."""
    flags = (flag for d in hull.designations for flag in d.flags if flag not in d.former_flags)
    return tuple(dict.fromkeys(flags))


def callsign_feature(party: Party, hull: Hull) -> Feature | None:
    """``equal`` for a listed call sign, spaces and case aside; shorter than four characters says nothing."""
    seen = callsign_key(party.callsign or "")
    if len(seen) < 4:
        return None
    for listed in _values(hull, lambda d: d.callsigns):
        if callsign_key(listed) == seen:
            return Feature("callsign", "equal", party.callsign or "", listed)
    return None


def name_feature(party: Party, hull: Hull) -> Feature | None:
    """``equal`` for a listed name of the same key, ``variant`` for a like one, None for another name.

    ``weak_name`` for a name that every list which has it calls weak: it says no more than a like one.
    """
    if not party.name:
        return None
    korean = is_korean(hull)
    found: dict[str, Feature] = {}
    for listed in hull.names:
        grade = compare_names(party.name, listed, korean=korean)
        if grade == "same" and not _is_weak(listed, hull):
            return Feature("name", "equal", party.name, listed)
        if grade is not None:
            grade = "weak_name" if grade == "same" else grade
            found.setdefault(grade, Feature("name", grade, party.name, listed))
    return found.get("weak_name") or found.get("variant")


def _is_weak(name: str, hull: Hull) -> bool:
    return all(name in d.weak_names for d in hull.designations if name in d.names)


def is_korean(hull: Hull) -> bool:
    """Whether a list ties the hull to the DPRK, so that Korean spellings vary as they do there."""
    return any(
        "PRK" in d.flags or d.list == "un1718" or any(p.startswith("DPRK") for p in d.programs)
        for d in hull.designations
    )


def flag_feature(party: Party, hull: Hull) -> Feature | None:
    """``equal`` for a present listed flag; a different flag says nothing, reflagging is expected."""
    seen = party.flag or flag_of_mmsi(party.mmsi)
    if seen is None:
        return None
    for listed in present_flags(hull):
        if same_flag(seen, listed):
            return Feature("flag", "equal", seen, listed)
    return None


def callsign_flag_feature(party: Party, hull: Hull) -> Feature | None:
    """``agrees`` where the call sign is of the series of a present listed flag that the MMSI does not name.

    One that is of another state's series says nothing: the ship may have changed its flag.
    """
    state = flag_of_callsign(party.callsign)
    if state is None or flag_feature(party, hull) is not None:
        return None
    for listed in present_flags(hull):
        if same_flag(state, listed):
            return Feature("callsign_flag", "agrees", party.callsign or "", listed)
    return None


def type_feature(party: Party, hull: Hull) -> Feature | None:
    """``agrees`` or ``contradicts`` for the class of ship; contradicting needs every list that states one to differ."""
    seen = ais_class(party.ship_type)
    stated = [d.ship_type for d in hull.designations if d.ship_type and listed_classes(d.ship_type)]
    if seen is None or not stated:
        return None
    shown = f"{party.ship_type} ({seen})"
    for listed in stated:
        if seen in listed_classes(listed):
            return Feature("ship_type", "agrees", shown, listed)
    return Feature("ship_type", "contradicts", shown, stated[0])


# Gross tonnage over the cube of the length in metres: tugs and car carriers near 0.009, slender container ships near
# 0.0035. Twice as far out on either side cannot be the same hull, and neither can a length a quarter off.
_GROSS_PER_CUBE_AGREES = (0.0033, 0.0075)
_GROSS_PER_CUBE_POSSIBLE = (0.0015, 0.016)


def size_feature(party: Party, hull: Hull) -> Feature | None:
    """``agrees`` (length within 10 %, or fitting the gross tonnage) or ``contradicts`` (25 %, or cannot fit)."""
    if not party.length_m:
        return None
    seen = f"{party.length_m} m"
    for length in _values(hull, lambda d: () if d.length_m is None else (d.length_m,)):
        off = abs(party.length_m - length) / length
        if off <= 0.1 or off > 0.25:
            return Feature("size", "agrees" if off <= 0.1 else "contradicts", seen, f"{length} m")
        return None
    for gross in _values(hull, lambda d: () if d.gross_tonnage is None else (d.gross_tonnage,)):
        ratio = gross / party.length_m**3
        if _GROSS_PER_CUBE_AGREES[0] <= ratio <= _GROSS_PER_CUBE_AGREES[1]:
            return Feature("size", "agrees", seen, f"{gross} GT")
        if not _GROSS_PER_CUBE_POSSIBLE[0] <= ratio <= _GROSS_PER_CUBE_POSSIBLE[1]:
            return Feature("size", "contradicts", seen, f"{gross} GT")
        return None
    return None


def features(party: Party, hull: Hull) -> dict[str, Feature]:
    """All features that say something, by field, in the order in which they are told."""
    found = (
        imo_feature(party, hull),
        mmsi_feature(party, hull),
        callsign_feature(party, hull),
        name_feature(party, hull),
        flag_feature(party, hull),
        callsign_flag_feature(party, hull),
        type_feature(party, hull),
        size_feature(party, hull),
    )
    return {feature.field: feature for feature in found if feature is not None}


def _values(hull: Hull, of: Callable[[Designation], Iterable[_Value]]) -> list[_Value]:
    return [value for d in hull.designations for value in of(d)]
