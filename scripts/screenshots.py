"""Pictures of every page of the dashboard, from a demo of its own: light, dark, and on a phone.

    make screenshots                  into docs/screenshots/
    make screenshots ARGS="--only campaign"

The demo dials for a while first, so that there is something to see. Needs what `make test` needs:
the built dashboard, Playwright and Debian's Chromium.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run"
PASSWORD = "a picture of two bars"
READY_S = 60.0
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
LOOKS = {"light": ("light", WIDE), "dark": ("dark", WIDE), "phone": ("light", PHONE)}
CAMPAIGN = "spring-renewal"
PEOPLE = """Customer,Mobile phone,Work,City
Ann Miller,(312) 555-0142,312-555-0188,Chicago
Bob Reyes,415.555.0177,,San Francisco
Carla Nunez,+52 55 1234 5678,,Mexico City
Dan Short,12,,Nowhere
Eve Long,212-555-0101,,New York
"""


@contextmanager
def demo(directory: Path) -> Iterator[tuple[str, str]]:
    """A running demo; its address and the administrator's one-time password."""
    directory.chmod(0o755)  # as root, PostgreSQL runs under another account
    log = directory / "demo.out"
    # Apart from other nodes on this machine.
    ports = ["env", "CAESURA_SIP=127.0.0.1:0", "CAESURA_MEDIA_PORTS=41000-41999"]
    caesura = str(Path(sys.executable).with_name("caesura"))
    command = [caesura, "demo", "--http", "127.0.0.1:0", "--data", str(directory / "data")]
    with log.open("w") as out:
        process = subprocess.Popen([*ports, *command], stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + READY_S
        while True:
            said = log.read_text()
            address = re.search(r"Caesura runs at\s+(http://\S+)", said)
            password = re.search(r"with the one-time password (\S+)", said)
            if address and password and "is running" in said:
                break
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"The demo did not start:\n{said}")
            time.sleep(0.2)
        yield address[1], password[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def settle(page: Page) -> None:
    """Wait until the page shows what it has to."""
    page.wait_for_load_state()
    page.get_by_role("main").wait_for()
    page.wait_for_function("() => !document.querySelector('[role=status][aria-label=Loading]')")
    page.wait_for_timeout(700)  # charts draw, dialogs fade in


def import_form(page: Page) -> None:
    file = Path(tempfile.gettempdir()) / "people.csv"
    file.write_text(PEOPLE)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Import 5 rows").wait_for()
    file.unlink()


def plan(page: Page) -> None:
    step = page.get_by_role("navigation", name="Steps").get_by_role("button")
    page.get_by_label("Name", exact=True).fill("Autumn offer")
    step.nth(1).click()
    page.get_by_role("checkbox", name="practice-customers").check()
    step.nth(2).click()
    page.get_by_role("combobox", name="Recording").click()
    page.get_by_role("option", name="practice-message").click()
    step.nth(3).click()
    page.get_by_role("combobox", name="Calling numbers").click()
    page.get_by_role("option", name="+12125550198").click()
    page.keyboard.press("Escape")
    step.nth(6).click()


def pause_dialog(page: Page) -> None:
    page.get_by_role("button", name=f"Pause {CAMPAIGN}").click()
    page.get_by_role("dialog").wait_for()


def simulate(page: Page) -> None:
    page.get_by_role("button", name="Run the simulation").click()
    page.get_by_role("button", name="Cancel").wait_for(state="hidden", timeout=60_000)


Act = Callable[[Page], None]


def pages(campaign: str) -> dict[str, tuple[str, Act | None]]:
    """Name of the picture -> path, and what is done there first. The order is that of taking."""
    return {
        "campaigns": ("/campaigns", None),
        "campaign-running": (campaign, None),
        "campaign-pause": (campaign, pause_dialog),
        **{
            f"campaign-{tab}": (f"{campaign}/{tab}", None)
            for tab in ("leads", "calls", "agents", "settings", "history")
        },
        "new-campaign": ("/campaigns/new", plan),
        "lists": ("/lists", None),
        "lists-import": ("/lists/import", import_form),
        "numbers": ("/numbers", None),
        "do-not-call": ("/do-not-call", None),
        "reports": ("/reports", None),
        "simulate": ("/simulate", simulate),
        "wallboard": ("/wallboard", None),
        **{
            f"settings-{tab}": (f"/settings/{tab}", None)
            for tab in ("yours", "everybody", "users", "keys", "notifications", "machines")
        },
    }


def take(browser: Browser, url: str, state: Path, only: str, into: Path, *, paused: bool) -> None:
    campaign = f"/campaigns/{CAMPAIGN}"
    wanted = {"campaign-paused": (campaign, None)} if paused else pages(campaign)
    for look, (theme, size) in LOOKS.items():
        for name, (path, act) in wanted.items():
            if only not in name:
                continue
            context = browser.new_context(
                viewport=size,  # type: ignore[arg-type]
                color_scheme=theme,  # type: ignore[arg-type]
                storage_state=state,
                locale="en-US",
                timezone_id="America/New_York",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(url + path)
            settle(page)
            if act is not None:
                act(page)
                settle(page)
            page.screenshot(path=into / f"{name}-{look}.png")
            print(into / f"{name}-{look}.png")
            context.close()


def sign_in(browser: Browser, url: str, one_time: str, state: Path) -> Callable[[str], None]:
    """Sign in for all pictures; returns what sends an order to the API."""
    context = browser.new_context()
    api = f"{url}/api/v1"
    asked = {"name": "admin", "password": one_time}
    session = context.request.post(f"{api}/session", data=asked).json()
    changed = context.request.post(
        f"{api}/session/password",
        data={"old": one_time, "new": PASSWORD},
        headers={"X-CSRF-Token": session["csrf_token"]},
    ).json()
    context.storage_state(path=state)

    def send(path: str) -> None:
        reply = context.request.post(
            api + path,
            data={"reason": "script wrong"},
            headers={"X-CSRF-Token": changed["csrf_token"]},
        )
        assert reply.ok, reply.text()

    return send


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--into", type=Path, default=Path("docs/screenshots"))
    parser.add_argument("--only", default="", help="pictures whose name has this in it")
    parser.add_argument("--dial-s", type=float, default=90.0, help="how long the demo dials first")
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="caesura-screenshots-") as directory,
        demo(Path(directory)) as (url, one_time),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        state = Path(directory) / "signed-in.json"
        send = sign_in(browser, url, one_time, state)
        time.sleep(asked.dial_s)
        take(browser, url, state, asked.only, asked.into, paused=False)
        if asked.only in "campaign-paused":
            send(f"/campaigns/{CAMPAIGN}/pause")
            time.sleep(20)  # conversations end, the receipt is complete
            take(browser, url, state, asked.only, asked.into, paused=True)
        browser.close()


if __name__ == "__main__":
    main()
