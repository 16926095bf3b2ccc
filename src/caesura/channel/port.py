"""What the port of every channel shares: how messages are written, and the words of the gate.

A cell speaks to a process for each channel (caesura.voice.port, caesura.messages.port). Whatever
the channel, its process keeps one gate per campaign, and these three words are about it.

Framing: each message is msgpack, preceded by its length as four bytes, big-endian, on a unix
stream socket on which the channel's process listens and the cell connects (caesura.channel.link).

Clocks: `at` is UTC seconds since the epoch, for people and records. `until_monotonic` is
CLOCK_MONOTONIC of this machine in seconds, which all processes of one machine share; it is the
only clock that a gate looks at.
"""

from __future__ import annotations

from uuid import UUID

import msgspec


class Message(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """One word of a port; its tag is the name of its class."""


# ------------------------------------------------------------- cell -> channel


class OpenGate(Message, frozen=True):
    """Attempts of this campaign and epoch may leave until the given moment, and not after."""

    campaign: int
    epoch: int
    until_monotonic: float


class ShutGate(Message, frozen=True):
    """Nothing of this campaign may leave from now on. Answered by one GateShut.

    Attempts that wait here end as NotLaunched, before the answer. What is already on the wire is
    not touched: what becomes of calls is the cell's drain; a message cannot be called back.
    """

    campaign: int


# ------------------------------------------------------------- channel -> cell


class GateShut(Message, frozen=True):
    """The gate is shut; nothing of the campaign left after this was sent."""

    campaign: int
    last_left_at: float | None  # last INVITE or submission, of this process, UTC; None if never
    unlaunched: list[UUID]
