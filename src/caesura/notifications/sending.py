"""One try to deliver a notification: a signed POST, or a mail. Each within a time limit.

Never raises for what the receiver or the network does: what came of it is the answer, and neither
it nor the log has a secret in it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import aiosmtplib
import httpx

from caesura.rules.notification import Email, Webhook, body, sentence, signed, subject

_WITHIN_S = 10.0  # the whole of it
_ANSWER_LETTERS = 300  # of what a receiver says, for people
_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    aiosmtplib.SMTPException,
    OSError,
    ssl.SSLError,
    ValueError,
)


@dataclass(frozen=True)
class Tried:
    """What came of it."""

    delivered: bool
    answer: str


@dataclass(frozen=True)
class Letter:
    """What is to be delivered."""

    key: UUID
    event: str
    content: Mapping[str, Any]
    at: datetime


async def deliver(letter: Letter, to: Webhook | Email, secret: str | None) -> Tried:
    """Try once."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            if isinstance(to, Webhook):
                return await _post(letter, to, secret or "")
            return await _mail(letter, to, secret)
    except TimeoutError:
        return Tried(False, f"no answer within {_WITHIN_S:.0f} s")
    except _FAILURES as error:
        return Tried(False, _short(f"{type(error).__name__}: {error}"))


async def _post(letter: Letter, to: Webhook, secret: str) -> Tried:
    text = body(letter.event, letter.at, letter.content)
    headers = signed(secret, str(letter.key), int(datetime.now(UTC).timestamp()), text)
    headers |= {"content-type": "application/json", "user-agent": "caesura"}
    # No redirects: the signed text goes where somebody wrote that it goes, and nowhere else.
    async with (
        httpx.AsyncClient(follow_redirects=False, timeout=_WITHIN_S, trust_env=False) as client,
        client.stream("POST", to.url, content=text, headers=headers) as response,
    ):
        said = bytearray()
        async for piece in response.aiter_bytes():
            said += piece
            if len(said) >= _ANSWER_LETTERS:
                break
    answer = f"{response.status_code} {response.reason_phrase}".strip()
    if response.is_redirect:
        return Tried(False, f"{answer}: redirects are not followed; name the address itself")
    words = bytes(said).decode(errors="replace").strip()
    return Tried(response.is_success, _short(f"{answer}: {words}" if words else answer))


async def _mail(letter: Letter, to: Email, password: str | None) -> Tried:
    message = EmailMessage()
    message["Subject"] = subject(letter.event, letter.content)
    message["From"] = to.sender
    message["To"] = ", ".join(to.to)
    message["Date"] = format_datetime(letter.at)
    # The same in every try, so that mail programs show a repetition once.
    message["Message-ID"] = f"<{letter.key}@caesura.invalid>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    at = letter.at.astimezone(UTC)
    message.set_content(f"{sentence(letter.event, letter.content)}\n\n{at:%Y-%m-%d %H:%M:%S} UTC\n")
    refused, answer = await aiosmtplib.send(
        message,
        hostname=to.host,
        port=to.port,
        username=to.username,
        password=password,
        use_tls=to.tls == "tls",
        start_tls=to.tls == "starttls",
        timeout=_WITHIN_S,
    )
    if refused:  # some of several; the others have it, and a repetition would reach them twice
        return Tried(True, _short(f"{answer} (refused: {', '.join(refused)})"))
    return Tried(True, _short(answer))


def _short(text: str) -> str:
    return " ".join(text.split())[:_ANSWER_LETTERS]
