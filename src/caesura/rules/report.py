"""What every figure means. Each docstring is the definition; docs and screen quote it.

Pure functions over counts. A figure that has nothing to be computed from is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from caesura.rules.next_try import LeadState
from caesura.rules.outcome import Outcome

_FINISHED = (LeadState.DONE, LeadState.EXCLUDED)


@dataclass(frozen=True)
class Counts:
    """What the journal counted for a campaign, or for a part of its time."""

    launched: int = 0  # attempts of which an INVITE left, or that were handed to a provider
    received: int = 0
    answered: int = 0
    talks_ended: int = 0  # answered calls that have ended
    talk_ms: int = 0  # of those, answer to end, milliseconds
    # Of messages.
    sent: int = 0  # a provider took them
    delivered: int = 0
    undelivered: int = 0  # taken, and known not to have arrived
    replies: int = 0
    opt_outs: int = 0  # of the replies


def received(counts: Counts) -> int:
    """Received calls: attempts that the called network delivered.

    It rang, was answered, was busy or was declined (caesura.rules.outcome tells by which signs).
    A call counts when it ends or is answered, whichever comes first.
    """
    return counts.received


def answered(counts: Counts) -> int:
    """Answered calls: the callee, person or machine, picked up. Every one is also received."""
    return counts.answered


def average_duration_s(counts: Counts) -> float | None:
    """Average duration, seconds: the mean of answer-to-end over answered calls that have ended.

    Calls that still go on are not in it, nor calls that nobody answered. None if there is none.
    """
    if counts.talks_ended == 0:
        return None
    return counts.talk_ms / 1000 / counts.talks_ended


def answer_rate(counts: Counts) -> float | None:
    """Answer rate, 0 to 1: answered calls per received call. None if none was received."""
    if counts.received == 0:
        return None
    return counts.answered / counts.received


def sent(counts: Counts) -> int:
    """Sent: messages that a provider took. Each counts once, however many segments it has."""
    return counts.sent


def delivered(counts: Counts) -> int:
    """Delivered: sent messages whose delivery receipt says that every segment arrived."""
    return counts.delivered


def delivery_rate(counts: Counts) -> float | None:
    """Delivery rate, 0 to 1: delivered per sent message whose fate is known.

    Messages without a delivery receipt so far are not in it. None if the fate of none is known.
    """
    known = counts.delivered + counts.undelivered
    return None if known == 0 else counts.delivered / known


def progress(leads: Mapping[str, int]) -> float | None:
    """Progress, 0 to 1: the share of the campaign's leads that are done or excluded.

    `leads` is how many are in each state of LeadState. A lead that waits for a retry is not
    finished, however often it was tried. None if the campaign has no leads.
    """
    total = sum(leads.values())
    if total == 0:
        return None
    return sum(leads.get(state, 0) for state in _FINISHED) / total


def in_progress(leads: Mapping[str, int]) -> int:
    """In progress now: leads with an open attempt, from the journal entry to the call's end."""
    return leads.get(LeadState.IN_PROGRESS, 0)


def abandonment_rate(outcomes: Mapping[str, int]) -> float | None:
    """Abandonment, 0 to 1: abandoned calls per call that somebody picked up.

    `outcomes` is how many attempts ended how. Every abandoned call was picked up, so both stand in
    the denominator. Machines are in it until answer detection tells them apart. None if nobody
    picked up.
    """
    picked_up = outcomes.get(Outcome.ANSWERED, 0) + outcomes.get(Outcome.ABANDONED, 0)
    if picked_up == 0:
        return None
    return outcomes.get(Outcome.ABANDONED, 0) / picked_up


def failure_rate(outcomes: Mapping[str, int]) -> float | None:
    """Failures, 0 to 1: attempts that failed or met congestion per attempt that ended.

    Attempts that we cancelled say nothing about the carrier and are left out. None if none ended.
    """
    ended = sum(outcomes.values()) - outcomes.get(Outcome.CANCELLED, 0)
    if ended == 0:
        return None
    failed = outcomes.get(Outcome.FAILED, 0) + outcomes.get(Outcome.CONGESTION, 0)
    return failed / ended
