"""Pausing and resuming parts of a campaign: list, state, zone, calling number, trunk, channel.

Like a whole pause, it answers 200 once the silence of the parts is confirmed, and 202 when the wait
ends first; the confirmation comes by itself all the same.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from caesura.rules.campaign import Drain
from caesura.rules.part import Part, Scope
from caesura.store import campaign, campaign_settings, hold, lifecycle
from caesura.store.database import Database
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.lifecycle import check_until, resolve
from caesura.web.request import CampaignRef, WaitS
from caesura.web.views import CampaignView, HoldView, Receipt

router = APIRouter(prefix="/campaigns/{campaign}", tags=["parts"])

_WAIT_S = 3.0
_PARTS_MAX = 100


class PartOf(BaseModel):
    """One part of a campaign."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope
    value: str = Field(
        max_length=200,
        description="A list's or trunk's name, a state (`US-TX`, or its name) or country, an IANA "
        "zone, a calling number, a channel.",
    )

    def part(self) -> Part:
        return Part(self.scope, self.value)


class PauseParts(BaseModel):
    """Parts to pause, together or not at all."""

    model_config = ConfigDict(extra="forbid")

    part: list[PartOf] = Field(min_length=1, max_length=_PARTS_MAX)
    reason: str | None = Field(None, max_length=2000)
    drain: Drain | None = Field(None, description="Default: the campaign's setting.")
    until: AwareDatetime | None = Field(None, description="Resumes by itself then.")
    epoch: int | None = Field(
        None, ge=1, le=2**62, description="The epoch that was seen; another one answers 409."
    )


class ResumeParts(BaseModel):
    """Parts to resume: by the ids of their holds, by what they are, or all."""

    model_config = ConfigDict(extra="forbid")

    holds: list[int] | None = Field(None, min_length=1, max_length=_PARTS_MAX)
    part: list[PartOf] | None = Field(None, min_length=1, max_length=_PARTS_MAX)
    all: bool = False
    reason: str | None = Field(None, max_length=2000)
    epoch: int | None = Field(None, ge=1, le=2**62)

    @model_validator(mode="after")
    def _something(self) -> ResumeParts:
        if self.all == (self.holds is not None or self.part is not None):
            raise ValueError("say holds, part, or all: true")
        return self


class PartsResult(BaseModel):
    """The campaign as it is now, and the receipt of the parts that were paused."""

    campaign: CampaignView
    receipt: Receipt | None = None


class PartView(BaseModel):
    """A part that the campaign has, and what a pause of it would cover now."""

    scope: Scope
    value: str
    paused: bool
    leads: int | None = Field(
        description="That are not at their end; null of what no lead is bound to."
    )
    ringing: int = Field(description="Calls on the wire that nobody has answered.")
    talking: int


_ANSWERS: dict[int | str, dict[str, object]] = {
    202: {"model": PartsResult, "description": "Accepted; silence is not confirmed yet."}
}


@router.get("/holds")
async def list_holds(
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    released: Annotated[bool, Query(description="Also those that are over.")] = False,
) -> list[HoldView]:
    """The parts that are paused."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        rows = await hold.shown(conn, [campaign_id], released=released)
    return [HoldView.model_validate(row) for row in rows]


@router.post("/holds", responses=_ANSWERS)
async def pause_parts(
    *,
    ref: CampaignRef,
    order: PauseParts,
    database: Db,
    actor: Actor,
    response: Response,
    wait_s: WaitS = _WAIT_S,
) -> PartsResult:
    """Pause parts: no call of them leaves once this is confirmed; the rest goes on.

    Repeating it is no error. In a campaign that does not run there is nothing to wait for.
    """
    check_until(order.until)
    campaign_id = await resolve(database, ref)
    silence = await hold.place(
        database,
        campaign_id,
        [each.part() for each in order.part],
        actor=actor,
        reason=order.reason,
        drain=order.drain,
        until=order.until,
        epoch=order.epoch,
    )
    if not await lifecycle.await_confirmation(database, silence, wait_s):
        response.status_code = 202
    return await _result(database, campaign_id, silence.receipt)


@router.post("/holds/release")
async def resume_parts(
    ref: CampaignRef, order: Annotated[ResumeParts, Body()], database: Db, actor: Actor
) -> PartsResult:
    """Resume parts; their leads are due again as they were. 409 until their pause is confirmed."""
    campaign_id = await resolve(database, ref)
    await hold.release(
        database,
        campaign_id,
        actor=actor,
        holds=order.holds,
        parts=None if order.part is None else [each.part() for each in order.part],
        reason=order.reason,
        epoch=order.epoch,
    )
    return await _result(database, campaign_id, None)


@router.get("/parts")
async def list_parts(ref: CampaignRef, database: Db, actor: Actor) -> list[PartView]:
    """What of the campaign can be paused by itself, and how much each part covers now."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        settings = await campaign_settings.current(conn, campaign_id)
        counts = await hold.parts(conn, campaign_id, settings)
    return [
        PartView(
            scope=each.part.scope,
            value=each.part.value,
            paused=each.paused,
            leads=each.leads,
            ringing=each.ringing,
            talking=each.talking,
        )
        for each in counts
    ]


async def _result(database: Database, campaign_id: int, receipt: int | None) -> PartsResult:
    async with database.transaction() as conn:
        view = await shown.one_campaign(conn, campaign_id)
        made = None if receipt is None else await shown.receipt_of(conn, campaign_id, receipt)
    return PartsResult(campaign=view, receipt=made)
