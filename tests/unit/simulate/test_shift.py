"""A shift's description: read, checked, learnt from calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from caesura.errors import Invalid
from caesura.rules.pacing.predictive import Predictive
from caesura.simulate.dialers import dialer
from caesura.simulate.like import TooLittleHistory, learn, like
from caesura.simulate.shift import Spread, shift_of


def test_a_shift_is_described_in_a_document() -> None:
    described = {
        "name": "Tuesday",
        "starts_at": "08:30",
        "hours": 4,
        "talk_s": 90,
        "answer_rate": [{"at": "08:30", "rate": 0.2}, {"at": "10:30", "rate": 0.4}],
        "groups": [{"agents": 7, "breaks": [{"at": "10:00", "minutes": 15}]}],
    }
    shift = shift_of(described, "here")
    assert (shift.name, shift.agents, shift.talk_s.average) == ("Tuesday", 7, 90)
    assert [shift.answered(hour * 3600) for hour in (0, 1.9, 2.1, 3)] == [0.2, 0.2, 0.4, 0.4]


def test_a_rate_may_drift_evenly() -> None:
    rates = [{"at": "09:00", "rate": 0.2}, {"at": "11:00", "rate": 0.4}]
    shift = shift_of({"answer_rate": rates, "drifts": True}, "here")
    assert [shift.answered(hour * 3600) for hour in (0, 1, 2, 3)] == pytest.approx(
        [0.2, 0.3, 0.4, 0.4]
    )


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"agents": 5}, "agents"),
        ({"starts_at": "9 am"}, "time of day"),
        ({"answer_rate": 1.5}, "less than or equal to 1"),
        ({"groups": [{"agents": 3, "login": "10:00", "logout": "09:30"}]}, "logout"),
        ({"groups": [{"agents": 1500}, {"agents": 1500}]}, "at most 2000"),
        ({"talk_s": float("nan")}, "finite number"),
        ({"talk_s": {"samples": [20.0, -1.0]}}, "samples"),
        ({"retry_s": 1e300}, "retry_s"),
        ({"answer_rate": [{"at": "10:00", "rate": 0.1}, {"at": "09:00", "rate": 0.1}]}, "order"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        shift_of(wrong, "here")


def test_lengths_have_the_mean_that_they_say() -> None:
    rng = Random(1)
    drawn = [Spread(mean=60).draw(rng) for _ in range(4000)]
    assert sum(drawn) / 4000 == pytest.approx(60, rel=0.04)
    assert Spread(mean=7, deviation=0).draw(rng) == 7
    assert {Spread(samples=[3.0, 4.0]).draw(rng) for _ in range(50)} == {3.0, 4.0}


def test_a_pacer_is_found_by_name_and_by_import_path() -> None:
    assert dialer("predictive", 3.0) == Predictive(3.0)
    assert dialer("caesura.rules.pacing.predictive:Predictive", 2.0) == Predictive()
    for wrong in (
        "fast",
        "ratio:x",
        "ratio:nan",
        "ratio:inf",
        "lines:0",
        "fixed:-1",
        "fixed:2.5",
        "caesura.nothing:Here",
        "caesura.rules.routing:Why",
    ):
        with pytest.raises(Invalid):
            dialer(wrong, 2.0)


NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def calls(hour: int, number: int, answered: int) -> list[dict[str, Any]]:
    at = NINE + timedelta(hours=hour - 9)
    return [
        {
            "launched_at": at.isoformat(),
            "answered_at": (at + timedelta(seconds=8)).isoformat() if each < answered else None,
            "ended_at": (at + timedelta(seconds=40)).isoformat(),
            "duration_s": 32.0 if each < answered else None,
            "outcome": "answered" if each < answered else "no_answer",
        }
        for each in range(number)
    ]


def test_a_shift_is_learnt_from_calls() -> None:
    cancelled = [each | {"outcome": "cancelled"} for each in calls(9, 500, 0)]
    learnt = learn([*calls(9, 100, 20), *calls(10, 100, 40), *calls(11, 5, 5), *cancelled], UTC)
    shift = shift_of(learnt, "learnt")
    assert shift.answered(0) == 0.2
    assert shift.answered(3600) == 0.4
    assert shift.answered(2 * 3600) == pytest.approx(65 / 205, abs=0.001)  # five calls are too few
    assert shift.ring_s.average == 8
    assert shift.talk_s.average == 32


def test_wrap_ups_are_learnt_where_there_are_enough() -> None:
    known: Any = {"name": "Spring", "leads": None}, {"ring_timeout_s": 25}, calls(9, 100, 30)
    assert shift_of(like(*known, [4.0] * 12, UTC), "learnt").wrap_s.average == 4.0
    assert "wrap_s" not in like(*known, [4.0] * 9, UTC)


def test_too_few_calls_teach_nothing() -> None:
    with pytest.raises(TooLittleHistory, match="too little to learn from: 40 calls"):
        learn(calls(9, 40, 30), UTC)
