"""What an agent's desk shows: the response models of /desk."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from caesura.rules.agent_phone import PhoneState
from caesura.rules.agent_settings import Meaning, Notes
from caesura.rules.campaign import CampaignState
from caesura.rules.floor.desk import Presence
from caesura.rules.routing import Why
from caesura.web.views import CampaignName, Moment


class AgentName(BaseModel):
    """Whose desk it is."""

    id: int
    name: str
    skills: list[str]


class StandingPause(BaseModel):
    """Why a campaign is paused."""

    by: str
    reason: str | None
    since: Moment


class AssignedCampaign(CampaignName):
    """A campaign that the agent is assigned to."""

    status: CampaignState
    priority: int = Field(description="9 first.")
    pause: StandingPause | None


class NextCalls(BaseModel):
    """Where the agent's next calls come from."""

    campaign: CampaignName
    why: Why = Field(
        description="`assigned`; `destination`: it stands in for a paused campaign of theirs; "
        "`held`: its ringing calls may still need them."
    )


class WrapUpView(BaseModel):
    """How the wrap-up stands; `until` says when it ends by itself."""

    overdue: bool = Field(description="Its clock has run out; the disposition is missing.")
    extendable: bool = Field(description="More time may be asked for.")


class DispositionChoice(BaseModel):
    """One thing that can be said of the conversation."""

    name: str
    meaning: Meaning
    notes: Notes


class DisposedView(BaseModel):
    """What was said of the conversation."""

    name: str = Field(description="Empty for the moment in which it is being stored.")
    notes: str
    callback_at: Moment | None


class CallbackTerms(BaseModel):
    """What may be promised."""

    for_me: bool = Field(description="The agent may promise to call themselves.")
    days_max: int


class PastAttempt(BaseModel):
    """An earlier attempt to reach the same contact in this campaign."""

    at: Moment
    outcome: str | None
    disposition: str | None
    notes: str | None
    agent: str | None


class DeskCall(BaseModel):
    """The lead, call, conversation or wrap-up that the agent is busy with."""

    attempt: UUID | None = Field(description="null: it is not called yet.")
    lead: int
    campaign: CampaignName
    phone: str
    calling_number: str | None
    list: str
    zone: str = Field(description="An IANA zone, or several joined by '|': the number tells none.")
    local_time_zone: str = Field(description="To tell the callee's time by; of several, the first.")
    region: str | None = Field(description="ISO 3166-2, as the list or the area code says.")
    answered_at: Moment | None
    began_at: Moment | None = Field(description="When this agent's conversation began.")
    ended_at: Moment | None = Field(description="When it ended.")
    attributes: dict[str, Any]
    script: str | None = Field(description="With the contact's attributes filled in.")
    muted: bool
    on_hold: bool
    # `list` is a field here.
    dispositions: tuple[DispositionChoice, ...]
    disposition_required: bool
    disposed: DisposedView | None
    callbacks: CallbackTerms
    history: tuple[PastAttempt, ...] = Field(description="The last five, newest first.")


class Notice(BaseModel):
    """The last thing that the agent was told of.

    A pause, a termination, a resume, or a call that is not made.
    """

    kind: Literal["paused", "terminated", "runs", "denied"]
    campaign: CampaignName
    by: str | None = Field(description="Who paused or terminated it.")
    reason: str | None = Field(description="Of the pause, or why the call is not made.")
    next: NextCalls | None = Field(description="Where their next calls come from, but of `denied`.")
    at: Moment


class IceServer(BaseModel):
    """For RTCPeerConnection (W3C WebRTC, section 4.2.2)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class DeskPhone(BaseModel):
    """The agent's own telephone, which is called once for the whole shift."""

    address: str = Field(description="E.164, or sip:user@host.")
    state: PhoneState | None = Field(description="null: no shift.")


class DeskView(BaseModel):
    """All that an agent's desk shows."""

    agent: AgentName
    on_shift: bool
    presence: Presence = Field(description="`offline` without a shift.")
    reason: str | None = Field(description="Of the break, or of the one that they asked for.")
    since: Moment | None = Field(description="Of the presence; null without a shift.")
    device: bool = Field(description="The page or the phone can carry a conversation.")
    phone: DeskPhone | None = Field(description="null: the page's own microphone is used.")
    wish: Presence | None = Field(description="What they asked to be after the call.")
    campaigns: list[AssignedCampaign] = Field(description="Highest priority first, then by name.")
    next: NextCalls | None = Field(description="null: no campaign has calls for them.")
    until: Moment | None = Field(description="When the wrap-up or the preview ends by itself.")
    wrap_up: WrapUpView | None
    call: DeskCall | None
    notice: Notice | None
    ice_servers: list[IceServer]


class Colleague(BaseModel):
    """An agent to whom the conversation could be handed over."""

    name: str
    presence: Presence
    free: bool = Field(description="Could take it at this moment.")


class Colleagues(BaseModel):
    """The free ones first, then by name."""

    items: list[Colleague]


class DispositionCount(BaseModel):
    """How often something was said."""

    name: str
    count: int


class PromisedCallback(BaseModel):
    """A call that the agent promised and that is still to be made."""

    at: Moment
    campaign: CampaignName
    name: str = Field(description="The contact's, or the number where the list has no names.")
    for_me: bool


class PastConversation(BaseModel):
    """One of today's conversations."""

    attempt: UUID
    began_at: Moment
    ended_at: Moment | None
    campaign: CampaignName
    name: str = Field(description="The contact's, or the number where the list has no names.")
    disposition: str | None


class Today(BaseModel):
    """What an agent did since midnight."""

    since: Moment
    conversations: int
    talk_s: float
    presences: dict[str, float] = Field(description="Seconds in each presence.")
    dispositions: list[DispositionCount] = Field(description="The most frequent first.")
    callbacks: list[PromisedCallback] = Field(description="The next ones first, at most 50.")
    last: list[PastConversation] = Field(description="Newest first, at most 20.")
