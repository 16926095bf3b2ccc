"""The campaign of a simulated shift, as production would be told of it."""

from __future__ import annotations

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.agent_settings import AgentSettings, WrapUp
from caesura.rules.campaign import (
    CampaignSettings,
    Caps,
    PredictivePacing,
    ProgressivePacing,
    Retry,
    RetryNumber,
)
from caesura.rules.outcome import Outcome
from caesura.simulate.shift import Shift

_AT_ONCE_MAX = 100_000  # the most that a setting takes
_CAP = 1000
_TRIED_AGAIN = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED)


def settings_of(shift: Shift, *, predictive: bool) -> CampaignSettings:
    """Open at all hours; the agents end their wrap-ups themselves."""
    # 10 calls a second and more are for hundreds of agents: no ceiling is needed above that.
    ceiling = {"concurrency": shift.calls_at_once or _AT_ONCE_MAX, "cps": shift.calls_per_s}
    within = {"connect_within_s": shift.wait_s}
    pacing = (
        PredictivePacing.model_validate(
            {**ceiling, **within, "abandonment_max": shift.abandonment_max}
        )
        if predictive
        else ProgressivePacing.model_validate({**ceiling, **within})
    )
    again = Retry(max=shift.tries - 1, after_s=round(shift.retry_s), number=RetryNumber.SAME)
    return CampaignSettings(
        calling_numbers=["+13125550000"],
        trunks=["carrier"],
        pacing=pacing,
        hours=ActivityHours(always=True),
        ring_timeout_s=round(shift.ring_timeout_s),
        ring_minimum_s=0,
        # Leads that never run out are not tried again: there is always another.
        retries={} if shift.leads is None else dict.fromkeys(_TRIED_AGAIN, again),
        caps=Caps(
            per_lead=shift.tries if shift.leads is not None else _CAP,
            per_number_day=_CAP,
            per_number_7_days=_CAP,
        ),
        agents=AgentSettings(wrap_up=WrapUp(seconds=None), disposition_required=False),
    )
