"""The published figure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from caesura.rules.promise import PauseTimes, Promise, Spread, alarms, promise

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)


def paused(last_ms: float | None, confirmed_ms: float, *, by_expiry: bool = False) -> PauseTimes:
    last = None if last_ms is None else AT + timedelta(milliseconds=last_ms)
    return PauseTimes(AT, last, AT + timedelta(milliseconds=confirmed_ms), by_expiry)


def test_before_the_first_pause_there_is_no_figure() -> None:
    assert promise([]) == Promise(0, 0, None, None, None)
    assert alarms(promise([]), 1, 1) == []


def test_half_of_the_pauses_took_no_longer_than_p50_and_99_in_100_no_longer_than_p99() -> None:
    figure = promise([paused(n, 2 * n) for n in range(1, 101)])
    assert figure.last_launch_ms == Spread(50, 99, 100)
    assert figure.confirmation_ms == Spread(100, 198, 200)


def test_of_few_pauses_p99_is_the_slowest() -> None:
    assert promise([paused(1, 10), paused(2, 20), paused(3, 70)]).confirmation_ms == Spread(
        20, 70, 70
    )


def test_a_last_call_before_the_click_or_none_at_all_is_no_time() -> None:
    assert promise([paused(-60_000, 5), paused(None, 5)]).last_launch_ms == Spread(0, 0, 0)


def test_pauses_confirmed_by_expiry_are_counted() -> None:
    assert promise([paused(1, 5), paused(1, 1001, by_expiry=True)]).by_expiry == 1


def test_an_alarm_names_the_figure_its_value_and_its_threshold() -> None:
    figure = promise([paused(30, 80)])
    assert alarms(figure, 30, 80) == []
    assert alarms(figure, None, None) == []
    last, confirmed = alarms(figure, 29, 79)
    assert "last call: p99 is 30 ms, above the 29 ms" in last
    assert "confirmed silence: p99 is 80 ms, above the 79 ms" in confirmed
