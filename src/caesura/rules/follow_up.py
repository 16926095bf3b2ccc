"""May a message that follows on a call or a reply be sent now?

Asked in the transaction that journals it, as for leads: do-not-call and the hours may have changed
since it was planned. Caps are none of its business: it belongs to a call that counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from caesura.rules.activity_hours import is_open, opens_at
from caesura.rules.call import Launch
from caesura.rules.campaign import CampaignSettings
from caesura.rules.part import CallMeans, Hold, LeadPlace, Scope, covers_call, free_of
from caesura.rules.refusal import SETTINGS_MAY_CHANGE, Refusal, Refused


def refusal(
    zone: str, settings: CampaignSettings, now: datetime, *, do_not_call: bool, answers: bool
) -> Refused | None:
    """Why not at `now` (aware); None if it may be sent.

    What answers a reply (STOP, HELP) may go to a number that is on do-not-call, and at any hour:
    whoever wrote is awake, and waits for it.
    """
    if answers:
        return None
    if do_not_call:
        return Refused(Refusal.DO_NOT_CALL, None)
    if not is_open(settings.hours, zone, now):
        opening = opens_at(settings.hours, zone, now)
        return Refused(Refusal.OUTSIDE_HOURS, opening or now + SETTINGS_MAY_CHANGE)
    return None


def beside(holds: Sequence[Hold], place: LeadPlace, launch: Launch) -> Launch | None:
    """The message without the providers that are paused; None if it is of a paused part itself."""
    ways = free_of(holds, Scope.TRUNK, launch.providers)
    means = CallMeans(launch.calling_number, None, launch.channel)
    if not ways or any(covers_call(hold, place, means) for hold in holds):
        return None
    return replace(launch, providers=tuple(ways))
