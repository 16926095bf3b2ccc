"""The messenger over SMPP against the practice message centre, whose log is the judge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.peers.messages.conftest import SENDER, Cell, Centre, number

from caesura.messages.port import (
    Accepted,
    Delivery,
    InDoubt,
    Rejected,
    Reply,
    SmppOptions,
    Submitted,
)
from caesura.practice.recipients import Fate


@pytest.fixture
async def ready(cell: Cell, centre: Centre) -> Cell:
    await cell.configure(centre.provider())
    cell.open_gate()
    return cell


async def test_a_message_is_submitted_accepted_and_delivered(ready: Cell, centre: Centre) -> None:
    attempt = ready.submit("+15552000001", "Grüße für 5 €")
    accepted = await ready.next(Accepted, attempt)
    assert ready.about(attempt) == ["Submitted", "Accepted"]
    delivery = await ready.next(Delivery)
    assert [delivery.message_id] == accepted.message_ids
    assert (delivery.state, delivery.code) == ("delivered", "")
    (seen,) = centre.lines("submit")
    assert (seen["recipient"], seen["sender"]) == ("+15552000001", SENDER.lstrip("+"))
    assert (seen["text"], seen["message_id"]) == ("Grüße für 5 €", accepted.message_ids[0])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("letter", ["a", "ж", "€", "😀"])
async def test_a_long_message_goes_out_whole_and_is_joined_again(
    cell: Cell, centre: Centre, letter: str, bits: int
) -> None:
    await cell.configure(centre.provider(options=SmppOptions(reference_bits=bits)))
    cell.open_gate()
    text = letter * 300
    attempt = cell.submit("+15552000001", text)
    submitted = await cell.next(Submitted, attempt)
    accepted = await cell.next(Accepted, attempt)
    lines = centre.lines("submit")
    assert "".join(line["text"] for line in lines) == text
    assert [line["part"] for line in lines] == list(range(1, len(lines) + 1))
    assert submitted.segments == accepted.segments == len(lines) == lines[0]["parts"]
    assert accepted.message_ids == [line["message_id"] for line in lines]


@pytest.mark.parametrize(
    ("fate", "permanent", "fault", "code"),
    [
        (Fate.NO_SUCH_NUMBER, True, "recipient", "ESME_RINVDSTADR"),
        (Fate.SENDER_REFUSED, True, "message", "ESME_RINVSRCADR"),
        (Fate.SYSTEM_ERROR, False, "provider", "ESME_RSYSERR"),
    ],
)
async def test_a_refusal_says_whose_doing_it_is(
    ready: Cell, fate: Fate, permanent: bool, fault: str, code: str
) -> None:
    attempt = ready.submit(number(fate))
    rejected = await ready.next(Rejected, attempt)
    assert (rejected.permanent, rejected.fault, rejected.code) == (permanent, fault, code)
    assert rejected.reason.endswith(".")


async def test_what_cannot_be_sms_is_refused_here_and_never_leaves(
    ready: Cell, centre: Centre
) -> None:
    word = ready.submit("not a number")
    assert (await ready.next(Rejected, word)).fault == "recipient"
    name = ready.submit("+15552000001", sender="A name that is too long")
    assert (await ready.next(Rejected, name)).fault == "message"
    assert centre.lines("submit") == []


@pytest.mark.parametrize(
    ("fate", "state", "code"),
    [
        (Fate.UNDELIVERED, "undelivered", "network 3:1"),
        (Fate.EXPIRED, "expired", ""),
        (Fate.TLV_RECEIPT, "delivered", ""),
        (Fate.TEXT_RECEIPT, "delivered", ""),
    ],
)
async def test_receipts_are_read_in_every_form(
    ready: Cell, fate: Fate, state: str, code: str
) -> None:
    accepted = await ready.next(Accepted, ready.submit(number(fate)))
    delivery = await ready.next(Delivery)
    assert ([delivery.message_id], delivery.state) == (accepted.message_ids, state)
    assert delivery.code == code


@pytest.mark.parametrize(
    ("fate", "text"),
    [
        (Fate.SAYS_STOP, "STOP"),
        (Fate.SAYS_YES, "YES"),
        (Fate.SAYS_MUCH, "Thank you for asking. " * 9 + "€"),
    ],
)
async def test_replies_come_whole(ready: Cell, fate: Fate, text: str) -> None:
    ready.submit(number(fate))
    reply = await ready.next(Reply)
    assert (reply.text, reply.sender, reply.recipient) == (text, number(fate), SENDER)


async def test_a_reply_that_is_not_noted_comes_again(
    start_messenger: Callable[..., Any], centre: Centre
) -> None:
    """A STOP must survive whatever happens between the message centre and the database."""
    first: Cell = await start_messenger()
    first.notes = False
    await first.configure(centre.provider())
    first.open_gate()
    first.submit(number(Fate.SAYS_STOP), receipt=False)
    once = await first.next(Reply)
    first.process.kill()
    second: Cell = await start_messenger()
    await second.configure(centre.provider())
    again = await second.next(Reply)
    assert (again.text, again.message_id) == ("STOP", once.message_id)
    await _until(lambda: [line["status"] for line in centre.lines("noted")] == [0])


async def test_a_lost_connection_leaves_the_message_in_doubt_and_it_is_not_sent_again(
    ready: Cell, centre: Centre
) -> None:
    attempt = ready.submit(number(Fate.LOST_BEFORE))
    doubt = await ready.next(InDoubt, attempt)
    assert "connection" in doubt.reason
    after = ready.submit("+15552000001", wait_s=5.0)
    while (await _said(ready, after)) == "NotLaunched":  # until it is bound again
        await asyncio.sleep(0.1)
        after = ready.submit("+15552000001", wait_s=5.0)
    assert ready.about(after) == ["Submitted", "Accepted"]
    doubtful = [line for line in centre.lines("submit") if line["fate"] == Fate.LOST_BEFORE]
    assert len(doubtful) == 1
    assert ready.about(attempt) == ["Submitted", "InDoubt"]


async def test_an_answer_before_the_connection_is_lost_counts(ready: Cell) -> None:
    attempt = ready.submit(number(Fate.LOST_AFTER))
    await ready.next(Accepted, attempt)


async def test_no_answer_in_time_is_in_doubt(cell: Cell, centre: Centre) -> None:
    await cell.configure(centre.provider(options=SmppOptions(response_s=0.5)))
    cell.open_gate()
    attempt = cell.submit(number(Fate.NEVER_ANSWERED))
    assert "0.5 s" in (await cell.next(InDoubt, attempt)).reason


async def _said(cell: Cell, attempt: Any) -> str:
    await cell.next(object, attempt, where=lambda m: type(m) is not Submitted)
    return cell.about(attempt)[-1]


async def _until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not met():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
