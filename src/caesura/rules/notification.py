"""What people and other systems are told without asking: events, recipients, words, signature.

Pure. A webhook's request is that of Standard Webhooks 1.0 (https://www.standardwebhooks.com):
`webhook-id`, `webhook-timestamp`, and `webhook-signature` with `v1,` and the base64 of HMAC-SHA256
over `id.timestamp.body`. What is kept and delivered is caesura.store's and caesura.notifications'.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

TEST = "test"  # the event of a notification that somebody asked for, to see whether it arrives

_SECRET_PREFIX = "whsec_"
_SECRET_BYTES_MIN, _SECRET_BYTES_MAX = 24, 64  # Standard Webhooks

# After a try that failed; then the notification is given up, and somebody may ask for it again.
_DELAYS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600))
TRIES = len(_DELAYS) + 1


class Event(StrEnum):
    """What can be told, by the name that a webhook's body has as `type`."""

    CAMPAIGN_PAUSED_BY_RULE = "campaign.paused_by_rule"
    CAMPAIGN_COMPLETED = "campaign.completed"
    RECEIPT_BY_EXPIRY = "receipt.by_expiry"  # a cell did not answer a pause
    PROMISE_ALARM = "promise.alarm"
    SPOOL_FULL = "spool.full"


class _Destination(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Webhook(_Destination):
    """An address that is sent a signed POST."""

    kind: Literal["webhook"] = "webhook"
    url: str = Field(max_length=2000)

    @field_validator("url")
    @classmethod
    def _usable(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be a whole http or https address")
        if parts.username is not None or parts.password is not None:
            raise ValueError("must hold no name and password: it is shown")
        if any(ord(letter) <= 32 for letter in url):
            raise ValueError("must hold no blanks")
        return url


Address = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=254, pattern=r"^[^@\s<>,;\"]+@[^@\s<>,;\"]+$"
    ),
]


class Email(_Destination):
    """A mail server, and whom it shall send mail to."""

    kind: Literal["email"] = "email"
    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:\-]+$")
    port: int = Field(587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"  # RFC 3207; RFC 8314 from the first byte
    username: str | None = Field(None, min_length=1, max_length=200)
    sender: Address  # the mail's From
    to: list[Address] = Field(min_length=1, max_length=20)


Destination = Annotated[Webhook | Email, Field(discriminator="kind")]


def check_secret(destination: Webhook | Email, secret: str | None) -> None:
    """Raise ValueError where `secret` cannot be used with this destination.

    A webhook's is the key that its requests are signed with, an e-mail's the server's password.
    """
    if isinstance(destination, Webhook):
        if secret is None:
            raise ValueError("a webhook needs a key to sign with")
        _key(secret)
    elif (secret is None) is not (destination.username is None):
        raise ValueError("user name and password go together")
    elif secret is not None and destination.tls == "none" and not _is_here(destination.host):
        raise ValueError("a password is sent to another machine only by TLS")


def new_secret(chance: bytes) -> str:
    """A webhook's key, of 32 bytes that nobody can guess."""
    return _SECRET_PREFIX + base64.b64encode(chance).decode()


def next_try(tries: int) -> timedelta | None:
    """How long to wait after `tries` failed ones; None: give it up."""
    return _DELAYS[tries - 1] if tries <= len(_DELAYS) else None


def body(event: str, at: datetime, content: Mapping[str, Any]) -> bytes:
    """What a webhook is sent."""
    document = {
        "type": event,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {"sentence": sentence(event, content), **content},
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def signed(secret: str, key: str, at: int, text: bytes) -> dict[str, str]:
    """The headers that show a webhook that we sent this; `at` in seconds since 1970."""
    over = b".".join((key.encode(), str(at).encode(), text))
    digest = hmac.new(_key(secret), over, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def subject(event: str, content: Mapping[str, Any]) -> str:
    """A mail's subject: one line."""
    about = content.get("campaign") or content.get("node")
    what = _SUBJECTS.get(event, event)
    return " ".join(f"Caesura: {what}{f' – {about}' if about else ''}".split())


def sentence(event: str, content: Mapping[str, Any]) -> str:
    """What happened, in a sentence or two."""
    campaign, node = content.get("campaign"), content.get("node")
    match event:
        case Event.CAMPAIGN_PAUSED_BY_RULE:
            return f"{campaign} was paused by {content['actor']}: {content['reason']}."
        case Event.CAMPAIGN_COMPLETED:
            return f"{campaign} is completed: it has no lead left to work."
        case Event.RECEIPT_BY_EXPIRY:
            where = ", ".join(content.get("nodes") or ()) or "a cell"
            return (
                f"{campaign}: silence was confirmed by expiry, because {where} did not answer. No "
                "call left all the same: its right to dial ran out. Look at why it did not answer."
            )
        case Event.PROMISE_ALARM:
            return " ".join(content["alarms"])
        case Event.SPOOL_FULL:
            mib = content["bytes"] >> 20
            return (
                f"The spool of a cell on {node} is full ({mib} MiB): it starts no calls until its "
                "results are stored. Look at the database."
            )
    return "This is a test. Whoever asked for it wants to know whether it arrives."


_SUBJECTS = {
    Event.CAMPAIGN_PAUSED_BY_RULE: "paused by rule",
    Event.CAMPAIGN_COMPLETED: "campaign completed",
    Event.RECEIPT_BY_EXPIRY: "a cell did not answer a pause",
    Event.PROMISE_ALARM: "pauses take too long",
    Event.SPOOL_FULL: "a spool is full",
    TEST: "a test",
}


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _SECRET_BYTES_MIN <= len(key) <= _SECRET_BYTES_MAX:
        raise ValueError('must be "whsec_" and the base64 of 24 to 64 random bytes')
    return key


def _is_here(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"
