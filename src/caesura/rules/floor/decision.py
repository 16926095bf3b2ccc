"""What the floor decides. Some of it is for the campaign's runner, some for the agent's desk page.

caesura.rules.floor.exchange hands the runner its part; the rest goes out, to pages and journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from caesura.rules.floor.desk import Presence
from caesura.rules.routing import Why

# ------------------------------------------------------------- for the runner


@dataclass(frozen=True)
class Found:
    """This agent takes the answered call that sought one."""

    campaign: int
    attempt: UUID
    agent: int


@dataclass(frozen=True)
class AgentAway:
    """The device of the agent in this conversation is lost; the grace begins."""

    campaign: int
    attempt: UUID
    agent: int


@dataclass(frozen=True)
class AgentBack:
    """It is there again: the conversation goes on."""

    campaign: int
    attempt: UUID
    agent: int


@dataclass(frozen=True)
class AgentGone:
    """The agent is out of the conversation, which needs another one."""

    campaign: int
    attempt: UUID
    agent: int
    lost_at: float  # monotonic; since then nobody has spoken to the callee


@dataclass(frozen=True)
class HandedOver:
    """The conversation has gone from one agent to another."""

    campaign: int
    attempt: UUID
    agent: int  # who has it now
    before: int


@dataclass(frozen=True)
class WrappedUp:
    """An agent of the campaign is done with a conversation and its wrap-up."""

    campaign: int
    attempt: UUID
    agent: int
    came_back: bool  # they are free now


@dataclass(frozen=True)
class NotLooking:
    """The agent to whom a lead was offered does not look at it any more."""

    campaign: int
    agent: int


@dataclass(frozen=True)
class CallAsked:
    """An agent asks to call this lead; they are kept for it."""

    campaign: int
    agent: int
    lead: int


ForRunner = (
    Found | AgentAway | AgentBack | AgentGone | HandedOver | WrappedUp | NotLooking | CallAsked
)

# --------------------------------------------------------- for pages and journal


@dataclass(frozen=True)
class Became:
    """An agent does something else now."""

    agent: int
    presence: Presence
    reason: str | None = None  # of a break
    campaign: int | None = None
    attempt: UUID | None = None
    until: float | None = None  # monotonic: when the wrap-up ends by itself
    wish: Presence | None = None  # what they asked to be after it


@dataclass(frozen=True)
class Allotted:
    """Where an agent's calls come from now; None: nowhere."""

    agent: int
    campaign: int | None
    why: Why | None = None


@dataclass(frozen=True)
class CampaignPaused:
    """A campaign of the agent's is paused or terminated, and what comes next for them."""

    agent: int
    campaign: int
    by: str
    reason: str
    next: int | None  # the campaign that their next calls come from; None: none does
    why: Why | None
    final: bool = False  # terminated


@dataclass(frozen=True)
class CampaignRuns:
    """A campaign of the agent's that was paused runs again."""

    agent: int
    campaign: int


@dataclass(frozen=True)
class WrapUpOverdue:
    """The wrap-up's clock has run out; it goes on until there is a disposition."""

    agent: int
    campaign: int
    attempt: UUID


class Denial(StrEnum):
    """Why an agent may not do what they asked for."""

    NOT_SIGNED_IN = "not_signed_in"
    NO_DEVICE = "no_device"
    ON_PHONE = "on_phone"  # of what the page's own sound is needed for
    NO_PHONE = "no_phone"  # none is set for them
    BUSY = "busy"
    NOT_ASSIGNED = "not_assigned"
    NOT_IN_CONVERSATION = "not_in_conversation"
    NOT_IN_WRAP_UP = "not_in_wrap_up"
    NOT_EXTENDABLE = "not_extendable"
    DISPOSITION_MISSING = "disposition_missing"
    NOBODY_FREE = "nobody_free"  # of a transfer
    CAMPAIGN_PAUSED = "campaign_paused"  # of a dial: paused, or not running here
    NO_SUCH_OFFER = "no_such_offer"
    LEAD_NOT_THERE = "lead_not_there"  # in other hands, done, or excluded


@dataclass(frozen=True)
class Denied:
    """What the agent asked for is not done, and why."""

    agent: int
    denial: Denial | str  # or a refusal of the lead (caesura.rules.refusal)


ForDesk = Became | Allotted | CampaignPaused | CampaignRuns | WrapUpOverdue | Denied

Decision = ForRunner | ForDesk
