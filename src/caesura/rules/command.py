"""What a campaign's runner (caesura.rules.runner) tells its cell to do.

Values only: caesura.cell.hands carries them out in production. What answers a command is named with
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from caesura.rules.call import AttemptEnd, Launch, Progress
from caesura.rules.claim import ClaimedLead, PutOff
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
)
