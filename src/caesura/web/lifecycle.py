"""Start, pause, resume, terminate: the transitions, and the wait for their confirmation.

A pause or termination answers 200 with the receipt once silence is confirmed, and 202 with the
passing state when the wait ends first; the confirmation comes by itself all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from caesura.errors import CaesuraError, Invalid, NotFound
from caesura.rules.campaign import CampaignState, Drain
from caesura.rules.resumption import Condition, HoursOpen, TrunkReachable
from caesura.store import campaign, campaign_settings, destination, lifecycle, release, silence
from caesura.store.database import Connection, Database
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

    until: AwareDatetime | None = Field(
        None, description="Resumes by itself, not before then, and never into closed hours."
    )
    when: list[Condition] = Field(
        [], max_length=10, description="Resumes by itself when all of these hold, too."
    )
    destination: str | None = Field(
        None,
        max_length=1000,
        description="Name or id of the campaign whose calls its agents take meanwhile, also those "
        "who are not assigned to it. Default: of their other campaigns.",
    )


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
    when: list[Condition] = Field([], max_length=10)


class BulkResume(_Bulk):
    """Several campaigns to resume, or all that are paused."""


class BulkApproval(_Bulk):
    """Several campaigns whose release to approve, or all of which it was asked."""


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
_RESUME_ANSWERS: dict[int | str, dict[str, object]] = {
    202: {"model": LifecycleResult, "description": "Asked for; a second person must approve."}
}
_BULK_ANSWERS: dict[int | str, dict[str, object]] = {
    202: {"model": BulkResult, "description": "Some await the approval of a second person."}
}
DecisionBody = Annotated[Decision, Body(default_factory=Decision)]
_Stop = Annotated[Stop, Body(default_factory=Stop)]
_Pause = Annotated[Pause, Body(default_factory=Pause)]


@router.post("/pause")
async def pause_several(
    bulk: BulkPause, database: Db, actor: Actor, wait_s: WaitS = _WAIT_S
) -> BulkResult:
    """Pause several campaigns at once, or everything."""
    check_until(bulk.until)
    ids = await _chosen(database, bulk, campaign.ids_to_stop)
    asked = await silence.pause_all(
        database,
        ids,
        actor=actor,
        reason=bulk.reason,
        drain=bulk.drain,
        until=bulk.until,
        when=bulk.when,
        emergency=bulk.all,
    )
    awaited = [each for each in asked.values() if isinstance(each, lifecycle.Silence)]
    await silence.await_all(database, awaited, wait_s)
    return await _results(database, ids, asked)


@router.post("/resume", responses=_BULK_ANSWERS)
async def resume_several(
    bulk: BulkResume, database: Db, actor: Actor, response: Response
) -> BulkResult:
    """Resume several campaigns at once, or all that are paused.

    202 where a second person must approve the release of an emergency stop.
    """

    async def one(campaign_id: int) -> None:
        await lifecycle.resume(database, campaign_id, actor=actor, reason=bulk.reason)

    result = await _each(database, await _chosen(database, bulk, _paused), one)
    if any(each.error is None and each.campaign.release_request for each in result.results):
        response.status_code = 202
    return result


@router.post("/approve")
async def approve_several(bulk: BulkApproval, database: Db, actor: Actor) -> BulkResult:
    """Approve the release of several emergency stops, or of all that others have asked for."""

    async def one(campaign_id: int) -> None:
        await lifecycle.approve(database, campaign_id, actor=actor, reason=bulk.reason)

    return await _each(database, await _chosen(database, bulk, release.awaiting), one)


async def _each(
    database: Database, ids: list[int], act: Callable[[int], Awaitable[None]]
) -> BulkResult:
    """Do it to each; one that fails stops no other."""
    at_once = asyncio.Semaphore(_AT_ONCE_MAX)

    async def bounded(campaign_id: int) -> CaesuraError | None:
        async with at_once:
            try:
                await act(campaign_id)
            except CaesuraError as refused:
                return refused
        return None

    answers = await asyncio.gather(*map(bounded, ids))
    return await _results(database, ids, dict(zip(ids, answers, strict=True)))


@router.post("/{campaign}/start")
async def start(
    ref: CampaignRef, decision: DecisionBody, database: Db, actor: Actor
) -> LifecycleResult:
    """Start a draft. 422 names each setting without which it could not dial."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        standing = await campaign.view(conn, campaign_id)
        if standing["status"] == CampaignState.DRAFT:
            await campaign_settings.check_startable(conn, campaign_id)
    await lifecycle.start(
        database, campaign_id, actor=actor, reason=decision.reason, epoch=decision.epoch
    )
    return await result_of(database, campaign_id)


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
    check_until(order.until)
    campaign_id = await resolve(database, ref)
    await check_conditions(database, campaign_id, order.when)
    goes_to = await _destination(database, campaign_id, order.destination)
    silence = await lifecycle.pause(
        database,
        campaign_id,
        actor=actor,
        reason=order.reason,
        drain=order.drain,
        until=order.until,
        when=order.when,
        destination=goes_to,
        epoch=order.epoch,
    )
    await lifecycle.await_confirmation(database, silence, wait_s)
    return await result_of(database, campaign_id, response)


@router.post("/{campaign}/resume", responses=_RESUME_ANSWERS)
async def resume(
    *, ref: CampaignRef, decision: DecisionBody, database: Db, actor: Actor, response: Response
) -> LifecycleResult:
    """Resume a paused campaign where it stood.

    202 with `release_request` where it was an emergency stop and a second person must approve.
    """
    campaign_id = await resolve(database, ref)
    request = await lifecycle.resume(
        database, campaign_id, actor=actor, reason=decision.reason, epoch=decision.epoch
    )
    if request is not None:
        response.status_code = 202
    return await result_of(database, campaign_id)


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
    campaign_id = await resolve(database, ref)
    silence = await lifecycle.terminate(
        database,
        campaign_id,
        actor=actor,
        reason=order.reason,
        drain=order.drain,
        epoch=order.epoch,
    )
    await lifecycle.await_confirmation(database, silence, wait_s)
    return await result_of(database, campaign_id, response)


async def _destination(database: Database, campaign_id: int, ref: str | None) -> int | None:
    """The id of the campaign to which a pause sends the agents. Raises Invalid."""
    if ref is None:
        return None
    async with database.transaction() as conn:
        try:
            found = await campaign.resolve(conn, ref)
        except NotFound as unknown:
            raise Invalid(unknown.message, "destination") from None
        await destination.check(conn, campaign_id, found)
    return found


async def resolve(database: Database, ref: str) -> int:
    """The id of a campaign, by name or id; raises NotFound."""
    async with database.statements() as conn:
        return await campaign.resolve(conn, ref)


async def result_of(
    database: Database, campaign_id: int, response: Response | None = None
) -> LifecycleResult:
    """The campaign as it is now; with a `response`, 202 where its silence is not confirmed yet."""
    async with database.transaction() as conn:
        view = await shown.one_campaign(conn, campaign_id)
    if response is not None and view.status in _PASSING:
        response.status_code = 202
    return LifecycleResult(campaign=view, receipt=view.last_receipt)


def check_until(until: datetime | None) -> None:
    """Raises Invalid for a time that has passed."""
    if until is not None and until <= shown.now():
        raise Invalid("The time to resume at has passed already.", "until")


async def check_conditions(database: Database, campaign_id: int, when: Sequence[Condition]) -> None:
    """Raises Invalid for a condition that could never hold for the campaign."""
    if not when:
        return
    async with database.transaction() as conn:
        settings = await campaign_settings.current(conn, campaign_id)
    for index, each in enumerate(when):
        if isinstance(each, HoursOpen) and settings.hours.always:
            never = "The campaign's activity hours are always open: there is no next opening."
            raise Invalid(never, f"when[{index}].kind")
        if isinstance(each, TrunkReachable) and each.trunk is None and not settings.trunks:
            raise Invalid("The campaign has no trunk.", f"when[{index}].trunk")
        if isinstance(each, TrunkReachable) and each.trunk not in (None, *settings.trunks):
            known = ", ".join(settings.trunks) or "none"
            unknown = f"{each.trunk!r} is none of the campaign's trunks ({known})."
            raise Invalid(unknown, f"when[{index}].trunk")


async def _paused(conn: Connection) -> list[int]:
    return await campaign.ids_in(conn, [CampaignState.PAUSED])


async def _chosen(
    database: Database, bulk: _Bulk, all_of_them: Callable[[Connection], Awaitable[list[int]]]
) -> list[int]:
    """The ids that a bulk request means. An unknown name refuses the whole request."""
    async with database.transaction() as conn:
        if bulk.campaigns is None:
            return await all_of_them(conn)
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
    done = all(
        item.error is None
        and item.campaign.status not in _PASSING
        and item.campaign.release_request is None
        for item in results
    )
    return BulkResult(confirmed=done, results=results)


def _error(answer: object) -> Problem | None:
    if not isinstance(answer, CaesuraError):
        return None
    return Problem.model_validate(problems.document(answer))
