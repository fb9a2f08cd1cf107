"""A feed that calls a broker of MQTT, against a real one on this machine."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from feed_waiting import free_port, gathered, wait_until
from paho.mqtt import publish

from decoders.jsonlines import JsonDecoder
from shipwatch.feeds.intake import Intake
from shipwatch.feeds.mqtt import MqttFeed, digitraffic


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
