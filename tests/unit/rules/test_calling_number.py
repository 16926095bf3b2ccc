"""Rotation and local presence."""

from __future__ import annotations

from collections import Counter

import pytest

from caesura.errors import Invalid
from caesura.rules.calling_number import choose
from caesura.rules.campaign import NumberChoice

CHICAGO, CHICAGO_2, BOSTON, LONDON = "+13125550100", "+13125550101", "+16175550100", "+442079460000"
NUMBERS = [CHICAGO, BOSTON, LONDON]


def test_rotation_takes_the_numbers_in_turn() -> None:
    shown = [choose(NUMBERS, "+13125559999", NumberChoice.ROTATE, n) for n in range(6)]
    assert shown == NUMBERS * 2


@pytest.mark.parametrize(
    ("called", "shown"),
    [
        ("+13125559999", CHICAGO),
        ("+16175559999", BOSTON),
        ("+442079461111", LONDON),
        ("+447700900123", LONDON),
    ],
)
@pytest.mark.parametrize("counter", range(4))
def test_local_presence_takes_the_longest_common_prefix(
    called: str, shown: str, counter: int
) -> None:
    assert choose(NUMBERS, called, NumberChoice.LOCAL_PRESENCE, counter) == shown


def test_numbers_that_are_equally_near_take_turns() -> None:
    numbers = [CHICAGO, BOSTON, CHICAGO_2]
    shown = Counter(
        choose(numbers, "+13125559999", NumberChoice.LOCAL_PRESENCE, n) for n in range(10)
    )
    assert shown == {CHICAGO: 5, CHICAGO_2: 5}


def test_where_none_is_near_all_take_turns() -> None:
    shown = Counter(choose(NUMBERS, "+911", NumberChoice.LOCAL_PRESENCE, n) for n in range(9))
    assert shown == dict.fromkeys(NUMBERS, 3)


@pytest.mark.parametrize("choice", list(NumberChoice))
def test_without_a_number_nothing_can_be_chosen(choice: NumberChoice) -> None:
    with pytest.raises(Invalid, match="no calling number"):
        choose([], CHICAGO, choice, 0)
