"""Progressive, preview and predictive pacing, moment by moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.unit.rules.test_pacing_forecast import NOW, taught

from caesura.rules.pacing.abandonment import Answers, Budget
from caesura.rules.pacing.observed import Observed
from caesura.rules.pacing.predictive import Predictive
from caesura.rules.pacing.progressive import Progressive
from caesura.rules.pacing.snapshot import AgentsNow, Snapshot

DAY = date(2026, 3, 2)
PLENTY = Budget(0.03, (Answers(answered=5000, connected=4990, abandoned=10),))


def watched(free: int = 0) -> Observed:
    """A campaign that has learnt, with five agents in wrap-up and nothing ringing."""
    observed = Observed()
    observed.learnt = taught(1)
    for agent in range(5):
        observed.call_started(agent, NOW - 60)
        observed.call_answered(agent, NOW - 50)
        observed.call_connected(agent, agent, NOW - 50, DAY)
        observed.talk_ended(agent, NOW - 8)
    return observed


def seen(observed: Observed, free: int = 0, budget: Budget = PLENTY) -> Snapshot:
    agents = AgentsNow(free, wrapping=(NOW - 8,) * 5)
    return replace(observed.snapshot(NOW, DAY, agents, 0), budget=budget)


def test_progressive_starts_one_call_for_each_free_agent_without_one() -> None:
    snapshot = Snapshot(3, agents=AgentsNow(free=5, ringing=(1.0, 2.0), waiting=(3.0,)))
    assert Progressive().decide(NOW, snapshot) == 2
    assert Progressive().decide(NOW, Snapshot(3, agents=AgentsNow(free=1, ringing=(1.0,) * 3))) == 0


def test_predictive_calls_ahead_of_agents_who_are_about_to_be_free() -> None:
    observed = watched()
    assert Progressive().decide(NOW, seen(observed)) == 0
    assert Predictive().decide(NOW, seen(observed)) == 2  # at most a tenth of the agents at once


def test_the_same_moment_gets_the_same_answer_whatever_was_asked_before() -> None:
    snapshot, pacer = seen(watched(), free=2), Predictive()
    first = pacer.decide(NOW, snapshot)
    pacer.decide(NOW + 5, replace(snapshot, agents=AgentsNow(free=40)))
    assert pacer.decide(NOW, snapshot) == first


def test_without_knowledge_there_is_one_call_for_each_free_agent() -> None:
    snapshot = replace(seen(watched(), free=3), known=None)
    assert Predictive().decide(NOW, snapshot) == 3


def test_without_budget_there_is_one_call_for_each_free_agent() -> None:
    spent = Budget(0.03, (Answers(answered=1000, connected=969, abandoned=31),))
    assert Predictive().decide(NOW, seen(watched(), 3, spent)) == 3
    none_is_kept = replace(seen(watched(), 3), budget=None)
    assert Predictive().decide(NOW, none_is_kept) == 3


def test_a_larger_budget_never_starts_fewer() -> None:
    observed = watched()
    decided = [
        Predictive().decide(
            NOW,
            seen(
                observed,
                1,
                Budget(0.03, (Answers(2000, connected=2000 - lost, abandoned=lost),)),
            ),
        )
        for lost in (61, 58, 55, 50, 40, 20, 0)
    ]
    assert decided == sorted(decided)
    assert decided[0] == 1 < decided[-1]


def test_what_is_started_is_counted_against_the_next_decision() -> None:
    observed = watched()
    started = 0
    while more := Predictive().decide(NOW, seen(observed)):
        for call in range(started, started + more):
            observed.call_started(f"new {call}", NOW)
        started += more
        assert started < 40
    assert started >= 4


def test_after_a_resume_it_grows_from_one_call_for_each_free_agent() -> None:
    snapshot = replace(seen(watched(), free=2), ramp_up_s=30.0)
    at_once = Predictive().decide(NOW, replace(snapshot, resumed_at=NOW))
    halfway = Predictive().decide(NOW, replace(snapshot, resumed_at=NOW - 15))
    after = Predictive().decide(NOW, replace(snapshot, resumed_at=NOW - 30))
    assert at_once == 2
    assert at_once <= halfway <= after
    assert after > 2


def test_nobody_is_called_without_agents() -> None:
    assert Predictive().decide(NOW, replace(seen(watched()), agents=AgentsNow())) == 0


def test_every_call_ends_in_one_place_of_the_ledger() -> None:
    observed = Observed()
    for call in "abcd":
        observed.call_started(call, 0.0)
    observed.call_ended("a", 30.0)
    for call in "bcd":
        observed.call_answered(call, 9.0)
    assert observed.in_need == 3
    observed.call_connected("b", 1, 9.0, DAY)
    observed.call_abandoned("c", DAY)
    observed.call_gave_up("d", DAY)
    observed.call_abandoned("d", DAY)  # comes too late: it is over
    assert observed.ledger.of_day(DAY) == Answers(answered=3, connected=1, abandoned=1)
    assert observed.in_need == 0
    observed.talk_ended(1, 60.0)
    observed.wrap_ended(1, 70.0, came_back=True)
    assert observed.learnt.talks.mean_s == 51.0
    assert observed.learnt.wraps.mean_s == 10.0


def test_a_call_that_never_left_teaches_nothing_and_needs_nobody() -> None:
    observed = Observed()
    observed.call_coming("a")
    observed.call_coming("b")
    assert observed.snapshot(0.0, DAY, AgentsNow(2), 2, starting=1).agents.in_need == 3
    observed.call_started("a", 0.0)
    observed.call_never_left("b")
    assert observed.snapshot(0.0, DAY, AgentsNow(2), 1).agents.in_need == 1
    observed.call_never_left("a")
    observed.call_ended("a", 30.0)
    assert observed.learnt.rings.calls == 0
