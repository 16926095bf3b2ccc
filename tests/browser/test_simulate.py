"""A shift is simulated on the page: its figures are those of the API; refused, cancelled, kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, picture
from tests.browser.test_accessibility import violations
from tests.browser.world import World
from tests.processes import wait_until


def _describe(page: Page, agents: int, hours: float) -> None:
    expect(page.get_by_text("What would a shift come to?")).to_be_visible()
    page.get_by_label("Agents of group 1").fill(str(agents))
    page.get_by_label("Hours", exact=True).fill(str(hours))
    page.get_by_label("Hours", exact=True).press("Tab")


def _run(page: Page) -> None:
    page.get_by_role("button", name="Run the simulation").click()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0, timeout=60_000)


def _figure(page: Page, row: str, column: int) -> str:
    cells = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=row))
    return cells.get_by_role("cell").nth(column).inner_text()


def test_a_small_shift_is_computed_compared_and_kept_over_a_reload(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/simulate")
    _describe(page, 6, 0.3)
    page.get_by_role("checkbox", name="Predictive").uncheck()
    page.get_by_role("checkbox", name="A fixed ratio").check()
    page.get_by_label("Ringing per free agent").fill("9")
    page.get_by_role("switch", name="Leads do not run out").uncheck()
    page.get_by_label("Leads", exact=True).fill("40")
    _run(page)
    expect(page.get_by_role("columnheader", name="A fixed ratio")).to_be_visible()
    run = re.search(r"run=([0-9a-f-]+)", page.url)
    assert run is not None
    found = caesura.dana.get(f"/simulations/{run[1]}")
    assert [each["pacing"] for each in found["results"]] == ["progressive", "ratio:9"]
    for column, figures in enumerate(found["results"]):
        talks = f"{100 * figures['talk_occupancy']:.1f}%"
        assert _figure(page, "Agents talk", column).strip() == talks
        waits = f"{figures['wait_s']:.2f} s"
        assert waits in _figure(page, "Callers wait for an agent", column)
        us = f"{100 * figures['us_abandonment']:.2f}%"
        shown = _figure(page, "Abandoned, US formula", column)
        assert us in shown
        assert ("over 3.0%" in shown) == (figures["us_abandonment"] > 0.03)
        assert ("left" if figures["leads_left"] else "done") in _figure(page, "List", column)
    # Nine calls for each free agent lose callers: that this is marked is seen, not supposed.
    assert found["results"][1]["us_abandonment"] > 0.03
    expect(page.get_by_role("img", name=re.compile("^Agents talk: Progressive"))).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Abandoned so far"))).to_be_visible()
    picture(page, "simulate-wide")
    page.reload()
    expect(page.get_by_role("columnheader", name="A fixed ratio")).to_be_visible()
    expect(page.get_by_label("Agents of group 1")).to_have_value("6")
    expect(page.get_by_label("Leads", exact=True)).to_have_value("40")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    picture(page, "simulate-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_wrong_is_said_at_its_field(open_page: Open) -> None:
    page = open_page("/simulate")
    page.get_by_label("Group 1 leaves").fill("08:00")
    page.get_by_role("button", name="Run the simulation").click()
    expect(page.get_by_text("logout must be later than login")).to_be_visible()
    expect(page.get_by_label("Group 1 leaves")).to_be_focused()
    picture(page, "simulate-wrong")


def test_a_long_one_is_cancelled_and_another_may_start(caesura: World, open_page: Open) -> None:
    page = open_page("/simulate")
    picture(page, "simulate-empty")
    _describe(page, 300, 8)
    page.get_by_role("button", name="Run the simulation").click()
    done = page.get_by_role("progressbar", name="Share of the simulation")
    expect(done).to_have_attribute("aria-valuenow", re.compile(r"^(?!0$)"))
    picture(page, "simulate-running")
    run = re.search(r"run=([0-9a-f-]+)", page.url)
    assert run is not None
    other = open_page("/simulate", by=caesura.eli)
    other.get_by_role("button", name="Run the simulation").click()
    expect(other.get_by_text("A simulation that admin started is computed")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("What would a shift come to?")).to_be_visible()
    refused = caesura.dana.status(f"/simulations/{run[1]}")
    assert refused == 404
    _describe(page, 3, 0.1)
    page.get_by_role("checkbox", name="Predictive").uncheck()
    _run(page)
    expect(page.get_by_role("columnheader", name="Progressive")).to_be_visible()


def test_a_campaign_without_history_says_so_and_one_with_it_fills_in(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/simulate")
    page.get_by_role("combobox", name="Fill in from a campaign").click()
    page.get_by_role("option", name="winter").click()
    expect(page.get_by_text("There is too little to learn from")).to_be_visible()
    teach(caesura)
    page.get_by_role("combobox", name="Fill in from a campaign").click()
    page.get_by_role("option", name="spring").click()
    expect(page.get_by_text(re.compile(r"From \d+ calls; hours on the clock of"))).to_be_visible()
    expect(page.get_by_text("were measured").first).to_be_visible()
    expect(page.get_by_label("Rings at most")).to_have_value("8 s")
    picture(page, "simulate-filled")


def teach(caesura: World) -> None:
    """Spring has enough history: of tests before, which may have left no lead, or of calls now."""

    def is_known() -> bool:
        return caesura.dana.status("/campaigns/spring/shift") == 200

    if is_known():
        return
    quick = {"pacing": {"concurrency": 80, "cps": 40}}
    caesura.settings("spring", quick, by=caesura.dana)
    caesura.run("spring")
    wait_until(is_known, 60, lambda: str(caesura.dana.campaign("spring")))
    caesura.dana.send("POST", "/campaigns/spring/pause", drain="hang_up_all")
    usual = {"pacing": {"concurrency": 12, "cps": 6}}
    caesura.settings("spring", usual, by=caesura.dana)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_simulation_has_no_serious_violation(
    caesura: World, open_page: Open, theme: str
) -> None:
    caesura.dana.send("PUT", "/session/preferences", theme=theme)
    page = open_page("/simulate", theme=theme)
    _describe(page, 4, 0.1)
    assert violations(page) == []
    page.get_by_role("checkbox", name="Predictive").uncheck()
    page.get_by_role("checkbox", name="A fixed ratio").check()
    page.get_by_label("Ringing per free agent").fill("9")
    _run(page)
    expect(page.get_by_role("img", name=re.compile("^Agents talk"))).to_be_visible()
    assert violations(page) == []
    picture(page, f"simulate-{theme}")
