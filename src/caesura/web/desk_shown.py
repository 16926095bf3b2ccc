"""Reads desks as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from caesura.rules import template
from caesura.rules.agent_settings import AgentSettings
from caesura.rules.command import TalkEnd
from caesura.rules.contact_name import contact_name
from caesura.rules.floor.desk import Presence
from caesura.rules.region import known_regions
from caesura.rules.template import CannotRender
from caesura.store import desk_view
from caesura.store.database import Connection
from caesura.store.desk_view import DeskRows
from caesura.web.denied import sentence
from caesura.web.desk_views import (
    AgentName,
    AssignedCampaign,
    CallbackTerms,
    DeskCall,
    DeskPhone,
    DeskView,
    DisposedView,
    DispositionChoice,
    DispositionCount,
    NextCalls,
    Notice,
    PastAttempt,
    PastConversation,
    PromisedCallback,
    StandingPause,
    Today,
    WrapUpView,
)
from caesura.web.views import CampaignName

# Stands in a script for an attribute that the contact lacks.
_MISSING = "…"
_NOT_THEIRS = (TalkEnd.HANDED_OVER, TalkEnd.DEVICE_LOST)


async def desk_views(conn: Connection, agents: Sequence[int]) -> dict[int, DeskView]:
    """The desks of agents; those who take no conversations (any more) are left out."""
    found = await desk_view.read(conn, agents)
    return {agent: _view(shown) for agent, shown in found.items()}


async def today(conn: Connection, agent: int, since: datetime) -> Today:
    """What the agent did since `since`."""
    found = await desk_view.today(conn, agent, since)
    return Today(
        since=since,
        conversations=found.conversations,
        talk_s=round(found.talk_s, 3),
        presences={name: round(seconds, 3) for name, seconds in found.presences.items()},
        dispositions=[DispositionCount(**row) for row in found.dispositions],
        callbacks=[
            PromisedCallback(
                at=row["at"], campaign=_campaign(row), name=_name(row), for_me=row["for_me"]
            )
            for row in found.callbacks
        ],
        last=[
            PastConversation(
                attempt=row["attempt"],
                began_at=row["began_at"],
                ended_at=row["ended_at"],
                campaign=_campaign(row),
                name=_name(row),
                disposition=row["disposition"],
            )
            for row in found.last
        ],
    )


def _campaign(row: Mapping[str, Any]) -> CampaignName:
    return CampaignName(id=row["campaign_id"], name=row["campaign"])


def _name(row: Mapping[str, Any]) -> str:
    return contact_name(row["attributes"], row["phone"])


def _view(shown: DeskRows) -> DeskView:
    desk, call = shown.desk, shown.call
    settings = AgentSettings.model_validate(call["settings"]) if call else AgentSettings()
    return DeskView(
        agent=AgentName(id=desk["id"], name=desk["name"], skills=desk["skills"]),
        on_shift=desk["on_shift"],
        presence=Presence(desk["presence"] or Presence.OFFLINE),
        reason=desk["reason"],
        since=desk["since"],
        device=desk["device"],
        phone=None
        if desk["phone"] is None
        else DeskPhone(address=desk["phone"], state=desk["phone_state"]),
        wish=desk["wish"],
        campaigns=[_assigned(row) for row in shown.campaigns],
        next=_next(desk["allotted_to"], desk["allotted_name"], desk["allotted_why"]),
        until=desk["until"],
        wrap_up=_wrap_up(desk, settings),
        call=None if call is None else _call(desk, call, shown.history, settings),
        notice=_notice(desk),
        ice_servers=[],
    )


def _assigned(row: Mapping[str, Any]) -> AssignedCampaign:
    pause = None
    if row["paused_at"] is not None:
        pause = StandingPause(
            by=row["paused_by"], reason=row["pause_reason"], since=row["paused_at"]
        )
    return AssignedCampaign(
        id=row["id"],
        name=row["name"],
        status=row["status"],
        priority=row["priority"],
        pause=pause,
    )


def _next(campaign: int | None, name: str | None, why: str | None) -> NextCalls | None:
    if campaign is None or name is None or why is None:
        return None
    return NextCalls.model_validate({"campaign": {"id": campaign, "name": name}, "why": why})


def _wrap_up(desk: Mapping[str, Any], settings: AgentSettings) -> WrapUpView | None:
    if desk["presence"] != Presence.WRAP_UP:
        return None
    clock_runs = desk["until"] is not None and not desk["overdue"]
    grants = settings.wrap_up.extension_s > 0 and not desk["extended"]
    return WrapUpView(overdue=desk["overdue"], extendable=clock_runs and grants)


def _notice(desk: Mapping[str, Any]) -> Notice | None:
    """As the cell wrote it. Of a campaign that is deleted, there is nothing to be told any more."""
    said, name = desk["notice"], desk["notice_campaign"]
    if said is None or name is None:
        return None
    reason, following = said.get("reason"), None
    if said["kind"] == "denied":
        reason = sentence(said["why"])
    else:
        following = _next(said.get("next"), desk["notice_next"], said.get("why"))
    return Notice(
        kind=said["kind"],
        campaign=CampaignName(id=said["campaign"], name=name),
        by=said.get("by") or None,
        reason=reason or None,
        next=following,
        at=said["at"],
    )


def _call(
    desk: Mapping[str, Any],
    call: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    settings: AgentSettings,
) -> DeskCall:
    # Another agent has the conversation, and it is they who say what came of it.
    theirs = call["end_reason"] not in _NOT_THEIRS
    choices = settings.dispositions if theirs else ()
    regions = known_regions(call["phone"], call["region"])
    return DeskCall(
        **{name: call[name] for name in _COPIED},
        campaign=_campaign(call),
        local_time_zone=call["zone"].split("|")[0],
        region=regions[0] if len(regions) == 1 else None,
        script=_script(settings, call),
        muted=desk["muted"],
        on_hold=desk["on_hold"],
        dispositions=tuple(
            DispositionChoice(name=each.name, meaning=each.meaning, notes=each.notes)
            for each in choices
        ),
        disposition_required=theirs and settings.disposition_required,
        disposed=_disposed(call, said=desk["disposed"] and theirs),
        callbacks=CallbackTerms(
            for_me=settings.callbacks.for_me, days_max=settings.callbacks.days_max
        ),
        history=tuple(PastAttempt(**_of(PastAttempt, row)) for row in history),
    )


_COPIED = (
    "attempt",
    "lead",
    "phone",
    "calling_number",
    "list",
    "zone",
    "answered_at",
    "began_at",
    "ended_at",
    "attributes",
)


def _of(model: type[PastAttempt], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in model.model_fields}


def _disposed(call: Mapping[str, Any], *, said: bool) -> DisposedView | None:
    if call["disposition"] is not None:
        return DisposedView(
            name=call["disposition"], notes=call["notes"], callback_at=call["callback_at"]
        )
    # The cell has taken it, and is about to store it.
    return DisposedView(name="", notes="", callback_at=None) if said else None


def _script(settings: AgentSettings, call: Mapping[str, Any]) -> str | None:
    if settings.script is None:
        return None
    known = {"phone": call["phone"], **call["attributes"]}
    try:
        return template.compiled(settings.script).render(known, missing=_MISSING)
    except CannotRender as why:
        return f"The script cannot be filled in for this contact: {why}."
