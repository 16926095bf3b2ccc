"""How a standing pause ends: changing that, and the second person for an emergency stop."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from caesura.rules.resumption import Condition, Terms
from caesura.store import campaign, lifecycle, release
from caesura.web.caller import Actor, Db
from caesura.web.lifecycle import (
    DecisionBody,
    LifecycleResult,
    check_conditions,
    check_until,
    resolve,
    result_of,
)
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import CampaignRef
from caesura.web.views import Moment

router = APIRouter(prefix="/campaigns/{campaign}", tags=["lifecycle"])


class NewTerms(BaseModel):
    """How the standing pause is to end; both empty: when somebody resumes."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime | None = None
    when: list[Condition] = Field([], max_length=10)
    epoch: int | None = Field(
        None, ge=1, le=2**62, description="The epoch that was seen; another one answers 409."
    )


class Withdrawal(BaseModel):
    """On what standing a request is taken back."""

    model_config = ConfigDict(extra="forbid")

    epoch: int | None = Field(None, ge=1, le=2**62)


@router.put("/resumption")
async def put_resumption(
    ref: CampaignRef, terms: NewTerms, database: Db, actor: Actor
) -> LifecycleResult:
    """Say anew when the standing pause ends by itself: sooner, later, or not at all."""
    check_until(terms.until)
    campaign_id = await resolve(database, ref)
    await check_conditions(database, campaign_id, terms.when)
    wanted = Terms(until=terms.until, when=tuple(terms.when))
    await lifecycle.change_terms(database, campaign_id, wanted, actor=actor, epoch=terms.epoch)
    return await result_of(database, campaign_id)


@router.post("/approve")
async def approve(
    ref: CampaignRef, decision: DecisionBody, database: Db, actor: Actor
) -> LifecycleResult:
    """Approve the release of an emergency stop that another person has asked for: it resumes."""
    campaign_id = await resolve(database, ref)
    await lifecycle.approve(
        database, campaign_id, actor=actor, reason=decision.reason, epoch=decision.epoch
    )
    return await result_of(database, campaign_id)


@router.post("/withdraw")
async def withdraw(
    ref: CampaignRef,
    withdrawal: Annotated[Withdrawal, Body(default_factory=Withdrawal)],
    database: Db,
    actor: Actor,
) -> LifecycleResult:
    """Take back, or turn down, the request to release an emergency stop; it stays paused."""
    campaign_id = await resolve(database, ref)
    await lifecycle.withdraw(database, campaign_id, actor=actor, epoch=withdrawal.epoch)
    return await result_of(database, campaign_id)


class ReleaseRecord(BaseModel):
    """One request to release an emergency stop, and what became of it."""

    id: int
    epoch: int
    asked_by: str
    asked_at: Moment
    reason: str | None
    expires_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    decision: str | None = Field(description="`approved`, `withdrawn`, `expired`; null: open.")


@router.get("/release-requests")
async def list_release_requests(
    ref: CampaignRef, database: Db, actor: Actor, paging: PagingQuery
) -> Page[ReleaseRecord]:
    """Every request to release an emergency stop of the campaign, newest first."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        found = await release.requests(
            conn, campaign_id, before=paging.after_int(), limit=paging.fetch
        )
    return paging.page(found, lambda row: row["id"], ReleaseRecord.model_validate)
