"""The ordinary stories of a campaign whose calls are for agents, one in each test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.rules.test_pacing_forecast import taught

from caesura.errors import Invalid
from caesura.rules.agent_settings import AgentSettings
from caesura.rules.call import CallPhase, Launch, Progress
from caesura.rules.campaign import (
    CampaignSettings,
    Drain,
    PredictivePacing,
    PreviewPacing,
    ProgressivePacing,
)
from caesura.rules.claim import ClaimedLead, NumberFacts, PutOff, Tally
from caesura.rules.command import (
    CallFor,
    CallOver,
    Claim,
    ClaimFor,
    CloseStream,
    Command,
    Connect,
    Deny,
    Dial,
    Disconnect,
    HangUp,
    LetGo,
    Listen,
    Offer,
    OptOut,
    PlayMessage,
    Prepare,
    Release,
    SeekAgent,
    SeekNoAgent,
    StoreDisposition,
    StoreEnd,
    StoreNotLaunched,
    StoreProgress,
    StorePutOff,
    StoreTalkBegan,
    StoreTalkEnded,
    TalkEnd,
)
from caesura.rules.disposition import Chosen
from caesura.rules.floor.decision import Denial
from caesura.rules.moment import Moment
from caesura.rules.next_try import LeadState
from caesura.rules.outcome import Outcome
from caesura.rules.pacing.abandonment import Answers
from caesura.rules.pacing.snapshot import AgentsNow, Crew, Snapshot
from caesura.rules.runner import Runner

CHICAGO = "America/Chicago"
T0 = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)  # a Monday: 10:00 in Chicago
DUE = Tally({"due": {CHICAGO: 50}})
A = UUID(int=1)
ANNA, BEN = 11, 12
AGENTS = AgentSettings(abandoned_recording="sorry", lost_recording="lost", opt_out_key="9")
SETTINGS = CampaignSettings(
    calling_numbers=["+13125550000"], pacing=ProgressivePacing(), agents=AGENTS
)
PREVIEW = SETTINGS.model_copy(update={"pacing": PreviewPacing(countdown_s=10)})


def at(seconds: float = 0) -> Moment:
    return Moment(T0 + timedelta(seconds=seconds), 1000 + seconds)


def lead(number: int, **more: Any) -> ClaimedLead:
    return ClaimedLead(number, (f"+1312{number:07d}",), (CHICAGO,), 1, 0, {}, **more)


def crew(*idle: int) -> Crew:
    return Crew(AgentsNow(free=len(idle)), idle)


def runner(settings: CampaignSettings = SETTINGS, leads: int = 5, **more: Any) -> Runner:
    """With its gate open, and leads in stock."""
    made = Runner(7, settings)
    made.gate_opened(2, at())
    assert [type(each) for each in made.tick(at(), 9, DUE, crew(ANNA))] == [Claim]
    made.claimed([lead(number, **more) for number in range(1, leads + 1)], {}, at())
    return made


def launch(made: Runner, command: Command) -> list[Command]:
    """The journal's answer."""
    assert isinstance(command, Prepare)
    launches = [Launch(UUID(int=one.id), one.id, one.phone, "+1312") for one in command.leads]
    return made.journalled(launches, command.leads, 2)


def ringing(settings: CampaignSettings = SETTINGS) -> Runner:
    """Attempt A rings."""
    made = runner(settings, leads=1)
    (prepare,) = only(Prepare, made.tick(at(), 9, Tally(), crew(ANNA)))
    launch(made, prepare)
    made.dialled(A, "one", "id", at(1))
    made.ringing(A, at(2))
    return made


def talking() -> Runner:
    """Anna talks in attempt A, since 10."""
    made = ringing()
    made.answered(A, at(10))
    made.agent_found(A, ANNA, at(10))
    return made


def only(kind: type, told: list[Command]) -> list[Command]:
    return [each for each in told if isinstance(each, kind)]


def ended(made: Runner, seconds: float, by: str = "callee") -> list[Command]:
    return made.ended(
        A,
        at(seconds),
        by=by,
        sip_status=None,
        q850_cause=None,
        reason="",
        answered_while_cancelled=False,
    )


def outcome(told: list[Command]) -> Outcome:
    (end,) = only(StoreEnd, told)
    assert isinstance(end, StoreEnd)
    return end.end.outcome


def ledger(made: Runner) -> Answers:
    return made.observed.ledger.of_day(T0.date())


# ----------------------------------------------------------- from the answer


def test_progressive_starts_a_call_for_each_free_agent_and_none_without() -> None:
    made = runner()
    assert only(Prepare, made.tick(at(), 9, Tally(), crew())) == []
    (prepare,) = only(Prepare, made.tick(at(), 9, Tally(), crew(ANNA, BEN)))
    assert isinstance(prepare, Prepare) and len(prepare.leads) == 2
    assert only(Prepare, made.tick(at(), 9, Tally(), crew(ANNA, BEN))) == []  # being journalled
    launch(made, prepare)
    assert only(Prepare, made.tick(at(), 9, Tally(), crew(ANNA, BEN))) == []  # about to leave
    made.dialled(A, "one", "id", at(1))
    assert only(Prepare, made.tick(at(1), 9, Tally(), crew(ANNA, BEN))) == []  # it rings
    made.not_launched(UUID(int=2))
    assert len(only(Prepare, made.tick(at(1), 9, Tally(), crew(ANNA, BEN)))) == 1


class Watched:
    """A pacer that says when it was told what the forecast needs."""

    looks_ahead = True

    def __init__(self) -> None:
        self.asked: list[bool] = []

    def decide(self, now: float, snapshot: Snapshot) -> int:
        self.asked.append(snapshot.known is not None)
        return 0


def test_a_forecast_is_made_five_times_a_second_at_most() -> None:
    pacer = Watched()
    made = Runner(7, SETTINGS, pacer)
    made.observed.learnt = taught(1)
    made.gate_opened(2, at())
    made.tick(at(), 9, DUE, crew(ANNA))
    made.claimed([lead(1)], {}, at())
    for seconds in (0.04, 0.08, 0.23, 0.25):
        made.tick(at(seconds), 9, Tally(), crew(ANNA))
    assert pacer.asked == [True, False, False, True]


@pytest.mark.parametrize(
    ("pacing", "asked"), [(PredictivePacing(), True), (ProgressivePacing(), False)]
)
def test_a_pacer_of_ones_own_paces_predictive_campaigns_and_no_others(
    pacing: PredictivePacing | ProgressivePacing, asked: bool
) -> None:
    pacer = Watched()
    made = Runner(7, SETTINGS.model_copy(update={"pacing": pacing}), predictive=pacer)
    made.gate_opened(2, at())
    made.tick(at(), 9, DUE, crew(ANNA))
    made.claimed([lead(1)], {}, at())
    made.tick(at(0.04), 9, Tally(), crew(ANNA))
    assert bool(pacer.asked) is asked


def test_without_agents_no_lead_is_claimed() -> None:
    made = Runner(7, SETTINGS)
    made.gate_opened(2, at())
    assert made.tick(at(), 9, DUE, crew()) == []


def test_an_answered_call_is_connected_to_the_agent_that_is_found() -> None:
    made = ringing()
    assert made.answered(A, at(10)) == [
        StoreProgress(Progress(A, CallPhase.TALKING, at(10).wall)),
        Listen(A),
        SeekAgent(A),
    ]
    assert made.agent_found(A, ANNA, at(10.3)) == [
        Connect(A, ANNA),
        StoreTalkBegan(A, ANNA, at(10.3).wall, None),
    ]
    assert made.tick(at(30), 0, Tally()) == []
    assert ledger(made) == Answers(answered=1, connected=1)


def test_who_has_no_agent_in_time_hears_the_message_and_is_abandoned() -> None:
    made = ringing()
    made.answered(A, at(10))
    assert made.in_need == 1
    assert made.tick(at(11.8), 0, Tally()) == []
    assert made.tick(at(11.96), 0, Tally()) == [SeekNoAgent(A), PlayMessage(A, "sorry")]
    assert made.in_need == 0
    assert made.played(A, at(20)) == [HangUp(A)]
    told = ended(made, 20.1, by="us")
    assert outcome(told) is Outcome.ABANDONED
    assert told[0] == CloseStream(A) and told[-1] == CallOver(A)
    assert ledger(made) == Answers(answered=1, abandoned=1)


def test_without_a_recording_the_abandoned_call_is_hung_up() -> None:
    silent = SETTINGS.model_copy(update={"agents": AgentSettings()})
    made = ringing(silent)
    made.answered(A, at(10))
    assert made.tick(at(11.96), 0, Tally()) == [SeekNoAgent(A), HangUp(A)]
    assert outcome(ended(made, 12.1, by="us")) is Outcome.ABANDONED


def test_the_abandoned_can_opt_out_by_key() -> None:
    made = ringing()
    made.answered(A, at(10))
    assert made.digit(A, "9") == []  # nothing has offered it yet
    made.tick(at(11.96), 0, Tally())
    assert made.digit(A, "1") == []
    assert made.digit(A, "9") == [OptOut("+13120000001"), HangUp(A)]


def test_who_hangs_up_before_the_time_is_over_is_not_abandoned() -> None:
    made = ringing()
    made.answered(A, at(10))
    assert outcome(ended(made, 11)) is Outcome.ANSWERED
    assert ledger(made) == Answers(answered=1)


def test_who_is_cut_off_by_us_or_the_network_before_an_agent_came_is_abandoned() -> None:
    made = ringing()
    made.answered(A, at(10))
    assert outcome(ended(made, 11, by="network")) is Outcome.ABANDONED
    assert ledger(made) == Answers(answered=1, abandoned=1)


def test_who_answers_while_a_pause_cancels_the_call_is_abandoned_too() -> None:
    made = ringing()
    made.gate_shut(Drain.CANCEL_NOW, at(5))
    told = made.ended(
        A,
        at(5.1),
        by="us",
        sip_status=200,
        q850_cause=None,
        reason="",
        answered_while_cancelled=True,
    )
    assert outcome(told) is Outcome.ABANDONED
    assert ledger(made) == Answers(answered=1, abandoned=1)


def test_as_many_leads_are_claimed_as_the_agents_can_need_in_a_second() -> None:
    made = Runner(7, SETTINGS)
    made.gate_opened(2, at())
    assert made.tick(at(), 9, DUE, Crew(AgentsNow(free=2, talking=(1.0,) * 38))) == [
        Claim((CHICAGO,), 80)
    ]


def test_the_time_may_count_from_the_end_of_the_greeting() -> None:
    pacing = ProgressivePacing(connect_counts_from="greeting")
    made = ringing(SETTINGS.model_copy(update={"pacing": pacing}))
    made.answered(A, at(10))
    made.speech(A, True, at(10.4))
    assert made.tick(at(13), 0, Tally()) == []
    made.speech(A, False, at(13.2))  # the greeting ended 0.7 s earlier, at 12.5
    assert made.tick(at(14.3), 0, Tally()) == []
    assert only(PlayMessage, made.tick(at(14.44), 0, Tally())) == [PlayMessage(A, "sorry")]


def test_an_endless_greeting_is_a_machines_and_ends_the_wait() -> None:
    pacing = ProgressivePacing(connect_counts_from="greeting")
    made = ringing(SETTINGS.model_copy(update={"pacing": pacing}))
    made.answered(A, at(10))
    made.speech(A, True, at(10.4))
    assert made.tick(at(15.8), 0, Tally()) == []
    assert only(PlayMessage, made.tick(at(15.94), 0, Tally())) == [PlayMessage(A, "sorry")]


def test_what_the_callee_said_first_is_journalled_with_the_agent() -> None:
    made = ringing()
    made.answered(A, at(10))
    made.speech(A, True, at(10.2))
    made.speech(A, False, at(11.5))
    (began,) = only(StoreTalkBegan, made.agent_found(A, ANNA, at(11.6)))
    assert began == StoreTalkBegan(A, ANNA, at(11.6).wall, at(10.8).wall)


def test_what_the_store_has_counted_of_all_cells_is_what_the_ledgers_say() -> None:
    made = ringing()
    yesterday = T0.date() - timedelta(days=1)
    made.answers_known([(yesterday, Answers(90, 88, 2)), (T0.date(), Answers(9, 9, 0))])
    made.answered(A, at(10))
    made.agent_found(A, ANNA, at(10))
    assert ledger(made) == Answers(10, 10, 0)
    assert made.observed.ledger.of_window(T0.date()) == Answers(100, 98, 2)


# --------------------------------------------------------------- conversation


def test_a_lost_agent_is_replaced_by_another() -> None:
    made = talking()
    assert made.agent_gone(A, ANNA, at(20).mono, at(23)) == [
        StoreTalkEnded(A, ANNA, at(23).wall, TalkEnd.DEVICE_LOST),
        Disconnect(A, ANNA),
        SeekAgent(A),
    ]
    assert made.agent_found(A, BEN, at(24)) == [
        Connect(A, BEN),
        StoreTalkBegan(A, BEN, at(24).wall, None),
    ]
    assert made.tick(at(60), 0, Tally()) == []
    assert ledger(made) == Answers(answered=1, connected=1)
    assert outcome(ended(made, 90)) is Outcome.ANSWERED


def test_or_else_the_callee_is_told_within_five_seconds() -> None:
    made = talking()
    made.agent_gone(A, ANNA, at(20).mono, at(23))
    assert made.tick(at(24.4), 0, Tally()) == []
    assert made.tick(at(24.54), 0, Tally()) == [SeekNoAgent(A), PlayMessage(A, "lost")]
    made.played(A, at(29))
    assert outcome(ended(made, 29, by="us")) is Outcome.ANSWERED
    assert ledger(made).abandoned == 0


def test_a_call_that_is_being_hung_up_needs_no_other_agent() -> None:
    made = talking()
    made.hang_up(A, ANNA)
    told = made.agent_gone(A, ANNA, at(20).mono, at(23))
    assert [type(each) for each in told] == [StoreTalkEnded, Disconnect]
    assert made.tick(at(30), 0, Tally()) == []


def test_a_device_that_was_away_for_a_moment_is_joined_again() -> None:
    made = talking()
    assert made.agent_back(A, ANNA) == [Connect(A, ANNA)]
    assert made.agent_back(A, BEN) == []


def test_a_handed_over_conversation_is_two_in_the_journal() -> None:
    made = talking()
    assert made.handed_over(A, BEN, at(30)) == [
        StoreTalkEnded(A, ANNA, at(30).wall, TalkEnd.HANDED_OVER),
        Disconnect(A, ANNA),
        Connect(A, BEN),
        StoreTalkBegan(A, BEN, at(30).wall, None),
    ]


def test_only_the_agent_in_it_hangs_up_a_conversation_and_once() -> None:
    made = talking()
    assert made.hang_up(A, BEN) == []
    assert made.hang_up(A, ANNA) == [HangUp(A)]
    assert made.hang_up(A, ANNA) == []


@pytest.mark.parametrize("drain", [Drain.FINISH_LAWFULLY, Drain.CANCEL_NOW, Drain.LET_RING])
def test_a_pause_cuts_no_conversation(drain: Drain) -> None:
    made = talking()
    assert only(HangUp, made.gate_shut(drain, at(20))) == []
    assert made.tick(at(60), 9, DUE, crew(BEN)) == []


def test_a_call_that_a_pause_lets_ring_is_answered_for_an_agent() -> None:
    made = ringing()
    made.gate_shut(Drain.FINISH_LAWFULLY, at(5))
    assert made.in_need == 1
    assert SeekAgent(A) in made.answered(A, at(8))
    assert Connect(A, ANNA) in made.agent_found(A, ANNA, at(8))
    assert made.in_need == 0


def test_when_the_line_is_lost_conversations_are_over_and_agents_released() -> None:
    told = talking().line_lost(at(20))
    assert outcome(told) is Outcome.ANSWERED
    assert StoreTalkEnded(A, ANNA, at(20).wall, TalkEnd.CALL_ENDED) in told
    assert CallOver(A) in told


# -------------------------------------------------------------- dispositions


def test_a_disposition_after_the_call_decides_on_the_lead() -> None:
    made = talking()
    ended(made, 60)
    assert not made.idle and made.undisposed == 1
    (told,) = made.disposed(A, ANNA, Chosen("Not reached"), at(70))
    assert isinstance(told, StoreDisposition)
    assert (told.lead, told.agent, told.disposed.after.state) == (1, ANNA, LeadState.WAITING)
    assert made.undisposed == 0
    with pytest.raises(Invalid, match="not yours, or is closed"):
        made.disposed(A, ANNA, Chosen("Done"), at(71))


def test_a_disposition_in_the_conversation_is_stored_with_its_end() -> None:
    made = talking()
    assert made.disposed(A, ANNA, Chosen("Done"), at(20)) == []
    assert made.disposed(A, ANNA, Chosen("Do not call"), at(30)) == []
    told = ended(made, 60)
    (stored,) = only(StoreDisposition, told)
    assert isinstance(stored, StoreDisposition) and stored.disposed.name == "Do not call"
    assert OptOut("+13120000001") in told
    assert made.undisposed == 0


def test_after_the_wrap_up_the_conversation_is_closed() -> None:
    made = talking()
    ended(made, 60)
    made.wrapped_up(A, ANNA, True, at(70))
    assert made.undisposed == 0
    assert made.observed.learnt.wraps.mean_s == 10.0


# ------------------------------------------------ leads that are one agent's


def shown() -> Runner:
    """Lead 1 is on Anna's screen, since 0."""
    made = runner(PREVIEW)
    assert only(Offer, made.tick(at(), 9, Tally(), crew(ANNA))) == [Offer(ANNA, lead(1), 10)]
    return made


def test_a_lead_is_called_when_its_agent_accepts() -> None:
    made = shown()
    told = made.accepted(ANNA)
    assert told == [CallFor(ANNA), Prepare((lead(1),))]
    launched = launch(made, told[1])
    assert [type(each) for each in launched] == [CallFor, Dial]
    assert launched[0] == CallFor(ANNA, A)
    made.dialled(A, "one", "id", at(6))
    assert made.in_need == 0  # it has its agent
    assert SeekAgent(A, ANNA) in made.answered(A, at(12))


def test_or_when_the_countdown_is_over() -> None:
    made = shown()
    assert only(Prepare, made.tick(at(9.9), 9, Tally(), crew())) == []
    assert only(Prepare, made.tick(at(10), 9, Tally(), crew())) == [Prepare((lead(1),))]


def test_a_skipped_lead_is_due_again_later() -> None:
    made = shown()
    again_at = at(3605).wall
    assert made.skipped(ANNA, at(5)) == [
        StorePutOff((PutOff(1, "skipped", again_at),)),
        LetGo(ANNA),
    ]
    assert made.accepted(ANNA) == [Deny(ANNA, Denial.NO_SUCH_OFFER)]


def test_a_pause_takes_the_lead_from_the_screen_and_says_why() -> None:
    made = shown()
    told = made.gate_shut(Drain.FINISH_LAWFULLY, at(5))
    assert told[-2:] == [Deny(ANNA, Denial.CAMPAIGN_PAUSED), LetGo(ANNA)]
    assert sorted(n for each in only(Release, told) for n in each.leads) == [1, 2, 3, 4, 5]  # type: ignore[attr-defined]
    assert made.accepted(ANNA) == [Deny(ANNA, Denial.CAMPAIGN_PAUSED)]
    assert made.call_asked(ANNA, 3) == [Deny(ANNA, Denial.CAMPAIGN_PAUSED), LetGo(ANNA)]


def test_a_launch_that_the_pause_overtakes_lets_its_agent_go() -> None:
    made = shown()
    _, prepare = made.accepted(ANNA)
    made.gate_shut(Drain.FINISH_LAWFULLY, at(5))
    told = launch(made, prepare)
    assert told == [StoreNotLaunched(A), Deny(ANNA, Denial.CAMPAIGN_PAUSED), LetGo(ANNA)]


def test_a_lead_that_the_rules_refuse_in_the_journal_is_refused_to_its_agent_by_name() -> None:
    made = shown()
    _, prepare = made.accepted(ANNA)
    assert isinstance(prepare, Prepare)
    listed = {lead(1).phone: NumberFacts(True, 0, 0, None, None)}
    assert made.recheck(prepare.leads, listed, at(5).wall)[0] == []
    assert made.journalled([], prepare.leads, 2) == [Deny(ANNA, "do_not_call"), LetGo(ANNA)]


def test_an_agent_calls_a_lead_by_hand() -> None:
    made = runner()
    assert made.call_asked(ANNA, 77) == [ClaimFor(ANNA, 77)]
    assert made.claimed_for(ANNA, lead(77), {}, at(1)) == [CallFor(ANNA), Prepare((lead(77),))]
    assert made.claimed_for(ANNA, None, {}, at(1)) == [
        Deny(ANNA, Denial.LEAD_NOT_THERE),
        LetGo(ANNA),
    ]


def test_a_callback_is_shown_to_the_agent_who_promised_it_and_to_nobody_else() -> None:
    made = runner(leads=1, callback_at=at().wall, callback_agent=BEN)
    assert only(Prepare, made.tick(at(), 9, Tally(), crew(ANNA))) == []
    assert made.wants_idle
    (offer,) = only(Offer, made.tick(at(5), 9, Tally(), crew(ANNA, BEN)))
    assert isinstance(offer, Offer) and (offer.agent, offer.countdown_s) == (BEN, 30)


def test_a_callback_whose_agent_does_not_come_is_anybodys() -> None:
    made = runner(leads=1, callback_at=at().wall, callback_agent=BEN)
    assert only(Prepare, made.tick(at(899), 9, Tally(), crew(ANNA))) == []
    told = made.tick(at(901), 9, Tally(), crew(ANNA))
    assert len(only(Prepare, told)) == 1
