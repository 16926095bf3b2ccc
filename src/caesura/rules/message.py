"""One attempt over a message channel, after it left us, and what comes back: values only.

    held here -> handed over -> accepted -> delivered | undelivered | expired | rejected
                             -> rejected | in doubt

What is *held here* (journalled, or waiting in the messenger) can be stopped, and a pause stops it.
What was *handed over* cannot be called back by anybody. Nothing is scheduled at a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from caesura.rules.message_settings import MessageChannel
from caesura.rules.outcome import Outcome


class MessageStatus(StrEnum):
    """Where a message stands, for people."""

    HELD = "held"  # held here: can still be stopped
    HANDED_OVER = "handed_over"  # irrevocable; the provider has not answered yet
    ACCEPTED = "accepted"  # by the provider; not known yet whether it arrived
    DELIVERED = "delivered"
    FAILED = "failed"  # refused, undelivered or expired: the detail has the cause
    UNKNOWN = "unknown"  # the connection was lost before the answer; never sent again by itself


_OF_OUTCOME = {
    Outcome.SENT: MessageStatus.ACCEPTED,
    Outcome.DELIVERED: MessageStatus.DELIVERED,
    Outcome.UNKNOWN: MessageStatus.UNKNOWN,
}


def status(*, outcome: Outcome | None, handed_over: bool) -> MessageStatus:
    """Where a message stands; `outcome` None: its attempt is open."""
    if outcome is not None:
        return _OF_OUTCOME.get(outcome, MessageStatus.FAILED)
    return MessageStatus.HANDED_OVER if handed_over else MessageStatus.HELD


@dataclass(frozen=True)
class Taken:
    """What the provider calls a message: one id for each of its segments."""

    provider: str
    ids: tuple[str, ...]
    segments: int


@dataclass(frozen=True)
class Planned:
    """A message that is to follow on a call."""

    rule: int  # which of the campaign's follow_ups, from 0
    channel: MessageChannel
    zone: str  # of the number, for the hours
    sender: str
    providers: tuple[str, ...]
    text: str
    subject: str | None
    address: str | None
    segments: int
    problem: str | None  # why it cannot be sent at all
    due_at: datetime


@dataclass(frozen=True)
class Delivery:
    """A delivery receipt, of a message or of one of its segments."""

    provider: str
    message_id: str
    state: Literal["sent", "delivered", "undelivered", "expired", "rejected", "unknown"]
    at: datetime
    code: str
    detail: str


@dataclass(frozen=True)
class Reply:
    """What a recipient wrote to us."""

    provider: str
    message_id: str  # the same if it comes again
    sender: str  # who wrote
    recipient: str  # our number
    text: str
    at: datetime


def is_blameless(fault: str) -> bool:
    """Whether a refusal speaks of the provider alone; `fault` as in messages.port.Rejected."""
    return fault == "provider"


def outcome_of_refusal(*, permanent: bool, fault: str) -> Outcome:
    """What a provider's refusal comes to; `fault` as in messages.port.Rejected.

    Only a fault of the recipient speaks about the lead. What the text, the credentials or the
    provider are to blame for leaves the lead to be tried again.
    """
    if fault == "recipient" and permanent:
        return Outcome.REJECTED
    if fault == "provider" and not permanent:
        return Outcome.CONGESTION
    return Outcome.FAILED
