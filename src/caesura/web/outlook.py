"""What a pause would do now, when a campaign will be done, and what changed while it was paused."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from caesura.rules import estimate
from caesura.rules.campaign import CampaignState, Drain
from caesura.rules.contact_name import contact_name
from caesura.rules.forecast import forecast
from caesura.rules.settings_change import changes
from caesura.rules.system_settings import asks_before_pause
from caesura.store import campaign, campaign_settings, figures, outlook, report, system_settings
from caesura.store import user as users
from caesura.web import shown
from caesura.web.caller import Actor, Calling, Db
from caesura.web.request import CampaignRef
from caesura.web.views import Moment

router = APIRouter(prefix="/campaigns/{campaign}", tags=["outlook"])

_RATE_WINDOW = timedelta(minutes=15)
_MISSED_MAX = 100
_RATE_SPAN_MIN = timedelta(seconds=30)  # a shorter time tells no rate


class DrainView(BaseModel):
    """What one drain would do to the calls that are on the wire."""

    drain: Drain
    cancelled_now: int = Field(description="Unanswered calls that it cancels at once.")
    cancelled_below_minimum: int = Field(
        description="Of those: ringing for less than the minimum ring time."
    )
    go_on_ringing: int = Field(description="Unanswered calls that may still be answered.")
    rings_until_s: float = Field(description="The longest that one of those goes on.")
    conversations_cut: int
    conversations_go_on: int


class ForecastView(BaseModel):
    """What a pause would find and do at this moment."""

    at: Moment
    dialling: int = Field(description="Sent, and not ringing yet.")
    ringing: int
    talking: int
    ring_minimum_s: int
    drain: Drain = Field(description="The campaign's own choice.")
    ask: bool = Field(description="Whether the screen shall ask before it pauses.")
    drains: list[DrainView]


@router.get("/forecast")
async def get_forecast(ref: CampaignRef, database: Db, caller: Calling) -> ForecastView:
    """What a pause would do right now, for each drain. Nothing is changed."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        settings = await campaign_settings.current(conn, campaign_id)
        now = shown.now()
        found = forecast(await outlook.open_calls(conn, campaign_id), settings, now)
        policy = (await system_settings.read(conn))["settings"]
        chosen = None
        if caller.session is not None:
            chosen = await users.preferences(conn, caller.session.user_id)
    return ForecastView(
        at=now,
        dialling=found.dialling,
        ringing=found.ringing,
        talking=found.talking,
        ring_minimum_s=settings.ring_minimum_s,
        drain=settings.drain,
        ask=asks_before_pause(policy, chosen, found.in_flight),
        drains=[DrainView.model_validate(each, from_attributes=True) for each in found.drains],
    )


class EstimateView(BaseModel):
    """When the campaign would be done if it went on as in the last minutes."""

    leads_left: int
    finished_per_minute: float | None = Field(description="Leads; null where too little is known.")
    measured_s: int = Field(description="Over so many seconds.")
    finish_at: Moment | None = Field(description="null where it cannot be told.")


@router.get("/estimate")
async def get_estimate(ref: CampaignRef, database: Db, actor: Actor) -> EstimateView:
    """When it will be done: by the rate of the last 15 minutes, through the activity hours."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        row = await campaign.view(conn, campaign_id)
        settings = await campaign_settings.current(conn, campaign_id)
        facts = await report.facts(conn, campaign_id, [])
        now = shown.now()
        began = await outlook.running_since(conn, campaign_id)
        since = max(began, now - _RATE_WINDOW) if began else now
        done = await outlook.finished(conn, campaign_id, since)
        last_retry = await outlook.last_due_at(conn, campaign_id)
    leads = {
        zone: facts.due.get(zone, 0) + facts.waiting.get(zone, 0)
        for zone in {*facts.due, *facts.waiting}
    }
    measured = now - since
    told = row["status"] == CampaignState.RUNNING and measured >= _RATE_SPAN_MIN
    per_s = done / measured.total_seconds() if told else None
    finish_at = None
    if per_s:
        finish_at = estimate.finish_at(settings.hours, leads, per_s, now, not_before=last_retry)
    return EstimateView(
        leads_left=sum(leads.values()) + facts.in_flight,
        finished_per_minute=None if per_s is None else round(per_s * 60, 2),
        measured_s=int(measured.total_seconds()),
        finish_at=finish_at,
    )


class FieldChange(BaseModel):
    """One setting that is not what it was."""

    field: str = Field(description='Dotted, as "pacing.concurrency".')
    before: Any
    after: Any


class SettingsChange(BaseModel):
    """A version of the settings that was made during the pause."""

    version: int
    changed_by: str
    changed_at: Moment
    lists_changed: bool = Field(description="The campaign's lists are others than before.")
    changes: list[FieldChange]


class DoNotCallChange(BaseModel):
    """Numbers that somebody added to do-not-call during the pause."""

    added_by: str
    source: str
    numbers: int
    leads: int = Field(description="Leads of the campaign with one of them as first number.")
    last_at: Moment


class MissedCallback(BaseModel):
    """Somebody who was promised a call during the pause."""

    name: str = Field(description="The contact's, or else the number.")
    promised_at: Moment
    zone: str = Field(description="The callee's; where there are several, one of them.")
    agent: str | None = Field(description="Who promised to call; null: anybody.")


class MissedCallbacks(BaseModel):
    """Callbacks that fell into the pause; they are due at once at the resume, within the hours."""

    number: int
    first: list[MissedCallback] = Field(description="The oldest, a hundred at most.")


class PauseChanges(BaseModel):
    """What was changed during the campaign's last pause, or is since it began."""

    start: Moment | None = Field(serialization_alias="from", description="null: never paused.")
    end: Moment | None = Field(serialization_alias="to", description="null: still paused.")
    paused_by: str | None
    settings: list[SettingsChange]
    do_not_call: list[DoNotCallChange]
    missed_callbacks: MissedCallbacks


@router.get("/pause-changes")
async def get_pause_changes(ref: CampaignRef, database: Db, actor: Actor) -> PauseChanges:
    """What others did while the campaign was paused: settings, lists, do-not-call; and who."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        pause = await figures.last_pause(conn, campaign_id)
        if pause is None:
            return PauseChanges(
                start=None,
                end=None,
                paused_by=None,
                settings=[],
                do_not_call=[],
                missed_callbacks=_missed([]),
            )
        start, end = pause["requested_at"], pause["ended_at"]
        until = end or shown.now()
        versions = await outlook.settings_between(conn, campaign_id, start, until)
        blocked = await outlook.do_not_call_between(conn, campaign_id, start, until)
        missed = await outlook.missed_callbacks(conn, campaign_id, start, until, limit=_MISSED_MAX)
    return PauseChanges(
        start=start,
        end=end,
        paused_by=pause["actor"],
        settings=[_settings_change(before, after) for before, after in pairwise(versions)],
        do_not_call=[DoNotCallChange.model_validate(row) for row in blocked],
        missed_callbacks=_missed(missed),
    )


def _missed(rows: list[dict[str, Any]]) -> MissedCallbacks:
    first = [
        MissedCallback(
            name=contact_name(row["attributes"], row["phone"]),
            promised_at=row["callback_at"],
            zone=row["zone"].partition("|")[0],
            agent=row["agent"],
        )
        for row in rows
    ]
    return MissedCallbacks(number=rows[0]["number"] if rows else 0, first=first)


def _settings_change(before: dict[str, Any], after: dict[str, Any]) -> SettingsChange:
    found = changes(before["settings"], after["settings"])
    return SettingsChange(
        version=after["version"],
        changed_by=after["changed_by"],
        changed_at=after["changed_at"],
        # The digest is over settings and lists; one of them made it another.
        lists_changed=not found and before["digest"] != after["digest"],
        changes=[FieldChange.model_validate(each, from_attributes=True) for each in found],
    )
