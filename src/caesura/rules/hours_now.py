"""Whether a campaign's activity hours are open now, over all the zones of the leads it has left.

Pure; caesura.rules.activity_hours judges each zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from caesura.rules.activity_hours import CALLEE, ActivityHours, is_open, next_change


class Openness(StrEnum):
    """Open for all zones, for some, for none."""

    OPEN = "open"
    PARTLY = "partly"
    CLOSED = "closed"


@dataclass(frozen=True)
class HoursNow:
    """How the hours stand, and when that changes first for any of the zones."""

    openness: Openness
    changes_at: datetime | None  # None: not within 400 days
    zone: str | None  # where it changes then; None with changes_at


def hours_now(hours: ActivityHours, zones: Iterable[str], now: datetime) -> HoursNow | None:
    """How the hours stand at `now` (aware) for the zone keys of the leads left.

    None if that depends on the callee and there is nobody left to call.
    """
    keys = [hours.zone] if hours.zone != CALLEE else sorted(set(zones))
    if hours.always:
        return HoursNow(Openness.OPEN, None, None)
    if not keys:
        return None
    states = {key: is_open(hours, key, now) for key in keys}
    openness = Openness.OPEN if all(states.values()) else Openness.PARTLY
    if not any(states.values()):
        openness = Openness.CLOSED
    turns = [(at, key) for key in keys if (at := next_change(hours, key, now)) is not None]
    at, key = min(turns, default=(None, None))
    return HoursNow(openness, at, key)
