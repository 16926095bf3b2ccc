"""An agent's browser that crashes, falls silent or is closed: no callee is left in silence."""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import database_of
from tests.browser.test_desk import hears, hums, recorded
from tests.browser.test_softphone import CALLEE_HZ
from tests.browser.test_two_desks import campaign, desk_of, does, on_call
from tests.browser.world import World
from tests.peers.practice import practice_carrier
from tests.processes import descendants, wait_until
from tests.whole import material

LOST = "lost-desks"
SORRY_HZ, SORRY_S = 440.0, 1.0  # material.message
HZ = {"eve": 700.0, "finn": 900.0, "gus": 550.0}
WITHIN_S = 5.0


@pytest.mark.timeout(300)
def test_the_callee_of_a_browser_that_is_gone_gets_another_agent_or_is_told_so(
    caesura: World, browser: Browser, tmp_path: Path, postgres_url: str
) -> None:
    heard = tmp_path / "heard"
    heard.mkdir()
    options = f"--answer 1 --ring-s 1-2 --talk-s 600 --hum-hz {CALLEE_HZ:.0f} --recordings {heard}"
    with practice_carrier(tmp_path, *options.split()) as carrier, ExitStack() as desks:
        host, port = carrier.address
        caesura.dana.send("POST", "/trunks", name="two-desks", host=host, port=port)
        sorry = material.message(tmp_path / "sorry-lost.wav", SORRY_S)
        caesura.node.cli("recordings", "add", str(sorry))
        people = material.customer_list(tmp_path / "one.csv", material.numbers(1700)[1630:1631])
        agents = {"wrap_up": {"seconds": 20}, "lost_recording": "sorry-lost"}
        campaign(caesura, LOST, people, pacing={"kind": "progressive"}, agents=agents)
        pages = {
            name: desks.enter_context(desk_of(browser, caesura, name, hz, tmp_path / f"{name}.wav"))
            for name, hz in HZ.items()
        }
        everybody = [{"agent": name} for name in pages]
        caesura.dana.request("PUT", f"/campaigns/{LOST}/agents", json=everybody)
        caesura.dana.send("POST", f"/campaigns/{LOST}/start")
        wait_until(lambda: len(talking(caesura)) == 1, 30, lambda: desks_of(caesura))
        (first,) = talking(caesura)
        on_call(pages[first])
        hears(pages[first], CALLEE_HZ)
        survives_a_lost_network(pages[first])

        crashed_at = time.time()
        os.kill(process_of(tmp_path / f"{first}.wav"), signal.SIGKILL)
        second = another(caesura, {first}, crashed_at)
        on_call(pages[second])
        hears(pages[second], CALLEE_HZ)

        # As if its network were cut: no packet, no goodbye, and no socket that refuses.
        chromium = process_of(tmp_path / f"{second}.wav")
        silent = [chromium, *descendants(chromium)]
        silent_at = time.time()
        for pid in silent:
            os.kill(pid, signal.SIGSTOP)
        try:
            third = another(caesura, {first, second}, silent_at)
        finally:
            for pid in silent:
                os.kill(pid, signal.SIGKILL)
        on_call(pages[third])
        hears(pages[third], CALLEE_HZ)

        closed_at = time.time()
        pages[third].close()
        wait_until(lambda: not in_flight(caesura), 20, lambda: desks_of(caesura))
        (call,) = caesura.node.cli("calls", "list", "--campaign", LOST)
        assert material.moment(call["ended_at"]) - closed_at < WITHIN_S + SORRY_S + 0.5
        assert call["outcome"] == "answered"
        caesura.dana.send("POST", f"/campaigns/{LOST}/terminate")
        caesura.dana.send("DELETE", "/trunks/two-desks")  # other tests choose the only one
    (path,) = heard.iterdir()
    sound = recorded(path)
    for name, hz in HZ.items():
        assert hums(sound, hz), f"{name} was not heard"
    assert hums(sound[-int(8000 * (SORRY_S + 0.5)) :], SORRY_HZ), "the callee was told nothing"
    with psycopg.connect(database_of(postgres_url)) as conn:
        ends = conn.execute(
            "SELECT k.end_reason FROM conversation k JOIN campaign c ON c.id = k.campaign_id "
            "WHERE c.name = %s ORDER BY k.began_at",
            [LOST],
        ).fetchall()
    assert ends == [("device_lost",)] * 3


def another(caesura: World, gone: set[str], since: float) -> str:
    """Who has the conversation instead of those, soon enough after that moment."""

    def found() -> bool:
        return len(talking(caesura)) == 1 and not gone & set(talking(caesura))

    wait_until(found, 15, lambda: desks_of(caesura))
    (name,) = talking(caesura)
    assert material.moment(does(caesura, name)["since"]) - since < WITHIN_S
    return name


def survives_a_lost_network(page: Page) -> None:
    """Without the server, the page shows so; the conversation goes on, and is shown afterwards."""
    page.context.set_offline(True)
    hears(page, CALLEE_HZ)
    page.context.set_offline(False)
    expect(page.get_by_role("button", name="Line ready")).to_be_visible()
    on_call(page)
    hears(page, CALLEE_HZ)


def talking(caesura: World) -> list[str]:
    return [name for name in HZ if (does(caesura, name) or {}).get("presence") == "on_call"]


def in_flight(caesura: World) -> int:
    flight = caesura.dana.campaign(LOST)["in_flight"]
    return int(flight["ringing"] + flight["talking"])


def desks_of(caesura: World) -> str:
    return str({name: does(caesura, name) for name in HZ})


def process_of(microphone: Path) -> int:
    """The Chromium that was started with this microphone, not one of its own processes."""
    for directory in Path("/proc").iterdir():
        if not directory.name.isdecimal():
            continue
        try:
            words = (directory / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended
        named = any(word.endswith(b"=" + bytes(microphone)) for word in words)
        if named and not any(word.startswith(b"--type=") for word in words):
            return int(directory.name)
    raise AssertionError(f"no browser hears {microphone}")
