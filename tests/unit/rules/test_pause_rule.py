"""Each rule at its edge, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from caesura.rules.campaign import CampaignSettings
from caesura.rules.pause_rule import (
    Abandoned,
    Figures,
    Rule,
    Share,
    Spent,
    Standing,
    attempts_left,
    last_midnight,
    next_midnight,
    standings,
    verdict,
)
from caesura.rules.pause_rule_settings import (
    Abandonment,
    AnswerRate,
    Budget,
    CarrierFailures,
    NoAgents,
    PauseRules,
)
from caesura.rules.price import Price, call_cost
from caesura.rules.providers_down import Down

NOW = datetime(2026, 11, 25, 14, 7, 30, tzinfo=UTC)
STARTED = NOW - timedelta(days=40)
OFF = PauseRules(
    abandonment=Abandonment(enabled=False), carrier_failures=CarrierFailures(enabled=False)
)


def share(hits: int, calls: int, minutes: float = 5.5) -> Share:
    return Share(hits, calls, NOW - timedelta(minutes=minutes))


def abandoned(month: Share, fresh: Share | None = None) -> Abandoned:
    none = share(0, 0)
    return Abandoned(month=month, month_fresh=fresh or month, day=none, day_fresh=none)


def fired(rules: PauseRules, price: Price | None = None, **figures: Any) -> Standing | None:
    found = Figures(running_since=STARTED, **figures)
    return verdict(rules, price or Price(), found, NOW)


def test_failing_calls_pause_and_say_how_many() -> None:
    one = fired(PauseRules(), ended=share(62, 100))
    assert one is not None
    assert one.evidence.rule is Rule.CARRIER_FAILURES
    assert Rule.CARRIER_FAILURES.actor == "rule: carrier failures"
    assert one.evidence.sentence == "62 of 100 calls in the last 5 minutes failed, allowed 30%"
    assert one.evidence.bound == pytest.approx(0.4659, abs=1e-4)
    assert (one.evidence.share, one.evidence.allowed, one.evidence.calls_min) == (0.62, 0.3, 50)


def test_a_share_above_the_threshold_that_may_be_chance_does_not_pause() -> None:
    assert fired(PauseRules(), ended=share(40, 100)) is None
    assert fired(PauseRules(), ended=share(400, 1000)) is not None


def test_three_failing_calls_do_not_pause() -> None:
    assert fired(PauseRules(), ended=share(3, 3)) is None
    assert fired(PauseRules(), ended=share(49, 49)) is None
    assert fired(PauseRules(), ended=share(50, 50)) is not None


def test_one_trunk_of_several_pauses_by_its_name() -> None:
    trunks = {"east": share(2, 400), "west": share(60, 70)}
    one = fired(PauseRules(), ended=share(62, 470, 0.6), ended_by_trunk=trunks)
    assert one is not None
    assert one.evidence.trunk == "west"
    assert "60 of 70 calls through west in the last 5 minutes failed" in one.evidence.sentence


def test_abandonment_is_judged_by_its_share_over_thirty_days() -> None:
    month = share(31, 1000, 30 * 1440)
    one = fired(PauseRules(), abandoned=abandoned(month))
    assert one is not None
    assert one.evidence.sentence == (
        "31 of 1,000 calls that were picked up in the last 30 days were abandoned, allowed 3%"
    )
    month = share(30, 1000, 30 * 1440)
    assert fired(PauseRules(), abandoned=abandoned(month)) is None


def test_after_a_resume_abandonment_pauses_again_only_if_it_goes_on() -> None:
    month = share(80, 2000, 30 * 1440)
    for fresh, again in ((share(20, 199), False), (share(6, 400), False), (share(20, 400), True)):
        one = fired(PauseRules(), abandoned=abandoned(month, fresh))
        assert (one is not None) is again


def test_abandonment_can_be_limited_for_each_day() -> None:
    rules = PauseRules(abandonment=Abandonment(day_share_max=0.05))
    day, month = share(11, 200, 1440), share(11, 2000, 30 * 1440)
    figures = Abandoned(month=month, month_fresh=month, day=day, day_fresh=day)
    assert fired(PauseRules(), abandoned=figures) is None
    one = fired(rules, abandoned=figures)
    assert one is not None
    assert "in the last 24 hours" in one.evidence.sentence


def test_a_collapse_of_the_answer_rate_pauses_and_ordinary_variation_does_not() -> None:
    rules = OFF.model_copy(update={"answer_rate": AnswerRate(enabled=True)})
    before = share(600, 2000, 65)
    assert fired(rules, answers=share(40, 200), answers_before=before) is None  # 20% after 30%
    assert fired(rules, answers=share(1, 99), answers_before=before) is None
    assert fired(rules, answers=share(1, 200), answers_before=share(30, 99)) is None
    one = fired(rules, answers=share(6, 200), answers_before=before)
    assert one is not None
    assert one.evidence.sentence == (
        "3% of 200 calls in the last 5 minutes were answered, 30% in the hour before, to be kept "
        "50% of it"
    )


def test_without_agents_it_pauses_after_the_time_that_is_set() -> None:
    rules = OFF.model_copy(update={"no_agents": NoAgents(enabled=True, for_s=60)})
    gone = NOW - timedelta(seconds=75)
    assert fired(rules, agents_available=None) is None  # a campaign without agents
    assert fired(rules, agents_available=1) is None
    assert fired(rules, agents_available=0, agents_none_since=NOW) is None
    one = fired(rules, agents_available=0, agents_none_since=gone)
    assert one is not None
    assert one.evidence.sentence == ("no agent has been available for 1 minute, allowed 1 minute")
    resumed = Figures(
        running_since=NOW - timedelta(seconds=5), agents_available=0, agents_none_since=gone
    )
    assert verdict(rules, Price(), resumed, NOW) is None


def test_a_budget_of_attempts_pauses_when_it_is_used_up_and_not_before() -> None:
    rules = OFF.model_copy(update={"budget": Budget(enabled=True, attempts=1000)})
    assert fired(rules, spent=Spent(attempts=999)) is None
    one = fired(rules, spent=Spent(attempts=1000, in_flight=7))
    assert one is not None
    assert one.evidence.sentence == "1,000 of 1,000 attempts made"
    assert (one.evidence.in_flight, one.until) == (7, None)


def test_a_days_budget_pauses_until_the_next_midnight_of_its_zone() -> None:
    budget = Budget(enabled=True, cost_day=Decimal(50), day_zone="America/New_York")
    price = Price(per_minute=Decimal("0.02"), currency="USD")
    rules = OFF.model_copy(update={"budget": budget})
    one = fired(rules, price, spent=Spent(cost_day=Decimal("50.018")))
    assert one is not None
    assert one.evidence.sentence == "50.02 USD of 50.00 USD spent today"
    assert one.until == datetime(2026, 11, 26, 5, tzinfo=UTC)
    stays = rules.model_copy(
        update={"budget": budget.model_copy(update={"resume_next_day": False})}
    )
    one = fired(stays, price, spent=Spent(cost_day=Decimal(51)))
    assert one is not None
    assert one.until is None


def test_a_day_may_have_23_or_25_hours() -> None:
    for date, hours in ((datetime(2026, 3, 29, 12, tzinfo=UTC), 23), (NOW, 24)):
        begun, ends = last_midnight("Europe/Berlin", date), next_midnight("Europe/Berlin", date)
        assert ends - begun == timedelta(hours=hours)


def test_the_attempts_that_are_left_are_the_least_of_all_limits() -> None:
    budget = Budget(enabled=True, attempts=1000, attempts_day=100, cost=Decimal(10))
    assert attempts_left(budget, Spent(attempts=950, attempts_day=40)) == 50
    assert attempts_left(budget, Spent(attempts=10, attempts_day=101)) == 0
    assert attempts_left(budget, Spent(cost=Decimal(10))) == 0
    assert attempts_left(Budget(attempts=3), Spent(attempts=5)) is None
    assert attempts_left(Budget(enabled=True, cost=Decimal(10)), Spent()) is None


@pytest.mark.parametrize(
    ("talk_ms", "cost"), [(None, "0.01"), (0, "0.01"), (1, "0.02"), (6000, "0.02"), (6001, "0.03")]
)
def test_a_started_increment_is_paid_in_full(talk_ms: int | None, cost: str) -> None:
    price = Price(per_attempt=Decimal("0.01"), per_minute=Decimal("0.1"), increment_s=6)
    assert call_cost(price, talk_ms) == Decimal(cost)


def test_a_rule_that_is_off_says_nothing() -> None:
    off = Figures(
        running_since=STARTED,
        ended=share(100, 100),
        abandoned=abandoned(share(500, 500)),
        spent=Spent(attempts=5),
    )
    assert list(standings(OFF, Price(), off, NOW)) == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"pause_rules": {"carrier_failures": {"share_max": 0}}}, "carrier_failures.share_max"),
        ({"pause_rules": {"carrier_failures": {"calls_min": 3}}}, "carrier_failures.calls_min"),
        ({"pause_rules": {"budget": {"enabled": True}}}, "name a limit"),
        (
            {"pause_rules": {"budget": {"enabled": True, "cost": "10"}}},
            "a budget in money needs a price",
        ),
        ({"pause_rules": {"budget": {"day_zone": "Mars"}}}, "is no IANA time zone"),
        ({"pause_rules": {"moon_phase": {}}}, "pause_rules.moon_phase"),
        ({"price": {"currency": "euro"}}, "price.currency"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(settings: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CampaignSettings.model_validate(settings)
    assert named in str(refused.value)


# ----------------------------------------------------------- providers down


def test_providers_that_are_down_for_long_pause_and_say_what_to_do() -> None:
    went = NOW - timedelta(seconds=75)
    one = fired(PauseRules(), providers=Down(went, "acme: It refused the password"))
    assert one is not None
    assert Rule.PROVIDERS_DOWN.actor == "rule: providers down"
    assert one.evidence.sentence == (
        "no provider could be used for 1 minute, allowed 1 minute (acme: It refused the password); "
        "no lead was used up: resume when that is put right"
    )
    assert (one.evidence.since, one.evidence.seconds, one.evidence.seconds_allowed) == (
        went,
        75,
        60,
    )


@pytest.mark.parametrize(
    ("down_s", "running_s", "pauses"), [(60, 600, True), (59, 600, False), (600, 59, False)]
)
def test_a_short_outage_and_a_fresh_resume_are_given_their_time(
    down_s: float, running_s: float, pauses: bool
) -> None:
    figures = Figures(
        running_since=NOW - timedelta(seconds=running_s),
        providers=Down(NOW - timedelta(seconds=down_s), "acme: No answer"),
    )
    assert (verdict(PauseRules(), Price(), figures, NOW) is not None) is pauses


def test_a_provider_that_can_be_used_and_a_campaign_that_calls_do_not_pause() -> None:
    assert fired(PauseRules(), providers=Down()) is None
    (standing,) = [
        each
        for each in standings(
            PauseRules(), Price(), Figures(running_since=STARTED, providers=Down()), NOW
        )
        if each.evidence.rule is Rule.PROVIDERS_DOWN
    ]
    assert standing.evidence.sentence == "a provider can be used, or no message is due"
    found = standings(PauseRules(), Price(), Figures(running_since=STARTED), NOW)
    assert Rule.PROVIDERS_DOWN not in [each.evidence.rule for each in found]


def test_messages_are_not_called_calls() -> None:
    one = fired(PauseRules(), ended=share(62, 100), noun="messages")
    assert one is not None
    assert one.evidence.sentence.startswith("62 of 100 messages in the last 5 minutes failed")
    assert one.evidence.noun == "messages"
