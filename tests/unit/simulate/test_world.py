"""A simulated shift adds up, repeats itself, and shows what each dialer is known for."""

from __future__ import annotations

import pytest

from caesura.simulate.compare import best_ratio, run
from caesura.simulate.dialers import dialer
from caesura.simulate.figures import Figures
from caesura.simulate.shift import Shift, shift_of
from caesura.simulate.world import World


def shift(**more: object) -> Shift:
    plain = {"hours": 1, "groups": [{"agents": 12}], "talk_s": 60, "wrap_s": 10}
    return shift_of(plain | more, "here")


def figures(described: Shift, name: str) -> Figures:
    return run(described, name)


def test_the_same_seed_is_the_same_shift() -> None:
    first, second = (figures(shift(), "ratio:2").document() for _ in range(2))
    other = figures(shift(seed=2), "ratio:2").document()
    for document in (first, second, other):
        del document["computing_s"]
    assert first == second != other


def test_everybody_who_answered_is_connected_abandoned_hung_up_or_on_the_line() -> None:
    world = World(shift(patience_s=3), "ratio:3", dialer("ratio:3", 2.0))
    found = world.run()
    answers = found.answers
    assert answers.abandoned > 0 < found.hung_up
    assert answers.answered == answers.connected + answers.abandoned + found.hung_up
    assert sum(each.abandoned for each in found.slices) == answers.abandoned
    assert sum(each.calls for each in found.slices) == found.calls


def test_an_agents_time_is_talk_wrap_up_and_waiting_for_a_call() -> None:
    found = figures(shift(groups=[{"agents": 12, "late_s": 0}]), "progressive")
    assert found.signed_in_s == pytest.approx(12 * 3600, rel=0.001)
    assert 0 < found.wrapping_s < found.talking_s < found.signed_in_s
    charted = sum(each.busy_s for each in found.slices)
    assert charted == pytest.approx(found.talking_s + found.wrapping_s, rel=0.02)


def test_progressive_abandons_nobody_while_nobody_leaves() -> None:
    assert figures(shift(), "progressive").answers.abandoned == 0


def test_predictive_is_busier_and_keeps_the_target() -> None:
    described = shift(hours=0.7, groups=[{"agents": 20}])
    progressive = figures(described, "progressive")
    predictive = figures(described, "predictive")
    assert predictive.occupancy > progressive.occupancy + 0.2
    assert 0 < (predictive.answers.us_rate or 0) <= 0.03
    assert predictive.answers.uk_rate is not None


def test_the_clairvoyant_leaves_nobody_idle_and_abandons_nobody() -> None:
    found = figures(shift(), "clairvoyant")
    assert found.occupancy > 0.99
    assert found.answers.abandoned == 0


def test_the_best_ratio_keeps_the_target_and_beats_one_call_each() -> None:
    described = shift(hours=0.4)
    found = best_ratio(described)
    assert (found.answers.us_rate or 0) <= 0.03
    assert found.occupancy >= figures(described, "ratio:1").occupancy
    assert found.pacing.startswith("best-ratio (")


def test_a_list_comes_to_its_end() -> None:
    described = shift(leads=300, tries=2, retry_s=60)
    found = figures(described, "ratio:2")
    assert found.leads_left == 0
    assert found.finished_at_s is not None
    assert found.calls <= 600
    assert figures(described, "clairvoyant").leads_left == 0
    longer = figures(shift(leads=100_000), "ratio:2")
    assert longer.leads_left is not None
    assert longer.leads_left > 90_000


def test_agents_come_go_and_take_breaks() -> None:
    groups = [
        {"agents": 5, "late_s": 0, "breaks": [{"at": "09:10", "minutes": 20}]},
        {"agents": 5, "late_s": 0, "login": "09:30", "logout": "09:45"},
    ]
    found = figures(shift(groups=groups), "progressive")
    assert found.signed_in_s == pytest.approx(5 * 40 * 60 + 5 * 15 * 60, rel=0.05)
    assert figures(shift(groups=groups), "clairvoyant").occupancy > 0.95


def test_a_carrier_in_trouble_fails_calls() -> None:
    troubles = [{"at": "09:20", "minutes": 20, "fails": 0.8}]
    found = figures(shift(troubles=troubles), "progressive")
    assert found.failed > 20
    assert figures(shift(), "progressive").failed == 0


def test_channels_and_rate_are_never_exceeded() -> None:
    found = figures(shift(calls_at_once=6), "ratio:5")
    assert found.talking_s + found.wrapping_s < 8 * 3600
    slow = figures(shift(calls_per_s=0.05), "ratio:5")
    assert slow.calls <= 0.05 * 3600 + 2
