"""The messenger over SMTP against the practice message centre's mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.peers.messages.conftest import HOST, Cell, Centre

from caesura.messages.port import (
    Accepted,
    InDoubt,
    NotLaunched,
    ProviderConfig,
    ProviderState,
    Rejected,
    SmtpOptions,
)

Start = Callable[..., Any]
SENDER = "news@example.org"


def provider(centre: Centre, **changes: Any) -> ProviderConfig:
    assert centre.centre.smtp_address is not None
    given = {"options": SmtpOptions(local_hostname="us"), "window": 2, **changes}
    return ProviderConfig(name="centre", host=HOST, port=centre.centre.smtp_address[1], **given)


@pytest.fixture
async def centre(start_centre: Start) -> Centre:
    started: Centre = await start_centre(smpp=None, smtp=(HOST, 0))
    return started


async def ready(cell: Cell, config: ProviderConfig) -> None:
    await cell.configure(config, until_bound=False)
    await cell.next(ProviderState, where=lambda state: "takes messages" in state.detail)
    cell.open_gate()


def mail(cell: Cell, recipient: str, **changes: Any) -> Any:
    given = {"sender": SENDER, "subject": "Your appointment", **changes}
    return cell.submit(recipient, "Dear customer,\n.\nsee you.\n", **given)


async def test_an_e_mail_is_taken_with_all_its_headers(cell: Cell, centre: Centre) -> None:
    await ready(cell, provider(centre))
    attempt = mail(
        cell,
        "kim@example.net",
        sender_name="Müller & Söhne",
        html="<p>Dear customer</p>",
        reply_to="desk@example.org",
        unsubscribe_url="https://us.example/u/1",
        subject="Grüße\r\nBcc: everybody@example.net",
    )
    accepted = await cell.next(Accepted, attempt)
    (seen,) = centre.lines("submit")
    headers = seen["headers"]
    assert accepted.message_ids == [f"<{attempt}@example.org>"] == [headers["message-id"]]
    assert headers["from"] == "Müller & Söhne <news@example.org>"
    assert headers["subject"] == "Grüße Bcc: everybody@example.net"
    assert "bcc" not in headers
    assert headers["reply-to"] == "desk@example.org"
    assert headers["list-unsubscribe"] == "<https://us.example/u/1>"
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert seen["text"].replace("\r\n", "\n") == "Dear customer,\n.\nsee you.\n"
    assert seen["html"].strip() == "<p>Dear customer</p>"
    assert cell.about(attempt) == ["Submitted", "Accepted"]


@pytest.mark.parametrize(
    ("recipient", "code", "fault", "permanent"),
    [
        ("no-such-number@example.net", "SMTP 550 5.1.1", "recipient", True),
        ("sender-refused@example.net", "SMTP 550 5.7.1", "message", True),
        ("system-error@example.net", "SMTP 451 4.3.0", "provider", False),
        ("not an address", "address", "recipient", True),
    ],
)
async def test_a_refusal_says_whose_doing_it_is(
    cell: Cell, centre: Centre, recipient: str, code: str, fault: str, permanent: bool
) -> None:
    await ready(cell, provider(centre))
    rejected = await cell.next(Rejected, mail(cell, recipient))
    assert (rejected.code, rejected.fault, rejected.permanent) == (code, fault, permanent)
    await cell.next(Accepted, mail(cell, "kim@example.net"))  # the connection still serves


async def test_an_answer_that_does_not_come_is_in_doubt(cell: Cell, centre: Centre) -> None:
    await ready(cell, provider(centre, options=SmtpOptions(response_s=0.5)))
    await cell.next(InDoubt, mail(cell, "never-answered@example.net"))
    await cell.next(InDoubt, mail(cell, "lost-before@example.net"))
    await cell.next(Accepted, mail(cell, "kim@example.net"))
    assert len(centre.lines("submit")) == 3


async def test_a_login_over_starttls_and_a_wrong_one(
    cell: Cell, start_centre: Start, certificate: Path
) -> None:
    centre: Centre = await start_centre(
        smpp=None, smtp=(HOST, 0), tls_certificate=certificate, username="u", password="good"
    )
    safe = {"tls": "starttls", "tls_verify": False, "username": "u"}
    await cell.configure(provider(centre, password="wrong", **safe), until_bound=False)
    state = await cell.next(ProviderState, where=lambda state: "login" in state.detail)
    assert (state.reachable, state.bound) == (True, False)
    cell.open_gate()
    down = await cell.next(NotLaunched, mail(cell, "kim@example.net"))
    assert "Check username and password" in down.detail
    await ready(cell, provider(centre, password="good", **safe))
    await cell.next(Accepted, mail(cell, "kim@example.net"))
    (seen,) = centre.lines("submit")
    assert (seen["tls"], seen["authenticated"]) == (True, True)


async def test_zero_e_mails_after_the_gate_is_shut(cell: Cell, start_centre: Start) -> None:
    centre: Centre = await start_centre(smpp=None, smtp=(HOST, 0), answer_ms=(1, 10))
    await ready(cell, provider(centre, window=4))
    attempts = [mail(cell, f"k{index}@example.net", wait_s=9.0) for index in range(200)]
    await cell.next(Accepted, attempts[10])
    await cell.shut_gate()
    await asyncio.sleep(0.4)
    lines = centre.lines("submit")
    assert 5 < len(lines) < 200
    assert len(lines) == cell.submitted_before_the_gate_shut()
    said = [cell.about(attempt)[-1] for attempt in attempts]
    assert (said.count("Accepted"), said.count("NotLaunched")) == (len(lines), 200 - len(lines))
