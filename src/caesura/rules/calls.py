"""The calls of a campaign that are under way on one cell, and its messages without an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from caesura.rules.call import CallPhase, Launch
from caesura.rules.claim import ClaimedLead
from caesura.rules.command import Cancel, Command, HangUp
from caesura.rules.recorded_message import Conversation


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
    conversation: Conversation = field(default_factory=Conversation)

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
