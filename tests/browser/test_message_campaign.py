"""The reference use for a message campaign: look at its figures, pause it, resume it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Open, picture
from tests.browser.test_reference_use import badge, confirm, figure, the_button
from tests.browser.world import World
from tests.processes import wait_until
from tests.whole import material
from tests.whole.message_centre import RunningCentre, practice_centre

_LEADS = 1500


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCentre]:
    answers = ("--receipt-s=0.2-0.6", "--answer-ms=5-30", "--says-yes=0.05")
    log = tmp_path_factory.mktemp("centre") / "centre.jsonl"
    with practice_centre(log, *answers) as centre:
        yield centre


def prepare(world: World, centre: RunningCentre, directory: Path) -> None:
    """A running SMS campaign."""
    dana = world.dana
    customers = material.customer_list(directory / "texts.csv", material.numbers(_LEADS))
    world.node.cli("lists", "import", str(customers), "--name", "texts-list", "--region", "US")
    dana.send(
        "POST",
        "/providers",
        name="centre",
        host="127.0.0.1",
        port=centre.port,
        username="caesura",
        password="practice",
        options={"kind": "smpp"},
    )
    text = {
        "template": "Hello {{ name }}, your table is ready.",
        "senders": ["+14155550100"],
        "providers": ["centre"],
        "per_second": 20,
    }
    settings = {"channel": "sms", "text": text, "hours": {"always": True}}
    dana.send("POST", "/campaigns", name="texts", lists=["texts-list"], settings=settings)
    dana.send("POST", "/campaigns/texts/start")
    wait_until(
        lambda: dana.campaign("texts")["delivered"] > 0, 30, lambda: str(dana.campaign("texts"))
    )


def test_a_message_campaign_is_looked_at_paused_and_resumed(
    caesura: World, open_page: Open, centre: RunningCentre, tmp_path: Path
) -> None:
    prepare(caesura, centre, tmp_path)
    page = open_page()
    page.get_by_role("link", name="texts", exact=True).click()
    badge(page, "Running")
    sent = figure(page, "Sent messages")
    expect(page.get_by_text("Delivery rate")).to_be_visible()
    wait_until(lambda: figure(page, "Sent messages") > sent, 10, lambda: "the figures stand still")
    picture(page, "running")

    the_button(page, "Pause", "texts").click()
    dialog = page.get_by_role("dialog", name="Pause texts?")
    expect(dialog.get_by_text("cannot be called back")).to_be_visible()
    picture(page, "pause")
    confirm(page)
    badge(page, "Paused")
    before = len(centre.submissions())
    expect(page.get_by_text("silence confirmed after")).to_contain_text("message left")
    picture(page, "paused")
    time.sleep(1)
    assert len(centre.submissions()) == before

    the_button(page, "Resume", "texts").click()
    badge(page, "Running")
    wait_until(lambda: len(centre.submissions()) > before, 10, lambda: "nothing is sent")
    the_journal_and_the_leads(page, caesura)
    for path, name in (("", "campaigns"), ("/texts", "phone")):
        picture(open_page(f"/campaigns{path}", size=PHONE if name == "phone" else WIDE), name)


def the_journal_and_the_leads(page: Page, caesura: World) -> None:
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_text("your table is ready").first).to_be_visible()
    expect(page.get_by_text("Delivered").first).to_be_visible()
    picture(page, "messages")
    wait_until(lambda: caesura.dana.campaign("texts")["replies"] > 0, 30, lambda: "no reply")
    page.get_by_role("tab", name="Leads").click()
    page.get_by_text("Done", exact=True).first.click()
    expect(page.get_by_text("“YES”").first).to_be_visible()
    picture(page, "leads")
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value(
        "Hello {{ name }}, your table is ready."
    )
    picture(page, "settings")


def test_the_journal_names_the_zone_that_its_times_are_in(
    caesura: World, open_page: Open, centre: RunningCentre
) -> None:
    page = open_page("/campaigns/texts/calls")
    expect(page.get_by_role("columnheader", name="Handed over (GMT+1)")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("combobox", name="Time zone").fill("Asia/Tokyo")
    page.get_by_role("option", name="Asia/Tokyo").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="texts", exact=True).click()
    page.get_by_role("tab", name="Messages").click()
    expect(page.get_by_role("columnheader", name="Handed over (GMT+9)")).to_be_visible()
    caesura.dana.send("PUT", "/session/preferences")


def test_the_wizard_makes_a_message_campaign_and_shows_what_contacts_get(
    caesura: World, open_page: Open, centre: RunningCentre
) -> None:
    page = open_page("/campaigns/new")
    page.get_by_label("Name", exact=True).fill("Texts two")
    page.get_by_role("button", name="SMS").click()
    picture(page, "wizard-name")
    step = page.get_by_role("navigation", name="Steps").get_by_role("button")
    step.nth(1).click()
    page.get_by_role("checkbox", name="texts-list").check()
    step.nth(2).click()
    text = page.get_by_label("Text", exact=True)
    text.fill("Hi {{ name }}\n{{ x|y }}")
    expect(page.get_by_role("alert").filter(has_text="line 2")).to_be_visible()
    text.fill("Hi {{ name }} of {{ street }}")
    expect(page.get_by_text("missing attribute: street").first).to_be_visible()
    text.fill("Hi {{ name }} of {{ city }} 👋")
    expect(page.get_by_text("of Springfield 👋").first).to_be_visible()
    expect(page.get_by_text("UCS-2 because of 👋").first).to_be_visible()
    picture(page, "wizard-message")
    step.nth(3).click()
    page.get_by_role("combobox", name="Senders").fill("+14155550100")
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Providers").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="centre").click()
    page.keyboard.press("Escape")
    picture(page, "wizard-senders")
    step.nth(4).click()
    page.get_by_role("button", name="Always").click()
    step.nth(6).click()
    picture(page, "wizard-check")
    page.get_by_role("button", name="Keep as a draft").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+$"))
    expect(page.get_by_role("heading", name="Texts two")).to_be_visible()
    settings = caesura.dana.get("/campaigns/Texts two/settings")["settings"]
    assert (settings["channel"], settings["text"]["providers"]) == ("sms", ["centre"])


def test_providers_show_how_they_are_doing(caesura: World, open_page: Open) -> None:
    page = open_page("/numbers")
    row = page.get_by_role("row", name="centre")
    expect(row.get_by_text("Ready")).to_be_visible()
    page.get_by_role("button", name="Add a provider").click()
    dialog = page.get_by_role("dialog", name="Add a provider")
    dialog.get_by_label("Name").fill("elsewhere")
    dialog.get_by_label("Host").fill("127.0.0.1")
    dialog.get_by_label("Port").fill("1")
    dialog.get_by_label("User").fill("caesura")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("row", name="elsewhere").get_by_text("Down")).to_be_visible()
    picture(page, "providers")
