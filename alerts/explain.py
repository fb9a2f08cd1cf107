"""One sentence for one match: which value met which, and what it does not mean."""

from __future__ import annotations

from alerts.designations import Designation, Hull, ListedCompany
from alerts.flags import flag_name, flag_of_mmsi
from alerts.hull_features import Feature, present_flags
from alerts.imo import describe_imo, is_ship_imo
from alerts.incident import Party, Said

_WORDS = {"imo": "IMO", "mmsi": "MMSI", "callsign": "call sign", "name": "name", "flag": "flag"}


def hull_text(
    party: Party, designation: Designation, tier: str, met: dict[str, Feature], hull: Hull, shared: bool
) -> str:
    """Why this party met this entry in this tier, in one sentence."""
    listed = _shown(designation)
    agreeing = [_words(feature, designation) for feature in met.values() if feature.grade != "contradicts"]
    if tier == "conflict":
        seen, other = met["imo"].seen, met["imo"].listed
        shared_values = [_words(f, designation) for f in met.values() if f.grade in ("equal", "historic", "variant")]
        end = (
            "namesakes are common, a lead at most"
            if set(met) <= {"imo", "name", "flag", "callsign_flag", "ship_type", "size"}
            else "a lead on identity manipulation, not a hit"
        )
        return f"Shares {_joined(shared_values)} with {listed} but sends another valid IMO, {seen} for {other}: {end}."
    sentence = f"Agrees with {listed} in {_joined(agreeing)}"
    against = [
        f"{'type' if f.field == 'ship_type' else f.field} {f.seen} against {f.listed}"
        for f in met.values()
        if f.grade == "contradicts"
    ]
    if against:
        sentence += f", contradicted by {_joined(against)}"
    asides = list(_asides(party, met, hull))
    if shared:
        asides.append("two hulls share this MMSI")
    if tier == "weak":
        asides.append("too little to tell it from a namesake")
    return sentence + (f" ({'; '.join(asides)})." if asides else ".")


def class_text(party: Party, designation: Designation, flag: str) -> str:
    """Why a class of vessels takes in this party, in one sentence."""
    origin = (
        f"its MMSI {party.mmsi} has the digits of {flag_name(flag)}"
        if flag_of_mmsi(party.mmsi) == flag
        else f"its flag is {flag_name(flag)}"
    )
    return f"Falls under {_shown(designation)}: {origin}."


def company_text(designation: Designation, company: ListedCompany, told_by: str) -> str:
    """Why a class of vessels of a company takes in a ship that another entry matched, in one sentence."""
    return (
        f"Falls under {_shown(designation)}: "
        f"list {told_by} names {company.name or 'a company'} (company IMO {company.imo}) as {company.role} of the ship."
    )


def dated_text(designation: Designation, quoting: Designation) -> str:
    """That the day of listing is told by another list, in one sentence."""
    return (
        f" List {designation.list} states no day of listing; {quoting.list} entry {quoting.entry} gives "
        f"{designation.designated_on} for it."
    )


def also_sent_text(said: Said, party: Party) -> str:
    """That a match rests on what a ship called itself at another moment, in one sentence.

    >>> also_sent_text(Said(9074729, "OLD STAR"), Party("t", 1, imo=8814275, name="NEW STAR"))
    'That is how it called itself at another time of the event (OLD STAR, IMO 9074729), not as shown (NEW STAR).'
    """
    then = [said.name or "name not sent"] + ([f"IMO {said.imo}"] if said.imo else ["no IMO number"])
    shown = party.name or "name not sent"
    return f"That is how it called itself at another time of the event ({', '.join(then)}), not as shown ({shown})."


def _asides(party: Party, met: dict[str, Feature], hull: Hull) -> list[str]:
    asides: list[str] = []
    if party.imo and not is_ship_imo(party.imo):
        asides.append(f"sent {describe_imo(party.imo)}, not used")
    if "name" not in met and party.name and hull.names:
        asides.append(f"sails as {party.name}")
    flags = present_flags(hull)
    if "flag" not in met and party.flag and flags:
        asides.append(f"flag {flag_name(party.flag)}, listed with {flag_name(flags[0])}")
    return asides


def _words(feature: Feature, designation: Designation) -> str:
    if feature.field == "name":
        if feature.grade == "variant":
            return f"a name like it ({feature.seen}, listed {feature.listed})"
        if feature.grade == "weak_name":
            return f"the name {feature.listed}, which the list itself calls weak"
        return f"the name {feature.listed}"
    if feature.field == "mmsi":
        origin = "" if int(feature.listed) in designation.mmsis else " (stated by another list)"
        return ("MMSI of a former flag " if feature.grade == "historic" else "MMSI ") + feature.listed + origin
    if feature.field == "flag":
        return f"flag {flag_name(feature.listed)}"
    if feature.field == "callsign_flag":
        return f"the series of its call sign ({flag_name(feature.listed)})"
    if feature.field == "ship_type":
        return f"type {feature.listed}"
    return f"{_WORDS.get(feature.field, feature.field)} {feature.listed}"


def listed_name(designation: Designation, met: dict[str, Feature]) -> str:
    """The entry's name that was met, else its first; empty for a class without a name."""
    name = met.get("name")
    if name is not None and name.listed in designation.names:
        return name.listed
    return designation.names[0] if designation.names else ""


def _shown(designation: Designation) -> str:
    entry = f"{designation.list} entry {designation.entry}"
    return f"{designation.names[0]} ({entry})" if designation.names else entry


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}"
