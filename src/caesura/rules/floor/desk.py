"""One agent at work: what they do, with which call, and what they asked for.

Values; what changes them is in caesura.rules.floor.floor. Times are seconds on the cell's monotonic
clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from caesura.rules.routing import Assignment, Place


class Presence(StrEnum):
    """What an agent does."""

    OFFLINE = "offline"  # not signed in
    AVAILABLE = "available"  # takes a call as soon as one is there, if their device is connected
    PREVIEW = "preview"  # looks at a lead that is to be called
    CALLING = "calling"  # the call that was started for them is on its way
    ON_CALL = "on_call"  # in conversation
    WRAP_UP = "wrap_up"  # after it
    BREAK = "break"  # with a reason


# Of these, each belongs to one call or lead, and lasts until that is done.
BUSY = frozenset({Presence.PREVIEW, Presence.CALLING, Presence.ON_CALL, Presence.WRAP_UP})


@dataclass(frozen=True)
class Profile:
    """Who the agent is and what they may do."""

    id: int
    assignments: tuple[Assignment, ...] = ()
    skills: frozenset[str] = frozenset()

    def sent(self, campaign: int, destination: int | None) -> Profile:
        """The same where a pause of the campaign names this destination for its agents."""
        assignments = tuple(
            replace(each, destination=destination) if each.campaign == campaign else each
            for each in self.assignments
        )
        return replace(self, assignments=assignments)


@dataclass(frozen=True)
class Wish:
    """What an agent is to be when what they do is done."""

    presence: Presence  # BREAK or OFFLINE
    reason: str | None = None  # of a break


@dataclass(frozen=True)
class WrapTerms:
    """How a campaign's wrap-ups end (caesura.rules.agent_settings)."""

    seconds: float | None = None  # None: when the agent says so
    extension_s: float = 0.0  # once, when they ask
    disposition_required: bool = False


@dataclass
class Task:
    """What an agent is busy with: a lead, a call, a conversation or its wrap-up."""

    campaign: int
    attempt: UUID | None = None  # None: a preview
    since: float = 0.0
    muted: bool = False
    on_hold: bool = False
    lost_at: float | None = None  # the device was lost in conversation; None: it is there
    disposed: bool = False
    terms: WrapTerms = field(default_factory=WrapTerms)
    wrap_until: float | None = None  # None: no clock runs
    extended: bool = False
    overdue: bool = False  # the clock has run out, and the disposition is still missing


@dataclass
class Desk:
    """One agent who is signed in."""

    profile: Profile
    presence: Presence = Presence.AVAILABLE
    reason: str | None = None  # of a break
    since: float = 0.0  # when they became what they are
    device: bool = False  # is connected
    wish: Wish | None = None
    task: Task | None = None  # exactly while they are busy
    place: Place | None = None  # the campaign that they are allotted to

    @property
    def id(self) -> int:
        return self.profile.id

    @property
    def counts(self) -> bool:
        """At work, and staying: they can be allotted to a campaign."""
        if self.wish is not None or not self.device:
            return False
        return self.presence is Presence.AVAILABLE or self.task is not None

    @property
    def free(self) -> bool:
        """Could take a call at this moment."""
        return self.presence is Presence.AVAILABLE and self.device
