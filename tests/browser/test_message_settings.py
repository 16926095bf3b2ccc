"""What messages are told in the dashboard: after calls, on STOP and HELP, on retries; and words."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open, picture
from tests.browser.test_accessibility import violations
from tests.browser.world import World

TEXT = {"template": "Hello {{ name }}.", "senders": ["+14155550100"], "providers": ["nowhere"]}


def campaign(world: World, name: str, channel: str, **more: Any) -> str:
    """A draft that sends; its path."""
    if all(each["name"] != "nowhere" for each in world.dana.get("/providers")["items"]):
        where = {"host": "127.0.0.1", "port": 9, "username": "u", "options": {"kind": "smpp"}}
        world.dana.send("POST", "/providers", name="nowhere", **where)
    text = TEXT | ({"senders": ["a@b.example"], "subject": "S"} if channel == "email" else {})
    settings = {"channel": channel, "text": text, "hours": {"always": True}, **more}
    made = world.dana.send(
        "POST", "/campaigns", name=name, lists=["winter-list"], settings=settings
    )
    return f"/campaigns/{made['id']}"


def save(page: Page) -> None:
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("The settings were saved.").first).to_be_visible()
    expect(page.get_by_role("button", name="Save settings")).to_be_disabled()


def test_a_message_after_a_call_is_added_changed_and_removed(
    caesura: World, open_page: Open
) -> None:
    campaign(caesura, "just for its provider", "sms")
    winter = caesura.dana.get("/campaigns/winter/settings")["settings"]
    made = caesura.dana.send(
        "POST", "/campaigns", name="missed you", lists=["winter-list"], settings=winter
    )
    path = f"/campaigns/{made['id']}"
    page = open_page(f"{path}/settings")
    page.get_by_role("group", name="Messages after a call").get_by_role(
        "button", name="Add a message"
    ).click()
    rule = page.get_by_role("region", name="Message 1")
    rule.get_by_label("Sent after").fill("1.5")
    rule.get_by_label("Text", exact=True).fill("We missed you, {{ name }")
    rule.get_by_role("combobox", name="Senders").fill("+14155550100")
    page.keyboard.press("Enter")
    rule.get_by_role("combobox", name="Providers").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="nowhere").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save settings").click()
    expect(rule.get_by_text("line 1")).to_be_visible()  # the mistake, at its field
    rule.get_by_label("Text", exact=True).fill("We missed you, {{ name }}.")
    picture(page, "follow-ups")
    save(page)
    (kept,) = caesura.dana.get(f"{path}/settings")["settings"]["follow_ups"]
    assert (kept["after"], kept["delay_s"], kept["channel"]) == (["no_answer", "busy"], 90, "sms")
    assert (kept["text"]["senders"], kept["text"]["providers"]) == (["+14155550100"], ["nowhere"])
    assert violations(page) == []
    phone = open_page(f"{path}/settings", size=PHONE)
    expect(phone.get_by_role("region", name="Message 1")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(phone, "follow-ups-phone")
    page.get_by_role("button", name="Remove message 1").click()
    save(page)
    assert caesura.dana.get(f"{path}/settings")["settings"]["follow_ups"] == []


def test_answers_to_stop_and_help_further_words_and_retries_are_set(
    caesura: World, open_page: Open
) -> None:
    path = campaign(caesura, "answers", "sms")
    page = open_page(f"{path}/settings")
    page.get_by_role("combobox", name="Further words for STOP").fill("basta")
    page.keyboard.press("Enter")
    page.get_by_label("Answer to STOP").fill("You will get no more.")
    page.get_by_label("Answer to HELP").fill("Call +1 415 555 0100.")
    page.get_by_label("Retries after: Not delivered").fill("1")
    page.get_by_label("Wait for delivery receipts").fill("30")
    down = page.get_by_role("group", name="Providers down")
    expect(down.get_by_role("switch")).to_be_checked()
    down.get_by_label("For").fill("5")
    expect(page.get_by_role("group", name="Abandonment")).to_have_count(0)
    save(page)
    picture(page, "message-settings")
    settings = caesura.dana.get(f"{path}/settings")["settings"]
    opt_out = settings["text"]["opt_out"]
    assert (opt_out["words"], opt_out["confirmation"], opt_out["help"]) == (
        ["basta"],
        "You will get no more.",
        "Call +1 415 555 0100.",
    )
    assert settings["retries"]["undelivered"] == {"max": 1, "after_s": 14400, "number": "next"}
    assert settings["text"]["receipts_wait_s"] == 1800
    assert settings["pause_rules"]["providers_down"]["for_s"] == 5
    picture(open_page(f"{path}/settings", size=PHONE), "message-settings-phone")


def test_a_provider_that_is_down_pauses_and_the_banner_says_what_to_do(
    caesura: World, open_page: Open
) -> None:
    rules = {"providers_down": {"for_s": 5}}
    path = campaign(caesura, "unlucky", "sms", pause_rules=rules)
    page = open_page(path)
    caesura.dana.send("POST", f"{path}/start")
    expect(page.get_by_text("by rule: providers down — no provider could be used")).to_be_visible()
    expect(page.get_by_text("resume when that is put right").first).to_be_visible()
    picture(page, "providers-down")
    page.get_by_role("button", name="Full receipt").click()
    expect(page.get_by_role("dialog")).to_contain_text("Without a provider")
    expect(page.get_by_role("dialog")).to_contain_text("Last message left")
    expect(page.get_by_role("dialog")).not_to_contain_text("ringing")
    picture(page, "providers-down-receipt")
    leads = caesura.dana.get(path)["leads"]
    assert leads["due"] == leads["total"]
    picture(open_page(path, size=PHONE), "providers-down-phone")


def test_terminating_speaks_of_messages(caesura: World, open_page: Open) -> None:
    path = campaign(caesura, "to be ended", "sms")
    page = open_page(path)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("menuitem", name="Terminate").click()
    dialog = page.get_by_role("dialog", name="Terminate to be ended?")
    expect(dialog).to_contain_text("they will be sent nothing")
    expect(dialog).to_contain_text("Messages, replies, figures")
    expect(dialog).not_to_contain_text("call")
    picture(page, "terminate")


def test_an_e_mail_campaign_claims_no_replies(caesura: World, open_page: Open) -> None:
    path = campaign(caesura, "letters", "email")
    page = open_page(path)
    expect(page.get_by_text("Sent messages")).to_be_visible()
    expect(page.get_by_text("Replies", exact=True)).to_have_count(0)
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_text("Replies to e-mails are not received here").first).to_be_visible()
    expect(page.get_by_label("Answer to STOP")).to_have_count(0)
    page.get_by_label("Replies go to").fill("desk@acme.example")
    save(page)
    picture(page, "email-settings")
    text = caesura.dana.get(f"{path}/settings")["settings"]["text"]
    assert text["reply_to"] == "desk@acme.example"


def test_the_wizards_last_step_speaks_of_messages_and_their_pace(
    caesura: World, open_page: Open
) -> None:
    page = open_page("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Words")
    page.get_by_role("button", name="SMS").click()
    step = page.get_by_role("navigation", name="Steps").get_by_role("button")
    step.nth(1).click()
    page.get_by_role("checkbox", name="winter-list").check()
    step.nth(2).click()
    page.get_by_label("Text", exact=True).fill("Hi {{ name }}")
    step.nth(4).click()
    page.get_by_role("button", name="Always").click()
    step.nth(6).click()
    plan = page.get_by_role("main")
    expect(plan.get_by_text("messages a minute")).to_be_visible()
    expect(plan.get_by_role("button", name="Go to Senders and providers").first).to_be_visible()
    expect(plan.get_by_text("600", exact=True)).to_be_visible()  # 10 a second
    for word in ("call", "Retries"):
        expect(plan).not_to_contain_text(word)
    picture(page, "wizard-words")
    picture(open_same(page, PHONE), "wizard-words-phone")


def open_same(page: Page, size: dict[str, int]) -> Page:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    time.sleep(0.3)
    return page
