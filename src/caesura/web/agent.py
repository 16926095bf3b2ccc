"""/agents: who takes conversations, and for which campaigns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field, model_validator

from caesura.errors import Invalid
from caesura.rules.agent_phone import AgentPhone, PhoneState, address_of
from caesura.rules.agent_settings import Skill
from caesura.rules.floor.desk import Presence
from caesura.rules.phone_number import BadValue
from caesura.store import agent, campaign
from caesura.store.agent import Assigned
from caesura.store.database import Connection
from caesura.web.caller import Actor, Db
from caesura.web.phone import e164
from caesura.web.request import CampaignRef, Name
from caesura.web.views import CampaignName, Moment

router = APIRouter(tags=["agents"])

_SKILLS_MAX = 50
_AGENTS_MAX = 10_000


class LiveDesk(BaseModel):
    """What an agent who is on shift does now."""

    presence: Presence
    reason: str | None
    since: Moment
    device: bool = Field(description="Their page or phone can carry a conversation.")
    phone: PhoneState | None = Field(description="Of this shift; null: their page has the sound.")
    campaign: CampaignName | None = Field(
        description="Of the call, or else where the next calls come from."
    )


class Phone(BaseModel):
    """An agent's own telephone. It is called once for a shift, and the leg is kept open."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(
        max_length=400, description="A number in E.164, or a SIP address: sip:ines@10.0.0.5."
    )
    trunk: str = Field(max_length=1000, description="By its name.")
    calling_number: str | None = Field(
        None, max_length=100, description="One of /numbers; may be missing for a SIP address."
    )

    def read(self) -> AgentPhone:
        """As it is stored. Raises Invalid naming the field."""
        try:
            address = address_of(self.address)
        except BadValue as bad:
            raise Invalid(f"{self.address!r}: {bad.reason}", "phone.address") from None
        shown = self.calling_number
        return AgentPhone(
            address,
            self.trunk,
            None if shown is None else e164(shown, None, "phone.calling_number"),
        )


class AssignmentView(BaseModel):
    """A campaign that an agent works for."""

    campaign: CampaignName
    priority: int
    weight: float


class AgentView(BaseModel):
    """Somebody who takes conversations, or did."""

    id: int
    name: str
    skills: list[str]
    disabled: bool = Field(description="Cannot sign in.")
    retired: bool = Field(description="Takes no conversations any more.")
    phone: Phone | None = Field(description="null: the sound is their page's.")
    assignments: list[AssignmentView]
    desk: LiveDesk | None = Field(description="null: not on shift.")


class Agents(BaseModel):
    """All agents, by name."""

    items: list[AgentView]


class NewAgent(BaseModel):
    """A new user who takes conversations (`name`), or a user who shall, too (`user`)."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=1000, description="Of a new user, role `agent`.")
    user: str | None = Field(None, max_length=1000, description="Of somebody who can sign in.")
    skills: list[Skill] = Field([], max_length=_SKILLS_MAX)

    @model_validator(mode="after")
    def _either(self) -> NewAgent:
        if (self.name is None) == (self.user is None):
            raise ValueError("say name, for a new user, or user, for one who is there")
        return self


class AddedAgent(AgentView):
    """The agent, and the password of a new user."""

    password: str | None = Field(
        description="One-time, shown this once, to be changed at the first sign-in; null: the "
        "user was there."
    )


class AgentChange(BaseModel):
    """What may be changed of an agent."""

    model_config = ConfigDict(extra="forbid")

    skills: list[Skill] | None = Field(None, max_length=_SKILLS_MAX)
    retired: bool | None = None
    phone: Phone | None = Field(
        None, description="From the next shift on; null: their page's microphone and loudspeaker."
    )


class AssignedAgent(BaseModel):
    """An agent of a campaign."""

    model_config = ConfigDict(extra="forbid")

    agent: str = Field(max_length=1000, description="The name.")
    priority: int = Field(5, ge=1, le=9, description="9 first: of this agent's campaigns.")
    weight: float = Field(1.0, gt=0, le=1000, description="Among campaigns of one priority.")


class CampaignAgent(BaseModel):
    """An agent of a campaign, and what they do now."""

    agent: str
    id: int
    priority: int
    weight: float
    skills: list[str]
    lacks: list[str] = Field(description="Skills that the campaign asks for; gets no calls of it.")
    disabled: bool
    retired: bool
    desk: LiveDesk | None


@router.get("/agents")
async def list_agents(database: Db, actor: Actor) -> Agents:
    """All agents, the retired too, and what each does now."""
    async with database.transaction() as conn:
        found = await agent.list_agents(conn)
    return Agents(items=[AgentView.model_validate(row) for row in found])


# No Idempotency-Key here: to repeat the answer, the server would have to keep the password.
@router.post("/agents", status_code=201)
async def add_agent(new: NewAgent, database: Db, actor: Actor) -> AddedAgent:
    """Add an agent. A name that is taken is refused, so a repetition makes no second."""
    given, name = None, (new.name or new.user or "").strip()
    async with database.transaction() as conn:
        if new.name is not None:
            given = await agent.create(conn, name, new.skills, actor)
        else:
            await agent.appoint(conn, name, new.skills, actor)
        return AddedAgent.model_validate(await agent.read(conn, name) | {"password": given})


@router.patch("/agents/{name}")
async def change_agent(name: Name, change: AgentChange, database: Db, actor: Actor) -> AgentView:
    """Change an agent's skills or phone, or retire them: they go home after their call."""
    async with database.transaction() as conn:
        if "phone" in change.model_fields_set:
            await agent.set_phone(conn, name, change.phone.read() if change.phone else None)
        await agent.change(conn, name, skills=change.skills, retired=change.retired)
        return AgentView.model_validate(await agent.read(conn, name))


@router.get("/campaigns/{campaign}/agents")
async def list_campaign_agents(ref: CampaignRef, database: Db, actor: Actor) -> list[CampaignAgent]:
    """The campaign's agents by name, and what each does now."""
    async with database.transaction() as conn:
        return await _of_campaign(conn, await campaign.resolve(conn, ref))


@router.put("/campaigns/{campaign}/agents")
async def put_campaign_agents(
    ref: CampaignRef,
    assigned: Annotated[list[AssignedAgent], Body(max_length=_AGENTS_MAX)],
    database: Db,
    actor: Actor,
) -> list[CampaignAgent]:
    """Assign exactly these agents to the campaign: a new version of its settings."""
    wanted = [Assigned(each.agent, each.priority, each.weight) for each in assigned]
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        await agent.assign(conn, campaign_id, wanted, actor)
        return await _of_campaign(conn, campaign_id)


async def _of_campaign(conn: Connection, campaign_id: int) -> list[CampaignAgent]:
    found = await agent.of_campaign(conn, campaign_id)
    return [CampaignAgent.model_validate(row | {"agent": row["name"]}) for row in found]
