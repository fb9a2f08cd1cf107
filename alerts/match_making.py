"""Matches of hulls and of classes of vessels, each with what a reader of the match needs from the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from alerts.designations import Designation, DesignationSet, Hull
from alerts.explain import class_text, company_text, dated_text, hull_text, listed_name
from alerts.flags import flag_of_mmsi, mmsi_kind
from alerts.hull_features import Feature
from alerts.in_force import dated_by, in_force
from alerts.incident import Match, MatchedCompany, Party, Watch
from alerts.list_source import ListSource
from alerts.watch_entries import has_expired

WATCHED = "watched"
"""In place of a time of listing: an entry of a watchlist, which designates nobody."""


def hull_matches(
    party: Party,
    hull: Hull,
    tier: str,
    met: dict[str, Feature],
    designations: DesignationSet,
    day: str | None,
    track_is_shared: bool,
) -> Iterable[Match]:
    """One match for each entry of a hull; an entry of a watchlist that has expired by ``day`` gives none."""
    matched = {
        field if feature.grade != "contradicts" else f"{field}_conflict": (feature.seen, feature.listed)
        for field, feature in met.items()
    }
    for designation in hull.designations:
        if has_expired(designation, day):
            continue
        text = hull_text(party, designation, tier, met, hull, track_is_shared)
        quoted = dated_by(designation, hull.designations)
        if quoted is not None:
            text += dated_text(*quoted)
        dated = designation if quoted is None else quoted[0]
        yield _match(party, dated, designations, tier, day, matched, text, met)


def class_matches(party: Party, hulls: Sequence[Hull], designations: DesignationSet, day: str | None) -> list[Match]:
    """Classes of vessels that take in a party: by its flag, or as a ship (``hulls``) of a company that is listed."""
    found: dict[tuple[str, str], Match] = {}
    of_mmsi = flag_of_mmsi(party.mmsi) if mmsi_kind(party.mmsi) == "ship" else None
    flag = party.flag or of_mmsi
    for designation in designations.classes_of_flag(flag) if flag else ():
        matched = {"flag": (flag or "", flag or "")}
        if of_mmsi == flag:
            matched["mmsi"] = (str(party.mmsi), f"{party.mmsi // 1_000_000:03d}")
        text = class_text(party, designation, flag or "")
        found[designation.list, designation.entry] = _match(
            party, designation, designations, "class", day, matched, text, {}
        )
    for hull in hulls:
        for told in hull.designations:
            for company in told.companies:
                if company.imo is None or company.former:
                    continue
                for designation in designations.classes_of_company(company.imo):
                    matched = {company.role.replace(" ", "_"): (str(company.imo), str(company.imo))}
                    text = company_text(designation, company, told.list)
                    made = _match(party, designation, designations, "class", day, matched, text, {})
                    found.setdefault((designation.list, designation.entry), made)
    return list(found.values())


def _match(
    party: Party,
    designation: Designation,
    designations: DesignationSet,
    tier: str,
    day: str | None,
    matched: dict[str, tuple[str, str]],
    text: str,
    met: dict[str, Feature],
) -> Match:
    watched = designation.kind == "watch"
    return Match(
        party=party.track,
        list=designation.list,
        entry=designation.entry,
        tier=tier,
        when=WATCHED if watched else in_force(designation, day),
        matched=matched,
        text=text,
        listed_name=listed_name(designation, met),
        programs=designation.programs,
        companies=tuple(
            MatchedCompany(f"former {c.role}" if c.former else c.role, c.name, c.imo) for c in designation.companies
        ),
        source=_source(designation, designations.source_of(designation.list)),
        watch=Watch(designation.remarks, designation.watched_by, designation.expires_on) if watched else None,
    )


def _source(designation: Designation, source: ListSource | None) -> ListSource | None:
    """The list's source; of a list of legal designations with one entry that is none, as this entry has it."""
    if designation.legal or (source is not None and not source.legal_designation):
        return source
    return replace(source or ListSource(designation.list, designation.list), legal_designation=False)
