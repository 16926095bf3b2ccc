"""The providers of a message campaign, as the rule that pauses it when they are down sees them.

Nothing is sent while they are: messages are not launched, and no lead is used up. The pause is
there so that somebody is told, with what is to be done, and so that the campaign does not break
loose at whatever hour the provider comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from caesura.rules.activity_hours import is_open
from caesura.rules.campaign import CampaignSettings


@dataclass(frozen=True)
class ProviderFacts:
    """One provider, over all cells."""

    name: str
    down_since: datetime | None  # when the last cell lost it; None: some cell can use it
    detail: str = ""  # why, a sentence that says what to do


@dataclass(frozen=True)
class Down:
    """Since when nothing can be sent while something is to be, and why."""

    since: datetime | None = None  # None: a provider can be used, or nothing is to be sent now
    why: str = ""


def down(providers: Sequence[ProviderFacts]) -> Down:
    """Since when all of them are down: since the last of them went."""
    since = [each.down_since for each in providers if each.down_since is not None]
    if not since or len(since) < len(providers):
        return Down()
    why = "; ".join(f"{each.name}: {each.detail.rstrip('. ')}" for each in providers)
    return Down(max(since), why)


def would_send(settings: CampaignSettings, due: Mapping[str, int], now: datetime) -> bool:
    """Whether a lead is due where it is open now; `due`: how many in each zone."""
    if settings.outside_dates(now):
        return False
    return any(n > 0 and is_open(settings.hours, zone, now) for zone, n in due.items())
