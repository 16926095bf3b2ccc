"""What a pause would do to the calls on the wire, for each drain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caesura.rules.campaign import CampaignSettings, Drain
from caesura.rules.forecast import DrainForecast, OpenCall, forecast

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SETTINGS = CampaignSettings(ring_minimum_s=15, ring_timeout_s=30)


def ringing(for_s: float) -> OpenCall:
    return OpenCall(NOW - timedelta(seconds=for_s), None)


DIALLING = OpenCall(None, None)
TALKING = OpenCall(NOW - timedelta(seconds=40), NOW - timedelta(seconds=30))
CALLS = [DIALLING, ringing(4), ringing(14), ringing(15), ringing(20), TALKING, TALKING]


def of(drain: Drain) -> DrainForecast:
    found = forecast(CALLS, SETTINGS, NOW)
    return next(each for each in found.drains if each.drain is drain)


def test_what_is_on_the_wire_is_counted() -> None:
    found = forecast(CALLS, SETTINGS, NOW)
    assert (found.dialling, found.ringing, found.talking, found.in_flight) == (1, 4, 2, 7)


def test_finishing_lawfully_cancels_what_has_rung_its_minimum_and_lets_the_rest_reach_it() -> None:
    found = of(Drain.FINISH_LAWFULLY)
    assert (found.cancelled_now, found.cancelled_below_minimum) == (2, 0)
    assert (found.go_on_ringing, found.rings_until_s) == (3, 15.0)
    assert (found.conversations_cut, found.conversations_go_on) == (0, 2)


def test_cancelling_now_says_how_many_have_not_rung_their_minimum() -> None:
    found = of(Drain.CANCEL_NOW)
    assert (found.cancelled_now, found.cancelled_below_minimum) == (5, 2)
    assert (found.go_on_ringing, found.rings_until_s) == (0, 0.0)


def test_letting_ring_cancels_nothing() -> None:
    found = of(Drain.LET_RING)
    assert (found.cancelled_now, found.go_on_ringing, found.rings_until_s) == (0, 5, 30.0)


def test_hanging_up_everything_cuts_the_conversations() -> None:
    found = of(Drain.HANG_UP_ALL)
    assert (found.cancelled_now, found.conversations_cut, found.conversations_go_on) == (5, 2, 0)


@pytest.mark.parametrize("drain", list(Drain))
def test_every_call_is_in_exactly_one_number(drain: Drain) -> None:
    found = of(drain)
    parts = (
        found.cancelled_now,
        found.go_on_ringing,
        found.conversations_cut,
        found.conversations_go_on,
    )
    assert sum(parts) == len(CALLS)


@pytest.mark.parametrize("drain", list(Drain))
def test_with_nothing_on_the_wire_nothing_happens(drain: Drain) -> None:
    found = next(each for each in forecast([], SETTINGS, NOW).drains if each.drain is drain)
    assert found == DrainForecast(drain, 0, 0, 0, 0.0, 0, 0)
