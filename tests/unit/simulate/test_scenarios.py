"""The scenarios that pacing is measured by cover what they are said to cover."""

from __future__ import annotations

from benchmarks.pacing.scenarios import SCENARIOS


def test_they_reach_from_few_agents_to_many_and_from_few_answers_to_most() -> None:
    assert len(SCENARIOS) >= 12
    assert len({shift.name for shift in SCENARIOS}) == len(SCENARIOS)
    assert {3, 500} <= {shift.agents for shift in SCENARIOS}
    rates = [each.rate for shift in SCENARIOS for each in shift.answer_rate]
    assert (min(rates), max(rates)) == (0.1, 0.6)
    talks = [shift.talk_s.average for shift in SCENARIOS]
    assert (min(talks), max(talks)) == (23, 300)


def test_the_day_changes_in_some_of_them() -> None:
    assert any(shift.drifts for shift in SCENARIOS)
    assert any(shift.troubles for shift in SCENARIOS)
    assert any(group.logout for shift in SCENARIOS for group in shift.groups)
