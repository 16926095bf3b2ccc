"""Start, pause, resume, terminate: the transitions, and the wait for their confirmation.

A pause or termination answers 200 with the receipt once silence is confirmed, and 202 with the
passing state when the wait ends first; the confirmation comes by itself all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from caesura.errors import CaesuraError, Invalid, NotFound
from caesura.rules.campaign import CampaignState, Drain
from caesura.store import campaign, campaign_settings, lifecycle, silence
from caesura.store.database import Database
from caesura.web import problems, shown
from caesura.web.caller import Actor, Db
from caesura.web.problems import Problem
from caesura.web.request import CampaignRef, WaitS
from caesura.web.views import CampaignView, Receipt

router = APIRouter(prefix="/campaigns", tags=["lifecycle"])

_PASSING = (CampaignState.PAUSING, CampaignState.TERMINATING)
_WAIT_S = 3.0
_AT_ONCE_MAX = 6  # campaigns of one bulk request worked on at a time: fewer than the pool has


class Decision(BaseModel):
    """Why, and on what standing."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(None, max_length=2000)
    epoch: int | None = Field(
        None, ge=1, le=2**62, description="The epoch that was seen; another one answers 409."
    )


class Stop(Decision):
    """A termination, and what becomes of the calls that ring."""

    drain: Drain | None = Field(None, description="Default: the campaign's setting.")


class Pause(Stop):
    """A pause."""

    until: AwareDatetime | None = Field(None, description="Resumes by itself then.")


class _Bulk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    campaigns: list[str] | None = Field(None, min_length=1, description="Names or ids.")
    all: bool = False
    reason: str | None = Field(None, max_length=2000)

    @model_validator(mode="after")
    def _one_of_them(self) -> _Bulk:
        if self.all == (self.campaigns is not None):
            raise ValueError("say either campaigns or all: true")
        return self


class BulkPause(_Bulk):
    """Several campaigns to pause, or all: the emergency stop."""

    drain: Drain | None = None
    until: AwareDatetime | None = None


class BulkResume(_Bulk):
    """Several campaigns to resume, or all that are paused."""


class LifecycleResult(BaseModel):
    """The campaign as it is now, and the receipt of the pause or termination."""

    campaign: CampaignView
    receipt: Receipt | None


class BulkItem(LifecycleResult):
    """What came of one campaign of several."""

    error: Problem | None = None


class BulkResult(BaseModel):
    """What came of each."""

    confirmed: bool = Field(description="Every one of them is done, and none failed.")
    results: list[BulkItem]


_ANSWERS: dict[int | str, dict[str, object]] = {
    202: {"model": LifecycleResult, "description": "Accepted; silence is not confirmed yet."}
}
_Why = Annotated[Decision, Body(default_factory=Decision)]
_Stop = Annotated[Stop, Body(default_factory=Stop)]
_Pause = Annotated[Pause, Body(default_factory=Pause)]


@router.post("/pause")
async def pause_several(
    bulk: BulkPause, database: Db, actor: Actor, wait_s: WaitS = _WAIT_S
) -> BulkResult:
    """Pause several campaigns at once, or everything."""
    order = Pause(reason=bulk.reason, drain=bulk.drain, until=bulk.until)
    _check_until(order)
    stoppable = [CampaignState.RUNNING, CampaignState.PAUSING]
    ids = await _chosen(database, bulk, stoppable)
    asked = await silence.pause_all(
        database, ids, actor=actor, reason=order.reason, drain=order.drain, until=order.until
    )
    awaited = [each for each in asked.values() if isinstance(each, lifecycle.Silence)]
    await silence.await_all(database, awaited, wait_s)
    return await _results(database, ids, asked)


@router.post("/resume")
async def resume_several(bulk: BulkResume, database: Db, actor: Actor) -> BulkResult:
    """Resume several campaigns at once, or all that are paused."""
    ids = await _chosen(database, bulk, [CampaignState.PAUSED])

    at_once = asyncio.Semaphore(_AT_ONCE_MAX)

    async def one(campaign_id: int) -> CaesuraError | None:
        async with at_once:
            try:
                await lifecycle.resume(database, campaign_id, actor=actor, reason=bulk.reason)
            except CaesuraError as refused:
                return refused
        return None

    answers = await asyncio.gather(*map(one, ids))
    return await _results(database, ids, dict(zip(ids, answers, strict=True)))


@router.post("/{campaign}/start")
async def start(ref: CampaignRef, decision: _Why, database: Db, actor: Actor) -> LifecycleResult:
    """Start a draft. 422 names each setting without which it could not dial."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        standing = await campaign.view(conn, campaign_id)
        if standing["status"] == CampaignState.DRAFT:
            await campaign_settings.check_startable(conn, campaign_id)
    await lifecycle.start(
        database, campaign_id, actor=actor, reason=decision.reason, epoch=decision.epoch
    )
    return await _result(database, campaign_id)


@router.post("/{campaign}/pause", responses=_ANSWERS)
async def pause(
    *,
    ref: CampaignRef,
    order: _Pause,
    database: Db,
    actor: Actor,
    response: Response,
    wait_s: WaitS = _WAIT_S,
) -> LifecycleResult:
    """Pause: no call of the campaign leaves once this is confirmed. Repeating it is no error."""
    _check_until(order)
    campaign_id = await _resolve(database, ref)
    silence = await _pause(database, campaign_id, actor, order)
    await lifecycle.await_confirmation(database, silence, wait_s)
    return await _result(database, campaign_id, response)


@router.post("/{campaign}/resume")
async def resume(ref: CampaignRef, decision: _Why, database: Db, actor: Actor) -> LifecycleResult:
    """Resume a paused campaign where it stood."""
    campaign_id = await _resolve(database, ref)
    await lifecycle.resume(
        database, campaign_id, actor=actor, reason=decision.reason, epoch=decision.epoch
    )
    return await _result(database, campaign_id)


@router.post("/{campaign}/terminate", responses=_ANSWERS)
async def terminate(
    *,
    ref: CampaignRef,
    order: _Stop,
    database: Db,
    actor: Actor,
    response: Response,
    wait_s: WaitS = _WAIT_S,
) -> LifecycleResult:
    """End the campaign for good. Its data stays readable. Repeating it is no error."""
    campaign_id = await _resolve(database, ref)
    silence = await lifecycle.terminate(
        database,
        campaign_id,
        actor=actor,
        reason=order.reason,
        drain=order.drain,
        epoch=order.epoch,
    )
    await lifecycle.await_confirmation(database, silence, wait_s)
    return await _result(database, campaign_id, response)


async def _pause(
    database: Database, campaign_id: int, actor: str, order: Pause
) -> lifecycle.Silence:
    return await lifecycle.pause(
        database,
        campaign_id,
        actor=actor,
        reason=order.reason,
        drain=order.drain,
        until=order.until,
        epoch=order.epoch,
    )


async def _resolve(database: Database, ref: str) -> int:
    async with database.transaction() as conn:
        return await campaign.resolve(conn, ref)


async def _result(
    database: Database, campaign_id: int, response: Response | None = None
) -> LifecycleResult:
    async with database.transaction() as conn:
        view = await shown.one_campaign(conn, campaign_id)
    if response is not None and view.status in _PASSING:
        response.status_code = 202
    return LifecycleResult(campaign=view, receipt=view.last_receipt)


def _check_until(order: Pause) -> None:
    if order.until is not None and order.until <= shown.now():
        raise Invalid("The time to resume at has passed already.", "until")


async def _chosen(database: Database, bulk: _Bulk, states: list[CampaignState]) -> list[int]:
    """The ids that a bulk request means. An unknown name refuses the whole request."""
    async with database.transaction() as conn:
        if bulk.campaigns is None:
            return await campaign.ids_in(conn, states)
        ids = []
        for index, ref in enumerate(bulk.campaigns):
            try:
                ids.append(await campaign.resolve(conn, ref))
            except NotFound as unknown:
                raise Invalid(unknown.message, f"campaigns[{index}]") from None
    return list(dict.fromkeys(ids))


async def _results(database: Database, ids: list[int], answers: Mapping[int, object]) -> BulkResult:
    """What came of each: as it is now, and the error if its answer is one."""
    async with database.transaction() as conn:
        rows = await campaign.views(conn, ids)
        views = {view.id: view for view in await shown.campaign_views(conn, rows)}
    results = [
        BulkItem(
            campaign=views[each], receipt=views[each].last_receipt, error=_error(answers[each])
        )
        for each in ids
        if each in views
    ]
    done = all(item.error is None and item.campaign.status not in _PASSING for item in results)
    return BulkResult(confirmed=done, results=results)


def _error(answer: object) -> Problem | None:
    if not isinstance(answer, CaesuraError):
        return None
    return Problem.model_validate(problems.document(answer))
