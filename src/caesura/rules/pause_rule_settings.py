"""When a campaign pauses by itself: each rule on or off, with its threshold. Part of its settings.

On by default are the three that cost nothing to have: carrier failures, because a call that
reaches nobody is worth nothing and uses up the lead's attempts; abandonment at the limit that law
sets in the USA (docs/regulations.md); and, for messages, providers that cannot be used. The other
three need to know what is normal for the campaign, what it may cost, or that it has agents. What
each rule means is in caesura.rules.pause_rule.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from caesura.rules.activity_hours import is_zone_key
from caesura.rules.price import Amount


def _one_zone(name: str) -> str:
    if "|" in name or not is_zone_key(name):
        raise ValueError(f"{name!r} is no IANA time zone, as Europe/Berlin")
    return name


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Abandonment(_Rule):
    """Too many of those who picked up found nobody there.

    47 CFR 64.1200(a)(7): at most 3% over 30 days, for each campaign. Ofcom's former limit was for
    each day. Counted are abandoned calls among answered and abandoned ones.
    """

    enabled: bool = True
    share_max: float = Field(0.03, gt=0, lt=1)  # over the last 30 days
    day_share_max: float | None = Field(None, gt=0, lt=1)  # over the last 24 hours; null: any
    calls_min: int = Field(200, ge=20, le=1_000_000)  # picked up, before the rule speaks


class CarrierFailures(_Rule):
    """Too many attempts fail at the carrier, of the campaign's or of one trunk's."""

    enabled: bool = True
    share_max: float = Field(0.3, gt=0, lt=1)
    window_s: int = Field(300, ge=60, le=3600)
    calls_min: int = Field(50, ge=20, le=1_000_000)  # ended, before the rule speaks


class ProvidersDown(_Rule):
    """For so long, none of a message campaign's providers could be reached and let us in."""

    enabled: bool = True
    for_s: int = Field(60, ge=5, le=3600)


class AnswerRate(_Rule):
    """Far fewer answer than in the hour before: numbers are blocked or labelled, or a list is bad.

    `ratio_min`: what the answer rate must keep of the trailing hour's.
    """

    enabled: bool = False
    ratio_min: float = Field(0.5, gt=0, lt=1)
    window_s: int = Field(600, ge=60, le=3600)
    calls_min: int = Field(100, ge=20, le=1_000_000)  # decided in the window, and in the hour


class NoAgents(_Rule):
    """A campaign that needs agents has had none available for so long."""

    enabled: bool = False
    for_s: int = Field(60, ge=5, le=3600)


class Budget(_Rule):
    """So many attempts, or so much money, and no more; in all, or from midnight to midnight."""

    enabled: bool = False
    attempts: int | None = Field(None, ge=1, le=10**12)
    attempts_day: int | None = Field(None, ge=1, le=10**12)
    cost: Amount | None = None  # in price.currency
    cost_day: Amount | None = None
    day_zone: Annotated[str, AfterValidator(_one_zone)] = "UTC"  # whose midnight begins a day
    resume_next_day: bool = True  # a day's budget is spent: go on by itself at midnight

    @property
    def has_cost(self) -> bool:
        return self.cost is not None or self.cost_day is not None

    @property
    def has_day(self) -> bool:
        return self.attempts_day is not None or self.cost_day is not None

    @model_validator(mode="after")
    def _limited(self) -> Budget:
        limits = (self.attempts, self.attempts_day, self.cost, self.cost_day)
        if self.enabled and all(limit is None for limit in limits):
            raise ValueError("name a limit: attempts, attempts_day, cost or cost_day")
        return self


class PauseRules(_Rule):
    """All of a campaign's rules."""

    abandonment: Abandonment = Abandonment()
    carrier_failures: CarrierFailures = CarrierFailures()
    providers_down: ProvidersDown = ProvidersDown()
    answer_rate: AnswerRate = AnswerRate()
    no_agents: NoAgents = NoAgents()
    budget: Budget = Budget()
