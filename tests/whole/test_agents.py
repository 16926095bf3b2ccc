"""Agents at work, on the wire: calls find them, and a pause frees them.

The agents here are the practice agents, over real WebRTC; the page itself is tested in
tests/browser/test_desk.py.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.peers.practice import practice_carrier
from tests.processes import wait_until
from tests.tone import decoded, has_tone
from tests.whole import material
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
def agents_of(
    node: Node, names: list[str], habits: Habits, added: Callable[[], object] = lambda: None
) -> Iterator[list[PracticeAgent]]:
    """Agents who sign in and work, in a thread of their own, until the block ends.

    `added` is called once they are there, and before they sign in.
    """
    told = json.loads((node.data / "instance.json").read_text())
    made = [
        PracticeAgent(
            told["url"], name, node.cli("agents", "add", name)["password"], habits, number
        )
        for number, name in enumerate(names)
    ]
    added()
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


def test_agents_take_the_calls_and_a_pause_frees_those_who_do_not_talk(
    node: Node, prepare: Prepare, tmp_path: Path
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
        second_campaign(node, tmp_path, progressive())
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
        act(bob, "hang-up")
        until(lambda: does(bob) == "on_call" and bob.view["call"]["attempt"] != call_ended, both)
        assert bob.view["call"]["campaign"]["name"] == "winter"
        assert ada.view["call"]["campaign"]["name"] == "spring"
        node.cli("campaigns", "resume", "spring")
        act(ada, "hang-up")
        until(lambda: does(ada) == "on_call" and calls_for(ada) == "spring", both)


def test_who_is_free_sees_the_other_campaign_within_half_a_second_of_the_pause(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    people = ("--seed", "3", "--answer", "0", "--ring-s", "9-9")
    looks = replace(LONG, look=Spread(low_s=300, high_s=300))
    with (
        practice_carrier(tmp_path, *people) as carrier,
        agents_of(node, ["Ada"], looks) as (ada,),
    ):
        shown = {"pacing": {"kind": "preview"}}
        prepare("spring", carrier.address, leads=20, cps=20, concurrency=20, **shown)
        second_campaign(node, tmp_path, shown)
        node.cli("agents", "assign", "spring", "Ada", "--priority", "9")
        node.cli("agents", "assign", "winter", "Ada")
        node.cli("campaigns", "start", "winter")
        until(lambda: does(ada) == "preview" and shown_of(ada) == "winter", [ada])
        node.cli("campaigns", "start", "spring")
        act(ada, "skip")
        until(lambda: does(ada) == "preview" and shown_of(ada) == "spring", [ada])
        node.cli("campaigns", "pause", "spring", "--reason", "lunch")
        until(lambda: does(ada) == "preview" and shown_of(ada) == "winter", [ada])
        receipt = node.cli("campaigns", "receipt", "spring")
        since = material.moment(ada.view["since"])
        assert since - material.moment(receipt["requested_at"]) < 0.5
        assert ada.view["notice"]["reason"] == "lunch"
        assert ada.view["notice"]["next"]["campaign"]["name"] == "winter"
        refused = act(ada, "dial", {"campaign": campaign_id(node, "spring"), "lead": 1})
        assert refused.status_code == 409


def test_whose_agent_is_cut_off_is_given_another_within_five_seconds(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    people = ("--seed", "3", "--answer", "1", "--ring-s", "0.3-0.6", "--talk-s", "200-200")
    with (
        practice_carrier(tmp_path, *people) as carrier,
        agents_of(node, ["Ada", "Bob"], LONG) as (ada, bob),
    ):
        both = [ada, bob]
        prepare("spring", carrier.address, leads=1, cps=20, concurrency=20, **progressive())
        node.cli("agents", "assign", "spring", "Ada")
        until(lambda: ada.view.get("device") and bob.view.get("device"), both)
        node.cli("campaigns", "start", "spring")
        until(lambda: does(ada) == "on_call", both)
        attempt = ada.view["call"]["attempt"]
        node.cli("agents", "assign", "spring", "Bob")
        crashed_at = time.time()
        ada.crash()
        until(lambda: does(bob) == "on_call", both, 10)
        assert bob.view["call"]["attempt"] == attempt
        assert material.moment(bob.view["since"]) - crashed_at < 5
        act(bob, "hang-up")
        until(lambda: does(bob) == "wrap_up" or bob.dispositions, both)
        node.wait_for("spring", lambda c: c["status"] == "completed", 40)
        (call,) = node.calls("spring")
        assert call["outcome"] == "answered"


def test_who_finds_no_agent_hears_why_within_two_seconds_and_may_opt_out(
    node: Node, prepare: Prepare, tmp_path: Path
) -> None:
    # 47 CFR 64.1200(a)(7)(i) counts from the end of the greeting; this campaign, from the answer.
    people = ("--seed", "3", "--answer", "1", "--ring-s", "3-3", "--talk-s", "200-200")
    heard = tmp_path / "heard"
    with (
        practice_carrier(tmp_path, *people, "--recordings", str(heard)) as carrier,
        agents_of(node, ["Ada"], LONG) as (ada,),
    ):
        sorry = material.message(tmp_path / "sorry.wav", 6.0)
        node.cli("recordings", "add", str(sorry))
        told = {**AGENTS, "abandoned_recording": "sorry", "opt_out_key": "9"}
        strict = {"kind": "progressive", "concurrency": 20, "connect_counts_from": "answer"}
        calls = {"cps": 20, "concurrency": 20, "pacing": strict, "agents": told}
        prepare("spring", carrier.address, leads=1, **calls)
        presses_9 = material.customer_list(tmp_path / "nine.csv", ["+14155550114"])
        node.cli("lists", "import", str(presses_9), "--name", "nine", "--region", "US")
        node.cli("campaigns", "add-list", "spring", "nine")
        node.cli("agents", "assign", "spring", "Ada")
        until(lambda: ada.view.get("device"), [ada])
        node.cli("campaigns", "start", "spring")
        for ended in (1, 2):
            node.wait_for("spring", lambda c: c["in_flight"]["ringing"] == 1, 30)
            act(ada, "presence", {"presence": "break", "reason": "Lunch"}, "PUT")
            node.wait_for("spring", lambda c, n=ended: c["leads"]["done"] == n, 30)
            act(ada, "presence", {"presence": "available"}, "PUT")
        calls_made = {call["number"]: call for call in node.calls("spring")}
        assert [call["outcome"] for call in calls_made.values()] == ["abandoned", "abandoned"]
        assert {entry["phone"] for entry in node.cli("dnc", "list")} == {"+14155550114"}
        for phone in calls_made:
            (path,) = heard.glob(f"*{phone.lstrip('+')}.wav")
            sound = samples(path)
            began = next(n for n in range(0, len(sound), 160) if has_tone(sound[n : n + 1600], 440))
            assert began / 8000 < 2.0, phone
            seconds = (len(sound) - began) / 8000
            assert seconds < 3 if phone == "+14155550114" else seconds > 5.5, phone


def samples(path: Path) -> np.ndarray:
    """A recording of the practice carrier's."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def second_campaign(node: Node, directory: Path, values: dict[str, object]) -> None:
    """`winter`, over the same people and the same trunk as `spring`."""
    written = material.settings(directory / "winter.json", {**material.ONE_TRY, **values})
    people = directory / "spring.csv"
    node.cli("lists", "import", str(people), "--name", "winter", "--region", "US")
    node.cli(
        *("campaigns", "create", "winter", "--list", "winter", "--trunk", "practice"),
        *("--number", "+14155550100", "--hours", "always", "--settings", str(written)),
    )


def campaign_id(node: Node, name: str) -> int:
    return int(node.campaign(name)["id"])


def shown_of(agent: PracticeAgent) -> str | None:
    call = agent.view.get("call")
    return None if call is None else str(call["campaign"]["name"])


def act(
    agent: PracticeAgent, what: str, body: dict[str, Any] | None = None, method: str = "POST"
) -> httpx.Response:
    """As their hand would."""
    http = agent._http
    return httpx.request(
        method,
        f"{http.base_url}desk/{what}",
        json=body,
        cookies=dict(http.cookies),
        headers={"X-CSRF-Token": http.headers["X-CSRF-Token"]},
        trust_env=False,
    )
