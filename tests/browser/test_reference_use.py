"""The reference use of the dashboard, and what surrounds it (docs/dashboard.md)."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.browser.world import World

SHORT_MS = 500


def the_button(page: Page, deed: str, name: str = "spring"):  # type: ignore[no-untyped-def]
    return page.get_by_role("button", name=f"{deed} {name}", exact=True)


def confirm(page: Page) -> None:
    page.get_by_role("dialog").get_by_role("button", name="Pause", exact=True).click()


def badge(page: Page, status: str) -> None:
    expect(page.locator("header [data-status]").first).to_have_text(status)


def figure(page: Page, name: str) -> int:
    tile = page.locator("dl > div", has=page.get_by_text(name, exact=True))
    return int(re.sub(r"\D", "", tile.locator("dd .num").inner_text()))


def test_open_look_pause_and_resume(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page()
    page.get_by_role("link", name="spring", exact=True).click()
    badge(page, "Running")
    received = figure(page, "Received calls")
    expect(page.get_by_text("Average duration")).to_be_visible()
    page.wait_for_function("n => document.body.innerText.includes('ringing')", arg=0)
    deadline = time.monotonic() + 10
    while figure(page, "Received calls") == received:
        assert time.monotonic() < deadline, "the figures stand still"
        time.sleep(0.05)

    the_button(page, "Pause").click()
    dialog = page.get_by_role("dialog", name="Pause spring?")
    expect(dialog.get_by_text("In flight right now")).to_be_visible()
    expect(dialog.get_by_text("Finish lawfully")).to_be_visible()
    dialog.get_by_label("Reason").fill("lunch")
    confirm(page)
    badge(page, "Paused")
    assert caesura.stays_silent("spring", 1.0)
    banner = page.get_by_text("silence confirmed after")
    expect(banner).to_contain_text("by admin")
    expect(page.get_by_text("“lunch”")).to_be_visible()
    page.get_by_role("button", name="Full receipt").click()
    receipt = page.get_by_role("dialog")
    expect(receipt.get_by_text("unchanged by the pause")).to_be_visible()
    page.keyboard.press("Escape")
    expect(receipt).to_be_hidden()

    the_button(page, "Resume").click()
    badge(page, "Running")
    expect(the_button(page, "Pause")).to_be_visible()
    expect(page.get_by_text("Since the resume, compared with before")).to_be_visible()
    assert caesura.state("spring") == "running"


def test_space_and_p_press_the_button_but_not_while_typing(open_page: Open, spring: str) -> None:
    page = open_page(spring)
    badge(page, "Running")
    for key in ("p", " "):
        page.keyboard.press(key)
        dialog = page.get_by_role("dialog", name="Pause spring?")
        expect(dialog.get_by_role("button", name="Pause", exact=True)).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    page.goto(page.url + "/calls")
    page.get_by_label("Number, as").press_sequentially("p 1")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_timed_pause_counts_down(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    page.get_by_role("dialog").get_by_text("For a time").click()
    expect(page.get_by_label("Minutes")).to_have_value("45 min")
    confirm(page)
    badge(page, "Paused")
    expect(page.get_by_text(re.compile(r"Resumes in 44:5\d")).first).to_be_visible()
    assert caesura.dana.campaign("spring")["resume_at"] is not None


def test_hanging_up_everything_asks_twice(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Hang up everything").click()
    confirm(page)
    expect(dialog.get_by_text("Tick the box above")).to_be_visible()
    assert caesura.state("spring") == "running"
    dialog.get_by_label(re.compile("Yes, hang up")).check()
    confirm(page)
    badge(page, "Paused")
    assert caesura.dana.campaign("spring")["last_receipt"]["drain"] == "hang_up_all"


def test_the_policy_never_pauses_at_once(caesura: World, open_page: Open, spring: str) -> None:
    caesura.ask("never")
    page = open_page(spring)
    badge(page, "Running")
    the_button(page, "Pause").click()
    badge(page, "Paused")


def test_the_policy_in_flight_asks_only_with_calls_in_flight(
    caesura: World, open_page: Open, spring: str
) -> None:
    caesura.ask("in_flight")
    page = open_page(spring)
    expect(page.get_by_text(re.compile(r"\d+ ringing"))).to_be_visible()
    the_button(page, "Pause").click()
    expect(page.get_by_role("dialog", name="Pause spring?")).to_be_visible()
    page.keyboard.press("Escape")
    # Past its end it dials no more, and soon nothing is in flight.
    caesura.settings("spring", {"ends_at": "2020-01-01T00:00:00Z"}, by=caesura.dana)
    try:
        caesura.silent("spring")
        expect(page.get_by_text(re.compile("Ended on"))).to_be_visible()
        expect(page.get_by_text(re.compile(r"\d+ ringing"))).to_be_hidden()
        the_button(page, "Pause").click()
        badge(page, "Paused")
    finally:
        caesura.settings("spring", {"ends_at": None}, by=caesura.dana)


def test_do_not_ask_me_again_is_remembered(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    page.get_by_label("Do not ask me again").check()
    confirm(page)
    badge(page, "Paused")
    the_button(page, "Resume").click()
    badge(page, "Running")
    the_button(page, "Pause").click()
    badge(page, "Paused")
    assert caesura.dana.get("/session/preferences")["dont_ask_before_pause"] is True
    # Only for this manager, and only as long as the policy allows it.
    assert caesura.eli.get("/session/preferences")["dont_ask_before_pause"] is False


def test_a_second_manager_sees_the_pause_at_once(
    caesura: World, open_page: Open, spring: str
) -> None:
    first, second = open_page(spring), open_page("/campaigns", by=caesura.eli)
    row = second.get_by_role("row", name=re.compile("spring"))
    expect(row.get_by_text("Running")).to_be_visible()
    badge(first, "Running")
    the_button(second, "Pause").click()
    confirm(second)
    expect(row.get_by_text("Paused")).to_be_visible()
    expect(first.locator("header [data-status]").first).to_have_text("Paused", timeout=SHORT_MS)
    expect(first.get_by_text("by eli").first).to_be_visible()
    expect(the_button(first, "Resume")).to_be_visible()


def test_changes_made_meanwhile_are_shown_before_the_resume(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page(spring)
    the_button(page, "Pause").click()
    confirm(page)
    badge(page, "Paused")
    caesura.settings("spring", {"priority": 7}, by=caesura.eli)
    the_button(page, "Resume").click()
    dialog = page.get_by_role("dialog", name="Resume spring?")
    expect(dialog.get_by_role("row", name="Priority")).to_contain_text("7")
    expect(dialog.get_by_text("by eli")).to_be_visible()
    dialog.get_by_role("button", name="Resume", exact=True).click()
    badge(page, "Running")
    caesura.settings("spring", {"priority": 5}, by=caesura.eli)


def test_a_page_survives_the_server_and_still_pauses(
    caesura: World, open_page: Open, spring: str
) -> None:
    page = open_page(spring)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    the_button(page, "Pause").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    caesura.node.kill("web")
    confirm(page)
    expect(page.get_by_text("Connection lost").first).to_be_visible()
    # The server comes back by itself; the pause that was asked for meanwhile arrives.
    expect(page.locator("header [data-status]").first).to_have_text("Paused", timeout=20_000)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible(timeout=20_000)
    assert caesura.state("spring") == "paused"


def test_on_a_phone(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page(size=PHONE)
    page.get_by_role("link", name="spring", exact=True).click()
    badge(page, "Running")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    the_button(page, "Pause").click()
    confirm(page)
    badge(page, "Paused")
    page.get_by_role("button", name="Open the menu").click()
    page.get_by_role("dialog").get_by_role("link", name="Campaigns").click()
    page.get_by_role("button", name="Resume spring").click()
    expect(
        page.get_by_role("row", name=re.compile("spring")).get_by_text("Running")
    ).to_be_visible()


def test_several_and_everything(caesura: World, open_page: Open, spring: str) -> None:
    caesura.run("autumn")
    page = open_page()
    for name in ("spring", "autumn"):
        page.get_by_label(f"Select {name}").check()
    bar = page.get_by_role("region").filter(has_text="2 selected")
    bar.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("dialog", name="Pause 2 campaigns?").get_by_role(
        "button", name="Pause", exact=True
    ).click()
    paused = page.locator("tbody tr[data-status=paused]").filter(
        has_text=re.compile("spring|autumn")  # others may be paused from before
    )
    expect(paused).to_have_count(2)
    bar.get_by_role("button", name="Resume", exact=True).click()
    expect(paused).to_have_count(0)
    page.get_by_role("button", name="Pause everything").click()
    page.get_by_role("dialog", name="Pause everything?").get_by_role(
        "button", name="Pause everything"
    ).click()
    expect(paused).to_have_count(2)
    page.get_by_label("Search by name or list").fill("autumn")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_terminate_wants_the_name_typed(caesura: World, open_page: Open) -> None:
    page = open_page("/campaigns/winter")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name=re.compile("Terminate")).click()
    dialog = page.get_by_role("dialog", name="Terminate winter?")
    button = dialog.get_by_role("button", name="Terminate for good")
    expect(dialog.get_by_text(re.compile("100 leads are due"))).to_be_visible()
    dialog.get_by_label("Type winter to confirm").fill("winte")
    expect(button).to_be_disabled()
    dialog.get_by_label("Type winter to confirm").fill("winter")
    button.click()
    badge(page, "Terminated")
    assert caesura.state("winter") == "terminated"


def test_settings_that_two_changed_are_merged(caesura: World, open_page: Open, spring: str) -> None:
    page = open_page(f"{spring}/settings")
    page.get_by_label("Calls at once").fill("14")
    page.get_by_label("Priority").first.fill("6")
    caesura.settings("spring", {"priority": 8, "ring_timeout_s": 9}, by=caesura.eli)
    expect(page.get_by_text("eli changed the settings meanwhile")).to_be_visible()
    page.get_by_role("button", name="Keep mine on top of theirs").click()
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("The settings were saved.")).to_be_visible()
    saved = caesura.dana.get("/campaigns/spring/settings")["settings"]
    assert (saved["pacing"]["concurrency"], saved["priority"], saved["ring_timeout_s"]) == (
        14,
        6,
        9,
    )
    caesura.settings("spring", {"priority": 5, "ring_timeout_s": 8}, by=caesura.dana)


def test_the_first_sign_in_asks_for_a_password(caesura: World, open_page: Open) -> None:
    one_time = caesura.dana.send("POST", "/users", name="newcomer")["one_time_password"]
    page = open_page("/campaigns", signed_in=False)
    page.get_by_label("Name").fill("newcomer")
    page.get_by_role("textbox", name="Password").fill("not this")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Name or password is wrong.")).to_be_visible()
    page.get_by_role("textbox", name="Password").fill(one_time)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Current password").fill(one_time)
    page.get_by_label("New password", exact=True).fill("a word or two more")
    page.get_by_label("New password again").fill("a word or two more")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("heading", name="Campaigns")).to_be_visible()
