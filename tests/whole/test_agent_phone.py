"""An agent with a telephone of their own: rung once, kept open, heard both ways; lost when hung up.

Customers are behind one practice carrier, the agents' telephones behind another, the office's.
"""

from __future__ import annotations

import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.peers.practice import RunningCarrier, practice_carrier
from tests.processes import wait_until
from tests.tone import has_tone
from tests.whole import material
from tests.whole.conftest import Prepare
from tests.whole.node import Node
from tests.whole.test_agents import LONG, act, agents_of, does, progressive, until

from caesura.practice.agents import PracticeAgent

pytestmark = pytest.mark.timeout(240)

CUSTOMER_HZ, AGENT_HZ = 440.0, 620.0
NEVER_HANGS_UP, HANGS_UP, BUSY = "+14155550111", "+14155550101", "+14155550102"


@dataclass
class Town:
    """Everybody who has a telephone. `heard` are recordings, one for each call that is over."""

    customers: RunningCarrier
    office: RunningCarrier
    directory: Path

    def heard(self, where: str, count: int) -> list[np.ndarray]:
        """What was heard there, in the order in which the calls ended."""
        found: list[Path] = []

        def all_there() -> bool:
            found[:] = sorted((self.directory / where / "heard").glob("*.wav"))
            return len(found) >= count

        wait_until(all_there, 10, lambda: f"{found}")
        return [_samples(path) for path in found]


def _samples(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def seconds_of(sound: np.ndarray, hz: float) -> float:
    """How much of it is that tone, looked at by tenths of a second."""
    pieces = [sound[at : at + 1600] for at in range(0, len(sound) - 1600, 800)]
    return sum(has_tone(piece, hz) for piece in pieces) / 10


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with (
        _carrier(tmp_path, "city", CUSTOMER_HZ, "200-200") as customers,
        # Who is called there picks up, and hangs up after 8 s, unless they never do.
        _carrier(tmp_path, "office", AGENT_HZ, "8-8") as office,
    ):
        yield Town(customers, office, tmp_path)


@contextmanager
def _carrier(directory: Path, name: str, hz: float, talk_s: str) -> Iterator[RunningCarrier]:
    (directory / name).mkdir()
    options = ("--seed", "3", "--answer", "1", "--ring-s", "0.2-0.2", "--talk-s", talk_s)
    heard = ("--hum-hz", str(hz), "--recordings", str(directory / name / "heard"))
    with practice_carrier(directory / name, *options, *heard) as carrier:
        yield carrier


def give_phone(node: Node, town: Town, agent: str, number: str) -> None:
    host, port = town.office.address
    node.cli("trunks", "add", "office", "--host", host, "--port", str(port))
    node.cli("agents", "phone", agent, number, "--trunk", "office", "--number", "+14155550100")


def phone_of(agent: PracticeAgent) -> str | None:
    phone = agent.view.get("phone")
    return None if phone is None else str(phone["state"])


def test_one_leg_carries_one_conversation_after_the_other_through_a_pause(
    node: Node, prepare: Prepare, town: Town
) -> None:
    calls = {"leads": 2, "cps": 20, "concurrency": 20}
    prepare("spring", town.customers.address, **calls, **progressive())
    with agents_of(node, ["Ada"], LONG, lambda: give_phone(node, town, "Ada", NEVER_HANGS_UP)) as (
        ada,
    ):
        until(lambda: ada.view.get("device") and phone_of(ada) == "ready", [ada])
        assert ada.softphone is None
        node.cli("agents", "assign", "spring", "Ada")
        node.cli("campaigns", "start", "spring")
        talked = list[str]()
        for _ in range(2):
            until(lambda: does(ada) == "on_call" and not _is_of(ada, talked), [ada])
            talked.append(ada.view["call"]["attempt"])
            time.sleep(4)  # after both greetings they hum
            if len(talked) == 2:
                node.cli("pause", "--all", "--yes", "--reason", "drill")
                time.sleep(1)
                assert does(ada) == "on_call" and phone_of(ada) == "ready"
            act(ada, "hang-up")
        until(lambda: does(ada) == "available", [ada])
        assert phone_of(ada) == "ready"
        assert len(town.office.invites()) == 1
    town.office.wait_for("bye")  # they went home
    for customer in town.heard("city", 2):
        assert seconds_of(customer, AGENT_HZ) > 1.5
    (phone,) = town.heard("office", 1)
    assert seconds_of(phone, CUSTOMER_HZ) > 3


def _is_of(agent: PracticeAgent, attempts: list[str]) -> bool:
    return agent.view["call"]["attempt"] in attempts


def test_who_hangs_the_phone_up_is_lost_to_another_within_five_seconds_and_may_ring_again(
    node: Node, prepare: Prepare, town: Town
) -> None:
    calls = {"leads": 1, "cps": 20, "concurrency": 20}
    prepare("spring", town.customers.address, **calls, **progressive())
    with agents_of(node, ["Ada", "Bob"], LONG, lambda: give_phone(node, town, "Ada", HANGS_UP)) as (
        ada,
        bob,
    ):
        both = [ada, bob]
        node.cli("agents", "assign", "spring", "Ada")
        until(lambda: phone_of(ada) == "ready" and bob.view.get("device"), both)
        node.cli("campaigns", "start", "spring")
        until(lambda: does(ada) == "on_call", both)
        attempt = ada.view["call"]["attempt"]
        node.cli("agents", "assign", "spring", "Bob")
        (hung_up,) = town.office.wait_for("sent_bye", timeout_s=20)
        until(lambda: does(bob) == "on_call", both, 10)
        assert bob.view["call"]["attempt"] == attempt
        assert material.moment(bob.view["since"]) - hung_up["at"] < 5
        assert phone_of(ada) == "hung_up"
        assert act(ada, "phone").status_code == 200
        until(lambda: phone_of(ada) == "ready", both)
        assert len(town.office.invites()) == 2


def test_a_phone_that_is_busy_says_so_and_no_call_comes(
    node: Node, prepare: Prepare, town: Town
) -> None:
    calls = {"leads": 1, "cps": 20, "concurrency": 20}
    prepare("spring", town.customers.address, **calls, **progressive())
    with agents_of(node, ["Ada"], LONG, lambda: give_phone(node, town, "Ada", BUSY)) as (ada,):
        node.cli("agents", "assign", "spring", "Ada")
        until(lambda: phone_of(ada) == "busy", [ada])
        node.cli("campaigns", "start", "spring")
        time.sleep(1)
        assert not ada.view["device"] and does(ada) == "available"
        assert town.customers.invites() == []
        node.cli("agents", "phone", "Ada", "sip:+14155550111@127.0.0.1", "--trunk", "office")
        assert act(ada, "phone").status_code == 200
        until(lambda: does(ada) == "on_call", [ada])
