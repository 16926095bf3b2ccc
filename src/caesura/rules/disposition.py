"""What an agent says came of a conversation, and what becomes of the lead by it.

The call itself has ended as answered, which would be all (caesura.rules.next_try). A disposition
stands above that: it can bring the lead back, at a promised time or as after any other try.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from caesura.errors import Invalid
from caesura.rules.agent_settings import Disposition, Meaning, Notes
from caesura.rules.campaign import CampaignSettings
from caesura.rules.next_try import LeadFacts, LeadState, NextTry, next_try
from caesura.rules.outcome import Outcome

NOTES_MAX = 5000  # characters


@dataclass(frozen=True)
class Chosen:
    """What the agent chose."""

    name: str
    notes: str = ""
    callback_at: datetime | None = None  # aware; of `callback`, and of nothing else
    for_me: bool = False  # the callback: the agent calls themselves


@dataclass(frozen=True)
class Callback:
    """A call that was promised."""

    at: datetime
    agent: int | None  # who promised to call themselves; None: anybody


@dataclass(frozen=True)
class Disposed:
    """A disposition as it is stored."""

    name: str
    meaning: Meaning
    notes: str
    after: NextTry  # what becomes of the lead
    callback: Callback | None = None


def disposed(
    lead: LeadFacts, chosen: Chosen, agent: int, settings: CampaignSettings, now: datetime
) -> Disposed:
    """What follows, for `lead` as it was before the call. Raises Invalid, with what to do."""
    disposition = _named(chosen, settings)
    _check_notes(disposition, chosen)
    reached = next_try(lead, Outcome.ANSWERED, settings, now)
    after, callback = reached, None
    if disposition.meaning is Meaning.CALLBACK:
        at = _callback_at(chosen, reached, settings, now)
        callback = Callback(at, agent if chosen.for_me else None)
        after = replace(reached, state=LeadState.WAITING, due_at=at)
    elif chosen.callback_at is not None or chosen.for_me:
        raise Invalid(f"{chosen.name!r} is no callback: leave out its time.", "callback_at")
    elif disposition.meaning is Meaning.TRY_AGAIN:
        after = _again(reached, disposition, settings, now)
    return Disposed(chosen.name, disposition.meaning, chosen.notes.strip(), after, callback)


def _named(chosen: Chosen, settings: CampaignSettings) -> Disposition:
    found = settings.agents.disposition(chosen.name)
    if found is None:
        names = ", ".join(repr(each.name) for each in settings.agents.dispositions)
        raise Invalid(f"The campaign has no disposition {chosen.name!r}. It has {names}.", "name")
    return found


def _check_notes(disposition: Disposition, chosen: Chosen) -> None:
    if disposition.notes is Notes.REQUIRED and not chosen.notes.strip():
        raise Invalid(f"{chosen.name!r} needs notes.", "notes")
    if len(chosen.notes) > NOTES_MAX:
        raise Invalid(f"The notes are longer than {NOTES_MAX} characters.", "notes")


def _callback_at(
    chosen: Chosen, reached: NextTry, settings: CampaignSettings, now: datetime
) -> datetime:
    at, allowed = chosen.callback_at, settings.agents.callbacks
    if at is None:
        raise Invalid("Say when to call back.", "callback_at")
    if at.tzinfo is None:
        raise Invalid("The time must name its zone, as 2026-12-01T09:00:00-05:00.", "callback_at")
    if at <= now:
        raise Invalid("The time to call back must be in the future.", "callback_at")
    if at - now > timedelta(days=allowed.days_max):
        raise Invalid(f"At most {allowed.days_max} days ahead can be promised.", "callback_at")
    if settings.ends_at is not None and at >= settings.ends_at:
        raise Invalid(f"The campaign ends at {settings.ends_at.isoformat()}.", "callback_at")
    if chosen.for_me and not allowed.for_me:
        raise Invalid("In this campaign anybody may take a callback; promise no person.", "for_me")
    if reached.attempts >= settings.caps.per_lead:
        # A promise that the caps would break when it is due.
        raise Invalid(
            f"The lead has had the {settings.caps.per_lead} attempts that the campaign allows: "
            "nobody would call back.",
            "callback_at",
        )
    return at


def _again(
    reached: NextTry, disposition: Disposition, settings: CampaignSettings, now: datetime
) -> NextTry:
    key = f"disposition:{disposition.name}"
    tries = {**reached.tries, key: reached.tries.get(key, 0) + 1}
    after = replace(reached, tries=tries)
    if tries[key] > disposition.again_max or reached.attempts >= settings.caps.per_lead:
        return after
    delay = timedelta(seconds=disposition.again_after_s)
    state = LeadState.WAITING if delay else LeadState.DUE
    return replace(after, state=state, due_at=now + delay)
