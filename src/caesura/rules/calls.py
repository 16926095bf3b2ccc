"""The calls of a campaign that are under way on one cell, and its messages without an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from caesura.rules.call import CallPhase, Launch
from caesura.rules.claim import ClaimedLead
from caesura.rules.command import Cancel, Command, HangUp
from caesura.rules.disposition import Disposed
from caesura.rules.recorded_message import Conversation


class Apology(StrEnum):
    """What is said to a callee for whom there is no agent, before the call is hung up."""

    ABANDONED = "abandoned"  # there was none in time
    LOST = "lost"  # the one who spoke with them was lost, and no other is free


@dataclass
class Answer:
    """An answered call that is for agents: it has one, seeks one, or is told that there is none."""

    at: float  # monotonic
    seeks_until: float | None  # monotonic; None: it does not seek
    greeting_ended_at: datetime | None = None  # as far as it was heard
    agent: int | None = None  # in conversation with the callee
    last_agent: int | None = None  # who was, also after it
    apology: Apology | None = None
    disposed: Disposed | None = None  # said during the conversation


@dataclass
class Call:
    """An attempt from its journal entry to its end: a call, or a message until its answer."""

    launch: Launch
    lead: ClaimedLead
    phase: CallPhase = CallPhase.JOURNALLED
    trunk: str | None = None  # that its last INVITE went to
    ringing_since: float | None = None  # monotonic
    cancel_at: float | None = None  # monotonic; set by a drain
    stopping: Cancel | HangUp | None = None  # what the line was told
    stopped_by_us: str | None = None  # why, for the journal
    conversation: Conversation = field(default_factory=Conversation)  # with a recorded message
    for_agent: int | None = None  # whom it was started for
    answer: Answer | None = None  # of a call for agents, from the answer on

    @property
    def attempt(self) -> UUID:
        return self.launch.attempt

    @property
    def is_voice(self) -> bool:
        return self.launch.channel == "voice"

    @property
    def talking(self) -> bool:
        """Answered, and not ended."""
        return self.phase is CallPhase.TALKING

    @property
    def needs_agent(self) -> bool:
        """It has no agent and may need one: it rings, or was answered and seeks one."""
        if self.answer is not None:
            return self.answer.seeks_until is not None
        return self.is_voice and self.for_agent is None and not self.talking

    def stop(self, why: str, command: Cancel | HangUp) -> list[Command]:
        """The line is told to end it, by this command."""
        self.stopping, self.stopped_by_us = command, why
        return [command]


@dataclass(frozen=True)
class InFlight:
    """Calls of the campaign on this cell, and messages that their provider has not answered."""

    ringing: int  # on the wire, or about to be, and not answered
    talking: int


def in_flight(calls: Iterable[Call]) -> InFlight:
    talking = [call.talking for call in calls]
    return InFlight(ringing=len(talking) - sum(talking), talking=sum(talking))


def pop(calls: dict[UUID, Call], meant: Callable[[Call], bool]) -> list[Call]:
    """Take out the calls that are meant: they are not under way any more."""
    gone = [call for call in calls.values() if meant(call)]
    for call in gone:
        del calls[call.attempt]
    return gone
