"""Feeds that call servers, against real ones on this machine: brokers of MQTT and Kafka, websockets, a web service."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from paho.mqtt import publish
from websockets.sync.server import Server, ServerConnection, serve

from decoders.jsonlines import JsonDecoder
from shipwatch.feeds.aishub import AisHubFeed
from shipwatch.feeds.feed import Feed, MissingExtra
from shipwatch.feeds.intake import Intake
from shipwatch.feeds.kafka import KafkaFeed
from shipwatch.feeds.mqtt import MqttFeed, digitraffic
from shipwatch.feeds.serial_line import SerialFeed
from shipwatch.feeds.web_socket import WebSocketFeed, aisstream

Lines = list[bytes]


def gathered(intake: Intake, count: int, timeout_s: float = 10.0) -> Lines:
    """The lines that come until there are ``count``, or time is up."""
    lines: Lines = []
    deadline = time.perf_counter() + timeout_s
    while len(lines) < count and time.perf_counter() < deadline:
        for chunk in intake.take(10_000, 0.05):
            lines.extend(chunk.lines)
    return lines


def wait_until(condition: Callable[[], object], timeout_s: float = 10.0) -> bool:
    """Whether it came true in time."""
    deadline = time.perf_counter() + timeout_s
    while not condition() and time.perf_counter() < deadline:
        time.sleep(0.01)
    return bool(condition())


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


# MQTT


class Broker:
    """A mosquitto of our own, with a TCP and a websocket listener."""

    def __init__(self, folder: Path, *, password: str = "") -> None:
        self.port, self.web_port = free_port(), free_port()
        lines = [f"listener {self.port} 127.0.0.1", f"listener {self.web_port} 127.0.0.1", "protocol websockets"]
        if password:
            users = folder / "users"
            users.touch(mode=0o600)
            tool = shutil.which("mosquitto_passwd") or "mosquitto_passwd"
            subprocess.run([tool, "-b", str(users), "me", password], check=True, capture_output=True)
            lines += ["allow_anonymous false", f"password_file {users}"]
        else:
            lines.append("allow_anonymous true")
        if shutil.which("id"):
            lines.append(
                f"user {subprocess.run(['id', '-un'], capture_output=True, text=True, check=True).stdout.strip()}"
            )
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")
        self.start()

    def start(self) -> None:
        """Run, and wait until it answers."""
        command = [shutil.which("mosquitto") or "/usr/sbin/mosquitto", "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def there() -> bool:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1.0).close()
            except OSError:
                return False
            return True

        assert wait_until(there)

    def stop(self) -> None:
        """Killed, as by a power cut."""
        self._process.kill()
        self._process.wait(10)

    def publish(self, topic: str, payload: bytes | str, **kinds: Any) -> None:
        """One message."""
        publish.single(topic, payload, hostname="127.0.0.1", port=self.port, **kinds)


needs_mosquitto = pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/sbin") is None,
    reason="mosquitto is not installed (apt-get install mosquitto)",
)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that lets everyone in."""
    made = Broker(tmp_path)
    yield made
    made.stop()


@needs_mosquitto
def test_mqtt_messages_are_lines(broker: Broker, started: Callable[..., Intake]) -> None:
    """Messages of the topics asked for arrive, over TCP and over a websocket, text lines and JSON of any lay-out."""
    plain = MqttFeed(f"mqtt://127.0.0.1:{broker.port}", ["ais/#"], name="plain")
    web = MqttFeed(f"ws://127.0.0.1:{broker.web_port}/mqtt", ["ais/json"], name="web")
    intake = started(plain, web)
    assert wait_until(lambda: plain.health.connections and web.health.connections)
    broker.publish("ais/nmea", b"!AIVDM,one\r\n!AIVDM,two\r\n")
    broker.publish("other", b"not asked for")
    broker.publish("ais/json", b'{\n "class": "AIS"\n}\n')
    found = gathered(intake, 4)
    assert sorted(found) == sorted([b"!AIVDM,one", b"!AIVDM,two", b'{  "class": "AIS" }', b'{  "class": "AIS" }'])
    assert (plain.health.lines, web.health.lines) == (3, 1)
    assert plain.health.state == web.health.state == "connected"


@needs_mosquitto
def test_digitraffic_messages_keep_their_topic(broker: Broker, started: Callable[..., Intake]) -> None:
    """Location and metadata of Finnish waters become a position and a static report of the ship in the topic."""
    feed = digitraffic(url=f"ws://127.0.0.1:{broker.web_port}/mqtt")
    intake = started(feed)
    assert wait_until(lambda: feed.health.connections)
    where = {"time": 1668075025, "sog": 10.7, "cog": 326.6, "navStat": 0, "heading": 325, "lon": 20.3, "lat": 59.1}
    who = {"timestamp": 1668075026035, "name": "EXAMPLE", "draught": 68, "refA": 160, "imo": 9543756, "type": 70}
    broker.publish("vessels-v2/230111111/location", json.dumps(where))
    broker.publish("vessels-v2/230111111/metadata", json.dumps(who))
    batch = JsonDecoder().step(b"\n".join(gathered(intake, 2)), 0)
    assert batch.lines == {"read": 2}
    assert batch.positions.mmsi.tolist() == batch.statics.mmsi.tolist() == [230111111]
    assert batch.positions.time_us.tolist() == [1668075025_000000]
    assert (batch.statics.draught_m[0], batch.statics.imo[0]) == (pytest.approx(6.8), 9543756)


@needs_mosquitto
def test_a_broker_that_dies_is_called_again(broker: Broker, started: Callable[..., Intake]) -> None:
    """Killed and started again, the broker is found again and its messages arrive; the failure was said."""
    feed = MqttFeed(f"mqtt://127.0.0.1:{broker.port}", ["ais"])
    intake = started(feed)
    assert wait_until(lambda: feed.health.connections)
    broker.stop()
    assert wait_until(lambda: feed.health.state == "waiting")
    assert feed.health.errors
    broker.start()
    assert wait_until(lambda: feed.health.connections == 2)
    broker.publish("ais", b"back")
    assert gathered(intake, 1) == [b"back"]


@needs_mosquitto
def test_a_silent_broker_is_left_and_called_again(broker: Broker, started: Callable[..., Intake]) -> None:
    """A subscription over which nothing comes for ``stall_s`` is made anew, though the broker answers pings."""
    feed = MqttFeed(f"mqtt://127.0.0.1:{broker.port}", ["ais"], stall_s=0.3)
    started(feed)
    assert wait_until(lambda: feed.health.connections >= 2)
    assert "nothing received for 0.3 s" in feed.health.errors


@needs_mosquitto
def test_a_broker_that_refuses_us_is_quoted_without_the_password(
    tmp_path: Path, started: Callable[..., Intake]
) -> None:
    """With a wrong password the refusal is in the health, the password nowhere; with the right one it is heard."""
    broker = Broker(tmp_path, password="sesame-7")
    try:
        url = f"mqtt://127.0.0.1:{broker.port}"
        wrong = MqttFeed(url, ["ais"], user="me", password="sesame-8", name="wrong")
        right = MqttFeed(url, ["ais"], user="me", password="sesame-7", name="right")
        intake = started(wrong, right)
        assert wait_until(lambda: wrong.health.errors and right.health.connections)
        assert "refused us" in (wrong.health.last_error or "")
        assert "sesame" not in json.dumps([wrong.health.to_json(), right.health.to_json()])
        broker.publish("ais", b"in", auth={"username": "me", "password": "sesame-7"})
        assert gathered(intake, 1) == [b"in"]
    finally:
        broker.stop()


# websockets


@contextmanager
def web_socket_server(answer: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A websocket server that answers each connection; gives its URL."""
    server: Server = serve(answer, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v0/stream"
    finally:
        server.shutdown()
        thread.join(10)


POSITION = {
    "MessageType": "PositionReport",
    "MetaData": {"MMSI": 366999999, "ShipName": "EXAMPLE", "time_utc": "2022-12-29 18:22:32.318353 +0000 UTC"},
    "Message": {
        "PositionReport": {
            "MessageID": 1, "UserID": 366999999, "Latitude": 31.5, "Longitude": -122.3, "Sog": 0.1, "Cog": 12.3,
            "TrueHeading": 511, "NavigationalStatus": 0, "Timestamp": 32, "Valid": True,
        }
    },
}  # fmt: skip


def test_aisstream_is_subscribed_at_once_and_heard(started: Callable[..., Intake]) -> None:
    """The subscription comes first, well within three seconds, as the service words it; frames may be binary."""
    asked: list[dict[str, Any]] = []
    took: list[float] = []

    def answer(connection: ServerConnection) -> None:
        began = time.perf_counter()
        asked.append(json.loads(connection.recv(timeout=3.0)))
        took.append(time.perf_counter() - began)
        connection.send(json.dumps(POSITION).encode())
        connection.send(json.dumps(POSITION, indent=1))
        connection.recv()

    with web_socket_server(answer) as url:
        feed = aisstream("key-77", boxes=[[[54, 9], [66, 31]]], mmsi=["366999999"], kinds=["PositionReport"], url=url)
        lines = gathered(started(feed), 2)
        assert asked == [
            {
                "APIKey": "key-77",
                "BoundingBoxes": [[[54, 9], [66, 31]]],
                "FiltersShipMMSI": ["366999999"],
                "FilterMessageTypes": ["PositionReport"],
            }
        ]
        assert took[0] < 1.0
        assert [json.loads(line) for line in lines] == [POSITION, POSITION]
        assert JsonDecoder().step(b"\n".join(lines), 0).positions.mmsi.tolist() == [366999999] * 2
        assert (feed.health.lines, feed.health.state) == (2, "connected")
        feed.stop()


def test_a_refused_key_is_said_and_tried_ever_more_seldom(started: Callable[..., Intake]) -> None:
    """The service's error object is quoted without the key; the tries come further apart, though each one connected."""
    waits: list[float] = []

    def answer(connection: ServerConnection) -> None:
        connection.recv()
        connection.send('{"error": "Api Key key-77 Is Not Valid"}')

    with web_socket_server(answer) as url:
        feed = aisstream("key-77", boxes=[], url=url)
        feed.draw = lambda: 0.0

        def pause(seconds: float) -> bool:
            waits.append(seconds)
            if len(waits) == 4:
                feed.stopping.set()
            return feed.stopping.is_set()

        feed.pause = pause  # type: ignore[method-assign]
        intake = started(feed)
        assert wait_until(lambda: feed.health.state == "stopped")
        assert feed.health.errors == {"the server says: Api Key *** Is Not Valid": 4}
        assert waits == [0.25, 0.5, 1.0, 2.0]
        assert intake.held_lines == 0
        feed.stop()


def test_a_websocket_that_is_cut_or_stalls_is_made_anew(started: Callable[..., Intake]) -> None:
    """After a cut in the middle and after silence the feed connects again, and what it had is kept."""
    calls: list[int] = []

    def answer(connection: ServerConnection) -> None:
        calls.append(len(calls))
        connection.send(f"line {len(calls)}")
        if len(calls) == 1:
            connection.socket.shutdown(socket.SHUT_RDWR)
        elif len(calls) == 2:
            connection.recv()

    with web_socket_server(answer) as url:
        feed = WebSocketFeed(url, stall_s=0.4)
        assert gathered(started(feed), 3) == [b"line 1", b"line 2", b"line 3"]
        assert "nothing received for 0.4 s" in feed.health.errors
        assert len(feed.health.errors) >= 2
        feed.stop()


def test_a_websocket_flood_is_bounded_and_counted(started: Callable[..., Intake]) -> None:
    """What the queue does not take is counted; a message beyond all measure ends the connection, not the service."""

    def answer(connection: ServerConnection) -> None:
        for _ in range(3_000):
            connection.send("x" * 100)
        connection.send("y" * 20_000)
        connection.send("z" * 2_000_000)

    with web_socket_server(answer) as url:
        feed = WebSocketFeed(url)
        intake = started(feed, limit=1_000)
        assert wait_until(lambda: feed.health.too_long and feed.health.errors)
        feed.stop()
    assert intake.held_lines <= 1_000
    assert feed.health.dropped >= 2_000
    assert feed.health.lines - feed.health.dropped == intake.held_lines


# AISHub


class Service(ThreadingHTTPServer):
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, list[str]]] = []
        self.times: list[float] = []
        self.answers: list[tuple[int, bytes]] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Of the service."""

    def do_GET(self) -> None:
        """One poll."""
        service = self.server
        assert isinstance(service, Service)
        service.asked.append(parse_qs(urlsplit(self.path).query))
        service.times.append(time.perf_counter())
        status, body = service.answers[min(len(service.asked), len(service.answers)) - 1]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    """A web service on this machine."""
    made = Service()
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def url_of(service: Service) -> str:
    """Where it is."""
    return f"http://127.0.0.1:{service.server_address[1]}/ws.php"


VESSEL = {
    "MMSI": 413811000, "TIME": "2011-04-12 10:40:27 GMT", "LONGITUDE": 118.44, "LATITUDE": 38.87, "COG": 356,
    "SOG": 0.1, "HEADING": 116, "NAVSTAT": 1, "IMO": 9118824, "NAME": "EXAMPLE", "CALLSIGN": "BVKU", "TYPE": 70,
    "A": 197, "B": 27, "C": 20, "D": 12, "DRAUGHT": 7.5, "DEST": "CAOFEIDIAN", "ETA": "04-10 07:00",
}  # fmt: skip
META = {"ERROR": False, "USERNAME": "me", "FORMAT": "HUMAN", "RECORDS": 1}


def test_aishub_answers_of_every_nesting_give_its_vessels(service: Service, started: Callable[..., Intake]) -> None:
    """The list, the object with VESSELS and the CSV all give the same reports; the box and the user are asked for."""
    head = ",".join(VESSEL)
    row = ",".join(map(str, VESSEL.values()))
    service.answers = [
        (200, json.dumps([META, [VESSEL]]).encode()),
        (200, json.dumps([META, {"VESSELS": [VESSEL]}]).encode()),
        (200, json.dumps([{**META, "VESSELS": [VESSEL]}]).encode()),
    ]
    feed = AisHubFeed("me", box={"latmin": 20.5, "latmax": 30.0}, url=url_of(service), poll_s=0.05)
    found = gathered(started(feed), 3)[:3]
    feed.stop()
    service.answers = [(200, f"{head}\n{row}\n".encode())]
    csv_feed = AisHubFeed("me", output="csv", url=url_of(service), poll_s=60.0, name="csv")
    found += gathered(started(csv_feed), 1)
    batch = JsonDecoder().step(b"\n".join(found), 0)
    assert batch.lines == {"read": 4}
    assert set(batch.positions.lat_deg.tolist()) == {38.87}
    assert set(batch.positions.time_us.tolist()) == {1302604827_000000}
    assert set(batch.statics.imo.tolist()) == {9118824}
    assert service.asked[0] == {
        "username": ["me"], "format": ["1"], "output": ["json"], "compress": ["0"],
        "latmin": ["20.5"], "latmax": ["30"],
    }  # fmt: skip


@pytest.mark.slow
def test_aishub_is_never_asked_before_its_time(service: Service, started: Callable[..., Intake]) -> None:
    """Refused, empty, sent elsewhere: each is said without the user's name, and the next poll waits its full time."""
    service.answers = [
        (200, json.dumps([{"ERROR": True, "ERROR_MESSAGE": "Too frequent requests of secret-me!"}]).encode()),
        (200, b""),
        (302, b""),
        (500, b"oops"),
        (200, b"<html>"),
        (200, json.dumps([META, [VESSEL]]).encode()),
    ]
    feed = AisHubFeed("secret-me", url=url_of(service), poll_s=0.3)
    feed.draw = lambda: 0.0
    feed.longest_wait_s = 0.1
    assert len(gathered(started(feed), 1)) == 1
    feed.stop()
    apart = [later - earlier for earlier, later in zip(service.times, service.times[1:], strict=False)]
    assert min(apart) >= 0.28
    assert list(feed.health.errors) == [
        "the service says: Too frequent requests of ***!",
        "the service answered with nothing: it was asked too often",
        "the service answered 302",
        "the service answered 500",
        "the answer is no JSON: <html>",
    ]
    assert "secret-me" not in json.dumps(feed.health.to_json())


def test_an_aishub_that_is_not_there_is_waited_for(started: Callable[..., Intake]) -> None:
    """No server: said, not fatal, and not with the user's name."""
    feed = AisHubFeed("secret-me", url=f"http://127.0.0.1:{free_port()}/ws.php", poll_s=60.0)
    started(feed)
    assert wait_until(lambda: feed.health.errors)
    assert "ConnectError" in (feed.health.last_error or "")
    assert "secret-me" not in json.dumps(feed.health.to_json())


# Kafka


@pytest.fixture
def kafka() -> Iterator[tuple[Producer, str]]:
    """A producer that carries librdkafka's own broker for tests, and that broker's address."""
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "", "log_level": 0})
    brokers = producer.list_topics(timeout=10).brokers
    yield producer, ",".join(f"{broker.host}:{broker.port}" for broker in brokers.values())
    producer.flush(5)


@pytest.mark.slow
def test_kafka_messages_are_lines_and_are_heard_once(
    kafka: tuple[Producer, str], started: Callable[..., Intake]
) -> None:
    """NMEA and JSON messages of the topics arrive, and the group keeps how far it has read: a restart goes on there."""
    producer, brokers = kafka
    producer.produce("ais", b"!AIVDM,one\n!AIVDM,two\n")
    producer.produce("ais", b'{"class":\n"AIS"}')
    producer.flush(10)
    options = {"auto.offset.reset": "earliest"}
    feed = KafkaFeed(brokers, ["ais"], group="station", options=options)
    found = gathered(started(feed), 3, 20.0)
    assert sorted(found) == sorted([b"!AIVDM,one", b"!AIVDM,two", b'{"class": "AIS"}'])
    assert (feed.health.state, feed.health.lines) == ("connected", 3)
    feed.stop()
    reader = Consumer({"bootstrap.servers": brokers, "group.id": "station"})
    kept = reader.committed([TopicPartition("ais", number) for number in range(4)], timeout=10)
    reader.close()
    assert sum(max(0, partition.offset) for partition in kept) == 2


@pytest.mark.slow
def test_a_kafka_that_is_not_there_is_said(started: Callable[..., Intake]) -> None:
    """No broker: the feed waits, says why, and ends when told to."""
    feed = KafkaFeed(f"127.0.0.1:{free_port()}", ["ais"])
    started(feed)
    assert wait_until(lambda: feed.health.errors and feed.health.state == "waiting", 20.0)
    feed.stop()
    assert feed.health.state == "stopped"


@pytest.mark.parametrize(
    ("module", "make", "extra"),
    [
        ("paho.mqtt", lambda: MqttFeed("mqtt://x", ["a"]), "mqtt"),
        ("websockets.sync.client", lambda: WebSocketFeed("ws://x"), "websocket"),
        ("confluent_kafka", lambda: KafkaFeed("x:1", ["a"]), "kafka"),
        ("serial", lambda: SerialFeed("x"), "serial"),
    ],
)
def test_a_missing_library_is_named_with_its_extra(
    module: str, make: Callable[[], Feed], extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed whose library is not installed says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=rf"pip install 'shipwatch-sts\[{extra}\]'"):
        make()
