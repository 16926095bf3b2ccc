"""What a campaign's runner (caesura.rules.runner) tells its cell to do.

Values only: caesura.cell.hands carries them out in production. What answers a command is named with
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from caesura.rules.call import AttemptEnd, Launch, Progress
from caesura.rules.claim import ClaimedLead, PutOff
from caesura.rules.disposition import Disposed
from caesura.rules.part import Hold


@dataclass(frozen=True)
class Claim:
    """Take up to `limit` due leads whose number is in one of `zones`. Answer: `claimed`."""

    zones: tuple[str, ...]
    limit: int
    around: tuple[Hold, ...] = ()  # paused lists and regions: their leads are set aside, not taken


@dataclass(frozen=True)
class Release:
    """Give claimed leads back: nothing happened to them."""

    leads: tuple[int, ...]


@dataclass(frozen=True)
class StorePutOff:
    """Store why claimed leads may not be reached now, and until when."""

    refused: tuple[PutOff, ...]


@dataclass(frozen=True)
class Prepare:
    """Journal an attempt for each lead, then dial. Answer: `recheck`, then `journalled`."""

    leads: tuple[ClaimedLead, ...]


@dataclass(frozen=True)
class Dial:
    """Hand the journalled attempt to the line."""

    launch: Launch


@dataclass(frozen=True)
class Submit:
    """Hand the journalled message to the messenger."""

    launch: Launch


@dataclass(frozen=True)
class Cancel:
    attempt: UUID


@dataclass(frozen=True)
class HangUp:
    attempt: UUID


@dataclass(frozen=True)
class Listen:
    """Open the media stream of an answered call, and close it with CloseStream."""

    attempt: UUID


@dataclass(frozen=True)
class PlayMessage:
    attempt: UUID
    recording: str


@dataclass(frozen=True)
class StopPlaying:
    attempt: UUID


@dataclass(frozen=True)
class CloseStream:
    attempt: UUID


@dataclass(frozen=True)
class OptOut:
    """The callee asked not to be called again: their number goes on the do-not-call list."""

    phone: str


@dataclass(frozen=True)
class StoreProgress:
    progress: Progress


@dataclass(frozen=True)
class StoreEnd:
    end: AttemptEnd


@dataclass(frozen=True)
class StoreNotLaunched:
    attempt: UUID


# ------------------------------------- calls for agents (caesura.rules.floor)


@dataclass(frozen=True)
class SeekAgent:
    """An answered call needs an agent: `agent`, for whom it was started. Answer: `agent_found`."""

    attempt: UUID
    agent: int | None = None


@dataclass(frozen=True)
class SeekNoAgent:
    """It needs none any more, and goes on."""

    attempt: UUID


@dataclass(frozen=True)
class CallOver:
    """The call has ended; whoever had it, or was to have it, is done with it."""

    attempt: UUID


@dataclass(frozen=True)
class Connect:
    """Join the call and the agent's device; also again, when the device was away."""

    attempt: UUID
    agent: int


@dataclass(frozen=True)
class Disconnect:
    """Part them; the call goes on."""

    attempt: UUID
    agent: int


@dataclass(frozen=True)
class Offer:
    """Show the lead to the agent. It is called when they accept, or when the countdown is over."""

    agent: int
    lead: ClaimedLead
    countdown_s: float | None  # None: it is called only when they accept


@dataclass(frozen=True)
class ClaimFor:
    """Take this lead for the agent, if nobody has it. Answer: `claimed_for`."""

    agent: int
    lead: int


@dataclass(frozen=True)
class CallFor:
    """The call for the agent is on its way: being journalled, then with its attempt."""

    agent: int
    attempt: UUID | None = None


@dataclass(frozen=True)
class LetGo:
    """There will be no call for the agent whom the floor keeps for one."""

    agent: int


@dataclass(frozen=True)
class Deny:
    """Tell the agent why what they asked for is not done."""

    agent: int
    why: str  # a Denial (caesura.rules.floor.decision) or a Refusal


class TalkEnd(StrEnum):
    """Why an agent is not in a conversation any more."""

    CALL_ENDED = "call_ended"
    HANDED_OVER = "handed_over"  # to another agent, by themselves
    DEVICE_LOST = "device_lost"


@dataclass(frozen=True)
class StoreTalkBegan:
    """An agent and a callee talk."""

    attempt: UUID
    agent: int
    at: datetime
    greeting_ended_at: datetime | None  # of the callee, where it was heard


@dataclass(frozen=True)
class StoreTalkEnded:
    """They do not any more."""

    attempt: UUID
    agent: int
    at: datetime
    why: TalkEnd


@dataclass(frozen=True)
class StoreDisposition:
    """What the agent says came of it; the lead, which the call's end has left, follows it."""

    attempt: UUID
    lead: int
    agent: int
    at: datetime
    disposed: Disposed


ForAgents = (
    Connect
    | Disconnect
    | Offer
    | ClaimFor
    | Deny
    | StoreTalkBegan
    | StoreTalkEnded
    | StoreDisposition
)

ForFloor = SeekAgent | SeekNoAgent | CallOver | CallFor | LetGo

Command = (
    Claim
    | Release
    | StorePutOff
    | Prepare
    | Dial
    | Submit
    | Cancel
    | HangUp
    | Listen
    | PlayMessage
    | StopPlaying
    | CloseStream
    | OptOut
    | StoreProgress
    | StoreEnd
    | StoreNotLaunched
    | ForFloor
    | ForAgents
)
