"""/campaigns/{campaign}/pause-rules: how each rule stands now, and what is left of the budget.

The rules are set with the campaign's settings (`pause_rules` and `price`).
"""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from caesura.rules.message_settings import Channel
from caesura.rules.pause_rule import Evidence, Rule, Standing, standings
from caesura.rules.pause_rule_settings import PauseRules
from caesura.store import campaign, pause_rule
from caesura.web import shown
from caesura.web.caller import Actor, Db
from caesura.web.request import CampaignRef
from caesura.web.views import Moment

router = APIRouter(prefix="/campaigns/{campaign}", tags=["pause rules"])


class StandingView(BaseModel):
    """How one rule stands. A campaign that does not run is asked about its budget only."""

    rule: Rule
    holds: bool = Field(description="It pauses the campaign with the next look.")
    evidence: Evidence
    left: str | None = Field(description="Of a budget: attempts or money, a decimal number.")


class PauseRulesView(BaseModel):
    """How the campaign's rules stand at this moment."""

    at: Moment
    channel: Channel
    running: bool
    off: list[Rule] = Field(description="Rules that are switched off.")
    standings: list[StandingView] = Field(
        description="Rules that are on and have something to say; the first that holds pauses."
    )
    in_flight_most: int = Field(
        description="Calls that may be in flight when a budget in money is spent: what they cost "
        "from then on is all that it can be overspent by."
    )


@router.get("/pause-rules")
async def get_pause_rules(ref: CampaignRef, database: Db, actor: Actor) -> PauseRulesView:
    """How the rules stand now: the figures that each is asked about, and what is left."""
    now = shown.now()
    async with database.transaction() as conn:
        found, is_running = await pause_rule.one_campaign(conn, await campaign.resolve(conn, ref))
        figures = (await pause_rule.figures(conn, [found], now))[found.campaign]
    settings = found.settings
    rules = settings.pause_rules
    said = list(standings(rules, settings.price, figures, now))
    if not is_running:
        said = [one for one in said if one.evidence.rule is Rule.BUDGET]
    return PauseRulesView(
        at=now,
        channel=settings.channel,
        running=is_running,
        off=[Rule(name) for name in PauseRules.model_fields if not getattr(rules, name).enabled],
        standings=[_view(one) for one in said],
        in_flight_most=settings.pace.concurrency,
    )


def _view(standing: Standing) -> StandingView:
    evidence = standing.evidence
    left = None
    if evidence.limit is not None and evidence.spent is not None:
        left = max(Decimal(0), Decimal(evidence.limit) - Decimal(evidence.spent))
    return StandingView(
        rule=evidence.rule,
        holds=standing.holds,
        evidence=evidence,
        left=None if left is None else f"{left:f}",
    )
