"""What becomes of a lead after an attempt, outcome by outcome."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caesura.rules.campaign import CampaignSettings, Caps, Retry, RetryNumber
from caesura.rules.next_try import (
    LeadFacts,
    LeadState,
    NextTry,
    after_receipt,
    awaits_receipts,
    next_try,
)
from caesura.rules.outcome import Outcome

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)
ZONES = ("America/Chicago", "America/New_York", "Europe/London")


def after(
    outcome: Outcome,
    settings: CampaignSettings | None = None,
    *,
    phone_index: int = 1,
    phones: int = 3,
    attempts: int = 0,
    tries: dict[str, int] | None = None,
) -> NextTry:
    lead = LeadFacts(phone_index, ZONES[:phones], attempts, tries or {})
    return next_try(lead, outcome, settings or CampaignSettings(), NOW)


def with_retry(outcome: Outcome, retry: Retry, **settings: object) -> CampaignSettings:
    return CampaignSettings.model_validate({"retries": {outcome: retry}, **settings})


def test_an_answered_lead_is_done() -> None:
    done = after(Outcome.ANSWERED)
    assert (done.state, done.due_at, done.result) == (LeadState.DONE, None, Outcome.ANSWERED)
    assert done.counted
    assert done.attempts == 1


def test_an_answered_lead_is_done_even_if_the_settings_name_a_retry() -> None:
    settings = with_retry(Outcome.ANSWERED, Retry())
    assert after(Outcome.ANSWERED, settings).state is LeadState.DONE


def test_a_busy_lead_waits_the_delay_of_its_outcome() -> None:
    settings = with_retry(Outcome.BUSY, Retry(max=3, after_s=900))
    waiting = after(Outcome.BUSY, settings)
    assert waiting.state is LeadState.WAITING
    assert waiting.due_at == NOW + timedelta(seconds=900)


@pytest.mark.parametrize(("before", "state"), [(0, "waiting"), (1, "waiting"), (2, "done")])
def test_there_are_as_many_retries_after_an_outcome_as_set(before: int, state: str) -> None:
    settings = with_retry(Outcome.BUSY, Retry(max=2))
    assert after(Outcome.BUSY, settings, tries={"busy": before}).state == state


def test_each_outcome_has_a_count_of_its_own() -> None:
    tries = {"busy": 3, "number:1": 3}
    next_one = after(Outcome.NO_ANSWER, tries=tries, attempts=3)
    assert next_one.state is LeadState.WAITING
    assert next_one.tries == {"busy": 3, "no_answer": 1, "number:1": 4}
    assert tries == {"busy": 3, "number:1": 3}


def test_an_outcome_without_a_retry_is_the_last() -> None:
    settings = CampaignSettings(retries={})
    for outcome in (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.UNKNOWN, Outcome.FAILED):
        assert after(outcome, settings).state is LeadState.DONE


def test_a_retry_without_delay_is_due_at_once() -> None:
    settings = with_retry(Outcome.BUSY, Retry(after_s=0))
    due = after(Outcome.BUSY, settings)
    assert (due.state, due.due_at) == (LeadState.DUE, NOW)


@pytest.mark.parametrize(("tried", "following"), [(1, 2), (2, 3), (3, 1)])
def test_the_next_number_is_taken_round_and_round_with_its_zone(tried: int, following: int) -> None:
    settings = with_retry(Outcome.NO_ANSWER, Retry(number=RetryNumber.NEXT))
    again = after(Outcome.NO_ANSWER, settings, phone_index=tried)
    assert (again.phone_index, again.zone) == (following, ZONES[following - 1])


def test_the_same_number_stays_with_its_zone() -> None:
    settings = with_retry(Outcome.NO_ANSWER, Retry(number=RetryNumber.SAME))
    again = after(Outcome.NO_ANSWER, settings, phone_index=2)
    assert (again.phone_index, again.zone) == (2, ZONES[1])


def test_the_next_number_of_a_contact_with_one_is_that_one() -> None:
    settings = with_retry(Outcome.NO_ANSWER, Retry(number=RetryNumber.NEXT))
    assert after(Outcome.NO_ANSWER, settings, phones=1).phone_index == 1


def test_the_next_number_skips_those_that_are_invalid() -> None:
    settings = with_retry(Outcome.NO_ANSWER, Retry(number=RetryNumber.NEXT))
    assert after(Outcome.NO_ANSWER, settings, tries={"invalid:2": 1}).phone_index == 3


def test_the_cap_of_a_lead_ends_it() -> None:
    settings = CampaignSettings(caps=Caps(per_lead=3))
    assert after(Outcome.BUSY, settings, attempts=1).state is LeadState.WAITING
    assert after(Outcome.BUSY, settings, attempts=2).state is LeadState.DONE


# --------------------------------------------------------------------------------- cancelled


def test_a_cancelled_call_does_not_count_and_comes_back_to_the_same_number() -> None:
    again = after(Outcome.CANCELLED, phone_index=2, attempts=7)  # the next counted one is the last
    assert not again.counted
    assert again.attempts == 7
    assert again.state is LeadState.WAITING
    assert again.due_at == NOW + timedelta(seconds=900)
    assert again.phone_index == 2


@pytest.mark.parametrize("retries", [{}, {Outcome.CANCELLED: Retry(max=0)}])
def test_no_setting_and_no_number_of_pauses_loses_a_cancelled_lead(
    retries: dict[Outcome, Retry],
) -> None:
    settings = CampaignSettings(retries=retries)
    again = after(Outcome.CANCELLED, settings, tries={"cancelled": 500}, attempts=1)
    assert again.state is LeadState.WAITING


def test_an_unknown_outcome_counts_and_waits_its_gap() -> None:
    again = after(Outcome.UNKNOWN)
    assert again.counted
    assert again.due_at == NOW + timedelta(seconds=3600)


# ----------------------------------------------------------------------------- invalid number


def test_after_an_invalid_number_the_next_untried_one_is_due_at_once() -> None:
    again = after(Outcome.INVALID_NUMBER)
    assert (again.state, again.due_at) == (LeadState.DUE, NOW)
    assert (again.phone_index, again.zone) == (2, ZONES[1])
    assert again.tries == {"invalid_number": 1, "number:1": 1, "invalid:1": 1}


def test_an_invalid_only_number_is_the_end() -> None:
    done = after(Outcome.INVALID_NUMBER, phones=1)
    assert (done.state, done.result) == (LeadState.DONE, Outcome.INVALID_NUMBER)


def test_when_every_number_is_invalid_the_lead_is_done() -> None:
    tries = {"invalid_number": 2, "number:1": 1, "invalid:1": 1, "number:2": 1, "invalid:2": 1}
    done = after(Outcome.INVALID_NUMBER, phone_index=3, tries=tries, attempts=2)
    assert done.state is LeadState.DONE


def test_after_an_invalid_number_one_that_was_tried_keeps_its_delay() -> None:
    tries = {"no_answer": 1, "number:1": 1}
    again = after(Outcome.INVALID_NUMBER, phone_index=2, phones=2, tries=tries, attempts=1)
    assert (again.state, again.phone_index) == (LeadState.WAITING, 1)
    assert again.due_at == NOW + timedelta(hours=4)


def test_after_an_invalid_number_the_longest_delay_earned_so_far_counts() -> None:
    tries = {"busy": 1, "no_answer": 1, "number:1": 2}  # 15 minutes and 4 hours
    again = after(Outcome.INVALID_NUMBER, phone_index=2, phones=2, tries=tries, attempts=2)
    assert again.due_at == NOW + timedelta(hours=4)


def test_after_an_invalid_number_one_whose_retries_are_used_up_is_not_tried() -> None:
    tries = {"no_answer": 4, "number:1": 4}
    done = after(Outcome.INVALID_NUMBER, phone_index=2, phones=2, tries=tries, attempts=4)
    assert done.state is LeadState.DONE


def test_the_cap_holds_for_the_next_number_too() -> None:
    settings = CampaignSettings(caps=Caps(per_lead=1))
    assert after(Outcome.INVALID_NUMBER, settings).state is LeadState.DONE


# ---------------------------------------------------------------- messages

SMS = {"channel": "sms", "text": {"template": "Hi"}}


@pytest.mark.parametrize(("outcome", "gap_s"), [(Outcome.FAILED, 30), (Outcome.CONGESTION, 60)])
def test_what_the_provider_alone_is_to_blame_for_never_uses_up_a_lead(
    outcome: Outcome, gap_s: int
) -> None:
    settings = with_retry(outcome, Retry(max=1, after_s=60), **SMS)
    lead = LeadFacts(2, ZONES, 1, {outcome.value: 50, "busy": 1})
    again = next_try(lead, outcome, settings, NOW, blameless=True)
    assert (again.state, again.phone_index) == (LeadState.WAITING, 2)
    assert again.due_at == NOW + timedelta(seconds=gap_s)
    assert (again.counted, again.attempts, again.tries) == (False, 1, lead.tries)


def test_it_comes_back_also_where_no_retry_is_set() -> None:
    settings = with_retry(Outcome.BUSY, Retry(), **SMS)
    lead = LeadFacts(1, ZONES, 0, {})
    again = next_try(lead, Outcome.CONGESTION, settings, NOW, blameless=True)
    assert again.due_at == NOW + timedelta(seconds=900)


def sent_lead(phone_index: int = 1, phones: int = 3, **tries: int) -> LeadFacts:
    """Done, its message taken by the provider."""
    so_far = {"sent": 1, f"number:{phone_index}": 1, **tries}
    return LeadFacts(phone_index, ZONES[:phones], so_far["sent"], so_far)


def test_a_message_that_was_not_delivered_is_sent_again_as_the_settings_say() -> None:
    settings = with_retry(Outcome.UNDELIVERED, Retry(max=1, after_s=7200), **SMS)
    again = after_receipt(sent_lead(), Outcome.UNDELIVERED, settings, NOW)
    assert (again.state, again.due_at) == (LeadState.WAITING, NOW + timedelta(hours=2))
    assert (again.phone_index, again.zone) == (2, ZONES[1])
    # One attempt, which came to one thing.
    assert (again.attempts, again.tries) == (1, {"undelivered": 1, "number:1": 1})


@pytest.mark.parametrize("outcome", [Outcome.UNDELIVERED, Outcome.EXPIRED])
def test_without_a_retry_for_it_a_lead_stays_done(outcome: Outcome) -> None:
    settings = CampaignSettings.model_validate(SMS)
    assert after_receipt(sent_lead(), outcome, settings, NOW).state is LeadState.DONE


def test_there_are_as_many_retries_after_receipts_as_set() -> None:
    settings = with_retry(Outcome.EXPIRED, Retry(max=2), **SMS)
    second = after_receipt(sent_lead(expired=1), Outcome.EXPIRED, settings, NOW)
    third = after_receipt(sent_lead(expired=2), Outcome.EXPIRED, settings, NOW)
    assert (second.state, third.state) == (LeadState.WAITING, LeadState.DONE)


def test_the_cap_per_lead_holds_for_what_is_sent_again() -> None:
    settings = with_retry(Outcome.EXPIRED, Retry(max=9), **SMS, caps=Caps(per_lead=1))
    assert after_receipt(sent_lead(), Outcome.EXPIRED, settings, NOW).state is LeadState.DONE


def test_a_number_that_the_network_refuses_makes_way_for_the_next_at_once() -> None:
    settings = CampaignSettings.model_validate(SMS)
    again = after_receipt(sent_lead(), Outcome.REJECTED, settings, NOW)
    assert (again.state, again.due_at, again.phone_index) == (LeadState.DUE, NOW, 2)
    last = after_receipt(sent_lead(phones=1), Outcome.REJECTED, settings, NOW)
    assert last.state is LeadState.DONE


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.UNKNOWN])
def test_neither_what_arrived_nor_what_is_in_doubt_is_sent_again(outcome: Outcome) -> None:
    settings = with_retry(outcome, Retry(), **SMS)
    assert after_receipt(sent_lead(), outcome, settings, NOW).state is LeadState.DONE


@pytest.mark.parametrize(
    ("more", "waits"),
    [
        ({"retries": {"undelivered": {}}}, True),
        ({"retries": {"expired": {"max": 1}}}, True),
        ({"retries": {"expired": {"max": 0}}}, False),
        ({}, False),
        ({"retries": {"expired": {}}, "channel": "email"}, False),  # has no receipts
        ({"retries": {"expired": {}}, "channel": "voice"}, False),
        ({"retries": {"expired": {}}, "text": {"template": "Hi", "receipts": False}}, False),
    ],
)
def test_receipts_are_awaited_where_one_can_bring_a_lead_back(
    more: dict[str, object], waits: bool
) -> None:
    assert awaits_receipts(CampaignSettings.model_validate({**SMS, **more})) is waits
