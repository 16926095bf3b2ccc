"""Calls and leads of a campaign, its figures over time, and why it dials nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from caesura.errors import Invalid
from caesura.rules import report as definitions
from caesura.rules.outcome import Outcome
from caesura.store import campaign, listing, report
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.paging import Page, PagingQuery
from caesura.web.request import CampaignRef
from caesura.web.views import (
    CallDetail,
    CallView,
    LeadView,
    Moment,
    call_view,
    lead_view,
)

router = APIRouter(tags=["calls"])

# 'claimed' is the dialer's business: such a lead is shown as due.
ShownState = Literal["due", "waiting", "in_progress", "held", "done", "excluded"]
_SPAN_DEFAULT = timedelta(hours=24)
_SPAN_MAX = timedelta(days=31)


class MinuteView(BaseModel):
    """What happened in one minute. Minutes without anything are left out."""

    minute: Moment
    launched: int
    received: int
    answered: int
    talks_ended: int
    average_duration_s: float | None
    outcomes: dict[str, int]


class FiguresView(BaseModel):
    """A campaign's figures over a time, by the minute."""

    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    launched: int
    received: int
    answered: int
    average_duration_s: float | None
    answer_rate: float | None
    outcomes: dict[str, int]
    minutes: list[MinuteView]


@router.get("/campaigns/{campaign}/calls")
async def list_calls(
    *,
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    paging: PagingQuery,
    outcome: Annotated[
        list[Outcome] | None, Query(description="Only these outcomes; repeatable.")
    ] = None,
    number: Annotated[str | None, Query(description="Only calls to this number, E.164.")] = None,
    is_open: Annotated[
        bool | None, Query(alias="open", description="true: only calls on the wire now.")
    ] = None,
) -> Page[CallView]:
    """The campaign's attempts, newest first."""
    async with database.transaction() as conn:
        rows = await listing.calls(
            conn,
            await campaign.resolve(conn, ref),
            before=_before(paging.after_pair()),
            outcomes=[str(each) for each in outcome] if outcome else None,
            phone=number,
            open_only=is_open,
            limit=paging.fetch,
        )
    return paging.page(
        rows,
        lambda row: [row["journalled_at"].isoformat(), str(row["id"])],
        lambda row: call_view(row, CallView),
    )


@router.get("/calls/{call_id}")
async def get_call(call_id: UUID, database: Db, actor: Actor) -> CallDetail:
    """One attempt with the contact that it was for."""
    async with database.transaction() as conn:
        return call_view(await listing.call(conn, call_id), CallDetail)


@router.get("/campaigns/{campaign}/leads")
async def list_leads(
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    paging: PagingQuery,
    state: Annotated[
        list[ShownState] | None, Query(description="Only these states; repeatable.")
    ] = None,
) -> Page[LeadView]:
    """The campaign's leads, in the order of their lists."""
    async with database.transaction() as conn:
        rows = await listing.leads(
            conn,
            await campaign.resolve(conn, ref),
            states=list(state) if state else None,
            after=paging.after_int(),
            limit=paging.fetch,
        )
    return paging.page(rows, lambda row: row["contact_id"], lead_view)


@router.get("/campaigns/{campaign}/figures")
async def get_figures(
    ref: CampaignRef,
    database: Db,
    actor: Actor,
    start: Annotated[
        AwareDatetime | None, Query(alias="from", description="Default: a day before `to`.")
    ] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Default: now.")] = None,
) -> FiguresView:
    """Received, answered, durations and outcomes by the minute, at most 31 days at once."""
    try:
        end = end or shown.now()
        start = start or end - _SPAN_DEFAULT
        too_long = end - start > _SPAN_MAX
    except OverflowError:
        raise Invalid("The time is outside of the calendar.", "from") from None
    if start >= end:
        raise Invalid("`from` must be before `to`.", "from")
    if too_long:
        raise Invalid(f"Ask for at most {_SPAN_MAX.days} days at once.", "from")
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        rows = await report.minutes(conn, campaign_id, start, end)
    return _figures(rows, start, end)


class WhyView(BaseModel):
    """Why a running campaign dials nothing right now."""

    why: str | None = Field(description="One sentence; null when it dials or is not running.")
    code: str | None = None
    numbers: dict[str, int] = Field({}, description="The figures in the sentence, by name.")
    at: Moment | None = Field(None, description="The moment that is waited for.")
    zone: str | None = Field(None, description="Whose clock the sentence tells it by.")


@router.get("/campaigns/{campaign}/why")
async def get_why(ref: CampaignRef, database: Db, actor: Actor) -> WhyView:
    """Why the campaign dials nothing right now, in one sentence and for machines."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        row = await campaign.view(conn, campaign_id)
        why = await shown.why(conn, row)
    if why is None:
        return WhyView(why=None)
    return WhyView(why=why.sentence, code=why.code, numbers=why.numbers, at=why.at, zone=why.zone)


def _figures(rows: list[dict[str, Any]], start: datetime, end: datetime) -> FiguresView:
    minutes = []
    outcomes: dict[str, int] = {}
    counted = dict.fromkeys(_COUNTED, 0)
    for row in rows:
        values = {name: row[name] or 0 for name in _COUNTED}
        for name, value in values.items():
            counted[name] += value
        for name, value in row["outcomes"].items():
            outcomes[name] = outcomes.get(name, 0) + value
        duration = definitions.average_duration_s(definitions.Counts(**values))
        minutes.append(
            MinuteView(**{**row, **values, "average_duration_s": duration}),
        )
    total = definitions.Counts(**counted)
    return FiguresView(
        start=start,
        end=end,
        launched=total.launched,
        received=total.received,
        answered=total.answered,
        average_duration_s=definitions.average_duration_s(total),
        answer_rate=definitions.answer_rate(total),
        outcomes=outcomes,
        minutes=minutes,
    )


_COUNTED = ("launched", "received", "answered", "talks_ended", "talk_ms")


def _before(pair: tuple[str, str] | None) -> tuple[datetime, UUID] | None:
    if pair is None:
        return None
    try:
        return datetime.fromisoformat(pair[0]), UUID(pair[1])
    except ValueError:
        raise Invalid("The cursor is not one that this server gave.", "cursor") from None
