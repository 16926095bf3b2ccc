"""Agents and campaigns of all sorts: nobody twice, nobody waits for nothing, few are held back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from caesura.rules.routing import Agent, Assignment, Place, Why, Work, agent_for, allot, may_take

CAMPAIGNS = [1, 2, 3, 4]
NO_SKILLS: frozenset[str] = frozenset()
some_skills = st.frozensets(st.sampled_from(["de", "fr"]))

assignments = st.lists(
    st.builds(
        Assignment,
        st.sampled_from(CAMPAIGNS),
        st.integers(1, 3),
        st.sampled_from([0.5, 1.0, 2.0]),
        st.none() | st.sampled_from(CAMPAIGNS),
    ),
    max_size=4,
    unique_by=lambda each: each.campaign,
).map(tuple)


@st.composite
def floors(draw: st.DrawFn) -> tuple[list[Agent], list[Work]]:
    agents = [
        Agent(
            number,
            draw(assignments),
            draw(some_skills),
            draw(st.none() | st.integers(0, 100).map(float)),
            draw(st.none() | st.sampled_from(CAMPAIGNS)),
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    work = [
        Work(
            campaign,
            draw(st.booleans()),
            draw(some_skills),
            draw(st.integers(0, 4)),
            draw(st.none() | st.integers(0, 6)),
        )
        for campaign in CAMPAIGNS
    ]
    return agents, work


def by_id(work: list[Work]) -> dict[int, Work]:
    return {each.campaign: each for each in work}


@given(floors())
def test_nobody_works_for_a_campaign_that_is_not_theirs_or_does_not_run(
    floor: tuple[list[Agent], list[Work]],
) -> None:
    agents, work = floor
    works = by_id(work)
    for agent in agents:
        place = allot(agents, work).get(agent.id)
        if place is None:
            continue
        there = works[place.campaign]
        assert there.skills <= agent.skills
        assigned = [each.campaign for each in agent.assignments]
        match place.why:
            case Why.ASSIGNED:
                assert there.running
                assert place.campaign in assigned
            case Why.DESTINATION:
                assert there.running
                assert any(
                    each.destination == place.campaign
                    and not (each.campaign in works and works[each.campaign].running)
                    for each in agent.assignments
                )
            case Why.HELD:
                assert not there.running
                assert place.campaign in assigned
                assert agent.free_since is not None


@given(floors())
def test_no_more_are_held_than_the_ringing_calls_can_need(
    floor: tuple[list[Agent], list[Work]],
) -> None:
    agents, work = floor
    placed = allot(agents, work)
    held = Counter(place.campaign for place in placed.values() if place.why is Why.HELD)
    for each in work:
        assert held[each.campaign] <= (0 if each.running else each.in_need)


@given(floors())
def test_whoever_is_held_with_other_work_to_do_is_needed_more_than_all_who_have_none(
    floor: tuple[list[Agent], list[Work]],
) -> None:
    agents, work = floor
    placed = allot(agents, work)
    # Without holding anybody, who would have work?
    elsewhere = allot(agents, [replace(each, in_need=0, useful=None) for each in work])
    for paused in work:
        kept = [a for a in agents if placed.get(a.id) == Place(paused.campaign, Why.HELD)]
        if any(agent.id in elsewhere for agent in kept):
            for agent in agents:
                idle = agent.id not in elsewhere and agent.id not in placed
                able = agent.free_since is not None and may_take(agent, paused)
                assert not (idle and able and not paused.running)


@given(floors())
def test_whoever_is_not_held_has_work_if_there_is_any_for_them(
    floor: tuple[list[Agent], list[Work]],
) -> None:
    agents, work = floor
    placed = allot(agents, work)
    number = Counter(place.campaign for place in placed.values() if place.why is not Why.HELD)
    works = by_id(work)
    for agent in agents:
        if agent.id in placed:
            continue
        for each in agent.assignments:
            own = works[each.campaign]
            if own.running and own.skills <= agent.skills:
                assert own.useful is not None
                assert number[own.campaign] >= own.useful


@given(floors())
def test_a_campaign_gets_no_more_agents_than_are_of_use(
    floor: tuple[list[Agent], list[Work]],
) -> None:
    agents, work = floor
    number = Counter(
        place.campaign for place in allot(agents, work).values() if place.why is not Why.HELD
    )
    for each in work:
        assert each.useful is None or number[each.campaign] <= each.useful


@given(floors())
def test_a_higher_priority_comes_first(floor: tuple[list[Agent], list[Work]]) -> None:
    agents, work = floor
    placed = allot(agents, work)
    works = by_id(work)
    number = Counter(place.campaign for place in placed.values() if place.why is not Why.HELD)
    for agent in agents:
        place = placed.get(agent.id)
        if place is None or place.why is not Why.ASSIGNED:
            continue
        own = next(each for each in agent.assignments if each.campaign == place.campaign)
        for other in agent.assignments:
            there = works[other.campaign]
            if other.priority > own.priority and there.running and there.skills <= agent.skills:
                assert there.useful is not None
                assert number[there.campaign] >= there.useful


@given(st.integers(1, 40), st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.0]), min_size=2, max_size=4))
def test_campaigns_of_one_priority_share_alike_agents_by_weight(
    count: int, weights: list[float]
) -> None:
    assigned = tuple(
        Assignment(campaign, 5, weight) for campaign, weight in enumerate(weights, start=1)
    )
    agents = [Agent(number, assigned) for number in range(count)]
    work = [Work(campaign) for campaign in range(1, len(weights) + 1)]
    number = Counter(place.campaign for place in allot(agents, work).values())
    assert number.total() == count
    for campaign, weight in enumerate(weights, start=1):
        fair = count * weight / sum(weights)
        assert abs(number[campaign] - fair) < len(weights)


@given(floors())
def test_who_is_asked_again_stays(floor: tuple[list[Agent], list[Work]]) -> None:
    agents, work = floor
    work = [replace(each, in_need=0) for each in work]
    first = allot(agents, work)
    again = [
        replace(agent, allotted=first[agent.id].campaign if agent.id in first else None)
        for agent in agents
    ]
    second = allot(again, work)
    assert Counter(p.campaign for p in second.values()) == Counter(
        p.campaign for p in allot(again, work).values()
    )
    assert set(second) == set(first)


@given(floors(), st.sampled_from(CAMPAIGNS))
def test_after_the_resume_everybody_is_where_they_were(
    floor: tuple[list[Agent], list[Work]], paused: int
) -> None:
    agents, work = floor
    work = [replace(each, running=True) if each.campaign == paused else each for each in work]
    before = allot(agents, work)
    allot(agents, [replace(e, running=False) if e.campaign == paused else e for e in work])
    assert allot(agents, work) == before


@given(floors(), st.sampled_from(CAMPAIGNS), some_skills)
def test_nobody_waits_while_somebody_who_may_take_the_call_is_free(
    floor: tuple[list[Agent], list[Work]], campaign: int, wanted: frozenset[str]
) -> None:
    agents, work = floor
    placed = allot(agents, work)
    own = by_id(work)[campaign]
    taker = agent_for(own, agents, placed, skills=wanted)
    able = [
        agent
        for agent in agents
        if agent.free_since is not None
        and wanted <= agent.skills
        and (may_take(agent, own) or placed.get(agent.id, Place(0)).campaign == campaign)
    ]
    assert (taker is None) == (not able)
    if taker is not None:
        chosen = next(agent for agent in agents if agent.id == taker)
        assert chosen in able
        here = [a for a in able if a.id in placed and placed[a.id].campaign == campaign]
        if here:
            assert chosen in here
            assert chosen.free_since == min(a.free_since or 0.0 for a in here)


def test_a_destination_stands_in_for_the_paused_campaign() -> None:
    agent = Agent(1, (Assignment(1, 9), Assignment(2, 5)), free_since=0.0)
    running = [Work(1), Work(2), Work(3)]
    assert allot([agent], running)[1] == Place(1)
    paused = [Work(1, running=False), Work(2), Work(3)]
    sent = replace(agent, assignments=(Assignment(1, 9, destination=3), Assignment(2, 5)))
    assert allot([sent], paused)[1] == Place(3, Why.DESTINATION)
    assert allot([sent], paused[1:])[1] == Place(3, Why.DESTINATION)  # nothing of 1 is left here
    assert allot([sent], running)[1] == Place(1)  # it was resumed, and nobody has read that yet
    assert allot([agent], paused)[1] == Place(2)
    ringing = [Work(1, running=False, in_need=1), Work(2), Work(3)]
    assert allot([agent], ringing)[1] == Place(1, Why.HELD)


def test_who_has_nothing_else_to_do_is_held_before_who_has() -> None:
    busy = Agent(1, (Assignment(1), Assignment(2)), free_since=0.0, allotted=1)
    alone = Agent(2, (Assignment(1),), free_since=50.0)
    placed = allot([busy, alone], [Work(1, running=False, in_need=1), Work(2)])
    assert placed == {2: Place(1, Why.HELD), 1: Place(2)}
    assert agent_for(Work(1), [busy, alone], placed, skills=NO_SKILLS) == 2
