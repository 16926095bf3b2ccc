"""The wallboard: what runs and what is paused, live, on a big screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.test_accessibility import violations
from tests.browser.world import World

BIG = {"width": 1920, "height": 1080}


def theme_of(page: Page) -> object:
    return page.evaluate("document.documentElement.dataset.mantineColorScheme")


def fits(page: Page, *, also_downwards: bool) -> bool:
    """Whether nothing is out of sight to the right (and below)."""
    across = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    down = page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    return bool(across and (down or not also_downwards))


def test_it_is_found_in_the_navigation_and_follows_a_pause(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page()
    page.get_by_role("link", name="Wallboard").click()
    expect(page).to_have_title("Wallboard · Caesura")
    expect(page.get_by_role("navigation", name="Main")).to_have_count(0)
    row = page.get_by_role("row", name="spring")
    expect(row).to_contain_text("Running")
    caesura.dana.send("POST", "/campaigns/spring/pause")
    expect(row).to_contain_text("Paused")
    expect(page.get_by_text("Click to last call")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Within the thresholds")).to_be_visible()
    expect(page.get_by_role("time")).to_contain_text("GMT+")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()


def test_an_alarm_is_shown_in_words(caesura: World, open_page: Open, spring: str) -> None:
    caesura.dana.send("POST", "/campaigns/spring/pause")
    strict = {"alarm_confirmation_ms": 0.001}
    before = caesura.dana.get("/system-settings")["settings"]
    any_version = {"If-Match": "*"}
    caesura.dana.request("PUT", "/system-settings", json={**before, **strict}, headers=any_version)
    try:
        page = open_page("/wallboard")
        expect(page.get_by_role("status").get_by_text("Alarm")).to_be_visible()
        expect(page.get_by_text("Click to confirmed silence: p99 is")).to_be_visible()
    finally:
        caesura.dana.request("PUT", "/system-settings", json=before, headers=any_version)


def test_it_says_that_it_is_not_live_any_more(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page("/wallboard")
    expect(page.get_by_role("row", name="spring")).to_be_visible()
    page.route("**/api/v1/events", lambda route: route.abort())
    caesura.node.kill("web")
    expect(page.get_by_role("alert")).to_contain_text("Not live since")
    page.unroute("**/api/v1/events")
    expect(page.get_by_role("alert")).to_be_empty()


def test_it_is_dark_unless_this_screen_chose_otherwise_and_so_is_nothing_else(
    caesura: World, open_page: Open, spring: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme="light")
    page = open_page("/wallboard")
    expect(page.get_by_role("row", name="spring")).to_be_visible()
    assert theme_of(page) == "dark"
    page.get_by_role("button", name="Use the light theme").click()
    page.reload()
    expect(page.get_by_role("button", name="Use the dark theme")).to_be_visible()
    assert theme_of(page) == "light"
    page.get_by_role("button", name="Use the dark theme").click()
    page.get_by_role("link", name="back to the campaigns").click()
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
    assert theme_of(page) == "light"


@pytest.mark.parametrize("size", [WIDE, BIG, PHONE])
def test_it_fits_without_a_serious_violation(
    open_page: Open, spring: str, size: dict[str, int]
) -> None:
    page = open_page("/wallboard", size=size)
    expect(page.get_by_role("row", name="spring")).to_be_visible()
    expect(page.get_by_text("Pause promise")).to_be_visible()
    assert fits(page, also_downwards=size is not PHONE)
    found = {"dark": violations(page)}
    page.get_by_role("button", name="Use the light theme").click()
    found["light"] = violations(page)
    assert found == {"dark": [], "light": []}
