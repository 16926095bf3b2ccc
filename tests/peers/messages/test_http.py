"""The messenger over HTTP against the practice message centre's Twilio-like API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.peers.messages.conftest import HOST, SENDER, Cell, Centre, number

from caesura.messages.port import (
    Accepted,
    HttpOptions,
    InDoubt,
    NotLaunched,
    ProviderConfig,
    ProviderState,
    Rejected,
    Submitted,
)
from caesura.practice.recipients import Fate

Start = Callable[..., Any]


def provider(centre: Centre, **changes: Any) -> ProviderConfig:
    assert centre.centre.http_address is not None
    given = {"username": "AC1", "password": "secret", "options": HttpOptions(), **changes}
    return ProviderConfig(name="centre", host=HOST, port=centre.centre.http_address[1], **given)


@pytest.fixture
async def centre(start_centre: Start) -> Centre:
    started: Centre = await start_centre(
        smpp=None, http=(HOST, 0), username="AC1", password="secret"
    )
    return started


async def reachable(cell: Cell, config: ProviderConfig) -> None:
    await cell.configure(config, until_bound=False)
    await cell.next(ProviderState, where=lambda state: state.reachable)


async def test_a_message_is_posted_and_taken(cell: Cell, centre: Centre) -> None:
    await reachable(cell, provider(centre))
    cell.open_gate()
    attempt = cell.submit("+15552000001", "Grüße & 😀")
    accepted = await cell.next(Accepted, attempt)
    (seen,) = centre.lines("submit")
    assert (seen["text"], seen["recipient"], seen["sender"]) == (
        "Grüße & 😀", "+15552000001", SENDER,
    )  # fmt: skip
    assert accepted.message_ids == [seen["message_id"]]
    assert cell.about(attempt) == ["Submitted", "Accepted"]


async def test_any_api_can_be_described(cell: Cell, centre: Centre) -> None:
    options = HttpOptions(
        dialect="custom",
        path="/Accounts/any/Messages.json",
        headers={"Authorization": "Basic QUMxOnNlY3JldA=="},
        content="form",
        body="From={sender}&To={recipient}&Body={text}",
        id_at="sid",
        error_code_at="code",
    )
    await reachable(cell, provider(centre, options=options))
    cell.open_gate()
    attempt = cell.submit("+15552000001", "a & b = c")
    accepted = await cell.next(Accepted, attempt)
    (seen,) = centre.lines("submit")
    assert (seen["text"], [seen["message_id"]]) == ("a & b = c", accepted.message_ids)
    refused = await cell.next(Rejected, cell.submit(number(Fate.NO_SUCH_NUMBER)))
    assert refused.code == "HTTP 400/21211"


@pytest.mark.parametrize(
    ("fate", "code", "fault"),
    [
        (Fate.NO_SUCH_NUMBER, "HTTP 400/21211", "recipient"),
        (Fate.SENDER_REFUSED, "HTTP 400/21606", "message"),
        (Fate.SYSTEM_ERROR, "HTTP 503/20503", "provider"),
    ],
)
async def test_a_refusal_says_whose_doing_it_is(
    cell: Cell, centre: Centre, fate: Fate, code: str, fault: str
) -> None:
    await reachable(cell, provider(centre))
    cell.open_gate()
    rejected = await cell.next(Rejected, cell.submit(number(fate)))
    assert (rejected.code, rejected.fault) == (code, fault)


async def test_a_lost_connection_and_silence_are_in_doubt_and_never_sent_again(
    cell: Cell, centre: Centre
) -> None:
    await reachable(cell, provider(centre, options=HttpOptions(response_s=0.5)))
    cell.open_gate()
    lost = cell.submit(number(Fate.LOST_BEFORE))
    assert "connection" in (await cell.next(InDoubt, lost)).reason
    silent = cell.submit(number(Fate.NEVER_ANSWERED))
    assert "0.5 s" in (await cell.next(InDoubt, silent)).reason
    await cell.next(Accepted, cell.submit("+15552000001"))
    assert len(centre.lines("submit")) == 3


async def test_a_wrong_password_takes_the_provider_out_of_use(cell: Cell, centre: Centre) -> None:
    await reachable(cell, provider(centre, password="wrong"))
    cell.open_gate()
    rejected = await cell.next(Rejected, cell.submit("+15552000001"))
    assert (rejected.fault, rejected.permanent) == ("provider", False)
    assert "auth token" in rejected.reason
    kept = await cell.next(NotLaunched, cell.submit("+15552000002"))
    assert kept.reason == "provider_down"
    assert "auth token" in kept.detail


async def test_a_changed_provider_leaves_no_request_in_doubt(
    cell: Cell, start_centre: Start
) -> None:
    """As when its password is changed: what is under way has its answer before it is closed."""
    centre: Centre = await start_centre(smpp=None, http=(HOST, 0), answer_ms=(800, 800))
    await reachable(cell, provider(centre))
    cell.open_gate()
    attempts = [cell.submit(f"+1555200000{index}") for index in range(5)]
    for attempt in attempts:
        await cell.next(Submitted, attempt)
    await reachable(cell, provider(centre, password="another"))
    for attempt in attempts:
        await cell.next(Accepted, attempt)


async def test_a_raised_window_counts_at_once(cell: Cell, start_centre: Start) -> None:
    centre: Centre = await start_centre(smpp=None, http=(HOST, 0), answer_ms=(500, 500))
    await reachable(cell, provider(centre, window=1))
    await reachable(cell, provider(centre, window=5))
    cell.open_gate()
    attempts = [cell.submit(f"+1555200000{index}") for index in range(5)]
    for attempt in attempts:
        await cell.next(Accepted, attempt)
    said = [type(message) for message in cell.messages if hasattr(message, "attempt")]
    assert said == [Submitted] * 5 + [Accepted] * 5


async def test_the_next_provider_is_asked_where_one_refuses_by_itself(
    cell: Cell, start_centre: Start, centre: Centre
) -> None:
    good: Centre = await start_centre(smpp=(HOST, 0))
    cell.open_gate()
    bad = provider(centre, password="wrong")
    await cell.configure(bad, good.provider(name="second"), until_bound=False)
    await cell.next(ProviderState, where=lambda state: state.name == "second" and state.bound)
    await cell.next(ProviderState, where=lambda state: state.name == "centre" and state.reachable)
    attempt = cell.submit("+15552000001", providers=["centre", "second"])
    accepted = await cell.next(Accepted, attempt)
    assert accepted.provider == "second"
    assert cell.about(attempt) == ["Submitted", "Submitted", "Accepted"]
    # It can be reached, and is down all the same: for a while nothing is tried there.
    state = await cell.next(
        ProviderState, where=lambda state: state.name == "centre" and state.bound is False
    )
    assert state.reachable
    down = await cell.next(NotLaunched, cell.submit("+15552000002", providers=["centre"]))
    assert down.reason == "provider_down"


async def test_a_provider_that_is_not_there_is_down_and_comes_back(
    cell: Cell, start_centre: Start
) -> None:
    first: Centre = await start_centre(smpp=None, http=(HOST, 0))
    config = provider(first)
    await first.centre.stop()
    await cell.configure(config, until_bound=False)
    cell.open_gate()
    state = await cell.next(ProviderState, where=lambda state: "Nothing listens" in state.detail)
    assert not state.reachable
    down = await cell.next(NotLaunched, cell.submit("+15552000001"))
    assert (down.reason, "Nothing listens" in down.detail) == ("provider_down", True)
    await start_centre(smpp=None, http=(HOST, config.port))
    await cell.next(ProviderState, where=lambda state: state.reachable)
    await cell.next(Accepted, cell.submit("+15552000001"))


async def test_zero_requests_after_the_gate_is_shut(cell: Cell, start_centre: Start) -> None:
    centre: Centre = await start_centre(smpp=None, http=(HOST, 0), answer_ms=(1, 10))
    await reachable(cell, provider(centre, window=8))
    cell.open_gate()
    attempts = [cell.submit(f"+1555{2_000_000 + index}", wait_s=9.0) for index in range(300)]
    await cell.next(Accepted, attempts[20])
    await cell.shut_gate()
    await asyncio.sleep(0.4)
    lines = centre.lines("submit")
    assert 10 < len(lines) < 300
    assert len(lines) == cell.submitted_before_the_gate_shut()
    said = [cell.about(attempt)[-1] for attempt in attempts]
    assert (said.count("Accepted"), said.count("NotLaunched")) == (len(lines), 300 - len(lines))
