"""What calls teach: life tables that fade, and do not take short conversations for all."""

from __future__ import annotations

import random

import numpy as np
import pytest

from caesura.rules.pacing.learnt import EDGES, Learnt, Lengths, Rings, length_bin

NOBODY = np.array([])


def test_the_answer_rate_is_the_share_of_calls_that_were_answered() -> None:
    rings = Rings()
    for second in range(400):
        rings.add(8.0 if second % 4 == 0 else 30.0, second % 4 == 0, float(second))
    assert rings.answer_rate == pytest.approx(0.25, abs=0.01)
    assert rings.answered_by()[9] == pytest.approx(0.25, abs=0.01)
    assert rings.answered_by()[8] == 0.0
    assert rings.ended_by()[-1] == pytest.approx(0.75, abs=0.01)


def test_a_drift_is_followed_within_minutes_by_a_busy_campaign() -> None:
    rings = Rings()
    rng = random.Random(1)
    for tenth in range(12_000):  # ten calls a second, the rate doubles after ten minutes
        rate = 0.1 if tenth < 6000 else 0.2
        rings.add(8.0, rng.random() < rate, tenth / 10)
    assert rings.answer_rate > 0.155
    assert rings.samples == pytest.approx(6000, rel=0.2)


def test_a_quiet_campaign_remembers_hours() -> None:
    rings = Rings()
    for call in range(300):
        rings.add(8.0, call % 2 == 0, call * 60.0)
    assert rings.samples == 300
    assert rings.answer_rate == pytest.approx(0.5)


def test_weights_stay_finite_over_days() -> None:
    rings = Rings()
    for call in range(20_000):
        rings.add(8.0, call % 5 == 0, call * 10.0)
    assert rings.answer_rate == pytest.approx(0.2, abs=0.01)
    assert 300 < rings.samples < 600


def test_every_length_has_its_bin() -> None:
    for seconds in (0.0, 0.99, 1.0, 1.21, 17.0, 299.0, 3600.0):
        bin_ = length_bin(seconds)
        assert EDGES[bin_] <= seconds < EDGES[bin_ + 1]
    assert length_bin(1e9) == len(EDGES) - 2


def test_survival_is_that_of_the_lengths_that_were_seen() -> None:
    lengths, rng = Lengths(), random.Random(2)
    seen = [rng.lognormvariate(4.0, 0.5) for _ in range(150)]
    for number, seconds in enumerate(seen):
        lengths.add(seconds, float(number))
    survival = lengths.survival(NOBODY)
    assert survival[0] == 1.0
    assert (np.diff(survival) <= 0).all()
    for edge, share in zip(EDGES, survival, strict=True):
        assert share == pytest.approx(sum(each > edge for each in seen) / 150, abs=0.12)


def test_what_still_goes_on_makes_the_estimate_longer() -> None:
    lengths = Lengths()
    for number in range(30):
        lengths.add(10.0, float(number))
    half = np.searchsorted(EDGES, 60.0)
    alone = lengths.survival(NOBODY)[half]
    assert lengths.survival(np.full(30, 60.0))[half] > alone + 0.3


def test_agents_who_leave_after_the_wrap_up_are_not_counted_on() -> None:
    learnt = Learnt()
    assert learnt.comes_back == 1.0
    for number in range(20):
        learnt.wrapped_up(10.0, float(number), came_back=number % 2 == 0)
    assert learnt.comes_back == pytest.approx(0.5)


def test_it_is_enough_only_when_calls_answers_and_wrap_ups_are_many() -> None:
    learnt = Learnt()
    for number in range(100):
        learnt.call_unanswered(30.0, float(number))
    assert not learnt.enough
    for number in range(20):
        learnt.call_answered(8.0, 100.0 + number)
    assert not learnt.enough
    for number in range(12):
        learnt.wrapped_up(10.0, 200.0 + number, came_back=True)
    assert learnt.enough
