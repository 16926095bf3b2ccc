"""POST /campaigns/preview: what a campaign would do, before it is made."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from caesura.errors import Invalid
from caesura.rules import estimate
from caesura.rules.campaign import CampaignSettings
from caesura.store import campaign_settings, outlook
from caesura.store.database import Connection
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.problems import FieldError
from caesura.web.views import Moment

router = APIRouter(prefix="/campaigns/preview", tags=["outlook"])


class Plan(BaseModel):
    """A campaign that might be made."""

    model_config = ConfigDict(extra="forbid")

    lists: list[str] = Field(default=[], description="Names of contact lists.")
    settings: CampaignSettings = CampaignSettings()


class OpeningView(BaseModel):
    """Leads that wait for their activity hours, which open together."""

    opens_at: Moment | None = Field(description="null: not within 400 days.")
    zone: str = Field(description="Of most of them; candidates joined by `|`.")
    leads: int


class PlanView(BaseModel):
    """What would happen if the campaign was started now."""

    at: Moment
    contacts: int = Field(description="In the lists; the following three add up to it.")
    due_now: int
    waiting_for_hours: int
    excluded: dict[str, int] = Field(description="`do_not_call`, `duplicate` -> contacts.")
    openings: list[OpeningView] = Field(description="For those that wait; the first first.")
    call_s: float = Field(
        description="How long a call takes, launch to end; a message, until its provider answers."
    )
    call_s_is: Literal["measured", "assumed"]
    calls_per_minute: float
    limited_by: Literal["concurrency", "cps"]
    first_round_s: float | None = Field(description="Calling each lead once, without closed hours.")
    first_round_done_at: Moment | None = Field(description="With them; null: never.")
    missing: list[FieldError] = Field(description="Without which it cannot be started.")
    settings: CampaignSettings = Field(description="All of them: what was left out by default.")


@router.post("")
async def preview_campaign(plan: Plan, database: Db, actor: Actor) -> PlanView:
    """Who would be called now, who not and why, when hours open, how long it takes. Makes nothing.

    Retries are not in the time: how many there will be is not known before.
    """
    async with database.transaction() as conn:
        found = await outlook.preview_leads(conn, plan.lists, plan.settings.channel)
        voice = plan.settings.channel == "voice"
        measured = await outlook.call_s(conn, voice=voice)
        missing = await _missing(conn, plan, found.importing)
    now = shown.now()
    settings, leads = plan.settings, found.callable
    begin = max(settings.starts_at, now) if settings.starts_at else now
    assumed = estimate.CALL_S_ASSUMED if voice else estimate.MESSAGE_S_ASSUMED
    pace = estimate.pace(settings.pace, measured or assumed)
    total = sum(leads.values())
    awake = estimate.awake(settings.hours, leads, begin)
    openings = estimate.openings(settings.hours, leads, begin)
    return PlanView(
        at=begin,
        contacts=total + sum(found.excluded.values()),
        due_now=awake,
        waiting_for_hours=total - awake,
        excluded=found.excluded,
        openings=[OpeningView.model_validate(each, from_attributes=True) for each in openings],
        call_s=round(pace.call_s, 1 if voice else 3),
        call_s_is="assumed" if measured is None else "measured",
        calls_per_minute=round(pace.calls_per_s * 60, 1),
        limited_by=pace.limited_by,
        first_round_s=round(total / pace.calls_per_s, 1) if total else None,
        first_round_done_at=estimate.finish_at(settings.hours, leads, pace.calls_per_s, begin)
        if total
        else None,
        missing=missing,
        settings=settings,
    )


async def _missing(conn: Connection, plan: Plan, importing: list[str]) -> list[FieldError]:
    missing = []
    if not plan.lists:
        missing.append(FieldError(field="lists", message="Give the campaign at least one list."))
    for name in importing:
        index = plan.lists.index(name)
        message = f"The list {name!r} is still being imported."
        missing.append(FieldError(field=f"lists[{index}]", message=message))
    try:
        await campaign_settings.check_complete(conn, plan.settings)
    except Invalid as problem:
        missing += [FieldError.model_validate(each) for each in problem.data["errors"]]
    return missing
