"""Delivery: at least once with one key, signed, patient, and never to where it should not go."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from alerts.channels import RESPONSE_BYTES, Channel, DeliveryError, JsonLinesChannel, WebhookChannel, is_public
from alerts.delivery import deliver_due, retry_after_s
from alerts.incident import Alert
from shipwatch.ledger import Ledger
from shipwatch.live_delivery import DeliveryThread
from shipwatch.pipeline import Outcome

SECRET = "whsec_" + base64.b64encode(b"a secret of two dozen by").decode()
NOW_US = int(datetime.now(UTC).timestamp()) * 1_000_000  # noqa: TID251 - the library's own check looks at the clock
ALERT = {"id": "a", "state": "opened", "start": "2025-03-14T08:00:00Z", "end": None}
HOSTILE = '<script>alert(1)</script>=HYPERLINK("x")\u202eGNP\U0001f6a2'


class Receiver:
    """A web server that answers as it is told and keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                code, headers, text = outer.answers.pop(0) if outer.answers else (204, {}, b"")
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=b"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on loopback."""
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """The HTTP client that is handed in."""
    with httpx.Client(trust_env=False) as made:
        yield made


def hook(receiver: Receiver, client: httpx.Client) -> WebhookChannel:
    """A channel to the receiver, which is at a private address."""
    return WebhookChannel("webhook", receiver.url, SECRET, client, allow_private=True)


def test_webhooks_are_signed_as_the_standard_says(receiver: Receiver, client: httpx.Client) -> None:
    """The receiver's library verifies id, time and signature over the body; a changed body fails."""
    hook(receiver, client).send("a.1", {**ALERT, "name": HOSTILE}, NOW_US)
    headers, body = receiver.got[0]
    message = Webhook(SECRET).verify(body, headers)
    assert headers["webhook-id"] == message["idempotency_key"] == "a.1"
    assert message["type"] == "alert.opened"
    assert message["data"]["name"] == HOSTILE
    with pytest.raises(Exception, match="signature"):
        Webhook(SECRET).verify(body + b" ", headers)


@pytest.mark.parametrize("code", [301, 307, 400, 404, 429, 500, 503])
def test_only_2xx_has_arrived(receiver: Receiver, client: httpx.Client, code: int) -> None:
    """Anything else is a failure; redirects are not followed."""
    receiver.answers = [(code, {"location": receiver.url, "retry-after": "90"}, b"no")]
    with pytest.raises(DeliveryError, match=str(code)) as problem:
        hook(receiver, client).send("a.1", ALERT, NOW_US)
    assert len(receiver.got) == 1
    assert problem.value.retry_after_s is not None


def test_a_long_answer_is_not_read() -> None:
    """A receiver cannot fill our memory: reading stops at the cap, and a 200 is still a 200."""
    given = 0

    class Endless(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            nonlocal given
            while True:
                given += 4096
                yield b"x" * 4096

    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Endless()))
    with httpx.Client(transport=transport) as client:
        channel = WebhookChannel(
            "webhook", "https://hooks.example/", SECRET, client, resolve=lambda *_: ["93.184.215.14"]
        )
        channel.send("a.1", ALERT, NOW_US)
    assert RESPONSE_BYTES < given <= 2 * RESPONSE_BYTES


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "255.255.255.255", "::"],
)  # fmt: skip
def test_private_addresses_are_refused(client: httpx.Client, address: str) -> None:
    """A name that leads to an address that is not public is not connected to, whatever else it leads to."""
    assert not is_public(address)
    channel = WebhookChannel(
        "webhook", "https://hooks.example/x", SECRET, client, resolve=lambda host, port: ["8.8.8.8", address]
    )
    with pytest.raises(DeliveryError, match="not a public address"):
        channel.send("a.1", ALERT, NOW_US)


def test_the_address_looked_at_is_the_one_connected_to() -> None:
    """The name is looked up once; the request goes to that address with the name in Host and TLS."""
    asked: list[httpx.Request] = []
    transport = httpx.MockTransport(
        lambda request: asked.append(request) or httpx.Response(204, stream=httpx.ByteStream(b""))
    )
    lookups: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        lookups.append(host)
        return ["93.184.215.14"]

    with httpx.Client(transport=transport) as client:
        WebhookChannel("webhook", "https://hooks.example/x?y=1", SECRET, client, resolve=resolve).send(
            "a.1", ALERT, NOW_US
        )
    assert lookups == ["hooks.example"]
    assert str(asked[0].url) == "https://93.184.215.14/x?y=1"
    assert asked[0].headers["host"] == "hooks.example"
    assert asked[0].extensions["sni_hostname"] == "hooks.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "https://u:p@example.com/", "https:///x", "https://a..example/x",
        f"https://{'a' * 70}.example/", "https://example.com:99999/", "https://example.com:port/", "https://[::1/x",
        "https://example.com/\x07",
    ],
)  # fmt: skip
def test_bad_urls_are_refused_at_the_start(client: httpx.Client, url: str) -> None:
    """Not https, a password in it, no host, or nothing that could ever be asked."""
    with pytest.raises(DeliveryError):
        WebhookChannel("webhook", url, SECRET, client)


def test_json_lines_survive_half_a_line(tmp_path: Path) -> None:
    """A file that a crash left without line end is closed first: every message stays a line of its own."""
    path = tmp_path / "sub" / "out.jsonl"
    channel = JsonLinesChannel("file", path)
    channel.send("a.1", {**ALERT, "name": HOSTILE}, NOW_US)
    with path.open("ab") as file:
        file.write(b'{"type": "ale')
    channel.send("a.2", ALERT, NOW_US)
    first, half, second = path.read_text("utf-8").splitlines()
    assert json.loads(first)["data"]["name"] == HOSTILE
    assert half == '{"type": "ale'
    assert json.loads(second)["idempotency_key"] == "a.2"


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "out").mkdir()
    with pytest.raises(DeliveryError, match="out"):
        JsonLinesChannel("file", tmp_path / "out").send("a.1", ALERT, NOW_US)


class Flaky:
    """A channel that fails so often before it takes anything."""

    name = "flaky"

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.sent: list[str] = []

    def send(self, key: str, alert: Any, now_us: int) -> None:
        """Fail, or take it."""
        if self.failures:
            self.failures -= 1
            raise DeliveryError("try later")
        self.sent.append(key)


@pytest.fixture
def ledger(tmp_path: Path, make_alert: Callable[..., Alert]) -> Iterator[Ledger]:
    """A ledger with two alerts waiting for two channels."""
    with Ledger(str(tmp_path / "x.db")) as made:
        run_id = made.start_run(
            started_us=0, version="0", inputs=[], config_digest="", rules_digest="", zones_digest=""
        )
        alerts = (make_alert("al-1"), make_alert("al-2"))
        made.record(run_id, Outcome(alerts=alerts), channels=["flaky", "file"])
        made.record(run_id, Outcome(alerts=alerts), channels=["flaky", "file"])
        yield made


def test_failures_are_retried_with_growing_patience(ledger: Ledger, tmp_path: Path) -> None:
    """A channel that fails is left in peace, the other goes on; each revision arrives, under one key, in the end."""
    flaky, path = Flaky(3), tmp_path / "out.jsonl"
    channels: list[Channel] = [flaky, JsonLinesChannel("file", path)]
    now_us, rounds = 1_000_000, 0
    first = deliver_due(ledger, channels, now_us)
    assert (first.sent, first.failed) == (2, 2)
    assert deliver_due(ledger, channels, now_us).sent == 0, "not before its time"
    while len(flaky.sent) < 2 and rounds < 20:
        now_us, rounds = now_us + 60_000_000, rounds + 1
        deliver_due(ledger, channels, now_us)
    assert sorted(flaky.sent) == ["al-1.1", "al-2.1"]
    keys = [json.loads(line)["idempotency_key"] for line in path.read_text().splitlines()]
    assert keys == ["al-1.1", "al-2.1"]
    assert deliver_due(ledger, channels, now_us * 100).sent == 0


class Broken:
    """A channel with a mistake in it."""

    name = "flaky"

    def send(self, key: str, alert: Any, now_us: int) -> None:
        """Stumble."""
        raise UnicodeError("label too long")


def test_a_channel_that_stumbles_keeps_no_other_waiting(ledger: Ledger, tmp_path: Path) -> None:
    """An error that no channel should raise is a failed delivery: told, tried again later, and the others go on."""
    path = tmp_path / "out.jsonl"
    channels: list[Channel] = [Broken(), JsonLinesChannel("file", path)]
    done = deliver_due(ledger, channels, 1_000_000)
    assert (done.sent, done.failed, done.errors) == (2, 2, ("flaky: UnicodeError: label too long",))
    assert len(path.read_text().splitlines()) == 2
    assert not ledger.due_deliveries(1_000_000) and ledger.next_due_us() == 6_000_000


def test_patience_doubles_to_an_hour() -> None:
    """5 s, 10 s, ... 1 h; what a receiver asks for is granted."""
    waits = [retry_after_s(attempt) for attempt in range(1, 14)]
    assert waits[:3] == [5.0, 10.0, 20.0]
    assert waits[-1] == 3600.0
    assert retry_after_s(1, 600.0) == 600.0


def test_what_has_no_channel_any_more_waits(ledger: Ledger) -> None:
    """A channel taken out of the configuration loses nothing."""
    done = deliver_due(ledger, [], 1_000_000)
    assert (done.sent, done.failed) == (0, 4)
    flaky = Flaky(0)
    deliver_due(ledger, [flaky], 10**15)
    assert sorted(flaky.sent) == ["al-1.1", "al-2.1"]


class Away:
    """A store that is away."""

    def due_deliveries(self, now_us: int, limit: int) -> Any:
        """Fail."""
        raise RuntimeError("the database is away")

    mark_delivered = mark_failed = due_deliveries


def test_the_thread_outlives_a_store_that_is_away() -> None:
    """It says what is wrong and goes on."""
    thread = DeliveryThread(Away(), [], lambda: 0)
    thread.start()
    thread.wake()
    thread.stop()
    assert "the database is away" in (thread.last_error or "")


def test_the_thread_empties_the_outbox(ledger: Ledger) -> None:
    """Woken, it sends what is due; stopped, it has."""
    flaky = Flaky(0)
    thread = DeliveryThread(ledger, [flaky], lambda: 2_000_000)
    thread.start()
    thread.wake()
    thread.stop()
    assert sorted(flaky.sent) == ["al-1.1", "al-2.1"]
    assert thread.to_json()["sent"] == 2
