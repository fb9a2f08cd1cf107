"""Section [feeds] to feeds: what is named is made, secrets come from files and variables, mistakes are told apart."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shipwatch import doctor
from shipwatch.assemble_feeds import FeedSettings, feeds_of, named_on_the_command_line
from shipwatch.config import ConfigError, bind, load_config
from shipwatch.feeds.feed import Feed


def made(text: str, folder: Path, **environment: str) -> list[Feed]:
    """The feeds of a configuration."""
    path = folder / "config.toml"
    path.write_text(f"[feeds]\n{text}\n")
    settings = bind(load_config(path, environment={}), "feeds", FeedSettings)
    return feeds_of(settings, folder, environment=environment)


def test_every_kind_of_feed_is_made(tmp_path: Path) -> None:
    """All kinds at once, each under its name, each source told without its secret."""
    (tmp_path / "key").write_text("key-77\nanything else\n")
    text = """
    tcp = ["north=127.0.0.1:4001"]
    tcp_server = ["9009"]
    udp = ["south=0.0.0.0:10110"]
    serial = ["mast=/dev/ttyUSB0:9600", "/dev/ttyUSB1"]
    tail = ["log.nmea"]
    stdin = true
    http = [{ name = "posts", listen = "8771" }, { listen = "0.0.0.0:8772", token_env = "TOKEN" }]
    mqtt = [{ name = "broker", url = "mqtts://broker.example", topics = ["ais/#"], user = "me", password_file = "key" }]
    websocket = [{ name = "boat", url = "ws://boat.local:3000/signalk/v1/stream?subscribe=all" }]
    aisstream = [{ key_file = "key", boxes = [[[54, 9], [66.5, 31]]] }]
    aishub = [{ username_env = "HUB", latmin = 54, poll_s = 120, output = "csv" }]
    digitraffic = true
    kafka = [{ brokers = "k.example:9092", topics = ["ais"], options = { "security.protocol" = "ssl" } }]
    stall_s = 60.0
    """
    feeds = made(text, tmp_path, TOKEN="token-77", HUB="user-77")
    assert [feed.name for feed in feeds] == [
        "north", "tcp-server:9009", "south", "mast", "serial:/dev/ttyUSB1", "tail:log.nmea", "stdin", "posts",
        "http:8772", "broker", "boat", "aisstream", "aishub", "kafka:ais", "digitraffic",
    ]  # fmt: skip
    told = json.dumps([feed.health.to_json() for feed in feeds])
    assert "-77" not in told
    assert "subscribe=all" not in told
    assert [feed.health.source for feed in feeds][-4:-2] == [
        "wss://stream.aisstream.io/v0/stream",
        "https://data.aishub.net/ws.php",
    ]
    assert {feed.stall_s for feed in feeds if hasattr(feed, "stall_s")} == {60.0}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('tcp = ["host"]', "feeds.tcp: 'host' has no port"),
        ('udp = ["x=1", "x=2"]', "two are called 'x'"),
        ("stall_s = 0", "stall_s: 0.0 is not > 0"),
        ("http = [{}]", "feeds.http[0].listen: is missing"),
        ('http = [{ listen = "0.0.0.0:1" }]', "feeds.http[0].listen: 0.0.0.0 is open to the network: give a token"),
        ('http = [{ listen = "1", token_file = "none" }]', "feeds.http[0].token_file: "),
        ('http = [{ listen = "1", token_env = "NONE" }]', "feeds.http[0].token_env: holds nothing"),
        ('http = [{ listen = "1", token_env = "A", token_file = "B" }]', "exclude each other"),
        ('mqtt = [{ url = "http://x", topics = ["a"] }]', "feeds.mqtt[0].url: is no URL of mqtt, mqtts, ws, wss"),
        ('mqtt = [{ url = "mqtt://x" }]', "feeds.mqtt[0].topics: is missing"),
        ('mqtt = [{ url = "mqtt://x", topics = [] }]', "feeds.mqtt[0].topics: is empty"),
        ('mqtt = [{ url = "mqtt://me:word-77@x", topics = ["a"] }]', "holds a user or password"),
        ('mqtt = [{ url = "mqtt://x", topics = ["a"], password = "word-77" }]', "unknown key 'password'"),
        ("aisstream = [{}]", "feeds.aisstream[0].key_file or key_env: is missing"),
        ('aisstream = [{ key = "word-77" }]', "feeds.aisstream[0].key_file or key_env: is missing"),
        ('aisstream = [{ key_env = "KEY", boxes = [[1, 2]] }]', "feeds.aisstream[0].boxes: is not a list of"),
        ('aisstream = [{ key_env = "KEY", boxes = [[[91, 0], [0, 0]]] }]', "feeds.aisstream[0].boxes: is not"),
        (f'aisstream = [{{ key_env = "KEY", mmsi = {list(range(51))} }}]', "has 51 ships; aisstream.io takes 50"),
        ('aishub = [{ username_env = "KEY", poll_s = 30 }]', "feeds.aishub[0].poll_s: is less than 60"),
        ('aishub = [{ username_env = "KEY", output = "xml" }]', "feeds.aishub[0].output: is not json or csv"),
        ('aishub = [{ username_env = "KEY", url = "file:///etc/passwd" }]', "feeds.aishub[0].url: is no URL"),
        ('kafka = [{ brokers = "x", topics = ["a"], options = { "group.id" = "y" } }]', "options.group.id: cannot be"),
        ('kafka = [{ brokers = "x", topics = ["a"], options = { "sasl.password" = "word-77" } }]', "cannot be set"),
        ("kafka = [{ brokers = 7 }]", "feeds.kafka[0].brokers: is not a text"),
        ("mqtt = [7]", "feeds.mqtt"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place_and_without_secrets(text: str, problem: str, tmp_path: Path) -> None:
    """What is wrong is said with section, number and key; no value that may be a secret is in it."""
    with pytest.raises(ConfigError) as caught:
        made(text, tmp_path, KEY="key-77")
    assert problem in str(caught.value)
    assert "-77" not in str(caught.value)


def test_a_missing_library_is_an_error_of_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the feed cannot be made, and what to install is said."""
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(ConfigError, match=r"pyserial is not installed: pip install 'shipwatch-sts\[serial\]'"):
        made('serial = ["/dev/ttyUSB0"]', tmp_path)


def test_the_command_line_takes_the_place_of_the_file() -> None:
    """Feeds named on the command line are the only ones, and keep what holds for all."""
    stated = FeedSettings(tcp=("a:1",), digitraffic=True, stall_s=5.0)
    assert named_on_the_command_line(stated) == stated
    assert named_on_the_command_line(stated, serial=["/dev/x"]) == FeedSettings(serial=("/dev/x",), stall_s=5.0)
    assert stated.any()
    assert not FeedSettings().any()


def test_the_doctor_looks_at_the_feeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each feed that can be made is named with its source; one whose secret is missing is a problem."""
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text('[feeds]\ntcp = ["north=127.0.0.1:1"]\n')
    found = list(doctor.feeds({}))
    assert [(one.level, one.subject, one.text) for one in found] == [("ok", "feed north", "tcp://127.0.0.1:1")]
    config.write_text('[feeds]\naisstream = [{ key_env = "AIS_KEY" }]\n')
    (problem,) = doctor.feeds({})
    assert (problem.level, problem.text) == ("problem", "feeds.aisstream[0].key_env: holds nothing")
    assert [one.subject for one in doctor.feeds({"AIS_KEY": "key-77"})] == ["feed aisstream"]


def test_everything_is_off_by_default() -> None:
    """No feed is made that was not asked for."""
    nothing: Any = feeds_of(FeedSettings(), Path(), environment={})
    assert nothing == []
