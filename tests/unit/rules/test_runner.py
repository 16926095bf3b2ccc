"""The ordinary stories of a campaign on one cell, one in each test."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from caesura.rules.call import CallPhase, Launch, Progress
from caesura.rules.calls import InFlight
from caesura.rules.campaign import CampaignSettings, Drain, FixedPacing, KeyMeaning, Message
from caesura.rules.claim import ClaimedLead, NumberFacts, Tally
from caesura.rules.command import (
    Cancel,
    Claim,
    CloseStream,
    Dial,
    HangUp,
    Listen,
    OptOut,
    PlayMessage,
    Prepare,
    Release,
    StopPlaying,
    StoreEnd,
    StoreNotLaunched,
    StoreProgress,
    StorePutOff,
)
from caesura.rules.moment import Moment
from caesura.rules.next_try import LeadState
from caesura.rules.outcome import Outcome
from caesura.rules.part import Hold, Part, Scope
from caesura.rules.runner import Runner

CHICAGO, PARIS = "America/Chicago", "Europe/Paris"
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # a Monday: 10:00 in Chicago, 17:00 in Paris
DUE = Tally({"due": {CHICAGO: 50}})
A = UUID(int=1)
SETTINGS = CampaignSettings(
    message=Message(recording="hello", keys={"1": KeyMeaning.CONFIRM, "9": KeyMeaning.OPT_OUT}),
    calling_numbers=["+13125550000", "+13125550001"],
    pacing=FixedPacing(concurrency=3),
)


def at(seconds: float = 0) -> Moment:
    return Moment(T0 + timedelta(seconds=seconds), 1000 + seconds)


def lead(number: int, *, zone: str = CHICAGO, attempts: int = 0) -> ClaimedLead:
    return ClaimedLead(number, (f"+1312{number:07d}",), (zone,), 1, attempts, {})


def runner(settings: CampaignSettings = SETTINGS) -> Runner:
    """With its gate open, in epoch 2."""
    made = Runner(7, settings)
    assert made.gate_opened(2, at()) == []
    return made


def dialling(number: int = 1, settings: CampaignSettings = SETTINGS) -> Runner:
    """A runner with so many calls under way: attempts 1, 2, … of leads 1, 2, …"""
    made = runner(settings)
    made.tick(at(), 0, DUE)
    leads = [lead(n) for n in range(1, number + 1)]
    made.claimed(leads, {}, at())
    (prepare,) = made.tick(at(), number, Tally())
    assert isinstance(prepare, Prepare)
    launches = launches_of(prepare.leads)
    assert made.journalled(launches, prepare.leads, 2) == [Dial(one) for one in launches]
    return made


def launches_of(leads: Sequence[ClaimedLead]) -> list[Launch]:
    return [Launch(UUID(int=one.id), one.id, one.phone, "+13125550000") for one in leads]


def talking() -> Runner:
    made = dialling()
    made.dialled(A, "carrier", "id", at(1))
    made.ringing(A, at(2))
    made.answered(A, at(8))
    return made


def end(made: Runner, seconds: float, **how: Any) -> list[Any]:
    told: dict[str, Any] = {
        "by": "callee",
        "sip_status": 200,
        "q850_cause": None,
        "reason": "",
        "answered_while_cancelled": False,
    } | how
    return list(made.ended(A, at(seconds), **told))


# ------------------------------------------------------------- claiming


def test_a_runner_without_a_lease_does_nothing() -> None:
    made = Runner(7, SETTINGS)
    assert made.tick(at(), 100, DUE) == []
    assert made.idle


def test_it_claims_a_little_ahead_where_the_hours_are_open() -> None:
    tally = Tally({"due": {CHICAGO: 5, "Asia/Tokyo": 9}, "waiting": {PARIS: 3}})
    assert runner().tick(at(), 3, tally) == [Claim((CHICAGO,), 4)]


def test_it_asks_for_leads_once_at_a_time() -> None:
    made = runner()
    assert made.tick(at(), 3, DUE) != []
    assert made.tick(at(1), 3, DUE) == []
    assert made.claimed((), {}, at(2)) == []
    assert made.tick(at(2), 3, DUE) == [Claim((CHICAGO,), 4)]


def test_it_claims_nothing_where_nothing_is_due_or_open() -> None:
    assert runner().tick(at(), 3, Tally({"due": {"Asia/Tokyo": 9}})) == []
    assert runner().tick(at(), 3, Tally({"waiting": {CHICAGO: 9}})) == []


@pytest.mark.parametrize(
    "dates", [{"starts_at": T0 + timedelta(1)}, {"ends_at": T0}], ids=["early", "late"]
)
def test_it_claims_nothing_outside_its_dates(dates: dict[str, datetime]) -> None:
    assert runner(SETTINGS.model_copy(update=dates)).tick(at(), 3, DUE) == []


def test_leads_that_may_not_be_reached_are_put_off() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    never, tomorrow, tired = lead(1), lead(2, zone="Asia/Tokyo"), lead(3, attempts=8)
    facts = {never.phone: NumberFacts(True, 0, 0, None, None)}
    (told,) = made.claimed([never, tomorrow, tired, lead(4)], facts, at())
    assert isinstance(told, StorePutOff)
    assert [(one.lead, one.reason) for one in told.refused] == [
        (1, "do_not_call"),
        (2, "outside_hours"),
        (3, "too_many_attempts"),
    ]
    assert [one.again_at is None for one in told.refused] == [True, False, True]
    assert made.leads_held == [4]


def test_two_leads_with_one_number_count_for_each_other() -> None:
    made = runner()
    same = [ClaimedLead(n, ("+13125551234",), (CHICAGO,), 1, 0, {}) for n in range(1, 5)]
    facts = {"+13125551234": NumberFacts(False, 1, 1, T0, T0)}
    allowed, refused = made.recheck(same, facts, T0)
    assert [one.id for one in allowed] == [1, 2], "three a day, and one was this morning"
    assert [one.reason for one in refused] == ["number_cap_day"] * 2


def test_leads_that_come_after_the_gate_shut_go_back() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.gate_shut(Drain.LET_RING, at(1))
    assert made.claimed([lead(1), lead(2)], {}, at(2)) == [Release((1, 2))]


def test_a_lead_claimed_anew_is_not_taken_twice() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1)], {}, at())
    made.tick(at(1), 0, DUE)
    made.claimed([lead(1), lead(2)], {}, at(1))
    assert made.leads_held == [1, 2]


# ------------------------------------------------------------- launching


def test_calls_start_up_to_the_concurrency() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(n) for n in range(1, 5)], {}, at())
    assert made.tick(at(), 99, Tally()) == [Prepare((lead(1), lead(2), lead(3)))]
    assert made.tick(at(1), 99, Tally()) == []
    assert made.preparing == 3


def test_calls_start_only_as_the_trunks_have_room() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1), lead(2)], {}, at())
    assert made.tick(at(), 1, Tally()) == [Prepare((lead(1),))]


def test_cells_share_the_concurrency() -> None:
    made = runner()
    made.shared(2, 1)
    made.tick(at(), 0, DUE)
    made.claimed([lead(1), lead(2), lead(3)], {}, at())
    assert made.tick(at(), 99, Tally()) == [Prepare((lead(1),))]


def test_what_was_journalled_is_dialled() -> None:
    made = dialling(2)
    assert made.attempts == [UUID(int=1), UUID(int=2)]
    assert made.in_flight == InFlight(ringing=2, talking=0)


def test_what_was_journalled_while_the_gate_shut_is_undone() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1)], {}, at())
    made.tick(at(), 1, Tally())
    made.gate_shut(Drain.LET_RING, at(1))
    assert made.journalled(launches_of([lead(1)]), [lead(1)], 2) == [StoreNotLaunched(A)]
    assert made.idle


def test_what_was_journalled_in_one_epoch_is_not_dialled_in_another() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1)], {}, at())
    made.tick(at(), 1, Tally())
    made.gate_shut(Drain.LET_RING, at(1))
    made.gate_opened(5, at(2))
    assert made.journalled(launches_of([lead(1)]), [lead(1)], 2) == [StoreNotLaunched(A)]


def test_what_could_not_be_journalled_goes_back() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1), lead(2)], {}, at())
    (prepare,) = made.tick(at(), 2, Tally())
    assert isinstance(prepare, Prepare)
    assert made.not_journalled(prepare.leads) == [Release((1, 2))]
    assert made.idle


def test_a_dial_that_the_line_refused_is_undone() -> None:
    made = dialling()
    assert made.not_launched(A) == [StoreNotLaunched(A)]
    assert made.not_launched(A) == []
    assert made.idle


def test_calling_numbers_are_shown_in_turn() -> None:
    made = runner()
    shown = [made.calling_number(lead(n)) for n in range(3)]
    assert shown == ["+13125550000", "+13125550001", "+13125550000"]


# ------------------------------------------------------------- a call


def test_a_call_that_is_answered_hears_the_message_and_is_hung_up() -> None:
    made = dialling()
    assert made.dialled(A, "carrier", "id", at(1)) == [
        StoreProgress(Progress(A, CallPhase.DIALLING, at(1).wall, "carrier", "id"))
    ]
    assert made.ringing(A, at(2)) == [StoreProgress(Progress(A, CallPhase.RINGING, at(2).wall))]
    assert made.ringing(A, at(3)) == []
    assert made.answered(A, at(8)) == [
        StoreProgress(Progress(A, CallPhase.TALKING, at(8).wall)),
        Listen(A),
        PlayMessage(A, "hello"),
    ]
    assert made.in_flight == InFlight(ringing=0, talking=1)
    assert made.played(A, at(31)) == [HangUp(A)]
    closed, stored = end(made, 31, by="us")
    assert closed == CloseStream(A)
    assert stored.end.outcome is Outcome.ANSWERED
    assert stored.end.received
    assert stored.end.after.state is LeadState.DONE
    assert made.idle


@pytest.mark.parametrize(
    ("how", "outcome", "received"),
    [
        ({"by": "network", "sip_status": 486}, Outcome.BUSY, True),
        ({"by": "ring_timeout", "sip_status": 487}, Outcome.NO_ANSWER, True),
        ({"by": "network", "sip_status": 503}, Outcome.CONGESTION, False),
        ({"by": "network", "sip_status": 404}, Outcome.INVALID_NUMBER, False),
        ({"by": "us", "sip_status": 487}, Outcome.CANCELLED, True),
    ],
)
def test_a_call_that_nobody_answers_ends_as_the_network_says(
    how: dict[str, Any], outcome: Outcome, received: bool
) -> None:
    made = dialling()
    made.ringing(A, at(2))
    (stored,) = end(made, 20, **how)
    assert (stored.end.outcome, stored.end.received) == (outcome, received)


def test_an_answer_that_crossed_our_cancel_is_an_abandoned_call() -> None:
    made = dialling()
    made.ringing(A, at(2))
    assert made.gate_shut(Drain.CANCEL_NOW, at(3)) == [Cancel(A)]
    progress, stored = end(made, 4, by="us", answered_while_cancelled=True)
    assert progress == StoreProgress(Progress(A, CallPhase.TALKING, at(4).wall))
    assert stored.end.outcome is Outcome.ABANDONED


def test_a_late_answer_of_another_trunk_makes_no_conversation_abandoned() -> None:
    stored = end(talking(), 30, answered_while_cancelled=True)[-1]
    assert stored.end.outcome is Outcome.ANSWERED


def test_an_end_is_told_once() -> None:
    made = talking()
    assert end(made, 30) != []
    assert end(made, 31) == []


def test_a_key_press_puts_the_callee_on_do_not_call() -> None:
    made = talking()
    told = made.digit(A, "9")
    assert told == [OptOut("+13120000001"), StopPlaying(A), HangUp(A)]
    stored = end(made, 30)[-1]
    assert stored.end.key_pressed == "opt_out"


def test_who_speaks_first_is_heard_out() -> None:
    assert SETTINGS.message is not None
    message = SETTINGS.message.model_copy(update={"start": "after_silence"})
    made = dialling(settings=SETTINGS.model_copy(update={"message": message}))
    assert made.answered(A, at(8))[1:] == [Listen(A)]
    assert made.speech(A, True, at(9)) == []
    assert made.tick(at(13.9), 0, Tally()) == []
    assert made.tick(at(14), 0, Tally()) == [PlayMessage(A, "hello")]


def test_nobody_is_left_in_silence() -> None:
    made = talking()
    assert made.stream_failed(A, "no port") == [HangUp(A)]
    assert made.stream_failed(A, "no port") == []
    assert end(made, 9, by="us")[-1].end.detail == "no media: no port"


def test_nobody_is_left_in_silence_after_a_cancel_that_came_too_late() -> None:
    made = dialling()
    made.ringing(A, at(2))
    made.gate_shut(Drain.CANCEL_NOW, at(3))
    made.answered(A, at(3))
    assert made.stream_failed(A, "no port") == [HangUp(A)]


def test_a_conversation_that_a_cancel_came_too_late_for_is_not_said_to_be_cut() -> None:
    made = dialling()
    made.ringing(A, at(2))
    made.gate_shut(Drain.CANCEL_NOW, at(3))
    assert PlayMessage(A, "hello") in made.answered(A, at(3))
    stored = end(made, 26, reason="BYE")[-1]
    assert (stored.end.outcome, stored.end.detail) == (Outcome.ANSWERED, "BYE")


def test_the_end_of_the_media_process_ends_the_conversations() -> None:
    made = dialling(2)
    made.answered(A, at(2))
    assert made.media_lost() == [HangUp(A)]


def test_a_campaign_whose_message_was_taken_away_hangs_up() -> None:
    made = dialling()
    made.settings = SETTINGS.model_copy(update={"message": None})
    assert made.answered(A, at(2))[1:] == [Listen(A), HangUp(A)]
    made.settings = SETTINGS
    assert made.digit(A, "9") == [], "the conversation never began"
    assert made.tick(at(3), 0, Tally()) == []


def test_the_end_of_the_line_leaves_calls_in_doubt_and_conversations_answered() -> None:
    made = dialling(2)
    made.answered(A, at(2))
    told = made.line_lost(at(9))
    ends = {c.end.attempt: c.end for c in told if isinstance(c, StoreEnd)}
    assert ends[A].outcome is Outcome.ANSWERED
    assert ends[UUID(int=2)].outcome is Outcome.UNKNOWN
    assert ends[UUID(int=2)].after.due_at == at(9).wall + timedelta(hours=1)
    assert CloseStream(A) in told
    assert made.idle


# ------------------------------------------------------------- the pause


def test_a_pause_gives_back_what_was_only_claimed() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1), lead(2)], {}, at())
    assert made.gate_shut(Drain.FINISH_LAWFULLY, at(1)) == [Release((1, 2))]
    assert made.tick(at(2), 99, DUE) == []
    assert made.idle


def test_finish_lawfully_cancels_each_call_once_it_has_rung_its_minimum() -> None:
    made = dialling(3)
    made.ringing(A, at(2))
    made.ringing(UUID(int=2), at(10))
    assert made.gate_shut(Drain.FINISH_LAWFULLY, at(17)) == [Cancel(A)]
    assert made.tick(at(24.9), 0, Tally()) == []
    assert made.tick(at(25), 0, Tally()) == [Cancel(UUID(int=2))]
    # The third began to ring after the pause: it rings its minimum too.
    assert made.ringing(UUID(int=3), at(26)) == [
        StoreProgress(Progress(UUID(int=3), CallPhase.RINGING, at(26).wall))
    ]
    assert made.tick(at(40.9), 0, Tally()) == []
    assert made.tick(at(41), 0, Tally()) == [Cancel(UUID(int=3))]
    assert made.tick(at(60), 0, Tally()) == []


def test_finish_lawfully_lets_an_answer_have_its_conversation() -> None:
    made = dialling()
    made.ringing(A, at(2))
    made.gate_shut(Drain.FINISH_LAWFULLY, at(3))
    assert PlayMessage(A, "hello") in made.answered(A, at(16))
    assert made.tick(at(18), 0, Tally()) == []


def test_cancel_now_cancels_all_that_is_not_answered() -> None:
    made = dialling(3)
    made.ringing(A, at(2))
    made.answered(UUID(int=3), at(2))
    assert made.gate_shut(Drain.CANCEL_NOW, at(3)) == [Cancel(A), Cancel(UUID(int=2))]
    assert end(made, 4, by="us", sip_status=487)[-1].end.detail == "pause: cancel ringing now"


def test_let_ring_lets_ring() -> None:
    made = dialling(2)
    made.ringing(A, at(2))
    made.answered(UUID(int=2), at(2))
    assert made.gate_shut(Drain.LET_RING, at(3)) == []
    assert made.tick(at(99), 0, Tally()) == []


def test_hang_up_everything_hangs_up_everything() -> None:
    made = dialling(2)
    made.ringing(A, at(2))
    made.answered(UUID(int=2), at(2))
    # Not Cancel for what rings: that would lose to an answer on its way here.
    assert made.gate_shut(Drain.HANG_UP_ALL, at(3)) == [HangUp(A), HangUp(UUID(int=2))]
    assert made.gate_shut(Drain.HANG_UP_ALL, at(4)) == []


def test_a_termination_can_hang_up_what_the_pause_before_it_left() -> None:
    made = talking()
    assert made.gate_shut(Drain.FINISH_LAWFULLY, at(9)) == []
    assert made.gate_shut(Drain.HANG_UP_ALL, at(10)) == [HangUp(A)]


def test_a_later_decision_can_let_ring_what_was_to_be_cancelled() -> None:
    made = dialling()
    made.ringing(A, at(2))
    made.gate_shut(Drain.FINISH_LAWFULLY, at(3))
    made.gate_shut(Drain.LET_RING, at(4))
    assert made.tick(at(30), 0, Tally()) == []


def test_a_resume_during_the_drain_lets_the_rest_ring() -> None:
    made = dialling()
    made.ringing(A, at(2))
    made.gate_shut(Drain.FINISH_LAWFULLY, at(3))
    made.gate_opened(5, at(4))
    assert [c for c in made.tick(at(30), 0, DUE) if isinstance(c, Cancel)] == []


def test_a_cancelled_call_does_not_count_and_its_lead_comes_back() -> None:
    made = dialling()
    made.ringing(A, at(2))
    made.gate_shut(Drain.CANCEL_NOW, at(3))
    after = end(made, 4, by="us", sip_status=487)[-1].end.after
    assert (after.state, after.counted, after.attempts) == (LeadState.WAITING, False, 0)
    assert after.due_at == at(4).wall + timedelta(seconds=900)


# ------------------------------------------------------------- parts


def hold(scope: Scope, value: str, drain: Drain = Drain.CANCEL_NOW, number: int = 9) -> Hold:
    return Hold(number, Part(scope, value), drain, 0 if scope is Scope.LIST else None)


def test_only_the_ringing_calls_of_a_paused_part_are_drained() -> None:
    made = dialling(3)
    for number, trunk in ((1, "one"), (2, "two"), (3, "one")):
        made.dialled(UUID(int=number), trunk, "id", at(1))
    made.ringing(A, at(1))
    told = made.hold([hold(Scope.TRUNK, "one")], 1, at(2))
    assert told == [Cancel(A), Cancel(UUID(int=3))]
    assert made.gate_shut(None, at(2)) == []
    assert made.gate_opened(3, at(3)) == []
    assert made.not_held == [UUID(int=2)]
    assert made.in_flight_of_parts == InFlight(ringing=2, talking=0)


def test_a_call_whose_trunk_is_heard_of_late_is_drained_when_it_is() -> None:
    made = dialling(1)
    assert made.hold([hold(Scope.TRUNK, "one")], 1, at(1)) == []
    assert made.dialled(A, "one", "id", at(2))[1:] == [Cancel(A)]


def test_a_part_paused_lawfully_lets_its_calls_ring_their_minimum() -> None:
    made = dialling(1)
    made.ringing(A, at(1))
    assert made.hold([hold(Scope.ZONE, CHICAGO, Drain.FINISH_LAWFULLY)], 1, at(2)) == []
    assert made.not_held == []  # it rings on, and no INVITE of it may leave
    made.gate_shut(None, at(2))
    made.gate_opened(3, at(3))
    assert made.tick(at(15.9), 0, Tally()) == []
    assert made.tick(at(16), 0, Tally()) == [Cancel(A)]


def test_a_part_that_is_resumed_lets_what_still_rings_ring_on() -> None:
    made = dialling(1)
    made.ringing(A, at(1))
    made.hold([hold(Scope.ZONE, CHICAGO, Drain.FINISH_LAWFULLY)], 1, at(2))
    made.hold([], 2, at(5))
    assert made.tick(at(20), 0, Tally()) == []


def test_an_older_reading_of_what_is_paused_changes_nothing() -> None:
    made = runner()
    made.hold([hold(Scope.TRUNK, "one")], 3, at())
    made.hold([], 2, at())
    assert not runner(SETTINGS).hold([], 0, at())
    assert made.usable.trunks == []  # the settings name none
    with_trunks = runner(SETTINGS.model_copy(update={"trunks": ["one", "two"]}))
    with_trunks.hold([hold(Scope.TRUNK, "one")], 3, at())
    with_trunks.hold([], 2, at())
    assert with_trunks.usable.trunks == ["two"]


def test_claimed_leads_of_a_paused_list_are_set_aside() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1)], {}, at())
    (told,) = made.hold([hold(Scope.LIST, "spring")], 1, at())
    assert isinstance(told, StorePutOff)
    assert [(r.lead, r.reason, r.again_at, r.hold) for r in told.refused] == [
        (1, "part_paused", None, 9)
    ]
    assert made.idle
    assert made.tick(at(1), 3, DUE) == [Claim((CHICAGO,), 4, (hold(Scope.LIST, "spring"),))]
    (told,) = made.claimed([lead(2)], {}, at(1))
    assert isinstance(told, StorePutOff)
    assert made.recheck([lead(3)], {}, T0)[0] == []


def test_paused_zones_are_not_claimed() -> None:
    made = runner()
    made.hold([hold(Scope.ZONE, "America/Denver")], 1, at())
    both = "America/Chicago|America/Denver"
    assert made.tick(at(), 3, Tally({"due": {both: 5}})) == []
    assert made.tick(at(), 3, Tally({"due": {both: 5, CHICAGO: 5}})) == [Claim((CHICAGO,), 4)]


def test_with_every_calling_number_paused_nothing_starts_and_what_was_claimed_goes_back() -> None:
    made = runner()
    made.tick(at(), 0, DUE)
    made.claimed([lead(1)], {}, at())
    first, second = (hold(Scope.CALLING_NUMBER, n) for n in SETTINGS.calling_numbers)
    assert made.hold([first], 1, at()) == []
    assert {made.calling_number(lead(n)) for n in range(4)} == {"+13125550001"}
    assert made.hold([first, second], 2, at()) == [Release((1,))]
    assert not made.may_call
    assert made.tick(at(1), 3, DUE) == []


def test_the_rest_goes_on_at_its_pace_through_the_pause_of_a_part() -> None:
    settings = SETTINGS.model_copy(update={"pacing": FixedPacing(concurrency=9, cps=10)})
    made = runner(settings)
    made.tick(at(), 0, DUE)
    made.claimed([lead(n) for n in range(1, 9)], {}, at())
    (prepare,) = made.tick(at(), 9, Tally())
    assert isinstance(prepare, Prepare)
    made.gate_shut(None, at(0.01))
    made.gate_opened(3, at(0.02))
    made.tick(at(0.02), 0, DUE)
    made.claimed([lead(n) for n in range(10, 18)], {}, at(0.02))
    assert not any(isinstance(told, Prepare) for told in made.tick(at(0.03), 9, Tally()))


def test_a_pause_of_all_during_that_of_a_part_asks_more_of_its_calls_and_less_of_no_call() -> None:
    made = dialling(2)
    for number in (1, 2):
        made.ringing(UUID(int=number), at(1))
    made.dialled(A, "one", "id", at(1))
    made.hold([hold(Scope.TRUNK, "one", Drain.CANCEL_NOW)], 1, at(2))
    assert made.gate_shut(Drain.FINISH_LAWFULLY, at(3)) == []
    assert made.tick(at(16), 0, Tally()) == [Cancel(UUID(int=2))]


@pytest.mark.parametrize("kind", ["preview", "progressive", "predictive"])
def test_a_pacing_for_agents_dials_nobody(kind: str) -> None:
    pacing = {"pacing": {"kind": kind, "concurrency": 5}}
    made = runner(CampaignSettings.model_validate(SETTINGS.model_dump() | pacing))
    assert made.tick(at(), 0, DUE) == []
    made.claimed([lead(1), lead(2)], {}, at())
    assert made.tick(at(1), 99, DUE) == []
