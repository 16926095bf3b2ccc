"""The gate, tried on the wire: what must not leave is counted at a socket of our own."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from caesura.voice.port import (
    Answered,
    Cancel,
    Ended,
    GateShut,
    Launched,
    NotLaunched,
    Readmit,
    ShutGate,
)

from .conftest import CAMPAIGN, EPOCH, Cell, Wire, trunk

CHALLENGE = 'Proxy-Authenticate: Digest realm="carrier",nonce="abc"'


async def test_without_a_gate_no_invite_leaves(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    assert (await cell.next(NotLaunched, cell.dial())).reason == "gate_shut"
    await asyncio.sleep(0.2)
    assert wire.received == []


@pytest.mark.parametrize("epoch", [EPOCH - 1, EPOCH + 1])
async def test_a_dial_of_another_epoch_does_not_leave(cell: Cell, wire: Wire, epoch: int) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    assert (await cell.next(NotLaunched, cell.dial(epoch=epoch))).reason == "gate_shut"
    assert (await cell.next(NotLaunched, cell.dial(campaign=CAMPAIGN + 1))).reason == "gate_shut"
    await asyncio.sleep(0.2)
    assert wire.received == []


async def test_dials_after_shut_gate_never_reach_the_wire(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    before = [cell.dial() for _ in range(20)]
    cell.send(ShutGate(campaign=CAMPAIGN))
    after = [cell.dial() for _ in range(20)]
    shut = await cell.next(GateShut)
    for attempt in after:
        assert (await cell.next(NotLaunched, attempt)).reason == "gate_shut"
    at = [(await cell.next(Launched, attempt)).at for attempt in before]
    assert (shut.campaign, shut.unlaunched) == (CAMPAIGN, [])
    assert shut.last_left_at == pytest.approx(max(at), abs=0.01)
    await asyncio.sleep(1.2)  # past the first retransmissions
    assert wire.count("INVITE") == 20


async def test_a_gate_that_never_let_anything_out_says_so(cell: Cell) -> None:
    cell.open_gate()
    cell.send(ShutGate(campaign=CAMPAIGN))
    assert (await cell.next(GateShut)).last_left_at is None


async def test_a_gate_whose_time_has_run_out_is_shut(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate(seconds=0.3)
    await cell.next(Launched, cell.dial())
    await asyncio.sleep(0.35)
    assert (await cell.next(NotLaunched, cell.dial())).reason == "gate_shut"
    cell.open_gate(seconds=0.3)
    await cell.next(Launched, cell.dial())


async def test_a_line_that_was_stopped_past_its_gate_sends_nothing_when_it_goes_on(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate(seconds=0.5)
    await cell.next(Launched, cell.dial())
    os.kill(cell.process.pid, signal.SIGSTOP)
    try:
        attempts = [cell.dial() for _ in range(10)]
        await asyncio.sleep(0.8)
        count = wire.count("INVITE")
    finally:
        os.kill(cell.process.pid, signal.SIGCONT)
    for attempt in attempts:
        assert (await cell.next(NotLaunched, attempt)).reason == "gate_shut"
    await asyncio.sleep(1.2)
    assert wire.count("INVITE") == count == 1  # also no retransmission of the first


async def test_an_invite_is_sent_again_while_the_gate_is_open(cell: Cell, wire: Wire) -> None:
    """Timer A (RFC 3261 section 17.1.1.2): after 500 ms and 1 s. Without this, the next proves
    nothing."""
    cell.configure(trunk(wire.port))
    cell.open_gate()
    cell.dial()
    await wire.get("INVITE", 3)


async def test_an_invite_is_not_sent_again_once_the_gate_is_shut(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    await cell.next(Launched, attempt)
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    await asyncio.sleep(1.8)
    assert wire.count("INVITE") == 1
    cell.send(Cancel(attempt=attempt))
    assert (await cell.next(Ended, attempt, within_s=8)).by == "us"


async def test_credentials_do_not_leave_through_a_shut_gate(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port, username="acme", password="secret"))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    wire.respond(invite, "407 Proxy Authentication Required", CHALLENGE)
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.reason) == ("us", 407, "gate_shut")
    await wire.get("ACK")
    await asyncio.sleep(1.2)
    assert wire.count("INVITE") == 1


async def test_a_second_trunks_invite_does_not_leave_through_a_shut_gate(
    cell: Cell, wire: Wire, open_wire: Callable[..., Any]
) -> None:
    other: Wire = await open_wire()
    cell.configure(trunk(wire.port, "a"), trunk(other.port, "b"))
    cell.open_gate()
    attempt = cell.dial("a", "b")
    invite = await wire.get("INVITE")
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    wire.respond(invite, "503 Service Unavailable")
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.reason) == ("us", 503, "gate_shut")
    await asyncio.sleep(0.3)
    assert other.received == []


async def test_shutting_a_gate_leaves_ringing_and_answered_calls_alone(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = cell.dial()
    invite = await wire.get("INVITE")
    wire.respond(invite, "180 Ringing")
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    wire.answer(invite)
    await cell.next(Answered, attempt)
    await wire.get("ACK")
    await asyncio.sleep(0.3)
    assert (wire.count("CANCEL"), wire.count("BYE")) == (0, 0)


async def test_a_lost_cell_shuts_its_gates_and_cancels_what_rings_conversations_last_till_the_next(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    talking = cell.dial()
    first = await wire.get("INVITE")
    wire.answer(first)
    await cell.next(Answered, talking)
    cell.dial()
    second = await wire.get("INVITE", 2)
    wire.respond(second, "180 Ringing")
    await asyncio.sleep(0.1)
    cell.disconnect()
    await wire.get("CANCEL")
    assert wire.count("BYE") == 0
    await cell.connect()
    await wire.get("BYE")  # the next cell knows nothing of it: better an end than silence
    assert (await cell.next(NotLaunched, cell.dial())).reason == "gate_shut"
    assert wire.count("INVITE") == 2


async def test_a_new_cell_takes_the_place_of_the_one_before(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    await cell.connect()  # a second link, the first still open
    assert (await cell.next(NotLaunched, cell.dial())).reason == "gate_shut"
    cell.configure(trunk(wire.port))
    cell.open_gate()
    await cell.next(Launched, cell.dial())


async def test_sigterm_cancels_what_rings_hangs_up_and_ends_within_two_seconds(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    talking = cell.dial()
    first = await wire.get("INVITE")
    wire.answer(first)
    await cell.next(Answered, talking)
    cell.dial()
    wire.respond(await wire.get("INVITE", 2), "180 Ringing")
    await asyncio.sleep(0.1)
    began = time.monotonic()
    cell.process.terminate()
    await wire.get("CANCEL")
    await wire.get("BYE")
    assert (await cell.next(Ended, talking)).by == "us"
    assert await asyncio.to_thread(cell.process.wait, 5) == 0
    assert time.monotonic() - began < 2.0


async def test_the_same_attempt_is_not_dialled_twice(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    attempt = uuid4()
    cell.dial(attempt=attempt)
    cell.dial(attempt=attempt)
    await wire.get("INVITE")
    await asyncio.sleep(0.3)
    assert wire.count("INVITE") == 1


FREE = "+15552000077"


async def test_of_two_invites_of_before_only_the_readmitted_one_is_sent_again(
    cell: Cell, wire: Wire
) -> None:
    """A part is paused: the gate opens anew under the next epoch, and what it covers is silent."""
    cell.configure(trunk(wire.port))
    cell.open_gate()
    held, free = cell.dial(), cell.dial(number=FREE)
    for attempt in (held, free):
        await cell.next(Launched, attempt)
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    cell.open_gate(epoch=EPOCH + 1)
    cell.send(Readmit(campaign=CAMPAIGN, epoch=EPOCH + 1, attempts=[free], trunks=["carrier"]))
    await asyncio.sleep(1.8)  # past two retransmissions of each
    invites = [text for _, text in wire.received if text.startswith("INVITE ")]
    assert sum(FREE in text.split("\r\n")[0] for text in invites) == 3
    assert len(invites) == 4


async def test_a_readmitted_call_answers_the_challenge_and_the_other_does_not(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port, username="acme", password="secret"))
    cell.open_gate()
    held = cell.dial()
    first = await wire.get("INVITE")
    free = cell.dial(number=FREE)
    second = await wire.get("INVITE", 2)
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    cell.open_gate(epoch=EPOCH + 1)
    cell.send(Readmit(campaign=CAMPAIGN, epoch=EPOCH + 1, attempts=[free], trunks=["carrier"]))
    await asyncio.sleep(0.1)
    for invite in (first, second):
        wire.respond(invite, "407 Proxy Authentication Required", CHALLENGE)
    ended = await cell.next(Ended, held)
    assert (ended.by, ended.reason) == ("us", "gate_shut")
    third = await wire.get("INVITE", 3)
    assert "Proxy-Authorization: " in third and FREE in third.split("\r\n")[0]


async def test_a_readmitted_call_goes_to_no_trunk_that_is_paused(
    cell: Cell, wire: Wire, open_wire: Callable[..., Any]
) -> None:
    paused: Wire = await open_wire()
    last: Wire = await open_wire()
    cell.configure(trunk(wire.port, "a"), trunk(paused.port, "b"), trunk(last.port, "c"))
    cell.open_gate()
    attempt = cell.dial("a", "b", "c")
    invite = await wire.get("INVITE")
    cell.send(ShutGate(campaign=CAMPAIGN))
    await cell.next(GateShut)
    cell.open_gate(epoch=EPOCH + 1)
    cell.send(Readmit(campaign=CAMPAIGN, epoch=EPOCH + 1, attempts=[attempt], trunks=["a", "c"]))
    await asyncio.sleep(0.1)
    wire.respond(invite, "503 Service Unavailable")
    await last.get("INVITE")
    assert paused.received == []
