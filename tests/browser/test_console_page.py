"""The alert page in a browser: keys, live alerts, hostile names, both themes, accessibility, nothing from elsewhere."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SOON_MS = 2000
"""Within which a new alert stands on the page: the promise that is held here."""
CALM_MS = 15_000
"""For all else that a page shows by itself: a loaded machine draws late, and that is no fault of the page's."""


def expect(target: Any) -> Any:
    """Playwright's waiting assertions, imported when a browser is there."""
    from playwright.sync_api import expect as waiting

    return waiting(target)


def selected(page: Any) -> Any:
    return page.locator("#feed [aria-selected=true]")


def test_an_empty_store_says_so_and_the_first_alert_appears_by_itself(
    world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """No alerts, no error; what is recorded while the page is open is there within two seconds."""
    page = open_page()
    expect(page.locator("#feed")).to_contain_text("No alerts yet")
    expect(page.locator("#link")).to_have_text("connected")
    began = time.monotonic()
    world.record(alert(1, severity="critical", name="FIRST LIGHT"))
    expect(page.locator("#row-rv-00001")).to_contain_text("FIRST LIGHT", timeout=SOON_MS)
    assert time.monotonic() - began < SOON_MS / 1000
    expect(page.locator("#announce")).to_contain_text("New alert: critical, FIRST LIGHT")
    expect(page).to_have_title("(1) shipwatch")


def test_a_later_revision_replaces_the_row_and_the_evidence(
    world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """One row an alert; what is being read is brought up to date."""
    world.record(alert(1, severity="notice"))
    page = open_page()
    expect(page.locator("#evidence .crumb")).to_contain_text("revision 1")
    world.record(alert(1, revision=2, severity="critical"))
    expect(page.locator("#row-rv-00001")).to_have_class(re.compile("critical"), timeout=CALM_MS)
    expect(page.locator("#evidence .crumb")).to_contain_text("revision 2", timeout=CALM_MS)
    expect(page.locator("#feed [role=option]")).to_have_count(1)


def test_keys_walk_and_decide_and_take_back(
    world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """j and k walk, a acknowledges, d and a digit dismiss with the reason, u takes back; all of it is in the log."""
    world.record(*(alert(n, minutes=n) for n in range(1, 6)))
    page = open_page()
    expect(selected(page)).to_have_id("row-rv-00005")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(selected(page)).to_have_id("row-rv-00003")
    page.keyboard.press("k")
    expect(selected(page)).to_have_id("row-rv-00004")
    expect(page.locator("#evidence .crumb")).to_contain_text("rv-00004")
    page.keyboard.press("a")
    expect(page.locator("#triage-state")).to_have_text("under review")
    expect(page.locator("#row-rv-00004 .triage")).to_have_text("under review")
    page.keyboard.press("d")
    page.keyboard.press("2")
    expect(page.locator("#triage-state")).to_have_text("dismissed")
    expect(page.locator("#evidence .log").last).to_contain_text("tug, pilot or service craft")
    page.keyboard.press("u")
    expect(page.locator("#triage-state")).to_have_text("under review")
    page.keyboard.press("u")
    expect(page.locator("#triage-state")).to_have_text("new")
    log = world.ledger.triage_of("rv-00004")
    assert [entry.action for entry in log] == ["under_review", "dismissed", "undo", "undo"]
    assert {entry.by for entry in log} == {"A. Tester"}
    assert world.ledger.verify_log() == []


def test_single_key_shortcuts_can_be_switched_off_and_leave_fields_alone(
    world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """WCAG 2.1.4: a switch that lasts; letters typed into a field are letters; controls say which key they have."""
    world.record(alert(1), alert(2, minutes=1))
    page = open_page()
    acknowledge = page.get_by_role("button", name="Acknowledge")
    expect(acknowledge).to_have_attribute("aria-keyshortcuts", "a")
    page.keyboard.press("/")
    page.keyboard.type("ajd?")
    expect(page.locator("#search")).to_have_value("ajd?")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.get_by_role("switch", name="Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Close").last.click()
    before = selected(page).get_attribute("id")
    for key in ("j", "a", "d", "u", "?"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert selected(page).get_attribute("id") == before
    assert world.ledger.triage_since(0) == []
    assert acknowledge.get_attribute("aria-keyshortcuts") is None
    page.reload()
    page.locator("html[data-ready=yes]").wait_for(state="attached")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()
    page.locator("#feed").focus()
    page.keyboard.press("ArrowDown")
    expect(selected(page)).to_have_id("row-rv-00001")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("</script><script>alert(1)</script>", "</script><script>alert(1)</script>"),
        ("\u202eRATS AES", "RATS AES"),
        ("=CMD|'/C calc'!A0", "=CMD|'/C calc'!A0"),
        ("SHIP \U0001f6a2\U00020000", "SHIP \U0001f6a2\U00020000"),
        ("\u05d0\u05e0\u05d9\u05d4 ABC", "\u05d0\u05e0\u05d9\u05d4 ABC"),
    ],
)
def test_hostile_names_are_plain_text(
    world: Any, alert: Callable[..., Any], met: Callable[..., Any], open_page: Callable[..., Any], name: str, shown: str
) -> None:
    """In the feed, the evidence, the map's labels and the live announcement: text, in its own direction, no markup."""
    world.archive.append(met(1))
    world.record(alert(1, name=name))
    page = open_page()
    expect(page.locator("#row-rv-00001 .who")).to_contain_text(shown)
    expect(page.locator("#evidence .title")).to_contain_text(shown)
    expect(page.locator(".leaflet-tooltip").first).to_contain_text(shown)
    expect(page.locator("#row-rv-00001 bdi").first).to_have_text(shown)
    world.record(alert(2, name=name, minutes=5))
    expect(page.locator("#announce")).to_contain_text(shown, timeout=CALM_MS)
    assert page.locator("#feed img, #evidence img, .leaflet-tooltip img, #announce img").count() == 0
    assert page.locator("script").count() == 3


def test_the_evidence_holds_what_an_analyst_asks(
    world: Any, alert: Callable[..., Any], met: Callable[..., Any], open_page: Callable[..., Any]
) -> None:
    """Finding, position twice, reasons with weights, ships with "not sent", list match, intervals, rules, plots."""
    world.archive.append(met(1))
    world.record(alert(1))
    page = open_page()
    panel = page.locator("#evidence")
    for text in (
        "Suspected ship-to-ship transfer: INVENTED 1 and MMSI 538000002", "38°12.00'N 123°54.00'E",
        "38.20000, 123.90000", "+60", "\u221230", "The hulls lay side by side", "not sent", "listed when they met",
        "2 h 30 min observed", "50 min inferred from sparse reports", "enter distance below 31 m",
        "sha256:0123456789abcdef", "does not show that anything was transferred",
        "owner: INVENTED SHIPPING <b> (company IMO 5434358)", "An Invented List; An Office; CC BY-NC 4.0",
        "non-commercial use only",
    ):  # fmt: skip
        expect(panel).to_contain_text(text)
    assert "robable" not in panel.inner_text()
    assert "object" not in panel.inner_text()
    expect(panel.locator("svg[role=img]")).to_have_count(2)
    expect(panel.locator("svg .band.inferred")).to_have_count(2)
    expect(panel.locator("svg .distance.sparse")).to_have_count(1)
    slider = page.locator("#moment")
    expect(slider).to_be_enabled()
    expect(page.locator("#moment-text")).to_contain_text("apart")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#moment-text")).to_contain_text("UTC")


def test_filters_hide_and_show(world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    """By severity, by state, by text; what is dismissed leaves the open list."""
    world.record(alert(1, severity="critical", name="ALPHA"), alert(2, severity="notice", name="BRAVO", minutes=1))
    page = open_page()
    rows = page.locator("#feed [data-id]")
    expect(rows).to_have_count(2)
    page.locator("#search").fill("alpha")
    page.locator("#row-rv-00001").click()
    expect(rows).to_have_count(1)
    page.locator("#search").fill("")
    expect(rows).to_have_count(2)
    page.locator("[data-severity=notice]").click()
    expect(rows).to_have_count(1)
    page.locator("[data-severity=notice]").click()
    page.get_by_role("button", name="Dismiss…").click()
    page.locator("#dismiss-reasons button").nth(3).click()
    expect(page.locator("#triage-state")).to_have_text("dismissed")
    page.locator("#row-rv-00002").click()
    expect(rows).to_have_count(1)
    page.locator("#triage-filter").select_option("all")
    expect(rows).to_have_count(2)


def test_two_windows_see_one_another(world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    """A decision in one is in the other within two seconds; a clash is told."""
    world.record(alert(1))
    one, other = open_page(), open_page()
    expect(other.locator("#triage-state")).to_have_text("new")
    one.get_by_role("button", name="Likely", exact=True).click()
    expect(other.locator("#triage-state")).to_have_text("likely", timeout=CALM_MS)


def test_the_feeds_of_a_watch_stand_in_the_head_of_the_page(world: Any, chromium: Any) -> None:
    """With `watch --console`: how many are connected, how far behind, and what was lost."""
    from dataclasses import replace

    from shipwatch.console.serve import ConsoleServer

    health = {"lag_s": 2.4, "problem": None, "feeds": [{"state": "connected", "dropped": 0}, {"state": "waiting"}]}
    with ConsoleServer(replace(world.parts, feed_health=lambda: health), port=0) as server:
        page = chromium.new_context().new_page()
        page.goto(server.url)
        expect(page.locator("#feeds")).to_have_text("1 of 2 feeds connected, lag 2 s")
        page.context.close()


def test_thousands_of_alerts(world: Any, alert: Callable[..., Any], open_page: Callable[..., Any]) -> None:
    """The page opens as fast as with ten; older ones come by scrolling; walking stays quick."""
    world.record(*(alert(n, minutes=-n, lat=-40 + n % 80, lon=-170 + n % 340) for n in range(1, 3001)))
    began = time.monotonic()
    page = open_page()
    rows = page.locator("#feed [data-id]")
    expect(rows).to_have_count(200)
    assert time.monotonic() - began < 10
    began = time.monotonic()
    for _ in range(20):
        page.keyboard.press("j")
    expect(selected(page)).to_have_id("row-rv-00021")
    assert time.monotonic() - began < 6
    page.locator("#feed").evaluate("feed => { feed.scrollTop = feed.scrollHeight; }")
    expect(rows).to_have_count(400)


def test_a_console_with_a_token_asks_for_it(world: Any, alert: Callable[..., Any], chromium: Any) -> None:
    """The login page, a wrong token, the right one; the token never stands in an address."""
    from dataclasses import replace

    from shipwatch.console.serve import ConsoleServer

    world.record(alert(1))
    token = "a-token-of-thirty-two-characters"
    with ConsoleServer(replace(world.parts, token=token), port=0) as server:
        context = chromium.new_context(color_scheme="light")
        page = context.new_page()
        addresses: list[str] = []
        page.on("request", lambda asked: addresses.append(asked.url))
        page.goto(server.url)
        expect(page).to_have_url(server.url + "login")
        page.get_by_label("Token of this console").fill("wrong")
        page.get_by_role("button", name="Enter").click()
        expect(page.get_by_role("alert")).to_have_text("this is not the token")
        page.get_by_label("Token of this console").fill(token)
        page.get_by_role("button", name="Enter").click()
        expect(page.locator("#row-rv-00001")).to_be_visible()
        expect(page.locator("#link")).to_have_text("connected")
        page.get_by_role("button", name="Acknowledge").click()
        expect(page.locator("#triage-state")).to_have_text("under review")
        assert not [address for address in addresses if token in address or not address.startswith(server.url)]
        context.close()


def test_accessible_in_both_themes(
    world: Any, alert: Callable[..., Any], met: Callable[..., Any], open_page: Callable[..., Any], theme: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    """axe finds nothing against WCAG 2.2 A and AA on the page and in its dialogs; the picture is not blank."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        pytest.fail("axe-playwright-python is not installed (pip install -e '.[dev]')")
    world.archive.append(met(1))
    world.record(*(alert(n, severity=s, minutes=n) for n, s in enumerate(("critical", "warning", "notice"), start=1)))
    page = open_page(theme, path="#rv-00001")
    expect(page.locator("#evidence svg")).to_have_count(2)
    asked = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}

    def check(where: str) -> None:
        found = Axe().run(page, options=asked)
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"

    check("page")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    check("help")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("#dismiss")).to_be_visible()
    check("dismiss")
    page.keyboard.press("Escape")
    picture = tmp_path / f"{theme}.png"
    page.screenshot(path=picture)
    from PIL import Image

    assert len(Image.open(picture).convert("RGB").resize((160, 90)).getcolors(99_999) or ()) > 50
