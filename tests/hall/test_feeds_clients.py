"""Feeds that call a web service or Kafka, against real ones on this machine; libraries that are missing."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from feed_waiting import free_port, gathered, wait_until

from decoders.jsonlines import JsonDecoder
from shipwatch.feeds.aishub import AisHubFeed
from shipwatch.feeds.feed import Feed, MissingExtra
from shipwatch.feeds.intake import Intake
from shipwatch.feeds.kafka import KafkaFeed
from shipwatch.feeds.mqtt import MqttFeed
from shipwatch.feeds.serial_line import SerialFeed
from shipwatch.feeds.web_socket import WebSocketFeed

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
