"""The status page in a real browser: what it shows, and that it refreshes itself."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from clocks import WallClock
from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Emulator

# Longer than the usual 5 s, since the machine may be busy with other tests.
expect.set_options(timeout=60_000)

_BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable")


def _chromium() -> str:
    on_path = filter(None, map(shutil.which, _BROWSERS))
    found = os.environ.get("CHROMIUM") or next(on_path, None)
    # A check that is skipped is none.
    assert found, "there is no Chromium: run the tests by scripts/test, which gets one"
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run a headless Chromium."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=_chromium())
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, emulator: Emulator) -> Iterator[Page]:
    """Open the emulator's page; in the end nothing was reached but it, and nothing went wrong."""
    context = browser.new_context()
    opened = context.new_page()
    reached: list[str] = []
    troubles: list[str] = []
    opened.on("request", lambda request: reached.append(request.url))
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("dialog", lambda dialog: troubles.append(dialog.message))
    opened.goto(emulator.url)
    yield opened
    context.close()
    assert set(reached) == {f"{emulator.url}/"}
    assert troubles == []


def test_a_life_without_a_reload(page: Page, client: Client, clock: WallClock) -> None:
    """A library appears, becomes active and is deleted while the page is open."""
    expect(page.locator("#libraries")).to_have_text("No libraries yet. CreateFpShotDB creates one.")
    page.evaluate("window.loadedOnce = true")
    library = client.create("songs")
    row = page.get_by_role("row", name=library)
    expect(row.get_by_role("cell")).to_have_text(
        ["songs", library, "video (12)", "cn-shanghai", "offline", "0"]
    )
    clock.advance(3)
    expect(row).to_contain_text("active")
    client.control("POST", f"libraries/{library}/files", {"count": 2})
    expect(row.get_by_role("cell").last).to_have_text("2")
    client.delete(library)
    expect(page.locator("#jobs")).to_contain_text("Queuing")
    clock.advance(3)
    expect(row).to_contain_text("deleted")
    expect(page.locator("#jobs")).to_contain_text("Success")
    expect(page.locator("#calls tbody tr")).to_have_count(2)
    assert page.evaluate("window.loadedOnce")


def test_no_other_script_runs(browser: Browser, client: Client) -> None:
    """Even if markup got into the page as such, the policy would keep its scripts from running."""
    page = browser.new_page()
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    page.goto(client.url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<a onclick=\"hit = 1\">x</a>')")
    page.get_by_text("x", exact=True).click()
    assert page.evaluate("typeof hit") == "undefined"
    assert "Content Security Policy" in blocked[0]
    page.close()


def test_a_selection_stays(page: Page, client: Client) -> None:
    """What has not changed is left alone, so that an ID can be copied while calls come in."""
    library = client.create("songs")
    cell = page.get_by_role("cell", name=library)
    cell.dblclick()
    client.ok("QueryFpDBDeleteJobList")
    expect(page.locator("#calls tbody tr")).to_have_count(2)
    assert page.evaluate("getSelection().toString()") == library


def test_the_end_of_the_emulator(browser: Browser, clock: WallClock) -> None:
    """When the emulator has ended, the page says so and keeps what it showed."""
    with Emulator(clock=clock) as emulator:
        library = Client(emulator.url, clock).create("songs")
        page = browser.new_page()
        page.goto(emulator.url)
        expect(page.get_by_role("status")).to_have_text("Live")
    expect(page.get_by_role("status")).to_contain_text("No answer from the emulator. As of ")
    expect(page.get_by_role("cell", name=library)).to_be_visible()
    page.close()


def test_without_javascript(browser: Browser, client: Client) -> None:
    """Without scripts the page reloads itself."""
    page = browser.new_page(java_script_enabled=False)
    page.goto(client.url)
    library = client.create("songs")
    expect(page.get_by_role("cell", name=library)).to_be_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_every_screen(browser: Browser, client: Client, width: int, scheme: str) -> None:
    """Nothing is cut off on a phone, and text has enough contrast in both schemes."""
    client.create("n" * 300)
    client.call("a" * 300)
    client.create("songs", Description="d")
    page = browser.new_page(
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page.goto(client.url)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(_LOWEST_CONTRAST) >= 4.5
    assert page.get_by_role("table").count() == 2
    page.close()


# The least contrast of any text with its ground, as WCAG 2 reckons it.
_LOWEST_CONTRAST = """() => {
  const channel = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((value) => channel(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : color;
  };
  const texts = [...document.body.querySelectorAll("*")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return Math.min(...texts.filter((element) => element.tagName !== "SCRIPT").map((element) => {
    const [ink, paper] = [getComputedStyle(element).color, ground(element)].map(luminance);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }));
}"""
