"""Whether a campaign's hours are open now, over the zones of its leads."""

from __future__ import annotations

from datetime import UTC, datetime

from caesura.rules.activity_hours import ActivityHours
from caesura.rules.hours_now import Openness, hours_now

HOURS = ActivityHours()  # 08:00-21:00 at the callee's, every day
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"


def at(hour: int, minute: int = 0) -> datetime:
    """On 23 November 2026, UTC: New York is 5 hours behind, Los Angeles 8."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=UTC)


def test_open_in_some_zones_is_partly_open_and_changes_where_it_changes_first() -> None:
    state = hours_now(HOURS, [LOS_ANGELES, NEW_YORK], at(14))
    assert state is not None
    assert state.openness is Openness.PARTLY
    assert (state.changes_at, state.zone) == (at(16), LOS_ANGELES)


def test_open_and_closed_in_all_zones() -> None:
    open_now = hours_now(HOURS, [LOS_ANGELES, NEW_YORK], at(20))
    closed = hours_now(HOURS, [LOS_ANGELES, NEW_YORK], at(9))
    assert open_now and open_now.openness is Openness.OPEN
    assert closed and closed.openness is Openness.CLOSED
    assert (closed.changes_at, closed.zone) == (at(13), NEW_YORK)


def test_a_fixed_zone_asks_for_no_leads() -> None:
    state = hours_now(ActivityHours(zone="Europe/Berlin"), [], at(19))
    assert state is not None
    assert (state.openness, state.changes_at) == (Openness.OPEN, at(20))


def test_with_nobody_left_it_cannot_be_told() -> None:
    assert hours_now(HOURS, [], at(12)) is None


def test_always_open_never_changes() -> None:
    state = hours_now(ActivityHours(always=True), [NEW_YORK], at(3))
    assert state is not None
    assert (state.openness, state.changes_at, state.zone) == (Openness.OPEN, None, None)
