"""May this lead be reached now?

Pure: no I/O and no clock of its own. The question is asked twice for every attempt: when the lead
is claimed, and again in the moment before the INVITE leaves, because do-not-call, caps and the hour
can change in between (invariant 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from caesura.rules.activity_hours import is_open, opens_at
from caesura.rules.campaign import CampaignSettings

DAY = timedelta(hours=24)
SEVEN_DAYS = timedelta(days=7)
# When to ask again where only a change of the settings can help: the end date has passed, or the
# hours never open.
SETTINGS_MAY_CHANGE = timedelta(hours=1)


class Refusal(StrEnum):
    """Why a lead must not be reached now; in order of severity, and the first reason wins.

    The first three exclude the lead for good. The rest pass: PART_PAUSED when somebody resumes the
    part, the others with time.
    """

    DO_NOT_CALL = "do_not_call"  # 47 CFR 64.1200(d): global or this campaign's list
    INVALID_NUMBER = "invalid_number"  # not a number that can be called
    TOO_MANY_ATTEMPTS = "too_many_attempts"  # caps.per_lead, of this lead in this campaign
    PART_PAUSED = "part_paused"  # its list, region or zone is paused (caesura.rules.part)
    OUTSIDE_DATES = "outside_dates"  # before starts_at, or at or after ends_at
    OUTSIDE_HOURS = "outside_hours"  # 47 CFR 64.1200(c)(1): by the callee's clock, not ours
    NUMBER_CAP_DAY = "number_cap_day"  # caps.per_number_day, any 24 h, all campaigns
    # caps.per_number_7_days, any 7 x 24 h, all campaigns: at least as strict as the seven
    # consecutive days of Reg F, 12 CFR 1006.14(b)(2)(i)(A)
    NUMBER_CAP_7_DAYS = "number_cap_7_days"


@dataclass(frozen=True)
class Question:
    """All that is known of one lead, and of the number that would be called now."""

    zone: str  # the lead's: an IANA zone, or candidates joined by '|'
    attempts: int = 0  # of this lead that count, in this campaign
    do_not_call: bool = False
    invalid_number: bool = False
    part_paused: bool = False  # a standing hold covers the lead
    number_attempts_day: int = 0  # on the number, that count, in the last 24 h, all campaigns
    number_attempts_7_days: int = 0  # the same in the last 7 x 24 h
    oldest_in_day: datetime | None = None  # the first of those in the last 24 h
    oldest_in_7_days: datetime | None = None  # the first of those in the last 7 x 24 h


@dataclass(frozen=True)
class Refused:
    """Why not, and when to ask again (aware).

    `again_at` None: no time will tell. The lead is excluded, or of PART_PAUSED: held until resumed.
    """

    reason: Refusal
    again_at: datetime | None


def refusal(question: Question, settings: CampaignSettings, now: datetime) -> Refused | None:
    """The first reason not to reach the lead at `now` (aware), or None if it may be reached.

    `again_at` is later than `now`, and is when this reason passes, or may: then ask again, as
    another may stand behind it. Raises Invalid if `question.zone` names no time zone.
    """
    return (
        _never(question, settings)
        or (Refused(Refusal.PART_PAUSED, None) if question.part_paused else None)
        or _not_now(question, settings, now)
    )


def _never(question: Question, settings: CampaignSettings) -> Refused | None:
    if question.do_not_call:
        return Refused(Refusal.DO_NOT_CALL, None)
    if question.invalid_number:
        return Refused(Refusal.INVALID_NUMBER, None)
    if question.attempts >= settings.caps.per_lead:
        return Refused(Refusal.TOO_MANY_ATTEMPTS, None)
    return None


def _not_now(question: Question, settings: CampaignSettings, now: datetime) -> Refused | None:
    if settings.starts_at is not None and now < settings.starts_at:
        return Refused(Refusal.OUTSIDE_DATES, settings.starts_at)
    if settings.ends_at is not None and now >= settings.ends_at:
        return Refused(Refusal.OUTSIDE_DATES, now + SETTINGS_MAY_CHANGE)
    if not is_open(settings.hours, question.zone, now):
        opening = opens_at(settings.hours, question.zone, now)
        return Refused(Refusal.OUTSIDE_HOURS, opening or now + SETTINGS_MAY_CHANGE)
    if question.number_attempts_day >= settings.caps.per_number_day:
        again_at = _frees(question.oldest_in_day, DAY, now)
        return Refused(Refusal.NUMBER_CAP_DAY, again_at)
    if question.number_attempts_7_days >= settings.caps.per_number_7_days:
        again_at = _frees(question.oldest_in_7_days, SEVEN_DAYS, now)
        return Refused(Refusal.NUMBER_CAP_7_DAYS, again_at)
    return None


def _frees(oldest: datetime | None, window: timedelta, now: datetime) -> datetime:
    """When the oldest attempt leaves the window; a whole window from now if it is not known.

    An attempt that has just left it by `now` was counted a moment earlier: ask again in a second.
    """
    if oldest is None:
        return now + window
    return max(oldest + window, now + timedelta(seconds=1))
