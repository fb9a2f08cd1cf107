"""The live service: equal to a replay byte for byte, resumed, killed, in silence, with its store away."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from alerts.alert_json import alert_to_json
from alerts.channels import JsonLinesChannel
from alerts.incident import Alert
from shipwatch.archive import Archive
from shipwatch.feeds import tail
from shipwatch.feeds.feed import Feed
from shipwatch.feeds.tail import TailFeed
from shipwatch.feeds.tcp import TcpFeed
from shipwatch.journal import Journal, JournalError, read_journal
from shipwatch.ledger import Ledger
from shipwatch.live import LiveService
from shipwatch.live_clock import ScaledClock, WallClock
from shipwatch.live_delivery import DeliveryThread
from shipwatch.live_settings import LiveSettings
from shipwatch.pipeline import Outcome, Pipeline
from shipwatch.player import TcpPlayer
from shipwatch.replay import replay
from shipwatch.store_opening import LedgerError

pytestmark = pytest.mark.slow

US = 1_000_000
QUICK = LiveSettings(round_s=0.02, checkpoint_s=0.05, sync_s=0.05, retry_s=0.1)
AFTERWARDS_US = 2_000_000_000 * US


@pytest.fixture(scope="module")
def expected(flow: Pipeline, log: Path) -> list[str]:
    """Every alert revision that a replay of the log gives."""
    told: list[Alert] = []
    replay([log], flow, on_outcome=lambda outcome: told.extend(outcome.alerts))
    assert len(told) >= 5
    return texts(told)


def texts(alerts: Sequence[Alert]) -> list[str]:
    """Each revision as its JSON text and the minute of its publication."""
    return [f"{json.dumps(alert_to_json(alert))} {alert.incident.published_us}" for alert in alerts]


@dataclass
class Station:
    """A service's folder, run as often as wanted."""

    folder: Path
    flow: Pipeline
    settings: LiveSettings = QUICK
    told: list[Alert] = field(default_factory=list)
    services: list[LiveService] = field(default_factory=list)
    delivery: DeliveryThread | None = None

    def run(
        self, feeds: Sequence[Feed], *, stop: threading.Event | None = None, to_end: bool = True, clock: Any = None,
        ledger: Ledger | None = None, journal: Journal | None = None,
    ) -> LiveService:  # fmt: skip
        """Run until the feeds have ended, or ``stop``; deliver what is due."""
        with ledger or Ledger(str(self.folder / "x.db")) as store, Archive(self.folder / "archive") as archive:
            found = store.load_checkpoint(self.settings.name)
            run_id = store.start_run(
                started_us=0, version="0", inputs=[], config_digest="", rules_digest="", zones_digest=""
            )
            service = LiveService(
                pipeline=self.flow, feeds=feeds, ledger=store, run_id=run_id, archive=archive,
                journal=journal or Journal(self.folder / "journal", at_least=found.journal_position if found else 0),
                clock=clock or WallClock(lambda: AFTERWARDS_US), settings=self.settings, channels=["file"],
                on_recorded=self._recorded, to_end=to_end,
            )  # fmt: skip
            self.services.append(service)
            self.delivery = DeliveryThread(store, [JsonLinesChannel("file", self.folder / "out.jsonl")], lambda: 2**50)
            self.delivery.start()
            try:
                service.run(stop or threading.Event())
            finally:
                self.delivery.stop()
        return service

    def _recorded(self, outcome: Outcome) -> None:
        self.told.extend(outcome.alerts)
        if self.delivery is not None:
            self.delivery.wake()

    def revisions(self) -> dict[str, str]:
        """Key and content of every recorded revision."""
        with Ledger(str(self.folder / "x.db")) as ledger:
            return {f"{a['id']}.{a['revision']}": json.dumps(a) for _, a in ledger.changes_since(0, 1_000_000)}

    def delivered(self) -> dict[str, str]:
        """Key and content of every delivery, each key once."""
        path = self.folder / "out.jsonl"
        sent = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return {message["idempotency_key"]: json.dumps(message["data"]) for message in sent}


def journal_replayed(station: Station) -> list[str]:
    """The revisions that a replay of the station's journal gives."""
    told: list[Alert] = []
    replay([station.folder / "journal"], station.flow, on_outcome=lambda outcome: told.extend(outcome.alerts))
    return texts(told)


def test_live_over_tcp_is_replay_of_the_lines_and_of_the_journal(
    flow: Pipeline, log: Path, expected: list[str], tmp_path: Path
) -> None:
    """The same lines, from a socket in odd pieces, a file and the journal: the same revisions to the byte."""
    player = TcpPlayer("127.0.0.1", 0)
    data = log.read_bytes()

    def serve() -> None:
        player.wait_for_client()
        cuts = sorted(random.Random(3).sample(range(1, len(data)), 200))
        for low, high in zip([0, *cuts], [*cuts, len(data)], strict=True):
            player.send(data[low:high])
        player.close()

    threading.Thread(target=serve, daemon=True).start()
    station = Station(tmp_path, flow)
    service = station.run([TcpFeed("127.0.0.1", player.port, once=True)], clock=ScaledClock(2_000.0))
    assert texts(station.told) == expected
    assert journal_replayed(station) == expected
    assert station.revisions() == station.delivered()
    assert len(station.revisions()) == len(expected)
    lines = service.health()["lines"]
    assert sum(lines.values()) == data.count(b"\n")


def test_orderly_stops_leave_no_trace(flow: Pipeline, log: Path, expected: list[str], tmp_path: Path) -> None:
    """Stopped and started again in the middle of messages, the service goes on where it was."""
    station = Station(tmp_path / "station", flow)
    growing = tmp_path / "ais.nmea"
    data = log.read_bytes()
    cuts = [0, len(data) // 5 + 17, len(data) // 2 + 31, len(data) - 9_973]
    for low, high in pairwise(cuts):
        with growing.open("ab") as file:
            file.write(data[low:high])
        stop = threading.Event()
        feed = TailFeed(growing, name="log")
        whole = data[:high].rfind(b"\n") + 1

        def watch(feed: TailFeed = feed, stop: threading.Event = stop, since: int = low, upto: int = whole) -> None:
            began = data[:since].rfind(b"\n") + 1
            wanted = data[began:upto].count(b"\n")
            while feed.health.lines < wanted:
                time.sleep(0.01)
            stop.set()

        threading.Thread(target=watch, daemon=True).start()
        station.run([feed], stop=stop, to_end=False)
    with growing.open("ab") as file:
        file.write(data[cuts[-1] :])
    station.run([TailFeed(growing, name="log", once=True)])
    assert texts(station.told) == expected
    assert journal_replayed(station) == expected
    heard = [line for _, _, feed, line in read_journal(station.folder / "journal") if not line.startswith(b"# ship")]
    assert heard == data.split(b"\n")[:-1], "every line once, none twice"


def killed_and_run_again(station: Station, log: Path, kills: int, seed: int) -> int:
    """Run in a child process, kill it at random instants, run to the end; how many kills found work still to do.

    The instants are spread over the work, not over a time: a fast machine and a slow one are killed as far in it.
    """
    draw = random.Random(seed)
    lines = log.read_bytes().count(b"\n")
    in_the_midst = 0
    for kill in range(kills):
        child = os.fork()
        if child == 0:
            try:
                station.run([TailFeed(log, name="log")], to_end=False)
            finally:
                os._exit(0)
        wanted = (kill + draw.random()) / (kills + 1) * lines
        until = time.monotonic() + 60.0
        while journalled(station) < wanted and time.monotonic() < until:
            time.sleep(0.003)
        time.sleep(draw.uniform(0.0, 0.03))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL, "it ended by itself"
        in_the_midst += journalled(station) < lines
    station.run([TailFeed(log, name="log", once=True)])
    return in_the_midst


def journalled(station: Station) -> int:
    """Lines of the log that are in the journal."""
    kept = read_journal(station.folder / "journal")
    return sum(name != "" and not line.startswith(b"# shipwatch") for _, _, name, line in kept)


def check_kills(flow: Pipeline, log: Path, folder: Path, kills: int) -> None:
    """Killed or not: the same revisions and the same deliveries."""
    slow = replace(QUICK, queue_lines=100)
    undisturbed, disturbed = Station(folder / "undisturbed", flow), Station(folder / "disturbed", flow, slow)
    undisturbed.run([TailFeed(log, name="log", once=True)])
    in_the_midst = killed_and_run_again(disturbed, log, kills, seed=kills)
    assert in_the_midst >= kills * 2 // 3, "the kills came while it worked"
    assert disturbed.revisions() == undisturbed.revisions()
    assert disturbed.delivered() == undisturbed.delivered() == undisturbed.revisions()


@pytest.fixture
def little_by_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tail reads a hundred lines at a time, so that a run takes long enough to be killed in."""
    monkeypatch.setattr(tail, "PIECE_BYTES", 8_192)


@pytest.mark.usefixtures("little_by_little")
def test_killed_three_times(flow: Pipeline, log: Path, tmp_path: Path) -> None:
    """kill -9 at any instant, fed by a file: the alerts and deliveries of an undisturbed run."""
    check_kills(flow, log, tmp_path, kills=3)


@pytest.mark.slow
@pytest.mark.usefixtures("little_by_little")
def test_killed_twenty_times(flow: Pipeline, log: Path, tmp_path: Path) -> None:
    """The same, twenty times in one run."""
    check_kills(flow, log, tmp_path, kills=20)


def test_killed_while_fed_by_tcp(flow: Pipeline, log: Path, tmp_path: Path) -> None:
    """What a socket sent while nobody listened is lost, and said so; the alerts are those of the journal."""
    lines = log.read_bytes().splitlines(keepends=True)
    player = TcpPlayer("127.0.0.1", 0)
    station = Station(tmp_path, flow)
    half = len(lines) // 2

    def send(some: list[bytes]) -> None:
        player.wait_for_client()
        for at in range(0, len(some), 100):
            player.send(b"".join(some[at : at + 100]))
            time.sleep(0.004)

    child = os.fork()
    if child == 0:
        try:
            station.run([TcpFeed("127.0.0.1", player.port)], clock=ScaledClock(2_000.0))
        finally:
            os._exit(0)
    send(lines[:half])

    def journalled() -> int:
        return sum(name != "" for _, _, name, _ in read_journal(tmp_path / "journal"))

    until = time.monotonic() + 30.0
    while not journalled() and time.monotonic() < until:  # a service that starts slowly has heard nothing yet
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    player.cut()
    assert 0 < journalled() <= half

    def send_and_close() -> None:
        send(lines[half + 500 :])
        player.close()

    threading.Thread(target=send_and_close, daemon=True).start()
    service = station.run([TcpFeed("127.0.0.1", player.port, once=True)], clock=ScaledClock(2_000.0))
    since_us, until_us = service.not_heard or (0, 0)
    assert since_us < until_us
    assert service.counts()["journal_lost"] is not None
    told: list[Alert] = []
    replay([tmp_path / "journal"], flow, on_outcome=lambda outcome: told.extend(outcome.alerts))
    assert station.revisions() == {f"{a.id}.{a.revision}": json.dumps(alert_to_json(a)) for a in told}
    assert station.delivered() == station.revisions()


def test_silence_is_ticked_journalled_and_replayed(flow: Pipeline, log: Path, tmp_path: Path) -> None:
    """When all feeds fall silent the clock moves on in steps of ten minutes, and a replay of the journal knows it."""
    lines = log.read_bytes().splitlines(keepends=True)
    part = tmp_path / "part.nmea"
    part.write_bytes(b"".join(lines[: len(lines) * 2 // 3]))
    now = [0]
    last_us = max(record.time_us.max() for record in encoded_times(part))
    station, stop = Station(tmp_path / "station", flow), threading.Event()
    clock = WallClock(lambda: now[0], silence_floor_s=0.0)
    now[0] = int(last_us)
    feed = TailFeed(part, name="log")

    def drive() -> None:
        while feed.health.lines < len(lines) * 2 // 3:
            time.sleep(0.01)
        for _ in range(14):
            now[0] += 3_600 * US
            time.sleep(0.05)
        while station.services[0].health()["received_us"] < last_us + 13 * 3_600 * US:
            time.sleep(0.01)
        stop.set()

    threading.Thread(target=drive, daemon=True).start()
    service = station.run([feed], stop=stop, to_end=False, clock=clock)
    ticks = [us for _, us, name, _ in read_journal(station.folder / "journal") if name == ""]
    assert ticks
    assert all(us % (600 * US) == 0 for us in ticks)
    assert service.health()["processed_us"] > last_us + 12 * 3_600 * US
    ended = [alert for alert in station.told if alert.incident.ended_by == "silence"]
    assert ended, "a meeting that fell silent is over"
    assert journal_replayed(station)[: len(station.told)] == texts(station.told)


def encoded_times(path: Path) -> list[Any]:
    """The position columns of a log."""
    from decoders.reading import read

    return [batch.positions for batch in read(path) if len(batch.positions)]


def test_a_clock_set_forward_is_no_silence(flow: Pipeline, log: Path, expected: list[str], tmp_path: Path) -> None:
    """The wall clock jumps by days between two lines: no tick, nothing is late, the alerts are the same."""
    now, station = [AFTERWARDS_US], Station(tmp_path, flow)

    def jumping() -> int:
        now[0] += 86_400 * US
        return now[0]

    service = station.run([TailFeed(log, once=True)], clock=WallClock(jumping))
    assert "late" not in service.health()["refused_by_engine"]
    assert texts(station.told) == expected


def test_a_line_from_the_future_moves_nothing(flow: Pipeline, log: Path, expected: list[str], tmp_path: Path) -> None:
    """A line that claims to be from after its own receipt is refused with a reason and does not move the watermark."""
    data = log.read_bytes().splitlines(keepends=True)
    later = b"4000000000 !AIVDM,1,1,,A,13aDo80P1sPCM7PN2Vp3RBlR0000,0*0A\n"
    poisoned = tmp_path / "poisoned.nmea"
    poisoned.write_bytes(b"".join([*data[:1000], later, *data[1000:]]))
    station = Station(tmp_path / "station", flow)
    service = station.run([TailFeed(poisoned, once=True)], clock=WallClock(lambda: 1_900_000_000 * US))
    assert service.health()["lines"]["refused:ahead_of_clock"] == 1
    assert texts(station.told) == expected
    assert journal_replayed(station) == expected


class FailingLedger(Ledger):
    """Refuses to record for a while."""

    refusals = 0

    def record(self, *args: Any, **more: Any) -> Any:
        """Fail, or record."""
        if self.refusals > 0:
            self.refusals -= 1
            raise LedgerError("the database is away")
        return super().record(*args, **more)


def test_the_store_may_be_away(flow: Pipeline, log: Path, expected: list[str], tmp_path: Path) -> None:
    """While the store refuses, lines are journalled; when it is back, all is recorded in order."""
    station = Station(tmp_path, flow)
    ledger = FailingLedger(str(tmp_path / "x.db"))
    ledger.refusals = 6
    service = station.run([TailFeed(log, once=True)], ledger=ledger)
    assert ledger.refusals == 0
    assert service.problem is None
    assert texts(station.told) == expected


class FailingJournal(Journal):
    """Refuses to take records for a while."""

    refusals = 5

    def append(self, records: Any) -> int:
        """Fail, or append."""
        if self.refusals > 0:
            self.refusals -= 1
            raise JournalError("the disk is full")
        return super().append(records)


def test_the_disk_may_be_full(flow: Pipeline, log: Path, expected: list[str], tmp_path: Path) -> None:
    """Lines that cannot be journalled wait; none is lost or worked off twice when there is room again."""
    station = Station(tmp_path, flow)
    station.run([TailFeed(log, once=True)], journal=FailingJournal(tmp_path / "journal"))
    assert texts(station.told) == expected
    assert journal_replayed(station) == expected


class Burst(Feed):
    """Says all it has at once, and waits to be stopped."""

    def listen(self) -> bool:
        """Two lines."""
        self.arrived([b"# one", b"# two"])
        self.stopping.wait()
        return True


@pytest.mark.parametrize("freed", [True, False])
def test_a_disk_that_is_full_when_the_service_stops(flow: Pipeline, tmp_path: Path, freed: bool) -> None:
    """What waited is journalled if there is room again by then; what is refused to the end is counted and said."""
    station, stop = Station(tmp_path, flow), threading.Event()
    refused = threading.Event()

    class FullJournal(Journal):
        def append(self, records: Any) -> int:
            if not (freed and stop.is_set()):
                refused.set()
                raise JournalError("the disk is full")
            return super().append(records)

    threading.Thread(target=lambda: refused.wait(60) and stop.set(), daemon=True).start()
    journal = FullJournal(tmp_path / "journal")
    service = station.run([Burst("burst", "a burst")], stop=stop, to_end=False, journal=journal)
    heard = [line for _, _, _, line in read_journal(tmp_path / "journal")]
    assert heard == ([b"# one", b"# two"] if freed else [])
    assert service.problem == "the disk is full" + ("" if freed else "; 2 lines that had arrived were not journalled")


def test_a_checkpoint_of_another_version_means_all_of_the_journal(
    flow: Pipeline, log: Path, expected: list[str], tmp_path: Path
) -> None:
    """What cannot be read is said and made again from the journal; nothing is recorded twice."""
    from shipwatch.checkpoints import Checkpoint

    station = Station(tmp_path, flow)
    station.run([TailFeed(log, name="log", once=True)])
    with Ledger(str(tmp_path / "x.db")) as ledger:
        run_id = ledger.runs()[-1]["id"]
        ledger.save_checkpoint(run_id, Checkpoint("watch", b'{"form": 99}\n', 100, 0))
    station.told.clear()
    service = station.run([TailFeed(log, name="log", once=True)])
    assert "all of the journal is replayed" in (service.problem or "")
    assert texts(station.told) == expected
    assert len(station.revisions()) == len(expected)


def test_the_scaled_clock_follows_the_lines() -> None:
    """It is set by the first line, runs many times as fast, is put forward by a line ahead of it and never back."""
    elapsed = [0]
    clock = ScaledClock(500.0, lambda: elapsed[0])
    assert clock.event_us(clock.stamp()) is None
    clock.told(1_000 * US, clock.stamp())
    elapsed[0] = 2_000_000_000
    assert clock.event_us(clock.stamp()) == 2_000 * US
    clock.told(1_500 * US, clock.stamp())
    assert clock.event_us(clock.stamp()) == 2_000 * US
    clock.told(5_000 * US, clock.stamp())
    assert clock.event_us(clock.stamp()) == 5_000 * US
