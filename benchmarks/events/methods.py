"""The methods that are scored: shipwatch's alerts and events, the presets' events, GFW's rule on its own grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from benchmarks.events.gfw_grid_rule import grid_encounters
from benchmarks.events.score import Find
from benchmarks.events.worlds import BenchWorld
from shipwatch.assemble import Station, assemble
from shipwatch.config import Config
from shipwatch.replay import ReplayResult, replay_batches


@dataclass(frozen=True, slots=True)
class Method:
    """A name for the table, and what it finds in a world."""

    name: str
    finds: Callable[[BenchWorld], list[Find]]


@cache
def station(preset: str | None) -> Station:
    """The wired pipeline, all water outside excluded zones watched, no lists."""
    return assemble(Config(), environment={}, everywhere=True, preset_name=preset)


@cache
def replayed(world_key: tuple[int, str, float], preset: str | None) -> ReplayResult:
    """What the product's own replay finds in a world that :func:`keep` holds."""
    return replay_batches([_KEPT[world_key].reports], station(preset).pipeline)


_KEPT: dict[tuple[int, str, float], BenchWorld] = {}


def result_of(world: BenchWorld, preset: str | None) -> ReplayResult:
    """The replay of a world under a preset, made once while the world is the newest."""
    key = (world.seed, world.name, float(len(world.reports.positions)))
    if key not in _KEPT:
        _KEPT.clear()
        replayed.cache_clear()
        _KEPT[key] = world
    return replayed(key, preset)


def alerts(world: BenchWorld) -> list[Find]:
    """Alerts as an analyst sees them: the newest revision of each that stands, its parties without attendants."""
    return [
        Find(
            alert.incident.kind, frozenset(party.mmsi for party in alert.incident.parties if party.role == "party"),
            alert.incident.start_us, alert.incident.end_us or world.scenario.end_us, alert.severity,
        )
        for alert in result_of(world, None).alerts
        if alert.state != "withdrawn" and alert.incident.kind in ("rendezvous", "dark_meeting")
    ]  # fmt: skip


def events(preset: str | None) -> Callable[[BenchWorld], list[Find]]:
    """Every rendezvous of two ships that the engine tells under a preset, ungraded."""

    def finds(world: BenchWorld) -> list[Find]:
        return [
            Find("rendezvous", frozenset((one.mmsi_a, one.mmsi_b)), one.start_us, one.end_us)
            for one in result_of(world, preset).rendezvous
        ]

    return finds


def all_alerts(world: BenchWorld) -> list[Find]:
    """Alerts of every severity, notices too."""
    return [Find(one.kind, one.mmsis, one.start_us, one.end_us) for one in alerts(world)]


METHODS = (
    Method("shipwatch, alerts of warning and above", alerts),
    Method("shipwatch, all alerts", all_alerts),
    Method("rules of gfw", events("gfw")),
    Method("rules of skylight", events("skylight")),
    Method("rules of starboard", events("starboard")),
    Method("gfw as published, 10-minute grid", grid_encounters),
)
