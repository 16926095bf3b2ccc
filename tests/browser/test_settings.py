"""Settings: the policy, users with a one-time password, keys shown once, machines, preferences."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open
from tests.browser.test_accessibility import violations
from tests.browser.world import World

TABS = ("yours", "everybody", "users", "keys", "notifications", "machines")


def policy(caesura: World) -> object:
    return caesura.dana.get("/system-settings")["settings"]["confirm_pause"]


def test_the_confirmation_policy_is_changed_and_taken_back(caesura: World, open_page: Open) -> None:
    caesura.ask("always")
    page = open_page("/settings/everybody")
    never = page.get_by_role("radio", name="Never")
    never.click()
    expect(never).to_be_checked()
    expect(page.get_by_text("Changed for everybody.")).to_be_visible()
    assert policy(caesura) == "never"
    page.get_by_role("button", name="Undo").click()
    always = page.get_by_role("radio", name="Always")
    expect(always).to_be_checked()
    expect(always).to_be_enabled()  # it is stored, and no longer only asked for
    assert policy(caesura) == "always"


def test_a_new_user_signs_in_with_the_one_time_password_shown_once(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/settings/users")
    page.get_by_role("button", name="Add a user").click()
    page.get_by_role("dialog").get_by_label("Name").fill("fay")
    page.get_by_role("button", name="Add", exact=True).click()
    password = page.get_by_role("dialog").locator("output").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    expect(page.get_by_role("row", name="fay")).to_contain_text("Has not signed in yet")
    assert password not in page.content()

    hers = open_page("/", signed_in=False)
    hers.get_by_label("Name").fill("fay")
    hers.get_by_label("Password").first.fill(password)
    hers.get_by_role("button", name="Sign in").click()
    expect(hers.get_by_role("heading", name="Choose a new password")).to_be_visible()

    page.get_by_role("button", name="Disable fay").click()
    expect(page.get_by_role("row", name="fay")).to_contain_text("Disabled")
    hers.reload()
    expect(hers.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="fay")).to_contain_text("Has not signed in yet")


def test_a_key_is_shown_once_works_and_is_ended(caesura: World, open_page: Open) -> None:
    page = open_page("/settings/keys")
    page.get_by_role("button", name="Make a key").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("crm")
    page.get_by_role("button", name="Make the key").click()
    key = page.get_by_role("dialog").locator("output").inner_text()
    page.get_by_role("button", name="I have kept it").click()

    def status() -> int:
        answer = httpx.get(
            f"{caesura.url}/api/v1/campaigns",
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )
        return answer.status_code

    assert status() == 200
    page.get_by_role("button", name="End the key crm").click()
    page.get_by_label("Type crm to confirm").fill("crm")
    page.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_role("row", name="crm")).to_contain_text("Ended")
    assert status() == 401
    assert key not in page.content()


def test_the_machines_that_dial_are_named(caesura: World, open_page: Open) -> None:
    page = open_page("/settings/machines")
    node = caesura.dana.get("/cells")["items"][0]["node"]
    expect(page.get_by_role("row", name=node)).to_contain_text("ago")


def test_the_machines_show_also_where_every_page_watches_them(
    caesura: World, open_page: Open
) -> None:
    node = caesura.dana.get("/cells")["items"][0]["node"]
    page = open_page("/lists")
    with page.expect_response("**/api/v1/cells"):  # the frame asks for its alarms
        page.reload()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("tab", name="Machines").click()
    expect(page.get_by_role("row", name=node)).to_contain_text("ago")
    page.wait_for_event("response", lambda answer: answer.url.endswith("/api/v1/cells"))
    page.get_by_role("link", name="Lists").click()
    expect(page.get_by_role("heading", name="Lists")).to_be_visible()


def test_a_preferred_time_zone_holds_for_what_is_shown(caesura: World, open_page: Open) -> None:
    page = open_page("/settings")
    page.get_by_role("combobox", name="Time zone").fill("Asia/Tokyo")
    page.get_by_role("option", name="Asia/Tokyo").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Lists").click()
    lists = page.get_by_role("table", name="Lists")
    expect(lists.get_by_role("row", name="spring-list")).to_contain_text("GMT+9")
    caesura.dana.send("PUT", "/session/preferences")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_settings_have_no_serious_violation(
    caesura: World, open_page: Open, theme: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page("/settings", theme=theme)
    found = {}
    for tab in TABS:
        page.goto(f"{caesura.url}/settings/{tab}")
        expect(page.get_by_role("tab", selected=True)).to_be_visible()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        found[tab] = violations(page)
    assert {tab: what for tab, what in found.items() if what} == {}


def test_the_settings_fit_a_phone(caesura: World, open_page: Open) -> None:
    page = open_page("/settings", size=PHONE)
    for tab in TABS:
        page.goto(f"{caesura.url}/settings/{tab}")
        expect(page.get_by_role("tabpanel")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
