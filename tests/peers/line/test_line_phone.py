"""The leg to an agent's telephone, on the wire: past the gate, and ended as every leg is."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID, uuid4

import msgspec

from caesura.voice.port import Answered, Ended, HangUp, Launched, NotLaunched, RingPhone, ShutGate

from .conftest import CAMPAIGN, HOST, Cell, Wire, header, trunk


def ring(cell: Cell, **changes: object) -> UUID:
    leg = uuid4()
    order = RingPhone(
        attempt=leg,
        user="+15552000001",
        host=None,
        port=None,
        calling_number="+15551000001",
        trunk="carrier",
        ring_timeout_s=20.0,
        rtp_host=HOST,
        rtp_port=40000,
    )
    cell.send(msgspec.structs.replace(order, **changes))
    return leg


async def answer(cell: Cell, wire: Wire, leg: UUID) -> None:
    invite = await wire.get("INVITE")
    wire.answer(invite)
    await cell.next(Answered, leg)


async def test_it_needs_no_gate_and_no_shut_gate_holds_it_up_while_a_campaigns_call_stays(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    cell.send(ShutGate(campaign=CAMPAIGN))
    leg = ring(cell)
    await cell.next(Launched, leg)
    assert (await cell.next(NotLaunched, cell.dial())).reason == "gate_shut"
    await answer(cell, wire, leg)
    cell.send(HangUp(attempt=leg))
    await wire.get("BYE")
    assert (await cell.next(Ended, leg)).by == "us"
    assert wire.count("INVITE") == 1


async def test_a_number_is_asked_of_the_trunk_a_sip_address_keeps_its_own_host(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    ring(cell)
    invite = await wire.get("INVITE")
    assert invite.startswith(f"INVITE sip:+15552000001@{HOST}:{wire.port};")
    ring(cell, user="ines", host="10.0.0.5", port=5080, calling_number="caesura")
    invite = await wire.get("INVITE", 2)
    assert invite.startswith("INVITE sip:ines@10.0.0.5:5080;")  # though it came to the trunk
    assert "<sip:ines@10.0.0.5:5080>" in header(invite, "To")
    assert "sip:caesura@" in header(invite, "From")
    ring(cell, user="ines", host="pbx")
    assert (await wire.get("INVITE", 3)).startswith("INVITE sip:ines@pbx;")


async def test_the_callers_cell_gone_it_rings_no_more_and_a_new_cell_hangs_it_up(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    await answer(cell, wire, ring(cell))
    ring(cell)
    wire.respond(await wire.get("INVITE", 2), "180 Ringing")
    await asyncio.sleep(0.1)
    cell.disconnect()
    await wire.get("CANCEL")
    assert wire.count("BYE") == 0  # its conversation may go on
    await cell.connect()
    await wire.get("BYE")


async def test_a_trunk_that_is_not_there_or_full_is_said_at_once(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port, max_channels=1))
    assert (await cell.next(NotLaunched, ring(cell, trunk="other"))).reason == "trunk_down"
    await cell.next(Launched, ring(cell))
    assert (await cell.next(NotLaunched, ring(cell))).reason == "no_channel"


async def test_a_phone_that_answers_options_no_more_is_gone_within_five_seconds(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    leg = ring(cell)
    await answer(cell, wire, leg)
    first = await wire.get("OPTIONS")
    assert "tag=wire" in header(first, "To")  # in the dialog
    wire.respond(first, "200 OK")
    heard_at = time.monotonic()
    ended = await cell.next(Ended, leg, within_s=8)
    assert 3 <= time.monotonic() - heard_at < 5
    assert (ended.by, ended.reason) == ("network", "no answer for 3 s")
    await wire.get("BYE")


async def test_a_phone_that_never_answers_options_is_not_judged_by_it(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port))
    leg = ring(cell)
    await answer(cell, wire, leg)
    await asyncio.sleep(5)
    assert wire.count("OPTIONS") > 2
    assert wire.count("BYE") == 0
    assert "Ended" not in cell.about(leg)


async def test_a_campaigns_call_is_not_asked(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    await answer(cell, wire, cell.dial())
    await asyncio.sleep(1)
    assert wire.count("OPTIONS") == 0
