"""Trunks: limits, fail-over, health checks and registration, against SIPp and a silent socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from caesura.voice.port import (
    Answered,
    Ended,
    HangUp,
    Launched,
    NotLaunched,
    Ringing,
    TrunkConfig,
    TrunkState,
)

from .conftest import HOST, Cell, Sipp, Wire, trunk

StartSipp = Callable[..., Sipp]


async def test_a_call_fails_over_to_the_next_trunk_on_503(cell: Cell, sipp: StartSipp) -> None:
    full = sipp("refuse", code="503", phrase="Service Unavailable", cause="Q.850;cause=34")
    good = sipp("answers")
    cell.configure(trunk(full.port, "full"), trunk(good.port, "good"))
    cell.open_gate()
    attempt = cell.dial("full", "good")
    first, second = await cell.next(Launched, attempt), await cell.next(Launched, attempt)
    assert (first.trunk, second.trunk) == ("full", "good")
    assert first.sip_call_id != second.sip_call_id
    await cell.next(Answered, attempt)
    cell.send(HangUp(attempt=attempt))
    await cell.next(Ended, attempt)
    await full.passed()
    await good.passed()
    assert cell.about(attempt) == ["Launched", "Launched", "Ringing", "Answered", "Ended"]


async def test_when_every_trunk_fails_the_last_status_is_told(cell: Cell, sipp: StartSipp) -> None:
    one = sipp("refuse", code="503", phrase="Service Unavailable", cause="Q.850;cause=34")
    two = sipp("refuse", code="500", phrase="Server Internal Error", cause="Q.850;cause=41")
    cell.configure(trunk(one.port, "one"), trunk(two.port, "two"))
    cell.open_gate()
    attempt = cell.dial("one", "two")
    ended = await cell.next(Ended, attempt)
    assert (ended.by, ended.sip_status, ended.q850_cause) == ("network", 500, 41)


async def test_a_busy_callee_is_not_tried_on_the_next_trunk(cell: Cell, sipp: StartSipp) -> None:
    busy, other = (
        sipp("refuse", code="486", phrase="Busy Here", cause="Q.850;cause=17"),
        sipp("answers"),
    )
    cell.configure(trunk(busy.port, "busy"), trunk(other.port, "other"))
    cell.open_gate()
    attempt = cell.dial("busy", "other")
    assert (await cell.next(Ended, attempt)).sip_status == 486
    assert cell.about(attempt) == ["Launched", "Ended"]


async def test_a_silent_trunk_is_given_up_and_sends_nothing_more(
    start_line: Callable[..., Any], wire: Wire, sipp: StartSipp
) -> None:
    cell: Cell = await start_line("--no-response-s", "0.8")
    good = sipp("answers")
    cell.configure(trunk(wire.port, "silent"), trunk(good.port, "good"))
    cell.open_gate()
    attempt = cell.dial("silent", "good")
    await cell.next(Answered, attempt)
    sent = wire.count("INVITE")
    assert sent == 2  # at once and after 500 ms
    await asyncio.sleep(1.2)
    assert wire.count("INVITE") == sent


async def test_a_trunk_that_answers_after_it_was_given_up_is_hung_up(
    start_line: Callable[..., Any], wire: Wire, open_wire: Callable[..., Any]
) -> None:
    cell: Cell = await start_line("--no-response-s", "0.3")
    other: Wire = await open_wire()
    cell.configure(trunk(wire.port, "slow"), trunk(other.port, "other"))
    cell.open_gate()
    attempt = cell.dial("slow", "other")
    late = await wire.get("INVITE")
    invite = await other.get("INVITE")
    other.respond(invite, "180 Ringing")
    wire.answer(late)
    await wire.get("ACK")
    await wire.get("BYE")
    other.respond(invite, "486 Busy Here")
    ended = await cell.next(Ended, attempt)
    assert (ended.sip_status, ended.answered_while_cancelled) == (486, True)


async def test_no_trunk_that_answers_ends_without_a_status(
    start_line: Callable[..., Any], wire: Wire
) -> None:
    cell: Cell = await start_line("--no-response-s", "0.5")
    cell.configure(trunk(wire.port))
    cell.open_gate()
    ended = await cell.next(Ended, cell.dial())
    assert (ended.by, ended.sip_status, ended.reason) == ("network", None, "no response")


async def test_channels_are_counted_and_given_back(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port, max_channels=2))
    cell.open_gate()
    first, second, third = cell.dial(), cell.dial(), cell.dial()
    assert (await cell.next(NotLaunched, third)).reason == "no_channel"
    invite = await wire.get("INVITE", 2)
    wire.respond(invite, "486 Busy Here")
    await cell.next(Ended, second)
    await cell.next(Launched, cell.dial())
    assert (await cell.next(NotLaunched, cell.dial())).reason == "no_channel"
    assert cell.about(first) == ["Launched"]


async def test_a_trunk_over_its_calls_per_second_sends_none_and_the_next_one_takes_over(
    cell: Cell, wire: Wire, open_wire: Callable[..., Any]
) -> None:
    other: Wire = await open_wire()
    cell.configure(trunk(wire.port, "a", max_cps=3), trunk(other.port, "b", max_cps=2))
    cell.open_gate()
    attempts = [cell.dial("a", "b") for _ in range(7)]
    for attempt in attempts[5:]:
        assert (await cell.next(NotLaunched, attempt)).reason == "no_channel"
    trunks = [(await cell.next(Launched, attempt)).trunk for attempt in attempts[:5]]
    assert trunks == ["a", "a", "a", "b", "b"]
    await asyncio.sleep(1.05)
    assert (await cell.next(Launched, cell.dial("a", "b"))).trunk == "a"


async def test_options_find_out_that_a_trunk_is_gone_and_that_it_is_back(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(trunk(wire.port, options_interval_s=0.3))
    wire.respond(await wire.get("OPTIONS"), "200 OK")
    there = await cell.next(TrunkState, where=lambda state: "200" in state.detail)
    assert (there.reachable, there.registered) == (True, None)
    gone = await cell.next(TrunkState, where=lambda state: not state.reachable)
    assert gone.detail == "OPTIONS: no answer, 2 times"
    cell.open_gate()
    assert (await cell.next(NotLaunched, cell.dial())).reason == "trunk_down"
    wire.respond(await wire.get("OPTIONS", wire.count("OPTIONS") + 1), "404 Not Found")
    back = await cell.next(TrunkState, where=lambda state: "404" in state.detail)
    assert back.reachable  # any answer shows that it is there
    await cell.next(Launched, cell.dial())


async def test_options_are_answered_by_sipp(cell: Cell, sipp: StartSipp) -> None:
    carrier = sipp("options")
    cell.configure(trunk(carrier.port, options_interval_s=0.3))
    await cell.next(TrunkState, where=lambda state: state.detail == "OPTIONS: 200")
    await carrier.passed()


async def test_a_trunk_that_never_answers_options_still_takes_calls(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port, options_interval_s=0.2))
    judged = await cell.next(TrunkState, where=lambda state: "judged" in state.detail)
    assert judged.reachable
    cell.open_gate()
    await cell.next(Launched, cell.dial())


async def test_a_trunk_out_of_service_by_503_to_options_is_skipped(
    cell: Cell, wire: Wire, sipp: StartSipp
) -> None:
    good = sipp("answers")
    cell.configure(trunk(wire.port, "sick", options_interval_s=0.2), trunk(good.port, "good"))
    for number in (1, 2):
        wire.respond(await wire.get("OPTIONS", number), "503 Service Unavailable")
    await cell.next(TrunkState, where=lambda state: not state.reachable)
    cell.open_gate()
    assert (await cell.next(Launched, cell.dial("sick", "good"))).trunk == "good"


async def test_failures_of_calls_are_counted_in_the_trunks_state(cell: Cell, wire: Wire) -> None:
    cell.configure(trunk(wire.port))
    cell.open_gate()
    for number in (1, 2):
        attempt = cell.dial()
        wire.respond(await wire.get("INVITE", number), "503 Service Unavailable")
        await cell.next(Ended, attempt)
    cell.configure(trunk(wire.port))
    await cell.next(TrunkState, where=lambda state: "2x 503" in state.detail)


async def test_a_registering_trunk_takes_calls_once_registered_and_stays_registered(
    cell: Cell, sipp: StartSipp
) -> None:
    registrar = sipp("registrar", user="acme", secret="s3cret")
    cell.configure(trunk(registrar.port, register=True, username="acme", password="s3cret"))
    cell.open_gate()
    assert (await cell.next(NotLaunched, cell.dial())).reason == "trunk_down"
    state = await cell.next(TrunkState, where=lambda s: s.registered is True)
    assert state.detail == "registered for 2 s"
    await registrar.passed()  # the second registration, before the 2 s are over
    await cell.next(Launched, cell.dial())


async def test_a_trunk_with_wrong_credentials_is_not_registered(
    cell: Cell, sipp: StartSipp
) -> None:
    registrar = sipp("registrar", user="acme", secret="s3cret")
    cell.configure(trunk(registrar.port, register=True, username="acme", password="wrong"))
    state = await cell.next(TrunkState, where=lambda s: "403" in s.detail)
    assert state.registered is False


async def test_a_trunk_that_is_left_out_takes_no_calls_but_finishes_those_it_has(
    cell: Cell, sipp: StartSipp
) -> None:
    callee = sipp("rings")
    cell.configure(trunk(callee.port))
    cell.open_gate()
    attempt = cell.dial(ring_timeout_s=0.8)
    await cell.next(Ringing, attempt)
    cell.configure()
    assert (await cell.next(NotLaunched, cell.dial())).reason == "trunk_down"
    assert (await cell.next(Ended, attempt)).sip_status == 487


async def test_a_trunk_named_by_host_name_is_called_at_its_address_and_by_its_name(
    cell: Cell, wire: Wire
) -> None:
    cell.configure(TrunkConfig(name="n", host="localhost", port=wire.port))
    await cell.next(TrunkState, where=lambda s: s.reachable)
    await wire.get("OPTIONS")
    cell.open_gate()
    cell.dial("n")
    invite = await wire.get("INVITE")
    assert invite.startswith("INVITE sip:+15552000001@localhost:")
    assert HOST not in invite.split("\r\n", 1)[0]
