"""Reports: the figures of a period are those of the API, and come as CSV."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open
from tests.browser.test_accessibility import violations
from tests.browser.world import World
from tests.processes import wait_until


@pytest.fixture
def called(caesura: World) -> int:
    """Some calls were received, and nothing moves any more; how many."""
    caesura.run("autumn")
    wait_until(
        lambda: caesura.dana.campaign("autumn")["answered"] > 0,
        20,
        lambda: str(caesura.dana.campaign("autumn")),
    )
    caesura.dana.send("POST", "/campaigns/autumn/pause", drain="hang_up_all")
    caesura.silent("autumn")
    return int(caesura.dana.campaign("autumn")["received"])


def test_the_figures_of_today_are_shown_and_exported(
    caesura: World, open_page: Open, called: int, tmp_path: Path
) -> None:
    page = open_page("/reports")
    page.get_by_text("Last 7 days").click()
    row = page.get_by_role("row", name="autumn")
    expect(row).to_contain_text(str(called))
    page.get_by_role("combobox", name="Campaign").click()
    page.get_by_role("option", name="autumn").click()
    received = page.get_by_text("Received calls", exact=True).locator("xpath=..")
    expect(received).to_contain_text(str(called))
    expect(page.get_by_role("img", name=f"{called} received calls")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    file = tmp_path / "report.csv"
    download.value.save_as(file)
    rows = {each["name"]: each for each in csv.DictReader(file.read_text().splitlines())}
    assert int(rows["autumn"]["received"]) == called


def test_a_period_without_calls_says_what_to_do(open_page: Open) -> None:
    page = open_page("/reports")
    page.get_by_text("Own", exact=True).click()
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("Until").fill("2020-01-02")
    expect(page.get_by_text("Nothing was called in this time")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_reports_have_no_serious_violation(
    caesura: World, open_page: Open, called: int, theme: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page("/reports", theme=theme)
    expect(page.get_by_role("row", name="autumn")).to_contain_text(str(called))
    expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    assert violations(page) == []


def test_the_reports_fit_a_phone(open_page: Open, called: int) -> None:
    page = open_page("/reports", size=PHONE)
    expect(page.get_by_role("row", name="autumn")).to_contain_text(str(called))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
