"""The agent's desk: a real browser with a microphone, and real calls of the practice carrier."""

from __future__ import annotations

import re
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import CHROMIUM, PHONE, WIDE, Open, picture
from tests.browser.test_accessibility import violations
from tests.browser.test_reference_use import confirm, the_button
from tests.browser.test_softphone import CALLEE_HZ, MICROPHONE_HZ, tone
from tests.browser.world import PASSWORD, Manager, World
from tests.peers.practice import RunningCarrier, practice_carrier
from tests.processes import wait_until
from tests.tone import has_tone
from tests.whole import material

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --use-fake-ui-for-media-stream "
    "--use-fake-device-for-media-stream --autoplay-policy=no-user-gesture-required "
    "--allow-loopback-in-peer-connection"  # for machines that have nothing but loopback
)
# A tone is noise: the browser would take it out.
_RAW = "localStorage.setItem('caesura-desk-devices', JSON.stringify({processing: false}))"
# The loudest frequency of what the page plays.
_HEARS = """async () => {
  const {srcObject} = document.querySelector("audio[data-part=conversation]");
  if (!srcObject) return 0;
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, {fftSize: 4096});
  context.createMediaStreamSource(srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 250));
  const levels = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(levels);
  const bin = levels.reduce((best, level, n) => level > levels[best] ? n : best, 0);
  const hz = bin * context.sampleRate / analyser.fftSize;
  await context.close();
  return levels[bin] > -40 ? hz : 0;
}"""


@pytest.fixture(scope="module")
def humming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCarrier]:
    """Callees who answer, hum, talk for ever, and keep what they hear."""
    place = tmp_path_factory.mktemp("humming")
    heard = place / "heard"
    heard.mkdir()
    options = f"--answer 1 --talk-s 600-600 --hum-hz {CALLEE_HZ:.0f} --recordings {heard}"
    with practice_carrier(place, *options.split()) as carrier:
        yield carrier


@pytest.fixture(scope="module")
def offer(
    caesura: World, humming: RunningCarrier, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A progressive campaign whose callees hum; nothing of it is left for other tests."""
    dana, place = caesura.dana, tmp_path_factory.mktemp("offer")
    host, port = humming.address
    dana.send("POST", "/trunks", name="humming", host=host, port=port)
    customers = material.customer_list(place / "offer.csv", material.numbers(1700)[1600:1640])
    caesura.node.cli("lists", "import", str(customers), "--name", "offer-list", "--region", "US")
    settings = {
        "calling_numbers": ["+14155550100"],
        "trunks": ["humming"],
        "hours": {"always": True},
        "pacing": {"kind": "progressive"},
        "agents": {"script": "Good day {{ name }}.", "wrap_up": {"seconds": None}},
        "ramp_up_s": 0,
    }
    dana.send("POST", "/campaigns", name="offer", lists=["offer-list"], settings=settings)
    yield "offer"
    caesura.dana.send("POST", "/campaigns/offer/terminate", drain="hang_up_all")
    caesura.dana.send("DELETE", "/trunks/humming")


@pytest.fixture
def desk_browser(browser: Browser, tmp_path: Path) -> Iterator[Browser]:
    """A Chromium whose microphone hears a tone."""
    microphone = tone(tmp_path / "tone.wav", MICROPHONE_HZ)
    chromium = browser.browser_type.launch(
        executable_path=CHROMIUM,
        args=[*FLAGS.split(), f"--use-file-for-fake-audio-capture={microphone}"],
    )
    yield chromium
    chromium.close()


def new_desk(browser: Browser, url: str, **context: object) -> Page:
    """The desk's page, before anybody has signed in."""
    page = browser.new_context(
        timezone_id="Europe/Berlin", locale="en-US", reduced_motion="reduce", **context
    ).new_page()
    page.set_default_timeout(20_000)
    page.add_init_script(_RAW)
    page.goto(f"{url}/desk")
    return page


def begin(page: Page, name: str, one_time: str) -> None:
    """From the one-time password to a shift with a line."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("textbox", name="Password").fill(one_time)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Current password").fill(one_time)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    page.get_by_role("button", name="Check the microphone").click()
    expect(page.get_by_text("Your microphone works.")).to_be_visible()
    page.get_by_role("button", name="Begin the shift").click()
    expect(page.get_by_role("button", name="Line ready")).to_be_visible()


def hears(page: Page, hz: float) -> None:
    wait_until(lambda: abs(page.evaluate(_HEARS) - hz) < 30, 15, lambda: "the page hears nothing")


def heard(carrier: RunningCarrier) -> np.ndarray:
    """What the callee of the last call heard, once it has ended."""
    directory = carrier.log_path.parent / "heard"
    wait_until(lambda: any(directory.iterdir()), 10, lambda: "no recording")
    return recorded(max(directory.iterdir(), key=lambda path: path.stat().st_mtime))


def recorded(path: Path) -> np.ndarray:
    """What a callee heard."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def hums(sound: np.ndarray, hz: float) -> bool:
    """Whether the tone is in it. In short pieces: packets that came late leave seams."""
    return any(has_tone(sound[n : n + 1000], hz) for n in range(0, len(sound) - 1000, 500))


def test_an_agent_works_a_shift_in_the_browser(
    caesura: World,
    open_page: Open,
    desk_browser: Browser,
    humming: RunningCarrier,
    offer: str,
) -> None:
    # The manager adds them, and assigns them in the same form.
    manager = open_page("/agents")
    manager.get_by_role("button", name="Add an agent").first.click()
    form = manager.get_by_role("dialog")
    form.get_by_label("Name").fill("ines")
    form.get_by_role("combobox", name="Campaigns").click()
    manager.get_by_role("option", name=offer).click()
    manager.keyboard.press("Escape")
    form.get_by_role("button", name="Add", exact=True).click()
    secret = manager.get_by_role("dialog", name="One-time password of ines")
    one_time = secret.locator("output").inner_text()
    secret.get_by_role("button", name="I have kept it").click()
    row = manager.get_by_role("row", name="ines")
    expect(row).to_contain_text("Not on shift")
    expect(row).to_contain_text(offer)

    page = new_desk(desk_browser, caesura.url, viewport=WIDE)
    begin(page, "ines", one_time)
    expect(page.get_by_role("heading", name="No calls for you now")).to_be_visible()
    expect(row).to_contain_text("Available")
    picture(page, "desk-available")

    caesura.dana.send("POST", f"/campaigns/{offer}/start")
    expect(page.get_by_role("button", name="Hang up")).to_be_visible()
    expect(page).to_have_title("● On call – Caesura")
    name = page.get_by_role("article").get_attribute("aria-label")
    assert name is not None
    assert name.startswith("Customer ")
    expect(page.get_by_text(f"Good day {name}.")).to_be_visible()
    announcer = page.locator("[data-part=announcer]")
    expect(announcer).to_have_text(f"On call with {name}, {offer}.")
    hears(page, CALLEE_HZ)
    expect(row).to_contain_text("On call")
    picture(page, "desk-on-call")
    found = {"on call": violations(page)}

    # Keys: mute, hold, keypad.
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Unmute")).to_be_visible()
    page.keyboard.press("m")
    expect(announcer).to_have_text("Not muted any more.")
    page.keyboard.press("h")
    expect(announcer).to_have_text("The callee is on hold.")
    page.keyboard.press("h")
    expect(announcer).to_have_text("The callee is back.")
    page.keyboard.press("k")
    page.keyboard.press("1")
    page.keyboard.press("#")
    expect(page.get_by_label("Sent")).to_have_text("1#")
    page.keyboard.press("Escape")

    # The page is loaded anew: the same conversation, and what was written.
    page.keyboard.press("n")
    page.keyboard.type("asks for the price")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_role("article", name=name)).to_be_visible()
    expect(page.get_by_role("button", name="Line ready")).to_be_visible()
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("asks for the price")
    hears(page, CALLEE_HZ)

    # The pause does not cut it, and says what comes next.
    caesura.dana.send("POST", f"/campaigns/{offer}/pause", reason="the price is wrong")
    paused = f"{offer} was paused by {caesura.dana.name}: the price is wrong."
    expect(page.get_by_text(paused, exact=True)).to_be_visible()
    expect(page.get_by_text("Your conversation goes on.")).to_be_visible()
    picture(page, "desk-paused")

    # A callback by the callee's clock, said while they talk; then the wrap-up.
    page.get_by_role("heading", name=name).click()
    page.keyboard.press("2")
    page.get_by_role("button", name=re.compile("^Tomorrow")).click()
    page.get_by_text("I do", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("their time (")).to_be_visible()
    page.get_by_role("button", name="Hang up").click()
    expect(page).to_have_title("Wrap-up – Caesura")
    assert hums(heard(humming)[-8000:], MICROPHONE_HZ)  # the last second, after the reload
    picture(page, "desk-wrap-up")
    page.emulate_media(color_scheme="dark")
    found["wrap-up"] = violations(page)
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="No calls for you now")).to_be_visible()
    today = page.get_by_role("region", name="Today")
    expect(today).to_contain_text("Call back")
    expect(today).to_contain_text("you call")
    picture(page, "desk-after")
    found["idle"] = violations(page)
    assert {where: what for where, what in found.items() if what} == {}

    # A break, and home.
    page.get_by_role("button", name=re.compile("^You are: Available")).click()
    page.get_by_role("menuitem", name="Lunch").click()
    expect(page.get_by_role("heading", name="Break: Lunch")).to_be_visible()
    expect(row).to_contain_text("Lunch")
    page.get_by_role("button", name=re.compile("^You are: Break")).click()
    page.get_by_role("menuitem", name="Go home").click()
    expect(page.get_by_role("heading", name="Begin your shift")).to_be_visible()
    expect(row).to_contain_text("Not on shift")
    page.context.close()


def test_the_campaigns_tab_assigns_agents(caesura: World, open_page: Open, offer: str) -> None:
    caesura.dana.send("POST", "/agents", name="mara", skills=["Spanish"])
    page = open_page(f"/campaigns/{offer}/agents")
    page.get_by_role("combobox", name="Assign agents").click()
    page.get_by_role("option", name="mara").click()
    page.keyboard.press("Escape")
    page.get_by_label("Priority of mara").fill("7")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The campaign's agents were changed.")).to_be_visible()
    assigned = caesura.dana.get(f"/campaigns/{offer}/agents")
    assert [(each["agent"], each["priority"]) for each in assigned if each["agent"] == "mara"] == [
        ("mara", 7)
    ]
    assert violations(page) == []
    page.get_by_role("button", name="Take mara out of this campaign").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("row", name="mara")).to_have_count(0)


def test_a_pause_names_whose_calls_the_agents_take_meanwhile(
    caesura: World, open_page: Open, offer: str
) -> None:
    dana = caesura.dana
    settings = dana.get(f"/campaigns/{offer}/settings")["settings"]
    dana.send("POST", "/campaigns", name="second offer", lists=["offer-list"], settings=settings)
    try:
        for name in (offer, "second offer"):
            deed = "start" if caesura.state(name) == "draft" else "resume"
            dana.send("POST", f"/campaigns/{name}/{deed}")
        page = open_page(f"/campaigns/{dana.campaign(offer)['id']}")
        ledgers = page.get_by_role("region", name="Abandoned")
        expect(ledgers.get_by_role("row", name="Last 30 days")).to_be_visible()
        picture(page, "ledgers")
        the_button(page, "Pause", offer).click()
        dialog = page.get_by_role("dialog", name=f"Pause {offer}?")
        dialog.get_by_role("combobox", name="Its agents take calls of").click()
        page.get_by_role("option", name="second offer").click()
        picture(page, "pause-destination")
        confirm(page)
        expect(
            page.get_by_text("Meanwhile, its agents take calls of second offer.")
        ).to_be_visible()
        picture(page, "paused-destination")
        dana.send("POST", f"/campaigns/{offer}/resume")
        expect(page.get_by_text("Meanwhile, its agents")).to_be_hidden()
        dana.send("POST", f"/campaigns/{offer}/pause")
    finally:
        dana.send("POST", "/campaigns/second offer/terminate")


def test_without_a_microphone_the_desk_says_what_to_do(
    caesura: World, browser: Browser, open_page: Open
) -> None:
    made = caesura.dana.send("POST", "/agents", name="oskar")
    oskar = Manager(caesura.url, "oskar", made["password"])
    page = open_page("/campaigns", by=oskar, size=PHONE)
    page.wait_for_url("**/desk")  # there is nothing else for an agent
    page.get_by_role("button", name="Check the microphone").click()
    expect(page.get_by_role("alert")).to_contain_text("microphone")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.get_by_role("button", name="Begin the shift")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(page) == []
    picture(page, "desk-no-microphone-phone")
    page.goto(f"{caesura.url}/desk")
    oskar.close()


def test_a_second_tab_leaves_the_calls_to_the_first(caesura: World, open_page: Open) -> None:
    made = caesura.dana.send("POST", "/agents", name="zoe")
    zoe = Manager(caesura.url, "zoe", made["password"])
    first = open_page("/desk", by=zoe)
    expect(first.get_by_role("heading", name="Begin your shift")).to_be_visible()
    second = first.context.new_page()
    second.goto(f"{caesura.url}/desk")
    expect(second.get_by_text("Your desk is open in another tab")).to_be_visible()
    second.get_by_role("button", name="Go on here").click()
    expect(second.get_by_role("heading", name="Begin your shift")).to_be_visible()
    expect(first.get_by_text("Your desk is open in another tab")).to_be_visible()
    zoe.close()
