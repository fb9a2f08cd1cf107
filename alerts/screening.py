"""Screening: parties against designations, in tiers whose reason is told value by value.

The tiers, strongest first. *Identifying*: MMSI, call sign, name with its numbers. *Supporting*: flag, type, size, an
MMSI of a former flag, a like name or one that the list itself calls weak.

``exact``     the IMO number, with nothing against it.
``strong``    the IMO number, but type or size contradict it; or, where no IMO can be compared, two identifying values,
              or name and flag and size.
``possible``  one identifying value that is more than a name; a name with its flag or an MMSI of a former flag.
``class``     a list designates all vessels of this flag, or of a company that a list names with this hull.
``conflict``  identifying values under *another valid IMO*: a lead on identity manipulation, never a hit.
``weak``      only a name, or only an MMSI of a former flag: kept, never told.

A watchlist of this station is asked in the same way. Where it states no IMO number, one that the ship sends is nothing
against it, and where it states nothing but a name, that name is ``possible``: who wrote it down wants to hear of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from alerts.callsigns import callsign_key
from alerts.designations import DesignationSet, Hull
from alerts.errors import ScreeningError
from alerts.explain import also_sent_text
from alerts.flags import flag_of_mmsi, flag_of_name, mmsi_kind
from alerts.hull_features import Feature, features, name_feature
from alerts.imo import is_ship_imo
from alerts.incident import Match, Party, Said
from alerts.match_making import class_matches, hull_matches
from alerts.names import name_keys

TIERS = ("exact", "strong", "possible", "class", "conflict", "weak")
_RANK = {tier: rank for rank, tier in enumerate(TIERS)}
_LOWER = {"strong": "possible", "possible": "weak", "weak": "weak"}
_IDENTIFYING = ("mmsi", "callsign", "name")


def screen(
    parties: Sequence[Party],
    designations: DesignationSet,
    *,
    at: str | None,
    ambiguous_tracks: frozenset[str] = frozenset(),
) -> list[Match]:
    """Every match of every party, in order of party, tier, list and entry.

    ``at`` is the ISO date (or instant, its UTC date counts) of the event, None if there is none; a match is made
    whatever its date, and ``when`` says how it lies to the event. What a party ``also_sent`` around the event is
    screened as well, and the best of the matches with one entry stands. Tracks in ``ambiguous_tracks``, and those named
    ``<mmsi>/<n>``, share their MMSI with another hull: no tier above ``possible`` unless the IMO says which. A class
    of vessels matches by flag. An invalid IMO number sent is not matched. Raises :class:`ScreeningError` for a bad
    date.
    """
    day = _day(at)
    # One party claims its number alone; this is asked for every ship seen, so that microseconds count.
    claims = Counter((party.mmsi, party.imo) for party in parties) if len(parties) > 1 else Counter()
    found: list[Match] = []
    for party in parties:
        ambiguous = party.track in ambiguous_tracks or "/" in party.track
        # Static reports of a shared MMSI go to both tracks: an IMO that both carry does not say which hull it is.
        imo_tells = not ambiguous or claims[party.mmsi, party.imo] <= 1
        hulls = _candidates(party, designations)
        own = _party_matches(party, hulls, designations, day, ambiguous, imo_tells)
        if party.also_sent:
            own = _with_also_sent(party, own, designations, day, ambiguous)
        found.extend(own)
    return found


def _with_also_sent(
    party: Party, own: list[Match], designations: DesignationSet, day: str | None, ambiguous: bool
) -> list[Match]:
    best = {(match.list, match.entry): match for match in own}
    for said in party.also_sent:
        other = _as_said(party, said)
        hulls = _candidates(other, designations)
        # What a shared MMSI said before may be the other hull's: no IMO of it tells which.
        for match in _party_matches(other, hulls, designations, day, ambiguous, not ambiguous):
            held = best.get((match.list, match.entry))
            if held is None or _RANK[match.tier] < _RANK[held.tier]:
                best[match.list, match.entry] = replace(match, text=f"{match.text} {also_sent_text(said, party)}")
    return sorted(best.values(), key=_order)


def _as_said(party: Party, said: Said) -> Party:
    return replace(
        party, imo=said.imo, name=said.name, callsign=said.callsign, ship_type=said.ship_type, length_m=said.length_m
    )


def screen_query(
    imo: int | None,
    mmsi: int | None,
    name: str | None,
    callsign: str | None,
    flag: str | None,
    designations: DesignationSet,
    at: str | None = None,
) -> list[Match]:
    """A question by hand: the same tiers, and as ``weak`` also names that are only like the one asked for.

    ``flag`` is ISO 3166 alpha-3 or a flag's name. Raises :class:`ScreeningError` when nothing is asked, the flag is not
    known or the date is none.
    """
    if imo is None and mmsi is None and not name and not callsign and not flag:
        raise ScreeningError("nothing to screen: give an IMO, MMSI, name, call sign or flag")
    code = flag_of_name(flag)
    if flag and code is None:
        raise ScreeningError(f"flag {flag!r} is not known")
    if mmsi is not None and code is None and mmsi_kind(mmsi) == "ship":
        code = flag_of_mmsi(mmsi)
    party = Party(track="query", mmsi=mmsi or 0, imo=imo, name=name, callsign=callsign, flag=code)
    hulls = _candidates(party, designations)
    if name:
        known = {id(hull) for hull in hulls}
        hulls += [h for h in designations.hulls() if id(h) not in known and name_feature(party, h) is not None]
    return _party_matches(party, hulls, designations, _day(at), ambiguous=False, imo_tells=True)


def _day(at: str | None) -> str | None:
    if at is None:
        return None
    try:
        return date.fromisoformat(at[:10]).isoformat()
    except ValueError as error:
        raise ScreeningError(f"{at!r} is not an ISO date") from error


def _candidates(party: Party, designations: DesignationSet) -> list[Hull]:
    found: dict[int, Hull] = {}
    looked_up: list[Iterable[Hull]] = [designations.with_mmsi(party.mmsi)]
    if party.imo is not None:  # of a list only valid numbers are known
        looked_up.append(designations.with_imo(party.imo))
    if party.callsign:
        looked_up.append(designations.with_callsign(callsign_key(party.callsign)))
    if party.name:
        looked_up.extend(designations.with_name_key(key.letters, key.numbers) for key in name_keys(party.name))
    for hulls in looked_up:
        found.update((id(hull), hull) for hull in hulls)
    return list(found.values())


def _party_matches(
    party: Party, hulls: list[Hull], designations: DesignationSet, day: str | None, ambiguous: bool, imo_tells: bool
) -> list[Match]:
    own = next((hull for hull in hulls if hull.imo is not None and hull.imo == party.imo), None)
    explained = {} if own is None else features(party, own)
    found: list[Match] = []
    hit: list[Hull] = []
    imo_sent = party.imo is not None and is_ship_imo(party.imo)
    for hull in hulls:
        met = features(party, hull)
        watched = hull.designations[0].kind == "watch"
        tier = judge(met, imo_sent=imo_sent and not watched)
        if tier == "conflict":
            # A value that lists state for the party's own hull too (one MMSI listed for two ships) betrays nothing.
            met = {field: f for field, f in met.items() if field not in explained or field not in _IDENTIFYING}
            tier = judge(met, imo_sent=True)
        if tier == "weak" and watched and _asks_for_name(hull) and met["name"].grade == "equal":
            tier = "possible"
        if tier is None:
            continue
        if (ambiguous and tier == "strong" and "imo" not in met) or (tier in ("exact", "strong") and not imo_tells):
            tier = "possible"
        if tier in ("exact", "strong"):
            hit.append(hull)
        found.extend(hull_matches(party, hull, tier, met, designations, day, ambiguous))
    if designations.classes():
        found.extend(class_matches(party, hit, designations, day))
    found.sort(key=_order)
    return found


def _asks_for_name(hull: Hull) -> bool:
    """Whether an entry of a watchlist states a name and no number or flag that could be compared."""
    entry = hull.designations[0]
    return not (entry.imo or entry.mmsis or entry.callsigns or entry.flags)


def judge(met: dict[str, Feature], *, imo_sent: bool) -> str | None:
    """The tier of one hull's features (the table in this module's words); None where nothing identifies.

    ``imo_sent`` is whether the party sent a valid IMO number: with one, and none in the list, a name is not enough.
    """
    against = any(met[field].grade == "contradicts" for field in ("ship_type", "size") if field in met)
    identifying = [field for field in _IDENTIFYING if field in met and met[field].grade == "equal"]
    historic = "mmsi" in met and met["mmsi"].grade == "historic"
    if "imo" in met:
        if met["imo"].grade == "equal":
            return "strong" if against else "exact"
        return "conflict" if identifying or historic else None
    tier = _tier_without_imo(met, identifying, historic, imo_sent)
    return _LOWER[tier] if tier is not None and against else tier


def _tier_without_imo(met: dict[str, Feature], identifying: list[str], historic: bool, imo_sent: bool) -> str | None:
    if len(identifying) >= 2:
        return "strong"
    if identifying and identifying != ["name"]:
        return "possible"
    if identifying:
        if historic:
            return "possible"
        if imo_sent or "flag" not in met:
            return "weak"
        # A flag flies over thousands of ships of each type: a real yacht NIRVANA of the Cayman Islands, 22 m long, is
        # not the listed one. Only the size of the hull makes name and flag strong.
        return "strong" if "size" in met and met["size"].grade == "agrees" else "possible"
    if historic:
        return "possible" if "name" in met else "weak"
    return "weak" if "name" in met else None


def _order(match: Match) -> tuple[int, str, tuple[int, int, str]]:
    return _RANK[match.tier], match.list, _entry_order(match.entry)


def _entry_order(entry: str) -> tuple[int, int, str]:
    return (0, int(entry), "") if entry.isascii() and entry.isdigit() else (1, 0, entry)
