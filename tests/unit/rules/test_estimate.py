"""When work will be done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.campaign import FixedPacing
from caesura.rules.estimate import Opening, awake, finish_at, openings, pace

ALWAYS = ActivityHours(always=True)
DAYTIME = ActivityHours()  # 08:00 to 21:00 at the callee's
CHICAGO, LONDON = "America/Chicago", "Europe/London"
MONDAY = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # 14:00 in Chicago, 20:00 in London


def test_without_hours_it_is_leads_by_rate() -> None:
    assert finish_at(ALWAYS, {CHICAGO: 600}, 2.0, MONDAY) == MONDAY + timedelta(minutes=5)


def test_closed_hours_pass_without_work() -> None:
    # 9 hours of work; 7 are left today until 21:00 in Chicago, 2 are for tomorrow from 08:00.
    done = finish_at(DAYTIME, {CHICAGO: 9 * 3600}, 1.0, MONDAY)
    assert done == datetime(2026, 3, 3, 16, 0, tzinfo=UTC)


def test_it_is_not_done_before_the_last_zone_has_opened() -> None:
    night = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # 03:00 in Chicago, 09:00 in London
    done = finish_at(DAYTIME, {LONDON: 100, CHICAGO: 1}, 1.0, night)
    assert done == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def test_it_is_not_done_before_the_last_retry() -> None:
    retry = MONDAY + timedelta(hours=3)
    assert finish_at(ALWAYS, {CHICAGO: 1}, 1.0, MONDAY, not_before=retry) == retry


@pytest.mark.parametrize("per_s", [0.0, -1.0])
def test_without_a_rate_there_is_no_finish(per_s: float) -> None:
    assert finish_at(ALWAYS, {CHICAGO: 1}, per_s, MONDAY) is None


def test_hours_that_never_open_have_no_finish() -> None:
    assert finish_at(ActivityHours(weekly={}), {CHICAGO: 1}, 1.0, MONDAY) is None


def test_a_rate_too_small_for_the_calendar_has_no_finish() -> None:
    assert finish_at(ALWAYS, {CHICAGO: 10**9}, 1e-6, MONDAY) is None


def test_no_lead_left_is_done_now() -> None:
    assert finish_at(ALWAYS, {CHICAGO: 0}, 0.0, MONDAY) == MONDAY


def test_openings_are_told_by_moment_with_their_biggest_zone() -> None:
    night = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
    leads = {CHICAGO: 3, "America/Winnipeg": 5, LONDON: 2, "Asia/Tokyo": 7}
    assert openings(DAYTIME, leads, night) == [
        Opening(LONDON, datetime(2026, 3, 2, 8, 0, tzinfo=UTC), 2),
        Opening("America/Winnipeg", datetime(2026, 3, 2, 14, 0, tzinfo=UTC), 8),
    ]
    assert awake(DAYTIME, leads, night) == 7
    assert openings(ActivityHours(weekly={}), {CHICAGO: 1}, night) == [Opening(CHICAGO, None, 1)]


def test_the_pace_is_the_smaller_of_concurrency_and_rate() -> None:
    assert pace(FixedPacing(concurrency=30), 30.0).calls_per_s == 1.0
    limited = pace(FixedPacing(concurrency=30, cps=0.5), 30.0)
    assert (limited.calls_per_s, limited.limited_by) == (0.5, "cps")
    assert pace(FixedPacing(concurrency=30, cps=5), 30.0).limited_by == "concurrency"
