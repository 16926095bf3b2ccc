"""One attempt, from the journal to its end: the values, not the doing.

Over a message channel it is the same, without ringing and talking; what comes back later stands in
caesura.rules.message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from caesura.rules.message import Planned, Taken
from caesura.rules.message_settings import Channel
from caesura.rules.next_try import NextTry
from caesura.rules.outcome import Outcome


class CallPhase(StrEnum):
    """Where a call stands, as its cell knows it."""

    JOURNALLED = "journalled"  # in the journal; the line has not said more yet
    DIALLING = "dialling"  # the INVITE left; a message was handed over
    RINGING = "ringing"
    TALKING = "talking"  # answered, and not ended


@dataclass(frozen=True)
class Launch:
    """An attempt to be journalled, then dialled."""

    attempt: UUID
    lead: int
    phone: str
    calling_number: str  # of a message: its sender
    channel: Channel = "voice"
    # Of messages only.
    text: str | None = None
    subject: str | None = None
    address: str | None = None  # where it goes, if that is not `phone`
    segments: int = 1
    providers: tuple[str, ...] = ()  # in order of preference
    rule: int | None = None  # it follows on a call: which of the campaign's follow_ups, from 0


@dataclass(frozen=True)
class Progress:
    """Something that happened to an attempt before its end."""

    attempt: UUID
    phase: CallPhase  # DIALLING, RINGING or TALKING: what it has become
    at: datetime
    trunk: str | None = None  # with DIALLING; of a message: the provider
    sip_call_id: str | None = None  # with DIALLING


@dataclass(frozen=True)
class AttemptEnd:
    """An attempt is over."""

    attempt: UUID
    lead: int
    at: datetime
    outcome: Outcome
    received: bool  # rang, was answered, was busy or declined
    ended_by: str
    sip_status: int | None
    q850_cause: int | None
    detail: str
    key_pressed: str | None
    after: NextTry  # what becomes of the lead
    taken: Taken | None = None  # of a message that a provider took, whole or in part
    code: str | None = None  # the provider's own word for a message's failure
    follow_ups: tuple[Planned, ...] = ()  # messages that are to follow
