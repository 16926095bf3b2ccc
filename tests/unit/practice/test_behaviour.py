"""What callees do is drawn from the seed and the number, never from the order of the calls."""

from __future__ import annotations

from collections import Counter

import phonenumbers
import pytest

from caesura.errors import Invalid
from caesura.practice.behaviour import (
    DESCRIPTION,
    MAGIC,
    REFUSALS,
    Kind,
    Population,
    Spread,
    magic_table,
    shares_of,
)

NUMBERS = [f"+1{area}555{last:04}" for area in range(201, 301) for last in range(100, 200)]


def kinds(population: Population, nth: int = 0) -> Counter[Kind]:
    return Counter(population.behaviour(number, nth).kind for number in NUMBERS)


def test_every_kind_has_a_magic_number_and_a_description() -> None:
    assert sorted(MAGIC.values()) == sorted(Kind)
    assert set(DESCRIPTION) == set(Kind)
    assert [number for number, _, _ in magic_table()] == sorted(MAGIC)


@pytest.mark.parametrize("number", MAGIC)
def test_a_magic_number_is_valid_and_fictional(number: str) -> None:
    parsed = phonenumbers.parse(number)
    assert phonenumbers.is_valid_number(parsed)
    subscriber = str(parsed.national_number)[3:]
    assert "5550100" <= subscriber <= "5550199"


@pytest.mark.parametrize(("number", "kind"), MAGIC.items())
def test_a_magic_number_does_the_same_whatever_the_seed(number: str, kind: Kind) -> None:
    nobody = shares_of(0.0)
    for seed in range(5):
        population = Population(shares=nobody, seed=seed)
        assert {population.behaviour(number, nth).kind for nth in range(5)} == {kind}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_has_a_final_status_and_a_cause(kind: Kind) -> None:
    number = next(number for number, of in MAGIC.items() if of is kind)
    behaviour = Population().behaviour(number, 0)
    assert behaviour.status is not None and behaviour.status >= 400
    assert behaviour.q850_cause is not None
    assert not behaviour.picks_up


def test_shares_come_out_as_asked_for() -> None:
    explicit = {Kind.BUSY: 0.2, Kind.NOT_IN_SERVICE: 0.1, Kind.VOICEMAIL: 0.15}
    shares = shares_of(0.34, explicit)
    found = kinds(Population(shares=shares))
    for kind, share in shares.items():
        # Six standard deviations of a binomial share of 10,000.
        assert abs(found[kind] / len(NUMBERS) - share) <= 6 * (share / len(NUMBERS)) ** 0.5


def test_an_answer_share_of_one_leaves_nobody_who_does_not_pick_up() -> None:
    population = Population(shares=shares_of(1.0))
    assert all(population.behaviour(number, 0).picks_up for number in NUMBERS)


def test_an_answer_share_of_zero_leaves_nobody_who_does() -> None:
    population = Population(shares=shares_of(0.0))
    assert not any(population.behaviour(number, 0).picks_up for number in NUMBERS)


def test_a_number_out_of_service_stays_out_of_service() -> None:
    population = Population(shares=shares_of(0.3, {Kind.NOT_IN_SERVICE: 0.3}))
    for number in NUMBERS[:300]:
        found = {population.behaviour(number, nth).kind for nth in range(4)}
        assert found == {Kind.NOT_IN_SERVICE} or Kind.NOT_IN_SERVICE not in found


def test_a_second_call_of_a_number_is_drawn_anew() -> None:
    population = Population()
    first = [population.behaviour(number, 0).kind for number in NUMBERS[:500]]
    second = [population.behaviour(number, 1).kind for number in NUMBERS[:500]]
    assert first != second


def test_all_who_pick_up_talk_for_the_mean_that_was_asked_for() -> None:
    population = Population(talk=Spread.parse("23"))
    behaviours = [population.behaviour(number, 0) for number in NUMBERS]
    talks = [b.talk_s for b in behaviours if b.picks_up and b.talk_s is not None]
    assert sum(talks) / len(talks) == pytest.approx(23, rel=0.05)


@pytest.mark.parametrize(
    ("answer", "explicit", "said"),
    [
        (1.5, {}, "between 0 and 1"),
        (0.5, {Kind.BUSY: -0.1}, "between 0 and 1"),
        (0.5, {Kind.BUSY: 0.6}, "add up to more than 0.5"),
        (0.3, {Kind.VOICEMAIL: 0.4}, "add up to more than 0.3"),
        (0.3, {Kind.NO_ANSWER: 0.1}, "follow from the others"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    answer: float, explicit: dict[Kind, float], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        shares_of(answer, explicit)


@pytest.mark.parametrize("text", ["", "x", "-3", "9-4", "1-2-3", "inf", "nan", "1-nan"])
def test_times_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Spread.parse(text)


def test_speed_divides_every_time_but_the_wait_for_the_first_response() -> None:
    number = next(number for number, kind in MAGIC.items() if kind is Kind.SLOW_NETWORK)
    usual, fast = (Population(speed=speed).behaviour(number, 0) for speed in (1, 10))
    assert usual.talk_s is not None
    assert fast.talk_s == pytest.approx(usual.talk_s / 10)
    assert fast.ring_s == pytest.approx(usual.ring_s / 10)
    assert fast.network_s == pytest.approx(usual.network_s / 10)
    assert fast.trying_s == usual.trying_s == 1.3
