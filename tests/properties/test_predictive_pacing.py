"""Predictive pacing on any floor: never under one call per free agent, never over the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.rules.test_pacing_forecast import NOW, WAIT_S, taught

from caesura.rules.pacing.abandonment import Answers, Budget
from caesura.rules.pacing.forecast import Forecast, tables
from caesura.rules.pacing.predictive import Predictive
from caesura.rules.pacing.progressive import one_each
from caesura.rules.pacing.snapshot import AgentsNow, Snapshot

DAY = date(2026, 3, 2)
LEARNT = {seed: taught(seed, rate) for seed, rate in ((1, 0.1), (2, 0.3), (3, 0.6))}


def ages(longest: float, most: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.lists(st.floats(0, longest), max_size=most).map(
        lambda seconds: tuple(NOW - each for each in seconds)
    )


floors = st.builds(
    AgentsNow, st.integers(0, 10), ages(200, 25), ages(20, 10), ages(30, 40), ages(1.9, 3)
)
answers = st.integers(0, 3000).flatmap(
    lambda n: st.integers(0, n // 20).map(lambda lost: Answers(n, n - lost, lost))
)


@settings(deadline=None)
@given(floors, answers, st.sampled_from(list(LEARNT)))
def test_between_one_call_per_free_agent_and_what_the_budget_bears(
    agents: AgentsNow, day: Answers, seed: int
) -> None:
    known = tables(LEARNT[seed], agents, NOW, WAIT_S, caution=0.5)
    budget = Budget(0.03, (day,))
    snapshot = Snapshot(0, agents=agents, known=known, budget=budget)
    decided = Predictive(WAIT_S).decide(NOW, snapshot)
    least = one_each(agents)
    assert decided >= least
    if decided > least:
        forecast = Forecast(known, agents, NOW, WAIT_S)
        before, after = forecast.lost([least, decided])
        price = budget.price(float(before))
        assert after - before <= price * known.answer_rate * (decided - least) + 1e-9
        assert price <= 10 * budget.target
        # One more was too dear, or more than may be added at one look.
        following = forecast.lost([decided, decided + 1])
        too_dear = following[1] - following[0] > price * known.answer_rate
        at_once = max(1, round(agents.working * 0.1 / max(known.answer_rate, 0.05)))
        assert too_dear or decided - least == at_once


@settings(deadline=None)
@given(floors, answers)
def test_never_more_than_one_call_per_free_agent_until_it_has_learnt(
    agents: AgentsNow, day: Answers
) -> None:
    snapshot = Snapshot(0, agents=agents, known=None, budget=Budget(0.03, (day,)))
    assert Predictive(WAIT_S).decide(NOW, snapshot) == one_each(agents)


@settings(deadline=None)
@given(floors, st.sampled_from(list(LEARNT)))
def test_a_spent_budget_means_one_call_per_free_agent(agents: AgentsNow, seed: int) -> None:
    known = tables(LEARNT[seed], agents, NOW, WAIT_S, caution=0.5)
    snapshot = Snapshot(
        0, agents=agents, known=known, budget=Budget(0.03, (Answers(1000, 969, 31),))
    )
    assert Predictive(WAIT_S).decide(NOW, snapshot) == one_each(agents)
    open_again = replace(snapshot, budget=Budget(0.03, (Answers(5000, 5000, 0),)))
    assert Predictive(WAIT_S).decide(NOW, open_again) >= one_each(agents)
