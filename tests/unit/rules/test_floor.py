"""The ordinary stories of agents on the floor, one in each test."""

from __future__ import annotations

from uuid import UUID

from caesura.rules.floor.allotment import Pause
from caesura.rules.floor.decision import (
    AgentAway,
    AgentBack,
    AgentGone,
    Allotted,
    Became,
    CampaignPaused,
    CampaignRuns,
    Decision,
    Denial,
    Denied,
    Found,
    HandedOver,
    WrappedUp,
    WrapUpOverdue,
)
from caesura.rules.floor.desk import Presence, Profile, WrapTerms
from caesura.rules.floor.desks import CampaignTerms
from caesura.rules.floor.floor import Floor
from caesura.rules.routing import Assignment, Why

ONE, TWO, THREE = 1, 2, 3
ANNA, BEN, CLEO = 11, 12, 13
A, B = UUID(int=1), UUID(int=2)
TERMS = CampaignTerms(wrap_up=WrapTerms(20, 15, disposition_required=False))


def floor(terms: CampaignTerms = TERMS, **agents: tuple[int, ...]) -> Floor:
    """With three running campaigns, and agents who are ready: `ben=(ONE, TWO)`."""
    made = Floor()
    for campaign in (ONE, TWO, THREE):
        made.campaign_runs(campaign, terms, 0.0)
    ids = {"anna": ANNA, "ben": BEN, "cleo": CLEO}
    for name, campaigns in agents.items():
        assignments = tuple(Assignment(each, 9 - rank) for rank, each in enumerate(campaigns))
        made.signed_in(Profile(ids[name], assignments), 0.0)
        made.device_connected(ids[name], 0.0)
    return made


def talking(terms: CampaignTerms = TERMS) -> Floor:
    """Anna talks in call A, since 10."""
    made = floor(terms, anna=(ONE, TWO))
    assert Found(ONE, A, ANNA) in made.sought(ONE, A, 10.0)
    return made


def presence(made: Floor, agent: int) -> Presence:
    desk = made.desk(agent)
    return Presence.OFFLINE if desk is None else desk.presence


def of(kind: type, decided: list[Decision]) -> list[Decision]:
    return [each for each in decided if isinstance(each, kind)]


# ---------------------------------------------------------------- presence


def test_who_signs_in_is_free_as_soon_as_the_device_is_there() -> None:
    made = Floor()
    made.campaign_runs(ONE, TERMS, 0.0)
    assert Became(ANNA, Presence.AVAILABLE) in made.signed_in(
        Profile(ANNA, (Assignment(ONE),)), 0.0
    )
    assert made.agents(ONE).free == 0
    assert made.device_connected(ANNA, 1.0) == [Allotted(ANNA, ONE, Why.ASSIGNED)]
    assert made.agents(ONE).free == 1


def test_the_agent_who_was_free_the_longest_gets_the_call() -> None:
    made = floor(anna=(ONE,), ben=(ONE,))
    made.presence_asked(ANNA, Presence.BREAK, 5.0, "coffee")
    made.presence_asked(ANNA, Presence.AVAILABLE, 6.0)
    assert Found(ONE, A, BEN) in made.sought(ONE, A, 10.0)
    assert Found(ONE, B, ANNA) in made.sought(ONE, B, 10.0)


def test_a_call_waits_until_an_agent_is_free() -> None:
    made = floor(anna=(ONE,))
    made.sought(ONE, A, 10.0)
    assert of(Found, made.sought(ONE, B, 11.0)) == []
    made.over(A, 12.0)
    assert Found(ONE, B, ANNA) in made.wrap_up_done(ANNA, 12.5)
    assert made.talking_in(B) == ANNA


def test_a_call_that_is_sought_for_no_more_goes_to_nobody() -> None:
    made = floor()
    made.sought(ONE, A, 10.0)
    made.not_sought(A, 11.0)
    made.signed_in(Profile(ANNA, (Assignment(ONE),)), 12.0)
    assert of(Found, made.device_connected(ANNA, 12.0)) == []


def test_a_break_asked_for_in_a_conversation_begins_after_the_wrap_up() -> None:
    made = talking()
    (told,) = made.presence_asked(ANNA, Presence.BREAK, 12.0, "lunch")[:1]
    assert told == Became(ANNA, Presence.ON_CALL, None, ONE, A, None, Presence.BREAK)
    assert made.agents(ONE).talking == ()  # pacing does not wait for her
    made.over(A, 20.0)
    assert presence(made, ANNA) is Presence.WRAP_UP
    decided = made.tick(40.0)
    assert WrappedUp(ONE, A, ANNA, False) in decided
    assert Became(ANNA, Presence.BREAK, "lunch") in decided


def test_whoever_takes_back_the_break_stays() -> None:
    made = talking()
    made.presence_asked(ANNA, Presence.BREAK, 12.0, "lunch")
    made.presence_asked(ANNA, Presence.AVAILABLE, 13.0)
    made.over(A, 20.0)
    made.tick(40.0)
    assert presence(made, ANNA) is Presence.AVAILABLE


def test_who_goes_home_in_a_conversation_ends_it_first() -> None:
    made = talking()
    made.presence_asked(ANNA, Presence.OFFLINE, 12.0)
    assert made.talking_in(A) == ANNA
    made.over(A, 20.0)
    made.tick(40.0)
    assert made.desk(ANNA) is None


# ----------------------------------------------------------------- wrap-up


def test_the_wrap_up_ends_by_its_clock_and_is_extended_once() -> None:
    made = talking()
    assert Became(ANNA, Presence.WRAP_UP, None, ONE, A, 40.0) in made.over(A, 20.0)
    assert made.wrap_up_extended(ANNA, 30.0)[0] == Became(
        ANNA, Presence.WRAP_UP, None, ONE, A, 55.0
    )
    assert made.wrap_up_extended(ANNA, 31.0) == [Denied(ANNA, Denial.NOT_EXTENDABLE)]
    assert made.tick(54.9) == []
    assert WrappedUp(ONE, A, ANNA, True) in made.tick(55.0)


def test_a_required_disposition_outlasts_the_clock() -> None:
    made = talking(CampaignTerms(wrap_up=WrapTerms(20, 0, disposition_required=True)))
    made.over(A, 20.0)
    assert made.wrap_up_done(ANNA, 21.0) == [Denied(ANNA, Denial.DISPOSITION_MISSING)]
    assert made.tick(40.0) == [WrapUpOverdue(ANNA, ONE, A)]
    assert presence(made, ANNA) is Presence.WRAP_UP
    assert WrappedUp(ONE, A, ANNA, True) in made.disposed(ANNA, A, 45.0)


def test_a_disposition_in_the_conversation_leaves_the_wrap_up_its_time() -> None:
    made = talking(CampaignTerms(wrap_up=WrapTerms(20, 0, disposition_required=True)))
    made.disposed(ANNA, A, 15.0)
    made.over(A, 20.0)
    assert presence(made, ANNA) is Presence.WRAP_UP
    assert WrappedUp(ONE, A, ANNA, True) in made.tick(40.0)


def test_without_wrap_up_the_agent_is_free_at_once() -> None:
    made = talking(CampaignTerms(wrap_up=WrapTerms(0)))
    assert WrappedUp(ONE, A, ANNA, True) in made.over(A, 20.0)
    assert presence(made, ANNA) is Presence.AVAILABLE


# ------------------------------------------------------------------ device


def test_a_reload_within_the_grace_gives_the_conversation_back() -> None:
    made = talking()
    assert AgentAway(ONE, A, ANNA) in made.device_lost(ANNA, 20.0)
    assert made.tick(22.9) == []
    assert AgentBack(ONE, A, ANNA) in made.device_connected(ANNA, 22.9)
    assert made.tick(60.0) == []


def test_what_the_callee_has_waited_before_the_loss_was_noticed_is_part_of_the_grace() -> None:
    made = talking()
    made.device_lost(ANNA, 20.0, silent_s=2.5)
    assert made.tick(20.4) == []
    assert AgentGone(ONE, A, ANNA, 17.5) in made.tick(20.5)


def test_after_the_grace_the_conversation_needs_another_agent() -> None:
    made = talking()
    made.device_lost(ANNA, 20.0)
    decided = made.tick(23.0)
    assert AgentGone(ONE, A, ANNA, 20.0) in decided
    assert presence(made, ANNA) is Presence.WRAP_UP
    made.signed_in(Profile(BEN, (Assignment(ONE),)), 23.1)
    made.sought(ONE, A, 23.0)
    assert Found(ONE, A, BEN) in made.device_connected(BEN, 23.2)
    assert made.device_connected(ANNA, 24.0) == [Allotted(ANNA, ONE, Why.ASSIGNED)]


# ------------------------------------------------------------------- pause


def test_at_a_pause_idle_agents_get_other_work_at_once_and_are_told() -> None:
    made = floor(anna=(ONE, TWO), ben=(ONE,), cleo=(TWO,))
    decided = made.campaign_paused(ONE, Pause("Dana", "lunch"), 0, 10.0)
    assert Allotted(ANNA, TWO, Why.ASSIGNED) in decided
    assert Allotted(BEN, None) in decided
    assert of(CampaignPaused, decided) == [
        CampaignPaused(ANNA, ONE, "Dana", "lunch", TWO, Why.ASSIGNED),
        CampaignPaused(BEN, ONE, "Dana", "lunch", None, None),
    ]
    assert made.agents(TWO).free == 2


def test_of_a_termination_they_are_told_as_such() -> None:
    made = floor(anna=(ONE, TWO))
    decided = made.campaign_paused(ONE, Pause("Dana", "sold out", final=True), 0, 10.0)
    assert of(CampaignPaused, decided) == [
        CampaignPaused(ANNA, ONE, "Dana", "sold out", TWO, Why.ASSIGNED, final=True)
    ]


def test_the_pauses_destination_takes_those_who_have_nothing_else() -> None:
    made = floor(ben=(ONE,))
    decided = made.campaign_paused(ONE, Pause("Dana", "", THREE), 0, 10.0)
    assert CampaignPaused(BEN, ONE, "Dana", "", THREE, Why.DESTINATION) in decided
    assert Found(THREE, A, BEN) in made.sought(THREE, A, 11.0)


def test_no_more_are_held_than_ringing_calls_can_need() -> None:
    made = floor(anna=(ONE, TWO), ben=(ONE, TWO), cleo=(ONE,))
    made.campaign_paused(ONE, Pause("Dana"), 2, 10.0)
    assert (made.agents(ONE).free, made.agents(TWO).free) == (2, 1)
    made.in_need(ONE, 1, 11.0)
    assert (made.agents(ONE).free, made.agents(TWO).free) == (1, 2)
    assert made.idle(ONE) == [CLEO]  # who has nothing else is not kept from anything
    assert Found(ONE, A, CLEO) in made.sought(ONE, A, 12.0)


def test_a_conversation_goes_on_through_a_pause_and_other_work_comes_after_it() -> None:
    made = talking()
    decided = made.campaign_paused(ONE, Pause("Dana", "lunch"), 0, 12.0)
    assert CampaignPaused(ANNA, ONE, "Dana", "lunch", TWO, Why.ASSIGNED) in decided
    assert made.talking_in(A) == ANNA
    made.over(A, 20.0)
    made.tick(40.0)
    assert made.idle(TWO) == [ANNA]


def test_after_the_resume_they_are_back() -> None:
    made = floor(anna=(ONE, TWO), ben=(ONE,))
    made.campaign_paused(ONE, Pause("Dana"), 0, 10.0)
    decided = made.campaign_runs(ONE, TERMS, 20.0)
    assert Allotted(ANNA, ONE, Why.ASSIGNED) in decided
    assert Allotted(BEN, ONE, Why.ASSIGNED) in decided
    assert of(CampaignRuns, decided) == [CampaignRuns(ANNA, ONE), CampaignRuns(BEN, ONE)]


def test_who_has_no_leads_to_call_in_one_campaign_works_in_the_next() -> None:
    made = floor(anna=(ONE, TWO), ben=(ONE, TWO))
    made.useful(ONE, 1, 10.0)
    assert (made.agents(ONE).free, made.agents(TWO).free) == (1, 1)
    made.useful(ONE, None, 20.0)
    assert made.agents(ONE).free == 2


# ---------------------------------------------------- calls for one agent


def test_a_call_that_was_started_for_an_agent_is_theirs() -> None:
    made = floor(anna=(ONE,), ben=(ONE,))
    made.offered(ONE, BEN, 5.0)
    assert presence(made, BEN) is Presence.PREVIEW
    made.calls(BEN, None, 6.0)
    made.calls(BEN, A, 6.1)
    assert presence(made, BEN) is Presence.CALLING
    assert Found(ONE, A, BEN) in made.sought(ONE, A, 15.0, agent=BEN)


def test_if_that_agent_is_away_another_takes_the_call() -> None:
    made = floor(anna=(ONE,), ben=(ONE,))
    made.offered(ONE, BEN, 5.0)
    made.calls(BEN, A, 6.0)
    made.device_lost(BEN, 7.0)
    assert Found(ONE, A, ANNA) in made.sought(ONE, A, 15.0, agent=BEN)
    assert presence(made, BEN) is Presence.AVAILABLE


def test_an_agent_asks_for_a_call_only_when_free_and_assigned() -> None:
    made = talking()
    assert made.call_asked(ONE, ANNA, 5, 12.0) == [Denied(ANNA, Denial.BUSY)]
    assert made.call_asked(ONE, BEN, 5, 12.0) == [Denied(BEN, Denial.NOT_SIGNED_IN)]
    made.signed_in(Profile(BEN, (Assignment(TWO),)), 12.0)
    assert made.call_asked(TWO, BEN, 5, 12.0) == [Denied(BEN, Denial.NO_DEVICE)]
    made.device_connected(BEN, 12.0)
    assert made.call_asked(ONE, BEN, 5, 12.0) == [Denied(BEN, Denial.NOT_ASSIGNED)]


def test_a_conversation_is_handed_to_another_agent() -> None:
    made = talking()
    assert made.handed_over(ANNA, A, 15.0, None) == [Denied(ANNA, Denial.NOBODY_FREE)]
    made.signed_in(Profile(BEN, (Assignment(ONE),)), 16.0)
    made.device_connected(BEN, 16.0)
    assert HandedOver(ONE, A, BEN, ANNA) in made.handed_over(ANNA, A, 17.0, BEN)
    assert (presence(made, ANNA), presence(made, BEN)) == (Presence.WRAP_UP, Presence.ON_CALL)
    assert made.talking_in(A) == BEN
    made.over(A, 30.0)
    assert presence(made, BEN) is Presence.WRAP_UP
