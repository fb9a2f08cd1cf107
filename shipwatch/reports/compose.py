"""Facts to the content of a summary: pure, the same facts give the same summary to the byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shipwatch.event_frames import iso_z
from shipwatch.reports.area import Area
from shipwatch.reports.content import Digest, Figure, IncidentEntry, Ring, Summary
from shipwatch.reports.definitions import DEFINITIONS
from shipwatch.reports.entries import drawn, entry, instant, ranked
from shipwatch.reports.facts import Facts, Story
from shipwatch.reports.hour_bars import hour_bars
from shipwatch.reports.printable import said
from shipwatch.reports.sea_map import Spot, sea_map
from shipwatch.reports.sentences import changes, coverage_text, is_listed, is_silent, key_points, not_seen

MOST_DETAILED = 40
"""Incidents with half a page each; the others stand in the table and in the data files."""


def compose(facts: Facts) -> Summary:
    """The daily summary; a period without incidents gives one too."""
    day = facts.day
    standing = ranked([
        story for story in facts.stories
        if story.newest.alert["state"] != "withdrawn" and story.touches(day.start_us, day.end_us)
    ])  # fmt: skip
    withdrawn = [story for story in facts.stories if story.newest.alert["state"] == "withdrawn"]
    entries: list[IncidentEntry] = []
    for number, story in enumerate(standing, start=1):
        made = entry(story, number, day.start_us, day.end_us)
        if number <= MOST_DETAILED:
            made = drawn(made, facts.tracks.get(made.id, {}))
        entries.append(made)
    runs = _runs_behind(facts)
    spots = [Spot(made.number, made.level, made.lat, made.lon) for made in entries]
    told = [story.newest.published_us for story in facts.stories]
    return Summary(
        number=day.number, title=f"Daily summary of suspected ship-to-ship transfers, {day.title_date()}",
        marking=said(facts.marking, 80), date=day.day.isoformat(), start=iso_z(day.start_us), end=iso_z(day.end_us),
        period=day.period_text(), clock=day.clock_text(), area=said(facts.area.name, 80), area_slug=facts.area.slug,
        coverage=coverage_text(facts.reception),
        made_from=f"ledger as told up to {instant(max(told))}" if told else "ledger without incidents in the period",
        version=facts.version, figures=_figures(facts, entries, standing),
        key_points=key_points(entries, facts.reception.positions > 0),
        changes=changes(facts, entries, withdrawn), not_seen=not_seen(facts, runs), incidents=tuple(entries),
        detailed=min(len(entries), MOST_DETAILED), definitions=DEFINITIONS, digests=_digests(runs, entries),
        map_svg=sea_map(spots, facts.area, facts.reception.extent),
        map_text=_map_text(facts.area, entries), hours_svg=hour_bars(facts.reception.hours, day.start_us),
        area_ring=_rings(facts.area), zones=facts.reception.zones,
    )  # fmt: skip


def _figures(facts: Facts, entries: Sequence[IncidentEntry], stories: Sequence[Story]) -> tuple[Figure, ...]:
    grave = [made for made in entries if made.is_transfer]
    pairs = zip(entries, stories, strict=True)
    silent = sum(made.is_transfer and is_silent(made, story) for made, story in pairs)
    heard = facts.reception
    return (
        Figure(str(len(grave)), "suspected transfer" if len(grave) == 1 else "suspected transfers"),
        Figure(str(sum(made.level == "critical" for made in entries)), "critical"),
        Figure(str(silent), "with a silent ship"),
        Figure(str(sum(is_listed(made) for made in entries)), "with a listed ship"),
        Figure(f"{heard.ships:,}" if heard.positions else "not known", "ships heard"),
    )


def _runs_behind(facts: Facts) -> list[Mapping[str, Any]]:
    """The runs that told the stories, else the newest; of runs over the same input the newest alone, oldest first."""
    wanted = {told.run_id for story in facts.stories for told in story.revisions}
    runs = [run for run in facts.runs if run["id"] in wanted] or list(facts.runs[-1:])
    by_input: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for run in runs:
        inputs = run.get("inputs") or ()
        by_input[tuple(sorted(str(item.get("sha256") or item.get("path")) for item in inputs))] = run
    return sorted(by_input.values(), key=lambda run: int(run["id"]))


def _digests(runs: Sequence[Mapping[str, Any]], entries: Sequence[IncidentEntry]) -> tuple[Digest, ...]:
    """What the summary rests on, each once: configuration, rules, zones, list snapshots."""
    found: dict[tuple[str, str], Digest] = {}
    for run in runs:
        for name, key in (("configuration", "config_digest"), ("rules", "rules_digest"), ("zones", "zones_digest")):
            found.setdefault((name, str(run[key])), Digest(name, str(run[key])))
        for item in run.get("lists") or ():
            published = f"published {item['published']}" if item.get("published") else "date of publication not stated"
            made = Digest(
                f"list {said(item['list'], 40)}", str(item["sha256"]), f"{said(item['snapshot'], 60)}, {published}"
            )
            found.setdefault((made.name, made.value), made)
    for made_entry in entries:
        found.setdefault(("rules", made_entry.rules_digest), Digest("rules", made_entry.rules_digest))
    if not any(name.startswith("list ") for name, _ in found):
        found["lists", ""] = Digest("lists", "none asked", "nothing was screened")
    return tuple(found.values())


def _map_text(area: Area, entries: Sequence[IncidentEntry]) -> str:
    """What the map's shapes mean."""
    if not entries:
        return f"{'Area dashed; no' if area.polygon is not None else 'No'} incidents to show. Not for navigation."
    around = "area dashed; " if area.polygon is not None else ""
    return f"▲ critical  ■ warning  ● notice; {around}numbers as in the table. Not for navigation."


def _rings(area: Area) -> tuple[tuple[Ring, ...], ...]:
    """Of each part of the area the outer ring and those of its holes, longitude and latitude, for the data files."""
    if area.polygon is None:
        return ()
    parts = getattr(area.polygon, "geoms", [area.polygon])
    return tuple(
        tuple(tuple((float(x), float(y)) for x, y in ring.coords) for ring in (part.exterior, *part.interiors))
        for part in parts
    )
