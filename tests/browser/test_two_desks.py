"""Two agents in two browsers: heard both ways, not cut by a pause, and free by it where they wait.

The pause is a manager's, in the dashboard; how long it takes is read from receipt and journal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import CHROMIUM, WIDE, Open, picture
from tests.browser.test_desk import FLAGS, begin, hears, hums, new_desk, recorded
from tests.browser.test_softphone import CALLEE_HZ, tone
from tests.browser.world import World
from tests.peers.practice import practice_carrier
from tests.processes import wait_until
from tests.whole import material

ADA_HZ, BOB_HZ = 440.0, 700.0
SPRING, WINTER = "two-desks-spring", "two-desks-winter"


@contextmanager
def desk_of(browser: Browser, caesura: World, name: str, hz: float, wav: Path) -> Iterator[Page]:
    """An agent who is new, in a Chromium of their own whose microphone hears a tone."""
    one_time = caesura.dana.send("POST", "/agents", name=name)["password"]
    chromium = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=[*FLAGS.split(), f"--use-file-for-fake-audio-capture={tone(wav, hz)}"],
    )
    page = new_desk(chromium, caesura.url, viewport=WIDE)
    begin(page, name, one_time)
    yield page
    chromium.close()


def campaign(caesura: World, name: str, people: Path, **settings: Any) -> None:
    caesura.node.cli("lists", "import", str(people), "--name", name, "--region", "US")
    fixed = {
        "calling_numbers": ["+14155550100"],
        "trunks": ["two-desks"],
        "hours": {"always": True},
        "agents": {"wrap_up": {"seconds": None}},
        "drain": "cancel_now",  # no call that rings needs anybody after a pause
        "ramp_up_s": 0,
    }
    made = {"name": name, "lists": [name], "settings": fixed | settings}
    caesura.dana.send("POST", "/campaigns", **made)


def hang_up_and_say(page: Page) -> None:
    """The conversation is over, and done."""
    page.get_by_role("button", name="Hang up").click()
    expect(page).to_have_title("Wrap-up – Caesura")
    page.keyboard.press("1")
    page.get_by_role("button", name=re.compile("^Save and")).click()


def does(caesura: World, name: str) -> Any:
    """What the agent does, as everybody may see."""
    agents = caesura.dana.get("/agents")["items"]
    return next(agent["desk"] for agent in agents if agent["name"] == name)


def on_call(page: Page) -> None:
    expect(page.get_by_role("button", name="Hang up")).to_be_visible(timeout=30_000)


@pytest.mark.timeout(300)
def test_a_pause_cuts_no_conversation_and_whoever_waits_has_other_work_at_once(
    caesura: World, browser: Browser, open_page: Open, tmp_path: Path
) -> None:
    heard = tmp_path / "heard"
    heard.mkdir()
    options = f"--answer 1 --ring-s 4-6 --talk-s 600 --hum-hz {CALLEE_HZ:.0f} --recordings {heard}"
    with (
        practice_carrier(tmp_path, *options.split()) as carrier,
        desk_of(browser, caesura, "ada", ADA_HZ, tmp_path / "ada.wav") as ada,
        desk_of(browser, caesura, "bob", BOB_HZ, tmp_path / "bob.wav") as bob,
    ):
        host, port = carrier.address
        caesura.dana.send("POST", "/trunks", name="two-desks", host=host, port=port)
        people = material.customer_list(tmp_path / "two.csv", material.numbers(1700)[1640:1700])
        campaign(caesura, SPRING, people, pacing={"kind": "progressive"})
        campaign(caesura, WINTER, people, pacing={"kind": "preview"})
        for name, priority in ((SPRING, 9), (WINTER, 5)):
            both = [{"agent": agent, "priority": priority} for agent in ("ada", "bob")]
            caesura.dana.request("PUT", f"/campaigns/{name}/agents", json=both)
        caesura.dana.send("POST", f"/campaigns/{SPRING}/start")
        for page in (ada, bob):
            on_call(page)
            hears(page, CALLEE_HZ)
        # Bob is done with his, and waits for the next one, which rings.
        hang_up_and_say(bob)
        caesura.dana.send("POST", f"/campaigns/{WINTER}/start")
        wait_until(lambda: ringing(caesura), 20, lambda: str(caesura.dana.campaign(SPRING)))
        assert does(caesura, "bob")["presence"] == "available"

        caesura.ask("never")
        manager = open_page(f"/campaigns/{SPRING}")
        manager.get_by_role("button", name=re.compile("^Pause")).last.click()
        said = f"{SPRING} was paused by {caesura.dana.name}."
        expect(bob.get_by_text(said, exact=True)).to_be_visible()
        looks(caesura, "bob")
        receipt = caesura.node.cli("campaigns", "receipt", SPRING)
        shown_at = material.moment(does(caesura, "bob")["since"])
        assert shown_at - material.moment(receipt["requested_at"]) < 0.5
        hears(ada, CALLEE_HZ)  # and speaks on, undisturbed
        assert does(caesura, "ada")["presence"] == "on_call"
        hang_up_and_say(ada)
        looks(caesura, "ada")

        caesura.dana.send("POST", f"/campaigns/{SPRING}/resume")
        for page in (ada, bob):
            page.get_by_role("button", name=re.compile("^Skip")).click()
        for page in (ada, bob):
            on_call(page)
        caesura.dana.send("POST", f"/campaigns/{WINTER}/terminate")
        caesura.dana.send("POST", f"/campaigns/{SPRING}/terminate")
        ended = f"{SPRING} was terminated by {caesura.dana.name}."
        expect(ada.get_by_text(ended, exact=True)).to_be_visible()
        picture(ada, "desk-terminated")
        hang_up_and_say(ada)
        hang_up_and_say(bob)
        caesura.dana.send("DELETE", "/trunks/two-desks")  # other tests choose the only one
    recordings = [recorded(path) for path in heard.iterdir()]
    assert len(recordings) >= 4
    tones = [{hz for hz in (ADA_HZ, BOB_HZ) if hums(sound, hz)} for sound in recordings]
    assert {ADA_HZ} in tones and {BOB_HZ} in tones
    assert {ADA_HZ, BOB_HZ} not in tones, "two agents are heard in one call"


def looks(caesura: World, name: str) -> None:
    """The agent is shown a lead."""
    wait_until(lambda: does(caesura, name)["presence"] == "preview", 10, lambda: everybody(caesura))


def everybody(caesura: World) -> str:
    return str(caesura.dana.get("/agents")["items"])


def ringing(caesura: World) -> bool:
    return bool(caesura.dana.campaign(SPRING)["in_flight"]["ringing"])
