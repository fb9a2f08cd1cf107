"""Alert objects to the incidents of a summary: numbered from the most serious, in words fit to forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from alerts.alert_reading import alert_from_json
from alerts.flags import flag_name
from alerts.incident import Incident, Match, Reason
from alerts.list_features import match_aside
from alerts.ship_types import ship_class
from alerts.wording import duration_text, finding, known_text, position_text, reading, title
from decoders.reports import PositionReports
from geofences.ports import place_text
from shipwatch.event_frames import iso_z
from shipwatch.reports.content import LEVELS, IncidentEntry, ListHit, ShipFacts, Why
from shipwatch.reports.facts import AROUND_US, Story, time_us
from shipwatch.reports.meeting_plot import meeting_plot
from shipwatch.reports.printable import said
from shipwatch.reports.track_map import track_map
from shipwatch.reports.track_pieces import track_pieces

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DRAWN_SHIPS = 6
LONGEST_SENTENCE = 300

_TIERS = {
    "exact": "exact: its valid IMO number is that of the listed ship",
    "strong": "strong: several identifiers agree, one does not or none is an IMO number",
    "possible": "possible: to be checked by a person before anybody relies on it",
    "class": "class: the list names all ships of that flag or owner",
    "conflict": "conflict: a listed ship's name or number under another valid IMO number: a lead on identity, no hit",
}
_WHEN = {
    "designated_at_event": "listed when they met",
    "designated_after": "listed only after they met",
    "delisted_before": "taken off the list before they met",
    "unknown": "the list does not say since when",
    "watched": "an entry of this station's own watchlist",
}


def ranked(stories: Sequence[Story]) -> list[Story]:
    """Most serious first: level, then score, then the earlier."""

    def rank(story: Story) -> tuple[int, int, int, str]:
        alert = story.newest.alert
        level = LEVELS.index(alert["severity"]) if alert["severity"] in LEVELS else len(LEVELS)
        return level, -int(alert["score"]), story.newest.start_us, str(alert["id"])

    return sorted(stories, key=rank)


def entry(story: Story, number: int, start_us: int, end_us: int) -> IncidentEntry:
    """The incident in words and figures, not yet drawn; raises ``AlertError`` for an object that is not an alert."""
    told = story.newest
    payload = _tidied(told.alert)
    alert = alert_from_json(payload)
    incident = alert.incident
    ships = tuple(_ship(LETTERS[at % 26] * (1 + at // 26), item) for at, item in enumerate(payload["parties"]))
    by_track = {ship.track: ship for ship in ships}
    until_us = told.known_until_us
    return IncidentEntry(
        number=number, id=alert.id, revision=alert.revision, state=alert.state, kind=incident.kind,
        level=alert.severity if alert.severity in LEVELS else "notice", score=alert.score, title=title(alert),
        finding=finding(incident), reading=reading(alert), start=payload["start"], end=payload["end"],
        until=iso_z(until_us),
        when=_when(incident.start_us, incident.end_us, until_us), began_before=incident.start_us < start_us,
        goes_on_after=until_us > end_us or (incident.end_us is None and until_us >= end_us),
        change=_change(story, start_us), lat=incident.lat, lon=incident.lon,
        position=position_text(incident.lat, incident.lon), place=place_text(incident.lat, incident.lon),
        zones=tuple(said(zone, 80) for zone in incident.zones), observed_s=incident.observed_s,
        inferred_s=incident.inferred_s, dark_s=incident.dark_s, known=known_text(incident),
        known_short=_known_short(incident),
        together=duration_text((until_us - incident.start_us) // 1_000_000), min_distance_m=incident.min_distance_m,
        median_distance_m=incident.median_distance_m, hull_gap_m=incident.hull_gap_m,
        median_speed_kn=incident.median_speed_kn, alongside=incident.alongside, ships=ships,
        hits=tuple(
            _hit(item, match, by_track, dict(alert.lists))
            for item, match in zip(payload["matches"], alert.matches, strict=True)
        ),
        why=tuple(_why(reason) for reason in alert.reasons),
        sensitivity=said(alert.sensitivity, LONGEST_SENTENCE), lists=alert.lists, rules_digest=alert.rules_digest,
    )  # fmt: skip


def drawn(made: IncidentEntry, tracks: Mapping[int, PositionReports]) -> IncidentEntry:
    """The entry with its tracks, map and plot; ``tracks`` by MMSI, as the archive has them."""
    ships = made.ships[:DRAWN_SHIPS]
    none = PositionReports.empty()
    pieces = tuple(
        piece for ship in ships for piece in track_pieces(ship.letter, tracks.get(ship.mmsi, none))
    )  # fmt: skip
    start_us = time_us(made.start)
    end_us = time_us(made.until)
    principal = _principal(made)
    letters = tuple(ship.letter for ship in ships)
    map_svg = track_map(pieces, letters, start_us, end_us, made.lat, made.lon)
    plot, note = "", []
    if principal is not None:
        a, b = principal
        plot = meeting_plot(
            tracks.get(a.mmsi, none), tracks.get(b.mmsi, none), (a.letter, b.letter),
            (made.ships.index(a), made.ships.index(b)), start_us, end_us, AROUND_US,
        )  # fmt: skip
        if len(made.ships) > 2:
            note.append(f"The plot is of ships {a.letter} and {b.letter}.")
    if len(made.ships) > DRAWN_SHIPS:
        note.append(f"Tracks of the first {DRAWN_SHIPS} of {len(made.ships)} ships are drawn.")
    return replace(made, tracks=pieces, track_svg=map_svg, plot_svg=plot, track_note=" ".join(note))


def instant(at_us: int, *, day: bool = True) -> str:
    """A UTC minute as a summary writes it.

    >>> instant(1527975417_000_000), instant(1527975417_000_000, day=False)
    ('2 Jun 21:36Z', '21:36Z')
    """
    when = datetime.fromtimestamp(at_us // 1_000_000, tz=UTC)
    return f"{when.day} {when:%b %H:%M}Z" if day else f"{when:%H:%M}Z"


def _tidied(alert: Mapping[str, Any]) -> dict[str, Any]:
    """The alert object with names on one line, of bounded length, and without invisible characters."""
    parties = [
        {**party, "name": said(party["name"]) or None, "callsign": said(party["callsign"], 20) or None}
        for party in alert["parties"]
    ]
    return {**alert, "parties": parties, "zones": [said(zone, 80) for zone in alert["zones"]]}


def _ship(letter: str, party: Mapping[str, Any]) -> ShipFacts:
    return ShipFacts(
        letter=letter, track=str(party["track"]), mmsi=int(party["mmsi"]), name=party["name"] or "",
        imo="" if party["imo"] is None else str(party["imo"]), callsign=party["callsign"] or "",
        flag=party["flag"] or "", flag_name=flag_name(party["flag"]) or "", kind=ship_class(party["ship_type"]),
        length_m=party["length_m"], draught_before_m=party["draught_before_m"],
        draught_after_m=party["draught_after_m"], role=party["role"],
    )  # fmt: skip


def _hit(
    match: Mapping[str, Any], read: Match, ships: Mapping[str, ShipFacts], snapshots: Mapping[str, str]
) -> ListHit:
    ship = ships.get(match["party"])
    values = tuple(
        (said(key, 20), said(str(seen)), said(str(listed))) for key, (seen, listed) in match["matched"].items()
    )
    met = "; ".join(f"{key} {seen}" + ("" if seen == listed else f" (listed {listed})") for key, seen, listed in values)
    called = ship.called if ship else f"track {match['party']}"
    name, entry_id = said(match["list"], 40), said(match["entry"], 40)
    cautions = () if read.source is None else tuple(said(words, 120) for words in read.source.cautions)
    companies = tuple(
        f"{said(c.role, 40)} {said(c.name) or 'not named'}" + (f" (company IMO {c.imo})" if c.imo else "")
        for c in read.companies
    )
    aside = said(match_aside(read), LONGEST_SENTENCE)
    credit = "" if read.source is None or read.watch is not None else said(read.source.credit, 200)
    more = "".join(f"; {part}" for part in (met, aside, credit and f"source: {credit}") if part)
    tier, when = _TIERS.get(match["tier"], match["tier"]), _WHEN.get(match["when"], match["when"])
    return ListHit(
        letter=ship.letter if ship else "?", ship=called, list=name,
        snapshot=said(snapshots.get(match["list"], ""), 60),
        entry=entry_id, tier=match["tier"], when=match["when"], values=values,
        text=f"{called}: list {name}, entry {entry_id}; {tier}; {when}{more}.",
        cautions=cautions, credit=credit, companies=companies,
    )  # fmt: skip


def _when(start_us: int, end_us: int | None, until_us: int) -> str:
    start = instant(start_us)
    last = end_us if end_us is not None else until_us
    end = instant(last, day=instant(start_us)[:-7] != instant(last)[:-7])
    if end_us is None:
        return f"{start}, going on when last heard of ({end})"
    return f"{start.removesuffix('Z')} to {end}"


def _change(story: Story, start_us: int) -> str:
    """What the period brought: new, or updated with the newest reason, or nothing."""
    if story.revisions[0].published_us >= start_us:
        return "new"
    since = [told for told in story.revisions if told.published_us >= start_us]
    return f"updated: {said(str(since[-1].alert['revision_reason']), 160)}" if since else ""


def _why(reason: Reason) -> Why:
    about_list = reason.feature.startswith(("list_", "identity_"))
    return Why(reason.weight, said(reason.text, LONGEST_SENTENCE), about_list)


def _known_short(incident: Incident) -> str:
    """Observed, inferred, silent, distance: for a table's cell."""
    parts = [f"observed {duration_text(incident.observed_s)}"]
    parts += [f"inferred {duration_text(incident.inferred_s)}"] if incident.inferred_s else []
    parts += [f"silent {duration_text(incident.dark_s)}"] if incident.dark_s else []
    parts += [] if incident.median_distance_m is None else [f"{incident.median_distance_m} m apart"]
    return ", ".join(parts)


def _principal(made: IncidentEntry) -> tuple[ShipFacts, ShipFacts] | None:
    """The two ships whose meeting the figures describe: the first two parties that are not merely attending."""
    parties = [ship for ship in made.ships if ship.role == "party"] or list(made.ships)
    return (parties[0], parties[1]) if len(parties) > 1 else None
