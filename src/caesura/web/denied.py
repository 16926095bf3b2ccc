"""Why a cell does not do what an agent asked for, said to them."""

from __future__ import annotations

from caesura.errors import Conflict
from caesura.rules.floor.decision import Denial
from caesura.rules.refusal import Refusal

_SAID: dict[str, str] = {
    Denial.NOT_SIGNED_IN: "You are not on shift. Begin your shift first.",
    Denial.NO_DEVICE: "Your microphone is not connected.",
    Denial.ON_PHONE: "Your calls come to your phone, not to this page.",
    Denial.NO_PHONE: "No phone is set for you. A manager can set one, or you use the page's sound.",
    Denial.BUSY: "Finish what you do first.",
    Denial.NOT_ASSIGNED: "The campaign is none of theirs, or asks for skills that are missing.",
    Denial.NOT_IN_CONVERSATION: "There is no conversation now.",
    Denial.NOT_IN_WRAP_UP: "There is no wrap-up now.",
    Denial.NOT_EXTENDABLE: "The wrap-up cannot be made longer.",
    Denial.DISPOSITION_MISSING: "Say first what came of the conversation.",
    Denial.NOBODY_FREE: "Nobody who may take the conversation is free.",
    Denial.CAMPAIGN_PAUSED: "The campaign is paused or does not run: it starts no calls.",
    Denial.NO_SUCH_OFFER: "No lead is shown to you now.",
    Denial.LEAD_NOT_THERE: "The lead is in other hands, done, or excluded.",
    Refusal.DO_NOT_CALL: "The number is on the do-not-call list.",
    Refusal.INVALID_NUMBER: "The number cannot be called.",
    Refusal.TOO_MANY_ATTEMPTS: "The lead has had all the attempts that the campaign allows.",
    Refusal.PART_PAUSED: "The lead's part of the campaign is paused.",
    Refusal.OUTSIDE_DATES: "The campaign does not call on this date.",
    Refusal.OUTSIDE_HOURS: "The campaign does not call at this hour of the callee's day.",
    Refusal.NUMBER_CAP_DAY: "The number was called as often as is allowed in a day.",
    Refusal.NUMBER_CAP_7_DAYS: "The number was called as often as is allowed in seven days.",
}


class Denied(Conflict):
    """The cell has not done it; `denial` is a Denial, or a Refusal of the lead."""

    slug = "denied"

    def __init__(self, denial: str) -> None:
        super().__init__(sentence(denial), denial=str(denial))


def sentence(denial: str) -> str:
    """The reason for people."""
    return _SAID.get(denial, "This cannot be done now.")
