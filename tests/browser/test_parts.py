"""Pausing a part of a campaign: chosen in the dialog, shown on the page, resumed from there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.test_reference_use import badge, the_button
from tests.browser.world import World


def test_a_state_is_paused_shown_everywhere_and_resumed(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    dialog = page.get_by_role("dialog", name="Pause spring?")
    dialog.get_by_text("A part of it").click()
    dialog.get_by_role("button", name="Pause this part").click()
    expect(dialog.get_by_text("Choose at least one part.")).to_be_visible()
    picker = dialog.get_by_label("Which parts")
    picker.click()
    page.get_by_role("option", name=re.compile("^US-CA")).click()
    expect(dialog.get_by_text(re.compile(r"Covers [\d,]+ leads, "))).to_be_visible()
    dialog.get_by_label("Reason").fill("wildfire")
    dialog.get_by_role("button", name="Pause this part").click()
    parts = page.get_by_role("region", name="Paused parts")
    expect(parts.get_by_text("State US-CA")).to_be_visible()
    expect(parts).to_contain_text("by admin")
    expect(parts).to_contain_text("“wildfire”")
    badge(page, "Running")
    holds = caesura.dana.campaign("spring")["holds"]
    assert [(hold["scope"], hold["value"]) for hold in holds] == [("region", "US-CA")]

    parts.get_by_role("button", name="Receipt").click()
    receipt = page.get_by_role("dialog")
    expect(receipt.get_by_text("Pause of a part, spring")).to_be_visible()
    expect(receipt.get_by_text("State US-CA")).to_be_visible()
    page.keyboard.press("Escape")

    other = open_page("/campaigns")
    expect(other.get_by_text("1 part paused")).to_be_visible()
    page.goto(page.url.rstrip("/") + "/history")
    expect(page.get_by_role("row", name=re.compile("A part is paused.*wildfire"))).to_be_visible()
    page.get_by_role("button", name="Resume State US-CA").click()
    expect(parts).to_be_hidden()
    expect(other.get_by_text("1 part paused")).to_be_hidden()
    assert caesura.dana.campaign("spring")["holds"] == []


def test_a_tick_that_the_choice_of_a_part_hides_is_not_kept(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    dialog = page.get_by_role("dialog", name="Pause spring?")
    dialog.get_by_label("Do not ask me again").check()
    dialog.get_by_text("A part of it").click()
    dialog.get_by_label("Which parts").click()
    page.get_by_role("option", name=re.compile("^spring-list")).click()
    dialog.get_by_label("Reason").fill("a look first")
    dialog.get_by_role("button", name="Pause this part").click()
    resume = page.get_by_role("button", name="Resume List spring-list")
    expect(resume).to_be_enabled()
    assert caesura.dana.get("/session/preferences")["dont_ask_before_pause"] is False
    resume.click()
    expect(resume).to_be_hidden()
