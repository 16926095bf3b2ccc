"""What becomes of a lead after one of its attempts has ended: when again, on which number.

Hours, do-not-call and the caps per number are not asked here but at the claim and before the wire
(caesura.rules.refusal): they are about that later moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from caesura.rules.campaign import CampaignSettings, RetryNumber
from caesura.rules.outcome import Outcome


class LeadState(StrEnum):
    """Where a lead stands. Every lead is in exactly one (invariant 3)."""

    DUE = "due"  # may be claimed now
    WAITING = "waiting"  # becomes due at `due_at`
    CLAIMED = "claimed"  # a cell holds it, nothing journalled
    IN_PROGRESS = "in_progress"  # it has an open attempt
    HELD = "held"  # was due, and a hold of its list or region keeps it (caesura.rules.part)
    DONE = "done"  # nothing more will be tried
    EXCLUDED = "excluded"  # must not be reached (caesura.rules.refusal)


# Where the settings give no retry: the gap before a lead is due again whose call we cancelled, or
# whose message an overloaded provider would not take, s.
CANCELLED_GAP_S = 900
# And where the provider refused it for good, as with a wrong password: soon, so that either the
# next provider takes it or the rules see that messages are due and none goes
# (caesura.rules.refusals, caesura.rules.providers_down).
PUT_BACK_S = 30

_REACHED = frozenset({Outcome.ANSWERED, Outcome.SENT, Outcome.DELIVERED})
_INVALID = frozenset({Outcome.INVALID_NUMBER, Outcome.REJECTED})  # this number, not the contact
_NOT_TAKEN = frozenset({Outcome.CONGESTION, Outcome.FAILED})  # of messages: nobody got anything


@dataclass(frozen=True)
class LeadFacts:
    """A lead as it was before the attempt that has now ended."""

    phone_index: int  # which of the contact's numbers was tried; 1 is the first
    zones: tuple[str, ...]  # one per number of the contact, so its length is how many there are
    attempts: int  # those that counted, without this one
    # How many ended so, by outcome; also "number:2" (tries of the second number) and "invalid:2"
    # (that it is not in service). As kept in the lead's `tries`, without this one.
    tries: Mapping[str, int]


@dataclass(frozen=True)
class NextTry:
    """What to write to the lead, and to the attempt's `counted`."""

    state: LeadState  # due, waiting or done
    due_at: datetime | None  # None when done
    phone_index: int  # of the next attempt; unchanged when done
    zone: str  # of that number
    counted: bool  # whether the attempt that ended counts against the caps
    attempts: int  # of the lead, this one included if counted
    tries: dict[str, int]  # this one included
    result: Outcome


def next_try(
    lead: LeadFacts,
    outcome: Outcome,
    settings: CampaignSettings,
    now: datetime,
    *,
    blameless: bool = False,
) -> NextTry:
    """Decide what follows on `outcome`, which the lead's attempt had at `now` (aware).

    - An answer, a message that was taken, or an outcome for which `settings.retries` has no entry:
      done. A message in doubt is never sent again by itself: done, too.
    - Otherwise again after the entry's delay, at most `max` times after this outcome, and never
      more than `settings.caps.per_lead` counted attempts in all.
    - Cancelled (by a pause) neither counts nor uses up a lead: it always comes back, after its own
      delay.
    - A message that its provider would not take, not for the recipient's sake, does not count.
      `blameless`: nor for the text's sake, so that it says nothing about this lead at all
      (credentials, credit, an overload). As after a cancelled call, the lead always comes back.
    - An invalid number, or one that cannot get the message, is not tried again. A number that was
      never tried is, at once; else those tried before go on, after the longest delay that the lead
      has earned so far; else done.
    """
    counted = outcome is not Outcome.CANCELLED and not (
        settings.channel != "voice" and outcome in _NOT_TAKEN
    )
    attempts = lead.attempts + (1 if counted else 0)
    tries = dict(lead.tries) if blameless else _with_this(lead, outcome)
    if blameless:
        soon = outcome is Outcome.FAILED
        gap = timedelta(seconds=PUT_BACK_S) if soon else _gap(outcome, settings)
        followed: tuple[int, timedelta] | None = (lead.phone_index, gap)
    else:
        followed = _follow(lead, outcome, tries, settings)
    if followed is None or (counted and attempts >= settings.caps.per_lead):
        state, due_at, index = LeadState.DONE, None, lead.phone_index
    else:
        index, delay = followed
        state = LeadState.WAITING if delay else LeadState.DUE
        due_at = now + delay
    return NextTry(
        state=state,
        due_at=due_at,
        phone_index=index,
        zone=lead.zones[index - 1],
        counted=counted,
        attempts=attempts,
        tries=tries,
        result=outcome,
    )


def after_receipt(
    lead: LeadFacts, outcome: Outcome, settings: CampaignSettings, now: datetime
) -> NextTry:
    """What follows when a message that had been taken turns out at `now` to be `outcome`.

    `lead` is as it stands, done and with the message counted as `sent`. The settings' retries say
    whether it is sent again, as after a call. Not for a message that was in doubt: that is never
    sent again by itself, whatever a receipt says later of a part of it.
    """
    tries = dict(lead.tries)
    for key in (Outcome.SENT.value, f"number:{lead.phone_index}"):
        tries[key] = tries.get(key, 0) - 1
        if tries[key] <= 0:
            del tries[key]
    before = replace(lead, attempts=max(0, lead.attempts - 1), tries=tries)
    return next_try(before, outcome, settings, now)


def awaits_receipts(settings: CampaignSettings) -> bool:
    """Whether a delivery receipt can bring a lead back that is done."""
    text = settings.text
    return (
        settings.channel == "sms"
        and text is not None
        and text.receipts
        and any(
            (retry := settings.retries.get(outcome)) is not None and retry.max > 0
            for outcome in (Outcome.UNDELIVERED, Outcome.EXPIRED)
        )
    )


def _gap(outcome: Outcome, settings: CampaignSettings) -> timedelta:
    retry = settings.retries.get(outcome)
    return timedelta(seconds=CANCELLED_GAP_S if retry is None else retry.after_s)


def _with_this(lead: LeadFacts, outcome: Outcome) -> dict[str, int]:
    tries = dict(lead.tries)
    keys = [outcome.value, f"number:{lead.phone_index}"]
    if outcome in _INVALID:
        keys.append(f"invalid:{lead.phone_index}")
    for key in keys:
        tries[key] = tries.get(key, 0) + 1
    return tries


def _follow(
    lead: LeadFacts, outcome: Outcome, tries: Mapping[str, int], settings: CampaignSettings
) -> tuple[int, timedelta] | None:
    """Number and delay of the next attempt, None if there is none."""
    if outcome in _REACHED or (settings.channel != "voice" and outcome is Outcome.UNKNOWN):
        return None
    if outcome in _INVALID:
        return _after_invalid(lead, tries, settings)
    retry = settings.retries.get(outcome)
    if outcome is not Outcome.CANCELLED and (retry is None or tries[outcome.value] > retry.max):
        return None
    index = lead.phone_index
    if retry is not None and retry.number is RetryNumber.NEXT:
        index = _others(lead, tries)[0] if _others(lead, tries) else index
    return index, _gap(outcome, settings)


def _after_invalid(
    lead: LeadFacts, tries: Mapping[str, int], settings: CampaignSettings
) -> tuple[int, timedelta] | None:
    others = _others(lead, tries)
    for index in others:
        if f"number:{index}" not in tries:
            return index, timedelta()
    # The others have been tried. Their outcomes earned a delay, which this number cannot shorten,
    # and have retries left or not.
    earned = [
        retry.after_s
        for outcome, retry in settings.retries.items()
        if 0 < tries.get(outcome.value, 0) <= retry.max
    ]
    if not others or not earned:
        return None
    return others[0], timedelta(seconds=max(earned))


def _others(lead: LeadFacts, tries: Mapping[str, int]) -> list[int]:
    """The contact's other numbers that are not known as invalid, in turn after the one tried."""
    count = len(lead.zones)
    turn = [(lead.phone_index - 1 + step) % count + 1 for step in range(1, count)]
    return [index for index in turn if f"invalid:{index}" not in tries]
