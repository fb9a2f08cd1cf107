"""A console on a free port over an invented store, and the system's Chromium to look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from alerts.incident import Alert, Incident, Match, MatchedCompany, PairInterval, Party, Reason
from alerts.list_source import ListSource
from decoders.reports import PositionReports
from shipwatch.archive import Archive
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.serve import ConsoleServer
from shipwatch.ledger import Ledger

START_US = 1_741_939_200_000_000
MINUTE_US = 60_000_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--no-first-run", "--no-default-browser-check", "--no-pings",
    "--disable-domain-reliability", "--disable-client-side-phishing-detection", "--metrics-recording-only",
)  # fmt: skip


def lacking(what: str) -> NoReturn:
    """Skipped, visibly; where continuous integration runs, a failure: it installs the browser first."""
    words = f"{what} is not installed, so the page is not looked at (apt-get install chromium; pip install -e '.[dev]')"
    if os.environ.get("CI") == "true":
        pytest.fail(words)
    pytest.skip(words)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, driven by Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright")
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        lacking("Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield browser
        browser.close()


@dataclass(frozen=True)
class Found:
    """What a pipeline step gives."""

    alerts: tuple[Alert, ...] = ()
    rendezvous: tuple[Any, ...] = ()
    gaps: tuple[Any, ...] = ()
    leads: tuple[Any, ...] = ()
    refused: dict[str, int] = field(default_factory=dict)
    processed_us: int | None = None


def invented(
    number: int = 1,
    *,
    revision: int = 1,
    severity: str = "warning",
    name: str = "",
    minutes: int = 0,
    lat: float = 38.2,
    lon: float = 123.9,
) -> Alert:
    """An alert of two invented ships, MMSI 538000001 and 538000002 unless ``number`` says others."""
    start_us = START_US + minutes * MINUTE_US
    a, b = f"{538000000 + 2 * number - 1}", f"{538000000 + 2 * number}"
    parties = (
        Party(a, int(a), imo=9000003, name=name or f"INVENTED {number}", callsign="V7AA1", flag="MHL", ship_type=80,
              length_m=180, draught_before_m=7.1, draught_after_m=9.8),
        Party(b, int(b), flag="TGO"),
    )  # fmt: skip
    intervals = tuple(
        PairInterval((a, b), start_us + first * MINUTE_US, start_us + last * MINUTE_US, kind)
        for first, last, kind in ((0, 80, "observed"), (80, 130, "inferred"), (130, 200, "observed"))
    )
    incident = Incident(
        id=f"rv-{number:05d}", kind="rendezvous", phase="ended", published_us=start_us + 240 * MINUTE_US,
        start_us=start_us, end_us=start_us + 200 * MINUTE_US, lat=lat, lon=lon, zones=("Korea Bay",), parties=parties,
        intervals=intervals, observed_s=9000, inferred_s=3000, dark_s=0, min_distance_m=31, median_distance_m=48,
        hull_gap_m=4, heading_difference_deg=3, median_speed_kn=0.4, relative_speed_kn=0.1, alongside=True,
        settled=True,
    )  # fmt: skip
    return Alert(
        incident=incident, revision=revision, revision_reason="opened and ended", state="closed", severity=severity,
        score=81,
        matches=(
            Match(a, "invented", "7", "exact", "designated_at_event", {"imo": ("9000003", "9000003")},
                  companies=(MatchedCompany("owner", "INVENTED SHIPPING <b>", 5434358),),
                  source=ListSource("invented", "An Invented List", "An Office", "CC BY-NC 4.0", non_commercial=True)),
        ),
        reasons=(
            Reason("list_match", "exact", 60, "INVENTED 1 exact match: on the list when they met."),
            Reason("alongside", "4 m", 25, "The hulls lay side by side: 4 m of water between them (median)."),
            Reason("ordinary_company", "tug", -30, "This may be ordinary company: one of the two is a tug."),
        ),
        sensitivity="It would vanish with an enter distance below 31 m.", lists=(("invented", "invented-1"),),
        rules_digest="sha256:0123456789abcdef",
    )  # fmt: skip


def tracks(number: int = 1, lat: float = 38.2, lon: float = 123.9) -> PositionReports:
    """Two ships that come together, lie side by side (the second silent for fifty minutes), and part."""
    minutes = np.arange(-170.0, 370.0, 3.0)
    apart = np.maximum(np.maximum(-minutes, minutes - 200), 0) / 60 * 8 / 60
    parts = []
    for side, (mmsi, east) in enumerate(((538000000 + 2 * number - 1, -1.0), (538000000 + 2 * number, 1.0))):
        keep = np.ones(len(minutes), np.bool_) if side == 0 else (minutes < 80) | (minutes >= 130)
        parts.append(
            PositionReports.of(
                time_us=START_US + (minutes[keep] * MINUTE_US).astype(np.int64), mmsi=np.full(keep.sum(), mmsi),
                lat_deg=lat + apart[keep] * (0.4 if side else 0.7), lon_deg=lon + east * (apart[keep] + 0.0003),
                sog_kn=np.where(apart[keep] > 0, 8.0, 0.4),
            )
        )  # fmt: skip
    return PositionReports.concat(parts)


class World:
    """A store with its console: alerts are recorded into it while a browser looks."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(str(folder / "shipwatch.db"))
        self.archive = Archive(folder / "archive")
        self.run = self.ledger.start_run(
            started_us=5, version="0", inputs=[], config_digest="c", rules_digest="r", zones_digest="z", snapshots=()
        )
        self.parts = ConsoleParts(
            ledger=self.ledger, archive=self.archive, clock=lambda: START_US + 300 * MINUTE_US, secret=b"s" * 32,
            analyst="A. Tester", version="test",
        )  # fmt: skip

    def record(self, *alerts: Alert) -> None:
        """As a watch does."""
        self.ledger.record(self.run, Found(alerts))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty store."""
    made = World(tmp_path)
    yield made
    made.ledger.close()


@pytest.fixture
def alert() -> Callable[..., Alert]:
    """A maker of invented alerts."""
    return invented


@pytest.fixture
def met() -> Callable[..., PositionReports]:
    """A maker of the tracks of a meeting."""
    return tracks


@pytest.fixture
def url(world: World) -> Iterator[str]:
    """The console over that store."""
    with ConsoleServer(world.parts, port=0) as server:
        yield server.url


@pytest.fixture(params=["dark", "light"])
def theme(request: pytest.FixtureRequest) -> str:
    """Both themes."""
    return str(request.param)


@pytest.fixture
def open_page(chromium: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Opens the page in a fresh profile; every problem and every request to elsewhere fails the test at its end."""
    contexts: list[Any] = []
    problems: list[str] = []

    def opened(theme: str = "dark", path: str = "", **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1600, "height": 900}, color_scheme=theme, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: problems.append(said.text) if said.type in {"error", "warning"} else None)
        page.on(
            "request",
            lambda asked: (
                None if asked.url.startswith((url, "data:image/gif")) else problems.append(f"asked {asked.url}")
            ),
        )
        page.goto(url + path)
        page.locator("html[data-ready=yes]").wait_for(state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
