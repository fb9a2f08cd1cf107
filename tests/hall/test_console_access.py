"""Who may ask the console: host names, token, sessions, form token, headers, addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shipwatch.archive import Archive
from shipwatch.console.access import Access, ConsoleError, read_token
from shipwatch.console.app import make_app
from shipwatch.console.parts import ConsoleParts
from shipwatch.console.serve import ConsoleServer
from shipwatch.ledger import Ledger

TOKEN = "a-token-of-thirty-two-characters"
HERE = "http://127.0.0.1:8770"
READS = ("/api/v1/alerts", "/api/v1/session", "/api/v1/zones", "/tiles/dark/0/0/0.png", "/api/v1/alerts/x/track")


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.us = 1_741_939_200_000_000

    def __call__(self) -> int:
        return self.us


def parts(tmp_path: Path, token: str | None = None, clock: Clock | None = None) -> ConsoleParts:
    return ConsoleParts(
        ledger=Ledger(str(tmp_path / "shipwatch.db")), archive=Archive(tmp_path / "archive"), clock=clock or Clock(),
        secret=b"s" * 32,
        token=token, hosts=frozenset({"watch.example"}),
    )  # fmt: skip


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    """Loopback, no token."""
    return TestClient(make_app(parts(tmp_path)), base_url=HERE)


@pytest.fixture
def locked(tmp_path: Path) -> TestClient:
    """With a token."""
    return TestClient(make_app(parts(tmp_path, TOKEN)), base_url=HERE, follow_redirects=False)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8770", "", "localhost.evil.example", "[::1"])
def test_another_host_name_is_not_answered(client: TestClient, host: str) -> None:
    """DNS rebinding: a name that is not ours gets nothing, not even a page."""
    for path in ("/", "/healthz", "/api/v1/alerts", "/static/console.css"):
        assert client.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8770", "localhost", "[::1]:8770", "192.0.2.7:8770", "WATCH.example"])
def test_addresses_localhost_and_allowed_names_are_answered(client: TestClient, host: str) -> None:
    """An address cannot be rebound."""
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_every_answer_binds_the_browser(client: TestClient) -> None:
    """Strict policy, no sniffing, no referrer, no framing; on pages, API, tiles, refusals and errors alike."""
    for path in ("/", "/api/v1/alerts", "/tiles/dark/0/0/0.png", "/static/js/main.js", "/nowhere", "/api/v1/alerts/x"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in headers
    assert client.get("/api/v1/alerts").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_no_page_that_loads_from_a_network(client: TestClient, path: str) -> None:
    """FastAPI's own documentation pages are off."""
    assert client.get(path).status_code == 404


def test_no_page_names_another_machine() -> None:
    """What we serve loads nothing from elsewhere and holds no inline script or style."""
    folder = Path(__import__("shipwatch.console.pages").console.pages.FOLDER)
    texts = {path: path.read_text("utf-8") for path in folder.rglob("*") if path.suffix in {".html", ".js", ".css"}}
    assert len(texts) > 10
    for path, text in texts.items():
        for line in text.replace("http://www.w3.org/2000/svg", "").splitlines():
            assert "http://" not in line, path
            assert "https://" not in line, path
            for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "style="):
                assert word not in line, f"{path}: {line}"


def test_files_outside_the_static_folder_are_not_served(client: TestClient) -> None:
    """No way up."""
    for path in (
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/leaflet/../../../setup.py",
        "/static//etc/passwd",
    ):
        assert client.get(path).status_code == 404


def test_without_the_token_nothing_about_ships_is_told(locked: TestClient) -> None:
    """401 for the API, the login page for a person; health, login and static files stay open."""
    for path in READS:
        assert locked.get(path).status_code == 401, path
        assert locked.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert locked.get("/").headers["location"] == "/login"
    for path in ("/healthz", "/login", "/static/console.css"):
        assert locked.get(path).status_code == 200
    assert locked.get("/api/v1/alerts", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_login_gives_a_cookie_that_ends(tmp_path: Path) -> None:
    """HttpOnly, SameSite=Strict, for twelve hours; a changed or old one is none."""
    clock = Clock()
    client = TestClient(make_app(parts(tmp_path, TOKEN, clock)), base_url=HERE)
    answer = client.post("/api/v1/login", json={"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/api/v1/alerts").status_code == 200
    name, _, value = cookie.partition(";")[0].partition("=")
    client.cookies.clear()
    later = f"{int(value.partition('.')[0]) + 9}.{value.partition('.')[2]}"
    assert client.get("/api/v1/alerts", headers={"cookie": f"{name}={later}"}).status_code == 401
    clock.us += 13 * 3_600_000_000
    assert client.get("/api/v1/alerts", headers={"cookie": f"{name}={value}"}).status_code == 401


def test_wrong_tokens_are_slowed_down(tmp_path: Path) -> None:
    """After five within a minute even the right one has to wait."""
    clock = Clock()
    client = TestClient(make_app(parts(tmp_path, TOKEN, clock)), base_url=HERE)
    assert [client.post("/api/v1/login", json={"token": "x"}).status_code for _ in range(6)] == [401] * 5 + [429]
    assert client.post("/api/v1/login", json={"token": TOKEN}).status_code == 429
    clock.us += 61_000_000
    assert client.post("/api/v1/login", json={"token": TOKEN}).status_code == 200


def test_a_change_needs_the_form_token_and_our_own_origin(client: TestClient) -> None:
    """Another site's form, script or old page is refused before anything is looked up."""
    csrf = client.get("/api/v1/session").json()["csrf"]
    path, body = "/api/v1/alerts/x/triage", {"action": "likely"}
    good = {"x-shipwatch-csrf": csrf}
    for headers in (
        {}, {"x-shipwatch-csrf": "0" * 64}, {**good, "origin": "http://evil.example"}, {**good, "origin": "null"},
        {**good, "sec-fetch-site": "cross-site"}, {**good, "sec-fetch-site": "same-site"},
    ):  # fmt: skip
        assert client.post(path, json=body, headers=headers).status_code == 403, headers
    for headers in (good, {**good, "origin": HERE}, {**good, "sec-fetch-site": "same-origin"}):
        assert client.post(path, json=body, headers=headers).status_code == 404  # let in: there is no such alert


def test_a_program_with_the_token_needs_no_form_token(locked: TestClient) -> None:
    """A browser cannot be made to send that header."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert locked.post("/api/v1/alerts/x/triage", json={"action": "likely"}, headers=headers).status_code == 404


def test_another_site_cannot_load_our_answers(client: TestClient) -> None:
    """Not even as an image or a script."""
    for path in ("/api/v1/alerts", "/tiles/dark/0/0/0.png"):
        assert client.get(path, headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_large_request_is_refused(client: TestClient) -> None:
    """Before it is read."""
    assert client.post("/api/v1/login", content=b"x" * 70_000).status_code == 413
    assert client.post("/api/v1/login", content=b"", headers={"content-length": "9" * 5000}).status_code == 413


def test_listening_beyond_loopback_needs_a_token(tmp_path: Path) -> None:
    """The message says what is missing and what mends it."""
    for host in ("0.0.0.0", "::", "192.0.2.1", "ships.example"):
        with pytest.raises(ConsoleError, match=r"--token-file"):
            ConsoleServer(parts(tmp_path), host, 0)


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    """With the mend, before anything is served."""
    with ConsoleServer(parts(tmp_path), port=0) as first:
        port = int(first.url.rpartition(":")[2].strip("/"))
        with pytest.raises(ConsoleError, match=f"127.0.0.1:{port}.*--port"):
            ConsoleServer(parts(tmp_path), port=port)


@pytest.mark.parametrize("content", ["", "short", "has spaces in it, and many of them", "ü" * 30])
def test_a_token_file_without_a_good_token(tmp_path: Path, content: str) -> None:
    """Refused with the file's name."""
    file = tmp_path / "token"
    file.write_text(content, "utf-8")
    with pytest.raises(ConsoleError, match="token"):
        read_token(file)
    with pytest.raises(ConsoleError, match="cannot be read"):
        read_token(tmp_path / "none")


def test_the_token_is_the_first_line(tmp_path: Path) -> None:
    """Line ends and what follows do not count."""
    (tmp_path / "token").write_text(f"{TOKEN}\r\n# made yesterday\n", "utf-8")
    assert read_token(tmp_path / "token") == TOKEN


def test_sessions_of_another_process_are_none() -> None:
    """Each process has its own secret."""
    one, other = Access(b"1" * 32, TOKEN), Access(b"2" * 32, TOKEN)
    assert one.session_is_good(one.new_session(100), 101)
    assert not other.session_is_good(one.new_session(100), 101)
    for broken in ("", ".", "1.", "x.y", "²." + "0" * 64, "9" * 5000 + "."):
        assert not one.session_is_good(broken, 0)
