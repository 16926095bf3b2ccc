"""Whole lives of leads: whatever the outcomes, they end, and never against the settings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from caesura.rules.campaign import CampaignSettings, Caps, Retry, RetryNumber
from caesura.rules.next_try import LeadFacts, LeadState, NextTry, next_try
from caesura.rules.outcome import Outcome

START = datetime(2026, 11, 23, 18, tzinfo=UTC)
REACHED = {Outcome.ANSWERED, Outcome.SENT, Outcome.DELIVERED}
INVALID = {Outcome.INVALID_NUMBER, Outcome.REJECTED}
outcomes = st.sampled_from(Outcome)
retries = st.builds(
    Retry,
    max=st.integers(0, 4),
    after_s=st.sampled_from([0, 60, 3600]),
    number=st.sampled_from(RetryNumber),
)
campaigns = st.builds(
    CampaignSettings,
    retries=st.dictionaries(outcomes, retries),
    caps=st.builds(Caps, per_lead=st.integers(1, 9)),
)
Step = tuple[LeadFacts, Outcome, datetime, NextTry]


def live(campaign: CampaignSettings, phones: int, fates: list[Outcome]) -> list[Step]:
    """One lead's attempts, each as soon as it is due, until it is done or the fates run out."""
    zones = tuple(f"zone {n}" for n in range(1, phones + 1))
    lead = LeadFacts(phone_index=1, zones=zones, attempts=0, tries={})
    now, steps = START, []
    for outcome in fates:
        decided = next_try(lead, outcome, campaign, now)
        steps.append((lead, outcome, now, decided))
        if decided.due_at is None:
            break
        now = decided.due_at
        lead = LeadFacts(decided.phone_index, zones, decided.attempts, decided.tries)
    return steps


lives = st.builds(live, campaigns, st.integers(1, 4), st.lists(outcomes, min_size=1, max_size=60))


@settings(deadline=None, max_examples=300)
@given(campaigns, st.integers(1, 4), st.lists(outcomes, min_size=1, max_size=60))
def test_no_lead_is_tried_more_often_than_its_cap(
    campaign: CampaignSettings, phones: int, fates: list[Outcome]
) -> None:
    steps = live(campaign, phones, fates)
    counted = sum(decided.counted for *_, decided in steps)
    assert counted <= campaign.caps.per_lead
    assert steps[-1][3].attempts == counted
    for outcome, retry in campaign.retries.items():
        if outcome not in {Outcome.CANCELLED} | INVALID | REACHED:
            assert sum(had is outcome for _, had, *_ in steps) <= retry.max + 1


@settings(deadline=None, max_examples=300)
@given(lives)
def test_a_decision_is_whole(steps: list[Step]) -> None:
    for lead, outcome, now, decided in steps:
        assert decided.result is outcome
        assert 1 <= decided.phone_index <= len(lead.zones)
        assert decided.zone == lead.zones[decided.phone_index - 1]
        assert (decided.state is LeadState.DONE) == (decided.due_at is None)
        if decided.due_at is not None:
            assert (decided.state is LeadState.DUE) == (decided.due_at == now)
            assert decided.due_at >= now


@settings(deadline=None, max_examples=300)
@given(lives)
def test_no_number_is_tried_after_it_was_found_invalid(steps: list[Step]) -> None:
    invalid: set[int] = set()
    for lead, outcome, _, _ in steps:
        assert lead.phone_index not in invalid
        if outcome in INVALID:
            invalid.add(lead.phone_index)


@settings(deadline=None, max_examples=300)
@given(lives)
def test_only_a_pause_leaves_the_caps_alone_and_it_loses_no_lead(steps: list[Step]) -> None:
    for lead, outcome, _, decided in steps:
        cancelled = outcome is Outcome.CANCELLED
        assert decided.counted is not cancelled
        assert decided.attempts == lead.attempts + (not cancelled)
        if cancelled:
            assert decided.state is not LeadState.DONE
        if outcome in REACHED:
            assert decided.state is LeadState.DONE


@settings(deadline=None, max_examples=300)
@given(campaigns, st.integers(1, 4), st.lists(outcomes, min_size=1, max_size=60))
def test_a_number_is_not_tried_again_before_its_outcomes_delay(
    campaign: CampaignSettings, phones: int, fates: list[Outcome]
) -> None:
    free_at: dict[int, datetime] = {}
    for lead, outcome, now, _ in live(campaign, phones, fates):
        assert now >= free_at.get(lead.phone_index, START)
        retry = campaign.retries.get(outcome)
        if retry is not None:
            free_at[lead.phone_index] = now + timedelta(seconds=retry.after_s)


@settings(deadline=None, max_examples=200)
@given(lives, outcomes)
def test_a_message_in_doubt_is_never_sent_again_and_one_not_taken_does_not_count(
    steps: list[Step], outcome: Outcome
) -> None:
    lead, _, now, _ = steps[-1]
    sms = CampaignSettings(channel="sms", retries={o: Retry(max=9, after_s=1) for o in Outcome})
    decided = next_try(lead, outcome, sms, now)
    if outcome in REACHED | {Outcome.UNKNOWN}:
        assert decided.state is LeadState.DONE
    not_taken = outcome in (Outcome.FAILED, Outcome.CONGESTION, Outcome.CANCELLED)
    assert decided.counted is not not_taken
