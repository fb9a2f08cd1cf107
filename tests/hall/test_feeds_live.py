"""The live service on feeds of JSON and of liars: equal to a replay of file and journal, and nobody moves its clock."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.sync.server import ServerConnection, serve

from alerts.alert_json import alert_to_json
from alerts.designations import DesignationSet
from alerts.incident import Alert
from alerts.rules import load_rules
from decoders.reports import Batch
from geofences.zones import ZoneSet
from shipwatch.engine.rules import EngineRules
from shipwatch.event_frames import iso_z
from shipwatch.feeds.feed import Feed
from shipwatch.feeds.http_post import HttpPostFeed
from shipwatch.feeds.tcp_server import TcpServerFeed
from shipwatch.feeds.web_socket import aisstream
from shipwatch.hearing import Hearing, latest_us
from shipwatch.journal import Journal, read_journal
from shipwatch.ledger import Ledger
from shipwatch.live import LiveService
from shipwatch.live_clock import WallClock
from shipwatch.live_settings import LiveSettings
from shipwatch.pipeline import Pipeline
from shipwatch.places import WatchedPlaces
from shipwatch.player import encoded, play
from shipwatch.replay import replay
from shipwatch.simulator.random_worlds import random_world

US = 1_000_000
QUICK = LiveSettings(round_s=0.02, checkpoint_s=0.05, sync_s=0.05, retry_s=0.1)


@pytest.fixture(scope="module")
def flow() -> Pipeline:
    """A pipeline that watches all water and has no lists."""
    zones = ZoneSet.shipped().everywhere()
    return Pipeline(EngineRules(gap_report_s=7200.0), zones, DesignationSet(), load_rules(), WatchedPlaces(zones))


@pytest.fixture(scope="module")
def world() -> Batch:
    """Half a day of ships that meet and fall silent."""
    made = random_world(11, ships=12, hours=12.0, spread_m=8_000.0, meetings=4, slowest_s=240.0)
    return Batch(made.positions, made.statics)


def as_json(batch: Batch) -> list[bytes]:
    """The reports as messages of aisstream.io, in time order."""
    lines: list[tuple[int, bytes]] = []
    for kind, rows in (("PositionReport", batch.positions), ("ShipStaticData", batch.statics)):
        names = list(rows.columns())
        for values in zip(*(column.tolist() for column in rows.columns().values()), strict=True):
            row = dict(zip(names, values, strict=True))
            body: dict[str, Any] = {"UserID": row["mmsi"], "Valid": True}
            if kind == "PositionReport":
                wanted = {
                    "MessageID": "msg_type", "Latitude": "lat_deg", "Longitude": "lon_deg", "Sog": "sog_kn",
                    "Cog": "cog_deg", "TrueHeading": "heading_deg", "NavigationalStatus": "nav_status",
                    "Timestamp": "utc_second",
                }  # fmt: skip
            else:
                wanted = {"ImoNumber": "imo", "Name": "name", "CallSign": "callsign", "Type": "ship_type"}
                sides = {"A": "to_bow_m", "B": "to_stern_m", "C": "to_port_m", "D": "to_starboard_m"}
                body["Dimension"] = {key: said(row[name]) for key, name in sides.items()}
            body |= {key: said(row[name]) for key, name in wanted.items()}
            stamp = iso_z(row["time_us"] // US * US).replace("T", " ").replace("Z", "")
            meta = {"MMSI": row["mmsi"], "time_utc": f"{stamp}.{row['time_us'] % US:06d} +0000 UTC"}
            text = json.dumps({"MessageType": kind, "MetaData": meta, "Message": {kind: body}})
            lines.append((row["time_us"], text.encode()))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def said(value: Any) -> Any:
    """As JSON says it: null for what is not available."""
    return None if isinstance(value, float) and np.isnan(value) else value


@dataclass
class Station:
    """A service's folder."""

    folder: Path
    flow: Pipeline
    told: list[Alert] = field(default_factory=list)
    service: LiveService | None = None

    @contextmanager
    def running(self, feeds: Sequence[Feed], now_us: Callable[[], int]) -> Iterator[LiveService]:
        """The service in a thread, stopped in order at the end."""
        stop = threading.Event()
        with Ledger(str(self.folder / "x.db")) as store:
            run_id = store.start_run(
                started_us=0, version="0", inputs=[], config_digest="", rules_digest="", zones_digest=""
            )
            service = LiveService(
                pipeline=self.flow, feeds=feeds, ledger=store, run_id=run_id, journal=Journal(self.folder / "journal"),
                clock=WallClock(now_us), settings=QUICK,
                on_recorded=lambda outcome: self.told.extend(outcome.alerts),
            )  # fmt: skip
            thread = threading.Thread(target=service.run, args=(stop,), daemon=True)
            thread.start()
            try:
                yield service
            finally:
                stop.set()
                thread.join(60)


def texts(alerts: Sequence[Alert]) -> list[str]:
    """Each revision as its JSON text and the minute of its publication."""
    return [f"{json.dumps(alert_to_json(alert))} {alert.incident.published_us}" for alert in alerts]


def replayed(path: Path, flow: Pipeline) -> list[str]:
    """The revisions that a replay of a file or a journal gives."""
    told: list[Alert] = []
    replay([path], flow, on_outcome=lambda outcome: told.extend(outcome.alerts))
    return texts(told)


def wait_until(condition: Callable[[], object], timeout_s: float = 60.0) -> bool:
    """Whether it came true in time."""
    deadline = time.perf_counter() + timeout_s
    while not condition() and time.perf_counter() < deadline:
        time.sleep(0.02)
    return bool(condition())


def heard_lines(service: LiveService) -> int:
    """Lines worked off."""
    return sum(service.health()["lines"].values())


@pytest.mark.slow
def test_json_over_a_websocket_is_a_replay_of_its_lines_and_of_its_journal(
    flow: Pipeline, world: Batch, tmp_path: Path
) -> None:
    """What aisstream.io sends, heard live, gives the revisions of a replay of the lines as a file, and of the journal.

    The live service ends while its newest minutes still wait; a replay decides them at its end. What was told before is
    the same to the byte, and the journal holds each message as one line.
    """
    lines = as_json(world)
    path = tmp_path / "aisstream.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    expected = replayed(path, flow)
    assert len(expected) >= 5

    def answer(connection: ServerConnection) -> None:
        connection.recv()
        for number, line in enumerate(lines):
            connection.send(line if number % 2 else line.decode())
        connection.recv()

    server = serve(answer, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    feed = aisstream("key-77", boxes=[], url=f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v0/stream")
    station = Station(tmp_path, flow)
    with station.running([feed], lambda: 2_000_000_000 * US) as service:
        assert wait_until(lambda: heard_lines(service) == len(lines))
        assert service.health()["lines"] == {"read": len(lines)}
    server.shutdown()
    told = texts(station.told)
    assert len(told) >= 3
    assert told == expected[: len(told)]
    journal = station.folder / "journal"
    assert [line for _, _, feed, line in read_journal(journal) if feed] == lines
    assert replayed(journal, flow) == expected
    assert b"key-77" not in b"".join(path.read_bytes() for path in journal.glob("*"))


def record(at: int, received_s: int, line: bytes, feed: str = "x") -> tuple[int, int, str, bytes]:
    """A journal record."""
    return at, received_s * US, feed, line


def test_lines_of_both_kinds_are_heard_in_their_order(world: Batch) -> None:
    """Sentences and messages of one feed, mixed: however the records are cut, the same rows in the same order."""
    played: list[bytes] = []
    play(encoded([world]), played.append, speed=0)
    sentences = b"".join(played).splitlines()
    messages = as_json(world)
    mixed = [line for pair in zip(sentences[:120], messages[:120], strict=False) for line in pair]
    records = [record(at, 2_000_000_000, line) for at, line in enumerate(mixed)]
    whole = list(Hearing(60.0).hear(records))
    ear, parts = Hearing(60.0), []
    for low in range(0, len(records), 37):
        parts += list(ear.hear(records[low : low + 37]))
        again = Hearing(60.0)
        again.recall(json.loads(json.dumps(ear.memory())))
        ear = again
    for name in ("positions", "statics"):
        left = np.concatenate([getattr(batch, name).offset for batch in whole])
        right = np.concatenate([getattr(batch, name).offset for batch in parts])
        assert len(left) > 100 if name == "positions" else len(left)
        np.testing.assert_array_equal(left, right)
    assert latest_us([mixed[1]]) == latest_us([mixed[0], mixed[1]])


def test_a_message_from_the_future_is_refused_once(world: Batch) -> None:
    """A message with position and identity that claims to be sent after it was received is one refused line."""
    vessel = {
        "MMSI": 413811000, "TIME": "2033-05-18 03:33:20 GMT", "LONGITUDE": 1, "LATITUDE": 2, "NAME": "X",
    }  # fmt: skip
    line = json.dumps(vessel).encode()
    (early,) = Hearing(60.0).hear([record(0, 2_000_000_000 - 61, line)])
    assert early.lines == {"refused:ahead_of_clock": 1, "read": 0}
    assert not (len(early.positions) or len(early.statics))
    (right,) = Hearing(60.0).hear([record(0, 2_000_000_000 - 60, line)])
    assert right.lines == {"read": 1}
    assert len(right.positions) == len(right.statics) == 1


@pytest.mark.slow
def test_a_station_that_lies_about_its_clock_moves_nothing(flow: Pipeline, tmp_path: Path) -> None:
    """One station an hour ahead, one two hours behind, one honest: only the honest one's reports move the watermark."""
    now_us = [2_000_000_000 * US]
    feed = TcpServerFeed(0, name="coast")
    post = HttpPostFeed(0, name="posts")
    station = Station(tmp_path, flow)

    def message(mmsi: int, time_s: float, lat: float) -> bytes:
        body = {"class": "AIS", "device": "AIS-catcher", "rxuxtime": time_s, "type": 1, "mmsi": mmsi, "lon": 5.0}
        return json.dumps({**body, "lat": lat, "speed": 0.1}).encode()

    with station.running([feed, post], lambda: now_us[0]) as service:
        assert wait_until(lambda: feed.bound_port and post.bound_port)
        lines = 0
        with socket.create_connection(("127.0.0.1", feed.bound_port or 0)) as honest:
            for minute in range(20):
                now_s = 2_000_000_000 + 60 * minute
                now_us[0] = now_s * US
                honest.sendall(message(244660000, now_s, 52.0) + b"\n")
                lies = [message(244660001, now_s + 3600, 53.0), message(244660002, now_s - 7200, 54.0)]
                httpx.post(f"http://127.0.0.1:{post.bound_port}/", content=b"\n".join(lies), trust_env=False)
                lines += 3
                assert wait_until(lambda wanted=lines: heard_lines(service) == wanted)  # type: ignore[misc]
        health = service.health()
        newest_us = service._memory.state.engine.clock.newest_us
    assert health["lines"] == {"refused:ahead_of_clock": 20, "read": 40}
    assert newest_us is not None
    assert newest_us == now_us[0]
    assert health["processed_us"] == (now_us[0] - 120 * US) // (60 * US) * 60 * US
    assert health["refused_by_engine"] == {"late": 20}
    assert health["lag_s"] == 0.0


@pytest.mark.slow
def test_half_lines_and_cuts_are_counted_to_the_last(flow: Pipeline, world: Batch, tmp_path: Path) -> None:
    """Stations that are cut within a line lose that line alone; the sum of all lines is what was sent."""
    lines = as_json(world)[:600]
    feed = TcpServerFeed(0, name="coast")
    station = Station(tmp_path, flow)
    with station.running([feed], lambda: 2_000_000_000 * US) as service:
        assert wait_until(lambda: feed.bound_port)
        for low in range(0, 600, 100):
            with socket.create_connection(("127.0.0.1", feed.bound_port or 0)) as peer:
                data = b"".join(line + b"\n" for line in lines[low : low + 100])
                peer.sendall(data[:-9])  # the last line without its end
        assert wait_until(lambda: heard_lines(service) == 594 and feed.health.cut == 6)
        health = service.health()
    assert health["lines"] == {"read": 594}
    (told,) = health["feeds"]
    assert (told["lines"], told["cut"], told["dropped"], told["connections"]) == (594, 6, 0, 6)
