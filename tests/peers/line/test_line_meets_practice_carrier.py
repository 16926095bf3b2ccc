"""The line and the practice carrier, both real processes, agree on how each call went."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.practice import RunningCarrier, practice_carrier

from caesura.voice.port import Answered, Cancel, Ended, HangUp, Ringing, TrunkState

from .conftest import Cell, trunk


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[RunningCarrier]:
    directory = tmp_path / "carrier"
    directory.mkdir()
    with practice_carrier(directory, "--ring-s", "0.1-0.1", "--talk-s", "0.3-0.3") as running:
        yield running


@pytest.fixture
def at_carrier(cell: Cell, carrier: RunningCarrier) -> Cell:
    """The cell, with the carrier as its trunk and an open gate."""
    cell.configure(trunk(carrier.address[1]))
    cell.open_gate()
    return cell


@pytest.mark.parametrize(
    ("last_two", "status", "cause"),
    [("02", 486, 17), ("04", 603, 21), ("05", 404, 1), ("06", 503, 34), ("07", 500, 41)],
)
async def test_a_refusal_arrives_with_its_status_and_cause(
    at_carrier: Cell, last_two: str, status: int, cause: int
) -> None:
    attempt = at_carrier.dial(number=f"+141555501{last_two}")
    ended = await at_carrier.next(Ended, attempt)
    assert (ended.sip_status, ended.q850_cause) == (status, cause)


async def test_an_answered_call_lasts_as_long_on_both_sides(
    at_carrier: Cell, carrier: RunningCarrier
) -> None:
    attempt = at_carrier.dial(number="+14155550101")
    answered = await at_carrier.next(Answered, attempt)
    ended = await at_carrier.next(Ended, attempt)
    assert ended.by == "callee"
    (theirs,) = await asyncio.to_thread(carrier.wait_for, "call_ended")
    assert theirs["acknowledged"]
    assert ended.at - answered.at == pytest.approx(theirs["talk_s"], abs=0.1)


async def test_early_media_is_told_before_the_answer(at_carrier: Cell) -> None:
    attempt = at_carrier.dial(number="+14155550112")
    assert (await at_carrier.next(Ringing, attempt)).early_media
    await at_carrier.next(Answered, attempt)


async def test_a_cancelled_call_ends_unanswered(at_carrier: Cell, carrier: RunningCarrier) -> None:
    attempt = at_carrier.dial(number="+14155550103")
    await at_carrier.next(Ringing, attempt)
    at_carrier.send(Cancel(attempt=attempt))
    ended = await at_carrier.next(Ended, attempt)
    assert not ended.answered_while_cancelled
    (theirs,) = await asyncio.to_thread(carrier.wait_for, "call_ended")
    assert (theirs["by"], theirs["answered"]) == ("caller", False)


async def test_an_answer_that_crosses_the_cancel_is_hung_up_and_told(
    at_carrier: Cell, carrier: RunningCarrier
) -> None:
    attempt = at_carrier.dial(number="+14155550117")
    await at_carrier.next(Ringing, attempt)
    at_carrier.send(Cancel(attempt=attempt))
    ended = await at_carrier.next(Ended, attempt)
    assert ended.answered_while_cancelled
    (theirs,) = await asyncio.to_thread(carrier.wait_for, "call_ended")
    assert (theirs["by"], theirs["answered"], theirs["acknowledged"]) == ("caller", True, True)
    assert theirs["talk_s"] < 0.5


async def test_a_slow_network_gets_the_invite_again_and_takes_it_as_one_call(
    at_carrier: Cell, carrier: RunningCarrier
) -> None:
    attempt = at_carrier.dial(number="+14155550118")
    await at_carrier.next(Answered, attempt)
    await at_carrier.next(Ended, attempt)
    invites = carrier.invites()
    assert [line.get("retransmission", False) for line in invites] == [False, True]
    assert len({line["call_id"] for line in invites}) == 1


async def test_a_callee_who_never_hangs_up_is_hung_up(
    at_carrier: Cell, carrier: RunningCarrier
) -> None:
    attempt = at_carrier.dial(number="+14155550111")
    await at_carrier.next(Answered, attempt)
    at_carrier.send(HangUp(attempt=attempt))
    ended = await at_carrier.next(Ended, attempt)
    assert ended.by == "us"
    await asyncio.to_thread(carrier.wait_for, "bye")


async def test_a_trunk_with_a_password_logs_in(cell: Cell, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("sesame\n")
    login = ("--username", "trunk", "--password-file", str(secret))
    directory = tmp_path / "carrier"
    directory.mkdir()
    with practice_carrier(directory, *login, "--ring-s", "0-0", "--talk-s", "0.2-0.2") as carrier:
        port = carrier.address[1]
        cell.configure(trunk(port, username="trunk", password="sesame", register=True))
        cell.open_gate()
        await cell.next(TrunkState, where=lambda state: bool(state.registered))
        attempt = cell.dial(number="+14155550101")
        ended = await cell.next(Ended, attempt)
        assert (ended.by, ended.sip_status) == ("callee", 200)
        registers = await asyncio.to_thread(carrier.wait_for, "register", 2)
        assert [line["status"] for line in registers] == [401, 200]
