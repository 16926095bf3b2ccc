"""The forecast against the same sum done by hand, event by event, without any transform."""

from __future__ import annotations

import random
from collections import defaultdict

import numpy as np
import pytest

from caesura.rules.pacing import forecast
from caesura.rules.pacing.forecast import Forecast, tables, width
from caesura.rules.pacing.learnt import Floats, Learnt
from caesura.rules.pacing.snapshot import AgentsNow

NOW = 10_000.0
WAIT_S = 2.0


def taught(seed: int, rate: float = 0.25, talk_s: float = 40.0) -> Learnt:
    learnt, rng = Learnt(), random.Random(seed)
    for second in range(600):
        if rng.random() < rate:
            learnt.call_answered(max(1.0, rng.gauss(9, 4)), float(second))
        else:
            learnt.call_unanswered(2.0 if rng.random() < 0.1 else 30.0, float(second))
        if second % 4 == 0:
            learnt.talked(rng.expovariate(1 / talk_s), float(second))
            learnt.wrapped_up(rng.uniform(2, 15), float(second), came_back=rng.random() < 0.9)
    return learnt


def floor(
    seed: int, free: int, talking: int, wrapping: int, ringing: int, waiting: int = 0
) -> AgentsNow:
    rng = random.Random(seed)

    def since(number: int, longest: float) -> tuple[float, ...]:
        return tuple(NOW - rng.uniform(0, longest) for _ in range(number))

    return AgentsNow(
        free, since(talking, 90), since(wrapping, 14), since(ringing, 29), since(waiting, 1.9)
    )


def by_hand(agents: AgentsNow, learnt: Learnt, started: int) -> float:
    """Convolve one call and one agent after the other, in every step."""
    answered, ended = learnt.rings.answered_by(), learnt.rings.ended_by()
    steps = forecast._horizon(answered, WAIT_S)
    due = forecast._due(answered, ended, steps, WAIT_S)
    ages = forecast._ages
    talk = forecast._remaining(learnt.talks.survival(ages(agents.talking, NOW)), steps)
    wrap = forecast._remaining(learnt.wraps.survival(ages(agents.wrapping, NOW)), steps)
    wrap = wrap * learnt.comes_back
    free_after = forecast._then(talk, wrap[0])
    again = forecast._then(due, free_after[0])
    oldest = len(due) - 1
    calls = [min(oldest, 1 + int((NOW - at) / forecast.STEP_S)) for at in agents.ringing]
    calls += [0] * started
    talks = [1 + int(each) for each in forecast._lengths(ages(agents.talking, NOW))]
    wraps = [1 + int(each) for each in forecast._lengths(ages(agents.wrapping, NOW))]
    free: dict[int, float] = {agents.free: 1.0}
    lost = 0.0
    for step in range(steps):
        for chances, direction in (
            ([due[row, step] for row in calls], -1),
            ([again[row, step] for row in calls], 1),
            ([free_after[row, step] for row in talks], 1),
            ([wrap[row, step] for row in wraps], 1),
        ):
            for chance in chances:
                free = _one_more(free, float(chance), direction)
        for at in agents.waiting:
            if int((WAIT_S - (NOW - at)) / forecast.STEP_S) == step:
                free = _one_more(free, 1.0, -1)
        lost += sum(-number * share for number, share in free.items() if number < 0)
        at_least: dict[int, float] = defaultdict(float)
        for number, share in free.items():
            at_least[max(0, number)] += share
        free = at_least
    return lost


def _one_more(free: dict[int, float], chance: float, direction: int) -> dict[int, float]:
    found: dict[int, float] = defaultdict(float)
    for number, share in free.items():
        found[number] += share * (1 - chance)
        found[number + direction] += share * chance
    return found


@pytest.mark.parametrize(
    ("free", "talking", "wrapping", "ringing", "waiting"),
    [
        *((1, 2, 1, 3, 0), (0, 3, 0, 6, 2), (2, 20, 5, 25, 0)),
        *((0, 20, 5, 25, 4), (4, 6, 2, 0, 0), (0, 0, 0, 2, 0)),
    ],
)
def test_the_walk_is_the_sum_of_every_single_chance(
    free: int, talking: int, wrapping: int, ringing: int, waiting: int
) -> None:
    learnt = taught(free + ringing)
    agents = floor(7, free, talking, wrapping, ringing, waiting)
    known = tables(learnt, agents, NOW, WAIT_S, caution=0.0)
    found = Forecast(known, agents, NOW, WAIT_S).lost([0, 1, 3, 8])
    expected = [by_hand(agents, learnt, started) for started in (0, 1, 3, 8)]
    assert found == pytest.approx(expected, abs=1e-6)


def test_each_call_more_costs_at_least_as_much_as_the_one_before() -> None:
    learnt, agents = taught(3), floor(3, 1, 12, 3, 10)
    known = tables(learnt, agents, NOW, WAIT_S, caution=0.0)
    lost = Forecast(known, agents, NOW, WAIT_S).lost(range(25))
    more = np.diff(lost)
    assert (more >= 0).all()
    assert (np.diff(more) >= -1e-9).all()


def test_one_call_for_a_free_agent_loses_next_to_nobody() -> None:
    # Not nothing, because the steps of one call are taken as independent.
    learnt = taught(4)
    agents = AgentsNow(free=3)
    known = tables(learnt, agents, NOW, WAIT_S, caution=0.0)
    lost = Forecast(known, agents, NOW, WAIT_S).lost([1, 3, 4])
    assert lost[1] < 0.005
    assert lost[2] > 2 * lost[1]


def test_a_caller_who_waits_takes_the_agent_who_comes_first() -> None:
    learnt = taught(5)
    nobody = AgentsNow(waiting=(NOW - 1.0, NOW - 0.5))
    known = tables(learnt, nobody, NOW, WAIT_S, caution=0.0)
    assert Forecast(known, nobody, NOW, WAIT_S).lost([0])[0] == pytest.approx(2.0)
    somebody = AgentsNow(free=1, waiting=(NOW - 1.0, NOW - 0.5))
    assert Forecast(known, somebody, NOW, WAIT_S).lost([0])[0] == pytest.approx(1.0)


def test_more_agents_about_to_be_free_lose_fewer() -> None:
    learnt = taught(6)
    lost: list[Floats] = []
    for wrapping in (0, 2, 6):
        agents = AgentsNow(wrapping=(NOW - 8.0,) * wrapping, ringing=(NOW - 5.0,) * 8)
        known = tables(learnt, AgentsNow(free=12), NOW, WAIT_S, caution=0.0)
        lost.append(Forecast(known, agents, NOW, WAIT_S).lost([0])[0])
    assert lost == sorted(lost, reverse=True)
    assert lost[-1] < lost[0] / 2


def test_caution_takes_the_answer_rate_higher() -> None:
    learnt, agents = taught(8), floor(8, 1, 5, 2, 5)
    plain = tables(learnt, agents, NOW, WAIT_S, caution=0.0)
    careful = tables(learnt, agents, NOW, WAIT_S, caution=2.0)
    assert careful.answer_rate > plain.answer_rate > 0.15


def test_the_walk_is_wide_enough_for_all_agents_of_small_centres() -> None:
    assert [width(agents) for agents in (1, 12, 13, 40, 41, 300, 301, 2000)] == [
        *(32, 32, 64, 64, 128, 128, 256, 512)
    ]
