"""What pauses have decided on the calls under way: of the whole campaign, and of parts of it."""

from __future__ import annotations

from collections.abc import Sequence

from caesura.rules import part
from caesura.rules.calls import Call
from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.claim import ClaimedLead, PutOff
from caesura.rules.command import Cancel, Command, HangUp
from caesura.rules.moment import Moment
from caesura.rules.part import CallMeans, Hold
from caesura.rules.refusal import Refusal


class Draining:
    """The decisions that stand, and what each of them means for a call."""

    def __init__(self) -> None:
        self.drain: Drain | None = None  # of the pause of the whole campaign
        self.holds: tuple[Hold, ...] = ()
        self._version = -1  # which reading of them this is (campaign.holds_version)

    def read(self, holds: Sequence[Hold], version: int) -> bool:
        """These parts stand paused, by reading `version`; False for an older reading."""
        if version <= self._version:
            return False
        self.holds, self._version = tuple(holds), version
        return True

    def set_aside(self, lead: ClaimedLead) -> PutOff | None:
        """The lead is kept until the hold that covers it is released; None if none does."""
        hold = part.first_covering(self.holds, lead)
        return (
            None if hold is None else PutOff(lead.id, Refusal.PART_PAUSED.value, None, hold=hold.id)
        )

    def is_held(self, call: Call) -> bool:
        """A standing hold covers the call."""
        return any(_covers(hold, call) for hold in self.holds)

    def of(self, call: Call) -> Drain | None:
        """What was decided on the call: by a pause of all, and by the holds that cover it."""
        asked = [hold.drain for hold in self.holds if _covers(hold, call)]
        return part.strongest(asked if self.drain is None else [*asked, self.drain])

    def drained(self, call: Call, settings: CampaignSettings, now: Moment) -> list[Command]:
        """What the drain means for the call; a later decision may ask for more than the first."""
        call.cancel_at = None
        if not call.is_voice:  # held here: the messenger gives it back; else gone
            return []
        drain = self.of(call)
        if drain is Drain.HANG_UP_ALL and not isinstance(call.stopping, HangUp):
            # HangUp also for what rings: it holds whatever crosses it, a Cancel loses to an answer
            return call.stop("pause: hang up everything", HangUp(call.attempt))
        if call.stopping is not None or call.talking:
            return []
        if drain is Drain.CANCEL_NOW:
            return call.stop("pause: cancel ringing now", Cancel(call.attempt))
        if drain is Drain.FINISH_LAWFULLY and call.ringing_since is not None:
            call.cancel_at = call.ringing_since + settings.ring_minimum_s
            return cancel_if_due(call, now)
        return []


def cancel_if_due(call: Call, now: Moment) -> list[Command]:
    """A call of which a drain has said until when it rings."""
    if call.cancel_at is None or call.stopping is not None or now.mono < call.cancel_at:
        return []
    if call.talking:
        return []
    return call.stop("pause: rang its minimum", Cancel(call.attempt))


def _covers(hold: Hold, call: Call) -> bool:
    means = CallMeans(call.launch.calling_number, call.trunk, call.launch.channel)
    return part.covers_call(hold, call.lead, means)
