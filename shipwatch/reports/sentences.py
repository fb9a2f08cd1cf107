"""The sentences of the first page: key points, what changed, what was not seen. Fair words, checkable figures."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from alerts.wording import duration_text, names_text
from shipwatch.reports.content import MEETINGS, IncidentEntry
from shipwatch.reports.entries import instant
from shipwatch.reports.facts import Facts, Story
from shipwatch.reports.printable import said
from shipwatch.reports.reception import Reception
from shipwatch.reports.zone_coverage import ZoneCoverage

MOST_POINTS = 7
MOST_LINES = 5
MOST_ZONES = 3
WOULD_HAVE_SEEN = (
    (0.9, "would probably have been seen"), (0.5, "may have been missed in part"), (0.0, "may well have been missed"),
)  # fmt: skip
"""From so large a share of ships' time heard; the bounds are ours, chosen so that 90 % leaves few two-hour holes."""
HITS = ("exact", "strong", "class")
"""Tiers that say "this is a listed ship"; ``possible`` asks a person, ``conflict`` is a lead on identity."""


def is_listed(made: IncidentEntry) -> bool:
    """Whether a ship of the incident stands on a list that was in force then or is since; watchlists list nobody."""
    return any(hit.tier in HITS and hit.when not in ("delisted_before", "watched") for hit in made.hits)


def is_silent(made: IncidentEntry, story: Story) -> bool:
    """Whether a ship was silent in or near the meeting."""
    return made.dark_s > 0 or any(reason["feature"] == "silence_near" for reason in story.newest.alert["reasons"])


def key_points(entries: Sequence[IncidentEntry], heard: bool) -> tuple[str, ...]:
    """What a reader must not miss, most serious first, at most ``MOST_POINTS``; ``heard``: whether anything was."""
    points: list[str] = []
    listed = [made for made in entries if is_listed(made)]
    if listed:
        who = sorted(
            {
                f"{hit.ship} ({hit.quoted})"
                for made in listed
                for hit in made.hits
                if hit.tier in HITS and hit.when != "watched"
            }
        )
        points.append(f"{_count(listed)} of a ship that a list names ({_nos(listed)}): {names_text(who)}.")
    watched = [made for made in entries if any(h.when == "watched" and h.tier != "conflict" for h in made.hits)]
    if watched:
        points.append(f"{_count(watched)} of a ship on a watchlist of this station ({_nos(watched)}).")
    for tier, words in (
        ("possible", "match a list only possibly: to be checked by a person"),
        (
            "conflict",
            "carry a listed ship's name or number under another valid IMO number: a lead on identity, not a hit",
        ),
    ):
        found = [
            made for made in entries if any(hit.tier == tier for hit in made.hits) and made not in (*listed, *watched)
        ]
        if found:
            points.append(f"{_count(found)} ({_nos(found)}): ships {words}.")
    grave = [made for made in entries if made.is_transfer]
    for made in grave[:2]:
        how = "hulls alongside one another" if made.alongside else f"together for {made.together}"
        ships = names_text([ship.called for ship in made.ships if ship.role == "party"])
        points.append(f"No. {made.number}: {ships}, {how}, {made.known}, {made.place}.")
    draught = [made for made in grave if any("draught" in why.text.lower() and why.weight > 0 for why in made.why)]
    if draught:
        points.append(f"Draught sent before and after differs in {_count(draught)} ({_nos(draught)}).")
    points += _repeated(grave or entries)
    zones = Counter(zone for made in entries for zone in made.zones)
    for zone, count in sorted(zones.items(), key=lambda item: (-item[1], item[0]))[:2]:
        if count > 1:
            inside = [made for made in entries if zone in made.zones]
            points.append(f"{zone}: {_count(inside).lower()} ({_nos(inside)}).")
    if not entries and not heard:
        return ("No data of the period are on record here: this summary cannot say whether anything took place.",)
    if not grave:
        points.insert(0, "No suspected ship-to-ship transfer was found in the period.")
        points.append("That nothing was found does not show that nothing took place: see “What was not seen”.")
    return tuple(points[:MOST_POINTS])


def changes(facts: Facts, entries: Sequence[IncidentEntry], withdrawn: Sequence[Story]) -> tuple[str, ...]:
    """New, updated, withdrawn, and how the count stands against the day before."""
    grave = sum(made.is_transfer for made in entries)
    before = [story.newest.alert for story in facts.before if story.newest.alert["state"] != "withdrawn"]
    grave_before = sum(alert["severity"] != "notice" and alert["kind"] in MEETINGS for alert in before)
    lines: list[str] = []
    if facts.reception_before.positions or before:
        difference = grave - grave_before
        words = "as many as" if difference == 0 else f"{abs(difference)} {'more' if difference > 0 else 'fewer'} than"
        lines.append(f"Suspected transfers: {grave}, {words} in the 24 hours before ({grave_before}).")
    else:
        lines.append("The 24 hours before are not on record here: nothing to compare with.")
    new = [made for made in entries if made.change == "new"]
    lines.append(f"New: {_nos(new) if new else 'none'}.")
    updated = [made for made in entries if made.change.startswith("updated")]
    lines += [f"Updated: no. {made.number}, {made.change.removeprefix('updated: ')}." for made in updated[:MOST_LINES]]
    if len(updated) > MOST_LINES:
        lines.append(f"{len(updated) - MOST_LINES} more were updated.")
    for story in withdrawn[:MOST_LINES]:
        alert = story.newest.alert
        names = names_text([said(party["name"]) or f"MMSI {party['mmsi']}" for party in alert["parties"]])
        lines.append(f"Withdrawn: meeting of {names} on {instant(story.newest.start_us)} ({alert['id']}), "
                     f"{said(str(alert['revision_reason']), 200).removeprefix('withdrawn: ')}.")  # fmt: skip
    if len(withdrawn) > MOST_LINES:
        lines.append(
            f"{len(withdrawn) - MOST_LINES} more were withdrawn; each is in the JSON file of the day it was told."
        )
    if not withdrawn:
        lines.append("Withdrawn: none.")
    crossing = [made for made in entries if made.began_before or made.goes_on_after]
    if crossing:
        lines.append(f"Across the bounds of the period, so in two summaries: {_nos(crossing)}.")
    return tuple(lines)


def not_seen(facts: Facts, runs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Holes in reception, silent ships, refused rows, unread inputs; last what AIS cannot show at all."""
    lines = _reception_lines(facts.reception, facts.area.polygon is not None)
    lines += _zone_lines(facts.reception.zones)
    if facts.gaps:
        ships = len({gap["mmsi_a"] for gap in facts.gaps})
        gaps = _many(len(facts.gaps), "gap")
        lines.append(
            f"{_many(ships, 'ship')} fell silent for hours during the period ({gaps} in transmission); reception may "
            "explain it."
        )
    lines += _refusal_lines(runs)
    lines.append(
        "AIS can be switched off, forged or jammed, and small craft need not carry it: no incident here does not mean "
        "no transfer."
    )
    return tuple(lines)


def coverage_text(reception: Reception) -> str:
    """Data coverage in one phrase for the header."""
    if not reception.positions:
        return "none on record"
    return f"{reception.area_minutes * 100 // 1440} % of minutes"


def _reception_lines(heard: Reception, bounded: bool) -> list[str]:
    if not heard.positions:
        return ["No positions of the period are in the archive: reception is not known, and no tracks are drawn."]
    lines = [
        f"Feed: something was received in {heard.minutes:,} of 1,440 minutes ({duration_text(heard.minutes * 60)})."
    ]
    empty = [hour for hour, count in enumerate(heard.hours) if not count]
    if bounded or heard.area_minutes != heard.minutes:
        lines.append(f"From the area: {heard.area_positions:,} positions in {heard.area_minutes:,} minutes.")
    if empty:
        lines.append(f"Nothing from the area in {_many(len(empty), 'hour')} of the 24 (boxes in the bars).")
    for start_us, end_us in heard.silences[:3]:
        lines.append(f"Nothing from any source {instant(start_us)} to {instant(end_us)}.")
    if len(heard.silences) > 3:
        lines.append(f"{len(heard.silences) - 3} more such holes of 15 minutes and longer.")
    silent = [station for station in heard.stations if station.silences] if len(heard.stations) > 1 else []
    for station in silent[:3]:
        start_us, end_us = max(station.silences, key=lambda piece: piece[1] - piece[0])
        lines.append(
            f"Source “{said(station.name, 20)}”: silent {instant(start_us)} to {instant(end_us)}"
            + (f" and {len(station.silences) - 1} times more." if len(station.silences) > 1 else ".")
        )
    if len(silent) > 3:
        lines.append(f"{len(silent) - 3} more sources were silent for an hour or longer.")
    return lines


def _zone_lines(zones: Sequence[ZoneCoverage]) -> list[str]:
    """Would a transfer in a watched zone have been seen? The worst heard first; last those where nobody was heard."""
    heard = sorted((zone.share, zone.zone, zone) for zone in zones if zone.share is not None)
    lines = []
    for share, _, zone in heard[:MOST_ZONES]:
        seen = next(words for least, words in WOULD_HAVE_SEEN if share >= least)
        ships = "one ship was heard there in" if zone.ships == 1 else f"{zone.ships:,} ships were heard there in"
        lines.append(
            f"{said(zone.zone, 40)}: {ships} {math.floor(100 * share)} % of the quarter hours that they are known to "
            f"have been there: a transfer {seen}."
        )
    if len(heard) > MOST_ZONES:
        lines.append(f"{_many(len(heard) - MOST_ZONES, 'watched zone')} more, as well heard or better.")
    empty = [said(zone.zone, 40) for zone in zones if zone.share is None]
    if empty:
        named = names_text(empty) if len(empty) <= MOST_ZONES else f"{len(empty)} watched zones"
        lines.append(f"No ship was heard in {named}: whether anything took place there cannot be said.")
    return lines


def _refusal_lines(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    refused: Counter[str] = Counter()
    lines = 0
    unread: list[str] = []
    unfinished = 0
    for run in runs:
        counts = run.get("counts")
        unread += [str(item.get("path", "?")) for item in run.get("inputs") or () if item.get("error")]
        if not counts:
            unfinished += 1
            continue
        lines += sum(counts.get("lines", {}).values())
        for kind, count in counts.get("lines", {}).items():
            if kind.startswith("refused:"):
                refused[kind.removeprefix("refused:").replace("_", " ")] += count
        for kind, count in counts.get("refused_by_engine", {}).items():
            refused[f"{kind.replace('_', ' ')} (engine)"] += count
    told: list[str] = []
    if lines:
        shown = sorted(refused.items(), key=lambda item: (-item[1], item[0]))
        named = ", ".join(f"{count:,} {said(kind, 40)}" for kind, count in shown[:4])
        rest = sum(count for _, count in shown[4:])
        told.append(
            f"Of {lines:,} lines read (the whole input, not this day alone) rows were refused: {named or 'none'}"
            + (f", {rest:,} for other reasons." if rest else ".")
        )
    if unread:
        names = names_text([said(PurePath(path).name, 40) for path in unread])
        told.append(f"{_many(len(unread), 'input')} could not be read: {names}.")
    if unfinished:
        told.append(
            f"{_many(unfinished, 'run')} behind this summary had not ended: refused rows are not counted in full."
        )
    return told


def _repeated(entries: Sequence[IncidentEntry]) -> list[str]:
    by_ship: dict[int, list[IncidentEntry]] = defaultdict(list)
    called: dict[int, str] = {}
    for made in entries:
        for ship in made.ships:
            by_ship[ship.mmsi].append(made)
            called[ship.mmsi] = ship.called
    often = sorted((mmsi for mmsi, met in by_ship.items() if len(met) > 1), key=lambda m: (-len(by_ship[m]), m))
    return [f"{called[mmsi]} stands in {_count(by_ship[mmsi]).lower()} ({_nos(by_ship[mmsi])})." for mmsi in often[:2]]


def _nos(entries: Sequence[IncidentEntry]) -> str:
    numbers = [str(made.number) for made in entries]
    return "no. " + (
        ", ".join(numbers) if len(numbers) <= 12 else f"{', '.join(numbers[:11])} and {len(numbers) - 11} more"
    )


def _count(entries: Sequence[IncidentEntry]) -> str:
    """How many, by the word that is true of all of them."""
    if all(made.is_meeting for made in entries):
        return _many(len(entries), "meeting").capitalize()
    sighted = all(made.kind == "sighting" for made in entries)
    return _many(len(entries), "sighting" if sighted else "incident").capitalize()


def _many(count: int, word: str) -> str:
    return f"{'one' if count == 1 else f'{count:,}'} {word}{'' if count == 1 else 's'}"
