"""Do not call: add many, find one, allow it again, change one's mind."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open, picture
from tests.browser.test_accessibility import violations
from tests.browser.world import World
from tests.processes import wait_until


def kept(caesura: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caesura.dana.get("/do-not-call/+13125550101")
    return found


def test_numbers_are_added_found_allowed_again_and_brought_back(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/do-not-call")
    page.get_by_role("button", name="Add numbers").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Numbers", exact=True).fill("312-555-0101\n12\n312-555-0102")
    dialog.get_by_role("button", name="Add 3 numbers").click()
    expect(dialog.get_by_text("'12'")).to_be_visible()
    dialog.get_by_label("Numbers", exact=True).fill("312-555-0101\n415-555-0102")
    dialog.get_by_label("Where this comes from").fill("a letter")
    dialog.get_by_role("combobox", name="Over").click()
    page.get_by_role("option", name="SMS").click()
    picture(page, "do-not-call-add")
    dialog.get_by_role("button", name="Add 2 numbers").click()
    expect(dialog).to_be_hidden()
    mine = page.get_by_role("row", name="+13125550101")
    other = page.get_by_role("row", name="+14155550102")
    expect(mine).to_contain_text("a letter")
    expect(mine).to_contain_text("SMS")
    expect(other).to_be_visible()
    picture(page, "do-not-call")
    picture(open_page("/do-not-call", size=PHONE), "do-not-call-phone")

    page.get_by_label("Search by number").fill("+1 (312)")
    expect(other).to_have_count(0)
    caesura.dana.send("POST", "/do-not-call", phone="+13125550101", channel="voice")
    page.get_by_role("button", name="Allow +13125550101 again: SMS").click()
    expect(mine).to_have_count(1)
    wait_until(
        lambda: [each["channel"] for each in kept(caesura)] == ["voice"], 10, lambda: "still kept"
    )
    page.get_by_role("button", name="Undo").click()
    expect(mine.filter(has_text="SMS")).to_contain_text("a letter")
    assert len(kept(caesura)) == 2
    page.get_by_label("Search by number").fill("+999")
    expect(page.get_by_text("No such number is kept here")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_do_not_call_has_no_serious_violation(caesura: World, open_page: Open, theme: str) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    caesura.dana.send("POST", "/do-not-call", phone="+13125550199")
    page = open_page("/do-not-call", theme=theme)
    expect(page.get_by_role("row", name="+13125550199")).to_be_visible()
    assert violations(page) == []


def test_do_not_call_fits_a_phone(caesura: World, open_page: Open) -> None:
    caesura.dana.send("POST", "/do-not-call", phone="+13125550198")
    page = open_page("/do-not-call", size=PHONE)
    expect(page.get_by_role("row", name="+13125550198")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
