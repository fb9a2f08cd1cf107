"""Config to a wired pipeline: the only room that knows which part goes where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from alerts.designations import DesignationSet
from alerts.lists.store import ListStore
from alerts.rules import Rules, load_rules
from geofences.offing import offing
from geofences.zones import ZoneSet
from shipwatch.config import Config, ConfigError, bind, load_config
from shipwatch.engine.rules import EngineRules, preset
from shipwatch.home import lists_folder
from shipwatch.pipeline import Pipeline
from shipwatch.places import WatchedPlaces
from shipwatch.replay import ReplayResult
from shipwatch.version import shipwatch_version

CONFIG_FILE = "config.toml"
CONFIG_VARIABLE = "SHIPWATCH_CONFIG"
SECTIONS = ("engine", "zones", "alerts", "lists", "feeds", "live", "delivery", "jobs", "retention")


@dataclass(frozen=True, slots=True)
class ZoneSettings:
    """Section `[zones]`: what is watched. Paths are relative to the configuration file."""

    shipped: bool = True
    """The watched zones that come with the package."""
    ports: bool = True
    """The port exclusions that come with the package."""
    files: tuple[str, ...] = ()
    """GeoJSON files of further zones."""
    only: tuple[str, ...] = ()
    """Names of the watched zones to keep; none named: all."""
    everywhere: bool = False
    """Watch all water outside excluded zones."""


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Section `[alerts]`: what makes an alert grave."""

    rules: str = ""
    """Folder with grading.toml and benign.toml; empty: the rules that come with the package."""


@dataclass(frozen=True, slots=True)
class ListSettings:
    """Section `[lists]`: which designated-vessel lists are asked."""

    screen: bool = True
    """Ask the imported lists."""
    as_of: str = ""
    """Use the versions that were in force on this date (YYYY-MM-DD); empty: the newest."""
    update: tuple[str, ...] = ()
    """Kinds of lists to fetch from their publishers: by `lists update` and once a day; none named: nothing is."""
    urls: Mapping[str, str] = field(default_factory=dict)
    """Other addresses to fetch kinds from."""
    max_mb: int = 500
    """A list larger than this, decompressed, is refused."""
    allow_private: bool = False
    """Lists may come over http and from private addresses."""
    rescreen_days: int = 400
    """Alerts of events so far back are held against a list that has changed."""

    def __post_init__(self) -> None:
        for name in ("max_mb", "rescreen_days"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)} is not > 0")
        try:
            date.fromisoformat(self.as_of or "2000-01-01")
        except ValueError:
            raise ValueError(f"as_of: {self.as_of!r} is not a date (YYYY-MM-DD)") from None


@dataclass(frozen=True, slots=True)
class Station:
    """Everything wired: the pipeline and what it stands on."""

    pipeline: Pipeline
    config: Config
    engine_rules: EngineRules
    alert_rules: Rules
    zones: ZoneSet
    designations: DesignationSet
    watched: tuple[str, ...] = field(default=())
    lists: Path | None = None
    """The folder whose newest lists are asked; None where they are given, of a day in the past, or not to be asked."""

    def digests(self) -> dict[str, str]:
        """What a result depends on besides its input, each as SHA-256."""
        engine = json.dumps(asdict(self.engine_rules), sort_keys=True)
        return {
            "config": self.config.digest(),
            "engine_rules": hashlib.sha256(engine.encode()).hexdigest(),
            "alert_rules": self.alert_rules.digest,
            "zones": self.zones.digest,
        }


def find_config(path: Path | None, environment: Mapping[str, str]) -> Config:
    """The configuration: the file named, else `$SHIPWATCH_CONFIG`, else `./config.toml` where it is, else defaults.

    Raises ``ConfigError`` for a section or key that no room reads.
    """
    named = path or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    if named is None and Path(CONFIG_FILE).is_file():
        named = Path(CONFIG_FILE)
    config = load_config(named, environment)
    config.require_sections(SECTIONS)
    return config


def zones_of(config: Config, only: Sequence[str] = (), everywhere: bool = False) -> ZoneSet:
    """The zones that the configuration states; ``only`` and ``everywhere`` replace its own choice."""
    settings = bind(config, "zones", ZoneSettings)
    folder = Path(config.source).parent if config.source != "defaults" else Path()
    shipped = [
        zone for zone in ZoneSet.shipped().zones if (settings.shipped if zone.kind == "watched" else settings.ports)
    ]
    zones = ZoneSet([*shipped, *ZoneSet.from_files([folder / file for file in settings.files]).zones])
    names = tuple(only) or (() if everywhere else settings.only)
    if names:
        zones = zones.only(names)
    return zones.everywhere() if everywhere or (settings.everywhere and not only) else zones


def designations_of(config: Config, environment: Mapping[str, str], as_of: str | None = None) -> DesignationSet:
    """The imported lists: newest versions, or those in force on ``as_of``."""
    settings = bind(config, "lists", ListSettings)
    try:
        date.fromisoformat(as_of or "2000-01-01")
    except ValueError:
        raise ConfigError(f"lists as of {as_of!r}: not a date (YYYY-MM-DD)") from None
    folder = lists_folder(environment)
    if not settings.screen or not folder.is_dir():
        return DesignationSet()
    store, day = ListStore(folder), as_of or settings.as_of
    return store.as_of(day) if day else store.current()


def alert_rules_of(config: Config) -> Rules:
    """The rules of grading that the configuration names."""
    alerting = bind(config, "alerts", AlertSettings)
    folder = Path(config.source).parent if config.source != "defaults" else Path()
    return load_rules(folder / alerting.rules if alerting.rules else None)


def assemble(
    config: Config,
    *,
    environment: Mapping[str, str],
    designations: DesignationSet | None = None,
    zones: ZoneSet | None = None,
    only: Sequence[str] = (),
    everywhere: bool = False,
    preset_name: str | None = None,
    engine_rules: EngineRules | None = None,
    lists_as_of: str | None = None,
) -> Station:
    """Wire a pipeline from the configuration; the other arguments stand in for what it states.

    Raises ``ConfigError``, ``ZoneError``, ``ListError`` or ``RulesError`` with the place of what is wrong.
    """
    config.require_sections(SECTIONS)
    if engine_rules is None and preset_name is None:
        engine_rules = bind(config, "engine", EngineRules)
    elif engine_rules is None:
        try:
            engine_rules = preset(str(preset_name))
        except ValueError as problem:
            raise ConfigError(str(problem)) from None
    alert_rules = alert_rules_of(config)
    if zones is None:
        zones = zones_of(config, only, everywhere)
    elif everywhere:
        zones = zones.everywhere()
    listing = bind(config, "lists", ListSettings)
    newest = designations is None and listing.screen and not (lists_as_of or listing.as_of)
    if designations is None:
        designations = designations_of(config, environment, lists_as_of)
    scope = offing(zones, engine_rules.off_excluded_m, engine_rules.off_shore_m)
    return Station(
        pipeline=Pipeline(engine_rules, scope, designations, alert_rules, WatchedPlaces(zones)),
        config=config,
        engine_rules=engine_rules,
        alert_rules=alert_rules,
        zones=zones,
        designations=designations,
        watched=tuple(zone.name for zone in zones.zones if zone.kind == "watched"),
        lists=lists_folder(environment) if newest else None,
    )


def run_record(station: Station, result: ReplayResult) -> dict[str, Any]:
    """What run.json holds: all that is needed to say how a result came about; only ``timings`` varies between runs."""
    return {
        "shipwatch": shipwatch_version(),
        "inputs": [item.to_json() for item in result.inputs],
        "counts": result.counts(),
        "digests": station.digests(),
        "config": {"source": station.config.source, "sections": station.config.sections},
        "zones": {"watched": list(station.watched), "everywhere": station.zones.watch_everywhere},
        "lists": [
            {"list": s.list, "snapshot": s.id, "sha256": s.sha256, "published": s.published}
            for s in station.designations.snapshots
        ],
        "timings": {name: round(seconds, 3) for name, seconds in result.seconds.items()},
    }
