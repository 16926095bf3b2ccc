"""How long work will take: the finish of a running campaign, and that of one not begun.

An estimate from a rate, walked through the activity hours: closed hours pass without work. It
knows nothing of tomorrow's answer rate, and says so by being shown as an estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from caesura.rules.activity_hours import ActivityHours, is_open, next_change, opens_at
from caesura.rules.campaign import Ceiling

_CHANGES_MAX = 2000  # openings and closings that are walked through: years of them
_WORK_S_MAX = 50 * 365 * 86400.0  # what takes longer is never done
# Where nothing was measured yet: from launch to end, and until a provider has answered.
CALL_S_ASSUMED, MESSAGE_S_ASSUMED = 30.0, 0.2


@dataclass(frozen=True)
class Opening:
    """Leads of which the hours open together."""

    zone: str  # the zone key with the most of them
    opens_at: datetime | None  # None: never within the horizon
    leads: int


@dataclass(frozen=True)
class Pace:
    """How fast calls can be made."""

    call_s: float  # from launch to end, on average
    calls_per_s: float
    limited_by: Literal["concurrency", "cps"]


def pace(pacing: Ceiling, call_s: float) -> Pace:
    """The rate at the ceiling, with calls of `call_s` seconds (Little's law)."""
    by_concurrency = pacing.concurrency / max(call_s, 0.001)
    if pacing.cps is not None and pacing.cps < by_concurrency:
        return Pace(call_s, pacing.cps, "cps")
    return Pace(call_s, by_concurrency, "concurrency")


def finish_at(
    hours: ActivityHours,
    leads: Mapping[str, int],
    per_s: float,
    now: datetime,
    *,
    not_before: datetime | None = None,
) -> datetime | None:
    """When `leads` (by zone key) are worked at `per_s`, from `now` on; None if never, or unknown.

    The hours are those of the zone with the most leads, or of the last zone to open if that is
    later; `not_before` is a moment before which it cannot be done (the last retry).
    """
    left = {zone: n for zone, n in leads.items() if n > 0}
    if not left:
        return max(now, not_before) if not_before else now
    if per_s <= 0:
        return None
    work_s = sum(left.values()) / per_s
    if work_s > _WORK_S_MAX:
        return None
    most = max(left, key=lambda zone: (left[zone], zone))
    done = _after_open_time(hours, most, now, timedelta(seconds=work_s))
    last_opening = _last(hours, left, now)
    if done is None or last_opening is None:
        return None
    return max(done, last_opening, not_before or done)


def openings(hours: ActivityHours, leads: Mapping[str, int], now: datetime) -> list[Opening]:
    """When the hours open for leads that are asleep at `now`, the first opening first."""
    at: dict[datetime | None, dict[str, int]] = {}
    for zone, n in leads.items():
        if n > 0 and not is_open(hours, zone, now):
            at.setdefault(next_change(hours, zone, now), {})[zone] = n
    found = [
        Opening(max(zones, key=lambda zone: (zones[zone], zone)), moment, sum(zones.values()))
        for moment, zones in at.items()
    ]
    return sorted(found, key=lambda opening: (opening.opens_at is None, opening.opens_at or now))


def awake(hours: ActivityHours, leads: Mapping[str, int], now: datetime) -> int:
    """How many leads may be called at `now`."""
    return sum(n for zone, n in leads.items() if is_open(hours, zone, now))


def _last(hours: ActivityHours, leads: Mapping[str, int], now: datetime) -> datetime | None:
    """When the last of the zones opens; None if one never does."""
    moments = [opens_at(hours, zone, now) for zone in leads]
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None


def _after_open_time(
    hours: ActivityHours, zone: str, now: datetime, work: timedelta
) -> datetime | None:
    at = now
    for _ in range(_CHANGES_MAX):
        change = next_change(hours, zone, at)
        if is_open(hours, zone, at):
            if change is None or at + work <= change:
                return at + work
            work -= change - at
        elif change is None:
            return None
        at = change
    return None
