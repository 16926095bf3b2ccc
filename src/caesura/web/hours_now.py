"""GET /activity-hours: which campaigns may reach people now, and when that changes."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.hours_now import Openness, hours_now
from caesura.store import hours_now as store
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.views import Moment

router = APIRouter(tags=["outlook"])


class CampaignHours(BaseModel):
    """How the activity hours of one campaign stand, over the zones of its leads left."""

    campaign: int
    always: bool
    openness: Openness
    changes_at: Moment | None = Field(description="First for any zone; null: not in 400 days.")
    zone: str | None = Field(description="Where it changes then; candidates joined by `|`.")


class HoursOfAll(BaseModel):
    """Campaigns that have not ended; those with nobody left to call are left out."""

    items: list[CampaignHours]


@router.get("/activity-hours")
async def get_activity_hours(database: Db, actor: Actor) -> HoursOfAll:
    """Whose activity hours are open now, and when each changes next."""
    async with database.transaction() as conn:
        found = await store.hours(conn)
    now = shown.now()
    items = []
    for row in found:
        hours = ActivityHours.model_validate(row["hours"])
        state = hours_now(hours, row["zones"], now)
        if state is not None:
            items.append(
                CampaignHours(
                    campaign=row["id"],
                    always=hours.always,
                    openness=state.openness,
                    changes_at=state.changes_at,
                    zone=state.zone,
                )
            )
    return HoursOfAll(items=items)
