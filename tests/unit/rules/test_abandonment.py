"""The two ledgers, the two formulas, and the price of a risk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from caesura.rules.pacing.abandonment import Answers, Budget, Ledger

MONDAY = date(2026, 3, 2)


def test_the_us_rate_counts_everybody_who_answered() -> None:
    answers = Answers(answered=100, connected=95, abandoned=3)  # two hung up on their own
    assert answers.us_rate == 0.03


def test_the_uk_rate_leaves_out_who_hung_up_and_counts_doubtful_machines() -> None:
    answers = Answers(answered=100, connected=95, abandoned=3, unsure=2)
    assert answers.uk_rate == 5 / 100
    assert Answers(answered=100, connected=97, abandoned=3).uk_rate == 3 / 100


def test_there_is_no_rate_of_nothing() -> None:
    assert Answers().us_rate is None
    assert Answers().uk_rate is None


def test_the_slack_is_what_the_stricter_formula_leaves() -> None:
    answers = Answers(answered=1000, connected=900, abandoned=20)
    assert answers.slack(0.03) == pytest.approx(0.03 * 920 - 20)
    assert Answers(answered=100, connected=96, abandoned=4).slack(0.03) == pytest.approx(-1.0)


def test_the_window_holds_thirty_days_and_the_day_only_itself() -> None:
    ledger = Ledger()
    for days in range(40):
        ledger.add(MONDAY + timedelta(days=days), Answers(answered=10, connected=10))
    last = MONDAY + timedelta(days=39)
    assert ledger.of_day(last).answered == 10
    assert ledger.of_window(last).answered == 300
    assert ledger.of_day(last + timedelta(days=1)) == Answers()
    assert ledger.of_window(last + timedelta(days=1)).answered == 290


def test_a_day_is_added_up_and_never_goes_back() -> None:
    ledger = Ledger()
    ledger.add(MONDAY, Answers(answered=1, connected=1))
    ledger.add(MONDAY, Answers(answered=1, abandoned=1))
    assert ledger.of_day(MONDAY) == Answers(answered=2, connected=1, abandoned=1)
    with pytest.raises(ValueError, match="before"):
        ledger.add(MONDAY - timedelta(days=1), Answers())


def test_a_good_month_does_not_buy_a_bad_day() -> None:
    ledger = Ledger()
    ledger.add(MONDAY, Answers(answered=10_000, connected=10_000))
    today = MONDAY + timedelta(days=1)
    ledger.add(today, Answers(answered=100, connected=96, abandoned=4))
    assert ledger.budget(today, 0.03).slack == pytest.approx(-1.0)
    assert ledger.budget(today, 0.03).price(0.0) == 0.0


def test_a_bad_month_is_paid_back_before_anybody_is_risked() -> None:
    ledger = Ledger()
    ledger.add(MONDAY, Answers(answered=1000, connected=950, abandoned=50))
    today = MONDAY + timedelta(days=1)
    ledger.add(today, Answers(answered=100, connected=100))
    assert ledger.budget(today, 0.03).price(0.0) == 0.0


def test_next_to_nothing_is_risked_before_one_abandoned_call_could_be_borne() -> None:
    for answered in (0, 33):
        day = Answers(answered=answered, connected=answered)
        assert Budget(0.03, (day,)).price(0.0) == pytest.approx(0.003)
    assert Budget(0.03, (Answers(answered=80, connected=80),)).price(0.0) > 0.01
    assert Budget(0.03, ()).price(0.0) == 0.0


def test_the_price_falls_with_what_is_lost_and_what_may_be_lost_of_the_calls_under_way() -> None:
    def price(abandoned: int, coming: float) -> float:
        answers = Answers(answered=2000, connected=2000 - abandoned, abandoned=abandoned)
        return Budget(0.03, (answers,)).price(coming)

    prices = [price(abandoned, 0.0) for abandoned in range(0, 62, 2)]
    assert prices == sorted(prices, reverse=True)
    assert prices[0] == pytest.approx(0.3)
    assert price(50, 0.0) > price(50, 4.0) > 0.003
    assert price(59, 0.0) == price(60, 0.0) == pytest.approx(0.003)
    assert price(61, 0.0) == 0.0
