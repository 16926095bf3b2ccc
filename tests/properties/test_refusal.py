"""The order of severity, and what `again_at` promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.rules.activity_hours import ActivityHours, is_open
from caesura.rules.campaign import CampaignSettings, Caps
from caesura.rules.refusal import Question, Refusal, refusal

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
moments = st.integers(-40 * 86400, 40 * 86400).map(lambda s: NOW + timedelta(seconds=s))
zones = st.sampled_from(
    ["America/Chicago", "Asia/Kolkata", "America/New_York|America/Los_Angeles", "UTC"]
)
caps = st.builds(
    Caps,
    per_lead=st.integers(1, 4),
    per_number_day=st.integers(1, 4),
    per_number_7_days=st.integers(1, 4),
)


@st.composite
def campaigns(draw: st.DrawFn) -> CampaignSettings:
    start, end = sorted(draw(st.tuples(moments, moments)))
    return CampaignSettings(
        caps=draw(caps),
        starts_at=draw(st.none() | st.just(start)),
        ends_at=draw(st.none() | st.just(end + timedelta(seconds=1))),
        hours=draw(st.sampled_from([ActivityHours(), ActivityHours(always=True)])),
    )


@st.composite
def questions(draw: st.DrawFn, now: datetime) -> Question:
    """The counts and the oldest of each window belong together, as the store finds them."""
    ages = sorted(draw(st.lists(st.integers(0, 7 * 86400 - 1), max_size=6)))
    in_day = [age for age in ages if age < 86400]
    return Question(
        zone=draw(zones),
        attempts=draw(st.integers(0, 5)),
        do_not_call=draw(st.sampled_from([False, False, False, True])),
        invalid_number=draw(st.sampled_from([False, False, False, True])),
        part_paused=draw(st.sampled_from([False, False, False, True])),
        number_attempts_day=len(in_day),
        number_attempts_7_days=len(ages),
        oldest_in_day=now - timedelta(seconds=in_day[-1]) if in_day else None,
        oldest_in_7_days=now - timedelta(seconds=ages[-1]) if ages else None,
    )


def standing(question: Question, campaign: CampaignSettings, now: datetime) -> set[Refusal]:
    """Every reason that holds, each judged alone."""
    holds = {
        Refusal.DO_NOT_CALL: question.do_not_call,
        Refusal.INVALID_NUMBER: question.invalid_number,
        Refusal.TOO_MANY_ATTEMPTS: question.attempts >= campaign.caps.per_lead,
        Refusal.PART_PAUSED: question.part_paused,
        Refusal.OUTSIDE_DATES: not (
            (campaign.starts_at or now) <= now < (campaign.ends_at or now + timedelta(1))
        ),
        Refusal.OUTSIDE_HOURS: not is_open(campaign.hours, question.zone, now),
        Refusal.NUMBER_CAP_DAY: question.number_attempts_day >= campaign.caps.per_number_day,
        Refusal.NUMBER_CAP_7_DAYS: (
            question.number_attempts_7_days >= campaign.caps.per_number_7_days
        ),
    }
    assert set(holds) == set(Refusal)
    return {reason for reason, held in holds.items() if held}


@settings(deadline=None, max_examples=300)
@given(st.data(), campaigns(), moments)
def test_the_first_reason_in_the_order_of_severity_wins(
    data: st.DataObject, campaign: CampaignSettings, now: datetime
) -> None:
    question = data.draw(questions(now))
    reasons = standing(question, campaign, now)
    refused = refusal(question, campaign, now)
    if refused is None:
        assert not reasons
    else:
        assert refused.reason is next(reason for reason in Refusal if reason in reasons)


@settings(deadline=None, max_examples=300)
@given(st.data(), campaigns(), moments)
def test_it_is_never_or_later_that_a_refused_lead_is_asked_again(
    data: st.DataObject, campaign: CampaignSettings, now: datetime
) -> None:
    refused = refusal(data.draw(questions(now)), campaign, now)
    if refused is None:
        return
    if refused.again_at is None:
        assert refused.reason in list(Refusal)[:4]
    else:
        assert refused.reason in list(Refusal)[4:]
        assert refused.again_at > now


@settings(deadline=None, max_examples=200)
@given(st.data(), campaigns(), moments)
def test_whoever_waits_as_told_is_reached_or_excluded_in_the_end(
    data: st.DataObject, campaign: CampaignSettings, now: datetime
) -> None:
    campaign = campaign.model_copy(update={"ends_at": None})
    question = data.draw(questions(now))
    for _ in range(20):
        refused = refusal(question, campaign, now)
        if refused is None or refused.again_at is None:
            return
        now = refused.again_at
        # Meanwhile nothing else called the number: old attempts leave their windows one by one,
        # and the next oldest is at most as old as the one that left.
        if refused.reason is Refusal.NUMBER_CAP_DAY:
            left = question.number_attempts_day - 1
            question = replace(question, number_attempts_day=left, oldest_in_day=now)
        elif refused.reason is Refusal.NUMBER_CAP_7_DAYS:
            left = question.number_attempts_7_days - 1
            question = replace(question, number_attempts_7_days=left, oldest_in_7_days=now)
    raise AssertionError(f"still refused at {now}: {refused}")
