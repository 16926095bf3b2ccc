"""One attempt over a voice channel, from the journal to its end: the values, not the doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from caesura.rules.next_try import NextTry
from caesura.rules.outcome import Outcome


class CallPhase(StrEnum):
    """Where a call stands, as its cell knows it."""

    JOURNALLED = "journalled"  # in the journal; the line has not said more yet
    DIALLING = "dialling"  # the INVITE left
    RINGING = "ringing"
    TALKING = "talking"  # answered, and not ended


@dataclass(frozen=True)
class Launch:
    """An attempt to be journalled, then dialled."""

    attempt: UUID
    lead: int
    phone: str
    calling_number: str


@dataclass(frozen=True)
class Progress:
    """Something that happened to an attempt before its end."""

    attempt: UUID
    phase: CallPhase  # DIALLING, RINGING or TALKING: what it has become
    at: datetime
    trunk: str | None = None  # with DIALLING
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
