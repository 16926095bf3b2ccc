"""The pacer that a campaign's settings name."""

from __future__ import annotations

from functools import lru_cache

from caesura.rules.campaign import CampaignSettings, PredictivePacing, ProgressivePacing
from caesura.rules.pacing.predictive import Predictive
from caesura.rules.pacing.progressive import Progressive
from caesura.rules.pacing.snapshot import Pacer


def pacer_of(settings: CampaignSettings, predictive: Pacer | None = None) -> Pacer | None:
    """None where calls are not started by a pacer: fixed pacing, and leads shown to agents.

    `predictive` stands in for our own predictive pacing.
    """
    match settings.pacing:
        case ProgressivePacing():
            return _progressive()
        case PredictivePacing():
            return predictive or _predictive(settings.pacing.connect_within_s)
    return None


@lru_cache
def _progressive() -> Pacer:
    return Progressive()


@lru_cache
def _predictive(within_s: float) -> Pacer:
    return Predictive(within_s)
