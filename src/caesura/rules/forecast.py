"""What a pause would do right now, for each drain: the numbers of the confirmation dialog.

Follows caesura.rules.runner, which does it: a call that does not ring yet goes on until it has rung
its minimum (finish_lawfully); a conversation is cut by hang_up_all alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from caesura.rules.campaign import CampaignSettings, Drain


@dataclass(frozen=True)
class OpenCall:
    """A call of the campaign that has not ended."""

    ringing_at: datetime | None  # None: it does not ring yet
    answered_at: datetime | None  # None: nobody has answered


@dataclass(frozen=True)
class DrainForecast:
    """What one drain would do."""

    drain: Drain
    cancelled_now: int  # unanswered calls that it cancels at once
    cancelled_below_minimum: int  # of those: that ring, and not for the minimum yet
    go_on_ringing: int  # unanswered calls that it lets ring for a while, and that may be answered
    rings_until_s: float  # the longest that one of those goes on, seconds from now
    conversations_cut: int
    conversations_go_on: int


@dataclass(frozen=True)
class Forecast:
    """What is on the wire, and what each drain would make of it."""

    dialling: int  # sent, and not ringing yet
    ringing: int
    talking: int
    drains: tuple[DrainForecast, ...]

    @property
    def in_flight(self) -> int:
        return self.dialling + self.ringing + self.talking


def forecast(calls: Sequence[OpenCall], settings: CampaignSettings, now: datetime) -> Forecast:
    """The forecast for these open calls. A journalled call counts as dialling."""
    unanswered = [call for call in calls if call.answered_at is None]
    rung = [_rung_s(call, now) for call in unanswered]
    dialling = sum(1 for seconds in rung if seconds is None)
    talking = len(calls) - len(unanswered)
    return Forecast(
        dialling=dialling,
        ringing=len(unanswered) - dialling,
        talking=talking,
        drains=tuple(_drained(drain, rung, talking, settings) for drain in Drain),
    )


def _drained(
    drain: Drain, rung: Sequence[float | None], talking: int, settings: CampaignSettings
) -> DrainForecast:
    minimum_s, timeout_s = settings.ring_minimum_s, settings.ring_timeout_s
    if drain is Drain.FINISH_LAWFULLY:
        left = [minimum_s - (seconds or 0.0) for seconds in rung]
    elif drain is Drain.LET_RING:
        left = [timeout_s - (seconds or 0.0) for seconds in rung]
    else:
        left = [0.0 for _ in rung]
    # One that is about to reach its end rings on all the same, where it may not be cancelled.
    goes_on = [
        drain is Drain.LET_RING or rest > 0 or (drain is Drain.FINISH_LAWFULLY and seconds is None)
        for rest, seconds in zip(left, rung, strict=True)
    ]
    stopped = [seconds for seconds, on in zip(rung, goes_on, strict=True) if not on]
    remaining = [max(rest, 0.0) for rest, on in zip(left, goes_on, strict=True) if on]
    cut = talking if drain is Drain.HANG_UP_ALL else 0
    return DrainForecast(
        drain=drain,
        cancelled_now=len(stopped),
        cancelled_below_minimum=sum(1 for s in stopped if s is not None and s < minimum_s),
        go_on_ringing=len(remaining),
        rings_until_s=round(max(remaining, default=0.0), 1),
        conversations_cut=cut,
        conversations_go_on=talking - cut,
    )


def _rung_s(call: OpenCall, now: datetime) -> float | None:
    """For how long the call has rung; None if it does not yet."""
    if call.ringing_at is None:
        return None
    return max(0.0, (now - call.ringing_at).total_seconds())
