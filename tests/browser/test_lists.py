"""Lists: a file becomes a list, its refused rows come back, and a list in use stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.test_accessibility import violations
from tests.browser.world import World

ROWS = """Customer,Mobile phone,City
Ann,(312) 555-0142,Chicago
Bob,415.555.0177,San Francisco
Carl,12,Nowhere
Ann again,312-555-0142,Chicago
"""


def drop(page: Page, file: Path) -> None:
    """Drop the file on the page, as from a file manager."""
    page.evaluate(
        """([text, name]) => {
          const data = new DataTransfer();
          data.items.add(new File([text], name, { type: "text/csv" }));
          for (const kind of ["dragenter", "dragover", "drop"]) {
            document.body.dispatchEvent(
              new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
          }
        }""",
        [file.read_text(), file.name],
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "new_people.csv"
    path.write_text(ROWS)
    return path


def test_a_dropped_file_becomes_a_list_and_its_refused_rows_come_back(
    caesura: World, open_page: Open, file: Path, tmp_path: Path
) -> None:
    page = open_page("/lists")
    expect(page.get_by_role("button", name="Show contacts of spring-list")).to_be_visible()
    drop(page, file)
    becomes = page.get_by_role("table").get_by_role("row")
    expect(becomes.nth(1)).to_contain_text("+13125550142")
    expect(becomes.nth(1)).to_contain_text("America/Chicago")
    expect(becomes.nth(3)).to_contain_text("Refused")
    expect(page.get_by_text("1 of the 4 rows shown is refused")).to_be_visible()
    page.get_by_role("combobox", name="Name of the list").fill("dropped")
    page.get_by_role("combobox", name="What City is").click()
    page.get_by_role("option", name="Leave out").click()
    page.get_by_role("button", name="Import 4 rows").click()

    expect(page.get_by_text("2 contacts are in dropped")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download 1 refused row").click()
    rejected = tmp_path / "rejected.csv"
    download.value.save_as(rejected)
    assert "4,Mobile phone,12" in rejected.read_text()
    found = caesura.dana.get("/lists/dropped/contacts")["items"]
    assert [each["phones"] for each in found] == [["+13125550142"], ["+14155550177"]]
    assert all("City" not in each["attributes"] for each in found)


def test_a_file_without_a_phone_column_asks_which_one_it_is(
    open_page: Open, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("who,where\nAnn,ring at the back\nBob,by letter\n")
    page = open_page("/lists/import")
    page.locator("input[type=file]").set_input_files(odd)
    expect(page.get_by_text("Say which column holds the phone numbers.")).to_be_visible()
    expect(page.get_by_role("cell", name="ring at the back")).to_be_visible()
    expect(page.get_by_role("button", name="Import 3 rows")).to_be_disabled()


def test_a_list_that_a_campaign_has_is_not_deleted_and_the_reason_is_said(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/lists")
    page.get_by_role("button", name="Delete winter-list").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label("Type winter-list to confirm").fill("winter-list")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is used by winter")
    assert caesura.dana.get("/lists/winter-list")["contacts"] == 100


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lists_have_no_serious_violation(
    caesura: World, open_page: Open, file: Path, theme: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page("/lists", theme=theme)
    expect(page.get_by_role("button", name="Show contacts of spring-list")).to_be_visible()
    assert violations(page) == []
    page.goto(caesura.url + "/lists/import")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("button", name="Import 4 rows")).to_be_visible()
    assert violations(page) == []


def test_the_lists_fit_a_phone(open_page: Open) -> None:
    page = open_page("/lists", size=PHONE)
    expect(page.get_by_role("button", name="Show contacts of spring-list")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
