"""How a pause ends, in the dashboard: on a condition, by two persons, and ramping up."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Open, picture
from tests.browser.test_reference_use import badge, confirm, the_button
from tests.browser.world import World


@pytest.fixture
def two_persons(caesura: World, spring: str) -> Iterator[None]:
    """While spring runs: an emergency stop is released by two; all of them are in the end."""
    setting = {"second_approver_for_emergency_stop": True}
    caesura.dana.request("PUT", "/system-settings", json=setting, headers={"If-Match": "*"})
    yield
    caesura.dana.send("POST", "/campaigns/resume", all=True)
    caesura.eli.send("POST", "/campaigns/approve", all=True)
    caesura.ask("always")


def test_a_pause_on_a_condition_says_what_it_waits_for_and_can_be_changed(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    dialog = page.get_by_role("dialog", name="Pause spring?")
    dialog.get_by_text("Until something").click()
    dialog.get_by_label("Resume when").click()
    page.get_by_role("option", name="trunk practice is reachable").click()
    dialog.get_by_label("For so many seconds").fill("86400")
    picture(page, "pause-condition")
    confirm(page)
    badge(page, "Paused")
    note = page.get_by_text("Resumes when trunk practice is reachable for")
    expect(note).to_be_visible()
    picture(page, "resumption")

    page.get_by_role("button", name="Change", exact=True).click()
    change = page.get_by_role("dialog", name="When does spring resume?")
    picture(page, "resumption-change")
    change.get_by_text("Until I resume").click()
    change.get_by_role("button", name="Save").click()
    expect(note).to_be_hidden()
    assert caesura.dana.campaign("spring")["resumption"] is None


@pytest.mark.usefixtures("two_persons")
def test_a_second_person_releases_the_emergency_stop(
    caesura: World, open_page: Open, spring: str
) -> None:
    first, second = open_page(spring), open_page(spring, by=caesura.eli, size=PHONE)
    caesura.dana.send("POST", "/campaigns/pause", all=True, reason="fire")
    badge(first, "Paused")
    expect(first.get_by_text("Two persons release it")).to_be_visible()
    the_button(first, "Resume").click()
    expect(first.get_by_text("You have asked to release the emergency stop")).to_be_visible()
    picture(first, "release-asked")
    badge(first, "Paused")

    expect(second.get_by_text("admin asks to release the emergency stop")).to_be_visible()
    picture(second, "release-phone")
    home = open_page("/campaigns", by=caesura.eli)
    expect(home.get_by_text("asks to release the emergency stop of 1 campaign")).to_be_visible()
    picture(home, "release-home")
    second.get_by_role("button", name="Look and approve").click()
    dialog = second.get_by_role("dialog", name="Release the emergency stop of spring?")
    expect(dialog.get_by_text("Nothing was changed during the pause.")).to_be_visible()
    picture(second, "release-dialog-phone")
    dialog.get_by_role("button", name="Approve and resume").click()
    badge(second, "Running")
    badge(first, "Running")
    expect(first.get_by_text("by admin, approved by eli").first).to_be_visible()


@pytest.mark.usefixtures("two_persons")
def test_on_the_list_all_are_approved_at_once_and_what_failed_is_said(
    caesura: World, open_page: Open, spring: str
) -> None:
    caesura.dana.send("POST", "/campaigns/pause", all=True)
    caesura.dana.send("POST", "/campaigns/spring/resume")
    page = open_page(by=caesura.eli)
    page.get_by_role("button", name="Approve …").click()
    approve = page.get_by_role("dialog").get_by_role("button", name="Approve and resume")
    problem = {"type": "about:blank", "title": "Conflict", "status": 409}
    failed = {"campaign": caesura.dana.campaign("spring"), "receipt": None, "error": problem}
    where = "**/api/v1/campaigns/approve"
    answer = {"confirmed": False, "results": [failed]}
    page.route(where, lambda route: route.fulfill(json=answer))
    approve.click()
    expect(page.get_by_text("1 of 1 failed", exact=True)).to_be_visible()
    expect(approve).to_be_hidden()
    page.unroute(where)
    page.get_by_role("button", name="Approve …").click()
    approve.click()
    expect(page.get_by_text("1 campaign was resumed")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("spring")).get_by_text("Running")
    ).to_be_visible()


@pytest.mark.usefixtures("two_persons")
def test_a_request_that_is_withdrawn_takes_its_question_along(
    caesura: World, open_page: Open, spring: str
) -> None:
    caesura.dana.send("POST", "/campaigns/pause", all=True)
    page = open_page(by=caesura.eli)
    asks = page.get_by_role("button", name="Approve …")
    for opens in (True, False):
        caesura.dana.send("POST", "/campaigns/spring/resume")
        expect(asks).to_be_visible()
        if opens:
            asks.click()
            expect(page.get_by_role("dialog")).to_be_visible()
            caesura.dana.send("POST", "/campaigns/spring/withdraw")
            expect(page.get_by_text("asks to release the emergency stop")).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.usefixtures("two_persons")
def test_a_request_is_withdrawn_by_who_asked(caesura: World, open_page: Open, spring: str) -> None:
    caesura.dana.send("POST", "/campaigns/pause", all=True)
    page = open_page(spring)
    the_button(page, "Resume").click()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Two persons release it")).to_be_visible()
    badge(page, "Paused")


def test_a_resume_shows_how_far_it_has_ramped_up(
    caesura: World, open_page: Open, spring: str
) -> None:
    caesura.settings("spring", {"ramp_up_s": 60}, by=caesura.dana)
    caesura.dana.send("POST", "/campaigns/spring/pause")
    caesura.dana.send("POST", "/campaigns/spring/resume")
    page = open_page(spring)
    all_of = caesura.dana.get("/campaigns/spring/settings")["settings"]["pacing"]["concurrency"]
    expect(page.get_by_text("ramping up:")).to_contain_text(f"of {all_of}")
    picture(page, "ramp-up")
    expect(open_page("/campaigns").get_by_text("ramping up:").first).to_be_visible()
    caesura.settings("spring", {"ramp_up_s": 0}, by=caesura.dana)


def test_the_settings_offer_ramp_up_and_the_second_person(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page(f"{spring}/settings")
    field = page.get_by_label("After a resume, full speed in")
    field.scroll_into_view_if_needed()
    field.fill("5")
    picture(page, "settings-ramp-up")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("The settings were saved.")).to_be_visible()
    assert caesura.dana.get("/campaigns/spring/settings")["settings"]["ramp_up_s"] == 5
    caesura.settings("spring", {"ramp_up_s": 0}, by=caesura.dana)

    page = open_page("/settings/everybody")
    page.get_by_label("A second person must approve the resume").check()
    expect(page.get_by_label("A request can be approved for")).to_be_visible()
    expect(page.get_by_text("Changed for everybody.")).to_be_visible()  # and no longer asked for
    picture(page, "settings-second-person")
    settings = caesura.dana.get("/system-settings")["settings"]
    assert settings["second_approver_for_emergency_stop"] is True
    caesura.ask("always")
