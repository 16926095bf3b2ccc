"""Agents at work, on the wire: calls find them, and a pause frees them.

The agents here are the practice agents, over real WebRTC; the page itself is tested in
tests/browser/test_desk.py.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.peers.practice import practice_carrier
from tests.processes import wait_until
from tests.tone import decoded, has_tone
from tests.whole.conftest import Prepare
from tests.whole.node import Node

from caesura.practice.agents import Habits, PracticeAgent
from caesura.practice.behaviour import Spread

pytestmark = pytest.mark.timeout(240)

CALLEE_HZ = 440.0
LONG = Habits(talk=Spread(low_s=300, high_s=300), wrap_up=Spread(low_s=0.2, high_s=0.4))
SHORT = Habits(talk=Spread(low_s=1, high_s=3), wrap_up=Spread(low_s=0.2, high_s=0.6))
AGENTS = {"wrap_up": {"seconds": 20}}


@contextmanager
def agents_of(node: Node, names: list[str], habits: Habits) -> Iterator[list[PracticeAgent]]:
    """Agents who sign in and work, in a thread of their own, until the block ends."""
    told = json.loads((node.data / "instance.json").read_text())
    made = [
        PracticeAgent(
            told["url"], name, node.cli("agents", "add", name)["password"], habits, number
        )
        for number, name in enumerate(names)
    ]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    tasks = [asyncio.run_coroutine_threadsafe(agent.run(), loop) for agent in made]
    try:
        yield made
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        time.sleep(1)  # they go home
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def does(agent: PracticeAgent) -> str:
    return str(agent.view.get("presence", "offline"))


def hears_the_callee(agent: PracticeAgent) -> bool:
    assert agent.softphone is not None
    return has_tone(decoded(agent.softphone.sound()[-4000:], "PCMU"), CALLEE_HZ)


def calls_for(agent: PracticeAgent) -> str | None:
    following = agent.view.get("next")
    return None if following is None else str(following["campaign"]["name"])


def until(holds: Callable[[], object], agents: list[PracticeAgent], within_s: float = 30) -> None:
    wait_until(
        lambda: bool(holds()),
        within_s,
        lambda: json.dumps([agent.view for agent in agents], indent=1)[:4000],
        every_s=0.02,
    )


def progressive(**more: Any) -> dict[str, object]:
    return {"pacing": {"kind": "progressive", "concurrency": 20}, "agents": AGENTS, **more}


@pytest.mark.parametrize("kind", ["progressive"])
def test_agents_take_the_calls_and_a_pause_frees_those_who_do_not_talk(
    node: Node, prepare: Prepare, tmp_path: Path, kind: str
) -> None:
    people = ("--seed", "3", "--answer", "1", "--ring-s", "0.3-0.6", "--talk-s", "200-200")
    heard = tmp_path / "heard"
    hums = ("--hum-hz", str(CALLEE_HZ), "--recordings", str(heard))
    with (
        practice_carrier(tmp_path, *people, *hums) as carrier,
        agents_of(node, ["Ada", "Bob"], LONG) as (ada, bob),
    ):
        both = [ada, bob]
        prepare("spring", carrier.address, leads=20, cps=20, concurrency=20, **progressive())
        values = tmp_path / "winter.json"
        values.write_text(json.dumps(progressive()))
        node.cli("lists", "import", str(tmp_path / "spring.csv"), "--name", "w", "--region", "US")
        node.cli(
            *("campaigns", "create", "winter", "--list", "w", "--trunk", "practice"),
            *("--number", "+14155550100", "--hours", "always", "--settings", str(values)),
        )
        node.cli("agents", "assign", "spring", "Ada", "Bob", "--priority", "9")
        node.cli("agents", "assign", "winter", "Ada", "Bob")
        until(lambda: ada.view.get("device") and bob.view.get("device"), both)
        node.cli("campaigns", "start", "spring")
        until(lambda: does(ada) == does(bob) == "on_call", both)
        until(lambda: hears_the_callee(ada) and hears_the_callee(bob), both)  # after the greeting
        for agent in both:
            assert agent.view["call"]["attributes"]["name"].startswith("Customer")
        node.cli("campaigns", "start", "winter")
        call_ended = bob.view["call"]["attempt"]
        node.cli("campaigns", "pause", "spring", "--reason", "lunch")
        paused_at = time.monotonic()
        until(lambda: (ada.view.get("notice") or {}).get("reason") == "lunch", both, 5)
        assert time.monotonic() - paused_at < 5
        assert does(ada) == does(bob) == "on_call", "a pause has cut a conversation"
        hang_up(bob)
        until(lambda: does(bob) == "on_call" and bob.view["call"]["attempt"] != call_ended, both)
        assert bob.view["call"]["campaign"]["name"] == "winter"
        assert ada.view["call"]["campaign"]["name"] == "spring"
        node.cli("campaigns", "resume", "spring")
        hang_up(ada)
        until(lambda: does(ada) == "on_call" and calls_for(ada) == "spring", both)


def hang_up(agent: PracticeAgent) -> None:
    """As their hand would."""
    import httpx

    http = agent._http
    httpx.post(
        f"{http.base_url}desk/hang-up",
        cookies=dict(http.cookies),
        headers={"X-CSRF-Token": http.headers["X-CSRF-Token"]},
        trust_env=False,
    ).raise_for_status()
