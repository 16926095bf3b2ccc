"""What an agent asks for at their desk, and the answer of the cell that serves it.

Values that go through the store as JSON: the web process writes an order, the cell answers it
(caesura.store.desk, caesura.cell.desks).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from caesura.rules.floor.desk import Presence


class _Order(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    pass


class Open(_Order, frozen=True, tag="open"):
    """The shift begins."""


class Connect(_Order, frozen=True, tag="connect"):
    """The page's WebRTC offer; answered with `sdp`. `number` counts the offers of one page."""

    offer: str
    number: int = 0


class RingPhone(_Order, frozen=True, tag="ring_phone"):
    """Call the agent's telephone (again)."""


class Become(_Order, frozen=True, tag="become"):
    """Available, on a break, or offline; in a call: after it."""

    presence: Presence
    reason: str | None = None  # of a break


class Accept(_Order, frozen=True, tag="accept"):
    """Call the lead that is shown to them."""


class Skip(_Order, frozen=True, tag="skip"):
    """Do not call it now."""


class Call(_Order, frozen=True, tag="call"):
    """Call this lead by hand."""

    campaign: int
    lead: int


class HangUp(_Order, frozen=True, tag="hang_up"):
    """End the conversation."""


class Hold(_Order, frozen=True, tag="hold"):
    """Let the callee wait, or (`on` false) go on."""

    on: bool


class Mute(_Order, frozen=True, tag="mute"):
    """The page sends silence, or does not any more; to be seen by others."""

    on: bool


class SendDigits(_Order, frozen=True, tag="send_digits"):
    """Press keys towards the callee."""

    digits: str  # of 0123456789*#


class HandOver(_Order, frozen=True, tag="hand_over"):
    """Give the conversation to `to`, or to whoever is free the longest."""

    to: int | None = None


class Dispose(_Order, frozen=True, tag="dispose"):
    """Say what came of the conversation (caesura.rules.disposition.Chosen)."""

    attempt: UUID
    name: str
    notes: str = ""
    callback_at: datetime | None = None
    for_me: bool = False


class EndWrapUp(_Order, frozen=True, tag="end_wrap_up"):
    """They are ready."""


class ExtendWrapUp(_Order, frozen=True, tag="extend_wrap_up"):
    """They need more time."""


Order = (
    Open
    | Connect
    | RingPhone
    | Become
    | Accept
    | Skip
    | Call
    | HangUp
    | Hold
    | Mute
    | SendDigits
    | HandOver
    | Dispose
    | EndWrapUp
    | ExtendWrapUp
)


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an order. Done, where there is neither `denied` nor `invalid`."""

    denied: str | None = None  # a Denial, or why the lead may not be called (rules.refusal)
    invalid: str | None = None  # what is wrong with what was said, for people
    field: str | None = None  # of that
    sdp: str | None = None  # answers Connect


def encoded(value: Order | Answer) -> bytes:
    """As JSON."""
    return msgspec.json.encode(value)


def order(content: object) -> Order:
    """From JSON that is parsed already. Raises msgspec.ValidationError."""
    found: Order = msgspec.convert(content, Order)
    return found


def answer(content: object) -> Answer:
    """From JSON that is parsed already."""
    return msgspec.convert(content, Answer)
