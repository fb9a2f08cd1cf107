"""Lists over HTTP, from a server that may be anything: what fails leaves the old version, is told, and costs little."""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

import pytest
from typer.testing import CliRunner

from alerts.errors import ListError
from alerts.lists.addresses import ADDRESSES
from alerts.lists.kinds import KINDS
from alerts.lists.store import ListStore
from shipwatch.guarded_download import Bounds
from shipwatch.list_updates import Updated, update_lists, update_states

NOW = "2026-11-22T05:15:00Z"
HEAD = b"entry,name,imo,flag,designated_on\n"
FIRST = HEAD + b"".join(b"%d,INVENTED %d,,PAN,2025-01-01\n" % (n, n) for n in range(1, 41))
SECOND = FIRST + b"41,INVENTED MORE,9000003,PAN,2026-11-20\n"

Answer = Callable[[BaseHTTPRequestHandler], None]


def answer(code: int, body: bytes = b"", **headers: str) -> Answer:
    """An answer with these headers (`_` for `-`)."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), **given}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


class Publisher:
    """A web server on this machine: ``answers`` by path, each list used up to its last; ``asked`` what came."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                publisher.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                queue = publisher.answers[path]
                try:
                    (queue.pop(0) if len(queue) > 1 else queue[0])(self)
                except OSError:  # the client had enough
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=lambda: self.server.serve_forever(poll_interval=0.02), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def close(self) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """A server, closed again."""
    made = Publisher()
    yield made
    made.close()


HERE = Bounds(allow_private=True, timeout_s=0.5, total_s=2.0, attempts=2, max_bytes=100_000)


def fetch(
    lists: ListStore, publisher: Publisher, *answers: Answer, bounds: Bounds = HERE, waits: list[float] | None = None
) -> Updated:
    """One update of kind ``table`` from a server that answers so."""
    publisher.answers["/list.csv"] = list(answers)
    noted = waits if waits is not None else []
    (done,) = update_lists(
        lists, ["table"], now=NOW, urls={"table": f"{publisher.url}/list.csv?secret=1"}, bounds=bounds,
        wait=noted.append,
    )  # fmt: skip
    return done


@pytest.fixture
def lists(tmp_path: Path) -> ListStore:
    """An empty store of lists."""
    return ListStore(tmp_path / "lists")


def test_what_is_new_is_imported_and_what_is_not_costs_one_question(lists: ListStore, publisher: Publisher) -> None:
    """The server's marks are shown to it the next time; who asks is said; the version bears the hour it was had."""
    marks = {"ETag": '"a1"', "Last_Modified": "Sun, 22 Nov 2026 01:00:00 GMT"}
    done = fetch(lists, publisher, answer(200, FIRST, **marks))
    (record,) = lists.records()
    assert (done.outcome, done.snapshot, record.fetched_at, record.kind) == ("new", record.id, NOW, "table")
    _, headers = publisher.asked[-1]
    assert headers["user-agent"].startswith("shipwatch/")
    assert "if-none-match" not in headers
    done = fetch(lists, publisher, answer(304))
    assert (done.outcome, done.snapshot) == ("unchanged", record.id)
    _, headers = publisher.asked[-1]
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"a1"', "Sun, 22 Nov 2026 01:00:00 GMT")
    assert fetch(lists, publisher, answer(200, FIRST)).outcome == "unchanged"
    packed = fetch(lists, publisher, answer(200, gzip.compress(SECOND), Content_Encoding="gzip"))
    assert (packed.outcome, packed.before) == ("new", record.id)
    assert [r.vessels for r in lists.records()] == [40, 41]
    assert update_states(lists)["table"].error is None


def truncated(handler: BaseHTTPRequestHandler) -> None:
    """Half of what was announced."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(FIRST)))
    handler.end_headers()
    handler.wfile.write(FIRST[: len(FIRST) // 2])


def slow(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, for ever."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        sleep(0.1)


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Nothing at all."""
    sleep(1.2)


def huge(handler: BaseHTTPRequestHandler) -> None:
    """Ten megabytes, without saying so."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(160):
        handler.wfile.write(b"x" * 65_536)


BOMB = zlib.compressobj(9, wbits=31)
BOMB_BYTES = BOMB.compress(bytes(50_000_000)) + BOMB.flush()
HALF_GZIP = gzip.compress(FIRST)[:-20]


@pytest.mark.parametrize(
    ("bad", "said", "attempts"),
    [
        (truncated, "RemoteProtocolError", 2),
        (slow, "not done after 1 s", 1),
        (silent, "ReadTimeout", 2),
        (huge, "more than the 100,000 bytes", 1),
        (answer(200, BOMB_BYTES, Content_Encoding="gzip"), "more than the 100,000 bytes", 1),
        (answer(200, HALF_GZIP, Content_Encoding="gzip"), "the gzip ends early", 2),
        (answer(200, b"no gzip at all", Content_Encoding="gzip"), "damaged gzip", 2),
        (answer(200, b"x", Content_Encoding="br"), "encoded as 'br'", 1),
        (answer(200, b""), "nothing came", 2),
        (answer(403), "answered 403 (2 attempts)", 2),
        (answer(404), "answered 404", 1),
        (answer(500), "answered 500 (2 attempts)", 2),
        (answer(302, Location="/list.csv"), "more than 5 redirects", 1),
        (answer(301, Location="ftp://example.org/a"), "not https", 1),
        (answer(301, Location="http://user:pw@example.org/a"), "a password in it", 1),
        (answer(200, b"<html><body>Access denied</body></html>"), "table", 1),
        (answer(200, FIRST.replace(b"PAN", b"\xff\xfe")), "UTF-8", 1),
        (answer(200, b"\n".join(SECOND.split(b"\n")[:20])), "are gone", 1),
    ],
)  # fmt: skip
def test_whatever_fails_leaves_the_old_version_and_is_told(
    lists: ListStore, publisher: Publisher, bad: Answer, said: str, attempts: int
) -> None:
    """The reason is noted with the list, without the query of the address; the next good answer heals it."""
    assert fetch(lists, publisher, answer(200, SECOND)).outcome == "new"
    held = lists.records()
    asked = len(publisher.asked)
    done = fetch(lists, publisher, bad, bounds=replace(HERE, total_s=1.0))
    assert done.outcome == "failed"
    assert said in str(done.error)
    assert "secret" not in str(done.error)
    assert lists.records() == held
    if "redirects" not in said:
        assert len(publisher.asked) - asked == attempts
    state = update_states(lists)["table"]
    assert (state.error, state.done_at, state.snapshot) == (done.error, NOW, held[0].id)
    assert not list(lists.folder.rglob("*.part"))
    assert fetch(lists, publisher, answer(200, SECOND)).outcome == "unchanged"
    assert update_states(lists)["table"].error is None


def test_a_server_that_recovers_is_asked_again_after_growing_pauses(lists: ListStore, publisher: Publisher) -> None:
    """Its own wish counts, up to a bound."""
    waits: list[float] = []
    bounds = replace(HERE, attempts=4, wait_s=2.0)
    answers = (answer(503), answer(429, Retry_After="7"), answer(503, Retry_After="86400"), answer(200, FIRST))
    assert fetch(lists, publisher, *answers, bounds=bounds, waits=waits).outcome == "new"
    assert waits == [2.0, 7.0, 60.0]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "::ffff:10.0.0.1"])
def test_private_addresses_are_not_asked(lists: ListStore, publisher: Publisher, address: str) -> None:
    """By name as well as by number: every address of a host must be public, and nothing is sent."""
    (done,) = update_lists(
        lists, ["table"], now=NOW, urls={"table": "https://lists.example/a.csv"}, bounds=Bounds(attempts=1),
        resolve=lambda host, port: ["93.184.215.14", address],
    )  # fmt: skip
    assert done.outcome == "failed"
    assert f"lists.example is {address}, not a public address" in str(done.error)
    assert publisher.asked == []


def test_a_redirect_into_the_house_is_not_followed(
    lists: ListStore, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public server that points at this machine: the second step is held to the same rules as the first."""
    import shipwatch.guarded_download as guarded

    publisher.answers["/inside"] = [answer(200, FIRST)]
    publisher.answers["/list.csv"] = [answer(302, Location="https://169.254.169.254/latest/meta-data")]
    strict = Bounds(attempts=1)
    monkeypatch.setattr(guarded, "_pinned", _http_too(guarded._pinned, publisher))
    (done,) = update_lists(lists, ["table"], now=NOW, urls={"table": "https://lists.example/list.csv"}, bounds=strict)
    assert "169.254.169.254, not a public address" in str(done.error)
    assert [path for path, _ in publisher.asked] == ["/list.csv"]


def _http_too(real: Callable[..., str], publisher: Publisher) -> Callable[..., str]:
    """The first step goes to the test's server, which speaks no TLS; all others are looked at as they are."""

    def pinned(url: str, *rest: object) -> str:
        return f"{publisher.url}/list.csv" if "lists.example" in url else real(url, *rest)

    return pinned


def test_plain_http_is_refused_unless_allowed(lists: ListStore, publisher: Publisher) -> None:
    """As it stands in the configuration."""
    publisher.answers["/list.csv"] = [answer(200, FIRST)]
    (done,) = update_lists(lists, ["table"], now=NOW, urls={"table": f"{publisher.url}/list.csv"})
    assert (done.outcome, publisher.asked) == ("failed", [])
    assert "not https" in str(done.error)


def test_one_that_fails_keeps_no_other_from_being_updated(lists: ListStore, publisher: Publisher) -> None:
    """Each for itself; a kind that cannot be fetched at all is a mistake of whoever asks."""
    publisher.answers = {"/list.csv": [answer(200, FIRST)], "/gone": [answer(404)]}
    urls = {"un1718": f"{publisher.url}/gone", "table": f"{publisher.url}/list.csv"}
    done = update_lists(lists, ["un1718", "table"], now=NOW, urls=urls, bounds=HERE)
    assert [item.outcome for item in done] == ["failed", "new"]
    with pytest.raises(ListError, match=r"'gur' cannot be fetched; known: .*uk"):
        update_lists(lists, ["gur"], now=NOW)


def test_the_public_addresses_are_of_known_kinds_and_encrypted() -> None:
    """One for each kind, all https, none with a secret of ours."""
    assert set(ADDRESSES) <= set(KINDS)
    assert all(url.startswith("https://") and "@" not in url for url in ADDRESSES.values())


def test_the_command_updates_rescreens_and_tells(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 0 with what is new, 1 where one failed (named on stderr), 2 where none is named; doctor tells of it."""
    from shipwatch.cli import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIPWATCH_HOME", str(tmp_path / "home"))
    runner = CliRunner()
    assert runner.invoke(app, ["lists", "update"]).exit_code == 2
    Path("config.toml").write_text(
        f'[lists]\nupdate = ["table"]\nallow_private = true\nurls = {{ table = "{publisher.url}/list.csv" }}\n'
    )
    publisher.answers["/list.csv"] = [answer(200, FIRST)]
    done = runner.invoke(app, ["lists", "update"])
    assert done.exit_code == 0, done.output
    assert "table: new, table-" in done.output
    publisher.answers["/list.csv"] = [answer(404)]
    done = runner.invoke(app, ["lists", "update", "--json"])
    assert done.exit_code == 1
    (item,) = json.loads(done.stdout)["lists"]
    assert (item["outcome"], "answered 404" in item["error"]) == ("failed", True)
    told = json.loads(runner.invoke(app, ["doctor", "--json"]).stdout)
    found = told["findings"] if isinstance(told, dict) else told
    (note,) = [f for f in found if f["subject"] == "update of table"]
    assert note["level"] == "problem"
    assert "answered 404" in note["text"]
    assert runner.invoke(app, ["lists", "update", "nosuch"]).exit_code == 1
    assert runner.invoke(app, ["rescreen"]).exit_code == 1
