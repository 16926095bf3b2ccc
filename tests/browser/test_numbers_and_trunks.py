"""Numbers and trunks: add, change, remove, undo; a password goes in and is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open
from tests.browser.test_accessibility import violations
from tests.browser.world import World
from tests.whole import material

SECRET = "open sesame 42"


def test_a_trunk_is_added_with_a_password_that_no_page_and_no_answer_shows(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/numbers")
    seen: list[str] = []
    page.on("response", lambda answer: seen.append(answer.url) if "/trunks" in answer.url else None)
    page.get_by_role("button", name="Add a trunk").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("second carrier")
    dialog.get_by_label("Host").fill("127.0.0.1")
    dialog.get_by_label("User name").fill("caesura")
    dialog.get_by_label("Password").first.fill(SECRET)
    dialog.get_by_label("Calls at once").fill("40")
    dialog.get_by_role("button", name="Add the trunk").click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("row", name="second carrier")
    expect(row).to_contain_text("with password")
    made = caesura.dana.get("/trunks/second%20carrier")
    assert (made["has_password"], made["max_channels"]) == (True, 40)

    page.get_by_role("button", name="Change second carrier").click()
    dialog.get_by_label("Calls at once").fill("50")
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("50")
    assert caesura.dana.get("/trunks/second%20carrier")["has_password"], "left alone, it stays"
    assert SECRET not in page.content()
    assert seen
    assert SECRET not in str(caesura.dana.get("/trunks"))

    page.get_by_role("button", name="Remove second carrier").click()
    dialog.get_by_label("Type second carrier to confirm").fill("second carrier")
    dialog.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_trunk_that_a_campaign_uses_is_not_removed_and_its_health_is_said(
    open_page: Open,
) -> None:
    page = open_page("/numbers")
    row = page.get_by_role("row", name="practice")
    expect(row).to_contain_text("Answers")
    page.get_by_role("button", name="Remove practice").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type practice to confirm").fill("practice")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    page.keyboard.press("Escape")
    expect(row).to_be_visible()


def test_a_calling_number_is_added_removed_and_brought_back(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/numbers")
    page.get_by_role("button", name="Add a number").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Number", exact=True).fill("12")
    dialog.get_by_role("button", name="Add the number").click()
    expect(dialog).to_contain_text("12")
    expect(dialog.get_by_label("Number", exact=True)).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Number", exact=True).fill("+1 212 555 0155")
    dialog.get_by_label("Label").fill("New York")
    dialog.get_by_role("button", name="Add the number").click()
    row = page.get_by_role("row", name="+12125550155")
    expect(row).to_contain_text("New York")
    page.get_by_role("button", name="Remove +12125550155").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("New York")
    assert caesura.dana.get("/numbers/+12125550155")["label"] == "New York"


def test_a_recording_is_uploaded_played_and_removed(open_page: Open, tmp_path: Path) -> None:
    wav = material.message(tmp_path / "greeting.wav", 2.0)
    page = open_page("/numbers")
    page.locator("input[type=file]").set_input_files(wav)
    row = page.get_by_role("row", name="greeting")
    expect(row).to_contain_text("00:02")
    page.get_by_role("button", name="Listen to greeting").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('audio')].some((audio) => audio.currentTime > 0)"
    )
    page.get_by_role("button", name="Remove greeting").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type greeting to confirm").fill("greeting")
    dialog.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_and_trunks_have_no_serious_violation(
    caesura: World, open_page: Open, theme: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page("/numbers", theme=theme)
    expect(page.get_by_role("row", name="practice")).to_contain_text("Answers")
    assert violations(page) == []
    page.get_by_role("button", name="Add a trunk").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(300)  # the dialog fades in
    assert violations(page) == []


def test_numbers_and_trunks_fit_a_phone(open_page: Open) -> None:
    page = open_page("/numbers", size=PHONE)
    expect(page.get_by_role("row", name="practice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
