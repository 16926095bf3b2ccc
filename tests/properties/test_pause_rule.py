"""What holds for every sample: never below its size, and never less for more failures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from caesura.rules.confidence import lower_bound, upper_bound
from caesura.rules.pause_rule import Abandoned, Figures, Share, Spent, attempts_left, verdict
from caesura.rules.pause_rule_settings import (
    Abandonment,
    AnswerRate,
    Budget,
    CarrierFailures,
    PauseRules,
)
from caesura.rules.price import Price

NOW = datetime(2026, 11, 25, 14, 7, 30, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=5)
BEFORE = Share(400, 1000, SINCE - timedelta(hours=1))


@st.composite
def samples(draw: st.DrawFn, calls_max: int = 5000) -> Share:
    calls = draw(st.integers(0, calls_max))
    return Share(draw(st.integers(0, calls)), calls, SINCE)


def fires(rules: PauseRules, failed: Share, abandoned: Share, answered: Share) -> bool:
    figures = Figures(
        running_since=SINCE,
        ended=failed,
        abandoned=Abandoned(abandoned, abandoned, abandoned, abandoned),
        answers=answered,
        answers_before=BEFORE,
    )
    return verdict(rules, Price(), figures, NOW) is not None


@given(samples(), st.integers(20, 500), st.floats(0.01, 0.99))
def test_no_rule_speaks_below_its_sample(sample: Share, calls_min: int, threshold: float) -> None:
    rules = PauseRules(
        carrier_failures=CarrierFailures(share_max=threshold, calls_min=calls_min),
        abandonment=Abandonment(share_max=threshold, calls_min=calls_min),
        answer_rate=AnswerRate(enabled=True, ratio_min=threshold, calls_min=calls_min),
    )
    if fires(rules, sample, sample, sample):
        assert sample.calls >= calls_min


@given(samples(), st.floats(0.01, 0.99))
def test_one_more_failure_never_silences_a_rule(sample: Share, threshold: float) -> None:
    rules = PauseRules(carrier_failures=CarrierFailures(share_max=threshold))
    none = Share(0, 0, SINCE)
    worse = Share(min(sample.hits + 1, sample.calls), sample.calls, SINCE)
    if fires(rules, sample, none, none):
        assert fires(rules, worse, none, none)
    else:
        better = Share(max(sample.hits - 1, 0), sample.calls, SINCE)
        assert not fires(rules, better, none, none)


@given(samples(200), st.integers(2, 20))
def test_the_same_share_of_more_calls_is_known_better(sample: Share, times: int) -> None:
    hits, calls = sample.hits, sample.calls
    assert lower_bound(hits, calls) <= lower_bound(hits * times, calls * times) + 1e-12
    assert upper_bound(hits, calls) >= upper_bound(hits * times, calls * times) - 1e-12
    if calls:
        assert lower_bound(hits, calls) <= hits / calls + 1e-12
        assert upper_bound(hits, calls) >= hits / calls - 1e-12


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_budget_pauses_when_the_last_attempt_has_left_and_lets_none_more_begin(
    limit: int, used: int, launching: int
) -> None:
    rules = PauseRules(budget=Budget(enabled=True, attempts=limit))
    spent = Spent(attempts=used, launching=launching)
    figures = Figures(running_since=SINCE, spent=spent)
    assert attempts_left(rules.budget, spent) == max(0, limit - used - launching)
    assert (verdict(rules, Price(), figures, NOW) is not None) is (used >= limit)


@given(
    st.decimals("0.01", "1000", places=2),
    st.decimals("0", "2000", places=4),
    st.integers(0, 100),
)
def test_a_spent_budget_in_money_lets_no_call_begin(
    limit: Decimal, cost: Decimal, attempts: int
) -> None:
    budget = Budget(enabled=True, cost=limit, attempts=100)
    left = attempts_left(budget, Spent(attempts=attempts, cost=cost))
    assert left == (0 if cost >= limit else 100 - attempts)
