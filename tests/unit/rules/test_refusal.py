"""Why a lead must not be reached, one reason at a time, and when to ask again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from caesura.errors import Invalid
from caesura.rules.activity_hours import ActivityHours
from caesura.rules.campaign import CampaignSettings, Caps
from caesura.rules.refusal import Question, Refusal, Refused, refusal

NOON = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)  # in Chicago
EARLY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)  # 07:00 in Chicago
CHICAGO = "America/Chicago"
SETTINGS = CampaignSettings()


def ask(now: datetime = NOON, settings: CampaignSettings = SETTINGS, **facts: Any) -> object:
    return refusal(Question(zone=CHICAGO, **facts), settings, now)


def test_a_lead_with_nothing_against_it_may_be_reached() -> None:
    assert ask() is None


def test_do_not_call_excludes_for_good() -> None:
    assert ask(do_not_call=True) == Refused(Refusal.DO_NOT_CALL, None)


def test_a_number_that_cannot_be_called_excludes_for_good() -> None:
    assert ask(invalid_number=True) == Refused(Refusal.INVALID_NUMBER, None)


def test_the_cap_of_a_lead_excludes_for_good_from_the_cap_on() -> None:
    assert ask(attempts=7) is None
    assert ask(attempts=8) == Refused(Refusal.TOO_MANY_ATTEMPTS, None)


def test_outside_hours_waits_for_the_opening_at_the_callees() -> None:
    opening = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert ask(EARLY) == Refused(Refusal.OUTSIDE_HOURS, opening)
    assert ask(opening) is None


def test_hours_that_never_open_are_asked_again_as_settings_may_change() -> None:
    closed = CampaignSettings(hours=ActivityHours(weekly={}))
    assert ask(NOON, closed) == Refused(Refusal.OUTSIDE_HOURS, NOON + timedelta(hours=1))


def test_before_the_start_it_waits_for_the_start() -> None:
    start = NOON + timedelta(days=3)
    settings = CampaignSettings(starts_at=start)
    assert ask(NOON, settings) == Refused(Refusal.OUTSIDE_DATES, start)
    assert ask(start, settings) is None


def test_the_end_is_exclusive_and_excludes_nobody_for_good() -> None:
    settings = CampaignSettings(ends_at=NOON)
    assert ask(NOON - timedelta(seconds=1), settings) is None
    refused = ask(NOON, settings)
    assert isinstance(refused, Refused)
    assert refused.reason is Refusal.OUTSIDE_DATES
    assert refused.again_at is not None


def test_the_cap_of_a_number_a_day_frees_24_hours_after_the_oldest() -> None:
    oldest = NOON - timedelta(hours=20)
    facts: dict[str, Any] = {
        "number_attempts_day": 3,
        "number_attempts_7_days": 3,
        "oldest_in_day": oldest,
    }
    assert ask(**facts) == Refused(Refusal.NUMBER_CAP_DAY, oldest + timedelta(hours=24))
    assert ask(**facts | {"number_attempts_day": 2}) is None


def test_the_cap_of_a_number_in_7_days_frees_7_days_after_the_oldest() -> None:
    oldest = NOON - timedelta(days=6, hours=23)
    facts: dict[str, Any] = {"number_attempts_7_days": 7, "oldest_in_7_days": oldest}
    assert ask(**facts) == Refused(Refusal.NUMBER_CAP_7_DAYS, oldest + timedelta(days=7))
    assert ask(**facts | {"number_attempts_7_days": 6}) is None


def test_reg_f_allows_seven_attempts_in_seven_days_and_refuses_the_eighth() -> None:
    assert CampaignSettings().caps.per_number_7_days == 7
    assert ask(number_attempts_7_days=6) is None
    assert ask(number_attempts_7_days=7) is not None


def test_a_cap_without_a_known_oldest_waits_its_whole_window() -> None:
    assert ask(number_attempts_day=9) == Refused(Refusal.NUMBER_CAP_DAY, NOON + timedelta(hours=24))


def test_a_cap_is_a_setting() -> None:
    settings = CampaignSettings(caps=Caps(per_lead=1, per_number_day=1, per_number_7_days=1))
    for facts in ({"attempts": 1}, {"number_attempts_day": 1}, {"number_attempts_7_days": 1}):
        assert ask(NOON, SETTINGS, **facts) is None
        assert ask(NOON, settings, **facts) is not None


def test_a_zone_that_does_not_exist_is_an_error_and_not_a_call() -> None:
    with pytest.raises(Invalid):
        refusal(Question(zone="Etc/Unknown"), SETTINGS, NOON)
