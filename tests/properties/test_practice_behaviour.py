"""Whatever the shares and the order: shares add up, and the same call meets the same callee."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from caesura.errors import Invalid
from caesura.practice.behaviour import Kind, Population, Spread, shares_of

NUMBERS = st.from_regex(r"\+[1-9][0-9]{7,13}", fullmatch=True)
SHARES = st.floats(0, 1)
GIVEN = st.dictionaries(
    st.sampled_from([kind for kind in Kind if kind not in (Kind.ANSWER, Kind.NO_ANSWER)]),
    st.floats(0, 0.5),
    max_size=5,
)


@given(SHARES, GIVEN)
def test_shares_add_up_and_what_was_given_stands(answer: float, given: dict[Kind, float]) -> None:
    try:
        shares = shares_of(answer, given)
    except Invalid:
        assume(False)
    assert sum(shares.values()) == pytest.approx(1)
    assert all(share >= 0 for share in shares.values())
    assert given.items() <= shares.items()
    picks_up = [
        share
        for kind, share in shares.items()
        if Population(shares={**dict.fromkeys(Kind, 0.0), kind: 1.0}).behaviour("+12", 0).picks_up
    ]
    # A sum of given shares may pass its room by what rounding explains, no more.
    assert sum(picks_up) == pytest.approx(answer, abs=1e-8)


@given(st.lists(NUMBERS, min_size=1, max_size=20), st.randoms(), st.integers())
def test_the_order_of_the_calls_changes_nothing(
    numbers: Sequence[str], random: object, seed: int
) -> None:
    calls = [(number, nth) for number in numbers for nth in range(2)]
    shuffled = list(calls)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Population(seed=seed), Population(seed=seed)
    first = {call: one.behaviour(*call) for call in calls}
    assert {call: other.behaviour(*call) for call in shuffled} == first


@given(NUMBERS, st.integers(0, 50), st.sampled_from(list(Kind)))
def test_a_kind_that_is_everybody_is_everybody(number: str, nth: int, kind: Kind) -> None:
    population = Population(shares={**dict.fromkeys(Kind, 0.0), kind: 1.0})
    assume(not number.startswith("+141555501"))
    assert population.behaviour(number, nth).kind is kind


@given(NUMBERS, st.integers(0, 50), st.floats(0, 100), st.floats(0, 100))
def test_times_stay_within_their_range(number: str, nth: int, low: float, width: float) -> None:
    spread = Spread.parse(f"{low:.6f}-{low + width:.6f}")
    population = Population(
        shares={**dict.fromkeys(Kind, 0.0), Kind.ANSWER: 1.0}, ring=spread, talk=spread
    )
    behaviour = population.behaviour(number, nth)
    assert low - 1e-5 <= behaviour.ring_s <= low + width + 1e-5
    assert behaviour.talk_s is not None
    assert low - 1e-5 <= behaviour.talk_s <= low + width + 1e-5


@given(st.floats(0.1, 1000), st.floats(1e-9, 1 - 1e-9))
def test_a_lognormal_time_is_positive_and_grows_with_its_chance(mean: float, chance: float) -> None:
    spread = Spread(mean_s=mean)
    assert 0 < spread.at(chance * 0.9) < spread.at(chance)
