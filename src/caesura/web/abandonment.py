"""GET /campaigns/{campaign}/abandonment: the two ledgers of a campaign, by both formulas."""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, Field

from caesura.rules.campaign import PredictivePacing
from caesura.rules.pacing.abandonment import WINDOW_DAYS, Answers, Ledger
from caesura.store import campaign, campaign_settings, desk
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.request import CampaignRef

router = APIRouter(prefix="/campaigns/{campaign}", tags=["figures"])


class LedgerView(BaseModel):
    """What became of the calls that a person answered, from a day to now."""

    since: date = Field(description="Its first day, UTC.")
    answered: int
    connected: int = Field(description="Of those, to an agent.")
    abandoned: int = Field(description="Of those, to nobody in time.")
    us_rate: float | None = Field(
        description="Abandoned / answered: 47 CFR 64.1200(a)(7), 16 CFR 310.4(b)(4)."
    )
    uk_rate: float | None = Field(description="Abandoned / (abandoned + connected): Ofcom.")
    left: float | None = Field(
        description="How many more may be abandoned now by both; below 0: too many were. null: "
        "without a target."
    )


class AbandonmentView(BaseModel):
    """The ledgers that predictive pacing keeps to."""

    target: float | None = Field(description="The campaign's own; null unless it is predictive.")
    day: LedgerView
    days: LedgerView = Field(description=f"The last {WINDOW_DAYS} days, today among them.")


@router.get("/abandonment")
async def get_abandonment(ref: CampaignRef, database: Db, actor: Actor) -> AbandonmentView:
    """How many people found no agent, today and in the last 30 days, by both formulas."""
    async with database.transaction() as conn:
        campaign_id = await campaign.resolve(conn, ref)
        settings = await campaign_settings.current(conn, campaign_id)
        found = await desk.answers(conn, [campaign_id])
    ledger, today = Ledger(found[campaign_id]), shown.now().date()
    pacing = settings.pacing
    target = pacing.abandonment_max if isinstance(pacing, PredictivePacing) else None
    first = today - timedelta(days=WINDOW_DAYS - 1)
    return AbandonmentView(
        target=target,
        day=_ledger(today, ledger.of_day(today), target),
        days=_ledger(first, ledger.of_window(today), target),
    )


def _ledger(since: date, answers: Answers, target: float | None) -> LedgerView:
    return LedgerView(
        since=since,
        answered=answers.answered,
        connected=answers.connected,
        abandoned=answers.abandoned,
        us_rate=answers.us_rate,
        uk_rate=answers.uk_rate,
        left=None if target is None else answers.slack(target),
    )
