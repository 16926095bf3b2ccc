"""A new campaign: what will happen is shown before, and is what happens."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.test_accessibility import violations
from tests.browser.world import World
from tests.processes import wait_until


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def fill_in(page: Page, name: str) -> None:
    """Everything up to the last step."""
    page.get_by_label("Name", exact=True).fill(name)
    go_on(page)
    page.get_by_role("checkbox", name="winter-list").check()
    expect(page.get_by_text("1 list, 100 contacts")).to_be_visible()
    go_on(page)
    page.get_by_role("combobox", name="Recording").click()
    page.get_by_role("option", name="message").click()
    expect(page.get_by_role("button", name="Listen to message")).to_be_visible()
    go_on(page)
    page.get_by_role("combobox", name="Calling numbers").click()
    page.get_by_role("option", name="+14155550100").click()
    page.keyboard.press("Escape")
    go_on(page)
    page.get_by_role("button", name="Always").click()
    go_on(page)
    page.get_by_label("Calls at once").fill("4")
    go_on(page)


def forget_trunk(page: Page) -> None:
    """Empty the trunks, whatever was chosen."""
    steps = page.get_by_role("navigation", name="Steps")
    steps.get_by_role("button", name="Numbers and trunks").click()
    page.get_by_role("combobox", name="Trunks").focus()
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")


def test_the_last_step_shows_what_will_happen_and_start_makes_it_happen(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/campaigns")
    page.get_by_role("link", name="New campaign").first.click()
    fill_in(page, "made by hand")
    forget_trunk(page)
    page.get_by_role("button", name="What will happen").click()
    expect(page.get_by_text("Before it can start")).to_be_visible()
    expect(page.get_by_role("button", name="Create and start")).to_be_disabled()
    page.get_by_role("button", name="Go to Numbers and trunks").click()
    # The only trunk that there is, is chosen by itself.
    expect(page.get_by_role("group", name="Numbers and trunks")).to_contain_text("practice")
    page.get_by_role("button", name="What will happen").click()
    expect(page.get_by_text("Before it can start")).to_have_count(0)
    due = page.get_by_text("due now", exact=True).locator("xpath=..")
    expect(due).to_contain_text("100")

    page.get_by_role("button", name="Create and start").click()
    expect(page.get_by_role("heading", name="made by hand", exact=True)).to_be_visible()
    wait_until(
        lambda: caesura.dana.campaign("made%20by%20hand")["launched"] > 0,
        15,
        lambda: str(caesura.dana.campaign("made%20by%20hand")),
    )
    made = caesura.dana.campaign("made%20by%20hand")
    assert (made["status"], made["leads"]["total"], made["lists"]) == (
        "running",
        100,
        ["winter-list"],
    )
    settings = caesura.dana.get("/campaigns/made%20by%20hand/settings")["settings"]
    assert settings["pacing"]["concurrency"] == 4
    caesura.dana.send("POST", "/campaigns/made%20by%20hand/terminate", drain="hang_up_all")


def test_closed_hours_are_told_by_zone_and_the_draft_waits(caesura: World, open_page: Open) -> None:
    page = open_page("/campaigns/new")
    fill_in(page, "later")
    page.get_by_role("button", name="Hours").click()
    page.get_by_role("button", name="Every day 8–21").click()
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        # A minute before midnight: closed now, wherever the callee is and whenever this runs
        # (but for that minute), and open within a day.
        page.get_by_label(f"{day} from").fill("23:59")
        page.get_by_label(f"{day} to").fill("24:00")
    page.get_by_role("button", name="What will happen").click()
    opens = page.get_by_role("table", name="When the hours open")
    expect(opens.get_by_role("row").nth(1)).to_contain_text("23:59")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("heading", name="later", exact=True)).to_be_visible()
    assert caesura.state("later") == "draft"
    assert caesura.dana.get("/campaigns/later/settings")["settings"]["hours"]["weekly"]["sun"] == [
        ["23:59", "24:00"]
    ]


def test_a_draft_of_the_wizard_survives_a_look_at_another_page(open_page: Open) -> None:
    page = open_page("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("half done")
    go_on(page)
    page.get_by_role("link", name="Lists").click()
    expect(page.get_by_role("heading", name="Lists", exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Name").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("half done")


def test_a_name_that_is_taken_is_said_at_once(open_page: Open) -> None:
    page = open_page("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Spring")
    expect(page.get_by_text("There is a campaign of this name.")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_disabled()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_step_has_a_serious_violation(caesura: World, open_page: Open, theme: str) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page("/campaigns/new", theme=theme)
    page.get_by_label("Name", exact=True).fill("for all eyes")
    found = {}
    steps = page.get_by_role("navigation", name="Steps").get_by_role("button")
    for at in range(steps.count()):
        steps.nth(at).click()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        found[at] = violations(page)
    assert {at: what for at, what in found.items() if what} == {}


def test_the_wizard_fits_a_phone(open_page: Open) -> None:
    page = open_page("/campaigns/new", size=PHONE)
    page.get_by_label("Name", exact=True).fill("small")
    steps = page.get_by_role("navigation", name="Steps").get_by_role("button")
    for at in range(steps.count()):
        steps.nth(at).click()
        expect(page.get_by_role("status", name="Loading")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), at
